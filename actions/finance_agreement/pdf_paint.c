#include "actions/finance_agreement/pdf_list.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

enum { DOCUMENT_MAX = 8 * 1024 * 1024 };

/* cairo 1.16 keeps an array of 768 bytes of each CID-keyed font (that of Han, Kana and Hangul) that it has written; the
 * leak checker is told so, and of nothing else. A worker leaves after WORKER_CALLS calls. */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#define IGNORE_LEAKS(yes) ((yes) ? __lsan_disable() : __lsan_enable())
#else
#define IGNORE_LEAKS(yes) ((void)0)
#endif

/* Black and greys: no colour carries a meaning. Text stands at 4.5:1 or more on white and on the fills. */
static const double greys[PDF_COLORS] = {
    [PDF_INK] = 0, [PDF_MUTED] = .27, [PDF_LINE] = .70, [PDF_FILL] = .925, [PDF_STRIPE] = .965,
};

struct file {
    unsigned char *bytes;
    size_t length, capacity;
};

static cairo_status_t collect(void *closure, const unsigned char *data, unsigned int n)
{
    struct file *f = closure;
    if (n > DOCUMENT_MAX - f->length)
        return CAIRO_STATUS_WRITE_ERROR;
    if (f->length + n > f->capacity) {
        size_t capacity = 2 * (f->length + n) + 65536;
        unsigned char *grown = realloc(f->bytes, capacity);
        if (!grown)
            return CAIRO_STATUS_NO_MEMORY;
        f->bytes = grown;
        f->capacity = capacity;
    }
    memcpy(f->bytes + f->length, data, n);
    f->length += n;
    return CAIRO_STATUS_SUCCESS;
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

static void frame(cairo_t *cr, const struct pdf_op *op)
{
    static const double dashes[] = { 3, 2 };
    double t = op->thickness;
    cairo_set_line_width(cr, t);
    cairo_set_dash(cr, dashes, op->dashed ? 2 : 0, 0);
    cairo_rectangle(cr, op->x + t / 2, op->y + t / 2, op->width - t, op->height - t);
    cairo_stroke(cr);
}

static void paint(cairo_t *cr, const struct pdf_op *op)
{
    double grey = greys[op->color];
    cairo_set_source_rgb(cr, grey, grey, grey);
    switch (op->kind) {
    case PDF_OP_TEXT:
        cairo_move_to(cr, op->x, op->y);
        pango_cairo_show_layout(cr, op->layout);
        break;
    case PDF_OP_BOX:
        cairo_rectangle(cr, op->x, op->y, op->width, op->height);
        cairo_fill(cr);
        break;
    case PDF_OP_FRAME:
        frame(cr, op);
        break;
    case PDF_OP_BEGIN:
        cairo_tag_begin(cr, op->element, NULL);
        break;
    case PDF_OP_END:
        cairo_tag_end(cr, op->element);
        break;
    }
}

unsigned char *pdf_paint(const struct pdf_list *list, int pages, const struct pdf_paper *paper,
                         const struct pdf_info *info, size_t *length)
{
    struct file file = { NULL, 0, 0 };
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(collect, &file, paper->width, paper->height);
    set_metadata(surface, info);
    cairo_t *cr = cairo_create(surface);
    int page = 1;
    for (size_t i = 0; i < list->n; i++) {
        for (; page < list->v[i].page; page++)
            cairo_show_page(cr);
        paint(cr, &list->v[i]);
    }
    for (; page <= pages; page++)
        cairo_show_page(cr);
    bool ok = cairo_status(cr) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(cr);
    IGNORE_LEAKS(true);
    cairo_surface_finish(surface);
    IGNORE_LEAKS(false);
    ok = ok && cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS && file.length;
    cairo_surface_destroy(surface);
    if (!ok) {
        free(file.bytes);
        return NULL;
    }
    *length = file.length;
    return file.bytes;
}
