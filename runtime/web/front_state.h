/*
 * front_state.h - what all requests of a front share, and what an answer consists of. Types only, so that requests
 * (exchange.h) and pages (pages.h) know both without knowing each other.
 */
#ifndef ACTIONHOST_WEB_FRONT_STATE_H
#define ACTIONHOST_WEB_FRONT_STATE_H

#include "runtime/auth/addon.h"
#include "runtime/auth/contexts.h"
#include "runtime/auth/data_action.h"
#include "runtime/auth/replay.h"
#include "runtime/auth/verify.h"
#include "runtime/pool/pool.h"
#include "runtime/web/guard.h"
#include "runtime/web/metrics.h"

struct conns;

/* What all exchanges share; one per front. */
struct exchange_shared {
    const struct config *config;
    const struct declarations *declarations;
    struct addon *addon;
    struct verify *verify; /* NULL = tokens are the add-on's business alone */
    struct pool *pool;
    struct job_link *jobs; /* NULL = no jobs are configured */
    struct replay *replay;
    struct data_action_secrets *secrets; /* NULL = the add-on verifies data actions */
    struct metrics *metrics;
    struct buf openapi;       /* the document, made once; empty when DOCS is off */
    struct docs *docs;        /* the docs page; NULL when DOCS is off */
    struct visits *visits;    /* the jobs page; NULL without PAGES_TOKEN */
    size_t body_bytes;        /* all request bodies together */
    size_t data_action_bytes; /* of which data actions */
    int in_flight;            /* begun and not answered */
    int live;                 /* requests in memory, from the request line on */
    int streams;              /* answers that go on as long as their readers wish: in nobody's way */
    struct conns *conns;      /* for their number; NULL = none */
    bool draining;
};

struct exchange_answer {
    int status;
    char code[64]; /* for the log; "" for a success */
    char *body;    /* malloc; the sender takes it */
    size_t n;
    const void *fixed; /* instead of body: bytes that live as long as the program */
    const char *content_type, *allow, *policy;
    const char *location, *cookie, *disposition; /* NULL = none; they live as long as the exchange */
    bool personal;                               /* for this reader alone: nobody keeps it */
    bool stream;                                 /* events follow instead of a body: streams.h */
    int retry_after_s;
    bool close;     /* the connection cannot be used again */
    bool with_jobs; /* what the jobs process counts is to be added to the body first */
};

#endif
