/* sandbox.c - makes the parts of the sandbox, opens its door, and ends it all. */
#include "sandbox/sandbox.h"

#include <stdio.h>
#include <stdlib.h>

#include "sandbox/applink/callbacks.h"
#include "sandbox/applink/targets.h"
#include "sandbox/base/text.h"
#include "sandbox/bulk/bulk.h"
#include "sandbox/http/calls.h"
#include "sandbox/http/faults.h"
#include "sandbox/http/model.h"
#include "sandbox/http/server.h"
#include "sandbox/login/apps.h"
#include "sandbox/login/keys.h"
#include "sandbox/login/sessions.h"
#include "sandbox/pubsub/pubsub.h"

struct sandbox *sandbox_new(const struct settings *settings, const char *host_url, char *why, size_t why_size)
{
    struct sandbox *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->settings = *settings;
    copy_text(s->app_id, sizeof s->app_id, settings->app_id);
    pthread_mutex_init(&s->lock, NULL);
    snprintf(why, why_size, "out of memory");
    s->keys = keys_new();
    s->faults = faults_new();
    s->calls = calls_new();
    s->sessions = sessions_new();
    s->targets = targets_new();
    s->apps = apps_new();
    s->callbacks = callbacks_new();
    s->bulk = bulk_new(s);
    bool models = true;
    for (int i = 0; i < SANDBOX_ORGS; i++)
        models = (s->models[i] = model_new()) && models;
    if (!s->keys || !s->faults || !s->calls || !s->sessions || !s->targets || !s->apps || !s->callbacks || !s->bulk ||
        !models)
        goto fail;
    if (!sandbox_set_host(s, host_url)) {
        snprintf(why, why_size, "SANDBOX_HOST_URL must be http://127.0.0.1:<port> (or localhost)");
        goto fail;
    }
    s->orgs[0] = org_open(*settings->db ? settings->db : NULL, why, why_size);
    if (s->orgs[0] && (s->pubsub = pubsub_new(s)))
        return s;
fail:
    sandbox_free(s);
    return NULL;
}

void sandbox_free(struct sandbox *s)
{
    if (!s)
        return;
    sandbox_let_go(s);
    bulk_free(s->bulk);
    for (int i = 0; i < SANDBOX_ORGS; i++)
        org_close(s->orgs[i]);
    for (int i = 0; i < SANDBOX_ORGS; i++)
        model_free(s->models[i]);
    pubsub_free(s->pubsub);
    keys_free(s->keys);
    faults_free(s->faults);
    calls_free(s->calls);
    sessions_free(s->sessions);
    targets_free(s->targets);
    apps_free(s->apps);
    callbacks_free(s->callbacks);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void sandbox_let_go(struct sandbox *s)
{
    char why[64];
    json_t *off = json_object();
    for (int i = 0; i < SANDBOX_ORGS; i++)
        if (s->models[i])
            model_set(s->models[i], off, why, sizeof why);
    json_decref(off);
}

static void answer(void *ctx, const struct request *rq, struct reply *rp)
{
    sandbox_answer(ctx, rq, rp);
}

struct server *sandbox_listen(struct sandbox *s, int port)
{
    struct server *server = server_start(port, answer, s);
    if (server)
        sandbox_set_port(s, server_port(server));
    return server;
}
