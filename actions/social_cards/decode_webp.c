/* decode_webp.c - still WebP by libwebp, reduced while it is decoded. */
#include <stdio.h>
#include <webp/decode.h>

#include "actions/social_cards/image.h"

/* Fits the picture to what is wanted, never enlarging it. */
static void choose_scale(WebPDecoderConfig *c, int want_w, int want_h)
{
    int w = c->input.width, h = c->input.height;
    if (want_w <= 0 || want_h <= 0 || w <= want_w || h <= want_h)
        return;
    /* the smaller of the two reductions still covers the wanted size */
    double scale = (double)want_w / w > (double)want_h / h ? (double)want_w / w : (double)want_h / h;
    c->options.use_scaling = 1;
    c->options.scaled_width = (int)(w * scale + 0.5);
    c->options.scaled_height = (int)(h * scale + 0.5);
}

struct card_image *card_webp_decode(const void *data, size_t n, int want_w, int want_h, char *why, size_t size)
{
    WebPDecoderConfig c;
    if (!WebPInitDecoderConfig(&c) || WebPGetFeatures(data, n, &c.input) != VP8_STATUS_OK) {
        snprintf(why, size, "the WebP is damaged");
        return NULL;
    }
    if (c.input.has_animation) {
        snprintf(why, size, "an animated WebP is not taken; use a still picture");
        return NULL;
    }
    if (c.input.width > CARD_IMAGE_SIDE || c.input.height > CARD_IMAGE_SIDE ||
        (int64_t)c.input.width * c.input.height > CARD_IMAGE_PIXELS) {
        snprintf(why, size, "the WebP has %dx%d pixels; at most %d megapixels are taken", c.input.width, c.input.height,
                 CARD_IMAGE_PIXELS / 1000000);
        return NULL;
    }
    choose_scale(&c, want_w, want_h);
    int w = c.options.use_scaling ? c.options.scaled_width : c.input.width;
    int h = c.options.use_scaling ? c.options.scaled_height : c.input.height;
    struct card_image *i = card_image_new(w, h, !c.input.has_alpha, why, size);
    if (!i)
        return NULL;
    c.output.colorspace = MODE_bgrA; /* premultiplied, in cairo's order on little-endian machines */
    c.output.is_external_memory = 1;
    c.output.u.RGBA.rgba = cairo_image_surface_get_data(i->surface);
    c.output.u.RGBA.stride = cairo_image_surface_get_stride(i->surface);
    c.output.u.RGBA.size = (size_t)c.output.u.RGBA.stride * (size_t)h;
    VP8StatusCode status = WebPDecode(data, n, &c);
    WebPFreeDecBuffer(&c.output);
    if (status == VP8_STATUS_OK)
        return i;
    snprintf(why, size, "the WebP is damaged");
    card_image_free(i);
    return NULL;
}
