/*
 * grow.c - does memory grow? Sends COUNT requests, four bad ones to each good one: half of the bad ones on the kept
 * connection, half on connections of their own (parameters, cookies, framing, signatures, cut, slow). Compares the
 * memory of the host's processes after the first tenth, 10,000 requests at most, with that at the end.
 *   grow HOST_URL SANDBOX_URL HOST_PID COUNT
 * Last line: N passed, N failed.
 */
#include <dirent.h>

#include "tests/tools/hostile.h"

enum { PROCESSES = 64, GROWTH_KB = 1024, RESIGN_MS = 60000 };

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

int main(int argc, char **argv)
{
    static char text[65536];
    if (argc != 5) {
        fprintf(stderr, "usage: grow HOST_URL SANDBOX_URL HOST_PID COUNT\n");
        return 64;
    }
    int port = kit_port(argv[1]), sandbox = kit_port(argv[2]), fd = -1;
    long host = strtol(argv[3], NULL, 10), count = strtol(argv[4], NULL, 10), passed = 0, failed = 0, good = 0,
         wrong = 0;
    struct kit_signer s = kit_sign(sandbox, KIT_SAMPLE);
    struct sample early = { 0 };
    hostile_make();
    int64_t signed_ms = kit_ms();
    for (long i = 0; i < count; i++) {
        if (i == (count / 10 < 10000 ? count / 10 : 10000))
            early = take_sample(host);
        if (kit_ms() - signed_ms > RESIGN_MS) {
            kit_signer_free(&s);
            s = kit_sign(sandbox, KIT_SAMPLE);
            signed_ms = kit_ms();
        }
        if (i % 5 && i / 5 % 2) {
            wrong += !hostile_send(&hostile[i / 10 % HOSTILE], port);
        } else if (i % 5) {
            const char *b = bad[(size_t)i % (sizeof bad / sizeof *bad)];
            int status = ask(&fd, port, b, strlen(b));
            wrong += status < 400 || status >= 500;
        } else {
            static const char body[] = "{\"text\":\"planted payload of a caller\"}";
            size_t n = kit_invocation(&s, "/api/echo", body, sizeof body - 1, text, sizeof text);
            good += ask(&fd, port, text, n) == 200;
        }
    }
    struct sample late = take_sample(host);
    printf("%ld of %ld good requests answered, %ld wrong answers to bad ones\n", good, (count + 4) / 5, wrong);
    if (good == (count + 4) / 5 && !wrong)
        passed++;
    else
        failed++;
    for (int i = 0; i < early.n; i++)
        for (int k = 0; k < late.n; k++)
            if (early.pid[i] == late.pid[k] && early.kb[i]) {
                bool ok = late.kb[k] - early.kb[i] < GROWTH_KB;
                printf("%s process %ld: %ld kB after a tenth, %ld kB at the end\n", ok ? "ok  " : "FAIL", early.pid[i],
                       early.kb[i], late.kb[k]);
                passed += ok;
                failed += !ok;
            }
    kit_signer_free(&s);
    printf("%ld passed, %ld failed\n", passed, failed);
    return failed != 0;
}
