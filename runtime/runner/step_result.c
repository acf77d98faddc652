/* step_result.c - a table of the members of a step's reply: where each may stand, and what it may be. */
#include "runtime/runner/step_result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/encoding.h"
#include "runtime/base/json_text.h"

/* What kind of end a reply tells, as bits: each member may stand in some of them only. */
enum {
    DONE_PLAN = 1,
    DONE_PAGE = 2,
    DONE_FINISH = 4,
    AGAIN = 8,
    WAITING = 16, /* waits */
    ENDED = 32,   /* failed, job_failed, fault */
    ANY = DONE_PLAN | DONE_PAGE | DONE_FINISH | AGAIN | WAITING | ENDED
};

static const json_int_t sum_most = 1000000000000000; /* of act_job_add */

struct reading {
    struct step_result *r;
    unsigned end; /* one of the bits */
    int items;
};

static const struct {
    const char *name;
    enum step_outcome outcome;
    unsigned end; /* 0 = by the kind of step */
    bool fault;
} outcomes[] = {
    { "done", STEP_DONE, 0, false },         { "again", STEP_AGAIN, AGAIN, false },
    { "failed", STEP_FAILED, ENDED, false }, { "job_failed", STEP_JOB_FAILED, ENDED, false },
    { "waits", STEP_WAITS, WAITING, false }, { "fault", STEP_AGAIN, ENDED, true },
};

/* ---- texts ---- */

static bool char_name(char c)
{
    return char_alnum(c) || c == '_' || c == '.' || c == '-';
}

/* Codes are the org's, or an action's own. */
static bool take_code(const json_t *v, const char **out)
{
    struct span text = { json_string_value(v), json_string_length(v) };
    if (!text.p || text.n == 0 || text.n > STEP_CODE_MAX || !span_all(text, char_name))
        return false;
    *out = text.p;
    return true;
}

/* A sentence for a person. One that is too long is cut, in the tree that is ours. */
static bool take_message(const json_t *v, const char **out)
{
    struct span text = { json_string_value(v), json_string_length(v) };
    if (!text.p)
        return false;
    if (text.n >= STEP_MESSAGE_MAX) {
        text.n = STEP_MESSAGE_MAX - 1;
        text = utf8_whole(text);
        char cut[STEP_MESSAGE_MAX];
        copy_span(cut, sizeof cut, text);
        if (json_string_setn((json_t *)(uintptr_t)v, cut, text.n) != 0)
            return false;
    }
    *out = json_string_value(v);
    return true;
}

static bool text_fits(const json_t *v, size_t most)
{
    struct buf text;
    buf_init(&text, most);
    bool ok = buf_json(&text, v);
    buf_wipe(&text);
    buf_free(&text);
    return ok;
}

/* ---- members ---- */

static bool on_outcome(struct reading *x, json_t *v)
{
    (void)x, (void)v; /* was read first */
    return true;
}

static bool on_after(struct reading *x, json_t *v)
{
    json_int_t s = json_integer_value(v);
    if (!json_is_integer(v) || s < 0 || s > STEP_AFTER_MAX_S)
        return false;
    x->r->end.after_ms = (int64_t)s * 1000;
    return true;
}

static bool on_counts(struct reading *x, json_t *v)
{
    x->r->end.counts = json_is_true(v);
    return json_is_boolean(v);
}

static bool on_gate(struct reading *x, json_t *v)
{
    x->r->end.gate = json_is_true(v);
    return json_is_boolean(v);
}

static bool on_code(struct reading *x, json_t *v)
{
    return take_code(v, &x->r->end.code);
}

static bool on_message(struct reading *x, json_t *v)
{
    return take_message(v, &x->r->end.message);
}

static bool on_items(struct reading *x, json_t *v)
{
    size_t i;
    json_t *item;
    json_array_foreach (v, i, item)
        if (!text_fits(item, STEP_ITEM_MAX))
            return false;
    x->r->end.items = v;
    return json_is_array(v);
}

static bool on_page_items(struct reading *x, json_t *v)
{
    x->r->end.page_items = (int)json_integer_value(v);
    return json_integer_value(v) >= 1 && json_integer_value(v) <= JOB_LARGE_PAGE_ITEMS;
}

static bool on_cursor(struct reading *x, json_t *v)
{
    x->r->end.cursor = v;
    return text_fits(v, JOB_PAYLOAD_MAX);
}

static bool on_total(struct reading *x, json_t *v)
{
    x->r->end.total = json_integer_value(v);
    return json_is_integer(v) && x->r->end.total >= -1;
}

/* `index` and `again` are read by name beforehand, and only looked at here. */
static bool take_row_member(struct item_result *to, const char *name, const json_t *v)
{
    if (strcmp(name, "index") == 0)
        return true;
    if (strcmp(name, "again") == 0)
        return json_is_boolean(v);
    if (strcmp(name, "code") == 0)
        return take_code(v, &to->code);
    if (strcmp(name, "message") == 0)
        return take_message(v, &to->message);
    if (strcmp(name, "field") == 0)
        return json_string_length(v) <= STEP_FIELD_MAX && take_message(v, &to->field);
    return false;
}

static bool take_row(struct item_result *to, json_t *v, int items)
{
    const char *name;
    json_t *member, *index = json_object_get(v, "index");
    if (!json_is_integer(index) || json_integer_value(index) < 0 || json_integer_value(index) >= items)
        return false;
    *to = (struct item_result){ .index = (int)json_integer_value(index),
                                .again = json_is_true(json_object_get(v, "again")) };
    json_object_foreach (v, name, member)
        if (!take_row_member(to, name, member))
            return false;
    return to->code && to->message;
}

/* Each item once: a row too many would be counted too often. */
static bool on_results(struct reading *x, json_t *v)
{
    size_t i, n = json_array_size(v);
    json_t *row;
    if (!json_is_array(v) || n > (size_t)x->items)
        return false;
    struct item_result *results = calloc(n ? n : 1, sizeof *results);
    bool *seen = calloc((size_t)x->items + 1, sizeof *seen);
    bool ok = results && seen;
    json_array_foreach (v, i, row) {
        ok = ok && take_row(&results[i], row, x->items) && !seen[results[i].index];
        if (!ok)
            break;
        seen[results[i].index] = true;
    }
    free(seen);
    x->r->results = results;
    x->r->end.results = ok ? results : NULL;
    x->r->end.results_n = ok ? n : 0;
    return ok;
}

static bool on_result(struct reading *x, json_t *v)
{
    buf_init(&x->r->text, JOB_RESULT_MAX);
    if (!json_is_object(v) || !buf_json(&x->r->text, v))
        return false;
    x->r->end.result = (struct span){ x->r->text.p, x->r->text.n };
    return true;
}

/* Names and numbers as act_job_add lets them through. */
static bool on_sums(struct reading *x, json_t *v)
{
    const char *name;
    json_t *n;
    json_object_foreach (v, name, n) {
        struct span s = span_of(name);
        if (!json_is_integer(n) || json_integer_value(n) > sum_most || json_integer_value(n) < -sum_most || s.n == 0 ||
            s.n > JOB_SUM_NAME || !span_all(s, char_name))
            return false;
    }
    x->r->end.sums = v;
    return json_is_object(v) && json_object_size(v) <= JOB_SUMS;
}

static const struct {
    const char *name;
    unsigned ends; /* in which it may stand */
    bool (*take)(struct reading *x, json_t *v);
} members[] = {
    { "outcome", ANY, on_outcome },
    { "afterSeconds", AGAIN | WAITING, on_after },
    { "counts", AGAIN, on_counts },
    { "gate", AGAIN, on_gate },
    { "code", AGAIN | WAITING | ENDED, on_code },
    { "message", AGAIN | WAITING | ENDED, on_message },
    { "items", DONE_PLAN, on_items },
    { "pageItems", DONE_PLAN, on_page_items },
    { "cursor", DONE_PLAN, on_cursor },
    { "total", DONE_PLAN, on_total },
    { "results", DONE_PAGE, on_results },
    { "sums", DONE_PAGE, on_sums },
    { "result", DONE_FINISH, on_result },
};
enum { MEMBERS = sizeof members / sizeof *members };

/* ---- the whole ---- */

static void fault(struct step_result *r, const char *nonsense)
{
    r->fault = true;
    copy_text(r->nonsense, sizeof r->nonsense, nonsense);
    r->end = (struct step_end){ .outcome = STEP_AGAIN,
                                .counts = true,
                                .total = -1,
                                .code = "internal_error",
                                .message = "The action failed at this step. The log has more." };
}

static bool take_outcome(struct reading *x, const char *text, enum step_kind kind)
{
    static const unsigned done[] = {
        [STEP_PLAN] = DONE_PLAN, [STEP_PAGE] = DONE_PAGE, [STEP_FINISH] = DONE_FINISH, [STEP_DELIVER] = DONE_PAGE
    };
    for (size_t i = 0; text && i < sizeof outcomes / sizeof *outcomes; i++) {
        if (strcmp(text, outcomes[i].name) != 0)
            continue;
        x->end = outcomes[i].end ? outcomes[i].end : done[kind];
        x->r->fault = outcomes[i].fault;
        x->r->end = (struct step_end){ .outcome = outcomes[i].outcome, .counts = true, .total = -1 };
        return true;
    }
    return false;
}

/* The name of the first member that is nonsense; NULL when all are well. */
static const char *take_members(struct reading *x)
{
    const char *key;
    json_t *v;
    json_object_foreach (x->r->root, key, v) {
        size_t i = 0;
        while (i < MEMBERS && strcmp(key, members[i].name) != 0)
            i++;
        if (i == MEMBERS)
            return "an unknown member";
        if (!(members[i].ends & x->end) || !members[i].take(x, v))
            return members[i].name;
    }
    return x->end & (AGAIN | WAITING | ENDED) && (!x->r->end.code || !x->r->end.message) ? "code" : NULL;
}

void step_result_read(struct step_result *r, struct span body, enum step_kind kind, int items)
{
    struct reading x = { .r = r, .items = items };
    *r = (struct step_result){ .root = body.n ? json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, NULL) : NULL };
    if (!json_is_object(r->root)) {
        fault(r, "all of it");
        return;
    }
    const char *outcome = json_string_value(json_object_get(r->root, "outcome"));
    const char *wrong = take_outcome(&x, outcome, kind) ? take_members(&x) : "outcome";
    if (wrong)
        fault(r, wrong);
}

void step_result_set(struct step_result *r, enum step_outcome outcome, const char *code, const char *message)
{
    *r = (struct step_result){ .end = { .outcome = outcome, .total = -1, .code = code } };
    copy_text(r->message, sizeof r->message, message);
    r->end.message = r->message;
}

void step_result_free(struct step_result *r)
{
    json_decref(r->root);
    free(r->results);
    buf_free(&r->text);
    *r = (struct step_result){ 0 };
}
