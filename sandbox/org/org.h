/*
 * org.h - the sandbox's Salesforce org: one REST request in, one answer out. Knows no sockets.
 */
#ifndef SANDBOX_ORG_ORG_H
#define SANDBOX_ORG_ORG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct org;

struct org_user {
    char id[19]; /* 005... */
    char username[128];
};

/* How a call goes on in modelled time: ticket 0 = in none. */
struct org_pace {
    uint64_t ticket;  /* this call */
    uint64_t setting; /* chance begins anew with each */
    uint64_t seed;
    double lock_rate;                             /* 0 to 1: the part of written rows whose lock is refused */
    bool (*in_flight)(void *of, uint64_t ticket); /* whether another call is still at work: its rows are locked */
    void *of;
};

struct org_request {
    const char *method;              /* GET POST PATCH PUT DELETE HEAD */
    const char *path;                /* percent-encoded or decoded, with /services/data in front */
    const char *query;               /* raw text behind the "?", "" when none */
    const char *content_type;        /* "" when none */
    const char *accept_call_options; /* header Sforce-Query-Options or "" */
    const char *call_options;        /* header Sforce-Call-Options, NULL or "" when none */
    const void *body;
    size_t body_n;
    bool data_host;       /* it came to the address of Data 360 */
    struct org_user user; /* who calls: decides field and object permissions */
    struct org_pace pace;
};

struct org_reply {
    int status;
    char *body; /* malloc; NULL = empty */
    size_t body_n;
    char content_type[80];
    char location[200];                  /* header Location, "" = none */
    char limit_info[80];                 /* header Sforce-Limit-Info, "" = none */
    unsigned pages, records, statements; /* of queries answered; of writes */
};

/* Which org it is to be: the folder of its sample records (sandbox/<seed>), a folder whose files take the place of
 * those of the same name (NULL = none), and the newest version of its API. */
struct org_edition {
    const char *seed, *own; /* constants */
    int newest;
};

/* Opens the org in `path` (NULL = in memory) and loads the embedded objects and sample records if it is empty. */
struct org *org_open(const char *path, char *why, size_t why_size);
struct org *org_open_edition(const char *path, const struct org_edition *edition, char *why, size_t why_size);
/* NULL is nothing to close. */
void org_close(struct org *o);

/* Answers one request. Safe to call from several threads. The caller frees reply->body. */
void org_handle(struct org *o, const struct org_request *request, struct org_reply *reply);

/* What the org says to a call that another room answers. */
struct org_admission {
    bool spent;          /* no calls are left for today: REQUEST_LIMIT_EXCEEDED */
    bool limited;        /* the user may not see everything */
    char limit_info[80]; /* header Sforce-Limit-Info */
    int64_t now_ms;      /* the org's time */
};
/* Counts the call. */
void org_admit(struct org *o, const struct org_user *user, struct org_admission *out);

/* What time it is for the org, in ms since 1970. */
int64_t org_clock_ms(struct org *o);

/*
 * A piece of work that the org does by itself: between the two nobody else works in it, and what happens in it is at
 * `pace`. org_leave() says how much it was.
 */
void org_enter(struct org *o, const struct org_pace *pace);
struct org_work {
    unsigned pages, records, statements;
};
void org_leave(struct org *o, struct org_work *did);
/* Inside of both, around writes: what is changed between org_writes() and org_wrote() is one transaction. */
void org_writes(struct org *o);
void org_wrote(struct org *o, const char *user_id, const char *origin);
enum { ORG_ORIGIN_SIZE = 200 };
/* Where a change comes from: the API (rest, bulkapi), its version, and the client that a header Sforce-Call-Options
 * names (NULL or "" = none). */
void org_origin(const char *api, const char *version, const char *options, char out[ORG_ORIGIN_SIZE]);

/* Back to the sample data. */
bool org_reset(struct org *o);

/*
 * Adds an object description (the text of a file like those in sandbox/objects). The fields of an object that is there
 * stay and the new ones join them; one that is described otherwise than it is there is refused, with the way out in
 * `why`. {"replace": true} in the description puts it in the place of the whole.
 */
bool org_describe_object(struct org *o, const char *json, size_t n, char *why, size_t why_size);

/*
 * Adds the files of a folder: <dir>/objects/X.json are descriptions, <dir>/seed/X.json records (or permissions.json).
 * They are loaded again at every reset. Call it before the first request.
 */
bool org_add_directory(struct org *o, const char *dir, char *why, size_t why_size);

/*
 * Puts records in, ids and system fields as given: { "Account": [ { "Id": "001...", "Name": "..." } ], ... }. What an
 * object held before is gone. For tests that need a known state; required fields are not asked for.
 */
bool org_load(struct org *o, const char *json, size_t n, char *why, size_t why_size);

/* Looks a user of the org up by id or by user name; false when there is none. */
bool org_find_user(struct org *o, const char *id_or_name, struct org_user *user);

/* Replaces the permission rules (sandbox/seed/permissions.json shows the form) until the next reset. */
bool org_set_permissions(struct org *o, const char *json, size_t n, char *why, size_t why_size);

/*
 * Programmes a fault of single records, which takes part in rollbacks as a real one does:
 *   { "object": "Contact", "operation": "create" | "update" | "delete", "match": { "LastName": "Poison" }, "status":
 * 403, "errorCode": "...", "message": "...", "fields": ["..."], "skip": 0, "times": 1 } Of the operations on records
 * that come with all values of `match`, `skip` pass first, then `times` fail (-1 = all that come). org_forget_faults
 * and org_reset forget all.
 */
bool org_plan_fault(struct org *o, const char *json, size_t n, char *why, size_t why_size);
void org_forget_faults(struct org *o);

/*
 * Switches what orgs have or have not, until the next reset. Each member is optional:
 *   { "quotes": false, "currencies": ["EUR", "USD"], "locked": ["006..."], "callsPerDay": 5000 }
 * Without quotes there is no object Quote; with currencies (the org's own first) records have a CurrencyIsoCode; locked
 * records wait for an approval: nobody changes or deletes them, or adds lines or quotes to them; beyond callsPerDay
 * calls the org answers REQUEST_LIMIT_EXCEEDED. [] and 0 take one back. "dataMs" is how long queries of Data 360 run;
 * with "dataElsewhere" they are answered only at the address that the exchange of tokens gives.
 */
bool org_set_up(struct org *o, const char *json, size_t n, char *why, size_t why_size);

/*
 * Makes sample records in any number, quickly, and the same ones for the same seed in an org that is as it was made:
 *   { "opportunities": 5000, "linesEach": 2, "seed": 1 }
 * Opportunities "Sample Opportunity <i>" in stage Prospecting with lines out of the standard price book, and Accounts
 * of several regions. A second time the numbers go on. Returns the counts, a new reference; NULL with `why` filled.
 */
json_t *org_make(struct org *o, const json_t *spec, char *why, size_t why_size);

/* What the org has passed on since the last reset, oldest first; a new reference to a list of
 * { "event", "uuid", "createdAt", "createdById", "payload" }, or of { "recipientId", "title", "body", "targetId",
 * "typeId", "senderId" }. */
enum org_message { ORG_EVENTS, ORG_NOTIFICATIONS };
json_t *org_messages(struct org *o, enum org_message kind);

/*
 * Publishes a platform event of the object for a user, as a POST would. Gives out its uuid and where the listener of
 * records/changes.h has put it; false with `why` filled when the org refuses it.
 */
bool org_publish(struct org *o, const struct org_user *user, const char *object, json_t *fields, char uuid[37],
                 uint64_t *position, char *why, size_t why_size);

/* Takes records out of the recycle bin, on behalf of the user; all in one transaction. Returns how many: ids that are
 * none, or of records that are not deleted, do not count. What was deleted along with them stays there. */
int org_undelete(struct org *o, const struct org_user *user, const json_t *ids);

/* Stops the org's clock at a time (ms since 1970, UTC); 0 lets it run again. */
void org_set_clock(struct org *o, int64_t ms);

/* The org's own id and facts. */
#define ORG_ID "00Dxx0000001gPLEAY"

#endif
