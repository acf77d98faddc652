/* clang-format off */
/*
 * step.h - one step of a job inside a worker: what stands behind act_plan_item, act_item_failed and their sisters, and
 * the JSON by which the jobs process learns what the step did. Not for actions.
 *
 * The body of the reply to a step, status 200; members that do not apply are absent:
 *
 *   {"outcome": "done" | "again" | "failed" | "job_failed" | "waits" | "fault",
 *    "afterSeconds": 2, "counts": true, "gate": false,     of "again"; 0 seconds = as long as the queue thinks fit
 *    "code": "...", "message": "...",                      of all but "done"
 *    "items": [...], "pageItems": 20000, "cursor": ..., "total": 5000,   of a plan that is done
 *    "results": [{"index": 3, "again": false, "code": "...", "message": "...", "field": "..."}], of a page that is done
 *    "result": {...}}                                      of a finish that is done
 *
 * of a line of the outbox that was delivered, the outcome alone.
 *
 * "results" names an item at most once, and only items that the page has. Cut into pages of "pageItems", or else the
 * declaration's pageItems, "items" gives no page of more than STEP_PAGE_BYTES (of more than 2,000 items:
 * STEP_LARGE_PAGE_BYTES) as JSON text. "fault" is a mistake of the action
 * itself; what it did is dropped. What the jobs process reads it checks: runtime/runner/.
 */
/* clang-format on */
#ifndef ACTIONHOST_CLIENT_STEP_H
#define ACTIONHOST_CLIENT_STEP_H

#include <stdarg.h>

#include "runtime/client/call.h"

enum {
    STEP_ITEM_BYTES = 4 * 1024,    /* of one item as JSON text */
    STEP_PAGE_BYTES = 64 * 1024,   /* of the items of one page, and of a cursor */
    STEP_PAGE_ITEMS = 2000,        /* that a declaration may ask for */
    STEP_LARGE_PAGE_ITEMS = 20000, /* that a plan may ask for */
    STEP_LARGE_PAGE_BYTES = 512 * 1024,
    STEP_PLAN_BYTES = 3 * 1024 * 1024, /* of all items of one plan step, well below LIMIT_REPLY */
    STEP_PLAN_PAGES = 1000,            /* of one plan step */
    STEP_SAVED_BYTES = 4 * 1024,       /* of act_step_save */
    STEP_RESULT_BYTES = 60 * 1024,     /* of the answer of .finish */
    STEP_SUMS = 16,                    /* of act_job_add */
    STEP_SUM_NAME = 40,
    STEP_ASK_MS = 200 /* act_step_must_stop asks no more often */
};

/* In the order of the kinds of work of a step in pool/messages.h. */
enum step_work { STEP_WORK_PLAN = 1, STEP_WORK_PAGE, STEP_WORK_FINISH, STEP_WORK_DELIVER };

/* Of the call that runs a step (call->step). Begins zeroed, with the first line filled in; step_run sees to the rest.
 */
struct step {
    char job_id[37];
    int attempt, parallel;
    struct act_job_counts counts;
    json_t *saved; /* own; NULL = none */
    enum step_work work;
    json_t *items, *results, *cursor; /* own; what the step has recorded. `results` has one element for each item of the
                                         page, null while nothing was said of it */
    size_t bytes, page_bytes;         /* of the items so far, and of the last page of them */
    int page_items;                   /* of the pages of this plan step; 0 = as declared */
    json_t *sums;                     /* own; name -> integer: what a page has added, what a finish may read */
    int64_t total;                    /* -1 = not said */
    size_t hopeless;                  /* items of the page that met what every item of the job will meet */
    struct sf_error hopeless_error;   /* the first of these */
    char outcome[16];                 /* "" = done */
    int after_s;
    bool counted, gate;
    char code[64], message[512];
    int64_t asked_ms; /* when the jobs process was last asked whether to stop */
    bool stop;
};

/* Runs the function of `work` of the call's action; call->step must be set. `input` and `payload` (NULL for the first
 * plan and a finish) are borrowed. The finish of an action without .job is its .run. A line of the outbox knows no
 * action: `input` is then the job's result (NULL = none) and `payload` the line. Returns the body of the reply (new
 * reference); never NULL. */
json_t *step_run(struct act_call *call, enum step_work work, const json_t *input, const json_t *payload);
/* Drops what it holds. */
void step_fini(struct step *s);

/* ---- between the files of this room ---- */

/*
 * Delivers a line, {"to", "sequence", "state", "done", "failed", "total"?, "message"?, "code"?, "url"?}, to the org of
 * the call: a platform event, a custom notification to the job's user, or the POST to a callback of this very org.
 */
enum act_step deliver_line(struct act_call *call, const json_t *line, const json_t *result);

/* The call's step; NULL, and a line in the log, when it runs none: the action has called `what` from .run. */
struct step *step_of(const struct act_call *call, const char *what);
/* Records how the step ends, unless a fault was recorded before. */
void step_outcome(struct step *s, const char *outcome, const char *code, const char *fmt, ...) ACT_PRINTF(4, 5);
void step_outcomev(struct step *s, const char *outcome, const char *code, const char *fmt, va_list ap)
    __attribute__((format(printf, 4, 0)));
/* A text as JSON: at most `max` bytes, whole characters. */
json_t *step_text(const char *s, size_t max);
/* Records and logs a mistake of the action. */
void step_fault(struct act_call *call, const char *why);
/* Records what became of an item; what was said first stands, but that it failed for good beats that it is tried again.
 * True when it was recorded. `field` may be NULL. */
bool step_item(struct act_call *call, size_t index, bool again, const char *code, const char *field,
               const char *message);

/* What an org failure means for a job. */
enum org_nature {
    ORG_ITEM,     /* what was asked for is at fault: asking again for the same helps nobody */
    ORG_LATER,    /* may pass */
    ORG_THROTTLE, /* the org asks to be left alone for a while */
    ORG_SESSION,  /* the session has ended */
    ORG_ACCESS,   /* a right is missing: on one record, or on all */
    ORG_SETUP     /* an object, a field or a right on them is missing: every item will meet it */
};
/* What an org failure means for a step, by its code, status and message. *err is borrowed. */
enum org_nature org_nature(const struct sf_error *err);

#endif
