/* country_table.h - the tables that gen_country_table.c writes from data/countries.csv. */
#ifndef QUOTES_COUNTRY_TABLE_H
#define QUOTES_COUNTRY_TABLE_H

#include <stddef.h>

struct country_row {
    char code[3];
    const char *region;
};
extern const struct country_row country_rows[];
extern const int country_rows_n;

/* Codes and names, folded by country_fold, in the order of strcmp. */
struct country_key {
    const char *key;
    short country;
};
extern const struct country_key country_keys[];
extern const size_t country_keys_n;

enum { COUNTRY_KEY_SIZE = 64 };

/* Small ASCII letters, digits and all that is not ASCII; the rest (blanks, points, brackets) is left out. "" when it
 * does not fit, or is nothing else. */
static inline void country_fold(const char *text, char out[COUNTRY_KEY_SIZE])
{
    size_t n = 0;
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c | 32);
        if (c < 128 && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
            continue;
        if (n == COUNTRY_KEY_SIZE - 1) {
            n = 0;
            break;
        }
        out[n++] = (char)c;
    }
    out[n] = '\0';
}

#endif
