/* memory.c - shared memory of workers, which RLIMIT_DATA does not count: looked at once a second. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/build.h"
#include "runtime/pool/pool_parts.h"

enum { LOOK_MS = 1000 };

/* In kB; 0 also where the kernel does not tell, as for a process that has just ended. */
static long shared_kb(int pid)
{
    static const char name[] = "\nRssShmem:";
    char path[40], text[4096];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    const char *at = strstr(text, name);
    return at ? strtol(at + sizeof name - 1, NULL, 10) : 0;
}

void pool_end_overgrown(struct pool *p, int64_t now_ms)
{
    if (BUILD_SANITIZED || now_ms < p->next_look_ms)
        return;
    p->next_look_ms = now_ms + LOOK_MS;
    for (int i = 0; i < p->nslots; i++) {
        struct worker_slot *w = &p->slots[i];
        if (w->state == VACANT || shared_kb(w->pid) / 1024 <= p->config->worker_memory_mb || slot_has_ended(w))
            continue;
        struct ticket *t = w->ticket;
        slot_end(w, "memory");
        if (t)
            ticket_fail(t, 503, "out_of_memory",
                        "The action needed more memory than it may use. Ask for less at once.");
    }
}
