/* test_carbon_refusals.c - what is wrong with a flight, its bookings or the org, and what the caller then sees. */
#include "tests/unit/carbon_footprint/carbon_org.h"

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
          "unknown_airport",
          "\xc3\xa9"
          "X is no" },
        { ROUTE(FLIGHT, "\"LON\"", "\"JFK\"", ""), "ambiguous_city_code", "LGW" },
        { ROUTE(FLIGHT, "\"LHR\"", "\"nyc \"", ""), "ambiguous_city_code", "JFK" },
        { ROUTE(FLIGHT, "null", "\"JFK\"", ""), "missing_airport_code", "Origin_Airport_Code__c" },
        { ROUTE(FLIGHT, "\"LHR\"", "\"  \"", ""), "missing_airport_code", "Destination_Airport_Code__c" },
        { ROUTE(FLIGHT, "\"LHR\"", "\"\xc2\xa0\"", ""), "missing_airport_code", "Destination_Airport_Code__c" },
        { ROUTE(FLIGHT, "\"LHR\"", "\"EGLL\"", ""), "same_airport", "LHR" },
        { ROUTE(FLIGHT, "\"LHR\"", "\"lhr\"", ""), "same_airport", "LHR" },
        { ROUTE(FLIGHT, "\"BSL\"", "\"MLH\"", ""), "same_airport", "MLH" }, /* one airport, two codes */
        { ROUTE(FLIGHT, "\"LFSB\"", "\"mlh\"", ""), "same_airport", "BSL" },
        { ROUTE(FLIGHT, "\"TBC\"", "\"JFK\"", ""), "unknown_airport",
          "Origin_Airport_Code__c of the flight says \"TBC\"" },
        { ROUTE(FLIGHT, "\"LHR\"", "\" unk.\"", ""), "unknown_airport", "write PAUN" },
        { ROUTE(FLIGHT, "\"LHR\"", "\"ANY\"", ""), "unknown_airport", "read as a word" },
        { ROUTE(FLIGHT, "\"BSL\"", "\"EAP\"", ""), "ambiguous_city_code", "Basel" },
        { ROUTE(FLIGHT, "\"YMQ\"", "\"JFK\"", ""), "ambiguous_city_code", "YUL (Montr" },
        { ROUTE(FLIGHT, "\"LHR\"", "\"DTT\"", ""), "ambiguous_city_code", "DTW" },
        { ROUTE(FLIGHT, "\"IZM\"", "\"LHR\"", ""), "ambiguous_city_code", "ADB" },
        { ROUTE(FLIGHT, "\"UKY\"", "\"LHR\"", ""), "ambiguous_city_code", "KIX" },
        { ROUTE(FLIGHT, "\"nyc\"", "\"LHR\"", ""), "ambiguous_city_code", "EWR" },
        { ROUTE(FLIGHT, "\"ZSP\"", "\"PEK\"", ""), "unknown_airport", "no known position" },
        { ROUTE(FLIGHT, "\"PEK\"", "\"lsg\"", ""), "unknown_airport", "Leshan" },
        { ROUTE(FLIGHT, "\"PEK\"", "\"WNJ\"", ""), "unknown_airport", "no known position" },
        { ROUTE(FLIGHT, "\"GYD\"", "\"LHL\"", ""), "unknown_airport", "Lachin" },
        { ROUTE(FLIGHT, "\"\xef\xbc\xa8\xef\xbc\xab\xef\xbc\xa7\"", "\"JFK\"", ""), "unknown_airport",
          "\xef\xbc\xa8\xef\xbc\xab\xef\xbc\xa7 is no airport code: it is not written in the letters A to Z alone. "
          "Did you mean HKG" },
        { ROUTE(FLIGHT, "\"LH\xe2\x80\x8bR\"", "\"JFK\"", ""), "unknown_airport", "LH<U+200B>R" },
        { ROUTE(FLIGHT, "\"LHR\xe2\x80\x8b\"", "\"LHR\"", ""), "same_airport", "LHR" },
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
    assert_int_equal(json_array_size(details), 6);
    assert_string_equal(text(json_array_get(details, 0), "code"), "candidate");
    json_decref(a);
    org.flights = ROUTE(FLIGHT, "\"JKF\"", "\"LHR\"", "");
    a = refused(ASK, 422, "unknown_airport");
    assert_int_equal(json_array_size(json_object_get(a, "details")), 3);
    assert_non_null(strstr(text(a, "message"), "JFK"));
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
    org.more_bookings = org.bookings; /* page by page */
    a = one(ASK);
    assert_int_equal(number(a, "passengerCount"), 4);
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
    reset();
    org.flight_fields = NULL; /* no such object at all: not a record that was not found */
    json_decref(refused(ASK, 403, "org_setup_missing"));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(airport_faults_are_refused),
        cmocka_unit_test(candidates_are_listed_as_details),
        cmocka_unit_test(a_flight_that_is_not_there),
        cmocka_unit_test(input_is_checked_before_the_org_is_asked),
        cmocka_unit_test(bad_seats_on_the_record_are_refused),
        cmocka_unit_test(bad_stops_are_refused),
        cmocka_unit_test(too_many_groups_are_counted_booking_by_booking),
        cmocka_unit_test(nonsense_from_the_org_is_no_figure),
        cmocka_unit_test(huge_counts_stay_finite_or_are_refused),
        cmocka_unit_test(failures_of_the_org_are_passed_on),
        cmocka_unit_test(a_refused_write_does_not_take_the_answer_away),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
