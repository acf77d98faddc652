/* date.c - day numbers and the calendar, in integers. */
#include "actions/finance_agreement/date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_length(int year, int month)
{
    static const unsigned char lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return lengths[month - 1] + (month == 2 && leap(year));
}

/* Counts in years that begin in March, so that the leap day is the last of its year. */
int32_t date_days(struct date d)
{
    int year = d.month <= 2 ? d.year - 1 : d.year;
    int era = (year >= 0 ? year : year - 399) / 400;
    int of_era = year - era * 400;
    int of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct date date_of_days(int32_t days)
{
    int z = days + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int of_era = z - era * 146097;
    int year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted = (5 * of_year + 2) / 153;
    int month = shifted + (shifted < 10 ? 3 : -9);
    return (struct date){ .year = year_of_era + era * 400 + (month <= 2),
                          .month = month,
                          .day = of_year - (153 * shifted + 2) / 5 + 1 };
}

struct date date_of_time(time_t t)
{
    int64_t days = t / 86400 - (t % 86400 < 0);
    return date_of_days((int32_t)days);
}

bool date_parse(const char *text, struct date *out)
{
    static const char form[] = "dddd-dd-dd";
    if (!text || strlen(text) != sizeof form - 1)
        return false;
    for (size_t i = 0; form[i]; i++)
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    struct date d = { (int)strtol(text, NULL, 10), (int)strtol(text + 5, NULL, 10), (int)strtol(text + 8, NULL, 10) };
    if (d.year < 1900 || d.year > 2199 || d.month < 1 || d.month > 12 || d.day < 1 ||
        d.day > month_length(d.year, d.month))
        return false;
    *out = d;
    return true;
}

char *date_text(struct date d, char *out)
{
    snprintf(out, DATE_TEXT_SIZE, "%04d-%02d-%02d", d.year % 10000, d.month % 100, d.day % 100);
    return out;
}

char *date_long_text(struct date d, char *out)
{
    static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December" };
    snprintf(out, DATE_TEXT_SIZE, "%d %s %d", d.day % 100, months[d.month - 1], d.year % 10000);
    return out;
}

struct date date_add_months(struct date anchor, int months)
{
    int total = anchor.year * 12 + anchor.month - 1 + months;
    struct date d = { total / 12, total % 12 + 1, anchor.day };
    int last = month_length(d.year, d.month);
    if (d.day > last)
        d.day = last;
    return d;
}

struct date date_add_days(struct date d, int days)
{
    return date_of_days(date_days(d) + days);
}
