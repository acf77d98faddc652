/* test_carbon_factors.c - DEFRA factors, hauls and cabins; ICAO fuel, route groups and seat shares. */
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
#include "actions/carbon_footprint/defra.h"
#include "actions/carbon_footprint/icao.h"

/* The table of the 2023 publication as it prints it: with RF, without RF, well-to-tank. */
static const struct {
    enum haul haul;
    enum cabin cabin;
    double with_rf, without_rf, wtt;
} printed[] = {
    { HAUL_DOMESTIC, CABIN_AVERAGE, 0.27258, 0.16099, 0.03350 },
    { HAUL_SHORT, CABIN_AVERAGE, 0.18592, 0.10974, 0.02286 },
    { HAUL_SHORT, CABIN_ECONOMY, 0.18287, 0.10794, 0.02249 },
    { HAUL_SHORT, CABIN_BUSINESS, 0.27430, 0.16191, 0.03373 },
    { HAUL_LONG, CABIN_AVERAGE, 0.26128, 0.15423, 0.03213 },
    { HAUL_LONG, CABIN_ECONOMY, 0.20011, 0.11812, 0.02461 },
    { HAUL_LONG, CABIN_PREMIUM, 0.32016, 0.18898, 0.03937 },
    { HAUL_LONG, CABIN_BUSINESS, 0.58029, 0.34253, 0.07137 },
    { HAUL_LONG, CABIN_FIRST, 0.80040, 0.47246, 0.09844 },
    { HAUL_INTERNATIONAL, CABIN_AVERAGE, 0.17580, 0.10377, 0.02162 },
    { HAUL_INTERNATIONAL, CABIN_ECONOMY, 0.13464, 0.07947, 0.01656 },
    { HAUL_INTERNATIONAL, CABIN_PREMIUM, 0.21542, 0.12716, 0.02649 },
    { HAUL_INTERNATIONAL, CABIN_BUSINESS, 0.39044, 0.23047, 0.04802 },
    { HAUL_INTERNATIONAL, CABIN_FIRST, 0.53854, 0.31789, 0.06623 },
};

static void factors_are_those_of_the_publication(void **state)
{
    (void)state;
    enum cabin applied;
    for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
        const struct defra_factor *f = defra_factor(2023, printed[i].haul, printed[i].cabin, &applied);
        assert_int_equal(applied, printed[i].cabin);
        assert_true(fabs(f->with_rf - printed[i].with_rf) < 5.01e-6);
        assert_true(fabs(f->without_rf - printed[i].without_rf) < 5.01e-6);
        assert_true(f->wtt == printed[i].wtt);
    }
}

static void radiative_forcing_multiplies_co2_alone(void **state)
{
    (void)state;
    enum cabin applied;
    for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
        const struct defra_factor *f = defra_factor(2023, printed[i].haul, printed[i].cabin, &applied);
        assert_true(fabs(f->co2_with_rf / f->co2_without_rf - 1.7) < 2e-4);
        /* the other gases are the same with and without */
        assert_true(fabs((f->with_rf - f->co2_with_rf) - (f->without_rf - f->co2_without_rf)) < 1e-9);
    }
}

static void every_year_has_every_class(void **state)
{
    (void)state;
    enum cabin applied;
    for (int year = DEFRA_YEAR_FIRST; year <= DEFRA_YEAR_LAST; year++) {
        const struct defra_edition *e = defra_edition(year);
        assert_int_equal(e->year, year);
        assert_int_equal(e->verified, year == 2023);
        for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
            const struct defra_factor *f = defra_factor(year, printed[i].haul, printed[i].cabin, &applied);
            assert_int_equal(applied, printed[i].cabin);
            assert_true(f->with_rf > f->without_rf && f->without_rf > f->wtt && f->wtt > 0);
            /* within the rounding of five digits, and with gases that RF leaves alone */
            assert_true(fabs(f->with_rf / f->without_rf - e->rf_on_co2) < 0.02);
        }
    }
    assert_null(defra_edition(2018));
    assert_null(defra_edition(2026));
    assert_null(defra_factor(2018, HAUL_LONG, CABIN_ECONOMY, &applied));
    assert_null(defra_factor(2026, HAUL_LONG, CABIN_ECONOMY, &applied));
}

static void absent_classes_fall_back_as_documented(void **state)
{
    (void)state;
    static const struct {
        enum haul haul;
        enum cabin asked, applied;
    } cases[] = {
        { HAUL_DOMESTIC, CABIN_ECONOMY, CABIN_AVERAGE },  { HAUL_DOMESTIC, CABIN_PREMIUM, CABIN_AVERAGE },
        { HAUL_DOMESTIC, CABIN_BUSINESS, CABIN_AVERAGE }, { HAUL_DOMESTIC, CABIN_FIRST, CABIN_AVERAGE },
        { HAUL_SHORT, CABIN_PREMIUM, CABIN_ECONOMY },     { HAUL_SHORT, CABIN_FIRST, CABIN_BUSINESS },
        { HAUL_LONG, CABIN_PREMIUM, CABIN_PREMIUM },      { HAUL_INTERNATIONAL, CABIN_FIRST, CABIN_FIRST },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum cabin applied;
        assert_non_null(defra_factor(2023, cases[i].haul, cases[i].asked, &applied));
        assert_int_equal(applied, cases[i].applied);
    }
}

static void factor_ids_name_their_row(void **state)
{
    (void)state;
    char id[DEFRA_ID_SIZE];
    assert_string_equal(defra_factor_id(2023, HAUL_LONG, CABIN_ECONOMY, true, id), "21_316_3170_11");
    assert_string_equal(defra_factor_id(2023, HAUL_LONG, CABIN_ECONOMY, false, id), "21_316_3171_11");
    assert_string_equal(defra_factor_id(2019, HAUL_INTERNATIONAL, CABIN_PREMIUM, false, id),
                        "2019/international_non_uk/premium_economy/without_rf");
}

static void the_territory_list_decides_not_the_distance(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        double km;
        enum haul haul;
        bool by_distance;
    } cases[] = {
        { "GB", "GB", 534, HAUL_DOMESTIC, false },       { "JE", "GG", 39, HAUL_DOMESTIC, false },
        { "GB", "RU", 2517, HAUL_LONG, false },          { "IL", "GB", 3593, HAUL_LONG, false },
        { "GB", "EG", 3536, HAUL_SHORT, false },         { "GB", "IE", 450, HAUL_SHORT, false },
        { "US", "US", 3983, HAUL_INTERNATIONAL, false }, { "FR", "DE", 450, HAUL_INTERNATIONAL, false },
        { "GB", "BT", 7600, HAUL_LONG, true },           { "BT", "GB", 3699.9, HAUL_SHORT, true },
        { "GB", "BT", 3700, HAUL_LONG, true },           { "BT", "AQ", 9000, HAUL_INTERNATIONAL, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct defra_haul h = defra_haul(cases[i].from, cases[i].to, cases[i].km);
        assert_int_equal(h.haul, cases[i].haul);
        assert_int_equal(h.by_distance, cases[i].by_distance);
    }
}

static void class_labels_are_read_loosely(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum cabin cabin;
    } cases[] = {
        { "Economy", CABIN_ECONOMY },
        { "COACH", CABIN_ECONOMY },
        { "Main", CABIN_ECONOMY },
        { "PremiumEconomy", CABIN_PREMIUM },
        { "premium-economy", CABIN_PREMIUM },
        { "Economy Plus", CABIN_PREMIUM },
        { "Business", CABIN_BUSINESS },
        { " business class ", CABIN_BUSINESS },
        { "First", CABIN_FIRST },
        { "FirstClass", CABIN_FIRST },
        { "first_class", CABIN_FIRST },
        { "First\xc2\xa0"
          "Class",
          CABIN_FIRST },
    };
    enum cabin cabin;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(cabin_from_label(cases[i].label, &cabin), CABIN_KNOWN);
        assert_int_equal(cabin, cases[i].cabin);
    }
    static const char *const letters[CABIN_COUNT] = { [CABIN_ECONOMY] = "YBMHKLNOQSTUVXGEyb",
                                                      [CABIN_PREMIUM] = "WPw",
                                                      [CABIN_BUSINESS] = "JCDIZj",
                                                      [CABIN_FIRST] = "FAf" };
    for (int c = CABIN_ECONOMY; c < CABIN_COUNT; c++) {
        for (const char *p = letters[c]; *p; p++) {
            const char label[] = { ' ', *p, '.', '\0' };
            assert_int_equal(cabin_from_label(label, &cabin), CABIN_ASSUMED);
            assert_int_equal(cabin, c);
        }
    }
    static const char *const blanks[] = { NULL, "", "  ", "-", "\xc2\xa0" };
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        assert_int_equal(cabin_from_label(blanks[i], &cabin), CABIN_BLANK);
        assert_int_equal(cabin, CABIN_AVERAGE);
    }
    static const char *const unknown[] = {
        "Crew", "R", "7", "JC", "\xd0\xa1", "Erste Klasse", "\xc3\xa9-conomie", "EconomyEconomyEconomyEconomyEconomy"
    };
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        assert_int_equal(cabin_from_label(unknown[i], &cabin), CABIN_UNKNOWN);
        assert_int_equal(cabin, CABIN_AVERAGE);
    }
}

static void distance_correction_has_closed_middle(void **state)
{
    (void)state;
    assert_true(icao_corrected_km(549.999) == 599.999);
    assert_true(icao_corrected_km(550) == 650);
    assert_true(icao_corrected_km(5500) == 5600);
    assert_true(icao_corrected_km(5500.5) == 5625.5);
}

static void fuel_is_linear_between_nodes_and_never_extrapolated(void **state)
{
    (void)state;
    struct icao_aircraft a320;
    double kg = -1, mid;
    assert_true(icao_aircraft("320", &a320));
    assert_int_equal(icao_fuel(&a320, 500, &kg), ICAO_FUEL_OK);
    assert_true(kg == 4585);
    double at500 = kg;
    assert_int_equal(icao_fuel(&a320, 750, &kg), ICAO_FUEL_OK);
    assert_int_equal(icao_fuel(&a320, 625, &mid), ICAO_FUEL_OK);
    assert_true(fabs(mid - (at500 + kg) / 2) < 1e-9);
    double at125;
    assert_int_equal(icao_fuel(&a320, 125, &at125), ICAO_FUEL_OK);
    assert_int_equal(icao_fuel(&a320, 100, &kg), ICAO_FUEL_SCALED);
    assert_true(fabs(kg - at125 * 0.8) < 1e-9);
    kg = -1;
    assert_int_equal(icao_fuel(&a320, 8500.1, &kg), ICAO_FUEL_TOO_FAR);
    assert_true(kg == -1);
    struct icao_aircraft b77l;
    assert_true(icao_aircraft("77L", &b77l));
    assert_int_equal(icao_fuel(&b77l, 8500, &kg), ICAO_FUEL_OK);
    assert_int_equal(icao_fuel(&b77l, 8500.001, &kg), ICAO_FUEL_TOO_FAR);
    /* one step beyond the last figure of a short-range type */
    struct icao_aircraft f100;
    assert_true(icao_aircraft("100", &f100));
    assert_int_equal(icao_fuel(&f100, 3000, &kg), ICAO_FUEL_OK);
    assert_int_equal(icao_fuel(&f100, 3000.5, &kg), ICAO_FUEL_TOO_FAR);
    assert_int_equal(icao_fuel(&f100, 3500, &kg), ICAO_FUEL_TOO_FAR); /* a node of the table without a figure */
}

static void aircraft_are_read_loosely(void **state)
{
    (void)state;
    static const struct {
        const char *text, *equivalent;
        bool wide;
    } cases[] = {
        { "320", "320", false },
        { "A320", "320", false },
        { "Airbus A320-200", "320", false },
        { "b789", "789", true },
        { "Boeing 787-9", "789", true },
        { "77w", "77W", true },
        { "Boeing 777-300ER", "77W", true },
        { "350", "359", true },
        { "ATR 72", "AT7", false },
        { "E190", "E90", false },
        { "787", "789", true },
        { "738", "738", false },
        { "737-800", "738", false },
        { "A380", "380", true },
    };
    struct icao_aircraft type;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (!icao_aircraft(cases[i].text, &type))
            fail_msg("%s is unknown", cases[i].text);
        assert_string_equal(type.equivalent, cases[i].equivalent);
        assert_int_equal(type.wide_body, cases[i].wide);
    }
    /* D81 is in the map, but its equivalent has no fuel figures */
    static const char *const unknown[] = {
        NULL, "", "ZZZ", "A22", "D81", "Concorde", "Zeppelin NT 07 with a very long name indeed"
    };
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_false(icao_aircraft(unknown[i], &type));
}

static void route_groups_cover_every_pair_of_countries(void **state)
{
    (void)state;
    struct icao_route_group g, back;
    char a[3], b[3];
    bool used[38] = { false };
    const struct airport *last = NULL;
    for (size_t i = 0; i < airport_count(); i += 3) {
        const struct airport *x = airport_at(i);
        if (last && memcmp(last->country, x->country, 2) == 0)
            continue;
        last = x;
        for (size_t j = 0; j < airport_count(); j += 7) {
            airport_country(x, a);
            airport_country(airport_at(j), b);
            bool polar = strcmp(a, "AQ") == 0 || strcmp(b, "AQ") == 0;
            assert_int_equal(icao_route_group(a, b, &g), !polar);
            if (polar)
                continue;
            assert_true(g.id >= 1 && g.id <= 37 && g.load_factor > 0.6 && g.load_factor < 0.9);
            assert_true(g.passenger_share > 0.6 && g.passenger_share < 1);
            assert_true(icao_route_group(b, a, &back) && back.id == g.id);
            used[g.id] = true;
        }
    }
    for (int i = 1; i <= 37; i++)
        assert_true(used[i]);
}

static void route_groups_of_known_pairs(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *name;
    } cases[] = {
        { "BE", "ES", "Intra Europe" },
        { "GB", "US", "Europe - North America" },
        { "US", "US", "Intra North America" },
        { "US", "JP", "North America - North Asia" },
        { "GB", "AE", "Europe - Middle East" },
        { "SG", "AU", "Intra Pacific South East Asia" },
        { "DE", "SG", "Europe - Pacific South East Asia" },
        { "BR", "ZA", "Africa & Middle East - South America" },
        { "GB", "EG", "Europe - North Africa" },
        { "GB", "ZA", "Europe - Sub Saharan Africa" },
        { "GB", "IN", "Central/South West Asia - Europe" },
        { "MX", "US", "Central America/Caribbean - North America" },
        { "AU", "AE", "Middle East - North Asia & Pacific South East Asia" },
        { "CL", "NZ", "Latin America/Caribbean - North Asia & Pacific South East Asia" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct icao_route_group g;
        assert_true(icao_route_group(cases[i].from, cases[i].to, &g));
        assert_string_equal(g.name, cases[i].name);
    }
}

static void seats_share_by_area(void **state)
{
    (void)state;
    /* 787-9 of the Travel Impact Model's worked example: the shares of all taken seats give back the whole */
    struct seat_map map = { { [CABIN_ECONOMY] = 188, [CABIN_PREMIUM] = 21, [CABIN_BUSINESS] = 48 } };
    double kg[CABIN_COUNT], sum = 0;
    assert_true(icao_share(100000, 0.92, 0.845, &map, true, kg));
    for (int c = CABIN_ECONOMY; c < CABIN_COUNT; c++)
        sum += kg[c] * (double)map.seats[c] * 0.845;
    assert_true(fabs(sum - 92000) < 1e-6);
    assert_true(fabs(kg[CABIN_BUSINESS] / kg[CABIN_ECONOMY] - 4) < 1e-12);
    assert_true(kg[CABIN_FIRST] == 0);
    assert_true(fabs(kg[CABIN_AVERAGE] * 257 * 0.845 - 92000) < 1e-6);
    struct seat_map empty = { { 0 } };
    assert_false(icao_share(100000, 0.92, 0.845, &empty, true, kg));
    assert_false(icao_share(100000, 0.92, 0, &map, true, kg));
}

/* docs/carbon.md prints the table row by row: it must be the table that is compiled in. */
static void the_documented_regions_are_the_compiled_ones(void **state)
{
    (void)state;
    char line[512], country[3], region[64];
    int rows = 0;
    FILE *f = fopen("docs/carbon.md", "r");
    if (!f) {
        print_message("docs/carbon.md is not below the working directory\n");
        skip();
    }
    while (fgets(line, sizeof line, f) && strcmp(line, "| country | region | basis |\n") != 0)
        ;
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "| %2[A-Z] | %63[a-z_] |", country, region) != 2)
            continue;
        const char *compiled = icao_region(country);
        if (!compiled || strcmp(compiled, region) != 0)
            fail_msg("docs/carbon.md says %s is %s, the table says %s", country, region,
                     compiled ? compiled : "nothing");
        rows++;
    }
    fclose(f);
    assert_int_equal(rows, 249);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_are_those_of_the_publication),
        cmocka_unit_test(radiative_forcing_multiplies_co2_alone),
        cmocka_unit_test(every_year_has_every_class),
        cmocka_unit_test(absent_classes_fall_back_as_documented),
        cmocka_unit_test(factor_ids_name_their_row),
        cmocka_unit_test(the_territory_list_decides_not_the_distance),
        cmocka_unit_test(class_labels_are_read_loosely),
        cmocka_unit_test(distance_correction_has_closed_middle),
        cmocka_unit_test(fuel_is_linear_between_nodes_and_never_extrapolated),
        cmocka_unit_test(aircraft_are_read_loosely),
        cmocka_unit_test(route_groups_cover_every_pair_of_countries),
        cmocka_unit_test(route_groups_of_known_pairs),
        cmocka_unit_test(seats_share_by_area),
        cmocka_unit_test(the_documented_regions_are_the_compiled_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
