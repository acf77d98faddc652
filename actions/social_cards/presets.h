/*
 * presets.h - the nine card sizes: pixels, where text may stand, how large a file may be, which layout class they use.
 */
#ifndef ACTIONHOST_CARDS_PRESETS_H
#define ACTIONHOST_CARDS_PRESETS_H

#include <stdbool.h>
#include <stddef.h>

enum card_class { CARD_LANDSCAPE, CARD_SQUARE, CARD_PORTRAIT, CARD_STORY, CARD_YOUTUBE, CARD_CLASSES };

struct card_insets {
    int top, right, bottom, left; /* px */
};

struct card_preset {
    const char *name;
    const char *title; /* for file titles and documents */
    int width, height;
    enum card_class layout;
    struct card_insets safe; /* no ink of a text and no logo reaches further out */
    size_t max_bytes;        /* the platform's limit for one file */
    bool jpeg;               /* the platform's publishing interface takes JPEG: what format "auto" picks */
};

extern const struct card_preset card_presets[];
extern const size_t card_preset_count;

/* NULL when there is none of that name. "facebook" is another name of "og". */
const struct card_preset *card_preset_find(const char *name);

#endif
