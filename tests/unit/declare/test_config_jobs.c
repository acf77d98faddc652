/* test_config_jobs.c - the settings of jobs, and which process keeps which of its settings. */
#include "tests/unit/declare/config_kit.h"

#define URL "postgres://ada:planted@db.example:5432/jobs"
#define KEY "0123456789abcdef0123456789abcdef"
#define FORMER "fedcba9876543210fedcba9876543210"

static void without_a_database_there_are_no_jobs(void **state)
{
    (void)state;
    assert_true(LOAD(PLAIN));
    assert_false(config.jobs || config.jobs_run);
    assert_int_equal(config.job_workers_max, 6);
    assert_int_equal(config.jobs_poll_ms, 1000);
    assert_int_equal(config.jobs_keep_days, 7);
    assert_true(LOAD(PLAIN, "JOBS_RUN", "on"));
    assert_false(config.jobs || config.jobs_run);
    assert_true(LOAD(PLAIN, "DATABASE_URL", "", "JOBS_DB", ""));
    assert_false(config.jobs);
}

static void who_runs_steps_follows_the_database(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value, *run;
        bool want;
    } rows[] = { { "JOBS_DB", "jobs.db", "", true },     { "JOBS_DB", "jobs.db", "auto", true },
                 { "JOBS_DB", "jobs.db", "off", false }, { "DATABASE_URL", URL, "", false },
                 { "DATABASE_URL", URL, "auto", false }, { "DATABASE_URL", URL, "on", true } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(LOAD(PLAIN, rows[i].name, rows[i].value, "JOBS_RUN", rows[i].run));
        assert_true(config.jobs);
        assert_int_equal(config.jobs_run, rows[i].want);
    }
    assert_true(LOAD(PLAIN, "JOBS_DB", "jobs.db", "DATABASE_URL", URL));
    assert_false(config.jobs_run);
    assert_false(LOAD(PLAIN, "JOBS_RUN", "yes"));
    says("JOBS_RUN is \"yes\": must be auto, on or off");
}

static void a_dyno_keeps_no_file(void **state)
{
    (void)state;
    assert_false(LOAD(PLAIN, "DYNO", "web.1", "JOBS_DB", "/data/jobs.db"));
    says("JOBS_DB is \"/data/jobs.db\": no place on Heroku");
    says("heroku addons:create heroku-postgresql");
    assert_true(LOAD(PLAIN, "DYNO", "web.1", "JOBS_DB", "/data/jobs.db", "DATABASE_URL", URL));
    assert_true(LOAD(PLAIN, "DYNO", "", "JOBS_DB", "/data/jobs.db"));
}

static void keys_are_one_or_two(void **state)
{
    (void)state;
    assert_true(LOAD(PLAIN, "JOBS_KEY", KEY));
    assert_span(config.jobs_key, KEY);
    assert_int_equal(config.jobs_key_former.n, 0);
    assert_true(LOAD(PLAIN, "JOBS_KEY", KEY ", " FORMER));
    assert_span(config.jobs_key, KEY);
    assert_span(config.jobs_key_former, FORMER);
}

static void keys_that_are_none(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "0123456789abcdef0123456789abcde", "JOBS_KEY: the key must have 32 characters at least" },
        { KEY ",", "JOBS_KEY: the former key must have 32" },
        { "," KEY, "JOBS_KEY: the key must have 32" },
        { KEY ",fedcba9876543210fedcba987654321", "JOBS_KEY: the former key must have 32" },
        { KEY "," FORMER "," KEY, "JOBS_KEY: has more than two keys" },
        { "0123456789abcdef 0123456789abcdef", "JOBS_KEY: the key has a blank" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (LOAD(PLAIN, "JOBS_KEY", rows[i][0]))
            fail_msg("accepted: %s", rows[i][0]);
        says(rows[i][1]);
        assert_null(strstr(faults.p, "0123456789")); /* no part of a key is told */
    }
}

/* For commands that only open the database: what serve would miss is no fault there. */
static void a_command_needs_the_database_alone(void **state)
{
    (void)state;
    empty_environment();
    setenv("DATABASE_URL", URL, 1);
    setenv("PORT", "x", 1);
    setenv("LOG_LEVEL", "warn", 1);
    buf_free(&faults);
    buf_init(&faults, 1024);
    assert_true(config_load_jobs(&config, &faults));
    assert_string_equal(config.database_url, URL);
    assert_true(config.jobs && config.log_level == LOG_WARN && config.jobs_poll_ms == 1000);
    setenv("JOBS_POLL_MS", "0", 1);
    assert_false(config_load_jobs(&config, &faults));
    says("JOBS_POLL_MS is \"0\": must be a whole number from 50 to 60000");
}

static const char *const of_addon[] = { "HEROKU_APPLINK_API_URL", "HEROKU_APPLINK_TOKEN" };
static const char *const of_front[] = { "METRICS_TOKEN" };
static const char *const of_jobs[] = {
    "DATABASE_URL", "JOBS_DB", "JOBS_KEY", "HEROKU_POSTGRESQL_CYAN_URL", "DATABASE_CONNECTION_POOL_URL", "PGPASSWORD"
};
static const char *const of_all[] = { "LEDGER_URL", "HEROKU_APP_ID", "JOB_WORKERS_MAX" };

enum { NAMES = 8 };

/* Loads all of them, forgets what belongs to `owners`, and looks that these are gone, in memory too, and no others. */
static void forgets(unsigned owners)
{
    struct {
        unsigned owner;
        size_t n;
        const char *const *names;
        const char *values[NAMES];
    } rows[] = { { OWNER_ADDON, COUNT(of_addon), of_addon, { 0 } },
                 { OWNER_FRONT, COUNT(of_front), of_front, { 0 } },
                 { OWNER_JOBS, COUNT(of_jobs), of_jobs, { 0 } },
                 { OWNER_ALL, COUNT(of_all), of_all, { 0 } } };
    assert_true(LOAD(PLAIN, "METRICS_TOKEN", "metrics-token", "DATABASE_URL", URL, "JOBS_DB", "jobs.db", "JOBS_KEY",
                     KEY "," FORMER, "HEROKU_POSTGRESQL_CYAN_URL", URL, "DATABASE_CONNECTION_POOL_URL",
                     "postgresql://ada:planted@pool.example:6432/jobs?sslmode=require", "PGPASSWORD", "planted",
                     "LEDGER_URL", "postgres://bob:other@ledger.example/ledger", "JOB_WORKERS_MAX", "3"));
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t k = 0; k < rows[i].n; k++)
            rows[i].values[k] = getenv(rows[i].names[k]);
    config_forget(&config, owners);
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t k = 0; k < rows[i].n; k++) {
            bool gone = rows[i].owner & owners;
            if (!gone != !!getenv(rows[i].names[k]) || !gone != !!*rows[i].values[k])
                fail_msg("%s with %u", rows[i].names[k], owners);
        }
    }
}

static void each_process_keeps_its_own(void **state)
{
    (void)state;
    forgets(OWNER_JOBS); /* the front */
    assert_null(config.database_url);
    assert_null(config.jobs_db);
    assert_null(config.jobs_keys);
    assert_true(config.jobs_key.n == 0 && config.jobs_key_former.n == 0);
    assert_true(config.jobs); /* that there is one may be known */
    assert_string_equal(config.addon_token, "plain-token");
    forgets(OWNER_FRONT | OWNER_ADDON); /* the jobs process of serve */
    assert_string_equal(config.database_url, URL);
    assert_span(config.jobs_key_former, FORMER);
    assert_null(config.addon_token);
    forgets(OWNER_FRONT); /* the jobs process of work */
    assert_string_equal(config.addon_token, "plain-token");
    forgets(OWNER_WORKERS_NONE);
    assert_null(config.database_url);
}

/* A URL without a password, such as that of a socket, is told from others as a whole. */
static void a_database_without_a_password(void **state)
{
    (void)state;
    assert_true(LOAD(PLAIN, "DATABASE_URL", "postgres:///jobs?host=/run/pg", "COPY_URL",
                     "postgres:///jobs?host=/run/pg", "LEDGER_URL", "postgres:///ledger?host=/run/pg"));
    config_forget(&config, OWNER_JOBS);
    assert_null(getenv("COPY_URL"));
    assert_non_null(getenv("LEDGER_URL"));
}

static void whose_events_are_heard(void **state)
{
    (void)state;
    assert_true(LOAD(PLAIN));
    assert_int_equal(config.events_connections.n, 0);
    assert_string_equal(config.pubsub_url, "https://api.pubsub.salesforce.com:7443");
    assert_true(LOAD(PLAIN, "CONNECTIONS", "sales, service"));
    assert_int_equal(config.events_connections.n, 2);
    assert_true(LOAD(PLAIN, "CONNECTIONS", "sales,service", "EVENTS_CONNECTIONS", "service"));
    assert_int_equal(config.events_connections.n, 1);
    assert_span(config.events_connections.v[0], "service");
    assert_int_equal(config.connections.n, 2);
    static const char *const wrong[] = { "other", "sales,other", "sales,,service", "Sales", "sale" };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_false(LOAD(PLAIN, "CONNECTIONS", "sales,service", "EVENTS_CONNECTIONS", wrong[i]));
        says("must be names out of CONNECTIONS");
    }
}

/* Tokens go there. */
static void where_events_come_from(void **state)
{
    (void)state;
    static const struct {
        const char *url, *addon;
        bool good;
    } rows[] = {
        { "https://api.deu.pubsub.salesforce.com:7443", "https://a.example/addons/plain", true },
        { "https://pubsub.example", "https://a.example/addons/plain", true },
        { "http://127.0.0.1:7443", "http://127.0.0.1:7070/addons/plain", true },
        { "http://127.0.0.1:7443", "https://a.example/addons/plain", false },
        { "http://pubsub.example:7443", "http://127.0.0.1:7070/addons/plain", false },
        { "http://127.0.0.1.example:7443", "http://127.0.0.1:7070/addons/plain", false },
        { "https://pubsub.example/", "https://a.example/addons/plain", false },
        { "https://pubsub.example/path", "https://a.example/addons/plain", false },
        { "https://user@pubsub.example", "https://a.example/addons/plain", false },
        { "pubsub.example:7443", "https://a.example/addons/plain", false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool good = LOAD("HEROKU_APPLINK_API_URL", rows[i].addon, "HEROKU_APPLINK_TOKEN", "plain-token", "PUBSUB_URL",
                         rows[i].url);
        if (good != rows[i].good)
            fail_msg("%s with %s", rows[i].url, rows[i].addon);
        if (!good)
            says("PUBSUB_URL is ");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whose_events_are_heard),
        cmocka_unit_test(where_events_come_from),
        cmocka_unit_test(without_a_database_there_are_no_jobs),
        cmocka_unit_test(who_runs_steps_follows_the_database),
        cmocka_unit_test(a_dyno_keeps_no_file),
        cmocka_unit_test(keys_are_one_or_two),
        cmocka_unit_test(keys_that_are_none),
        cmocka_unit_test(a_command_needs_the_database_alone),
        cmocka_unit_test(each_process_keeps_its_own),
        cmocka_unit_test(a_database_without_a_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
