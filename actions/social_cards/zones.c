/* zones.c - the zones of docs/cards.md as veils and dashed lines. */
#include "actions/social_cards/zones.h"

#include <stdint.h>
#include <string.h>

static void veil(cairo_t *cr, double x, double y, double w, double h)
{
    cairo_set_source_rgba(cr, 0.86, 0.08, 0.24, 0.34);
    cairo_rectangle(cr, x, y, w, h);
    cairo_fill(cr);
}

static void dashes(cairo_t *cr, double x, double y, double w, double h)
{
    static const double dash[] = { 14, 10 };
    cairo_set_dash(cr, dash, 2, 0);
    cairo_set_line_width(cr, 4);
    cairo_set_source_rgb(cr, 0.86, 0.08, 0.24);
    cairo_rectangle(cr, x, y, w, h);
    cairo_stroke(cr);
    cairo_set_dash(cr, NULL, 0, 0);
}

void card_zones_paint(const struct card_pixels *px, const struct card_preset *p)
{
    cairo_surface_t *s = cairo_image_surface_create_for_data((uint8_t *)(uintptr_t)px->p, CAIRO_FORMAT_RGB24, px->width,
                                                             px->height, px->stride);
    cairo_t *cr = cairo_create(s);
    const double w = p->width, h = p->height;
    dashes(cr, p->safe.left, p->safe.top, w - p->safe.left - p->safe.right, h - p->safe.top - p->safe.bottom);
    if (p->layout == CARD_STORY) { /* the app's own controls */
        veil(cr, 0, 0, w, p->safe.top);
        veil(cr, 0, h - p->safe.bottom, w, p->safe.bottom);
    } else if (p->layout == CARD_YOUTUBE) /* how long it lasts */
        veil(cr, w - 200, h - 72, 200, 72);
    else if (strcmp(p->name, "instagram_portrait") == 0) { /* the profile's grid of 3:4 */
        double side = (w - h * 3 / 4) / 2;
        veil(cr, 0, 0, side, h);
        veil(cr, w - side, 0, side, h);
    } else if (strcmp(p->name, "og") == 0) { /* X shows 2:1 of it */
        double strip = (h - w / 2) / 2;
        veil(cr, 0, 0, w, strip);
        veil(cr, 0, h - strip, w, strip);
    }
    cairo_destroy(cr);
    cairo_surface_flush(s);
    cairo_surface_destroy(s);
}
