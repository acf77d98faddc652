/*
 * grow.c - does memory grow? Sends COUNT requests, four bad ones to each good one: half of the bad ones on the kept
 * connection, half on connections of their own (parameters, cookies, framing, signatures, cut, slow). Looks ten
 * times at the memory of the host's processes at rest: after the first tenth, 10,000 requests at most, up to the end.
 * A few pages may come: those of the heap that are touched for the first time.
 *   grow HOST_URL SANDBOX_URL HOST_PID COUNT
 *   grow HOST_URL SANDBOX_URL HOST_PID strangers
 * sends waves of large data actions beside invocations while the add-on is slow; afterwards no process may hold what
 * they were. Last line: N passed, N failed.
 */
#include <dirent.h>

#include "tests/tools/hostile.h"

enum {
    PROCESSES = 64,
    SAMPLES = 10,
    FIRST_AFTER = 10000, /* requests; the first sample is taken after a tenth, when there are fewer */
    GROWTH_KB = 256,
    RESIGN_MS = 60000,
    LOOK_MS = 100,
    REST_MS = 400,
    REST_MAX_MS = 5000
};

struct sample {
    int n;
    long pid[PROCESSES], kb[PROCESSES];
};

static long rss_kb(long pid)
{
    char path[64], line[256];
    long kb = 0;
    snprintf(path, sizeof path, "/proc/%ld/status", pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmRSS: %ld", &kb) == 1)
            break;
    if (f)
        fclose(f);
    return kb;
}

static long parent_of(long pid)
{
    char path[64], text[512];
    long parent = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    text[n] = '\0';
    const char *end = strrchr(text, ')');
    if (!end || sscanf(end, ") %*c %ld", &parent) != 1)
        parent = 0;
    if (f)
        fclose(f);
    return parent;
}

/* The host's own process and its children. */
static struct sample take_sample(long host)
{
    struct sample s = { .n = 1, .pid = { host }, .kb = { rss_kb(host) } };
    DIR *dir = opendir("/proc");
    for (struct dirent *d; dir && (d = readdir(dir)) && s.n < PROCESSES;) {
        long pid = strtol(d->d_name, NULL, 10);
        if (pid > 0 && parent_of(pid) == host) {
            s.pid[s.n] = pid;
            s.kb[s.n++] = rss_kb(pid);
        }
    }
    if (dir)
        closedir(dir);
    return s;
}

static const char *const bad[] = {
    "POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
    "12\r\n\r\n{\"text\":\"x\"}",
    "POST /api/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    "POST /api/echo HTTP/1.1\r\nHost: x\r\nx-request-context: bm8=\r\nx-client-context: bm8=\r\nContent-Length: "
    "0\r\n\r\n",
    "GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
    "GET /healthcheck HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "POST /api/logDataAction?orgId=00Dxx0000000000&apiName=X HTTP/1.1\r\nHost: x\r\nContent-Type: "
    "application/json\r\nx-signature: "
    "uruO+yjX8KKjl72GkQbLXuoMyAilC5losEnY1Liiu30=\r\nContent-Length: 2\r\n\r\n{}",
};

static struct kit_answer answer;

/* One request; a new connection when the old one is gone. */
static int ask(int *fd, int port, const char *text, size_t n)
{
    if (*fd < 0)
        *fd = kit_dial(port);
    bool ok = *fd >= 0 && kit_send(*fd, text, n) && kit_answer(*fd, &answer, 5000);
    if (!ok || answer.close) {
        if (*fd >= 0)
            close(*fd);
        *fd = -1;
    }
    return ok ? answer.status : 0;
}

/* ---- data actions of strangers ---- */

enum { DATA_ACTIONS = 78, INVOCATIONS_MAX = 240, BODY = 200 * 1024, WAIT_MS = 30000, AFTER_KB = 48 * 1024 };

static void dial_and_send(int *fd, int port, const char *head, size_t n, const char *body, size_t body_n)
{
    *fd = kit_dial(port);
    if (*fd < 0 || !kit_send(*fd, head, n) || (body_n && !kit_send(*fd, body, body_n)))
        kit_die("a connection to the host");
}

/* All are sent before the first answer is read. How many were answered. */
static int wave(int port, struct kit_signer *s, int invocations)
{
    static const char head[] = "POST /api/logDataAction?orgId=00Dxx0000000000&apiName=X HTTP/1.1\r\nHost: x\r\n"
                               "Content-Type: application/json\r\nContent-Length: 204800\r\n"
                               "x-signature: uruO+yjX8KKjl72GkQbLXuoMyAilC5losEnY1Liiu30=\r\n\r\n";
    static char body[BODY], text[65536];
    int fds[INVOCATIONS_MAX + DATA_ACTIONS], n = 0, answered = 0;
    _Static_assert(BODY == 204800, "as the header says");
    memset(body, '\n', sizeof body); /* two bytes each in the question about it */
    while (n < invocations) {
        size_t length = kit_invocation(s, "/api/echo", "{\"text\":\"x\"}", 12, text, sizeof text);
        dial_and_send(&fds[n++], port, text, length, NULL, 0);
    }
    for (int i = 0; i < DATA_ACTIONS; i++)
        dial_and_send(&fds[n++], port, head, sizeof head - 1, body, sizeof body);
    for (int i = 0; i < n; i++) {
        answered += kit_answer(fds[i], &answer, WAIT_MS);
        close(fds[i]);
    }
    return answered;
}

static int strangers(int port, int sandbox, long host)
{
    static const int invocations[] = { 0, 80, 160, INVOCATIONS_MAX, 160, 80, 0 };
    struct kit_signer s = kit_sign(sandbox, KIT_SAMPLE);
    int passed = 0, failed = 0;
    for (size_t i = 0; i < sizeof invocations / sizeof *invocations; i++) {
        int answered = wave(port, &s, invocations[i]), want = invocations[i] + DATA_ACTIONS;
        printf("%s wave %zu: %d of %d answered\n", answered == want ? "ok  " : "FAIL", i + 1, answered, want);
        *(answered == want ? &passed : &failed) += 1;
    }
    kit_sleep_ms(1000);
    struct sample after = take_sample(host);
    for (int i = 0; i < after.n; i++) {
        bool ok = after.kb[i] < AFTER_KB;
        printf("%s process %ld: %ld kB after the waves, %d allowed\n", ok ? "ok  " : "FAIL", after.pid[i], after.kb[i],
               AFTER_KB);
        *(ok ? &passed : &failed) += 1;
    }
    kit_signer_free(&s);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}

/* ---- the hostile mix ---- */

struct run {
    int port, sandbox, fd; /* the kept connection; -1 = none */
    struct kit_signer signer;
    int64_t signed_ms;
    long good, wrong;
};

/* The i-th request of the mix. */
static void send_one(struct run *r, long i)
{
    static const char body[] = "{\"text\":\"planted payload of a caller\"}";
    static char text[65536];
    if (kit_ms() - r->signed_ms > RESIGN_MS) {
        kit_signer_free(&r->signer);
        r->signer = kit_sign(r->sandbox, KIT_SAMPLE);
        r->signed_ms = kit_ms();
    }
    if (i % 5 && i / 5 % 2) {
        r->wrong += !hostile_send(&hostile[i / 10 % HOSTILE], r->port);
    } else if (i % 5) {
        const char *b = bad[(size_t)i % (sizeof bad / sizeof *bad)];
        int status = ask(&r->fd, r->port, b, strlen(b));
        r->wrong += status < 400 || status >= 500;
    } else {
        size_t n = kit_invocation(&r->signer, "/api/echo", body, sizeof body - 1, text, sizeof text);
        r->good += ask(&r->fd, r->port, text, n) == 200;
    }
}

/*
 * At rest: no connection is open, and memory has stood still for a while. What a connection takes while it lives, up to
 * 64 kB each, says nothing about growth.
 */
static struct sample take_sample_at_rest(struct run *r, long host)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
    hostile_leave();
    struct sample s = take_sample(host), before;
    int still = 0;
    for (int waited = 0; still < REST_MS && waited < REST_MAX_MS; waited += LOOK_MS) {
        before = s;
        kit_sleep_ms(LOOK_MS);
        s = take_sample(host);
        still = memcmp(&s, &before, sizeof s) == 0 ? still + LOOK_MS : 0;
    }
    return s;
}

/* One line for each process that was there from the first sample to the last. How many grew. */
static int compare(const struct sample s[SAMPLES], int *compared)
{
    int grew = 0;
    for (int i = 0; i < s[0].n; i++) {
        long kb[SAMPLES] = { 0 };
        for (int k = 0; k < SAMPLES; k++)
            for (int j = 0; j < s[k].n; j++)
                if (s[k].pid[j] == s[0].pid[i])
                    kb[k] = s[k].kb[j];
        if (!kb[0] || !kb[SAMPLES - 1])
            continue;
        bool ok = kb[SAMPLES - 1] - kb[0] < GROWTH_KB;
        printf("%s process %ld, kB at rest:", ok ? "ok  " : "FAIL", s[0].pid[i]);
        for (int k = 0; k < SAMPLES; k++)
            printf(" %ld", kb[k]);
        printf("\n");
        *compared += 1;
        grew += !ok;
    }
    return grew;
}

static int mix(int port, int sandbox, long host, long count)
{
    struct run r = { port, sandbox, -1, kit_sign(sandbox, KIT_SAMPLE), kit_ms(), 0, 0 };
    struct sample samples[SAMPLES];
    long first = count / 10 < FIRST_AFTER ? count / 10 : FIRST_AFTER, i = 0;
    hostile_make();
    for (int k = 0; k < SAMPLES; k++) {
        for (long until = k ? first + (count - first) / (SAMPLES - 1) * k : first; i < until; i++)
            send_one(&r, i);
        samples[k] = take_sample_at_rest(&r, host);
    }
    bool all = r.good == (i + 4) / 5 && !r.wrong;
    int compared = 0, grew = compare(samples, &compared);
    printf("%s %ld of %ld good requests answered, %ld wrong answers to bad ones\n", all ? "ok  " : "FAIL", r.good,
           (i + 4) / 5, r.wrong);
    kit_signer_free(&r.signer);
    printf("%d passed, %d failed\n", compared - grew + all, grew + !all);
    return grew || !all;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: grow HOST_URL SANDBOX_URL HOST_PID COUNT|strangers\n");
        return 64;
    }
    int port = kit_port(argv[1]), sandbox = kit_port(argv[2]);
    long host = strtol(argv[3], NULL, 10), count = strtol(argv[4], NULL, 10);
    if (strcmp(argv[4], "strangers") == 0)
        return strangers(port, sandbox, host);
    return mix(port, sandbox, host, count);
}
