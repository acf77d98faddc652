/*
 * test_bytes_equal.c - the comparison of secrets takes as many instructions wherever the difference is. They are
 * counted, not timed: a child compares while this process steps it one instruction after the other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/bytes.h"

/* ThreadSanitizer's own notes on each access are not the same number twice. */
#if defined(__SANITIZE_THREAD__)
#define COUNTS 0
#else
#define COUNTS 1
#endif

enum { LENGTH = 64, STEPS_MAX = 100000, EXIT_EQUAL = 40, EXIT_DIFFERENT, EXIT_UNTRACED };

typedef bool compare(const void *a, const void *b, size_t n);

/* What the tests are told apart from: ends at the first difference. */
static bool hasty(const void *a, const void *b, size_t n)
{
    const volatile unsigned char *x = a, *y = b;
    for (size_t i = 0; i < n; i++)
        if (x[i] != y[i])
            return false;
    return true;
}

/* In the child: stops, compares, ends by a signal stop of its own, so that the parent counts the comparison and its
 * return alone. */
static void compare_stepped(compare *same, const unsigned char *a, const unsigned char *b)
{
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
        _exit(EXIT_UNTRACED);
    raise(SIGSTOP);
    bool equal = same(a, b, LENGTH);
    _exit(equal ? EXIT_EQUAL : EXIT_DIFFERENT);
}

/* Instructions of the child from its stop to its end, whose way is the same in each; -1 where a process may not trace.
 */
static long instructions(compare *same, const unsigned char *a, const unsigned char *b, int *code)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        compare_stepped(same, a, b);
    int status = 0;
    long steps = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    while (WIFSTOPPED(status) && steps < STEPS_MAX) {
        if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) != 0)
            break;
        steps++;
        assert_int_equal(waitpid(pid, &status, 0), pid);
    }
    if (!WIFEXITED(status)) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        fail_msg("the comparison did not end within %d instructions", STEPS_MAX);
    }
    *code = WEXITSTATUS(status);
    return *code == EXIT_UNTRACED ? -1 : steps;
}

/* Counts with the difference at `at`, or without one where it is LENGTH. Skips the test where nobody may trace. */
static long counted(compare *same, size_t at)
{
    unsigned char a[LENGTH], b[LENGTH];
    int code = 0;
    if (!COUNTS)
        skip();
    memset(a, 'k', sizeof a);
    memcpy(b, a, sizeof b);
    if (at < LENGTH)
        b[at] ^= 1;
    long steps = instructions(same, a, b, &code);
    if (steps < 0)
        skip();
    assert_int_equal(code, at < LENGTH ? EXIT_DIFFERENT : EXIT_EQUAL);
    return steps;
}

static void one_count_wherever_they_differ(void **state)
{
    (void)state;
    static const size_t places[] = { 1, 7, 15, 16, 31, 32, 62, LENGTH - 1 };
    long first = counted(bytes_equal, 0);
    assert_true(first > LENGTH);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        assert_int_equal(counted(bytes_equal, places[i]), first);
}

/* The answer itself, yes or no, may differ by the few instructions that tell it. */
static void equal_is_counted_alike(void **state)
{
    (void)state;
    long gap = counted(bytes_equal, LENGTH) - counted(bytes_equal, 0);
    assert_in_range(gap + 8, 0, 16);
}

static void a_hasty_comparison_is_noticed(void **state)
{
    (void)state;
    assert_true(counted(hasty, LENGTH - 1) > counted(hasty, 0) + LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_count_wherever_they_differ),
        cmocka_unit_test(equal_is_counted_alike),
        cmocka_unit_test(a_hasty_comparison_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
