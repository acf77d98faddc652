/*
 * image.h - pictures from outside (logos, heroes), decoded within limits. The format is told by the first bytes, never
 * by a name.
 */
#ifndef ACTIONHOST_CARDS_IMAGE_H
#define ACTIONHOST_CARDS_IMAGE_H

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/social_cards/color.h"

enum {
    CARD_IMAGE_BYTES = 10 * 1024 * 1024,  /* of the file */
    CARD_IMAGE_SIDE = 12000,              /* px */
    CARD_IMAGE_PIXELS = 40 * 1000 * 1000, /* what a header may claim */
    CARD_IMAGE_KEPT = 12 * 1000 * 1000,   /* what may be held in memory, 4 bytes each: a worker has 256 MB */
    CARD_IMAGE_SCANS = 100,               /* of a progressive JPEG */
    CARD_IMAGE_CHUNKS = 64                /* ancillary chunks of a PNG that are looked at */
};

struct card_image {
    cairo_surface_t *surface; /* ARGB32 premultiplied, or RGB24 when opaque */
    int width, height;
    bool opaque;
    bool studio;               /* stands on white from edge to edge */
    struct card_rgb mean;      /* of what is not transparent */
    struct card_range outline; /* darkest and lightest luminance along the edge of what is not; of no use when opaque */
    double focus_x, focus_y;   /* where the picture has its detail, 0..1 */
};

/*
 * Decodes PNG, JPEG or WebP. `want_w` x `want_h` is the largest size that will be needed (0 = all of it): a larger JPEG
 * or WebP is reduced while it is decoded. NULL with a sentence in `why` when it cannot or must not be decoded.
 */
struct card_image *card_image_decode(const void *data, size_t n, int want_w, int want_h, char *why, size_t size);
/* The same for a logo, which may be SVG too: its transparent margins are taken off, so that the mark fills the place it
 * is given. */
struct card_image *card_logo_decode(const void *data, size_t n, int want_w, int want_h, char *why, size_t size);
void card_image_free(struct card_image *i);

/* ---- For the decoders ---- */

/* Looks at the pixels: whether any is transparent, mean colour, outline. False = nothing can be seen. */
bool card_image_survey(struct card_image *i);

/* A surface of that size, or NULL with the reason when it would be too large. */
struct card_image *card_image_new(int width, int height, bool opaque, char *why, size_t size);
struct card_image *card_png_decode(const void *data, size_t n, char *why, size_t size);
struct card_image *card_jpeg_decode(const void *data, size_t n, int want_w, int want_h, char *why, size_t size);
/* Whether it looks like a drawing; draws one, at most 1,024 px wide or high. Nothing outside of the file is loaded. */
bool card_is_svg(const void *data, size_t n);
struct card_image *card_svg_decode(const void *data, size_t n, char *why, size_t size);
struct card_image *card_webp_decode(const void *data, size_t n, int want_w, int want_h, char *why, size_t size);

#endif
