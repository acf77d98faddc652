/* pdf_page.c - fonts, styles, wrapping of text, breaks and tags over cairo and pango. */
#include "actions/finance_agreement/pdf_page.h"

#include <cairo-pdf.h>
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DOCUMENT_MAX = 8 * 1024 * 1024, TEXT_MAX = 4096 };

static const double margin = 48, footer_room = 40;

static const struct {
    double size;
    PangoWeight weight;
    bool tabular;
} styles[PDF_STYLES] = {
    [PDF_BRAND] = { 15, PANGO_WEIGHT_BOLD, false },          [PDF_TITLE] = { 20, PANGO_WEIGHT_BOLD, false },
    [PDF_HEADING] = { 10.5, PANGO_WEIGHT_SEMIBOLD, false },  [PDF_BODY] = { 8.8, PANGO_WEIGHT_NORMAL, false },
    [PDF_STRONG] = { 8.8, PANGO_WEIGHT_SEMIBOLD, false },    [PDF_SMALL] = { 7.6, PANGO_WEIGHT_NORMAL, false },
    [PDF_LABEL] = { 7.2, PANGO_WEIGHT_SEMIBOLD, false },     [PDF_FIGURE] = { 13.5, PANGO_WEIGHT_BOLD, true },
    [PDF_CELL] = { 8.4, PANGO_WEIGHT_NORMAL, true },         [PDF_CELL_STRONG] = { 8.4, PANGO_WEIGHT_SEMIBOLD, true },
    [PDF_CELL_HEAD] = { 7.6, PANGO_WEIGHT_SEMIBOLD, false },
};

/* Text colours stand at 4.5:1 or more on white and on the fills. */
static const double colors[PDF_COLORS][3] = {
    [PDF_INK] = { .10, .13, .18 },  [PDF_MUTED] = { .34, .39, .46 },   [PDF_ACCENT] = { .04, .26, .40 },
    [PDF_LINE] = { .80, .83, .87 }, [PDF_FILL] = { .945, .958, .972 }, [PDF_STRIPE] = { .972, .978, .985 },
    [PDF_WHITE] = { 1, 1, 1 },
};

/* ---- Fonts of the process: opened once, read only from then on ---- */

static struct {
    FcConfig *config;
    PangoFontMap *map;
    PangoFontDescription *styles[PDF_STYLES];
    PangoAttrList *tabular;
} fonts;

/* Adds root/file when it is readable. */
static bool add_font(const char *root, const char *file)
{
    char path[512];
    snprintf(path, sizeof path, "%s/usr/share/fonts/%s", root, file);
    return access(path, R_OK) == 0 && FcConfigAppFontAddFile(fonts.config, (const FcChar8 *)path);
}

/* The family for Latin, Greek and Cyrillic, then the other scripts that a name may be written in. */
static int add_fonts(const char *root)
{
    static const char *const files[] = {
        "opentype/inter/Inter-Regular.otf",
        "opentype/inter/Inter-SemiBold.otf",
        "opentype/inter/Inter-Bold.otf",
        "truetype/noto/NotoSans-Regular.ttf",
        "truetype/noto/NotoSans-Bold.ttf",
        "truetype/noto/NotoSansArabic-Regular.ttf",
        "truetype/noto/NotoSansArmenian-Regular.ttf",
        "truetype/noto/NotoSansBengali-Regular.ttf",
        "truetype/noto/NotoSansDevanagari-Regular.ttf",
        "truetype/noto/NotoSansEthiopic-Regular.ttf",
        "truetype/noto/NotoSansGeorgian-Regular.ttf",
        "truetype/noto/NotoSansGujarati-Regular.ttf",
        "truetype/noto/NotoSansGurmukhi-Regular.ttf",
        "truetype/noto/NotoSansHebrew-Regular.ttf",
        "truetype/noto/NotoSansKannada-Regular.ttf",
        "truetype/noto/NotoSansKhmer-Regular.ttf",
        "truetype/noto/NotoSansLao-Regular.ttf",
        "truetype/noto/NotoSansMalayalam-Regular.ttf",
        "truetype/noto/NotoSansMyanmar-Regular.ttf",
        "truetype/noto/NotoSansSinhala-Regular.ttf",
        "truetype/noto/NotoSansTamil-Regular.ttf",
        "truetype/noto/NotoSansTelugu-Regular.ttf",
        "truetype/noto/NotoSansThai-Regular.ttf",
        "truetype/noto/NotoSansSymbols2-Regular.ttf",
    };
    int n = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        n += add_font(root, files[i]);
    return n;
}

static void warm_up(void);

bool pdf_start(char *why, size_t size)
{
    char home[400];
    const char *at_home = getenv("HOME");
    if (fonts.map)
        return true;
    /* a configuration of our own: the same fonts on every machine, and no scan of all that is installed */
    fonts.config = FcConfigCreate();
    if (!fonts.config) {
        snprintf(why, size, "fontconfig cannot start");
        return false;
    }
    snprintf(home, sizeof home, "%s/.apt", at_home ? at_home : "/app"); /* where a Heroku buildpack installs packages */
    if (!add_fonts("") && !add_fonts(home) && !add_fonts("/app/.apt")) {
        snprintf(why, size, "no font for documents: install fonts-inter or fonts-noto-core");
        FcConfigDestroy(fonts.config);
        fonts.config = NULL;
        return false;
    }
    fonts.map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(fonts.map), fonts.config);
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(fonts.map), 72);
    for (int i = 0; i < PDF_STYLES; i++) {
        fonts.styles[i] = pango_font_description_from_string("Inter, Noto Sans");
        pango_font_description_set_weight(fonts.styles[i], styles[i].weight);
        pango_font_description_set_absolute_size(fonts.styles[i], styles[i].size * PANGO_SCALE);
    }
    fonts.tabular = pango_attr_list_new();
    pango_attr_list_insert(fonts.tabular, pango_attr_font_features_new("tnum=1"));
    warm_up();
    return true;
}

/* ---- The document ---- */

struct pdf {
    const struct pdf_info *info;
    cairo_t *cr; /* NULL in a dry run */
    PangoContext *context;
    PangoLayout *layout;
    double width, height, y;
    int page, pages;
    unsigned char *out;
    size_t length, capacity;
    bool failed;
};

double pdf_left(const struct pdf *pdf)
{
    (void)pdf;
    return margin;
}

double pdf_width(const struct pdf *pdf)
{
    return pdf->width - 2 * margin;
}

double pdf_y(const struct pdf *pdf)
{
    return pdf->y;
}

void pdf_move(struct pdf *pdf, double dy)
{
    pdf->y += dy;
}

bool pdf_dry(const struct pdf *pdf)
{
    return !pdf->cr;
}

static cairo_status_t collect(void *closure, const unsigned char *data, unsigned int n)
{
    struct pdf *pdf = closure;
    if (n > DOCUMENT_MAX - pdf->length)
        return CAIRO_STATUS_WRITE_ERROR;
    if (pdf->length + n > pdf->capacity) {
        size_t capacity = 2 * (pdf->length + n) + 65536;
        unsigned char *grown = realloc(pdf->out, capacity);
        if (!grown)
            return CAIRO_STATUS_NO_MEMORY;
        pdf->out = grown;
        pdf->capacity = capacity;
    }
    memcpy(pdf->out + pdf->length, data, n);
    pdf->length += n;
    return CAIRO_STATUS_SUCCESS;
}

static void color(struct pdf *pdf, enum pdf_color c)
{
    cairo_set_source_rgb(pdf->cr, colors[c][0], colors[c][1], colors[c][2]);
}

/* Width of the character at p when it is a control or direction override, else 0. */
static int unwanted(const unsigned char *p)
{
    if (*p < 0x20 || *p == 0x7f)
        return *p == '\n' ? 0 : 1;
    if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)
        return 2; /* C1 controls */
    if (p[0] == 0xe2 && ((p[1] == 0x80 && ((p[2] >= 0xaa && p[2] <= 0xae) || p[2] == 0x8e || p[2] == 0x8f ||
                                           p[2] == 0xa8 || p[2] == 0xa9)) ||
                         (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)))
        return 3; /* marks, embeddings, overrides and isolates; line and paragraph separators */
    return 0;
}

static void clean(const char *text, char out[TEXT_MAX], bool one_line)
{
    size_t n = 0;
    for (const unsigned char *p = (const unsigned char *)text; *p && n + 5 < TEXT_MAX;) {
        int skip = *p == '\n' && one_line ? 1 : unwanted(p);
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

static double put(struct pdf *pdf, enum pdf_style style, enum pdf_color c, enum pdf_align align, double x, double y,
                  double width, const char *text, bool one_line)
{
    static const PangoAlignment alignments[] = { PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER, PANGO_ALIGN_RIGHT };
    char cleaned[TEXT_MAX];
    int height;
    clean(text, cleaned, one_line);
    pango_layout_set_font_description(pdf->layout, fonts.styles[style]);
    pango_layout_set_attributes(pdf->layout, styles[style].tabular ? fonts.tabular : NULL);
    pango_layout_set_width(pdf->layout, (int)(width * PANGO_SCALE));
    pango_layout_set_alignment(pdf->layout, alignments[align]);
    pango_layout_set_ellipsize(pdf->layout, one_line ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
    pango_layout_set_text(pdf->layout, cleaned, -1);
    if (pdf->cr) {
        color(pdf, c);
        cairo_move_to(pdf->cr, x, y);
        pango_cairo_show_layout(pdf->cr, pdf->layout);
    }
    pango_layout_get_size(pdf->layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

double pdf_text(struct pdf *pdf, enum pdf_style style, enum pdf_color c, enum pdf_align align, double x, double y,
                double width, const char *text)
{
    return put(pdf, style, c, align, x, y, width, text, false);
}

double pdf_line(struct pdf *pdf, enum pdf_style style, enum pdf_color c, enum pdf_align align, double x, double y,
                double width, const char *text)
{
    return put(pdf, style, c, align, x, y, width, text, true);
}

double pdf_height(struct pdf *pdf, enum pdf_style style, double width, const char *text)
{
    cairo_t *cr = pdf->cr;
    pdf->cr = NULL;
    double height = put(pdf, style, PDF_INK, PDF_LEFT, 0, 0, width, text, false);
    pdf->cr = cr;
    return height;
}

void pdf_paragraph(struct pdf *pdf, enum pdf_style style, enum pdf_color c, const char *text, double after)
{
    double height = pdf_height(pdf, style, pdf_width(pdf), text);
    pdf_need(pdf, height);
    pdf_begin(pdf, "P");
    pdf_text(pdf, style, c, PDF_LEFT, margin, pdf->y, pdf_width(pdf), text);
    pdf_end(pdf, "P");
    pdf->y += height + after;
}

void pdf_rule(struct pdf *pdf, enum pdf_color c, double x, double y, double width, double thickness)
{
    pdf_box(pdf, c, x, y - thickness / 2, width, thickness);
}

void pdf_box(struct pdf *pdf, enum pdf_color fill, double x, double y, double width, double height)
{
    if (!pdf->cr)
        return;
    color(pdf, fill);
    cairo_rectangle(pdf->cr, x, y, width, height);
    cairo_fill(pdf->cr);
}

void pdf_frame(struct pdf *pdf, enum pdf_color c, double x, double y, double width, double height, double thickness)
{
    if (!pdf->cr)
        return;
    color(pdf, c);
    cairo_set_line_width(pdf->cr, thickness);
    cairo_rectangle(pdf->cr, x + thickness / 2, y + thickness / 2, width - thickness, height - thickness);
    cairo_stroke(pdf->cr);
}

void pdf_begin(struct pdf *pdf, const char *element)
{
    if (pdf->cr)
        cairo_tag_begin(pdf->cr, element, NULL);
}

void pdf_end(struct pdf *pdf, const char *element)
{
    if (pdf->cr)
        cairo_tag_end(pdf->cr, element);
}

/* ---- Pages ---- */

static void footer(struct pdf *pdf)
{
    char page[48];
    double y = pdf->height - footer_room;
    pdf_rule(pdf, PDF_LINE, margin, y, pdf_width(pdf), 0.6);
    snprintf(page, sizeof page, "Page %d of %d", pdf->page, pdf->pages);
    pdf_line(pdf, PDF_SMALL, PDF_MUTED, PDF_LEFT, margin, y + 6, pdf_width(pdf) - 90, pdf->info->footer);
    pdf_line(pdf, PDF_SMALL, PDF_MUTED, PDF_RIGHT, margin + pdf_width(pdf) - 90, y + 6, 90, page);
}

void pdf_new_page(struct pdf *pdf)
{
    if (pdf->cr) {
        footer(pdf);
        cairo_show_page(pdf->cr);
    }
    pdf->page++;
    pdf->y = margin;
}

bool pdf_need(struct pdf *pdf, double height)
{
    if (pdf->y + height <= pdf->height - footer_room - 8)
        return false;
    pdf_new_page(pdf);
    return true;
}

static void set_metadata(cairo_surface_t *surface, const struct pdf_info *info)
{
    char created[32];
    struct tm tm;
    gmtime_r(&info->created, &tm);
    strftime(created, sizeof created, "%Y-%m-%dT%H:%M:%SZ", &tm);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, info->title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, info->author);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, info->subject);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, created);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, created);
}

static void begin_layout(struct pdf *pdf)
{
    pdf->page = 1;
    pdf->y = margin;
}

static bool draw(struct pdf *pdf, pdf_layout_fn *layout, void *ctx)
{
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(collect, pdf, pdf->width, pdf->height);
    set_metadata(surface, pdf->info);
    pdf->cr = cairo_create(surface);
    pango_cairo_update_context(pdf->cr, pdf->context);
    begin_layout(pdf);
    layout(pdf, ctx);
    footer(pdf);
    cairo_show_page(pdf->cr);
    bool ok = cairo_status(pdf->cr) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(pdf->cr);
    cairo_surface_finish(surface);
    ok = ok && cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS && pdf->length;
    cairo_surface_destroy(surface);
    return ok;
}

static void set_font_options(PangoContext *context)
{
    cairo_font_options_t *options = cairo_font_options_create();
    /* outlines as designed and exact advances: a page has no pixels */
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(context, FALSE);
}

static void open_layout(struct pdf *pdf)
{
    pdf->context = pango_font_map_create_context(fonts.map);
    pango_context_set_language(pdf->context, pango_language_from_string("en-us"));
    set_font_options(pdf->context);
    pdf->layout = pango_layout_new(pdf->context);
}

static void close_layout(struct pdf *pdf)
{
    g_object_unref(pdf->layout);
    g_object_unref(pdf->context);
}

/* Sets a word in every style: the fonts are then loaded before the first call needs them. */
static void warm_up(void)
{
    struct pdf pdf = { .width = 612, .height = 792 };
    open_layout(&pdf);
    for (int i = 0; i < PDF_STYLES; i++)
        pdf_height(&pdf, (enum pdf_style)i, 400, "Payment 0123456789 $ , . %");
    close_layout(&pdf);
}

bool pdf_render(const struct pdf_info *info, pdf_layout_fn *layout, void *ctx, unsigned char **out, size_t *length,
                char *why, size_t size)
{
    if (!pdf_start(why, size))
        return false;
    struct pdf pdf = { .info = info, .width = info->a4 ? 595.28 : 612, .height = info->a4 ? 841.89 : 792 };
    open_layout(&pdf);
    begin_layout(&pdf);
    layout(&pdf, ctx);
    pdf.pages = pdf.page;
    bool ok = draw(&pdf, layout, ctx);
    close_layout(&pdf);
    if (!ok) {
        free(pdf.out);
        snprintf(why, size, "The document could not be drawn");
        return false;
    }
    *out = pdf.out;
    *length = pdf.length;
    return true;
}
