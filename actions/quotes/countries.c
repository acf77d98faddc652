/* countries.c - a country's index from whatever an address calls it. */
#include <stdlib.h>
#include <string.h>

#include "actions/quotes/country_table.h"
#include "actions/quotes/rules.h"

static int to_key(const void *key, const void *row)
{
    return strcmp(key, ((const struct country_key *)row)->key);
}

int country_find(const char *text)
{
    char key[COUNTRY_KEY_SIZE];
    country_fold(text, key);
    const struct country_key *found =
        *key ? bsearch(key, country_keys, country_keys_n, sizeof *country_keys, to_key) : NULL;
    return found ? found->country : -1;
}

int country_count(void)
{
    return country_rows_n;
}

const char *country_code(int index)
{
    return country_rows[index].code;
}

const char *country_region(int index)
{
    return country_rows[index].region;
}
