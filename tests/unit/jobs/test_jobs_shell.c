/* test_jobs_shell.c - the queue of jobs in the shell: what is printed, and with which exit code. */
#include "tests/unit/check.h"

#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include "runtime/jobs/queue.h"
#include "runtime/jobs_shell.h"

enum { WIDTH = 100, MANY = 130 };

static char folder[200], path[240], printed[64 * 1024], said[4096];
static struct config config;
static struct queue *q;

static int set_up(void **state)
{
    const char *tmp = getenv("TMPDIR");
    (void)state;
    snprintf(folder, sizeof folder, "%s/jobs-shell-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/jobs.db", folder);
    config = (struct config){ .jobs_db = path, .jobs = true, .jobs_poll_ms = 1000 };
    const struct queue_settings settings = { .path = path, .poll_ms = 1000 };
    q = queue_new(&settings);
    assert_int_equal(queue_open_now(q, 5000, NULL), QUEUE_OK);
    return 0;
}

static int tear_down(void **state)
{
    char file[260];
    (void)state;
    queue_free(q);
    for (int i = 0; i < 3; i++) {
        snprintf(file, sizeof file, "%s%s", path, i == 0 ? "" : i == 1 ? "-wal" : "-shm");
        unlink(file);
    }
    return rmdir(folder);
}

/* ---- running a command with its output in memory ---- */

static int keep(int fd, const char *name)
{
    char file[260];
    snprintf(file, sizeof file, "%s/%s", folder, name);
    int old = dup(fd), new = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(old >= 0 && new >= 0 && dup2(new, fd) == fd);
    close(new);
    unlink(file);
    return old;
}

static void give_back(int fd, int old, char *out, size_t size)
{
    ssize_t n = pread(fd, out, size - 1, 0);
    assert_true(n >= 0);
    out[n] = '\0';
    dup2(old, fd);
    close(old);
}

enum { WORDS = 6 };

static int run(const char *const words[WORDS])
{
    char copies[WORDS][64], *v[WORDS];
    int n = 0;
    for (; n < WORDS && words[n]; n++) {
        copy_text(copies[n], sizeof copies[n], words[n]);
        v[n] = copies[n];
    }
    fflush(stdout);
    int out = keep(STDOUT_FILENO, "out"), err = keep(STDERR_FILENO, "err");
    int code = jobs_shell(&config, n, v);
    fflush(stdout);
    give_back(STDOUT_FILENO, out, printed, sizeof printed);
    give_back(STDERR_FILENO, err, said, sizeof said);
    return code;
}
#define RUN(...) run((const char *const[WORDS]){ __VA_ARGS__ })

static int migrate(void)
{
    fflush(stdout);
    int out = keep(STDOUT_FILENO, "out"), err = keep(STDERR_FILENO, "err");
    int code = jobs_shell_migrate(&config);
    fflush(stdout);
    give_back(STDOUT_FILENO, out, printed, sizeof printed);
    give_back(STDERR_FILENO, err, said, sizeof said);
    return code;
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in: %s", part, text);
}

/* ---- jobs to look at ---- */

static void start(const char *operation, char id[JOB_ID_SIZE])
{
    struct job_started started;
    const struct job_new j = { .operation = operation,
                               .org_id = "00Dxx0000000001EAA",
                               .user_id = "005xx0000000001AAA",
                               .username = "ada\033[2J@example.com",
                               .queue = "default",
                               .priority = 5,
                               .per_org = 4,
                               .page_items = 2,
                               .attempts = 1,
                               .keep_days = 7,
                               .input = { "{}", 2 },
                               .connection = "acme",
                               .org_url = "https://acme.my.salesforce.com",
                               .api_version = "62.0",
                               .request_id = "r",
                               .traceparent = "" };
    assert_int_equal(queue_start(q, &j, &started), QUEUE_OK);
    copy_text(id, JOB_ID_SIZE, started.id);
}

static void claim(struct claim *c)
{
    const struct claim_wish wish = { .owner = "me", .lease_ms = 60000, .max = 1 };
    int n = 0;
    assert_int_equal(queue_claim(q, &wish, c, &n), QUEUE_OK);
    assert_int_equal(n, 1);
}

static void end_claim(struct claim *c, const struct step_end *e)
{
    struct step_ended ended;
    assert_int_equal(queue_step_end(q, c, e, &ended), QUEUE_OK);
    queue_claim_free(c);
}

/* One item done and one failed, of two. */
static void finish(void)
{
    struct claim c;
    json_t *items = json_pack("[s, s]", "006xx0000000001AAA", "006xx0000000002AAA");
    const struct item_result row = { .index = 1, .code = "locked", .message = "The record\033[31m is locked." };
    claim(&c);
    end_claim(&c, &(struct step_end){ .outcome = STEP_DONE, .items = items, .total = 2 });
    json_decref(items);
    claim(&c);
    end_claim(&c, &(struct step_end){ .outcome = STEP_DONE, .results = &row, .results_n = 1, .total = -1 });
}

/* ---- tests ---- */

static void a_line_for_each_job(void **state)
{
    char id[JOB_ID_SIZE], other[JOB_ID_SIZE];
    (void)state;
    start("generateQuotesForEveryOpportunity", id);
    finish();
    start("short", other);
    assert_int_equal(RUN("list"), EX_OK);
    has(printed, "DONE/TOTAL");
    has(printed, id);
    has(printed, "generateQuotesForEve done     1/2          1      ");
    has(printed, "short                queued   0/?          0      ");
    assert_true(strstr(printed, other) < strstr(printed, id)); /* the newest first */
    struct span rest = span_of(printed), line;
    while (span_split(&rest, '\n', &line))
        if (line.n > WIDTH)
            fail_msg("%zu columns", line.n);
    char list[sizeof printed];
    copy_text(list, sizeof list, printed);
    assert_int_equal(RUN(NULL), EX_OK); /* without a word */
    assert_string_equal(printed, list);
}

static void as_json(void **state)
{
    char id[JOB_ID_SIZE];
    (void)state;
    start("short", id);
    assert_int_equal(RUN("--json"), EX_OK);
    json_t *jobs = json_loads(printed, 0, NULL);
    assert_int_equal(json_array_size(jobs), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(jobs, 0), "jobId")), id);
    json_decref(jobs);
    assert_int_equal(RUN("show", "--json", id), EX_OK);
    json_t *job = json_loads(printed, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(job, "orgId")), "00Dxx0000000001EAA");
    json_decref(job);
    assert_int_equal(RUN("cancel", id, "--json"), EX_OK);
    job = json_loads(printed, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(job, "state")), "canceled");
    json_decref(job);
}

static void old_ones_are_not_shown(void **state)
{
    char id[JOB_ID_SIZE];
    int lines = 0;
    (void)state;
    for (int i = 0; i < MANY; i++)
        start("short", id);
    assert_int_equal(RUN("list"), EX_OK);
    for (const char *p = printed; (p = strchr(p, '\n')); p++)
        lines++;
    assert_int_equal(lines, 1 + 100 + 1);
    has(printed, "older ones are not shown");
    assert_int_equal(RUN("--json"), EX_OK);
    json_t *jobs = json_loads(printed, 0, NULL);
    assert_int_equal(json_array_size(jobs), 100);
    json_decref(jobs);
}

/* Neither a user's name nor an org's message moves the cursor. */
static void all_of_one_job(void **state)
{
    char id[JOB_ID_SIZE];
    (void)state;
    start("short", id);
    finish();
    assert_int_equal(RUN("show", id), EX_OK);
    has(printed, "state          done\n");
    has(printed, "username       ada?[2J@example.com\n");
    has(printed, "failed         1\n");
    has(printed, "  006xx0000000002AAA locked: The record?[31m is locked.\n");
    assert_null(strchr(printed, '\033'));
}

static void cancel_and_retry(void **state)
{
    char id[JOB_ID_SIZE], text[200];
    (void)state;
    start("short", id);
    finish();
    assert_int_equal(RUN("cancel", id), EX_DATAERR);
    has(said, "has ended already");
    assert_int_equal(RUN("retry", id), EX_OK);
    snprintf(text, sizeof text, "job %s is queued; failed items to be done again: 1\n", id);
    assert_string_equal(printed, text);
    assert_int_equal(RUN("cancel", id), EX_OK);
    snprintf(text, sizeof text, "job %s is canceled\n", id);
    assert_string_equal(printed, text);
    assert_int_equal(RUN("retry", id), EX_DATAERR); /* what was dropped has not failed */
    has(said, "nothing that could be done again");
}

static void a_queue_pauses(void **state)
{
    char id[JOB_ID_SIZE];
    struct claim c;
    const struct claim_wish wish = { .owner = "me", .lease_ms = 60000, .max = 1 };
    int n = -1;
    (void)state;
    start("short", id);
    assert_int_equal(RUN("pause", "default"), EX_OK);
    assert_int_equal(queue_claim(q, &wish, &c, &n), QUEUE_OK);
    assert_int_equal(n, 0);
    assert_int_equal(RUN("resume", "default"), EX_OK);
    claim(&c);
    queue_claim_free(&c);
    static const char *const bad[] = { "", "Default", "a-b", "a b", "12345678901234567890123456789012345678901" };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(RUN("pause", bad[i]), EX_USAGE);
}

static void what_is_wrong_has_a_code_of_its_own(void **state)
{
    static const char *const foreign = "11111111-2222-4333-8444-555555555555";
    static const char *const commands[] = { "show", "cancel", "retry" };
    (void)state;
    for (size_t i = 0; i < COUNT(commands); i++) {
        assert_int_equal(RUN(commands[i], foreign), EX_NOINPUT);
        has(said, "there is no such job");
        assert_string_equal(printed, "");
        assert_int_equal(RUN(commands[i]), EX_USAGE);
    }
    assert_int_equal(RUN("list", "all"), EX_USAGE);
    assert_int_equal(RUN("shew"), EX_USAGE);
    assert_int_equal(RUN("show", foreign, foreign), EX_USAGE);
    has(said, "usage: actionhost jobs");
    assert_int_equal(RUN("--help"), EX_OK);
    has(printed, "usage: actionhost jobs");
    config = (struct config){ 0 };
    assert_int_equal(RUN("list"), EX_CONFIG);
    has(said, "set DATABASE_URL or JOBS_DB");
}

static void a_database_that_cannot_be_used(void **state)
{
    char file[260];
    (void)state;
    snprintf(file, sizeof file, "%s/torn.db", folder);
    FILE *f = fopen(file, "we");
    assert_non_null(f);
    for (int i = 0; i < 1000; i++)
        fputs("no database", f);
    fclose(f);
    config.jobs_db = file;
    assert_int_equal(RUN("list"), EX_IOERR);
    assert_int_equal(migrate(), EX_IOERR);
    unlink(file);
    config.jobs_db = NULL;
    config.database_url = "postgres://ada:planted@127.0.0.1:1/jobs";
    assert_int_equal(RUN("list"), EX_TEMPFAIL);
    has(said, "cannot be reached: ");
    assert_null(strstr(said, "planted"));
}

static void migrate_tells_what_it_did(void **state)
{
    char file[260];
    (void)state;
    assert_int_equal(migrate(), EX_OK);
    assert_string_equal(printed, "the database of jobs was up to date\n");
    snprintf(file, sizeof file, "%s/new.db", folder);
    config.jobs_db = file;
    assert_int_equal(migrate(), EX_OK);
    has(printed, "the database of jobs is up to date: ");
    has(printed, " run\n");
    assert_int_equal(migrate(), EX_OK);
    assert_string_equal(printed, "the database of jobs was up to date\n");
    unlink(file);
    config = (struct config){ 0 };
    assert_int_equal(migrate(), EX_OK);
    has(printed, "no database of jobs is configured");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_for_each_job),
        TEST(as_json),
        TEST(old_ones_are_not_shown),
        TEST(all_of_one_job),
        TEST(cancel_and_retry),
        TEST(a_queue_pauses),
        TEST(what_is_wrong_has_a_code_of_its_own),
        TEST(a_database_that_cannot_be_used),
        TEST(migrate_tells_what_it_did),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
