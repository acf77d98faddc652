/* carbon_footprint.c - calculateCarbonFootprint: one flight of the org. */
#include "flights.h"

#include <string.h>

/* Refuses with the airports that may have been meant as rows of details. */
static enum act_outcome refuse(struct act_call *call, const struct flight_problem *p)
{
    char code[4];
    for (size_t i = 0; i < p->lookup.candidate_count; i++) {
        const struct airport *a = p->lookup.candidates[i];
        act_refuse_detail(call, "/flightId", "candidate", "%s %s", airport_iata(a, code), airport_name(a));
    }
    return act_refuse(call, p->code, "/flightId", "%s", p->message);
}

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    struct flight_options o = flight_options_read(in);
    struct footprint_input *input = act_alloc(call, sizeof *input);
    struct footprint *figures = act_alloc(call, sizeof *figures);
    struct flight *flight = act_alloc(call, sizeof *flight);
    struct flight_problem problem;
    struct flights_scope scope;
    if (!sf_id_check(json_string_value(json_object_get(in, "flightId")), flight->id))
        return ACT_FAULT; /* the schema has checked it */
    enum act_outcome outcome = flights_read(call, &o, flight, 1, &scope);
    if (outcome != ACT_OK)
        return outcome;
    if (!flight_footprint(call, &o, &scope, flight, input, figures, &problem))
        return refuse(call, &problem);
    flights_ask_provider(call, flight, input, &figures, 1);
    flights_write_back(call, &o, flight, &figures, 1);
    const struct answer_facts facts = { .flight_id = flight->id,
                                        .flight_name = flight->name,
                                        .flight_number = flight_number(call, flight),
                                        .booking_filter = scope.booking_filter,
                                        .route_source = scope.route_source,
                                        .write_back = flight->write_back,
                                        .now = act_now(call) };
    json_t *answer = answer_whole(input, figures, &facts);
    if (!answer)
        return ACT_FAULT;
    *out = answer;
    return ACT_OK;
}

const struct action carbon_footprint_action = { .check = flights_check_provider, .run = run };
