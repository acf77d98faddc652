/*
 * color.h - colours of cards: parsing, mixing in a perceptual space, WCAG contrast, and the contrast of a colour with
 * the pixels of a region.
 */
#ifndef ACTIONHOST_CARDS_COLOR_H
#define ACTIONHOST_CARDS_COLOR_H

#include <stdbool.h>
#include <stdint.h>

struct card_rgb {
    uint8_t r, g, b;
};

/* "#RGB" or "#RRGGBB", "#" optional. False leaves *out alone. */
bool card_color_parse(const char *text, struct card_rgb *out);

/* Writes "#rrggbb". */
void card_color_print(struct card_rgb c, char out[8]);

/* Relative luminance of WCAG 2.2, 0 to 1; contrast ratio, 1 to 21. */
double card_luminance(struct card_rgb c);
double card_contrast(struct card_rgb a, struct card_rgb b);

/* a at t = 0, b at t = 1, mixed in OKLab, so that the way between two bright colours does not turn grey. */
struct card_rgb card_mix(struct card_rgb a, struct card_rgb b, double t);

/* Lightness of OKLCH, 0 to 1. */
double card_lightness(struct card_rgb c);

/* The hue of c at another lightness, with its chroma times `keep` but at most `cap`, less where sRGB has no more. */
struct card_rgb card_tone(struct card_rgb c, double lightness, double keep, double cap);

/* a at t = 0, b at t = 1, mixed in sRGB. */
struct card_rgb card_blend(struct card_rgb a, struct card_rgb b, double t);

/* Fills out[0..n) with the way from a to b, dithered along the way so that no band can be seen. */
void card_ramp(struct card_rgb a, struct card_rgb b, uint32_t *out, int n);

/*
 * Darkest and lightest luminance of a region of 32-bit xRGB pixels, without the most extreme 0.5 % of the pixels at
 * each end, so that a few specks of a photograph do not decide. Looks at every second pixel of every second row.
 * `stride` in bytes.
 */
struct card_range {
    double dark, light;
};
struct card_range card_region(const uint8_t *pixels, int stride, int x, int y, int w, int h);

/* The worst contrast of a colour anywhere in that range. */
double card_range_contrast(struct card_range range, struct card_rgb c);

#endif
