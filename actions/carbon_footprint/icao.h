/*
 * icao.h - second estimate: ICAO Carbon Emissions Calculator Methodology, version 13.1 (August 2024).
 *
 * CO2 of the fuel burnt, shared out by passengers' share of the load and by the floor area of their seats. CO2 only: no
 * other gases, no radiative forcing, no well-to-tank; never to be mixed with the figures of defra.h.
 */
#ifndef CARBON_ICAO_H
#define CARBON_ICAO_H

#include "defra.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ICAO_CO2_PER_FUEL 3.16 /* kg per kg of jet fuel, section 3 of the methodology */

extern const char icao_source[], icao_seat_factor_source[];

/* A type with fuel figures. */
struct icao_aircraft {
    char code[4];       /* as asked, IATA */
    char equivalent[4]; /* row of the fuel table */
    bool wide_body;
    int fuel_row;
};

/*
 * Reads a type as people write it: an IATA code (320, 77W), an ICAO designator (A320, B77W) or a common name (Airbus
 * A320, Boeing 787-9). False for an unknown type and for one without fuel figures.
 */
bool icao_aircraft(const char *text, struct icao_aircraft *out);

/* Great-circle distance plus the methodology's correction: +50 km under 550, +100 up to 5,500, +125 beyond. */
double icao_corrected_km(double km);

enum icao_fuel_verdict {
    ICAO_FUEL_OK,
    ICAO_FUEL_SCALED, /* under 125 nm, where the table is silent: scaled from its first figure */
    ICAO_FUEL_TOO_FAR /* beyond the type's range: nothing was computed */
};

/* Fuel of one flight over `nm` nautical miles (corrected distance / 1.852), kg. */
enum icao_fuel_verdict icao_fuel(const struct icao_aircraft *type, double nm, double *kg);

/* Average occupancy between two regions of the world. */
struct icao_route_group {
    int id;
    const char *name;       /* "Europe - North America" */
    double load_factor;     /* 0 to 1: seats taken */
    double passenger_share; /* 0 to 1: of the load's mass, the rest is freight and mail */
};

/* By ISO country codes; false when a country is in no region (Antarctica). */
bool icao_route_group(const char *country1, const char *country2, struct icao_route_group *out);
/* "europe"; NULL when the country is in none. */
const char *icao_region(const char *country);

/* Seats by cabin; CABIN_AVERAGE is not used. */
struct seat_map {
    int64_t seats[CABIN_COUNT];
};
int64_t seat_map_total(const struct seat_map *map);

/* Floor area of a seat relative to economy (IATA RP 1726 as printed by the Travel Impact Model). */
double icao_seat_factor(bool wide_body, enum cabin cabin);

/*
 * kg per occupied seat of each cabin when `kg` are shared by area: kg * share / (load * sum of seats * factor) *
 * factor. CABIN_AVERAGE receives the mean over the seats. Cabins without seats receive 0. False for a map without
 * seats.
 */
bool icao_share(double kg, double share, double load, const struct seat_map *map, bool wide_body,
                double out[CABIN_COUNT]) __attribute__((warn_unused_result));

#endif
