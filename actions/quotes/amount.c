/* amount.c - the decimal digits of a number, rounding half up, texts of amounts. */
#include "actions/quotes/amount.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POWERS = 19, DIGITS = 15 };

static int64_t power(int n)
{
    static const int64_t powers[POWERS] = { 1,
                                            10,
                                            100,
                                            1000,
                                            10000,
                                            100000,
                                            1000000,
                                            10000000,
                                            100000000,
                                            1000000000,
                                            10000000000,
                                            100000000000,
                                            1000000000000,
                                            10000000000000,
                                            100000000000000,
                                            1000000000000000,
                                            10000000000000000,
                                            100000000000000000,
                                            1000000000000000000 };
    return powers[n];
}

/* digits * 10^exponent as a decimal; `digits` has no zeros at its end. */
static bool shifted(int64_t digits, int exponent, struct decimal *out)
{
    if (exponent > DIGITS || exponent < -AMOUNT_PLACES)
        return false;
    *out = (struct decimal){ digits, exponent < 0 ? -exponent : 0 };
    if (exponent > 0) {
        if (llabs(digits) > AMOUNT_MAX / power(exponent))
            return false;
        out->digits = digits * power(exponent);
    }
    return llabs(out->digits) <= AMOUNT_MAX;
}

/* The shortest decimal that 15 significant digits give: what a person or the org's own arithmetic wrote. */
static bool from_double(double value, struct decimal *out)
{
    char text[40];
    int64_t digits = 0;
    if (!isfinite(value))
        return false;
    snprintf(text, sizeof text, "%.*e", DIGITS - 1, fabs(value));
    const char *p = text;
    for (; *p && *p != 'e'; p++)
        if (*p != '.')
            digits = digits * 10 + (*p - '0');
    int exponent = (int)strtol(p + 1, NULL, 10) - (DIGITS - 1);
    if (digits == 0)
        exponent = 0;
    for (; digits && digits % 10 == 0; exponent++)
        digits /= 10;
    return shifted(value < 0 ? -digits : digits, exponent, out);
}

bool decimal_read(const json_t *number, struct decimal *out)
{
    if (json_is_real(number))
        return from_double(json_real_value(number), out);
    if (!json_is_integer(number) || json_integer_value(number) > AMOUNT_MAX || json_integer_value(number) < -AMOUNT_MAX)
        return false;
    *out = (struct decimal){ json_integer_value(number), 0 };
    return true;
}

char *decimal_text(struct decimal d, char *out)
{
    int64_t scale = power(d.places), magnitude = llabs(d.digits);
    int n = snprintf(out, AMOUNT_DECIMAL_SIZE, "%s%lld", d.digits < 0 ? "-" : "", (long long)(magnitude / scale));
    if (magnitude % scale) {
        n += snprintf(out + n, AMOUNT_DECIMAL_SIZE - (size_t)n, ".%0*lld", d.places, (long long)(magnitude % scale));
        while (out[n - 1] == '0')
            out[--n] = '\0';
    }
    return out;
}

int decimal_compare(struct decimal a, struct decimal b)
{
    __int128 left = (__int128)a.digits * power(b.places), right = (__int128)b.digits * power(a.places);
    return left < right ? -1 : left > right;
}

int amount_exponent(const char *currency)
{
    /* ISO 4217: currencies without a minor unit. Those with three or four decimals are held with two. */
    static const char whole[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
    if (!currency || strlen(currency) != 3 || strchr(currency, ' '))
        return 2;
    return strstr(whole, currency) ? 0 : 2;
}

__int128 amount_half_up(__int128 num, __int128 den)
{
    /* nearly every division fits 64 bits, which is several times faster */
    if (num >= 0 && num <= INT64_MAX / 4 && den <= INT64_MAX / 4)
        return (2 * (int64_t)num + (int64_t)den) / (2 * (int64_t)den);
    __int128 magnitude = num < 0 ? -num : num;
    __int128 rounded = (2 * magnitude + den) / (2 * den);
    return num < 0 ? -rounded : rounded;
}

static bool keep(__int128 value, int64_t *minor)
{
    if (value > AMOUNT_MAX || value < -AMOUNT_MAX)
        return false;
    *minor = (int64_t)value;
    return true;
}

/* num / 10^places, rounded to `exponent` decimals: num below 10^30 in size, places at most 18. */
static bool at_scale(__int128 num, int places, int64_t divisor, int exponent, int64_t *minor)
{
    if (exponent >= places)
        return keep(amount_half_up(num * power(exponent - places), divisor), minor);
    return keep(amount_half_up(num, (__int128)power(places - exponent) * divisor), minor);
}

bool amount_scaled(struct decimal price, int32_t ppm, int exponent, int64_t *minor)
{
    return at_scale((__int128)price.digits * ppm, price.places, AMOUNT_PPM, exponent, minor);
}

bool amount_discounted(struct decimal price, int32_t ppm, int exponent, int64_t *minor)
{
    return amount_scaled(price, AMOUNT_PPM - ppm, exponent, minor);
}

bool amount_product(struct decimal a, struct decimal b, int exponent, int64_t *minor)
{
    return at_scale((__int128)a.digits * b.digits, a.places + b.places, 1, exponent, minor);
}

struct decimal amount_decimal(int64_t minor, int exponent)
{
    return (struct decimal){ minor, exponent };
}

bool amount_add(int64_t *sum, int64_t minor)
{
    return keep((__int128)*sum + minor, sum);
}

bool amount_read(const json_t *number, int exponent, int64_t *minor)
{
    struct decimal d;
    return decimal_read(number, &d) && at_scale(d.digits, d.places, 1, exponent, minor);
}

double amount_number(int64_t minor, int exponent)
{
    return (double)minor / (double)power(exponent);
}

char *amount_text(int64_t minor, int exponent, const char *currency, char *out)
{
    int64_t magnitude = llabs(minor);
    char digits[24], grouped[32], fraction[12] = "";
    int n = snprintf(digits, sizeof digits, "%lld", (long long)(magnitude / power(exponent)));
    int at = 0;
    for (int i = 0; i < n && at < (int)sizeof grouped - 2; i++) {
        if (i && (n - i) % 3 == 0)
            grouped[at++] = ',';
        grouped[at++] = digits[i];
    }
    grouped[at] = '\0';
    if (exponent)
        snprintf(fraction, sizeof fraction, ".%0*d", exponent, (int)(magnitude % power(exponent)));
    snprintf(out, AMOUNT_TEXT_SIZE, "%s%s%s%s%.3s", minor < 0 ? "-" : "", grouped, fraction, *currency ? " " : "",
             currency);
    return out;
}

bool amount_ppm_read(const json_t *percent, int32_t *ppm)
{
    struct decimal d;
    if (!decimal_read(percent, &d) || d.places > 4 || d.digits < 0 || d.digits > 100 * power(d.places))
        return false;
    *ppm = (int32_t)(d.digits * power(4 - d.places));
    return true;
}

char *amount_percent_text(int32_t ppm, char *out)
{
    char number[AMOUNT_DECIMAL_SIZE];
    snprintf(out, AMOUNT_PERCENT_SIZE, "%.12s %%", decimal_text((struct decimal){ ppm, 4 }, number));
    return out;
}
