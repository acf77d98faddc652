/* mesh.c - soft spots of colour: computed at a quarter of the size, brought up in integers and dithered by an 8x8
 * pattern of less than one level, so that there are no bands. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "actions/social_cards/draw_parts.h"

enum { PART = 4, FALL = 512, FINE = 128 }; /* FINE: steps of a level in the coarse picture */

/* How much of a spot is seen at a distance, by the square of it: flat in the middle, soft at the edge. */
static void falloff(float *table)
{
    static const double stops[] = { 1, 0.9, 0.65, 0.35, 0.1, 0 };
    for (int i = 0; i <= FALL; i++) {
        double at = sqrt((double)i / FALL) * 5;
        int k = at >= 5 ? 4 : (int)at;
        table[i] = (float)(stops[k] + (stops[k + 1] - stops[k]) * (at - k));
    }
}

struct spot {
    float x, y, square, alpha; /* coarse pixels */
    float color[3];
};

double card_random(uint32_t *state)
{
    uint32_t x = *state ? *state : 0x9e3779b9u;
    x ^= x << 13, x ^= x >> 17, x ^= x << 5;
    *state = x;
    return (double)(x >> 8) / (1 << 24);
}

/* A campaign's own: each spot a little elsewhere, larger and stronger, or the other way. */
static struct spot spot_of(const struct scene *s, const struct card_blob *b, uint32_t *seed, int depth)
{
    double w = s->in->preset->width, h = s->in->preset->height, unit = s->unit;
    double x = b->x + (card_random(seed) - 0.5) * 0.12, y = b->y + (card_random(seed) - 0.5) * 0.12;
    double r = b->radius * unit * (1 + (card_random(seed) - 0.5) * 0.16);
    double alpha = (b->alpha + (card_random(seed) - 0.5) * 0.1) * fmax(0, 1 - 0.16 * depth);
    enum card_role role = b->color;
    /* shade on a light ground is mud: there it grows lighter instead */
    if (role == CARD_SHADE3 && card_lightness(s->palette.color[CARD_GROUND]) > 0.72)
        role = CARD_TINT1, alpha *= 0.7;
    struct card_rgb c = s->palette.color[role];
    return (struct spot){ .x = (float)((s->rtl ? 1 - x : x) * w / PART),
                          .y = (float)(y * h / PART),
                          .square = (float)(r * r / PART / PART),
                          .alpha = (float)alpha,
                          .color = { c.r, c.g, c.b } };
}

static void coarse_row(const struct spot *spot, int n, const float *fall, const float base[3], float y, int width,
                       uint16_t *out)
{
    for (int x = 0; x < width; x++) {
        float c[3] = { base[0], base[1], base[2] };
        for (int i = 0; i < n; i++) {
            float dx = (float)x - spot[i].x, dy = y - spot[i].y, d = (dx * dx + dy * dy) / spot[i].square;
            if (d >= 1)
                continue;
            float a = fall[(int)(d * FALL)] * spot[i].alpha;
            for (int k = 0; k < 3; k++)
                c[k] += (spot[i].color[k] - c[k]) * a;
        }
        for (int k = 0; k < 3; k++)
            out[3 * x + k] = (uint16_t)(c[k] * FINE + 0.5f);
    }
}

/* One row of the card from two coarse ones, `part` quarters below the first. */
static void fine_row(const uint16_t *above, const uint16_t *below, int part, int width, const uint8_t *threshold,
                     uint32_t *out)
{
    for (int x = 0; x < width; x += PART, above += 3, below += 3) {
        int32_t left[3], step[3];
        for (int k = 0; k < 3; k++) {
            int32_t a = above[k] * (PART - part) + below[k] * part,
                    b = above[k + 3] * (PART - part) + below[k + 3] * part;
            left[k] = a * PART, step[k] = b - a;
        }
        for (int i = 0; i < PART && x + i < width; i++) {
            if (i) { /* four by two pixels are one: of less than a level no eye sees it, and the file is a third as
                        large */
                out[x + i] = out[x + i - 1];
                continue;
            }
            /* the pattern in the unit of what it is added to: FINE * PART * PART is one level */
            int32_t t = threshold[x >> 2 & 7] * (FINE * PART * PART / 64);
            uint32_t r = (uint32_t)(left[0] + step[0] * i + t) / (FINE * PART * PART);
            uint32_t g = (uint32_t)(left[1] + step[1] * i + t) / (FINE * PART * PART);
            uint32_t b = (uint32_t)(left[2] + step[2] * i + t) / (FINE * PART * PART);
            out[x + i] = 0xff000000u | r << 16 | g << 8 | b;
        }
    }
}

static const uint8_t bayer[8][8] = { { 0, 32, 8, 40, 2, 34, 10, 42 },  { 48, 16, 56, 24, 50, 18, 58, 26 },
                                     { 12, 44, 4, 36, 14, 46, 6, 38 }, { 60, 28, 52, 20, 62, 30, 54, 22 },
                                     { 3, 35, 11, 43, 1, 33, 9, 41 },  { 51, 19, 59, 27, 49, 17, 57, 25 },
                                     { 15, 47, 7, 39, 13, 45, 5, 37 }, { 63, 31, 55, 23, 61, 29, 53, 21 } };

void card_paint_mesh(struct scene *s, struct card_canvas *to, const struct card_op *op, int depth)
{
    int w = (to->width + PART - 1) / PART + 1, h = (to->height + PART - 1) / PART + 1;
    uint16_t *coarse = malloc((size_t)w * (size_t)h * 3 * sizeof *coarse);
    float fall[FALL + 1];
    struct spot spot[CARD_BLOBS_MAX];
    struct card_rgb g = s->palette.color[CARD_GROUND];
    const float base[3] = { g.r, g.g, g.b };
    uint32_t seed = s->in->seed;
    if (!coarse)
        return;
    falloff(fall);
    for (int i = 0; i < op->blobs; i++)
        spot[i] = spot_of(s, &op->blob[i], &seed, depth);
    for (int y = 0; y < h; y++)
        coarse_row(spot, op->blobs, fall, base, (float)y, w, coarse + (size_t)y * (size_t)w * 3);
    cairo_surface_flush(cairo_get_target(to->cr));
    for (int y = 0; y < to->height; y++) {
        uint32_t *row = (uint32_t *)(void *)(to->pixels + (size_t)y * (size_t)to->stride);
        if (y & 1) {
            memcpy(row, row - to->stride / 4, (size_t)to->width * 4);
            continue;
        }
        const uint16_t *above = coarse + (size_t)(y / PART) * (size_t)w * 3;
        fine_row(above, above + (size_t)w * 3, y % PART, to->width, bayer[y >> 1 & 7], row);
    }
    cairo_surface_mark_dirty(cairo_get_target(to->cr));
    free(coarse);
}
