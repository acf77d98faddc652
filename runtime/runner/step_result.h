/*
 * step_result.h - what a step's worker says it did (the JSON of runtime/client/step.h), checked and made into what the
 * queue keeps. Nothing in it is trusted: a worker runs code of an action, which may be wrong or taken over.
 */
#ifndef ACTIONHOST_RUNNER_STEP_RESULT_H
#define ACTIONHOST_RUNNER_STEP_RESULT_H

#include "runtime/jobs/queue.h"

enum {
    STEP_ITEM_MAX = 4 * 1024, /* of one item as text */
    STEP_CODE_MAX = 80,
    STEP_FIELD_MAX = 255,
    STEP_MESSAGE_MAX = 512,
    STEP_AFTER_MAX_S = 24 * 3600
};

struct step_result {
    struct step_end end; /* borrows from what follows */
    json_t *root;
    struct item_result *results;
    struct buf text;   /* a finish step's answer */
    bool fault;        /* the worker reported a fault of the action, or what it said is nonsense */
    char nonsense[80]; /* which member is; "" = none, for the log */
    char message[STEP_MESSAGE_MAX];
};

/*
 * Reads the reply of a step of this kind and with so many items. Whatever it holds, r->end can be given to the queue:
 * nonsense is a fault, which uses up an attempt. step_result_free it.
 */
void step_result_read(struct step_result *r, struct span body, enum step_kind kind, int items);
/* The same for a step that ended without a reply. `code` is static; the message is copied. */
void step_result_set(struct step_result *r, enum step_outcome outcome, const char *code, const char *message);
void step_result_free(struct step_result *r);

#endif
