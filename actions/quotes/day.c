/* day.c - dates as days since 1970, without a clock and without a time zone. */
#include "actions/quotes/day.h"

#include <stdio.h>
#include <string.h>

/* Days since 1970-01-01 of the proleptic Gregorian calendar, by counting years from March. */
static int32_t day_of(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;
    int era = y / 400, of_era = y - era * 400;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static void date_of(int32_t days, int *year, int *month, int *day)
{
    int32_t z = days + 719468, era = z / 146097, of_era = z - era * 146097;
    int y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;
    *day = of_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = y + era * 400 + (*month <= 2);
}

bool day_read(const char *text, int32_t *day)
{
    int part[3] = { 0 }, again[3];
    static const int start[] = { 0, 5, 8 }, length[] = { 4, 2, 2 };
    if (!text || strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return false;
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < length[k]; i++) {
            char c = text[start[k] + i];
            if (c < '0' || c > '9')
                return false;
            part[k] = part[k] * 10 + (c - '0');
        }
    if (part[0] < 1 || part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31)
        return false;
    *day = day_of(part[0], part[1], part[2]);
    date_of(*day, &again[0], &again[1], &again[2]);
    return memcmp(part, again, sizeof part) == 0; /* not the 30th of February */
}

char *day_text(int32_t day, char *out)
{
    int y, m, d;
    date_of(day, &y, &m, &d);
    if (y < 0 || y > 9999)
        y = 9999;
    snprintf(out, DAY_TEXT_SIZE, "%04d-%02d-%02d", y, m, d);
    return out;
}
