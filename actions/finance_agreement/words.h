/*
 * words.h - amounts, dates, rates and distances as the reader of a document writes them. What belongs together is kept
 * together by spaces that do not break. Each function returns `out`, of WORDS_SIZE bytes.
 */
#ifndef FINANCE_WORDS_H
#define FINANCE_WORDS_H

#include "actions/finance_agreement/date.h"
#include "actions/finance_agreement/money.h"

enum { WORDS_SIZE = 96 };
enum words_place { WORDS_US, WORDS_UK, WORDS_EU, WORDS_ELSEWHERE };

char *words_money(int64_t minor, const struct money_currency *currency, char *out);  /* "$1,000.00", "KWD 1,000.000" */
char *words_amount(int64_t minor, const struct money_currency *currency, char *out); /* likewise without currency */
char *words_date(struct date d, enum words_place place, char *out); /* "November 28, 2026", "28 November 2026" */
char *words_day(struct date d, enum words_place place, char *out);  /* "Nov 28, 2026", "28 Nov 2026" */
char *words_nth(int n, char *out);                                  /* "28th" */
/* A fraction in percent, rounded half-up to `places` decimals: "6.50%", "5.7 %". */
char *words_percent(double fraction, int places, enum words_place place, char *out);
/* A nominal rate exactly as it is, up to four decimals. */
char *words_rate(int64_t ppm, enum words_place place, char *out);
char *words_distance(int n, enum words_place place, char *out); /* "21,480 miles", "21,480 km" */

#endif
