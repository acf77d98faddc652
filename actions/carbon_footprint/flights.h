/*
 * flights.h - flights and their bookings from the org: two queries for any number of flights up to 200.
 */
#ifndef CARBON_FLIGHTS_H
#define CARBON_FLIGHTS_H

#include "answer.h"
#include "runtime/action.h"

enum { FLIGHTS_MAX = 200 };

/* The optional members that both operations take. Totals of one cabin are never stored as those of a flight. */
struct flight_options {
    int year;
    bool rf, include_cancelled, write_back;
    bool confirm_route; /* totals of a route that may be another than was meant are stored, too */
    bool one_cabin;     /* count bookings of `cabin` only */
    enum cabin cabin;
    double load_factor;   /* 0 = of the route group */
    const char *aircraft; /* instead of the record's; NULL = the record's */
    bool seats_given;     /* `seats` instead of the record's */
    struct seat_map seats;
};

/* One flight as the org has it. Texts are borrowed from the call. */
struct flight {
    char id[SF_ID_SIZE];
    bool found;
    const char *name, *airline, *origin, *destination, *via, *aircraft, *status; /* NULL when absent */
    const json_t *seats[CABIN_COUNT]; /* numbers as the org wrote them; NULL when absent */
    int64_t booked[CABIN_COUNT], blank_class, unknown_class, assumed_class;
    int64_t unclear_status; /* of the bookings that were counted: the status does not say whether they travel */
    const char *write_back; /* off, written, unconfirmed, no_fields, refused, failed, unknown */
};

/* Why a flight has no footprint: a code declared in action.json and a sentence that says what to do. */
struct flight_problem {
    const char *code;
    char message[480];
    struct airport_lookup lookup; /* of an airport that was not found; candidates are 0 otherwise */
};

/* Records a problem; what a fault needs of `p` beside its code and message is set by the caller. Returns false. */
bool flight_problem_set(struct flight_problem *p, const char *code, const char *fmt, ...) ACT_PRINTF(3, 4);

struct flight_options flight_options_read(const json_t *in);

/* What was read, for the answer. */
struct flights_scope {
    const char *booking_filter; /* which bookings were counted */
    const char *route_source;   /* whether the flights could name stops */
    bool filtered;              /* cancelled bookings were left out */
};

/* Reads `count` flights whose ids are set, with their bookings. ACT_OK, or a refusal that is recorded already. */
enum act_outcome flights_read(struct act_call *call, const struct flight_options *o, struct flight *flights,
                              size_t count, struct flights_scope *scope) ACT_MUST_CHECK;

/*
 * Fills the stops of *in from the flight's origin, Via__c and destination, and says in in->doubtful_stop whether one of
 * them may be a word. False: *problem says what to correct. (route.c)
 */
bool flight_route(const struct flight *flight, struct footprint_input *in,
                  struct flight_problem *problem) ACT_MUST_CHECK;

/* The footprint of one flight that was read. False: *problem says why not. */
bool flight_footprint(struct act_call *call, const struct flight_options *o, const struct flights_scope *scope,
                      const struct flight *flight, struct footprint_input *in, struct footprint *out,
                      struct flight_problem *problem) ACT_MUST_CHECK;

/*
 * Asks the provider of EMISSION_PROVIDER, if there is one, about each flight that has figures, and makes its answers
 * the headline where they can be. figures[i] NULL = that flight has none. (emission_call.c)
 */
void flights_ask_provider(struct act_call *call, const struct flight *flights, const struct footprint_input *inputs,
                          struct footprint **figures, size_t count);

/* The check of both actions: reports what is wrong with the settings of the provider. (emission_call.c) */
void flights_check_provider(struct act_settings *settings);

/* "Astro Airlines-a02Hs00001D2QtLIAV" */
const char *flight_number(struct act_call *call, const struct flight *flight);

/*
 * Stores totals on the flights with one request, if the options ask for it and the fields are there and may be written.
 * Sets write_back of each flight and the warning of each footprint. figures[i] NULL = that flight has none.
 * (write_back.c)
 */
void flights_write_back(struct act_call *call, const struct flight_options *o, struct flight *flights,
                        struct footprint **figures, size_t count);

#endif
