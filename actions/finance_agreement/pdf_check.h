/*
 * pdf_check.h - looks at what is about to be painted: no text cut, no figure broken, no ink outside its place or over
 * another text's ink, no character without a glyph.
 */
#ifndef FINANCE_PDF_CHECK_H
#define FINANCE_PDF_CHECK_H

#include <pango/pango.h>
#include <stddef.h>

#include "actions/finance_agreement/pdf_base.h"

/* One text on its page, as Pango has set it. */
struct pdf_placed {
    PangoLayout *layout;
    int page;
    double x, y;  /* where its layout begins */
    double width; /* what it was given */
    bool figure;
};

/* The paper between its edges, less a margin in which nothing may be painted. */
struct pdf_area {
    double left, top, right, bottom;
};

/* False with *why at the first fault. `texts` are in the order of their pages. */
bool pdf_check(const struct pdf_placed *texts, size_t n, const struct pdf_area *area, struct pdf_fault *why)
    __attribute__((warn_unused_result));

#endif
