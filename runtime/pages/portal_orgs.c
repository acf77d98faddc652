/* portal_orgs.c - an org as the portal shows it: its card, its mark, its amounts. */
#include <math.h>
#include <string.h>

#include "runtime/pages/portal_parts.h"

enum { FRESH_S = 60, MARKS = 3, CARDS_WHOLE = 6 };

const char *portal_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static const json_t *orgs_of(const struct portal *p)
{
    return json_object_get(p->answers[PORTAL_LIST], "orgs");
}

const json_t *portal_org(const struct portal *p, const char *connection)
{
    const json_t *org;
    size_t i;
    json_array_foreach (orgs_of(p), i, org)
        if (strcmp(portal_text(org, "connection"), connection) == 0)
            return org;
    return NULL;
}

bool portal_failed(const json_t *org)
{
    return strcmp(portal_text(org, "state"), "failed") == 0;
}

bool portal_lacks(const json_t *org, const char *what)
{
    const json_t *one;
    size_t i;
    json_array_foreach (json_object_get(org, "lacks"), i, one)
        if (strcmp(json_string_value(one) ? json_string_value(one) : "", what) == 0)
            return true;
    return false;
}

void portal_mark(struct buf *b, const struct portal *p, const char *connection, bool with_name)
{
    const json_t *org;
    size_t i, at = 0;
    json_array_foreach (orgs_of(p), i, org)
        if (strcmp(portal_text(org, "connection"), connection) == 0)
            at = i;
    if (at < MARKS)
        buf_fmt(b, "<span class=\"tag o%zu\"><i></i>", at + 1);
    else
        buf_fmt(b, "<span class=\"tag letter\"><i aria-hidden=\"true\">%c</i>", connection[0]);
    if (with_name)
        html_text(b, connection);
    buf_str(b, "</span>");
}

/* Two decimals, three where the currency has them. */
static void amount(struct buf *b, const json_t *sum)
{
    int64_t thousandths = llround(json_number_value(json_object_get(sum, "amount")) * 1000), part;
    const char *code = portal_text(sum, "currencyCode");
    if (*code) {
        html_text(b, code);
        buf_str(b, "\xc2\xa0");
    }
    if (thousandths < 0)
        buf_str(b, "\xe2\x88\x92");
    thousandths = thousandths < 0 ? -thousandths : thousandths;
    html_number(b, thousandths / 1000);
    part = thousandths % 1000;
    if (part % 10)
        buf_fmt(b, ".%03d", (int)part);
    else
        buf_fmt(b, ".%02d", (int)(part / 10));
}

void portal_amounts(struct buf *b, const json_t *row)
{
    const json_t *sums = json_object_get(row, "openAmounts"), *sum;
    size_t i;
    if (json_is_true(json_object_get(row, "openAmountsPartial")))
        buf_str(b, "<span class=\"muted\">at least </span>");
    json_array_foreach (sums, i, sum) {
        buf_str(b, i ? "<br>" : "");
        amount(b, sum);
    }
}

/* ---- cards ---- */

static int64_t last_read(const struct portal_memory *m, const char *name)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->reads[i].name, name) == 0)
            return m->reads[i].unix_s;
    return 0;
}

static void note_read(struct portal_memory *m, const char *name, int64_t unix_s)
{
    size_t i = 0;
    while (i < m->n && strcmp(m->reads[i].name, name) != 0)
        i++;
    if (i == m->n && m->n == PORTAL_ORGS)
        return;
    m->n += i == m->n;
    copy_text(m->reads[i].name, sizeof m->reads[i].name, name);
    m->reads[i].unix_s = unix_s;
}

static void facts_of(struct buf *b, const json_t *org)
{
    static const struct {
        const char *what, *words;
    } lacks[] = { { "city", "no field City" }, { "owner", "no field Owner" }, { "openAmounts", "no Opportunities" } };
    const json_t *total = json_object_get(org, "total");
    if (total) {
        buf_str(b, "<b>");
        html_number(b, json_integer_value(total));
        buf_fmt(b, "</b> account%s \xc2\xb7 ", json_integer_value(total) == 1 ? "" : "s");
    }
    buf_str(b, "API ");
    html_text(b, portal_text(org, "apiVersion"));
    buf_fmt(b, " \xc2\xb7 %lld ms", (long long)json_integer_value(json_object_get(org, "elapsedMs")));
    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++)
        if (portal_lacks(org, lacks[i].what))
            buf_fmt(b, " \xc2\xb7 %s", lacks[i].words);
}

static void failed_card(struct buf *b, const json_t *org, const struct portal_facts *f)
{
    int64_t then = last_read(f->memory, portal_text(org, "connection"));
    html_text(b, portal_text(org, "orgCode"));
    if (!then)
        return;
    buf_str(b, " \xc2\xb7 last read ");
    html_span(b, (f->unix_s - then) * 1000);
    buf_str(b, " ago");
}

static void card(struct buf *b, const struct portal *p, const json_t *org, const struct portal_facts *f)
{
    const char *name = portal_text(org, "connection"), *state = portal_text(org, "state");
    bool failed = portal_failed(org), twin = strcmp(state, "sameOrg") == 0;
    buf_fmt(b, "<section class=\"card org%s\" data-key=\"org-", failed ? " down" : "");
    html_text(b, name);
    buf_str(b, "\"><div class=\"row\"><h2>");
    portal_mark(b, p, name, true);
    buf_str(b, "</h2>");
    html_state_begin(b, failed ? SIGN_FAILED : twin ? SIGN_PARTLY : SIGN_DONE);
    if (failed)
        buf_str(b, "Not read");
    else if (twin)
        buf_str(b, "Same org");
    else
        buf_fmt(b, "<span data-read=\"%lld\">Read just now</span>", (long long)f->unix_s);
    html_state_end(b);
    buf_str(b, "</div><p class=\"small muted\">");
    if (failed)
        failed_card(b, org, f);
    else if (twin)
        html_text(b, portal_text(org, "message"));
    else
        facts_of(b, org);
    buf_str(b, "</p></section>\n");
    if (!failed && !twin)
        note_read(f->memory, name, f->unix_s);
}

void portal_cards(struct buf *b, const struct portal *p, const struct portal_facts *f)
{
    const json_t *orgs = orgs_of(p), *org;
    size_t i, n = json_array_size(orgs);
    bool sorted = n > CARDS_WHOLE; /* of many, those in trouble are seen first */
    buf_fmt(b, "<div class=\"orgs%s\">\n", sorted ? " many" : "");
    json_array_foreach (orgs, i, org)
        if (!sorted || portal_failed(org))
            card(b, p, org, f);
    json_array_foreach (orgs, i, org)
        if (sorted && !portal_failed(org))
            card(b, p, org, f);
    buf_str(b, "</div>\n");
}
