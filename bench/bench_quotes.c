/*
 * bench_quotes.c - CPU of pricing one line of a quote: by the set "standard", and by one as large as a set may be.
 * The same with a price index of every country, and making the records of its Quote, are measured beside it. The exit
 * code says whether pricing stayed below its target.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "actions/quotes/records.h"
#include "runtime/client/call.h"

#define TARGET_US 20.0

enum { DEALS = 200, LINES = 10, ROUNDS = 100 };

static struct act_call call;
static struct deal deals[DEALS];

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void fault(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "bench_quotes: %s\n", text);
    exit(1);
}

static void make_deals(void)
{
    static const char *const countries[] = { "Germany", "United States", "Japan", "Brasil", "" };
    static const char *const families[] = { "Hardware", "Software", "Services", "Support", "" };
    for (int i = 0; i < DEALS; i++) {
        struct deal *d = &deals[i];
        *d = (struct deal){
            .name = "Deal", .country = countries[i % 5], .currency = "EUR", .exponent = 2, .lines_n = LINES
        };
        memcpy(d->id, "006000000000001AAA", SF_ID_SIZE);
        d->lines = act_alloc(&call, LINES * sizeof *d->lines);
        for (int k = 0; k < LINES; k++) {
            struct deal_line *line = &d->lines[k];
            line->product = "Gateway";
            line->family = families[k % 5];
            line->override_ppm = -1;
            line->unit = (struct decimal){ 4990 + i * 7 + k, 2 };
            line->quantity = (struct decimal){ 1 + (i * 13 + k * 29) % 300, 0 };
        }
    }
}

/* As large as a set may be: every layer full of rules, each with conditions, of which the last ones apply. */
static struct rules *largest(void)
{
    static char text[RULES_FILE_MAX];
    size_t n = (size_t)snprintf(text, sizeof text,
                                "{\"name\":\"largest\",\"capPercent\":90,\"defaultRegion\":\"EMEA\",\"layers\":[");
    for (int l = 0; l < 4; l++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%s{\"name\":\"l%d\",\"default\":1,\"rules\":[", l ? "," : "",
                              l);
        for (int k = 0; k < 100; k++)
            n += (size_t)snprintf(text + n, sizeof text - n,
                                  "%s{\"name\":\"r%d\",\"families\":[\"F%d\"],\"percent\":2,\"precedence\":%d}",
                                  k ? "," : "", k, k, k);
        n += (size_t)snprintf(text + n, sizeof text - n, "]}");
    }
    n += (size_t)snprintf(text + n, sizeof text - n, "]}");
    return rules_read(text, n, fault, NULL);
}

static double price_us(const struct rules *r)
{
    double before = cpu_us();
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < DEALS; i++) {
            deal_price(&deals[i], r, 20500);
            if (deals[i].problem.code)
                fault(NULL, deals[i].problem.message);
        }
    return (cpu_us() - before) / (ROUNDS * DEALS * LINES);
}

/* One line that is priced with an index of every country besides. */
static double indexed_us(void)
{
    static struct price_index x;
    struct rules r = *rules_now();
    for (; x.n < (size_t)country_count(); x.n++)
        x.values[x.n] = (struct index_value){ country_code((int)x.n), 1000001 + (int32_t)x.n };
    r.index.of = INDEX_COUNTRY;
    r.index.without_missing = true;
    r.prices = &x;
    return price_us(&r);
}

static double records_us(void)
{
    double before = cpu_us();
    for (int i = 0; i < DEALS; i++)
        for (int k = 0; k < LINES; k++) {
            json_t *line = quote_line_record(&deals[i].lines[k], &deals[i], "6f1c2f0e-6f3c-4f5a-8a3e-2f0c5d1e7a90",
                                             "0Q0000000000001CAA", true);
            char *text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(15));
            free(text);
            json_decref(line);
        }
    return (cpu_us() - before) / (DEALS * LINES);
}

int main(void)
{
    static struct declaration declaration;
    call_init(&call, &declaration, NULL);
    if (!rules_choose("standard", fault, NULL))
        return 1;
    make_deals();
    struct rules *large = largest();
    double standard = price_us(rules_now()), most = price_us(large), indexed = indexed_us(), records = records_us();
    printf("quotes, price of a line by the set \"standard\": %.2f us of CPU (target %.0f)\n", standard, TARGET_US);
    printf("quotes, price of a line by a set of 400 rules: %.2f us of CPU (target %.0f)\n", most, TARGET_US);
    printf("quotes, price of a line by \"standard\" and an index: %.2f us of CPU (target %.0f)\n", indexed, TARGET_US);
    printf("quotes, record of a line as JSON text: %.2f us of CPU\n", records);
    rules_free(large);
    call_fini(&call);
    return standard > TARGET_US || most > TARGET_US || indexed > TARGET_US;
}
