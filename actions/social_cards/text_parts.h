/* text_parts.h - a measured text on the inside. For text.c and measure.c only. */
#ifndef ACTIONHOST_CARDS_TEXT_PARTS_H
#define ACTIONHOST_CARDS_TEXT_PARTS_H

#include "actions/social_cards/text.h"

enum { NOMINAL = 100, MAX_PIECES = CARD_TEXT_CHARS + 2 };

/* Text between two places where a line may end. */
struct piece {
    int end, trimmed;     /* byte offsets: behind it, behind its last visible character */
    float width, visible; /* at the nominal size: with and without blanks at the end */
    bool stop;            /* ends in punctuation: a good place to break */
    float hyphen;         /* width of the one that a line gets that ends here */
    float weak;           /* how bad a one: behind an article or a number, before a dash */
    int digits, letters;
};

struct card_text {
    char *text;
    size_t length;
    struct card_style style;
    struct card_script script;
    struct card_map *map; /* a reference */
    PangoFontDescription *font;
    bool rtl;
    struct card_ink ink;
    int count;
    struct piece *piece;
};

/* What the script of a text asks for between lines, in parts of the size; 0 = the design decides. */
double card_measure_leading(const char *text, bool display);
/* A layout of `text` in the style of t. New reference. */
PangoLayout *card_measure_layout(const struct card_text *t, const char *text, double size);
/* Measures t->text: its pieces and its ink. False = no memory. */
bool card_measure(struct card_text *t);

#endif
