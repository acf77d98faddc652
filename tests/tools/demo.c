/*
 * demo.c - makes the calls of `make demo`, prints a line or two of each, and keeps requests, answers and files:
 *   demo SANDBOX_URL FOLDER WORKER_PID calls.json action.json...
 * calls.json has the calls and what is said of each (tests/demo/README.md); an action that it leaves out is called with
 * its own first example, so that each action is there. V=1 prints requests and answers too. Writes FOLDER/calls.json
 * for demo_page.c. Exit code 0 when everything was as expected.
 */
#include <curl/curl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/tools/demo_words.h"

enum { COLUMN = 12 /* of what follows the name of a group */ };
enum { ANSWER_MAX = 64 << 20, JOB_MS = 60000, ASK_MS = 40, STATUS_OK = 200, STARTED = 201 };

struct answer {
    long status;
    double ms;
    char *p;
    size_t n;
};

static const char *sandbox, *folder;
static long worker_pid;
static json_t *kept; /* what became of each call */
static int calls, wrong;
static char group_shown[40], job_id[80];

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static void pause_ms(int ms)
{
    struct timespec t = { ms / 1000, ms % 1000 * 1000000L };
    nanosleep(&t, NULL);
}

/* ---- requests ---- */

static size_t take(char *p, size_t size, size_t n, void *to)
{
    struct answer *a = to;
    char *longer = a->n + size * n > ANSWER_MAX ? NULL : realloc(a->p, a->n + size * n + 1);
    if (!longer)
        return 0;
    a->p = longer;
    memcpy(a->p + a->n, p, size * n);
    a->n += size * n;
    a->p[a->n] = '\0';
    return size * n;
}

/* `body` NULL = GET. The caller frees a.p. */
static struct answer ask(const char *path, const char *body, const char *authorization)
{
    struct answer a = { 0 };
    char url[700];
    CURL *e = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (authorization)
        headers = curl_slist_append(headers, authorization);
    snprintf(url, sizeof url, "%s%s", sandbox, path);
    curl_easy_setopt(e, CURLOPT_URL, url);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)JOB_MS);
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, &a);
    if (body)
        curl_easy_setopt(e, CURLOPT_POSTFIELDS, body);
    double begun = now_ms();
    if (curl_easy_perform(e) == CURLE_OK)
        curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &a.status);
    a.ms = now_ms() - begun;
    curl_slist_free_all(headers);
    curl_easy_cleanup(e);
    return a;
}

static json_t *ask_json(const char *path, const json_t *body, struct answer *out)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    struct answer a = ask(path, text, NULL);
    json_t *root = a.n ? json_loadb(a.p, a.n, 0, NULL) : NULL;
    free(text);
    free(a.p);
    if (out)
        *out = (struct answer){ .status = a.status, .ms = a.ms };
    return root;
}

/* The access token of the sample org's administrator; the caller frees it. */
static char *admin_token(void)
{
    json_t *none = json_object(), *sign = ask_json("/sandbox/sign", none, NULL);
    const char *coded = json_string_value(json_object_get(sign, "x-client-context"));
    size_t n = coded ? strlen(coded) : 0;
    unsigned char *plain = calloc(1, n + 4);
    int len = plain && coded ? EVP_DecodeBlock(plain, (const unsigned char *)coded, (int)n) : 0;
    while (len > 0 && plain[len - 1] != '}') /* zero bytes of the padding */
        len--;
    json_t *context = len > 0 ? json_loadb((const char *)plain, (size_t)len, 0, NULL) : NULL;
    const char *token = json_string_value(json_object_get(context, "accessToken"));
    char *out = token ? strdup(token) : NULL;
    json_decref(context);
    json_decref(sign);
    json_decref(none);
    free(plain);
    return out;
}

/* What a query with COUNT() says; -1 when it says nothing. */
static json_int_t count_rows(const char *soql)
{
    char path[600] = "/services/data/v62.0/query?q=", authorization[600];
    char *token = admin_token();
    char *escaped = curl_easy_escape(NULL, soql, 0);
    strncat(path, escaped ? escaped : "", sizeof path - strlen(path) - 1);
    snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", token ? token : "");
    struct answer a = ask(path, NULL, authorization);
    json_t *root = a.status == STATUS_OK ? json_loadb(a.p, a.n, 0, NULL) : NULL;
    json_int_t n = root ? json_integer_value(json_object_get(root, "totalSize")) : -1;
    json_decref(root);
    free(a.p);
    curl_free(escaped);
    free(token);
    return n;
}

/* ---- words ---- */

static int columns(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

/* From `column`, where the line stands already; at its end how long it took (below 0 = nothing). What is too long is
 * cut: the page has the rest. */
static void end_line(int column, const char *text, double ms)
{
    char took[24] = "";
    if (ms >= 0)
        snprintf(took, sizeof took, ms < 1000 ? "%.0f ms" : "%.1f s", ms < 1000 ? ms : ms / 1000);
    int room = WIDTH - column - (*took ? 8 : 0), shown = 0;
    for (; *text && (shown < room || ((unsigned char)*text & 0xC0) == 0x80); text++) {
        putchar(*text);
        shown += ((unsigned char)*text & 0xC0) != 0x80;
    }
    printf("%*s\n", *took ? WIDTH - column - shown : 0, took);
}

/* A whole line, indented. */
static void print_line(const char *text, double ms)
{
    enum { INDENT = 14 };
    printf("%*s", INDENT, "");
    end_line(INDENT, text, ms);
}

/* "a|b|c" in columns, at least two blanks apart */
static void print_shows(const char *text, double ms)
{
    static const int stops[] = { 0, 18, 42 };
    char line[LINE] = "";
    size_t column = 0;
    for (const char *end; *text; text = *end ? end + 1 : end) {
        end = text + strcspn(text, "|");
        int gap = stops[column < 2 ? column : 2] - columns(line);
        for (gap = gap < 2 ? 2 : gap; column > 0 && gap > 0; gap--)
            put(line, " ", 1);
        put(line, text, (size_t)(end - text));
        column++;
    }
    print_line(line, ms);
}

static void print_group(const char *group)
{
    bool again = strcmp(group, group_shown) == 0;
    if (!again)
        printf("\n  %-*s", COLUMN - 2, group);
    snprintf(group_shown, sizeof group_shown, "%s", group);
    if (again)
        printf("%*s", COLUMN, "");
}

static bool wants_all(void)
{
    const char *v = getenv("V");
    return v && *v;
}

/* ---- files ---- */

static bool save(const char *name, const char *p, size_t n)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    bool ok = f && fwrite(p, 1, n, f) == n;
    return f ? fclose(f) == 0 && ok : false;
}

/* Every file that the answer names: <base>-<preset>.png, or <base>.pdf. Adds the names to `names`. */
static bool save_files(const json_t *value, const char *base, json_t *names)
{
    const char *id = json_string_value(json_object_get(value, "contentVersionId")),
               *preset = json_string_value(json_object_get(value, "preset"));
    bool ok = true;
    size_t i;
    const char *key;
    json_t *one;
    if (id && (preset || json_object_get(value, "sha256"))) {
        char path[120], name[160], number[16] = "";
        const char *format = json_string_value(json_object_get(value, "format"));
        snprintf(path, sizeof path, "/sandbox/files/%s", id);
        if (json_array_size(names) && strcmp(base, "bulk") == 0)
            snprintf(number, sizeof number, "-%zu", json_array_size(names) + 1);
        snprintf(name, sizeof name, "%s%s%s%s.%s", base, number, preset ? "-" : "", preset ? preset : "",
                 preset ? (format && strcmp(format, "jpeg") == 0 ? "jpg" : "png") : "pdf");
        struct answer a = ask(path, NULL, NULL);
        ok = a.status == STATUS_OK && a.n > 0 && save(name, a.p, a.n);
        json_array_append_new(names, json_string(name));
        free(a.p);
    }
    if (json_is_object(value)) {
        json_object_foreach ((json_t *)value, key, one)
            ok = save_files(one, base, names) && ok;
    }
    json_array_foreach ((json_t *)value, i, one)
        ok = save_files(one, base, names) && ok;
    return ok;
}

static void print_files(const json_t *names)
{
    char line[LINE] = "";
    size_t i;
    json_t *name;
    json_array_foreach ((json_t *)names, i, name) {
        put(line, i ? "  " : "", i ? 2 : 0);
        put(line, json_string_value(name), json_string_length(name));
    }
    if (*line)
        print_line(line, -1);
}

/* ---- jobs ---- */

/* Ends one worker in the middle of its step, as a crash or a restart would: the last child of the process that works.
 * False when it has none yet. */
static bool kill_worker(void)
{
    char path[64];
    long pid = 0, last = 0, n = 0;
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", worker_pid, worker_pid);
    FILE *f = fopen(path, "r");
    while (f && fscanf(f, "%ld", &pid) == 1) {
        last = pid;
        n++;
    }
    if (f)
        fclose(f);
    return n > 1 && kill((pid_t)last, SIGKILL) == 0;
}

static void print_bar(int done, int total)
{
    enum { CELLS = 30 };
    int full = total ? done * CELLS / total : 0;
    printf("%14s[", "");
    for (int i = 0; i < CELLS; i++)
        putchar(i < full ? '#' : '.');
    char said[LINE] = "";
    put(said, "] ", 2);
    put_number(said, done, 0);
    put(said, " of ", 4);
    put_number(said, total, 0);
    printf("%s\n", said);
}

/* Until the job has ended; its last state, which the caller frees, with "series": [[ms, done], ...], which is absent
 * when there was no worker to end. */
static json_t *follow(const char *id, bool kill_one)
{
    double begun = now_ms();
    json_t *wish = json_pack("{s:s}", "jobId", id), *series = json_array(), *job = NULL;
    const char *state = "";
    bool killed = !kill_one;
    while (strcmp(state, "done") != 0 && strcmp(state, "failed") != 0 && now_ms() - begun < JOB_MS) {
        json_decref(job);
        job = ask_json("/sandbox/invoke/getJob", wish, NULL);
        state = json_string_value(json_object_get(job, "state"));
        state = state ? state : "failed";
        json_int_t done = json_integer_value(json_object_get(job, "done")),
                   total = json_integer_value(json_object_get(job, "total"));
        json_array_append_new(series, json_pack("[f, I]", now_ms() - begun, done));
        if (!killed && total && done * 4 >= total)
            killed = kill_worker();
        pause_ms(ASK_MS);
    }
    if (job && killed)
        json_object_set_new(job, "series", series);
    else
        json_decref(series);
    json_decref(wish);
    return job;
}

/* ---- one call ---- */

static void print_all(const char *operation, const json_t *input, long status, const json_t *body)
{
    enum { SHOWN = 16384 };
    char *in = json_dumps(input, JSON_INDENT(2)),
         *out = body ? json_dumps(body, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;
    size_t n = out ? strlen(out) : 0, shown = n;
    if (n > SHOWN)
        for (shown = SHOWN; shown > 0 && out[shown] != '\n'; shown--)
            ;
    printf("\n== %s\n%s\n-> %ld %.*s\n", operation, in ? in : "", status, (int)shown, out ? out : "");
    if (shown < n)
        printf("   ... %zu bytes are left out; the whole is in %s\n", n - shown, folder);
    free(in);
    free(out);
}

static void prepare(const json_t *call, json_t *input)
{
    json_t *make = json_object_get(call, "make");
    if (make)
        json_decref(ask_json("/sandbox/make", make, NULL));
    if (json_is_true(json_object_get(call, "job")))
        json_object_set_new(input, "jobId", json_string(job_id));
}

/* A line or two, or three; false when the answer lacks what is to be said of it. */
static bool say(const json_t *call, const json_t *body, const struct answer *a, bool refused)
{
    const char *what = json_string_value(json_object_get(call, "what")),
               *shows = json_string_value(json_object_get(call, "shows")),
               *brief = json_string_value(json_object_get(call, "line"));
    char line[LINE], expected[LINE];
    bool whole = fill(line, brief ? brief : what ? what : "", refused ? NULL : body);
    snprintf(expected, sizeof expected, "%ld %.60s, as expected", a->status,
             refused ? json_string_value(json_object_get(body, "code")) : "");
    if (brief && refused) {
        put(line, ": ", 2);
        put(line, expected, strlen(expected));
    }
    end_line(COLUMN, line, brief ? a->ms : -1);
    if (brief)
        return whole;
    if (refused) {
        print_line(expected, a->ms);
        return whole;
    }
    if (json_object_get(body, "series"))
        print_bar((int)json_integer_value(json_object_get(body, "done")),
                  (int)json_integer_value(json_object_get(body, "total")));
    whole = fill(line, shows ? shows : "", body) && whole;
    print_shows(line, a->ms);
    return whole;
}

static void make_call(const json_t *call)
{
    const char *operation = json_string_value(json_object_get(call, "operation")),
               *file = json_string_value(json_object_get(call, "file")),
               *soql = json_string_value(json_object_get(call, "count"));
    json_t *input = json_deep_copy(json_object_get(call, "input")), *names = json_array();
    json_int_t wanted = json_integer_value(json_object_get(call, "status"));
    char path[200];
    struct answer a;
    prepare(call, input);
    snprintf(path, sizeof path, "/sandbox/%s/%s",
             json_is_true(json_object_get(call, "dataAction")) ? "data-action" : "invoke", operation);
    json_t *body = ask_json(path, input, &a);
    bool refused = wanted >= 400, ok = wanted ? a.status == wanted : a.status == STATUS_OK || a.status == STARTED;
    const char *job = a.status == STARTED ? json_string_value(json_object_get(body, "jobId")) : NULL;
    if (job) {
        double begun = now_ms();
        snprintf(job_id, sizeof job_id, "%s", job);
        json_t *last = follow(job_id, json_is_true(json_object_get(call, "kill")));
        json_decref(body);
        body = last;
        a.ms += now_ms() - begun;
        ok = ok && json_object_get(body, "series") && json_integer_value(json_object_get(body, "failed")) == 0 &&
             strcmp(json_string_value(json_object_get(body, "state")), "done") == 0;
    }
    if (soql && body) {
        json_object_set_new(body, "count", json_integer(count_rows(soql)));
        ok = ok && json_equal(json_object_get(body, "count"), json_object_get(body, "total"));
    }
    if (!refused && ok)
        ok = save_files(body, file ? file : operation, names);
    print_group(json_string_value(json_object_get(call, "group")));
    if (ok)
        ok = say(call, body, &a, refused);
    if (!ok)
        printf("FAIL %s: %ld %s\n", operation, a.status, json_string_value(json_object_get(body, "message")));
    print_files(names);
    if (wants_all())
        print_all(operation, input, a.status, body);
    calls++;
    wrong += !ok;
    json_array_append_new(kept, json_pack("{s:O, s:O, s:o, s:o*, s:i, s:f, s:b}", "call", call, "input", input, "files",
                                          names, "body", body, "status", (int)a.status, "ms", a.ms, "ok", ok));
    json_decref(input);
}

static bool called(const char *operation)
{
    size_t i;
    json_t *one;
    json_array_foreach (kept, i, one)
        if (strcmp(json_string_value(json_object_get(json_object_get(one, "call"), "operation")), operation) == 0)
            return true;
    return false;
}

/* An action that the table does not know yet: its first example that succeeds and needs no call before it. */
static void call_example(const char *path)
{
    json_t *action = json_load_file(path, 0, NULL), *example;
    const char *operation = json_string_value(json_object_get(action, "operationId"));
    size_t i;
    json_array_foreach (json_object_get(action, "examples"), i, example) {
        if (!operation || called(operation) || json_integer_value(json_object_get(example, "status")) >= 300 ||
            json_object_get(example, "after") || json_object_get(example, "notRun"))
            continue;
        bool event = !json_object_get(json_object_get(json_object_get(action, "input"), "properties"), "jobId") &&
                     strcmp(json_string_value(json_array_get(json_object_get(action, "accepts"), 0)), "salesforce");
        json_t *call =
            json_pack("{s:s, s:O, s:O, s:o, s:b}", "group", "More", "operation", json_object_get(action, "operationId"),
                      "input", json_object_get(example, "input"), "line",
                      json_sprintf("%s: %s", operation, json_string_value(json_object_get(example, "name"))),
                      "dataAction", event);
        make_call(call);
        json_decref(call);
    }
    json_decref(action);
}

int main(int argc, char **argv)
{
    size_t i;
    json_t *call;
    json_error_t why;
    if (argc < 5) {
        fprintf(stderr, "usage: demo SANDBOX_URL FOLDER WORKER_PID calls.json action.json...\n");
        return 64;
    }
    sandbox = argv[1];
    folder = argv[2];
    worker_pid = strtol(argv[3], NULL, 10);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    kept = json_array();
    double begun = now_ms();
    json_t *table = json_load_file(argv[4], 0, &why);
    if (!json_array_size(json_object_get(table, "calls"))) {
        fprintf(stderr, "demo: %s: %s line %d\n", argv[4], why.text, why.line);
        return 65;
    }
    json_array_foreach (json_object_get(table, "calls"), i, call)
        make_call(call);
    for (int k = 5; k < argc; k++)
        call_example(argv[k]);
    printf("\n%d calls, %d as expected, in %.1f s.\n", calls, calls - wrong, (now_ms() - begun) / 1000);
    json_t *all = json_pack("{s:i, s:i, s:f, s:O}", "calls", calls, "expected", calls - wrong, "seconds",
                            (now_ms() - begun) / 1000, "made", kept);
    char *text = json_dumps(all, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    bool saved = text && save("calls.json", text, strlen(text));
    free(text);
    json_decref(all);
    json_decref(kept);
    json_decref(table);
    return wrong || !saved ? 1 : 0;
}
