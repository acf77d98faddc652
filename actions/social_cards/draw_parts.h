/* draw_parts.h - what the parts of card drawing share: the engine, and a card whose texts have their places. Not for
 * others.
 */
#ifndef ACTIONHOST_CARDS_DRAW_H
#define ACTIONHOST_CARDS_DRAW_H

#include "actions/social_cards/card.h"

enum { REMEMBERED = 32, SCALED = 4 };

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
    double fx, fy;
    bool move_x, move_y;
    bool whole; /* nothing is cut: as large as fits, transparent around it */
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

/* Something that was given its place. */
struct placed {
    const struct card_item *item; /* NULL: the brand's name beside the logo */
    enum card_item_kind kind;
    enum card_slot slot;
    struct rect box; /* of the text, the pill or the rule */
    double tx, ty;   /* where the text begins */
    double size;
    struct card_setting set;
    struct card_rgb color, fill;
    double contrast;
};

struct scene {
    struct card_engine *e;
    const struct card_input *in;
    const struct card_op *op; /* of the layout class */
    int ops;
    double unit; /* px of one hundredth of the shorter side */
    struct rect safe;
    bool rtl;
    struct placed placed[CARD_PLACED_MAX];
    int count;
    struct rect logo;  /* w = 0: none */
    double logo_room;  /* height that it may take, for a plate around it */
    int logo_side;     /* of its box that it stands at: 0 left, 1 the middle, 2 right */
    bool wordmark;     /* the logo is as wide as a name and stands for it */
    char mark[16];     /* that opens the quotation; "" when the headline has its own */
    char initials[16]; /* monogram, when there is no logo */
    PangoLayout *monogram;
    unsigned warnings;
    unsigned changed; /* roles whose colour was painted another one than the palette's */
    struct card_palette palette;
};

bool card_op_applies(const struct scene *s, const struct card_op *op);
/* A box in percent of the safe area or the canvas, in px, changed over for right-to-left cards. */
struct rect card_box_px(const struct scene *s, const struct card_box *box, bool safe, bool mirror);

/* What the card says there, borrowed; NULL = nothing. */
const char *card_scene_text(const struct scene *s, enum card_slot slot);
/* The next free place; NULL = all are taken. */
struct placed *card_scene_next(struct scene *s);
/* The side a text's lines begin at is the card's, whatever the text's own direction. */
PangoAlignment card_scene_align(const struct scene *s, const struct card_text *t, bool center);
/* Takes over what is to be told of a text as it was set. */
void card_scene_note(struct scene *s, const struct card_text *t, const struct card_setting *set);
/* Gives the logo, or a monogram, and the name beside it their places. False = no memory. */
bool card_place_logo(struct scene *s, const struct card_op *op);

/* Gives every text its size and place. False = no memory. */
bool card_place(struct scene *s);
void card_scene_fini(struct scene *s);

/* Paints everything below the texts; `depth` 0.. deepens backgrounds and scrims in steps, towards black or white. */
void card_paint_backdrop(struct scene *s, cairo_t *cr, uint8_t *pixels, int stride, int depth, bool lighten);
/* Chooses the colours of texts and pills on those pixels. Returns the least contrast. */
double card_choose_colors(struct scene *s, const uint8_t *pixels, int stride);
/* Paints the logo, then rules, pills and texts. */
void card_paint_front(struct scene *s, cairo_t *cr, const uint8_t *pixels, int stride);

/* `image` cut around its focus to fill w x h; kept for the next card. A focus that was asked for (`move_x`, `move_y`)
 * has room to move in. Borrowed. NULL = no memory. */
cairo_surface_t *card_scaled(struct card_engine *e, const struct card_image *image, const struct card_cut *cut);
void card_scaled_drop(struct scaled *s);

#endif
