/* test_carbon_airports.c - codes as people type them, cities, near matches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include <math.h>

#include "actions/carbon_footprint/airports.h"
#include "runtime/base/bytes.h"
#include "runtime/base/encoding.h"

static void finds(const char *text, const char *iata)
{
    struct airport_lookup found;
    char code[4];
    if (airport_find(text, &found) != AIRPORT_FOUND)
        fail_msg("'%s' is not found", text);
    assert_string_equal(airport_iata(found.airport, code), iata);
    assert_int_equal(found.candidate_count, 0);
}

static void every_code_leads_to_its_airport(void **state)
{
    (void)state;
    struct airport_lookup found;
    char iata[4], icao[5] = "";
    size_t with_icao = 0, unplaced = 0;
    assert_int_equal(airport_count(), 8015);
    for (size_t i = 0; i < airport_count(); i++) {
        const struct airport *a = airport_at(i);
        unplaced += a->unplaced;
        assert_int_equal(airport_find(airport_iata(a, iata), &found), a->unplaced ? AIRPORT_UNPLACED : AIRPORT_FOUND);
        assert_ptr_equal(found.airport, a);
        assert_true(fabs(airport_lat(a)) <= 90 && fabs(airport_lon(a)) <= 180);
        assert_true(*airport_name(a) && utf8_valid(span_of(airport_name(a)))); /* answers take it unchecked */
        if (!a->icao[0])
            continue;
        with_icao++;
        memcpy(icao, a->icao, 4);
        assert_int_equal(airport_find(icao, &found), AIRPORT_FOUND);
        assert_ptr_equal(found.airport, a);
    }
    assert_int_equal(with_icao, 8015 - 380);
    assert_int_equal(unplaced, 4);
}

static void positions_are_those_of_the_data(void **state)
{
    (void)state;
    struct airport_lookup found;
    char country[3];
    assert_int_equal(airport_find("LHR", &found), AIRPORT_FOUND);
    assert_true(airport_lat(found.airport) == 51.4706 && airport_lon(found.airport) == -0.461941);
    assert_string_equal(airport_country(found.airport, country), "GB");
    assert_non_null(strstr(airport_name(found.airport), "Heathrow"));
}

static void case_and_white_space_do_not_matter(void **state)
{
    (void)state;
    finds("lhr", "LHR");
    finds("  JfK\t\r\n", "JFK");
    finds("\xc2\xa0LHR\xc2\xa0", "LHR"); /* no-break space */
    finds(" \xc2\xa0 lhr \xe2\x80\xaf", "LHR");
    finds("egll", "LHR");
    finds(" KJFK ", "JFK");
}

static void blank_is_blank(void **state)
{
    (void)state;
    struct airport_lookup found;
    static const char *const blanks[] = { NULL, "", " ", "\t\n", "\xc2\xa0", " \xc2\xa0 " };
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++)
        assert_int_equal(airport_find(blanks[i], &found), AIRPORT_BLANK);
}

static void names_candidate(const struct airport_lookup *found, const char *iata)
{
    char code[4];
    for (size_t i = 0; i < found->candidate_count; i++) {
        if (strcmp(airport_iata(found->candidates[i], code), iata) == 0)
            return;
    }
    fail_msg("%s is not among the candidates for %s", iata, found->code);
}

static void city_codes_are_refused_with_their_airports(void **state)
{
    (void)state;
    struct airport_lookup found;
    assert_int_equal(airport_find("lon ", &found), AIRPORT_CITY);
    assert_null(found.airport);
    assert_string_equal(found.code, "LON");
    assert_int_equal(found.candidate_count, 6);
    assert_string_equal(found.city, "London");
    names_candidate(&found, "LHR");
    names_candidate(&found, "LGW");
    assert_int_equal(airport_find("NYC", &found), AIRPORT_CITY);
    names_candidate(&found, "JFK");
    finds("BRU", "BRU"); /* a city and an airport: the airport */
}

static void unknown_codes_come_with_near_ones(void **state)
{
    (void)state;
    struct airport_lookup found;
    assert_int_equal(airport_find("LHRR", &found), AIRPORT_UNKNOWN);
    names_candidate(&found, "LHR");
    assert_int_equal(airport_find("JKF", &found), AIRPORT_UNKNOWN);
    names_candidate(&found, "JFK"); /* exchanged letters come first */
    assert_int_equal(airport_find("EGLO", &found), AIRPORT_UNKNOWN);
    assert_true(found.candidate_count > 0 && found.candidate_count <= AIRPORT_NEAR_MAX);
    assert_int_equal(airport_find("XX", &found), AIRPORT_UNKNOWN);
    assert_int_equal(airport_find("HEATHROW", &found), AIRPORT_UNKNOWN);
    assert_int_equal(found.candidate_count, 0);
}

static void odd_text_is_unknown_and_harmless(void **state)
{
    (void)state;
    struct airport_lookup found;
    char longest[5000];
    memset(longest, 'A', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    static const char *const odd[] = { "L R",     "L\xc2\xa0R",       "\xff\xfe\xfd", "LH\x01",
                                       "'; DROP", "\xf0\x9f\x9b\xab", "123",          "????" };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        assert_int_equal(airport_find(odd[i], &found), AIRPORT_UNKNOWN);
        assert_true(utf8_valid(span_of(found.code)));
        for (const char *p = found.code; *p; p++)
            assert_true((unsigned char)*p >= ' ' && *p != 0x7f);
    }
    assert_int_equal(airport_find(longest, &found), AIRPORT_UNKNOWN);
    assert_int_equal(strlen(found.code), AIRPORT_CODE_SIZE - 1);
}

static void codes_are_shown_as_they_were_written(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } cases[] = {
        { " jkf ", "JKF" },
        { "\xef\xbc\xa8\xef\xbc\xab\xef\xbc\xa7", "\xef\xbc\xa8\xef\xbc\xab\xef\xbc\xa7" },
        { "\xd0\xa8\xd0\xb5\xd1\x80", "\xd0\xa8\xd0\xb5\xd1\x80" }, /* "Sher" in Cyrillic letters */
        { "LH\xe2\x80\x8bR", "LH<U+200B>R" },
        { "\xe2\x80\xaeRHL", "<U+202E>RHL" },
        { "z\xc3\xbcr", "z\xc3\xbcr" },
        { "L\x01R", "L<U+0001>R" },
        { "\xff", "\xef\xbf\xbd" },
    };
    struct airport_lookup found;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(airport_find(cases[i].text, &found), AIRPORT_UNKNOWN);
        assert_string_equal(found.code, cases[i].shown);
    }
    char wide[400] = "";
    for (size_t i = 0; i < 100; i++)
        memcpy(wide + 3 * i, "\xe6\xbc\xa2", 4);
    assert_int_equal(airport_find(wide, &found), AIRPORT_UNKNOWN);
    assert_true(utf8_valid(span_of(found.code)) && strlen(found.code) == 45);
}

static void full_width_letters_come_with_the_plain_code(void **state)
{
    (void)state;
    struct airport_lookup found;
    assert_int_equal(airport_find("\xef\xbc\xa8\xef\xbd\x8b\xef\xbc\xa7", &found), AIRPORT_UNKNOWN);
    assert_true(found.foreign);
    assert_int_equal(found.candidate_count, 1);
    names_candidate(&found, "HKG");
}

static void places_without_a_position_are_not_offered(void **state)
{
    (void)state;
    struct airport_lookup found;
    char code[4];
    static const char *const near[] = { "NZSP", "ZSPP", "LSGG1", "LSQG", "ZSB", "WNJJ", "LHLL" };
    for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
        (void)airport_find(near[i], &found);
        for (size_t k = 0; k < found.candidate_count; k++)
            if (found.candidates[k]->unplaced)
                fail_msg("%s is offered for %s", airport_iata(found.candidates[k], code), near[i]);
    }
    assert_int_equal(airport_find("ZSP", &found), AIRPORT_UNPLACED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_leads_to_its_airport),
        cmocka_unit_test(positions_are_those_of_the_data),
        cmocka_unit_test(case_and_white_space_do_not_matter),
        cmocka_unit_test(blank_is_blank),
        cmocka_unit_test(city_codes_are_refused_with_their_airports),
        cmocka_unit_test(unknown_codes_come_with_near_ones),
        cmocka_unit_test(odd_text_is_unknown_and_harmless),
        cmocka_unit_test(codes_are_shown_as_they_were_written),
        cmocka_unit_test(full_width_letters_come_with_the_plain_code),
        cmocka_unit_test(places_without_a_position_are_not_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
