/* names.c - rules for names. */
#include "runtime/names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Apex Developer Guide, "Reserved Keywords"; sorted. */
static const char *const reserved[] = {
    "abstract", "activate",   "and",        "any",         "array",        "as",         "asc",        "autonomous",
    "begin",    "bigdecimal", "blob",       "boolean",     "break",        "bulk",       "by",         "byte",
    "case",     "cast",       "catch",      "char",        "class",        "collect",    "commit",     "const",
    "continue", "currency",   "date",       "datetime",    "decimal",      "default",    "delete",     "desc",
    "do",       "double",     "else",       "end",         "enum",         "exception",  "exit",       "export",
    "extends",  "false",      "final",      "finally",     "float",        "for",        "from",       "global",
    "goto",     "group",      "having",     "hint",        "if",           "implements", "import",     "in",
    "inner",    "insert",     "instanceof", "int",         "integer",      "interface",  "into",       "join",
    "like",     "limit",      "list",       "long",        "loop",         "map",        "merge",      "new",
    "not",      "null",       "number",     "object",      "of",           "on",         "or",         "order",
    "outer",    "override",   "package",    "parallel",    "pragma",       "private",    "protected",  "public",
    "retrieve", "return",     "rollback",   "select",      "set",          "short",      "sobject",    "sort",
    "static",   "string",     "super",      "switch",      "synchronized", "system",     "testmethod", "then",
    "this",     "throw",      "time",       "transaction", "trigger",      "true",       "try",        "type",
    "undelete", "update",     "upsert",     "using",       "virtual",      "void",       "webservice", "when",
    "where",    "while"
};

static int nocase(const void *a, const void *b)
{
    return strcasecmp(a, *(const char *const *)b);
}

/* An Apex reserved word, whatever its case: Salesforce would put "z0" before it. */
static bool is_reserved(const char *name)
{
    return bsearch(name, reserved, sizeof reserved / sizeof *reserved, sizeof *reserved, nocase) != NULL;
}

static bool letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool letter_or_digit(char c)
{
    return letter(c) || (c >= '0' && c <= '9');
}

const char *name_fault(const char *name, size_t max)
{
    if (!letter(*name))
        return "a name begins with a letter";
    for (const char *c = name; *c; c++) {
        if (*c == '_')
            return "Salesforce turns _ into x5f; write the name in camelCase";
        if (!letter_or_digit(*c))
            return "a name holds only letters and digits, others are turned into hex codes";
    }
    if (strlen(name) > max)
        return "the name is too long";
    if (is_reserved(name))
        return "the name is a reserved word of Apex, which becomes z0 and the name; choose a longer one, such as "
               "recordType for type";
    return NULL;
}

bool name_is_developer_name(const char *name, size_t max)
{
    size_t n = strlen(name);
    if (!letter(*name) || n > max || name[n - 1] == '_' || strstr(name, "__"))
        return false;
    for (const char *c = name; *c; c++)
        if (!letter_or_digit(*c) && *c != '_')
            return false;
    return true;
}

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
            size_t best = diagonal + (tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]));
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

bool name_is_near(const char *a, const char *b)
{
    char x[NEAR_MAX + 1], y[NEAR_MAX + 1];
    size_t n = letters(a, x), m = letters(b, y);
    if (!n || !m)
        return false;
    size_t slack = m < 4 ? 0 : m < 8 ? 1 : 2;
    return distance(x, n, y, m) <= slack;
}
