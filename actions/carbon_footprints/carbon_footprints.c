/* carbon_footprints.c - calculateCarbonFootprints: up to 200 flights in two queries, a result or an error for each. */
#include "actions/carbon_footprint/flights.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The figures of every flight, NULL where there is a problem instead. */
struct batch {
    size_t count;
    struct flight *flights;
    struct footprint_input *inputs;
    struct footprint **figures;
    struct flight_problem *problems;
};

static bool batch_init(struct act_call *call, struct batch *b, const json_t *ids)
{
    b->count = json_array_size(ids);
    if (b->count == 0 || b->count > FLIGHTS_MAX)
        return false;
    b->flights = act_alloc(call, b->count * sizeof *b->flights);
    b->inputs = act_alloc(call, b->count * sizeof *b->inputs);
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant */
    b->figures = act_alloc(call, b->count * sizeof *b->figures);
    b->problems = act_alloc(call, b->count * sizeof *b->problems);
    for (size_t i = 0; i < b->count; i++) {
        if (!sf_id_check(json_string_value(json_array_get(ids, i)), b->flights[i].id))
            return false;
    }
    return true;
}

/* A flight named twice, perhaps once by its short id: its bookings went to the first. */
static bool repeated(const struct batch *b, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(b->flights[i].id, b->flights[k].id) == 0)
            return true;
    }
    return false;
}

static void compute(struct act_call *call, const struct flight_options *o, struct batch *b,
                    const struct flights_scope *scope)
{
    for (size_t i = 0; i < b->count; i++) {
        struct footprint *f = act_alloc(call, sizeof *f);
        if (repeated(b, i)) {
            b->problems[i].code = "repeated_flight";
            snprintf(b->problems[i].message, sizeof b->problems[i].message,
                     "The flight %s stands in the list before. Name it once.", b->flights[i].id);
        } else if (flight_footprint(call, o, scope, &b->flights[i], &b->inputs[i], f, &b->problems[i])) {
            b->figures[i] = f;
        }
    }
}

static json_t *problem_row(const struct batch *b, size_t i)
{
    char field[32];
    const struct flight_problem *p = &b->problems[i];
    snprintf(field, sizeof field, "/flightIds/%zu", i);
    return json_pack("{s:s, s:b, s:s, s:s, s:s}", "flightId", b->flights[i].id, "success", 0, "code", p->code,
                     "message", p->message, "field", field);
}

static json_t *make_row(struct act_call *call, const struct batch *b, size_t i)
{
    if (!b->figures[i])
        return problem_row(b, i);
    struct answer_facts facts = {
        .flight_id = b->flights[i].id,
        .flight_name = b->flights[i].name,
        .flight_number = flight_number(call, &b->flights[i]),
        .write_back = b->flights[i].write_back,
    };
    return answer_row(&b->inputs[i], b->figures[i], &facts);
}

/* The whole is null unless every flight has a figure: a partial sum would pass for a total. */
static json_t *sum_of(const struct batch *b, bool complete, double (*of)(const struct footprint *))
{
    double sum = 0;
    for (size_t i = 0; complete && i < b->count; i++)
        sum += of(b->figures[i]);
    return complete && isfinite(sum) ? json_real(answer_round(sum)) : json_null();
}

static double total_of(const struct footprint *f)
{
    return f->total;
}
static double wtt_of(const struct footprint *f)
{
    return f->wtt;
}

/* One sentence about all of them. */
static void sentence(const struct batch *b, size_t good, const json_t *sum, char *out, size_t size)
{
    char total[FOOTPRINT_AMOUNT_SIZE], basis[120];
    if (good == b->count)
        snprintf(out, size, "%zu flight%s: %s %s in all, %s.", good, good == 1 ? "" : "s",
                 footprint_amount(json_real_value(sum), total), footprint_unit(b->figures[0]),
                 footprint_basis(b->figures[0], basis, sizeof basis));
    else if (good)
        snprintf(out, size, "%zu of %zu flights have a footprint; the others say what is wrong, and there is no sum.",
                 good, b->count);
    else
        snprintf(out, size, "No flight of %zu has a footprint; each row says what is wrong.", b->count);
}

static json_t *make_answer(struct act_call *call, const struct batch *b, const struct flights_scope *scope)
{
    char text[200];
    size_t good = 0;
    json_t *rows = json_array();
    for (size_t i = 0; i < b->count; i++) {
        good += b->figures[i] != NULL;
        if (json_array_append_new(rows, make_row(call, b, i)) != 0) {
            json_decref(rows);
            return NULL;
        }
    }
    json_t *sum = sum_of(b, good == b->count, total_of), *wtt = sum_of(b, good == b->count, wtt_of);
    sentence(b, good, sum, text, sizeof text);
    return json_pack("{s:s, s:s*, s:I, s:I, s:I, s:o, s:o, s:s, s:s, s:o}", "summary", text, "method",
                     good == b->count ? footprint_method(b->figures[0]) : NULL, "flightCount", (json_int_t)b->count,
                     "succeededCount", (json_int_t)good, "failedCount", (json_int_t)(b->count - good), "totalCo2Kg",
                     sum, "wttKg", wtt, "bookingFilter", scope->booking_filter, "routeSource", scope->route_source,
                     "results", rows);
}

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    struct flight_options o = flight_options_read(in);
    struct batch b;
    struct flights_scope scope;
    if (!batch_init(call, &b, json_object_get(in, "flightIds")))
        return ACT_FAULT; /* the schema has checked it */
    enum act_outcome outcome = flights_read(call, &o, b.flights, b.count, &scope);
    if (outcome != ACT_OK)
        return outcome;
    compute(call, &o, &b, &scope);
    flights_ask_provider(call, b.flights, b.inputs, b.figures, b.count);
    flights_write_back(call, &o, b.flights, b.figures, b.count);
    json_t *answer = make_answer(call, &b, &scope);
    if (!answer)
        return ACT_FAULT;
    *out = answer;
    return ACT_OK;
}

/* Its settings are those of calculateCarbonFootprint, which checks them. */
const struct action carbon_footprints_action = { .run = run };
