/* pattern.c - a strict parser for the common subset, then regcomp. */
#include "runtime/schema/pattern.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"

struct pattern {
    regex_t regex;
};

/* The parser: a cursor, what is wrong, and how far the quantifiers multiply. */
struct parse {
    const char *at;
    const char *fault;
    int depth;
    bool anchored; /* what was read since this was cleared holds ^ or $ */
};

enum { MAX_GROUPS_DEEP = 8, MAX_REPEAT = 255 };

static bool fail(struct parse *p, const char *fault)
{
    if (!p->fault)
        p->fault = fault;
    return false;
}

static bool alternatives(struct parse *p, size_t *steps);

/* One end of a range: printable ASCII that means itself in both languages. */
static bool class_char(struct parse *p, char *out)
{
    char c = *p->at;
    if (c == '[' || c == '\\' || c == ']' || c == '^')
        return fail(p, "inside a class, [ ] \\ and ^ mean different things in ECMAScript and POSIX; leave them out");
    if (!char_printable(c))
        return fail(p, "a class may hold printable ASCII only");
    *out = c;
    p->at++;
    return true;
}

/* Behind "[", up to and with "]". */
static bool class_rest(struct parse *p)
{
    if (*p->at == '^')
        return fail(
            p,
            "a negated class matches bytes here and UTF-16 units in ECMAScript; name the characters that are allowed");
    if (*p->at == ']')
        return fail(p, "a class is empty");
    while (*p->at != ']') {
        char from, to;
        if (!*p->at)
            return fail(p, "a class is not closed by ]");
        bool dash = *p->at == '-', first = p->at[-1] == '[';
        if (!class_char(p, &from))
            return false;
        if (dash && !first && *p->at != ']')
            return fail(p, "a - that means itself stands first or last in its class");
        if (*p->at != '-' || p->at[1] == ']' || dash)
            continue;
        p->at++;
        if (!class_char(p, &to))
            return false;
        if (to < from)
            return fail(p, "a range in a class runs backwards");
    }
    p->at++;
    return true;
}

static bool number(struct parse *p, int *out)
{
    if (!char_digit(*p->at))
        return fail(p, "{ opens a count: {m}, {m,} or {m,n}; write \\{ for the character");
    *out = 0;
    while (char_digit(*p->at)) {
        *out = *out * 10 + (*p->at++ - '0');
        if (*out > MAX_REPEAT)
            return fail(p, "a count is at most 255");
    }
    return true;
}

/* {m}, {m,} or {m,n}; *times is how often the atom is unrolled. */
static bool count(struct parse *p, size_t *times)
{
    int low, high;
    if (!number(p, &low))
        return false;
    high = low;
    if (*p->at == ',') {
        p->at++;
        if (*p->at == '}')
            high = low + 1;
        else if (!number(p, &high))
            return false;
    }
    if (*p->at != '}')
        return fail(p, "{ opens a count: {m}, {m,} or {m,n}; write \\{ for the character");
    if (high < low)
        return fail(p, "a count {m,n} has m above n");
    p->at++;
    *times = (size_t)high + 1;
    return true;
}

static bool quantifier(struct parse *p, size_t *steps)
{
    size_t times = 1;
    char c = *p->at;
    if (c == '*' || c == '+' || c == '?') {
        p->at++;
    } else if (c == '{') {
        p->at++;
        if (!count(p, &times))
            return false;
    } else {
        return true;
    }
    *steps *= times;
    if (*p->at && strchr("*+?{", *p->at))
        return fail(p, "a quantifier follows a quantifier; lazy and possessive ones are not known here");
    return true;
}

static bool group(struct parse *p, size_t *steps)
{
    if (*p->at == '?')
        return fail(p, "(? opens look-around or a non-capturing group; write a plain group");
    if (++p->depth > MAX_GROUPS_DEEP)
        return fail(p, "groups are nested too deep");
    if (!alternatives(p, steps))
        return false;
    if (*p->at != ')')
        return fail(p, "a group is not closed by )");
    p->at++;
    p->depth--;
    return true;
}

static bool escape(struct parse *p)
{
    if (!*p->at || !strchr("^$\\.*+?()[]{}|", *p->at))
        return fail(
            p, "\\ may stand only before ^ $ \\ . * + ? ( ) [ ] { } |; write a class such as [0-9] instead of \\d");
    p->at++;
    return true;
}

static bool atom(struct parse *p, size_t *steps)
{
    char c = *p->at;
    *steps = 1;
    if (c == '.')
        return fail(p,
                    ". matches a byte here and a UTF-16 unit in ECMAScript; name the allowed characters, or write \\.");
    if (strchr("*+?{", c))
        return fail(p, "a quantifier has nothing to repeat");
    if (c == ']' || c == '}')
        return fail(p, "] and } need a \\ when they mean themselves");
    if (c == '^' || c == '$')
        return fail(p, "^ stands only at the beginning and $ only at the end of the pattern or of a branch");
    if (!char_printable(c))
        return fail(p, "only printable ASCII is allowed");
    p->at++;
    if (c == '[')
        return class_rest(p);
    if (c == '(')
        return group(p, steps);
    if (c == '\\')
        return escape(p);
    return true;
}

static bool branch_ends(const char *at)
{
    return !*at || *at == '|' || *at == ')';
}

/* An atom with its quantifier. Anchors are not repeated: glibc lets ^ and $ hold in the later rounds of a group. */
static bool piece(struct parse *p, size_t *steps)
{
    bool before = p->anchored;
    p->anchored = false;
    if (!atom(p, steps))
        return false;
    if (p->anchored && *p->at && strchr("*+?{", *p->at))
        return fail(p, "a group that holds ^ or $ cannot be repeated; write the anchor outside of it");
    p->anchored = p->anchored || before;
    return quantifier(p, steps);
}

static bool branch(struct parse *p, size_t *steps)
{
    *steps = 0;
    if (*p->at == '^') {
        p->anchored = true;
        p->at++;
    }
    if (branch_ends(p->at))
        return fail(p, "a pattern, group or alternative is empty");
    while (!branch_ends(p->at)) {
        size_t one;
        if (*p->at == '$' && branch_ends(p->at + 1) && *steps) {
            p->anchored = true;
            p->at++;
            break;
        }
        if (!piece(p, &one))
            return false;
        *steps += one; /* at most 512 atoms of 256 * PATTERN_STEPS: no overflow */
    }
    return true;
}

static bool alternatives(struct parse *p, size_t *steps)
{
    size_t total = 0, one;
    for (;;) {
        if (!branch(p, &one))
            return false;
        total += one;
        if (total > PATTERN_STEPS)
            return fail(p, "its counts multiply to too many steps; make them smaller");
        if (*p->at != '|')
            break;
        p->at++;
    }
    *steps = total;
    return true;
}

struct pattern *pattern_new(const char *text, char *why, size_t size)
{
    struct parse parse = { .at = text };
    size_t steps;
    if (strlen(text) > PATTERN_TEXT) {
        snprintf(why, size, "a pattern has at most %d characters", PATTERN_TEXT);
        return NULL;
    }
    if (alternatives(&parse, &steps) && *parse.at)
        fail(&parse, "a ) closes no group; write \\) for the character");
    if (parse.fault) {
        snprintf(why, size, "at character %zu: %s", (size_t)(parse.at - text) + 1, parse.fault);
        return NULL;
    }
    struct pattern *p = calloc(1, sizeof *p);
    int code = p ? regcomp(&p->regex, text, REG_EXTENDED | REG_NOSUB) : REG_ESPACE;
    if (code) {
        snprintf(why, size, "the system's regular expressions refuse it (code %d)", code);
        free(p);
        return NULL;
    }
    return p;
}

void pattern_free(struct pattern *p)
{
    if (p)
        regfree(&p->regex);
    free(p);
}

bool pattern_match(const struct pattern *p, struct span s)
{
    regmatch_t whole = { .rm_so = 0, .rm_eo = (regoff_t)s.n };
    return s.n <= PATTERN_INPUT && regexec(&p->regex, s.p, 1, &whole, REG_STARTEND) == 0;
}
