/* worker_lines.c - lines of workers on their way to stderr. */
#include "runtime/process/worker_lines.h"

#include <string.h>
#include <unistd.h>

#include "runtime/base/log.h"

enum { LAST_READS = 64 };

enum lines_passed worker_lines_pass(struct worker_lines *l, int fd)
{
    ssize_t n = read(fd, l->text + l->n, sizeof l->text - 1 - l->n);
    if (n <= 0)
        return n == 0 ? LINES_END : LINES_NONE;
    l->n += (size_t)n;
    const char *end = memrchr(l->text, '\n', l->n);
    if (!end && l->n < sizeof l->text - 1)
        return LINES_SOME;
    if (!end) { /* no line of the host's own is that long */
        l->text[l->n++] = '\n';
        end = l->text + l->n - 1;
    }
    size_t whole = (size_t)(end - l->text) + 1;
    log_lines(l->text, whole);
    l->n -= whole;
    memmove(l->text, l->text + whole, l->n);
    return LINES_SOME;
}

void worker_lines_drain(struct worker_lines *l, int fd)
{
    for (int i = 0; fd >= 0 && i < LAST_READS && worker_lines_pass(l, fd) == LINES_SOME; i++)
        ;
}
