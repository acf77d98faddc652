/* owner.c - who claims: a process that can be told from any other that ever was on this machine, and found dead. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/jobs/queue.h"

struct owner {
    char machine[80]; /* boot id and pid namespace */
    int pid;
    unsigned long long started; /* ticks since the boot */
};

static bool machine(char *out, size_t size)
{
    char boot[40] = "", space[40] = "";
    FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
    bool ok = f && fgets(boot, sizeof boot, f);
    if (f)
        fclose(f);
    ssize_t n = readlink("/proc/self/ns/pid", space, sizeof space - 1);
    if (!ok || n <= 0)
        return false;
    boot[strcspn(boot, "\n")] = '\0';
    int length = snprintf(out, size, "%s/%s", boot, space);
    return length > 0 && (size_t)length < size;
}

/* State and start time of a process; false when there is none. The name in between may hold any character. */
static bool look(int pid, char *state, unsigned long long *started)
{
    char path[40], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    const char *at = strrchr(text, ')');
    if (!at || !at[1])
        return false;
    *state = at[2];
    for (int field = 2; field < 22 && at; field++) /* proc(5): starttime is the 22nd */
        at = strchr(at + 1, ' ');
    if (!at)
        return false;
    *started = strtoull(at + 1, NULL, 10);
    return true;
}

bool queue_owner(int pid, char out[QUEUE_OWNER_SIZE])
{
    struct owner o;
    char state;
    if (!machine(o.machine, sizeof o.machine) || !look(pid, &state, &o.started))
        return false;
    int n = snprintf(out, QUEUE_OWNER_SIZE, "%s/%d/%llu", o.machine, pid, o.started);
    return n > 0 && n < QUEUE_OWNER_SIZE;
}

bool queue_owner_is_dead(const char *owner)
{
    char here[80], state = '\0';
    unsigned long long started = 0;
    if (!machine(here, sizeof here))
        return false;
    size_t n = strlen(here);
    if (strncmp(owner, here, n) != 0 || owner[n] != '/')
        return false; /* of another machine, or of another boot: its lease will end */
    char *rest;
    long pid = strtol(owner + n + 1, &rest, 10);
    if (pid <= 0 || *rest != '/')
        return false;
    if (!look((int)pid, &state, &started))
        return kill((pid_t)pid, 0) != 0 && errno == ESRCH; /* or /proc hides it */
    return started != strtoull(rest + 1, NULL, 10) || state == 'Z' || state == 'X';
}
