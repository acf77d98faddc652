/*
 * carbon_provider.c - a provider of announced emissions over HTTP, for an action that asks one. Its figures are
 * invented and depend on nothing but the question and the `as` that it may name, by which a test orders a fault of the
 * content: as=stale      figures of four years ago as=grams      grams, and it says so as=quiet      grams, and it
 * still says kg as=negative   below zero as=text       a number in quotation marks as=nothing    no figure for this leg
 * Faults of the way (slow, 500, garbage, hanging up) are those of POST /sandbox/faults.
 */
#include "sandbox/carbon_provider.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/system.h"

enum { DAY_MS = 24 * 60 * 60 * 1000, STALE_DAYS = 4 * 366 };

static const struct cabin {
    const char *name;
    double kg_per_km;
} cabins[] = {
    { "economy", 0.081 }, { "premium_economy", 0.122 }, { "business", 0.235 }, { "first", 0.324 }, { "average", 0.095 }
};

/* Reads the length of the leg; false when it is no number of kilometres. */
static bool read_km(const struct request *rq, double *km)
{
    char *text = request_query(rq, "km"), *end = NULL;
    errno = 0;
    *km = text ? strtod(text, &end) : 0;
    bool ok = text && !errno && end != text && !*end && *km > 0 && *km < 20100;
    free(text);
    return ok;
}

static bool is_code(const struct request *rq, const char *name)
{
    char *text = request_query(rq, name);
    bool ok = text && strlen(text) == 3 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
    free(text);
    return ok;
}

/* Three decimals, as people announce them. */
static json_t *figure(double kg, const char *as)
{
    char text[32];
    if (strcmp(as, "nothing") == 0)
        return json_null();
    if (strcmp(as, "text") == 0) {
        snprintf(text, sizeof text, "%.3f", kg);
        return json_string(text);
    }
    double factor = strcmp(as, "negative") == 0 ? -1 : strcmp(as, "grams") == 0 || strcmp(as, "quiet") == 0 ? 1000 : 1;
    return json_real(rint(kg * factor * 1000) / 1000);
}

/* GET /emissions/clearsky/leg?from=LHR&to=JFK&km=5555[&as=]: {"unit", "asOf", "passenger": {"economy": 450.1, ...}} */
void carbon_provider_leg(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    (void)s;
    double km;
    char day[32], *as = request_query(rq, "as");
    if (!is_code(rq, "from") || !is_code(rq, "to") || !read_km(rq, &km)) {
        reply_json(rp, 400, json_pack("{s:s}", "error", "from and to must be IATA codes, km a length in kilometres"));
        free(as);
        return;
    }
    const char *how = as ? as : "";
    int64_t today = now_ms() / DAY_MS, days = strcmp(how, "stale") == 0 ? today - STALE_DAYS : today;
    utc_text(days * DAY_MS, "Z", day);
    json_t *passenger = json_object();
    for (size_t i = 0; i < sizeof cabins / sizeof *cabins; i++)
        json_object_set_new(passenger, cabins[i].name, figure(cabins[i].kg_per_km * km, how));
    reply_json(rp, 200,
               json_pack("{s:s, s:s, s:o, s:o}", "unit", strcmp(how, "grams") == 0 ? "g CO2e" : "kg CO2e", "asOf", day,
                         "passenger", passenger, "flight", figure(18.2 * km, how)));
    free(as);
}
