/*
 * footprint.h - the footprint of one flight: legs, cabins, both methods, what was assumed. Pure: no org, no clock.
 */
#ifndef CARBON_FOOTPRINT_H
#define CARBON_FOOTPRINT_H

#include "airports.h"
#include "defra.h"
#include "icao.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FOOTPRINT_LEGS_MAX = 10, FOOTPRINT_STOPS_MAX = FOOTPRINT_LEGS_MAX + 1 };

/* What a provider's figure covers; never well-to-tank. */
enum emission_scope { EMISSION_CO2, EMISSION_CO2E, EMISSION_CO2E_RF };

enum { EMISSION_NAME = 33 };

/* What a provider said of a flight (emission.h). Texts live as long as the call. */
struct footprint_provider {
    const char *id, *name, *kind, *per, *method, *licence; /* id is NULL when nobody was asked */
    enum emission_scope scope;
    bool complete;        /* every leg has a figure */
    bool cached;          /* one of them was remembered */
    const char *failure;  /* a word; NULL when complete */
    int64_t age_s, as_of; /* of the oldest answer, and of the oldest figure by its own date (0 = not said) */
    double total;         /* kg of all booked passengers */
    double per_passenger; /* NAN without passengers */
};

/* What the reader of an answer has to know. Codes and sentences: footprint_warning_code, footprint_warning_text. */
enum footprint_warning {
    WARN_NO_BOOKINGS,
    WARN_UNKNOWN_CLASS,
    WARN_CABIN_FALLBACK,
    WARN_HAUL_BY_DISTANCE,
    WARN_DOMESTIC_OUTSIDE_UK,
    WARN_YEAR_NOT_VERIFIED,
    WARN_SEAT_MAP_UNKNOWN,
    WARN_AIRCRAFT_UNKNOWN,
    WARN_AIRCRAFT_NOT_IN_TABLE,
    WARN_AIRCRAFT_OUT_OF_RANGE,
    WARN_FUEL_SCALED,
    WARN_ROUTE_GROUP_UNKNOWN,
    WARN_CABIN_WITHOUT_SEATS,
    WARN_SEAT_MAP_PARTIAL,
    WARN_BOOKINGS_EXCEED_SEATS,
    WARN_STATUS_NOT_FILTERED,
    WARN_FLIGHT_CANCELLED,
    WARN_ONE_CABIN,
    WARN_ROUTE_DETOUR,
    WARN_STOP_MAY_BE_WORD,
    WARN_CLASS_ASSUMED,
    WARN_STATUS_UNCLEAR,
    WARN_PROVIDER_FAILED,
    WARN_PROVIDER_SCOPE,
    WARN_PROVIDER_CACHED,
    WARN_PROVIDER_INCOMPLETE,
    WARN_WRITE_BACK,
    WARN_COUNT
};

struct footprint_input {
    const struct airport *stops[FOOTPRINT_STOPS_MAX]; /* origin, stops between, destination */
    size_t stop_count;                                /* 2 or more */
    bool doubtful_stop;                               /* the code of one of them is a word as well */
    int64_t booked[CABIN_COUNT];                      /* CABIN_AVERAGE: the label says average */
    int64_t blank_class, unknown_class;               /* further bookings, without a class or with one we cannot read */
    int64_t assumed_class;                            /* of those in `booked`: by a booking letter */
    struct seat_map seats;                            /* all zero = unknown */
    const char *aircraft;                             /* as written; NULL or blank = unknown */
    double load_factor;                               /* 0 = that of the route group */
    int year;                                         /* of the factors */
    bool rf;                                          /* the headline figures include non-CO2 effects */
    bool one_cabin;                                   /* only bookings of `cabin` were counted */
    enum cabin cabin;
};

/* One cabin on one leg by DEFRA. */
struct footprint_row {
    enum cabin cabin, applied; /* booked, and the class whose factor applies */
    int64_t passengers;
    const struct defra_factor *factor;
    double with_rf, without_rf, wtt; /* kg CO2e */
};

struct footprint_leg {
    const struct airport *from, *to;
    double km;
    struct defra_haul haul;
    struct footprint_row rows[CABIN_COUNT]; /* booked cabins only */
    size_t row_count;
    double average_with, average_without; /* kg CO2e of one average passenger */
    /* ICAO, when the footprint has it */
    double corrected_km, fuel_kg;
    struct icao_route_group group;
    double load_factor;
    double seat_kg[CABIN_COUNT]; /* kg CO2 of one passenger by cabin */
};

struct footprint {
    struct footprint_leg legs[FOOTPRINT_LEGS_MAX];
    size_t leg_count;
    double km, direct_km;            /* of all legs; from the first airport to the last */
    int64_t passengers, seats;       /* seats of the whole aircraft; 0 = unknown */
    int64_t unclassified;            /* bookings with a blank or unknown class */
    int64_t assumed;                 /* bookings whose class was taken from a booking letter */
    int64_t fallbacks;               /* bookings whose class the factors of a leg do not have, each counted once */
    double with_rf, without_rf, wtt; /* kg CO2e of all booked passengers */
    double reference;                /* kg CO2e of one average passenger, by the input's rf */
    /* Headline, by the input's rf; NAN per passenger or seat when there is none. Seats are those of the cabin when only
     * one was counted. */
    double total, per_passenger, per_km, per_seat;
    bool rf;         /* of the input */
    bool unfiltered; /* cancelled bookings were not left out; set by the caller, for the grade */
    bool mixed_hauls;
    /* ICAO: kg CO2. Absent = the warnings say why. */
    bool has_icao;
    struct icao_aircraft aircraft;
    double fuel_kg, icao_total, icao_per_passenger, icao_seat_kg[CABIN_COUNT];
    double spread_percent; /* of both methods per passenger, DEFRA without RF */
    bool warnings[WARN_COUNT];
    const struct defra_edition *edition;
    struct footprint_provider provider;
    bool by_provider; /* the headline is the provider's, not that of the factors */
};

enum footprint_verdict {
    FOOTPRINT_OK,
    FOOTPRINT_SAME_AIRPORT, /* legs[leg_count] has the pair */
    FOOTPRINT_BAD_INPUT /* counts, year, number of stops or load factor out of range: the caller should have refused it
                         */
};

/* Fills *out. Every figure of FOOTPRINT_OK is finite but the two that may be NAN. */
enum footprint_verdict footprint_compute(const struct footprint_input *in, struct footprint *out)
    __attribute__((warn_unused_result));

/* Whether the route may be another than was meant: totals are stored only when somebody has confirmed it. */
bool footprint_route_doubtful(const struct footprint *f);

/* Makes the provider's complete figures the headline. */
void footprint_take_provider(const struct footprint_input *in, struct footprint *f);

/* The total by the factors, by the input's rf, whatever the headline is. */
double footprint_factor_total(const struct footprint *f);

const char *footprint_method(const struct footprint *f);     /* of the headline: "uk_government_factors", "provider" */
const char *footprint_scope_name(enum emission_scope scope); /* "co2e_rf" */
const char *footprint_unit(const struct footprint *f);       /* "kg CO2e" or "kg CO2": of the headline */

const char *footprint_warning_code(enum footprint_warning w); /* "seat_map_unknown" */
const char *footprint_warning_text(enum footprint_warning w); /* a sentence */

/* 'A' to 'D'; what decides it is in docs/carbon.md. */
char footprint_grade(const struct footprint *f);

/* Kilograms or kilometres for people: thousands apart, a decimal below ten ("17,640", "6.3"). */
enum { FOOTPRINT_AMOUNT_SIZE = 32 };
const char *footprint_amount(double v, char out[FOOTPRINT_AMOUNT_SIZE]);

/* "non-CO2 effects included (UK government factors 2023)", or who else says so */
const char *footprint_basis(const struct footprint *f, char *out, size_t size);

/* One sentence for an agent or a screen. */
void footprint_sentence(const struct footprint_input *in, const struct footprint *f, char *out, size_t size);

#endif
