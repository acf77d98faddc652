/* test_carbon_action.c - what calculateCarbonFootprint answers for flights of all kinds. */
#include "tests/unit/carbon_footprint/carbon_org.h"

#define SEATS "Seats_Economy__c Seats_Premium_Economy__c Seats_Business__c Seats_First__c"

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

static void booking_letters_are_assumed_and_told(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "10") "," GROUP(FLIGHT, "\"M\"", "3") "," GROUP(
        FLIGHT, "\"D\"", "2") "," GROUP(FLIGHT, "\"P\"", "1") "," GROUP(FLIGHT, "\"A\"", "1");
    json_t *a = one(ASK), *cabins = json_object_get(a, "cabins");
    assert_int_equal(number(a, "assumedClassCount"), 7);
    assert_int_equal(number(a, "unknownClassCount"), 0);
    assert_true(warns(a, "class_assumed") && !warns(a, "unknown_class"));
    assert_string_equal(text(a, "dataQuality"), "B");
    assert_int_equal(json_array_size(cabins), 4);
    assert_int_equal(number(json_array_get(cabins, 0), "passengers"), 13);
    assert_string_equal(text(json_array_get(cabins, 3), "cabin"), "first");
    json_decref(a);
    a = one("{\"flightId\":\"" FLIGHT "\",\"cabinFilter\":\"business\"}");
    assert_int_equal(number(a, "passengerCount"), 2);
    json_decref(a);
    org.groups = GROUP(FLIGHT, "\"R\"", "1"); /* no common use */
    a = one(ASK);
    assert_true(warns(a, "unknown_class") && !warns(a, "class_assumed"));
    json_decref(a);
}

#define STATUS(id, status, n)                                                                                          \
    "{\"attributes\":{\"type\":\"AggregateResult\"},\"Flight__c\":\"" id                                               \
    "\",\"Class__c\":\"Economy\",\"Status__c\":" status ",\"n\":" n "}"

static void the_status_is_read_in_the_words_people_write(void **state)
{
    (void)state;
    static const char *const gone[] = { "Cancelled by passenger",
                                        "CANCELLED ",
                                        "Storniert",
                                        "Annul\xc3\xa9",
                                        "ANNUL\xc3\x89",
                                        "No show",
                                        "no-show",
                                        "Refunded",
                                        "Void",
                                        "HX",
                                        "Anulowany",
                                        "\xe5\x8f\x96\xe6\xb6\x88" },
                             *const there[] = { "Confirmed", "Checked In", "boarded", "HK", "Flown" };
    char groups[4000];
    for (size_t i = 0; i < COUNT(gone); i++) {
        reset();
        org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
        snprintf(groups, sizeof groups, STATUS(FLIGHT, "\"%s\"", "5") "," STATUS(FLIGHT, "\"%s\"", "2"), gone[i],
                 there[i % COUNT(there)]);
        org.groups = groups;
        json_t *a = one(ASK);
        if (number(a, "passengerCount") != 2)
            fail_msg("%s is counted, or %s is not", gone[i], there[i % COUNT(there)]);
        assert_false(warns(a, "status_unclear"));
        json_decref(a);
        a = one("{\"flightId\":\"" FLIGHT "\",\"includeCancelled\":true}");
        assert_int_equal(number(a, "passengerCount"), 7);
        json_decref(a);
    }
    org.groups = STATUS(FLIGHT, "\"Waitlisted\"", "4") "," STATUS(FLIGHT, "null", "1");
    json_t *a = one(ASK);
    assert_int_equal(number(a, "passengerCount"), 5);
    assert_true(warns(a, "status_unclear"));
    assert_string_equal(text(a, "dataQuality"), "B");
    json_decref(a);
    org.groups_error = "MALFORMED_QUERY"; /* a kind of field that the org does not group by */
    org.bookings = "{\"Flight__c\":\"" FLIGHT "\",\"Class__c\":\"Economy\",\"Status__c\":\"Storniert\"},"
                   "{\"Flight__c\":\"" FLIGHT "\",\"Class__c\":\"Economy\",\"Status__c\":\"OK\"}";
    a = one(ASK);
    assert_int_equal(number(a, "passengerCount"), 1);
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
    org.flight_fields = "Id Airline__c Aircraft__c " SEATS;
    org.flights = ROUTE(FLIGHT, "\"BRU\"", "\"BCN\"",
                        ",\"Aircraft__c\":\"320\",\"Seats_Economy__c\":175.0,\"Seats_Business__c\":0,"
                        "\"Seats_Premium_Economy__c\":0,\"Seats_First__c\":0");
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

static void seat_fields_that_say_nothing_are_told(void **state)
{
    (void)state;
    static const char *const fields[] = { "Id Aircraft__c " SEATS, "Id Aircraft__c Seats_Economy__c Seats_First__c" };
    for (size_t i = 0; i < COUNT(fields); i++) {
        reset();
        org.flight_fields = fields[i];
        org.flights =
            ROUTE(FLIGHT, "\"BRU\"", "\"BCN\"",
                  ",\"Aircraft__c\":\"320\",\"Seats_Economy__c\":175,\"Seats_Business__c\":null,\"Seats_First__c\":0");
        org.groups = GROUP(FLIGHT, "\"Economy\"", "100");
        json_t *a = one(ASK);
        assert_true(warns(a, "seat_map_partial"));
        assert_string_equal(text(a, "dataQuality"), "B");
        assert_true(number(a, "icaoTotalCo2Kg") > 0);
        json_decref(a);
        a = one("{\"flightId\":\"" FLIGHT "\",\"seatsEconomy\":175}"); /* the input's are whole by definition */
        assert_false(warns(a, "seat_map_partial"));
        json_decref(a);
    }
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

static void stops_make_legs(void **state)
{
    (void)state;
    reset();
    org.flight_fields = "Id Via__c";
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"SYD\"", ",\"Via__c\":\"DXB; SIN\"");
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

static void stops_may_be_written_in_many_ways(void **state)
{
    (void)state;
    static const char *const ways[] = { "DXB SIN",
                                        " dxb-sin ",
                                        "DXB/SIN",
                                        "DXB \xe2\x86\x92 SIN",
                                        "DXB\xe2\x80\x93SIN",
                                        "(DXB), SIN.",
                                        "DXB & SIN",
                                        "DXB_SIN",
                                        "DXB\xe3\x80\x80\xe3\x80\x80\xe3\x80\x80\xe3\x80\x80SIN",
                                        "DXB\xc2\xa0|\xc2\xa0SIN" };
    for (size_t i = 0; i < COUNT(ways); i++) {
        char flights[1000];
        reset();
        org.flight_fields = "Id Via__c";
        snprintf(flights, sizeof flights, ROUTE(FLIGHT, "\"LHR\"", "\"SYD\"", ",\"Via__c\":\"%s\""), ways[i]);
        org.flights = flights;
        json_t *a = one(ASK);
        assert_string_equal(text(a, "route"), "LHR-DXB-SIN-SYD");
        assert_non_null(strstr(text(a, "summary"), "LHR to SYD via DXB, SIN, "));
        assert_string_equal(text(a, "routeSource"), "origin, stops of Via__c, destination");
        json_decref(a);
    }
    reset(); /* an org without such a field, or a user who may not see it */
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"SYD\"", "");
    json_t *a = one(ASK);
    assert_string_equal(text(a, "routeSource"), "origin and destination: Via__c is not visible");
    json_decref(a);
}

/* A permission that was taken away since the describe costs that field, not the others. */
static void a_field_that_is_gone_takes_no_other_with_it(void **state)
{
    (void)state;
    reset();
    org.flight_fields = "Id Via__c Seats_First__c";
    org.later_fields = "Id Via__c";
    org.lost = "Seats_First__c";
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"SYD\"", ",\"Via__c\":\"DXB\"");
    json_t *a = one(ASK);
    assert_string_equal(text(a, "route"), "LHR-DXB-SYD");
    assert_non_null(strstr(org.soql[1], "Via__c"));
    assert_null(strstr(org.soql[1], "Seats_First__c"));
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
    assert_string_equal(text(a, "dataQuality"), "B");
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
    /* and the answer does not pass for that of the flight */
    assert_true(warns(a, "one_cabin_only"));
    assert_string_equal(text(a, "bookingFilter"), "Status__c is not cancelled or no-show; business only");
    assert_non_null(strstr(text(a, "summary"), "for 7 passengers in business, "));
    json_decref(a);
    a = one("{\"flightId\":\"" FLIGHT "\",\"cabinFilter\":\"first\"}");
    assert_non_null(strstr(text(a, "summary"), "no bookings in first; "));
    assert_null(strstr(text(a, "warningText"), "flight has no bookings"));
    json_decref(a);
    a = one("{\"flightId\":\"" FLIGHT "\",\"cabinFilter\":\"business\",\"seatsEconomy\":150,\"seatsBusiness\":14}");
    assert_true(fabs(number(a, "co2PerSeatKg") - number(a, "totalCo2Kg") / 14) < 0.001);
    json_decref(a);
}

static void totals_of_one_cabin_are_not_stored(void **state)
{
    (void)state;
    reset();
    org.flight_fields = TOTALS;
    json_decref(refused("{\"flightId\":\"" FLIGHT "\",\"cabinFilter\":\"business\",\"writeBack\":true}", 422,
                        "partial_write_back"));
    assert_int_equal(org.queries + org.updates, 0);
    org.flights = ROUTE(FLIGHT, "\"LHR\"", "\"JFK\"", "");
    json_t *a = one("{\"flightId\":\"" FLIGHT "\",\"cabinFilter\":\"all\",\"writeBack\":true}");
    assert_string_equal(text(a, "writeBackStatus"), "written");
    json_decref(a);
}

static void small_figures_keep_their_meaning_in_the_sentence(void **state)
{
    (void)state;
    reset();
    org.flights = ROUTE(FLIGHT, "\"JER\"", "\"GCI\"", "");
    org.groups = GROUP(FLIGHT, "\"Economy\"", "40");
    json_t *a = one("{\"flightId\":\"" FLIGHT "\",\"radiativeForcing\":\"exclude\"}");
    assert_string_equal(text(a, "summary"),
                        "JER to GCI, 39 km: 250 kg CO2e for 40 passengers, 6.3 kg each, non-CO2 effects left "
                        "out (UK government factors 2023).");
    json_decref(a);
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1000");
    a = one(ASK);
    assert_non_null(strstr(text(a, "summary"), "for 1,000 passengers, "));
    json_decref(a);
}

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

    org.groups = ""; /* nothing to tell with from without by */
    a = one("{\"flightId\":\"" FLIGHT "\",\"radiativeForcing\":\"exclude\",\"writeBack\":true}");
    assert_non_null(strstr(org.update, "2023 v1.1, without non-CO2"));
    json_decref(a);
    org.groups = GROUP(FLIGHT, "\"Economy\"", "1");

    org.flight_fields =
        "Id Total_CO2_Kg__c CO2_Method__c:79"; /* too short for the text: the figure is stored all the same */
    a = one(WRITE);
    assert_string_equal(text(a, "writeBackStatus"), "written");
    assert_true(warns(a, "write_back_incomplete"));
    assert_null(strstr(org.update, "CO2_Method__c"));
    assert_non_null(strstr(org.update, "Total_CO2_Kg__c"));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_flight),
        cmocka_unit_test(the_form_of_the_published_sample),
        cmocka_unit_test(codes_are_read_loosely),
        cmocka_unit_test(no_bookings_gives_no_figure_per_passenger),
        cmocka_unit_test(classes_without_meaning_count_as_average),
        cmocka_unit_test(booking_letters_are_assumed_and_told),
        cmocka_unit_test(the_status_is_read_in_the_words_people_write),
        cmocka_unit_test(fallbacks_are_counted),
        cmocka_unit_test(labels_of_one_cabin_add_up),
        cmocka_unit_test(radiative_forcing_can_be_left_out),
        cmocka_unit_test(other_years_say_that_they_are_not_verified),
        cmocka_unit_test(optional_fields_are_found_by_describe),
        cmocka_unit_test(seat_fields_that_say_nothing_are_told),
        cmocka_unit_test(input_replaces_aircraft_and_seats),
        cmocka_unit_test(no_icao_estimate_without_its_facts),
        cmocka_unit_test(short_hops_are_scaled_with_a_warning),
        cmocka_unit_test(stops_make_legs),
        cmocka_unit_test(stops_may_be_written_in_many_ways),
        cmocka_unit_test(a_field_that_is_gone_takes_no_other_with_it),
        cmocka_unit_test(cancelled_bookings_are_left_out),
        cmocka_unit_test(a_cancelled_flight_is_marked),
        cmocka_unit_test(one_cabin_can_be_asked_for),
        cmocka_unit_test(totals_of_one_cabin_are_not_stored),
        cmocka_unit_test(small_figures_keep_their_meaning_in_the_sentence),
        cmocka_unit_test(nothing_is_written_unless_asked),
        cmocka_unit_test(totals_are_written_where_there_are_fields),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
