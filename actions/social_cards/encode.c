/* encode.c - PNG by libpng, by libdeflate and by our own coder; which one, by how large the file may be. */
#include "actions/social_cards/encode.h"

#include <libdeflate.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "actions/social_cards/fastpng.h"

void card_scratch_free(struct card_scratch *s)
{
    free(s->rows);
    free(s->tokens);
    *s = (struct card_scratch){ 0 };
}

/* ---- Chunks ---- */

static void put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24), p[1] = (uint8_t)(v >> 16), p[2] = (uint8_t)(v >> 8), p[3] = (uint8_t)v;
}

/* Completes a chunk whose n data bytes stand at p + 8; returns what follows it. */
static uint8_t *chunk(uint8_t *p, const char *type, size_t n)
{
    put32(p, (uint32_t)n);
    memcpy(p + 4, type, 4);
    put32(p + 8 + n, libdeflate_crc32(0, p + 4, n + 4));
    return p + 12 + n;
}

enum { AROUND = 8 + 25 + 13 + 12 + 12 + 64 }; /* signature, IHDR, sRGB, IDAT's frame, IEND, and the head of iTXt */

static uint8_t *write_head(uint8_t *p, const struct card_pixels *px, const char *alt)
{
    memcpy(p, "\x89PNG\r\n\x1a\n", 8);
    p += 8;
    put32(p + 8, (uint32_t)px->width);
    put32(p + 12, (uint32_t)px->height);
    memcpy(p + 16, "\x08\x02\0\0\0", 5); /* 8 bits, RGB */
    p = chunk(p, "IHDR", 13);
    p[8] = 0;
    p = chunk(p, "sRGB", 1);
    size_t n = strlen(alt);
    if (n) {
        /* keyword, no compression, no language, no translated keyword, text in UTF-8 */
        memcpy(p + 8, "Description\0\0\0\0\0", 16);
        memcpy(p + 8 + 16, alt, n);
        p = chunk(p, "iTXt", 16 + n);
    }
    return p;
}

/* ---- Rows as PNG compresses them: a filter byte, then RGB ---- */

static uint8_t *scratch_rows(struct card_scratch *s, size_t n)
{
    if (n > s->rows_size) {
        free(s->rows);
        s->rows = malloc(n);
        s->rows_size = s->rows ? n : 0;
    }
    return s->rows;
}

static uint8_t paeth(int a, int b, int c)
{
    int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);
    return (uint8_t)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

static uint8_t predicted(int filter, int a, int b, int c)
{
    switch (filter) {
    case 1:
        return (uint8_t)a;
    case 2:
        return (uint8_t)b;
    case 3:
        return (uint8_t)((a + b) / 2);
    case 4:
        return paeth(a, b, c);
    default:
        return 0;
    }
}

/* Writes row `y` filtered; returns the sum of its differences. */
static unsigned filter_row(const uint8_t *row, const uint8_t *above, size_t n, int filter, uint8_t *out)
{
    unsigned sum = 0;
    out[0] = (uint8_t)filter;
    for (size_t i = 0; i < n; i++) {
        int a = i >= 3 ? row[i - 3] : 0, b = above[i], c = i >= 3 ? above[i - 3] : 0;
        uint8_t v = (uint8_t)(row[i] - predicted(filter, a, b, c));
        sum += v < 128 ? v : 256u - v;
        out[1 + i] = v;
    }
    return sum;
}

/* Of the filters up and Paeth the one that leaves less: what libpng's heuristic mostly picks for photographs. */
static bool filter_rows(const struct card_pixels *px, uint8_t *out)
{
    size_t n = (size_t)px->width * 3;
    uint8_t *two = calloc(4, n + 1);
    if (!two)
        return false;
    uint8_t *now = two, *above = two + n, *try1 = above + n, *try2 = try1 + n + 1;
    for (int y = 0; y < px->height; y++) {
        card_rgb_row(px, y, now);
        const uint8_t *best = filter_row(now, above, n, 2, try1) <= filter_row(now, above, n, 4, try2) ? try1 : try2;
        memcpy(out + (size_t)y * (n + 1), best, n + 1);
        uint8_t *t = above;
        above = now, now = t;
    }
    free(two);
    return true;
}

static void plain_rows(const struct card_pixels *px, uint8_t *out)
{
    size_t n = (size_t)px->width * 3;
    for (int y = 0; y < px->height; y++, out += n + 1) {
        out[0] = 0;
        card_rgb_row(px, y, out + 1);
    }
}

/* ---- The coders ---- */

static bool by_libdeflate(const struct card_pixels *px, int level, bool filtered, const char *alt,
                          struct card_scratch *s, struct card_file *out)
{
    size_t n = ((size_t)px->width * 3 + 1) * (size_t)px->height;
    uint8_t *rows = scratch_rows(s, n);
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(level);
    uint8_t *file = NULL;
    bool ok = rows && c;
    if (ok && filtered)
        ok = filter_rows(px, rows);
    else if (ok)
        plain_rows(px, rows);
    size_t bound = ok ? libdeflate_zlib_compress_bound(c, n) : 0;
    if (ok)
        ok = (file = malloc(bound + AROUND + strlen(alt))) != NULL;
    if (ok) {
        uint8_t *p = write_head(file, px, alt);
        size_t used = libdeflate_zlib_compress(c, rows, n, p + 8, bound);
        ok = used > 0;
        p = chunk(p, "IDAT", used);
        p = chunk(p, "IEND", 0);
        size_t size = (size_t)(p - file);
        uint8_t *fit = realloc(file, size); /* the bound was far more */
        *out = (struct card_file){ fit ? fit : file, size, CARD_PNG };
    }
    if (!ok)
        free(file);
    libdeflate_free_compressor(c);
    return ok;
}

static bool by_fastpng(const struct card_pixels *px, const char *alt, struct card_scratch *s, struct card_file *out)
{
    size_t n = ((size_t)px->width * 3 + 1) * (size_t)px->height, bound = card_fastpng_bound(n);
    uint8_t *rows = scratch_rows(s, n + CARD_FASTPNG_SLACK);
    if (!s->tokens)
        s->tokens = malloc(card_fastpng_memory());
    uint8_t *file = rows && s->tokens ? malloc(bound + AROUND + strlen(alt)) : NULL;
    if (!file)
        return false;
    plain_rows(px, rows);
    uint8_t *p = write_head(file, px, alt);
    size_t used = card_fastpng_compress(rows, (size_t)px->width * 3 + 1, (size_t)px->height, s->tokens, p + 8);
    p = chunk(p, "IDAT", used);
    p = chunk(p, "IEND", 0);
    size_t size = (size_t)(p - file);
    uint8_t *fit = realloc(file, size);
    *out = (struct card_file){ fit ? fit : file, size, CARD_PNG };
    return true;
}

struct sink {
    uint8_t *p;
    size_t n, cap;
};

static void sink_write(png_structp png, png_bytep data, size_t n)
{
    struct sink *s = png_get_io_ptr(png);
    if (s->n + n > s->cap) {
        size_t cap = (s->n + n) * 2;
        uint8_t *p = realloc(s->p, cap);
        if (!p)
            png_error(png, "out of memory");
        s->p = p, s->cap = cap;
    }
    memcpy(s->p + s->n, data, n);
    s->n += n;
}

static void sink_flush(png_structp png)
{
    (void)png;
}

static bool by_libpng(const struct card_pixels *px, const char *alt, struct card_scratch *s, struct card_file *out)
{
    size_t row = (size_t)px->width * 3;
    uint8_t *rgb = scratch_rows(s, row);
    png_structp png = rgb ? png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL) : NULL;
    png_infop info = png ? png_create_info_struct(png) : NULL;
    struct sink *sink = info ? calloc(1, sizeof *sink) : NULL; /* on the heap: its members survive longjmp */
    bool ok = false;
    if (sink && setjmp(png_jmpbuf(png)) == 0) {
        png_set_write_fn(png, sink, sink_write, sink_flush);
        png_set_filter(png, 0, PNG_FILTER_NONE);
        png_set_compression_level(png, 3);
        png_set_IHDR(png, info, (png_uint_32)px->width, (png_uint_32)px->height, 8, PNG_COLOR_TYPE_RGB,
                     PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
        png_set_sRGB(png, info, 0);
        png_text text = { .compression = PNG_ITXT_COMPRESSION_NONE,
                          .key = (png_charp)(uintptr_t) "Description",
                          .text = (png_charp)(uintptr_t)alt };
        if (*alt)
            png_set_text(png, info, &text, 1);
        png_write_info(png, info);
        for (int y = 0; y < px->height; y++) {
            card_rgb_row(px, y, rgb);
            png_write_row(png, rgb);
        }
        png_write_end(png, NULL);
        *out = (struct card_file){ sink->p, sink->n, CARD_PNG };
        ok = true;
    } else if (sink)
        free(sink->p);
    free(sink);
    png_destroy_write_struct(&png, &info);
    return ok;
}

bool card_encode_png(const struct card_pixels *px, enum card_coder coder, const char *alt, struct card_scratch *s,
                     struct card_file *out)
{
    switch (coder) {
    case CARD_FAST:
        /* its distances reach one row up, which deflate's window must hold */
        return (size_t)px->width * 3 + 4 < 32768 ? by_fastpng(px, alt, s, out)
                                                 : by_libdeflate(px, 3, false, alt, s, out);
    case CARD_QUICK:
        return by_libdeflate(px, 1, false, alt, s, out);
    case CARD_SMALL:
        return by_libdeflate(px, 6, false, alt, s, out);
    case CARD_SMALLEST:
        return by_libdeflate(px, 9, false, alt, s, out);
    case CARD_FILTERED:
        return by_libdeflate(px, 3, true, alt, s, out);
    default:
        return by_libpng(px, alt, s, out);
    }
}

bool card_encode(const struct card_pixels *px, enum card_format format, bool photo, size_t max, const char *alt,
                 struct card_scratch *scratch, struct card_file *out)
{
    static const enum card_coder flat[] = { CARD_FAST, CARD_SMALL, CARD_SMALLEST }, rich[] = { CARD_FILTERED };
    static const int qualities[] = { 90, 80, 65, 45 };
    const enum card_coder *coders = photo ? rich : flat;
    size_t count = format != CARD_PNG ? 0 : photo ? 1 : 3;
    for (size_t i = 0; i < count; i++) {
        if (!card_encode_png(px, coders[i], alt, scratch, out))
            return false;
        if (out->n <= max)
            return true;
        free(out->p);
    }
    for (size_t i = 0; i < sizeof qualities / sizeof *qualities; i++) {
        if (!card_encode_jpeg(px, qualities[i], alt, out))
            return false;
        if (out->n <= max)
            return true;
        free(out->p);
    }
    return false;
}
