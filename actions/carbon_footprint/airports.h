/*
 * airports.h - where the airports of the world are: 8,015 of them by IATA and ICAO code, compiled in.
 */
#ifndef CARBON_AIRPORTS_H
#define CARBON_AIRPORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct airport {
    char iata[3];           /* not terminated */
    char icao[4];           /* not terminated; zeros when the airport has none */
    char country[2];        /* ISO 3166-1 alpha-2, XK for Kosovo; not terminated */
    unsigned char unplaced; /* 1: nobody knows where it is for certain; no distance to it can be told */
    int32_t lat_e6, lon_e6; /* millionths of a degree */
    uint32_t name;          /* offset of the name; see airport_name */
};

enum airport_verdict {
    AIRPORT_FOUND,
    AIRPORT_BLANK,    /* nothing but white space */
    AIRPORT_CITY,     /* a metropolitan code such as LON: candidates are its airports */
    AIRPORT_UNPLACED, /* `airport` is it, but its position is not known */
    AIRPORT_UNKNOWN   /* candidates are airports whose code differs in one letter */
};

enum { AIRPORT_CITY_MAX = 6, AIRPORT_NEAR_MAX = 3, AIRPORT_CODE_SIZE = 48 };

struct airport_lookup {
    const struct airport *airport; /* NULL unless found, or found without a position */
    /* What was asked, for a message: trimmed and cut to size; upper case when it is ASCII, else as it was written, with
     * characters that nobody can see spelt out ("LH<U+200B>R"). Always UTF-8. */
    char code[AIRPORT_CODE_SIZE];
    bool foreign;     /* it holds characters that are no printable ASCII */
    const char *city; /* name of the city; NULL unless AIRPORT_CITY */
    const struct airport *candidates[AIRPORT_CITY_MAX];
    size_t candidate_count;
};

/*
 * Reads a code as people type it: white space (no-break space too) around it and letter case do not matter; three
 * letters are an IATA code, four an ICAO code. A code that names an airport and a city means the airport.
 * `text` may be NULL, which is blank.
 */
enum airport_verdict airport_find(const char *text, struct airport_lookup *out);

/* The airport of an IATA code, three capital letters; NULL when there is none. */
const struct airport *airport_by_iata(const char *code);

double airport_lat(const struct airport *a); /* degrees */
double airport_lon(const struct airport *a);
const char *airport_name(const struct airport *a);
const char *airport_iata(const struct airport *a, char out[4]);    /* terminated copy */
const char *airport_country(const struct airport *a, char out[3]); /* terminated copy */

size_t airport_count(void);
/* By position in the order of IATA codes, below airport_count(). */
const struct airport *airport_at(size_t i);

#endif
