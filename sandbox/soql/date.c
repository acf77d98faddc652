/*
 * date.c - date literals as ranges of days in UTC. The week starts on Sunday and the fiscal year in January, as in
 * an org with the defaults of en_US.
 */
#include <string.h>
#include <time.h>

#include "sandbox/soql/soql.h"

enum unit { DAY, WEEK, MONTH, QUARTER, YEAR };

/*
 * A range: `first` units from the current one to `last` units from it, both included. With n: how often n counts at
 * each end. LAST_N_DAYS:n includes today, LAST_N_WEEKS:n and the longer ones end before the current unit.
 */
static const struct {
    const char *name;
    enum unit unit;
    int first, last;     /* without n */
    int first_n, last_n; /* added n times */
    bool takes_n;
} literals[] = {
    { "YESTERDAY", DAY, -1, -1, 0, 0, false },
    { "TODAY", DAY, 0, 0, 0, 0, false },
    { "TOMORROW", DAY, 1, 1, 0, 0, false },
    { "LAST_WEEK", WEEK, -1, -1, 0, 0, false },
    { "THIS_WEEK", WEEK, 0, 0, 0, 0, false },
    { "NEXT_WEEK", WEEK, 1, 1, 0, 0, false },
    { "LAST_MONTH", MONTH, -1, -1, 0, 0, false },
    { "THIS_MONTH", MONTH, 0, 0, 0, 0, false },
    { "NEXT_MONTH", MONTH, 1, 1, 0, 0, false },
    { "LAST_90_DAYS", DAY, -90, 0, 0, 0, false },
    { "NEXT_90_DAYS", DAY, 1, 90, 0, 0, false },
    { "LAST_N_DAYS", DAY, 0, 0, -1, 0, true },
    { "NEXT_N_DAYS", DAY, 1, 0, 0, 1, true },
    { "N_DAYS_AGO", DAY, 0, 0, -1, -1, true },
    { "LAST_N_WEEKS", WEEK, 0, -1, -1, 0, true },
    { "NEXT_N_WEEKS", WEEK, 1, 0, 0, 1, true },
    { "N_WEEKS_AGO", WEEK, 0, 0, -1, -1, true },
    { "LAST_N_MONTHS", MONTH, 0, -1, -1, 0, true },
    { "NEXT_N_MONTHS", MONTH, 1, 0, 0, 1, true },
    { "N_MONTHS_AGO", MONTH, 0, 0, -1, -1, true },
    { "THIS_QUARTER", QUARTER, 0, 0, 0, 0, false },
    { "LAST_QUARTER", QUARTER, -1, -1, 0, 0, false },
    { "NEXT_QUARTER", QUARTER, 1, 1, 0, 0, false },
    { "LAST_N_QUARTERS", QUARTER, 0, -1, -1, 0, true },
    { "NEXT_N_QUARTERS", QUARTER, 1, 0, 0, 1, true },
    { "N_QUARTERS_AGO", QUARTER, 0, 0, -1, -1, true },
    { "THIS_YEAR", YEAR, 0, 0, 0, 0, false },
    { "LAST_YEAR", YEAR, -1, -1, 0, 0, false },
    { "NEXT_YEAR", YEAR, 1, 1, 0, 0, false },
    { "LAST_N_YEARS", YEAR, 0, -1, -1, 0, true },
    { "NEXT_N_YEARS", YEAR, 1, 0, 0, 1, true },
    { "N_YEARS_AGO", YEAR, 0, 0, -1, -1, true },
    { "THIS_FISCAL_QUARTER", QUARTER, 0, 0, 0, 0, false },
    { "LAST_FISCAL_QUARTER", QUARTER, -1, -1, 0, 0, false },
    { "NEXT_FISCAL_QUARTER", QUARTER, 1, 1, 0, 0, false },
    { "LAST_N_FISCAL_QUARTERS", QUARTER, 0, -1, -1, 0, true },
    { "NEXT_N_FISCAL_QUARTERS", QUARTER, 1, 0, 0, 1, true },
    { "N_FISCAL_QUARTERS_AGO", QUARTER, 0, 0, -1, -1, true },
    { "THIS_FISCAL_YEAR", YEAR, 0, 0, 0, 0, false },
    { "LAST_FISCAL_YEAR", YEAR, -1, -1, 0, 0, false },
    { "NEXT_FISCAL_YEAR", YEAR, 1, 1, 0, 0, false },
    { "LAST_N_FISCAL_YEARS", YEAR, 0, -1, -1, 0, true },
    { "NEXT_N_FISCAL_YEARS", YEAR, 1, 0, 0, 1, true },
    { "N_FISCAL_YEARS_AGO", YEAR, 0, 0, -1, -1, true },
};

bool soql_is_date_literal(const char *name, bool *takes_n)
{
    for (size_t i = 0; i < sizeof literals / sizeof *literals; i++)
        if (strcmp(literals[i].name, name) == 0) {
            *takes_n = literals[i].takes_n;
            return true;
        }
    return false;
}

/* Midnight at the start of the unit that is `count` units from the one that holds `now`. */
static long long unit_start(enum unit unit, long count, long long now_ms)
{
    struct tm tm;
    time_t now = (time_t)(now_ms / 1000);
    gmtime_r(&now, &tm);
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    switch (unit) {
    case DAY:
        tm.tm_mday += (int)count;
        break;
    case WEEK:
        tm.tm_mday += (int)count * 7 - tm.tm_wday;
        break;
    case MONTH:
        tm.tm_mon += (int)count, tm.tm_mday = 1;
        break;
    case QUARTER:
        tm.tm_mon = tm.tm_mon / 3 * 3 + (int)count * 3, tm.tm_mday = 1;
        break;
    case YEAR:
        tm.tm_year += (int)count, tm.tm_mon = 0, tm.tm_mday = 1;
        break;
    }
    return (long long)timegm(&tm) * 1000;
}

bool soql_date_range(const char *name, long n, long long now_ms, long long *from_ms, long long *to_ms)
{
    for (size_t i = 0; i < sizeof literals / sizeof *literals; i++) {
        if (strcmp(literals[i].name, name) != 0)
            continue;
        *from_ms = unit_start(literals[i].unit, literals[i].first + n * literals[i].first_n, now_ms);
        *to_ms = unit_start(literals[i].unit, literals[i].last + n * literals[i].last_n + 1, now_ms);
        return true;
    }
    return false;
}
