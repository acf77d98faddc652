/*
 * pdf_page.h - pages of a document: text in a few styles, rules, boxes, structure tags, page breaks, footers.
 *
 * A document is laid out twice by the same code: a dry run counts the pages, the second draws them. Lengths are points,
 * y grows downward. Text is always text: control and direction-override characters are left out.
 */
#ifndef FINANCE_PDF_PAGE_H
#define FINANCE_PDF_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct pdf;

enum pdf_style {
    PDF_BRAND, /* the dealer's name */
    PDF_TITLE,
    PDF_HEADING,
    PDF_BODY,
    PDF_STRONG,
    PDF_SMALL,
    PDF_LABEL,  /* above a value */
    PDF_FIGURE, /* the figures of the disclosure box */
    PDF_CELL,   /* table figures, all digits equally wide */
    PDF_CELL_STRONG,
    PDF_CELL_HEAD,
    PDF_STYLES
};
enum pdf_align { PDF_LEFT, PDF_CENTER, PDF_RIGHT };
enum pdf_color { PDF_INK, PDF_MUTED, PDF_ACCENT, PDF_LINE, PDF_FILL, PDF_STRIPE, PDF_WHITE, PDF_COLORS };

struct pdf_info {
    const char *title, *author, *subject, *footer; /* footer: left side, before "Page x of y" */
    time_t created;
    bool a4; /* else US letter */
};

/* Opens the fonts of this process; cheap when they are open. False with a sentence in `why`. */
bool pdf_start(char *why, size_t size) __attribute__((warn_unused_result));

/* Calls layout(pdf, ctx) twice and returns the finished file, to be freed with free(). False with a sentence in `why`.
 */
typedef void pdf_layout_fn(struct pdf *pdf, void *ctx);
bool pdf_render(const struct pdf_info *info, pdf_layout_fn *layout, void *ctx, unsigned char **out, size_t *length,
                char *why, size_t size) __attribute__((warn_unused_result));

/* ---- For a layout ---- */

double pdf_left(const struct pdf *pdf);
double pdf_width(const struct pdf *pdf); /* between the margins */
double pdf_y(const struct pdf *pdf);     /* where the next block begins */
void pdf_move(struct pdf *pdf, double dy);
/* Begins a new page unless `height` still fits. True when it did. */
bool pdf_need(struct pdf *pdf, double height);
void pdf_new_page(struct pdf *pdf);
bool pdf_dry(const struct pdf *pdf);

/* Draws text at a place and returns its height; lines break at `width`. Does not move. */
double pdf_text(struct pdf *pdf, enum pdf_style style, enum pdf_color color, enum pdf_align align, double x, double y,
                double width, const char *text);
/* One line, cut with an ellipsis where it is too long. */
double pdf_line(struct pdf *pdf, enum pdf_style style, enum pdf_color color, enum pdf_align align, double x, double y,
                double width, const char *text);
double pdf_height(struct pdf *pdf, enum pdf_style style, double width, const char *text);

/* Draws a paragraph at the left margin and moves below it, `after` included. */
void pdf_paragraph(struct pdf *pdf, enum pdf_style style, enum pdf_color color, const char *text, double after);

void pdf_rule(struct pdf *pdf, enum pdf_color color, double x, double y, double width, double thickness);
void pdf_box(struct pdf *pdf, enum pdf_color fill, double x, double y, double width, double height);
void pdf_frame(struct pdf *pdf, enum pdf_color color, double x, double y, double width, double height,
               double thickness);

/* A structure element (H1, P, Table, TR, TH, TD, ...) around what is drawn until pdf_end. Elements that hold others may
 * span pages. */
void pdf_begin(struct pdf *pdf, const char *element);
void pdf_end(struct pdf *pdf, const char *element);

#endif
