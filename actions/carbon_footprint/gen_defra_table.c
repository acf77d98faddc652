/* gen_defra_table.c - build-time program: writes the emission factors and the territory list as C tables. */
#include "actions/carbon_footprint/csv_reader.h"
#include "actions/carbon_footprint/defra.h"

#include <math.h>

enum { YEARS = DEFRA_YEAR_LAST - DEFRA_YEAR_FIRST + 1, VERIFIED = 2023 - DEFRA_YEAR_FIRST, MAX_TERRITORIES = 400 };

static const char *const hauls[] = { "domestic", "short_haul", "long_haul", "international_non_uk" };
static const char *const cabins[] = { "average", "economy", "premium_economy", "business", "first" };

static struct defra_factor table[YEARS][HAUL_COUNT][CABIN_COUNT];
static struct territory {
    char country[3];
    int haul;
} territories[MAX_TERRITORIES];

static int pick(const struct csv *c, int column, const char *const *names, int n)
{
    for (int i = 0; i < n; i++) {
        if (strcmp(c->column[column], names[i]) == 0)
            return i;
    }
    csv_fault(c, "unknown word");
    return -1;
}

static int with_rf(const struct csv *c, int column)
{
    static const char *const words[] = { "without", "with" };
    return pick(c, column, words, 2);
}

static void years(const char *folder)
{
    struct csv c;
    csv_open(&c, folder, "defra_years.csv", 6);
    while (csv_next(&c)) {
        int year = (int)csv_number(&c, 0) - DEFRA_YEAR_FIRST;
        if (year < 0 || year >= YEARS)
            csv_fault(&c, "year out of range");
        struct defra_factor *f = &table[year][pick(&c, 1, hauls, HAUL_COUNT)][pick(&c, 2, cabins, CABIN_COUNT)];
        double v = csv_number(&c, 4), wtt = csv_number(&c, 5);
        if (!(v > 0 && wtt > 0) || (f->wtt != 0 && f->wtt != wtt))
            csv_fault(&c, "factor missing, or two well-to-tank factors for one class");
        *(with_rf(&c, 3) ? &f->with_rf : &f->without_rf) = v;
        f->wtt = wtt;
    }
}

/* The verified year in full precision, with gases and row ids. It must agree with the rounded list. */
static void verified_year(const char *folder)
{
    struct csv c;
    csv_open(&c, folder, "defra_2023.csv", 10);
    while (csv_next(&c)) {
        struct defra_factor *f = &table[VERIFIED][pick(&c, 0, hauls, HAUL_COUNT)][pick(&c, 1, cabins, CABIN_COUNT)];
        int rf = with_rf(&c, 2);
        double full = csv_number(&c, 4), gases = csv_number(&c, 5) + csv_number(&c, 6) + csv_number(&c, 7);
        double *factor = rf ? &f->with_rf : &f->without_rf;
        if (fabs(full - *factor) > 6e-6 || fabs(full - gases) > 6e-6 || csv_number(&c, 8) != f->wtt)
            csv_fault(&c, "does not agree with defra_years.csv or with the sum of its gases");
        *factor = full;
        *(rf ? &f->co2_with_rf : &f->co2_without_rf) = csv_number(&c, 5);
        char *id = rf ? f->id_with : f->id_without;
        if (strlen(c.column[9]) >= sizeof f->id_with)
            csv_fault(&c, "row id too long");
        strncpy(id, c.column[9], sizeof f->id_with - 1);
    }
}

static int by_country(const void *a, const void *b)
{
    return strcmp(((const struct territory *)a)->country, ((const struct territory *)b)->country);
}

static void territory_list(const char *folder)
{
    struct csv c;
    size_t n = 0, kept = 0;
    csv_open(&c, folder, "defra_hauls.csv", 4);
    while (csv_next(&c)) {
        if (n == MAX_TERRITORIES || strlen(c.column[0]) != 2)
            csv_fault(&c, "too many territories, or no ISO code");
        memcpy(territories[n].country, c.column[0], 3);
        territories[n++].haul = pick(&c, 2, hauls, HAUL_INTERNATIONAL);
    }
    qsort(territories, n, sizeof *territories, by_country);
    printf("const struct territory_row territory_table[] = {\n");
    for (size_t i = 0; i < n; i++) {
        if (i && by_country(&territories[i - 1], &territories[i]) == 0) {
            if (territories[i - 1].haul != territories[i].haul) {
                fprintf(stderr, "%s has two hauls\n", territories[i].country);
                exit(1);
            }
            continue;
        }
        printf("    { \"%s\", %d },\n", territories[i].country, territories[i].haul);
        kept++;
    }
    printf("};\nconst size_t territory_table_count = %zu;\n\n", kept);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 64;
    years(argv[1]);
    verified_year(argv[1]);
    printf(
        "/* Written by the build from data/defra_*.csv. */\n#include \"actions/carbon_footprint/defra_table.h\"\n\n");
    territory_list(argv[1]);
    printf("const struct defra_factor defra_table[%d][HAUL_COUNT][CABIN_COUNT] = {\n", YEARS);
    for (int y = 0; y < YEARS; y++) {
        printf("    {\n");
        for (int h = 0; h < HAUL_COUNT; h++) {
            printf("        {\n");
            for (int k = 0; k < CABIN_COUNT; k++) {
                const struct defra_factor *f = &table[y][h][k];
                if ((f->with_rf > 0) != (f->without_rf > 0) || f->with_rf < f->without_rf) {
                    fprintf(stderr, "%d %s %s: incomplete\n", y + DEFRA_YEAR_FIRST, hauls[h], cabins[k]);
                    return 1;
                }
                printf("            { %.17g, %.17g, %.17g, %.17g, %.17g, \"%s\", \"%s\" },\n", f->with_rf,
                       f->without_rf, f->wtt, f->co2_with_rf, f->co2_without_rf, f->id_with, f->id_without);
            }
            printf("        },\n");
        }
        printf("    },\n");
    }
    printf("};\n");
    return 0;
}
