/* test_control.c - messages between master and front, and descriptors that do not arrive. */
#include "tests/unit/check.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/process/control.h"

enum { LIMIT = 64 };

static int ends[2];

static int set_up(void **state)
{
    (void)state;
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

static int tear_down(void **state)
{
    (void)state;
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static int open_now(void)
{
    int n = 0;
    for (int fd = 0; fd < LIMIT; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void a_worker_arrives_with_both_descriptors(void **state)
{
    struct control c;
    int fds[2];
    (void)state;
    assert_true(control_send_worker(ends[0], 1234, (const int[]){ STDIN_FILENO, STDERR_FILENO }));
    assert_int_equal(control_receive(ends[1], &c, fds), CONTROL_MESSAGE);
    assert_int_equal(c.kind, CONTROL_WORKER);
    assert_int_equal(c.value, 1234);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
        assert_int_equal(close(fds[i]), 0);
    }
    assert_int_equal(control_receive(ends[1], &c, fds), CONTROL_NOTHING);
}

/* Of which there is one alone. */
static void a_jobs_process_arrives_with_its_link(void **state)
{
    struct control c;
    int fds[2];
    (void)state;
    assert_true(control_send_jobs(ends[0], 4321, STDIN_FILENO));
    assert_int_equal(control_receive(ends[1], &c, fds), CONTROL_MESSAGE);
    assert_int_equal(c.kind, CONTROL_JOBS);
    assert_int_equal(c.value, 4321);
    assert_int_equal(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
    assert_int_equal(fds[1], -1);
    assert_int_equal(close(fds[0]), 0);
}

static void other_messages_bring_none(void **state)
{
    struct control c;
    int fds[2];
    (void)state;
    assert_true(control_send(ends[0], &(struct control){ CONTROL_WANTED, 7 }));
    assert_int_equal(control_receive(ends[1], &c, fds), CONTROL_MESSAGE);
    assert_int_equal(c.kind, CONTROL_WANTED);
    assert_int_equal(c.value, 7);
    assert_true(fds[0] < 0 && fds[1] < 0);
}

static bool send_worker(void)
{
    return control_send_worker(ends[0], 1234, (const int[]){ STDIN_FILENO, STDERR_FILENO });
}

static bool send_jobs(void)
{
    return control_send_jobs(ends[0], 1234, STDIN_FILENO);
}

/* With room for `left` descriptors only: the message is there, none of them is kept. */
static void arrives_with_room_for(int left, bool (*send)(void))
{
    struct rlimit was, low;
    struct control c;
    int fds[2], filled[LIMIT], n = 0;
    assert_true(send());
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    low = (struct rlimit){ LIMIT, was.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    for (int fd; n < LIMIT && (fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;)
        filled[n++] = fd;
    for (int i = 0; i < left; i++)
        close(filled[--n]);
    int before = open_now();
    assert_int_equal(before, LIMIT - left);
    assert_int_equal(control_receive(ends[1], &c, fds), CONTROL_MESSAGE);
    int after = open_now();
    setrlimit(RLIMIT_NOFILE, &was);
    while (n > 0)
        close(filled[--n]);
    assert_int_equal(c.value, 1234);
    assert_true(fds[0] < 0 && fds[1] < 0);
    assert_int_equal(after, before);
}

static void a_pair_that_is_cut_short_is_closed(void **state)
{
    (void)state;
    arrives_with_room_for(1, send_worker);
    arrives_with_room_for(0, send_worker);
    arrives_with_room_for(0, send_jobs);
}

static void the_end_is_told(void **state)
{
    struct control c;
    int fds[2];
    (void)state;
    shutdown(ends[0], SHUT_RDWR);
    assert_int_equal(control_receive(ends[1], &c, fds), CONTROL_END);
    assert_false(control_send(ends[1], &(struct control){ CONTROL_READY, 1 }));
}

/* Whoever does not read is not waited for. */
static void a_full_socket_is_told(void **state)
{
    int n = 0;
    (void)state;
    while (n < 1000000 && control_send(ends[0], &(struct control){ CONTROL_READY, n }))
        n++;
    assert_true(n > 0 && n < 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_worker_arrives_with_both_descriptors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_jobs_process_arrives_with_its_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_messages_bring_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pair_that_is_cut_short_is_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_end_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_socket_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
