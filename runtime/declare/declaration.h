/* clang-format off */
/*
 * declaration.h - what action.json says, checked and compiled.
 *
 * {
 *   "operationId": "calculateCarbonFootprint",      path is /api/<operationId>
 *   "tag": "Carbon",
 *   "summary": "...", "description": "...",           10 to 1,333 characters: the instruction that an agent reads
 *   "accepts": ["salesforce"],                        "salesforce", "dataAction" or both
 *   "limits": {"bodyBytes": 65536, "timeoutMs": 25000},
 *   "agent": {"publish": true},                       absent = not an agent action; schemas are inlined when it is
 *   "schemaNames": {"input": "X", "output": "Y"},     names of the shared schemas of an action that is not an agent action
 *   "pii": false,
 *   "permissionSet": "CarbonActions",                 optional: elevated rights through the client app of host.json
 *   "job": {"stepSeconds": 60, "attempts": 5, "perOrg": 4, "pageItems": 200, "queue": "default", "priority": 5,
 *           "keepDays": 7, "uniqueBy": ["/condition"], "mergeItems": "/opportunityIds", "runAs": "caller",
 *           "events": true}
 *                                                     all optional; the action's .job does the work. A call is answered
 *                                                     201 {jobId, state, operation, message}, and "output" is what .finish
 *                                                     answers; "input" has waitSeconds, 0 to 20
 *   "events": {"topic": "/data/OpportunityChangeEvent", "ids": "/opportunityIds", "condition": "/condition",
 *              "reconcile": "StageName = 'Won'",
 *              "when": [{"name": "won", "changes": ["UPDATE"], "changed": ["StageName"], "unchanged": ["OwnerId"],
 *                        "values": {"StageName": ["Won"]}}],
 *              "complete": {"event": "X__e", "words": "Made: ", "notification": "X"}}
 *                                                     of a job: change events that start it, as the connection by which they
 *                                                     came. The ids of one transaction's records become the array "ids" of
 *                                                     the input; where the org does not tell which records changed,
 *                                                     "reconcile" with a date becomes its "condition". "complete": what
 *                                                     tells the org, and who has made the change, that it is done
 *   "async": true, "repeatable": "why a second run does no harm",   of an action that is no job: it can be asked for as one
 *   "input": {schema}, "output": {schema},            objects
 *   "choices": {"/template": ["gradient", "split"]}, what people choose from where the schema takes any text: the docs page
 *                                                     offers it; pointers into the input
 *   "errors": [{"code": "unknown_airport", "status": 422, "description": "...", "remedy": "what to do; optional"}],
 *   "settings": [{"name": "RATE_PROVIDERS", "default": "...", "description": "...", "secret": false}],
 *   "examples": [{"name": "...", "input": {}, "status": 200, "expect": {}}]   run as tests against the sandbox;
 *                                                     `expect` is compared as a subset of the answer; a job's success is 201
 *                 besides: "after": {"operationId": "...", "input": {}}, a call that is made first; members of its answer
 *                                                     take the place of those of the same name in the input
 *                          "notRun": "why"            an example for the reader alone
 * }
 *
 * A job, and an action that says "async", have a second operation, <operationId>Async: the same with the required
 * "callbackUrl" and without waitSeconds, answered like a job's start. It is a declaration of its own, behind all others.
 *
 * Every object of input and output says "additionalProperties": false, every property has a description, every number a
 * format, and no name is one that Salesforce would mangle. An action that accepts data actions only is not published,
 * so the shape of its input, which Data Cloud decides, is free of these rules.
 */
/* clang-format on */
#ifndef ACTIONHOST_DECLARE_DECLARATION_H
#define ACTIONHOST_DECLARE_DECLARATION_H

#include "runtime/declare/registry.h"
#include "runtime/schema/schema.h"

enum { JOB_WAIT_MAX_S = 20 }; /* waitSeconds: well within what Salesforce waits for an answer */

/* The member "job", with its defaults filled in. */
struct declaration_job {
    int step_s;     /* deadline of one step, 1 to 600 */
    int attempts;   /* of a step or an item before it has failed for good, 1 to 20 */
    int per_org;    /* steps of one org that run at once, 1 to 64 */
    int page_items; /* 1 to 2,000 */
    int priority;   /* 1 (first) to 9 */
    int keep_days;  /* after its end; 0 = JOBS_KEEP_DAYS */
    const char *queue;
    const json_t *unique_by; /* array of JSON Pointers into the input; NULL = a start is never another's twin */
    const char *merge_items; /* JSON Pointer to an array: starts that differ in it alone and come within 5 s become one
                                job; NULL = none */
    bool as_connection;      /* runAs: the connection of the job's org instead of the caller */
    bool events;             /* Action_Job__e events tell how far it is */
};

/* What a change event says has happened, in the order of the enum in its header. */
enum declared_change {
    CHANGE_CREATE,
    CHANGE_UPDATE,
    CHANGE_DELETE,
    CHANGE_UNDELETE,
    CHANGE_GAP_CREATE,
    CHANGE_GAP_UPDATE,
    CHANGE_GAP_DELETE,
    CHANGE_GAP_UNDELETE,
    CHANGE_KINDS
};

/* An element of "when": all that it says must be true of an event. */
struct declaration_event_rule {
    const char *name;                  /* the action is told it with the ids */
    unsigned changes;                  /* bits, 1 << enum declared_change */
    const json_t *changed, *unchanged; /* arrays of fields: one of these changed, none of those. NULL = any */
    const json_t *values;              /* {field: [texts]}: the event carries one of these. NULL = any */
};

enum { EVENT_RULES = 8 };

/* The member "events". topic NULL = there is none. */
struct declaration_events {
    const char *topic;
    const char *object;                /* of a channel of several objects: the one that is meant; NULL = all */
    const char *ids;                   /* JSON Pointer to an array of texts in the input */
    int ids_max;                       /* of one job */
    const char *condition, *reconcile; /* JSON Pointer to a text, and what it says besides the date; NULL = none */
    struct declaration_event_rule when[EVENT_RULES];
    int n;
    /* Of "complete"; NULL = not told in that way. */
    const char *done_event, *done_words, *done_notification;
};

/* The member of a job's input, beside those of the caller, that says by which event it was started; no caller can name
 * it, as the input's schema knows no such member. */
#define DECLARED_EVENT "/event"

struct declaration {
    const struct registry_row *row;
    const struct declaration *async_of; /* of <operationId>Async: what it asks for; NULL = it is no such operation */
    json_t *root;
    const char *operation_id, *summary, *description;
    struct schema *input, *output; /* of a call and its answer */
    size_t body_max;
    int timeout_ms;               /* 0 = the host's own */
    bool salesforce, data_action; /* callers it accepts */
    bool is_job;
    bool whole;                 /* a job of one step, which is the handler's .run */
    struct declaration_job job; /* when is_job */
    struct declaration_events events;
    json_t *started;       /* of a job: the schema behind `output`, the same for all jobs */
    struct schema *result; /* of a job: the member "output", what its last step answers; NULL = there is none */
};

struct declarations {
    struct declaration *v;
    size_t n;     /* with the operations of declaration.async_of, which come last */
    size_t rows;  /* without them: one for each action */
    json_t *host; /* openapi/host.json */
};

/*
 * Parses and checks every row of the registry. False: `faults` has one line per fault, each with how to mend it.
 */
bool declarations_load(struct declarations *d, struct buf *faults);

/* The same for rows of the caller's (the last has name NULL) and a host.json of the caller's; both must outlive *d. */
bool declarations_load_from(struct declarations *d, const struct registry_row *rows, struct span host_json,
                            struct buf *faults);

/* Frees what declarations_load made, schemas included. */
void declarations_free(struct declarations *d);

/* A member's text; "" when it is absent or none. Borrowed. */
static inline const char *declaration_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* The action behind an operation id; NULL when there is none. */
const struct declaration *declaration_find(const struct declarations *d, struct span operation_id);

/* Whether it stands in the OpenAPI document as an action for agents, with its schemas inline. */
bool declaration_is_agent_action(const struct declaration *d);

/* The schema of a call (`side` "input") or of its answer ("output") as JSON. Borrowed; NULL when there is none. */
const json_t *declaration_side(const struct declaration *d, const char *side);

/* HTTP status of an answer that is no refusal: 200, of a job 201. */
int declaration_success(const struct declaration *d);

/*
 * Name of the shared schema of an action that is not an agent action: of `side` "input" or "output", declared or made
 * of the operation id ("PriceQuoteInput"); the answer of every job is "JobStarted".
 */
void declaration_schema_name(const struct declaration *d, const char *side, char *out, size_t size);

/* Names that only <operationId>Async has (`d` is such an operation): of the operation that is called back, of its body,
 * of the result in that. */
enum declaration_callback { CALLBACK_OPERATION, CALLBACK_BODY, CALLBACK_RESULT };
void declaration_callback_name(const struct declaration *d, enum declaration_callback which, char *out, size_t size);

/* Milliseconds that a call of it may take where the host gives no call more than `limit_ms`. */
int declaration_time_ms(const struct declaration *d, int limit_ms);

/* Status of a declared error code, 0 when it is not declared. */
int declaration_error_status(const struct declaration *d, const char *code);

/*
 * The declared setting `name`; NULL when the declaration lists none of that name. Borrowed.
 */
const json_t *declaration_setting_row(const struct declaration *d, const char *name);

/* Its value in the environment, else its default; NULL when there is neither, or no such setting. Borrowed. */
const char *declaration_setting(const struct declaration *d, const char *name);

#endif
