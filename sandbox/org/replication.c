/*
 * replication.c - what has changed: /sobjects/O/updated and /sobjects/O/deleted between two minutes of the last 30
 * days. Seconds do not count, both minutes belong to it, as in an org.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/system.h"
#include "sandbox/org/rest_parts.h"

#define MINUTE_MS INT64_C(60000)
#define DAYS_30_MS (30 * INT64_C(86400000))

/* The minute of a time as a client writes it, in ms since 1970. */
static bool minute_of(const char *text, int64_t *ms)
{
    char normal[32];
    struct tm tm = { 0 };
    if (!datetime_normal(text, normal) || !strptime(normal, "%Y-%m-%dT%H:%M", &tm))
        return false;
    *ms = (int64_t)timegm(&tm) * 1000;
    return true;
}

static bool take_minute(struct call *c, const char *name, int64_t *ms)
{
    char message[200];
    char *text = query_param(c->query, name);
    for (char *p = text; p && *p; p++) /* a + that was not escaped came as a blank */
        *p = *p == ' ' ? '+' : *p;
    bool ok = text && minute_of(text, ms);
    if (!ok) {
        snprintf(message, sizeof message, text ? "%s: not a date and time: %.60s" : "%s is required%s", name,
                 text ? text : "");
        answer_error(c, 400, text ? "INVALID_REPLICATION_DATE" : "MISSING_ARGUMENT", message);
    }
    free(text);
    return ok;
}

struct span_ms {
    int64_t from, to;
};

static bool take_span(struct call *c, struct span_ms *s)
{
    int64_t now = org_now_ms(c->o);
    if (!take_minute(c, "start", &s->from) || !take_minute(c, "end", &s->to))
        return false;
    const char *fault = s->to - s->from < MINUTE_MS  ? "endDate must be at least one minute greater than startDate"
                        : s->from < now - DAYS_30_MS ? "startDate is more than 30 days ago"
                                                     : NULL;
    if (fault)
        answer_error(c, 400, "INVALID_REPLICATION_DATE", fault);
    return !fault;
}

/* Nothing behind the present minute is covered yet. */
static void latest_covered(const struct call *c, const struct span_ms *s, char out[32])
{
    int64_t now = org_now_ms(c->o) / MINUTE_MS * MINUTE_MS;
    utc_text(s->to < now ? s->to : now, "+0000", out);
}

/* Ids, and when they changed, in the order of the changes. NULL (and answered) when SQLite refuses. */
static sqlite3_stmt *changes(struct call *c, const struct object *ob, const struct span_ms *s, bool deleted)
{
    char sql[NAME_SIZE + 200], from[32], to[32];
    snprintf(sql, sizeof sql,
             "SELECT \"Id\", \"SystemModstamp\" FROM \"%s\" WHERE \"IsDeleted\" = %d AND \"SystemModstamp\" >= ?1 AND "
             "\"SystemModstamp\" <= ?2 ORDER BY \"SystemModstamp\", rowid",
             ob->name, deleted);
    sqlite3_stmt *stmt = store_get(c->o, sql);
    if (!stmt) {
        answer_error(c, 500, "UNKNOWN_EXCEPTION", sqlite3_errmsg(c->o->db));
        return NULL;
    }
    utc_text(s->from, "+0000", from);
    utc_text(s->to, "+0000", to);
    sqlite3_bind_text(stmt, 1, from, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 2, to, -1, SQLITE_TRANSIENT);
    return stmt;
}

void rest_updated(struct call *c, const struct object *ob)
{
    struct span_ms s;
    char latest[32];
    sqlite3_stmt *stmt = take_span(c, &s) ? changes(c, ob, &s, false) : NULL;
    if (!stmt)
        return;
    c->status = 200;
    text_str(&c->out, "{\"ids\":[");
    for (int n = 0; sqlite3_step(stmt) == SQLITE_ROW; n++)
        text_fmt(&c->out, "%s\"%s\"", n ? "," : "", sqlite3_column_text(stmt, 0));
    store_put(c->o, stmt);
    latest_covered(c, &s, latest);
    text_fmt(&c->out, "],\"latestDateCovered\":\"%s\"}", latest);
}

void rest_deleted(struct call *c, const struct object *ob)
{
    struct span_ms s;
    char latest[32], earliest[32];
    sqlite3_stmt *stmt = take_span(c, &s) ? changes(c, ob, &s, true) : NULL;
    if (!stmt)
        return;
    c->status = 200;
    text_str(&c->out, "{\"deletedRecords\":[");
    for (int n = 0; sqlite3_step(stmt) == SQLITE_ROW; n++)
        text_fmt(&c->out, "%s{\"id\":\"%s\",\"deletedDate\":\"%s\"}", n ? "," : "", sqlite3_column_text(stmt, 0),
                 sqlite3_column_text(stmt, 1));
    store_put(c->o, stmt);
    latest_covered(c, &s, latest);
    utc_text(org_now_ms(c->o) / MINUTE_MS * MINUTE_MS - DAYS_30_MS, "+0000", earliest);
    text_fmt(&c->out, "],\"earliestDateAvailable\":\"%s\",\"latestDateCovered\":\"%s\"}", earliest, latest);
}

/* Records that somebody looked at in the user interface, which nobody does here; reading by the API is no look. */
void rest_recent(struct call *c)
{
    char *text = query_param(c->query, "limit"), *end = NULL;
    long n = text ? strtol(text, &end, 10) : 1;
    bool ok = !text || (*text && !*end && n >= 1 && n <= 2000);
    free(text);
    if (!ok) {
        answer_error(c, 400, "INVALID_QUERY_LIMIT", "limit must be a number from 1 to 2000");
        return;
    }
    c->status = 200;
    text_str(&c->out, "[]");
}
