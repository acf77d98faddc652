/* airport_table.h - shape of the table that gen_airport_table.c writes. */
#ifndef CARBON_AIRPORT_TABLE_H
#define CARBON_AIRPORT_TABLE_H

#include "airports.h"

struct city_row {
    char city[3], airport[3];
    const char *name; /* of the city */
};

extern const struct airport airport_table[]; /* sorted by IATA code */
extern const size_t airport_table_count;
extern const uint16_t airport_by_icao[]; /* positions in airport_table, sorted by ICAO code */
extern const size_t airport_by_icao_count;
extern const struct city_row city_table[]; /* sorted by city code, then airport */
extern const size_t city_table_count;
extern const char airport_names[]; /* terminated names one after another */

#endif
