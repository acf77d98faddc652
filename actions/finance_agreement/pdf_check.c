#include "actions/finance_agreement/pdf_check.h"

#include <stdio.h>
#include <string.h>

#include "actions/finance_agreement/text.h"

enum { MISSING = 12 /* characters that are told */ };

/* Ink may leave its place by this much: the edge of a letter overhangs, a wide one at the end of a line likewise. */
static const double overhang = 1.5;
/* Ink of two texts may share this much: the frame of a glyph is not its shape. */
static const double touch = 0.75;

struct ink {
    double left, top, right, bottom;
};

static struct ink ink_of(const struct pdf_placed *t)
{
    PangoRectangle r;
    pango_layout_get_extents(t->layout, &r, NULL);
    double x = t->x + (double)r.x / PANGO_SCALE, y = t->y + (double)r.y / PANGO_SCALE;
    return (struct ink){ x, y, x + (double)r.width / PANGO_SCALE, y + (double)r.height / PANGO_SCALE };
}

static bool refuse(struct pdf_fault *why, const char *code, const char *what, const struct pdf_placed *t)
{
    snprintf(why->code, sizeof why->code, "%s", code);
    text_fmt(why->text, sizeof why->text, "\"%.80s\" %s on page %d; the figures of the answer are right", /* */
             pango_layout_get_text(t->layout), what, t->page);
    return false;
}

/* ---- Characters that no font has ---- */

struct missing {
    PangoGlyph v[MISSING];
    int n;
};

static void note_missing(struct missing *m, PangoGlyph c)
{
    for (int i = 0; i < m->n; i++)
        if (m->v[i] == c)
            return;
    if (m->n < MISSING)
        m->v[m->n++] = c;
}

static void find_missing(PangoLayout *layout, struct missing *m)
{
    PangoLayoutIter *i = pango_layout_get_iter(layout);
    do {
        PangoLayoutRun *run = pango_layout_iter_get_run_readonly(i);
        for (int k = 0; run && k < run->glyphs->num_glyphs; k++)
            if (run->glyphs->glyphs[k].glyph & PANGO_GLYPH_UNKNOWN_FLAG &&
                run->glyphs->glyphs[k].glyph != PANGO_GLYPH_EMPTY)
                note_missing(m, run->glyphs->glyphs[k].glyph & ~(PangoGlyph)PANGO_GLYPH_UNKNOWN_FLAG);
    } while (pango_layout_iter_next_run(i));
    pango_layout_iter_free(i);
}

static bool all_have_glyphs(const struct pdf_placed *texts, size_t n, struct pdf_fault *why)
{
    struct missing m = { .n = 0 };
    char list[300] = "";
    size_t used = 0;
    for (size_t i = 0; i < n; i++)
        if (pango_layout_get_unknown_glyphs_count(texts[i].layout))
            find_missing(texts[i].layout, &m);
    if (!m.n)
        return true;
    for (int i = 0; i < m.n; i++) {
        char utf8[8] = "";
        bool valid = g_unichar_validate(m.v[i]);
        utf8[valid ? g_unichar_to_utf8(m.v[i], utf8) : 0] = '\0';
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s (U+%04X)", i ? ", " : "", utf8, m.v[i]);
    }
    snprintf(why->code, sizeof why->code, "font_missing");
    text_fmt(why->text, sizeof why->text,
             "No installed font has %s; install a font for them, such as fonts-noto-cjk or fonts-noto-color-emoji",
             list);
    return false;
}

/* ---- Places ---- */

/* Whether a line ends within an amount such as 1,234.56. */
static bool breaks_an_amount(PangoLayout *layout)
{
    const char *text = pango_layout_get_text(layout);
    int lines = pango_layout_get_line_count(layout);
    for (int i = 1; i < lines; i++) {
        const char *at = text + pango_layout_get_line_readonly(layout, i)->start_index, *from = at, *to = at;
        while (from > text && strchr("0123456789.,", from[-1]))
            from--;
        to += strspn(to, "0123456789.,");
        for (const char *p = from + 1; from < at && at < to && p + 1 < to; p++)
            if ((*p == '.' || *p == ',') && g_ascii_isdigit(p[-1]) && g_ascii_isdigit(p[1]))
                return true;
    }
    return false;
}

static bool in_place(const struct pdf_placed *t, const struct ink *ink, const struct pdf_area *area,
                     struct pdf_fault *why)
{
    const char *code = t->figure ? "figures_do_not_fit" : "text_does_not_fit";
    if (pango_layout_is_ellipsized(t->layout))
        return refuse(why, code, "would be cut", t);
    if (t->figure && pango_layout_get_line_count(t->layout) != 1)
        return refuse(why, code, "would be broken into lines", t);
    if (breaks_an_amount(t->layout))
        return refuse(why, "figures_do_not_fit", "has an amount that would be broken", t);
    if (ink->right <= ink->left)
        return true; /* blank */
    if (ink->left < t->x - overhang || ink->right > t->x + t->width + overhang)
        return refuse(why, code, "is wider than its place", t);
    if (ink->left < area->left || ink->right > area->right || ink->top < area->top || ink->bottom > area->bottom)
        return refuse(why, code, "would leave the paper's margin", t);
    return true;
}

static bool meet(const struct ink *a, const struct ink *b)
{
    return a->left + touch < b->right && b->left + touch < a->right && a->top + touch < b->bottom &&
           b->top + touch < a->bottom;
}

bool pdf_check(const struct pdf_placed *texts, size_t n, const struct pdf_area *area, struct pdf_fault *why)
{
    struct ink *inks = g_new(struct ink, n ? n : 1);
    bool ok = all_have_glyphs(texts, n, why);
    size_t page_begin = 0;
    for (size_t i = 0; ok && i < n; i++) {
        inks[i] = ink_of(&texts[i]);
        ok = in_place(&texts[i], &inks[i], area, why);
        if (texts[i].page != texts[page_begin].page)
            page_begin = i;
        for (size_t k = page_begin; ok && k < i; k++)
            if (meet(&inks[k], &inks[i]))
                ok = refuse(why, texts[i].figure || texts[k].figure ? "figures_do_not_fit" : "text_does_not_fit",
                            "would be painted over another text", &texts[i]);
    }
    g_free(inks);
    return ok;
}
