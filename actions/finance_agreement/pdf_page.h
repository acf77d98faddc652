/*
 * pdf_page.h - pages of a document: text in a few styles, figures that are never cut, rules, boxes, structure tags,
 * page breaks.
 *
 * A layout does not paint: it makes a list of what is to be painted. The list is looked at before anything is painted
 * (pdf_check.h), so that a document in which something is cut, broken, painted over another or drawn as an empty box
 * fails instead of going out. Lengths are points, y grows downward. Text is always text: control and direction-override
 * characters are left out.
 */
#ifndef FINANCE_PDF_PAGE_H
#define FINANCE_PDF_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "actions/finance_agreement/pdf_base.h"

struct pdf;

/* Opens the fonts of this process; cheap when they are open. False with *why. */
bool pdf_start(struct pdf_fault *why) __attribute__((warn_unused_result));

/* Calls layout(pdf, ctx) and returns the finished file, to be freed with free(). False with *why. */
typedef void pdf_layout_fn(struct pdf *pdf, const void *ctx);
bool pdf_render(const struct pdf_info *info, pdf_layout_fn *layout, const void *ctx, unsigned char **out,
                size_t *length, struct pdf_fault *why) __attribute__((warn_unused_result));

/* ---- For a layout ---- */

double pdf_left(const struct pdf *pdf);
double pdf_width(const struct pdf *pdf); /* between the margins */
double pdf_y(const struct pdf *pdf);     /* where the next block begins */
void pdf_move(struct pdf *pdf, double dy);
void pdf_new_page(struct pdf *pdf);
/* Whether `height` still fits on this page. */
bool pdf_fits(const struct pdf *pdf, double height);

/* Whether nothing stands on this page yet. */
bool pdf_at_top(const struct pdf *pdf);

/* Lays out a block that stays on one page: once more on a new page when it ran over the end of this one. True then. The
 * block breaks no page itself. */
bool pdf_together(struct pdf *pdf, pdf_layout_fn *block, const void *ctx);

/* Text at a place; lines break at `width`, between words and only then within one. Returns the height; does not move.
 */
double pdf_text(struct pdf *pdf, enum pdf_style style, enum pdf_color color, enum pdf_align align, double x, double y,
                double width, const char *text);
/* An amount, a rate or a date: one line, never broken. Wider than `width` makes the document fail. `size` 0: that of
 * the style. Returns the height. */
double pdf_figure(struct pdf *pdf, enum pdf_style style, double size, enum pdf_color color, enum pdf_align align,
                  double x, double y, double width, const char *text);
/* Width of one line of this text at a size of one point: the larger of its ink and its advance. */
double pdf_figure_width(struct pdf *pdf, enum pdf_style style, const char *text);
/* Size of a style in points. */
double pdf_size(enum pdf_style style);
double pdf_height(struct pdf *pdf, enum pdf_style style, double width, const char *text);
/* From the top of this text to the baseline of its first line: neighbours in other scripts stand on the same. */
double pdf_baseline(struct pdf *pdf, enum pdf_style style, double width, const char *text);

/* A paragraph at the left margin; moves below it, `after` included. */
void pdf_paragraph(struct pdf *pdf, enum pdf_style style, enum pdf_color color, const char *text, double after);

void pdf_rule(struct pdf *pdf, double x, double y, double width, double thickness, enum pdf_color color);
void pdf_upright(struct pdf *pdf, double x, double y, double height, double thickness);
void pdf_box(struct pdf *pdf, enum pdf_color fill, double x, double y, double width, double height);
void pdf_frame(struct pdf *pdf, double x, double y, double width, double height, double thickness, bool dashed);

/* A structure element (H1, P, Table, TR, TH, TD, ...) around what is drawn until pdf_end. Elements that hold others may
 * span pages. `element` is static. */
void pdf_begin(struct pdf *pdf, const char *element);
void pdf_end(struct pdf *pdf, const char *element);

/* The document fails with this code; the first one counts. For a layout that cannot go on. */
void pdf_fail(struct pdf *pdf, const char *code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
