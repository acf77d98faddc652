/*
 * text.h - the words of a card: cleaning of what came from outside, and text that is measured once and set at any size.
 */
#ifndef ACTIONHOST_CARDS_TEXT_H
#define ACTIONHOST_CARDS_TEXT_H

#include <pango/pango.h>
#include <stdbool.h>
#include <stddef.h>

#include "actions/social_cards/fonts.h"

enum { CARD_TEXT_CHARS = 400 }; /* characters of one text that are looked at: more cannot be read on a card */

/* What cleaning did. */
struct card_cleaning {
    bool removed; /* controls, bidi controls, stray joiners, private or unassigned characters, piles of marks */
    bool cut;     /* more than CARD_TEXT_CHARS */
};

/*
 * Writes a cleaned copy of valid UTF-8: white space of any kind becomes single blanks, what could turn or hide other
 * text goes. Joiners stay where emoji and scripts need them. Returns malloc'ed memory, "" for an empty text; NULL = no
 * memory.
 */
char *card_text_clean(const char *in, struct card_cleaning *did);

/* Whether the first letter that has a direction runs from right to left. */
bool card_text_starts_rtl(const char *text);

struct card_style {
    PangoWeight weight;
    bool display;    /* the cut for large sizes */
    bool upper;      /* capitals, in scripts that have them */
    bool hyphens;    /* lines may end at soft hyphens */
    double tracking; /* extra space between letters, in parts of the size */
    double leading;  /* distance of lines, in parts of the size */
};

/* A measured text. */
struct card_text;

struct card_text *card_text_new(struct card_fonts *f, const char *text, const char *locale,
                                const struct card_style *style);
void card_text_free(struct card_text *t);

bool card_text_rtl(const struct card_text *t);
const struct card_script *card_text_script(const struct card_text *t);
/* Distance of lines, in parts of the size: the style's, or more when the script needs it. */
double card_text_leading(const struct card_text *t);

/*
 * Where the ink of its letters is, in parts of the size: a line counts from `cap` above its base line, the height of
 * capitals or, in a script without them, of the highest ink, to `foot` below it. Accents and descenders reach `over`
 * and `under` those.
 */
struct card_ink {
    double cap, foot, over, under;
};
struct card_ink card_text_ink(const struct card_text *t);
/* Characters that it has, one of Han, kana or Hangul as two. */
int card_text_length(const struct card_text *t);

/* Lines that the text takes at this size and width; *torn (may be NULL): a word is wider than the line. */
int card_text_lines(const struct card_text *t, double size, double width, bool *torn);

/* Whether a word that is a number is wider than the line: torn over two lines it would be another figure. */
bool card_text_tears_number(const struct card_text *t, double size, double width);

/* How a text was set. */
struct card_setting {
    PangoLayout *layout; /* a reference; g_object_unref */
    int lines, unknown;  /* lines; characters without a glyph */
    bool ellipsized;
    bool broken;          /* a word was torn over two lines, or cut off inside */
    bool figure;          /* digits were torn apart or cut off: what is set is another figure */
    double width, height; /* px: of the widest line, of all lines */
};

/*
 * Sets the text at `size` px into `width` px with at most `max_lines`; what is too long ends at a word with an
 * ellipsis, and never right behind a number. `balance` evens the lines out. False = no memory.
 */
bool card_text_set(const struct card_text *t, double size, double width, int max_lines, bool balance,
                   PangoAlignment align, struct card_setting *out);

#endif
