/* place_logo.c - the place of the logo, or of a monogram, and of the brand's name beside it. */
#include <math.h>

#include "actions/social_cards/draw_parts.h"

/* A logo wider than this is taken for the brand's name, which is not written beside it once more. */
static const double WORDMARK = 2.2;

static const struct card_style name_style = { .weight = PANGO_WEIGHT_SEMIBOLD, .tracking = -0.01, .leading = 1.2 };
static const struct card_style monogram_style = { .weight = PANGO_WEIGHT_BOLD, .display = true, .leading = 1.2 };

static bool place_monogram(struct scene *s)
{
    if (s->monogram)
        g_clear_object(&s->monogram);
    struct card_text *t = card_engine_text(s->e, s->initials, s->in->locale, &monogram_style);
    struct card_setting set;
    double size = s->logo.h * 0.44;
    if (!t || !card_text_set(t, size, s->logo.w * 2, 1, false, PANGO_ALIGN_LEFT, &set))
        return false;
    s->monogram = set.layout;
    card_scene_note(s, t, &set);
    return true;
}

static bool place_name(struct scene *s, const struct card_op *op, const struct rect *box)
{
    const char *name = card_scene_text(s, CARD_BRAND);
    double size = box->h * 0.4, narrow = fmax(0, box->h * 0.6 - s->logo.w); /* as wide as a plate would be */
    double gap = s->logo.w > 0 ? box->h * 0.3 + narrow : 0, room = box->w - s->logo.w - gap;
    s->wordmark = s->in->logo && s->in->logo->width > WORDMARK * s->in->logo->height;
    if (!name || room < size * 3 || s->wordmark)
        return true;
    struct card_text *t = card_engine_text(s->e, name, s->in->locale, &name_style);
    struct placed *p = card_scene_next(s);
    if (!t || !p)
        return t != NULL;
    *p = (struct placed){ .slot = CARD_BRAND, .size = size };
    if (!card_text_set(t, size, room, 1, false, card_scene_align(s, t, false), &p->set))
        return false;
    card_scene_note(s, t, &p->set);
    double x = s->rtl ? s->logo.x - gap - p->set.width : s->logo.x + s->logo.w + gap;
    if (op->center) {
        /* logo and name together in the middle */
        double all = s->logo.w + gap + p->set.width, from = box->x + (box->w - all) / 2;
        s->logo.x = s->rtl ? from + p->set.width + gap : from;
        x = s->rtl ? from : from + s->logo.w + gap;
    }
    PangoRectangle r;
    pango_layout_get_extents(p->set.layout, NULL, &r);
    p->box = (struct rect){ x, box->y + (box->h - p->set.height) / 2, p->set.width, p->set.height };
    p->tx = x - (double)r.x / PANGO_SCALE;
    p->ty = round(p->box.y);
    return true;
}

bool card_place_logo(struct scene *s, const struct card_op *op)
{
    struct rect box = card_box_px(s, &op->box, true, true);
    double w = box.h, h = box.h;
    const struct card_image *logo = s->in->logo;
    if (logo) {
        /* as high as the box, unless that is too wide; never larger than twice its own size */
        double scale = fmin(box.h / logo->height,
                            box.w * (op->name && logo->width <= WORDMARK * logo->height ? 0.6 : 1) / logo->width);
        scale = fmin(scale, 2);
        w = fmax(1, round(logo->width * scale)), h = fmax(1, round(logo->height * scale));
    } else {
        const char *from = card_scene_text(s, CARD_BRAND);
        card_text_initials(from ? from : s->in->text[CARD_HEADLINE] ? s->in->text[CARD_HEADLINE] : "", s->initials);
        if (!*s->initials)
            return true;
    }
    double x = op->center ? box.x + (box.w - w) / 2 : s->rtl != op->end ? box.x + box.w - w : box.x;
    s->logo = (struct rect){ round(x), round(box.y + (box.h - h) / 2), w, h };
    s->logo_room = box.h;
    s->logo_side = op->center ? 1 : s->rtl != op->end ? 2 : 0;
    if (op->name && !place_name(s, op, &box))
        return false;
    s->logo.x = round(s->logo.x);
    return logo || place_monogram(s);
}
