/* gen_icao_table.c - build-time program: writes the ICAO fuel table, aircraft map, route groups and regions as C
 * tables. */
#include "actions/carbon_footprint/csv_reader.h"
#include "actions/carbon_footprint/icao_table.h"

enum { MAX_ROWS = 1000 };

static struct icao_fuel_row fuel[MAX_ROWS];
static struct icao_type_row types[MAX_ROWS];
static struct icao_region_row regions[MAX_ROWS];
static size_t fuel_count, type_count, region_count;

/* The order is that of the route-group matrix in icao.c. */
static const char *const region_names[ICAO_REGIONS] = {
    "north_africa",
    "sub_saharan_africa",
    "middle_east",
    "central_south_west_asia",
    "north_asia",
    "pacific_south_east_asia",
    "europe",
    "north_america",
    "central_america_caribbean",
    "south_america",
};
static const int nodes[ICAO_NODES] = { 125,  250,  500,  750,  1000, 1500, 2000, 2500, 3000, 3500,
                                       4000, 4500, 5000, 5500, 6000, 6500, 7000, 7500, 8000, 8500 };

static int by_text(const void *a, const void *b)
{
    return strncmp(a, b, 4); /* every row begins with its code */
}

static void set_code(const struct csv *c, int column, char *out)
{
    if (strlen(c->column[column]) != 3)
        csv_fault(c, "an aircraft code has not three characters");
    memcpy(out, c->column[column], 4);
}

static void read_fuel(const char *folder)
{
    struct csv c;
    csv_open(&c, folder, "icao_fuel.csv", ICAO_NODES + 1);
    for (int i = 0; i < ICAO_NODES; i++) {
        char head[32];
        snprintf(head, sizeof head, "kg_%dnm", nodes[i]);
        if (strcmp(head, c.column[i + 1]) != 0)
            csv_fault(&c, "a column is not where it should be");
    }
    while (csv_next(&c)) {
        struct icao_fuel_row *r = &fuel[fuel_count++];
        set_code(&c, 0, r->code);
        for (int i = 0; i < ICAO_NODES; i++) {
            if (!*c.column[i + 1])
                continue;
            r->kg[i] = (int32_t)csv_number(&c, i + 1);
            if (r->kg[i] <= 0 || (i && !r->kg[i - 1]))
                csv_fault(&c, "no fuel, or a gap");
        }
        if (!r->kg[0])
            csv_fault(&c, "no figure for the shortest distance");
    }
    qsort(fuel, fuel_count, sizeof *fuel, by_text);
    printf("const struct icao_fuel_row icao_fuel_table[] = {\n");
    for (size_t i = 0; i < fuel_count; i++) {
        if (i && by_text(&fuel[i - 1], &fuel[i]) == 0) {
            fprintf(stderr, "two fuel rows for %s\n", fuel[i].code);
            exit(1);
        }
        printf("    { \"%s\", {", fuel[i].code);
        for (int k = 0; k < ICAO_NODES; k++)
            printf(" %d,", fuel[i].kg[k]);
        printf(" } },\n");
    }
    printf("};\nconst size_t icao_fuel_count = %zu;\n\n", fuel_count);
}

static void read_types(const char *folder)
{
    struct csv c;
    csv_open(&c, folder, "icao_aircraft.csv", 2);
    while (csv_next(&c)) {
        struct icao_type_row *r = &types[type_count];
        set_code(&c, 0, r->code);
        set_code(&c, 1, r->equivalent);
        type_count += bsearch(r->equivalent, fuel, fuel_count, sizeof *fuel, by_text) != NULL;
    }
    qsort(types, type_count, sizeof *types, by_text);
    printf("const struct icao_type_row icao_type_table[] = {\n");
    for (size_t i = 0; i < type_count; i++)
        printf("    { \"%s\", \"%s\" },\n", types[i].code, types[i].equivalent);
    printf("};\nconst size_t icao_type_count = %zu;\n\n", type_count);
}

static void read_groups(const char *folder)
{
    struct csv c;
    int n = 0;
    csv_open(&c, folder, "icao_route_groups.csv", 4);
    printf("const struct icao_group_row icao_group_table[] = {\n");
    while (csv_next(&c)) {
        if ((int)csv_number(&c, 0) != ++n)
            csv_fault(&c, "ids must count from 1");
        if (strlen(c.column[1]) >= sizeof((struct icao_group_row *)0)->name)
            csv_fault(&c, "name too long");
        printf("    { %d, \"%s\", %.17g, %.17g },\n", n, c.column[1], csv_number(&c, 2), csv_number(&c, 3));
    }
    printf("};\nconst size_t icao_group_count = %d;\n\n", n);
}

static void read_regions(const char *folder)
{
    struct csv c;
    csv_open(&c, folder, "regions.csv", 3);
    while (csv_next(&c)) {
        struct icao_region_row *r = &regions[region_count++];
        if (strlen(c.column[0]) != 2)
            csv_fault(&c, "no country code");
        memcpy(r->country, c.column[0], 3);
        int k = 0;
        while (k < ICAO_REGIONS && strcmp(c.column[1], region_names[k]) != 0)
            k++;
        if (k == ICAO_REGIONS)
            csv_fault(&c, "unknown region");
        r->region = (unsigned char)k;
        if (region_count > 1 && strcmp(r[-1].country, r->country) >= 0)
            csv_fault(&c, "not sorted by country");
    }
    printf("const struct icao_region_row icao_region_table[] = {\n");
    for (size_t i = 0; i < region_count; i++)
        printf("    { \"%s\", %d },\n", regions[i].country, regions[i].region);
    printf("};\nconst size_t icao_region_count = %zu;\n\n", region_count);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 64;
    printf("/* Written by the build from data/icao_*.csv and data/regions.csv. */\n"
           "#include \"actions/carbon_footprint/icao_table.h\"\n\n");
    read_fuel(argv[1]);
    read_types(argv[1]);
    read_groups(argv[1]);
    read_regions(argv[1]);
    printf("const double icao_node_nm[ICAO_NODES] = {");
    for (int i = 0; i < ICAO_NODES; i++)
        printf(" %d,", nodes[i]);
    printf(" };\nconst char icao_region_names[ICAO_REGIONS][32] = {\n");
    for (int i = 0; i < ICAO_REGIONS; i++)
        printf("    \"%s\",\n", region_names[i]);
    printf("};\n");
    return 0;
}
