/* draw_parts.h - what the parts of card drawing share: the engine, and a card whose texts have their places. Not for
 * others.
 */
#ifndef ACTIONHOST_CARDS_DRAW_H
#define ACTIONHOST_CARDS_DRAW_H

#include "actions/social_cards/card.h"

enum { REMEMBERED = 128, SCALED = 4 };

struct remembered {
    char *text;
    char locale[24];
    struct card_style style;
    struct card_text *measured;
    unsigned used;
};

/* How a picture is brought to a size. */
struct card_cut {
    int w, h;
    double fx, fy; /* the focus of the picture, 0..1 */
    double tx, ty; /* where in its place the focus goes, as far as the picture is large enough */
    bool moved;    /* the focus was asked for: there is always something to move */
    bool whole;    /* nothing is cut: as large as fits, transparent around it */
};

/* A picture brought to the size at which it is drawn. */
struct scaled {
    cairo_surface_t *source; /* a reference: its address cannot be used again while we hold it */
    cairo_surface_t *surface;
    struct card_cut cut;
    unsigned used;
};

struct card_engine {
    struct card_fonts *fonts;
    struct card_template *template[CARD_TEMPLATES_MAX];
    size_t templates;
    struct remembered text[REMEMBERED];
    struct scaled scaled[SCALED];
    unsigned clock;
    uint8_t *pixels;
    size_t pixels_size;
};

/* Memory for n bytes of pixels, kept by the engine. NULL = none. */
uint8_t *card_engine_pixels(struct card_engine *e, size_t n);

struct rect {
    double x, y, w, h;
};

enum placed_kind { PLACED_TEXT, PLACED_FILL, PLACED_OUTLINE };

/* Something that was given its place: a text, or what lies below texts. */
struct placed {
    enum placed_kind kind;
    enum card_slot slot;
    struct rect box; /* of its ink */
    double tx, ty;   /* where the layout begins */
    double size;
    struct card_setting set;
    enum card_role role;  /* its colour; of a fill, the fill's */
    int on;               /* the fill that it stands on; -1 = the pixels */
    double radius, line;  /* of a fill's corners; of an outline */
    bool dashed, bar;     /* bar: a rule, which needs no contrast of a button */
    bool mute;            /* part of another text: not reported by itself */
    double angle, px, py; /* turned around a point */
    struct card_rgb color;
    double contrast;
};

struct scene {
    struct card_engine *e;
    const struct card_input *in;
    const struct card_template *template; /* that is drawn; another one than was asked for when something is missing */
    const struct card_op *op;             /* of the layout class */
    int ops;
    unsigned has;    /* card_has */
    double unit;     /* px of one hundredth of the shorter side */
    double smallest; /* px */
    struct card_frame frame;
    char mark[16]; /* that opens quotations in the language */
    bool rtl;
    struct placed placed[CARD_PLACED_MAX];
    int count;
    struct rect logo; /* w = 0: none */
    int logo_side;    /* of its box that it stands at: 0 left, 1 the middle, 2 right */
    bool wordmark;    /* the logo is as wide as a name and stands for it */
    unsigned warnings;
    unsigned changed; /* roles whose colour was painted another one than the palette's */
    struct card_palette palette;
};

/* ---- Scene ---- */

bool card_op_applies(const struct scene *s, const struct card_op *op);
/* The box of an operation in px, changed over for right-to-left cards. */
struct rect card_op_box(const struct scene *s, const struct card_op *op);
/* The point of an operation in px, changed over likewise. */
void card_op_at(const struct scene *s, const struct card_op *op, double *x, double *y);
/* What the card says there, borrowed; NULL = nothing. */
const char *card_scene_text(const struct scene *s, enum card_slot slot);
/* The next free place; NULL = all are taken. */
struct placed *card_scene_next(struct scene *s);
/* The side a text's lines begin at is the card's, whatever the text's own direction. */
PangoAlignment card_scene_align(const struct scene *s, const struct card_text *t, enum card_align align);
/* Takes over what is to be told of a text as it was set. */
void card_scene_note(struct scene *s, const struct card_text *t, const struct card_setting *set);
void card_scene_fini(struct scene *s);

/* ---- One line of text ---- */

struct card_line {
    enum card_slot slot;
    const char *text;
    struct card_style style;
    double size, least; /* px: it shrinks down to the least to fit `width` */
    double width;
    int lines; /* 0 = 1 */
    enum card_role role;
    int on;
};
/*
 * Sets a line and places it with the top of its capitals at y; x is the beginning, middle or end of its ink. A figure
 * that does not fit is told. NULL = no memory or no place.
 */
struct placed *card_place_line(struct scene *s, const struct card_line *l, double x, double y, enum card_align align);
/* The size at which the line fits, and its width and height there. */
bool card_measure_line(struct scene *s, const struct card_line *l, double *size, double *w, double *h);
/* The box around something that is turned around a point. */
struct rect card_placed_box(const struct placed *p);
/* Moves a text that was placed. */
void card_placed_move(struct placed *p, double dx, double dy);

/* ---- Places ---- */

/* Gives every text its size and place. False = no memory. */
bool card_place(struct scene *s);
bool card_place_brand(struct scene *s, const struct card_op *op);
bool card_place_badge(struct scene *s, const struct card_op *op);
bool card_place_date(struct scene *s, const struct card_op *op);
bool card_place_rows(struct scene *s, const struct card_op *op);
bool card_place_count(struct scene *s, const struct card_op *op);
bool card_place_big_figure(struct scene *s, const struct card_op *op);
bool card_place_ticket(struct scene *s, const struct card_op *op);
bool card_place_emblem(struct scene *s, const struct card_op *op);
bool card_place_stack(struct scene *s, const struct card_op *op);

/* ---- Pixels ---- */

struct card_canvas {
    uint8_t *pixels;
    int width, height, stride;
    cairo_t *cr;
};

/* Paints everything below the texts; `depth` 0.. takes ornaments back and veils on, in steps. */
void card_paint_backdrop(struct scene *s, struct card_canvas *to, int depth);
/* Chooses the colours of texts and fills on those pixels. Returns the least contrast. */
double card_choose_colors(struct scene *s, const struct card_canvas *on);
/* Paints the logo, then fills and texts. */
void card_paint_front(struct scene *s, struct card_canvas *to);
/* The logo, on a plate where it could not be seen. */
void card_paint_logo(struct scene *s, struct card_canvas *to);
/* One ornament. */
void card_paint_art(struct scene *s, cairo_t *cr, const struct card_op *op, int depth);
/* Soft spots of colour on the ground, over the whole card. */
void card_paint_mesh(struct scene *s, struct card_canvas *to, const struct card_op *op, int depth);
/* A picture in its box. */
void card_paint_photo(struct scene *s, cairo_t *cr, const struct card_op *op);

void card_set_color(cairo_t *cr, struct card_rgb c, double alpha);
/* A rectangle with round corners. */
void card_round_path(cairo_t *cr, struct rect r, double radius);
/* Range of luminance of the pixels in a rectangle. */
struct card_range card_canvas_range(const struct card_canvas *c, struct rect r);
/* Mean colour of the pixels in a rectangle. */
struct card_rgb card_canvas_mean(const struct card_canvas *c, struct rect r);
/* The next number of a sequence that a seed decides, 0..1. */
double card_random(uint32_t *state);

/* `image` brought to a size; kept for the next card. Borrowed. NULL = no memory. */
cairo_surface_t *card_scaled(struct card_engine *e, const struct card_image *image, const struct card_cut *cut);
void card_scaled_drop(struct scaled *s);

#endif
