/* jobs_shell.c - the queue of jobs in the shell: brought up to date, looked at, managed. */
#include "runtime/jobs_shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "runtime/base/chars.h"
#include "runtime/jobs/queue.h"

enum {
    MIGRATE_WAIT_MS = 30000,
    OPEN_WAIT_MS = 5000,
    LISTED = 100,
    QUEUE_NAME = 40,
    WORDS = 2 /* a command and what it is about */
};

struct shell {
    struct queue *q;
    bool json;
};

/* ---- what is said ---- */

/* Names and messages come from outside; a terminal must not obey them. */
static void print_text(FILE *to, const char *text, int width)
{
    int n = 0;
    for (; *text && (width < 0 || n < width); text++, n++)
        putc(*text == '\n' ? ' ' : char_control(*text) ? '?' : *text, to);
    for (; n < width; n++)
        putc(' ', to);
}

static void print_json(const json_t *value)
{
    json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
    putchar('\n');
}

static const struct {
    enum queue_result result;
    int code;
    const char *what;
} failures[] = {
    { QUEUE_AWAY, EX_TEMPFAIL, "the database of jobs cannot be reached" },
    { QUEUE_NOT_FOUND, EX_NOINPUT, "there is no such job; actionhost jobs list shows the newest" },
    { QUEUE_ENDED, EX_DATAERR, "the job has ended already; retry does its failed rows again" },
    { QUEUE_NOTHING, EX_DATAERR, "the job has nothing that could be done again from here" },
    { QUEUE_NEWER, EX_CONFIG, "the database belongs to a newer version of this program; run that one" },
    { QUEUE_BROKEN, EX_IOERR, "the database of jobs does not answer as it must" },
};

/* Says why it did not work; the exit code. */
static int failed(const struct shell *s, enum queue_result result)
{
    const char *why = queue_why(s->q), *what = "the database of jobs gave an answer that is not expected here";
    int code = EX_SOFTWARE;
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        if (failures[i].result == result) {
            what = failures[i].what;
            code = failures[i].code;
        }
    fprintf(stderr, "actionhost: %s", what);
    if (*why) {
        fputs(": ", stderr);
        print_text(stderr, why, -1);
    }
    putc('\n', stderr);
    return code;
}

/* ---- looking ---- */

static const char *text_of(const json_t *job, const char *name)
{
    const char *text = json_string_value(json_object_get(job, name));
    return text ? text : "-";
}

/* "120/5000", or "120/?" while the whole is not known. */
static void print_progress(const json_t *job)
{
    const json_t *total = json_object_get(job, "total");
    char text[48], whole[24] = "?";
    if (total)
        snprintf(whole, sizeof whole, "%lld", (long long)json_integer_value(total));
    snprintf(text, sizeof text, "%lld/%s", (long long)json_integer_value(json_object_get(job, "done")), whole);
    print_text(stdout, text, 12);
}

/* 98 columns: 36, 20, 8, 12, 6 and 11, with a blank between them. */
static void print_row(const json_t *job)
{
    char failed_items[24], created[24], *t;
    snprintf(failed_items, sizeof failed_items, "%lld", (long long)json_integer_value(json_object_get(job, "failed")));
    snprintf(created, sizeof created, "%.16s", text_of(job, "createdAt"));
    if ((t = strchr(created, 'T')))
        *t = ' ';
    print_text(stdout, text_of(job, "jobId"), 36);
    putchar(' ');
    print_text(stdout, text_of(job, "operation"), 20);
    putchar(' ');
    print_text(stdout, text_of(job, "state"), 8);
    putchar(' ');
    print_progress(job);
    putchar(' ');
    print_text(stdout, failed_items, 6);
    putchar(' ');
    print_text(stdout, strlen(created) > 5 ? created + 5 : created, -1); /* month to minute, UTC */
    putchar('\n');
}

static int list(const struct shell *s, const char *unused)
{
    const struct job_filter filter = { .limit = LISTED + 1 };
    json_t *jobs = NULL;
    (void)unused;
    enum queue_result result = queue_list(s->q, &filter, NULL, &jobs);
    if (result != QUEUE_OK)
        return failed(s, result);
    bool more = json_array_size(jobs) > LISTED;
    if (more)
        json_array_remove(jobs, LISTED);
    if (s->json) {
        print_json(jobs);
    } else {
        size_t i;
        const json_t *job;
        printf("%-36s %-20s %-8s %-12s %-6s %s\n", "JOB", "OPERATION", "STATE", "DONE/TOTAL", "FAILED", "CREATED UTC");
        json_array_foreach (jobs, i, job)
            print_row(job);
        if (more)
            printf("older ones are not shown\n");
    }
    json_decref(jobs);
    return EX_OK;
}

/* {"ready": 3, "running": 1} and items of failed rows: on one line. */
static void print_value(const json_t *value)
{
    char number[32] = "";
    char *text = NULL;
    if (json_is_integer(value))
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    else if (!json_is_string(value))
        text = json_dumps(value, JSON_ENCODE_ANY);
    print_text(stdout, json_is_string(value) ? json_string_value(value) : text ? text : number, -1);
    free(text);
}

static void print_failures(const json_t *rows)
{
    size_t i;
    const json_t *row;
    printf("failures\n");
    json_array_foreach (rows, i, row) {
        printf("  ");
        print_value(json_object_get(row, "item"));
        putchar(' ');
        print_text(stdout, text_of(row, "code"), -1);
        printf(": ");
        print_text(stdout, text_of(row, "message"), -1);
        putchar('\n');
    }
}

static int show(const struct shell *s, const char *id)
{
    json_t *job = NULL;
    const char *name;
    json_t *value;
    enum queue_result result = queue_get(s->q, id, NULL, &job);
    if (result != QUEUE_OK)
        return failed(s, result);
    if (s->json)
        print_json(job);
    json_object_foreach (job, name, value) {
        if (s->json)
            break;
        if (json_is_array(value)) {
            print_failures(value);
            continue;
        }
        printf("%-14s ", name);
        print_value(value);
        putchar('\n');
    }
    json_decref(job);
    return EX_OK;
}

/* ---- managing ---- */

/* What the job is now, and with a retry how many items are done again. */
static int tell_state(const struct shell *s, const char *id, int64_t rows)
{
    char state[12] = "";
    bool ended;
    enum queue_result result = queue_peek(s->q, id, NULL, state, &ended);
    if (result != QUEUE_OK)
        return failed(s, result);
    if (!s->json) {
        printf("job %s is %s", id, state);
        if (rows >= 0)
            printf("; failed items to be done again: %lld", (long long)rows);
        putchar('\n');
        return EX_OK;
    }
    json_t *out = json_pack("{s:s, s:s}", "jobId", id, "state", state);
    if (rows >= 0)
        json_object_set_new(out, "rows", json_integer(rows));
    print_json(out);
    json_decref(out);
    return EX_OK;
}

static int cancel(const struct shell *s, const char *id)
{
    enum queue_result result = queue_cancel(s->q, id, NULL);
    return result == QUEUE_OK ? tell_state(s, id, -1) : failed(s, result);
}

static int retry(const struct shell *s, const char *id)
{
    int64_t rows = 0;
    enum queue_result result = queue_retry(s->q, id, NULL, NULL, &rows);
    return result == QUEUE_OK ? tell_state(s, id, rows) : failed(s, result);
}

static bool is_queue_name(const char *name)
{
    size_t n = strlen(name);
    for (const char *p = name; *p; p++)
        if (!char_lower(*p) && !char_digit(*p) && *p != '_')
            return false;
    return n > 0 && n <= QUEUE_NAME;
}

static int set_pause(const struct shell *s, const char *queue, bool paused)
{
    if (!is_queue_name(queue)) {
        fprintf(stderr, "actionhost: the name of a queue is 1 to %d lower-case letters, digits and _\n", QUEUE_NAME);
        return EX_USAGE;
    }
    enum queue_result result = queue_pause(s->q, queue, paused);
    if (result != QUEUE_OK)
        return failed(s, result);
    if (s->json)
        printf("{\"queue\": \"%s\", \"paused\": %s}\n", queue, paused ? "true" : "false");
    else
        printf("queue %s %s\n", queue, paused ? "is paused: no step of it begins until it is resumed" : "goes on");
    return EX_OK;
}

static int pause_queue(const struct shell *s, const char *queue)
{
    return set_pause(s, queue, true);
}

static int resume_queue(const struct shell *s, const char *queue)
{
    return set_pause(s, queue, false);
}

/* ---- the words ---- */

static const struct command {
    const char *name, *about, *help;
    int (*run)(const struct shell *s, const char *about);
} commands[] = {
    { "list", NULL, "the newest jobs, a line for each", list },
    { "show", "ID", "all that is known of a job", show },
    { "cancel", "ID", "stops a job; what is done stays", cancel },
    { "retry", "ID", "does the failed items of a job again, or lets one that waits go on", retry },
    { "pause", "QUEUE", "lets no step of a queue begin", pause_queue },
    { "resume", "QUEUE", "lets them begin again", resume_queue },
};

static void print_usage(FILE *to)
{
    fprintf(to, "usage: actionhost jobs [--json] [COMMAND]\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(to, "  %-6s %-6s %s\n", commands[i].name, commands[i].about ? commands[i].about : "", commands[i].help);
}

static const struct command *find(int n, char *const words[])
{
    if (n == 0)
        return &commands[0];
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(words[0], commands[i].name) == 0)
            return n == (commands[i].about ? 2 : 1) ? &commands[i] : NULL;
    return NULL;
}

/* Takes --json out of the words. False: there are too many of them. */
static bool read_words(int n, char *const words[], struct shell *s, int *kept_n, char *kept[WORDS])
{
    *kept_n = 0;
    for (int i = 0; i < n; i++) {
        if (strcmp(words[i], "--json") == 0)
            s->json = true;
        else if (*kept_n == WORDS)
            return false;
        else
            kept[(*kept_n)++] = words[i];
    }
    return true;
}

static struct queue *open_queue(const struct config *c)
{
    const struct queue_settings settings = { .database_url = c->database_url,
                                             .path = c->jobs_db,
                                             .poll_ms = c->jobs_poll_ms };
    return queue_new(&settings);
}

int jobs_shell(const struct config *c, int words_n, char *const words[])
{
    struct shell s = { 0 };
    char *kept[WORDS];
    int n;
    bool read = read_words(words_n, words, &s, &n, kept);
    if (n > 0 && (strcmp(kept[0], "--help") == 0 || strcmp(kept[0], "help") == 0)) {
        print_usage(stdout);
        return EX_OK;
    }
    const struct command *command = read ? find(n, kept) : NULL;
    if (!command) {
        print_usage(stderr);
        return EX_USAGE;
    }
    if (!c->jobs) {
        fprintf(stderr, "actionhost: no database of jobs is configured; set DATABASE_URL or JOBS_DB\n");
        return EX_CONFIG;
    }
    s.q = open_queue(c);
    enum queue_result result = queue_open_now(s.q, OPEN_WAIT_MS, NULL);
    int code = result == QUEUE_OK ? command->run(&s, n > 1 ? kept[1] : NULL) : failed(&s, result);
    queue_free(s.q);
    return fflush(stdout) == 0 ? code : EX_IOERR;
}

int jobs_shell_migrate(const struct config *c)
{
    int migrated = 0;
    if (!c->jobs) {
        printf("no database of jobs is configured (DATABASE_URL, JOBS_DB): nothing to do\n");
        return EX_OK;
    }
    const struct shell s = { .q = open_queue(c) };
    enum queue_result result = queue_open_now(s.q, MIGRATE_WAIT_MS, &migrated);
    int code = EX_OK;
    if (result != QUEUE_OK)
        code = failed(&s, result);
    else if (migrated)
        printf("the database of jobs is up to date: %d migration%s run\n", migrated, migrated == 1 ? "" : "s");
    else
        printf("the database of jobs was up to date\n");
    queue_free(s.q);
    return code;
}
