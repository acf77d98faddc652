/* test_carbon_route.c - what people write into Via__c, and what becomes of a route that is longer than it need be. */
#include "tests/unit/carbon_footprint/carbon_org.h"

#include "actions/carbon_footprint/characters.h"
#include "actions/carbon_footprint/flights.h"
#include "runtime/base/encoding.h"

/* "LHR-DUB-JFK", or the code of the refusal. */
static const char *route_of(const char *via, struct flight_problem *problem, char out[200])
{
    struct footprint_input in = { 0 };
    const struct flight flight = { .origin = "LHR", .destination = "JFK", .via = via };
    char code[4];
    memset(problem, 0, sizeof *problem);
    *out = '\0';
    if (!flight_route(&flight, &in, problem))
        return problem->code;
    for (size_t i = 0; i < in.stop_count; i++)
        snprintf(out + strlen(out), 200 - strlen(out), "%s%s", i ? "-" : "", airport_iata(in.stops[i], code));
    return out;
}

static void spellings_of_stops(void **state)
{
    (void)state;
    char line[400], out[200];
    int count = 0;
    FILE *f = fopen("tests/cases/carbon-via.tsv", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        struct flight_problem problem;
        char *save = NULL, *via = strtok_r(line, "\t\n", &save), *expected = strtok_r(NULL, "\t\n", &save);
        const char *says = strtok_r(NULL, "\t\n", &save), *got;
        if (!via || *via == '#')
            continue;
        assert_non_null(expected);
        got = route_of(via, &problem, out);
        if (strcmp(got, expected) != 0)
            fail_msg("'%s' gives %s instead of %s: %s", via, got, expected, problem.message);
        if (problem.code && (!says || !strstr(problem.message, says) || !utf8_valid(span_of(problem.message))))
            fail_msg("'%s': '%s' does not name %s", via, problem.message, says ? says : "anything");
        count++;
    }
    fclose(f);
    assert_true(count >= 150);
}

static void an_empty_field_is_a_direct_flight(void **state)
{
    (void)state;
    static const char *const empty[] = { "", " ", "-", "--", "\xe2\x80\x93", "\xc2\xa0", "()", "\xe2\x80\x8b" };
    struct flight_problem problem;
    char out[200];
    for (size_t i = 0; i < COUNT(empty); i++)
        assert_string_equal(route_of(empty[i], &problem, out), "LHR-JFK");
}

static void long_texts_are_refused(void **state)
{
    (void)state;
    struct flight_problem problem;
    char out[200], text[2000] = "";
    for (size_t i = 0; i < 65; i++)
        memcpy(text + 4 * i, "and ", 5);
    assert_string_equal(route_of(text, &problem, out), "too_many_stops");
    memset(text, 'A', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_string_equal(route_of(text, &problem, out), "unknown_airport");
    for (size_t i = 0; i + 3 < sizeof text; i += 3)
        memcpy(text + i, "\xe6\xbc\xa2", 3);
    text[1998] = '\0';
    assert_string_equal(route_of(text, &problem, out), "unknown_airport");
    assert_true(utf8_valid(span_of(problem.message)));
}

/* An airport whose code is a word: taken where it lies on the way, told, and not stored unasked. */
static void a_stop_that_may_be_a_word(void **state)
{
    (void)state;
    reset();
    org.flight_fields = TOTALS " Via__c";
    org.flights = ROUTE(FLIGHT, "\"DFW\"", "\"MEX\"", ",\"Via__c\":\"SAT\"");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1");
    json_t *a = one(WRITE);
    assert_string_equal(text(a, "route"), "DFW-SAT-MEX");
    assert_true(warns(a, "stop_may_be_word") && !warns(a, "route_detour"));
    assert_string_equal(text(a, "writeBackStatus"), "unconfirmed");
    assert_string_equal(text(a, "dataQuality"), "C");
    assert_int_equal(org.updates, 0);
    json_decref(a);
    org.flights = ROUTE(FLIGHT, "\"DFW\"", "\"MEX\"", ",\"Via__c\":\"KSAT\"");
    a = one(WRITE);
    assert_false(warns(a, "stop_may_be_word"));
    assert_string_equal(text(a, "writeBackStatus"), "written");
    json_decref(a);
    org.flights = ROUTE(FLIGHT, "\"DFW\"", "\"MEX\"", ",\"Via__c\":\"Sat\"");
    a = refused(ASK, 422, "unknown_airport");
    assert_non_null(strstr(text(a, "message"), "KSAT"));
    json_decref(a);
}

static void a_detour_is_told_and_waits_for_a_word(void **state)
{
    (void)state;
    reset();
    org.flight_fields = TOTALS " Via__c";
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"CDG\"", ",\"Via__c\":\"SSVI\"");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1");
    json_t *a = one(WRITE);
    assert_string_equal(text(a, "route"), "LHR-VIA-CDG");
    assert_true(warns(a, "route_detour") && warns(a, "write_back_incomplete"));
    assert_non_null(strstr(text(a, "warningText"), "twice the direct way"));
    assert_string_equal(text(a, "writeBackStatus"), "unconfirmed");
    assert_string_equal(text(a, "dataQuality"), "C");
    assert_int_equal(org.updates, 0);
    json_decref(a);
    a = one("{\"flightId\":\"" FLIGHT "\",\"writeBack\":true,\"confirmRoute\":true}");
    assert_true(warns(a, "route_detour") && !warns(a, "write_back_incomplete"));
    assert_string_equal(text(a, "writeBackStatus"), "written");
    assert_int_equal(org.updates, 1);
    json_decref(a);
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", ",\"Via__c\":\"KEF\""); /* longer, but not twice */
    a = one(WRITE);
    assert_false(warns(a, "route_detour"));
    assert_string_equal(text(a, "writeBackStatus"), "written");
    json_decref(a);
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"LHR\"", ",\"Via__c\":\"JFK\""); /* there and back: no way is direct */
    a = one(ASK);
    assert_true(warns(a, "route_detour"));
    json_decref(a);
}

static void a_list_stores_what_is_not_in_doubt(void **state)
{
    (void)state;
    json_t *answer;
    reset();
    org.flight_fields = TOTALS " Via__c";
    org.flights =
        ROUTE(FLIGHT, "\"LHR\"", "\"CDG\"", ",\"Via__c\":\"SSVI\"") "," ROUTE(OTHER, "\"LHR\"", "\"JFK\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1") "," GROUP(OTHER, "\"Economy\"", "1");
    org.update_result = "[{\"id\":\"" OTHER "\",\"success\":true,\"errors\":[]}]";
    assert_int_equal(invoke("calculateCarbonFootprints",
                            "{\"flightIds\":[\"" FLIGHT "\",\"" OTHER "\"],\"writeBack\":true}", &answer),
                     200);
    const json_t *rows = json_object_get(answer, "results");
    assert_string_equal(text(json_array_get(rows, 0), "writeBackStatus"), "unconfirmed");
    assert_string_equal(text(json_array_get(rows, 1), "writeBackStatus"), "written");
    assert_null(strstr(org.update, FLIGHT));
    assert_non_null(strstr(org.update, OTHER));
    json_decref(answer);
}

static void characters_are_told_apart(void **state)
{
    (void)state;
    const char *p = "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x9b\xab\xff\xc3";
    assert_int_equal(character_next(&p), 'A');
    assert_int_equal(character_next(&p), 0xe9);
    assert_int_equal(character_next(&p), 0x20ac);
    assert_int_equal(character_next(&p), 0x1f6eb);
    assert_int_equal(character_next(&p), CHARACTER_WRONG);
    assert_int_equal(character_next(&p), CHARACTER_WRONG);
    assert_int_equal(*p, '\0');
    static const char *const wrong[] = { "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80" };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        p = wrong[i];
        assert_int_equal(character_next(&p), CHARACTER_WRONG);
    }
    char out[4];
    for (uint32_t c = 1; c < 0x110000; c += c < 0x3000 ? 1 : 97) {
        char again[5] = "";
        if (c >= 0xd800 && c < 0xe000)
            continue;
        size_t n = character_put(c, out);
        memcpy(again, out, n);
        p = again;
        if (character_next(&p) != c || *p)
            fail_msg("U+%04X is not read as it was written", (unsigned)c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_of_stops),
        cmocka_unit_test(an_empty_field_is_a_direct_flight),
        cmocka_unit_test(long_texts_are_refused),
        cmocka_unit_test(a_stop_that_may_be_a_word),
        cmocka_unit_test(a_detour_is_told_and_waits_for_a_word),
        cmocka_unit_test(a_list_stores_what_is_not_in_doubt),
        cmocka_unit_test(characters_are_told_apart),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
