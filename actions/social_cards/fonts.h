/*
 * fonts.h - the fonts of cards. Nothing of the machine's own font settings is used: the same text gives the same pixels
 * wherever the same font packages are installed.
 *
 * Inter serves Latin, Greek and Cyrillic and is opened at start. Every other script has one fixed Noto family, opened
 * when a text first needs it. A text is always set with exactly Inter and the families that this text needs, whatever
 * other texts came before it.
 */
#ifndef ACTIONHOST_CARDS_FONTS_H
#define ACTIONHOST_CARDS_FONTS_H

#include <pango/pango.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct card_fonts;

/* Opens Inter and sets a line in each weight that the templates use. NULL with a sentence in `why`. */
struct card_fonts *card_fonts_new(char *why, size_t size);
void card_fonts_free(struct card_fonts *f);

/* The families a text needs, as a set. */
struct card_script {
    uint64_t fonts;    /* groups beside Inter */
    uint64_t missing;  /* of those, the ones that are not installed */
    bool plain;        /* only scripts in which letters may be spaced and upper-cased */
    bool tall;         /* a script whose marks need more room between lines */
    bool symbols;      /* some characters come from a font of symbols or emoji */
    char language[16]; /* for pango: chooses among the Han variants and the rules for line ends */
};
/* `locale` is a BCP 47 tag such as "ja" or "pt-BR", "" when unknown. */
struct card_script card_fonts_script(struct card_fonts *f, const char *text, const char *locale);

/*
 * Writes the first characters of the text that no installed font can show, each with its number, separated by ", ";
 * "" when there are none. `size` is at least 32.
 */
void card_fonts_unshown(struct card_fonts *f, const char *text, const char *locale, char *out, size_t size);

/* A font map with Inter and a set of families, shared by all texts that need that set. */
struct card_map;

/* Takes a reference; NULL when memory ran out. Give it back with card_map_drop. */
struct card_map *card_fonts_take(struct card_fonts *f, uint64_t fonts);
void card_map_drop(struct card_map *m);
PangoContext *card_map_context(const struct card_map *m); /* borrowed */
/* Family list for a font description; `display` is the cut of Inter for large sizes. Borrowed. */
const char *card_map_family(const struct card_map *m, bool display);

/* Names of the families in a set, separated by ", ". */
void card_fonts_names(uint64_t fonts, char *out, size_t size);

#endif
