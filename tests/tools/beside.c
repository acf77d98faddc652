/*
 * beside.c - honest calls beside the hostile mix: what both cost the front, and how long the honest ones take.
 *   beside HOST_URL SANDBOX_URL FRONT_PID SECONDS HONEST_PER_SECOND HOSTILE_PER_SECOND
 * Prints one line: key=value. The exit code is 1 when an honest call failed; what is fast enough the caller decides.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tests/tools/cpu_time.h"
#include "tests/tools/hostile.h"

enum { RESIGN_MS = 30000 };

/* Waits until the `i`th of `per_second` is due; behind its time it does not wait. */
static void pace(int64_t begun_ms, long i, long per_second)
{
    int64_t due = begun_ms + i * 1000 / per_second, now = kit_ms();
    if (due > now)
        kit_sleep_ms((int)(due - now));
}

/* In a process of its own. Returns how many were sent. */
static long send_hostile(int port, int seconds, long per_second)
{
    int64_t begun = kit_ms();
    long i = 0;
    hostile_make();
    for (; kit_ms() - begun < (int64_t)seconds * 1000; i++) {
        pace(begun, i, per_second);
        (void)hostile_send(&hostile[i % HOSTILE], port);
    }
    return i;
}

static pid_t start_hostile(int port, int seconds, long per_second, int *count)
{
    int ends[2];
    if (pipe(ends) != 0)
        kit_die("pipe");
    pid_t pid = fork();
    if (pid != 0) {
        close(ends[1]);
        *count = ends[0];
        return pid;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    long sent = send_hostile(port, seconds, per_second);
    _exit(write(ends[1], &sent, sizeof sent) != sizeof sent);
}

struct honest {
    long calls, failed, over_50_ms;
    int64_t slowest_ms;
};

static struct honest call_honestly(int port, int sandbox, int seconds, long per_second)
{
    static char text[65536];
    static struct kit_answer answer;
    static const char body[] = "{\"text\":\"x\"}";
    struct honest h = { 0 };
    struct kit_signer s = kit_sign(sandbox, KIT_SAMPLE);
    int64_t begun = kit_ms(), signed_ms = begun;
    int fd = kit_dial(port);
    for (; kit_ms() - begun < (int64_t)seconds * 1000; h.calls++) {
        if (kit_ms() - signed_ms > RESIGN_MS) {
            kit_signer_free(&s);
            s = kit_sign(sandbox, KIT_SAMPLE);
            signed_ms = kit_ms();
        }
        size_t n = kit_invocation(&s, "/api/echo", body, sizeof body - 1, text, sizeof text);
        pace(begun, h.calls, per_second);
        int64_t sent = kit_ms();
        bool ok = fd >= 0 && kit_send(fd, text, n) && kit_answer(fd, &answer, 5000);
        int64_t took = kit_ms() - sent;
        h.failed += !ok || answer.status != 200;
        h.over_50_ms += took > 50;
        h.slowest_ms = took > h.slowest_ms ? took : h.slowest_ms;
        if (!ok || answer.close) {
            close(fd);
            fd = kit_dial(port);
        }
    }
    close(fd);
    kit_signer_free(&s);
    return h;
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "usage: beside HOST_URL SANDBOX_URL FRONT_PID SECONDS HONEST_PER_SECOND HOSTILE_PER_SECOND\n");
        return 64;
    }
    int port = kit_port(argv[1]), seconds = (int)strtol(argv[4], NULL, 10), count = -1;
    long front = strtol(argv[3], NULL, 10), hostile_sent = 0, per_second = strtol(argv[6], NULL, 10);
    long cpu = cpu_time_ms(front);
    int64_t begun = kit_ms();
    pid_t attacker = per_second ? start_hostile(port, seconds, per_second, &count) : 0;
    struct honest h = call_honestly(port, kit_port(argv[2]), seconds, strtol(argv[5], NULL, 10));
    cpu = cpu_time_ms(front) - cpu;
    int64_t took = kit_ms() - begun;
    if (attacker && read(count, &hostile_sent, sizeof hostile_sent) != sizeof hostile_sent)
        kit_die("the hostile half");
    if (attacker)
        waitpid(attacker, NULL, 0);
    printf("honest=%ld failed=%ld slowest_ms=%lld over_50_ms=%ld hostile=%ld front_cpu_percent=%.1f\n", h.calls,
           h.failed, (long long)h.slowest_ms, h.over_50_ms, hostile_sent, 100.0 * (double)cpu / (double)took);
    return h.failed != 0;
}
