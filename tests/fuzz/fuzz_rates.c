/* fuzz_rates.c - what a rate provider may send, in both shapes, and what then counts for a loan. */
#include <stdlib.h>
#include <string.h>

#include "actions/finance_agreement/market.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct market market;

static void judge(const struct market_provider *provider, const json_t *body)
{
    static const struct market_request request = {
        .currency = "USD", .tier = MARKET_PRIME, .term_months = 60, .now = 1795426200
    };
    struct market_rate rates[64];
    const char *failure = NULL;
    int n = market_parse(provider, body, request.now, market.quotes, &failure);
    if (n < -1 || n > MARKET_QUOTES_EACH || (n < 0) != (failure != NULL))
        abort();
    market.count = n < 0 ? 0 : n;
    for (int i = 0; i < market.count; i++) {
        const struct market_quote *q = &market.quotes[i];
        if (q->ppm < 0 || q->ppm > MARKET_MAX_PPM || q->term_min < 1 || q->term_max < q->term_min ||
            !market_name_ok(q->lender))
            abort();
    }
    int eligible = market_rates(&market, &request, 900000, rates, 64);
    for (int i = 0; i < eligible; i++)
        if (rates[i].ppm < 0 || rates[i].ppm > MARKET_MAX_PPM)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct market_provider providers[MARKET_PROVIDERS];
    char why[200];
    market_providers_parse("[{\"id\":\"t\",\"shape\":\"terms\",\"url\":\"https://t.example/"
                           "\"},{\"id\":\"q\",\"shape\":\"quotes\",\"url\":\"https://q.example/\"}]",
                           providers, why, sizeof why);
    json_t *body = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    if (body) {
        market.source_count = 1;
        judge(&providers[0], body);
        judge(&providers[1], body);
    }
    json_decref(body);
    char *text = strndup((const char *)data, size);
    if (text) {
        struct market_provider parsed[MARKET_PROVIDERS];
        int n = market_providers_parse(text, parsed, why, sizeof why);
        if (n > MARKET_PROVIDERS)
            abort();
    }
    free(text);
    return 0;
}
