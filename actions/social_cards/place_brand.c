/* place_brand.c - the logo and the brand's name beside it. */
#include <math.h>

#include "actions/social_cards/draw_parts.h"
#include "actions/social_cards/type.h"

/* A logo wider than this is taken for the brand's name, which is not written beside it once more. */
static const double WORDMARK = 2.2, UPRIGHT = 0.6;

static void size_logo(const struct scene *s, const struct rect *box, double *w, double *h)
{
    const struct card_image *logo = s->in->logo;
    const bool wide = card_type_is_wide(s->in->preset->layout);
    double mark = card_type_mark(s->in->preset->layout) * s->unit, ratio = (double)logo->width / logo->height;
    double high = mark * (ratio > WORDMARK ? 0.62 : ratio < UPRIGHT ? 1.25 : 1);
    double most = fmin(box->w, (wide ? 58 : 52) * s->unit);
    double scale = fmin(fmin(high / logo->height, most / logo->width), 2.5);
    *w = fmax(1, round(logo->width * scale)), *h = fmax(1, round(logo->height * scale));
}

static bool place_name(struct scene *s, const struct card_op *op, const struct rect *box, double from, double middle)
{
    const struct card_line l = { .slot = CARD_BRAND,
                                 .text = card_scene_text(s, CARD_BRAND),
                                 .style = { .weight = PANGO_WEIGHT_SEMIBOLD, .tracking = -0.012, .leading = 1.15 },
                                 .size = fmax(card_type_name(s->in->preset->layout) * s->unit, s->smallest),
                                 .least = s->smallest,
                                 .width = box->w - from,
                                 .role = op->color ? op->color : CARD_AUTO,
                                 .on = -1 };
    double size, w, h;
    if (!card_measure_line(s, &l, &size, &w, &h))
        return false;
    bool right = (op->align == CARD_END) != s->rtl;
    double x = right ? box->x + box->w : box->x + from;
    if (s->rtl && op->align == CARD_START)
        x = box->x + box->w - from;
    else if (op->align == CARD_CENTER)
        x = box->x + box->w / 2 + (s->rtl ? -from / 2 : from / 2);
    else if (op->align == CARD_END)
        x = right ? box->x + box->w : box->x;
    struct placed *p = card_place_line(s, &l, x, middle - h / 2, op->align);
    if (!p)
        return false;
    if (s->logo.w <= 0)
        return true;
    /* the logo goes to the side on which the name begins */
    double gap = from - s->logo.w;
    s->logo.x = s->rtl ? p->box.x + p->box.w + gap : p->box.x - gap - s->logo.w;
    return true;
}

bool card_place_brand(struct scene *s, const struct card_op *op)
{
    struct rect box = card_op_box(s, op);
    double mark = card_type_mark(s->in->preset->layout) * s->unit, middle = box.y + mark / 2, w = 0, h = 0;
    const char *name = card_scene_text(s, CARD_BRAND);
    if (s->in->logo) {
        size_logo(s, &box, &w, &h);
        s->wordmark = s->in->logo->width > WORDMARK * s->in->logo->height;
        bool right = op->align == CARD_END ? !s->rtl : s->rtl;
        double x = op->align == CARD_CENTER ? box.x + (box.w - w) / 2 : right ? box.x + box.w - w : box.x;
        s->logo = (struct rect){ x, middle - h / 2, w, h };
        s->logo_side = op->align == CARD_CENTER ? 1 : right ? 2 : 0;
    }
    bool long_name = s->in->preset->layout == CARD_YOUTUBE && name && g_utf8_strlen(name, -1) > 14;
    if (name && !s->wordmark && !(s->in->logo && long_name) &&
        !place_name(s, op, &box, w > 0 ? w + mark * 0.3 : 0, middle))
        return false;
    s->logo.x = round(s->logo.x), s->logo.y = round(s->logo.y);
    return true;
}
