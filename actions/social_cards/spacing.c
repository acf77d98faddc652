/* spacing.c - attributes for blanks behind symbols and for the marks inside numbers. */
#include "actions/social_cards/spacing.h"

#include <math.h>
#include <stdbool.h>

static void insert(PangoAttrList *attrs, PangoAttribute *a, const char *text, const char *from, const char *to)
{
    a->start_index = (guint)(from - text);
    a->end_index = (guint)(to - text);
    pango_attr_list_change(attrs, a);
}

/* An attribute of its own, though it says nothing new, parts the blank from the symbol. */
void card_spacing_blanks(const char *text, const char *family, PangoAttrList *attrs)
{
    gunichar before = 0;
    for (const char *p = text; *p; before = g_utf8_get_char(p), p = g_utf8_next_char(p)) {
        if (*p != ' ' || before < 0x2000)
            continue;
        PangoAttribute *a = pango_attr_family_new(family);
        a->start_index = (guint)(p - text);
        a->end_index = (guint)(p - text + 1);
        pango_attr_list_insert(attrs, a);
    }
}

/* What parts the digits of numbers, dates and hours. */
static bool is_separator(gunichar c)
{
    return c == '.' || c == ',' || c == '\'' || c == ':' || c == '/' || c == 0xb7 || c == 0x2019 || c == 0x66b ||
           c == 0x66c;
}

void card_spacing_numbers(const char *text, double size, PangoAttrList *attrs)
{
    static const double ROOM = 0.03; /* in parts of the size */
    const char *before = NULL;
    for (const char *p = text; *p; before = p, p = g_utf8_next_char(p)) {
        const char *next = g_utf8_next_char(p);
        if (!before || !is_separator(g_utf8_get_char(p)) || !g_unichar_isdigit(g_utf8_get_char(before)) ||
            !g_unichar_isdigit(g_utf8_get_char(next)))
            continue;
        insert(attrs, pango_attr_letter_spacing_new((int)lround(ROOM * size * PANGO_SCALE)), text, before, next);
    }
}
