/*
 * test_queue_open.c - the database behind a queue: migrated once, newer, damaged, full, closed to us, away and back;
 * and how a queue hears of work.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "tests/unit/jobs/queue_kit.h"

#include "runtime/base/system.h"
#include "runtime/jobs/queue_url.h"

static struct queue *closed_queue(const char *url, const char *path, bool notify)
{
    const struct queue_settings s = { .database_url = url, .path = path, .poll_ms = 60000, .notify = notify };
    return queue_new(&s);
}

static struct queue *another(bool notify)
{
    return closed_queue(kit.postgres ? kit.url : NULL, kit.file, notify);
}

/* ---- the schema ---- */

static void drop_all(void)
{
    queue_free(kit.q);
    kit.q = NULL;
    if (kit.postgres)
        sql("SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    else
        unlink(kit.file);
}

static void six_migrations_at_once_run_once(void **state)
{
    (void)state;
    int pipes[2], sum = 0;
    drop_all();
    assert_int_equal(pipe(pipes), 0);
    for (int i = 0; i < 6; i++)
        if (fork() == 0) {
            struct queue *q = another(false);
            int ran = 0;
            char c = queue_open_now(q, 30000, &ran) == QUEUE_OK ? (char)ran : 'x';
            queue_free(q);
            _exit(write(pipes[1], &c, 1) != 1);
        }
    for (int i = 0; i < 6; i++) {
        char c;
        int code;
        assert_int_equal(read(pipes[0], &c, 1), 1);
        assert_int_not_equal(c, 'x');
        sum += c;
        wait(&code);
    }
    assert_int_equal(sum, sql_number("SELECT version FROM ah_meta"));
    assert_true(sum > 0);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_meta"), 1);
    close(pipes[0]);
    close(pipes[1]);
}

static void a_newer_schema_is_used_when_it_says_so(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    int ran = 9;
    struct queue *q = another(false);
    sql("UPDATE ah_meta SET version = 99");
    OK(queue_open_now(q, 20000, &ran));
    assert_int_equal(ran, 0);
    start_job(&n);
    queue_free(q);
    assert_int_equal(sql_number("SELECT version FROM ah_meta"), 99);
    sql("UPDATE ah_meta SET oldest = 99");
    q = another(false);
    assert_int_equal(queue_open_now(q, 20000, &ran), QUEUE_NEWER);
    assert_int_equal(queue_state(q), QUEUE_NEWER);
    assert_non_null(strstr(queue_why(q), "newer version"));
    struct job_started s;
    assert_int_equal(queue_start(q, &n, &s), QUEUE_NEWER);
    assert_int_equal(queue_fd(q), queue_fd(q));
    queue_free(q);
}

/* ---- what may be wrong with a file ---- */

static void write_file(const char *text, long at)
{
    int fd = open(kit.file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && pwrite(fd, text, strlen(text), at) == (ssize_t)strlen(text));
    close(fd);
}

static void assert_broken(const char *words)
{
    struct queue *q = another(false);
    assert_int_equal(queue_open_now(q, 3000, NULL), QUEUE_BROKEN);
    if (!strstr(queue_why(q), words))
        fail_msg("%s", queue_why(q));
    queue_free(q);
}

static void a_file_that_is_no_database_is_told(void **state)
{
    (void)state;
    if (kit.postgres)
        return;
    queue_free(kit.q);
    kit.q = NULL;
    unlink(kit.file);
    write_file("This is a letter, and no database at all, however long one looks at it. It ends here.", 0);
    assert_broken("no SQLite database");
    unlink(kit.file);
}

static void a_damaged_file_is_told(void **state)
{
    (void)state;
    if (kit.postgres)
        return;
    struct job_new n = job_sample();
    struct job_started s;
    start_job(&n);
    sql("PRAGMA wal_checkpoint(TRUNCATE)");
    queue_free(kit.q);
    for (long at = 4096; at < 26 * 4096; at += 4096)
        write_file("damaged damaged damaged", at);
    struct queue *q = another(false);
    enum queue_result r = queue_open_now(q, 3000, NULL);
    if (r == QUEUE_OK)
        r = queue_start(q, &n, &s);
    assert_int_equal(r, QUEUE_BROKEN);
    assert_non_null(strstr(queue_why(q), "damaged"));
    assert_int_equal(queue_state(q), QUEUE_BROKEN);
    queue_free(q);
    unlink(kit.file);
    kit.q = queue_another(false);
}

/* Runs in a child: what it changes of itself stays there. */
static void in_child(void (*work)(void))
{
    int code;
    pid_t child = fork();
    if (child == 0) {
        work();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_true(WIFEXITED(code));
    assert_int_equal(WEXITSTATUS(code), 0);
}

static void fill_the_disk(void)
{
    struct job_new n = job_sample();
    struct job_started s;
    struct queue *q = another(false);
    char input[20001];
    memset(input, '1', 20000);
    input[20000] = '\0';
    n.input = span_of(input);
    signal(SIGXFSZ, SIG_IGN);
    if (queue_open_now(q, 20000, NULL) != QUEUE_OK)
        _exit(2);
    struct rlimit limit = { 400000, RLIM_INFINITY };
    setrlimit(RLIMIT_FSIZE, &limit);
    enum queue_result r = QUEUE_OK;
    for (int i = 0; i < 100 && r == QUEUE_OK; i++)
        r = queue_start(q, &n, &s);
    if (r != QUEUE_BROKEN || !strstr(queue_why(q), "full")) {
        fprintf(stderr, "%d %s\n", r, queue_why(q));
        _exit(3);
    }
    limit.rlim_cur = RLIM_INFINITY; /* there is room again */
    setrlimit(RLIMIT_FSIZE, &limit);
    if (queue_open_now(q, 20000, NULL) != QUEUE_OK || queue_start(q, &n, &s) != QUEUE_OK)
        _exit(4);
    queue_free(q);
}

static void a_full_disk_is_told_and_passes(void **state)
{
    (void)state;
    if (!kit.postgres)
        in_child(fill_the_disk);
}

static void open_what_is_not_ours(void)
{
    static const char *const words[] = { "folder must be there", "may not be written" };
    if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        _exit(2);
    for (int i = 0; i < 2; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", kit.folder, i == 0 ? "closed/new.db" : "read-only.db");
        struct queue *q = closed_queue(NULL, path, false);
        enum queue_result r = queue_open_now(q, 1000, NULL);
        if (r != QUEUE_BROKEN || !strstr(queue_why(q), words[i])) {
            fprintf(stderr, "%d %s\n", r, queue_why(q));
            _exit(3 + i);
        }
        queue_free(q);
    }
}

static void a_folder_or_file_that_may_not_be_written_is_told(void **state)
{
    (void)state;
    if (kit.postgres)
        return;
    char path[300];
    snprintf(path, sizeof path, "%s/closed", kit.folder);
    mkdir(path, 0755);
    chmod(path, 0555); /* NOLINT */
    snprintf(path, sizeof path, "%s/read-only.db", kit.folder);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0444);
    close(fd);
    in_child(open_what_is_not_ours);
    unlink(path);
}

static void the_file_is_private(void **state)
{
    (void)state;
    if (kit.postgres)
        return;
    struct job_new n = job_sample();
    struct stat st;
    char log[260];
    start_job(&n);
    snprintf(log, sizeof log, "%s-wal", kit.file);
    assert_int_equal(stat(kit.file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(log, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* What was erased is nowhere in the file. */
static void credentials_are_overwritten(void **state)
{
    (void)state;
    if (kit.postgres)
        return;
    static const char secret[] = "sealed-secret-of-this-job";
    struct job_new n = job_sample();
    char sealed[12000]; /* several pages: those that are given back keep what stood in them */
    memset(sealed, 's', sizeof sealed);
    for (size_t at = 0; at + sizeof secret < sizeof sealed; at += 100)
        memcpy(sealed + at, secret, sizeof secret - 1);
    n.credentials = (struct span){ sealed, sizeof sealed };
    start_job(&n);
    sql("PRAGMA wal_checkpoint(TRUNCATE)");
    for (int i = 0; i < 2; i++) {
        struct buf file;
        buf_init(&file, 16 * 1024 * 1024);
        assert_true(buf_file(&file, kit.file));
        assert_int_equal(memmem(file.p, file.n, secret, sizeof secret - 1) != NULL, i == 0);
        buf_free(&file);
        if (i == 0) {
            struct claim c = claim_one();
            end_plan(&c, 0, 0, NULL);
            sql("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }
}

/* ---- away, and back ---- */

static void a_server_that_goes_is_away_until_it_is_back(void **state)
{
    (void)state;
    if (!kit.postgres)
        return;
    struct job_new n = job_sample();
    struct job_started s = planned_job(&n, 4);
    struct claim c = claim_one();
    struct step_ended out;
    const struct step_end done = { .outcome = STEP_DONE, .total = -1 };
    int fd = queue_fd(kit.q);
    shell("tests/postgres.sh kill '%s/pg'", kit.folder);
    struct pollfd f = { .fd = fd, .events = POLLIN };
    assert_int_equal(poll(&f, 1, 20000), 1); /* the end of the connection is heard */
    assert_int_equal(queue_step_end(kit.q, &c, &done, &out), QUEUE_AWAY);
    assert_int_equal(queue_state(kit.q), QUEUE_AWAY);
    assert_string_not_equal(queue_why(kit.q), "");
    assert_false(queue_heard(kit.q));
    for (int i = 0; i < 3; i++) {
        assert_false(queue_work(kit.q));
        assert_in_range(queue_timeout_ms(kit.q, clock_ms()), 0, 60000);
        usleep(20000);
    }
    shell("tests/postgres.sh again '%s/pg'", kit.folder);
    OK(queue_open_now(kit.q, 30000, NULL));
    assert_string_equal(queue_why(kit.q), "");
    assert_int_equal(queue_fd(kit.q), fd);
    OK(queue_step_end(kit.q, &c, &done, &out)); /* the lease has lasted: its work counts */
    queue_claim_free(&c);
    c = claim_one();
    end_done(&c);
    assert_job(s.id, "done", 4, 0);
}

static int listening(const char *address, int *port)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t size = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(inet_pton(AF_INET, address, &a.sin_addr) == 1 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 &&
                listen(fd, 4) == 0 && getsockname(fd, (struct sockaddr *)&a, &size) == 0);
    *port = ntohs(a.sin_port);
    return fd;
}

/* Somewhere a socket takes connections and says nothing. */
static void a_server_that_says_nothing_holds_up_nobody(void **state)
{
    (void)state;
    if (!kit.postgres)
        return;
    char url[100];
    int port, fd = listening("127.0.0.1", &port);
    snprintf(url, sizeof url, "postgres://u:secret-word@127.0.0.1:%d/d", port);
    struct queue *q = closed_queue(url, NULL, true);
    struct job_new n = job_sample();
    struct job_started s;
    assert_int_equal(queue_open_now(q, 200, NULL), QUEUE_AWAY);
    assert_int_equal(queue_start(q, &n, &s), QUEUE_AWAY);
    queue_free(q); /* its thread is left to end by itself */
    close(fd);
    q = closed_queue(url, NULL, true); /* nobody listens any more */
    assert_int_equal(queue_open_now(q, 3000, NULL), QUEUE_AWAY);
    assert_null(strstr(queue_why(q), "secret-word"));
    assert_string_not_equal(queue_why(q), "");
    queue_free(q);
}

/* An address that is not one of those that count as this machine's: nothing but the wish for TLS is sent to it. */
static void another_machine_is_spoken_to_by_tls_alone(void **state)
{
    (void)state;
    static const unsigned char wish[] = {
        0, 0, 0, 8, 4, 210, 22, 47
    }; /* SSLRequest, "Message Formats" of its manual */
    char url[100], said[64];
    int port, fd = listening("127.0.0.2", &port);
    snprintf(url, sizeof url, "postgres://u:secret-word@127.0.0.2:%d/d", port);
    struct queue *q = closed_queue(url, NULL, true);
    queue_work(q);
    int c = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    const struct timeval patience = { .tv_sec = 10 };
    setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(recv(c, said, sizeof said, 0), sizeof wish);
    assert_memory_equal(said, wish, sizeof wish);
    assert_int_equal(send(c, "N", 1, MSG_NOSIGNAL), 1); /* it has none */
    struct pollfd f = { .fd = queue_fd(q), .events = POLLIN };
    assert_int_equal(poll(&f, 1, 10000), 1); /* the attempt has ended */
    assert_false(queue_work(q));
    assert_int_equal(recv(c, said, sizeof said, 0), 0); /* that was all */
    close(c);
    close(fd);
    queue_free(q);
}

static void a_lock_that_is_held_for_long_is_away(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s;
    if (!kit.postgres)
        return;
    PGconn *c = PQconnectdb(kit.url);
    PQclear(PQexec(c, "BEGIN; LOCK TABLE ah_job"));
    assert_int_equal(queue_start(kit.q, &n, &s), QUEUE_AWAY);
    assert_non_null(strstr(queue_why(kit.q), "lock"));
    assert_true(queue_work(kit.q)); /* the connection is still good */
    PQfinish(c);
    OK(queue_start(kit.q, &n, &s));
}

/* ---- wake-up ---- */

static void work_is_heard_of_without_polling(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct queue *q = another(true);
    OK(queue_open_now(q, 20000, NULL));
    struct pollfd f = { .fd = queue_fd(q), .events = POLLIN };
    assert_true(queue_heard(q)); /* there may be work from before */
    while (poll(&f, 1, 50) > 0)
        queue_heard(q); /* what its own opening wrote */
    assert_false(queue_heard(q));
    start_job(&n);
    assert_int_equal(poll(&f, 1, 10000), 1);
    assert_true(queue_heard(q));
    queue_free(q);
}

static void without_wake_ups_there_is_polling(void **state)
{
    (void)state;
    struct queue *q = queue_another(false); /* polls each 200 ms */
    assert_true(queue_heard(q));
    int ms = queue_timeout_ms(q, clock_ms());
    assert_in_range(ms, 1, 200);
    usleep((useconds_t)ms * 1000 + 2000);
    assert_int_equal(queue_timeout_ms(q, clock_ms()), 0);
    assert_true(queue_heard(q));
    queue_free(q);
}

/* ---- the URL ---- */

static void urls_are_judged(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        const char *words; /* NULL = good */
    } cases[] = {
        { "postgres://u:p@db.example.com:5432/d", NULL },
        { "postgresql://u:p@db.example.com/d?sslmode=require", NULL },
        { "postgresql://u:p@db.example.com/d?sslmode=verify-full", NULL },
        { "postgresql://u:p@localhost/d?sslmode=disable", NULL },
        { "postgresql://u:p@127.0.0.1/d?sslmode=disable", NULL },
        { "postgresql://u:p@[::1]/d?sslmode=disable", NULL },
        { "postgresql://u@/d?host=/tmp&sslmode=disable", NULL },
        { "postgresql:///d?sslmode=disable", NULL },
        { "postgres://u:p@db.example.com/d?sslmode=disable", "without TLS" },
        { "postgres://u:p@db.example.com/d?sslmode=allow", "without TLS" },
        { "postgres://u:p@db.example.com/d?sslmode=prefer", "without TLS" },
        { "postgres://u:p@localhost,db.example.com/d?sslmode=disable", "without TLS" },
        { "postgres://u:p@localhost/d?hostaddr=192.0.2.1&sslmode=disable", "without TLS" },
        { "postgres://u:p@localhost.example.com/d?sslmode=disable", "without TLS" },
        { "postgres:///d?service=x", "service file" },
        { "postgres://u:secret-word@[x/d", "cannot be read" },
        { "postgres://u:p@h/d?nonsense=secret-word", "cannot be read" },
        { "mysql://u:secret-word@h/d", "must begin with" },
        { "host=h password=secret-word", "must begin with" },
        { "", "must begin with" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char why[300] = "";
        bool ok = queue_url_check(cases[i].url, why, sizeof why);
        if (ok != !cases[i].words || (cases[i].words && !strstr(why, cases[i].words)) || strstr(why, "secret-word"))
            fail_msg("%s: %s", cases[i].url, why);
    }
}

static const struct CMUnitTest tests[] = {
    QUEUE_TEST(six_migrations_at_once_run_once),
    QUEUE_TEST(a_newer_schema_is_used_when_it_says_so),
    QUEUE_TEST(a_file_that_is_no_database_is_told),
    QUEUE_TEST(a_damaged_file_is_told),
    QUEUE_TEST(a_full_disk_is_told_and_passes),
    QUEUE_TEST(a_folder_or_file_that_may_not_be_written_is_told),
    QUEUE_TEST(the_file_is_private),
    QUEUE_TEST(credentials_are_overwritten),
    QUEUE_TEST(a_server_that_goes_is_away_until_it_is_back),
    QUEUE_TEST(a_server_that_says_nothing_holds_up_nobody),
    QUEUE_TEST(another_machine_is_spoken_to_by_tls_alone),
    QUEUE_TEST(a_lock_that_is_held_for_long_is_away),
    QUEUE_TEST(work_is_heard_of_without_polling),
    QUEUE_TEST(without_wake_ups_there_is_polling),
    QUEUE_TEST(urls_are_judged),
};

QUEUE_MAIN(tests)
