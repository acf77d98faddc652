/*
 * cards_samples.h - cards to look at, to compare and to measure: texts, a drawn logo, a computed landscape in place of
 * a photograph. Shared by tests and bench; include once in a program.
 */
#ifndef TESTS_CARDS_SAMPLES_H
#define TESTS_CARDS_SAMPLES_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "actions/social_cards/card.h"

static struct card_palette sample_palettes[3];

/* A mark with a gradient, a cut and an antialiased ring, on a transparent ground. */
static inline struct card_image *sample_logo(int side)
{
    char why[100];
    struct card_image *i = card_image_new(side, side, false, why, sizeof why);
    if (!i)
        abort();
    cairo_t *cr = cairo_create(i->surface);
    double c = side / 2.0;
    cairo_pattern_t *p = cairo_pattern_create_radial(c * 0.6, c * 0.5, c * 0.1, c, c, c * 1.2);
    cairo_pattern_add_color_stop_rgb(p, 0, 1, 0.93, 0.62);
    cairo_pattern_add_color_stop_rgb(p, 0.55, 1, 0.66, 0.24);
    cairo_pattern_add_color_stop_rgb(p, 1, 0.96, 0.36, 0.27);
    cairo_set_source(cr, p);
    cairo_arc(cr, c, c, c * 0.96, 0, 7);
    cairo_fill(cr);
    cairo_pattern_destroy(p);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_set_line_width(cr, c * 0.17);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_arc(cr, c, c, c * 0.52, -2.2, 2.6);
    cairo_stroke(cr);
    cairo_arc(cr, c, c, c * 0.17, 0, 7);
    cairo_fill(cr);
    cairo_destroy(cr);
    cairo_surface_flush(i->surface);
    card_image_survey(i);
    return i;
}

static inline double sample_noise(double x, unsigned seed)
{
    double at = floor(x), f = x - at, v[2];
    for (int k = 0; k < 2; k++) {
        uint32_t h = ((uint32_t)(int)at + (uint32_t)k) * 2654435761u ^ seed * 40503u;
        h ^= h >> 15, h *= 2246822519u, h ^= h >> 13;
        v[k] = (double)(h & 65535) / 65535;
    }
    f = f * f * (3 - 2 * f);
    return v[0] + (v[1] - v[0]) * f;
}

static inline double sample_ridge(double x, unsigned seed)
{
    double sum = 0, part = 0.5, freq = 3;
    for (int o = 0; o < 6; o++, part *= 0.5, freq *= 2.1)
        sum += part * sample_noise(x * freq + 17.3 * o, seed + (unsigned)o);
    return sum;
}

/* Mountains at dusk: layers of ridges, a sun, haze and grain. */
static inline struct card_image *sample_hero(void)
{
    enum { W = 1600, H = 1200 };
    char why[100];
    struct card_image *i = card_image_new(W, H, true, why, sizeof why);
    if (!i)
        abort();
    uint8_t *data = cairo_image_surface_get_data(i->surface);
    int stride = cairo_image_surface_get_stride(i->surface);
    uint32_t grain = 12345;
    for (int x = 0; x < W; x++) {
        double ridge[5];
        for (unsigned l = 0; l < 5; l++)
            ridge[l] =
                H * (0.36 + 0.13 * l - 0.26 * sample_ridge((double)x / W * (1 + 0.25 * l), 7 + 31 * l) * (1 - 0.1 * l));
        for (int y = 0; y < H; y++) {
            double t = (double)y / H, dx = (x - W * 0.66) / W, dy = (y - H * 0.3) / W,
                   glow = exp(-(dx * dx + dy * dy) * 22);
            double r = 40 + 170 * t + 190 * glow, g = 52 + 85 * t + 130 * glow, b = 120 + 40 * t + 30 * glow;
            if (dx * dx + dy * dy < 0.0016)
                r = 255, g = 236, b = 190;
            for (int l = 0; l < 5; l++)
                if (y > ridge[l]) {
                    double deep = l / 4.0, haze = exp(-(y - ridge[l]) / (H * 0.10)) * (1 - deep) * 0.5;
                    r = (120 - 104 * deep) + 130 * haze + 40 * glow * (1 - deep), g = (86 - 62 * deep) + 70 * haze,
                    b = (124 - 82 * deep) + 40 * haze;
                }
            grain = grain * 1664525u + 1013904223u;
            double n = (double)(grain >> 24) / 255 * 10 - 5;
            uint32_t R = (uint32_t)fmin(255, fmax(0, r + n)), G = (uint32_t)fmin(255, fmax(0, g + n)),
                     B = (uint32_t)fmin(255, fmax(0, b + n));
            ((uint32_t *)(void *)(data + (size_t)y * (size_t)stride))[x] = 0xff000000u | R << 16 | G << 8 | B;
        }
    }
    cairo_surface_mark_dirty(i->surface);
    i->mean = (struct card_rgb){ 110, 80, 100 };
    i->focus_x = 0.62;
    i->focus_y = 0.36;
    return i;
}

static inline const struct card_palette *sample_palette(size_t i)
{
    static const struct card_rgb primary[] = { { 0x4f, 0x3c, 0xe6 }, { 0x0b, 0x6e, 0x4f }, { 0xd9, 0x3b, 0x2b } };
    card_palette_make(&sample_palettes[0], NULL, NULL, NULL);
    for (size_t k = 1; k < 3; k++)
        card_palette_make(&sample_palettes[k], &primary[k], NULL, NULL);
    return &sample_palettes[i % 3];
}

/* Variant 0 has all texts; 1 is another campaign with other colours. */
static inline void sample_card(struct card_input *in, const struct card_template *t, const struct card_preset *p,
                               int variant)
{
    *in = (struct card_input){ .preset = p,
                               .template = t,
                               .locale = "en",
                               .palette = sample_palette((size_t)variant),
                               .focus_x = -1,
                               .focus_y = -1 };
    if (variant == 0) {
        in->text[CARD_EYEBROW] = "Webinar \xc2\xb7 12 May 2026";
        in->text[CARD_HEADLINE] = "Spring launch: plan the year your customers remember";
        in->text[CARD_SUBTITLE] = "Three practical sessions on data, service and the moments in between.";
        in->text[CARD_CTA] = "Save your seat";
        in->text[CARD_BRAND] = "Northwind Travel";
    } else {
        in->text[CARD_EYEBROW] = "Partner summit";
        in->text[CARD_HEADLINE] = "Grow together";
        in->text[CARD_SUBTITLE] = "Lisbon, 4 to 6 September 2026";
        in->text[CARD_CTA] = "Request an invitation";
        in->text[CARD_BRAND] = "Alpine Energy";
        if (strcmp(t->name, "quote") == 0)
            in->text[CARD_FIGURE] = "42 %", in->text[CARD_HEADLINE] = "less energy for the same warm rooms";
    }
}

static const struct {
    const char *name, *locale, *headline, *subtitle, *cta;
} sample_scripts[] = {
    { "arabic", "ar",
      "\xd8\xa7\xd9\x83\xd8\xaa\xd8\xb4\xd9\x81 \xd9\x85\xd8\xac\xd9\x85\xd9\x88\xd8\xb9\xd8\xa9 "
      "\xd8\xa7\xd9\x84\xd8\xb1\xd8\xa8\xd9\x8a\xd8\xb9 \xd8\xa7\xd9\x84\xd8\xac\xd8\xaf\xd9\x8a\xd8\xaf\xd8\xa9 2026",
      "\xd8\xb9\xd8\xb1\xd9\x88\xd8\xb6 \xd8\xad\xd8\xb5\xd8\xb1\xd9\x8a\xd8\xa9 \xd8\xad\xd8\xaa\xd9\x89 "
      "\xd9\x86\xd9\x87\xd8\xa7\xd9\x8a\xd8\xa9 \xd8\xa7\xd9\x84\xd8\xb4\xd9\x87\xd8\xb1",
      "\xd8\xaa\xd8\xb3\xd9\x88\xd9\x82 \xd8\xa7\xd9\x84\xd8\xa2\xd9\x86" },
    { "hebrew", "he",
      "\xd7\xa7\xd7\x95\xd7\x9c\xd7\xa7\xd7\xa6\xd7\x99\xd7\x99\xd7\xaa \xd7\x94\xd7\x90\xd7\x91\xd7\x99\xd7\x91 "
      "\xd7\xa9\xd7\x9c Acme \xd7\x9b\xd7\x91\xd7\xa8 \xd7\x9b\xd7\x90\xd7\x9f",
      "\xd7\x9e\xd7\x91\xd7\xa6\xd7\xa2\xd7\x99\xd7\x9d \xd7\xa2\xd7\x93 \xd7\xa1\xd7\x95\xd7\xa3 2026",
      "\xd7\x9c\xd7\xa7\xd7\xa0\xd7\x99\xd7\x99\xd7\x94" },
    { "hindi", "hi",
      "\xe0\xa4\xb5\xe0\xa4\xb8\xe0\xa4\x82\xe0\xa4\xa4 \xe0\xa4\x95\xe0\xa5\x87 \xe0\xa4\xa8\xe0\xa4\x8f "
      "\xe0\xa4\xb8\xe0\xa4\x82\xe0\xa4\x97\xe0\xa5\x8d\xe0\xa4\xb0\xe0\xa4\xb9 \xe0\xa4\x95\xe0\xa4\xbe "
      "\xe0\xa4\xb8\xe0\xa5\x8d\xe0\xa4\xb5\xe0\xa4\xbe\xe0\xa4\x97\xe0\xa4\xa4 "
      "\xe0\xa4\x95\xe0\xa4\xb0\xe0\xa5\x87\xe0\xa4\x82",
      "\xe0\xa4\xb8\xe0\xa5\x80\xe0\xa4\xae\xe0\xa4\xbf\xe0\xa4\xa4 \xe0\xa4\xb8\xe0\xa4\xae\xe0\xa4\xaf "
      "\xe0\xa4\x95\xe0\xa5\x87 \xe0\xa4\xb2\xe0\xa4\xbf\xe0\xa4\x8f "
      "\xe0\xa4\xb5\xe0\xa4\xbf\xe0\xa4\xb6\xe0\xa5\x87\xe0\xa4\xb7 \xe0\xa4\x9b\xe0\xa5\x82\xe0\xa4\x9f",
      "\xe0\xa4\x85\xe0\xa4\xad\xe0\xa5\x80 \xe0\xa4\xa6\xe0\xa5\x87\xe0\xa4\x96\xe0\xa5\x87\xe0\xa4\x82" },
    { "thai", "th",
      "\xe0\xb9\x80\xe0\xb8\x9b\xe0\xb8\xb4\xe0\xb8\x94\xe0\xb8\x95\xe0\xb8\xb1\xe0\xb8\xa7\xe0\xb8\x84\xe0\xb8\xad\xe0"
      "\xb8\xa5\xe0\xb9\x80\xe0\xb8\xa5\xe0\xb8\x81\xe0\xb8\x8a\xe0\xb8\xb1\xe0\xb8\x99\xe0\xb9\x83\xe0\xb8\xab\xe0\xb8"
      "\xa1\xe0\xb9\x88\xe0\xb8\xaa\xe0\xb8\xb3\xe0\xb8\xab\xe0\xb8\xa3\xe0\xb8\xb1\xe0\xb8\x9a\xe0\xb8\xa4\xe0\xb8\x94"
      "\xe0\xb8\xb9\xe0\xb9\x83\xe0\xb8\x9a\xe0\xb9\x84\xe0\xb8\xa1\xe0\xb9\x89\xe0\xb8\x9c\xe0\xb8\xa5\xe0\xb8\xb4",
      "\xe0\xb8\xaa\xe0\xb9\x88\xe0\xb8\xa7\xe0\xb8\x99\xe0\xb8\xa5\xe0\xb8\x94\xe0\xb8\x9e\xe0\xb8\xb4\xe0\xb9\x80\xe0"
      "\xb8\xa8\xe0\xb8\xa9\xe0\xb8\x96\xe0\xb8\xb6\xe0\xb8\x87\xe0\xb8\xaa\xe0\xb8\xb4\xe0\xb9\x89\xe0\xb8\x99\xe0\xb9"
      "\x80\xe0\xb8\x94\xe0\xb8\xb7\xe0\xb8\xad\xe0\xb8\x99\xe0\xb8\x99\xe0\xb8\xb5\xe0\xb9\x89",
      "\xe0\xb8\x8a\xe0\xb9\x89\xe0\xb8\xad\xe0\xb8\x9b\xe0\xb9\x80\xe0\xb8\xa5\xe0\xb8\xa2" },
    { "japanese", "ja",
      "\xe6\x98\xa5\xe3\x81\xae\xe6\x96\xb0\xe4\xbd\x9c\xe3\x82\xb3\xe3\x83\xac\xe3\x82\xaf\xe3\x82\xb7\xe3\x83\xa7\xe3"
      "\x83\xb3\xe3\x80\x81\xe3\x81\x84\xe3\x82\x88\xe3\x81\x84\xe3\x82\x88\xe5\x85\xac\xe9\x96\x8b\xe3\x80\x82",
      "2026\xe5\xb9\xb4\xe3\x80\x81\xe6\x96\xb0\xe3\x81\x97\xe3\x81\x84\xe6\x97\x85\xe3\x81\xae\xe3\x81\xaf\xe3\x81\x98"
      "\xe3\x81\xbe\xe3\x82\x8a\xe3\x80\x82",
      "\xe8\xa9\xb3\xe3\x81\x97\xe3\x81\x8f\xe8\xa6\x8b\xe3\x82\x8b" },
    { "chinese", "zh-CN",
      "\xe6\x98\xa5\xe5\xad\xa3\xe6\x96\xb0\xe5\x93\x81\xe5\x8f\x91\xe5\xb8\x83\xef\xbc\x9a\xe8\xae\xa9\xe6\xaf\x8f\xe4"
      "\xb8\x80\xe6\xac\xa1\xe7\x9b\xb8\xe9\x81\x87\xe9\x83\xbd\xe5\x80\xbc\xe5\xbe\x97\xe8\xae\xb0\xe4\xbd\x8f",
      "\xe9\x99\x90\xe6\x97\xb6\xe4\xbc\x98\xe6\x83\xa0\xef\xbc\x8c\xe6\x9c\xac\xe6\x9c\x88\xe5\xba\x95\xe6\x88\xaa\xe6"
      "\xad\xa2",
      "\xe7\xab\x8b\xe5\x8d\xb3\xe6\x9f\xa5\xe7\x9c\x8b" },
    { "korean", "ko",
      "\xeb\xb4\x84\xeb\xa7\x9e\xec\x9d\xb4 \xec\x8b\xa0\xec\xa0\x9c\xed\x92\x88\xec\x9d\x84 \xea\xb0\x80\xec\x9e\xa5 "
      "\xeb\xa8\xbc\xec\xa0\x80 \xeb\xa7\x8c\xeb\x82\x98\xeb\xb3\xb4\xec\x84\xb8\xec\x9a\x94",
      "\xec\x9d\xb4\xeb\xb2\x88 \xeb\x8b\xac \xeb\xa7\x90\xea\xb9\x8c\xec\xa7\x80 \xed\x8a\xb9\xeb\xb3\x84 "
      "\xed\x98\x9c\xed\x83\x9d",
      "\xec\x9e\x90\xec\x84\xb8\xed\x9e\x88 \xeb\xb3\xb4\xea\xb8\xb0" },
    { "greek", "el",
      "\xce\x91\xce\xbd\xce\xb1\xce\xba\xce\xb1\xce\xbb\xcf\x8d\xcf\x88\xcf\x84\xce\xb5 \xcf\x84\xce\xb7 "
      "\xce\xbd\xce\xad\xce\xb1 "
      "\xce\xb1\xce\xbd\xce\xbf\xce\xb9\xce\xbe\xce\xb9\xce\xac\xcf\x84\xce\xb9\xce\xba\xce\xb7 "
      "\xcf\x83\xcf\x85\xce\xbb\xce\xbb\xce\xbf\xce\xb3\xce\xae",
      "\xce\xa0\xcf\x81\xce\xbf\xcf\x83\xcf\x86\xce\xbf\xcf\x81\xce\xad\xcf\x82 \xce\xad\xcf\x89\xcf\x82 "
      "\xcf\x84\xce\xbf \xcf\x84\xce\xad\xce\xbb\xce\xbf\xcf\x82 \xcf\x84\xce\xbf\xcf\x85 "
      "\xce\xbc\xce\xae\xce\xbd\xce\xb1",
      "\xce\x94\xce\xb5\xce\xaf\xcf\x84\xce\xb5 "
      "\xcf\x80\xce\xb5\xcf\x81\xce\xb9\xcf\x83\xcf\x83\xcf\x8c\xcf\x84\xce\xb5\xcf\x81\xce\xb1" },
    { "cyrillic", "ru",
      "\xd0\x92\xd0\xb5\xd1\x81\xd0\xb5\xd0\xbd\xd0\xbd\xd1\x8f\xd1\x8f "
      "\xd0\xba\xd0\xbe\xd0\xbb\xd0\xbb\xd0\xb5\xd0\xba\xd1\x86\xd0\xb8\xd1\x8f \xd1\x83\xd0\xb6\xd0\xb5 \xd0\xb2 "
      "\xd0\xbf\xd1\x80\xd0\xbe\xd0\xb4\xd0\xb0\xd0\xb6\xd0\xb5",
      "\xd0\xa1\xd0\xba\xd0\xb8\xd0\xb4\xd0\xba\xd0\xb8 \xd0\xb4\xd0\xbe \xd0\xba\xd0\xbe\xd0\xbd\xd1\x86\xd0\xb0 "
      "\xd0\xbc\xd0\xb5\xd1\x81\xd1\x8f\xd1\x86\xd0\xb0",
      "\xd0\xa3\xd0\xb7\xd0\xbd\xd0\xb0\xd1\x82\xd1\x8c \xd0\xb1\xd0\xbe\xd0\xbb\xd1\x8c\xd1\x88\xd0\xb5" },
    { "emoji", "en",
      "Party time \xf0\x9f\x8e\x89 for every \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb in "
      "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa with \xe2\x9d\xa4\xef\xb8\x8f",
      "Bring your team \xf0\x9f\x9a\x80 and your ideas \xf0\x9f\x92\xa1", "Join us \xf0\x9f\x91\x8b" },
};
enum { sample_script_count = sizeof sample_scripts / sizeof *sample_scripts };

static inline void sample_script(struct card_input *in, const struct card_template *t, const struct card_preset *p,
                                 size_t i)
{
    *in = (struct card_input){ .preset = p,
                               .template = t,
                               .locale = sample_scripts[i].locale,
                               .palette = sample_palette(i),
                               .focus_x = -1,
                               .focus_y = -1 };
    in->text[CARD_HEADLINE] = sample_scripts[i].headline;
    in->text[CARD_SUBTITLE] = sample_scripts[i].subtitle;
    in->text[CARD_CTA] = sample_scripts[i].cta;
    in->text[CARD_BRAND] = "Acme";
}

#endif
