/* main.c - `sandbox serve`: reads the settings, listens on 127.0.0.1 to 127.0.0.3 until SIGTERM or SIGINT. */
#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "sandbox/base/text.h"
#include "sandbox/http/server.h"
#include "sandbox/pubsub/pubsub.h"
#include "sandbox/sandbox.h"

static const char *setting(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

static bool fill(char *out, size_t size, const char *name, const char *otherwise)
{
    const char *value = setting(name, otherwise);
    if (strlen(value) >= size) {
        fprintf(stderr, "sandbox: %s is longer than %zu characters\n", name, size - 1);
        return false;
    }
    copy_text(out, size, value);
    return true;
}

static bool read_port(const char *name, const char *otherwise, int *out)
{
    const char *port = setting(name, otherwise);
    char *end;
    errno = 0;
    long n = strtol(port, &end, 10);
    bool ok = !errno && !*end && end != port && n >= 0 && n <= 65535;
    if (!ok)
        fprintf(stderr, "sandbox: %s is not a port: %s\n", name, port);
    *out = ok ? (int)n : 0;
    return ok;
}

static bool read_settings(struct settings *out)
{
    *out = (struct settings){ .port = 0 };
    bool ok = read_port("SANDBOX_PORT", "7070", &out->port);
    ok = read_port("SANDBOX_PUBSUB_PORT", out->port ? "7443" : "0", &out->pubsub_port) && ok;
    ok = fill(out->db, sizeof out->db, "SANDBOX_DB", "") && ok;
    ok = fill(out->token, sizeof out->token, "SANDBOX_TOKEN", "sandbox-token") && ok;
    out->app_learn = !getenv("SANDBOX_APP_ID");
    return fill(out->app_id, sizeof out->app_id, "SANDBOX_APP_ID", "11111111-2222-4333-8444-555555555555") && ok;
}

static int serve(void)
{
    struct settings settings;
    if (!read_settings(&settings))
        return EX_CONFIG;
    /* blocked before any thread exists, so that only sigwait gets them */
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stops, NULL);
    signal(SIGPIPE, SIG_IGN);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    char why[512] = "";
    struct sandbox *s = sandbox_new(&settings, setting("SANDBOX_HOST_URL", "http://127.0.0.1:8080"), why, sizeof why);
    if (!s) {
        fprintf(stderr, "sandbox: %s\n", why);
        return EX_CONFIG;
    }
    if (*setting("SANDBOX_FILES", "") &&
        !org_add_directory(sandbox_org(s, 0), setting("SANDBOX_FILES", ""), why, sizeof why)) {
        fprintf(stderr, "sandbox: SANDBOX_FILES: %s\n", why);
        sandbox_free(s);
        return EX_CONFIG;
    }
    bool events = pubsub_listen(s->pubsub, settings.pubsub_port);
    struct server *server = events ? sandbox_listen(s, settings.port) : NULL;
    if (!server) {
        if (events)
            fprintf(stderr, "sandbox: cannot listen on 127.0.0.1, 127.0.0.2 and 127.0.0.3 at port %d\n", settings.port);
        else
            fprintf(stderr, "sandbox: cannot listen on 127.0.0.1 at SANDBOX_PUBSUB_PORT %d\n", settings.pubsub_port);
        pubsub_stop(s->pubsub);
        sandbox_free(s);
        return EX_UNAVAILABLE;
    }
    fprintf(stderr, "at=ready port=%d pubsub=%d\n", server_port(server), pubsub_port(s->pubsub));
    int received;
    sigwait(&stops, &received);
    sandbox_let_go(s);
    server_stop(server);
    pubsub_stop(s->pubsub);
    sandbox_free(s);
    curl_global_cleanup();
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "serve") == 0)
        return serve();
    fprintf(stderr, "usage: sandbox serve\n"
                    "settings: SANDBOX_PORT (7070; 0 = any free port), SANDBOX_PUBSUB_PORT (7443), SANDBOX_DB (in "
                    "memory), SANDBOX_TOKEN (sandbox-token),\n"
                    "          SANDBOX_HOST_URL (http://127.0.0.1:8080), SANDBOX_APP_ID, SANDBOX_FILES (a folder with "
                    "objects/X.json and\n"
                    "          seed/X.json of your own)\n");
    return EX_USAGE;
}
