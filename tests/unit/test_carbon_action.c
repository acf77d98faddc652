/*
 * test_carbon_action.c - both carbon actions against an org whose answers each test writes: everything that can be
 * wrong with a flight, its bookings and the org, and what the caller then sees.
 */
#include "tests/unit/check.h"

#include <math.h>

#include "runtime/client.h"

#define FLIGHT "a02000000000001AAA"
#define OTHER "a02000000000002AAA"

/* The org of one test. Texts are JSON. */
static struct {
    const char *flight_fields,
        *booking_fields;                     /* names that describe shows, separated by blanks; NULL = no such object */
    const char *flights, *groups, *bookings; /* records of the answers */
    int groups_status, update_status;
    const char *groups_error, *update_result;
    char soql[8][24000];
    int queries, describes, updates;
    char update[4096];
} org;

static struct declarations declarations;
static struct client *client;

static void reset(void)
{
    memset(&org, 0, sizeof org);
    org.flight_fields = "Id Airline__c Origin_Airport_Code__c Destination_Airport_Code__c";
    org.booking_fields = "Id Flight__c Class__c Status__c";
    org.groups = "";
    org.groups_status = 200;
    org.update_status = 200;
    org.update_result = "[{\"id\":\"" FLIGHT "\",\"success\":true,\"errors\":[]}]";
}

static bool reply(struct http_reply *r, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static bool reply(struct http_reply *r, int status, const char *fmt, ...)
{
    char *text = NULL;
    va_list ap;
    va_start(ap, fmt);
    assert_true(vasprintf(&text, fmt, ap) >= 0);
    va_end(ap);
    *r = (struct http_reply){ .status = status, .sent = true };
    buf_init(&r->body, 4 << 20);
    buf_str(&r->body, text);
    free(text);
    copy_text(r->content_type, sizeof r->content_type, "application/json");
    return true;
}

static bool describe(struct http_reply *r, const char *fields)
{
    char list[4096] = "", copy[1024], *save = NULL;
    if (!fields)
        return reply(r, 404, "[{\"errorCode\":\"NOT_FOUND\",\"message\":\"The requested resource does not exist\"}]");
    copy_text(copy, sizeof copy, fields);
    for (char *name = strtok_r(copy, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
        bool frozen = *name == '!'; /* not to be edited */
        snprintf(list + strlen(list), sizeof list - strlen(list),
                 "%s{\"name\":\"%s\",\"type\":\"double\",\"length\":0,\"createable\":true,\"updateable\":%s}",
                 *list ? "," : "", name + frozen, frozen ? "false" : "true");
    }
    return reply(r, 200, "{\"name\":\"X\",\"fields\":[%s]}", list);
}

static void keep_soql(const char *escaped)
{
    char *out = org.soql[org.queries++ % 8];
    size_t n = 0;
    for (const char *p = escaped; *p && n < sizeof org.soql[0] - 1; p++) {
        unsigned byte = (unsigned char)*p;
        if (*p == '%' && sscanf(p + 1, "%2x", &byte) == 1)
            p += 2;
        out[n++] = *p == '+' ? ' ' : (char)byte;
    }
    out[n] = '\0';
}

static bool records(struct http_reply *r, const char *list)
{
    return reply(r, 200, "{\"totalSize\":1,\"done\":true,\"records\":[%s]}", list);
}

static bool answer_query(struct http_reply *r, const char *escaped)
{
    keep_soql(escaped);
    const char *soql = org.soql[(org.queries - 1) % 8];
    if (strstr(soql, "FROM Flight__c"))
        return records(r, org.flights);
    if (!strstr(soql, "COUNT(Id)"))
        return records(r, org.bookings);
    if (org.groups_error && (!strcmp(org.groups_error, "EXCEEDED_ID_LIMIT") || strstr(soql, "Status__c")))
        return reply(r, 400, "[{\"errorCode\":\"%s\",\"message\":\"no\"}]", org.groups_error);
    if (org.groups_status != 200)
        return reply(r, org.groups_status, "[{\"errorCode\":\"SERVER_UNAVAILABLE\",\"message\":\"busy\"}]");
    return records(r, org.groups);
}

static bool org_answers(void *ctx, const struct http_request *q, struct http_reply *r)
{
    const char *query = strstr(q->url, "/query?q=");
    (void)ctx;
    if (strstr(q->url, "/sobjects/Flight__c/describe")) {
        org.describes++;
        return describe(r, org.flight_fields);
    }
    if (strstr(q->url, "/sobjects/Booking__c/describe")) {
        org.describes++;
        return describe(r, org.booking_fields);
    }
    if (query)
        return answer_query(r, query + strlen("/query?q="));
    char body[30000] = "";
    size_t n = 0;
    for (size_t i = 0; i < q->pieces && n + q->body[i].n < sizeof body; i++) {
        memcpy(body + n, q->body[i].p, q->body[i].n);
        n += q->body[i].n;
    }
    if (strstr(q->url, "/composite/batch")) {
        struct http_reply inner;
        json_t *json = json_loads(body, 0, NULL);
        const char *url =
            json_string_value(json_object_get(json_array_get(json_object_get(json, "batchRequests"), 0), "url"));
        assert_non_null(url);
        answer_query(&inner, strstr(url, "query?q=") + strlen("query?q="));
        reply(r, 200, "{\"hasErrors\":false,\"results\":[{\"statusCode\":%d,\"result\":%s}]}", inner.status,
              inner.body.p);
        buf_free(&inner.body);
        json_decref(json);
        return true;
    }
    if (strstr(q->url, "/composite/sobjects") && strcmp(q->method, "PATCH") == 0) {
        org.updates++;
        copy_text(org.update, sizeof org.update, body);
        return reply(r, org.update_status, "%s", org.update_result);
    }
    fail_msg("the org got an unexpected request: %s %s", q->method, q->url);
    return false;
}

static void show(void *ctx, const char *pointer, const char *code, const char *message)
{
    if (ctx)
        print_message("%s: %s: %s\n", pointer, code, message);
}

/*
 * Runs an action as a worker would. Returns the status that the caller sees; *answer is the reply or the refusal and
 * the caller's reference.
 */
static int invoke(const char *operation, const char *input, json_t **answer)
{
    struct act_call call;
    const struct declaration *d = declaration_find(&declarations, span_of(operation));
    json_t *in = json_loads(input, 0, NULL);
    assert_non_null(d);
    assert_non_null(in);
    *answer = NULL;
    schema_drop_nulls(d->input, in);
    if (schema_check(d->input, in, show, NULL)) {
        json_decref(in);
        *answer = json_pack("{s:s}", "code", "invalid_input");
        return 422;
    }
    call_init(&call, d, NULL);
    call.client = client;
    call.deadline_ms = clock_ms() + 20000;
    call.now = 1767225600; /* 2026-01-01 */
    copy_text(call.request_id, sizeof call.request_id, "test");
    copy_text(call.org.url, sizeof call.org.url, "https://example.my.salesforce.com");
    copy_text(call.org.api_version, sizeof call.org.api_version, "62.0");
    copy_text(call.org.id, sizeof call.org.id, "00D000000000001AAA");
    copy_text(call.org.user_id, sizeof call.org.user_id, "005000000000001AAA");
    copy_text(call.org.token, sizeof call.org.token, "token");
    int status = 200;
    switch (d->row->action->run(&call, in, answer)) {
    case ACT_OK:
        assert_int_equal(schema_check(d->output, *answer, show, "report"), 0);
        break;
    case ACT_REFUSED:
        status = call.refusal.status;
        *answer = json_pack("{s:s, s:s, s:s, s:O?}", "code", call.refusal.code, "message", call.refusal.message,
                            "field", call.refusal.field, "details", call.details);
        assert_non_null(*answer); /* NULL would mean that a message is not UTF-8 */
        break;
    case ACT_FAULT:
        status = 500;
        break;
    }
    call_fini(&call);
    json_decref(in);
    return status;
}

static double number(const json_t *json, const char *name)
{
    const json_t *v = json_object_get(json, name);
    if (!json_is_number(v))
        fail_msg("%s is no number", name);
    return json_number_value(v);
}

static const char *text(const json_t *json, const char *name)
{
    const char *s = json_string_value(json_object_get(json, name));
    if (!s)
        fail_msg("%s is no text", name);
    return s;
}

static bool warns(const json_t *answer, const char *code)
{
    size_t i;
    const json_t *w;
    json_array_foreach(json_object_get(answer, "warnings"), i, w)
    {
        if (strcmp(json_string_value(w), code) == 0)
            return true;
    }
    return false;
}

#define ROUTE(id, from, to, more)                                                                                      \
    "{\"attributes\":{\"type\":\"Flight__c\"},\"Id\":\"" id                                                            \
    "\",\"Airline__c\":\"Astro Airlines\",\"Origin_Airport_Code__c\":" from                                            \
    ",\"Destination_Airport_Code__c\":" to more "}"
#define GROUP(id, label, n)                                                                                            \
    "{\"attributes\":{\"type\":\"AggregateResult\"},\"Flight__c\":\"" id "\",\"Class__c\":" label ",\"n\":" n "}"

static json_t *one(const char *input)
{
    json_t *answer;
    int status = invoke("calculateCarbonFootprint", input, &answer);
    if (status != 200)
        fail_msg("refused with %d: %s", status,
                 answer ? json_string_value(json_object_get(answer, "message")) : "fault");
    return answer;
}

static json_t *refused(const char *input, int status, const char *code)
{
    json_t *answer;
    int got = invoke("calculateCarbonFootprint", input, &answer);
    assert_int_equal(got, status);
    assert_string_equal(text(answer, "code"), code);
    return answer;
}

#define ASK "{\"flightId\":\"" FLIGHT "\"}"

static void a_whole_flight(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"SIN\"", "\"SYD\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "200") "," GROUP(FLIGHT, "\"PremiumEconomy\"", "24") "," GROUP(
        FLIGHT, "\"Business\"", "40") "," GROUP(FLIGHT, "\"FirstClass\"", "6");
    json_t *a = one(ASK);
    /* the vectors have this flight with well-to-tank: 359756.990 */
    assert_true(fabs(number(a, "totalWithWttKg") - 359756.990) < 0.0015);
    assert_true(fabs(number(a, "totalCo2Kg") + number(a, "wttKg") - number(a, "totalWithWttKg")) < 0.0015);
    assert_true(number(a, "totalCo2Kg") == number(a, "totalWithRfKg"));
    assert_true(number(a, "totalWithRfKg") > number(a, "totalWithoutRfKg"));
    assert_int_equal(number(a, "passengerCount"), 270);
    assert_true(fabs(number(a, "co2PerPassengerKg") - number(a, "totalCo2Kg") / 270) < 0.001);
    assert_true(fabs(number(a, "distanceKm") - 6287.957) < 0.0006);
    assert_string_equal(text(a, "haul"), "international_non_uk");
    assert_string_equal(text(a, "haulRule"), "territory list");
    assert_string_equal(text(a, "flightNumber"), "Astro Airlines-" FLIGHT);
    assert_string_equal(text(a, "timestamp"), "2026-01-01T00:00:00Z");
    assert_true(number(a, "radiativeForcingMultiplier") == 1.7);
    assert_true(json_is_true(json_object_get(a, "factorsVerified")));
    assert_true(json_is_null(json_object_get(a, "icao")));
    assert_true(warns(a, "seat_map_unknown") && warns(a, "aircraft_unknown"));
    assert_string_equal(text(a, "dataQuality"), "B");
    assert_int_equal(json_array_size(json_object_get(a, "cabins")), 4);
    assert_int_equal(org.queries, 2);
    json_decref(a);
}

static void the_form_of_the_published_sample(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"SFO\"", "\"LAX\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1");
    json_t *a = one(ASK), *flight = json_object_get(a, "flight"), *emissions = json_object_get(a, "emissions");
    json_t *method = json_object_get(a, "methodology"), *units = json_object_get(a, "units");
    assert_string_equal(text(flight, "flightNumber"), "Astro Airlines-" FLIGHT);
    assert_string_equal(text(flight, "departureAirport"), "SFO");
    assert_string_equal(text(flight, "arrivalAirport"), "LAX");
    assert_true(number(flight, "distanceKm") == number(a, "distanceKm"));
    assert_int_equal(number(flight, "passengerCount"), 1);
    assert_true(number(emissions, "totalCo2Kg") == number(a, "totalCo2Kg"));
    assert_true(number(emissions, "co2PerPassengerKg") == number(a, "co2PerPassengerKg"));
    assert_true(number(emissions, "co2PerKmKg") == number(a, "co2PerKmKg"));
    assert_string_equal(text(method, "calculationBasis"), "DEFRA 2023 emission factors per passenger-km");
    assert_true(number(method, "fuelToCo2Ratio") == 3.16);
    assert_true(number(method, "radiativeForcingMultiplier") == 1.7);
    assert_non_null(text(method, "dataSource"));
    assert_string_equal(text(units, "distance"), "km");
    assert_string_equal(text(units, "emissions"), "kg CO2e");
    assert_true(warns(a, "domestic_outside_uk"));
    json_decref(a);
}

static void airport_faults_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *flights, *code, *says;
    } cases[] = {
        { ROUTE(FLIGHT, "\"LHQ\"", "\"JFK\"", ""), "unknown_airport", "LHQ" },
        { ROUTE(FLIGHT, "\"LHR\"", "\"QQQQ\"", ""), "unknown_airport", "Destination_Airport_Code__c" },
        { ROUTE(FLIGHT, "\"LHR\"",
                "\"\xc3\xa9"
                "X\"",
                ""),
          "unknown_airport", "??X" },
        { ROUTE(FLIGHT, "\"LON\"", "\"JFK\"", ""), "ambiguous_city_code", "LGW" },
        { ROUTE(FLIGHT, "\"LHR\"", "\"nyc \"", ""), "ambiguous_city_code", "JFK" },
        { ROUTE(FLIGHT, "null", "\"JFK\"", ""), "missing_airport_code", "Origin_Airport_Code__c" },
        { ROUTE(FLIGHT, "\"LHR\"", "\"  \"", ""), "missing_airport_code", "Destination_Airport_Code__c" },
        { ROUTE(FLIGHT, "\"LHR\"", "\"\xc2\xa0\"", ""), "missing_airport_code", "Destination_Airport_Code__c" },
        { ROUTE(FLIGHT, "\"LHR\"", "\"EGLL\"", ""), "same_airport", "LHR" },
        { ROUTE(FLIGHT, "\"LHR\"", "\"lhr\"", ""), "same_airport", "LHR" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        reset();
        org.flights = cases[i].flights;
        org.groups = GROUP(FLIGHT, "\"Economy\"", "1");
        json_t *a = refused(ASK, 422, cases[i].code);
        assert_string_equal(text(a, "field"), "/flightId");
        if (!strstr(text(a, "message"), cases[i].says))
            fail_msg("'%s' does not mention %s", text(a, "message"), cases[i].says);
        json_decref(a);
    }
}

static void candidates_are_listed_as_details(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"LON\"", "\"JFK\"", "");
    json_t *a = refused(ASK, 422, "ambiguous_city_code");
    const json_t *details = json_object_get(a, "details");
    assert_int_equal(json_array_size(details), 5);
    assert_string_equal(text(json_array_get(details, 0), "code"), "candidate");
    json_decref(a);
    org.flights = ROUTE(FLIGHT, "\"JKF\"", "\"LHR\"", "");
    a = refused(ASK, 422, "unknown_airport");
    assert_int_equal(json_array_size(json_object_get(a, "details")), 3);
    assert_non_null(strstr(text(a, "message"), "JFK"));
    json_decref(a);
}

static void codes_are_read_loosely(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"\xc2\xa0 egll\"", "\" jfk\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "10");
    json_t *a = one(ASK);
    assert_string_equal(text(a, "departureAirport"), "LHR");
    assert_string_equal(text(a, "arrivalAirport"), "JFK");
    assert_true(fabs(number(a, "distanceKm") - 5554.592) < 0.0011);
    json_decref(a);
}

static void a_flight_that_is_not_there(void **state)
{
    (void)state;
    reset();
    org.flights = "";
    json_t *a = refused(ASK, 404, "flight_not_found");
    assert_int_equal(org.queries, 1);
    json_decref(a);
}

static void input_is_checked_before_the_org_is_asked(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{}",
        "{\"flightId\":\"\"}",
        "{\"flightId\":\"a0200000000000\"}",
        "{\"flightId\":\"a02000000000001AAB\"}", /* wrong checksum */
        "{\"flightId\":\"a0200000000000' OR Id\"}",
        "{\"flightId\":7}",
        "{\"flightId\":\"" FLIGHT "\",\"factorYear\":2018}",
        "{\"flightId\":\"" FLIGHT "\",\"factorYear\":2026}",
        "{\"flightId\":\"" FLIGHT "\",\"factorYear\":2023.5}",
        "{\"flightId\":\"" FLIGHT "\",\"radiativeForcing\":\"maybe\"}",
        "{\"flightId\":\"" FLIGHT "\",\"seatsEconomy\":-1}",
        "{\"flightId\":\"" FLIGHT "\",\"seatsEconomy\":5001}",
        "{\"flightId\":\"" FLIGHT "\",\"loadFactorPercent\":0}",
        "{\"flightId\":\"" FLIGHT "\",\"loadFactorPercent\":100.1}",
        "{\"flightId\":\"" FLIGHT "\",\"cabinFilter\":\"steerage\"}",
        "{\"flightId\":\"" FLIGHT "\",\"extra\":1}",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        reset();
        json_t *a = refused(bad[i], 422, "invalid_input");
        assert_int_equal(org.queries + org.describes, 0);
        json_decref(a);
    }
}

static void no_bookings_gives_no_figure_per_passenger(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    json_t *a = one(ASK);
    assert_true(number(a, "totalCo2Kg") == 0 && number(a, "co2PerKmKg") == 0 && number(a, "passengerCount") == 0);
    assert_true(json_is_null(json_object_get(a, "co2PerPassengerKg")));
    assert_true(json_is_null(json_object_get(json_object_get(a, "emissions"), "co2PerPassengerKg")));
    assert_true(fabs(number(a, "referencePerPassengerKg") - 0.2612806 * 5554.592) < 0.01);
    assert_true(warns(a, "no_bookings"));
    assert_string_equal(text(a, "dataQuality"), "D");
    assert_non_null(strstr(text(a, "summary"), "no bookings"));
    json_decref(a);
}

static void classes_without_meaning_count_as_average(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.groups = GROUP(FLIGHT, "null", "3") "," GROUP(FLIGHT, "\"Hammock\"", "2") "," GROUP(FLIGHT, "\"Y\"", "95");
    json_t *a = one(ASK);
    assert_int_equal(number(a, "passengerCount"), 100);
    assert_int_equal(number(a, "unknownClassCount"), 5);
    assert_true(warns(a, "unknown_class"));
    assert_string_equal(text(a, "dataQuality"), "B");
    assert_true(fabs(number(a, "totalCo2Kg") - (5 * 0.2612806295302013 + 95 * 0.20010828053691276) * 5554.592) < 0.1);
    json_decref(a);
    org.groups = GROUP(FLIGHT, "\"Hammock\"", "11") "," GROUP(FLIGHT, "\"Y\"", "89");
    a = one(ASK);
    assert_string_equal(text(a, "dataQuality"), "C"); /* more than a tenth */
    json_decref(a);
}

static void fallbacks_are_counted(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"DUB\"", "");
    org.groups =
        GROUP(FLIGHT, "\"Economy\"", "120") "," GROUP(FLIGHT, "\"First\"", "4") "," GROUP(FLIGHT, "\"W\"", "2");
    json_t *a = one(ASK);
    assert_int_equal(number(a, "cabinFallbacks"), 6);
    assert_true(warns(a, "cabin_fallback"));
    const json_t *first = json_array_get(json_object_get(a, "cabins"), 2);
    assert_string_equal(text(first, "cabin"), "first");
    assert_string_equal(text(first, "factorCabin"), "business");
    assert_string_equal(text(first, "factorId"), "21_316_3166_11");
    assert_true(number(first, "factor") == 0.2743);
    json_decref(a);
}

static void labels_of_one_cabin_add_up(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1") "," GROUP(FLIGHT, "\"coach\"", "2") "," GROUP(FLIGHT, "\"Y\"", "4");
    json_t *a = one(ASK);
    assert_int_equal(json_array_size(json_object_get(a, "cabins")), 1);
    assert_int_equal(number(json_array_get(json_object_get(a, "cabins"), 0), "passengers"), 7);
    json_decref(a);
}

static void radiative_forcing_can_be_left_out(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"CDG\"", "\"FRA\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "90") "," GROUP(FLIGHT, "\"Business\"", "12");
    json_t *a = one("{\"flightId\":\"" FLIGHT "\",\"radiativeForcing\":\"exclude\"}");
    assert_true(fabs(number(a, "totalCo2Kg") - 4458.882) < 0.0011); /* from the vectors */
    assert_true(number(a, "totalCo2Kg") == number(a, "totalWithoutRfKg"));
    assert_true(number(a, "radiativeForcingMultiplier") == 1);
    assert_string_equal(text(json_array_get(json_object_get(a, "cabins"), 0), "factorId"), "21_316_3181_11");
    json_decref(a);
}

static void other_years_say_that_they_are_not_verified(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1");
    json_t *a = one("{\"flightId\":\"" FLIGHT "\",\"factorYear\":2019}");
    assert_true(warns(a, "year_not_verified"));
    assert_true(json_is_false(json_object_get(a, "factorsVerified")));
    assert_true(number(a, "radiativeForcingMultiplier") == 1.9);
    assert_true(fabs(number(a, "totalCo2Kg") - 0.14981 * 5554.592) < 0.01);
    assert_string_equal(text(a, "dataQuality"), "C");
    json_decref(a);
}

static void optional_fields_are_found_by_describe(void **state)
{
    (void)state;
    reset();
    org.flight_fields = "Id Airline__c Aircraft__c Seats_Economy__c Seats_Business__c";
    org.flights = ROUTE(FLIGHT, "\"BRU\"", "\"BCN\"",
                        ",\"Aircraft__c\":\"320\",\"Seats_Economy__c\":175.0,\"Seats_Business__c\":null");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "100");
    json_t *a = one(ASK);
    assert_non_null(strstr(org.soql[0], "Aircraft__c, Seats_Economy__c"));
    assert_null(strstr(org.soql[0], "Via__c"));
    const json_t *icao = json_object_get(a, "icao");
    assert_string_equal(text(icao, "aircraftEquivalent"), "320");
    assert_true(fabs(number(icao, "economyKg") - 115.8) < 0.1); /* the calculator itself says 116 */
    assert_true(fabs(number(a, "icaoPerPassengerKg") - 115.8) < 0.1);
    assert_true(fabs(number(a, "icaoTotalCo2Kg") - 11578) < 10);
    assert_true(json_is_null(json_object_get(icao, "businessKg")));
    assert_int_equal(number(a, "seatCount"), 175);
    assert_true(fabs(number(a, "co2PerSeatKg") - number(a, "totalCo2Kg") / 175) < 0.001);
    assert_string_equal(text(json_array_get(json_object_get(a, "legs"), 0), "icaoRouteGroup"), "Intra Europe");
    double defra = number(a, "totalWithoutRfKg") / 100, mean = (defra + number(a, "icaoPerPassengerKg")) / 2;
    assert_true(fabs(number(a, "spreadPercent") - 100 * fabs(defra - number(a, "icaoPerPassengerKg")) / mean) < 0.01);
    assert_string_equal(text(a, "dataQuality"), "A");
    assert_int_equal(json_array_size(json_object_get(a, "warnings")), 0);
    assert_string_equal(text(a, "warningText"), "");
    json_decref(a);
}

static void input_replaces_aircraft_and_seats(void **state)
{
    (void)state;
    reset();
    org.flight_fields = "Id Aircraft__c Seats_Economy__c Seats_First__c";
    org.flights =
        ROUTE(FLIGHT, "\"ZRH\"", "\"SFO\"", ",\"Aircraft__c\":\"320\",\"Seats_Economy__c\":175,\"Seats_First__c\":9");
    org.groups = GROUP(FLIGHT, "\"Business\"", "10");
    json_t *a = one("{\"flightId\":\"" FLIGHT
                    "\",\"aircraft\":\"Boeing 787-9\",\"seatsEconomy\":188,\"seatsPremiumEconomy\":21,"
                    "\"seatsBusiness\":48,\"loadFactorPercent\":84.5}");
    const json_t *icao = json_object_get(a, "icao");
    assert_int_equal(number(a, "seatCount"), 257); /* none of the record's seats */
    assert_string_equal(text(icao, "aircraft"), "789");
    assert_string_equal(text(icao, "body"), "wide");
    assert_string_equal(text(icao, "loadFactorSource"), "input");
    assert_true(fabs(number(icao, "businessKg") / number(icao, "economyKg") - 4) < 1e-4);
    assert_true(json_is_null(json_object_get(icao, "firstKg")));
    assert_true(number(json_array_get(json_object_get(a, "legs"), 0), "icaoLoadFactorPercent") == 84.5);
    json_decref(a);
}

static void no_icao_estimate_without_its_facts(void **state)
{
    (void)state;
    static const struct {
        const char *more, *warning;
    } cases[] = {
        { ",\"Aircraft__c\":\"789\"", "seat_map_unknown" },
        { ",\"Aircraft__c\":\"789\",\"Seats_Economy__c\":0", "seat_map_unknown" },
        { ",\"Seats_Economy__c\":200", "aircraft_unknown" },
        { ",\"Aircraft__c\":\"  \",\"Seats_Economy__c\":200", "aircraft_unknown" },
        { ",\"Aircraft__c\":\"Zeppelin\",\"Seats_Economy__c\":200", "aircraft_not_in_table" },
        { ",\"Aircraft__c\":\"ATR 72\",\"Seats_Economy__c\":70", "aircraft_out_of_range" },
        { ",\"Aircraft__c\":\"789\",\"Seats_Business__c\":70", "cabin_without_seats" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char flights[1000];
        reset();
        org.flight_fields = "Id Aircraft__c Seats_Economy__c Seats_Business__c";
        snprintf(flights, sizeof flights, ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "%s"), cases[i].more);
        org.flights = flights;
        org.groups = GROUP(FLIGHT, "\"Economy\"", "1");
        json_t *a = one(ASK);
        if (!warns(a, cases[i].warning))
            fail_msg("no warning %s, but: %s", cases[i].warning, text(a, "warningText"));
        assert_true(json_is_null(json_object_get(a, "icao")));
        assert_true(json_is_null(json_object_get(a, "icaoTotalCo2Kg")));
        assert_true(json_is_null(json_object_get(a, "spreadPercent")));
        assert_true(number(a, "totalCo2Kg") > 0);
        json_decref(a);
    }
}

static void short_hops_are_scaled_with_a_warning(void **state)
{
    (void)state;
    reset();
    org.flight_fields = "Id Aircraft__c Seats_Economy__c";
    org.flights = ROUTE(FLIGHT, "\"JER\"", "\"GCI\"", ",\"Aircraft__c\":\"AT7\",\"Seats_Economy__c\":70");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "71");
    json_t *a = one(ASK);
    assert_true(warns(a, "fuel_scaled") && warns(a, "bookings_exceed_seats"));
    assert_true(number(a, "icaoPerPassengerKg") > 0);
    json_decref(a);
}

static void bad_seats_on_the_record_are_refused(void **state)
{
    (void)state;
    static const char *const values[] = { "-1", "12.5", "5001", "\"many\"", "true", "1e300" };
    for (size_t i = 0; i < COUNT(values); i++) {
        char flights[1000];
        reset();
        org.flight_fields = "Id Seats_Economy__c";
        snprintf(flights, sizeof flights, ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", ",\"Seats_Economy__c\":%s"), values[i]);
        org.flights = flights;
        json_decref(refused(ASK, 422, "invalid_seat_count"));
    }
}

static void stops_make_legs(void **state)
{
    (void)state;
    reset();
    org.flight_fields = "Id Via__c";
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"SYD\"", ",\"Via__c\":\"DXB; sin\"");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1");
    json_t *a = one(ASK), *legs = json_object_get(a, "legs");
    double sum = 0;
    assert_string_equal(text(a, "route"), "LHR-DXB-SIN-SYD");
    assert_int_equal(json_array_size(legs), 3);
    assert_string_equal(text(json_array_get(legs, 0), "haul"), "long_haul");
    assert_string_equal(text(json_array_get(legs, 1), "haul"), "international_non_uk");
    assert_string_equal(text(a, "haul"), "mixed");
    for (size_t i = 0; i < 3; i++)
        sum += number(json_array_get(legs, i), "distanceKm");
    assert_true(fabs(sum - number(a, "distanceKm")) < 0.002);
    assert_int_equal(number(a, "passengerCount"), 1); /* not once per leg */
    json_decref(a);
    /* there and back is no flight to nowhere */
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"LHR\"", ",\"Via__c\":\"JFK\"");
    a = one(ASK);
    assert_int_equal(number(a, "legCount"), 2);
    json_decref(a);
}

static void bad_stops_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *via, *code;
    } cases[] = {
        { "QQQ", "unknown_airport" },
        { "LON", "ambiguous_city_code" },
        { "LHR", "same_airport" },
        { "DXB DXB", "same_airport" },
        { "DXB,SIN,DXB,SIN,DXB,SIN,DXB,SIN,DXB,SIN", "too_many_stops" },
        { "\xf0\x9f\x9b\xab", "unknown_airport" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char flights[1000];
        reset();
        org.flight_fields = "Id Via__c";
        snprintf(flights, sizeof flights, ROUTE(FLIGHT, "\"LHR\"", "\"SYD\"", ",\"Via__c\":\"%s\""), cases[i].via);
        org.flights = flights;
        json_decref(refused(ASK, 422, cases[i].code));
    }
    reset(); /* nine stops are ten legs, the most there can be */
    org.flight_fields = "Id Via__c";
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"SYD\"", ",\"Via__c\":\"DXB,SIN,DXB,SIN,DXB,SIN,DXB,SIN,DXB\"");
    json_t *a = one(ASK);
    assert_int_equal(number(a, "legCount"), 10);
    json_decref(a);
}

static void cancelled_bookings_are_left_out(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1");
    json_t *a = one(ASK);
    assert_non_null(strstr(org.soql[1], "Status__c NOT IN ('Cancelled','Canceled','No Show'"));
    assert_non_null(strstr(org.soql[1], "GROUP BY Flight__c, Class__c"));
    assert_string_equal(text(a, "bookingFilter"), "Status__c is not cancelled or no-show");
    assert_false(warns(a, "status_not_filtered"));
    json_decref(a);

    a = one("{\"flightId\":\"" FLIGHT "\",\"includeCancelled\":true}");
    assert_null(strstr(org.soql[3], "Status__c"));
    assert_false(warns(a, "status_not_filtered"));
    json_decref(a);

    reset(); /* no such field */
    org.booking_fields = "Id Flight__c Class__c";
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1");
    a = one(ASK);
    assert_null(strstr(org.soql[1], "Status__c"));
    assert_true(warns(a, "status_not_filtered"));
    json_decref(a);

    reset(); /* gone since it was described */
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1");
    org.groups_error = "INVALID_FIELD";
    a = one(ASK);
    assert_true(warns(a, "status_not_filtered"));
    assert_int_equal(number(a, "passengerCount"), 1);
    json_decref(a);
}

static void a_cancelled_flight_is_marked(void **state)
{
    (void)state;
    reset();
    org.flight_fields = "Id Status__c";
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", ",\"Status__c\":\"Cancelled\"");
    json_t *a = one(ASK);
    assert_true(warns(a, "flight_cancelled"));
    json_decref(a);
}

static void one_cabin_can_be_asked_for(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.groups =
        GROUP(FLIGHT, "\"Economy\"", "100") "," GROUP(FLIGHT, "\"Business\"", "7") "," GROUP(FLIGHT, "null", "2");
    json_t *a = one("{\"flightId\":\"" FLIGHT "\",\"cabinFilter\":\"business\"}");
    assert_int_equal(number(a, "passengerCount"), 7);
    json_decref(a);
}

static void too_many_groups_are_counted_booking_by_booking(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.groups_error = "EXCEEDED_ID_LIMIT";
    org.bookings =
        "{\"Flight__c\":\"" FLIGHT "\",\"Class__c\":\"Economy\"},{\"Flight__c\":\"" FLIGHT "\",\"Class__c\":null}";
    json_t *a = one(ASK);
    assert_int_equal(number(a, "passengerCount"), 2);
    assert_int_equal(number(a, "unknownClassCount"), 1);
    json_decref(a);
}

static void nonsense_from_the_org_is_no_figure(void **state)
{
    (void)state;
    static const char *const groups[] = {
        GROUP(FLIGHT, "\"Economy\"", "-1"),
        GROUP(FLIGHT, "\"Economy\"", "\"many\""),
        GROUP(FLIGHT, "\"Economy\"", "null"),
        GROUP(FLIGHT, "\"Economy\"", "1.5"),
        GROUP(FLIGHT, "\"Economy\"", "9223372036854775807"),
        GROUP(OTHER, "\"Economy\"", "1"),
    };
    for (size_t i = 0; i < COUNT(groups); i++) {
        reset();
        org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
        org.groups = groups[i];
        json_decref(refused(ASK, 502, "unexpected_org_data"));
    }
}

static void huge_counts_stay_finite_or_are_refused(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1000000000");
    json_t *a = one(ASK);
    assert_true(isfinite(number(a, "totalCo2Kg")));
    json_decref(a);
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1000000001");
    json_decref(refused(ASK, 502, "unexpected_org_data"));
}

static void failures_of_the_org_are_passed_on(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.groups_status = 503;
    json_t *a = refused(ASK, 503, "org_unavailable");
    json_decref(a);
    reset();
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.booking_fields = NULL; /* no such object: the query says so */
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1");
    a = one(ASK);
    assert_true(warns(a, "status_not_filtered"));
    json_decref(a);
}

#define WRITE "{\"flightId\":\"" FLIGHT "\",\"writeBack\":true}"
#define TOTALS                                                                                                         \
    "Id Total_CO2_Kg__c CO2_Per_Passenger_Kg__c Distance_Km__c Passenger_Count__c CO2_Calculated_At__c CO2_Method__c"

static void nothing_is_written_unless_asked(void **state)
{
    (void)state;
    reset();
    org.flight_fields = TOTALS;
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1");
    json_t *a = one(ASK);
    assert_string_equal(text(a, "writeBackStatus"), "off");
    assert_int_equal(org.updates, 0);
    json_decref(a);
}

static void totals_are_written_where_there_are_fields(void **state)
{
    (void)state;
    reset();
    org.flight_fields = TOTALS;
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1");
    json_t *a = one(WRITE), *body = json_loads(org.update, 0, NULL);
    const json_t *record = json_array_get(json_object_get(body, "records"), 0);
    assert_string_equal(text(a, "writeBackStatus"), "written");
    assert_false(warns(a, "write_back_incomplete"));
    assert_true(number(record, "Total_CO2_Kg__c") == number(a, "totalCo2Kg"));
    assert_true(number(record, "Distance_Km__c") == number(a, "distanceKm"));
    assert_true(number(record, "Passenger_Count__c") == 1);
    assert_string_equal(text(record, "CO2_Calculated_At__c"), text(a, "timestamp"));
    assert_non_null(strstr(text(record, "CO2_Method__c"), "2023 v1.1, with non-CO2"));
    json_decref(body);
    json_decref(a);

    org.flight_fields = "Id !Total_CO2_Kg__c Distance_Km__c"; /* one may not be edited, two are missing */
    a = one(WRITE);
    assert_string_equal(text(a, "writeBackStatus"), "written");
    assert_true(warns(a, "write_back_incomplete"));
    assert_null(strstr(org.update, "Total_CO2_Kg__c"));
    assert_non_null(strstr(org.update, "Distance_Km__c"));
    json_decref(a);

    org.flight_fields = "Id";
    org.updates = 0;
    a = one(WRITE);
    assert_string_equal(text(a, "writeBackStatus"), "no_fields");
    assert_true(warns(a, "write_back_incomplete"));
    assert_int_equal(org.updates, 0);
    json_decref(a);
}

static void a_refused_write_does_not_take_the_answer_away(void **state)
{
    (void)state;
    reset();
    org.flight_fields = TOTALS;
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1");
    org.update_result =
        "[{\"success\":false,\"errors\":[{\"statusCode\":\"ENTITY_IS_LOCKED\",\"message\":\"locked\",\"fields\":[]}]}]";
    json_t *a = one(WRITE);
    assert_string_equal(text(a, "writeBackStatus"), "refused");
    assert_true(warns(a, "write_back_incomplete") && number(a, "totalCo2Kg") > 0);
    json_decref(a);
    org.update_status = 403;
    org.update_result = "[{\"errorCode\":\"INSUFFICIENT_ACCESS\",\"message\":\"no\"}]";
    a = one(WRITE);
    assert_string_equal(text(a, "writeBackStatus"), "failed");
    json_decref(a);
}

/* ---- many flights ---- */

static json_t *many(const char *input)
{
    json_t *answer;
    int status = invoke("calculateCarbonFootprints", input, &answer);
    if (status != 200)
        fail_msg("refused with %d", status);
    return answer;
}

static void each_flight_has_a_result_or_an_error(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(OTHER, "\"LHQ\"", "\"JFK\"", "") "," ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "2") "," GROUP(OTHER, "\"Economy\"", "3");
    json_t *a = many("{\"flightIds\":[\"" FLIGHT "\",\"" OTHER "\",\"a02000000000003AAA\",\"a02000000000001\"]}");
    const json_t *rows = json_object_get(a, "results");
    assert_int_equal(json_array_size(rows), 4);
    assert_true(json_is_true(json_object_get(json_array_get(rows, 0), "success")));
    assert_int_equal(number(json_array_get(rows, 0), "passengerCount"), 2);
    assert_string_equal(text(json_array_get(rows, 1), "code"), "unknown_airport");
    assert_string_equal(text(json_array_get(rows, 1), "field"), "/flightIds/1");
    assert_null(json_object_get(json_array_get(rows, 1), "totalCo2Kg"));
    assert_string_equal(text(json_array_get(rows, 2), "code"), "flight_not_found");
    assert_string_equal(text(json_array_get(rows, 3), "code"), "repeated_flight"); /* the first one's short id */
    assert_int_equal(number(a, "succeededCount"), 1);
    assert_int_equal(number(a, "failedCount"), 3);
    assert_true(json_is_null(json_object_get(a, "totalCo2Kg"))); /* no partial sums */
    assert_int_equal(org.queries, 2);
    json_decref(a);
}

static void many_flights_agree_with_one(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "2") "," GROUP(FLIGHT, "\"First\"", "2");
    json_t *a = many("{\"flightIds\":[\"" FLIGHT "\"],\"radiativeForcing\":\"exclude\",\"factorYear\":2024}");
    json_t *b = one("{\"flightId\":\"" FLIGHT "\",\"radiativeForcing\":\"exclude\",\"factorYear\":2024}");
    const json_t *row = json_array_get(json_object_get(a, "results"), 0);
    static const char *const same[] = { "totalCo2Kg", "co2PerPassengerKg", "co2PerKmKg", "distanceKm",
                                        "wttKg",      "passengerCount" };
    for (size_t i = 0; i < COUNT(same); i++)
        assert_true(number(row, same[i]) == number(b, same[i]));
    assert_string_equal(text(row, "summary"), text(b, "summary"));
    assert_true(number(a, "totalCo2Kg") == number(b, "totalCo2Kg"));
    assert_non_null(strstr(text(row, "warningCodes"), "year_not_verified"));
    json_decref(a);
    json_decref(b);
}

static void two_hundred_flights_take_two_queries(void **state)
{
    (void)state;
    static char flights[60000], groups[60000], ids[10000];
    for (int n = 200; n <= 201; n++) {
        char id[32];
        reset();
        flights[0] = groups[0] = '\0';
        snprintf(ids, sizeof ids, "{\"flightIds\":[");
        for (int i = 0; i < n; i++) {
            const char *comma = i ? "," : "";
            snprintf(id, sizeof id, "a02000000000%03dAAA", i);
            snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%s\"%s\"", comma, id);
            snprintf(flights + strlen(flights), sizeof flights - strlen(flights),
                     "%s{\"Id\":\"%s\",\"Airline__c\":\"A\",\"Origin_Airport_Code__c\":\"LHR\",\"Destination_Airport_"
                     "Code__c\":\"JFK\"}",
                     comma, id);
            snprintf(groups + strlen(groups), sizeof groups - strlen(groups),
                     "%s{\"Flight__c\":\"%s\",\"Class__c\":\"Y\",\"n\":%d}", comma, id, i + 1);
        }
        snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "]}");
        org.flights = flights;
        org.groups = groups;
        json_t *a;
        int status = invoke("calculateCarbonFootprints", ids, &a);
        assert_int_equal(status, n == 200 ? 200 : 422);
        if (n == 200) {
            assert_int_equal(number(a, "succeededCount"), 200);
            assert_int_equal(org.queries, 2);
            assert_int_equal(number(json_array_get(json_object_get(a, "results"), 199), "passengerCount"), 200);
            assert_true(number(a, "totalCo2Kg") > 0);
        }
        json_decref(a);
    }
}

static void many_totals_are_written_at_once(void **state)
{
    (void)state;
    reset();
    org.flight_fields = TOTALS;
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "") "," ROUTE(OTHER, "\"LHR\"", "\"DUB\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "2");
    org.update_result =
        "[{\"id\":\"" FLIGHT "\",\"success\":true,\"errors\":[]},{\"success\":false,\"errors\":[{\"statusCode\":"
        "\"ENTITY_IS_LOCKED\",\"message\":\"locked\",\"fields\":[]}]}]";
    json_t *a = many("{\"flightIds\":[\"" FLIGHT "\",\"a02000000000009AAA\",\"" OTHER "\"],\"writeBack\":true}");
    const json_t *rows = json_object_get(a, "results");
    assert_int_equal(org.updates, 1);
    assert_string_equal(text(json_array_get(rows, 0), "writeBackStatus"), "written");
    assert_string_equal(text(json_array_get(rows, 1), "code"), "flight_not_found");
    assert_string_equal(text(json_array_get(rows, 2), "writeBackStatus"), "refused");
    json_decref(a);
}

static int start(void **state)
{
    struct buf faults;
    struct client_settings settings = { .backoff_ms = 1, .send = org_answers };
    char why[200];
    (void)state;
    buf_init(&faults, 1 << 16);
    if (!declarations_load(&declarations, &faults)) {
        print_message("%s", faults.p);
        return -1;
    }
    buf_free(&faults);
    if (!hosts_parse(&settings.org_hosts, "*.my.salesforce.com", false, why, sizeof why))
        return -1;
    client = client_new(&settings);
    return client ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    client_free(client);
    declarations_free(&declarations);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_flight),
        cmocka_unit_test(the_form_of_the_published_sample),
        cmocka_unit_test(airport_faults_are_refused),
        cmocka_unit_test(candidates_are_listed_as_details),
        cmocka_unit_test(codes_are_read_loosely),
        cmocka_unit_test(a_flight_that_is_not_there),
        cmocka_unit_test(input_is_checked_before_the_org_is_asked),
        cmocka_unit_test(no_bookings_gives_no_figure_per_passenger),
        cmocka_unit_test(classes_without_meaning_count_as_average),
        cmocka_unit_test(fallbacks_are_counted),
        cmocka_unit_test(labels_of_one_cabin_add_up),
        cmocka_unit_test(radiative_forcing_can_be_left_out),
        cmocka_unit_test(other_years_say_that_they_are_not_verified),
        cmocka_unit_test(optional_fields_are_found_by_describe),
        cmocka_unit_test(input_replaces_aircraft_and_seats),
        cmocka_unit_test(no_icao_estimate_without_its_facts),
        cmocka_unit_test(short_hops_are_scaled_with_a_warning),
        cmocka_unit_test(bad_seats_on_the_record_are_refused),
        cmocka_unit_test(stops_make_legs),
        cmocka_unit_test(bad_stops_are_refused),
        cmocka_unit_test(cancelled_bookings_are_left_out),
        cmocka_unit_test(a_cancelled_flight_is_marked),
        cmocka_unit_test(one_cabin_can_be_asked_for),
        cmocka_unit_test(too_many_groups_are_counted_booking_by_booking),
        cmocka_unit_test(nonsense_from_the_org_is_no_figure),
        cmocka_unit_test(huge_counts_stay_finite_or_are_refused),
        cmocka_unit_test(failures_of_the_org_are_passed_on),
        cmocka_unit_test(nothing_is_written_unless_asked),
        cmocka_unit_test(totals_are_written_where_there_are_fields),
        cmocka_unit_test(a_refused_write_does_not_take_the_answer_away),
        cmocka_unit_test(each_flight_has_a_result_or_an_error),
        cmocka_unit_test(many_flights_agree_with_one),
        cmocka_unit_test(two_hundred_flights_take_two_queries),
        cmocka_unit_test(many_totals_are_written_at_once),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
