/*
 * pdf_base.h - what all parts of a document's making share: styles and colours, what a document says of itself, and why
 * there is none.
 */
#ifndef FINANCE_PDF_BASE_H
#define FINANCE_PDF_BASE_H

#include <stdbool.h>
#include <time.h>

enum pdf_style {
    PDF_BRAND, /* the dealer's name, the document's number */
    PDF_TITLE,
    PDF_HEADING,
    PDF_BODY,
    PDF_STRONG,
    PDF_SMALL,
    PDF_LABEL,         /* above a value */
    PDF_LABEL_FIRST,   /* above a figure that the law wants more conspicuous */
    PDF_LABEL_SECOND,  /* above the other figures */
    PDF_FIGURE,        /* the conspicuous figures; the size is the caller's */
    PDF_FIGURE_SECOND, /* the others; likewise */
    PDF_FORM_FIGURE,   /* a figure within a form's row */
    PDF_CELL,          /* table figures, all digits equally wide */
    PDF_CELL_STRONG,
    PDF_CELL_HEAD,
    PDF_FOOT,
    PDF_STYLES
};
enum pdf_align { PDF_LEFT, PDF_CENTER, PDF_RIGHT };
enum pdf_color { PDF_INK, PDF_MUTED, PDF_LINE, PDF_FILL, PDF_STRIPE, PDF_COLORS };

struct pdf_info {
    const char *title, *author, *subject;
    const char *language;         /* of the document, such as "en-US" */
    const char *foot, *foot_more; /* at the left of each page; in the middle of each but the last */
    const char *const *names;     /* every text that comes from outside, ended by NULL: they choose the fonts */
    time_t created;
    bool letter; /* else A4 */
};

/* Why there is no document: a stable code and a sentence that says what to do. */
struct pdf_fault {
    char code[32]; /* figures_do_not_fit, text_does_not_fit, font_missing, not_drawn */
    char text[400];
};

#endif
