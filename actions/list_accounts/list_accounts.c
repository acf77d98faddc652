/*
 * list_accounts.c - the accounts of every org that the caller may use, as one list: which orgs, from where on, and what
 * the caller gets. An org that fails is told of; the others are shown.
 */
#include "actions/list_accounts/view.h"

#include <stdio.h>
#include <string.h>

enum {
    PAGE = 50,
    CURSOR_AGE_S = 12 * 3600,
    ORG_MS = 10000, /* no org is waited for any longer, so that the others are seen */
    GIVE_UP = 3     /* answers in a row that nothing but failures could have added to */
};

const char *const view_keys[] = { "name", "city", "owner", NULL };

static enum view_key key_of(const char *word)
{
    for (int i = 0; word && view_keys[i]; i++)
        if (strcmp(view_keys[i], word) == 0)
            return (enum view_key)i;
    return KEY_NAME;
}

static const char *text_of(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));
    return text ? text : "";
}

/* ---- which orgs ---- */

static bool is_named(const struct view *v, const char *name)
{
    for (size_t i = 0; i < v->n; i++)
        if (strcmp(v->sources[i].name, name) == 0)
            return true;
    return false;
}

static struct source *add_source(struct view *v, const char *name)
{
    struct source *s = &v->sources[v->n++];
    *s = (struct source){ .name = act_strdup(v->call, name), .total = -1 };
    return s;
}

/* Refused as a whole: what a caller may not use, or what is not there, was not meant to be left out. */
static bool is_refusal(const struct sf_error *err)
{
    return err->from_host && (err->status == 403 || err->status == 404);
}

static enum act_outcome refuse_name(struct act_call *call, const struct sf_error *err, size_t i)
{
    return act_refuse(call, err->code, act_printf(call, "/connections/%zu", i), "%s", err->message);
}

static enum act_outcome name_sources(struct view *v, const json_t *in)
{
    const json_t *wanted = json_object_get(in, "connections"), *one;
    const char *const *names = NULL;
    size_t i, n = act_connections(v->call, &names);
    v->sources = act_alloc(v->call, (n + json_array_size(wanted) + 1) * sizeof *v->sources);
    json_array_foreach (wanted, i, one)
        if (!is_named(v, json_string_value(one)))
            add_source(v, json_string_value(one));
    if (wanted)
        return ACT_OK;
    for (i = 0; i < n; i++)
        add_source(v, names[i]);
    if (n == 0 && act_connections_all(v->call))
        return act_refuse(v->call, "no_connections", NULL,
                          "This host has no connections. Authorize an org for this app in Heroku AppLink, and add the "
                          "authorization's name to CONNECTIONS.");
    if (n == 0)
        add_source(v, ACT_OWN_ORG);
    return ACT_OK;
}

/* ---- the cursor ---- */

static json_t *write_cursor(const struct view *v)
{
    json_t *list = json_array();
    for (size_t i = 0; i < v->n; i++) {
        const struct source *s = &v->sources[i];
        json_t *o = json_pack("{s:s, s:b}", "n", s->name, "e", s->ended);
        if (s->org)
            json_object_set_new(o, "o", json_string(sf_whose(s->org).org_id));
        if (s->last_id)
            json_object_set_new(o, "i", json_string(s->last_id));
        if (s->last)
            json_object_set_new(o, "v", json_string(s->last));
        if (s->total >= 0)
            json_object_set_new(o, "t", json_integer(s->total));
        json_array_append_new(list, o);
    }
    return json_pack("{s:s, s:b, s:s, s:i, s:o}", "k", view_keys[v->key], "d", v->descending, "q", v->search, "f",
                     v->failures, "s", list);
}

static enum act_outcome bad_cursor(struct act_call *call, const char *why)
{
    return act_refuse(call, "cursor_not_usable", "/cursor", "%s", why);
}

static const char *copy_of(struct view *v, const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));
    return text ? act_strdup(v->call, text) : NULL;
}

/* Which org a position belongs to is looked at when the connection is opened: kept in same_as until then. */
static enum act_outcome read_cursor(struct view *v, const json_t *in)
{
    char why[200];
    json_t *c = act_own(v->call, act_cursor_read(v->call, text_of(in, "cursor"), CURSOR_AGE_S, why, sizeof why));
    const json_t *list = json_object_get(c, "s"), *one;
    size_t i;
    if (!c)
        return bad_cursor(v->call, why);
    if (json_object_get(in, "connections") || json_object_get(in, "search") || json_object_get(in, "sortBy") ||
        json_object_get(in, "descending"))
        return act_refuse(v->call, "cursor_not_usable", "/cursor",
                          "A cursor goes on with the list that it came from. Send it with pageSize alone, or leave it "
                          "out to start again from the top.");
    v->key = key_of(text_of(c, "k"));
    v->descending = json_is_true(json_object_get(c, "d"));
    v->search = text_of(c, "q");
    v->failures = (int)json_integer_value(json_object_get(c, "f"));
    v->sources = act_alloc(v->call, (json_array_size(list) + 1) * sizeof *v->sources);
    json_array_foreach (list, i, one) {
        const json_t *total = json_object_get(one, "t");
        struct source *s = add_source(v, text_of(one, "n"));
        s->ended = json_is_true(json_object_get(one, "e"));
        s->last_id = copy_of(v, one, "i");
        s->last = copy_of(v, one, "v");
        s->total = total ? json_integer_value(total) : -1;
        s->same_as = copy_of(v, one, "o");
    }
    return ACT_OK;
}

/* ---- sessions ---- */

/* The connection before this one that leads to the same org. */
static const char *twin_of(const struct view *v, size_t at)
{
    const char *id = sf_whose(v->sources[at].org).org_id;
    for (size_t i = 0; i < at; i++)
        if (v->sources[i].org && !v->sources[i].same_as && strcmp(sf_whose(v->sources[i].org).org_id, id) == 0)
            return v->sources[i].name;
    return NULL;
}

static enum act_outcome open_sources(struct view *v)
{
    const char **names = act_alloc(v->call, (v->n + 1) * sizeof *names);
    for (size_t i = 0; i < v->n; i++)
        names[i] = v->sources[i].name;
    act_connections_expect(v->call, names, v->n);
    for (size_t i = 0; i < v->n; i++) {
        struct source *s = &v->sources[i];
        const char *before = s->same_as;
        s->same_as = NULL;
        s->org = act_connection(v->call, s->name, &s->err);
        if (!s->org && is_refusal(&s->err))
            return refuse_name(v->call, &s->err, i);
        if (!s->org)
            continue;
        s->err = (struct sf_error){ 0 };
        if (before && strcmp(before, sf_whose(s->org).org_id) != 0)
            return bad_cursor(v->call, "A connection leads to another org now: the list has changed since. Leave the "
                                       "cursor out to start again from the top.");
        s->same_as = twin_of(v, i);
    }
    return ACT_OK;
}

/* ---- the answer ---- */

struct count {
    size_t answered, failed, asked;
    int64_t total;
    bool total_known, more, failed_rest;
};

static struct count count_sources(const struct view *v)
{
    struct count c = { .total_known = true };
    for (size_t i = 0; i < v->n; i++) {
        const struct source *s = &v->sources[i];
        if (s->same_as)
            continue;
        c.asked++;
        c.failed += s->err.code[0] != '\0';
        c.answered += s->err.code[0] == '\0';
        c.more = c.more || (!s->err.code[0] && !s->ended);
        c.failed_rest = c.failed_rest || (s->err.code[0] && !s->ended);
        c.total_known = c.total_known && s->total >= 0;
        c.total += s->total > 0 ? s->total : 0;
    }
    return c;
}

static json_t *warnings_of(const struct view *v, const json_t *rows)
{
    json_t *list = json_array();
    const json_t *row;
    size_t i, partial = 0;
    json_array_foreach (rows, i, row)
        partial += json_is_true(json_object_get(row, "openAmountsPartial"));
    if (partial)
        json_array_append_new(list, json_pack("{s:s, s:o}", "code", "amounts_partial", "message",
                                              json_sprintf("%zu accounts have more open opportunities than were added "
                                                           "up; their open amounts are at least what is shown.",
                                                           partial)));
    for (i = 0; i < v->n; i++) {
        const struct source *s = &v->sources[i];
        if (s->same_as || s->err.code[0] ||
            !((s->lacks & LACK_CITY && (v->key == KEY_CITY || *v->search)) ||
              (s->lacks & LACK_OWNER && v->key == KEY_OWNER)))
            continue;
        json_array_append_new(
            list, json_pack("{s:s, s:o}", "code", "field_missing", "message",
                            json_sprintf("%s has no field %s for this user, so it was not sorted or searched by it.",
                                         s->name, s->lacks & LACK_CITY ? "City" : "Owner")));
    }
    return list;
}

static const char *message_of(const struct view *v, size_t rows, const struct count *c)
{
    const char *of = c->total_known ? act_printf(v->call, " of %lld", (long long)c->total) : "";
    const char *from = act_printf(v->call, "%zu%s account%s from %zu org%s", rows, of, rows == 1 && !*of ? "" : "s",
                                  c->answered, c->answered == 1 ? "" : "s");
    if (!c->failed)
        return act_printf(v->call, "%s.", from);
    const char *missing = "";
    for (size_t i = 0; i < v->n; i++)
        if (v->sources[i].err.code[0] && !v->sources[i].same_as)
            missing = act_printf(v->call, "%s%s%s", missing, *missing ? ", " : "", v->sources[i].name);
    return act_printf(v->call, "%s. Missing: %s.", from, missing);
}

static enum act_outcome answer(struct view *v, json_t **out)
{
    json_t *rows = view_merge(v), *orgs = json_array();
    struct count c = count_sources(v);
    for (size_t i = 0; i < v->n; i++)
        json_array_append_new(orgs, source_report(&v->sources[i]));
    json_t *o = json_pack("{s:o, s:o, s:b, s:s, s:o}", "accounts", rows, "orgs", orgs, "complete", !c.more && !c.failed,
                          "message", message_of(v, json_array_size(rows), &c), "warnings", warnings_of(v, rows));
    if (!o)
        return ACT_FAULT;
    if (c.total_known)
        json_object_set_new(o, "total", json_integer(c.total));
    v->failures = json_array_size(rows) || c.more ? 0 : v->failures + 1;
    if (c.more || (c.failed_rest && v->failures < GIVE_UP)) {
        const char *cursor = act_cursor_make(v->call, act_own(v->call, write_cursor(v)));
        if (cursor)
            json_object_set_new(o, "cursor", json_string(cursor));
    }
    *out = o;
    return ACT_OK;
}

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    const json_t *size = json_object_get(in, "pageSize");
    struct view v = { .call = call,
                      .key = key_of(text_of(in, "sortBy")),
                      .descending = json_is_true(json_object_get(in, "descending")),
                      .search = text_of(in, "search"),
                      .page_size = size ? (size_t)json_integer_value(size) : PAGE };
    int left = act_time_left_ms(call);
    v.end_ms = left > ORG_MS + 1000 ? left - ORG_MS : 1000;
    enum act_outcome o = json_object_get(in, "cursor") ? read_cursor(&v, in) : name_sources(&v, in);
    if (o == ACT_OK)
        o = open_sources(&v);
    if (o != ACT_OK)
        return o;
    view_ask(&v);
    return answer(&v, out);
}

const struct action list_accounts_action = { .run = run };
