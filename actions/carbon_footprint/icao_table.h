/* icao_table.h - shape of the tables that gen_icao_table.c writes. */
#ifndef CARBON_ICAO_TABLE_H
#define CARBON_ICAO_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum { ICAO_NODES = 20, ICAO_REGIONS = 10 };

struct icao_fuel_row {
    char code[4];
    int32_t kg[ICAO_NODES]; /* 0 = beyond the type's range */
};
struct icao_type_row {
    char code[4], equivalent[4];
};
struct icao_group_row {
    int id;
    char name[64];
    double load_percent, share_percent;
};
struct icao_region_row {
    char country[3];
    unsigned char region; /* position in icao_region_names */
};

extern const double icao_node_nm[ICAO_NODES];
extern const struct icao_fuel_row icao_fuel_table[]; /* sorted by code */
extern const size_t icao_fuel_count;
extern const struct icao_type_row icao_type_table[]; /* sorted by code; only types whose equivalent has fuel figures */
extern const size_t icao_type_count;
extern const struct icao_group_row icao_group_table[]; /* by id, from 1 */
extern const size_t icao_group_count;
extern const struct icao_region_row icao_region_table[]; /* sorted by country */
extern const size_t icao_region_count;
extern const char icao_region_names[ICAO_REGIONS][32];

#endif
