/* json_walk.c - steps through JSON text by its structure; jansson reads what is to be used. */
#include "runtime/base/json_walk.h"

#include <string.h>

enum { DEPTH = 64 };

struct cursor {
    const char *p, *end;
};

static void skip_blanks(struct cursor *c)
{
    while (c->p < c->end && (*c->p == ' ' || *c->p == '\n' || *c->p == '\r' || *c->p == '\t'))
        c->p++;
}

static bool take(struct cursor *c, char want)
{
    skip_blanks(c);
    if (c->p == c->end || *c->p != want)
        return false;
    c->p++;
    return true;
}

/* Behind the opening quote. */
static bool skip_string(struct cursor *c)
{
    while (c->p < c->end) {
        char x = *c->p++;
        if (x == '"')
            return true;
        if (x == '\\' && c->p < c->end)
            c->p++;
    }
    return false;
}

static bool skip_scalar(struct cursor *c)
{
    const char *from = c->p;
    while (c->p < c->end && !strchr(",]} \n\r\t[{\":", *c->p))
        c->p++;
    return c->p > from;
}

/* Behind an opening bracket, up to and over the one that closes it. */
static bool skip_nested(struct cursor *c, char open)
{
    char stack[DEPTH];
    size_t depth = 1;
    stack[0] = open == '{' ? '}' : ']';
    while (c->p < c->end) {
        char x = *c->p++;
        if (x == '"') {
            if (!skip_string(c))
                return false;
        } else if (x == '{' || x == '[') {
            if (depth == DEPTH)
                return false;
            stack[depth++] = x == '{' ? '}' : ']';
        } else if (x == '}' || x == ']') {
            if (stack[--depth] != x)
                return false;
            if (depth == 0)
                return true;
        }
    }
    return false;
}

static bool skip_value(struct cursor *c, struct span *value)
{
    bool whole;
    skip_blanks(c);
    const char *from = c->p;
    if (from == c->end)
        return false;
    bool string = *from == '"', nested = *from == '{' || *from == '[';
    c->p += string || nested;
    whole = string ? skip_string(c) : nested ? skip_nested(c, *from) : skip_scalar(c);
    *value = (struct span){ from, (size_t)(c->p - from) };
    return whole;
}

/* Every element must be a value, with one comma between two. */
static bool check_elements(struct span elements)
{
    if (elements.n == 0)
        return true;
    struct cursor c = { elements.p, elements.p + elements.n };
    struct span value;
    skip_blanks(&c);
    if (c.p == c.end)
        return true;
    do {
        if (!skip_value(&c, &value))
            return false;
    } while (take(&c, ','));
    skip_blanks(&c);
    return c.p == c.end;
}

struct member {
    struct span name, value; /* the name without its quotes */
};

static bool next_member(struct cursor *c, struct member *m)
{
    if (!take(c, '"'))
        return false;
    m->name.p = c->p;
    if (!skip_string(c))
        return false;
    m->name.n = (size_t)(c->p - m->name.p) - 1;
    return take(c, ':') && skip_value(c, &m->value);
}

static bool copy_member(struct buf *out, const struct member *m)
{
    buf_str(out, out->n > 1 ? ",\"" : "\"");
    buf_add(out, m->name.p, m->name.n);
    buf_str(out, "\":");
    return buf_add(out, m->value.p, m->value.n);
}

bool json_walk_open(struct span text, const char *array, json_t **head, struct span *elements, bool *found)
{
    struct cursor c = { text.p, text.p + text.n };
    struct span inside = { 0 };
    struct member m;
    struct buf rest;
    json_t *made = NULL;
    bool seen = false;
    buf_init(&rest, text.n + 8);
    buf_char(&rest, '{');
    if (!take(&c, '{'))
        goto out;
    if (!take(&c, '}')) {
        do {
            if (!next_member(&c, &m))
                goto out;
            if (!span_eq(m.name, array)) {
                copy_member(&rest, &m);
            } else {
                if (seen || m.value.p[0] != '[')
                    goto out;
                seen = true;
                inside = (struct span){ m.value.p + 1, m.value.n - 2 };
            }
        } while (take(&c, ','));
        if (!take(&c, '}'))
            goto out;
    }
    skip_blanks(&c);
    if (c.p != c.end || !check_elements(inside) || !buf_char(&rest, '}'))
        goto out;
    made = json_loadb(rest.p, rest.n, JSON_REJECT_DUPLICATES, NULL);
    if (made) {
        *head = made;
        *elements = inside;
        *found = seen;
    }
out:
    buf_free(&rest);
    return made != NULL;
}

json_t *json_walk_next(struct span *elements, bool *broken)
{
    *broken = false;
    if (elements->n == 0)
        return NULL;
    struct cursor c = { elements->p, elements->p + elements->n };
    struct span value;
    skip_blanks(&c);
    if (c.p == c.end)
        return NULL;
    json_t *json = skip_value(&c, &value) ? json_loadb(value.p, value.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!json) {
        *broken = true;
        return NULL;
    }
    (void)!take(&c, ',');
    *elements = (struct span){ c.p, (size_t)(c.end - c.p) };
    return json;
}
