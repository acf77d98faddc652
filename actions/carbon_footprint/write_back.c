/* write_back.c - stores totals on flights: only when asked, only in fields that are there and may be edited. */
#include "flights.h"

#include <math.h>
#include <string.h>

enum { METHOD_MAX = 80 };

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A total as the field takes it. A text field that is too short is left as it is. */
struct total {
    const char *field;
    int text_max; /* bytes of the longest value; 0 = no text */
    json_t *(*of)(struct act_call *call, const struct footprint *f);
};

static json_t *kg_json(double v)
{
    return isfinite(v) ? json_real(answer_round(v)) : json_null();
}
static json_t *total_of(struct act_call *call, const struct footprint *f)
{
    (void)call;
    return kg_json(f->total);
}
static json_t *per_passenger_of(struct act_call *call, const struct footprint *f)
{
    (void)call;
    return kg_json(f->per_passenger);
}
static json_t *distance_of(struct act_call *call, const struct footprint *f)
{
    (void)call;
    return kg_json(f->km);
}
static json_t *passengers_of(struct act_call *call, const struct footprint *f)
{
    (void)call;
    return json_integer(f->passengers);
}
static json_t *moment_of(struct act_call *call, const struct footprint *f)
{
    (void)f;
    return answer_time(act_now(call));
}
static json_t *method_of(struct act_call *call, const struct footprint *f)
{
    if (f->by_provider)
        return json_string(act_printf(call, "%s by %s, %s %s non-CO2 effects", f->provider.kind, f->provider.name,
                                      footprint_unit(f), f->rf ? "with" : "without"));
    return json_string(act_printf(call, "UK government conversion factors %s, %s non-CO2 effects, kg CO2e",
                                  f->edition->version, f->rf ? "with" : "without"));
}

static const struct total totals[] = {
    { "Total_CO2_Kg__c", 0, total_of },       { "CO2_Per_Passenger_Kg__c", 0, per_passenger_of },
    { "Distance_Km__c", 0, distance_of },     { "Passenger_Count__c", 0, passengers_of },
    { "CO2_Calculated_At__c", 0, moment_of }, { "CO2_Method__c", METHOD_MAX, method_of },
};

/* Which totals this user may store. False when describe failed. */
static bool writable_totals(struct act_call *call, bool can[COUNT(totals)], bool *any, struct sf_error *err)
{
    *any = false;
    for (size_t i = 0; i < COUNT(totals); i++) {
        struct sf_field field;
        can[i] = sf_describe_field(act_org(call), "Flight__c", totals[i].field, &field, err) && field.updateable &&
                 field.length >= totals[i].text_max;
        if (err->code[0])
            return false;
        *any |= can[i];
    }
    return true;
}

static json_t *record_of(struct act_call *call, const struct flight *flight, const struct footprint *f,
                         const bool can[COUNT(totals)])
{
    json_t *record = json_pack("{s:{s:s}, s:s}", "attributes", "type", "Flight__c", "id", flight->id);
    for (size_t i = 0; record && i < COUNT(totals); i++) {
        if (can[i] && json_object_set_new(record, totals[i].field, totals[i].of(call, f)) != 0) {
            json_decref(record);
            return NULL;
        }
    }
    return record;
}

static const char *write_status(const struct sf_result *r)
{
    if (r->success)
        return "written";
    return r->error.outcome_unknown ? "unknown" : "refused";
}

/* Totals of a route that is perhaps not the one that was meant wait for somebody's word. */
static bool may_be_stored(const struct flight_options *o, const struct footprint *f)
{
    return f && (o->confirm_route || !footprint_route_doubtful(f));
}

void flights_write_back(struct act_call *call, const struct flight_options *o, struct flight *flights,
                        struct footprint **figures, size_t count)
{
    bool can[COUNT(totals)] = { false }, any = false, all = true;
    struct sf_error err;
    size_t written = 0;
    for (size_t i = 0; i < count; i++)
        flights[i].write_back = "off";
    if (!o->write_back)
        return;
    bool described = writable_totals(call, can, &any, &err);
    for (size_t i = 0; i < COUNT(totals); i++)
        all &= can[i];
    json_t *records = act_own(call, json_array());
    for (size_t i = 0; described && any && i < count; i++) {
        if (may_be_stored(o, figures[i]) &&
            json_array_append_new(records, record_of(call, &flights[i], figures[i], can)) != 0)
            described = false;
    }
    size_t n = json_array_size(records);
    struct sf_result *results = act_alloc(call, (n ? n : 1) * sizeof *results);
    const char *failure = !described ? "failed" : !any ? "no_fields" : NULL;
    if (!failure && n && !sf_update_many(act_org(call), records, false, results, &err))
        failure = err.outcome_unknown ? "unknown" : "failed";
    if (failure && strcmp(failure, "no_fields") != 0)
        act_log(call, ACT_LOG_WARN, "totals not stored: %s", err.code);
    for (size_t i = 0; i < count; i++) {
        if (!figures[i])
            continue;
        flights[i].write_back = !may_be_stored(o, figures[i]) ? "unconfirmed"
                                : failure                     ? failure
                                                              : write_status(&results[written++]);
        figures[i]->warnings[WARN_WRITE_BACK] = !all || strcmp(flights[i].write_back, "written") != 0;
    }
}
