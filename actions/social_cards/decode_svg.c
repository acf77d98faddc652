/*
 * decode_svg.c - logos that are drawings, by librsvg. Without an address of their own nothing outside of the file is
 * loaded: librsvg refuses every reference but those into the file itself and data: in it.
 */
#include <librsvg/rsvg.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "actions/social_cards/image.h"

enum { SVG_BYTES = 1024 * 1024, SVG_SIDE = 1024 };

bool card_is_svg(const void *data, size_t n)
{
    const char *p = data, *end = p + (n < 1024 ? n : 1024);
    if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        p += 3;
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
        p++;
    if (p == end || *p != '<')
        return false;
    for (; p + 4 < end; p++)
        if (memcmp(p, "<svg", 4) == 0)
            return true;
    return false;
}

/* What would be drawn otherwise than it was meant, or not at all, and nobody would be told: entities grow without end,
 * letters need the fonts of whoever drew them, pictures a loader of their own. */
static const char *unfit(const char *p, size_t n)
{
    static const char *const rows[][2] = { { "<!ENTITY", "it declares entities" },
                                           { "<text", "it has text, which needs fonts: turn it into outlines" },
                                           { "<image", "it has a picture inside: take the picture itself" },
                                           { "<foreignObject", "it has foreign content" } };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (size_t i = 0, length = strlen(rows[r][0]); i + length <= n; i++)
            if (p[i] == '<' && memcmp(p + i, rows[r][0], length) == 0)
                return rows[r][1];
    return NULL;
}

static bool draw(RsvgHandle *h, struct card_image *i, char *why, size_t size)
{
    GError *error = NULL;
    cairo_t *cr = cairo_create(i->surface);
    const RsvgRectangle all = { 0, 0, i->width, i->height };
    bool ok = rsvg_handle_render_document(h, cr, &all, &error) && cairo_status(cr) == CAIRO_STATUS_SUCCESS;
    if (!ok)
        snprintf(why, size, "the SVG cannot be drawn: %.100s", error ? error->message : "out of memory");
    g_clear_error(&error);
    cairo_destroy(cr);
    cairo_surface_flush(i->surface);
    return ok;
}

struct card_image *card_svg_decode(const void *data, size_t n, char *why, size_t size)
{
    GError *error = NULL;
    gdouble w = 0, h = 0;
    const char *no = n > SVG_BYTES ? "the SVG has more than 1 MB" : unfit(data, n);
    if (no) {
        snprintf(why, size, "%s", no);
        return NULL;
    }
    RsvgHandle *handle = rsvg_handle_new_from_data(data, n, &error);
    if (!handle) {
        snprintf(why, size, "the SVG is damaged: %.100s", error ? error->message : "");
        g_clear_error(&error);
        return NULL;
    }
    if (!rsvg_handle_get_intrinsic_size_in_pixels(handle, &w, &h)) {
        RsvgRectangle box = { 0 };
        gboolean has_box = FALSE;
        rsvg_handle_get_intrinsic_dimensions(handle, NULL, NULL, NULL, NULL, &has_box, &box);
        w = has_box ? box.width : 0, h = has_box ? box.height : 0;
    }
    struct card_image *i = NULL;
    if (!(w > 0 && h > 0 && w / h < 100 && h / w < 100))
        snprintf(why, size, "the SVG has no size: give it a viewBox");
    else {
        double scale = SVG_SIDE / fmax(w, h);
        i = card_image_new((int)fmax(1, ceil(w * scale)), (int)fmax(1, ceil(h * scale)), false, why, size);
    }
    if (i && !draw(handle, i, why, size)) {
        card_image_free(i);
        i = NULL;
    }
    g_object_unref(handle);
    return i;
}
