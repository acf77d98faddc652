/*
 * test_db.c - the layer below the queue: values there and back, the failure that sticks, a pooler that takes prepared
 * statements away, a server that freezes.
 */
#include <poll.h>
#include <signal.h>

#include "tests/unit/jobs/queue_kit.h"

#include "runtime/jobs/db.h"

static struct db *opened(void)
{
    char why[300] = "";
    struct db *d = NULL;
    if (kit.postgres) {
        struct db_attempt *a = db_attempt_new(kit.url, false);
        struct pollfd f = { .fd = db_attempt_fd(a), .events = POLLIN };
        assert_int_equal(poll(&f, 1, 20000), 1);
        assert_true(db_attempt_ended(a));
        d = db_attempt_take(a, why, sizeof why);
    } else {
        d = db_sqlite_open(kit.file, false, why, sizeof why);
    }
    if (!d)
        fail_msg("%s", why);
    return d;
}

static void ended(struct db *d)
{
    enum db_result r = db_end(d, true);
    if (r != DB_OK)
        fail_msg("%s", db_why(d));
}

static void values_go_there_and_back(void **state)
{
    (void)state;
    struct db *d = opened();
    static const char insert[] = "INSERT INTO t (n, s, b) VALUES ($2, $3, $1)"; /* not in order */
    static const char select[] = "SELECT id, n, s, b FROM t ORDER BY id";
    static const char bytes[] = "\0\x01\xff\\x00'";
    assert_true(db_begin(d, DB_WRITE));
    db_script(d, "CREATE TABLE t (id {ID}, n BIGINT, s TEXT, b {BYTES})");
    assert_int_equal(
        db_do(d, insert, DB_B(((struct span){ bytes, sizeof bytes - 1 })), DB_I(INT64_MIN), DB_T("it's ?$1")), 1);
    assert_int_equal(db_do(d, insert, DB_B((struct span){ 0 }), DB_I(INT64_MAX), DB_T(NULL)), 1);
    assert_int_equal(db_do(d, insert, DB_B(((struct span){ "", 0 })), DB_I(0), DB_T("")), 1);
    assert_int_equal(db_do(d, insert, DB_B(((struct span){ "x", 1 })), DB_I(-1), DB_S(((struct span){ "cut\xc3", 4 }))),
                     1);
    ended(d);
    db_begin(d, DB_READ);
    assert_true(db_ask(d, select));
    assert_true(db_next(d));
    assert_int_equal(db_number(d, 0), 1);
    assert_true(db_number(d, 1) == INT64_MIN);
    assert_string_equal(db_text(d, 2), "it's ?$1");
    assert_int_equal(db_span(d, 3).n, sizeof bytes - 1);
    assert_memory_equal(db_span(d, 3).p, bytes, sizeof bytes - 1);
    assert_true(db_next(d));
    assert_true(db_number(d, 1) == INT64_MAX);
    assert_true(db_is_null(d, 2) && db_is_null(d, 3));
    assert_string_equal(db_text(d, 2), "");
    assert_true(db_next(d));
    assert_false(db_is_null(d, 2));
    assert_int_equal(db_span(d, 2).n, 0);
    assert_int_equal(db_span(d, 3).n, 0);
    assert_true(db_next(d));
    assert_string_equal(db_text(d, 2), "cut");
    assert_int_equal(db_number(d, 9), 0); /* no such column */
    assert_false(db_next(d));
    assert_false(db_next(d));
    assert_int_equal(db_one(d, -7, "SELECT n FROM t WHERE id = $1", DB_I(99)), -7);
    assert_int_equal(db_do(d, "UPDATE t SET n = 5 WHERE id > $1", DB_I(2)), 2);
    assert_int_equal(db_do(d, "DELETE FROM t WHERE id > $1 RETURNING id", DB_I(1)), 3);
    ended(d);
    db_free(d);
}

static void a_failure_sticks_until_the_end(void **state)
{
    (void)state;
    struct db *d = opened();
    static const char count[] = "SELECT count(*) FROM ah_pause";
    assert_true(db_begin(d, DB_WRITE));
    assert_int_equal(db_do(d, "INSERT INTO ah_pause (queue) VALUES ('a')"), 1);
    assert_int_equal(db_do(d, "INSERT INTO nowhere (x) VALUES (1)"), -1);
    assert_true(db_failed(d));
    assert_int_equal(db_do(d, "INSERT INTO ah_pause (queue) VALUES ('b')"), -1);
    assert_false(db_ask(d, count));
    assert_false(db_next(d));
    assert_int_equal(db_end(d, true), DB_BROKEN); /* asked to keep it: nothing is kept */
    assert_non_null(strstr(db_why(d), "nowhere"));
    db_begin(d, DB_READ);
    assert_int_equal(db_one(d, -1, count), 0);
    ended(d);
    assert_true(db_begin(d, DB_WRITE));
    db_do(d, "INSERT INTO ah_pause (queue) VALUES ('c')");
    assert_int_equal(db_end(d, false), DB_OK); /* dropped on request */
    db_begin(d, DB_READ);
    assert_int_equal(db_one(d, -1, count), 0);
    ended(d);
    db_free(d);
}

/* One bad value is no reason to give up the connection. */
static void a_value_that_is_not_taken_is_told(void **state)
{
    (void)state;
    if (!kit.postgres)
        return;
    struct db *d = opened();
    db_begin(d, DB_WRITE);
    assert_int_equal(db_one(d, -1, "SELECT CAST(CAST($1 AS TEXT) AS BIGINT)", DB_T("x")), -1);
    assert_int_equal(db_end(d, true), DB_REFUSED);
    db_begin(d, DB_WRITE);
    assert_int_equal(db_one(d, -1, "SELECT 1"), 1);
    ended(d);
    db_free(d);
}

/* A pooler in transaction mode: what was prepared is gone, or somebody else's. */
static void without_prepared_statements_the_work_goes_on(void **state)
{
    (void)state;
    if (!kit.postgres)
        return;
    static const char plus[] = "SELECT 1 + CAST($1 AS BIGINT)";
    struct db *d = opened();
    db_begin(d, DB_READ);
    assert_int_equal(db_one(d, -1, plus, DB_I(1)), 2);
    db_script(d, "DEALLOCATE ALL");
    assert_int_equal(db_one(d, -1, plus, DB_I(1)), -1);
    assert_int_equal(db_end(d, true), DB_AGAIN);
    db_begin(d, DB_WRITE);
    assert_int_equal(db_one(d, -1, plus, DB_I(1)), 2);
    assert_int_equal(db_one(d, -1, "SELECT 2 + CAST($1 AS BIGINT)", DB_I(1)), 3);
    ended(d);
    db_script(d, "DEALLOCATE ALL"); /* there is nothing to lose any more */
    db_begin(d, DB_READ);
    assert_int_equal(db_one(d, -1, plus, DB_I(1)), 2);
    ended(d);
    db_free(d);
}

static void limits_last_for_their_transaction_alone(void **state)
{
    (void)state;
    if (!kit.postgres)
        return;
    struct db *d = opened();
    static const char limit[] = "SELECT CAST(setting AS BIGINT) FROM pg_settings WHERE name = 'statement_timeout'";
    db_begin(d, DB_WRITE);
    assert_int_equal(db_one(d, -1, limit), 4500);
    ended(d);
    db_begin(d, DB_READ);
    assert_int_equal(db_one(d, -1, limit), 0);
    ended(d);
    db_free(d);
}

static void a_server_that_freezes_is_given_up(void **state)
{
    (void)state;
    if (!kit.postgres)
        return;
    struct db *d = opened();
    db_begin(d, DB_READ);
    pid_t backend = (pid_t)db_one(d, -1, "SELECT pg_backend_pid()");
    ended(d);
    assert_true(backend > 1);
    assert_int_equal(kill(backend, SIGSTOP), 0);
    pid_t waker = fork(); /* where nobody gives up the test ends all the same, and not well */
    if (waker == 0) {
        sleep(15);
        kill(backend, SIGCONT);
        _exit(0);
    }
    assert_false(db_begin(d, DB_WRITE));
    kill(waker, SIGKILL);
    waitpid(waker, NULL, 0);
    assert_int_equal(db_end(d, true), DB_AWAY);
    assert_non_null(strstr(db_why(d), "not answered in time"));
    assert_false(db_begin(d, DB_WRITE)); /* it stays away */
    assert_int_equal(db_end(d, true), DB_AWAY);
    assert_false(db_heard(d));
    assert_int_equal(db_fd(d), -1);
    kill(backend, SIGCONT);
    db_free(d);
}

static void a_database_of_another_encoding_is_refused(void **state)
{
    (void)state;
    if (!kit.postgres)
        return;
    char why[300] = "", url[500];
    sql("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
    snprintf(url, sizeof url, "postgresql://tests@/latin?host=%s/pg", kit.folder);
    struct db_attempt *a = db_attempt_new(url, true);
    struct pollfd f = { .fd = db_attempt_fd(a), .events = POLLIN };
    assert_int_equal(poll(&f, 1, 20000), 1);
    assert_null(db_attempt_take(a, why, sizeof why));
    assert_non_null(strstr(why, "UTF8"));
}

static const struct CMUnitTest tests[] = {
    QUEUE_TEST(values_go_there_and_back),
    QUEUE_TEST(a_failure_sticks_until_the_end),
    QUEUE_TEST(a_value_that_is_not_taken_is_told),
    QUEUE_TEST(without_prepared_statements_the_work_goes_on),
    QUEUE_TEST(limits_last_for_their_transaction_alone),
    QUEUE_TEST(a_server_that_freezes_is_given_up),
    QUEUE_TEST(a_database_of_another_encoding_is_refused),
};

QUEUE_MAIN(tests)
