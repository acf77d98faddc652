/* footprint.c - sums legs and cabins by DEFRA, and beside it by ICAO. */
#include "footprint.h"
#include "geodesic.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define KM_PER_NM 1.852
/* One airport may have two codes (Basel and Mulhouse, 1.4 km between their points); the two that are nearest to each
 * other and yet two, Center Island and Decatur Shores, lie 1.7 km apart. */
#define SAME_PLACE_KM 1.5
#define DETOUR_RATIO 2 /* a longer way is mostly a word or a slip of the pen among the stops */

enum { COUNT_MAX = 1000000000 }; /* of bookings or seats on one flight: far beyond any, far below overflow */

static const struct {
    const char *code, *text;
} warnings[WARN_COUNT] = {
    [WARN_NO_BOOKINGS] = { "no_bookings",
                           "No bookings were counted: the total is 0 and there is no figure per passenger." },
    [WARN_UNKNOWN_CLASS] = { "unknown_class",
                             "Some bookings have no class or an unknown one: the average passenger stands for them." },
    [WARN_CABIN_FALLBACK] = { "cabin_fallback", "The factors have no such class for this haul: the nearest class "
                                                "stands for some bookings." },
    [WARN_HAUL_BY_DISTANCE] = { "haul_by_distance", "A territory is not in the published list: 3,700 km decided "
                                                    "between short and long haul." },
    [WARN_DOMESTIC_OUTSIDE_UK] = { "domestic_outside_uk", "Both airports are in one country outside the UK: the "
                                                          "publication's domestic factor is for the UK "
                                                          "only, so the international one applies." },
    [WARN_YEAR_NOT_VERIFIED] = { "year_not_verified",
                                 "The factors of this year were not compared with the official workbook." },
    [WARN_SEAT_MAP_UNKNOWN] = { "seat_map_unknown",
                                "The seats of the aircraft are unknown: there is no ICAO estimate." },
    [WARN_AIRCRAFT_UNKNOWN] = { "aircraft_unknown", "The aircraft type is unknown: there is no ICAO estimate." },
    [WARN_AIRCRAFT_NOT_IN_TABLE] = { "aircraft_not_in_table", "The aircraft type has no fuel figures in the ICAO "
                                                              "table: there is no ICAO estimate." },
    [WARN_AIRCRAFT_OUT_OF_RANGE] = { "aircraft_out_of_range", "A leg is longer than the ICAO table goes for this "
                                                              "aircraft: there is no ICAO estimate." },
    [WARN_FUEL_SCALED] = { "fuel_scaled", "A leg is shorter than the ICAO fuel table begins: its fuel is scaled from "
                                          "125 nautical miles." },
    [WARN_ROUTE_GROUP_UNKNOWN] = { "route_group_unknown",
                                   "A country belongs to no ICAO route group: there is no ICAO estimate." },
    [WARN_CABIN_WITHOUT_SEATS] = { "cabin_without_seats",
                                   "Bookings are in a cabin for which no seats are given: there is no ICAO estimate." },
    [WARN_SEAT_MAP_PARTIAL] = { "seat_map_partial",
                                "Some seat fields of the flight are empty or not visible: they count as no seats." },
    [WARN_BOOKINGS_EXCEED_SEATS] = { "bookings_exceed_seats", "There are more bookings than seats." },
    [WARN_STATUS_NOT_FILTERED] = { "status_not_filtered",
                                   "Bookings have no visible Status__c: cancelled ones could not be left out." },
    [WARN_FLIGHT_CANCELLED] = { "flight_cancelled", "The flight is marked as cancelled." },
    [WARN_ONE_CABIN] = { "one_cabin_only", "Only bookings of one cabin were counted, and none whose class is blank or "
                                           "unknown: the total is not that of the flight." },
    [WARN_ROUTE_DETOUR] = { "route_detour",
                            "The route is longer than twice the direct way between its ends: check the stops of the "
                            "flight. Its totals are stored only with confirmRoute." },
    [WARN_STOP_MAY_BE_WORD] = { "stop_may_be_word",
                                "A stop of Via__c is also a word, such as SAT or FOR, and was read as the airport. Its "
                                "totals are stored only with confirmRoute." },
    [WARN_CLASS_ASSUMED] = { "class_assumed", "Some bookings have a single letter as class: the cabin that airlines "
                                              "commonly sell under it was assumed." },
    [WARN_STATUS_UNCLEAR] = { "status_unclear",
                              "The status of some bookings says neither that somebody travels nor that "
                              "nobody does: they were counted." },
    [WARN_PROVIDER_FAILED] = { "provider_failed",
                               "The emission provider gave no figure that can be used: the figures are "
                               "those of the factors, and provider says why." },
    [WARN_PROVIDER_SCOPE] = { "provider_scope",
                              "The emission provider's figure covers something else than was asked for: "
                              "it stands in provider, and the headline is that of the factors." },
    [WARN_PROVIDER_CACHED] = { "provider_cached",
                               "The emission provider's figure was remembered, as asking again did not help." },
    [WARN_PROVIDER_INCOMPLETE] = { "provider_incomplete", "The emission provider has no figure for another flight of "
                                                          "the list: all figures are "
                                                          "those of the factors, so that they can be added." },
    [WARN_WRITE_BACK] = { "write_back_incomplete",
                          "Not every total could be stored on the flight: see writeBackStatus." },
};

const char *footprint_warning_code(enum footprint_warning w)
{
    return warnings[w].code;
}

const char *footprint_warning_text(enum footprint_warning w)
{
    return warnings[w].text;
}

bool footprint_route_doubtful(const struct footprint *f)
{
    return f->warnings[WARN_ROUTE_DETOUR] || f->warnings[WARN_STOP_MAY_BE_WORD];
}

static bool count_ok(int64_t n)
{
    return n >= 0 && n <= COUNT_MAX;
}

static bool input_ok(const struct footprint_input *in)
{
    bool ok = in->stop_count >= 2 && in->stop_count <= FOOTPRINT_STOPS_MAX && defra_edition(in->year) &&
              count_ok(in->blank_class) && count_ok(in->unknown_class) && count_ok(in->assumed_class) &&
              in->load_factor >= 0 && in->load_factor <= 1;
    for (int c = 0; c < CABIN_COUNT; c++)
        ok = ok && count_ok(in->booked[c]) && count_ok(in->seats.seats[c]);
    return ok;
}

static bool same_country(const struct airport *a, const struct airport *b)
{
    return memcmp(a->country, b->country, sizeof a->country) == 0;
}

/* Passengers of a cabin: those without a readable class travel as the average one. */
static int64_t riders(const struct footprint_input *in, int cabin)
{
    return in->booked[cabin] + (cabin == CABIN_AVERAGE ? in->blank_class + in->unknown_class : 0);
}

static enum footprint_verdict add_leg(const struct footprint_input *in, struct footprint *f)
{
    struct footprint_leg *leg = &f->legs[f->leg_count];
    char c1[3], c2[3];
    leg->from = in->stops[f->leg_count];
    leg->to = in->stops[f->leg_count + 1];
    if (!geodesic_km(airport_lat(leg->from), airport_lon(leg->from), airport_lat(leg->to), airport_lon(leg->to),
                     &leg->km))
        return FOOTPRINT_BAD_INPUT;
    if (leg->from == leg->to || leg->km < SAME_PLACE_KM)
        return FOOTPRINT_SAME_AIRPORT;
    leg->haul = defra_haul(airport_country(leg->from, c1), airport_country(leg->to, c2), leg->km);
    f->warnings[WARN_HAUL_BY_DISTANCE] |= leg->haul.by_distance;
    f->warnings[WARN_DOMESTIC_OUTSIDE_UK] |= leg->haul.haul == HAUL_INTERNATIONAL && same_country(leg->from, leg->to);
    f->mixed_hauls |= leg->haul.haul != f->legs[0].haul.haul;
    f->km += leg->km;
    f->leg_count++;
    return FOOTPRINT_OK;
}

/* The way from end to end, and whether the legs make much more of it. */
static bool measure_detour(struct footprint *f)
{
    const struct airport *a = f->legs[0].from, *b = f->legs[f->leg_count - 1].to;
    f->direct_km = f->km;
    if (f->leg_count > 1 && !geodesic_km(airport_lat(a), airport_lon(a), airport_lat(b), airport_lon(b), &f->direct_km))
        return false;
    f->warnings[WARN_ROUTE_DETOUR] = f->km > DETOUR_RATIO * f->direct_km;
    return true;
}

/* The cabins of one leg by DEFRA. */
static void add_rows(const struct footprint_input *in, struct footprint *f, struct footprint_leg *leg,
                     bool fell_back[CABIN_COUNT])
{
    enum cabin applied;
    const struct defra_factor *average = defra_factor(in->year, leg->haul.haul, CABIN_AVERAGE, &applied);
    leg->average_with = average->with_rf * leg->km;
    leg->average_without = average->without_rf * leg->km;
    f->reference += in->rf ? leg->average_with : leg->average_without;
    for (int c = 0; c < CABIN_COUNT; c++) {
        int64_t n = riders(in, c);
        if (n == 0)
            continue;
        struct footprint_row *row = &leg->rows[leg->row_count++];
        row->cabin = (enum cabin)c;
        row->passengers = n;
        row->factor = defra_factor(in->year, leg->haul.haul, row->cabin, &row->applied);
        row->with_rf = (double)n * row->factor->with_rf * leg->km;
        row->without_rf = (double)n * row->factor->without_rf * leg->km;
        row->wtt = (double)n * row->factor->wtt * leg->km;
        f->with_rf += row->with_rf;
        f->without_rf += row->without_rf;
        f->wtt += row->wtt;
        fell_back[c] |= row->applied != row->cabin;
    }
}

/* The seats that the counted bookings are in. */
static int64_t counted_seats(const struct footprint_input *in, const struct footprint *f)
{
    return in->one_cabin ? in->seats.seats[in->cabin] : f->seats;
}

static void headline(const struct footprint_input *in, struct footprint *f)
{
    int64_t seats = counted_seats(in, f);
    f->rf = in->rf;
    f->total = in->rf ? f->with_rf : f->without_rf;
    f->per_km = f->total / f->km;
    f->per_passenger = f->passengers ? f->total / (double)f->passengers : NAN;
    f->per_seat = seats ? f->total / (double)seats : NAN;
}

void footprint_take_provider(const struct footprint_input *in, struct footprint *f)
{
    int64_t seats = counted_seats(in, f);
    f->by_provider = true;
    f->total = f->provider.total;
    f->per_passenger = f->provider.per_passenger;
    f->per_km = f->total / f->km;
    f->per_seat = seats ? f->total / (double)seats : NAN;
}

double footprint_factor_total(const struct footprint *f)
{
    return f->rf ? f->with_rf : f->without_rf;
}

const char *footprint_method(const struct footprint *f)
{
    return f->by_provider ? "provider" : "uk_government_factors";
}

const char *footprint_scope_name(enum emission_scope scope)
{
    static const char *const names[] = { "co2", "co2e", "co2e_rf" };
    return names[scope];
}

const char *footprint_unit(const struct footprint *f)
{
    return f->by_provider && f->provider.scope == EMISSION_CO2 ? "kg CO2" : "kg CO2e";
}

/* One leg by ICAO; false with a warning when there is a figure missing. */
static bool icao_leg(const struct footprint_input *in, struct footprint *f, struct footprint_leg *leg)
{
    char c1[3], c2[3];
    if (!icao_route_group(airport_country(leg->from, c1), airport_country(leg->to, c2), &leg->group)) {
        f->warnings[WARN_ROUTE_GROUP_UNKNOWN] = true;
        return false;
    }
    leg->corrected_km = icao_corrected_km(leg->km);
    switch (icao_fuel(&f->aircraft, leg->corrected_km / KM_PER_NM, &leg->fuel_kg)) {
    case ICAO_FUEL_TOO_FAR:
        f->warnings[WARN_AIRCRAFT_OUT_OF_RANGE] = true;
        return false;
    case ICAO_FUEL_SCALED:
        f->warnings[WARN_FUEL_SCALED] = true;
        break;
    case ICAO_FUEL_OK:
        break;
    }
    leg->load_factor = in->load_factor > 0 ? in->load_factor : leg->group.load_factor;
    if (!icao_share(leg->fuel_kg * ICAO_CO2_PER_FUEL, leg->group.passenger_share, leg->load_factor, &in->seats,
                    f->aircraft.wide_body, leg->seat_kg))
        return false;
    f->fuel_kg += leg->fuel_kg;
    for (int c = 0; c < CABIN_COUNT; c++)
        f->icao_seat_kg[c] += leg->seat_kg[c];
    return true;
}

/* What the ICAO estimate needs besides the route. Names everything that is missing. */
static bool icao_possible(const struct footprint_input *in, struct footprint *f)
{
    bool given = in->aircraft && in->aircraft[strspn(in->aircraft, " \t\r\n")];
    f->warnings[WARN_AIRCRAFT_UNKNOWN] = !given;
    f->warnings[WARN_AIRCRAFT_NOT_IN_TABLE] = given && !icao_aircraft(in->aircraft, &f->aircraft);
    f->warnings[WARN_SEAT_MAP_UNKNOWN] = f->seats == 0;
    for (int c = CABIN_ECONOMY; c < CABIN_COUNT && f->seats; c++)
        f->warnings[WARN_CABIN_WITHOUT_SEATS] |= in->booked[c] > 0 && in->seats.seats[c] == 0;
    return !f->warnings[WARN_AIRCRAFT_UNKNOWN] && !f->warnings[WARN_AIRCRAFT_NOT_IN_TABLE] && f->seats &&
           !f->warnings[WARN_CABIN_WITHOUT_SEATS];
}

static void add_icao(const struct footprint_input *in, struct footprint *f)
{
    bool all = icao_possible(in, f);
    for (size_t i = 0; all && i < f->leg_count; i++)
        all = icao_leg(in, f, &f->legs[i]);
    if (!all) {
        f->warnings[WARN_FUEL_SCALED] = false;
        return;
    }
    f->has_icao = true;
    for (int c = 0; c < CABIN_COUNT; c++)
        f->icao_total += (double)riders(in, c) * f->icao_seat_kg[c];
    double defra = 0;
    for (size_t i = 0; i < f->leg_count; i++)
        defra += f->legs[i].average_without;
    f->icao_per_passenger = f->icao_seat_kg[CABIN_AVERAGE];
    if (f->passengers) {
        f->icao_per_passenger = f->icao_total / (double)f->passengers;
        defra = f->without_rf / (double)f->passengers;
    }
    f->spread_percent = 100 * fabs(defra - f->icao_per_passenger) / ((defra + f->icao_per_passenger) / 2);
}

enum footprint_verdict footprint_compute(const struct footprint_input *in, struct footprint *f)
{
    bool fell_back[CABIN_COUNT] = { false };
    memset(f, 0, sizeof *f);
    if (!input_ok(in))
        return FOOTPRINT_BAD_INPUT;
    f->edition = defra_edition(in->year);
    for (size_t i = 0; i + 1 < in->stop_count; i++) {
        enum footprint_verdict v = add_leg(in, f);
        if (v != FOOTPRINT_OK)
            return v;
    }
    if (!measure_detour(f))
        return FOOTPRINT_BAD_INPUT;
    for (size_t i = 0; i < f->leg_count; i++)
        add_rows(in, f, &f->legs[i], fell_back);
    for (int c = 0; c < CABIN_COUNT; c++) {
        f->passengers += riders(in, c);
        f->fallbacks += fell_back[c] ? riders(in, c) : 0;
    }
    f->unclassified = in->blank_class + in->unknown_class;
    f->assumed = in->assumed_class;
    f->seats = seat_map_total(&in->seats);
    headline(in, f);
    f->warnings[WARN_NO_BOOKINGS] = f->passengers == 0;
    f->warnings[WARN_UNKNOWN_CLASS] = f->unclassified > 0;
    f->warnings[WARN_CLASS_ASSUMED] = f->assumed > 0;
    f->warnings[WARN_STOP_MAY_BE_WORD] = in->doubtful_stop;
    f->warnings[WARN_CABIN_FALLBACK] = f->fallbacks > 0;
    f->warnings[WARN_YEAR_NOT_VERIFIED] = !f->edition->verified;
    f->warnings[WARN_BOOKINGS_EXCEED_SEATS] = f->seats && f->passengers > counted_seats(in, f);
    f->warnings[WARN_ONE_CABIN] = in->one_cabin;
    add_icao(in, f);
    return isfinite(f->total + f->wtt + f->per_km + f->reference + f->icao_total + f->spread_percent)
               ? FOOTPRINT_OK
               : FOOTPRINT_BAD_INPUT;
}

char footprint_grade(const struct footprint *f)
{
    const bool *w = f->warnings;
    if (f->passengers == 0)
        return 'D';
    if (w[WARN_YEAR_NOT_VERIFIED] || w[WARN_HAUL_BY_DISTANCE] || footprint_route_doubtful(f) ||
        f->unclassified * 10 > f->passengers)
        return 'C';
    if (w[WARN_UNKNOWN_CLASS] || w[WARN_CLASS_ASSUMED] || w[WARN_STATUS_UNCLEAR] || w[WARN_CABIN_FALLBACK] ||
        f->unfiltered || w[WARN_BOOKINGS_EXCEED_SEATS] || w[WARN_SEAT_MAP_PARTIAL] || w[WARN_FUEL_SCALED] ||
        w[WARN_FLIGHT_CANCELLED] || w[WARN_ONE_CABIN] || !f->has_icao)
        return 'B';
    return 'A';
}

/* A whole number with its thousands apart. */
static const char *grouped(double v, char out[FOOTPRINT_AMOUNT_SIZE])
{
    char digits[FOOTPRINT_AMOUNT_SIZE];
    int n = snprintf(digits, sizeof digits, "%.0f", v), at = 0;
    for (int i = 0; i < n && at < FOOTPRINT_AMOUNT_SIZE - 2; i++) {
        if (i && (n - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

const char *footprint_amount(double v, char out[FOOTPRINT_AMOUNT_SIZE])
{
    if (v <= 0 || v >= 9.95)
        return grouped(v, out);
    snprintf(out, FOOTPRINT_AMOUNT_SIZE, "%.*f", v < 0.095 ? 3 : 1, v);
    return out;
}

const char *footprint_basis(const struct footprint *f, char *out, size_t size)
{
    const char *effects = f->rf ? "included" : "left out";
    if (f->by_provider)
        snprintf(out, size, "non-CO2 effects %s (%s by %s)", effects, f->provider.kind, f->provider.name);
    else
        snprintf(out, size, "non-CO2 effects %s (UK government factors %d)", effects, f->edition->year);
    return out;
}

/* "LHR to SYD", with "via DXB, SIN" when there are stops. */
static void places(const struct footprint *f, char *out, size_t size)
{
    char from[4], to[4];
    const char *joint = " via ";
    size_t n = (size_t)snprintf(out, size, "%s to %s", airport_iata(f->legs[0].from, from),
                                airport_iata(f->legs[f->leg_count - 1].to, to));
    for (size_t i = 0; i + 1 < f->leg_count && n < size; i++, joint = ", ")
        n += (size_t)snprintf(out + n, size - n, "%s%s", joint, airport_iata(f->legs[i].to, to));
}

/* "9,670 kg CO2e for 3 passengers in business, 3,223 kg each" */
static void burden(const struct footprint_input *in, const struct footprint *f, char *out, size_t size)
{
    char total[FOOTPRINT_AMOUNT_SIZE], heads[FOOTPRINT_AMOUNT_SIZE], each[FOOTPRINT_AMOUNT_SIZE], cabin[40] = "";
    if (in->one_cabin)
        snprintf(cabin, sizeof cabin, " in %s", in->cabin == CABIN_PREMIUM ? "premium economy" : cabin_name(in->cabin));
    if (f->passengers)
        snprintf(out, size, "%s %s for %s passenger%s%s, %s kg each", footprint_amount(f->total, total),
                 footprint_unit(f), grouped((double)f->passengers, heads), f->passengers == 1 ? "" : "s", cabin,
                 footprint_amount(f->per_passenger, each));
    else
        snprintf(out, size, "no bookings%s; an average passenger causes %s kg CO2e", cabin,
                 footprint_amount(f->reference, each));
}

void footprint_sentence(const struct footprint_input *in, const struct footprint *f, char *out, size_t size)
{
    char route[96], km[FOOTPRINT_AMOUNT_SIZE], figures[160], basis[120], each[FOOTPRINT_AMOUNT_SIZE], icao[96] = "";
    places(f, route, sizeof route);
    burden(in, f, figures, sizeof figures);
    if (f->has_icao)
        snprintf(icao, sizeof icao, "; %s kg CO2 each by the ICAO method",
                 footprint_amount(f->icao_per_passenger, each));
    snprintf(out, size, "%s, %s km: %s, %s%s.", route, footprint_amount(f->km, km), figures,
             footprint_basis(f, basis, sizeof basis), icao);
}
