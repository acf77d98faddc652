/*
 * vectors_carbon.c - runs rows of published and computed figures against the parts of the carbon action.
 *   vectors_carbon FILE.csv...
 * A row's type says what is computed; whole flights go through footprint_compute, as a call does. Rows whose note
 * begins with "informational" are printed and counted apart; a note or source with "haul override" forces the row's
 * haul. Columns are found by the names of the first line, in any order; further ones are passed over. Last line: N
 * passed, N failed, N informational.
 */
#include "actions/carbon_footprint/footprint.h"
#include "actions/carbon_footprint/geodesic.h"
#include "tests/vectors/carbon_rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LEGS = FOOTPRINT_LEGS_MAX };

/* What a row gave: a number, a word, or why it could not be computed. */
struct result {
    double number;
    const char *word;
    const char *fault;
};

struct leg {
    double km;
    enum haul haul;
    const struct airport *from, *to; /* NULL when the row has coordinates */
};

struct trip {
    struct leg legs[MAX_LEGS];
    size_t count;
    bool forced; /* the hauls are the row's */
};

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
    leg->from = a.airport;
    leg->to = b.airport;
    return geodesic_km(airport_lat(a.airport), airport_lon(a.airport), airport_lat(b.airport), airport_lon(b.airport),
                       &leg->km);
}

/* Origin, the stops of the via column with anything but letters and digits between them, destination. */
static bool airport_legs(const struct row *r, struct trip *t)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    char from[32], stop[32];
    if (strlen(r->v[ORIGIN]) >= sizeof from)
        return false;
    memcpy(from, r->v[ORIGIN], strlen(r->v[ORIGIN]) + 1);
    for (const char *p = r->v[VIA] + strcspn(r->v[VIA], letters); *p; p += strcspn(p, letters)) {
        size_t n = strspn(p, letters);
        snprintf(stop, sizeof stop, "%.*s", (int)n, p);
        if (n >= sizeof stop || !add_leg(t, from, stop))
            return false;
        memcpy(from, stop, sizeof from);
        p += n;
    }
    return add_leg(t, from, r->v[DESTINATION]);
}

/* The haul that a row gives for a leg: one for all, or one per leg with any of ";,/|+& " between them. */
static bool given_haul(const char *list, size_t leg, enum haul *haul)
{
    static const char between[] = ";,/|+& ";
    char copy[256], *save = NULL;
    if (!*list || strlen(list) >= sizeof copy)
        return false;
    memcpy(copy, list, strlen(list) + 1);
    char *one = strtok_r(copy, between, &save), *next = one;
    while (next && leg-- > 0 && (next = strtok_r(NULL, between, &save)))
        one = next;
    return one && haul_from_name(one, haul);
}

static const char *plan(const struct row *r, struct trip *t)
{
    double a, b, c, d;
    bool override = strcasestr(r->v[NOTE], "haul override") || strcasestr(r->v[SOURCE], "haul override"),
         placed = false;
    memset(t, 0, sizeof *t);
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
    t->forced = override || placed;
    for (size_t i = 0; i < t->count; i++) {
        struct leg *leg = &t->legs[i];
        char c1[3], c2[3];
        if (override || (placed && *r->v[HAUL])) {
            if (!given_haul(r->v[HAUL], i, &leg->haul))
                return "unknown haul";
        } else if (placed) {
            leg->haul = HAUL_INTERNATIONAL; /* places without a country */
        } else {
            leg->haul = defra_haul(airport_country(leg->from, c1), airport_country(leg->to, c2), leg->km).haul;
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
    bool mixed = false;
    for (size_t i = 1; i < t.count; i++)
        mixed |= t.legs[i].haul != t.legs[0].haul;
    return (struct result){ .word = mixed ? "mixed" : haul_name(t.legs[0].haul) };
}

/* Which factors a row wants. */
struct choice {
    int year;
    bool rf, wtt;
};

/* Whether a cell says yes; blank = `unsaid`. False when it says neither. */
static bool yes(const char *cell, bool unsaid, bool *out)
{
    static const char *const words[2][4] = { { "without", "no", "exclude", "false" },
                                             { "with", "yes", "include", "true" } };
    *out = unsaid;
    for (int answer = 0; answer < 2; answer++)
        for (int i = 0; i < 4; i++)
            if (strcmp(cell, words[answer][i]) == 0) {
                *out = answer;
                return true;
            }
    return !*cell;
}

static const char *choice_of(const struct row *r, struct choice *c)
{
    double year = DEFRA_YEAR_DEFAULT;
    if (*r->v[YEAR] && !number(r->v[YEAR], &year))
        return "bad year";
    c->year = (int)year;
    return yes(r->v[RF], true, &c->rf) && yes(r->v[WTT], false, &c->wtt) ? NULL : "rf or wtt is neither yes nor no";
}

/* Factor of a row's year, haul and cabin; CO2 gas alone when the unit asks for it. */
static const char *factor_of(const struct row *r, enum haul haul, const char *label, double *out)
{
    enum cabin cabin, applied;
    struct choice choice;
    const char *why = choice_of(r, &choice);
    if (why)
        return why;
    (void)cabin_from_label(label, &cabin); /* the average when it is blank or unknown */
    const struct defra_factor *f = defra_factor(choice.year, haul, cabin, &applied);
    if (!f)
        return "no factors for the year";
    bool rf = choice.rf;
    *out = rf ? f->with_rf : f->without_rf;
    if (strstr(r->v[UNIT], "CO2 gas only")) {
        /* other years have no split by gas here: the share of CO2 is that of 2023 */
        const struct defra_factor *g = defra_factor(DEFRA_YEAR_DEFAULT, haul, cabin, &applied);
        *out *= rf ? g->co2_with_rf / g->with_rf : g->co2_without_rf / g->without_rf;
    }
    if (choice.wtt)
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

/* The figure behind `label` in the note, for example "per pax 145.6115"; true when there is none, or it agrees. */
static bool note_agrees(const char *note, const char *label, double got)
{
    const char *p = strstr(note, label);
    char *end;
    double want = p ? strtod(p + strlen(label), &end) : 0;
    if (!p || end == p + strlen(label))
        return true;
    return fabs(want - got) <= 5.1e-5 + 1e-6 * fabs(want) || (strstr(label, "distance") && fabs(want - got) <= 5.1e-4);
}

/* Bookings by class, written "economy=120; business=12"; a class without a number counts once. */
static const char *bookings_of(const char *mix, struct footprint_input *in)
{
    char copy[256], *save = NULL;
    enum cabin cabin;
    double n;
    if (strlen(mix) >= sizeof copy)
        return "cabin mix too long";
    memcpy(copy, mix, strlen(mix) + 1);
    for (char *part = strtok_r(copy, ";,|+", &save); part; part = strtok_r(NULL, ";,|+", &save)) {
        char *is = part + strcspn(part, "=:");
        bool counted = *is != '\0';
        *is = '\0';
        n = 1;
        if ((counted && !number(is + 1, &n)) || n < 0 || n > INT32_MAX || n != floor(n))
            return "bad cabin mix";
        if (cabin_label_named(cabin_from_label(part, &cabin)))
            in->booked[cabin] += (int64_t)n;
        else
            in->unknown_class += (int64_t)n;
    }
    return NULL;
}

/* The flight of a row as a call would see it. */
static const char *input_of(const struct row *r, const struct trip *t, struct footprint_input *in)
{
    struct choice choice = { 0 };
    const char *why = choice_of(r, &choice);
    memset(in, 0, sizeof *in);
    in->year = choice.year;
    in->rf = choice.rf;
    for (size_t i = 0; t->legs[0].from && i < t->count; i++) {
        in->stops[i] = t->legs[i].from;
        in->stops[i + 1] = t->legs[i].to;
        in->stop_count = i + 2;
    }
    return why;
}

/* By the row's own hauls, which no call can ask for. */
static const char *forced_total(const struct row *r, const struct trip *t, const struct footprint_input *in,
                                double *sum)
{
    const char *why = NULL;
    double f;
    *sum = 0;
    for (int c = 0; c < CABIN_COUNT; c++) {
        double n = (double)(in->booked[c] + (c == CABIN_AVERAGE ? in->unknown_class : 0));
        for (size_t i = 0; !why && i < t->count; i++) {
            why = factor_of(r, t->legs[i].haul, cabin_name((enum cabin)c), &f);
            *sum += why ? 0 : f * t->legs[i].km * n;
        }
    }
    return why;
}

static struct result run_flight(const struct row *r)
{
    struct footprint_input in;
    struct footprint f;
    struct trip t;
    struct choice choice;
    const char *why = plan(r, &t);
    double sum, heads = 0;
    if (!why)
        why = input_of(r, &t, &in);
    if (!why)
        why = bookings_of(r->v[CABIN], &in);
    if (!why)
        why = choice_of(r, &choice);
    if (!why && t.forced)
        why = forced_total(r, &t, &in, &sum);
    else if (!why && footprint_compute(&in, &f) != FOOTPRINT_OK)
        why = "the action refuses this flight";
    else if (!why)
        sum = f.total + (choice.wtt ? f.wtt : 0);
    if (why)
        return fault(why);
    for (int c = 0; c < CABIN_COUNT; c++)
        heads += (double)in.booked[c];
    heads += (double)in.unknown_class;
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
    if (!icao_aircraft(r->v[AIRCRAFT], &type) || !cabin_label_named(cabin_from_label(r->v[CABIN], &cabin)) ||
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

/* The seats of the note, else an all-economy layout of the type; distance and fuel do not depend on them. */
static bool seats_for(const struct row *r, const char *aircraft, struct seat_map *map)
{
    struct icao_aircraft type;
    if (seats_of(r->v[NOTE], map) || !icao_aircraft(aircraft, &type))
        return seat_map_total(map) > 0;
    for (size_t i = 0; i < sizeof all_economy / sizeof *all_economy; i++)
        if (memcmp(all_economy[i].aircraft, type.equivalent, 4) == 0)
            map->seats[CABIN_ECONOMY] = all_economy[i].seats;
    if (strncmp(r->v[UNIT], "km", 2) == 0 || strncmp(r->v[UNIT], "kg fuel", 7) == 0)
        map->seats[CABIN_ECONOMY] += seat_map_total(map) == 0;
    return seat_map_total(map) > 0;
}

/* The figure of one aircraft type that the unit asks for: corrected distance, fuel, or CO2 per passenger of the cabin.
 */
static const char *icao_figure(const struct row *r, struct footprint_input *in, enum cabin cabin, double *out)
{
    struct footprint f;
    if (!seats_for(r, in->aircraft, &in->seats))
        return "no seats are known for the type";
    if (footprint_compute(in, &f) != FOOTPRINT_OK)
        return "the action refuses this flight";
    for (int w = 0; w < WARN_COUNT && !f.has_icao; w++)
        if (f.warnings[w] && w >= WARN_SEAT_MAP_UNKNOWN && w <= WARN_CABIN_WITHOUT_SEATS)
            return footprint_warning_text((enum footprint_warning)w);
    double km = 0;
    for (size_t i = 0; i < f.leg_count; i++)
        km += f.legs[i].corrected_km;
    *out = strncmp(r->v[UNIT], "km", 2) == 0        ? km
           : strncmp(r->v[UNIT], "kg fuel", 7) == 0 ? f.fuel_kg
                                                    : f.icao_seat_kg[cabin];
    return NULL;
}

/* Several types ("319/320") count alike. A blank cabin is economy. */
static struct result run_icao(const struct row *r)
{
    char list[64], *save = NULL;
    enum cabin cabin = CABIN_ECONOMY;
    struct footprint_input in;
    struct trip t;
    double sum = 0, one = 0;
    int n = 0;
    const char *why = plan(r, &t);
    if (!why)
        why = input_of(r, &t, &in);
    if (why || strlen(r->v[AIRCRAFT]) >= sizeof list)
        return fault(why ? why : "aircraft too long");
    if (*r->v[CABIN] && !cabin_label_named(cabin_from_label(r->v[CABIN], &cabin)))
        return fault("unknown cabin");
    memcpy(list, r->v[AIRCRAFT], strlen(r->v[AIRCRAFT]) + 1);
    for (char *part = strtok_r(list, "/", &save); part; part = strtok_r(NULL, "/", &save), n++) {
        in.aircraft = part;
        if ((why = icao_figure(r, &in, cabin, &one)))
            return fault(why);
        sum += one;
    }
    return n ? value(sum / n) : fault("no aircraft");
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
    return fabs(got->number - want) <= fmax(tolerance, rounding(r->v[EXPECTED]) * 1.01);
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
