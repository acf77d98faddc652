/*
 * visit.h - one request for a page of the host's people (/jobs, /portal and what is below them): who may see it, what
 * the jobs process is asked, and the answer in HTML. Knows no sockets and asks nobody itself: whoever calls passes
 * questions on and answers back.
 */
#ifndef ACTIONHOST_PAGES_VISIT_H
#define ACTIONHOST_PAGES_VISIT_H

#include "runtime/base/err.h"
#include "runtime/pages/login.h"
#include "runtime/pool/messages.h"

enum {
    VISIT_BODY_MAX = 4096, /* of a form */
    VISIT_LOCATION = 1024
};

struct visits;

struct visits_settings {
    const char *token; /* PAGES_TOKEN; borrowed */
    bool behind_router;
    bool jobs, docs; /* there is a database of jobs; there is a docs page */
    bool samples;    /* sample records may be made: there is createAccounts, and SAMPLE_DATA is on */
    int keep_days;
};
/* NULL without memory. */
struct visits *visits_new(const struct visits_settings *s) MUST_CHECK;
void visits_free(struct visits *vs);

/* Whether a path is one of the pages'. */
bool visits_own(const char *path);

/* Headers that are absent are empty. Borrowed for the time of visit_new. */
struct visit_request {
    bool post; /* else GET or HEAD */
    const char *path;
    struct span query, cookie, host, origin, fetch_site, forwarded_for;
    const char *peer;       /* the socket's address */
    int64_t now_ms, unix_s; /* of the clock that goes on, and of the calendar */
};

struct visit_answer {
    int status;
    struct buf body;
    const void *fixed; /* instead of it: bytes that live as long as the program */
    size_t n;          /* of them */
    const char *content_type;
    char location[VISIT_LOCATION]; /* "" = none */
    char cookie[LOGIN_COOKIE];     /* Set-Cookie; "" = none */
    char disposition[80];          /* "" = none */
    int retry_after_s;
    bool stream;    /* events follow, as long as the connection lasts; there is no body */
    struct err err; /* status set: this is the answer instead, as any refusal */
};

enum visit_step {
    VISIT_READ,  /* wants the body: visit_body */
    VISIT_CALL,  /* wants an action to be called: visit_call, then visit_called */
    VISIT_ASK,   /* has a question for the jobs process: visit_question, then visit_heard */
    VISIT_ANSWER /* visit_answer is complete */
};

struct visit;

/* NULL without memory. */
struct visit *visit_new(struct visits *vs, const struct visit_request *r, enum visit_step *step) MUST_CHECK;
void visit_free(struct visit *v);
enum visit_step visit_body(struct visit *v, struct span body);
/* Borrowed until visit_heard. */
void visit_question(const struct visit *v, struct message_job_question *q);
/* What the jobs process has answered, or why it was not asked. */
enum visit_step visit_heard(struct visit *v, const struct message_job_answer *a);
/* Which action, and its input as JSON; borrowed until visit_called. It has VISIT_CALL_MS for its answer. */
void visit_call(const struct visit *v, struct span *operation, struct span *body);
enum { VISIT_CALL_MS = 9000 };
/* What the action has answered: its status, and JSON or nothing. */
enum visit_step visit_called(struct visit *v, int status, struct span body, int64_t now_ms);
/* The visit's own. */
struct visit_answer *visit_answer(struct visit *v);

/* The policy of every page, for Content-Security-Policy. */
extern const char visit_policy[];

#endif
