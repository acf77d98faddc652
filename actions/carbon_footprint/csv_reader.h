/*
 * csv_reader.h - reads a small CSV file at build time: quoted fields, lines that begin with "#" skipped, header line
 * dropped. Only for the gen_*.c programs, which end the build on any fault.
 */
#ifndef CARBON_CSV_READER_H
#define CARBON_CSV_READER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CSV_COLUMNS = 24, CSV_LINE = 1024 };

struct csv {
    FILE *f;
    char path[512];
    int line;
    char text[CSV_LINE];
    char *column[CSV_COLUMNS];
    int columns; /* that the file must have */
};

static void csv_fault(const struct csv *c, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", c->path, c->line, what);
    exit(1);
}

/* Splits c->text in place. */
static int csv_split(struct csv *c)
{
    int n = 0;
    char *in = c->text, *out = c->text;
    for (;;) {
        if (n == CSV_COLUMNS)
            csv_fault(c, "too many columns");
        c->column[n++] = out;
        if (*in == '"') {
            for (in++; *in && !(*in == '"' && in[1] != '"'); in++) {
                if (*in == '"')
                    in++;
                *out++ = *in;
            }
            if (*in++ != '"')
                csv_fault(c, "quote not closed");
        } else {
            while (*in && *in != ',')
                *out++ = *in++;
        }
        int more = *in == ',';
        in++;
        *out++ = '\0';
        if (!more)
            return n;
    }
}

/* Next row; 0 at the end. */
static int csv_next(struct csv *c)
{
    while (fgets(c->text, sizeof c->text, c->f)) {
        c->line++;
        size_t n = strcspn(c->text, "\r\n");
        if (!c->text[n])
            csv_fault(c, "line too long or not ended");
        c->text[n] = '\0';
        if (!n || c->text[0] == '#')
            continue;
        if (csv_split(c) != c->columns)
            csv_fault(c, "wrong number of columns");
        return 1;
    }
    fclose(c->f);
    return 0;
}

/* Opens folder/data/name and skips its header line. */
static void csv_open(struct csv *c, const char *folder, const char *name, int columns)
{
    memset(c, 0, sizeof *c);
    c->columns = columns;
    snprintf(c->path, sizeof c->path, "%s/data/%s", folder, name);
    c->f = fopen(c->path, "r");
    if (!c->f) {
        perror(c->path);
        exit(1);
    }
    if (!csv_next(c))
        csv_fault(c, "no header line");
}

/* A number that the whole column is. */
static inline double csv_number(const struct csv *c, int column)
{
    char *end;
    double v = strtod(c->column[column], &end);
    if (end == c->column[column] || *end)
        csv_fault(c, "not a number");
    return v;
}

#endif
