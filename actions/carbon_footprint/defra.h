/*
 * defra.h - emission factors for business travel by air of the UK government's conversion factors for company reporting
 * (DESNZ/Defra), 2019 to 2025, and the rule that says which of them applies to a leg.
 *
 * Factors are kg CO2e per passenger and plain great-circle kilometre: the publication's 8 % distance uplift is inside.
 * Non-CO2 effects ("radiative forcing") are applied by the publication to CO2 alone: 1.7 times since 2023, 1.9 before.
 */
#ifndef CARBON_DEFRA_H
#define CARBON_DEFRA_H

#include <stdbool.h>
#include <stddef.h>

enum haul { HAUL_DOMESTIC, HAUL_SHORT, HAUL_LONG, HAUL_INTERNATIONAL, HAUL_COUNT };
enum cabin { CABIN_AVERAGE, CABIN_ECONOMY, CABIN_PREMIUM, CABIN_BUSINESS, CABIN_FIRST, CABIN_COUNT };

enum { DEFRA_YEAR_FIRST = 2019, DEFRA_YEAR_LAST = 2025, DEFRA_YEAR_DEFAULT = 2023, DEFRA_ID_SIZE = 64 };

/* One cell of the publication. */
struct defra_factor {
    double with_rf, without_rf; /* kg CO2e per passenger.km, 0 = the publication has no such class for this haul */
    double wtt;                 /* well-to-tank, the same with and without RF */
    double co2_with_rf, co2_without_rf; /* of which CO2 gas; 0 when the year has no split */
    char id_with[16], id_without[16];   /* row ids of the publication; "" when the year has none */
};

/* Where a year's figures come from. */
struct defra_edition {
    int year;
    bool verified;       /* compared with the official workbooks */
    double rf_on_co2;    /* multiplier on CO2 */
    const char *version; /* "2023 v1.1" */
    const char *source;  /* one line for an auditor */
};

extern const char defra_publication[], defra_licence[];            /* as the licence asks for it */
extern const char defra_publication_short[], defra_licence_spdx[]; /* for rows */

/* The edition of a year; NULL outside the range. */
const struct defra_edition *defra_edition(int year);

/* Which haul a leg is, and by which rule. Countries are ISO 3166-1 alpha-2. */
struct defra_haul {
    enum haul haul;
    bool by_distance; /* the territory list has no such territory: the 3,700 km rule decided */
};
struct defra_haul defra_haul(const char *country1, const char *country2, double km);

/*
 * The factor that applies to a cabin of a haul, and the cabin whose factor it is: domestic has but the average;
 * short-haul premium economy counts as economy, and first as business. NULL outside the years.
 */
const struct defra_factor *defra_factor(int year, enum haul haul, enum cabin cabin, enum cabin *applied);

/* Official row id where the year has one, else our own "2024/long_haul/economy/with_rf". Returns `out`. */
const char *defra_factor_id(int year, enum haul haul, enum cabin applied, bool rf, char out[DEFRA_ID_SIZE]);

const char *haul_name(enum haul haul);    /* "short_haul" */
const char *cabin_name(enum cabin cabin); /* "premium_economy" */

/* By the names above, exactly; false when there is none. */
bool haul_from_name(const char *name, enum haul *haul);

/* What a booking's class says. */
enum cabin_label {
    CABIN_KNOWN,
    CABIN_ASSUMED, /* a booking letter: the cabin that airlines commonly sell under it; each may use it otherwise */
    CABIN_BLANK,
    CABIN_UNKNOWN
};

static inline bool cabin_label_named(enum cabin_label label)
{
    return label == CABIN_KNOWN || label == CABIN_ASSUMED;
}

/*
 * Reads a class label as people write it ("First Class", "first", "F", "Premium-Economy", "Coach"): letter case, spaces
 * and punctuation do not matter. *cabin is the average when the label is blank or unknown. `label` may be NULL.
 */
enum cabin_label cabin_from_label(const char *label, enum cabin *cabin);

#endif
