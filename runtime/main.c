/* main.c - the commands of the program. */
#include <curl/curl.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <nghttp2/nghttp2.h>
#include <openssl/crypto.h>
#include <protobuf-c/protobuf-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "runtime/base/bytes.h"
#include "runtime/base/limits.h"
#include "runtime/base/near.h"
#include "runtime/base/system.h"
#include "runtime/declare/config.h"
#include "runtime/declare/lint.h"
#include "runtime/declare/openapi.h"
#include "runtime/front.h"
#include "runtime/jobs.h"
#include "runtime/jobs_shell.h"
#include "runtime/listener.h"
#include "runtime/master/master.h"
#include "runtime/process/signals.h"
#include "runtime/settings_check.h"
#include "runtime/worker.h"

static void print_faults(const char *title, const struct buf *faults)
{
    fprintf(stderr, "actionhost: %s\n", title);
    struct span rest = { faults->p, faults->n }, line;
    while (span_split(&rest, '\n', &line))
        fprintf(stderr, "  - %.*s\n", (int)line.n, line.p);
}

static bool load(struct declarations *d)
{
    struct buf faults;
    buf_init(&faults, 1024 * 1024);
    bool ok = declarations_load(d, &faults) && config_check_actions(d, &faults);
    if (!ok)
        print_faults("the declarations of the actions are not right; mend each of these:", &faults);
    buf_free(&faults);
    return ok;
}

static int run_front(const struct process_start *s)
{
    return front_run(s->socket, s->logs, s->config, s->declarations);
}

static int run_listener(const struct process_start *s)
{
    return listener_run(s->socket, s->config, s->declarations);
}

static int start_jobs(const struct process_start *s, bool listen)
{
    const struct jobs_start start = { .control = s->socket,
                                      .link = s->link,
                                      .logs = s->logs,
                                      .config = s->config,
                                      .declarations = s->declarations,
                                      .serve = s->link >= 0,
                                      .listen = listen };
    return jobs_run(&start);
}

static int run_jobs(const struct process_start *s)
{
    return start_jobs(s, false);
}

static int run_jobs_of_listener(const struct process_start *s)
{
    return start_jobs(s, true);
}

static int run_call_worker(const struct process_start *s)
{
    return worker_run(s->socket, s->config, s->declarations, WORKER_OF_CALLS);
}

static int run_step_worker(const struct process_start *s)
{
    return worker_run(s->socket, s->config, s->declarations, WORKER_OF_STEPS);
}

/* The commands that run until they are told to stop, and the processes of each; `logs_by_pipe` comes when they run. */
struct host_kind {
    const char *command;
    struct processes processes;
};
static const struct host_kind serve_kind = { "serve",
                                             { run_front, NULL, run_jobs, run_call_worker, run_step_worker, 0 } };
static const struct host_kind work_kind = { "work", { NULL, NULL, run_jobs, NULL, run_step_worker, 0 } };
static const struct host_kind listen_kind = { "listen", { NULL, run_listener, run_jobs_of_listener, NULL, NULL, 0 } };

/* Whoever calls work or listen knows that it wants jobs. */
static bool check_database(const struct config *c, const struct host_kind *kind, struct buf *faults)
{
    char mend[240];
    if (kind == &serve_kind || c->jobs)
        return true;
    snprintf(mend, sizeof mend,
             "missing; %s needs the database of jobs: add PostgreSQL (heroku addons:create heroku-postgresql), or "
             "set JOBS_DB to the file that serve has",
             kind->command);
    config_fault(faults, "DATABASE_URL", NULL, mend);
    return false;
}

static bool check_connections(const struct config *c, const struct host_kind *kind, struct buf *faults)
{
    if (kind != &listen_kind || c->events_connections.n)
        return true;
    config_fault(faults, "CONNECTIONS", NULL,
                 "missing; listen subscribes as connections: set it to the developer names of authorizations "
                 "(salesforce:authorizations:add of the add-on makes one), separated by comma");
    return false;
}

static bool check_settings(struct config *c, const struct declarations *d, const struct host_kind *kind)
{
    struct buf faults;
    buf_init(&faults, 64 * 1024);
    bool good = config_load(c, &faults);
    good = settings_check_files(c, &faults) && good;
    good = settings_check_descriptors(c, kind == &serve_kind, &faults) && good;
    good = check_database(c, kind, &faults) && good;
    good = check_connections(c, kind, &faults) && good;
    good = (!d || settings_check_actions(c, d, &faults)) && good;
    if (!good)
        print_faults("settings are missing or wrong; mend each of these (actionhost config shows all):", &faults);
    buf_free(&faults);
    return good;
}

static int run_host(const struct host_kind *kind)
{
    struct declarations d;
    struct config c;
    size_t seed;
    signals_hold();
    system_seal();
    json_set_alloc_funcs(malloc, bytes_free_wiped); /* secrets files and sessions are read as JSON */
    random_bytes(&seed, sizeof seed);
    json_object_seed(seed);
    bool actions = load(&d);
    bool settings = check_settings(&c, actions ? &d : NULL, kind);
    int code = EX_CONFIG;
    if (settings && actions) {
        struct processes processes = kind->processes;
        processes.logs_by_pipe = worker_is_limited();
        log_set_level(c.log_level);
        code = master_run(&c, &d, &processes);
    }
    if (actions)
        declarations_free(&d);
    return code;
}

static int command_serve(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return run_host(&serve_kind);
}

static int command_work(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return run_host(&work_kind);
}

static int command_listen(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return run_host(&listen_kind);
}

/* For a command that needs nothing but the database. */
static bool load_database(struct config *c)
{
    struct buf faults;
    system_seal();
    buf_init(&faults, 64 * 1024);
    bool good = config_load_jobs(c, &faults);
    good = settings_check_database(c, &faults) && good;
    if (!good)
        print_faults("settings are wrong; mend each of these (actionhost config shows all):", &faults);
    buf_free(&faults);
    log_set_level(c->log_level);
    return good;
}

static int command_migrate(int argc, char **argv)
{
    struct config c;
    (void)argc;
    (void)argv;
    return load_database(&c) ? jobs_shell_migrate(&c) : EX_CONFIG;
}

static int command_jobs(int argc, char **argv)
{
    struct config c = { 0 };
    bool help = argc == 3 && strcmp(argv[2], "--help") == 0; /* needs no settings */
    return help || load_database(&c) ? jobs_shell(&c, argc - 2, argv + 2) : EX_CONFIG;
}

static int command_openapi(int argc, char **argv)
{
    struct declarations d;
    struct buf text;
    (void)argc;
    (void)argv;
    if (!load(&d))
        return EX_CONFIG;
    buf_init(&text, LIMIT_DOCUMENT);
    bool ok = openapi_write(&d, ACTIONHOST_VERSION, &text) && fwrite(text.p, 1, text.n, stdout) == text.n;
    buf_free(&text);
    declarations_free(&d);
    return ok ? EX_OK : EXIT_FAILURE;
}

static void print_action(const struct declaration *a, int limit_ms)
{
    bool agent = json_is_true(json_object_get(json_object_get(a->root, "agent"), "publish"));
    const char *callers = a->salesforce && a->data_action ? "Salesforce, Data Cloud"
                          : a->salesforce                 ? "Salesforce"
                                                          : "Data Cloud";
    printf("%-31s %-23s %-8d %-9zu %-6s %s\n", a->operation_id, callers, declaration_time_ms(a, limit_ms), a->body_max,
           agent ? "yes" : "no", a->summary);
}

/* By what people want rather than by folder, as the README has them; tags that are not here come last. */
static void print_actions(const struct declarations *d, int limit_ms)
{
    static const char *const tags[] = { "Carbon", "Social cards", "Finance", "Quotes",
                                        "Orgs",   "Accounts",     "Jobs",    "Data Cloud" };
    enum { TAGS = sizeof tags / sizeof *tags };
    for (size_t t = 0; t <= TAGS; t++) {
        for (size_t i = 0; i < d->n; i++) {
            const char *tag = declaration_text(d->v[i].root, "tag");
            size_t own = 0;
            while (own < TAGS && strcmp(tags[own], tag) != 0)
                own++;
            if (own == t)
                print_action(&d->v[i], limit_ms);
        }
    }
}

/* What action.json may say, for editors (--schema) or for people (--markdown). */
static int print_forms(bool schema)
{
    struct buf text;
    json_t *json = schema ? action_schema() : NULL;
    char *dumped = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
    buf_init(&text, 256 * 1024);
    if (dumped)
        buf_fmt(&text, "%s\n", dumped);
    else if (!schema)
        action_schema_tables(&text);
    bool ok = text.n > 0 && fwrite(text.p, 1, text.n, stdout) == text.n;
    buf_free(&text);
    free(dumped);
    json_decref(json);
    return ok ? EX_OK : EX_OSERR;
}

static int command_actions(int argc, char **argv)
{
    struct declarations d;
    struct config c;
    struct buf faults;
    if (argc == 3)
        return print_forms(strcmp(argv[2], "--schema") == 0);
    if (!load(&d))
        return EX_CONFIG;
    buf_init(&faults, 64 * 1024);
    (void)config_load(&c, &faults); /* for REQUEST_TIMEOUT_MS; what is missing for serve is not asked for here */
    buf_free(&faults);
    printf("%-31s %-23s %-8s %-9s %-6s %s\n", "OPERATION", "CALLERS", "TIME MS", "BODY", "AGENT", "SUMMARY");
    print_actions(&d, c.request_timeout_ms);
    declarations_free(&d);
    return EX_OK;
}

static int command_config(int argc, char **argv)
{
    struct declarations d;
    if (!load(&d))
        return EX_CONFIG;
    config_print(&d, argc > 2 && strcmp(argv[2], "--markdown") == 0);
    declarations_free(&d);
    return EX_OK;
}

static int command_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("actionhost %s\nlibmicrohttpd %s\njansson %s\n%s\n%s\nnghttp2 %s\nprotobuf-c %s\n", ACTIONHOST_VERSION,
           MHD_get_version(), jansson_version_str(), curl_version(), OpenSSL_version(OPENSSL_VERSION),
           nghttp2_version(0)->version_str, protobuf_c_version());
    return EX_OK;
}

static const struct command {
    const char *name, *help;
    int (*run)(int argc, char **argv);
} commands[] = {
    { "serve", "the web process", command_serve },
    { "work", "a process that runs the steps of jobs, on this or another machine", command_work },
    { "listen", "a process that hears events of the connected orgs, which start jobs", command_listen },
    { "migrate", "bring the database of jobs to this version's schema", command_migrate },
    { "jobs", "the queue of jobs: list, show, cancel, retry, pause, resume (jobs --help)", command_jobs },
    { "openapi", "print the OpenAPI document", command_openapi },
    { "actions", "print a table of the actions (--schema, --markdown: what action.json may say)", command_actions },
    { "config", "print every setting, its value, default and meaning (--markdown: as a table)", command_config },
    { "version", "print the version and those of the libraries", command_version },
};

/* Descriptors 0 to 2 are never anything but standard ones: a socket that took such a number would get what is logged.
 */
static bool open_standard_descriptors(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return false;
    return true;
}

static void print_usage(FILE *to)
{
    fprintf(to, "usage: actionhost COMMAND\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].help);
    fprintf(to, "Settings come from the environment; `actionhost config` shows them.\n");
}

static bool is_help(const char *word)
{
    return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* `actionhost serve --help`; jobs has a help of its own. */
static bool asks_help(int argc, char **argv)
{
    return argc == 3 && strcmp(argv[1], "jobs") != 0 && is_help(argv[2]);
}

/* The command whose name is meant: it begins alike, or two of its letters are other ones. NULL = none. */
static const char *meant(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (near_name(name, commands[i].name) ||
            (strlen(name) > 1 && strncmp(name, commands[i].name, strlen(name)) == 0))
            return commands[i].name;
    return NULL;
}

static int unknown_command(const char *name)
{
    const char *other = *name ? meant(name) : NULL;
    if (other)
        fprintf(stderr, "actionhost: there is no command %s; did you mean %s?\n", name, other);
    else if (*name)
        fprintf(stderr, "actionhost: there is no command %s\n", name);
    print_usage(stderr);
    return EX_USAGE;
}

/* What stands behind a command that does not know it would be ignored: better refused. */
static bool takes(const struct command *c, int argc, char **argv)
{
    if (argc <= 2 || strcmp(c->name, "jobs") == 0) /* which looks at its words itself */
        return true;
    static const char *const options[][2] = { { "config", "--markdown" },
                                              { "actions", "--markdown" },
                                              { "actions", "--schema" } };
    bool known = false;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        known = known || (strcmp(c->name, options[i][0]) == 0 && strcmp(argv[2], options[i][1]) == 0);
    if (argc == 3 && known)
        return true;
    fprintf(stderr, "actionhost: %s takes no %s\n", c->name, argv[known ? 3 : 2]);
    return false;
}

int main(int argc, char **argv)
{
    const char *name = argc >= 2 ? argv[1] : "";
    if (!open_standard_descriptors())
        return EX_OSERR;
    log_open();
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(name, commands[i].name) == 0 && !asks_help(argc, argv))
            return takes(&commands[i], argc, argv) ? commands[i].run(argc, argv) : EX_USAGE;
    if (!is_help(name) && !asks_help(argc, argv))
        return unknown_command(name);
    print_usage(stdout);
    return EX_OK;
}
