/* dates.h - the days of a campaign as people write them. */
#ifndef ACTIONHOST_CARDS_DATES_H
#define ACTIONHOST_CARDS_DATES_H

#include <stddef.h>

/*
 * Writes "12 May 2026", "12. Mai 2026", "May 12, 2026" or a range of such days. `from` and `to` are "YYYY-MM-DD" or
 * NULL; a language without month names here gets ISO dates. "" when there is no date.
 */
void card_dates(const char *from, const char *to, const char *locale, char *out, size_t size);

#endif
