/*
 * fuzz_fastpng.c - any rows through our own deflate coder and back by libdeflate. The first two bytes give the width
 * and how the rest becomes pixels: as it is, or as runs and repeated rows, which is what the coder looks for.
 */
#include <libdeflate.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "actions/social_cards/fastpng.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fill(uint8_t *rows, size_t stride, size_t height, const uint8_t *data, size_t n, int kind)
{
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < stride; x++) {
            size_t at = y * stride + x;
            uint8_t *p = rows + at;
            if (x == 0)
                *p = kind == 3 ? data[y % n] : 0;
            else if (kind == 0)
                *p = data[at % n];
            else if (kind == 1)
                *p = data[(at / 37) % n];
            else if (y > 0 && data[at % n] & 0xf0)
                *p = rows[at - stride + (data[y % n] % 3 == 1 && x + 3 < stride ? 3 : 0)];
            else
                *p = data[at % n];
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    size_t stride = 1 + 3 * (size_t)(1 + data[0] * 5), height = 1 + (data[1] >> 2), n = stride * height, got = 0;
    uint8_t *rows = malloc(n + CARD_FASTPNG_SLACK), *back = malloc(n), *out = malloc(card_fastpng_bound(n));
    void *memory = malloc(card_fastpng_memory());
    fill(rows, stride, height, data + 2, size - 2, data[1] & 3);
    size_t used = card_fastpng_compress(rows, stride, height, memory, out);
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    if (used > card_fastpng_bound(n) || libdeflate_zlib_decompress(d, out, used, back, n, &got) != LIBDEFLATE_SUCCESS ||
        got != n || memcmp(rows, back, n) != 0)
        abort();
    libdeflate_free_decompressor(d);
    free(memory);
    free(out);
    free(back);
    free(rows);
    return 0;
}
