/*
 * bench_carbon.c - CPU of one footprint without the org: codes looked up, distance, both methods, answer as text.
 * Prints microseconds per footprint beside its target; the exit code says whether the target was met.
 */
#include "actions/carbon_footprint/answer.h"
#include "actions/carbon_footprint/geodesic.h"
#include "runtime/base/json_text.h"
#include "runtime/base/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TARGET_US 60.0

enum { ROUNDS = 20000, KINDS = 4 };

static const struct kind {
    const char *name, *stops[4], *aircraft;
    struct seat_map seats;
    int64_t booked[CABIN_COUNT];
} kinds[KINDS] = {
    { "one leg, one cabin", { "LHR", "DUB" }, NULL, { { 0 } }, { [CABIN_ECONOMY] = 120 } },
    { "one leg, five cabins, both methods",
      { " lhr", "KJFK" },
      "Boeing 787-9",
      { { [CABIN_ECONOMY] = 188, [CABIN_PREMIUM] = 35, [CABIN_BUSINESS] = 42, [CABIN_FIRST] = 8 } },
      { 3, 150, 20, 30, 6 } },
    { "near-antipodal leg", { "MAD", "WLG" }, "359", { { [CABIN_ECONOMY] = 300 } }, { [CABIN_ECONOMY] = 250 } },
    { "three legs, four cabins, both methods",
      { "LHR", "DXB", "SIN", "SYD" },
      "388",
      { { [CABIN_ECONOMY] = 399, [CABIN_PREMIUM] = 36, [CABIN_BUSINESS] = 78, [CABIN_FIRST] = 8 } },
      { 0, 300, 30, 60, 8 } },
};

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Everything that the action does between the org's answer and its own. */
static size_t footprint(const struct kind *k)
{
    struct footprint_input in = { .seats = k->seats, .aircraft = k->aircraft, .year = DEFRA_YEAR_DEFAULT, .rf = true };
    struct footprint f;
    struct airport_lookup l;
    struct answer_facts facts = { .flight_id = "a0Fxx0000000000EAA",
                                  .flight_name = "NW 101",
                                  .flight_number = "Northwind Air-a0Fxx0000000000EAA",
                                  .booking_filter = "Status__c is not cancelled or no-show",
                                  .route_source = "origin, stops of Via__c, destination",
                                  .write_back = "off",
                                  .now = 1767225600 };
    for (size_t i = 0; i < 4 && k->stops[i]; i++) {
        if (airport_find(k->stops[i], &l) != AIRPORT_FOUND)
            abort();
        in.stops[in.stop_count++] = l.airport;
    }
    memcpy(in.booked, k->booked, sizeof in.booked);
    if (footprint_compute(&in, &f) != FOOTPRINT_OK)
        abort();
    json_t *answer = answer_whole(&in, &f, &facts);
    struct buf text;
    buf_init(&text, LIMIT_REPLY);
    if (!answer || !buf_json(&text, answer))
        abort();
    size_t n = text.n;
    buf_free(&text);
    json_decref(answer);
    return n;
}

int main(void)
{
    bool met = true;
    for (int i = 0; i < KINDS; i++) {
        size_t bytes = footprint(&kinds[i]);
        double begun = cpu_us();
        for (int r = 0; r < ROUNDS; r++)
            bytes = footprint(&kinds[i]);
        double us = (cpu_us() - begun) / ROUNDS;
        met &= us <= TARGET_US;
        printf("carbon %-38s %6.1f us CPU per footprint (target %.0f), %zu bytes\n", kinds[i].name, us, TARGET_US,
               bytes);
    }
    double km, sum = 0, begun = cpu_us();
    srand48(1);
    for (int r = 0; r < ROUNDS; r++) {
        if (geodesic_km(drand48() * 180 - 90, drand48() * 360, drand48() * 180 - 90, drand48() * 360, &km))
            sum += km;
    }
    printf("carbon %-38s %6.2f us CPU per distance, mean %.0f km\n", "geodesic, random points",
           (cpu_us() - begun) / ROUNDS, sum / ROUNDS);
    return !met;
}
