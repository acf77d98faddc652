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

/* Mean colour of what can be seen, and whether anything is transparent at all. False = nothing can be seen. */
static bool survey_colors(struct card_image *i)
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
    return a > 0;
}

static double luminance_at(const struct card_image *i, const uint8_t *data, int stride, int x, int y)
{
    uint32_t v = ((const uint32_t *)(const void *)(data + (size_t)y * (size_t)stride))[x], a = v >> 24;
    struct card_rgb c = { (uint8_t)(v >> 16 & 255), (uint8_t)(v >> 8 & 255), (uint8_t)(v & 255) };
    if (!i->opaque && a > 0)
        c = (struct card_rgb){ (uint8_t)(c.r * 255u / a), (uint8_t)(c.g * 255u / a), (uint8_t)(c.b * 255u / a) };
    return card_luminance(c);
}

enum { OUTLINE_BINS = 256 };

/* Luminance of the pixel where a run of visible ones begins or ends in a row or column, when there is one. */
static void note_edge(const struct card_image *i, const uint8_t *data, int stride, int x, int y, uint32_t *bin)
{
    int n = (int)(luminance_at(i, data, stride, x, y) * (OUTLINE_BINS - 1) + 0.5);
    bin[n < 0 ? 0 : n >= OUTLINE_BINS ? OUTLINE_BINS - 1 : n]++;
}

static bool visible_at(const uint8_t *data, int stride, int x, int y)
{
    return ((const uint32_t *)(const void *)(data + (size_t)y * (size_t)stride))[x] >> 24 >= 200;
}

/*
 * What must stand out from the ground below a transparent logo is its outline: darkest and lightest luminance along it,
 * without the most extreme 4 % at each end. What lies inside has its own colours around it.
 */
static void survey_outline(struct card_image *i)
{
    const uint8_t *data = cairo_image_surface_get_data(i->surface);
    int stride = cairo_image_surface_get_stride(i->surface), dark = 0, light = OUTLINE_BINS - 1;
    int step = 1 + (i->width > i->height ? i->width : i->height) / 512;
    uint32_t bin[OUTLINE_BINS] = { 0 }, count = 0, seen = 0;
    for (int y = 0; y < i->height; y += step) {
        bool before = false;
        for (int x = 0; x < i->width; x++) {
            bool now = visible_at(data, stride, x, y);
            if (now != before)
                note_edge(i, data, stride, now ? x : x - 1, y, bin), count++;
            before = now;
        }
        if (before)
            note_edge(i, data, stride, i->width - 1, y, bin), count++;
    }
    for (; dark < OUTLINE_BINS - 1 && (seen += bin[dark]) <= count / 25; dark++)
        ;
    for (seen = 0; light > 0 && (seen += bin[light]) <= count / 25; light--)
        ;
    i->outline = count ? (struct card_range){ dark / (OUTLINE_BINS - 1.0), light / (OUTLINE_BINS - 1.0) }
                       : (struct card_range){ card_luminance(i->mean), card_luminance(i->mean) };
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

/* A product from a studio: at least 85 % of the picture's border is white but for what a JPEG leaves of it. */
static bool stands_on_white(const struct card_image *i)
{
    enum { WHITE = 246 };
    const uint8_t *data = cairo_image_surface_get_data(i->surface);
    int stride = cairo_image_surface_get_stride(i->surface), white = 0, all = 0;
    for (int y = 0; y < i->height; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)(data + (size_t)y * (size_t)stride);
        int step = y == 0 || y == i->height - 1 ? 1 : i->width - 1;
        for (int x = 0; x<i->width; x += step> 0 ? step : 1, all++)
            white += (row[x] >> 16 & 255) >= WHITE && (row[x] >> 8 & 255) >= WHITE && (row[x] & 255) >= WHITE;
    }
    return white >= 0.85 * all;
}

bool card_image_survey(struct card_image *i)
{
    if (!survey_colors(i))
        return false;
    i->studio = i->opaque && stands_on_white(i);
    if (!i->opaque)
        survey_outline(i);
    return true;
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
    if (!card_image_survey(i)) {
        snprintf(why, size, "all of it is transparent");
        card_image_free(i);
        return NULL;
    }
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

/* How much larger than its place a picture may be, for its focus to come where it is wanted. */
static const double ROOM = 1.25;

static double clamped(double at, double room)
{
    return fmin(0, fmax(room, at));
}

/* Where the picture begins when it is `scale` large: the focus as near to its place as the picture allows. */
static void begin_at(const struct card_image *i, const struct card_cut *c, double scale, double *dx, double *dy)
{
    *dx = clamped(c->tx * c->w - c->fx * i->width * scale, c->w - i->width * scale);
    *dy = clamped(c->ty * c->h - c->fy * i->height * scale, c->h - i->height * scale);
}

static double scale_of(const struct card_image *i, const struct card_cut *c)
{
    double x = (double)c->w / i->width, y = (double)c->h / i->height, best = fmax(x, y), least = 1e9;
    if (c->whole)
        return fmin(x, y);
    /* a focus that was asked for has something to move, also where the picture has the shape of its place */
    bool still = fmin(i->width * best - c->w, i->height * best - c->h) < 0.1 * fmin(c->w, c->h);
    if (c->moved && still)
        return best * ROOM;
    for (double room = 1; room <= ROOM + 0.001; room += 0.05) {
        double scale = fmax(x, y) * room, dx, dy;
        begin_at(i, c, scale, &dx, &dy);
        double off =
            hypot((dx + c->fx * i->width * scale) / c->w - c->tx, (dy + c->fy * i->height * scale) / c->h - c->ty);
        if (off < least - 0.004)
            least = off, best = scale;
    }
    return best;
}

/* Cuts what is too much on two sides, leaving the focus as near to the middle as the picture allows. */
static cairo_surface_t *bring(const struct card_image *image, const struct card_cut *c)
{
    bool opaque = image->opaque && !c->whole;
    cairo_surface_t *out = cairo_image_surface_create(opaque ? CAIRO_FORMAT_RGB24 : CAIRO_FORMAT_ARGB32, c->w, c->h);
    double scale = scale_of(image, c), dx = (c->w - image->width * scale) / 2, dy = (c->h - image->height * scale) / 2;
    if (!c->whole)
        begin_at(image, c, scale, &dx, &dy);
    cairo_t *cr = cairo_create(out);
    cairo_translate(cr, dx, dy);
    cairo_scale(cr, scale, scale);
    cairo_set_source_surface(cr, image->surface, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_GOOD);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
    cairo_set_operator(cr, CAIRO_OPERATOR_SOURCE);
    if (c->whole) {
        cairo_rectangle(cr, 0, 0, image->width, image->height);
        cairo_fill(cr);
    } else
        cairo_paint(cr);
    bool ok = cairo_status(cr) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(cr);
    if (!ok) {
        cairo_surface_destroy(out);
        return NULL;
    }
    return out;
}

static bool same_cut(const struct card_cut *a, const struct card_cut *b)
{
    return a->w == b->w && a->h == b->h && a->fx == b->fx && a->fy == b->fy && a->tx == b->tx && a->ty == b->ty &&
           a->moved == b->moved && a->whole == b->whole;
}

cairo_surface_t *card_scaled(struct card_engine *e, const struct card_image *image, const struct card_cut *cut)
{
    if (cut->w < 1 || cut->h < 1)
        return NULL;
    struct scaled *oldest = &e->scaled[0];
    for (size_t i = 0; i < SCALED; i++) {
        struct scaled *s = &e->scaled[i];
        if (s->source == image->surface && same_cut(&s->cut, cut)) {
            s->used = ++e->clock;
            return s->surface;
        }
        if (s->used < oldest->used)
            oldest = s;
    }
    cairo_surface_t *made = bring(image, cut);
    if (!made)
        return NULL;
    card_scaled_drop(oldest);
    *oldest = (struct scaled){
        .source = cairo_surface_reference(image->surface), .surface = made, .cut = *cut, .used = ++e->clock
    };
    return made;
}
