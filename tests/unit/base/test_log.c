/* test_log.c - a log that nobody reads: nothing waits for it, and what is lost is told. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "runtime/base/log.h"
#include "tests/unit/check.h"

enum { LINES = 6000, PATIENCE_S = 10 };

static int real_stderr;

/* Lines that came out whole and in their order, what the host says it lost, and all else. */
static struct {
    int fd;
    char text[512 * 1024];
    size_t n;
    int lines, last;
    long lost;
} reader;

/* stderr becomes `end` for the time of the test. A test that waits for ever is ended by the alarm. */
static void begin(int end, int read_end)
{
    alarm(PATIENCE_S);
    reader.fd = read_end;
    reader.n = 0;
    reader.lines = 0;
    reader.last = -1;
    reader.lost = 0;
    fcntl(read_end, F_SETFL, O_RDONLY | O_NONBLOCK);
    assert_int_equal(dup2(end, STDERR_FILENO), STDERR_FILENO);
    log_open();
}

static void end(int write_end)
{
    dup2(real_stderr, STDERR_FILENO);
    log_open();
    close(write_end);
    close(reader.fd);
    alarm(0);
}

static void say(int from, int n)
{
    char number[16];
    for (int i = from; i < from + n; i++) {
        snprintf(number, sizeof number, "%d", i);
        log_event(LOG_INFO, "line", "n", number, "more", "0123456789 0123456789 0123456789", NULL);
    }
}

static bool read_some(void)
{
    ssize_t n = read(reader.fd, reader.text + reader.n, sizeof reader.text - reader.n);
    if (n > 0)
        reader.n += (size_t)n;
    return n > 0;
}

static void count(void)
{
    struct span rest = { reader.text, reader.n }, line;
    char text[200], more[100];
    while (span_split(&rest, '\n', &line)) {
        int number;
        long lost;
        copy_span(text, sizeof text, line);
        if (sscanf(text, "at=line n=%d more=\"%60[0-9 ]\"", &number, more) == 2) {
            assert_int_equal(strlen(more), 32);
            assert_true(number > reader.last);
            reader.last = number;
            reader.lines++;
        } else if (sscanf(text, "at=log-lost level=warn n=%ld", &lost) == 1) {
            assert_true(lost > 0);
            reader.lost += lost;
        } else if (*text) {
            fail_msg("not a line: %s", text);
        }
    }
}

/* Many lines while nobody reads, then a reader: each line has come, or is counted as lost. */
static void fill_and_read(void)
{
    assert_false(log_behind());
    say(0, LINES);
    assert_true(log_behind());
    do {
        while (read_some())
            ;
        log_work();
    } while (log_behind() || read_some());
    say(LINES, 1); /* from here on all is as before */
    assert_false(log_behind());
    while (read_some())
        ;
    count();
    assert_true(reader.lost > 0);
    assert_int_equal(reader.last, LINES);
    assert_int_equal(reader.lines + reader.lost, LINES + 1);
}

static void a_pipe_that_nobody_reads_is_not_waited_for(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    begin(ends[1], ends[0]);
    fill_and_read();
    assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0); /* others write to it too */
    end(ends[1]);
}

static void a_socket_that_nobody_reads_is_not_waited_for(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    begin(ends[1], ends[0]);
    fill_and_read();
    assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
    end(ends[1]);
}

static void a_terminal_that_stands_still_is_not_waited_for(void **state)
{
    (void)state;
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        skip();
    int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    struct termios raw;
    assert_true(terminal >= 0);
    tcgetattr(terminal, &raw);
    cfmakeraw(&raw);
    tcsetattr(terminal, TCSANOW, &raw);
    begin(terminal, master);
    fill_and_read();
    assert_int_equal(fcntl(terminal, F_GETFL) & O_NONBLOCK, 0);
    end(terminal);
}

/* As when the pipe is another user's: it cannot be opened anew for want of a descriptor. */
static void a_pipe_that_cannot_be_opened_anew_is_asked_first(void **state)
{
    int ends[2];
    struct rlimit was, none;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    none = (struct rlimit){ 3, was.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    begin(ends[1], ends[0]);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
    fill_and_read();
    end(ends[1]);
}

static void a_reader_that_has_gone_is_none_of_our_business(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    begin(ends[1], ends[0]);
    say(0, LINES);
    close(ends[0]);
    say(LINES, 10);
    log_work();
    assert_true(log_behind()); /* they are lost, and nobody is there to be told */
    end(ends[1]);
}

static void a_file_gets_every_line_at_once(void **state)
{
    char name[] = "/tmp/actionhost-log-XXXXXX";
    (void)state;
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    int read_end = open(name, O_RDONLY);
    unlink(name);
    begin(fd, read_end);
    for (int i = 0; i < LINES; i++) {
        say(i, 1);
        assert_false(log_behind());
    }
    while (read_some())
        ;
    count();
    assert_int_equal(reader.lines, LINES);
    end(fd);
}

static void lines_of_others_are_passed_on(void **state)
{
    static const char text[] = "at=line n=1 more=\"01234567890123456789012345678901\"\n"
                               "at=line n=2 more=\"01234567890123456789012345678901\"\n";
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    begin(ends[1], ends[0]);
    log_lines(text, sizeof text - 1);
    while (read_some())
        ;
    count();
    assert_int_equal(reader.lines, 2);
    end(ends[1]);
}

/* What a parent could not write is the parent's to write. */
static void what_waits_is_forgotten_in_a_new_process(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    begin(ends[1], ends[0]);
    say(0, LINES);
    assert_true(log_behind());
    log_open(); /* as the child does */
    assert_false(log_behind());
    end(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_that_nobody_reads_is_not_waited_for),
        cmocka_unit_test(a_socket_that_nobody_reads_is_not_waited_for),
        cmocka_unit_test(a_terminal_that_stands_still_is_not_waited_for),
        cmocka_unit_test(a_pipe_that_cannot_be_opened_anew_is_asked_first),
        cmocka_unit_test(a_reader_that_has_gone_is_none_of_our_business),
        cmocka_unit_test(a_file_gets_every_line_at_once),
        cmocka_unit_test(lines_of_others_are_passed_on),
        cmocka_unit_test(what_waits_is_forgotten_in_a_new_process),
    };
    signal(SIGPIPE, SIG_IGN);
    real_stderr = dup(STDERR_FILENO);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
