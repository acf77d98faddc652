/* decode_png.c - PNG by libpng's low-level reader, row by row, within limits; CRC errors are fatal. */
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/social_cards/image.h"

struct source {
    const unsigned char *p;
    size_t left;
    char *why;
    size_t size;
};

static void read_bytes(png_structp png, png_bytep out, size_t n)
{
    struct source *s = png_get_io_ptr(png);
    if (n > s->left)
        png_error(png, "the file is cut short");
    memcpy(out, s->p, n);
    s->p += n;
    s->left -= n;
}

static void on_error(png_structp png, png_const_charp message)
{
    struct source *s = png_get_error_ptr(png);
    snprintf(s->why, s->size, "the PNG is damaged: %.80s", message);
    longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static uint32_t premultiply(const unsigned char *p)
{
    uint32_t a = p[3], r = (p[0] * a + 127) / 255, g = (p[1] * a + 127) / 255, b = (p[2] * a + 127) / 255;
    return a << 24 | r << 16 | g << 8 | b;
}

/* Everything becomes 8-bit RGBA. */
static void normalise(png_structp png, png_infop info)
{
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 255, PNG_FILLER_AFTER);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
}

struct reading {
    png_structp png;
    png_infop info;
    struct card_image *image;
    unsigned char *rows; /* one row, or all of an interlaced picture */
};

static void store_row(struct card_image *i, int y, const unsigned char *row)
{
    uint32_t *out = (uint32_t *)(void *)(cairo_image_surface_get_data(i->surface) +
                                         (size_t)y * (size_t)cairo_image_surface_get_stride(i->surface));
    for (int x = 0; x < i->width; x++)
        out[x] = premultiply(row + 4 * (size_t)x);
}

/* May leave by longjmp; everything it holds is in *r. */
static void read_picture(struct reading *r, struct source *s)
{
    png_set_user_limits(r->png, CARD_IMAGE_SIDE, CARD_IMAGE_SIDE);
    png_set_chunk_cache_max(r->png, CARD_IMAGE_CHUNKS);
    png_set_chunk_malloc_max(r->png, 1024 * 1024);
    png_set_crc_action(r->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_read_fn(r->png, s, read_bytes);
    png_read_info(r->png, r->info);
    int width = (int)png_get_image_width(r->png, r->info), height = (int)png_get_image_height(r->png, r->info);
    bool interlaced = png_get_interlace_type(r->png, r->info) != PNG_INTERLACE_NONE;
    r->image = card_image_new(width, height, false, s->why, s->size);
    if (!r->image)
        return;
    normalise(r->png, r->info);
    size_t row = png_get_rowbytes(r->png, r->info);
    r->rows = row == 4 * (size_t)width ? calloc(interlaced ? (size_t)height : 1, row) : NULL;
    if (!r->rows)
        png_error(r->png, "it needs too much memory");
    for (int pass = interlaced ? 7 : 1; pass > 0; pass--)
        for (int y = 0; y < height; y++) {
            unsigned char *at = r->rows + (interlaced ? (size_t)y * row : 0);
            png_read_row(r->png, at, NULL);
            if (pass == 1)
                store_row(r->image, y, at);
        }
    png_read_end(r->png, NULL);
}

struct card_image *card_png_decode(const void *data, size_t n, char *why, size_t size)
{
    struct source s = { data, n, why, size };
    struct reading *r = calloc(1, sizeof *r); /* on the heap: its members survive longjmp */
    if (!r) {
        snprintf(why, size, "out of memory");
        return NULL;
    }
    r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &s, on_error, on_warning);
    r->info = r->png ? png_create_info_struct(r->png) : NULL;
    if (!r->info)
        snprintf(why, size, "out of memory");
    else if (setjmp(png_jmpbuf(r->png)) == 0)
        read_picture(r, &s);
    else {
        card_image_free(r->image);
        r->image = NULL;
    }
    struct card_image *image = r->info ? r->image : NULL;
    png_destroy_read_struct(&r->png, &r->info, NULL);
    free(r->rows);
    free(r);
    return image;
}
