/* orphans.c - children that nobody has forked on purpose. */
#include "runtime/process/orphans.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 1000 };

void orphans_adopt(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

/* Numbers are safe here: a child keeps its own until we reap it, also when it has ended. */
int orphans_kill(orphans_own_fn *is_own, void *ctx)
{
    FILE *f = fopen("/proc/thread-self/children", "re");
    char number[16];
    int n = 0;
    if (!f)
        return -1;
    while (fscanf(f, "%15s", number) == 1) {
        pid_t pid = (pid_t)strtol(number, NULL, 10);
        if (is_own && is_own(ctx, pid))
            continue;
        kill(pid, SIGKILL);
        n++;
    }
    fclose(f);
    return n;
}

/* Reaps all that have ended. True: some have not. */
static bool some_left(void)
{
    pid_t pid;
    do {
        pid = waitpid(-1, NULL, WNOHANG);
    } while (pid > 0);
    return pid == 0;
}

int orphans_end_all(void)
{
    int killed = 0;
    for (int i = 0; i < ROUNDS; i++) {
        if (!some_left())
            return killed;
        int n = orphans_kill(NULL, NULL);
        if (n < 0)
            return -1;
        if (i == 0)
            killed = n;
        usleep(1000);
    }
    return -1;
}
