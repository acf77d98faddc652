/*
 * queue_kit.h - a queue on each engine: every test of a program runs on SQLite, and again on a PostgreSQL that the
 * program starts itself. Each test begins with an empty database.
 */
#ifndef TESTS_QUEUE_KIT_H
#define TESTS_QUEUE_KIT_H

#include <libpq-fe.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/check.h"

#include "runtime/jobs/queue.h"

#define ORG "00Dxx0000000001EAA"
#define ORG2 "00Dxx0000000002EAA"
#define USER "005xx0000000001AAA"
#define ME "me"
#define LEASE 60000

static struct kit {
    bool postgres;
    char folder[200], file[240], url[400];
    struct queue *q; /* of the test; closed by the kit */
    FILE *guard;
} kit;

#define OK(call) assert_int_equal((call), QUEUE_OK)

/* ---- SQL beside the queue: what only a test does ---- */

UNUSED static void lite_now(sqlite3_context *c, int n, sqlite3_value **v)
{
    struct timespec t;
    (void)n;
    (void)v;
    clock_gettime(CLOCK_REALTIME, &t);
    sqlite3_result_int64(c, (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

/* The first column of the first row, as text; "" when there is none. Static. */
UNUSED static const char *sql_text(const char *sql)
{
    static char out[4000];
    out[0] = '\0';
    if (kit.postgres) {
        PGconn *c = PQconnectdb(kit.url);
        PGresult *r = PQexec(c, sql);
        ExecStatusType s = PQresultStatus(r);
        if (s != PGRES_TUPLES_OK && s != PGRES_COMMAND_OK)
            fail_msg("%s: %s", sql, PQerrorMessage(c));
        if (s == PGRES_TUPLES_OK && PQntuples(r) > 0)
            copy_text(out, sizeof out, PQgetvalue(r, 0, 0));
        PQclear(r);
        PQfinish(c);
        return out;
    }
    sqlite3 *db;
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_open(kit.file, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    sqlite3_create_function(db, "now_ms", 0, SQLITE_UTF8, NULL, lite_now, NULL, NULL);
    for (const char *rest = sql; *rest;) {
        if (sqlite3_prepare_v2(db, rest, -1, &s, &rest) != SQLITE_OK)
            fail_msg("%s: %s", sql, sqlite3_errmsg(db));
        int rc = s ? sqlite3_step(s) : SQLITE_DONE;
        if (rc == SQLITE_ROW && sqlite3_column_text(s, 0))
            copy_text(out, sizeof out, (const char *)sqlite3_column_text(s, 0));
        else if (rc != SQLITE_DONE && rc != SQLITE_ROW)
            fail_msg("%s: %s", sql, sqlite3_errmsg(db));
        sqlite3_finalize(s);
    }
    sqlite3_close(db);
    return out;
}

UNUSED static long sql_number(const char *sql)
{
    return strtol(sql_text(sql), NULL, 10);
}

UNUSED static void sql(const char *text)
{
    sql_text(text);
}

/* ---- queues ---- */

UNUSED static struct queue *queue_another(bool notify)
{
    const struct queue_settings s = {
        .database_url = kit.postgres ? kit.url : NULL, .path = kit.file, .poll_ms = 200, .notify = notify
    };
    struct queue *q = queue_new(&s);
    enum queue_result r = queue_open_now(q, 20000, NULL);
    if (r != QUEUE_OK)
        fail_msg("%s", queue_why(q));
    return q;
}

/* A job as most tests want it: pages of 2 items, no finish. */
UNUSED static struct job_new job_sample(void)
{
    return (struct job_new){ .operation = "generateQuotes",
                             .org_id = ORG,
                             .user_id = USER,
                             .username = "admin@example.com",
                             .queue = "quotes",
                             .priority = 5,
                             .per_org = 4,
                             .page_items = 2,
                             .attempts = 3,
                             .keep_days = 7,
                             .input = span_of("{\"a\":1}"),
                             .credentials = { "se\0led", 6 },
                             .org_url = "https://o.my.salesforce.com",
                             .api_version = "62.0",
                             .request_id = "req-1",
                             .traceparent = "00-1" };
}

UNUSED static struct job_started start_job(const struct job_new *n)
{
    struct job_started s;
    enum queue_result r = queue_start(kit.q, n, &s);
    if (r != QUEUE_OK)
        fail_msg("start: %d %s", r, queue_why(kit.q));
    return s;
}

UNUSED static int claim_some(const char *owner, struct claim *out, int max)
{
    const struct claim_wish w = { .owner = owner, .lease_ms = LEASE, .max = max };
    int n;
    enum queue_result r = queue_claim(kit.q, &w, out, &n);
    if (r != QUEUE_OK)
        fail_msg("claim: %d %s", r, queue_why(kit.q));
    return n;
}

/* The step that must be there; free it. */
UNUSED static struct claim claim_one(void)
{
    struct claim c;
    assert_int_equal(claim_some(ME, &c, 1), 1);
    return c;
}

UNUSED static void claim_none(void)
{
    struct claim c;
    assert_int_equal(claim_some(ME, &c, 1), 0);
}

/* Ends the step as `e` says, and frees the claim. */
UNUSED static struct step_ended end_with(struct claim *c, struct step_end e)
{
    struct step_ended out;
    enum queue_result r = queue_step_end(kit.q, c, &e, &out);
    if (r != QUEUE_OK)
        fail_msg("end: %d %s", r, queue_why(kit.q));
    queue_claim_free(c);
    return out;
}

UNUSED static struct step_ended end_done(struct claim *c)
{
    return end_with(c, (struct step_end){ .outcome = STEP_DONE, .total = -1 });
}

/* Ends a plan step with the items "i<from>" to "i<from + n - 1>". */
UNUSED static struct step_ended end_plan(struct claim *c, int from, int n, const json_t *cursor)
{
    json_t *items = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(items, json_sprintf("i%d", from + i));
    struct step_ended out =
        end_with(c, (struct step_end){ .outcome = STEP_DONE, .items = items, .cursor = cursor, .total = -1 });
    json_decref(items);
    return out;
}

/* A job whose plan has made `items` items. */
UNUSED static struct job_started planned_job(const struct job_new *n, int items)
{
    struct job_started s = start_job(n);
    struct claim c = claim_one();
    assert_int_equal(c.kind, STEP_PLAN);
    end_plan(&c, 0, items, NULL);
    return s;
}

UNUSED static json_t *get_job(const char *id)
{
    json_t *job = NULL;
    enum queue_result r = queue_get(kit.q, id, NULL, &job);
    if (r != QUEUE_OK)
        fail_msg("get: %d %s", r, queue_why(kit.q));
    return job;
}

/* State and counters of a job. */
#define assert_job(id, want_state, want_done, want_failed)                                                             \
    do {                                                                                                               \
        json_t *job_ = get_job(id);                                                                                    \
        assert_string_equal(json_string_value(json_object_get(job_, "state")), want_state);                            \
        assert_int_equal(json_integer_value(json_object_get(job_, "done")), want_done);                                \
        assert_int_equal(json_integer_value(json_object_get(job_, "failed")), want_failed);                            \
        json_decref(job_);                                                                                             \
    } while (0)

#define assert_claim(c, want_kind, want_payload)                                                                       \
    do {                                                                                                               \
        assert_int_equal((c).kind, want_kind);                                                                         \
        assert_string_equal((c).payload.p ? (c).payload.p : "", want_payload);                                         \
    } while (0)

/* ---- the engines ---- */

UNUSED static void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char shell_said[400];
static void shell(const char *format, ...)
{
    char line[800];
    va_list ap;
    va_start(ap, format);
    vsnprintf(line, sizeof line, format, ap);
    va_end(ap);
    FILE *f = popen(line, "r");
    size_t n = f ? fread(shell_said, 1, sizeof shell_said - 1, f) : 0;
    shell_said[n] = '\0';
    shell_said[strcspn(shell_said, "\n")] = '\0';
    int code = f ? pclose(f) : -1;
    if (code != 0 && WEXITSTATUS(code) != 69)
        fail_msg("%s: exit %d", line, code);
}

UNUSED static int kit_setup(void **state)
{
    (void)state;
    if (kit.postgres)
        sql("SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    else
        for (int i = 0; i < 3; i++) {
            static const char *const ends[] = { "", "-wal", "-shm" };
            char path[260];
            snprintf(path, sizeof path, "%s%s", kit.file, ends[i]);
            unlink(path);
        }
    kit.q = queue_another(false);
    return 0;
}

UNUSED static int kit_teardown(void **state)
{
    (void)state;
    queue_free(kit.q);
    kit.q = NULL;
    return 0;
}

#define QUEUE_TEST(f) cmocka_unit_test_setup_teardown(f, kit_setup, kit_teardown)

/* Runs the tests on both engines. */
#define QUEUE_MAIN(tests)                                                                                              \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        kit_folder();                                                                                                  \
        int failed = cmocka_run_group_tests_name("SQLite", tests, NULL, NULL);                                         \
        if (kit_postgres())                                                                                            \
            failed += cmocka_run_group_tests_name("PostgreSQL", tests, NULL, NULL);                                    \
        kit_end();                                                                                                     \
        return failed;                                                                                                 \
    }

UNUSED static void kit_folder(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(kit.folder, sizeof kit.folder, "%s/queue-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(kit.folder))
        exit(1);
    chmod(kit.folder, 0755); /* NOLINT: PostgreSQL's user enters it */
    snprintf(kit.file, sizeof kit.file, "%s/jobs.db", kit.folder);
}

UNUSED static bool kit_postgres(void)
{
    shell("tests/postgres.sh start '%s/pg' fsync=off", kit.folder);
    if (!shell_said[0]) {
        printf("ok 1 - PostgreSQL # SKIP it is not installed\n");
        return false;
    }
    char line[300];
    copy_text(kit.url, sizeof kit.url, shell_said);
    snprintf(line, sizeof line, "exec setsid tests/postgres.sh guard '%s/pg'", kit.folder);
    kit.guard = popen(line, "we"); /* ends the server also when this program crashes */
    kit.postgres = kit.guard != NULL;
    return kit.postgres;
}

UNUSED static void kit_end(void)
{
    if (kit.guard)
        pclose(kit.guard);
    shell("rm -rf '%s'", kit.folder);
}

#endif
