/* pdf_page.c - fonts, styles, wrapping of text, breaks and tags over cairo and pango. */
#include "actions/finance_agreement/pdf_page.h"

#include <pango/pangocairo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/finance_agreement/pdf_check.h"
#include "actions/finance_agreement/pdf_finish.h"
#include "actions/finance_agreement/pdf_list.h"
#include "actions/finance_agreement/text.h"
#include "actions/social_cards/fonts.h"

enum { TEXT_MAX = 4096, NAMES_MAX = 16384 };

static const double foot_room = 24, margin_of_ink = 6;

/* Weights are those of the faces that cards and documents share: Inter Medium, SemiBold and Display Bold. */
static const struct {
    double size;
    PangoWeight weight;
    bool tabular, display;
} styles[PDF_STYLES] = {
    [PDF_BRAND] = { 9.5, PANGO_WEIGHT_SEMIBOLD, false, false },
    [PDF_TITLE] = { 17, PANGO_WEIGHT_BOLD, false, true },
    [PDF_HEADING] = { 10, PANGO_WEIGHT_SEMIBOLD, false, false },
    [PDF_BODY] = { 8.8, PANGO_WEIGHT_MEDIUM, true, false },
    [PDF_STRONG] = { 8.8, PANGO_WEIGHT_SEMIBOLD, true, false },
    [PDF_SMALL] = { 7.8, PANGO_WEIGHT_MEDIUM, true, false },
    [PDF_LABEL] = { 7.6, PANGO_WEIGHT_SEMIBOLD, false, false },
    [PDF_LABEL_FIRST] = { 10.5, PANGO_WEIGHT_BOLD, false, true },
    [PDF_LABEL_SECOND] = { 9, PANGO_WEIGHT_SEMIBOLD, false, false },
    [PDF_FIGURE] = { 28, PANGO_WEIGHT_BOLD, true, true },
    [PDF_FIGURE_SECOND] = { 15, PANGO_WEIGHT_SEMIBOLD, true, false },
    [PDF_FORM_FIGURE] = { 12, PANGO_WEIGHT_BOLD, true, true },
    [PDF_CELL] = { 8.4, PANGO_WEIGHT_MEDIUM, true, false },
    [PDF_CELL_STRONG] = { 8.4, PANGO_WEIGHT_SEMIBOLD, true, false },
    [PDF_CELL_HEAD] = { 7.8, PANGO_WEIGHT_SEMIBOLD, false, false },
    [PDF_FOOT] = { 7.5, PANGO_WEIGHT_MEDIUM, true, false },
};

static const struct pdf_paper papers[] = { { 595.28, 841.89, 45.4, 39.7, 34 }, { 612, 792, 43.2, 39.6, 36 } };

static struct card_fonts *fonts; /* of the process: opened once, and never closed */

struct pdf {
    const struct pdf_info *info;
    const struct pdf_paper *paper;
    struct card_map *map;
    PangoContext *context;
    PangoAttrList *tabular, *plain;
    PangoFontDescription *descriptions[PDF_STYLES];
    PangoLayout *measure;
    struct pdf_list list;
    double y;
    int page;
    struct pdf_fault fault;
};

bool pdf_start(struct pdf_fault *why)
{
    if (fonts || (fonts = card_fonts_new(why->text, sizeof why->text)))
        return true;
    snprintf(why->code, sizeof why->code, "font_missing");
    return false;
}

void pdf_fail(struct pdf *pdf, const char *code, const char *fmt, ...)
{
    va_list ap;
    if (*pdf->fault.code)
        return;
    snprintf(pdf->fault.code, sizeof pdf->fault.code, "%s", code);
    va_start(ap, fmt);
    text_vfmt(pdf->fault.text, sizeof pdf->fault.text, fmt, ap);
    va_end(ap);
}

/* ---- The place ---- */

double pdf_left(const struct pdf *pdf)
{
    return pdf->paper->side;
}

double pdf_width(const struct pdf *pdf)
{
    return pdf->paper->width - 2 * pdf->paper->side;
}

double pdf_y(const struct pdf *pdf)
{
    return pdf->y;
}

void pdf_move(struct pdf *pdf, double dy)
{
    pdf->y += dy;
}

static double page_end(const struct pdf *pdf)
{
    return pdf->paper->height - pdf->paper->bottom - foot_room;
}

void pdf_new_page(struct pdf *pdf)
{
    if (pdf->page == PDF_PAGES_MAX)
        pdf_fail(pdf, "text_does_not_fit", "The document would have more than %d pages", PDF_PAGES_MAX);
    else
        pdf->page++;
    pdf->y = pdf->paper->top;
}

bool pdf_fits(const struct pdf *pdf, double height)
{
    return pdf->y + height <= page_end(pdf);
}

bool pdf_at_top(const struct pdf *pdf)
{
    return pdf->y <= pdf->paper->top;
}

static struct pdf_op *add(struct pdf *pdf, enum pdf_op_kind kind)
{
    static struct pdf_op nowhere; /* what is drawn after a failure */
    struct pdf_list *l = &pdf->list;
    if (l->n == l->capacity) {
        size_t capacity = l->capacity ? 2 * l->capacity : 2048;
        struct pdf_op *grown = capacity > PDF_OPS_MAX ? NULL : realloc(l->v, capacity * sizeof *grown);
        if (!grown) {
            pdf_fail(pdf, "not_drawn", "The document is too long to be drawn");
            nowhere = (struct pdf_op){ .kind = kind };
            return &nowhere;
        }
        l->v = grown;
        l->capacity = capacity;
    }
    struct pdf_op *op = &l->v[l->n++];
    *op = (struct pdf_op){ .kind = kind, .page = pdf->page };
    return op;
}

static void forget(struct pdf_list *l, size_t from)
{
    while (l->n > from)
        if (l->v[--l->n].layout)
            g_object_unref(l->v[l->n].layout);
}

bool pdf_together(struct pdf *pdf, pdf_layout_fn *block, const void *ctx)
{
    size_t from = pdf->list.n;
    double y = pdf->y;
    block(pdf, ctx);
    if (pdf->y <= page_end(pdf) || y <= pdf->paper->top)
        return false;
    forget(&pdf->list, from);
    pdf_new_page(pdf);
    block(pdf, ctx);
    return true;
}

/* ---- Text ---- */

/* Width of the character at p when it is a control or direction override, else 0. */
static int unwanted(const unsigned char *p)
{
    if (*p < 0x20 || *p == 0x7f)
        return 1;
    if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)
        return 2; /* C1 controls */
    if (p[0] == 0xe2 && ((p[1] == 0x80 && ((p[2] >= 0xaa && p[2] <= 0xae) || p[2] == 0x8e || p[2] == 0x8f ||
                                           p[2] == 0xa8 || p[2] == 0xa9)) ||
                         (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)))
        return 3; /* marks, embeddings, overrides and isolates; line and paragraph separators */
    return 0;
}

static void clean(const char *text, char out[TEXT_MAX])
{
    size_t n = 0;
    for (const unsigned char *p = (const unsigned char *)text; *p && n + 5 < TEXT_MAX;) {
        int skip = unwanted(p);
        if (skip) {
            out[n++] = ' ';
            p += skip;
            continue;
        }
        do
            out[n++] = (char)*p++;
        while ((*p & 0xc0) == 0x80);
    }
    out[n] = '\0';
}

static void set_text(struct pdf *pdf, PangoLayout *l, enum pdf_style style, double size, enum pdf_align align,
                     double width, const char *text)
{
    static const PangoAlignment alignments[] = { PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER, PANGO_ALIGN_RIGHT };
    char cleaned[TEXT_MAX];
    clean(text, cleaned);
    if (size > 0) {
        PangoFontDescription *d = pango_font_description_copy_static(pdf->descriptions[style]);
        pango_font_description_set_absolute_size(d, size * PANGO_SCALE);
        pango_layout_set_font_description(l, d);
        pango_font_description_free(d);
    } else {
        pango_layout_set_font_description(l, pdf->descriptions[style]);
    }
    pango_layout_set_attributes(l, styles[style].tabular ? pdf->tabular : pdf->plain);
    pango_layout_set_width(l, width < 0 ? -1 : (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_NONE);
    pango_layout_set_text(l, cleaned, -1);
    /* what is written from right to left stands in the same column: Pango turns left and right around for it */
    bool turned = align != PDF_CENTER && pango_layout_get_direction(l, 0) == PANGO_DIRECTION_RTL;
    pango_layout_set_alignment(l, alignments[turned ? PDF_RIGHT - align : align]);
}

static double height_of(PangoLayout *l)
{
    int height;
    pango_layout_get_size(l, NULL, &height);
    return (double)height / PANGO_SCALE;
}

static double put(struct pdf *pdf, enum pdf_style style, double size, enum pdf_color color, enum pdf_align align,
                  double x, double y, double width, const char *text, bool figure)
{
    PangoLayout *l = pango_layout_new(pdf->context);
    set_text(pdf, l, style, size, align, width, text);
    double height = height_of(l);
    struct pdf_op *op = add(pdf, PDF_OP_TEXT);
    if (*pdf->fault.code) {
        g_object_unref(l);
        return height;
    }
    op->x = x;
    op->y = y;
    op->width = width;
    op->color = color;
    op->figure = figure;
    op->layout = l;
    return height;
}

double pdf_text(struct pdf *pdf, enum pdf_style style, enum pdf_color color, enum pdf_align align, double x, double y,
                double width, const char *text)
{
    return put(pdf, style, 0, color, align, x, y, width, text, false);
}

double pdf_figure(struct pdf *pdf, enum pdf_style style, double size, enum pdf_color color, enum pdf_align align,
                  double x, double y, double width, const char *text)
{
    return put(pdf, style, size, color, align, x, y, width, text, true);
}

double pdf_figure_width(struct pdf *pdf, enum pdf_style style, const char *text)
{
    enum { SIZE = 20 };
    PangoRectangle ink, logical;
    set_text(pdf, pdf->measure, style, SIZE, PDF_LEFT, -1, text);
    pango_layout_get_extents(pdf->measure, &ink, &logical);
    int right = ink.x + ink.width > logical.width ? ink.x + ink.width : logical.width;
    return (double)(right - (ink.x < 0 ? ink.x : 0)) / PANGO_SCALE / SIZE;
}

double pdf_size(enum pdf_style style)
{
    return styles[style].size;
}

double pdf_height(struct pdf *pdf, enum pdf_style style, double width, const char *text)
{
    set_text(pdf, pdf->measure, style, 0, PDF_LEFT, width, text);
    return height_of(pdf->measure);
}

double pdf_baseline(struct pdf *pdf, enum pdf_style style, double width, const char *text)
{
    set_text(pdf, pdf->measure, style, 0, PDF_LEFT, width, text);
    return (double)pango_layout_get_baseline(pdf->measure) / PANGO_SCALE;
}

void pdf_paragraph(struct pdf *pdf, enum pdf_style style, enum pdf_color color, const char *text, double after)
{
    pdf_begin(pdf, "P");
    pdf->y += pdf_text(pdf, style, color, PDF_LEFT, pdf_left(pdf), pdf->y, pdf_width(pdf), text) + after;
    pdf_end(pdf, "P");
}

/* ---- Lines and tags ---- */

void pdf_box(struct pdf *pdf, enum pdf_color fill, double x, double y, double width, double height)
{
    struct pdf_op *op = add(pdf, PDF_OP_BOX);
    op->color = fill;
    op->x = x;
    op->y = y;
    op->width = width;
    op->height = height;
}

void pdf_rule(struct pdf *pdf, double x, double y, double width, double thickness, enum pdf_color color)
{
    pdf_box(pdf, color, x, y - thickness / 2, width, thickness);
}

void pdf_upright(struct pdf *pdf, double x, double y, double height, double thickness)
{
    pdf_box(pdf, PDF_INK, x - thickness / 2, y, thickness, height);
}

void pdf_frame(struct pdf *pdf, double x, double y, double width, double height, double thickness, bool dashed)
{
    struct pdf_op *op = add(pdf, PDF_OP_FRAME);
    op->color = PDF_INK;
    op->x = x;
    op->y = y;
    op->width = width;
    op->height = height;
    op->thickness = thickness;
    op->dashed = dashed;
}

void pdf_begin(struct pdf *pdf, const char *element)
{
    add(pdf, PDF_OP_BEGIN)->element = element;
}

void pdf_end(struct pdf *pdf, const char *element)
{
    add(pdf, PDF_OP_END)->element = element;
}

/* ---- The document ---- */

/* At the foot of each page: what it belongs to, what follows, which it is. Drawn last, when the pages are counted. */
static void feet(struct pdf *pdf)
{
    int pages = pdf->page;
    double x = pdf_left(pdf), w = pdf_width(pdf), y = page_end(pdf) + 8;
    for (pdf->page = 1; pdf->page <= pages; pdf->page++) {
        char number[48];
        snprintf(number, sizeof number, "Page %d of %d", pdf->page, pages);
        pdf_rule(pdf, x, y, w, 0.5, PDF_MUTED);
        pdf_text(pdf, PDF_FOOT, PDF_MUTED, PDF_LEFT, x, y + 5, w * .3, pdf->info->foot);
        if (pdf->page < pages)
            pdf_text(pdf, PDF_FOOT, PDF_MUTED, PDF_CENTER, x + w * .3, y + 5, w * .5, pdf->info->foot_more);
        pdf_text(pdf, PDF_FOOT, PDF_MUTED, PDF_RIGHT, x + w * .8, y + 5, w * .2, number);
    }
    pdf->page = pages;
}

/* Feet go to their pages; everything else is in the order of pages already, and stays as it is. */
static bool sort_pages(struct pdf_list *l)
{
    struct pdf_op *sorted = malloc(l->n * sizeof *sorted);
    size_t n = 0;
    if (!sorted)
        return false;
    int last = 0;
    for (size_t i = 0; i < l->n; i++)
        last = l->v[i].page > last ? l->v[i].page : last;
    for (int page = 1; page <= last; page++)
        for (size_t i = 0; i < l->n; i++)
            if (l->v[i].page == page)
                sorted[n++] = l->v[i];
    free(l->v);
    l->v = sorted;
    l->capacity = l->n;
    return true;
}

static bool check(const struct pdf *pdf, struct pdf_fault *why)
{
    const struct pdf_paper *p = pdf->paper;
    const struct pdf_area area = { p->side - margin_of_ink, p->top - margin_of_ink, p->width - p->side + margin_of_ink,
                                   p->height - p->bottom + margin_of_ink };
    struct pdf_placed *texts = malloc((pdf->list.n + 1) * sizeof *texts);
    size_t n = 0;
    for (size_t i = 0; texts && i < pdf->list.n; i++) {
        const struct pdf_op *op = &pdf->list.v[i];
        if (op->kind == PDF_OP_TEXT)
            texts[n++] = (struct pdf_placed){ op->layout, op->page, op->x, op->y, op->width, op->figure };
    }
    bool ok = texts && pdf_check(texts, n, &area, why);
    if (!texts)
        snprintf(why->code, sizeof why->code, "not_drawn");
    free(texts);
    return ok;
}

/* The families that the texts from outside need beside Inter. */
static struct card_script script_of(const struct pdf_info *info)
{
    char all[NAMES_MAX], one[TEXT_MAX];
    size_t n = 0;
    *all = '\0';
    for (const char *const *name = info->names; *name; name++) {
        clean(*name, one);
        text_fmt(all + n, sizeof all - n, "%s ", one);
        n += strlen(all + n);
    }
    return card_fonts_script(fonts, all, "");
}

static bool open_document(struct pdf *pdf)
{
    struct card_script script = script_of(pdf->info);
    if (!(pdf->map = card_fonts_take(fonts, script.fonts)))
        return false;
    pdf->context = pango_font_map_create_context(pango_context_get_font_map(card_map_context(pdf->map)));
    cairo_font_options_t *options = cairo_font_options_create();
    /* outlines as designed and exact advances: a page has no pixels */
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(pdf->context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(pdf->context, FALSE);
    pango_context_set_language(pdf->context, pango_language_from_string(script.language));
    pdf->measure = pango_layout_new(pdf->context);
    pdf->tabular = pango_attr_list_new();
    pdf->plain = pango_attr_list_new();
    /* a name that must be broken gets no hyphen that it does not have */
    pango_attr_list_insert(pdf->tabular, pango_attr_insert_hyphens_new(FALSE));
    pango_attr_list_insert(pdf->plain, pango_attr_insert_hyphens_new(FALSE));
    pango_attr_list_insert(pdf->tabular, pango_attr_font_features_new("tnum=1"));
    for (int i = 0; i < PDF_STYLES; i++) {
        PangoFontDescription *d = pango_font_description_new();
        pango_font_description_set_family(d, card_map_family(pdf->map, styles[i].display));
        pango_font_description_set_weight(d, styles[i].weight);
        pango_font_description_set_absolute_size(d, styles[i].size * PANGO_SCALE);
        pdf->descriptions[i] = d;
    }
    return true;
}

static void close_document(struct pdf *pdf)
{
    forget(&pdf->list, 0);
    free(pdf->list.v);
    for (int i = 0; i < PDF_STYLES; i++)
        if (pdf->descriptions[i])
            pango_font_description_free(pdf->descriptions[i]);
    if (pdf->plain)
        pango_attr_list_unref(pdf->plain);
    if (pdf->tabular)
        pango_attr_list_unref(pdf->tabular);
    if (pdf->measure)
        g_object_unref(pdf->measure);
    if (pdf->context)
        g_object_unref(pdf->context);
    card_map_drop(pdf->map);
}

bool pdf_render(const struct pdf_info *info, pdf_layout_fn *layout, const void *ctx, unsigned char **out,
                size_t *length, struct pdf_fault *why)
{
    struct pdf pdf = { .info = info, .paper = &papers[info->letter], .page = 1 };
    unsigned char *painted = NULL;
    size_t painted_length = 0;
    bool ok = false;
    *why = (struct pdf_fault){ "", "" };
    if (!pdf_start(why))
        return false;
    if (!open_document(&pdf))
        goto out;
    pdf.y = pdf.paper->top;
    layout(&pdf, ctx);
    feet(&pdf);
    *why = pdf.fault;
    if (*why->code || !sort_pages(&pdf.list) || !check(&pdf, why))
        goto out;
    painted = pdf_paint(&pdf.list, pdf.page, pdf.paper, info, &painted_length);
    ok = painted && pdf_finish(painted, painted_length, info->language, out, length);
out:
    close_document(&pdf);
    free(painted);
    if (!ok && !*why->code)
        snprintf(why->code, sizeof why->code, "not_drawn");
    if (!ok && !*why->text)
        snprintf(why->text, sizeof why->text, "The document could not be drawn");
    return ok;
}
