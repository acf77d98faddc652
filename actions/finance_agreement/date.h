/*
 * date.h - calendar dates without a clock or a time zone: the proleptic Gregorian calendar, years 1900 to 2199.
 */
#ifndef FINANCE_DATE_H
#define FINANCE_DATE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum { DATE_TEXT_SIZE = 24 };

struct date {
    int year, month, day;
};

/* Days since 1970-01-01, and back. */
int32_t date_days(struct date d);
struct date date_of_days(int32_t days);

/* The UTC date of a time. */
struct date date_of_time(time_t t);

/* "2026-11-23" exactly, and a day that exists. False otherwise; *out is then untouched. */
bool date_parse(const char *text, struct date *out) __attribute__((warn_unused_result));
char *date_text(struct date d, char *out);      /* of DATE_TEXT_SIZE bytes; returns it */
char *date_long_text(struct date d, char *out); /* "23 November 2026" */

/* The same day `months` later, or the last day of a shorter month. Always counted from the anchor, so Jan 31 gives Feb
 * 28, Mar 31. */
struct date date_add_months(struct date anchor, int months);
struct date date_add_days(struct date d, int days);

#endif
