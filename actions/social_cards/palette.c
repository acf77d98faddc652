/* palette.c - tints and shades in OKLCH at the hue of the brand. */
#include "actions/social_cards/palette.h"

#include <math.h>

static struct card_rgb accent_for(const struct card_palette *p, bool dark)
{
    const struct card_rgb one = p->color[CARD_PRIMARY];
    if (!dark)
        return card_contrast(one, p->color[CARD_GROUND]) >= 3 ? one : p->color[CARD_SHADE2];
    return card_tone(one, 0.965, 0.30, 0.035);
}

/* White where it can be read and the ground is no bright one, else whichever contrasts more. */
static struct card_rgb ink_for(struct card_rgb ground, struct card_rgb shade)
{
    static const struct card_rgb white = { 255, 255, 255 };
    double on_white = card_contrast(ground, white), on_shade = card_contrast(ground, shade);
    if ((card_lightness(ground) < 0.72 && on_white >= 4.5) || on_white > on_shade)
        return white;
    return shade;
}

void card_palette_ground(struct card_palette *p, enum card_ground ground)
{
    struct card_rgb *c = p->color, one = c[CARD_PRIMARY];
    const struct card_rgb grounds[CARD_GROUNDS] = {
        [CARD_GROUND_BRAND] = one,
        [CARD_GROUND_LIGHT] = c[CARD_TINT1],
        [CARD_GROUND_TINT] = c[CARD_TINT2],
        [CARD_GROUND_DARK] = card_tone(one, 0.265, 0.60, 0.075),
        [CARD_GROUND_NIGHT] = card_tone(one, 0.165, 0.25, 0.022),
    };
    c[CARD_GROUND] = grounds[ground];
    c[CARD_INK] = ink_for(c[CARD_GROUND], c[CARD_SHADE3]);
    double l = card_lightness(c[CARD_GROUND]);
    bool dark = card_luminance(c[CARD_INK]) > 0.5;
    /* an ornament is lighter than its ground; on a ground that is nearly white there is only darker */
    double up = l > 0.92 ? -1 : 1;
    c[CARD_DISC] = card_tone(c[CARD_GROUND], l + up * 0.065, l > 0.92 ? 2.2 : 0.8, 0.4);
    c[CARD_RAY] = card_tone(c[CARD_GROUND], l + up * 0.045, 1, 0.4);
    c[CARD_LINE] = card_tone(c[CARD_GROUND], l + up * 0.12, 1, 0.4);
    c[CARD_QUOTE] = card_tone(c[CARD_GROUND], l + up * 0.085, 1, 0.4);
    if (!(p->given >> CARD_ACCENT & 1))
        c[CARD_ACCENT] = accent_for(p, dark);
}

void card_palette_make(struct card_palette *p, const struct card_rgb *primary, const struct card_rgb *secondary,
                       const struct card_rgb *accent)
{
    static const struct card_rgb brand = { 0x3b, 0x3b, 0xe0 };
    struct card_rgb one = primary ? *primary : brand;
    double l = card_lightness(one);
    *p = (struct card_palette){ { [CARD_PRIMARY] = one,
                                  [CARD_WHITE] = { 255, 255, 255 },
                                  [CARD_TINT1] = card_tone(one, 0.975, 0.12, 0.02),
                                  [CARD_TINT2] = card_tone(one, 0.94, 0.30, 0.05),
                                  [CARD_TINT3] = card_tone(one, 0.87, 0.50, 0.09),
                                  /* a light colour shaded that far would turn to mud */
                                  [CARD_SHADE1] = card_tone(one, l > 0.72 ? l - 0.09 : fmax(0.78 * l, 0.22),
                                                            l > 0.72 ? 1.1 : 0.95, 0.4),
                                  [CARD_SHADE2] = card_tone(one, 0.30, 0.70, 0.13),
                                  [CARD_SHADE3] = card_tone(one, 0.20, 0.50, 0.07),
                                  [CARD_LIFT] = card_tone(one, fmin(l + 0.14, 0.80), 1.10, 0.4) },
                                .given = (primary ? 1u << CARD_PRIMARY : 0) | (secondary ? 1u << CARD_SECONDARY : 0) |
                                         (accent ? 1u << CARD_ACCENT : 0) };
    p->color[CARD_SECONDARY] = secondary ? *secondary : p->color[CARD_SHADE1];
    p->color[CARD_GLOW] = secondary ? *secondary : card_tone(one, fmin(fmax(l, 0.45) + 0.24, 0.84), 1.1, 0.4);
    if (accent)
        p->color[CARD_ACCENT] = *accent;
    card_palette_ground(p, CARD_GROUND_BRAND);
}

struct card_rgb card_palette_dark(struct card_rgb fill)
{
    return card_tone(fill, 0.19, 0.35, 0.05);
}
