/* text.c - breaking lines by arithmetic, setting once at the final size. */
#include "actions/social_cards/text_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include "actions/social_cards/breaks.h"

/* Capitals of the language: a Turkish i keeps its dot, Greek loses its accents, the Dutch ij goes up as a whole. */
static char *capitals(const char *text, const char *locale)
{
    enum { MOST = CARD_TEXT_CHARS * 6 };
    UChar in[CARD_TEXT_CHARS * 2 + 1], out[MOST];
    char tag[ULOC_FULLNAME_CAPACITY], utf8[MOST * 3];
    UErrorCode e = U_ZERO_ERROR;
    uloc_canonicalize(locale, tag, sizeof tag, &e);
    u_strFromUTF8(in, CARD_TEXT_CHARS * 2 + 1, NULL, text, -1, &e);
    u_strToUpper(out, MOST, in, -1, tag, &e);
    u_strToUTF8(utf8, sizeof utf8, NULL, out, -1, &e);
    return U_SUCCESS(e) && e != U_STRING_NOT_TERMINATED_WARNING ? g_strdup(utf8) : g_utf8_strup(text, -1);
}

/* Copies without soft hyphens, which letter spacing would show; returns the end. `out` may be `from`. */
static char *without_hyphens(const char *from, const char *end, char *out)
{
    while (from < end) {
        if (end - from >= 2 && from[0] == '\xc2' && from[1] == '\xad')
            from += 2;
        else
            *out++ = *from++;
    }
    *out = 0;
    return out;
}

struct card_text *card_text_new(struct card_fonts *f, const char *text, const char *locale,
                                const struct card_style *style)
{
    struct card_text *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->style = *style;
    t->script = card_fonts_script(f, text, locale);
    t->text = style->upper && t->script.plain ? capitals(text, locale) : g_strdup(text);
    if (!style->hyphens)
        without_hyphens(t->text, t->text + strlen(t->text), t->text);
    t->length = strlen(t->text);
    t->style.leading = fmax(style->leading, card_measure_leading(t->text, style->display));
    t->map = card_fonts_take(f, t->script.fonts);
    if (!t->map) {
        card_text_free(t);
        return NULL;
    }
    t->font = pango_font_description_new();
    pango_font_description_set_family(t->font, card_map_family(t->map, style->display));
    pango_font_description_set_weight(t->font, style->weight);
    t->rtl = card_text_starts_rtl(t->text);
    if (!card_measure(t)) {
        card_text_free(t);
        return NULL;
    }
    return t;
}

void card_text_free(struct card_text *t)
{
    if (!t)
        return;
    if (t->font)
        pango_font_description_free(t->font);
    card_map_drop(t->map);
    g_free(t->text);
    free(t->piece);
    free(t);
}

bool card_text_rtl(const struct card_text *t)
{
    return t->rtl;
}

const struct card_script *card_text_script(const struct card_text *t)
{
    return &t->script;
}

double card_text_leading(const struct card_text *t)
{
    return t->style.leading;
}

struct card_ink card_text_ink(const struct card_text *t)
{
    return t->ink;
}

int card_text_length(const struct card_text *t)
{
    int n = 0;
    for (const char *p = t->text; *p; p = g_utf8_next_char(p))
        n += g_unichar_iswide(g_utf8_get_char(p)) ? 2 : 1;
    return n;
}

/* Breaks greedily, as pango does. */
static int break_lines(const struct card_text *t, double width, bool *torn)
{
    int lines = t->count > 0;
    double x = 0;
    *torn = false;
    for (int i = 0; i < t->count; i++) {
        const struct piece *p = &t->piece[i];
        if (x > 0 && x + p->visible > width) {
            lines++;
            x = 0;
        }
        if (x == 0 && p->visible > width) {
            *torn = true;
            lines += (int)(p->visible / width);
            x = fmod(p->visible, width) + (p->width - p->visible);
            continue;
        }
        x += p->width;
    }
    return lines;
}

static PangoLayout *set_at(const struct card_text *t, const char *text, double size, double width)
{
    PangoLayout *l = card_measure_layout(t, text, size);
    pango_layout_set_width(l, (int)ceil(width * PANGO_SCALE) + 1);
    return l;
}

int card_text_lines(const struct card_text *t, double size, double width, bool *torn)
{
    bool broken;
    int lines = break_lines(t, width * NOMINAL / size, &broken);
    if (torn)
        *torn = broken;
    if (!broken)
        return lines;
    /* where pango tears a word it adds a hyphen, and only it knows how wide: what is counted must be what is drawn */
    PangoLayout *l = set_at(t, t->text, size, width);
    lines = pango_layout_get_line_count(l);
    g_object_unref(l);
    return lines;
}

/* A word that is a figure, with a unit or a few letters of a currency: what is left when it is cut or torn is another
 * figure. An address with a year in it is none. */
static bool is_number(const struct piece *p)
{
    return p->digits > 0 && p->digits >= p->letters;
}

bool card_text_tears_number(const struct card_text *t, double size, double width)
{
    for (int i = 0; i < t->count; i++)
        if (is_number(&t->piece[i]) && t->piece[i].visible > width * NOMINAL / size)
            return true;
    return false;
}

enum { EVEN_LINES = 6, EVEN_PIECES = 160 };

/*
 * Breaks into exactly `lines` lines of at most `width` (nominal units), as even as possible: the least sum of squared
 * widths, with a little in favour of ends at punctuation. ends[i] = index behind the last piece of line i. False =
 * impossible.
 */
static bool break_evenly(const struct card_text *t, int lines, double width, int *ends)
{
    static const float NEVER = 1e9f;
    const float stop = t->style.display ? 0.12f : 0.03f; /* a headline may be more uneven for the sake of its sense */
    float cost[EVEN_LINES + 1][EVEN_PIECES + 1];
    short from[EVEN_LINES + 1][EVEN_PIECES + 1];
    if (lines < 2 || lines > EVEN_LINES || t->count > EVEN_PIECES)
        return false;
    for (int l = 0; l <= lines; l++)
        for (int j = 0; j <= t->count; j++)
            cost[l][j] = l == 0 && j == 0 ? 0 : NEVER;
    for (int l = 1; l <= lines; l++)
        for (int j = 1; j <= t->count; j++) {
            double w = t->piece[j - 1].visible;
            for (int i = j - 1; i >= 0 && w <= width; i--) {
                float c = cost[l - 1][i] + (float)(w * w / (width * width));
                if (j < t->count)
                    c += t->piece[j - 1].weak > 0 ? t->piece[j - 1].weak : t->piece[j - 1].stop ? -stop : 0;
                if (c < cost[l][j])
                    cost[l][j] = c, from[l][j] = (short)i;
                w += i > 0 ? t->piece[i - 1].width : 0;
            }
        }
    if (cost[lines][t->count] >= NEVER / 2)
        return false;
    for (int l = lines, j = t->count; l > 0; j = from[l][j], l--)
        ends[l - 1] = j;
    return true;
}

/* The text with line separators at those places. */
static char *broken_text(const struct card_text *t, const int *ends, int lines)
{
    char *out = g_malloc(t->length + 4 * (size_t)lines + 1), *o = out;
    for (int l = 0; l < lines; l++) {
        int begin = l ? t->piece[ends[l - 1] - 1].end : 0, end = t->piece[ends[l] - 1].trimmed;
        o = without_hyphens(t->text + begin, t->text + end, o);
        if (t->piece[ends[l] - 1].hyphen > 0 && l + 1 < lines)
            *o++ = '-';
        if (l + 1 < lines) {
            memcpy(o, "\xe2\x80\xa8", 3);
            o += 3;
        }
    }
    *o = 0;
    return out;
}

/* Length of the text without the punctuation at its end that reads badly before an ellipsis. */
static int without_punctuation(const char *text, int n)
{
    while (n > 0) {
        const char *last = g_utf8_find_prev_char(text, text + n);
        gunichar c = last ? g_utf8_get_char(last) : 0;
        if (!last || !(g_unichar_isspace(c) || c == ',' || c == ';' || c == ':' || c == '.' || c == '-' ||
                       c == 0x2013 || c == 0x2014 || c == 0x3001 || c == 0x3002 || c == 0x60c))
            break;
        n = (int)(last - text);
    }
    return n;
}

static bool is_currency(gunichar c)
{
    return g_unichar_type(c) == G_UNICODE_CURRENCY_SYMBOL;
}

/* Whether an ellipsis behind this piece would make another figure of it: "from 39 \xe2\x80\xa6" is no price. */
static bool ends_in_figure(const struct card_text *t, const struct piece *p)
{
    int n = without_punctuation(t->text, p->trimmed);
    gunichar last = n > 0 ? g_utf8_get_char(g_utf8_find_prev_char(t->text, t->text + n)) : 0;
    return is_number(p) || g_unichar_isdigit(last) || is_currency(last);
}

/* Byte offset at which to cut so that the text and an ellipsis fit `max_lines` of `width` (nominal units). */
static int cut_at(const struct card_text *t, double width, int max_lines)
{
    const double dots = 0.9 * NOMINAL;
    int lines = 1, best = 0;
    double x = 0;
    for (int i = 0; i < t->count; i++) {
        const struct piece *p = &t->piece[i];
        if (x > 0 && x + p->visible > width) {
            if (++lines > max_lines)
                break;
            x = 0;
        }
        if (p->visible > width)
            break;
        if ((lines < max_lines || x + p->visible + dots <= width) && !ends_in_figure(t, p))
            best = p->trimmed;
        x += p->width;
    }
    return best;
}

static char *with_ellipsis(const char *text, int n)
{
    n = without_punctuation(text, n);
    char *out = g_malloc((gsize)n + 4);
    memcpy(out, text, (size_t)n);
    memcpy(out + n, "\xe2\x80\xa6", 4);
    return out;
}

/* The first n bytes with an ellipsis, set; NULL when that takes more lines. */
static PangoLayout *try_cut(const struct card_text *t, int n, double size, double width, int max_lines)
{
    char *text = with_ellipsis(t->text, n);
    PangoLayout *l = set_at(t, text, size, width);
    g_free(text);
    if (pango_layout_get_line_count(l) > max_lines)
        g_clear_object(&l);
    return l;
}

/* Byte offset of the last character behind which a text may be cut between characters, at most n: behind no digit, and
 * not in front of what belongs to the character before. */
static int between_characters(const char *text, int n)
{
    while ((n = without_punctuation(text, n)) > 0) {
        const char *last = g_utf8_find_prev_char(text, text + n);
        gunichar before = g_utf8_get_char(last), after = text[n] ? g_utf8_get_char(text + n) : ' ';
        bool inside = g_unichar_isdigit(after) && g_unichar_ispunct(before);
        if (!g_unichar_isdigit(before) && !is_currency(before) && !inside && !g_unichar_ismark(after) &&
            !g_unichar_iszerowidth(after) && before != 0x200d)
            return n;
        n = (int)(last - text);
    }
    return 0;
}

/* No place to break fits: cut between two characters. *figure: not even the first character may stand alone. */
static PangoLayout *cut_hard(const struct card_text *t, double size, double width, int max_lines, bool *figure)
{
    int fits = 0, over = (int)t->length;
    while (over - fits > 1) {
        int middle = fits + (over - fits) / 2;
        int n = (int)(g_utf8_find_prev_char(t->text, t->text + middle + 1) - t->text);
        PangoLayout *l = n > fits ? try_cut(t, n, size, width, max_lines) : NULL;
        if (l)
            fits = n;
        else
            over = middle;
        g_clear_object(&l);
    }
    int n = between_characters(t->text, fits);
    PangoLayout *l = n > 0 ? try_cut(t, n, size, width, max_lines) : NULL;
    if (l)
        return l;
    *figure = fits > 0;
    l = card_measure_layout(t, t->text, size);
    width -= fabs(t->style.tracking) * size; /* pango takes the last letter's away after it has broken the line */
    pango_layout_set_width(l, (int)(width * PANGO_SCALE));
    pango_layout_set_height(l, -max_lines);
    pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_END);
    return l;
}

static PangoLayout *set_cut(const struct card_text *t, double size, double width, int max_lines, struct card_setting *s)
{
    /* what was measured is a little off what is set: allow for it, more with each try */
    for (double slack = 1; slack > 0.7; slack -= 0.06) {
        int n = cut_at(t, width * slack * NOMINAL / size, max_lines);
        if (n == 0)
            break;
        PangoLayout *l = try_cut(t, n, size, width, max_lines);
        if (l)
            return l;
    }
    s->broken = true;
    return cut_hard(t, size, width, max_lines, &s->figure);
}

/* Sets the lines evenly; NULL when that is not possible in as many lines. */
static PangoLayout *set_even(const struct card_text *t, double size, double width, int lines)
{
    int ends[EVEN_LINES];
    if (!break_evenly(t, lines, width * NOMINAL / size, ends))
        return NULL;
    char *text = broken_text(t, ends, lines);
    PangoLayout *l = set_at(t, text, size, width);
    g_free(text);
    if (pango_layout_get_line_count(l) != lines)
        g_clear_object(&l);
    return l;
}

/* Pango moves the runs of a line to the baseline of its first script, which lifts an Arabic word behind Han or a sign
 * that it takes for Han. All fonts of a card stand on the one line. */
static void level(PangoLayout *l)
{
    for (int i = 0; i < pango_layout_get_line_count(l); i++)
        for (GSList *r = pango_layout_get_line(l, i)->runs; r; r = r->next)
            ((PangoLayoutRun *)r->data)->y_offset = 0;
}

bool card_text_set(const struct card_text *t, double size, double width, int max_lines, bool balance,
                   PangoAlignment align, struct card_setting *out)
{
    bool torn;
    *out = (struct card_setting){ 0 };
    int lines = card_text_lines(t, size, width, &torn);
    PangoLayout *l = NULL;
    if (lines <= max_lines) {
        l = balance ? set_even(t, size, width, lines) : NULL;
        if (!l)
            l = set_at(t, t->text, size, width);
        if (pango_layout_get_line_count(l) > max_lines)
            g_clear_object(&l);
        out->figure = l && torn && card_text_tears_number(t, size, width);
    }
    if (!l) {
        l = set_cut(t, size, width, max_lines, out);
        out->ellipsized = true;
    }
    pango_layout_set_alignment(l, align);
    if (!t->script.plain)
        level(l);
    PangoRectangle r;
    pango_layout_get_extents(l, NULL, &r);
    out->layout = l;
    out->lines = pango_layout_get_line_count(l);
    out->unknown = pango_layout_get_unknown_glyphs_count(l);
    out->broken = out->broken || card_breaks_word(l);
    out->width = (double)r.width / PANGO_SCALE, out->height = (double)r.height / PANGO_SCALE;
    return true;
}
