/*
 * load.c - a load generator that signs a fresh request id for each call.
 *   load URL --addon-org HOST:PORT [--connections N] [--seconds S | --requests N] [--close] [--body JSON]...
 *        [--every N JSON] [--cpu PID] [--warmup S] [--term PID AFTER_MS]
 * --every N JSON   each Nth request has this body instead; its statuses are counted apart
 * --cpu PID        CPU seconds of that process and its descendants are measured
 * --term PID MS    sends SIGTERM to PID after that time; connections that are refused afterwards are no fault
 * Prints one line: key=value. `lost` are requests that were sent and got no complete answer.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { OUT = 16 * 1024, IN = 16 * 1024, SAMPLES = 4 << 20 };

struct conn {
    int fd;
    bool connecting, idle, special, fresh;
    size_t out_n, sent, in_n, body_left;
    bool in_body;
    int status;
    bool closing;
    int64_t begun;
    char out[OUT], in[IN + 1];
};

static struct sockaddr_in peer;
static char path[256], host_line[64], org_url[128];
static const char *bodies[16], *special_body;
static int nbodies, every;
static long long sequence, done, ok, other, special_done, special_status[600], by_status[600], lost, refused,
    connect_errors;
static long long limit_requests = -1;
static bool close_each, stopping, after_term;
static uint32_t *samples;
static size_t nsamples;
static int ep, live;
static uint64_t salt;

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* A JWT of a real one's size; the add-on of the benches looks at nothing. */
static char jwt[720];

static void base64(char *out, const char *in)
{
    EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)in, (int)strlen(in));
}

static void make_request(struct conn *c)
{
    char id[80], plain[2048], rc[3000], cc[2000];
    long long n = ++sequence;
    snprintf(id, sizeof id, "00Dxx0000001gPLEAY-%08llx-%04llx-4000-8000-%012llx", (unsigned long long)(salt >> 32),
             (unsigned long long)(salt & 0xffff), (unsigned long long)n);
    snprintf(plain, sizeof plain,
             "{\"id\":\"%s\",\"auth\":\"%s\",\"loginUrl\":\"https://"
             "login.salesforce.com\",\"orgDomainUrl\":\"%s\",\"orgId\":"
             "\"00Dxx0000001gPLEAY\",\"resource\":\"externalService\",\"type\":\"sync\",\"appUuid\":\"11111111-2222-"
             "4333-8444-555555555555\"}",
             id, jwt, org_url);
    base64(rc, plain);
    snprintf(plain, sizeof plain,
             "{\"requestId\":\"%s\",\"accessToken\":\"00Dxx0000001gPL!AQEAQ.load.generator."
             "0123456789abcdefghijklmnopqrstuvwxyz"
             "0123456789abcdefghijkl\",\"apiVersion\":\"62.0\",\"namespace\":\"\",\"orgId\":\"00Dxx0000001gPLEAY\","
             "\"orgDomainUrl\":\"%s\","
             "\"userContext\":{\"userId\":\"005xx000001X8UzAAK\",\"username\":\"admin@example.com\"}}",
             id, org_url);
    base64(cc, plain);
    c->special = every && n % every == 0;
    const char *body = c->special ? special_body : bodies[n % nbodies];
    c->out_n = (size_t)snprintf(
        c->out, OUT,
        "POST %s HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: %zu\r\nX-Request-Id: %s\r\n"
        "X-Request-Context: %s\r\nX-Client-Context: %s\r\n%s\r\n%s",
        path, host_line, strlen(body), id, rc, cc, close_each ? "Connection: close\r\n" : "", body);
    c->sent = c->in_n = c->body_left = 0;
    c->in_body = c->closing = false;
    c->status = 0;
    c->begun = now_us();
}

static void watch(struct conn *c, int op, unsigned events)
{
    struct epoll_event e = { .events = events, .data.ptr = c };
    epoll_ctl(ep, op, c->fd, &e);
}

static void hang_up(struct conn *c)
{
    if (c->fd >= 0) {
        close(c->fd);
        c->fd = -1;
        live--;
    }
    c->idle = false;
}

static bool dial(struct conn *c)
{
    const int on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    live++;
    c->fresh = c->connecting = true;
    if (connect(c->fd, (struct sockaddr *)&peer, sizeof peer) != 0 && errno != EINPROGRESS) {
        connect_errors += !after_term;
        refused += after_term;
        hang_up(c);
        return false;
    }
    watch(c, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
    return true;
}

static bool finished(void)
{
    return stopping || (limit_requests >= 0 && sequence >= limit_requests);
}

static void next(struct conn *c)
{
    if (finished()) {
        hang_up(c);
        return;
    }
    if (c->fd < 0 && !dial(c))
        return;
    make_request(c);
    c->idle = false;
    if (!c->connecting) {
        ssize_t n = send(c->fd, c->out, c->out_n, MSG_NOSIGNAL);
        if (n > 0)
            c->sent = (size_t)n;
        watch(c, EPOLL_CTL_MOD, EPOLLIN | (c->sent < c->out_n ? EPOLLOUT : 0u));
    }
}

static void complete(struct conn *c)
{
    int64_t us = now_us() - c->begun;
    int status = c->status > 0 && c->status < 600 ? c->status : 0;
    done++;
    if (c->special) {
        special_done++;
        special_status[status]++;
    } else {
        by_status[status]++;
        if (status == 200)
            ok++;
        else
            other++;
        if (nsamples < SAMPLES)
            samples[nsamples++] = (uint32_t)us;
    }
    if (c->closing || close_each)
        hang_up(c);
    next(c);
}

/* The answer's head is there: what follows it? */
static bool parse_head(struct conn *c)
{
    c->in[c->in_n] = '\0';
    char *end = strstr(c->in, "\r\n\r\n");
    if (!end)
        return false;
    *end = '\0';
    char *length = strcasestr(c->in, "\r\nContent-Length:");
    c->status = (int)strtol(c->in + 9, NULL, 10);
    c->closing = strcasestr(c->in, "\r\nConnection: close") != NULL;
    size_t head = (size_t)(end - c->in) + 4, body = length ? strtoul(length + 17, NULL, 10) : 0, have = c->in_n - head;
    c->in_body = true;
    c->body_left = body > have ? body - have : 0;
    return true;
}

static void on_readable(struct conn *c)
{
    for (;;) {
        if (c->in_body)
            c->in_n = 0;
        ssize_t n = recv(c->fd, c->in + c->in_n, IN - c->in_n, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0) {
            lost += c->sent > 0;
            hang_up(c);
            next(c);
            return;
        }
        if (c->in_body) {
            c->body_left -= (size_t)n < c->body_left ? (size_t)n : c->body_left;
        } else {
            c->in_n += (size_t)n;
            if (!parse_head(c))
                continue;
        }
        if (c->body_left == 0) {
            complete(c);
            return;
        }
    }
}

static void on_event(struct conn *c, unsigned events)
{
    if (c->fd < 0)
        return;
    if (c->connecting) {
        int error = 0;
        socklen_t n = sizeof error;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &n);
        if (error) {
            connect_errors += !after_term;
            refused += after_term;
            hang_up(c);
            return;
        }
        c->connecting = false;
    }
    if ((events & EPOLLOUT) && c->sent < c->out_n) {
        ssize_t n = send(c->fd, c->out + c->sent, c->out_n - c->sent, MSG_NOSIGNAL);
        if (n > 0)
            c->sent += (size_t)n;
        if (c->sent == c->out_n)
            watch(c, EPOLL_CTL_MOD, EPOLLIN);
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        on_readable(c);
}

/* Ticks of a process and of all that descend from it, with those that it has already reaped. */
static long long cpu_ticks(int root)
{
    static int pids[8192], parents[8192];
    static long long ticks[8192];
    int n = 0;
    DIR *d = opendir("/proc");
    for (struct dirent *e; d && (e = readdir(d)) && n < 8192;) {
        char name[300], text[1024];
        if (e->d_name[0] < '0' || e->d_name[0] > '9')
            continue;
        snprintf(name, sizeof name, "/proc/%s/stat", e->d_name);
        FILE *f = fopen(name, "r");
        size_t got = f ? fread(text, 1, sizeof text - 1, f) : 0;
        if (f)
            fclose(f);
        text[got] = '\0';
        char *p = strrchr(text, ')');
        long long u, s, cu, cs;
        if (p && sscanf(p + 2, "%*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld %lld %lld", &parents[n], &u, &s,
                        &cu, &cs) == 5) {
            pids[n] = (int)strtol(e->d_name, NULL, 10);
            ticks[n++] = u + s + cu + cs;
        }
    }
    if (d)
        closedir(d);
    long long sum = 0;
    for (int i = 0; i < n; i++) {
        int at = pids[i];
        for (int depth = 0; depth < 8 && at != root && at > 1; depth++) {
            int up = 0;
            for (int k = 0; k < n; k++)
                if (pids[k] == at)
                    up = parents[k];
            at = up;
        }
        sum += at == root ? ticks[i] : 0;
    }
    return sum;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static double percentile(double p)
{
    return nsamples ? samples[(size_t)((double)(nsamples - 1) * p)] / 1000.0 : 0;
}

static void print_statuses(const char *name, const long long *table)
{
    for (int i = 0; i < 600; i++)
        if (table[i])
            printf(" %s%d=%lld", name, i, table[i]);
}

int main(int argc, char **argv)
{
    int connections = 64, cpu_pid = 0, term_pid = 0, term_ms = 0;
    double seconds = 5, warmup = 0;
    for (int i = 2; i < argc; i++) {
        const char *o = argv[i], *v = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(o, "--close") == 0) {
            close_each = true;
            continue;
        }
        i++;
        if (strcmp(o, "--connections") == 0)
            connections = (int)strtol(v, NULL, 10);
        else if (strcmp(o, "--seconds") == 0)
            seconds = strtod(v, NULL);
        else if (strcmp(o, "--warmup") == 0)
            warmup = strtod(v, NULL);
        else if (strcmp(o, "--requests") == 0)
            limit_requests = strtoll(v, NULL, 10);
        else if (strcmp(o, "--body") == 0 && nbodies < 16)
            bodies[nbodies++] = v;
        else if (strcmp(o, "--cpu") == 0)
            cpu_pid = (int)strtol(v, NULL, 10);
        else if (strcmp(o, "--addon-org") == 0)
            snprintf(org_url, sizeof org_url, "http://%s", v);
        else if (strcmp(o, "--every") == 0 && i + 1 < argc) {
            every = (int)strtol(v, NULL, 10);
            special_body = argv[++i];
        } else if (strcmp(o, "--term") == 0 && i + 1 < argc) {
            term_pid = (int)strtol(v, NULL, 10);
            term_ms = (int)strtol(argv[++i], NULL, 10);
        } else {
            fprintf(stderr, "load: what is %s?\n", o);
            return 64;
        }
    }
    unsigned port = 0;
    if (argc < 2 || sscanf(argv[1], "http://127.0.0.1:%u%255s", &port, path) != 2 || port > 65535) {
        fprintf(stderr, "usage: load http://127.0.0.1:PORT/PATH --addon-org HOST:PORT ...\n");
        return 64;
    }
    if (!nbodies)
        bodies[nbodies++] = "{\"text\":\"0123456789012345678901234567890123456789\",\"note\":null}";
    peer = (struct sockaddr_in){ .sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    snprintf(host_line, sizeof host_line, "Host: 127.0.0.1:%u\r\n", port);
    memset(jwt, 'a', sizeof jwt - 1);
    jwt[200] = jwt[450] = '.';
    samples = malloc(SAMPLES * sizeof *samples);
    salt = (uint64_t)now_us() * 2654435761u ^ (uint64_t)getpid() << 32;
    ep = epoll_create1(0);
    struct conn *conns = calloc((size_t)connections, sizeof *conns);
    for (int i = 0; i < connections; i++) {
        conns[i].fd = -1;
        next(&conns[i]);
    }
    int64_t begun = now_us(), measured = begun, end = begun + (int64_t)((seconds + warmup) * 1e6),
            term_at = begun + (int64_t)term_ms * 1000;
    long long ticks = 0, base_done = 0;
    bool warm = warmup <= 0;
    if (warm && cpu_pid)
        ticks = cpu_ticks(cpu_pid);
    struct epoll_event batch[256];
    while (live > 0) {
        int n = epoll_wait(ep, batch, 256, 20);
        for (int i = 0; i < n; i++)
            on_event(batch[i].data.ptr, batch[i].events);
        int64_t now = now_us();
        if (!warm && now >= begun + (int64_t)(warmup * 1e6)) {
            warm = true;
            measured = now;
            base_done = done;
            nsamples = 0;
            if (cpu_pid)
                ticks = cpu_ticks(cpu_pid);
        }
        if (term_pid && !after_term && now >= term_at) {
            after_term = true;
            kill(term_pid, SIGTERM);
        }
        if (limit_requests < 0 && now >= end)
            stopping = true;
        if (now > end + 60000000) {
            fprintf(stderr, "load: gave up\n");
            break;
        }
    }
    double took = (double)(now_us() - measured) / 1e6;
    long long counted = done - base_done;
    qsort(samples, nsamples, sizeof *samples, by_value);
    printf("done=%lld ok=%lld other=%lld lost=%lld connect_errors=%lld refused=%lld seconds=%.2f per_second=%.0f "
           "p50_ms=%.2f p99_ms=%.2f",
           done, ok, other, lost, connect_errors, refused, took, (double)counted / took, percentile(0.5),
           percentile(0.99));
    if (cpu_pid) {
        double cpu = (double)(cpu_ticks(cpu_pid) - ticks) / (double)sysconf(_SC_CLK_TCK);
        printf(" cpu_s=%.2f cpu_per_1k=%.4f", cpu, counted ? cpu * 1000 / (double)counted : 0);
    }
    print_statuses("status_", by_status);
    print_statuses("special_", special_status);
    printf("\n");
    for (int i = 0; i < connections; i++)
        hang_up(&conns[i]);
    free(conns);
    free(samples);
    close(ep);
    return lost || connect_errors || (!every && other) ? 1 : 0;
}
