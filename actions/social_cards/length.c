/* length.c - sums of lengths. */
#include "actions/social_cards/length.h"

#include <stdlib.h>
#include <string.h>

static double *part(struct card_length *l, char c)
{
    switch (c) {
    case 'w':
        return &l->w;
    case 'h':
        return &l->h;
    case 'M':
        return &l->m;
    case 'T':
        return &l->t;
    case 'B':
        return &l->b;
    default:
        return NULL;
    }
}

bool card_length_parse(const char *text, struct card_length *out)
{
    *out = (struct card_length){ 0 };
    const char *p = text;
    while (*p) {
        double sign = *p == '-' ? -1 : 1;
        if (*p == '-' || *p == '+')
            p++;
        else if (p != text)
            return false;
        char *end;
        bool digits = (*p >= '0' && *p <= '9') || *p == '.';
        double v = digits ? strtod(p, &end) : 1;
        if (digits)
            p = end;
        double *to = *p ? part(out, *p) : NULL;
        if (!to && !digits)
            return false;
        if (to)
            p++;
        *(to ? to : &out->k) += sign * v;
    }
    return p != text;
}

double card_length_of(const struct card_length *l, const struct card_frame *f)
{
    return l->k + l->w * f->w + l->h * f->h + l->m * f->m + l->t * f->t + l->b * f->b;
}
