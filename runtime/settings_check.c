/* settings_check.c - the settings of the actions, and what the host's own ones point to. */
#include "runtime/settings_check.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/auth/data_action.h"
#include "runtime/auth/verify.h"
#include "runtime/base/limits.h"
#include "runtime/jobs/queue_url.h"

enum {
    SECRETS_BYTES = 1024 * 1024,
    SPARE = 64,   /* descriptors */
    DATABASE = 16 /* the same: a connection, or a file with what belongs to it, and what waits for news */
};

struct act_settings {
    const struct declaration *action;
    const struct hosts *fetch_hosts;
    struct buf *faults;
};

const char *act_settings_get(const struct act_settings *settings, const char *name)
{
    return declaration_setting(settings->action, name);
}

void act_settings_fault(struct act_settings *settings, const char *name, const char *fmt, ...)
{
    const json_t *row = declaration_setting_row(settings->action, name);
    const char *value = declaration_setting(settings->action, name);
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    config_fault(settings->faults, name, json_is_true(json_object_get(row, "secret")) ? NULL : value, text);
}

bool act_settings_url(const struct act_settings *settings, const char *url, char *why, size_t size)
{
    if (hosts_allow(settings->fetch_hosts, url, NULL))
        return true;
    snprintf(why, size,
             "is not allowed: it must be https on port 443, without user, and FETCH_HOSTS must name its host.");
    return false;
}

bool settings_check_actions(const struct config *c, const struct declarations *d, struct buf *faults)
{
    size_t before = faults->n;
    for (size_t i = 0; i < d->n; i++) {
        struct act_settings settings = { &d->v[i], &c->fetch_hosts, faults };
        if (d->v[i].row->action->check)
            d->v[i].row->action->check(&settings);
    }
    return faults->n == before && !faults->failed;
}

static void check_secrets(const struct config *c, struct buf *faults)
{
    const char *name = "DATA_ACTION_SECRETS_FILE", *path = c->data_action_secrets_file;
    struct buf text, found;
    struct data_action_secrets *secrets = NULL;
    if (!path)
        return;
    buf_init(&text, SECRETS_BYTES);
    buf_init(&found, faults->max);
    if (!buf_file(&text, path)) {
        config_fault(faults, name, path, "cannot be read, is empty or too large");
    } else if (!(secrets = data_action_secrets_new((struct span){ text.p, text.n }, &found))) {
        struct span rest = { found.p, found.n }, line;
        char what[300];
        while (span_split(&rest, '\n', &line)) {
            copy_span(what, sizeof what, line);
            if (*what)
                config_fault(faults, name, path, what);
        }
        if (!found.n)
            config_fault(faults, name, path, "out of memory");
    }
    data_action_secrets_free(secrets);
    buf_wipe(&text);
    buf_free(&text);
    buf_free(&found);
}

/* The file may be new, its folder may not: SQLite keeps further files beside it. */
static void check_file(const char *path, struct buf *faults)
{
    char folder[PATH_MAX];
    struct stat st;
    copy_text(folder, sizeof folder, path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0'; /* of a file in the root: the root */
    if (strlen(path) >= sizeof folder)
        config_fault(faults, "JOBS_DB", path, "is too long for a path");
    else if (access(slash ? folder : ".", W_OK | X_OK) != 0)
        config_fault(faults, "JOBS_DB", path,
                     "stands in a folder that is not there, or in which nothing can be written");
    else if (stat(path, &st) == 0 && (!S_ISREG(st.st_mode) || access(path, R_OK | W_OK) != 0))
        config_fault(faults, "JOBS_DB", path, "must be a file that can be read and written, or not be there yet");
}

bool settings_check_database(const struct config *c, struct buf *faults)
{
    size_t before = faults->n;
    char why[300];
    if (c->database_url && !queue_url_check(c->database_url, why, sizeof why))
        config_fault(faults, "DATABASE_URL", NULL, why);
    else if (!c->database_url && c->jobs_db)
        check_file(c->jobs_db, faults);
    return faults->n == before && !faults->failed;
}

static bool send_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t sent = write(fd, p, n);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        p += sent;
        n -= (size_t)sent;
    }
    return true;
}

/* The child: says what is wrong, one line each. */
static _Noreturn void check_and_leave(const struct config *c, size_t max, int to)
{
    struct buf faults;
    buf_init(&faults, max);
    log_set_level(LOG_ERROR); /* warnings come from the front, which reads the files for use */
    check_secrets(c, &faults);
    bool good = settings_check_database(c, &faults);
    good = verify_check(c, &faults) && good;
    bool told = send_all(to, faults.p, faults.n);
    _exit(good && told && !faults.n && !faults.failed ? 0 : 1);
}

bool settings_check_files(const struct config *c, struct buf *faults)
{
    int ends[2], status = -1;
    size_t before = faults->n;
    if (pipe(ends) != 0) {
        buf_str(faults, "the files that settings name could not be checked: no pipe\n");
        return false;
    }
    pid_t pid = fork();
    if (pid == 0)
        check_and_leave(c, faults->max, ends[1]);
    close(ends[1]);
    for (ssize_t n; pid > 0;) {
        char piece[4096];
        n = read(ends[0], piece, sizeof piece);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || !buf_add(faults, piece, (size_t)n))
            break;
    }
    close(ends[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (status != 0 && faults->n == before)
        buf_str(faults, "the files that settings name could not be checked: no process, or it was ended\n");
    return status == 0;
}

/*
 * Workers of a kind: a socket and a pidfd for each, of which a second set may be on its way. All: a spare for the loop,
 * signals, logs, name servers and files that libraries read.
 */
static rlim_t need_of_workers(int most)
{
    return 2 * (2 * (rlim_t)most + 2) + SPARE;
}

/* Beside its workers: one connection of its own and perhaps one to the add-on for each. */
static rlim_t need_of_jobs(const struct config *c)
{
    return c->jobs ? need_of_workers(c->job_workers_max) + DATABASE : 0;
}

/* Without its connections: those that are opened to be told that there are too many; the jobs process, and its next. */
static rlim_t need_of_front(const struct config *c)
{
    return LIMIT_REFUSED + need_of_workers(c->workers_max) + (c->jobs ? 2 : 0);
}

static void too_few(const struct config *c, rlim_t rest, rlim_t need, const struct rlimit *limit, struct buf *faults)
{
    char value[16], mend[240];
    const rlim_t most = limit->rlim_max;
    snprintf(value, sizeof value, "%d", c->connections_max);
    if (most > rest + 2)
        snprintf(mend, sizeof mend,
                 "needs %llu open files, and this process may have %llu; set it to %llu at most, or raise the limit "
                 "(ulimit -n)",
                 (unsigned long long)need, (unsigned long long)(most >= need ? limit->rlim_cur : most),
                 (unsigned long long)(most - rest) / 2);
    else
        snprintf(mend, sizeof mend,
                 "needs %llu open files together with WORKERS_MAX, and this process may have %llu; raise the limit "
                 "(ulimit -n)",
                 (unsigned long long)need, (unsigned long long)most);
    config_fault(faults, "CONNECTIONS_MAX", value, mend);
}

static void too_few_for_jobs(const struct config *c, rlim_t need, const struct rlimit *limit, struct buf *faults)
{
    char value[16], mend[240];
    snprintf(value, sizeof value, "%d", c->job_workers_max);
    snprintf(mend, sizeof mend, "needs %llu open files, and this process may have %llu; raise the limit (ulimit -n)",
             (unsigned long long)need, (unsigned long long)limit->rlim_max);
    config_fault(faults, "JOB_WORKERS_MAX", value, mend);
}

bool settings_check_descriptors(const struct config *c, bool serve, struct buf *faults)
{
    const rlim_t rest = need_of_front(c), front = serve ? rest + 2 * (rlim_t)c->connections_max : 0;
    const rlim_t jobs = need_of_jobs(c), need = front > jobs ? front : jobs;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= need)
        return true;
    const struct rlimit raised = { need, limit.rlim_max };
    if (limit.rlim_max >= need && setrlimit(RLIMIT_NOFILE, &raised) == 0)
        return true;
    if (front >= jobs)
        too_few(c, rest, need, &limit, faults);
    else
        too_few_for_jobs(c, need, &limit, faults);
    return false;
}
