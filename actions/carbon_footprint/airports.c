/* airports.c - look-up of airport codes, and what was probably meant when there is none. */
#include "airports.h"
#include "airport_table.h"
#include "characters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the text begins and ends without the white space around it. */
static void trim(const char **text, const char **end)
{
    const char *p = *text, *last = p;
    bool begun = false;
    while (*p) {
        const char *at = p;
        if (character_is_blank(character_next(&p)))
            continue;
        if (!begun)
            *text = at;
        begun = true;
        last = p;
    }
    *end = begun ? last : *text;
}

/* One character as a message may show it. Returns its length. */
static size_t show(uint32_t c, bool raise, char out[16])
{
    if (character_is_hidden(c))
        return (size_t)snprintf(out, 16, "<U+%04X>", (unsigned)c);
    return character_put(raise && c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c, out);
}

/* Fills code and foreign. Returns the length of the whole in characters. */
static size_t normalise(const char *text, struct airport_lookup *out)
{
    const char *end;
    char one[16];
    size_t n = 0, kept = 0;
    trim(&text, &end);
    for (const char *p = text; p < end; p++)
        out->foreign |= *p < ' ' || *p > '~';
    for (bool room = true; text < end; n++) {
        size_t m = show(character_next(&text), !out->foreign, one);
        room = room && kept + m < AIRPORT_CODE_SIZE;
        if (room) {
            memcpy(out->code + kept, one, m);
            kept += m;
        }
    }
    out->code[kept] = '\0';
    return n;
}

const struct airport *airport_by_iata(const char *code)
{
    size_t low = 0, high = airport_table_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int d = memcmp(code, airport_table[mid].iata, 3);
        if (d == 0)
            return &airport_table[mid];
        if (d < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

static const struct airport *find_icao(const char *code)
{
    size_t low = 0, high = airport_by_icao_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct airport *a = &airport_table[airport_by_icao[mid]];
        int d = memcmp(code, a->icao, 4);
        if (d == 0)
            return a;
        if (d < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

static bool find_city(const char *code, struct airport_lookup *out)
{
    for (size_t i = 0; i < city_table_count && out->candidate_count < AIRPORT_CITY_MAX; i++) {
        if (memcmp(city_table[i].city, code, 3) != 0)
            continue;
        out->city = city_table[i].name;
        out->candidates[out->candidate_count++] = airport_by_iata(city_table[i].airport);
    }
    return out->candidate_count > 0;
}

/* Keys of a QWERTY keyboard that touch. */
static bool keys_touch(char a, char b)
{
    static const char *const rows[] = { "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM" };
    int ra = -1, ca = 0, rb = -1, cb = 0;
    for (int r = 0; r < 3; r++) {
        const char *pa = strchr(rows[r], a), *pb = strchr(rows[r], b);
        if (pa) {
            ra = r;
            ca = (int)(pa - rows[r]);
        }
        if (pb) {
            rb = r;
            cb = (int)(pb - rows[r]);
        }
    }
    if (ra < 0 || rb < 0)
        return false;
    if (ra == rb)
        return abs(ca - cb) == 1;
    return abs(ra - rb) == 1 && (ra < rb ? cb - ca == 0 || cb - ca == -1 : ca - cb == 0 || ca - cb == -1);
}

/*
 * How far `typed` is from `code` by one slip: 1 two letters exchanged, 2 neighbouring key, 3 letter missing or too
 * many, 4 another letter; 0 when it takes more than one.
 */
static int slip(const char *typed, size_t n, const char *code, size_t m)
{
    size_t i = 0;
    if (n == m) {
        while (i < n && typed[i] == code[i])
            i++;
        if (i == n)
            return 0;
        if (i + 1 < n && typed[i] == code[i + 1] && typed[i + 1] == code[i] &&
            memcmp(typed + i + 2, code + i + 2, n - i - 2) == 0)
            return 1;
        if (memcmp(typed + i + 1, code + i + 1, n - i - 1) != 0)
            return 0;
        return keys_touch(typed[i], code[i]) ? 2 : 4;
    }
    const char *shorter = n < m ? typed : code, *longer = n < m ? code : typed;
    size_t s = n < m ? n : m, l = n < m ? m : n;
    if (l - s != 1)
        return 0;
    while (i < s && shorter[i] == longer[i])
        i++;
    return memcmp(shorter + i, longer + i + 1, s - i) == 0 ? 3 : 0;
}

/* The best AIRPORT_NEAR_MAX by kind of slip, then those with an ICAO code, then alphabetical. */
static void find_near(const char *code, size_t n, struct airport_lookup *out)
{
    int rank[AIRPORT_NEAR_MAX] = { 0 };
    for (size_t i = 0; i < airport_table_count; i++) {
        const struct airport *a = &airport_table[i];
        if (a->unplaced)
            continue;
        int by_iata = slip(code, n, a->iata, 3), by_icao = a->icao[0] ? slip(code, n, a->icao, 4) : 0;
        int kind = by_iata && (!by_icao || by_iata < by_icao) ? by_iata : by_icao;
        if (!kind)
            continue;
        kind = kind * 2 + !a->icao[0];
        size_t at = out->candidate_count < AIRPORT_NEAR_MAX ? out->candidate_count++ : AIRPORT_NEAR_MAX;
        while (at > 0 && rank[at - 1] > kind) {
            if (at < AIRPORT_NEAR_MAX) {
                rank[at] = rank[at - 1];
                out->candidates[at] = out->candidates[at - 1];
            }
            at--;
        }
        if (at < AIRPORT_NEAR_MAX) {
            rank[at] = kind;
            out->candidates[at] = a;
        }
    }
}

static const struct airport *find_code(const char *code, size_t n)
{
    return n == 3 ? airport_by_iata(code) : n == 4 ? find_icao(code) : NULL;
}

/* Letters of full width that spell a code in plain ones: that is the candidate. */
static void find_narrow(struct airport_lookup *out)
{
    char code[5] = "";
    size_t n = 0;
    for (const char *p = out->code; *p; n++) {
        uint32_t c = character_narrow(character_next(&p));
        if (n == 4 || c > '~')
            return;
        code[n] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    const struct airport *a = find_code(code, n);
    if (a && !a->unplaced)
        out->candidates[out->candidate_count++] = a;
}

enum airport_verdict airport_find(const char *text, struct airport_lookup *out)
{
    memset(out, 0, sizeof *out);
    size_t n = normalise(text ? text : "", out);
    if (n == 0)
        return AIRPORT_BLANK;
    if (out->foreign) {
        find_narrow(out);
        return AIRPORT_UNKNOWN;
    }
    out->airport = find_code(out->code, n);
    if (out->airport)
        return out->airport->unplaced ? AIRPORT_UNPLACED : AIRPORT_FOUND;
    if (n == 3 && find_city(out->code, out))
        return AIRPORT_CITY;
    if (n >= 2 && n <= 5)
        find_near(out->code, n, out);
    return AIRPORT_UNKNOWN;
}

double airport_lat(const struct airport *a)
{
    return a->lat_e6 / 1e6;
}

double airport_lon(const struct airport *a)
{
    return a->lon_e6 / 1e6;
}

const char *airport_name(const struct airport *a)
{
    return airport_names + a->name;
}

const char *airport_iata(const struct airport *a, char out[4])
{
    memcpy(out, a->iata, 3);
    out[3] = '\0';
    return out;
}

const char *airport_country(const struct airport *a, char out[3])
{
    memcpy(out, a->country, 2);
    out[2] = '\0';
    return out;
}

size_t airport_count(void)
{
    return airport_table_count;
}

const struct airport *airport_at(size_t i)
{
    return &airport_table[i];
}
