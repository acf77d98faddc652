/* test_carbon_many.c - many flights at once: a result or an error for each. */
#include "tests/unit/carbon_footprint/carbon_org.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_flight_has_a_result_or_an_error),
        cmocka_unit_test(many_flights_agree_with_one),
        cmocka_unit_test(two_hundred_flights_take_two_queries),
        cmocka_unit_test(many_totals_are_written_at_once),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
