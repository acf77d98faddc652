/*
 * carbon_rows.h - rows of carbon vectors from a CSV file: cells under the names of the first line, in any order.
 */
#ifndef TESTS_CARBON_ROWS_H
#define TESTS_CARBON_ROWS_H

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 24, MAX_CELLS = 64 };
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
    return end != s && !end[strspn(end, " ")] && isfinite(*out);
}

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

#endif
