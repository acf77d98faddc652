/* pubsub.c - see pubsub.h. */
#include "sandbox/pubsub/pubsub.h"

#include <stdio.h>
#include <stdlib.h>

#include "sandbox/base/text.h"
#include "sandbox/pubsub/knobs.h"
#include "sandbox/pubsub/pubsub_parts.h"

static void wake(void *ctx)
{
    struct pubsub *p = ctx;
    if (p->server)
        grpc_wake(p->server);
}

static void org_opened(void *ctx, int number, struct org *o)
{
    struct pubsub *p = ctx;
    bus_listen(p->buses[number], o);
}

struct pubsub *pubsub_new(struct sandbox *s)
{
    struct pubsub *p = mem_new(sizeof *p);
    p->sandbox = s;
    p->strikes = strikes_new();
    for (int i = 0; i < SANDBOX_ORGS; i++)
        p->buses[i] = bus_new(wake, p);
    sandbox_on_open(s, org_opened, p);
    return p;
}

bool pubsub_listen(struct pubsub *p, int port)
{
    p->server = grpc_start(port, rpc_service(p));
    return p->server != NULL;
}

int pubsub_port(const struct pubsub *p)
{
    return p->server ? grpc_port(p->server) : 0;
}

void pubsub_stop(struct pubsub *p)
{
    grpc_stop(p->server);
    p->server = NULL;
}

void pubsub_free(struct pubsub *p)
{
    if (!p)
        return;
    for (int i = 0; i < SANDBOX_ORGS; i++)
        bus_free(p->buses[i]);
    strikes_free(p->strikes);
    free(p);
}

void pubsub_reset(struct pubsub *p, int number)
{
    bus_reset(p->buses[number], sandbox_org(p->sandbox, number));
}

/* ---- faults and knobs ---- */

static int org_of(const json_t *spec)
{
    const json_t *name = json_object_get(spec, "org");
    return !name ? 0 : json_is_string(name) ? sandbox_org_number(json_string_value(name)) : -1;
}

bool pubsub_fits(const json_t *spec, char *why, size_t why_size)
{
    snprintf(why, why_size, "pubsub is an object");
    if (!json_is_object(spec))
        return false;
    if (!knobs_are(spec))
        return strike_fits(spec, why, why_size);
    snprintf(why, why_size, "org is none of sandbox, partner, third");
    return org_of(spec) >= 0;
}

bool pubsub_fault(struct pubsub *p, const json_t *spec, char *why, size_t why_size)
{
    if (!pubsub_fits(spec, why, why_size))
        return false;
    if (!knobs_are(spec))
        return strikes_add(p->strikes, spec, why, why_size);
    struct org *o = sandbox_org(p->sandbox, org_of(spec));
    snprintf(why, why_size, "the org could not be opened");
    return o && knobs_turn(p->buses[org_of(spec)], o, spec, why, why_size);
}

void pubsub_forget(struct pubsub *p)
{
    strikes_clear(p->strikes);
    for (int i = 0; i < SANDBOX_ORGS; i++)
        bus_calm(p->buses[i]);
}

void pubsub_faults(struct pubsub *p, json_t *out)
{
    strikes_list(p->strikes, out);
}
