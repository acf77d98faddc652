/* money.c - the decimal digits of a number, rounding half up, texts of amounts. */
#include "actions/finance_agreement/money.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Active currencies of ISO 4217 by the decimals of their minor unit. */
static const struct {
    int exponent;
    const char *codes;
} currencies[] = {
    { 0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF" },
    { 3, "BHD IQD JOD KWD LYD OMR TND" },
    { 4, "CLF UYW" },
    { 2,
      "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP "
      "CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES "
      "KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK "
      "NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB "
      "TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG" },
};

static const int64_t powers[] = {
    1,         10,         100,         1000,         10000,         100000,         1000000,         10000000,
    100000000, 1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000
};
enum { POWERS = sizeof powers / sizeof *powers };

bool money_currency_find(const char *code, struct money_currency *out)
{
    if (!code || strlen(code) != 3 || strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
        return false;
    for (size_t i = 0; i < sizeof currencies / sizeof *currencies; i++) {
        /* every code stands at a multiple of four, so a match across two codes is none */
        const char *codes = currencies[i].codes;
        for (const char *at = codes; (at = strstr(at, code)); at++)
            if ((at - codes) % 4 == 0) {
                memcpy(out->code, code, 4);
                out->exponent = currencies[i].exponent;
                return true;
            }
    }
    return false;
}

/* Orders of magnitude of exchange rates in 2026. They decide nothing but how large a loan may be. */
static const struct {
    int64_t units;
    const char *codes;
} magnitudes[] = {
    { 10, "AED BOB BRL BWP CNY CZK DKK ERN GHS GTQ HKD HNL ILS LSL MAD MDL MOP MVR MXN MYR NAD NOK PEN PGK PLN QAR RON "
          "SAR SCR SEK SLE STN SVC SZL TJS TMT TTD TWD ZAR ZMW ZWG" },
    { 100,
      "AFN ALL BDT BTN CVE DJF DOP DZD EGP ETB GMD GYD HTG INR ISK JMD JPY KES KGS LKR LRD MKD MRU MUR MZN NIO NPR "
      "PHP PKR RSD RUB SRD THB TRY UAH UYU VES VUV XPF" },
    { 1000, "AMD AOA ARS BIF CDF CLP CRC HUF IQD KMF KPW KRW KZT MMK MWK NGN RWF SDG SOS TZS XAF XOF YER" },
    { 10000, "COP GNF IDR KHR LAK MGA MNT PYG SSP SYP UGX UZS VND" },
    { 100000, "IRR LBP" },
};

int64_t money_magnitude(const char *code)
{
    for (size_t i = 0; i < sizeof magnitudes / sizeof *magnitudes; i++)
        if (strstr(magnitudes[i].codes, code))
            return magnitudes[i].units;
    return 1;
}

int64_t money_half_up(__int128 num, int64_t den)
{
    /* nearly every division fits 64 bits, which is several times faster than 128 */
    if (num >= 0 && num <= INT64_MAX / 4 && den <= INT64_MAX / 4)
        return (2 * (int64_t)num + den) / (2 * den);
    __int128 magnitude = num < 0 ? -num : num;
    int64_t rounded = (int64_t)((2 * magnitude + den) / (2 * (__int128)den));
    return num < 0 ? -rounded : rounded;
}

int64_t money_round(long double value)
{
    return (int64_t)(value < 0 ? ceill(value - 0.5L) : floorl(value + 0.5L));
}

int64_t money_share(int64_t amount, int64_t ppm)
{
    return money_half_up((__int128)amount * ppm, MONEY_PPM);
}

/* digits * 10^exponent, digits without trailing zeros; 0 is {0, 0}. */
struct decimal {
    int64_t digits;
    int exponent;
    bool negative;
};

/* The shortest decimal that 15 significant digits give, which is what a person or another system wrote. */
static bool decimal_of(double value, struct decimal *out)
{
    char text[40];
    if (!isfinite(value))
        return false;
    snprintf(text, sizeof text, "%.*e", MONEY_NUMBER_DIGITS - 1, fabs(value));
    struct decimal d = { .negative = value < 0 };
    const char *p = text;
    for (; *p && *p != 'e'; p++)
        if (*p != '.')
            d.digits = d.digits * 10 + (*p - '0');
    d.exponent = (int)strtol(p + 1, NULL, 10) - (MONEY_NUMBER_DIGITS - 1);
    if (!d.digits)
        d.exponent = 0;
    for (; d.digits && d.digits % 10 == 0; d.exponent++)
        d.digits /= 10;
    *out = d;
    return true;
}

enum money_fault money_from_double(double number, int exponent, int64_t *minor)
{
    struct decimal d;
    if (!decimal_of(number, &d))
        return MONEY_NOT_A_NUMBER;
    int shift = d.exponent + exponent;
    if (shift < 0)
        return MONEY_TOO_PRECISE;
    if (shift >= POWERS || d.digits > MONEY_MAX / powers[shift])
        return MONEY_TOO_LARGE;
    *minor = (d.negative ? -d.digits : d.digits) * powers[shift];
    return MONEY_OK;
}

enum money_fault money_from_json(const json_t *number, int exponent, int64_t *minor)
{
    if (json_is_integer(number)) {
        json_int_t v = json_integer_value(number);
        if (v > MONEY_MAX / powers[exponent] || v < -(MONEY_MAX / powers[exponent]))
            return MONEY_TOO_LARGE;
        *minor = v * powers[exponent];
        return MONEY_OK;
    }
    return json_is_real(number) ? money_from_double(json_real_value(number), exponent, minor) : MONEY_NOT_A_NUMBER;
}

double money_number(int64_t minor, int exponent)
{
    return (double)minor / (double)powers[exponent];
}

bool money_ppm_from_double(double percent, int32_t *ppm)
{
    struct decimal d;
    if (!decimal_of(percent, &d))
        return false;
    int shift = d.exponent + 4; /* 1 % = 10^4 ppm */
    int64_t value;
    if (shift >= 0) {
        if (shift >= POWERS || d.digits > INT32_MAX / powers[shift])
            return false;
        value = d.digits * powers[shift];
    } else {
        /* below zero, "down" is away from zero; 16 places beyond the point leave nothing of 15 digits */
        int64_t scale = -shift < POWERS ? powers[-shift] : INT64_MAX;
        value = d.negative ? d.digits / scale + (d.digits % scale != 0) : d.digits / scale;
    }
    if (value > INT32_MAX)
        return false;
    *ppm = (int32_t)(d.negative ? -value : value);
    return true;
}

bool money_ppm_from_json(const json_t *percent, int32_t *ppm)
{
    return json_is_number(percent) && money_ppm_from_double(json_number_value(percent), ppm);
}

bool money_ppm_from_text(const char *percent, int32_t *ppm)
{
    int64_t value = 0;
    size_t whole = percent ? strspn(percent, "0123456789") : 0;
    if (whole < 1 || whole > 4)
        return false;
    for (size_t i = 0; i < whole; i++)
        value = value * 10 + (percent[i] - '0');
    const char *p = percent + whole;
    size_t places = 0;
    if (*p == '.') {
        places = strspn(++p, "0123456789");
        if (places < 1 || places > 10)
            return false;
    }
    if (p[places])
        return false;
    for (size_t i = 0; i < 4; i++)
        value = value * 10 + (i < places ? p[i] - '0' : 0);
    *ppm = (int32_t)value;
    return true;
}

double money_percent(int64_t ppm)
{
    return (double)ppm / 10000.0;
}

static const char *symbol_of(const char *code)
{
    static const char *const symbols[][2] = {
        { "USD", "$" }, { "EUR", "\xe2\x82\xac" }, { "GBP", "\xc2\xa3" }, { "JPY", "\xc2\xa5" }
    };
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (!strcmp(code, symbols[i][0]))
            return symbols[i][1];
    return NULL;
}

char *money_text(int64_t minor, const struct money_currency *currency, char *out)
{
    uint64_t magnitude = minor < 0 ? -(uint64_t)minor : (uint64_t)minor;
    uint64_t scale = (uint64_t)powers[currency->exponent];
    char digits[24], grouped[32];
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)(magnitude / scale));
    int at = 0;
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            grouped[at++] = ',';
        grouped[at++] = digits[i];
    }
    grouped[at] = '\0';
    char fraction[8] = "";
    if (currency->exponent)
        snprintf(fraction, sizeof fraction, ".%0*u", currency->exponent, (unsigned)(magnitude % scale));
    const char *symbol = symbol_of(currency->code);
    snprintf(out, MONEY_TEXT_SIZE, "%s%s%s%s%s%s", minor < 0 ? "-" : "", symbol ? symbol : "", grouped, fraction,
             symbol ? "" : " ", symbol ? "" : currency->code);
    return out;
}

char *money_rate_text(int64_t ppm, char *out)
{
    uint64_t magnitude = ppm < 0 ? -(uint64_t)ppm : (uint64_t)ppm;
    int n = snprintf(out, MONEY_RATE_SIZE - 3, "%s%llu.%04u", ppm < 0 ? "-" : "",
                     (unsigned long long)(magnitude / 10000), (unsigned)(magnitude % 10000));
    while (out[n - 1] == '0')
        n--;
    if (out[n - 1] == '.')
        n--;
    memcpy(out + n, "%", 2);
    return out;
}
