/*
 * card.h - draws one card: texts, colours and pictures in, pixels and a report out. Knows no JSON and no org.
 */
#ifndef ACTIONHOST_CARDS_CARD_H
#define ACTIONHOST_CARDS_CARD_H

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/social_cards/color.h"
#include "actions/social_cards/image.h"
#include "actions/social_cards/palette.h"
#include "actions/social_cards/presets.h"
#include "actions/social_cards/template.h"

enum { CARD_TEMPLATES_MAX = 24, CARD_PLACED_MAX = 48 };

/* What a process keeps between cards: fonts, compiled templates, measured texts, memory for pixels. */
struct card_engine;

/* Opens the fonts and compiles the built-in templates. NULL with a sentence in `why`. */
struct card_engine *card_engine_new(char *why, size_t size);
void card_engine_free(struct card_engine *e);
/* Gives the memory for pixels back, at the end of a call. */
void card_engine_trim(struct card_engine *e);

struct card_fonts *card_engine_fonts(struct card_engine *e);
const struct card_template *card_engine_template(const struct card_engine *e, const char *name); /* NULL: no such */
const struct card_template *card_engine_template_at(const struct card_engine *e, size_t i); /* NULL behind the last */
/* Measured text, remembered for a while. Borrowed until the next but 31 such call; NULL = no memory. */
struct card_text *card_engine_text(struct card_engine *e, const char *text, const char *locale,
                                   const struct card_style *style);

struct card_input {
    const struct card_preset *preset;
    const struct card_template *template;
    const char *text[CARD_SLOTS]; /* cleaned; NULL or "" = absent */
    const char *locale;           /* BCP 47, "" = unknown */
    const struct card_palette *palette;
    const struct card_image *logo, *hero; /* NULL = none */
    const struct card_image *logo_other;  /* the same logo for grounds on which `logo` is not seen; NULL = none */
    double focus_x, focus_y;              /* 0..1 in the hero; negative = look for it */
    double left;                          /* part of the campaign's days that is still to come, 0..1 */
    uint32_t seed;                        /* of the campaign: ornaments differ from one to the next */
};

enum card_warning {
    CARD_WARN_ELLIPSIZED = 1 << 0,
    CARD_WARN_UNKNOWN_GLYPHS = 1 << 1,
    CARD_WARN_COLORS_ADJUSTED = 1 << 2,
    CARD_WARN_LOW_CONTRAST = 1 << 3,
    CARD_WARN_HERO_MISSING = 1 << 4,
    CARD_WARN_HERO_SMALL = 1 << 5,
    CARD_WARN_TEXT_DROPPED = 1 << 6,
    CARD_WARN_LOGO_PLATE = 1 << 7,
    CARD_WARN_FONT_MISSING = 1 << 8,
    CARD_WARN_LOGO_FAINT = 1 << 9,
    CARD_WARN_FIGURE = 1 << 10, /* digits are torn apart or cut off: the card must not be used */
    CARD_WARN_WORD_BROKEN = 1 << 11,
    CARD_WARN_CTA_LONG = 1 << 12, /* the button's words do not fit: the card must not be used */
    CARD_WARN_TEMPLATE = 1 << 13, /* what the design needs is missing: another one was drawn */
    CARD_WARN_COUNT = 14
};
extern const char *const card_warning_codes[CARD_WARN_COUNT];

/* One text as it was set. Boxes in px. */
struct card_text_report {
    enum card_slot slot;
    double size, x, y, w, h, contrast;
    int lines, unknown;
    bool ellipsized;
    bool part; /* of a figure that is set in pieces: not the first */
};

struct card_report {
    struct card_text_report text[CARD_PLACED_MAX];
    int texts;
    unsigned dropped;    /* texts that were given and are not on the card: 1 << CARD_CTA, ... */
    double min_contrast; /* of all texts, 21 when there is none */
    unsigned warnings;
    const char *template; /* the design that was drawn */
    bool rtl, photo;      /* photo: a photograph covers much of the card */
    struct {
        double x, y, w, h;
    } logo; /* w = 0: none */
};

/* Pixels of a card: 32-bit xRGB, borrowed from the engine until its next card. */
struct card_pixels {
    const uint8_t *p;
    int width, height, stride;
};

/* Draws. False = no memory. */
bool card_draw(struct card_engine *e, const struct card_input *in, struct card_pixels *out, struct card_report *report);

#endif
