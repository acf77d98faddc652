/*
 * connections.h - the connections of the front: how many there may be, and until when each may take for what it is
 * doing. libmicrohttpd's own timeout is for idleness, so a peer that drips a byte now and then would never meet it;
 * deadlines here are absolute.
 */
#ifndef ACTIONHOST_WEB_CONNECTIONS_H
#define ACTIONHOST_WEB_CONNECTIONS_H

#include <microhttpd.h>

#include "runtime/declare/config.h"
#include "runtime/web/metrics.h"

struct conns;
struct conn;

/* `config` and `metrics`, which counts those that are refused, are borrowed. NULL without memory. */
struct conns *conns_new(const struct config *config, struct metrics *metrics);
void conns_free(struct conns *s);

/* What libmicrohttpd may open: CONNECTIONS_MAX and a few more, which are only told that there are too many. */
unsigned conns_room(const struct conns *s);

/* For MHD_OPTION_NOTIFY_CONNECTION, with the conns as its argument. */
void conns_notify(void *conns, struct MHD_Connection *c, void **context, enum MHD_ConnectionNotificationCode code);

/* The record of a connection; NULL when there was no memory for one. */
struct conn *conn_of(struct MHD_Connection *c);

/* The request that the connection is about, borrowed: whoever carries it here takes it away before it ends. */
void conn_carry(struct conn *k, void *request);
/* What was carried last; NULL for none, and for NULL. */
void *conn_carried(const struct conn *k);

/* One too many: it was answered 503 when it was opened, and nothing that it sends is read. True for NULL as well. */
bool conn_refused(const struct conn *k);

enum conn_phase {
    CONN_HEADERS, /* the headers of a request are awaited */
    CONN_BODY,    /* its body */
    CONN_OURS,    /* the host is at work: no deadline */
    CONN_ANSWER,  /* the peer is to take its answer */
    CONN_IDLE,    /* between two requests; the first byte of the next one begins CONN_HEADERS */
    CONN_PHASES
};

/* The deadline is set anew, by the settings, except where the phase is CONN_HEADERS already. */
void conn_phase(struct conn *k, enum conn_phase phase);

/* An answer that is written past libmicrohttpd, which takes none in the middle of a body. All spans are borrowed. */
struct conn_answer {
    int status;
    const char *request_id;
    int retry_after_s; /* 0 = absent */
    struct span json;
};

/* Writes it and ends our side. True when the kernel took the whole of it; nothing else can be said on `k` then. */
bool conn_last_words(struct conn *k, const struct conn_answer *a);

/* Bytes that were read of the connection, those the kernel still holds not included. */
uint64_t conn_taken(const struct conn *k);

/* Connections that are open, those that were refused and not closed yet included. */
int conns_open(const struct conns *s);

/* Ends what is overdue; to be called in every turn. */
void conns_work(struct conns *s, int64_t now_ms);
/* Milliseconds until conns_work has something to do; -1 = never. */
int conns_timeout_ms(const struct conns *s, int64_t now_ms);

#endif
