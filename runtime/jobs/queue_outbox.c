/*
 * queue_outbox.c - what a job tells: lines that are written in the transaction of what they tell, and leave by steps of
 * their own. They wait in a queue of their own, so that neither a pause nor a cap of the job's queue holds them back,
 * and each carries the job's next sequence number: whoever gets one twice, or late, can see it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/jobs/queue_parts.h"

enum {
    PRIORITY = 1,
    PER_ORG = 4,
    FIRST_MS = 2000,
    CALLBACKS = 100, /* of one job; more starts than that have not all been its twins */
    NOTE_MAX = 600
};

/* ---- lines ---- */

static int64_t total_of(const struct job_row *j)
{
    if (j->planning == 0)
        return j->planned;
    return j->total < 0 ? -1 : j->total > j->planned ? j->total : j->planned;
}

/* Takes the reference. */
static void add(struct db *d, struct job_row *j, json_t *line)
{
    static const char operation[] = "SELECT operation FROM ah_job WHERE id = $1";
    static const char sql[] =
        "INSERT INTO ah_step (job_id, lane, org_id, queue, kind, state, priority, per_org, run_at, ready_at, payload)"
        " VALUES ($1, $2, $3, '" OUTBOX_QUEUE "', 3, 0, $4, $5, $6, $6, $7)";
    char name[128] = "";
    if (db_ask(d, operation, DB_I(j->id)) && db_next(d))
        copy_text(name, sizeof name, db_text(d, 0));
    int64_t lane = lane_of(d, j->org_id, OUTBOX_QUEUE, name);
    json_object_set_new(line, "sequence", json_integer(++j->sequence));
    json_object_set_new(line, "until", json_integer(j->now + (int64_t)JOB_LINE_H * 3600 * 1000));
    char *text = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    if (!text)
        abort();
    db_do(d, sql, DB_I(j->id), DB_I(lane), DB_T(j->org_id), DB_I(PRIORITY), DB_I(PER_ORG), DB_I(j->now), DB_T(text));
    free(text);
    j->lines++;
    db_notify(d);
}

static json_t *line_of(const struct job_row *j, const char *to, const char *state, const char *message)
{
    int64_t total = total_of(j);
    json_t *line = json_pack("{s:s, s:s, s:I, s:I}", "to", to, "state", state, "done", (json_int_t)j->done, "failed",
                             (json_int_t)j->failed);
    if (!line)
        abort();
    if (total >= 0)
        json_object_set_new(line, "total", json_integer(total));
    if (message && *message)
        json_object_set_new(line, "message", json_string(message));
    return line;
}

static int percent_of(const struct job_row *j)
{
    int64_t total = total_of(j), ended = j->done + j->failed;
    return total <= 0 ? 0 : ended >= total ? 100 : (int)(ended * 100 / total);
}

void outbox_begin(struct db *d, struct job_row *j)
{
    if (!(j->tells & JOB_TELLS_EVENTS))
        return;
    add(d, j, line_of(j, "event", j->state, NULL));
    j->told_at = j->now;
    j->told_percent = 0;
}

void outbox_move(struct db *d, struct job_row *j)
{
    int percent = percent_of(j);
    bool due = j->now - j->told_at >= JOB_TELL_MS || percent - j->told_percent >= JOB_TELL_PERCENT;
    if (!(j->tells & JOB_TELLS_EVENTS) || !due || j->ending[0] || percent == 100) /* its end is next, and is told */
        return;
    add(d, j, line_of(j, "event", strcmp(j->state, "queued") == 0 ? "running" : j->state, NULL));
    j->told_at = j->now;
    j->told_percent = percent;
}

/* With the session that has ended it cannot leave; it then goes with the one that retryJob brings. */
void outbox_wait(struct db *d, struct job_row *j, const char *message)
{
    if (!(j->tells & JOB_TELLS_EVENTS))
        return;
    add(d, j, line_of(j, "event", j->state, message));
    j->told_at = j->now;
    j->told_percent = percent_of(j);
}

/* ---- the end ---- */

static void tell_callbacks(struct db *d, struct job_row *j, const char *message, const char *code)
{
    int64_t rows[CALLBACKS];
    int n = 0;
    db_ask(d, "SELECT id FROM ah_callback WHERE job_id = $1 ORDER BY id", DB_I(j->id));
    while (n < CALLBACKS && db_next(d))
        rows[n++] = db_number(d, 0);
    for (int i = 0; i < n; i++) {
        json_t *line = line_of(j, "callback", j->state, message);
        json_object_set_new(line, "row", json_integer(rows[i]));
        if (*code)
            json_object_set_new(line, "code", json_string(code));
        add(d, j, line);
    }
}

/* What the job came of is told with its end: who has made the change, and by which key its records are found. A job
 * that had nothing to do is no news. */
static void tell_event(struct db *d, struct job_row *j, const char *message)
{
    static const struct {
        int64_t bit;
        const char *to;
    } ways[] = { { JOB_TELLS_DONE, "done" }, { JOB_TELLS_COMMITTER, "committer" } };
    json_t *event = NULL;
    if (!(j->tells & (JOB_TELLS_DONE | JOB_TELLS_COMMITTER)) ||
        (strcmp(j->state, "done") == 0 && j->done + j->failed == 0))
        return;
    if (db_ask(d, "SELECT event FROM ah_job_data WHERE job_id = $1", DB_I(j->id)) && db_next(d) && !db_is_null(d, 0))
        event = json_loadb(db_span(d, 0).p, db_span(d, 0).n, 0, NULL);
    for (size_t i = 0; i < sizeof ways / sizeof *ways && event; i++) {
        if (!(j->tells & ways[i].bit))
            continue;
        json_t *line = line_of(j, ways[i].to, j->state, message);
        json_object_set(line, "event", event);
        add(d, j, line);
    }
    json_decref(event);
}

void outbox_end(struct db *d, struct job_row *j)
{
    char message[520] = "", code[100] = "";
    if (db_ask(d, "SELECT message, code FROM ah_job WHERE id = $1", DB_I(j->id)) && db_next(d)) {
        copy_span(message, sizeof message,
                  utf8_whole(db_span(d, 0).n < sizeof message ? db_span(d, 0)
                                                              : (struct span){ db_text(d, 0), sizeof message - 1 }));
        copy_text(code, sizeof code, db_text(d, 1));
    }
    if (j->tells & JOB_TELLS_EVENTS)
        add(d, j, line_of(j, "event", j->state, message));
    if (j->tells & JOB_TELLS_USER)
        add(d, j, line_of(j, "notification", j->state, message));
    tell_callbacks(d, j, message, code);
    tell_event(d, j, message);
}

void outbox_callback(struct db *d, const struct job_row *j, const char *uid, struct span sealed)
{
    static const char sql[] = "INSERT INTO ah_callback (job_id, uid, url) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    db_do(d, sql, DB_I(j->id), DB_T(uid), DB_B(sealed));
}

/* The session is kept for what is still to be told, and a callback's URL for the next end of a job that is retried
 * before it was told. */
void outbox_close(struct db *d, const struct job_row *j)
{
    if (j->lines > 0)
        return;
    db_do(d, "DELETE FROM ah_callback WHERE job_id = $1", DB_I(j->id));
    db_do(d, "UPDATE ah_job_data SET credentials = NULL WHERE job_id = $1 AND credentials IS NOT NULL", DB_I(j->id));
}

/* ---- what became of a line ---- */

struct line {
    json_t *root;
    const char *to;
    json_int_t row, until;
};

static struct line read_line(const struct claim *c)
{
    struct line l = { .root = json_loadb(c->payload.p ? c->payload.p : "", c->payload.n, 0, NULL) };
    const char *to = json_string_value(json_object_get(l.root, "to"));
    l.to = to ? to : "";
    l.row = json_integer_value(json_object_get(l.root, "row"));
    l.until = json_integer_value(json_object_get(l.root, "until"));
    return l;
}

static bool line_gone(struct db *d, struct job_row *j, const struct claim *c, const struct line *l)
{
    static const char sql[] = "DELETE FROM ah_step WHERE id = $1 AND token = $2 AND state = 1";
    if (db_do(d, sql, DB_I(c->step), DB_I(c->token)) != 1)
        return false;
    j->lines--;
    if (l->row)
        db_do(d, "DELETE FROM ah_callback WHERE id = $1 AND job_id = $2", DB_I(l->row), DB_I(j->id));
    return true;
}

static bool line_back(struct db *d, const struct job_row *j, const struct claim *c, int attempt, int crashes,
                      int64_t after_ms)
{
    static const char sql[] = "UPDATE ah_step SET state = 0, owner = NULL, lease_until = NULL, claimed_at = NULL,"
                              " run_at = $3, ready_at = $3, attempt = $4, crashes = $5"
                              " WHERE id = $1 AND token = $2 AND state = 1";
    db_notify(d);
    return db_do(d, sql, DB_I(c->step), DB_I(c->token), DB_I(j->now + after_ms), DB_I(attempt), DB_I(crashes)) == 1;
}

/* The work is as it is; that somebody was not told of it is told here. */
static bool give_up(struct db *d, struct job_row *j, const struct claim *c, const struct line *l,
                    const struct step_end *e)
{
    static const char sql[] = "UPDATE ah_job SET note = $2 WHERE id = $1 AND note IS NULL";
    char note[NOTE_MAX];
    if (!line_gone(d, j, c, l))
        return false;
    const char *what = strcmp(l->to, "callback") == 0       ? "The callback could not be delivered"
                       : strcmp(l->to, "notification") == 0 ? "The notification could not be sent"
                       : strcmp(l->to, "committer") == 0    ? "The user who made the change could not be notified"
                       : strcmp(l->to, "done") == 0         ? "The org does not take the event that tells what was done"
                                                            : "The org takes no Action_Job__e events";
    snprintf(note, sizeof note, "%s: %s", what, e->message && *e->message ? e->message : "no reason was given.");
    struct span whole = utf8_whole(span_of(note));
    db_do(d, sql, DB_I(j->id), DB_S(whole));
    if (strcmp(l->to, "event") != 0)
        return true;
    j->tells &= ~(int64_t)JOB_TELLS_EVENTS; /* nor will it take the next one */
    int64_t n = db_do(d, "DELETE FROM ah_step WHERE job_id = $1 AND kind = 3 AND state = 0 AND {FIND}(payload, $2) > 0",
                      DB_I(j->id), DB_T("\"to\":\"event\""));
    j->lines -= n > 0 ? n : 0;
    return true;
}

bool outbox_line_end(struct db *d, struct job_row *j, const struct claim *c, const struct step_end *e)
{
    struct line l = read_line(c);
    bool kept, later = e->outcome == STEP_AGAIN || e->outcome == STEP_WAITS;
    int crashes = c->crashes + (e->outcome == STEP_CRASHED);
    int64_t ms = back_off(FIRST_MS, c->attempt);
    if (e->outcome == STEP_AGAIN && e->gate)
        db_do(d,
              "UPDATE ah_lane SET gate_until = CASE WHEN gate_until > $2 THEN gate_until ELSE $2 END WHERE org_id = $1",
              DB_T(j->org_id), DB_I(j->now + e->after_ms));
    if (e->outcome == STEP_DONE)
        kept = line_gone(d, j, c, &l);
    else if (e->outcome == STEP_RELEASED)
        kept = line_back(d, j, c, c->attempt - 1, crashes, e->after_ms);
    else if (later && j->now + (ms > e->after_ms ? ms : e->after_ms) < l.until)
        kept = line_back(d, j, c, c->attempt, crashes, ms > e->after_ms ? ms : e->after_ms);
    else if (e->outcome == STEP_CRASHED && crashes < JOB_CRASHES_WHOLE)
        kept = line_back(d, j, c, c->attempt, crashes, ms);
    else
        kept = give_up(d, j, c, &l, e);
    json_decref(l.root);
    return kept;
}
