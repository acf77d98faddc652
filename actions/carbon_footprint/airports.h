/*
 * airports.h - where the airports of the world are: 8,015 of them by IATA and ICAO code, compiled in.
 */
#ifndef CARBON_AIRPORTS_H
#define CARBON_AIRPORTS_H

#include <stddef.h>
#include <stdint.h>

struct airport {
    char iata[3];           /* not terminated */
    char icao[4];           /* not terminated; zeros when the airport has none */
    char country[2];        /* ISO 3166-1 alpha-2, XK for Kosovo; not terminated */
    int32_t lat_e6, lon_e6; /* millionths of a degree */
    uint32_t name;          /* offset of the name; see airport_name */
};

enum airport_verdict {
    AIRPORT_FOUND,
    AIRPORT_BLANK,  /* nothing but white space */
    AIRPORT_CITY,   /* a metropolitan code such as LON: candidates are its airports */
    AIRPORT_UNKNOWN /* candidates are airports whose code differs in one letter */
};

enum { AIRPORT_CITY_MAX = 6, AIRPORT_NEAR_MAX = 3, AIRPORT_CODE_SIZE = 16 };

struct airport_lookup {
    const struct airport *airport; /* NULL unless found */
    char code[AIRPORT_CODE_SIZE];  /* what was asked: trimmed, upper case, printable ASCII, cut to size */
    const struct airport *candidates[AIRPORT_CITY_MAX];
    size_t candidate_count;
};

/*
 * Reads a code as people type it: white space (no-break space too) around it and letter case do not matter; three
 * letters are an IATA code, four an ICAO code. A code that names an airport and a city means the airport.
 * `text` may be NULL, which is blank.
 */
enum airport_verdict airport_find(const char *text, struct airport_lookup *out);

double airport_lat(const struct airport *a); /* degrees */
double airport_lon(const struct airport *a);
const char *airport_name(const struct airport *a);
const char *airport_iata(const struct airport *a, char out[4]);    /* terminated copy */
const char *airport_country(const struct airport *a, char out[3]); /* terminated copy */

size_t airport_count(void);
/* By position in the order of IATA codes, below airport_count(). */
const struct airport *airport_at(size_t i);

#endif
