/*
 * image_compare.h - how different two pictures look: share of pixels that differ visibly, and structural similarity
 * (SSIM). Used by the image_compare tool and by the golden tests of cards.
 */
#ifndef TESTS_IMAGE_COMPARE_H
#define TESTS_IMAGE_COMPARE_H

#include <math.h>
#include <png.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct picture {
    uint8_t *rgb; /* malloc'ed */
    int width, height;
};

struct difference {
    double share; /* of pixels that differ visibly, 0 to 1 */
    double ssim;  /* mean over 8x8 windows of luma, 1 = the same */
    int worst_x, worst_y;
};

/* What two builds of the same fonts and libraries may differ by; more is another picture. */
#define PICTURE_SHARE_MAX 0.005
#define PICTURE_SSIM_MIN 0.985

static inline bool picture_read(const char *path, struct picture *p)
{
    png_image image = { .version = PNG_IMAGE_VERSION };
    if (!png_image_begin_read_from_file(&image, path))
        return false;
    image.format = PNG_FORMAT_RGB;
    p->width = (int)image.width, p->height = (int)image.height;
    p->rgb = malloc(PNG_IMAGE_SIZE(image));
    if (p->rgb && png_image_finish_read(&image, NULL, p->rgb, 0, NULL))
        return true;
    free(p->rgb);
    p->rgb = NULL;
    return false;
}

/* Difference in YIQ, weighted as eyes weigh it (Kotsarenko and Ramos, "Measuring perceived color difference", 2010), 0
 * to 1. */
static inline double picture_delta(const uint8_t *a, const uint8_t *b)
{
    double r = a[0] - b[0], g = a[1] - b[1], l = a[2] - b[2];
    double y = r * 0.29889531 + g * 0.58662247 + l * 0.11448223;
    double i = r * 0.59597799 - g * 0.27417610 - l * 0.32180189, q = r * 0.21147017 - g * 0.52261711 + l * 0.31114694;
    return sqrt((0.5053 * y * y + 0.299 * i * i + 0.1957 * q * q) / 35215);
}

static inline double picture_luma(const uint8_t *p)
{
    return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
}

static inline double picture_ssim_window(const struct picture *a, const struct picture *b, int x0, int y0)
{
    enum { N = 8 };
    double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
    for (int y = y0; y < y0 + N; y++)
        for (int x = x0; x < x0 + N; x++) {
            size_t at = ((size_t)y * (size_t)a->width + (size_t)x) * 3;
            double u = picture_luma(a->rgb + at), v = picture_luma(b->rgb + at);
            sa += u, sb += v, saa += u * u, sbb += v * v, sab += u * v;
        }
    double n = N * N, ma = sa / n, mb = sb / n, va = saa / n - ma * ma, vb = sbb / n - mb * mb, vab = sab / n - ma * mb;
    const double c1 = 6.5025, c2 = 58.5225;
    return (2 * ma * mb + c1) * (2 * vab + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
}

/* The sizes must be equal. */
static inline struct difference picture_compare(const struct picture *a, const struct picture *b)
{
    struct difference d = { .ssim = 1 };
    double worst = 0, sum = 0;
    size_t different = 0, windows = 0;
    for (int y = 0; y < a->height; y++)
        for (int x = 0; x < a->width; x++) {
            size_t at = ((size_t)y * (size_t)a->width + (size_t)x) * 3;
            double delta = picture_delta(a->rgb + at, b->rgb + at);
            different += delta > 0.1;
            if (delta > worst)
                worst = delta, d.worst_x = x, d.worst_y = y;
        }
    for (int y = 0; y + 8 <= a->height; y += 4)
        for (int x = 0; x + 8 <= a->width; x += 4) {
            sum += picture_ssim_window(a, b, x, y);
            windows++;
        }
    d.share = (double)different / ((double)a->width * a->height);
    if (windows)
        d.ssim = sum / (double)windows;
    return d;
}

static inline bool picture_close(const struct difference *d)
{
    return d->share <= PICTURE_SHARE_MAX && d->ssim >= PICTURE_SSIM_MIN;
}

#endif
