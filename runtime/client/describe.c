/*
 * describe.c - what a user can see of an object: names, types and rights of its fields, remembered in the front's cache
 * per org, user and access token for ten minutes. The remembered form is one line per field, "name type length flags",
 * well under 64 KiB even for the widest object.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/json_walk.h"
#include "runtime/client/client_parts.h"

enum {
    DESCRIBE_TTL_S = 600,
    DESCRIBE_MAX = 256 * 1024 /* of the short form within one call; only up to LIMIT_CACHE_ENTRY is shared */
};

/* One object within one call. */
struct sf_describe {
    struct sf_describe *next;
    char object[81];
    struct span lines; /* "" = dropped */
};

static bool cache_key(const struct sf_org *org, const char *object, char out[LIMIT_CACHE_KEY])
{
    /* No action's key begins like this: theirs begin with a digit. */
    char owner[CACHE_OWNER];
    if (!org->session.id[0] || !cache_owner(&org->session, owner))
        return false;
    int n = snprintf(out, LIMIT_CACHE_KEY, "describe|%s|%s|%s", org->session.id, owner, object);
    if (n <= 0 || n >= LIMIT_CACHE_KEY)
        return false;
    copy_lower(out + n - strlen(object), strlen(object) + 1, span_of(object)); /* one key, however it is written */
    return true;
}

static struct sf_describe *remember(struct sf_org *org, const char *object, struct span lines)
{
    struct sf_describe *d = act_alloc(org->call, sizeof *d);
    char *copy = act_alloc(org->call, lines.n + 1);
    memcpy(copy, lines.p, lines.n);
    copy_text(d->object, sizeof d->object, object);
    d->lines = (struct span){ copy, lines.n };
    d->next = org->describes;
    return org->describes = d;
}

static struct sf_describe *recall(struct sf_org *org, const char *object)
{
    const struct services *front = org->call->front;
    char key[LIMIT_CACHE_KEY];
    void *p = NULL;
    size_t n = 0;
    int64_t age;
    struct sf_describe *found = NULL;
    for (struct sf_describe *d = org->describes; d; d = d->next)
        if (strcasecmp(d->object, object) == 0)
            return d->lines.n ? d : NULL;
    if (!front || !cache_key(org, object, key) || !front->cache_get(front->ctx, key, &p, &n, &age))
        return NULL;
    if (n)
        found = remember(org, object, (struct span){ p, n });
    free(p);
    return found;
}

void describe_drop(struct sf_org *org, const char *object)
{
    const struct services *front = org->call->front;
    char key[LIMIT_CACHE_KEY];
    /* Both are overwritten with nothing, which counts as not remembered. */
    remember(org, object, (struct span){ "", 0 });
    if (front && cache_key(org, object, key))
        front->cache_put(front->ctx, key, "", 0, 1);
}

static bool add_line(struct buf *out, const json_t *field)
{
    const char *name = json_string_value(json_object_get(field, "name"));
    const char *type = json_string_value(json_object_get(field, "type"));
    if (!sf_name_ok(name, false) || !type || strlen(type) >= sizeof((struct sf_field *)0)->type || strpbrk(type, " \n"))
        return false;
    return buf_fmt(out, "%s %s %lld %s%s\n", name, type,
                   (long long)json_integer_value(json_object_get(field, "length")),
                   json_is_true(json_object_get(field, "createable")) ? "c" : "",
                   json_is_true(json_object_get(field, "updateable")) ? "u" : "");
}

/* Field by field, so that a describe of megabytes never stands in memory as a tree. */
static bool shorten(struct span text, struct buf *out)
{
    json_t *head = NULL, *field;
    struct span fields = { 0 };
    bool found = false, broken = false, ok = true;
    if (!json_walk_open(text, "fields", &head, &fields, &found))
        return false;
    json_decref(head);
    while (found && ok && (field = json_walk_next(&fields, &broken))) {
        ok = add_line(out, field);
        json_decref(field);
    }
    return found && ok && !broken && out->n > 0;
}

static struct sf_describe *take(struct sf_org *org, const char *object, struct span text)
{
    const struct services *front = org->call->front;
    char key[LIMIT_CACHE_KEY];
    struct buf lines;
    struct sf_describe *made = NULL;
    buf_init(&lines, DESCRIBE_MAX);
    if (shorten(text, &lines)) {
        made = remember(org, object, (struct span){ lines.p, lines.n });
        if (front && lines.n <= LIMIT_CACHE_ENTRY && cache_key(org, object, key))
            front->cache_put(front->ctx, key, lines.p, lines.n, DESCRIBE_TTL_S);
    }
    buf_free(&lines);
    return made;
}

bool describe_known(struct sf_org *org, const char *object)
{
    return recall(org, object) != NULL;
}

bool describe_take(struct sf_org *org, const char *object, struct span text)
{
    return take(org, object, text) != NULL;
}

static struct sf_describe *fetch(struct sf_org *org, const char *object, struct sf_error *err)
{
    struct http_reply r;
    struct org_request q = { .method = "GET",
                             .path = org_path(org, "sobjects/%s/describe", object),
                             .repeatable = true };
    if (!org_send(org, &q, &r, err))
        return NULL;
    struct sf_describe *made = take(org, object, (struct span){ r.body.p, r.body.n });
    if (!made) {
        sf_error_set(err, r.status, "BAD_REPLY", "The org's description of %s is incomplete.", object);
        err->other_org = org->session.authorization[0] != '\0';
    }
    http_reply_free(&r);
    return made;
}

static struct sf_describe *get(struct sf_org *org, const char *object, struct sf_error *err)
{
    sf_error_clear(err);
    if (!sf_name_ok(object, false)) {
        sf_error_set(err, 0, "BAD_VALUE", "An object's name has letters, digits and \"_\" only.");
        return NULL;
    }
    struct sf_describe *d = recall(org, object);
    return d ? d : fetch(org, object, err);
}

/* The line of a field, its name compared without case. */
static bool find_line(const struct sf_describe *d, const char *name, struct span *rest_of_line)
{
    struct span lines = d->lines, line, word;
    while (span_split(&lines, '\n', &line))
        if (span_split(&line, ' ', &word) && span_eq_nocase(word, name)) {
            *rest_of_line = line;
            return true;
        }
    return false;
}

static void read_line(struct span line, struct sf_field *field)
{
    struct span type = { 0 }, length = { 0 };
    (void)span_split(&line, ' ', &type);
    (void)span_split(&line, ' ', &length);
    *field = (struct sf_field){ .createable = line.n && memchr(line.p, 'c', line.n),
                                .updateable = line.n && memchr(line.p, 'u', line.n) };
    copy_span(field->type, sizeof field->type, type);
    for (size_t i = 0; i < length.n && i < 9; i++)
        if (char_digit(length.p[i]))
            field->length = field->length * 10 + (length.p[i] - '0');
}

bool sf_describe_field(struct sf_org *org, const char *object, const char *name, struct sf_field *field,
                       struct sf_error *err)
{
    struct span line;
    const struct sf_describe *d = get(org, object, err);
    if (!d || !find_line(d, name, &line))
        return false;
    if (field)
        read_line(line, field);
    return true;
}

bool describe_seen(struct sf_org *org, const char *object, const char *const *fields, size_t count, bool *seen,
                   struct sf_error *err)
{
    struct span line;
    const struct sf_describe *d = get(org, object, err);
    if (!d)
        return false;
    for (size_t i = 0; i < count; i++)
        seen[i] = find_line(d, fields[i], &line);
    return true;
}
