/* gen_country_table.c - build-time program: writes data/countries.csv as C tables. */
#include "actions/carbon_footprint/csv_reader.h"
#include "actions/quotes/country_table.h"

enum { COUNTRIES = 300, KEYS = 2000 };

static struct row {
    char code[3], region[8];
} rows[COUNTRIES];
static int rows_n;
static struct key {
    char text[COUNTRY_KEY_SIZE];
    int country;
} keys[KEYS];
static size_t keys_n;

static void add_key(const struct csv *c, const char *name)
{
    char key[COUNTRY_KEY_SIZE];
    country_fold(name, key);
    if (!*key || keys_n == KEYS)
        csv_fault(c, "a name that is empty or too long, or too many of them");
    for (size_t i = 0; i < keys_n; i++)
        if (!strcmp(keys[i].text, key)) {
            if (keys[i].country != rows_n)
                csv_fault(c, "a name that another country has");
            return;
        }
    memcpy(keys[keys_n].text, key, sizeof key);
    keys[keys_n++].country = rows_n;
}

static void read_row(const struct csv *c)
{
    struct row *r = &rows[rows_n];
    if (rows_n == COUNTRIES || strlen(c->column[0]) != 2 || strlen(c->column[1]) != 3 || strlen(c->column[2]) > 7)
        csv_fault(c, "a code of two letters, one of three, and a region of at most seven");
    memcpy(r->code, c->column[0], 3);
    memcpy(r->region, c->column[2], strlen(c->column[2]) + 1);
    add_key(c, c->column[0]);
    add_key(c, c->column[1]);
    for (char *name = c->column[3], *next; name; name = next) {
        next = strchr(name, '|');
        if (next)
            *next++ = '\0';
        add_key(c, name);
    }
    rows_n++;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct key *)a)->text, ((const struct key *)b)->text);
}

static void print_text(const char *s)
{
    putchar('"');
    for (; *s; s++)
        if ((unsigned char)*s < 128)
            putchar(*s);
        else
            printf("\\%03o", (unsigned char)*s);
    putchar('"');
}

int main(int argc, char **argv)
{
    struct csv c;
    if (argc != 2) {
        fprintf(stderr, "usage: gen_country_table FOLDER\n");
        return 64;
    }
    csv_open(&c, argv[1], "countries.csv", 5);
    while (csv_next(&c))
        read_row(&c);
    qsort(keys, keys_n, sizeof *keys, by_text);
    printf("/* Written by gen_country_table.c. */\n#include \"actions/quotes/country_table.h\"\n\n");
    printf("const struct country_row country_rows[] = {\n");
    for (int i = 0; i < rows_n; i++)
        printf("    { \"%s\", \"%s\" },\n", rows[i].code, rows[i].region);
    printf("};\nconst int country_rows_n = %d;\nconst struct country_key country_keys[] = {\n", rows_n);
    for (size_t i = 0; i < keys_n; i++) {
        printf("    { ");
        print_text(keys[i].text);
        printf(", %d },\n", keys[i].country);
    }
    printf("};\nconst size_t country_keys_n = %zu;\n", keys_n);
    return 0;
}
