/* near.c - Levenshtein distance. */
#include "runtime/base/near.h"

#include <stddef.h>

#include "runtime/base/chars.h"

enum { NEAR_MAX = 40 };

/* Levenshtein distance of two short names, without case. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
    size_t row[NEAR_MAX + 1];
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = diagonal + (char_to_lower(a[i - 1]) != char_to_lower(b[j - 1]));
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[m];
}

/* The name without its underscores, blanks and hyphens; 0 when it is too long. */
static size_t letters(const char *name, char out[NEAR_MAX + 1])
{
    size_t n = 0;
    for (; *name; name++) {
        if (*name == '_' || *name == '-' || *name == ' ')
            continue;
        if (n == NEAR_MAX)
            return 0;
        out[n++] = *name;
    }
    return n;
}

bool near_name(const char *a, const char *b)
{
    char x[NEAR_MAX + 1], y[NEAR_MAX + 1];
    size_t n = letters(a, x), m = letters(b, y);
    if (!n || !m)
        return false;
    size_t slack = m < 4 ? 0 : m < 8 ? 1 : 2;
    return distance(x, n, y, m) <= slack;
}
