/*
 * price_index.c - a price index over HTTP, for quotes that are priced with one: invented factors of list prices by
 * country, region, product family and currency in one answer, as of now. `as` orders a fault of the content: as=old
 * of thirty hours ago as=future of tomorrow as=high a factor of 11 as=text a number in quotation marks as=nothing no
 * values as=undated no date as=twice two values for Germany. Faults of the way (slow, 500, garbage, hanging up) are
 * those of POST /sandbox/faults.
 */
#include "sandbox/price_index.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/base/system.h"

enum { HOUR_MS = 60 * 60 * 1000, OLD_HOURS = 30 };

static const struct factor {
    const char *key;
    double value;
} factors[] = { { "DE", 1.02 },       { "US", 1.05 },      { "JP", 0.97 },  { "FR", 1 },         { "EMEA", 1.03 },
                { "NAMER", 1.04 },    { "LATAM", 0.9 },    { "APAC", 1.1 }, { "Hardware", 1.2 }, { "Services", 0.95 },
                { "Software", 1.01 }, { "USD", 1.083412 }, { "EUR", 1 },    { "JPY", 0.89 } };

/* GET /prices/index[?as=]: {"asOf", "source", "values": {"DE": 1.02, ...}} */
void price_index_get(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    (void)s;
    char moment[32], *as = request_query(rq, "as");
    const char *how = as ? as : "";
    int64_t hours = strcmp(how, "old") == 0 ? -OLD_HOURS : strcmp(how, "future") == 0 ? 24 : 0;
    json_t *values = json_object(), *answer = json_pack("{s:s}", "source", "Sandbox price index");
    utc_text(now_ms() + hours * HOUR_MS, "Z", moment);
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
        json_object_set_new(values, factors[i].key, json_real(factors[i].value));
    if (strcmp(how, "high") == 0)
        json_object_set_new(values, "DE", json_integer(11));
    if (strcmp(how, "text") == 0)
        json_object_set_new(values, "DE", json_string("1.02"));
    if (strcmp(how, "twice") == 0)
        json_object_set_new(values, "Germany", json_real(1.04));
    if (strcmp(how, "undated") != 0)
        json_object_set_new(answer, "asOf", json_string(moment));
    if (strcmp(how, "nothing") != 0)
        json_object_set(answer, "values", values);
    json_decref(values);
    reply_json(rp, 200, answer);
    free(as);
}
