/*
 * paper_fit.h - sizes of the five figures of the disclosure box: all that fit are printed large; amounts shrink, then
 * stand one below the other, and if that is not enough the document fails. None is ever cut.
 */
#ifndef FINANCE_PAPER_FIT_H
#define FINANCE_PAPER_FIT_H

#include <stdbool.h>

enum { FIT_FIRST = 2, FIT_SECOND = 3, FIT_FIGURES = FIT_FIRST + FIT_SECOND };

struct fit {
    double first, second; /* sizes in points; the first is at least 1.5 times the second */
    bool first_stacked, second_stacked;
    int fault; /* index of the figure that cannot be printed, -1 for none */
};

extern const double fit_padding; /* of a cell, at each side */

/* Share of the row's width that a cell of the first row has beside the other. */
double fit_first_share(int cell);

/* `widths`: of each figure at a size of one point. `width`: of the box. */
struct fit fit_figures(const double widths[FIT_FIGURES], double width);

#endif
