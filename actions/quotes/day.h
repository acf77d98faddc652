/* day.h - dates of rules and quotes: whole days since 1970-01-01. */
#ifndef QUOTES_DAY_H
#define QUOTES_DAY_H

#include <stdbool.h>
#include <stdint.h>

enum { DAY_SECONDS = 86400, DAY_TEXT_SIZE = 40 };

/* Reads "2026-01-31"; false when it is no date of the years 1 to 9999. */
bool day_read(const char *text, int32_t *day) __attribute__((warn_unused_result));
/* Returns `out`, of DAY_TEXT_SIZE bytes. */
char *day_text(int32_t day, char *out);

#endif
