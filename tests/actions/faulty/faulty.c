/* faulty.c - misbehaves on request; compiled into test hosts only. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/action.h"

typedef enum act_outcome way_fn(struct act_call *call, const json_t *in, json_t **out);

static enum act_outcome segv(struct act_call *call, const json_t *in, json_t **out)
{
    (void)call, (void)in, (void)out;
    raise(SIGSEGV);
    return ACT_FAULT;
}

static enum act_outcome aborts(struct act_call *call, const json_t *in, json_t **out)
{
    (void)call, (void)in, (void)out;
    abort();
}

static enum act_outcome loop(struct act_call *call, const json_t *in, json_t **out)
{
    static volatile bool for_ever = true;
    (void)call, (void)in, (void)out;
    while (for_ever)
        ;
    return ACT_FAULT;
}

static enum act_outcome memory(struct act_call *call, const json_t *in, json_t **out)
{
    (void)in, (void)out;
    for (int i = 0; i < 4096; i++)
        memset(act_alloc(call, 1 << 20), 1, 1 << 20);
    return ACT_FAULT;
}

/* Exhausts memory inside the JSON library, which knows nothing of the call. */
static enum act_outcome json(struct act_call *call, const json_t *in, json_t **out)
{
    char *text = act_alloc(call, 1 << 20);
    (void)in;
    memset(text, 'x', (1 << 20) - 1);
    *out = json_array();
    for (int i = 0; i < 4096; i++)
        json_array_append_new(*out, json_string_nocheck(text));
    return ACT_FAULT;
}

static int deeper(volatile char *above)
{
    volatile char here[4096];
    static volatile bool again = true;
    here[0] = above ? above[0] : 1;
    return again ? deeper(here) + here[0] : here[0];
}

static enum act_outcome stack(struct act_call *call, const json_t *in, json_t **out)
{
    (void)call, (void)in, (void)out;
    return deeper(NULL) ? ACT_FAULT : ACT_OK;
}

static enum act_outcome exits(struct act_call *call, const json_t *in, json_t **out)
{
    (void)call, (void)in, (void)out;
    _exit(3);
}

static enum act_outcome done(json_t **out)
{
    *out = json_pack("{s:b}", "done", 1);
    return ACT_OK;
}

static enum act_outcome sleeps(struct act_call *call, const json_t *in, json_t **out)
{
    (void)call;
    usleep((useconds_t)json_integer_value(json_object_get(in, "ms")) * 1000);
    return done(out);
}

static enum act_outcome bad_output(struct act_call *call, const json_t *in, json_t **out)
{
    (void)call, (void)in;
    *out = json_pack("{s:s, s:s}", "done", "yes", "secret", "half-right data");
    return ACT_OK;
}

static enum act_outcome no_object(struct act_call *call, const json_t *in, json_t **out)
{
    (void)call, (void)in;
    *out = json_array();
    return ACT_OK;
}

static enum act_outcome fault(struct act_call *call, const json_t *in, json_t **out)
{
    (void)call, (void)in, (void)out;
    return ACT_FAULT;
}

static enum act_outcome undeclared(struct act_call *call, const json_t *in, json_t **out)
{
    (void)in, (void)out;
    return act_refuse(call, "never_declared", NULL, "This code is in no declaration.");
}

static enum act_outcome refuse(struct act_call *call, const json_t *in, json_t **out)
{
    (void)in, (void)out;
    act_refuse_detail(call, "/how", "no_mood", "Asked to refuse.");
    return act_refuse(call, "no_mood", "/how", "Ask for something else.");
}

/* A worker may write no file: what an action leaves behind would outlive its call. */
static enum act_outcome file(struct act_call *call, const json_t *in, json_t **out)
{
    char name[] = "/tmp/actionhost-test-XXXXXX";
    (void)call, (void)in;
    int fd = mkstemp(name);
    signal(SIGXFSZ, SIG_IGN);
    bool wrote = fd >= 0 && write(fd, "x", 1) == 1;
    if (fd >= 0) {
        close(fd);
        unlink(name);
    }
    return wrote ? ACT_FAULT : done(out);
}

static enum act_outcome kill_self(struct act_call *call, const json_t *in, json_t **out)
{
    (void)call, (void)in, (void)out;
    raise(SIGKILL);
    return ACT_FAULT;
}

static enum act_outcome big(struct act_call *call, const json_t *in, json_t **out)
{
    size_t n = 5 << 18; /* more than any socket buffer */
    char *text = act_alloc(call, n + 1);
    (void)in;
    memset(text, 'y', n);
    *out = json_pack("{s:b, s:s}", "done", 1, "text", text);
    return ACT_OK;
}

/* Looks for what a worker must not know. */
static enum act_outcome token(struct act_call *call, const json_t *in, json_t **out)
{
    (void)call, (void)in;
    if (getenv("HEROKU_APPLINK_TOKEN") || getenv("HEROKU_APPLINK_API_URL") || getenv("METRICS_TOKEN"))
        return ACT_FAULT;
    return done(out);
}

/* A process that was left behind: says who it is and would stay for a while, with all that it has inherited. */
static void stay(void)
{
    char text[64];
    int n = snprintf(text, sizeof text, "at=left pid=%d\n", (int)getpid());
    (void)!write(STDERR_FILENO, text, (size_t)n);
    alarm(30); /* also where the host does not end it */
    for (;;)
        pause();
}

/* A child, one with a session of its own, and one whose parent has gone as well. */
static enum act_outcome forks(struct act_call *call, const json_t *in, json_t **out)
{
    (void)call, (void)in;
    signal(SIGALRM, SIG_DFL);
    if (fork() == 0)
        stay();
    if (fork() == 0) {
        setsid();
        if (fork() == 0)
            stay();
        stay();
    }
    pid_t gone = fork();
    if (gone == 0) {
        setsid();
        if (fork() == 0)
            stay();
        _exit(0);
    }
    waitpid(gone, NULL, 0);
    usleep(100000); /* so that each has said who it is */
    return done(out);
}

static enum act_outcome fork_exit(struct act_call *call, const json_t *in, json_t **out)
{
    (void)forks(call, in, out);
    _exit(3);
}

/* Memory that no limit of a process counts. */
static enum act_outcome shared(struct act_call *call, const json_t *in, json_t **out)
{
    const size_t n = (size_t)128 << 20;
    (void)call, (void)in;
    char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return ACT_FAULT;
    memset(p, 1, n);
    usleep(1800000);
    munmap(p, n);
    return done(out);
}

static long parent_of(long pid)
{
    char path[64], text[512];
    long parent = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f)
        fclose(f);
    text[n] = '\0';
    const char *end = strrchr(text, ')'); /* of the program's name, which may hold anything */
    return end && sscanf(end, ") %*c %ld", &parent) == 1 ? parent : 0;
}

/* Whether a file of that process that tells what it knows can be opened. */
static bool readable(long pid)
{
    static const char *const names[] = { "environ", "mem", "maps" };
    bool any = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%ld/%s", pid, names[i]);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0)
            close(fd);
        any = any || fd >= 0;
    }
    return any;
}

/* Looks into the master, the front and the other workers, as an action that somebody has taken over would. */
static enum act_outcome peek(struct act_call *call, const json_t *in, json_t **out)
{
    int seen = 0, open_ones = 0;
    DIR *dir = opendir("/proc");
    (void)call, (void)in;
    for (struct dirent *d; dir && (d = readdir(dir));) {
        long pid = strtol(d->d_name, NULL, 10);
        if (pid <= 0 || pid == getpid() || (pid != getppid() && parent_of(pid) != getppid()))
            continue;
        seen++;
        open_ones += readable(pid);
    }
    if (dir)
        closedir(dir);
    return seen >= 2 && open_ones == 0 ? done(out) : ACT_FAULT;
}

static const struct {
    const char *how;
    way_fn *fn;
} ways[] = {
    { "segv", segv },
    { "abort", aborts },
    { "loop", loop },
    { "memory", memory },
    { "json", json },
    { "stack", stack },
    { "exit", exits },
    { "sleep", sleeps },
    { "file", file },
    { "badOutput", bad_output },
    { "noObject", no_object },
    { "fault", fault },
    { "undeclared", undeclared },
    { "refuse", refuse },
    { "kill", kill_self },
    { "big", big },
    { "token", token },
    { "fork", forks },
    { "forkExit", fork_exit },
    { "shared", shared },
    { "peek", peek },
};

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    const char *how = json_string_value(json_object_get(in, "how"));
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (strcmp(how, ways[i].how) == 0)
            return ways[i].fn(call, in, out);
    return ACT_FAULT;
}

/* A worker that hangs in its start while there is a file, or leaves in it as if all were well. */
static bool start(char *why, size_t size)
{
    const char *file = getenv("FAULTY_HANGS");
    (void)why, (void)size;
    while (file && access(file, F_OK) == 0)
        usleep(10000);
    if (getenv("FAULTY_START"))
        _exit(0);
    return true;
}

const struct action faulty_action = { .run = run, .start = start };
