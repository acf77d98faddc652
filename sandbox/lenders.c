/*
 * lenders.c - two lenders that quote rates over HTTP, one for each JSON shape in use: an aggregator whose answer maps
 * terms to annual rates (the shape of auto.dev's GET /apr/{vin}), and a marketplace that lists quotes. Their rates are
 * invented, and depend on nothing but the question, so that a test can expect them.
 */
#include "sandbox/lenders.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/system.h"

enum { MILLI = 1000 /* rates are thousandths of a percent */, DAY_MS = 24 * 60 * 60 * 1000 };

/* Lowest score of a tier, its rate for a new car over 36 months, and what a used car costs on top. */
static const struct tier {
    int score_min, score_max, milli, used_milli;
} tiers[] = {
    { 781, 850, 4890, 1310 },  { 661, 780, 6120, 2240 },  { 601, 660, 9350, 3980 },
    { 501, 600, 12990, 5150 }, { 300, 500, 15480, 5820 },
};

static const struct term {
    int months, milli;
} terms[] = { { 24, -150 }, { 36, 0 }, { 48, 60 }, { 60, 180 }, { 72, 390 }, { 84, 760 } };

static const size_t n_terms = sizeof terms / sizeof *terms, n_tiers = sizeof tiers / sizeof *tiers;

struct question {
    long score, age, term; /* term 0 = all */
};

/* Reads a number of the query; false when it is there and not within its bounds. */
static bool number(const struct request *rq, const char *name, long min, long max, long otherwise, long *out)
{
    char *text = request_query(rq, name), *end;
    bool ok = true;
    *out = otherwise;
    if (text) {
        errno = 0;
        *out = strtol(text, &end, 10);
        ok = !errno && end != text && !*end && *out >= min && *out <= max;
    }
    free(text);
    return ok;
}

static void lender_error(const struct request *rq, struct reply *rp, int status, const char *error, const char *code)
{
    char id[37];
    uuid_text(id);
    reply_json(rp, status,
               json_pack("{s:{s:i, s:s, s:s, s:s, s:s}}", "error", "status", status, "error", error, "code", code,
                         "path", rq->path, "requestId", id));
}

static bool read_question(const struct request *rq, struct question *q, struct reply *rp)
{
    char *term = request_query(rq, "term");
    bool ok = number(rq, "creditScore", 300, 850, 720, &q->score) && number(rq, "vehicleAge", 0, 40, 0, &q->age) &&
              number(rq, term ? "term" : "termMonths", 1, 120, 0, &q->term);
    free(term);
    if (!ok)
        lender_error(rq, rp, 400, "creditScore, vehicleAge or term is out of range", "INVALID_PARAMETER");
    return ok;
}

/* A term that nobody offers is answered with all that are, so that the caller can judge. */
static bool term_offered(long months)
{
    for (size_t i = 0; i < n_terms; i++)
        if (terms[i].months == months)
            return true;
    return false;
}

static const struct tier *tier_of(long score)
{
    size_t i = 0;
    while (i < n_tiers - 1 && score < tiers[i].score_min)
        i++;
    return &tiers[i];
}

static int rate_milli(const struct question *q, const struct term *term, int margin)
{
    const struct tier *tier = tier_of(q->score);
    int age = q->age > 10 ? 10 : (int)q->age;
    return tier->milli + (age ? tier->used_milli + 40 * age : 0) + term->milli + margin;
}

/* GET /lenders/harbor/apr/{vin}?creditScore=&vehicleAge=...: {"apr": {"36": 7.644, ...}} */
void lender_apr(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    (void)s;
    struct question q;
    if (!read_question(rq, &q, rp))
        return;
    const char *vin = strrchr(rq->path, '/') + 1;
    if (strlen(vin) != 17 || strspn(vin, "ABCDEFGHJKLMNPRSTUVWXYZ0123456789") != 17) {
        lender_error(rq, rp, 400, "The VIN is not valid", "INVALID_VIN");
        return;
    }
    json_t *apr = json_object();
    for (size_t i = 1; i < n_terms; i++) {
        char months[12];
        snprintf(months, sizeof months, "%d", terms[i].months);
        json_object_set_new(apr, months, json_real((double)rate_milli(&q, &terms[i], 230) / MILLI));
    }
    reply_json(rp, 200, json_pack("{s:o}", "apr", apr));
}

static const struct house {
    const char *name, *kind;
    int margin;
} houses[] = { { "Summit Community Credit Union", "credit_union", -420 }, { "First Valley Bank", "bank", 140 } };

static json_t *quote(const struct question *q, const struct house *house, const struct term *term, const char *today)
{
    const struct tier *tier = tier_of(q->score);
    const struct {
        const char *name;
        json_t *value;
    } members[] = {
        { "lender", json_string(house->name) },
        { "kind", json_string(house->kind) },
        { "termMonths", json_integer(term->months) },
        { "ratePercent", json_real((double)rate_milli(q, term, house->margin) / MILLI) },
        { "basis", json_string("nominal") },
        { "condition", json_string(q->age ? "used" : "new") },
        { "currency", json_string("USD") },
        { "asOf", json_string(today) },
        { "scoreMin", json_integer(tier->score_min) },
        { "scoreMax", json_integer(tier->score_max) },
        { "maxLtvPercent", json_integer(120) },
    };
    json_t *made = json_object();
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        json_object_set_new(made, members[i].name, members[i].value);
    return made;
}

/* GET /lenders/summit/quotes?termMonths=&creditScore=&vehicleAge=: {"quotes": [{...}]} */
void lender_quotes(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    (void)s;
    struct question q;
    if (!read_question(rq, &q, rp))
        return;
    char today[32];
    utc_text(now_ms() / DAY_MS * DAY_MS, "Z", today);
    json_t *quotes = json_array();
    for (size_t h = 0; h < sizeof houses / sizeof *houses; h++)
        for (size_t i = 0; i < n_terms; i++)
            if (!term_offered(q.term) || q.term == terms[i].months)
                json_array_append_new(quotes, quote(&q, &houses[h], &terms[i], today));
    reply_json(rp, 200, json_pack("{s:o}", "quotes", quotes));
}
