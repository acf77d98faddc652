/* apex_names.c - rules for names. */
#include "runtime/declare/apex_names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/base/chars.h"

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

const char *name_fault(const char *name, size_t max)
{
    if (!char_letter(*name))
        return "a name begins with a letter";
    for (const char *c = name; *c; c++) {
        if (*c == '_')
            return "Salesforce turns _ into x5f; write the name in camelCase";
        if (!char_alnum(*c))
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
    if (!char_letter(*name) || n > max || name[n - 1] == '_' || strstr(name, "__"))
        return false;
    for (const char *c = name; *c; c++)
        if (!char_alnum(*c) && *c != '_')
            return false;
    return true;
}
