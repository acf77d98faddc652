/*
 * client.h - the Salesforce client of a worker, behind the sf_ functions of action.h. Not for actions.
 *
 * A worker makes one client and lends it to each call: call_init(&call, ...); call.client = client; The client holds
 * what outlives a call: the connections and the allow-lists. Everything about an org or a user lives in the call.
 */
#ifndef ACTIONHOST_CLIENT_CLIENT_H
#define ACTIONHOST_CLIENT_CLIENT_H

#include "runtime/client/call.h"
#include "runtime/net/hosts.h"
#include "runtime/net/http.h"

struct client_settings {
    struct hosts org_hosts;              /* ORG_HOSTS */
    struct hosts fetch_hosts;            /* FETCH_HOSTS, for act_fetch_all */
    const struct span_list *connections; /* CONNECTIONS and CONNECTIONS_CALLERS; NULL = none. Borrowed */
    const struct span_list *connections_callers;
    const char *ca_file; /* NULL = the system's certificates */
    int backoff_ms;      /* first pause between tries; 0 = 200. Tests shorten it. */
    /* Tests and benches may put another transport in; NULL = http_send */
    bool (*send)(void *ctx, const struct http_request *q, struct http_reply *r);
    void *send_ctx;
};

/* NULL when libcurl cannot start. Copies the settings; `ca_file` must outlive the client. */
struct client *client_new(const struct client_settings *settings);
void client_free(struct client *c);
#endif
