/* color.c - parsing, OKLab mixing, WCAG contrast. */
#include "actions/social_cards/color.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool card_color_parse(const char *text, struct card_rgb *out)
{
    if (*text == '#')
        text++;
    size_t n = strlen(text);
    if (n != 3 && n != 6)
        return false;
    int v[6];
    for (size_t i = 0; i < n; i++)
        if ((v[i] = hex_digit(text[i])) < 0)
            return false;
    if (n == 3)
        *out = (struct card_rgb){ (uint8_t)(v[0] * 17), (uint8_t)(v[1] * 17), (uint8_t)(v[2] * 17) };
    else
        *out =
            (struct card_rgb){ (uint8_t)(v[0] * 16 + v[1]), (uint8_t)(v[2] * 16 + v[3]), (uint8_t)(v[4] * 16 + v[5]) };
    return true;
}

void card_color_print(struct card_rgb c, char out[8])
{
    snprintf(out, 8, "#%02x%02x%02x", c.r, c.g, c.b);
}

static double to_linear(double v)
{
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double from_linear(double v)
{
    return v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055;
}

double card_luminance(struct card_rgb c)
{
    return 0.2126 * to_linear(c.r / 255.0) + 0.7152 * to_linear(c.g / 255.0) + 0.0722 * to_linear(c.b / 255.0);
}

double card_contrast(struct card_rgb a, struct card_rgb b)
{
    double la = card_luminance(a), lb = card_luminance(b);
    return la > lb ? (la + 0.05) / (lb + 0.05) : (lb + 0.05) / (la + 0.05);
}

/* OKLab as published by Björn Ottosson (https://bottosson.github.io/posts/oklab/). */
struct lab {
    double l, a, b;
};

static struct lab lab_of(struct card_rgb c)
{
    double r = to_linear(c.r / 255.0), g = to_linear(c.g / 255.0), b = to_linear(c.b / 255.0);
    double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return (struct lab){ 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
                         1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
                         0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s };
}

static void lab_linear(struct lab c, double out[3])
{
    double l = c.l + 0.3963377774 * c.a + 0.2158037573 * c.b, m = c.l - 0.1055613458 * c.a - 0.0638541728 * c.b,
           s = c.l - 0.0894841775 * c.a - 1.2914855480 * c.b;
    l = l * l * l, m = m * m * m, s = s * s * s;
    out[0] = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
    out[1] = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
    out[2] = -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s;
}

static uint8_t channel(double linear)
{
    double v = from_linear(linear < 0 ? 0 : linear > 1 ? 1 : linear);
    return (uint8_t)lround(v * 255);
}

static struct card_rgb rgb_of(struct lab c)
{
    double v[3];
    lab_linear(c, v);
    return (struct card_rgb){ channel(v[0]), channel(v[1]), channel(v[2]) };
}

static bool inside(struct lab c)
{
    double v[3];
    lab_linear(c, v);
    for (int i = 0; i < 3; i++)
        if (v[i] < -0.0005 || v[i] > 1.0005)
            return false;
    return true;
}

static struct lab lab_mix(struct lab a, struct lab b, double t)
{
    return (struct lab){ a.l + (b.l - a.l) * t, a.a + (b.a - a.a) * t, a.b + (b.b - a.b) * t };
}

struct card_rgb card_mix(struct card_rgb a, struct card_rgb b, double t)
{
    if (t <= 0)
        return a;
    if (t >= 1)
        return b;
    return rgb_of(lab_mix(lab_of(a), lab_of(b), t));
}

double card_lightness(struct card_rgb c)
{
    return lab_of(c).l;
}

struct card_rgb card_tone(struct card_rgb c, double lightness, double keep, double cap)
{
    struct lab v = lab_of(c);
    double chroma = hypot(v.a, v.b), wanted = fmin(chroma * keep, cap);
    double l = lightness < 0 ? 0 : lightness > 1 ? 1 : lightness;
    double ca = chroma > 0 ? v.a / chroma : 0, cb = chroma > 0 ? v.b / chroma : 0;
    /* too much chroma for this lightness: some is taken away until it can be shown */
    while (wanted > 0.002 && !inside((struct lab){ l, ca * wanted, cb * wanted }))
        wanted -= 0.004;
    wanted = fmax(wanted, 0);
    return rgb_of((struct lab){ l, ca * wanted, cb * wanted });
}

static uint8_t between(uint8_t a, uint8_t b, double t)
{
    return (uint8_t)lround(a + (b - a) * t);
}

struct card_rgb card_blend(struct card_rgb a, struct card_rgb b, double t)
{
    return (struct card_rgb){ between(a.r, b.r, t), between(a.g, b.g, t), between(a.b, b.b, t) };
}

void card_ramp(struct card_rgb a, struct card_rgb b, uint32_t *out, int n)
{
    enum { STEPS = 64 };
    struct lab from = lab_of(a), to = lab_of(b);
    struct card_rgb stop[STEPS + 1];
    stop[0] = a, stop[STEPS] = b;
    for (int i = 1; i < STEPS; i++)
        stop[i] = rgb_of(lab_mix(from, to, (double)i / STEPS));
    /* between two stops the difference is a few levels: straight lines in 16.16 fixed point; what rounding leaves over
     * goes to the next pixel, so that two levels are mixed where one would be a band */
    int64_t rest[3] = { 32768, 16384, 49152 };
    for (int i = 0; i < n; i++) {
        int64_t at = n > 1 ? (int64_t)i * STEPS * 65536 / (n - 1) : 0;
        int k = (int)(at >> 16), f = (int)(at & 65535);
        if (k >= STEPS)
            k = STEPS - 1, f = 65536;
        const uint8_t p[] = { stop[k].r, stop[k].g, stop[k].b }, q[] = { stop[k + 1].r, stop[k + 1].g, stop[k + 1].b };
        uint32_t v = 0xff;
        for (int c = 0; c < 3; c++) {
            rest[c] += (int64_t)p[c] * (65536 - f) + (int64_t)q[c] * f;
            int64_t level = rest[c] >> 16;
            rest[c] -= level << 16;
            v = v << 8 | (uint32_t)level;
        }
        out[i] = v;
    }
}

enum { BINS = 2048 };

struct card_range card_region(const uint8_t *pixels, int stride, int x, int y, int w, int h)
{
    /* luminance of a pixel in 1/65536, from three small tables */
    static uint32_t red[256], green[256], blue[256];
    if (green[255] == 0)
        for (int i = 0; i < 256; i++) {
            double v = to_linear(i / 255.0) * 65535;
            red[i] = (uint32_t)(v * 0.2126), blue[i] = (uint32_t)(v * 0.0722), green[i] = (uint32_t)(v * 0.7152);
        }
    uint32_t bin[BINS] = { 0 }, count = 0;
    for (int row = y; row < y + h; row += 2) {
        const uint32_t *p = (const uint32_t *)(const void *)(pixels + (size_t)row * (size_t)stride);
        for (int i = x; i < x + w; i += 2) {
            uint32_t v = red[p[i] >> 16 & 255] + green[p[i] >> 8 & 255] + blue[p[i] & 255];
            bin[v * BINS >> 16]++;
            count++;
        }
    }
    uint32_t skip = count / 200, seen = 0;
    int dark = 0, light = BINS - 1;
    for (; dark < BINS - 1 && (seen += bin[dark]) <= skip; dark++)
        ;
    for (seen = 0; light > 0 && (seen += bin[light]) <= skip; light--)
        ;
    /* the edge of the bin that is worse */
    return (struct card_range){ (double)dark / BINS, (double)(light + 1) / BINS };
}

double card_range_contrast(struct card_range range, struct card_rgb c)
{
    double l = card_luminance(c);
    if (l >= range.light)
        return (l + 0.05) / (range.light + 0.05);
    if (l <= range.dark)
        return (range.dark + 0.05) / (l + 0.05);
    return 1;
}
