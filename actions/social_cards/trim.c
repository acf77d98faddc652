/* trim.c - logos without their transparent margins. */
#include <stdio.h>
#include <string.h>

#include "actions/social_cards/image.h"

enum { FAINT = 8 }; /* alpha of 255 below which nothing is seen: shadows that have run out */

struct span {
    int first, last; /* last < first: nothing */
};

/* Columns of one row that can be seen. */
static struct span seen(const uint32_t *row, int n)
{
    struct span s = { 0, n - 1 };
    while (s.last >= 0 && row[s.last] >> 24 < FAINT)
        s.last--;
    while (s.first <= s.last && row[s.first] >> 24 < FAINT)
        s.first++;
    return s;
}

static const uint32_t *row_at(const struct card_image *i, int y)
{
    const uint8_t *data = cairo_image_surface_get_data(i->surface);
    return (const uint32_t *)(const void *)(data + (size_t)y * (size_t)cairo_image_surface_get_stride(i->surface));
}

static struct card_image *cut_out(const struct card_image *from, struct span x, struct span y, char *why, size_t size)
{
    struct card_image *to = card_image_new(x.last - x.first + 1, y.last - y.first + 1, false, why, size);
    if (!to)
        return NULL;
    uint8_t *data = cairo_image_surface_get_data(to->surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(to->surface);
    for (int r = 0; r < to->height; r++)
        memcpy(data + (size_t)r * stride, row_at(from, y.first + r) + x.first, (size_t)to->width * 4);
    cairo_surface_mark_dirty(to->surface);
    card_image_survey(to);
    return to;
}

struct card_image *card_logo_decode(const void *data, size_t n, int want_w, int want_h, char *why, size_t size)
{
    const bool drawing = n <= CARD_IMAGE_BYTES && card_is_svg(data, n);
    struct card_image *all =
        drawing ? card_svg_decode(data, n, why, size) : card_image_decode(data, n, want_w, want_h, why, size);
    if (drawing && all && !card_image_survey(all)) {
        snprintf(why, size, "all of it is transparent");
        card_image_free(all);
        return NULL;
    }
    if (!all || all->opaque)
        return all;
    struct span x = { all->width, -1 }, y = { all->height, -1 };
    for (int r = 0; r < all->height; r++) {
        struct span s = seen(row_at(all, r), all->width);
        if (s.last < s.first)
            continue;
        x.first = s.first < x.first ? s.first : x.first, x.last = s.last > x.last ? s.last : x.last;
        y.first = r < y.first ? r : y.first, y.last = r;
    }
    bool margin = x.first > 0 || y.first > 0 || x.last < all->width - 1 || y.last < all->height - 1;
    if (!margin || y.last < y.first)
        return all;
    struct card_image *mark = cut_out(all, x, y, why, size);
    card_image_free(all);
    return mark;
}
