/*
 * client_parts.h - what the files of the client share: one request to an org, the paths and names it is made of,
 * errors, describes. For this room and its tests.
 */
#ifndef ACTIONHOST_CLIENT_CLIENT_PARTS_H
#define ACTIONHOST_CLIENT_CLIENT_PARTS_H

#include "runtime/client/client.h"

/* Borrowed from the client, as long as it lives. */
const struct client_settings *client_settings(const struct client *c);
/* The transfers of act_fetch_all; NULL when out of memory. Borrowed. */
CURLM *client_multi(struct client *c);

/* ---- requests ---- */

/* One request to an org. */
struct org_request {
    const char *method;
    const char *path;         /* "/services/data/..." or a URL of this org */
    const char *content_type; /* of the body */
    const struct span *body;
    size_t pieces;
    const struct http_stream *stream; /* a body that is made or taken in pieces (http.h); NULL = none */
    size_t max;                       /* of the answer; 0 = LIMIT_ORG_REPLY */
    bool repeatable;                  /* doing it twice has the effect of doing it once */
    bool reads;                       /* changes nothing in the org, whatever its method */
};

/*
 * Sends it under the one policy for failures: deadline, refresh of a named authorization's token, Retry-After,
 * back-off, and repeats where that is safe. True: status is 2xx and *r is the caller's to free. False: the reason is in
 * *err.
 */
bool org_send(struct sf_org *org, const struct org_request *q, struct http_reply *r, struct sf_error *err) MUST_CHECK;

/*
 * The same with JSON in (NULL = no body) and out. *out is a new reference, NULL for an empty answer. An answer that is
 * not JSON is an error, and so is a list of errors under status 200. `status` may be NULL.
 */
bool org_json(struct sf_org *org, const struct org_request *q, const json_t *body, json_t **out, int *status,
              struct sf_error *err) MUST_CHECK;

/* "/services/data/v62.0/" and the formatted rest in the call's arena. Parts from outside must have been checked or
 * escaped. */
char *org_path(struct sf_org *org, const char *fmt, ...) ACT_PRINTF(2, 3);
/* `text` with everything but letters, digits, "-", "_", "~" and "." as %XX, in the call's arena. */
char *org_escape(struct sf_org *org, const char *text);
/* The member of this name in any case of letters, as an org reads it; the last one counts. Borrowed; NULL when absent.
 */
json_t *record_member(const json_t *record, const char *name);
/* A copy (new reference) without the members of this name in any case of letters; `name` NULL = with all. NULL for
 * NULL. Out of memory ends the call: what is written to an org is whole or not sent. */
json_t *record_without(struct sf_org *org, const json_t *record, const char *name);
/* Appends an element (the reference is taken over), with the same promise. */
void list_add(struct sf_org *org, json_t *list, json_t *element);

/* The path of a URL that the org named (nextRecordsUrl, ...); false when it would lead elsewhere. */
bool org_own_path(const struct sf_org *org, const char *url);

/* An object or field name: a letter, then letters, digits and "_", at most 80; with `dots`, up to six of them joined by
 * ".". */
bool sf_name_ok(const char *name, bool dots);
/* 1 to 18 letters and digits: safe within a path. Whether it is an id, the org says. */
bool sf_id_plain(const char *id);
/* A key that can stand in a path: no longer than one, neither empty nor "." nor "..", which would be read as places
 * even when escaped. */
bool sf_key_ok(const char *key);

/* ---- what a request that runs beside others (side_by_side.c) shares with one that runs alone (client.c) ---- */

/* Lines of one request; authorization is wiped by whoever made them. */
struct org_headers {
    char authorization[LIMIT_ACCESS_TOKEN + 32];
    char accept[40], type[120], id[LIMIT_REQUEST_ID + 16], trace[80];
    const char *list[10];
};
/* Fills *h for one request; h->list points into it. */
void org_headers_make(struct org_headers *h, const struct sf_org *org, const struct org_request *q);

/* Everything that must hold before a token goes anywhere; *loopback is for the guard of the connection. False with the
 * reason in *err. */
bool org_check(struct sf_org *org, bool *loopback, struct sf_error *err) MUST_CHECK;
/* The same, and what must hold of a request: its path, the org's breaker, time that is left. */
bool org_ready(struct sf_org *org, const char *path, bool *loopback, struct sf_error *err) MUST_CHECK;

/* Milliseconds that this call still has for orgs; may be negative. */
int64_t org_time_left(const struct act_call *call);
/* Fills *err from an answer that is no success. */
void org_explain(struct sf_error *err, const struct http_reply *r);
/* A new token for a named authorization, once per request (*refreshed). False: there is none, or the same again. */
bool org_refresh(struct sf_org *org, bool *refreshed) MUST_CHECK;
/* Tells the breaker of the calling org what came of a request that was given so many milliseconds, and keeps what the
 * org says of its daily calls. */
void org_note(struct sf_org *org, const struct http_reply *r, const struct sf_error *err, int64_t given_ms);

/* Whether the org may have carried the request out although it did not say so. */
bool org_may_be_done(const struct org_request *q, const struct http_reply *r);
/* Milliseconds to wait before the next of so many tries; -1 = no further one. */
int64_t org_pause(const struct sf_org *org, const struct org_request *q, const struct http_reply *r,
                  const struct sf_error *err, int tries);

/* One of several requests that go out together; begins zeroed but for the first group. */
struct org_part {
    struct sf_org *org;
    struct org_request q; /* without a body of its own */
    const json_t *body;   /* written when it leaves. Borrowed; NULL = none */
    /* out */
    struct sf_error err; /* code "" = it was answered, or never begun. Filled in beforehand: it is not sent */
    struct http_reply r; /* to be freed either way */
    bool begun;
    int64_t begun_ms;
    int elapsed_ms;
};
/*
 * Sends them, at most `width` at once, and returns when each has an answer or a failure, or budget_ms is over. `whole`:
 * once one has failed no other is begun.
 */
void org_send_all(struct act_call *call, struct org_part *parts, size_t n, size_t width, bool whole, int budget_ms);
/* Reads the JSON of an answer: *out is a new reference, NULL for an empty one. False with the reason in part->err. */
bool org_part_json(struct org_part *part, json_t **out) MUST_CHECK;

/* ---- errors ---- */

/* No error: code and message are "". */
void sf_error_clear(struct sf_error *err);
/* Fills *err and returns false. Status 0 = ours. */
bool sf_error_set(struct sf_error *err, int status, const char *code, const char *fmt, ...) ACT_PRINTF(4, 5);
/* Reads the body of a failed answer: a list of errors, one error, or anything else (ERROR_HTTP_<status>). Returns
 * false. */
bool sf_error_parse(struct sf_error *err, int status, struct span body);
/* Reads one error object or a list of them; false when it is neither. */
bool sf_error_read(struct sf_error *err, int status, const json_t *json);
/* Marks what may succeed later. */
void sf_error_classify(struct sf_error *err);
/* What act_org_failed tells the caller. */
void sf_error_answer(struct err *e, const struct sf_error *err);
/* Takes the rest of a character off that a cut went through. */
void mend_tail(char *s);

/* ---- describe ---- */

/*
 * Writes those of `fields` that the user can see to `seen` (count bools). False with the reason in *err.
 */
bool describe_seen(struct sf_org *org, const char *object, const char *const *fields, size_t count, bool *seen,
                   struct sf_error *err) MUST_CHECK;
/* Whether what an object has for this user is remembered. */
bool describe_known(struct sf_org *org, const char *object);
/* Takes the text of a describe that somebody else asked for. False: it is none. */
bool describe_take(struct sf_org *org, const char *object, struct span text);
/* Forgets what is remembered of an object for this user. */
void describe_drop(struct sf_org *org, const char *object);

#endif
