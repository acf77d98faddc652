/* signals.c - the list of signals, and three ways to treat them. */
#include "runtime/process/signals.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "runtime/base/log.h"

enum meaning { STOP, CHILD, NOTHING };

static const struct {
    int number;
    enum meaning meaning;
} known[] = {
    { SIGTERM, STOP },   { SIGINT, STOP },     { SIGQUIT, STOP },      { SIGCHLD, CHILD },
    { SIGHUP, NOTHING }, { SIGUSR1, NOTHING }, { SIGUSR2, NOTHING },   { SIGALRM, NOTHING },
    { SIGIO, NOTHING },  { SIGPWR, NOTHING },  { SIGVTALRM, NOTHING }, { SIGSTKFLT, NOTHING },
};
enum { KNOWN = sizeof known / sizeof *known };

static void set_of_known(sigset_t *set)
{
    sigemptyset(set);
    for (size_t i = 0; i < KNOWN; i++)
        sigaddset(set, known[i].number);
}

/*
 * PIPE is not in the list: whoever writes learns by the error, and one line for each would be without end where stderr
 * is the pipe. CHLD may have been ignored by whoever started us; then no end of a child would be told.
 */
void signals_hold(void)
{
    sigset_t set;
    set_of_known(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
}

int signals_open(void)
{
    sigset_t set;
    set_of_known(&set);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static enum meaning meaning_of(int number)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (known[i].number == number)
            return known[i].meaning;
    return NOTHING;
}

static void log_ignored(const struct signalfd_siginfo *info)
{
    struct log_line line;
    if (!log_enabled(LOG_WARN))
        return;
    log_begin(&line, LOG_WARN, "signal-ignored");
    log_text(&line, "signal", sigabbrev_np((int)info->ssi_signo));
    log_int(&line, "process", getpid());
    log_int(&line, "from", (int)info->ssi_pid);
    log_end(&line);
}

bool signals_read(int fd)
{
    struct signalfd_siginfo info;
    bool stop = false;
    while (read(fd, &info, sizeof info) == sizeof info) {
        enum meaning meaning = meaning_of((int)info.ssi_signo);
        stop = stop || meaning == STOP;
        if (meaning == NOTHING)
            log_ignored(&info);
    }
    return stop;
}

/* What was held back is dropped: it was sent to all processes of the host. */
void signals_leave(void)
{
    sigset_t none;
    for (size_t i = 0; i < KNOWN; i++)
        signal(known[i].number, known[i].meaning == CHILD ? SIG_DFL : SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}
