/* dates.h - the days of a campaign, written as its language does. */
#ifndef ACTIONHOST_CARDS_DATES_H
#define ACTIONHOST_CARDS_DATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Writes one day or a range of days as Unicode CLDR does for the locale, what both days share once ("5–7 March 2026").
 * `from` and `to` are "YYYY-MM-DD" or NULL; what is no day of the calendar is left out. `locale` is a BCP 47 tag, "" =
 * unknown: the English of the world. A language that ICU lacks gets figures (2026-03-05). False with an empty text:
 * the range ends before it begins.
 */
bool card_dates(const char *from, const char *to, const char *locale, char *out, size_t size);

/* The first day for a tile: "14", "Nov" and "Saturday", or "Sat – Mon" of a range. False = no such day. */
struct card_day_parts {
    char day[32], month[64], week[160];
};
bool card_day_parts(const char *from, const char *to, const char *locale, struct card_day_parts *out);

/*
 * What a countdown shows on `today` (seconds since 1970, UTC): the days to the last one, in the language's digits, with
 * their word, and which part of the campaign they are. False: it has ended, has no end, or is more than 999 days away.
 */
struct card_days_left {
    char number[32], unit[96];
    double part;
};
bool card_days_left(const char *from, const char *to, int64_t today, const char *locale, struct card_days_left *out);

enum { CARD_LOCALE_SIZE = 157 }; /* of ICU's name of a locale */
/* Writes ICU's name of a BCP 47 tag; false when ICU has no data for its language. */
bool card_locale_known(const char *locale, char out[CARD_LOCALE_SIZE]);

#endif
