/* figure.h - the parts of a figure such as "from £39 a month": what is set large and what small beside it. */
#ifndef ACTIONHOST_CARDS_FIGURE_H
#define ACTIONHOST_CARDS_FIGURE_H

#include <stdbool.h>

/* Put together again, in order and with blanks, the parts are the figure. Borrowed bytes are copied. */
struct card_figure {
    char before[96];   /* words: from */
    char currency[16]; /* in front of the number: £, CHF */
    char sign[8];      /* minus or plus */
    char value[64];    /* 39, 1,299.00, or all of a figure that is no number */
    char unit[16];     /* behind it: %, € */
    char after[96];    /* words: a month */
};

/* False: the figure is too long to be taken apart; everything that fits is in `value`. */
bool card_figure_parse(const char *text, struct card_figure *out);

/* Length of the value as badges count it: digits, and the currency at 0.62. */
double card_figure_length(const struct card_figure *f);

#endif
