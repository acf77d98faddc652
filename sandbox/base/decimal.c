/* decimal.c - see decimal.h. */
#include "sandbox/base/decimal.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Below it a double times a power of ten is less than a quarter off the whole number that is meant. */
#define SURE 1125899906842624.0 /* 2^50 */

decimal decimal_power(int n)
{
    decimal p = 1;
    while (n-- > 0)
        p *= 10;
    return p;
}

struct digits {
    char p[64];
    int n;     /* of them; those that have no room could not count */
    int point; /* how many stand before the point; below 0 zeros follow it first */
};

/* 1.50e2: the digits 15 with the point behind three of them. NULL when it is no number. */
static const char *read_digits(const char *p, struct digits *d)
{
    bool any = false, fraction = false;
    for (; isdigit((unsigned char)*p) || (*p == '.' && !fraction); p++) {
        if (*p == '.') {
            fraction = true;
            continue;
        }
        any = true;
        if (d->n == 0 && *p == '0') {
            d->point -= fraction;
            continue;
        }
        d->point += !fraction;
        if (d->n < (int)sizeof d->p)
            d->p[d->n++] = (char)(*p - '0');
    }
    return any && p[-1] != '.' ? p : NULL;
}

/* e+3; the point moves. NULL when it is none. */
static const char *read_exponent(const char *p, struct digits *d)
{
    int sign = *++p == '-' ? -1 : 1, n = 0;
    if (*p == '-' || *p == '+')
        p++;
    if (!isdigit((unsigned char)*p))
        return NULL;
    for (; isdigit((unsigned char)*p); p++)
        n = n < 10000 ? n * 10 + (*p - '0') : n;
    d->point += sign * n;
    return p;
}

enum decimal_reading decimal_read(const char *text, int scale, decimal *out)
{
    struct digits d = { .n = 0 };
    bool negative = *text == '-';
    const char *p = read_digits(text + (*text == '-' || *text == '+'), &d);
    if (p && (*p == 'e' || *p == 'E'))
        p = read_exponent(p, &d);
    if (!p || *p)
        return DECIMAL_NO_NUMBER;
    if (d.n && d.point > DECIMAL_DIGITS)
        return DECIMAL_TOO_LARGE;
    decimal v = 0;
    int whole = d.point + scale; /* digits that count */
    for (int i = 0; i < whole; i++)
        v = v * 10 + (i < d.n ? d.p[i] : 0);
    if (d.n && whole >= 0 && whole < d.n && d.p[whole] >= 5)
        v++;
    *out = negative ? -v : v;
    return DECIMAL_READ;
}

decimal decimal_of(double d, int scale)
{
    char text[64];
    decimal v = 0;
    double scaled = d * (double)decimal_power(scale);
    if (fabs(scaled) < SURE)
        return (decimal)llrint(scaled);
    snprintf(text, sizeof text, "%.*f", scale, d); /* exact, and so a little slow */
    return decimal_read(text, scale, &v) == DECIMAL_READ ? v : 0;
}

double decimal_quotient(decimal n, decimal d)
{
    char text[96], *o = text + 48;
    decimal whole = n < 0 ? -n : n, rest = whole % d;
    if ((double)whole < SURE && (double)d < SURE)
        return (double)n / (double)d; /* both exact, so it is the nearest */
    whole /= d;
    do
        *--o = (char)('0' + (int)(whole % 10));
    while ((whole /= 10) > 0);
    if (n < 0)
        *--o = '-';
    char *end = text + 48;
    *end++ = '.';
    for (int i = 0; i < 40; i++, rest %= d) {
        rest *= 10;
        *end++ = (char)('0' + (int)(rest / d));
    }
    *end = '\0';
    return strtod(o, NULL);
}
