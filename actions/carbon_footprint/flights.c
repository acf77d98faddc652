/* flights.c - the two queries behind any number of footprints. */
#include "flights.h"
#include "booking_status.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SEATS_MAX = 5000 }; /* in one cabin of one aircraft; no airliner comes near */

/* Fields that an org may lack. */
static const char *const optional_fields[] = {
    "Aircraft__c",       "Status__c",      "Via__c", "Seats_Economy__c", "Seats_Premium_Economy__c",
    "Seats_Business__c", "Seats_First__c",
};
static const char *const seat_fields[CABIN_COUNT] = {
    [CABIN_ECONOMY] = "Seats_Economy__c",
    [CABIN_PREMIUM] = "Seats_Premium_Economy__c",
    [CABIN_BUSINESS] = "Seats_Business__c",
    [CABIN_FIRST] = "Seats_First__c",
};
static const char *const seat_members[CABIN_COUNT] = {
    [CABIN_ECONOMY] = "seatsEconomy",
    [CABIN_PREMIUM] = "seatsPremiumEconomy",
    [CABIN_BUSINESS] = "seatsBusiness",
    [CABIN_FIRST] = "seatsFirst",
};

/* Bookings that nobody travels on, by the spellings that the org sorts out; the rest is sorted out by
 * booking_status_of(). The org compares without case. */
static const char *const not_travelling[] = { "Cancelled", "Canceled", "No Show", "No-Show", "NoShow", "No_Show" };

static const char filter_travelling[] = "Status__c is not cancelled or no-show";
static const char filter_everything[] = "all bookings, as asked";
static const char filter_no_field[] = "all bookings: Status__c is not visible";
static const char filter_nothing[] = "no bookings were read: there is no such flight";
static const char route_stops[] = "origin, stops of Via__c, destination";
static const char route_direct[] = "origin and destination: Via__c is not visible";

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct flight_options flight_options_read(const json_t *in)
{
    const json_t *year = json_object_get(in, "factorYear"), *load = json_object_get(in, "loadFactorPercent");
    const char *rf = json_string_value(json_object_get(in, "radiativeForcing"));
    const char *cabin = json_string_value(json_object_get(in, "cabinFilter"));
    struct flight_options o = {
        .year = year ? (int)json_integer_value(year) : DEFRA_YEAR_DEFAULT,
        .rf = !rf || strcmp(rf, "exclude") != 0,
        .include_cancelled = json_is_true(json_object_get(in, "includeCancelled")),
        .write_back = json_is_true(json_object_get(in, "writeBack")),
        .confirm_route = json_is_true(json_object_get(in, "confirmRoute")),
        .load_factor = json_number_value(load) / 100,
        .aircraft = json_string_value(json_object_get(in, "aircraft")),
    };
    if (cabin && strcmp(cabin, "all") != 0)
        o.one_cabin = cabin_from_label(cabin, &o.cabin) == CABIN_KNOWN;
    for (int c = CABIN_ECONOMY; c < CABIN_COUNT; c++) {
        const json_t *n = json_object_get(in, seat_members[c]);
        o.seats_given |= n != NULL;
        o.seats.seats[c] = json_integer_value(n);
    }
    return o;
}

/* ---- reading ---- */

static struct flight *find_flight(struct flight *flights, size_t count, const char *id)
{
    for (size_t i = 0; id && i < count; i++) {
        if (strncmp(flights[i].id, id, 15) == 0)
            return &flights[i];
    }
    return NULL;
}

static const char *keep_text(struct act_call *call, const json_t *row, const char *field)
{
    const char *s = sf_get_text(row, field);
    return s ? act_strdup(call, s) : NULL;
}

static void keep_flight(struct act_call *call, const json_t *row, struct flight *f)
{
    f->found = true;
    f->name = keep_text(call, row, "Name");
    f->airline = keep_text(call, row, "Airline__c");
    f->origin = keep_text(call, row, "Origin_Airport_Code__c");
    f->destination = keep_text(call, row, "Destination_Airport_Code__c");
    f->via = keep_text(call, row, "Via__c");
    f->aircraft = keep_text(call, row, "Aircraft__c");
    f->status = keep_text(call, row, "Status__c");
    for (int c = CABIN_ECONOMY; c < CABIN_COUNT; c++) {
        const json_t *n = sf_get(row, seat_fields[c]);
        f->seats[c] = n ? act_own(call, json_deep_copy(n)) : NULL;
    }
}

static bool read_flights(struct act_call *call, const char *const *ids, struct flight *flights, size_t count,
                         struct sf_error *err)
{
    struct sf_rows *rows;
    const json_t *row;
    if (!sf_query(act_org(call), &rows, err,
                  "SELECT Id, Name, Airline__c, Origin_Airport_Code__c, Destination_Airport_Code__c? FROM Flight__c "
                  "WHERE Id IN ?",
                  sf_optional("Flight__c", optional_fields, COUNT(optional_fields)), sf_ids(ids, count)))
        return false;
    while ((row = sf_next(rows, err))) {
        struct flight *f = find_flight(flights, count, sf_get_text(row, "Id"));
        if (f)
            keep_flight(call, row, f);
    }
    return err->code[0] == '\0';
}

/* Adds bookings of one class to their flight. False when the org's answer makes no sense. */
static bool add_bookings(const struct flight_options *o, struct flight *flights, size_t count, const json_t *row,
                         int64_t n)
{
    enum cabin cabin;
    struct flight *f = find_flight(flights, count, sf_get_text(row, "Flight__c"));
    enum cabin_label label = cabin_from_label(sf_get_text(row, "Class__c"), &cabin);
    if (!f || n < 0 || n > INT32_MAX)
        return false;
    if (o->one_cabin && (!cabin_label_named(label) || cabin != o->cabin))
        return true;
    enum booking_status status =
        o->include_cancelled ? BOOKING_TRAVELS : booking_status_of(sf_get_text(row, "Status__c"));
    if (status == BOOKING_GONE)
        return true;
    int64_t *sum = cabin_label_named(label) ? &f->booked[cabin]
                   : label == CABIN_BLANK   ? &f->blank_class
                                            : &f->unknown_class;
    *sum += n;
    f->assumed_class += label == CABIN_ASSUMED ? n : 0;
    f->unclear_status += status == BOOKING_UNCLEAR ? n : 0;
    return true;
}

static void forget_bookings(struct flight *flights, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        memset(flights[i].booked, 0, sizeof flights[i].booked);
        flights[i].blank_class = flights[i].unknown_class = flights[i].assumed_class = flights[i].unclear_status = 0;
    }
}

enum read_result { READ_DONE, READ_FAILED, READ_NONSENSE };

/* Counts per flight and class as the org groups them. */
static enum read_result read_groups(struct act_call *call, const struct flight_options *o, const char *const *ids,
                                    struct flight *flights, size_t count, bool filtered, struct sf_error *err)
{
    struct sf_org *org = act_org(call);
    struct sf_rows *rows;
    const json_t *row;
    bool ok = filtered ? sf_query(org, &rows, err,
                                  "SELECT Flight__c, Class__c, Status__c, COUNT(Id) n FROM Booking__c WHERE Flight__c "
                                  "IN ? AND (Status__c = null OR Status__c NOT IN ?) GROUP BY Flight__c, Class__c, "
                                  "Status__c",
                                  sf_ids(ids, count), sf_texts(not_travelling, COUNT(not_travelling)))
                       : sf_query(org, &rows, err,
                                  "SELECT Flight__c, Class__c, COUNT(Id) n FROM Booking__c WHERE Flight__c IN ? "
                                  "GROUP BY Flight__c, Class__c",
                                  sf_ids(ids, count));
    if (!ok)
        return READ_FAILED;
    while ((row = sf_next(rows, err))) {
        const json_t *n = sf_get(row, "n");
        if (!json_is_integer(n) || !add_bookings(o, flights, count, row, json_integer_value(n)))
            return READ_NONSENSE;
    }
    return err->code[0] ? READ_FAILED : READ_DONE;
}

/* The same counts booking by booking: an org refuses to page more than 2,000 groups, and to group by some kinds of
 * fields. */
static enum read_result read_each(struct act_call *call, const struct flight_options *o, const char *const *ids,
                                  struct flight *flights, size_t count, bool filtered, struct sf_error *err)
{
    struct sf_org *org = act_org(call);
    struct sf_rows *rows;
    const json_t *row;
    bool ok = filtered ? sf_query(org, &rows, err,
                                  "SELECT Flight__c, Class__c, Status__c FROM Booking__c WHERE Flight__c IN ? AND "
                                  "(Status__c = null OR Status__c NOT IN ?)",
                                  sf_ids(ids, count), sf_texts(not_travelling, COUNT(not_travelling)))
                       : sf_query(org, &rows, err, "SELECT Flight__c, Class__c FROM Booking__c WHERE Flight__c IN ?",
                                  sf_ids(ids, count));
    if (!ok)
        return READ_FAILED;
    while ((row = sf_next(rows, err))) {
        if (!add_bookings(o, flights, count, row, 1))
            return READ_NONSENSE;
    }
    return err->code[0] ? READ_FAILED : READ_DONE;
}

static enum read_result read_bookings(struct act_call *call, const struct flight_options *o, const char *const *ids,
                                      struct flight *flights, size_t count, bool *filtered, struct sf_error *err)
{
    enum read_result r = read_groups(call, o, ids, flights, count, *filtered, err);
    if (r == READ_FAILED && *filtered && strcmp(err->code, "INVALID_FIELD") == 0) {
        /* the field went away after it was described */
        *filtered = false;
        forget_bookings(flights, count);
        r = read_groups(call, o, ids, flights, count, false, err);
    }
    if (r == READ_FAILED &&
        (strcmp(err->code, "EXCEEDED_ID_LIMIT") == 0 || strcmp(err->code, "MALFORMED_QUERY") == 0)) {
        forget_bookings(flights, count);
        r = read_each(call, o, ids, flights, count, *filtered, err);
    }
    return r;
}

/* Whether a field can be seen; what was described for the queries is remembered. False with err->code set: unknown. */
static bool visible(struct act_call *call, const char *object, const char *field, struct sf_error *err)
{
    if (sf_describe_field(act_org(call), object, field, NULL, err))
        return true;
    if (err->status == 404) /* an object that is not there: the query says it better */
        err->code[0] = '\0';
    return false;
}

enum act_outcome flights_read(struct act_call *call, const struct flight_options *o, struct flight *flights,
                              size_t count, struct flights_scope *scope)
{
    struct sf_error err;
    if (o->one_cabin && o->write_back)
        return act_refuse(call, "partial_write_back", "/cabinFilter",
                          "writeBack stores the totals of a whole flight, and cabinFilter counts one cabin only. Leave "
                          "one of them out.");
    const char **ids = act_alloc(call, count * sizeof *ids);
    for (size_t i = 0; i < count; i++)
        ids[i] = flights[i].id;
    if (!read_flights(call, ids, flights, count, &err)) {
        /* Only a describe can say this: the org has no such object, or the user may not see it. */
        if (strcmp(err.code, "NOT_FOUND") == 0)
            snprintf(err.code, sizeof err.code, "INVALID_TYPE");
        return act_org_failed(call, &err);
    }
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any |= flights[i].found;
    *scope = (struct flights_scope){ .booking_filter = filter_nothing, .route_source = route_direct };
    if (visible(call, "Flight__c", "Via__c", &err))
        scope->route_source = route_stops;
    else if (err.code[0])
        return act_org_failed(call, &err);
    if (!any)
        return ACT_OK;
    if (!o->include_cancelled) {
        scope->filtered = visible(call, "Booking__c", "Status__c", &err);
        if (err.code[0])
            return act_org_failed(call, &err);
    }
    switch (read_bookings(call, o, ids, flights, count, &scope->filtered, &err)) {
    case READ_DONE:
        break;
    case READ_FAILED:
        return act_org_failed(call, &err);
    case READ_NONSENSE:
        return act_refuse(
            call, "unexpected_org_data", NULL,
            "The org's count of bookings is not what was asked for. Try again; if it stays, tell an administrator.");
    }
    scope->booking_filter = scope->filtered        ? filter_travelling
                            : o->include_cancelled ? filter_everything
                                                   : filter_no_field;
    if (o->one_cabin)
        scope->booking_filter = act_printf(call, "%s; %s only", scope->booking_filter, cabin_name(o->cabin));
    return ACT_OK;
}

/* ---- from a record to a footprint ---- */

/* *partial: some seat fields are empty or not visible. */
static bool add_seats(const struct flight_options *o, const struct flight *f, struct footprint_input *in, bool *partial,
                      struct flight_problem *p)
{
    if (o->seats_given) {
        in->seats = o->seats;
        return true;
    }
    int known = 0;
    for (int c = CABIN_ECONOMY; c < CABIN_COUNT; c++) {
        double v = f->seats[c] ? json_number_value(f->seats[c]) : 0;
        if ((f->seats[c] && !json_is_number(f->seats[c])) || !(v >= 0 && v <= SEATS_MAX) || v != floor(v))
            return flight_problem_set(p, "invalid_seat_count",
                                      "%s of the flight must be a whole number from 0 to %d. Correct it.",
                                      seat_fields[c], SEATS_MAX);
        in->seats.seats[c] = (int64_t)v;
        known += f->seats[c] != NULL;
    }
    *partial = known > 0 && known < CABIN_COUNT - CABIN_ECONOMY;
    return true;
}

bool flight_footprint(struct act_call *call, const struct flight_options *o, const struct flights_scope *scope,
                      const struct flight *flight, struct footprint_input *in, struct footprint *out,
                      struct flight_problem *problem)
{
    char a[4], b[4];
    bool partial = false;
    memset(in, 0, sizeof *in);
    memset(problem, 0, sizeof *problem);
    if (!flight->found)
        return flight_problem_set(problem, "flight_not_found",
                                  "There is no flight %s, or you may not see it. Check the id.", flight->id);
    if (!flight_route(flight, in, problem) || !add_seats(o, flight, in, &partial, problem))
        return false;
    memcpy(in->booked, flight->booked, sizeof in->booked);
    in->blank_class = flight->blank_class;
    in->unknown_class = flight->unknown_class;
    in->assumed_class = flight->assumed_class;
    in->aircraft = o->aircraft ? o->aircraft : flight->aircraft;
    in->load_factor = o->load_factor;
    in->year = o->year;
    in->rf = o->rf;
    in->one_cabin = o->one_cabin;
    in->cabin = o->cabin;
    switch (footprint_compute(in, out)) {
    case FOOTPRINT_OK:
        out->unfiltered = !scope->filtered;
        out->warnings[WARN_STATUS_NOT_FILTERED] = !scope->filtered && !o->include_cancelled;
        out->warnings[WARN_STATUS_UNCLEAR] = flight->unclear_status > 0;
        out->warnings[WARN_SEAT_MAP_PARTIAL] = partial && out->has_icao;
        out->warnings[WARN_FLIGHT_CANCELLED] = booking_status_of(flight->status) == BOOKING_GONE;
        return true;
    case FOOTPRINT_SAME_AIRPORT:
        return flight_problem_set(
            problem, "same_airport", "The flight goes from %s to %s, which is one place. Correct its airport codes.",
            airport_iata(out->legs[out->leg_count].from, a), airport_iata(out->legs[out->leg_count].to, b));
    case FOOTPRINT_BAD_INPUT:
        break;
    }
    act_log(call, ACT_LOG_ERROR, "footprint of %s refused by its own checks", flight->id);
    return flight_problem_set(problem, "unexpected_org_data",
                              "The flight's record or its bookings hold figures that cannot be right. Correct them.");
}

const char *flight_number(struct act_call *call, const struct flight *flight)
{
    return flight->airline ? act_printf(call, "%s-%s", flight->airline, flight->id) : flight->id;
}
