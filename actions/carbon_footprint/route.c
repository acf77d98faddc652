/* route.c - from the texts of a flight's record to its stops; what is no code is skipped or refused by name. */
#include "characters.h"
#include "flights.h"
#include "geodesic.h"
#include "route_words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DOUBT_RATIO 1.5 /* a stop that may be a word counts when it makes the way between its neighbours no longer */

enum { NAME_SHOWN = 40, WORDS_MAX = 64 };

bool flight_problem_set(struct flight_problem *p, const char *code, const char *fmt, ...)
{
    va_list ap;
    p->code = code;
    va_start(ap, fmt);
    size_t n = (size_t)vsnprintf(p->message, sizeof p->message, fmt, ap);
    va_end(ap);
    if (n >= sizeof p->message) { /* cut: never half a character */
        for (n = sizeof p->message - 1; n && ((unsigned char)p->message[n - 1] & 0xc0) == 0x80;)
            n--;
        p->message[n - ((unsigned char)p->message[n - 1] >= 0xc0)] = '\0';
    }
    return false;
}

/* Bytes of a name that are shown: never half a character. */
static int shown_length(const char *name)
{
    size_t n = strlen(name);
    if (n > NAME_SHOWN) {
        n = NAME_SHOWN;
        while (n && ((unsigned char)name[n] & 0xc0) == 0x80)
            n--;
    }
    return (int)n;
}

/* "LHR (London Heathrow Airport) or LGW (...)"; what does not fit as a whole is left out. */
static void list_candidates(const struct airport_lookup *l, char *out, size_t size)
{
    char code[4], one[NAME_SHOWN + 16];
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < l->candidate_count; i++) {
        const char *joint = i == 0                        ? ""
                            : i + 1 == l->candidate_count ? " or "
                                                          : ", ",
                   *name = airport_name(l->candidates[i]);
        int m = snprintf(one, sizeof one, "%s%s (%.*s)", joint, airport_iata(l->candidates[i], code),
                         shown_length(name), name);
        if (n + (size_t)m >= size)
            return;
        memcpy(out + n, one, (size_t)m + 1);
        n += (size_t)m;
    }
}

static bool unknown(struct flight_problem *p, const char *field)
{
    char list[320];
    const char *why = p->lookup.foreign ? ": it is not written in the letters A to Z alone" : "";
    list_candidates(&p->lookup, list, sizeof list);
    if (*list)
        return flight_problem_set(p, "unknown_airport",
                                  "%s is no airport code%s. Did you mean %s? Correct %s of the flight.", p->lookup.code,
                                  why, list, field);
    return flight_problem_set(p, "unknown_airport",
                              "%s is no airport code%s. Write an IATA or ICAO code into %s of the flight.",
                              p->lookup.code, why, field);
}

static bool find_airport(const char *text, const char *field, const struct airport **out, struct flight_problem *p)
{
    char list[320];
    const char *name;
    switch (airport_find(text, &p->lookup)) {
    case AIRPORT_FOUND:
        *out = p->lookup.airport;
        return true;
    case AIRPORT_BLANK:
        return flight_problem_set(p, "missing_airport_code",
                                  "The flight has no %s. Write the code of an airport there.", field);
    case AIRPORT_CITY:
        list_candidates(&p->lookup, list, sizeof list);
        return flight_problem_set(p, "ambiguous_city_code",
                                  "%s is the code of a city, %s, not of an airport. Write %s into %s of the flight.",
                                  p->lookup.code, p->lookup.city, list, field);
    case AIRPORT_UNPLACED:
        name = airport_name(p->lookup.airport);
        return flight_problem_set(p, "unknown_airport",
                                  "%s (%.*s) has no known position, so that there is no distance. Write the code of "
                                  "another airport into %s of the flight.",
                                  p->lookup.code, shown_length(name), name, field);
    case AIRPORT_UNKNOWN:
        break;
    }
    return unknown(p, field);
}

/* ---- Via__c ---- */

/* One word of Via__c: what stands between separators; where ASCII meets another script, a new one begins. */
struct word {
    const char *at;
    size_t n;
    bool capitals, small; /* it has letters of ASCII, and all are capital; it has a small one */
    bool bracketed;
    enum route_word kind;
};

static bool other_script(uint32_t c)
{
    return c >= 0x370; /* beyond the Latin letters */
}

/* Splits `via` into words; false when there are more than WORDS_MAX. */
static bool split(const char *via, struct word *words, size_t *count)
{
    bool inside = false, script = false, bracket = false;
    *count = 0;
    while (*via) {
        const char *at = via;
        uint32_t c = character_next(&via);
        if (character_is_between(c)) {
            bracket = c == '(' || c == '[' || c == 0xff08 || (bracket && !inside);
            inside = false;
            continue;
        }
        if (!inside || other_script(c) != script) {
            if (*count == WORDS_MAX)
                return false;
            words[(*count)++] = (struct word){ .at = at, .bracketed = bracket };
            bracket = false;
        }
        struct word *w = &words[*count - 1];
        inside = true;
        script = other_script(c);
        w->n = (size_t)(via - w->at);
        w->small |= (c >= 'a' && c <= 'z');
        w->capitals = !w->small && (w->capitals || (c >= 'A' && c <= 'Z'));
    }
    return true;
}

/* Copies a word as far as it fits; a code that is cut is none. */
static const char *copy_word(const struct word *w, char out[AIRPORT_CODE_SIZE])
{
    size_t n = w->n;
    if (n >= AIRPORT_CODE_SIZE)
        for (n = AIRPORT_CODE_SIZE - 1; n && ((unsigned char)w->at[n] & 0xc0) == 0x80;)
            n--;
    memcpy(out, w->at, n);
    out[n] = '\0';
    return out;
}

/* The airport of a field of one code, where a word may stand for a code that is not known yet. */
static bool find_end(const char *text, const char *field, const struct airport **out, struct flight_problem *p)
{
    struct word words[WORDS_MAX];
    size_t count;
    char how[80] = "", code[AIRPORT_CODE_SIZE];
    if (!text || !split(text, words, &count) || count != 1 || !route_word_is_placeholder(words[0].at, words[0].n))
        return find_airport(text, field, out, p);
    (void)airport_find(copy_word(&words[0], code), &p->lookup);
    if (p->lookup.airport && p->lookup.airport->icao[0])
        snprintf(how, sizeof how, " If the airport of that code is meant, write %.4s.", p->lookup.airport->icao);
    memset(&p->lookup, 0, sizeof p->lookup);
    return flight_problem_set(p, "unknown_airport",
                              "%s of the flight says \"%.*s\", which is read as a word. Write the code of an airport "
                              "there.%s",
                              field, (int)words[0].n, words[0].at, how);
}

/* A word that is no stop: says so, and how the airport of that code is written, if there is one. */
static bool refuse_word(const struct word *w, bool between_capitals, struct flight_problem *p)
{
    char text[AIRPORT_CODE_SIZE], how[160] = "";
    const char *why = between_capitals ? "in small letters between codes in capitals" : "which is read as a word";
    airport_find(copy_word(w, text), &p->lookup);
    const struct airport *a = p->lookup.airport;
    memset(&p->lookup, 0, sizeof p->lookup);
    if (a && between_capitals)
        snprintf(how, sizeof how, " If %.*s is meant, write %.3s.", shown_length(airport_name(a)), airport_name(a),
                 a->iata);
    else if (a && a->icao[0])
        snprintf(how, sizeof how, " If %.*s is meant, write its ICAO code, %.4s.", shown_length(airport_name(a)),
                 airport_name(a), a->icao);
    return flight_problem_set(p, "unknown_airport",
                              "Via__c of the flight says \"%s\", %s. Write the codes of the stops there and nothing "
                              "else; leave it empty when there is none.%s",
                              text, why, how);
}

static bool has_capital_codes(const struct word *words, size_t count)
{
    struct airport_lookup l;
    char text[AIRPORT_CODE_SIZE];
    for (size_t i = 0; i < count; i++) {
        if (!words[i].capitals || words[i].kind == ROUTE_SKIP || words[i].kind == ROUTE_REFUSE)
            continue;
        enum airport_verdict v = airport_find(copy_word(&words[i], text), &l);
        if (v == AIRPORT_FOUND || v == AIRPORT_CITY)
            return true;
    }
    return false;
}

static bool add_stop(const struct word *w, bool between_capitals, struct footprint_input *in,
                     bool doubtful[FOOTPRINT_STOPS_MAX], struct flight_problem *p)
{
    char text[AIRPORT_CODE_SIZE];
    if (w->kind == ROUTE_SKIP)
        return true;
    if (w->kind == ROUTE_REFUSE || (between_capitals && w->small))
        return refuse_word(w, w->kind != ROUTE_REFUSE, p);
    if (in->stop_count == FOOTPRINT_STOPS_MAX - 1)
        return flight_problem_set(p, "too_many_stops",
                                  "Via__c of the flight has more than %d stops. Split it into several flights.",
                                  FOOTPRINT_STOPS_MAX - 2);
    if (!find_airport(copy_word(w, text), "Via__c", &in->stops[in->stop_count], p))
        return false;
    doubtful[in->stop_count] = w->kind == ROUTE_DOUBTFUL;
    in->stop_count++;
    return true;
}

static bool add_stops(const char *via, struct footprint_input *in, struct word words[FOOTPRINT_STOPS_MAX],
                      bool doubtful[FOOTPRINT_STOPS_MAX], struct flight_problem *p)
{
    struct word all[WORDS_MAX];
    size_t count, before = in->stop_count;
    if (!split(via, all, &count))
        return flight_problem_set(p, "too_many_stops",
                                  "Via__c of the flight holds more than %d words. Write only the codes of the stops "
                                  "there.",
                                  WORDS_MAX);
    for (size_t i = 0; i < count; i++)
        all[i].kind = route_word_of(all[i].at, all[i].n, all[i].capitals, all[i].bracketed);
    bool capital = has_capital_codes(all, count);
    for (size_t i = 0; i < count; i++) {
        if (!add_stop(&all[i], capital, in, doubtful, p))
            return false;
        if (in->stop_count > before)
            words[in->stop_count - 1] = all[i];
    }
    if (count && in->stop_count == before) /* "via" alone: something was meant that is not there */
        return refuse_word(&all[0], false, p);
    return true;
}

static double way(const struct airport *a, const struct airport *b)
{
    double km = 0;
    return geodesic_km(airport_lat(a), airport_lon(a), airport_lat(b), airport_lon(b), &km) ? km : 0;
}

/* A stop that may be a word ("SAT") counts only when it lies more or less on the way. */
static bool on_the_way(const struct footprint_input *in, size_t i)
{
    const struct airport *before = in->stops[i - 1], *stop = in->stops[i], *after = in->stops[i + 1];
    return way(before, stop) + way(stop, after) <= DOUBT_RATIO * way(before, after);
}

bool flight_route(const struct flight *flight, struct footprint_input *in, struct flight_problem *p)
{
    struct word words[FOOTPRINT_STOPS_MAX];
    bool doubtful[FOOTPRINT_STOPS_MAX] = { false };
    in->stop_count = 1;
    if (!find_end(flight->origin, "Origin_Airport_Code__c", &in->stops[0], p) ||
        (flight->via && !add_stops(flight->via, in, words, doubtful, p)) ||
        !find_end(flight->destination, "Destination_Airport_Code__c", &in->stops[in->stop_count++], p))
        return false;
    for (size_t i = 1; i + 1 < in->stop_count; i++) {
        if (doubtful[i] && !on_the_way(in, i))
            return refuse_word(&words[i], false, p);
        in->doubtful_stop |= doubtful[i];
    }
    memset(&p->lookup, 0, sizeof p->lookup);
    return true;
}
