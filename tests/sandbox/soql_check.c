/*
 * soql_check.c - what the sandbox's SOQL parser decides.
 *
 *     soql_check <queries     one query a line, as a JSON string; answers "ok", "syntax MESSAGE" or "rule MESSAGE" for
 * each
 *
 * A rule is what the org refuses beyond the grammar: AND beside OR or NOT without parentheses.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/soql/soql.h"

static void decide(const char *text, size_t n)
{
    struct soql_arena *arena = NULL;
    struct soql_error error;
    struct soql_query *q = soql_parse(text, n, &arena, &error);
    if (!q)
        printf("syntax %zd %s\n", (ssize_t)error.at, error.message);
    else if (!soql_check(q, &error))
        printf("rule %zd %s\n", (ssize_t)error.at, error.message);
    else
        printf("ok\n");
    soql_free(arena);
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    while ((n = getline(&line, &room, stdin)) > 0) {
        json_t *text = json_loadb(line, (size_t)n, JSON_DECODE_ANY, NULL);
        if (!json_is_string(text)) {
            fprintf(stderr, "soql_check: not a JSON string: %s", line);
            return 65;
        }
        decide(json_string_value(text), json_string_length(text));
        json_decref(text);
    }
    free(line);
    return 0;
}
