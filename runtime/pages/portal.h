/*
 * portal.h - the accounts of all orgs in one view: what is asked for, which actions answer it, and the page made of
 * their answers. Actions are called as a page caller: without a user, with every connection.
 */
#ifndef ACTIONHOST_PAGES_PORTAL_H
#define ACTIONHOST_PAGES_PORTAL_H

#include <jansson.h>

#include "runtime/base/bytes.h"

enum {
    PORTAL_SHOWN = 25,      /* accounts at first, */
    PORTAL_SHOWN_MAX = 200, /* and on one page */
    PORTAL_SQL = 2000,      /* characters of a statement in the page's address */
    PORTAL_CURSOR = 4500,   /* of a cursor there */
    PORTAL_CALL = 12 * 1024,
    PORTAL_ORGS = 64,
    PORTAL_NAME = 81, /* of a connection, with its NUL */
    PORTAL_CALL_MS = 8000
};

/* What the page's address says. */
struct portal_wish {
    char search[101], org[PORTAL_NAME], sort[8];
    bool descending;
    int show;
    char cursor[PORTAL_CURSOR];                 /* "" = from the top */
    char account[24], account_org[PORTAL_NAME]; /* whose profile is open; "" = none */
    char account_name[256];
    char sql[PORTAL_SQL], sql_org[PORTAL_NAME]; /* "" = nothing was run */
    char job[37];                               /* that makes sample records; "" = none */
};

/* When each org was last read; kept by all visits of a front. */
struct portal_memory {
    struct portal_read {
        char name[PORTAL_NAME];
        int64_t unix_s;
    } reads[PORTAL_ORGS];
    size_t n;
};

/* The questions of one page, in their order. */
enum portal_call { PORTAL_LIST, PORTAL_KNOWN, PORTAL_PROFILE, PORTAL_SQL_CALL, PORTAL_CALLS };

struct portal {
    struct portal_wish wish;
    enum portal_call call;         /* the one that is open; PORTAL_CALLS = all are answered */
    const char *operation;         /* of it; lives as long as the program */
    struct buf body;               /* of it */
    json_t *answers[PORTAL_CALLS]; /* own; NULL = was not asked */
    int statuses[PORTAL_CALLS];
    int64_t begun_ms, took_ms[PORTAL_CALLS];
};

/* What else the page says. */
struct portal_facts {
    struct portal_memory *memory;
    int64_t unix_s;
    bool samples; /* sample records may be made */
};

/* A page's address, read. */
void portal_wish_read(struct span query, struct portal_wish *w);
/* Writes the address of a wish, without its statement; escaped for an attribute. */
void portal_link(struct buf *b, const struct portal_wish *w);

/* Drops the answers that it holds; *p is the caller's. */
void portal_free(struct portal *p);
/* Makes the next question; false when there is none any more. */
bool portal_next(struct portal *p, int64_t now_ms) MUST_CHECK;
/* Takes the answer of the open one: JSON, of any status. */
void portal_take(struct portal *p, int status, struct span body, int64_t now_ms);

/* The page, once all is answered. */
void portal_write(struct buf *b, const struct portal *p, const struct portal_facts *f);

#endif
