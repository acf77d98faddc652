/* ask.c - what goes to the orgs: what they have, one page of accounts of each, and how many there are. */
#include "actions/list_accounts/view.h"

#include <stdio.h>
#include <string.h>

enum { SOQL = 700, BINDS = 12, DESCRIBED = 2 };
static const char *const objects[DESCRIBED] = { "Account", "Opportunity" };

/* A query under construction. Its text is made of what stands in this file; values go in as binds. */
struct question {
    char soql[SOQL];
    struct sf_bind binds[BINDS];
    size_t n;
};

static void add(struct question *q, const char *text)
{
    size_t at = strlen(q->soql);
    snprintf(q->soql + at, sizeof q->soql - at, "%s", text);
}

static void bind(struct question *q, struct sf_bind b)
{
    if (q->n < BINDS)
        q->binds[q->n++] = b;
}

bool source_is_asked(const struct source *s)
{
    return s->org && !s->same_as && !s->ended && !s->err.code[0];
}

static int time_for_orgs(const struct view *v)
{
    int left = act_time_left_ms(v->call) - (int)v->end_ms;
    return left > 0 ? left : 1;
}

/* ---- what an org has ---- */

static bool has_field(const struct source *s, const char *object, const char *field)
{
    struct sf_error ignored;
    return sf_describe_field(s->org, object, field, NULL, &ignored);
}

/* An org without Account fails; one without Opportunity, or without a field, lacks what is made of it. */
static void learn(struct source *s, const struct sf_error *account, const struct sf_error *opportunity)
{
    if (account->code[0]) {
        s->err = *account;
        if (account->status == 404)
            snprintf(s->err.code, sizeof s->err.code, "INVALID_TYPE");
        return;
    }
    s->lacks = (has_field(s, "Account", "BillingCity") ? 0u : LACK_CITY) |
               (has_field(s, "Account", "OwnerId") ? 0u : LACK_OWNER);
    s->currency = has_field(s, "Account", "CurrencyIsoCode");
    bool amounts = !opportunity->code[0] && has_field(s, "Opportunity", "Amount") &&
                   has_field(s, "Opportunity", "IsClosed") && has_field(s, "Opportunity", "AccountId");
    s->lacks |= amounts ? 0u : LACK_AMOUNT;
    /* that its opportunities could not be described now says nothing of the org; an empty column would */
    if (opportunity->code[0] && opportunity->status != 404)
        s->err = *opportunity;
}

static void learn_all(struct view *v)
{
    struct sf_org **orgs = act_alloc(v->call, (v->n + 1) * sizeof *orgs);
    struct sf_error *errs = act_alloc(v->call, (v->n + 1) * DESCRIBED * sizeof *errs);
    for (size_t i = 0; i < v->n; i++)
        orgs[i] = source_is_asked(&v->sources[i]) ? v->sources[i].org : NULL;
    sf_describe_all(v->call, orgs, v->n, objects, DESCRIBED, time_for_orgs(v), errs);
    for (size_t i = 0; i < v->n; i++)
        if (orgs[i])
            learn(&v->sources[i], &errs[i * DESCRIBED], &errs[i * DESCRIBED + 1]);
}

/* ---- one page ---- */

/* The field that the org sorts by; NULL = it lacks it, and all its accounts stand behind those that have one. */
static const char *key_field(const struct view *v, const struct source *s)
{
    if (v->key == KEY_CITY)
        return s->lacks & LACK_CITY ? NULL : "BillingCity";
    if (v->key == KEY_OWNER)
        return s->lacks & LACK_OWNER ? NULL : "Owner.Name";
    return "Name";
}

static void add_search(struct question *q, const struct view *v, const struct source *s)
{
    bind(q, sf_contains(v->search));
    if (s->lacks & LACK_CITY) {
        add(q, " WHERE Name LIKE ?");
        return;
    }
    add(q, " WHERE (Name LIKE ? OR BillingCity LIKE ?)");
    bind(q, sf_contains(v->search));
}

/* Behind the account that was the last one: by value and id, so that nothing is lost or doubled when accounts come and
 * go meanwhile. */
static void add_place(struct question *q, const struct view *v, const struct source *s, const char *key)
{
    add(q, *v->search ? " AND " : " WHERE ");
    if (!key || !s->last) {
        add(q, key ? "(" : "");
        add(q, key ? key : "");
        add(q, key ? " = null AND Id > ?)" : "Id > ?");
        bind(q, sf_id(s->last_id));
        return;
    }
    add(q, "(");
    add(q, key);
    add(q, v->descending ? " < ? OR (" : " > ? OR (");
    bind(q, sf_text(s->last));
    add(q, key);
    add(q, " = ? AND Id > ?)");
    bind(q, sf_text(s->last));
    bind(q, sf_id(s->last_id));
    if (v->key == KEY_CITY) {
        add(q, " OR ");
        add(q, key);
        add(q, " = null");
    }
    add(q, ")");
}

static void write_page(struct question *q, const struct view *v, const struct source *s)
{
    const char *key = key_field(v, s);
    *q = (struct question){ .soql = "SELECT Id, Name" };
    add(q, s->lacks & LACK_CITY ? "" : ", BillingCity");
    add(q, s->lacks & LACK_OWNER ? "" : ", Owner.Name");
    if (!(s->lacks & LACK_AMOUNT)) {
        add(q, ", (SELECT Amount");
        add(q, s->currency ? ", CurrencyIsoCode" : "");
        add(q, " FROM Opportunities WHERE IsClosed = false)");
    }
    add(q, " FROM Account");
    if (*v->search)
        add_search(q, v, s);
    if (s->last_id)
        add_place(q, v, s, key);
    add(q, " ORDER BY ");
    if (key) {
        add(q, key);
        add(q, v->descending ? " DESC NULLS LAST, " : " NULLS LAST, ");
    }
    add(q, "Id LIMIT ?");
    bind(q, sf_int((int64_t)v->page_size + 1));
}

static void write_count(struct question *q, const struct view *v, const struct source *s)
{
    *q = (struct question){ .soql = "SELECT COUNT() FROM Account" };
    if (*v->search)
        add_search(q, v, s);
}

static void read_page(const struct view *v, struct source *s, const struct sf_ask *a)
{
    s->err = a->err;
    s->elapsed_ms += a->elapsed_ms;
    if (a->err.code[0])
        return;
    const json_t *records = json_object_get(a->answer, "records"), *done = json_object_get(a->answer, "done");
    if (!json_is_array(records) || !json_is_boolean(done)) {
        s->err = (struct sf_error){ .status = 200, .code = "BAD_REPLY", .other_org = true };
        snprintf(s->err.message, sizeof s->err.message, "The org's answer to a query is incomplete.");
        return;
    }
    s->records = records;
    s->n = json_array_size(records);
    s->more = s->n > v->page_size || json_is_false(done);
    if (s->n > v->page_size)
        s->n = v->page_size;
}

static bool lacks_now(const struct source *s)
{
    return strcmp(s->err.code, "INVALID_FIELD") == 0 || strcmp(s->err.code, "INVALID_TYPE") == 0;
}

/* Pages, and on the first one counts, of all sources that are asked, side by side. */
static void ask_round(struct view *v)
{
    struct sf_ask *asks = act_alloc(v->call, 2 * (v->n + 1) * sizeof *asks);
    struct question *qs = act_alloc(v->call, 2 * (v->n + 1) * sizeof *qs);
    struct source **of = act_alloc(v->call, 2 * (v->n + 1) * sizeof *of);
    size_t n = 0;
    for (size_t i = 0; i < v->n; i++) {
        struct source *s = &v->sources[i];
        if (!source_is_asked(s) || s->records)
            continue;
        write_page(&qs[n], v, s);
        of[n] = s;
        asks[n] = (struct sf_ask){ .org = s->org, .soql = qs[n].soql, .binds = qs[n].binds, .count = qs[n].n };
        n++;
        if (s->total >= 0)
            continue;
        write_count(&qs[n], v, s);
        of[n] = NULL;
        asks[n] = (struct sf_ask){ .org = s->org, .soql = qs[n].soql, .binds = qs[n].binds, .count = qs[n].n };
        n++;
    }
    sf_ask_all(v->call, asks, n, time_for_orgs(v));
    for (size_t i = 0; i < n; i++) {
        const json_t *total = json_object_get(asks[i].answer, "totalSize");
        if (of[i])
            read_page(v, of[i], &asks[i]);
        else if (json_is_integer(total)) /* right behind the page of the same org */
            of[i - 1]->total = json_integer_value(total);
    }
}

void view_ask(struct view *v)
{
    bool again = false;
    learn_all(v);
    ask_round(v);
    /* an org that no longer has what it was remembered to have: what it has is asked anew, once */
    for (size_t i = 0; i < v->n; i++) {
        struct source *s = &v->sources[i];
        if (!s->org || s->same_as || s->ended || !lacks_now(s) || s->err.status == 404)
            continue;
        for (size_t k = 0; k < DESCRIBED; k++)
            sf_describe_forget(s->org, objects[k]);
        s->err = (struct sf_error){ 0 };
        again = true;
    }
    if (!again)
        return;
    learn_all(v);
    ask_round(v);
}
