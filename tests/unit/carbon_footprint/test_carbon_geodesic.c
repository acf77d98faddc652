/* test_carbon_geodesic.c - distances against PROJ and against what must hold for any distance. */
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

#include "actions/carbon_footprint/geodesic.h"
#include <geodesic.h> /* PROJ's, by the author of the method: the oracle */

#define TOLERANCE_M 3e-8 /* both round at 15 nm */

static struct geod_geodesic wgs84;

static double between(double low, double high)
{
    return low + (high - low) * drand48();
}

static int repeats(int reduced)
{
    return getenv("LONG") ? reduced * 50 : reduced;
}

static void check(double lat1, double lon1, double lat2, double lon2)
{
    double want, km = NAN;
    geod_inverse(&wgs84, lat1, lon1, lat2, lon2, &want, NULL, NULL);
    bool ok = geodesic_km(lat1, lon1, lat2, lon2, &km);
    if (!ok || !(fabs(km * 1000 - want) <= TOLERANCE_M))
        fail_msg("(%.17g, %.17g) to (%.17g, %.17g): %.9f m, PROJ says %.9f m", lat1, lon1, lat2, lon2, km * 1000, want);
}

static double clamp_lat(double lat)
{
    return fmin(90, fmax(-90, lat));
}

static void random_pairs(void **state)
{
    (void)state;
    for (int i = repeats(20000); i > 0; i--)
        check(between(-90, 90), between(-180, 180), between(-90, 90), between(-180, 180));
}

static void near_antipodes(void **state)
{
    (void)state;
    for (int i = repeats(20000); i > 0; i--) {
        double lat = between(-90, 90), lon = between(-180, 180), off = pow(10, between(-12, 0.3));
        check(lat, lon, clamp_lat(-lat + between(-off, off)), lon + 180 + between(-off, off));
        check(lat, lon, -lat, lon + 180 + between(-off, off));
    }
}

static void near_the_equator_and_its_antipodes(void **state)
{
    (void)state;
    for (int i = repeats(10000); i > 0; i--) {
        double tiny = pow(10, between(-15, -1));
        check(between(-tiny, tiny), 0, between(-tiny, tiny), between(178, 182));
        check(0, 0, 0, between(-181, 181));
        check(between(-tiny, tiny), 0, between(-tiny, tiny), between(-180, 180));
    }
}

/* Found by fuzzing: a latitude of 2e-319 gave no distance. */
static void latitudes_too_small_to_divide_by(void **state)
{
    (void)state;
    for (int exponent = -10; exponent >= -323; exponent--) {
        double lat = 2.1 * pow(10, exponent);
        check(lat, 0, 0, 179.9);
        check(lat, 0, -lat, 100);
        check(lat, 0, lat, 179.99);
        check(lat, 0, 0, 1e-300);
    }
}

static void close_pairs(void **state)
{
    (void)state;
    for (int i = repeats(20000); i > 0; i--) {
        double lat = between(-90, 90), lon = between(-180, 180), off = pow(10, between(-10, 0));
        check(lat, lon, clamp_lat(lat + between(-off, off)), lon + between(-off, off));
    }
}

static void round_coordinates_and_poles(void **state)
{
    (void)state;
    for (int lat1 = -90; lat1 <= 90; lat1 += 15) {
        for (int lat2 = -90; lat2 <= 90; lat2 += 15) {
            for (int lon = -360; lon <= 360; lon += 15)
                check(lat1, 0, lat2, lon);
        }
    }
    for (int i = repeats(2000); i > 0; i--) {
        double off = pow(10, between(-13, -1));
        check(90 - off, between(-180, 180), clamp_lat(90 - off * between(0, 2)), between(-180, 180));
        check(90, between(-180, 180), between(-90, 90), between(-180, 180));
    }
}

static void longitudes_are_read_round_the_globe(void **state)
{
    (void)state;
    double a, b;
    assert_true(geodesic_km(51.4706, -0.461941, 40.639447, -73.779317, &a));
    assert_true(geodesic_km(51.4706, -0.461941 + 720, 40.639447, -73.779317 - 360, &b));
    assert_true(fabs(a - b) < 1e-9);
    assert_true(geodesic_km(-18, 179.9, -17, -179.9, &a)); /* across the date line */
    assert_true(a < 115);
}

static void symmetric_and_exact_where_it_must_be(void **state)
{
    (void)state;
    for (int i = 0; i < 500; i++) {
        double lat1 = between(-90, 90), lon1 = between(-180, 180), lat2 = between(-90, 90), lon2 = between(-180, 180),
               a, b;
        assert_true(geodesic_km(lat1, lon1, lat2, lon2, &a));
        assert_true(geodesic_km(lat2, lon2, lat1, lon1, &b));
        assert_true(fabs(a - b) < 1e-9);
        assert_true(geodesic_km(lat1, lon1, lat1, lon1, &a));
        assert_true(a == 0);
    }
    double km;
    assert_true(geodesic_km(90, 0, -90, 0, &km));
    assert_true(fabs(km - 20003.931458625) < 1e-9);
    assert_true(geodesic_km(0, 0, 0, 90, &km));
    assert_true(fabs(km - 6378.137 * acos(0)) < 1e-9);
}

static void refuses_what_is_no_place(void **state)
{
    (void)state;
    double km = 42;
    assert_false(geodesic_km(90.0000001, 0, 0, 0, &km));
    assert_false(geodesic_km(0, 0, -91, 0, &km));
    assert_false(geodesic_km(NAN, 0, 0, 0, &km));
    assert_false(geodesic_km(0, INFINITY, 0, 0, &km));
    assert_false(geodesic_km(0, 0, 0, NAN, &km));
    assert_true(km == 42);
}

int main(void)
{
    srand48(20230628);
    geod_init(&wgs84, 6378137, 1 / 298.257223563);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_pairs),
        cmocka_unit_test(near_antipodes),
        cmocka_unit_test(near_the_equator_and_its_antipodes),
        cmocka_unit_test(latitudes_too_small_to_divide_by),
        cmocka_unit_test(close_pairs),
        cmocka_unit_test(round_coordinates_and_poles),
        cmocka_unit_test(longitudes_are_read_round_the_globe),
        cmocka_unit_test(symmetric_and_exact_where_it_must_be),
        cmocka_unit_test(refuses_what_is_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
