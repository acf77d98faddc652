/*
 * pdf_list.h - the list of what a document paints, page by page: made by pdf_page.c, painted by pdf_paint.c. For these
 * two only.
 */
#ifndef FINANCE_PDF_LIST_H
#define FINANCE_PDF_LIST_H

#include <pango/pango.h>
#include <stddef.h>

#include "actions/finance_agreement/pdf_base.h"

enum { PDF_PAGES_MAX = 200, PDF_OPS_MAX = 200000 };

struct pdf_op {
    enum pdf_op_kind { PDF_OP_TEXT, PDF_OP_BOX, PDF_OP_FRAME, PDF_OP_BEGIN, PDF_OP_END } kind;
    int page; /* from 1 */
    double x, y, width, height;
    double thickness; /* of a frame */
    bool dashed, figure;
    enum pdf_color color;
    PangoLayout *layout; /* of a text; the list's reference */
    const char *element; /* of a tag; static */
};

struct pdf_list {
    struct pdf_op *v;
    size_t n, capacity;
};

/* Points of the paper. */
struct pdf_paper {
    double width, height, side, top, bottom;
};

/* Paints the list and returns cairo's file, to be freed with free(); NULL when it could not. */
unsigned char *pdf_paint(const struct pdf_list *list, int pages, const struct pdf_paper *paper,
                         const struct pdf_info *info, size_t *length);

#endif
