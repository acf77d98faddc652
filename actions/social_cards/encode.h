/*
 * encode.h - pixels to PNG or JPEG, with the card's alternative text inside the file.
 */
#ifndef ACTIONHOST_CARDS_ENCODE_H
#define ACTIONHOST_CARDS_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/social_cards/card.h"

enum card_format { CARD_PNG, CARD_JPEG };

/* Ways to write a PNG; all give the same pixels. */
enum card_coder {
    CARD_FAST,      /* fastpng.h: our own, for designed cards */
    CARD_QUICK,     /* libdeflate level 1: the quickest of the libraries, larger by three quarters */
    CARD_SMALL,     /* libdeflate level 6: about a fifth smaller, three times slower */
    CARD_SMALLEST,  /* libdeflate level 9 */
    CARD_FILTERED,  /* a filter per row by the least sum of differences, libdeflate level 3: for photographs */
    CARD_REFERENCE, /* libpng */
    CARD_CODERS
};

struct card_file {
    uint8_t *p; /* malloc'ed */
    size_t n;
    enum card_format format;
};

/* Memory that encoding uses again and again. Zero at first. */
struct card_scratch {
    uint8_t *rows; /* filtered rows, as PNG compresses them */
    size_t rows_size;
    void *tokens; /* of the fast coder */
};
void card_scratch_free(struct card_scratch *s);

/* Encodes; `alt` may be "". False = no memory. */
bool card_encode_png(const struct card_pixels *px, enum card_coder coder, const char *alt, struct card_scratch *scratch,
                     struct card_file *out);
bool card_encode_jpeg(const struct card_pixels *px, int quality, const char *alt, struct card_file *out);

/*
 * Encodes in `format`, and steps to smaller encodings while the file is larger than `max`: PNG fast, small, smallest,
 * then JPEG of falling quality. `photo` says that a photograph covers much of the card. False = no memory, or nothing
 * is small enough.
 */
bool card_encode(const struct card_pixels *px, enum card_format format, bool photo, size_t max, const char *alt,
                 struct card_scratch *scratch, struct card_file *out);

#endif
