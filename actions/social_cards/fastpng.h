/*
 * fastpng.h - a deflate coder for rows of designed pictures: flat areas, ramps that move by a pixel from row to row,
 * and letters. It looks for repetition at four fixed distances (one pixel to the left, and straight above, above to the
 * left and above to the right) and at one remembered place, and codes blocks with Huffman tables of their own. The
 * result is an ordinary zlib stream. The output is the same on every machine.
 */
#ifndef ACTIONHOST_CARDS_FASTPNG_H
#define ACTIONHOST_CARDS_FASTPNG_H

#include <stddef.h>
#include <stdint.h>

#include "actions/social_cards/card.h"

enum { CARD_FASTPNG_SLACK = 16 }; /* bytes behind the rows that may be read and are overwritten */

/* Row y as R, G, B bytes. */
void card_rgb_row(const struct card_pixels *px, int y, uint8_t *out);

/* Bytes of working memory; it needs no initial value. */
size_t card_fastpng_memory(void);

/* Upper bound of what compressing n bytes writes. */
size_t card_fastpng_bound(size_t n);

/*
 * Compresses `height` rows of `stride` bytes (a filter byte, then pixels of three bytes; stride < 32,765), which lie
 * one behind the other with CARD_FASTPNG_SLACK bytes after the last. Returns the length of the zlib stream at `out`.
 */
size_t card_fastpng_compress(uint8_t *rows, size_t stride, size_t height, void *memory, uint8_t *out);

#endif
