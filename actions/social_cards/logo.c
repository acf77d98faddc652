/* logo.c - the logo on the pixels below it: as it is, on a plate, or told to be faint. */
#include <math.h>

#include "actions/social_cards/draw_parts.h"

/* The worse contrast of a logo's darkest and lightest outline with that ground. */
static double outline_contrast(const struct card_image *logo, struct card_range ground)
{
    double worst = 21;
    const double ends[] = { logo->outline.dark, logo->outline.light };
    for (size_t i = 0; i < 2; i++) {
        double l = ends[i];
        double c = l >= ground.light  ? (l + 0.05) / (ground.light + 0.05)
                   : l <= ground.dark ? (ground.dark + 0.05) / (l + 0.05)
                                      : 1;
        worst = fmin(worst, c);
    }
    return worst;
}

static struct card_range flat(struct card_rgb c)
{
    double l = card_luminance(c);
    return (struct card_range){ l, l };
}

/*
 * A plate behind a logo whose outline has less than 3:1 (WCAG 2.2, 1.4.11) on the ground. It stands where the logo
 * stood, so that neither the margin nor the name beside it is touched; the logo shrinks into it. Gives the logo's new
 * place.
 */
static struct rect paint_plate(struct scene *s, cairo_t *cr, struct card_rgb color)
{
    const struct rect was = s->logo;
    const double least = 12, part = 0.14;
    double h = fmax(was.h, 2 * least + 12), pad = round(fmax(least, part * h)), most = fmax(was.w, 0.6 * h);
    double scale = fmin(1, fmin((most - 2 * pad) / was.w, (h - 2 * pad) / was.h));
    double w = fmax(1, round(was.w * scale)) + 2 * pad;
    struct rect plate = { was.x + (was.w - w) * s->logo_side / 2, round(was.y + (was.h - h) / 2), w, round(h) };
    plate.x = round(plate.x);
    card_set_color(cr, color, 1);
    card_round_path(cr, plate, plate.h * 0.26);
    cairo_fill(cr);
    s->logo = plate;
    s->warnings |= CARD_WARN_LOGO_PLATE;
    return (struct rect){ plate.x + pad, plate.y + pad, plate.w - 2 * pad, plate.h - 2 * pad };
}

/* The logo for that ground: the variant that is seen better there, when there is one. */
static const struct card_image *variant(const struct scene *s, struct card_range ground, double *seen)
{
    const struct card_image *logo = s->in->logo, *other = s->in->logo_other;
    *seen = logo->opaque ? 21 : outline_contrast(logo, ground);
    if (!other || *seen >= 3)
        return logo;
    double better = other->opaque ? 21 : outline_contrast(other, ground);
    if (better <= *seen)
        return logo;
    *seen = better;
    return other;
}

void card_paint_logo(struct scene *s, struct card_canvas *to)
{
    if (s->logo.w <= 0)
        return;
    struct card_range behind = card_canvas_range(to, s->logo);
    double seen;
    const struct card_image *logo = variant(s, behind, &seen);
    struct rect at = s->logo;
    if (seen < 3) {
        struct card_rgb white = s->palette.color[CARD_WHITE], shade = s->palette.color[CARD_SHADE3];
        double on_white = outline_contrast(logo, flat(white)), on_shade = outline_contrast(logo, flat(shade));
        /* a logo of dark and light parts is hardly better seen on a plate */
        if (fmax(on_white, on_shade) >= fmin(3, seen * 1.5))
            at = paint_plate(s, to->cr, on_white >= on_shade ? white : shade);
        else
            s->warnings |= CARD_WARN_LOGO_FAINT;
    }
    const struct card_cut cut = { .w = (int)at.w, .h = (int)at.h, .whole = true };
    cairo_surface_t *p = card_scaled(s->e, logo, &cut);
    if (!p)
        return;
    cairo_set_source_surface(to->cr, p, at.x, at.y);
    if (logo->opaque)
        card_round_path(to->cr, at, at.h * 0.12);
    else
        cairo_rectangle(to->cr, at.x, at.y, at.w, at.h);
    cairo_fill(to->cr);
}
