/*
 * vectors_carbon.c - runs rows of published and computed figures against the parts of the carbon action.
 *   vectors_carbon FILE.csv...
 * A row's type says what is computed. Rows whose note begins with "informational" are printed and counted apart; a
 * source or note with "haul override" forces the row's haul. Columns are found by the
 * names of the first line, in any order; further ones are passed over. Last line: N passed, N failed, N informational.
 */
#include "actions/carbon_footprint/airports.h"
#include "actions/carbon_footprint/defra.h"
#include "actions/carbon_footprint/geodesic.h"
#include "actions/carbon_footprint/icao.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 24, MAX_CELLS = 64, MAX_LEGS = 8 };
enum column {
    ID,
    TYPE,
    ORIGIN,
    DESTINATION,
    VIA,
    LAT1,
    LON1,
    LAT2,
    LON2,
    DIST_NM,
    YEAR,
    AIRCRAFT,
    HAUL,
    CABIN,
    RF,
    WTT,
    PKM,
    EXPECTED,
    UNIT,
    TOL_ABS,
    TOL_REL,
    KIND,
    SOURCE,
    NOTE
};

static const char *const header[COLUMNS] = {
    "id",   "type",     "origin", "destination", "via",     "lat1",  "lon1",   "lat2",
    "lon2", "dist_nm",  "year",   "aircraft",    "haul",    "cabin", "rf",     "wtt",
    "pkm",  "expected", "unit",   "tol_abs",     "tol_rel", "kind",  "source", "note",
};

struct row {
    char text[4096];
    const char *cells[MAX_CELLS]; /* in the order of the file */
    int cell_count;
    const char *v[COLUMNS];
};

/* Which cell of a row holds each column, and how many cells a row has: what the first line said. */
struct layout {
    int place[COLUMNS];
    int cell_count;
};

/* What a row gave: a number, a word, or why it could not be computed. */
struct result {
    double number;
    const char *word;
    const char *fault;
};

struct leg {
    double km;
    enum haul haul;
    char country1[3], country2[3];
};

struct trip {
    struct leg legs[MAX_LEGS];
    size_t count;
};

static bool split(struct row *r)
{
    char *in = r->text, *out = r->text;
    for (int n = 0;; n++) {
        if (n == MAX_CELLS)
            return false;
        r->cells[n] = out;
        if (*in == '"') {
            for (in++; *in && !(*in == '"' && in[1] != '"'); in++) {
                in += *in == '"';
                *out++ = *in;
            }
            in += *in == '"';
        } else {
            while (*in && *in != ',')
                *out++ = *in++;
        }
        bool more = *in++ == ',';
        *out++ = '\0';
        if (!more) {
            r->cell_count = n + 1;
            return true;
        }
    }
}

/* The row's cells under the names of the columns. */
static bool arrange(struct row *r, const struct layout *l)
{
    if (!split(r) || r->cell_count != l->cell_count)
        return false;
    for (int i = 0; i < COLUMNS; i++)
        r->v[i] = r->cells[l->place[i]];
    return true;
}

static bool number(const char *s, double *out)
{
    char *end;
    *out = strtod(s, &end);
    return end != s && !*end && isfinite(*out);
}

static struct result fault(const char *why)
{
    return (struct result){ .fault = why };
}

static struct result value(double v)
{
    return isfinite(v) ? (struct result){ .number = v } : fault("the result is no number");
}

/* Adds the leg from one airport to the next. */
static bool add_leg(struct trip *t, const char *from, const char *to)
{
    struct airport_lookup a, b;
    if (t->count == MAX_LEGS || airport_find(from, &a) != AIRPORT_FOUND || airport_find(to, &b) != AIRPORT_FOUND)
        return false;
    struct leg *leg = &t->legs[t->count++];
    airport_country(a.airport, leg->country1);
    airport_country(b.airport, leg->country2);
    return geodesic_km(airport_lat(a.airport), airport_lon(a.airport), airport_lat(b.airport), airport_lon(b.airport),
                       &leg->km);
}

/* Origin, the stops of the via column, destination. */
static bool airport_legs(const struct row *r, struct trip *t)
{
    char via[256], *save = NULL;
    char from[16];
    if (strlen(r->v[VIA]) >= sizeof via || strlen(r->v[ORIGIN]) >= sizeof from)
        return false;
    memcpy(via, r->v[VIA], strlen(r->v[VIA]) + 1);
    memcpy(from, r->v[ORIGIN], strlen(r->v[ORIGIN]) + 1);
    for (char *stop = strtok_r(via, ";,/ |-", &save); stop; stop = strtok_r(NULL, ";,/ |-", &save)) {
        if (strlen(stop) >= sizeof from || !add_leg(t, from, stop))
            return false;
        memcpy(from, stop, strlen(stop) + 1);
    }
    return add_leg(t, from, r->v[DESTINATION]);
}

/* The haul that a row gives for a leg: one for all, or one per leg with any of ";/+ " between them. */
static bool given_haul(const char *list, size_t leg, enum haul *haul)
{
    char copy[256], *save = NULL;
    if (!*list || strlen(list) >= sizeof copy)
        return false;
    memcpy(copy, list, strlen(list) + 1);
    char *one = strtok_r(copy, ";/+ ", &save), *next = one;
    while (next && leg-- > 0 && (next = strtok_r(NULL, ";/+ ", &save)))
        one = next;
    return one && haul_from_name(one, haul);
}

static const char *plan(const struct row *r, struct trip *t)
{
    double a, b, c, d;
    bool override = strstr(r->v[NOTE], "haul override") != NULL, placed = false;
    t->count = 0;
    if (*r->v[ORIGIN]) {
        if (!airport_legs(r, t))
            return "an airport is unknown";
    } else if (number(r->v[LAT1], &a) && number(r->v[LON1], &b) && number(r->v[LAT2], &c) && number(r->v[LON2], &d)) {
        t->count = 1;
        placed = true;
        if (!geodesic_km(a, b, c, d, &t->legs[0].km))
            return "a coordinate is out of range";
    } else {
        return "no places";
    }
    for (size_t i = 0; i < t->count; i++) {
        struct leg *leg = &t->legs[i];
        if (override || (placed && *r->v[HAUL])) {
            if (!given_haul(r->v[HAUL], i, &leg->haul))
                return "unknown haul";
        } else if (placed) {
            leg->haul = HAUL_INTERNATIONAL; /* places without a country */
        } else {
            leg->haul = defra_haul(leg->country1, leg->country2, leg->km).haul;
        }
    }
    return NULL;
}

static double trip_km(const struct trip *t)
{
    double km = 0;
    for (size_t i = 0; i < t->count; i++)
        km += t->legs[i].km;
    return km;
}

static struct result run_distance(const struct row *r)
{
    struct trip t;
    const char *why = plan(r, &t);
    return why ? fault(why) : value(trip_km(&t));
}

static struct result run_haul(const struct row *r)
{
    struct trip t;
    const char *why = plan(r, &t);
    if (why)
        return fault(why);
    return (struct result){ .word = haul_name(t.legs[0].haul) };
}

/* Factor of a row's year, haul and cabin; CO2 gas alone when the unit asks for it. */
static const char *factor_of(const struct row *r, enum haul haul, const char *label, double *out)
{
    enum cabin cabin, applied;
    double year = DEFRA_YEAR_DEFAULT;
    if (*r->v[YEAR] && !number(r->v[YEAR], &year))
        return "bad year";
    if (cabin_from_label(label, &cabin) == CABIN_UNKNOWN)
        return "unknown cabin";
    const struct defra_factor *f = defra_factor((int)year, haul, cabin, &applied);
    if (!f)
        return "no factors for the year";
    bool rf = strcmp(r->v[RF], "without") != 0;
    *out = rf ? f->with_rf : f->without_rf;
    if (strstr(r->v[UNIT], "CO2 gas only")) {
        /* other years have no split by gas here: the share of CO2 is that of 2023 */
        const struct defra_factor *g = defra_factor(DEFRA_YEAR_DEFAULT, haul, cabin, &applied);
        *out *= rf ? g->co2_with_rf / g->with_rf : g->co2_without_rf / g->without_rf;
    }
    if (strcmp(r->v[WTT], "yes") == 0)
        *out += f->wtt;
    return NULL;
}

static struct result run_factor(const struct row *r)
{
    enum haul haul;
    double pkm, f;
    if (!haul_from_name(r->v[HAUL], &haul) || !number(r->v[PKM], &pkm))
        return fault("no haul or no pkm");
    const char *why = factor_of(r, haul, r->v[CABIN], &f);
    return why ? fault(why) : value(f * pkm);
}

static struct result run_defra(const struct row *r)
{
    struct trip t;
    const char *why = plan(r, &t);
    double sum = 0, f;
    for (size_t i = 0; !why && i < t.count; i++) {
        why = factor_of(r, t.legs[i].haul, r->v[CABIN], &f);
        sum += why ? 0 : f * t.legs[i].km;
    }
    return why ? fault(why) : value(sum);
}

/* The figure behind `label` in the note, for example "per pax 145.6115"; true when it is absent or agrees. */
static bool note_agrees(const char *note, const char *label, double got)
{
    const char *p = strstr(note, label);
    if (!p)
        return true;
    double want = strtod(p + strlen(label), NULL);
    return fabs(want - got) <= 5.1e-5 + 1e-6 * fabs(want) || (strstr(label, "distance") && fabs(want - got) <= 5.1e-4);
}

static struct result run_flight(const struct row *r)
{
    char mix[256], *save = NULL;
    struct trip t;
    const char *why = plan(r, &t);
    double sum = 0, heads = 0, n, f;
    if (strlen(r->v[CABIN]) >= sizeof mix)
        return fault("cabin mix too long");
    memcpy(mix, r->v[CABIN], strlen(r->v[CABIN]) + 1);
    for (char *part = strtok_r(mix, ";", &save); part && !why; part = strtok_r(NULL, ";", &save)) {
        char *eq = strchr(part, '=');
        if (!eq || !number(eq + 1, &n))
            return fault("bad cabin mix");
        *eq = '\0';
        heads += n;
        for (size_t i = 0; !why && i < t.count; i++) {
            why = factor_of(r, t.legs[i].haul, part, &f);
            sum += why ? 0 : f * t.legs[i].km * n;
        }
    }
    if (why)
        return fault(why);
    double km = trip_km(&t);
    if (!note_agrees(r->v[NOTE], "per pax ", sum / heads) || !note_agrees(r->v[NOTE], "per km ", sum / km) ||
        !note_agrees(r->v[NOTE], "distance ", km))
        return fault("the note's per pax, per km or distance does not agree");
    return value(sum);
}

/* Seats written as "seats Y188 W21 J48 F0" or "175 Y seats". */
static bool seats_of(const char *note, struct seat_map *map)
{
    static const char letters[] = "YWJF";
    memset(map, 0, sizeof *map);
    const char *p = strstr(note, "seats Y");
    for (int i = 0; p && i < 4; i++) {
        char key[3] = { ' ', letters[i], '\0' };
        const char *at = strstr(p, key);
        map->seats[CABIN_ECONOMY + i] = at ? strtol(at + 2, NULL, 10) : 0;
    }
    const char *y = strstr(note, " Y seats");
    while (y && y > note && y[-1] >= '0' && y[-1] <= '9')
        y--;
    if (!p && y)
        map->seats[CABIN_ECONOMY] = strtol(y, NULL, 10);
    return seat_map_total(map) > 0;
}

static double after(const char *note, const char *label)
{
    const char *p = strstr(note, label);
    return p ? strtod(p + strlen(label), NULL) : NAN;
}

/* The Travel Impact Model: the same sharing by seat area, with its own fuel and emission factors given in the note. */
static struct result run_tim(const struct row *r)
{
    struct seat_map map;
    struct icao_aircraft type;
    enum cabin cabin;
    double kg[CABIN_COUNT];
    const char *note = r->v[NOTE];
    if (!icao_aircraft(r->v[AIRCRAFT], &type) || cabin_from_label(r->v[CABIN], &cabin) != CABIN_KNOWN ||
        !seats_of(note, &map))
        return fault("no aircraft, cabin or seats");
    double ttw = after(note, "EF TTW "), wtt = after(note, "WTT "), ef = ttw + wtt;
    if (strstr(r->v[UNIT], "TTW"))
        ef = ttw;
    else if (strstr(r->v[UNIT], "WTT"))
        ef = wtt;
    if (!icao_share(after(note, "fuel ") * ef, 1 - after(note, "cargo fraction "), after(note, "load factor "), &map,
                    type.wide_body, kg))
        return fault("not to be shared out");
    return value(kg[CABIN_ECONOMY] * icao_seat_factor(type.wide_body, cabin));
}

static const struct {
    const char *aircraft;
    int seats;
} all_economy[] = { { "318", 118 }, { "319", 150 }, { "320", 175 }, { "AT4", 48 }, { "AT7", 70 } };

/* kg CO2 per economy passenger. The seats of the note, else an all-economy layout of the type. */
static const char *icao_economy(const struct row *r, const struct icao_aircraft *type, double fuel, double *out)
{
    struct icao_route_group group;
    struct seat_map map;
    struct trip t;
    double kg[CABIN_COUNT];
    const char *why = plan(r, &t);
    if (why)
        return why;
    for (size_t i = 0; !seats_of(r->v[NOTE], &map) && i < sizeof all_economy / sizeof *all_economy; i++) {
        if (memcmp(all_economy[i].aircraft, type->equivalent, 4) == 0) {
            map.seats[CABIN_ECONOMY] = all_economy[i].seats;
            break;
        }
    }
    if (!icao_route_group(t.legs[0].country1, t.legs[0].country2, &group))
        return "no route group";
    if (!icao_share(fuel * ICAO_CO2_PER_FUEL, group.passenger_share, group.load_factor, &map, type->wide_body, kg))
        return "no seats are known for the type";
    *out = kg[CABIN_ECONOMY];
    return NULL;
}

/* Several types ("319/320") count alike. */
static struct result run_icao(const struct row *r)
{
    char list[64], *save = NULL;
    struct trip t;
    const char *why = plan(r, &t);
    double km = why ? 0 : icao_corrected_km(t.legs[0].km), fuel_sum = 0, share_sum = 0, fuel, share;
    int n = 0;
    if (!why && strcmp(r->v[UNIT], "km corrected") == 0)
        return value(km);
    if (strlen(r->v[AIRCRAFT]) >= sizeof list)
        return fault("aircraft too long");
    memcpy(list, r->v[AIRCRAFT], strlen(r->v[AIRCRAFT]) + 1);
    for (char *part = strtok_r(list, "/", &save); part && !why; part = strtok_r(NULL, "/", &save), n++) {
        struct icao_aircraft type;
        if (!icao_aircraft(part, &type))
            return fault("unknown aircraft");
        if (icao_fuel(&type, km / 1.852, &fuel) == ICAO_FUEL_TOO_FAR)
            return fault("out of range");
        fuel_sum += fuel;
        share = 0;
        if (strcmp(r->v[UNIT], "kg fuel") != 0)
            why = icao_economy(r, &type, fuel, &share);
        share_sum += share;
    }
    if (why || !n)
        return fault(why ? why : "no aircraft");
    return value((strcmp(r->v[UNIT], "kg fuel") == 0 ? fuel_sum : share_sum) / n);
}

static struct result run_icaofuel(const struct row *r)
{
    struct icao_aircraft type;
    double nm, kg;
    if (!icao_aircraft(r->v[AIRCRAFT], &type) || !number(r->v[DIST_NM], &nm))
        return fault("no aircraft or distance");
    if (icao_fuel(&type, nm, &kg) == ICAO_FUEL_TOO_FAR)
        return fault("out of range");
    return value(kg);
}

/* Figures of other models: ours for the same trip, average passenger with RF. */
static struct result run_other(const struct row *r)
{
    return run_defra(r);
}

static const struct {
    const char *type;
    struct result (*run)(const struct row *r);
} types[] = {
    { "geodesic", run_distance }, { "distance", run_distance }, { "haul", run_haul }, { "factor", run_factor },
    { "defra", run_defra },       { "flight", run_flight },     { "tim", run_tim },   { "icao", run_icao },
    { "icaofuel", run_icaofuel }, { "other", run_other },
};

static struct result run_row(const struct row *r)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].type, r->v[TYPE]) == 0)
            return types[i].run(r);
    }
    return fault("unknown type of row");
}

/* Half a unit of the last printed digit: the row's figure is itself rounded. */
static double rounding(const char *printed)
{
    const char *point = strchr(printed, '.');
    return point ? 0.5 * pow(10, -(double)strlen(point + 1)) : 0;
}

static bool agrees(const struct row *r, const struct result *got)
{
    double want, tol_abs = 0, tol_rel = 0;
    if (got->fault)
        return false;
    if (got->word)
        return strcmp(got->word, r->v[EXPECTED]) == 0;
    if (!number(r->v[EXPECTED], &want) || (*r->v[TOL_ABS] && !number(r->v[TOL_ABS], &tol_abs)) ||
        (*r->v[TOL_REL] && !number(r->v[TOL_REL], &tol_rel)))
        return false;
    double tolerance = fmax(tol_abs, tol_rel * fabs(want));
    if (strcmp(r->v[TYPE], "flight") == 0)
        tolerance = fmax(tolerance, rounding(r->v[EXPECTED]) * 1.01);
    return fabs(got->number - want) <= tolerance;
}

static void show(const char *verdict, const struct row *r, const struct result *got)
{
    printf("%s %s (%s): expected %s %s, ", verdict, r->v[ID], r->v[TYPE], r->v[EXPECTED], r->v[UNIT]);
    if (got->fault)
        printf("got nothing: %s\n", got->fault);
    else if (got->word)
        printf("got %s\n", got->word);
    else
        printf("got %.9g\n", got->number);
}

struct tally {
    int passed, failed, informational;
};

/* Every known column exactly once. */
static bool read_header(struct row *r, struct layout *l)
{
    if (!split(r))
        return false;
    l->cell_count = r->cell_count;
    for (int i = 0; i < COLUMNS; i++) {
        int found = 0;
        for (int c = 0; c < r->cell_count; c++) {
            if (strcmp(r->cells[c], header[i]) == 0) {
                l->place[i] = c;
                found++;
            }
        }
        if (found != 1)
            return false;
    }
    return true;
}

/* Without line end and, at the start of a file, without byte order mark. */
static void trim(char *text, bool first)
{
    static const char mark[] = "\xef\xbb\xbf";
    text[strcspn(text, "\r\n")] = '\0';
    if (first && strncmp(text, mark, 3) == 0)
        memmove(text, text + 3, strlen(text + 3) + 1);
}

static void count_row(const struct row *r, struct tally *tally)
{
    struct result got = run_row(r);
    if (strncmp(r->v[NOTE], "informational", 13) == 0) {
        show("info", r, &got);
        tally->informational++;
    } else if (agrees(r, &got)) {
        tally->passed++;
    } else {
        show("FAIL", r, &got);
        tally->failed++;
    }
}

static bool run_file(const char *path, struct tally *tally)
{
    static struct row r;
    struct layout layout;
    FILE *f = fopen(path, "r");
    bool begun = false, good = true, first = true;
    if (!f) {
        perror(path);
        return false;
    }
    while (good && fgets(r.text, sizeof r.text, f)) {
        trim(r.text, first);
        first = false;
        if (!*r.text || *r.text == '#')
            continue;
        if (!begun) {
            good = begun = read_header(&r, &layout);
            continue;
        }
        if (!arrange(&r, &layout)) {
            printf("FAIL %s: a row has not %d columns\n", path, layout.cell_count);
            tally->failed++;
            continue;
        }
        count_row(&r, tally);
    }
    if (!begun)
        printf("FAIL %s: not a file of carbon vectors\n", path);
    fclose(f);
    return begun;
}

int main(int argc, char **argv)
{
    struct tally tally = { 0, 0, 0 };
    if (argc < 2) {
        fprintf(stderr, "usage: vectors_carbon FILE.csv...\n");
        return 64;
    }
    for (int i = 1; i < argc; i++)
        tally.failed += !run_file(argv[i], &tally);
    printf("%d passed, %d failed, %d informational\n", tally.passed, tally.failed, tally.informational);
    return tally.failed || !tally.passed;
}
