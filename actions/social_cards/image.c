/* image.c - recognising a picture, where its detail is, and cutting it to a size. */
#include "actions/social_cards/image.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/social_cards/draw_parts.h"

struct card_image *card_image_new(int width, int height, bool opaque, char *why, size_t size)
{
    if (width < 1 || height < 1 || width > CARD_IMAGE_SIDE || height > CARD_IMAGE_SIDE ||
        (int64_t)width * height > CARD_IMAGE_KEPT) {
        snprintf(why, size, "the picture has %dx%d pixels; at most %d megapixels and %d pixels on a side are taken",
                 width, height, CARD_IMAGE_KEPT / 1000000, CARD_IMAGE_SIDE);
        return NULL;
    }
    struct card_image *i = calloc(1, sizeof *i);
    if (!i) {
        snprintf(why, size, "out of memory");
        return NULL;
    }
    *i = (struct card_image){ .width = width, .height = height, .opaque = opaque, .focus_x = 0.5, .focus_y = 0.5 };
    i->surface = cairo_image_surface_create(opaque ? CAIRO_FORMAT_RGB24 : CAIRO_FORMAT_ARGB32, width, height);
    if (cairo_surface_status(i->surface) != CAIRO_STATUS_SUCCESS) {
        snprintf(why, size, "out of memory");
        card_image_free(i);
        return NULL;
    }
    cairo_surface_flush(i->surface);
    return i;
}

void card_image_free(struct card_image *i)
{
    if (!i)
        return;
    if (i->surface)
        cairo_surface_destroy(i->surface);
    free(i);
}

/* Mean colour of what can be seen, and whether anything is transparent at all. */
static void survey(struct card_image *i)
{
    const uint8_t *data = cairo_image_surface_get_data(i->surface);
    int stride = cairo_image_surface_get_stride(i->surface), step = 1 + (i->width > 256) + i->width / 1024;
    uint64_t r = 0, g = 0, b = 0, a = 0;
    bool opaque = true;
    for (int y = 0; y < i->height; y += step) {
        const uint32_t *row = (const uint32_t *)(const void *)(data + (size_t)y * (size_t)stride);
        for (int x = 0; x < i->width; x += step) {
            uint32_t v = row[x], alpha = i->opaque ? 255 : v >> 24;
            opaque = opaque && alpha == 255;
            r += v >> 16 & 255, g += v >> 8 & 255, b += v & 255, a += alpha;
        }
    }
    i->opaque = i->opaque || opaque;
    if (a)
        i->mean = (struct card_rgb){ (uint8_t)(r * 255 / a), (uint8_t)(g * 255 / a), (uint8_t)(b * 255 / a) };
}

enum { GRID = 48 };

static double grey_at(const struct card_image *i, const uint8_t *data, int stride, int gx, int gy)
{
    int x = (int)((gx + 0.5) * i->width / GRID), y = (int)((gy + 0.5) * i->height / GRID);
    const uint32_t *row = (const uint32_t *)(const void *)(data + (size_t)y * (size_t)stride);
    uint32_t v = row[x];
    return 0.3 * (v >> 16 & 255) + 0.59 * (v >> 8 & 255) + 0.11 * (v & 255);
}

/* The centre of the picture's edges on a coarse grid, drawn a little to the middle. Faces are not looked for. */
static void find_focus(struct card_image *i)
{
    const uint8_t *data = cairo_image_surface_get_data(i->surface);
    int stride = cairo_image_surface_get_stride(i->surface);
    double sum = 1e-6, sx = 0, sy = 0;
    for (int y = 0; y < GRID - 1; y++)
        for (int x = 0; x < GRID - 1; x++) {
            double here = grey_at(i, data, stride, x, y);
            double edge =
                fabs(grey_at(i, data, stride, x + 1, y) - here) + fabs(grey_at(i, data, stride, x, y + 1) - here);
            edge *= edge;
            sum += edge, sx += edge * (x + 1), sy += edge * (y + 1);
        }
    if (sum < 1)
        return;
    i->focus_x = 0.5 + (sx / sum / GRID - 0.5) * 0.8;
    i->focus_y = 0.5 + (sy / sum / GRID - 0.5) * 0.8;
}

struct card_image *card_image_decode(const void *data, size_t n, int want_w, int want_h, char *why, size_t size)
{
    const unsigned char *p = data;
    struct card_image *i = NULL;
    if (n > CARD_IMAGE_BYTES)
        snprintf(why, size, "the file has more than %d MB", CARD_IMAGE_BYTES >> 20);
    else if (n >= 8 && memcmp(p, "\x89PNG\r\n\x1a\n", 8) == 0)
        i = card_png_decode(data, n, why, size);
    else if (n >= 3 && memcmp(p, "\xff\xd8\xff", 3) == 0)
        i = card_jpeg_decode(data, n, want_w, want_h, why, size);
    else if (n >= 12 && memcmp(p, "RIFF", 4) == 0 && memcmp(p + 8, "WEBP", 4) == 0)
        i = card_webp_decode(data, n, want_w, want_h, why, size);
    else
        snprintf(why, size, "only PNG, JPEG and WebP pictures are taken (SVG, GIF and others are not)");
    if (!i)
        return NULL;
    cairo_surface_mark_dirty(i->surface);
    survey(i);
    find_focus(i);
    return i;
}

/* ---- Bringing to a size ---- */

void card_scaled_drop(struct scaled *s)
{
    if (s->surface)
        cairo_surface_destroy(s->surface);
    if (s->source)
        cairo_surface_destroy(s->source);
    *s = (struct scaled){ 0 };
}

/* Cuts what is too much on two sides, leaving the focus as near to the middle as the picture allows. */
static cairo_surface_t *cover(const struct card_image *image, int w, int h, double fx, double fy)
{
    cairo_surface_t *out = cairo_image_surface_create(image->opaque ? CAIRO_FORMAT_RGB24 : CAIRO_FORMAT_ARGB32, w, h);
    double scale = fmax((double)w / image->width, (double)h / image->height);
    double dx = w / 2.0 - fx * image->width * scale, dy = h / 2.0 - fy * image->height * scale;
    dx = fmin(0, fmax(w - image->width * scale, dx));
    dy = fmin(0, fmax(h - image->height * scale, dy));
    cairo_t *cr = cairo_create(out);
    cairo_translate(cr, dx, dy);
    cairo_scale(cr, scale, scale);
    cairo_set_source_surface(cr, image->surface, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_GOOD);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
    cairo_set_operator(cr, CAIRO_OPERATOR_SOURCE);
    cairo_paint(cr);
    bool ok = cairo_status(cr) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(cr);
    if (!ok) {
        cairo_surface_destroy(out);
        return NULL;
    }
    return out;
}

cairo_surface_t *card_scaled(struct card_engine *e, const struct card_image *image, int w, int h, double fx, double fy)
{
    if (w < 1 || h < 1)
        return NULL;
    struct scaled *oldest = &e->scaled[0];
    for (size_t i = 0; i < SCALED; i++) {
        struct scaled *s = &e->scaled[i];
        if (s->source == image->surface && s->w == w && s->h == h && s->fx == fx && s->fy == fy) {
            s->used = ++e->clock;
            return s->surface;
        }
        if (s->used < oldest->used)
            oldest = s;
    }
    cairo_surface_t *made = cover(image, w, h, fx, fy);
    if (!made)
        return NULL;
    card_scaled_drop(oldest);
    *oldest = (struct scaled){ .source = cairo_surface_reference(image->surface),
                               .surface = made,
                               .w = w,
                               .h = h,
                               .fx = fx,
                               .fy = fy,
                               .used = ++e->clock };
    return made;
}
