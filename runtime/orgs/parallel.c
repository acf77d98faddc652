/* parallel.c - reading requests to several orgs at once. */
#include "runtime/client/client_parts.h"

#include <string.h>

#include "runtime/base/system.h"
#include "runtime/client/soql.h"

enum { ANSWER_MAX = 4 * 1024 * 1024, AT_ONCE = 64 };

static const struct org_request reading = { .method = "GET", .repeatable = true, .reads = true, .max = ANSWER_MAX };

static void prepare(const struct sf_ask *a, struct org_part *f)
{
    struct buf text;
    char why[160];
    f->org = a->org;
    f->q = reading;
    f->q.max = a->max_bytes && a->max_bytes < ANSWER_MAX ? a->max_bytes : ANSWER_MAX;
    if (!a->soql) {
        f->q.path = org_path(a->org, "%s", a->path);
        return;
    }
    buf_init(&text, LIMIT_SOQL);
    if (soql_write(&text, a->soql, a->binds, a->count, NULL, why, sizeof why))
        f->q.path = org_path(a->org, "query?q=%s", org_escape(a->org, text.p));
    else
        sf_error_set(&f->err, 0, "BAD_VALUE", "%s", why);
    buf_free(&text);
}

static void take_answer(struct act_call *call, struct sf_ask *a, struct org_part *f)
{
    a->answer = NULL;
    a->err = f->err;
    a->elapsed_ms = f->elapsed_ms;
    if (f->err.code[0])
        return;
    json_t *json = f->r.body.n ? json_loadb(f->r.body.p, f->r.body.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (json && !(json_is_array(json) && sf_error_read(&a->err, f->r.status, json))) {
        a->answer = act_own(call, json);
        return;
    }
    if (!json)
        sf_error_parse(&a->err, f->r.status, (struct span){ f->r.body.p, f->r.body.n });
    a->err.other_org = f->org->session.authorization[0] != '\0';
    json_decref(json);
}

void sf_ask_all(struct act_call *call, struct sf_ask *asks, size_t count, int budget_ms)
{
    struct org_part *parts = act_alloc(call, (count + 1) * sizeof *parts);
    for (size_t i = 0; i < count; i++)
        prepare(&asks[i], &parts[i]);
    org_send_all(call, parts, count, AT_ONCE, false, budget_ms);
    for (size_t i = 0; i < count; i++) {
        take_answer(call, &asks[i], &parts[i]);
        http_reply_free(&parts[i].r);
    }
}

void sf_describe_all(struct act_call *call, struct sf_org *const *orgs, size_t count, const char *const *objects,
                     size_t n_objects, int budget_ms, struct sf_error *errs)
{
    struct org_part *parts = act_alloc(call, (count * n_objects + 1) * sizeof *parts);
    size_t *places = act_alloc(call, (count * n_objects + 1) * sizeof *places);
    size_t n = 0;
    for (size_t i = 0; i < count * n_objects; i++) {
        struct sf_org *org = orgs[i / n_objects];
        const char *object = objects[i % n_objects];
        sf_error_clear(&errs[i]);
        if (!org || describe_known(org, object))
            continue;
        places[n] = i;
        parts[n] = (struct org_part){ .org = org, .q = reading };
        parts[n++].q.path = org_path(org, "sobjects/%s/describe", org_escape(org, object));
    }
    org_send_all(call, parts, n, AT_ONCE, false, budget_ms);
    for (size_t i = 0; i < n; i++) {
        struct org_part *f = &parts[i];
        const char *object = objects[places[i] % n_objects];
        if (!f->err.code[0] && !describe_take(f->org, object, (struct span){ f->r.body.p, f->r.body.n }))
            sf_error_set(&f->err, f->r.status, "BAD_REPLY", "The org's description of %s is incomplete.", object);
        errs[places[i]] = f->err;
        http_reply_free(&f->r);
    }
}

void sf_describe_forget(struct sf_org *org, const char *object)
{
    describe_drop(org, object);
}
