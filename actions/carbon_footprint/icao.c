/* icao.c - fuel by type and distance, route groups, sharing by seat area. */
#include "icao.h"
#include "icao_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KM_PER_NM 1.852

const char icao_source[] =
    "ICAO Carbon Emissions Calculator Methodology, version 13.1, August 2024, Appendices A and C";
const char icao_seat_factor_source[] =
    "IATA RP 1726 cabin class factors as printed by the Travel Impact Model 3.0.0 (CC BY 4.0)";

enum region { N_AFRICA, S_AFRICA, M_EAST, C_ASIA, N_ASIA, P_ASIA, EUROPE, N_AMERICA, C_AMERICA, S_AMERICA };
_Static_assert(S_AMERICA + 1 == ICAO_REGIONS, "the matrix has one row per region");

/* Route group of each pair of regions; the lower triangle mirrors the upper one. */
static const unsigned char groups[ICAO_REGIONS][ICAO_REGIONS] = {
    [N_AFRICA] = { [N_AFRICA] = 22,
                   [S_AFRICA] = 22,
                   [M_EAST] = 2,
                   [C_ASIA] = 1,
                   [N_ASIA] = 1,
                   [P_ASIA] = 1,
                   [EUROPE] = 16,
                   [N_AMERICA] = 3,
                   [C_AMERICA] = 4,
                   [S_AMERICA] = 5 },
    [S_AFRICA] = { [S_AFRICA] = 22,
                   [M_EAST] = 2,
                   [C_ASIA] = 1,
                   [N_ASIA] = 1,
                   [P_ASIA] = 1,
                   [EUROPE] = 21,
                   [N_AMERICA] = 3,
                   [C_AMERICA] = 4,
                   [S_AMERICA] = 5 },
    [M_EAST] = { [M_EAST] = 26,
                 [C_ASIA] = 11,
                 [N_ASIA] = 33,
                 [P_ASIA] = 33,
                 [EUROPE] = 15,
                 [N_AMERICA] = 32,
                 [C_AMERICA] = 4,
                 [S_AMERICA] = 5 },
    [C_ASIA] = { [C_ASIA] = 24,
                 [N_ASIA] = 13,
                 [P_ASIA] = 14,
                 [EUROPE] = 9,
                 [N_AMERICA] = 12,
                 [C_AMERICA] = 10,
                 [S_AMERICA] = 10 },
    [N_ASIA] = { [N_ASIA] = 28, [P_ASIA] = 37, [EUROPE] = 18, [N_AMERICA] = 34, [C_AMERICA] = 31, [S_AMERICA] = 31 },
    [P_ASIA] = { [P_ASIA] = 29, [EUROPE] = 19, [N_AMERICA] = 35, [C_AMERICA] = 31, [S_AMERICA] = 31 },
    [EUROPE] = { [EUROPE] = 25, [N_AMERICA] = 17, [C_AMERICA] = 6, [S_AMERICA] = 20 },
    [N_AMERICA] = { [N_AMERICA] = 27, [C_AMERICA] = 7, [S_AMERICA] = 36 },
    [C_AMERICA] = { [C_AMERICA] = 23, [S_AMERICA] = 8 },
    [S_AMERICA] = { [S_AMERICA] = 30 },
};

/* Types with two aisles, by IATA code. */
static const char wide_bodies[][4] = {
    "310", "312", "313", "31F", "31Y", "330", "332", "333", "338", "339", "33F", "33X", "340", "342", "343", "345",
    "346", "351", "359", "380", "388", "741", "742", "743", "744", "747", "74C", "74D", "74E", "74F", "74H", "74J",
    "74L", "74M", "74N", "74R", "74T", "74X", "74Y", "762", "763", "764", "767", "76F", "76W", "76X", "76Y", "772",
    "773", "777", "77F", "77L", "77W", "77X", "781", "787", "788", "789", "A4F", "AB3", "AB4", "AB6", "ABF", "ABX",
    "ABY", "D10", "D11", "D1C", "D1F", "D1Y", "IL9", "ILW", "L10", "L11", "L12", "L15", "L1F", "M11", "M1F", "M1M",
};

/* ICAO type designators (Doc 8643) and common names, without spaces, punctuation and maker. */
static const struct {
    const char *name;
    char code[4];
} aliases[] = {
    { "A318", "318" },     { "A319", "319" },       { "A319100", "319" },  { "A320", "320" },     { "A320200", "320" },
    { "A321", "321" },     { "A321200", "321" },    { "A19N", "31N" },     { "A319NEO", "31N" },  { "A20N", "32N" },
    { "A320NEO", "32N" },  { "A21N", "32Q" },       { "A321NEO", "32Q" },  { "A310", "310" },     { "A30B", "AB4" },
    { "A306", "AB6" },     { "A300600", "AB6" },    { "A332", "332" },     { "A330200", "332" },  { "A333", "333" },
    { "A330", "330" },     { "A330300", "333" },    { "A338", "338" },     { "A330800", "338" },  { "A339", "339" },
    { "A330900", "339" },  { "A330900NEO", "339" }, { "A340", "340" },     { "A342", "342" },     { "A343", "343" },
    { "A340300", "343" },  { "A345", "345" },       { "A340500", "345" },  { "A346", "346" },     { "A340600", "346" },
    { "A359", "359" },     { "A350900", "359" },    { "A35K", "351" },     { "A3501000", "351" }, { "A388", "388" },
    { "A380", "380" },     { "A380800", "388" },    { "BCS1", "221" },     { "A220100", "221" },  { "BCS3", "223" },
    { "A220300", "223" },  { "B712", "717" },       { "B732", "732" },     { "B733", "733" },     { "737300", "733" },
    { "B734", "734" },     { "737400", "734" },     { "B735", "735" },     { "737500", "735" },   { "B736", "736" },
    { "737600", "736" },   { "B737", "73G" },       { "737700", "73G" },   { "B738", "738" },     { "737800", "738" },
    { "B739", "739" },     { "737900", "739" },     { "B38M", "7M8" },     { "737MAX8", "7M8" },  { "7378", "7M8" },
    { "B39M", "7M9" },     { "737MAX9", "7M9" },    { "7379", "7M9" },     { "B744", "744" },     { "747400", "744" },
    { "B748", "74H" },     { "7478I", "74H" },      { "7478", "74H" },     { "B752", "752" },     { "757200", "752" },
    { "B753", "753" },     { "757300", "753" },     { "B762", "762" },     { "767200", "762" },   { "B763", "763" },
    { "767300", "763" },   { "767300ER", "763" },   { "B764", "764" },     { "767400", "764" },   { "767400ER", "764" },
    { "B772", "772" },     { "777200", "772" },     { "777200ER", "772" }, { "B77L", "77L" },     { "777200LR", "77L" },
    { "B773", "773" },     { "777300", "773" },     { "B77W", "77W" },     { "777300ER", "77W" }, { "B788", "788" },
    { "7878", "788" },     { "B789", "789" },       { "7879", "789" },     { "B78X", "781" },     { "78710", "781" },
    { "B787", "787" },     { "E170", "E70" },       { "E75L", "E75" },     { "E75S", "E75" },     { "E175", "E75" },
    { "E190", "E90" },     { "E195", "E95" },       { "E135", "ER3" },     { "E145", "ER4" },     { "CRJ1", "CR1" },
    { "CRJ2", "CR2" },     { "CRJ200", "CR2" },     { "CRJ7", "CR7" },     { "CRJ700", "CR7" },   { "CRJ9", "CR9" },
    { "CRJ900", "CR9" },   { "CRJX", "CRK" },       { "CRJ1000", "CRK" },  { "AT43", "AT4" },     { "AT45", "AT5" },
    { "ATR42", "AT4" },    { "AT72", "AT7" },       { "AT75", "AT7" },     { "AT76", "AT7" },     { "ATR72", "AT7" },
    { "ATR72600", "AT7" }, { "DH8A", "DH1" },       { "DH8B", "DH2" },     { "DH8C", "DH3" },     { "DH8D", "DH4" },
    { "Q400", "DH4" },     { "DASH8Q400", "DH4" },  { "F100", "100" },     { "MD11", "M11" },     { "MD81", "M81" },
    { "MD82", "M82" },     { "MD83", "M83" },       { "MD87", "M87" },     { "MD88", "M88" },     { "MD90", "M90" },
    { "RJ85", "AR8" },     { "RJ1H", "AR1" },       { "SF34", "SF3" },     { "SB20", "S20" },     { "SU95", "SU9" },
    { "JS41", "J41" },     { "D328", "D38" },
};

static const char *const makers[] = { "AIRBUS",           "BOEING", "EMBRAER", "BOMBARDIER",
                                      "MCDONNELLDOUGLAS", "FOKKER", "SAAB",    "SUKHOI" };

/* Relative floor area of seats. */
static const double seat_factors[2][CABIN_COUNT] = {
    { [CABIN_ECONOMY] = 1, [CABIN_PREMIUM] = 1, [CABIN_BUSINESS] = 1.5, [CABIN_FIRST] = 1.5 },
    { [CABIN_ECONOMY] = 1, [CABIN_PREMIUM] = 1.5, [CABIN_BUSINESS] = 4, [CABIN_FIRST] = 5 },
};

static int by_code(const void *a, const void *b)
{
    return strncmp(a, b, 4); /* every row begins with its code */
}

static bool set_aircraft(const char *code, const char *equivalent, struct icao_aircraft *out)
{
    const struct icao_fuel_row *row =
        bsearch(equivalent, icao_fuel_table, icao_fuel_count, sizeof *icao_fuel_table, by_code);
    if (!row)
        return false;
    memcpy(out->code, code, 4);
    memcpy(out->equivalent, row->code, 4);
    out->fuel_row = (int)(row - icao_fuel_table);
    out->wide_body = false;
    for (size_t i = 0; i < sizeof wide_bodies / sizeof *wide_bodies; i++)
        out->wide_body |= memcmp(wide_bodies[i], row->code, 4) == 0;
    return true;
}

static bool find_code(const char *code, struct icao_aircraft *out)
{
    const struct icao_type_row *row = bsearch(code, icao_type_table, icao_type_count, sizeof *icao_type_table, by_code);
    return set_aircraft(code, row ? row->equivalent : code, out);
}

bool icao_aircraft(const char *text, struct icao_aircraft *out)
{
    char key[32];
    size_t n = 0;
    for (const char *p = text ? text : ""; *p; p++) {
        char c = *p;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
            continue;
        if (n == sizeof key - 1)
            return false;
        key[n++] = c;
    }
    key[n] = '\0';
    const char *name = key;
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
        size_t m = strlen(makers[i]);
        if (n > m && memcmp(key, makers[i], m) == 0)
            name = key + m;
    }
    if (strlen(name) == 3 && find_code(name, out))
        return true;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        if (strcmp(name, aliases[i].name) == 0)
            return find_code(aliases[i].code, out);
    }
    return false;
}

double icao_corrected_km(double km)
{
    return km + (km < 550 ? 50 : km <= 5500 ? 100 : 125);
}

enum icao_fuel_verdict icao_fuel(const struct icao_aircraft *type, double nm, double *kg)
{
    const struct icao_fuel_row *row = &icao_fuel_table[type->fuel_row];
    if (nm < icao_node_nm[0]) {
        *kg = row->kg[0] * nm / icao_node_nm[0];
        return ICAO_FUEL_SCALED;
    }
    for (int i = 0; i < ICAO_NODES; i++) {
        if (!row->kg[i])
            return ICAO_FUEL_TOO_FAR;
        if (nm == icao_node_nm[i]) {
            *kg = row->kg[i];
            return ICAO_FUEL_OK;
        }
        if (i + 1 < ICAO_NODES && row->kg[i + 1] && nm < icao_node_nm[i + 1]) {
            double t = (nm - icao_node_nm[i]) / (icao_node_nm[i + 1] - icao_node_nm[i]);
            *kg = row->kg[i] + t * (row->kg[i + 1] - row->kg[i]);
            return ICAO_FUEL_OK;
        }
    }
    return ICAO_FUEL_TOO_FAR;
}

static const struct icao_region_row *find_region(const char *country)
{
    return bsearch(country, icao_region_table, icao_region_count, sizeof *icao_region_table, by_code);
}

const char *icao_region(const char *country)
{
    const struct icao_region_row *row = find_region(country);
    return row ? icao_region_names[row->region] : NULL;
}

bool icao_route_group(const char *country1, const char *country2, struct icao_route_group *out)
{
    const struct icao_region_row *a = find_region(country1), *b = find_region(country2);
    if (!a || !b)
        return false;
    int id = groups[a->region][b->region] ? groups[a->region][b->region] : groups[b->region][a->region];
    const struct icao_group_row *g = &icao_group_table[id - 1];
    *out = (struct icao_route_group){ g->id, g->name, g->load_percent / 100, g->share_percent / 100 };
    return true;
}

int64_t seat_map_total(const struct seat_map *map)
{
    int64_t n = 0;
    for (int c = CABIN_ECONOMY; c < CABIN_COUNT; c++)
        n += map->seats[c];
    return n;
}

double icao_seat_factor(bool wide_body, enum cabin cabin)
{
    return seat_factors[wide_body][cabin];
}

bool icao_share(double kg, double share, double load, const struct seat_map *map, bool wide_body,
                double out[CABIN_COUNT])
{
    double area = 0;
    int64_t seats = seat_map_total(map);
    for (int c = CABIN_ECONOMY; c < CABIN_COUNT; c++)
        area += (double)map->seats[c] * seat_factors[wide_body][c];
    if (!(area > 0 && load > 0))
        return false;
    for (int c = CABIN_ECONOMY; c < CABIN_COUNT; c++)
        out[c] = map->seats[c] > 0 ? kg * share / (area * load) * seat_factors[wide_body][c] : 0;
    out[CABIN_AVERAGE] = kg * share / ((double)seats * load);
    return true;
}
