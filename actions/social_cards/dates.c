/* dates.c - days and ranges of days as each language writes them: Unicode CLDR by way of ICU. */
#include "actions/social_cards/dates.h"

#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/udat.h>
#include <unicode/udateintervalformat.h>
#include <unicode/udatpg.h>
#include <unicode/uloc.h>
#include <unicode/unumberformatter.h>
#include <unicode/ustring.h>

enum {
    DATE_UNITS = 200, /* UTF-16 units of what ICU writes or takes as a pattern */
    GREGORIAN = 1583  /* ICU counts earlier days by the Julian calendar */
};

static const UChar fields[] = u"yMMMMd", utc[] = u"UTC";

struct day {
    int year, month, day;
};

static bool parse_day(const char *s, struct day *d)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int used = 0;
    if (!s || sscanf(s, "%4d-%2d-%2d%n", &d->year, &d->month, &d->day, &used) != 3 || used != 10 || d->month < 1 ||
        d->month > 12)
        return false;
    bool leap = (d->year % 4 == 0 && d->year % 100 != 0) || d->year % 400 == 0;
    return d->day >= 1 && d->day <= days[d->month - 1] + (leap && d->month == 2);
}

static int compare(const struct day *a, const struct day *b)
{
    return a->year != b->year ? a->year - b->year : a->month != b->month ? a->month - b->month : a->day - b->day;
}

/* Milliseconds from 1970 to noon of that day, UTC. */
static UDate noon(const struct day *d)
{
    int64_t y = d->year - (d->month <= 2), era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (d->month + (d->month > 2 ? -3 : 9)) + 2) / 5 + d->day - 1;
    int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    return (double)(days * 86400 + 43200) * 1000;
}

_Static_assert(CARD_LOCALE_SIZE == ULOC_FULLNAME_CAPACITY, "a name of ICU fits");

bool card_locale_known(const char *locale, char out[CARD_LOCALE_SIZE])
{
    char tag[ULOC_FULLNAME_CAPACITY];
    UErrorCode e = U_ZERO_ERROR;
    /* a campaign without a language is written in the English of the world, day before month */
    snprintf(tag, sizeof tag, "%s", *locale ? locale : "en-001");
    for (char *p = tag; *p; p++)
        if (*p == '_')
            *p = '-';
    uloc_forLanguageTag(tag, out, ULOC_FULLNAME_CAPACITY, NULL, &e);
    /* where ICU lacks a language it takes the one of the process' environment, unless that is the root */
    if (strcmp(uloc_getDefault(), "root") != 0)
        uloc_setDefault("root", &e);
    if (U_FAILURE(e) || e == U_STRING_NOT_TERMINATED_WARNING || !*out)
        return false;
    UDateFormat *f = udat_open(UDAT_NONE, UDAT_LONG, out, utc, -1, NULL, 0, &e);
    const char *valid = f ? udat_getLocaleByType(f, ULOC_VALID_LOCALE, &e) : NULL;
    bool known = U_SUCCESS(e) && valid && *valid && strcmp(valid, "root") != 0;
    if (f)
        udat_close(f);
    return known;
}

static int32_t write_day(const char *locale, UDate day, UChar *out, UErrorCode *e)
{
    UChar pattern[DATE_UNITS];
    UDateTimePatternGenerator *g = udatpg_open(locale, e);
    int32_t n = g ? udatpg_getBestPattern(g, fields, -1, pattern, DATE_UNITS, e) : 0;
    UDateFormat *f = U_SUCCESS(*e) ? udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, utc, -1, pattern, n, e) : NULL;
    n = f ? udat_format(f, day, out, DATE_UNITS, NULL, e) : 0;
    if (f)
        udat_close(f);
    if (g)
        udatpg_close(g);
    return n;
}

static int32_t write_range(const char *locale, UDate from, UDate to, UChar *out, UErrorCode *e)
{
    UDateIntervalFormat *f = udtitvfmt_open(locale, fields, -1, utc, -1, e);
    int32_t n = f ? udtitvfmt_format(f, from, to, out, DATE_UNITS, NULL, e) : 0;
    if (f)
        udtitvfmt_close(f);
    return n;
}

/* UTF-8, with blanks of one kind and without marks of direction: a card sets those itself, and what came from outside
 * has them taken out with a warning. False = too long. */
static bool to_text(const UChar *in, int32_t n, char *out, size_t size)
{
    UChar plain[DATE_UNITS];
    int32_t used = 0, length = 0;
    UErrorCode e = U_ZERO_ERROR;
    for (int32_t i = 0; i < n; i++) {
        if (in[i] == 0x200e || in[i] == 0x200f || in[i] == 0x061c)
            continue;
        plain[used++] = in[i] == 0x2009 || in[i] == 0x202f || in[i] == 0xa0 ? ' ' : in[i];
    }
    u_strToUTF8(out, (int32_t)size, &length, plain, used, &e);
    return U_SUCCESS(e) && e != U_STRING_NOT_TERMINATED_WARNING;
}

/* Without the language: year, month and day in figures, which nobody reads wrongly. */
static void iso(const struct day *a, const struct day *b, char *out, size_t size)
{
    int n = snprintf(out, size, "%04d-%02d-%02d", a->year, a->month, a->day);
    if (b && n > 0 && (size_t)n < size)
        snprintf(out + n, size - (size_t)n, " \xe2\x80\x93 %04d-%02d-%02d", b->year, b->month, b->day);
}

bool card_dates(const char *from, const char *to, const char *locale, char *out, size_t size)
{
    struct day a, b;
    bool has_a = parse_day(from, &a), has_b = parse_day(to, &b);
    char icu[ULOC_FULLNAME_CAPACITY];
    UChar text[DATE_UNITS];
    UErrorCode e = U_ZERO_ERROR;
    *out = 0;
    if (has_a && has_b && compare(&a, &b) > 0)
        return false;
    if (!has_a && !has_b)
        return true;
    if (!has_a)
        a = b;
    bool range = has_a && has_b && compare(&a, &b) != 0;
    if (a.year >= GREGORIAN && card_locale_known(locale, icu)) {
        int32_t n = range ? write_range(icu, noon(&a), noon(&b), text, &e) : write_day(icu, noon(&a), text, &e);
        if (U_SUCCESS(e) && n < DATE_UNITS && to_text(text, n, out, size))
            return true;
    }
    iso(&a, range ? &b : NULL, out, size);
    return true;
}

/* ---- Parts of a day, and days that are left ---- */

static bool write_field(const char *locale, const UChar *skeleton, UDate day, char *out, size_t size)
{
    UChar pattern[DATE_UNITS], text[DATE_UNITS];
    UErrorCode e = U_ZERO_ERROR;
    UDateTimePatternGenerator *g = udatpg_open(locale, &e);
    int32_t n = g ? udatpg_getBestPattern(g, skeleton, -1, pattern, DATE_UNITS, &e) : 0;
    UDateFormat *f = U_SUCCESS(e) ? udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, utc, -1, pattern, n, &e) : NULL;
    n = f ? udat_format(f, day, text, DATE_UNITS, NULL, &e) : 0;
    if (f)
        udat_close(f);
    if (g)
        udatpg_close(g);
    return U_SUCCESS(e) && n < DATE_UNITS && to_text(text, n, out, size);
}

/* Only the digits, whatever a language writes behind them: 14日, 14. */
static void digits_only(char *text)
{
    size_t n = 0;
    UChar32 c;
    for (int32_t i = 0, before = 0; text[i]; before = i) {
        U8_NEXT_UNSAFE(text, i, c);
        if (u_isdigit(c)) {
            memmove(text + n, text + before, (size_t)(i - before));
            n += (size_t)(i - before);
        }
    }
    text[n] = 0;
}

bool card_day_parts(const char *from, const char *to, const char *locale, struct card_day_parts *out)
{
    struct day a, b;
    char icu[ULOC_FULLNAME_CAPACITY], first[64], last[64];
    *out = (struct card_day_parts){ 0 };
    bool has_b = parse_day(to, &b);
    if (!parse_day(from, &a) || (has_b && compare(&a, &b) > 0) || a.year < GREGORIAN || !card_locale_known(locale, icu))
        return false;
    if (!write_field(icu, u"d", noon(&a), out->day, sizeof out->day) ||
        !write_field(icu, u"LLL", noon(&a), out->month, sizeof out->month))
        return false;
    digits_only(out->day);
    if (!has_b || compare(&a, &b) == 0)
        return write_field(icu, u"EEEE", noon(&a), out->week, sizeof out->week) && *out->day;
    if (!write_field(icu, u"EEE", noon(&a), first, sizeof first) ||
        !write_field(icu, u"EEE", noon(&b), last, sizeof last))
        return false;
    snprintf(out->week, sizeof out->week, "%s \xe2\x80\x93 %s", first, last);
    return *out->day;
}

/* "3" and "days" of what ICU writes as "3 days"; English says that they are left. */
static bool split_unit(const char *locale, int days, struct card_days_left *out)
{
    UErrorCode e = U_ZERO_ERROR;
    UChar text[DATE_UNITS];
    char all[128];
    UNumberFormatter *f =
        unumf_openForSkeletonAndLocale(u"measure-unit/duration-day unit-width-full-name", -1, locale, &e);
    UFormattedNumber *r = unumf_openResult(&e);
    if (f && r)
        unumf_formatInt(f, days, r, &e);
    int32_t n = f && r ? unumf_resultToString(r, text, DATE_UNITS, &e) : 0;
    unumf_closeResult(r);
    unumf_close(f);
    if (U_FAILURE(e) || !to_text(text, n, all, sizeof all))
        return false;
    snprintf(out->number, sizeof out->number, "%.31s", all);
    digits_only(out->number);
    size_t length = strlen(out->number);
    const char *at = strstr(all, out->number);
    if (length == 0 || !at)
        return false;
    const char *unit = at == all ? at + length : all;
    int take = at == all ? (int)strlen(unit) : (int)(at - all);
    while (take > 0 && *unit == ' ')
        unit++, take--;
    while (take > 0 && unit[take - 1] == ' ')
        take--;
    snprintf(out->unit, sizeof out->unit, "%.*s%s", take, unit, strncmp(locale, "en", 2) == 0 ? " left" : "");
    return take > 0;
}

bool card_days_left(const char *from, const char *to, int64_t today, const char *locale, struct card_days_left *out)
{
    enum { MOST = 999 };
    struct day a, b;
    char icu[ULOC_FULLNAME_CAPACITY];
    if (!parse_day(to, &b) || !card_locale_known(locale, icu))
        return false;
    int64_t end = (int64_t)(noon(&b) / 1000 / 86400), left = end - today / 86400;
    if (left < 0 || left > MOST)
        return false;
    int64_t all = parse_day(from, &a) ? end - (int64_t)(noon(&a) / 1000 / 86400) : 30;
    out->part = all > 0 ? (double)left / (double)all : 1;
    out->part = out->part > 1 ? 1 : out->part;
    return split_unit(icu, (int)left, out);
}
