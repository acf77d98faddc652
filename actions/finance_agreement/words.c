#include "actions/finance_agreement/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define KEEP "\xc2\xa0"      /* a space that does not break */
#define MINUS "\xe2\x88\x92" /* U+2212 */

static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                      "July",    "August",   "September", "October", "November", "December" };

/* money_text has "-$1,000.00" and "1,000.000 KWD"; both parts of it, taken apart. */
static void split(int64_t minor, const struct money_currency *currency, char amount[MONEY_TEXT_SIZE], char sign[8])
{
    char text[MONEY_TEXT_SIZE];
    const char *p = money_text(minor, currency, text);
    p += *p == '-';
    size_t symbol = strcspn(p, "0123456789");
    snprintf(sign, 8, "%.*s", (int)symbol, p);
    snprintf(amount, MONEY_TEXT_SIZE, "%.*s", (int)strspn(p + symbol, "0123456789.,"), p + symbol);
}

char *words_money(int64_t minor, const struct money_currency *currency, char *out)
{
    char amount[MONEY_TEXT_SIZE], symbol[8];
    split(minor, currency, amount, symbol);
    snprintf(out, WORDS_SIZE, "%s%s%s%s", minor < 0 ? MINUS : "", *symbol ? symbol : currency->code,
             *symbol ? "" : KEEP, amount);
    return out;
}

char *words_amount(int64_t minor, const struct money_currency *currency, char *out)
{
    char amount[MONEY_TEXT_SIZE], symbol[8];
    split(minor, currency, amount, symbol);
    snprintf(out, WORDS_SIZE, "%s%s", minor < 0 ? MINUS : "", amount);
    return out;
}

static char *dated(struct date d, enum words_place place, int letters, char *out)
{
    const char *month = months[d.month - 1];
    if (place == WORDS_US)
        snprintf(out, WORDS_SIZE, "%.*s" KEEP "%d," KEEP "%d", letters, month, d.day, d.year);
    else
        snprintf(out, WORDS_SIZE, "%d" KEEP "%.*s" KEEP "%d", d.day, letters, month, d.year);
    return out;
}

char *words_date(struct date d, enum words_place place, char *out)
{
    return dated(d, place, 16, out);
}

char *words_day(struct date d, enum words_place place, char *out)
{
    return dated(d, place, 3, out);
}

char *words_nth(int n, char *out)
{
    static const char *const ends[] = { "th", "st", "nd", "rd" };
    int last = n % 100 >= 11 && n % 100 <= 13 ? 0 : n % 10;
    snprintf(out, WORDS_SIZE, "%d%s", n, ends[last < 4 ? last : 0]);
    return out;
}

static const char *percent_sign(enum words_place place)
{
    return place == WORDS_EU ? KEEP "%" : "%";
}

char *words_percent(double fraction, int places, enum words_place place, char *out)
{
    double scale = pow(10, places);
    snprintf(out, WORDS_SIZE, "%.*f%s", places, floor(fraction * 100 * scale + 0.5) / scale, percent_sign(place));
    return out;
}

char *words_rate(int64_t ppm, enum words_place place, char *out)
{
    char rate[MONEY_RATE_SIZE];
    money_rate_text(ppm, rate);
    snprintf(out, WORDS_SIZE, "%.*s%s", (int)strcspn(rate, "%"), rate, percent_sign(place));
    return out;
}

char *words_distance(int n, enum words_place place, char *out)
{
    static const struct money_currency whole = { "XXX", 0 }; /* ISO 4217's code where no currency is involved */
    char amount[WORDS_SIZE];
    bool miles = place == WORDS_US || place == WORDS_UK;
    snprintf(out, WORDS_SIZE, "%.60s" KEEP "%s", words_amount(n, &whole, amount),
             !miles   ? "km"
             : n == 1 ? "mile"
                      : "miles");
    return out;
}
