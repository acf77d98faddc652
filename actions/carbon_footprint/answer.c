/* answer.c - writes a footprint as JSON. */
#include "answer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 4096 };

/* An object under construction; `failed` stays set once memory ran out. */
struct writer {
    json_t *object;
    bool *failed;
};

static void put(struct writer *w, const char *name, json_t *value)
{
    if (!value || json_object_set_new_nocheck(w->object, name, value) != 0)
        *w->failed = true;
}

/* Text that may come from the org: checked to be UTF-8. */
static void put_text(struct writer *w, const char *name, const char *s)
{
    put(w, name, json_string(s));
}

/* Our own words, which need no check. */
static void put_word(struct writer *w, const char *name, const char *s)
{
    put(w, name, json_string_nocheck(s));
}

static void put_count(struct writer *w, const char *name, int64_t n)
{
    put(w, name, json_integer(n));
}

static void put_flag(struct writer *w, const char *name, bool b)
{
    put(w, name, json_boolean(b));
}

double answer_round(double v)
{
    return rint(v * 1000) / 1000;
}

/* A quantity; NAN stands for "does not apply" and becomes null. */
static void put_kg(struct writer *w, const char *name, double v)
{
    put(w, name, isfinite(v) ? json_real(answer_round(v)) : json_null());
}

/* A factor, or another figure per kilometre, with the five digits of the publication. */
static void put_factor(struct writer *w, const char *name, double v)
{
    put(w, name, json_real(rint(v * 1e5) / 1e5));
}

static struct writer member(struct writer *w, const char *name)
{
    struct writer inner = { json_object(), w->failed };
    put(w, name, inner.object);
    return inner;
}

static struct writer element(json_t *array, bool *failed)
{
    struct writer w = { json_object(), failed };
    if (!w.object || json_array_append_new(array, w.object) != 0)
        *failed = true;
    return w;
}

static const char *haul_of(const struct footprint *f)
{
    return f->mixed_hauls ? "mixed" : haul_name(f->legs[0].haul.haul);
}

static const char *haul_rule(bool by_distance)
{
    return by_distance ? "3700 km fallback" : "territory list";
}

static double multiplier(const struct footprint_input *in, const struct footprint *f)
{
    return in->rf ? f->edition->rf_on_co2 : 1;
}

/* "LHR-DXB-SYD" */
static void route_text(const struct footprint *f, char *out, size_t size)
{
    char code[4];
    size_t n = (size_t)snprintf(out, size, "%s", airport_iata(f->legs[0].from, code));
    for (size_t i = 0; i < f->leg_count && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, "-%s", airport_iata(f->legs[i].to, code));
}

static void put_airport(struct writer *w, const char *name, const struct airport *a)
{
    char code[4];
    put_word(w, name, airport_iata(a, code));
}

/* The figures that both operations show at their top. */
static void put_figures(struct writer *w, const struct footprint_input *in, const struct footprint *f)
{
    char text[512], grade[2] = { footprint_grade(f), '\0' };
    put_airport(w, "departureAirport", f->legs[0].from);
    put_airport(w, "arrivalAirport", f->legs[f->leg_count - 1].to);
    route_text(f, text, sizeof text);
    put_word(w, "route", text);
    put_count(w, "legCount", (int64_t)f->leg_count);
    put_kg(w, "distanceKm", f->km);
    put_count(w, "passengerCount", f->passengers);
    put_word(w, "method", footprint_method(f));
    put_kg(w, "totalCo2Kg", f->total);
    put_kg(w, "co2PerPassengerKg", f->per_passenger);
    put_factor(w, "co2PerKmKg", f->per_km);
    put_kg(w, "totalWithRfKg", f->with_rf);
    put_kg(w, "totalWithoutRfKg", f->without_rf);
    put_kg(w, "wttKg", f->wtt);
    put_kg(w, "referencePerPassengerKg", f->reference);
    put_word(w, "haul", haul_of(f));
    put_word(w, "haulRule", haul_rule(f->warnings[WARN_HAUL_BY_DISTANCE]));
    put_count(w, "factorYear", f->edition->year);
    put(w, "radiativeForcingMultiplier", json_real(multiplier(in, f)));
    put_kg(w, "icaoTotalCo2Kg", f->has_icao ? f->icao_total : NAN);
    put_kg(w, "icaoPerPassengerKg", f->has_icao ? f->icao_per_passenger : NAN);
    put_kg(w, "spreadPercent", f->has_icao ? f->spread_percent : NAN);
    put_word(w, "dataQuality", grade);
    footprint_sentence(in, f, text, sizeof text);
    put_word(w, "summary", text);
}

/* Codes or sentences of the warnings, joined. */
static void warnings_text(const struct footprint *f, const char *joint, const char *(*of)(enum footprint_warning),
                          char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (int i = 0; i < WARN_COUNT && n < size; i++) {
        if (f->warnings[i])
            n += (size_t)snprintf(out + n, size - n, "%s%s", n ? joint : "", of((enum footprint_warning)i));
    }
}

static void put_warnings(struct writer *w, const struct footprint *f)
{
    char text[TEXT_MAX];
    json_t *codes = json_array();
    for (int i = 0; i < WARN_COUNT; i++) {
        if (f->warnings[i] &&
            json_array_append_new(codes, json_string(footprint_warning_code((enum footprint_warning)i))) != 0)
            *w->failed = true;
    }
    put(w, "warnings", codes);
    warnings_text(f, " ", footprint_warning_text, text, sizeof text);
    put_word(w, "warningText", text);
}

static void put_legs(struct writer *w, const struct footprint *f)
{
    json_t *legs = json_array();
    put(w, "legs", legs);
    for (size_t i = 0; i < f->leg_count; i++) {
        const struct footprint_leg *leg = &f->legs[i];
        struct writer l = element(legs, w->failed);
        put_count(&l, "leg", (int64_t)i + 1);
        put_airport(&l, "departureAirport", leg->from);
        put_airport(&l, "arrivalAirport", leg->to);
        put_word(&l, "departureName", airport_name(leg->from));
        put_word(&l, "arrivalName", airport_name(leg->to));
        put_kg(&l, "distanceKm", leg->km);
        put_word(&l, "haul", haul_name(leg->haul.haul));
        put_word(&l, "haulRule", haul_rule(leg->haul.by_distance));
        if (!f->has_icao)
            continue;
        put_word(&l, "icaoRouteGroup", leg->group.name);
        put_kg(&l, "icaoDistanceKm", leg->corrected_km);
        put_kg(&l, "icaoFuelKg", leg->fuel_kg);
        put_kg(&l, "icaoLoadFactorPercent", leg->load_factor * 100);
        put_kg(&l, "icaoPassengerSharePercent", leg->group.passenger_share * 100);
    }
}

/* What every row of cabins says alike: one value each, shared by all rows. */
struct provenance {
    json_t *source, *version, *licence;
};

static void put_cabin(struct writer *w, json_t *cabins, const struct footprint_input *in, const struct footprint *f,
                      size_t leg, const struct footprint_row *row, const struct provenance *from)
{
    char id[DEFRA_ID_SIZE];
    struct writer c = element(cabins, w->failed);
    put_count(&c, "leg", (int64_t)leg + 1);
    put_word(&c, "cabin", cabin_name(row->cabin));
    put_word(&c, "factorCabin", cabin_name(row->applied));
    put_count(&c, "passengers", row->passengers);
    put_factor(&c, "factor", in->rf ? row->factor->with_rf : row->factor->without_rf);
    put_factor(&c, "factorWtt", row->factor->wtt);
    put_word(&c, "factorId", defra_factor_id(in->year, f->legs[leg].haul.haul, row->applied, in->rf, id));
    put_kg(&c, "co2eKg", in->rf ? row->with_rf : row->without_rf);
    put_kg(&c, "wttKg", row->wtt);
    put(&c, "source", json_incref(from->source));
    put(&c, "version", json_incref(from->version));
    put(&c, "licence", json_incref(from->licence));
}

static void put_cabins(struct writer *w, const struct footprint_input *in, const struct footprint *f)
{
    struct provenance from = { json_string_nocheck(defra_publication_short), json_string_nocheck(f->edition->version),
                               json_string_nocheck(defra_licence_spdx) };
    json_t *cabins = json_array();
    put(w, "cabins", cabins);
    for (size_t i = 0; i < f->leg_count; i++) {
        for (size_t k = 0; k < f->legs[i].row_count; k++)
            put_cabin(w, cabins, in, f, i, &f->legs[i].rows[k], &from);
    }
    json_decref(from.source);
    json_decref(from.version);
    json_decref(from.licence);
}

static void put_icao(struct writer *w, const struct footprint_input *in, const struct footprint *f)
{
    if (!f->has_icao) {
        put(w, "icao", json_null());
        return;
    }
    struct writer i = member(w, "icao");
    put_word(&i, "aircraft", f->aircraft.code);
    put_word(&i, "aircraftEquivalent", f->aircraft.equivalent);
    put_word(&i, "body", f->aircraft.wide_body ? "wide" : "narrow");
    put_kg(&i, "fuelKg", f->fuel_kg);
    put_kg(&i, "totalCo2Kg", f->icao_total);
    put_kg(&i, "co2PerPassengerKg", f->icao_per_passenger);
    put_kg(&i, "economyKg", in->seats.seats[CABIN_ECONOMY] ? f->icao_seat_kg[CABIN_ECONOMY] : NAN);
    put_kg(&i, "premiumEconomyKg", in->seats.seats[CABIN_PREMIUM] ? f->icao_seat_kg[CABIN_PREMIUM] : NAN);
    put_kg(&i, "businessKg", in->seats.seats[CABIN_BUSINESS] ? f->icao_seat_kg[CABIN_BUSINESS] : NAN);
    put_kg(&i, "firstKg", in->seats.seats[CABIN_FIRST] ? f->icao_seat_kg[CABIN_FIRST] : NAN);
    put_kg(&i, "spreadPercent", f->spread_percent);
    put_word(&i, "loadFactorSource", in->load_factor > 0 ? "input" : "route group");
    put_word(&i, "seatFactorSource", icao_seat_factor_source);
    put_word(&i, "source", icao_source);
}

/* The objects of the published sample's answer, with their names and meaning. */
/* Where the headline comes from when it is the provider's: nothing of the factors stands beside it. */
static void put_provider_methodology(struct writer *o, const struct footprint *f)
{
    char text[160];
    const struct footprint_provider *p = &f->provider;
    snprintf(text, sizeof text, "%s emission per %s by %s", p->kind, p->per, p->name);
    put_word(o, "calculationBasis", text);
    put(o, "radiativeForcingMultiplier", json_null());
    put_word(o, "dataSource", p->name);
    put_word(o, "dataVersion", p->method);
    snprintf(text, sizeof text, "Answer of the provider %s, %lld seconds old", p->id, (long long)p->age_s);
    put_word(o, "dataOrigin", text);
    put_word(o, "licence", p->licence);
    put_flag(o, "upliftIncluded", false);
}

static void put_methodology(struct writer *w, const struct footprint_input *in, const struct footprint *f)
{
    char basis[64];
    struct writer o = member(w, "methodology");
    put(&o, "fuelToCo2Ratio", json_real(ICAO_CO2_PER_FUEL));
    put_word(&o, "distanceMethod", "WGS84 geodesic");
    if (f->by_provider) {
        put_provider_methodology(&o, f);
        return;
    }
    snprintf(basis, sizeof basis, "DEFRA %d emission factors per passenger-km", f->edition->year);
    put_word(&o, "calculationBasis", basis);
    put(&o, "radiativeForcingMultiplier", json_real(multiplier(in, f)));
    put_word(&o, "dataSource", defra_publication);
    put_word(&o, "dataVersion", f->edition->version);
    put_word(&o, "dataOrigin", f->edition->source);
    put_word(&o, "licence", defra_licence);
    put_flag(&o, "upliftIncluded", true);
}

static void put_sample_form(struct writer *w, const struct footprint_input *in, const struct footprint *f,
                            const struct answer_facts *facts)
{
    struct writer o = member(w, "flight");
    put_text(&o, "flightNumber", facts->flight_number);
    put_airport(&o, "departureAirport", f->legs[0].from);
    put_airport(&o, "arrivalAirport", f->legs[f->leg_count - 1].to);
    put_kg(&o, "distanceKm", f->km);
    put_count(&o, "passengerCount", f->passengers);
    o = member(w, "emissions");
    put_kg(&o, "totalCo2Kg", f->total);
    put_kg(&o, "co2PerPassengerKg", f->per_passenger);
    put_factor(&o, "co2PerKmKg", f->per_km);
    put_methodology(w, in, f);
    o = member(w, "units");
    put_word(&o, "distance", "km");
    put_word(&o, "emissions", footprint_unit(f));
}

/* A date that the provider gave; null when it gave none. */
static void put_moment(struct writer *w, const char *name, int64_t t)
{
    put(w, name, t ? answer_time((time_t)t) : json_null());
}

static void put_provider(struct writer *w, const struct footprint *f)
{
    const struct footprint_provider *p = &f->provider;
    if (!p->id) {
        put(w, "provider", json_null());
        return;
    }
    struct writer o = member(w, "provider");
    put_word(&o, "provider", p->id);
    put_word(&o, "providerName", p->name);
    put_word(&o, "kind", p->kind);
    put_word(&o, "figure", p->per);
    put_word(&o, "covers", footprint_scope_name(p->scope));
    put_word(&o, "providerMethod", p->method);
    put_word(&o, "licence", p->licence);
    put_word(&o, "providerStatus", !p->complete ? "failed" : p->cached ? "cached" : "live");
    put_word(&o, "failure", p->failure ? p->failure : "");
    put_count(&o, "ageSeconds", p->age_s);
    put_moment(&o, "asOf", p->as_of);
    put_kg(&o, "totalKg", p->complete ? p->total : NAN);
    put_kg(&o, "perPassengerKg", p->complete ? p->per_passenger : NAN);
    put_flag(&o, "headline", f->by_provider);
}

json_t *answer_time(time_t t)
{
    char text[32];
    struct tm tm;
    if (!gmtime_r(&t, &tm) || !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm))
        return NULL;
    return json_string(text);
}

static json_t *finish(struct writer *w)
{
    if (!*w->failed)
        return w->object;
    json_decref(w->object);
    return NULL;
}

json_t *answer_whole(const struct footprint_input *in, const struct footprint *f, const struct answer_facts *facts)
{
    bool failed = false;
    struct writer w = { json_object(), &failed };
    if (!w.object)
        return NULL;
    put_word(&w, "flightId", facts->flight_id);
    put_text(&w, "flightNumber", facts->flight_number);
    if (facts->flight_name)
        put_text(&w, "flightName", facts->flight_name);
    put_figures(&w, in, f);
    put_kg(&w, "totalWithWttKg", footprint_factor_total(f) + f->wtt);
    put_kg(&w, "co2PerSeatKg", f->per_seat);
    put(&w, "seatCount", f->seats ? json_integer(f->seats) : json_null());
    put_word(&w, "radiativeForcing", in->rf ? "include" : "exclude");
    put_word(&w, "factorVersion", f->edition->version);
    put_flag(&w, "factorsVerified", f->edition->verified);
    put_word(&w, "distanceMethod", "WGS84 geodesic");
    put_count(&w, "unknownClassCount", f->unclassified);
    put_count(&w, "assumedClassCount", f->assumed);
    put_count(&w, "cabinFallbacks", f->fallbacks);
    put_word(&w, "bookingFilter", facts->booking_filter);
    put_word(&w, "routeSource", facts->route_source);
    put_word(&w, "writeBackStatus", facts->write_back);
    put_warnings(&w, f);
    put_sample_form(&w, in, f, facts);
    put_legs(&w, f);
    put_cabins(&w, in, f);
    put_icao(&w, in, f);
    put_provider(&w, f);
    put(&w, "timestamp", answer_time(facts->now));
    return finish(&w);
}

json_t *answer_row(const struct footprint_input *in, const struct footprint *f, const struct answer_facts *facts)
{
    bool failed = false;
    char text[512];
    struct writer w = { json_object(), &failed };
    if (!w.object)
        return NULL;
    put_word(&w, "flightId", facts->flight_id);
    put_flag(&w, "success", true);
    put_text(&w, "flightNumber", facts->flight_number);
    if (facts->flight_name)
        put_text(&w, "flightName", facts->flight_name);
    put_figures(&w, in, f);
    warnings_text(f, ",", footprint_warning_code, text, sizeof text);
    put_word(&w, "warningCodes", text);
    put_word(&w, "writeBackStatus", facts->write_back);
    return finish(&w);
}
