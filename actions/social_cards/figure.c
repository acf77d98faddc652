/* figure.c - takes a figure apart. */
#include "actions/social_cards/figure.h"

#include <glib.h>
#include <string.h>

static bool is_digit(const char *p)
{
    return *p && g_unichar_isdigit(g_utf8_get_char(p));
}

/* Stands between two digits of one number: a point, a comma, an apostrophe, a narrow blank, the arrow of "9→2". */
static bool joins(const char *p)
{
    static const gunichar signs[] = { '.', ',', '\'', ':', '/', 0x2019, 0x66b, 0x66c, 0x202f, 0xa0, 0x2192, 0x2013 };
    gunichar c = g_utf8_get_char(p);
    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
        if (c == signs[i])
            return is_digit(g_utf8_next_char(p));
    /* a blank in front of three digits: 1 299 */
    if (c != ' ')
        return false;
    const char *q = p + 1;
    int n = 0;
    for (; is_digit(q); q = g_utf8_next_char(q))
        n++;
    return n == 3;
}

static const char *number_end(const char *p)
{
    while (*p && (is_digit(p) || joins(p)))
        p = g_utf8_next_char(p);
    return p;
}

static bool is_sign(gunichar c)
{
    return c == '-' || c == '+' || c == 0x2212 || c == 0x2013;
}

static bool is_currency(gunichar c)
{
    return g_unichar_type(c) == G_UNICODE_CURRENCY_SYMBOL;
}

/* Beginning of a currency that ends at `end`: signs (with the letters of US$), or three capitals. */
static const char *currency_begin(const char *text, const char *end)
{
    const char *p = end;
    while (p > text && is_currency(g_utf8_get_char(g_utf8_prev_char(p))))
        p = g_utf8_prev_char(p);
    bool sign = p < end;
    const char *q = p;
    while (q > text && g_ascii_isupper(q[-1]))
        q--;
    bool alone = q == text || q[-1] == ' ';
    if (sign)
        return alone && p - q <= 2 ? q : p;
    return alone && p - q == 3 ? q : end;
}

static const char *without_blanks(const char *text, const char *end)
{
    while (end > text && g_unichar_isspace(g_utf8_get_char(g_utf8_prev_char(end))))
        end = g_utf8_prev_char(end);
    return end;
}

static const char *behind_blanks(const char *p)
{
    while (*p && g_unichar_isspace(g_utf8_get_char(p)))
        p = g_utf8_next_char(p);
    return p;
}

static bool copy(char *out, size_t size, const char *from, const char *end)
{
    end = without_blanks(from, end);
    size_t n = (size_t)(end - from);
    if (n >= size)
        return false;
    memcpy(out, from, n);
    out[n] = 0;
    return true;
}

/* A year at the end: No. 1 2026. */
static bool is_year(const char *p)
{
    return (strncmp(p, "19", 2) == 0 || strncmp(p, "20", 2) == 0) && strlen(p) == 4 && is_digit(p + 2) &&
           is_digit(p + 3) && g_unichar_isspace(g_utf8_get_char(g_utf8_prev_char(p)));
}

static const char *unit_end(const char *p)
{
    gunichar c = g_utf8_get_char(p);
    if (c == '%' || c == 0x66a || c == 0x2030)
        return g_utf8_next_char(p);
    while (*p && is_currency(g_utf8_get_char(p)))
        p = g_utf8_next_char(p);
    return p;
}

static bool whole(const char *text, struct card_figure *out)
{
    *out = (struct card_figure){ 0 };
    bool fits = copy(out->value, sizeof out->value, text, text + strlen(text));
    if (!fits)
        g_utf8_strncpy(out->value, text, 12);
    return fits;
}

bool card_figure_parse(const char *text, struct card_figure *out)
{
    const char *first = text;
    while (*first && !is_digit(first))
        first = g_utf8_next_char(first);
    if (!*first)
        return whole(text, out);
    const char *end = number_end(first), *rest = behind_blanks(end);
    for (const char *p = end; *p; p = g_utf8_next_char(p))
        if (is_digit(p) && !is_year(p))
            return whole(text, out); /* two numbers: 2 for 1 */
        else if (is_digit(p))
            break;
    *out = (struct card_figure){ 0 };
    const char *sign =
        first > text && is_sign(g_utf8_get_char(g_utf8_prev_char(first))) ? g_utf8_prev_char(first) : first;
    const char *amount = without_blanks(text, sign), *currency = currency_begin(text, amount);
    /* the sign may stand in front of the currency: -$1,000 */
    if (sign == first && currency > text && is_sign(g_utf8_get_char(g_utf8_prev_char(currency)))) {
        const char *minus = g_utf8_prev_char(currency);
        if (!copy(out->sign, sizeof out->sign, minus, currency) || !copy(out->before, sizeof out->before, text, minus))
            return whole(text, out);
    } else if (!copy(out->sign, sizeof out->sign, sign, first) ||
               !copy(out->before, sizeof out->before, text, currency))
        return whole(text, out);
    if (strcmp(out->sign, "-") == 0)
        memcpy(out->sign, "\xe2\x88\x92", 4); /* as wide as a plus */
    const char *unit = unit_end(rest);
    if (!copy(out->currency, sizeof out->currency, currency, amount) ||
        !copy(out->value, sizeof out->value, first, end) || !copy(out->unit, sizeof out->unit, rest, unit) ||
        !copy(out->after, sizeof out->after, behind_blanks(unit), text + strlen(text)))
        return whole(text, out);
    return true;
}

double card_figure_length(const struct card_figure *f)
{
    return (double)g_utf8_strlen(f->value, -1) + 0.62 * (double)g_utf8_strlen(f->currency, -1) +
           0.9 * (double)g_utf8_strlen(f->unit, -1) + 0.6 * (double)g_utf8_strlen(f->sign, -1);
}
