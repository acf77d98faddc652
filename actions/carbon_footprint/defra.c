/* defra.c - haul by the territory list, factor by haul, class and year. */
#include "defra.h"
#include "defra_table.h"

#include <stdio.h>
#include <string.h>

#define FALLBACK_KM 3700 /* where the list says nothing */

const char defra_publication[] =
    "UK Government GHG Conversion Factors for Company Reporting, business travel - air (DESNZ/Defra)";
const char defra_licence[] = "Contains public sector information licensed under the Open Government Licence v3.0";

const char defra_publication_short[] = "UK Government GHG Conversion Factors, air";
const char defra_licence_spdx[] = "OGL-UK-3.0";

static const struct defra_edition editions[] = {
    { 2019, false, 1.9, "2019",
      "Copy of the 2019 factors in a public data package (TEC-Toolkit/cfkg); not compared with the workbook" },
    { 2020, false, 1.9, "2020",
      "Copy of the 2020 factors in a public data package (TEC-Toolkit/cfkg); not compared with the workbook" },
    { 2021, false, 1.9, "2021",
      "Copy of the 2021 factors in a public data package (TEC-Toolkit/cfkg); not compared with the workbook" },
    { 2022, false, 1.9, "2022",
      "Copy of the 2022 factors in a public data package (TEC-Toolkit/cfkg); not compared with the workbook" },
    { 2023, true, 1.7, "2023 v1.1",
      "Official flat file of 28 June 2023, sha256 804885cb9d8f02bbb97dcd92b79ca294080ba892ba67e3c95fcfbae52af359a6" },
    { 2024, false, 1.7, "2024",
      "Copy of the 2024 factors in a public data package (IDEMSInternational/carbonr); not compared with the "
      "workbook" },
    { 2025, false, 1.7, "2025",
      "Copy of the 2025 factors in one public repository (scope3emissiontest-oss/JulesProject); not compared with the "
      "workbook" },
};

static const char *const haul_names[HAUL_COUNT] = {
    [HAUL_DOMESTIC] = "domestic",
    [HAUL_SHORT] = "short_haul",
    [HAUL_LONG] = "long_haul",
    [HAUL_INTERNATIONAL] = "international_non_uk",
};

static const char *const cabin_names[CABIN_COUNT] = {
    [CABIN_AVERAGE] = "average",   [CABIN_ECONOMY] = "economy", [CABIN_PREMIUM] = "premium_economy",
    [CABIN_BUSINESS] = "business", [CABIN_FIRST] = "first",
};

/* Labels without spaces and punctuation, lower case. */
static const struct {
    const char *label;
    enum cabin cabin;
} labels[] = {
    { "economy", CABIN_ECONOMY },
    { "economyclass", CABIN_ECONOMY },
    { "coach", CABIN_ECONOMY },
    { "main", CABIN_ECONOMY },
    { "maincabin", CABIN_ECONOMY },
    { "basiceconomy", CABIN_ECONOMY },
    { "standard", CABIN_ECONOMY },
    { "tourist", CABIN_ECONOMY },
    { "touristclass", CABIN_ECONOMY },
    { "premiumeconomy", CABIN_PREMIUM },
    { "premiumeconomyclass", CABIN_PREMIUM },
    { "economyplus", CABIN_PREMIUM },
    { "premium", CABIN_PREMIUM },
    { "economypremium", CABIN_PREMIUM },
    { "business", CABIN_BUSINESS },
    { "businessclass", CABIN_BUSINESS },
    { "club", CABIN_BUSINESS },
    { "first", CABIN_FIRST },
    { "firstclass", CABIN_FIRST },
    { "average", CABIN_AVERAGE },
    { "averagepassenger", CABIN_AVERAGE },
};

/*
 * Booking letters by the common use of IATA's passenger reservations standards (Resolution 728): the cabin that most
 * airlines sell under each. R is left out, as it stands for anything between economy and a suite.
 */
static const char *const letters[CABIN_COUNT] = {
    [CABIN_ECONOMY] = "ybmhklnoqstuvxge",
    [CABIN_PREMIUM] = "wp",
    [CABIN_BUSINESS] = "jcdiz",
    [CABIN_FIRST] = "fa",
};

static bool cabin_of_letter(char letter, enum cabin *cabin)
{
    for (int c = CABIN_ECONOMY; c < CABIN_COUNT; c++) {
        if (strchr(letters[c], letter)) {
            *cabin = (enum cabin)c;
            return true;
        }
    }
    return false;
}

const struct defra_edition *defra_edition(int year)
{
    if (year < DEFRA_YEAR_FIRST || year > DEFRA_YEAR_LAST)
        return NULL;
    return &editions[year - DEFRA_YEAR_FIRST];
}

static const struct territory_row *find_territory(const char *country)
{
    size_t low = 0, high = territory_table_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int d = strcmp(country, territory_table[mid].country);
        if (d == 0)
            return &territory_table[mid];
        if (d < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

struct defra_haul defra_haul(const char *country1, const char *country2, double km)
{
    const struct territory_row *a = find_territory(country1), *b = find_territory(country2);
    bool home1 = a && a->haul == HAUL_DOMESTIC, home2 = b && b->haul == HAUL_DOMESTIC;
    if (home1 && home2)
        return (struct defra_haul){ HAUL_DOMESTIC, false };
    if (!home1 && !home2)
        return (struct defra_haul){ HAUL_INTERNATIONAL, false };
    const struct territory_row *other = home1 ? b : a;
    if (other)
        return (struct defra_haul){ (enum haul)other->haul, false };
    return (struct defra_haul){ km < FALLBACK_KM ? HAUL_SHORT : HAUL_LONG, true };
}

const struct defra_factor *defra_factor(int year, enum haul haul, enum cabin cabin, enum cabin *applied)
{
    if (!defra_edition(year))
        return NULL;
    const struct defra_factor *row = defra_table[year - DEFRA_YEAR_FIRST][haul];
    if (row[cabin].with_rf == 0 && cabin == CABIN_PREMIUM)
        cabin = CABIN_ECONOMY;
    if (row[cabin].with_rf == 0 && cabin == CABIN_FIRST)
        cabin = CABIN_BUSINESS;
    if (row[cabin].with_rf == 0)
        cabin = CABIN_AVERAGE;
    *applied = cabin;
    return &row[cabin];
}

const char *defra_factor_id(int year, enum haul haul, enum cabin applied, bool rf, char out[DEFRA_ID_SIZE])
{
    enum cabin same;
    const struct defra_factor *f = defra_factor(year, haul, applied, &same);
    const char *id = !f ? "" : rf ? f->id_with : f->id_without;
    if (*id)
        snprintf(out, DEFRA_ID_SIZE, "%s", id);
    else
        snprintf(out, DEFRA_ID_SIZE, "%d/%s/%s/%s", year, haul_name(haul), cabin_name(applied),
                 rf ? "with_rf" : "without_rf");
    return out;
}

const char *haul_name(enum haul haul)
{
    return haul_names[haul];
}

const char *cabin_name(enum cabin cabin)
{
    return cabin_names[cabin];
}

bool haul_from_name(const char *name, enum haul *haul)
{
    for (int i = 0; i < HAUL_COUNT; i++) {
        if (strcmp(name, haul_names[i]) == 0) {
            *haul = (enum haul)i;
            return true;
        }
    }
    return false;
}

enum cabin_label cabin_from_label(const char *label, enum cabin *cabin)
{
    char key[32];
    size_t n = 0;
    bool foreign = false;
    *cabin = CABIN_AVERAGE;
    for (const char *p = label ? label : ""; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c - 'A' + 'a');
        if (c == 0xc2 && (unsigned char)p[1] == 0xa0) { /* no-break space */
            p++;
            continue;
        }
        if (c >= 0x80 || n == sizeof key - 1)
            foreign = true;
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            key[n++] = (char)c;
    }
    key[n] = '\0';
    if (n == 0 && !foreign)
        return CABIN_BLANK;
    if (n == 1 && !foreign && cabin_of_letter(key[0], cabin))
        return CABIN_ASSUMED;
    for (size_t i = 0; !foreign && i < sizeof labels / sizeof *labels; i++) {
        if (strcmp(key, labels[i].label) == 0) {
            *cabin = labels[i].cabin;
            return CABIN_KNOWN;
        }
    }
    return CABIN_UNKNOWN;
}
