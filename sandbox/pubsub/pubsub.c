/* pubsub.c - see pubsub.h. */
#include "sandbox/pubsub/pubsub.h"

#include <stdlib.h>

#include "sandbox/base/text.h"
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
    free(p);
}

void pubsub_reset(struct pubsub *p, int number)
{
    bus_reset(p->buses[number], sandbox_org(p->sandbox, number));
}
