/* market_parse.c - one provider's answer, checked member by member. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/finance_agreement/date.h"
#include "actions/finance_agreement/market.h"
#include "actions/finance_agreement/money.h"

enum { TERM_MAX = 480, SCORE_MAX = 1000, POINTER_STEPS = 8 };

/* Depth of nesting, not looked at beyond `left`. */
static bool deeper_than(const json_t *value, int left)
{
    const char *key;
    json_t *member;
    size_t i;
    if (!json_is_object(value) && !json_is_array(value))
        return false;
    if (left == 0)
        return true;
    json_array_foreach (value, i, member)
        if (deeper_than(member, left - 1))
            return true;
    json_object_foreach ((json_t *)value, key, member)
        if (deeper_than(member, left - 1))
            return true;
    return false;
}

/* RFC 6901, members and array positions; NULL when it leads nowhere. */
static const json_t *at_pointer(const json_t *value, const char *pointer)
{
    char step[64];
    for (int i = 0; i < POINTER_STEPS && *pointer == '/' && value; i++) {
        size_t n = 0;
        for (pointer++; *pointer && *pointer != '/' && n + 1 < sizeof step; pointer++) {
            if (*pointer == '~' && (pointer[1] == '0' || pointer[1] == '1'))
                step[n++] = *++pointer == '1' ? '/' : '~';
            else
                step[n++] = *pointer;
        }
        step[n] = '\0';
        value = json_is_array(value) ? json_array_get(value, strtoul(step, NULL, 10)) : json_object_get(value, step);
    }
    return *pointer ? NULL : value;
}

/* What a yearly rate of another basis is as a nominal one with monthly periods. */
static int32_t to_nominal(int32_t ppm, enum market_basis basis)
{
    if (basis != MARKET_APR_EU)
        return ppm; /* without fees the US rate is the nominal one */
    return (int32_t)money_round(12e6L * expm1l(log1pl(ppm / 1e6L) / 12));
}

static bool rate_member(const json_t *value, enum market_basis basis, int32_t *out)
{
    int32_t ppm;
    if (!json_is_number(value) || !money_ppm_from_json(value, &ppm) || ppm < 0 || ppm > MARKET_MAX_PPM)
        return false;
    *out = to_nominal(ppm, basis);
    return true;
}

/* "2026-11-23", "2026-11-23T08:30:00Z" or with an offset; 0 when it is neither. */
static int64_t time_of(const char *text)
{
    char day[11];
    struct date date;
    int h = 0, m = 0, s = 0, used = 0;
    if (!text || strlen(text) < 10)
        return 0;
    memcpy(day, text, 10);
    day[10] = '\0';
    if (!date_parse(day, &date))
        return 0;
    int64_t t = (int64_t)date_days(date) * 86400;
    if (!text[10])
        return t;
    if (sscanf(text + 10, "T%2d:%2d:%2d%n", &h, &m, &s, &used) != 3 || h > 23 || m > 59 || s > 60 || h < 0 || m < 0 ||
        s < 0)
        return 0;
    const char *p = text + 10 + used;
    if (*p == '.')
        p += 1 + strspn(p + 1, "0123456789");
    int oh = 0, om = 0;
    if ((*p == '+' || *p == '-') && sscanf(p + 1, "%2d:%2d%n", &oh, &om, &used) == 2 && !p[1 + used])
        return t + h * 3600 + m * 60 + s - (*p == '-' ? -1 : 1) * (oh * 3600 + om * 60);
    return !strcmp(p, "Z") ? t + h * 3600 + m * 60 + s : 0;
}

static bool int_member(const json_t *object, const char *key, int min, int max, int *out)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value))
        return true;
    if (!json_is_integer(value) || json_integer_value(value) < min || json_integer_value(value) > max)
        return false;
    *out = (int)json_integer_value(value);
    return true;
}

static bool time_member(const json_t *object, const char *key, int64_t *out)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value))
        return true;
    *out = time_of(json_string_value(value));
    return *out != 0;
}

bool market_name_ok(const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,&'()_-";
    return *text && strlen(text) < MARKET_LENDER && strspn(text, plain) == strlen(text);
}

static bool lender_member(const json_t *object, struct market_quote *q)
{
    const json_t *value = json_object_get(object, "lender");
    if (!value || json_is_null(value))
        return true;
    const char *text = json_string_value(value);
    if (!text || strlen(text) != json_string_length(value) || !market_name_ok(text))
        return false;
    memcpy(q->lender, text, strlen(text) + 1);
    return true;
}

static bool words(const json_t *object, struct market_quote *q, enum market_basis *basis)
{
    const char *said = json_string_value(json_object_get(object, "basis"));
    if (said) {
        if (strcmp(said, "nominal") && strcmp(said, "apr_us") && strcmp(said, "apr_eu"))
            return false;
        *basis = !strcmp(said, "apr_us") ? MARKET_APR_US : !strcmp(said, "apr_eu") ? MARKET_APR_EU : MARKET_NOMINAL;
    }
    const char *condition = json_string_value(json_object_get(object, "condition"));
    if (condition) {
        if (strcmp(condition, "new") && strcmp(condition, "used"))
            return false;
        q->condition = !strcmp(condition, "new") ? MARKET_NEW : MARKET_USED;
    }
    const char *currency = json_string_value(json_object_get(object, "currency"));
    if (currency) {
        if (strlen(currency) != 3)
            return false;
        memcpy(q->currency, currency, 4);
    }
    return true;
}

static struct market_quote blank(const struct market_provider *provider)
{
    struct market_quote q = { .score_max = SCORE_MAX, .condition = -1 };
    memcpy(q.lender, provider->name, sizeof q.lender);
    memcpy(q.currency, provider->currency, sizeof q.currency);
    return q;
}

static bool quote_of(const struct market_provider *provider, const json_t *item, time_t now, struct market_quote *out)
{
    struct market_quote q = blank(provider);
    enum market_basis basis = provider->basis;
    int ltv = 0, term = 0;
    if (!json_is_object(item) || !lender_member(item, &q) || !words(item, &q, &basis) ||
        !int_member(item, "termMonths", 1, TERM_MAX, &term) || !int_member(item, "termMin", 1, TERM_MAX, &q.term_min) ||
        !int_member(item, "termMax", 1, TERM_MAX, &q.term_max) ||
        !int_member(item, "scoreMin", 0, SCORE_MAX, &q.score_min) ||
        !int_member(item, "scoreMax", 0, SCORE_MAX, &q.score_max) ||
        !int_member(item, "maxLtvPercent", 1, 1000, &ltv) || !time_member(item, "asOf", &q.as_of) ||
        !time_member(item, "expiresAt", &q.expires) ||
        !rate_member(json_object_get(item, "ratePercent"), basis, &q.ppm))
        return false;
    if (term)
        q.term_min = q.term_max = term;
    q.max_ltv_ppm = ltv * 10000;
    if (!q.term_min || q.term_max < q.term_min || q.score_max < q.score_min || q.as_of > now + MARKET_SKEW_S)
        return false;
    *out = q;
    return true;
}

static int parse_quotes(const struct market_provider *provider, const json_t *list, time_t now,
                        struct market_quote *out)
{
    int n = 0;
    if (!json_is_array(list) || json_array_size(list) > MARKET_QUOTES_EACH)
        return -1;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!quote_of(provider, json_array_get(list, i), now, &out[n++]))
            return -1;
    return n;
}

static int parse_terms(const struct market_provider *provider, json_t *terms, struct market_quote *out)
{
    const char *months;
    json_t *rate;
    int n = 0;
    if (!json_is_object(terms) || json_object_size(terms) > MARKET_QUOTES_EACH)
        return -1;
    json_object_foreach (terms, months, rate) {
        size_t digits = strspn(months, "0123456789");
        int term = digits >= 1 && digits <= 3 && !months[digits] ? (int)strtol(months, NULL, 10) : 0;
        struct market_quote q = blank(provider);
        if (term < 1 || term > TERM_MAX || !rate_member(rate, provider->basis, &q.ppm))
            return -1;
        q.term_min = q.term_max = term;
        out[n++] = q;
    }
    return n;
}

int market_parse(const struct market_provider *provider, const json_t *body, time_t now, struct market_quote *out,
                 const char **failure)
{
    const json_t *rates = at_pointer(body, provider->pointer);
    int n = -1;
    if (!deeper_than(body, MARKET_DEPTH))
        n = provider->shape == MARKET_SHAPE_TERMS ? parse_terms(provider, (json_t *)rates, out)
                                                  : parse_quotes(provider, rates, now, out);
    if (n < 0)
        *failure = "bad_body";
    return n;
}
