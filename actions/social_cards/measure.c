/* measure.c - a text measured once at a large size: the places where its lines may end, and where its ink is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ubrk.h>

#include "actions/social_cards/spacing.h"
#include "actions/social_cards/text_parts.h"

enum { SOFT_HYPHEN = 0xad };

/* What a script asks for between lines, in large and in small type, where that is more than the design's. */
static const struct {
    uint32_t from, to;
    double display, body;
} leadings[] = { { 0x590, 0x5ff, 1.05, 1.28 },   { 0x600, 0x8ff, 1.16, 1.42 },   { 0x64b, 0x652, 1.36, 1.5 },
                 { 0x900, 0xdff, 1.32, 1.42 },   { 0xe00, 0xeff, 1.34, 1.45 },   { 0x1000, 0x109f, 1.42, 1.6 },
                 { 0x1780, 0x17ff, 1.42, 1.6 },  { 0x1100, 0x11ff, 1.16, 1.38 }, { 0x1ea0, 0x1ef9, 1.08, 1.34 },
                 { 0x2e80, 0x9fff, 1.16, 1.38 }, { 0xac00, 0xd7ff, 1.16, 1.38 }, { 0xf900, 0xfaff, 1.16, 1.38 } };

double card_measure_leading(const char *text, bool display)
{
    double least = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        uint32_t c = g_utf8_get_char(p);
        for (size_t i = 0; c >= 0x590 && i < sizeof leadings / sizeof *leadings; i++)
            if (c >= leadings[i].from && c <= leadings[i].to)
                least = fmax(least, display ? leadings[i].display : leadings[i].body);
    }
    return least;
}

PangoLayout *card_measure_layout(const struct card_text *t, const char *text, double size)
{
    PangoLayout *l = pango_layout_new(card_map_context(t->map));
    PangoFontDescription *d = pango_font_description_copy_static(t->font);
    pango_font_description_set_absolute_size(d, size * PANGO_SCALE);
    pango_layout_set_font_description(l, d);
    pango_font_description_free(d);
    PangoAttrList *attrs = pango_attr_list_new();
    pango_attr_list_insert(attrs, pango_attr_language_new(pango_language_from_string(t->script.language)));
    if (t->script.plain && t->style.tracking != 0)
        pango_attr_list_insert(attrs,
                               pango_attr_letter_spacing_new((int)lround(t->style.tracking * size * PANGO_SCALE)));
    if (t->script.plain && t->style.tracking < 0)
        card_spacing_numbers(text, size, attrs);
    pango_attr_list_insert(attrs,
                           pango_attr_line_height_new_absolute((int)lround(size * card_text_leading(t) * PANGO_SCALE)));
    if (t->script.symbols)
        card_spacing_blanks(text, card_map_family(t->map, t->style.display), attrs);
    pango_layout_set_attributes(l, attrs);
    pango_attr_list_unref(attrs);
    pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_text(l, text, -1);
    return l;
}

/* Width of each cluster, noted at the byte where it begins. */
static void cluster_widths(PangoLayout *l, float *width)
{
    PangoLayoutIter *i = pango_layout_get_iter(l);
    do {
        PangoRectangle r;
        int at = pango_layout_iter_get_index(i);
        pango_layout_iter_get_cluster_extents(i, NULL, &r);
        if (pango_layout_iter_get_run_readonly(i))
            width[at] += (float)r.width / PANGO_SCALE;
    } while (pango_layout_iter_next_cluster(i));
    pango_layout_iter_free(i);
}

static bool is_hiragana(gunichar c)
{
    return c >= 0x3041 && c <= 0x309f;
}
static bool is_katakana(gunichar c)
{
    return (c >= 0x30a1 && c <= 0x30ff) || (c >= 0x31f0 && c <= 0x31ff);
}

/*
 * Unicode lets a line end nearly anywhere in Korean and Japanese. Headlines read better when Korean ends lines at its
 * spaces and Japanese keeps katakana words whole and does not begin a line with the hiragana that belong to what is
 * before.
 */
static bool may_end(const struct card_text *t, gunichar before, gunichar after, int chars)
{
    if (before == SOFT_HYPHEN)
        return t->style.hyphens;
    if (strcmp(t->script.language, "ko") == 0)
        return g_unichar_isspace(before) || g_unichar_ispunct(before) || chars >= 12;
    if (strcmp(t->script.language, "ja") != 0 || g_unichar_isspace(before) || g_unichar_ispunct(before) || chars >= 10)
        return true;
    return !is_hiragana(after) && !(is_katakana(before) && is_katakana(after));
}

/* How much the words on both sides of this end belong together: an article and its noun, a number and its unit, a dash
 * and what is before it. In parts of a full line's cost. */
static float weakness(const struct card_text *t, const struct piece *p, gunichar after)
{
    static const char *const articles[] = { "a",   "an",  "the", "of",   "to",  "in", "der", "die", "das",
                                            "den", "dem", "ein", "eine", "und", "le", "la",  "les", "un",
                                            "une", "de",  "el",  "los",  "il",  "lo", "i",   "&" };
    int begin = t->count ? t->piece[t->count - 1].end : 0, n = p->trimmed - begin;
    if (after == 0x2013 || after == 0x2014 || after == '&' || after == 0xd7)
        return 0.14f;
    if (p->digits > 0 && p->letters == 0 && n <= 7)
        return 0.14f;
    for (size_t i = 0; i < sizeof articles / sizeof *articles; i++)
        if ((size_t)n == strlen(articles[i]) && g_ascii_strncasecmp(t->text + begin, articles[i], (gsize)n) == 0)
            return 0.03f;
    return 0;
}

/* Bytes at which ICU's dictionary begins a word of Chinese or Japanese, which have no blanks: lines end there rather
 * than inside. NULL = no memory, or another language. */
static char *phrase_begins(const struct card_text *t)
{
    const char *l = t->script.language;
    if (strncmp(l, "ja", 2) != 0 && strncmp(l, "zh", 2) != 0)
        return NULL;
    UErrorCode e = U_ZERO_ERROR;
    UText u = UTEXT_INITIALIZER;
    UBreakIterator *b = ubrk_open(UBRK_WORD, strncmp(l, "ja", 2) == 0 ? "ja" : "zh", NULL, 0, &e);
    char *begins = b ? calloc(t->length + 1, 1) : NULL;
    utext_openUTF8(&u, t->text, (int64_t)t->length, &e);
    if (b && begins)
        ubrk_setUText(b, &u, &e);
    for (int32_t at = begins && U_SUCCESS(e) ? ubrk_first(b) : UBRK_DONE; at != UBRK_DONE; at = ubrk_next(b))
        if (at >= 0 && (size_t)at <= t->length)
            begins[at] = 1;
    utext_close(&u);
    if (b)
        ubrk_close(b);
    return begins;
}

static const double CAP = 0.727; /* height of Inter's capitals */

static void measure_ink(struct card_text *t, PangoLayout *l)
{
    PangoRectangle ink;
    pango_layout_get_extents(l, &ink, NULL);
    double base = (double)pango_layout_get_baseline(l) / PANGO_SCALE, top = (double)ink.y / PANGO_SCALE;
    double above = (base - top) / NOMINAL, below = (top + (double)ink.height / PANGO_SCALE - base) / NOMINAL;
    bool plain = t->script.plain;
    t->ink.cap = plain ? CAP : above;
    t->ink.foot = plain ? 0 : fmax(0, below);
    t->ink.over = plain ? fmax(0, above - CAP) : 0;
    t->ink.under = plain ? fmax(0, below) : 0;
}

static float width_of(const struct card_text *t, const char *text)
{
    PangoLayout *l = card_measure_layout(t, text, NOMINAL);
    PangoRectangle r;
    pango_layout_get_extents(l, NULL, &r);
    g_object_unref(l);
    return (float)r.width / PANGO_SCALE;
}

bool card_measure(struct card_text *t)
{
    PangoLayout *l = card_measure_layout(t, t->text, NOMINAL);
    float *width = calloc(t->length + 1, sizeof *width);
    int chars = 0;
    const PangoLogAttr *attrs = pango_layout_get_log_attrs_readonly(l, &chars);
    t->piece = calloc((size_t)chars + 1, sizeof *t->piece);
    if (!width || !t->piece) {
        free(width);
        g_object_unref(l);
        return false;
    }
    cluster_widths(l, width);
    measure_ink(t, l);
    char *begins = phrase_begins(t);
    const float hyphen = strstr(t->text, "\xc2\xad") ? width_of(t, "-") : 0;
    struct piece now = { 0 };
    int taken = 0;
    const char *p = t->text;
    for (int c = 0; *p; c++) {
        const char *next = g_utf8_next_char(p);
        for (const char *b = p; b < next; b++)
            now.width += width[b - t->text];
        if (!attrs[c].is_white)
            now.visible = now.width, now.trimmed = (int)(next - t->text);
        gunichar before = g_utf8_get_char(p);
        p = next;
        now.end = (int)(p - t->text);
        now.stop = before == ':' || before == '.' || before == ',' || before == '?' || before == '!' ||
                   before == 0x3001 || before == 0x3002 || before == 0xff0c || before == 0xff1a ||
                   (g_unichar_isspace(before) && now.stop);
        now.digits += g_unichar_isdigit(before);
        now.letters += g_unichar_isalpha(before);
        taken++;
        if (!*p || (attrs[c + 1].is_line_break && may_end(t, before, g_utf8_get_char(p), taken))) {
            now.weak = begins && *p && !begins[p - t->text] ? 0.12f : weakness(t, &now, g_utf8_get_char(p));
            now.hyphen = before == SOFT_HYPHEN && *p ? hyphen : 0;
            now.visible += now.hyphen;
            t->piece[t->count++] = now;
            now = (struct piece){ .trimmed = now.end };
            taken = 0;
        }
    }
    free(width);
    free(begins);
    g_object_unref(l);
    return true;
}
