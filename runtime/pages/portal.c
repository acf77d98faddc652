/* portal.c - what the address of the portal asks for, and the calls that answer it. */
#include "runtime/pages/portal.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/json_text.h"
#include "runtime/base/url_query.h"
#include "runtime/pages/html.h"

enum { KNOWN = 20, PEOPLE = 12, SQL_ROWS = 200 };

static void take(struct span query, const char *name, char *out, size_t size)
{
    if (url_query(query, name, out, size) != 1)
        out[0] = '\0';
}

/* The same for a text of several lines: a statement is written as people write it. */
static void take_lines(struct span query, const char *name, char *out, size_t size)
{
    struct span rest = query, one = { 0 }, key;
    bool found = false;
    size_t n = 0;
    while (!found && span_split(&rest, '&', &one))
        found = span_split(&one, '=', &key) && span_eq(key, name);
    for (size_t i = 0; found && i < one.n; i++) {
        int c = one.p[i] == '+' ? ' ' : one.p[i] == '%' ? url_escaped(one.p + i, one.n - i) : one.p[i];
        i += one.p[i] == '%' ? 2 : 0;
        if (c == '\r')
            continue;
        if (c < 0 || (char_control((char)c) && c != '\n' && c != '\t') || n + 1 >= size)
            found = false; /* nothing of it can be meant */
        else
            out[n++] = (char)c;
    }
    out[found ? n : 0] = '\0';
}

static bool id_char(char c)
{
    return char_alnum(c);
}

static bool uuid_char(char c)
{
    return char_digit(c) || (c >= 'a' && c <= 'f') || c == '-';
}

void portal_wish_read(struct span query, struct portal_wish *w)
{
    char number[8], flag[4];
    *w = (struct portal_wish){ .show = PORTAL_SHOWN };
    take(query, "q", w->search, sizeof w->search);
    take(query, "org", w->org, sizeof w->org);
    take(query, "sort", w->sort, sizeof w->sort);
    take(query, "cursor", w->cursor, sizeof w->cursor);
    take(query, "account", w->account, sizeof w->account);
    take(query, "in", w->account_org, sizeof w->account_org);
    take(query, "name", w->account_name, sizeof w->account_name);
    take_lines(query, "sql", w->sql, sizeof w->sql);
    take(query, "at", w->sql_org, sizeof w->sql_org);
    take(query, "job", w->job, sizeof w->job);
    take(query, "show", number, sizeof number);
    take(query, "desc", flag, sizeof flag);
    w->descending = strcmp(flag, "1") == 0;
    int show = (int)strtol(number, NULL, 10);
    if (show > w->show)
        w->show = show < PORTAL_SHOWN_MAX ? show : PORTAL_SHOWN_MAX;
    if (strcmp(w->sort, "city") != 0 && strcmp(w->sort, "owner") != 0 && strcmp(w->sort, "amount") != 0)
        w->sort[0] = '\0';
    if (strlen(w->job) != sizeof w->job - 1 || !span_all(span_of(w->job), uuid_char))
        w->job[0] = '\0';
    /* it becomes part of a statement */
    size_t n = strlen(w->account);
    if ((n != 15 && n != 18) || !span_all(span_of(w->account), id_char) || !w->account_org[0])
        w->account[0] = '\0';
}

static void part(struct buf *b, const char **join, const char *name, const char *value)
{
    if (!*value)
        return;
    buf_fmt(b, "%s%s=", *join, name);
    html_query(b, value);
    *join = "&";
}

void portal_link(struct buf *b, const struct portal_wish *w)
{
    struct buf text;
    char number[16] = "";
    const char *join = "?";
    buf_init(&text, 24 * 1024);
    if (w->show > PORTAL_SHOWN) {
        struct buf digits;
        buf_init(&digits, sizeof number);
        buf_fmt(&digits, "%d", w->show);
        copy_text(number, sizeof number, digits.p);
        buf_free(&digits);
    }
    buf_str(&text, "/portal");
    part(&text, &join, "q", w->search);
    part(&text, &join, "org", w->org);
    part(&text, &join, "sort", w->sort);
    part(&text, &join, "desc", w->descending ? "1" : "");
    part(&text, &join, "show", number);
    part(&text, &join, "cursor", w->cursor);
    part(&text, &join, "account", w->account);
    part(&text, &join, "in", w->account[0] ? w->account_org : "");
    part(&text, &join, "name", w->account[0] ? w->account_name : "");
    part(&text, &join, "job", w->job);
    html_text(b, text.p);
    buf_free(&text);
}

void portal_free(struct portal *p)
{
    for (int i = 0; i < PORTAL_CALLS; i++)
        json_decref(p->answers[i]);
    buf_free(&p->body);
    *p = (struct portal){ .call = PORTAL_LIST };
}

/* ---- questions: each gives a new reference, or NULL when the page does not ask it ---- */

static json_t *list_question(const struct portal_wish *w)
{
    bool by_amount = strcmp(w->sort, "amount") == 0; /* no org can be asked for it */
    json_t *q = json_pack("{s:i}", "pageSize", by_amount ? PORTAL_SHOWN_MAX : w->show);
    if (w->cursor[0]) {
        json_object_set_new(q, "cursor", json_string(w->cursor));
        return q;
    }
    if (w->search[0])
        json_object_set_new(q, "search", json_string(w->search));
    if (w->org[0])
        json_object_set_new(q, "connections", json_pack("[s]", w->org));
    if (w->sort[0] && !by_amount)
        json_object_set_new(q, "sortBy", json_string(w->sort));
    if (w->descending && !by_amount)
        json_object_set_new(q, "descending", json_true());
    return q;
}

static json_t *known_question(const struct portal_wish *w)
{
    char name[101];
    if (!w->account[0] || !w->account_name[0])
        return NULL;
    copy_text(name, sizeof name, w->account_name);
    struct span whole = span_of(name);
    while (whole.n && ((unsigned char)whole.p[whole.n - 1] & 0xc0) == 0x80 && strlen(w->account_name) >= sizeof name)
        name[--whole.n] = '\0'; /* a character that was cut */
    return json_pack("{s:s, s:i}", "search", name, "pageSize", KNOWN);
}

/* People of an account, each once, however many records of the org are one person. */
static json_t *profile_question(const struct portal_wish *w)
{
    static const char sql[] =
        "SELECT DISTINCT u.ssot__FirstName__c, u.ssot__LastName__c, u.ssot__BirthDate__c FROM "
        "ssot__AccountContact__dlm c JOIN UnifiedLinkssotIndividual__dlm l ON l.SourceRecordId__c = "
        "c.ssot__IndividualId__c JOIN UnifiedIndividual__dlm u ON u.ssot__Id__c = l.UnifiedRecordId__c WHERE "
        "c.ssot__AccountId__c = '";
    struct buf text;
    if (!w->account[0])
        return NULL;
    buf_init(&text, sizeof sql + 100);
    buf_fmt(&text, "%s%s' ORDER BY 2, 1 LIMIT %d", sql, w->account, PEOPLE);
    json_t *q =
        json_pack("{s:s, s:s, s:i}", "connection", w->account_org, "sql", text.p ? text.p : "", "maxRows", PEOPLE);
    buf_free(&text);
    return q;
}

static json_t *sql_question(const struct portal_wish *w)
{
    if (!w->sql[0] || !w->sql_org[0])
        return NULL;
    return json_pack("{s:s, s:s, s:i}", "connection", w->sql_org, "sql", w->sql, "maxRows", SQL_ROWS);
}

static const struct {
    const char *operation;
    json_t *(*make)(const struct portal_wish *w);
} questions[PORTAL_CALLS] = {
    [PORTAL_LIST] = { "listAccounts", list_question },
    [PORTAL_KNOWN] = { "listAccounts", known_question },
    [PORTAL_PROFILE] = { "queryDataCloud", profile_question },
    [PORTAL_SQL_CALL] = { "queryDataCloud", sql_question },
};

bool portal_next(struct portal *p, int64_t now_ms)
{
    for (; p->call < PORTAL_CALLS; p->call++) {
        json_t *q = p->answers[p->call] || p->statuses[p->call] ? NULL : questions[p->call].make(&p->wish);
        if (!q)
            continue;
        buf_free(&p->body);
        buf_init(&p->body, PORTAL_CALL);
        bool ok = buf_json(&p->body, q);
        json_decref(q);
        p->operation = questions[p->call].operation;
        p->begun_ms = now_ms;
        if (ok)
            return true;
        p->statuses[p->call] = 422;
    }
    return false;
}

void portal_take(struct portal *p, int status, struct span body, int64_t now_ms)
{
    p->statuses[p->call] = status;
    p->took_ms[p->call] = now_ms - p->begun_ms;
    p->answers[p->call] = json_loadb(body.p ? body.p : "", body.n, 0, NULL);
    p->call++;
}
