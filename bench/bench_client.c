/*
 * bench_client.c - what the Salesforce client adds to bare libcurl, and how much memory a long query takes.
 *
 * The org is a process of its own on loopback; so is the reader of the rows (bench/rows), which links the client and
 * nothing else, since the libraries of the actions alone take 15 MB.
 *
 * Calls with and without the client alternate in rounds; the figure is the difference of the best rounds, since on a
 * shared machine everything above the best is the scheduler's doing.
 */
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "tests/client_kit.h"

enum { ROUNDS = 40, CALLS = 100, ROWS = 100000, PAGE = 2000 };

static const char one_row[] =
    "{\"totalSize\":1,\"done\":true,\"records\":[{\"attributes\":{\"type\":\"Account\",\"url\":"
    "\"/services/data/v51.0/sobjects/Account/001B000001LntWlIAJ\"},\"Id\":\"001B000001LntWlIAJ\","
    "\"Name\":\"An awesome test account\"}]}";
static const char saved[] = "{\"id\":\"001B000001LntWlIAJ\",\"success\":true,\"errors\":[]}";

/* ---- the org ---- */

static void write_page(struct buf *out, long from)
{
    buf_fmt(out, "{\"totalSize\":%d,\"done\":%s,", ROWS, from + PAGE >= ROWS ? "true" : "false");
    if (from + PAGE < ROWS)
        buf_fmt(out, "\"nextRecordsUrl\":\"/services/data/v51.0/query/01gB000003OCxSPIA1-%ld\",", from + PAGE);
    buf_str(out, "\"records\":[");
    for (long i = from; i < from + PAGE; i++)
        buf_fmt(
            out,
            "%s{\"attributes\":{\"type\":\"Booking__c\",\"url\":\"/services/data/v51.0/sobjects/Booking__c/"
            "a01B%011ldIAK\"},"
            "\"Id\":\"a01B%011ldIAK\",\"Name\":\"B-%06ld\",\"Class__c\":\"Economy\",\"Status__c\":\"Confirmed\","
            "\"Price__c\":%ld.5,"
            "\"Paid__c\":false,\"Flight__c\":\"a02B00000000001IAK\",\"CreatedDate\":\"2024-05-17T10:00:56.000+0000\"}",
            i > from ? "," : "", i, i, i, i % 900);
    buf_str(out, "]}");
}

static void serve(void *ctx, const struct origin_request *q, struct origin_reply *r)
{
    struct buf out;
    const char *dash = strrchr(q->target, '-');
    (void)ctx;
    r->body = one_row;
    if (strstr(q->target, "silent"))
        r->delay_ms = 300;
    if (strcmp(q->method, "POST") == 0) {
        r->status = 201;
        r->body = saved;
    }
    r->n = strlen(r->body);
    if (!strstr(q->target, "Booking__c") && !strstr(q->target, "01gB"))
        return;
    buf_init(&out, 4 << 20);
    write_page(&out, strstr(q->target, "01gB") && dash ? strtol(dash + 1, NULL, 10) : 0);
    r->body = buf_take(&out, &r->n);
    r->free_body = true;
}

/* Each side keeps to a core of its own; else the scheduler's choice of cores is most of the figure. */
static void stay_on(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sysconf(_SC_NPROCESSORS_ONLN) > 1 && sched_setaffinity(0, sizeof set, &set))
        perror("sched_setaffinity");
}

/* A process that serves until its pipe ends. Returns its port. */
static int start_org(pid_t *pid)
{
    int ends[2], port = 0;
    if (pipe(ends))
        abort();
    *pid = fork();
    if (*pid == 0) {
        stay_on(1);
        struct origin *l = origin_start(serve, NULL);
        if (write(ends[1], &l->port, sizeof l->port) != sizeof l->port)
            _exit(1);
        for (;;)
            pause();
    }
    if (read(ends[0], &port, sizeof port) != sizeof port)
        abort();
    return port;
}

/* ---- overhead ---- */

struct bare {
    CURL *easy;
    struct curl_slist *headers;
    char url[300];
    struct buf body;
};

static size_t keep(char *p, size_t size, size_t n, void *ctx)
{
    return buf_add(&((struct bare *)ctx)->body, p, size * n) ? size * n : 0;
}

static void bare_open(struct bare *b, int port, bool post)
{
    b->easy = curl_easy_init();
    b->headers = curl_slist_append(NULL, "Authorization: Bearer " KIT_TOKEN);
    b->headers = curl_slist_append(b->headers, "Content-Type: application/json");
    buf_init(&b->body, 1 << 20);
    snprintf(b->url, sizeof b->url, "http://127.0.0.1:%d/services/data/v51.0/%s", port,
             post ? "sobjects/Account"
                  : "query?q=SELECT%20Id%2C%20Name%20FROM%20Account%20WHERE%20Name%20%3D%20%27x%27");
    curl_easy_setopt(b->easy, CURLOPT_URL, b->url);
    curl_easy_setopt(b->easy, CURLOPT_HTTPHEADER, b->headers);
    curl_easy_setopt(b->easy, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(b->easy, CURLOPT_WRITEDATA, b);
    if (post)
        curl_easy_setopt(b->easy, CURLOPT_POSTFIELDS, "{\"Name\":\"x\"}");
}

static void bare_close(struct bare *b)
{
    curl_easy_cleanup(b->easy);
    curl_slist_free_all(b->headers);
    buf_free(&b->body);
}

static double bare_round(struct bare *b)
{
    int64_t begun = clock_us();
    for (int i = 0; i < CALLS; i++) {
        b->body.n = 0;
        if (curl_easy_perform(b->easy))
            abort();
    }
    return (double)(clock_us() - begun) / CALLS;
}

static bool client_call(struct kit *k, bool post, const json_t *fields)
{
    struct sf_rows *rows;
    struct sf_error err;
    char id[SF_ID_SIZE];
    if (post)
        return sf_create(act_org(&k->call), "Account", fields, id, &err);
    return sf_query(act_org(&k->call), &rows, &err, "SELECT Id, Name FROM Account WHERE Name = ?", sf_text("x")) &&
           sf_next(rows, &err);
}

static void set_port(struct kit *k, int port)
{
    kit_again(k, 60000);
    snprintf(k->call.org.session.url, sizeof k->call.org.session.url, "http://127.0.0.1:%d", port);
}

/* A call of the host per request, as in a worker: with its arena and its end. */
static double client_round(struct kit *k, int port, bool post, const json_t *fields)
{
    int64_t begun = clock_us();
    for (int i = 0; i < CALLS; i++) {
        set_port(k, port);
        if (!client_call(k, post, fields))
            abort();
    }
    return (double)(clock_us() - begun) / CALLS;
}

static void overhead(int port, bool post)
{
    double bare_us = 1e9, client_us = 1e9;
    struct bare b;
    struct kit *k = kit_new(NULL, NULL);
    json_t *fields = json_pack("{s:s}", "Name", "x");
    bare_open(&b, port, post);
    for (int i = 0; i < ROUNDS; i++) {
        double bare = bare_round(&b), client = client_round(k, port, post, fields);
        bare_us = bare < bare_us ? bare : bare_us;
        client_us = client < client_us ? client : client_us;
    }
    double more = client_us - bare_us;
    printf("client %-6s bare libcurl %.1f us, client %.1f us, overhead %.1f us (target 30) %s\n",
           post ? "create" : "query", bare_us, client_us, more, more <= 30 ? "ok" : "MISSED");
    bare_close(&b);
    json_decref(fields);
    kit_free(k);
}

/* ---- deadline ---- */

/* How long after its end a call that gets no answer comes back. */
static void deadline(int port)
{
    struct kit *k = kit_new(NULL, NULL);
    struct sf_error err;
    int64_t worst = 0;
    for (int i = 0; i < 5; i++) {
        json_t *out = NULL;
        set_port(k, port);
        int64_t end = clock_us() + 100000;
        k->call.deadline_ms = clock_ms() + 100 + LIMIT_ORG_MARGIN_MS;
        if (sf_request(act_org(&k->call), "GET", "/silent", NULL, &out, &err) || strcmp(err.code, "TIMEOUT") != 0)
            abort();
        int64_t late = clock_us() - end;
        worst = late > worst ? late : worst;
    }
    printf("client deadline: back at most %.1f ms after the end of its time\n", (double)worst / 1000);
    kit_free(k);
}

/* The program beside this one. */
static void run_reader(int port)
{
    char path[4096], text[16];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 16);
    char *slash = n > 0 ? memrchr(path, '/', (size_t)n) : NULL;
    if (!slash)
        _exit(127);
    snprintf(slash, 16, "/client_rows");
    snprintf(text, sizeof text, "%d", port);
    execl(path, path, text, (char *)NULL);
    perror(path);
    _exit(127);
}

int main(void)
{
    pid_t org, reader;
    int status = 1, port = start_org(&org);
    stay_on(0);
    overhead(port, false);
    overhead(port, true);
    deadline(port);
    fflush(stdout);
    reader = fork();
    if (reader == 0)
        run_reader(port);
    waitpid(reader, &status, 0);
    kill(org, SIGTERM);
    waitpid(org, NULL, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
