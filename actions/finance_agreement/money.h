/*
 * money.h - amounts as whole minor units (cents), rates as whole ppm, and the one place where either is rounded.
 *
 * An amount never is a double: it comes in by its 15 significant decimal digits and leaves as the number equal to
 * minor / 10^exponent. A rate is nominal per year in millionths: 3.5 % = 35000 ppm.
 */
#ifndef FINANCE_MONEY_H
#define FINANCE_MONEY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MONEY_MUST_CHECK __attribute__((warn_unused_result))

enum {
    MONEY_PPM = 1000000,     /* 100 % */
    MONEY_TEXT_SIZE = 48,    /* any amount with its symbol and separators */
    MONEY_RATE_SIZE = 24,    /* any rate */
    MONEY_NUMBER_DIGITS = 15 /* decimal digits that a double always keeps */
};

/* The largest amount that is taken from outside, in minor units; sums of many stay far inside int64. */
#define MONEY_MAX INT64_C(1000000000000000)

/* A currency of ISO 4217: three letters and the number of decimals of its minor unit. */
struct money_currency {
    char code[4];
    int exponent;
};

/* False when `code` is not an active currency of ISO 4217 (upper case, three letters). */
bool money_currency_find(const char *code, struct money_currency *out) MONEY_MUST_CHECK;

/*
 * Roughly how many units of a currency stand for one US dollar, as a power of ten; 1 for a code that is not listed.
 * Limits are scaled by it, so that one figure serves every currency; an amount never is.
 */
int64_t money_magnitude(const char *code);

/*
 * num / den rounded to the nearest integer, a tie away from zero; den > 0. The only rounding of money in this action:
 * payments, interest and tax pass through here, or through money_round for a value that is not a fraction of integers.
 */
int64_t money_half_up(__int128 num, int64_t den);
int64_t money_round(long double value);

/* amount * ppm / 10^6, half-up. */
int64_t money_share(int64_t amount, int64_t ppm);

enum money_fault {
    MONEY_OK,
    MONEY_NOT_A_NUMBER, /* not a JSON number, NaN or infinite */
    MONEY_TOO_PRECISE,  /* more decimals than the currency has */
    MONEY_TOO_LARGE     /* beyond MONEY_MAX */
};

/* Reads a JSON number as an amount, by its 15 significant digits. *minor is untouched on a fault. */
enum money_fault money_from_json(const json_t *number, int exponent, int64_t *minor) MONEY_MUST_CHECK;
enum money_fault money_from_double(double number, int exponent, int64_t *minor) MONEY_MUST_CHECK;

/* The number that stands for an amount in JSON: printed with 15 digits it is the exact decimal. */
double money_number(int64_t minor, int exponent);

/* Reads percent as ppm, rounded down (a promise "at most" must not be exceeded by rounding). False: not a number, or
 * beyond int32. */
bool money_ppm_from_json(const json_t *percent, int32_t *ppm) MONEY_MUST_CHECK;
bool money_ppm_from_double(double percent, int32_t *ppm) MONEY_MUST_CHECK;
/* Reads decimal text, `^[0-9]{1,4}(\.[0-9]{1,10})?$`, likewise rounded down. */
bool money_ppm_from_text(const char *percent, int32_t *ppm) MONEY_MUST_CHECK;

/* The number that stands for a rate in JSON, in percent: 35000 -> 3.5. */
double money_percent(int64_t ppm);

/* "$1,234.56", "1,234 JPY" and the like for people; returns `out`, of MONEY_TEXT_SIZE bytes. */
char *money_text(int64_t minor, const struct money_currency *currency, char *out);
/* "3.5%" with up to 4 decimals, trailing zeros left out; returns `out`, of MONEY_RATE_SIZE bytes. */
char *money_rate_text(int64_t ppm, char *out);

#endif
