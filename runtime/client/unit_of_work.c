/* unit_of_work.c - units of work: composite graphs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/client/client_parts.h"

struct unit_step {
    json_t *node;        /* as it is sent */
    char id[SF_ID_SIZE]; /* known before, for update and delete */
    char kind[100];      /* method and object: the org counts different ones */
    char ref[40];        /* "@{ref0.id}" */
    struct sf_result result;
};

struct sf_unit {
    struct sf_org *org;
    struct unit_step *steps;
    size_t n, room;
    bool repeatable;   /* upserts only */
    bool sent, failed; /* `failed`: a step could not be built */
    struct sf_error error;
};

static void unit_free(void *ptr)
{
    struct sf_unit *unit = ptr;
    for (size_t i = 0; i < unit->n; i++)
        json_decref(unit->steps[i].node);
    free(unit->steps);
}

struct sf_unit *sf_unit_new(struct sf_org *org)
{
    struct sf_unit *unit = act_alloc(org->call, sizeof *unit);
    unit->org = org;
    unit->repeatable = true;
    act_defer(org->call, unit_free, unit);
    return unit;
}

/* ---- steps ---- */

struct step_parts {
    const char *method, *object, *path; /* path behind "sobjects/" */
    const char *id;
    const json_t *fields;
    const char *not_in_body; /* a member that stands in the path */
};

static json_t *make_node(const struct sf_unit *unit, const struct step_parts *p, const char *ref)
{
    json_t *node = json_pack("{s:s, s:s, s:s}", "method", p->method, "url", org_path(unit->org, "sobjects/%s", p->path),
                             "referenceId", ref);
    if (!node || !p->fields)
        return node;
    if (json_object_set_new(node, "body", record_without(unit->org, p->fields, p->not_in_body))) {
        json_decref(node);
        return NULL;
    }
    return node;
}

static struct unit_step *room_for_step(struct sf_unit *unit)
{
    if (unit->n == LIMIT_GRAPH_NODES || unit->sent)
        return NULL;
    if (unit->n == unit->room) {
        size_t room = unit->room ? unit->room * 2 : 8;
        struct unit_step *more = realloc(unit->steps, room * sizeof *more);
        if (!more)
            return NULL;
        unit->steps = more;
        unit->room = room;
    }
    memset(&unit->steps[unit->n], 0, sizeof *unit->steps);
    return &unit->steps[unit->n];
}

/* An id, or the reference of another step. */
static bool id_or_ref(const char *id)
{
    if (strncmp(id, "@{ref", 5) != 0)
        return sf_id_plain(id);
    size_t n = strspn(id + 5, "0123456789");
    return n > 0 && n < 4 && strcmp(id + 5 + n, ".id}") == 0;
}

static const char *add(struct sf_unit *unit, const struct step_parts *p)
{
    char ref[32];
    struct unit_step *s = room_for_step(unit);
    bool named = sf_name_ok(p->object, false) && (!p->id || id_or_ref(p->id));
    if (!s || !named || !p->path) {
        /* Without this step the others would be half of what was meant. */
        unit->failed = true;
        return NULL;
    }
    snprintf(ref, sizeof ref, "ref%zu", unit->n);
    s->node = make_node(unit, p, ref);
    if (!s->node) {
        unit->failed = true;
        return NULL;
    }
    snprintf(s->ref, sizeof s->ref, "@{%s.id}", ref);
    snprintf(s->kind, sizeof s->kind, "%s %s", p->method, p->object);
    copy_text(s->id, sizeof s->id, p->id && sf_id_plain(p->id) ? p->id : "");
    unit->n++;
    return act_strdup(unit->org->call, s->ref);
}

const char *sf_unit_create(struct sf_unit *unit, const char *object, const json_t *fields)
{
    unit->repeatable = false;
    return add(unit, &(struct step_parts){ "POST", object, object, NULL, fields, NULL });
}

const char *sf_unit_update(struct sf_unit *unit, const char *object, const char *id, const json_t *fields)
{
    unit->repeatable = false;
    const char *path = id ? act_printf(unit->org->call, "%s/%s", object, id) : NULL;
    return add(unit, &(struct step_parts){ "PATCH", object, path, id, fields, "Id" });
}

const char *sf_unit_upsert(struct sf_unit *unit, const char *object, const char *key_field, const char *key,
                           const json_t *fields)
{
    const char *path = sf_name_ok(key_field, false) && sf_key_ok(key)
                           ? act_printf(unit->org->call, "%s/%s/%s", object, key_field, org_escape(unit->org, key))
                           : NULL;
    return add(unit, &(struct step_parts){ "PATCH", object, path, NULL, fields, key_field });
}

const char *sf_unit_delete(struct sf_unit *unit, const char *object, const char *id)
{
    unit->repeatable = false;
    const char *path = id ? act_printf(unit->org->call, "%s/%s", object, id) : NULL;
    return add(unit, &(struct step_parts){ "DELETE", object, path, id, NULL, NULL });
}

const struct sf_result *sf_unit_result(const struct sf_unit *unit, size_t step)
{
    static const struct sf_result none = { .error = { .code = "BAD_VALUE", .message = "There is no such step." } };
    return step < unit->n ? &unit->steps[step].result : &none;
}

/* ---- answers ---- */

static bool read_step(struct unit_step *s, const json_t *one)
{
    const json_t *body = json_object_get(one, "body"), *code = json_object_get(one, "httpStatusCode");
    int status = (int)json_integer_value(code);
    struct sf_result *r = &s->result;
    if (!json_is_integer(code) || status < 200)
        return false;
    memset(r, 0, sizeof *r);
    if (status < 300) {
        const char *id = json_string_value(json_object_get(body, "id"));
        r->success = true;
        copy_text(r->id, sizeof r->id, sf_id_plain(id) ? id : s->id);
    } else if (!sf_error_read(&r->error, status, body)) {
        sf_error_parse(&r->error, status, (struct span){ 0 });
    }
    return true;
}

static const json_t *find_by(const json_t *list, const char *key, const char *value)
{
    size_t i;
    const json_t *one;
    json_array_foreach (list, i, one) {
        const char *is = json_string_value(json_object_get(one, key));
        if (is && strcmp(is, value) == 0)
            return one;
    }
    return NULL;
}

static void unit_failed(struct sf_unit *unit, const struct sf_error *err)
{
    unit->error = *err;
    for (size_t i = 0; i < unit->n; i++)
        unit->steps[i].result = (struct sf_result){ .error = *err };
}

static void unit_unclear(struct sf_unit *unit, const char *what)
{
    struct sf_error err;
    sf_error_set(&err, 200, "BAD_REPLY", "The org's answer to a unit of work is incomplete: %s.", what);
    err.outcome_unknown = true;
    unit_failed(unit, &err);
}

/* The step that failed by itself; the others were only taken along. */
static const struct sf_error *culprit(const struct sf_unit *unit)
{
    const struct sf_error *halted = NULL;
    for (size_t i = 0; i < unit->n; i++) {
        const struct sf_result *r = &unit->steps[i].result;
        if (r->success)
            continue;
        if (strcmp(r->error.code, "PROCESSING_HALTED") != 0)
            return &r->error;
        halted = &r->error;
    }
    return halted;
}

/* Reads one graph's answer. Afterwards unit->error.code is "" exactly when everything was written. */
static void read_graph(struct sf_unit *unit, const json_t *graph)
{
    const json_t *ok = json_object_get(graph, "isSuccessful");
    const json_t *list = json_object_get(json_object_get(graph, "graphResponse"), "compositeResponse");
    sf_error_clear(&unit->error);
    if (!json_is_boolean(ok)) {
        unit_unclear(unit, "it does not say whether it was written");
        return;
    }
    for (size_t i = 0; i < unit->n; i++) {
        const json_t *ref = json_object_get(unit->steps[i].node, "referenceId");
        if (!read_step(&unit->steps[i], find_by(list, "referenceId", json_string_value(ref)))) {
            unit_unclear(unit, "a step has no result");
            return;
        }
    }
    const struct sf_error *reason = culprit(unit);
    if (json_is_true(ok) == (reason != NULL))
        unit_unclear(unit, "the whole and its steps contradict each other");
    else if (reason)
        unit->error = *reason;
}

/* ---- many units in few requests ---- */

struct batch {
    struct sf_unit *units[LIMIT_GRAPHS];
    size_t n, nodes;
    const char *kinds[LIMIT_GRAPH_KINDS];
    size_t kind_count;
};

/* Adds the unit's kinds to those of the batch; false when that makes too many. */
static bool add_kinds(struct batch *b, const struct sf_unit *unit)
{
    size_t count = b->kind_count;
    for (size_t i = 0; i < unit->n; i++) {
        size_t k = 0;
        while (k < count && strcmp(b->kinds[k], unit->steps[i].kind) != 0)
            k++;
        if (k < count)
            continue;
        if (count == LIMIT_GRAPH_KINDS)
            return false;
        b->kinds[count++] = unit->steps[i].kind;
    }
    b->kind_count = count;
    return true;
}

/* A unit that has too many kinds by itself goes alone, and the org says what it thinks of it. */
static bool fits(struct batch *b, const struct sf_unit *unit)
{
    if (b->n == LIMIT_GRAPHS || b->nodes + unit->n > LIMIT_GRAPH_NODES)
        return false;
    return add_kinds(b, unit) || b->n == 0;
}

/* A graph that lacked a step would be half of what was meant. */
static json_t *batch_body(struct sf_org *org, const struct batch *b)
{
    json_t *graphs = json_array();
    for (size_t g = 0; g < b->n; g++) {
        char id[32];
        json_t *nodes = json_array();
        for (size_t i = 0; i < b->units[g]->n; i++)
            list_add(org, nodes, json_incref(b->units[g]->steps[i].node));
        snprintf(id, sizeof id, "graph%zu", g);
        list_add(org, graphs, json_pack("{s:s, s:o}", "graphId", id, "compositeRequest", nodes));
    }
    json_t *body = json_pack("{s:o}", "graphs", graphs);
    if (!body)
        call_exhausted(org->call);
    return body;
}

/* False when the call itself failed; each unit then has the reason. */
static bool send_batch(struct batch *b, struct sf_error *err)
{
    struct sf_org *org = b->units[0]->org;
    struct org_request q = { .method = "POST", .path = org_path(org, "composite/graph"), .repeatable = true };
    json_t *answer = NULL, *body = batch_body(org, b);
    for (size_t g = 0; g < b->n; g++)
        q.repeatable = q.repeatable && b->units[g]->repeatable;
    bool ok = org_json(org, &q, body, &answer, NULL, err);
    json_decref(body);
    for (size_t g = 0; g < b->n; g++) {
        char id[32];
        snprintf(id, sizeof id, "graph%zu", g);
        if (ok)
            read_graph(b->units[g], find_by(json_object_get(answer, "graphs"), "graphId", id));
        else
            unit_failed(b->units[g], err);
    }
    json_decref(answer);
    return ok;
}

static bool is_halted(const struct sf_unit *unit)
{
    return strcmp(unit->error.code, "PROCESSING_HALTED") == 0;
}

/* Checks before anything is sent. */
static bool check_units(struct sf_unit **units, size_t count, struct sf_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (units[i]->failed)
            return sf_error_set(
                err, 0, "BAD_VALUE",
                "A step of the unit could not be added: above %d steps, or its object or id is no name.",
                LIMIT_GRAPH_NODES);
        if (units[i]->sent)
            return sf_error_set(err, 0, "BAD_VALUE", "The unit was sent before.");
        if (units[i]->org != units[0]->org)
            return sf_error_set(err, 0, "BAD_VALUE", "All units must be for the same org.");
    }
    return true;
}

/*
 * The org stops after 14 failed graphs and halts the rest. Those go again, as long as each request settles at least
 * one.
 */
static bool send_all(struct sf_unit **units, bool *open, size_t count, struct sf_error *err)
{
    bool progress = true;
    while (progress) {
        progress = false;
        for (size_t at = 0; at < count;) {
            struct batch b = { 0 };
            for (; at < count; at++) {
                if (!open[at])
                    continue;
                if (!fits(&b, units[at]))
                    break;
                b.units[b.n++] = units[at];
                b.nodes += units[at]->n;
            }
            if (b.n == 0)
                break;
            if (!send_batch(&b, err))
                return false;
            size_t halted = 0;
            for (size_t g = 0; g < b.n; g++)
                halted += is_halted(b.units[g]);
            progress = progress || (halted && halted < b.n);
        }
        for (size_t i = 0; i < count; i++)
            open[i] = open[i] && is_halted(units[i]);
    }
    return true;
}

bool sf_units_commit(struct sf_unit **units, size_t count, bool *ok, struct sf_error *err)
{
    static const struct sf_error not_sent = { .code = "NOT_SENT",
                                              .message = "An earlier request failed, so this was not sent.",
                                              .retryable = true };
    sf_error_clear(err);
    if (count == 0)
        return true;
    if (!check_units(units, count, err))
        return false;
    bool *open = act_alloc(units[0]->org->call, count);
    for (size_t i = 0; i < count; i++) {
        open[i] = units[i]->n > 0; /* an empty unit is done without a request */
        units[i]->sent = true;
        if (open[i])
            unit_failed(units[i], &not_sent);
    }
    bool sent = send_all(units, open, count, err);
    for (size_t i = 0; i < count; i++)
        ok[i] = units[i]->error.code[0] == '\0';
    return sent;
}

bool sf_unit_commit(struct sf_unit *unit, struct sf_error *err)
{
    bool ok = false;
    if (!sf_units_commit(&unit, 1, &ok, err))
        return false;
    if (!ok) {
        *err = unit->error;
        err->other_org = unit->org->session.authorization[0] != '\0';
    }
    return ok;
}
