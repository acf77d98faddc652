/*
 * answer.h - the footprint as JSON: flat figures for Flow and agents, and beneath them what an auditor asks for.
 */
#ifndef CARBON_ANSWER_H
#define CARBON_ANSWER_H

#include "footprint.h"

#include <jansson.h>
#include <time.h>

/* What the answer says beyond the figures. */
struct answer_facts {
    const char *flight_id;
    const char *flight_name;    /* Name of the record; NULL = none */
    const char *flight_number;  /* airline and id, as the published sample composes it */
    const char *booking_filter; /* which bookings were counted */
    const char *route_source;   /* whether the flight could name stops */
    const char *write_back;     /* "off", "written", ... */
    time_t now;
};

/* The whole answer of calculateCarbonFootprint; a new reference, NULL when memory ran out. */
json_t *answer_whole(const struct footprint_input *in, const struct footprint *f, const struct answer_facts *facts);

/* One successful row of calculateCarbonFootprints: scalars only. */
json_t *answer_row(const struct footprint_input *in, const struct footprint *f, const struct answer_facts *facts);

/* "2026-01-01T00:00:00Z"; a new reference, NULL when memory ran out or the time has no date. */
json_t *answer_time(time_t t);

/* Kilograms to the gram, kilometres to the metre: what the answer and the write-back show. */
double answer_round(double v);

#endif
