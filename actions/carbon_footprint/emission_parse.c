/* emission_parse.c - one answer of the provider: the figure, its unit, its date, and whether it can be right. */
#include "emission.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTER_STEPS = 12, DAY_S = 86400 };

/*
 * What an airliner can emit: kilograms for a kilometre of one passenger, and of the whole flight. Wide enough for a
 * first class seat with non-CO2 effects and for short hops of a jumbo, narrow enough for a unit that is wrong by a
 * thousand.
 */
#define PASSENGER_KM_MIN 0.005
#define PASSENGER_KM_MAX 5.0
#define FLIGHT_KM_MIN 0.1
#define FLIGHT_KM_MAX 300.0

static bool deeper_than(const json_t *value, int left)
{
    const char *key;
    json_t *member;
    size_t i;
    if (!json_is_object(value) && !json_is_array(value))
        return false;
    if (left == 0)
        return true;
    json_array_foreach (value, i, member)
        if (deeper_than(member, left - 1))
            return true;
    json_object_foreach ((json_t *)value, key, member)
        if (deeper_than(member, left - 1))
            return true;
    return false;
}

/* One step of a list: digits alone, as RFC 6901 has it. */
static const json_t *element(const json_t *list, const char *step)
{
    size_t digits = strspn(step, "0123456789");
    if (!digits || digits > 6 || step[digits] || (step[0] == '0' && digits > 1))
        return NULL;
    return json_array_get(list, strtoul(step, NULL, 10));
}

/* RFC 6901, with "{cabin}" replaced by the cabin's name; NULL when it leads nowhere. */
static const json_t *at_pointer(const json_t *value, const char *pointer, const char *cabin)
{
    static const char mark[] = "{cabin}";
    char step[EMISSION_POINTER];
    for (int i = 0; i < POINTER_STEPS && *pointer == '/' && value; i++) {
        size_t n = 0;
        for (pointer++; *pointer && *pointer != '/'; pointer++) {
            bool name = strncmp(pointer, mark, sizeof mark - 1) == 0;
            size_t m = name ? strlen(cabin) : 1;
            if (n + m >= sizeof step)
                return NULL;
            if (name) {
                memcpy(step + n, cabin, m);
                pointer += sizeof mark - 2;
            } else if (*pointer == '~' && (pointer[1] == '0' || pointer[1] == '1')) {
                step[n] = *++pointer == '1' ? '/' : '~';
            } else {
                step[n] = *pointer;
            }
            n += m;
        }
        step[n] = '\0';
        value = json_is_array(value) ? element(value, step) : json_object_get(value, step);
    }
    return *pointer ? NULL : value;
}

/* "kg CO2e" and "kgCO2" are kilograms: the word before the gas counts. */
static bool same_unit(const char *said, const char *unit)
{
    static const struct {
        const char *word, *unit;
    } words[] = { { "kg", "kg" }, { "kgs", "kg" }, { "kilogram", "kg" }, { "kilograms", "kg" },
                  { "g", "g" },   { "gram", "g" }, { "grams", "g" },     { "t", "t" },
                  { "ton", "" },  { "tons", "" },  { "tonne", "t" },     { "tonnes", "t" },
                  { "lb", "lb" }, { "lbs", "lb" }, { "pound", "lb" },    { "pounds", "lb" } };
    char word[16];
    size_t n = 0;
    for (; isalpha((unsigned char)said[n]) && n < sizeof word - 1; n++)
        word[n] = (char)tolower((unsigned char)said[n]);
    word[n] = '\0';
    char *gas = strstr(word, "co"); /* "kgco" of "kgCO2e" */
    if (gas)
        *gas = '\0';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i].word) == 0)
            return strcmp(words[i].unit, unit) == 0;
    return false;
}

/* Days since 1970 of a date of the Gregorian calendar; false when there is no such day. */
static bool days_of(int y, int m, int d, int64_t *out)
{
    static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 };
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (y < 1970 || y > 9999 || m < 1 || m > 12 || d < 1 || d > before[m] - before[m - 1] + (leap && m == 2))
        return false;
    int64_t years = y - 1;
    *out = years * 365 + years / 4 - years / 100 + years / 400 - 719162 + before[m - 1] + (leap && m > 2) + d - 1;
    return true;
}

static bool digits(const char *s, int n, int *out)
{
    *out = 0;
    for (int i = 0; i < n; i++) {
        if (!isdigit((unsigned char)s[i]))
            return false;
        *out = *out * 10 + (s[i] - '0');
    }
    return true;
}

/* "2026-11-23", "2026-11-23T08:30:00Z" or with an offset. */
static bool time_of(const char *s, int64_t *out)
{
    int y, mo, d, h, mi, sec, oh, om;
    int64_t days;
    if (!s || strlen(s) < 10 || !digits(s, 4, &y) || s[4] != '-' || !digits(s + 5, 2, &mo) || s[7] != '-' ||
        !digits(s + 8, 2, &d) || !days_of(y, mo, d, &days))
        return false;
    *out = days * DAY_S;
    if (!s[10])
        return true;
    if (strlen(s) < 20 || s[10] != 'T' || !digits(s + 11, 2, &h) || s[13] != ':' || !digits(s + 14, 2, &mi) ||
        s[16] != ':' || !digits(s + 17, 2, &sec) || h > 23 || mi > 59 || sec > 60)
        return false;
    *out += h * 3600 + mi * 60 + sec;
    s += 19;
    if (*s == '.')
        s += 1 + strspn(s + 1, "0123456789");
    if (strcmp(s, "Z") == 0)
        return true;
    if ((*s != '+' && *s != '-') || strlen(s) != 6 || !digits(s + 1, 2, &oh) || s[3] != ':' || !digits(s + 4, 2, &om))
        return false;
    *out -= (*s == '-' ? -1 : 1) * (oh * 3600 + om * 60);
    return true;
}

static bool fail(const char **failure, const char *word)
{
    *failure = word;
    return false;
}

static bool check_date(const struct emission_provider *p, const json_t *body, time_t now, int64_t *as_of,
                       const char **failure)
{
    if (!*p->as_of_pointer)
        return true;
    if (!time_of(json_string_value(at_pointer(body, p->as_of_pointer, "")), as_of) || *as_of > now + EMISSION_SKEW_S)
        return fail(failure, "bad_date");
    if (now - *as_of > (int64_t)p->max_age_days * DAY_S)
        return fail(failure, "too_old");
    return true;
}

static bool check_unit(const struct emission_provider *p, const json_t *body, const char **failure)
{
    const char *said = *p->unit_pointer ? json_string_value(at_pointer(body, p->unit_pointer, "")) : p->unit;
    return (said && same_unit(said, p->unit)) || fail(failure, "other_unit");
}

/* A figure that is there, as kilograms of the leg. */
static bool read_figure(const struct emission_provider *p, const json_t *value, double km, double *kg,
                        const char **failure)
{
    if (!json_is_number(value) || !isfinite(json_number_value(value)))
        return fail(failure, "not_a_number");
    bool per_km = p->per == EMISSION_PER_KM || p->per == EMISSION_PER_PASSENGER_KM;
    bool passenger = p->per == EMISSION_PER_PASSENGER || p->per == EMISSION_PER_PASSENGER_KM;
    *kg = json_number_value(value) * p->kg * (per_km ? km : 1);
    double each = *kg / km;
    bool likely = each >= (passenger ? PASSENGER_KM_MIN : FLIGHT_KM_MIN) &&
                  each <= (passenger ? PASSENGER_KM_MAX : FLIGHT_KM_MAX);
    return likely || fail(failure, "implausible");
}

bool emission_parse(const struct emission_provider *p, const json_t *body, double km, time_t now,
                    struct emission_figure *out, const char **failure)
{
    bool any = false;
    out->as_of = 0;
    if (deeper_than(body, EMISSION_DEPTH))
        return fail(failure, "too_deep");
    if (!check_unit(p, body, failure) || !check_date(p, body, now, &out->as_of, failure))
        return false;
    for (int c = 0; c < CABIN_COUNT; c++) {
        const json_t *value = at_pointer(body, p->pointer, cabin_name((enum cabin)c));
        out->kg[c] = NAN;
        if (!value || json_is_null(value))
            continue; /* the bookings decide whether this cabin is needed */
        if (!read_figure(p, value, km, &out->kg[c], failure))
            return false;
        any = true;
    }
    return any || fail(failure, "no_figure");
}
