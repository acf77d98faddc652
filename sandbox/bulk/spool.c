/* spool.c - see spool.h. */
#include "sandbox/bulk/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Some file systems have no files without a name: there it has one for a moment. */
static int open_nameless(void)
{
    const char *dir = getenv("TMPDIR");
    char path[300];
    if (!dir || !*dir)
        dir = "/tmp";
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    snprintf(path, sizeof path, "%.250s/sandbox-XXXXXX", dir);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

bool spool_add(struct spool *s, const void *p, size_t n)
{
    const char *from = p;
    if (n == 0)
        return true;
    if (!s->fd)
        s->fd = open_nameless();
    if (s->fd < 0) {
        s->fd = 0;
        return false;
    }
    while (n > 0) {
        ssize_t done = pwrite(s->fd, from, n, (off_t)s->n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        from += done;
        n -= (size_t)done;
        s->n += (size_t)done;
    }
    return true;
}

bool spool_read(const struct spool *s, size_t at, size_t n, char *out)
{
    size_t done = 0;
    while (done < n) {
        ssize_t got = pread(s->fd, out + done, n - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

const char *spool_map(const struct spool *s)
{
    void *p = s->n ? mmap(NULL, s->n, PROT_READ, MAP_PRIVATE, s->fd, 0) : MAP_FAILED;
    return p == MAP_FAILED ? NULL : p;
}

void spool_unmap(const char *p, size_t n)
{
    if (p)
        munmap((void *)p, n);
}

void spool_free(struct spool *s)
{
    if (s->fd)
        close(s->fd);
    *s = (struct spool){ 0 };
}
