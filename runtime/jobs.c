/* jobs.c - the loop of the jobs process. */
#include "runtime/jobs.h"

#include <poll.h>
#include <sysexits.h>
#include <unistd.h>

#include "runtime/process/control.h"
#include "runtime/process/signals.h"

enum { WORKERS = 64, OTHERS = 4 };

struct jobs {
    const struct jobs_start *s;
    struct pollfd p[OTHERS + WORKERS];
    int pids[WORKERS];
    int n;
    bool stop, failed;
};

static void on_control(struct jobs *j)
{
    struct control m;
    int fds[2];
    enum control_received r = control_receive(j->s->control, &m, fds);
    if (r == CONTROL_END)
        j->failed = true;
    if (r == CONTROL_MESSAGE && m.kind == CONTROL_DRAIN)
        j->stop = true;
    if (r == CONTROL_MESSAGE && m.kind == CONTROL_WORKER && fds[0] >= 0) {
        close(fds[1]);
        int i = 0;
        while (i < j->n && j->p[OTHERS + i].fd >= 0)
            i++;
        if (i == WORKERS)
            return;
        j->n += i == j->n;
        j->p[OTHERS + i] = (struct pollfd){ .fd = fds[0], .events = POLLIN };
        j->pids[i] = m.value;
    }
}

static void on_worker(struct jobs *j, int i)
{
    char bytes[256];
    ssize_t n = read(j->p[OTHERS + i].fd, bytes, sizeof bytes);
    if (n > 0 && control_send(j->s->control, &(struct control){ CONTROL_READY, j->pids[i] }))
        return;
    close(j->p[OTHERS + i].fd);
    j->p[OTHERS + i].fd = -1;
}

static void on_logs(const struct jobs *j)
{
    char text[4096];
    ssize_t n = read(j->s->logs, text, sizeof text);
    if (n > 0)
        log_lines(text, (size_t)n);
}

static void turn(struct jobs *j)
{
    (void)poll(j->p, (nfds_t)(OTHERS + j->n), -1);
    if (j->p[1].revents)
        j->stop = signals_read(j->p[1].fd) || j->stop;
    if (j->p[0].revents)
        on_control(j);
    if (j->p[2].revents)
        j->p[2].fd = -1, j->stop = true;
    if (j->p[3].revents)
        on_logs(j);
    for (int i = 0; i < j->n; i++)
        if (j->p[OTHERS + i].revents)
            on_worker(j, i);
}

int jobs_run(const struct jobs_start *s)
{
    static struct jobs j;
    j.s = s;
    j.p[0] = (struct pollfd){ .fd = s->control, .events = POLLIN };
    j.p[1] = (struct pollfd){ .fd = signals_open(), .events = POLLIN };
    j.p[2] = (struct pollfd){ .fd = s->link, .events = POLLIN };
    j.p[3] = (struct pollfd){ .fd = s->logs, .events = POLLIN };
    log_open();
    if (!s->serve)
        log_event(LOG_INFO, "ready", NULL);
    if ((!s->serve || s->config->jobs_run) && !control_send(s->control, &(struct control){ CONTROL_WANTED, 2 }))
        return EX_OSERR;
    while (!j.stop || j.p[2].fd >= 0) {
        turn(&j);
        if (j.failed)
            return EX_OSERR;
    }
    return EX_OK;
}
