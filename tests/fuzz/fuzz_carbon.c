/*
 * fuzz_carbon.c - texts that an org may hold (airport code, stops, class, status, aircraft), answers of a provider, and
 * any four numbers as positions. Nothing may crash, a code that is shown holds nothing that is hidden, and a distance
 * is finite and no longer than half a meridian.
 */
#include "actions/carbon_footprint/airports.h"
#include "actions/carbon_footprint/booking_status.h"
#include "actions/carbon_footprint/characters.h"
#include "actions/carbon_footprint/defra.h"
#include "actions/carbon_footprint/emission.h"
#include "actions/carbon_footprint/flights.h"
#include "actions/carbon_footprint/geodesic.h"
#include "actions/carbon_footprint/icao.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any text may stand in Via__c: a route is refused, or has an airport with a position at each stop. */
static void route(const char *via)
{
    struct flight_problem problem = { 0 };
    struct footprint_input in = { 0 };
    const struct flight flight = { .origin = "LHR", .destination = "JFK", .via = via };
    if (!flight_route(&flight, &in, &problem)) {
        if (!problem.code || !*problem.message)
            abort();
        return;
    }
    if (in.stop_count < 2 || in.stop_count > FOOTPRINT_STOPS_MAX)
        abort();
    for (size_t i = 0; i < in.stop_count; i++)
        if (!in.stops[i] || in.stops[i]->unplaced)
            abort();
}

/* An answer of a provider: refused with a word, or a likely amount for each cabin that it has. */
static void answer(const char *text)
{
    static struct emission_provider p;
    struct emission_figure got;
    const char *failure = NULL;
    char why[200];
    if (!*p.id && !emission_provider_read(
                      "{\"id\":\"f\",\"name\":\"F\",\"licence\":\"F\",\"kind\":\"modelled\",\"figure\":\"passenger\","
                      "\"covers\":\"co2\",\"unit\":\"kg\",\"url\":\"https://f/\",\"pointer\":\"/a/{cabin}\","
                      "\"unitPointer\":\"/u\",\"asOfPointer\":\"/d\"}",
                      &p, why, sizeof why))
        abort();
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    if (json && !emission_parse(&p, json, 1000, 1795426200, &got, &failure) && !failure)
        abort();
    for (int c = 0; json && !failure && c < CABIN_COUNT; c++)
        if (isfinite(got.kg[c]) && !(got.kg[c] > 0 && got.kg[c] <= 5000))
            abort();
    json_decref(json);
}

static void texts(const char *text)
{
    struct airport_lookup l;
    struct icao_aircraft type;
    enum cabin cabin;
    enum airport_verdict v = airport_find(text, &l);
    if ((v == AIRPORT_FOUND || v == AIRPORT_UNPLACED) != (l.airport != NULL) || l.candidate_count > AIRPORT_CITY_MAX)
        abort();
    for (const char *p = l.code; *p;) {
        if (character_is_hidden(character_next(&p)))
            abort();
    }
    route(text);
    (void)booking_status_of(text);
    answer(text);
    for (size_t i = 0; i < l.candidate_count; i++) {
        if (!l.candidates[i])
            abort();
    }
    if (!cabin_label_named(cabin_from_label(text, &cabin)) && cabin != CABIN_AVERAGE)
        abort();
    double kg;
    if (icao_aircraft(text, &type) && icao_fuel(&type, 300, &kg) == ICAO_FUEL_OK && !(kg > 0))
        abort();
}

static void places(const uint8_t *data)
{
    double v[4], km = 0;
    memcpy(v, data, sizeof v);
    if (geodesic_km(v[0], v[1], v[2], v[3], &km) && !(km >= 0 && km <= 20003.9315))
        abort();
    /* the same bits folded onto the globe, as most doubles lie far outside */
    for (int i = 0; i < 4; i++)
        v[i] = isfinite(v[i]) ? remainder(v[i], i % 2 ? 360 : 180) : 0;
    if (!geodesic_km(v[0], v[1], v[2], v[3], &km) || !(km >= 0 && km <= 20003.9315))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[256];
    if (size >= 4 * sizeof(double))
        places(data);
    if (size >= sizeof text)
        size = sizeof text - 1;
    memcpy(text, data, size);
    text[size] = '\0';
    texts(text);
    return 0;
}
