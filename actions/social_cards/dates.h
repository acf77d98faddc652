/* dates.h - the days of a campaign, written as its language does. */
#ifndef ACTIONHOST_CARDS_DATES_H
#define ACTIONHOST_CARDS_DATES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes one day or a range of days as Unicode CLDR does for the locale, what both days share once ("5–7 March 2026").
 * `from` and `to` are "YYYY-MM-DD" or NULL; what is no day of the calendar is left out. `locale` is a BCP 47 tag, "" =
 * unknown: the English of the world. A language that ICU lacks gets figures (2026-03-05). False with an empty text:
 * the range ends before it begins.
 */
bool card_dates(const char *from, const char *to, const char *locale, char *out, size_t size);

enum { CARD_LOCALE_SIZE = 157 }; /* of ICU's name of a locale */
/* Writes ICU's name of a BCP 47 tag; false when ICU has no data for its language. */
bool card_locale_known(const char *locale, char out[CARD_LOCALE_SIZE]);

#endif
