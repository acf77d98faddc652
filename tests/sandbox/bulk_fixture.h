/* bulk_fixture.h - bulk jobs of a sandbox without a socket: made, given data, waited for. */
#ifndef TESTS_SANDBOX_BULK_FIXTURE_H
#define TESTS_SANDBOX_BULK_FIXTURE_H

#include <time.h>

#include "tests/sandbox/fixture.h"

#define DATA "/services/data/v62.0"
#define INGEST DATA "/jobs/ingest"
#define QUERY DATA "/jobs/query"

enum { WAIT_TRIES = 6000, WAIT_MS = 5 }; /* half a minute in all */

static char line[300];    /* Authorization */
static struct reply said; /* the last answer; freed by the next */
static int asked;         /* how many times the org was asked */

static inline void pause_ms(int ms)
{
    struct timespec t = { ms / 1000, ms % 1000 * 1000000L };
    nanosleep(&t, NULL);
}

/* Sends a request with this media type; the answer is in `said`, its status is returned. */
static inline int send_as(const char *method, const char *target, const char *type, const char *body)
{
    char headers[500];
    snprintf(headers, sizeof headers, "%s\nContent-Type: %s", line, type);
    reply_free(&said);
    said = ask(method, target, headers, body);
    asked++;
    return said.status;
}

static inline int call(const char *method, const char *target, const char *body)
{
    return send_as(method, target, "application/json", body);
}

/* The body of the last answer; "" when it is empty. */
static inline const char *text(void)
{
    return said.body ? said.body : "";
}

/* A member of the last answer as text, "" when absent; valid until the next call of it. */
static inline const char *member(const char *name)
{
    static char out[2000];
    json_t *json = json_loads(text(), 0, NULL), *value = json_object_get(json, name);
    if (json_is_integer(value))
        snprintf(out, sizeof out, "%lld", (long long)json_integer_value(value));
    else
        snprintf(out, sizeof out, "%s", json_is_string(value) ? json_string_value(value) : "");
    json_decref(json);
    return out;
}

static inline void holds(const char *part)
{
    if (!strstr(text(), part))
        fail_msg("no %s in: %.900s", part, text());
}

static inline void lacks(const char *part)
{
    if (strstr(text(), part))
        fail_msg("%s in: %.900s", part, text());
}

/* A refusal in the org's form. */
static inline void refused(int status, int want, const char *code)
{
    char part[120];
    snprintf(part, sizeof part, "\"errorCode\":\"%s\"", code);
    if (status != want || !strstr(text(), part))
        fail_msg("%d %.500s instead of %d %s", status, text(), want, code);
}

static inline void knob(const char *json)
{
    assert_int_equal(ask_status("POST", "/sandbox/bulk", NULL, json), 200);
}

struct job_id {
    char s[24];
};

static inline struct job_id made(int status)
{
    struct job_id id;
    if (status != 200)
        fail_msg("%d: %.500s", status, text());
    snprintf(id.s, sizeof id.s, "%.20s", member("id"));
    return id;
}

static inline struct job_id create(const char *spec)
{
    return made(call("POST", INGEST, spec));
}

/* jobs/ingest/<id><part> */
static inline const char *at(struct job_id id, const char *part)
{
    static char out[2][200];
    static int turn;
    turn = !turn;
    snprintf(out[turn], sizeof out[turn], INGEST "/%s%s", id.s, part);
    return out[turn];
}

static inline const char *query_at(struct job_id id, const char *part)
{
    static char out[300];
    snprintf(out, sizeof out, QUERY "/%s%s", id.s, part);
    return out;
}

static inline int upload(struct job_id id, const char *csv)
{
    return send_as("PUT", at(id, "/batches"), "text/csv; charset=UTF-8", csv);
}

static inline int set_state(struct job_id id, const char *state)
{
    char body[80];
    snprintf(body, sizeof body, "{\"state\":\"%s\"}", state);
    return call("PATCH", at(id, ""), body);
}

/* Waits until the job at that address is in the state; its info is then in `said`. */
static inline void wait_at(const char *address, const char *state)
{
    for (int i = 0; i < WAIT_TRIES; i++) {
        assert_int_equal(call("GET", address, NULL), 200);
        if (strcmp(member("state"), state) == 0)
            return;
        pause_ms(WAIT_MS);
    }
    fail_msg("not %s: %.600s", state, text());
}

/* Makes a job, gives it the data and waits until it is in the state. */
static inline struct job_id load(const char *spec, const char *csv, const char *state)
{
    struct job_id id = create(spec);
    assert_int_equal(upload(id, csv), 201);
    assert_int_equal(set_state(id, "UploadComplete"), 200);
    wait_at(at(id, ""), state);
    return id;
}

static inline void counts(const char *processed, const char *failed)
{
    if (strcmp(member("numberRecordsProcessed"), processed) != 0 || strcmp(member("numberRecordsFailed"), failed) != 0)
        fail_msg("not %s and %s: %s", processed, failed, text());
}

static inline void successes(struct job_id id)
{
    assert_int_equal(call("GET", at(id, "/successfulResults"), NULL), 200);
}

static inline void failures(struct job_id id)
{
    assert_int_equal(call("GET", at(id, "/failedResults"), NULL), 200);
}

static inline void unprocessed(struct job_id id)
{
    assert_int_equal(call("GET", at(id, "/unprocessedrecords"), NULL), 200);
}

/* Lines of the last answer, its header apart; values in them have no line breaks. */
static inline int rows(void)
{
    int n = -1;
    for (const char *p = text(); *p; p++)
        n += *p == '\n';
    return n;
}

/* How many records a condition finds. */
static inline int count(const char *from_where)
{
    char soql[300], *query, target[900];
    json_t *json;
    snprintf(soql, sizeof soql, "SELECT COUNT() FROM %s", from_where);
    struct text t = { 0 };
    for (const char *p = soql; *p; p++)
        text_fmt(&t, "%%%02X", (unsigned char)*p);
    query = text_take(&t, NULL);
    snprintf(target, sizeof target, DATA "/query?q=%s", query);
    free(query);
    assert_int_equal(call("GET", target, NULL), 200);
    json = json_loads(text(), 0, NULL);
    int n = (int)json_integer_value(json_object_get(json, "totalSize"));
    json_decref(json);
    return n;
}

static inline int bulk_open(void **state)
{
    if (box_open(state))
        return -1;
    admin_line(line, sizeof line);
    return 0;
}

static inline int bulk_close(void **state)
{
    reply_free(&said);
    return box_close(state);
}

/* Before each test: the sample data, no jobs, all knobs back. */
static inline int bulk_reset(void **state)
{
    (void)state;
    return ask_status("POST", "/sandbox/reset", NULL, "") == 200 &&
                   ask_status("POST", "/sandbox/model", NULL, "{}") == 200
               ? 0
               : -1;
}

#endif
