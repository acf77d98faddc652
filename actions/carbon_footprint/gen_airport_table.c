/* gen_airport_table.c - build-time program: writes the airports and the city codes as C tables. */
#include "actions/carbon_footprint/csv_reader.h"

#include <math.h>

enum { MAX_AIRPORTS = 16000 };

struct row {
    char iata[4], icao[5], country[3];
    long lat, lon;
    size_t name;
    int unplaced;
};
static struct row rows[MAX_AIRPORTS];
static size_t row_count;

static void copy_code(const struct csv *c, char *out, int column, size_t length, int optional)
{
    const char *s = c->column[column];
    if (optional && !*s)
        return;
    if (strlen(s) != length)
        csv_fault(c, "a code has the wrong length");
    memcpy(out, s, length + 1);
}

static void print_name(const char *s)
{
    printf("    \"");
    for (; *s; s++) {
        unsigned char b = (unsigned char)*s;
        if (b == '"' || b == '\\')
            printf("\\%c", b);
        else if (b < 0x20 || b >= 0x7f || b == '?')
            printf("\\%03o", b);
        else
            putchar(b);
    }
    printf("\\0\"\n");
}

static void print_code(const char *s, size_t n)
{
    printf("{ ");
    for (size_t i = 0; i < n; i++)
        s[0] ? printf("'%c', ", s[i]) : printf("0, ");
    printf("}, ");
}

static int by_icao(const void *a, const void *b)
{
    return strcmp(rows[*(const size_t *)a].icao, rows[*(const size_t *)b].icao);
}

/* Airports whose position is not known. A name that says so must be in the list. */
static char unplaced[64][4];
static size_t unplaced_count;

static void read_unplaced(const char *folder)
{
    struct csv c;
    csv_open(&c, folder, "airports_unplaced.csv", 2);
    while (csv_next(&c)) {
        if (unplaced_count == sizeof unplaced / sizeof *unplaced)
            csv_fault(&c, "too many rows");
        copy_code(&c, unplaced[unplaced_count++], 0, 3, 0);
    }
}

static int is_unplaced(const struct csv *c, const char *iata, const char *name)
{
    for (size_t i = 0; i < unplaced_count; i++)
        if (strcmp(unplaced[i], iata) == 0)
            return 1;
    if (strstr(name, "unknown coordinates") || strstr(name, "under construction"))
        csv_fault(c, "an airport without a position: list it in airports_unplaced.csv");
    return 0;
}

static void airports(const char *folder)
{
    struct csv c;
    size_t offset = 0;
    csv_open(&c, folder, "airports.csv", 6);
    printf("const char airport_names[] =\n");
    while (csv_next(&c)) {
        if (row_count == MAX_AIRPORTS)
            csv_fault(&c, "too many airports");
        struct row *r = &rows[row_count++];
        copy_code(&c, r->iata, 0, 3, 0);
        copy_code(&c, r->icao, 1, 4, 1);
        copy_code(&c, r->country, 3, 2, 0);
        r->lat = lround(csv_number(&c, 4) * 1e6);
        r->lon = lround(csv_number(&c, 5) * 1e6);
        if (labs(r->lat) > 90000000 || labs(r->lon) > 180000000)
            csv_fault(&c, "a position is off the earth");
        if (row_count > 1 && strcmp(r[-1].iata, r->iata) >= 0)
            csv_fault(&c, "not sorted by IATA code");
        r->unplaced = is_unplaced(&c, r->iata, c.column[2]);
        r->name = offset;
        offset += strlen(c.column[2]) + 1;
        print_name(c.column[2]);
    }
    printf("    ;\n\nconst struct airport airport_table[] = {\n");
    for (size_t i = 0; i < row_count; i++) {
        printf("    { ");
        print_code(rows[i].iata, 3);
        print_code(rows[i].icao, 4);
        print_code(rows[i].country, 2);
        printf("%d, ", rows[i].unplaced);
        printf("%ld, %ld, %zu },\n", rows[i].lat, rows[i].lon, rows[i].name);
    }
    printf("};\nconst size_t airport_table_count = %zu;\n\n", row_count);
}

static void icao_index(void)
{
    static size_t order[MAX_AIRPORTS];
    size_t n = 0;
    for (size_t i = 0; i < row_count; i++) {
        if (rows[i].icao[0])
            order[n++] = i;
    }
    qsort(order, n, sizeof *order, by_icao);
    printf("const uint16_t airport_by_icao[] = {");
    for (size_t i = 0; i < n; i++) {
        if (i && by_icao(&order[i - 1], &order[i]) == 0) {
            fprintf(stderr, "two airports have the ICAO code %s\n", rows[order[i]].icao);
            exit(1);
        }
        printf("%s%zu,", i % 16 ? " " : "\n    ", order[i]);
    }
    printf("\n};\nconst size_t airport_by_icao_count = %zu;\n\n", n);
}

static int find(const char *iata)
{
    for (size_t i = 0; i < row_count; i++) {
        if (strcmp(rows[i].iata, iata) == 0)
            return 1;
    }
    return 0;
}

static struct city {
    char city[4], airport[4], name[64];
} city_rows[1000];
static size_t city_count;

static int by_city(const void *a, const void *b)
{
    const struct city *x = a, *y = b;
    int d = strcmp(x->city, y->city);
    return d ? d : strcmp(x->airport, y->airport);
}

static void read_cities(const char *folder, const char *file)
{
    struct csv c;
    csv_open(&c, folder, file, 5);
    while (csv_next(&c)) {
        if (city_count == sizeof city_rows / sizeof *city_rows)
            csv_fault(&c, "too many rows");
        struct city *r = &city_rows[city_count++];
        copy_code(&c, r->city, 1, 3, 0);
        copy_code(&c, r->airport, 3, 3, 0);
        if (strlen(c.column[2]) >= sizeof r->name || strpbrk(c.column[2], "\"\\"))
            csv_fault(&c, "the name of a city is too long or holds a quote");
        memcpy(r->name, c.column[2], strlen(c.column[2]) + 1);
        if (!find(r->airport))
            csv_fault(&c, "a city names an airport that the table lacks");
    }
}

static void cities(void)
{
    qsort(city_rows, city_count, sizeof *city_rows, by_city);
    printf("const struct city_row city_table[] = {\n");
    for (size_t i = 0; i < city_count; i++) {
        if (i && by_city(&city_rows[i - 1], &city_rows[i]) == 0) {
            fprintf(stderr, "%s stands twice among the airports of %s\n", city_rows[i].airport, city_rows[i].city);
            exit(1);
        }
        printf("    { ");
        print_code(city_rows[i].city, 3);
        print_code(city_rows[i].airport, 3);
        printf("\"%s\" },\n", city_rows[i].name);
    }
    printf("};\nconst size_t city_table_count = %zu;\n", city_count);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 64;
    printf("/* Written by the build from data/airports*.csv and data/city_codes*.csv. */\n"
           "#include \"actions/carbon_footprint/airport_table.h\"\n\n");
    read_unplaced(argv[1]);
    airports(argv[1]);
    icao_index();
    read_cities(argv[1], "city_codes.csv");
    read_cities(argv[1], "city_codes_more.csv");
    cities();
    return 0;
}
