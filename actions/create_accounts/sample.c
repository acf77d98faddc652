/* sample.c - sample accounts: names that differ, cities of several regions, and no telephone or website of anybody. */
#include <stdio.h>

#include "actions/create_accounts/accounts.h"

static const char *const first[] = {
    "Amber", "Birch",   "Cedar",   "Delta",  "Ember",  "Falcon", "Granite", "Harbour",
    "Ivory", "Juniper", "Kestrel", "Lagoon", "Meadow", "Nimbus", "Orchard", "Pioneer"
};
static const char *const second[] = { "Foods",    "Energy",    "Logistics", "Optics", "Textiles",
                                      "Software", "Materials", "Travel",    "Health", "Machines" };
static const struct {
    const char *city, *country;
} places[] = {
    { "London", "United Kingdom" }, { "Paris", "France" },         { "Munich", "Germany" },
    { "Zurich", "Switzerland" },    { "Madrid", "Spain" },         { "Toronto", "Canada" },
    { "Chicago", "United States" }, { "Austin", "United States" }, { "Tokyo", "Japan" },
    { "Singapore", "Singapore" },   { "Sydney", "Australia" },     { "Mumbai", "India" },
    { "Nairobi", "Kenya" },
};
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Ofcom keeps 020 7946 0000 to 0999 for drama, RFC 2606 keeps example.com for examples. */
void sample_account(int n, struct sample_account *out)
{
    size_t i = (size_t)(n > 0 ? n - 1 : 0);
    const char *a = first[i % COUNT(first)], *b = second[i / COUNT(first) % COUNT(second)];
    snprintf(out->name, sizeof out->name, "Sample %s %s %d", a, b, n);
    snprintf(out->phone, sizeof out->phone, "+44 20 7946 %04d", (int)(i % 1000));
    snprintf(out->website, sizeof out->website, "https://sample-%d.example.com", n);
    out->city = places[i % COUNT(places)].city;
    out->country = places[i % COUNT(places)].country;
}
