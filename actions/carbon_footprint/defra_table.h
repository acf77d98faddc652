/* defra_table.h - shape of the tables that gen_defra_table.c writes. */
#ifndef CARBON_DEFRA_TABLE_H
#define CARBON_DEFRA_TABLE_H

#include "defra.h"

struct territory_row {
    char country[3];
    unsigned char haul; /* seen from the UK */
};

extern const struct defra_factor defra_table[DEFRA_YEAR_LAST - DEFRA_YEAR_FIRST + 1][HAUL_COUNT][CABIN_COUNT];
extern const struct territory_row territory_table[]; /* sorted by country */
extern const size_t territory_table_count;

#endif
