/*
 * amount.h - exact decimals of prices and quantities, amounts in whole minor units, and the one place where an amount
 * is rounded.
 *
 * A number of the org is taken by its 15 significant decimal digits and never again as a double. Amounts are int64 in
 * units of 10^-exponent of their currency.
 */
#ifndef QUOTES_AMOUNT_H
#define QUOTES_AMOUNT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUOTES_MUST_CHECK __attribute__((warn_unused_result))

enum {
    AMOUNT_PPM = 1000000, /* 100 % */
    AMOUNT_PER_PERCENT = 10000,
    AMOUNT_PLACES = 9,        /* decimals of a price or a quantity, at most */
    AMOUNT_TEXT_SIZE = 48,    /* any amount with its currency */
    AMOUNT_PERCENT_SIZE = 16, /* any percentage */
    AMOUNT_DECIMAL_SIZE = 40
};

/* The largest amount there is, in minor units: 15 digits, which a double keeps exactly. */
#define AMOUNT_MAX INT64_C(999999999999999)

/* digits / 10^places, places from 0 to AMOUNT_PLACES, |digits| at most AMOUNT_MAX. */
struct decimal {
    int64_t digits;
    int places;
};

/* False: no number, or one that does not fit. */
bool decimal_read(const json_t *number, struct decimal *out) QUOTES_MUST_CHECK;
/* "12.5", "-3"; returns `out`, of AMOUNT_DECIMAL_SIZE bytes. */
char *decimal_text(struct decimal d, char *out);
/* < 0, 0, > 0 */
int decimal_compare(struct decimal a, struct decimal b);

/*
 * Decimals that prices in this currency are rounded to: its minor unit of ISO 4217, but two at most, as an org's price
 * fields have no more. Two for "" and for a code that is not listed.
 */
int amount_exponent(const char *currency);

/* num / den to the nearest integer, a tie away from zero; den > 0. Every rounded amount of a quote comes from here. */
__int128 amount_half_up(__int128 num, __int128 den);

/* price * ppm / 10^6, rounded to `exponent` decimals; ppm at most 10^7. False: beyond AMOUNT_MAX. */
bool amount_scaled(struct decimal price, int32_t ppm, int exponent, int64_t *minor) QUOTES_MUST_CHECK;
/* price * (1 - ppm / 10^6), rounded to `exponent` decimals. False: beyond AMOUNT_MAX. */
bool amount_discounted(struct decimal price, int32_t ppm, int exponent, int64_t *minor) QUOTES_MUST_CHECK;
/* a * b, rounded to `exponent` decimals. False: beyond AMOUNT_MAX. */
bool amount_product(struct decimal a, struct decimal b, int exponent, int64_t *minor) QUOTES_MUST_CHECK;
/* The decimal that an amount is. */
struct decimal amount_decimal(int64_t minor, int exponent);
/* Adds to *sum. False, and *sum as it was: beyond AMOUNT_MAX. */
bool amount_add(int64_t *sum, int64_t minor) QUOTES_MUST_CHECK;
/* Reads a number as an amount, rounded to `exponent` decimals. False: no number, or beyond AMOUNT_MAX. */
bool amount_read(const json_t *number, int exponent, int64_t *minor) QUOTES_MUST_CHECK;

/* The number that stands for an amount in JSON: printed with 15 digits it is the exact decimal. */
double amount_number(int64_t minor, int exponent);
/* "1,234.56 EUR"; "1,234.56" when the currency is "". Returns `out`, of AMOUNT_TEXT_SIZE bytes. */
char *amount_text(int64_t minor, int exponent, const char *currency, char *out);

/* Percent with at most 4 decimals as millionths. False: no number, more decimals, or outside 0 to 100. */
bool amount_ppm_read(const json_t *percent, int32_t *ppm) QUOTES_MUST_CHECK;
/* "12.5 %"; returns `out`, of AMOUNT_PERCENT_SIZE bytes. */
char *amount_percent_text(int32_t ppm, char *out);

#endif
