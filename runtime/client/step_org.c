/* step_org.c - what an org failure means for a job: its item, its step, or all of it. */
#include <string.h>

#include "runtime/client/client_parts.h"
#include "runtime/client/step.h"

struct nature_row {
    const char *code; /* the org's, or a status; a "*" at its end stands for any rest */
    const char *says; /* what stands in the message too; NULL = anything */
    enum org_nature nature;
};

/* The first row that fits counts. */
static const struct nature_row natures[] = {
    { "REQUEST_LIMIT_EXCEEDED", NULL, ORG_THROTTLE },
    { "INVALID_SESSION_ID", NULL, ORG_SESSION },
    { "UNABLE_TO_LOCK_ROW", NULL, ORG_LATER },
    { "SERVER_UNAVAILABLE", NULL, ORG_LATER },
    { "QUERY_TIMEOUT", NULL, ORG_LATER },
    { "REQUEST_RUNNING_TOO_LONG", NULL, ORG_LATER },
    { "TIMEOUT", NULL, ORG_LATER },
    { "UNREACHABLE", NULL, ORG_LATER },
    { "CONNECTION_LOST", NULL, ORG_LATER },
    { "TLS_FAILED", NULL, ORG_LATER },
    { "BAD_REPLY", NULL, ORG_LATER },
    /* the record was only taken along by another one's failure */
    { "NOT_SENT", NULL, ORG_LATER },
    { "PROCESSING_HALTED", NULL, ORG_LATER },
    { "ALL_OR_NONE_OPERATION_ROLLED_BACK", NULL, ORG_LATER },
    /* the same code for a trigger that met a lock, for a user who may create none at all, and for one bad record */
    { "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "UNABLE_TO_LOCK_ROW", ORG_LATER },
    { "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be ", ORG_SETUP },
    { "INVALID_TYPE*", NULL, ORG_SETUP },
    { "INVALID_FIELD", NULL, ORG_SETUP },
    { "INVALID_FIELD_FOR_INSERT_UPDATE", NULL, ORG_SETUP },
    { "FUNCTIONALITY_NOT_ENABLED", NULL, ORG_SETUP },
    { "STORAGE_LIMIT_EXCEEDED", NULL, ORG_SETUP },
    { "API_*", NULL, ORG_SETUP },
    { "NO_USER", NULL, ORG_SETUP },
    { "REFUSED_HOST", NULL, ORG_SETUP },
    { "INSUFFICIENT_ACCESS*", NULL, ORG_ACCESS },
};

/* By status, when no code fits. */
static const struct {
    int from, to;
    enum org_nature nature;
} by_status[] = {
    { 401, 401, ORG_SESSION }, { 403, 403, ORG_ACCESS }, { 429, 429, ORG_THROTTLE }, { 500, 599, ORG_LATER }
};

static bool fits(const struct nature_row *row, const struct sf_error *err)
{
    size_t n = strlen(row->code);
    bool code = row->code[n - 1] == '*' ? strncmp(row->code, err->code, n - 1) == 0 : strcmp(row->code, err->code) == 0;
    return code && (!row->says || strstr(err->message, row->says));
}

static enum org_nature find_nature(const struct sf_error *err)
{
    for (size_t i = 0; i < sizeof natures / sizeof *natures; i++)
        if (fits(&natures[i], err))
            return natures[i].nature;
    for (size_t i = 0; i < sizeof by_status / sizeof *by_status; i++)
        if (err->status >= by_status[i].from && err->status <= by_status[i].to)
            return by_status[i].nature;
    return err->retryable ? ORG_LATER : ORG_ITEM;
}

enum org_nature org_nature(const struct sf_error *err)
{
    if (err->from_host) /* a named authorization that cannot be had */
        return err->retryable || err->status == 429 || err->status >= 500 ? ORG_LATER : ORG_SETUP;
    if (err->outcome_unknown) /* pieces of work have keys, so that doing them twice does no harm */
        return ORG_LATER;
    enum org_nature nature = find_nature(err);
    if (nature == ORG_LATER && err->retry_after_s > 0)
        return ORG_THROTTLE;
    /* the user of the job can renew his own session, not that of another org */
    return nature == ORG_SESSION && err->other_org ? ORG_SETUP : nature;
}

void act_item_org_failed(struct act_call *call, size_t index, const struct sf_error *err)
{
    enum org_nature nature = org_nature(err);
    bool again = nature == ORG_LATER || nature == ORG_THROTTLE || nature == ORG_SESSION;
    if (!step_item(call, index, again, err->code, err->fields, err->message) || nature != ORG_SETUP)
        return;
    if (call->step->hopeless++ == 0)
        call->step->hopeless_error = *err;
}

/* How a step ends by the nature of a failure. */
static const struct verdict {
    const char *outcome;
    bool counted, gate;
    int after_s; /* when the org does not say; 0 = as long as the queue thinks fit */
} verdicts[] = {
    [ORG_ITEM] = { "failed", false, false, 0 },       [ORG_LATER] = { "again", true, false, 0 },
    [ORG_THROTTLE] = { "again", false, true, 60 },    [ORG_SESSION] = { "waits", false, false, 0 },
    [ORG_ACCESS] = { "job_failed", false, false, 0 }, [ORG_SETUP] = { "job_failed", false, false, 0 },
};

/* Rows say what the org said; a job that ends says what to do about it. */
static void tell(struct step *s, const char *outcome, enum org_nature nature, const struct sf_error *err)
{
    struct err e = { 0 };
    bool row = strcmp(outcome, "again") == 0 || (strcmp(outcome, "failed") == 0 && s->work == STEP_WORK_PAGE);
    if (row) {
        step_outcome(s, outcome, err->code, "%s", err->message[0] ? err->message : err->code);
    } else if (nature == ORG_SESSION) {
        step_outcome(
            s, outcome, "org_session_expired",
            "The org no longer accepts the session of the user who started this job. Call retryJob as the same "
            "user: the job goes on with the session of that call.");
    } else {
        sf_error_answer(&e, err);
        step_outcome(s, outcome, e.code, "%s", e.message);
    }
}

enum act_step act_step_org_failed(struct act_call *call, const struct sf_error *err)
{
    struct step *s = step_of(call, "act_step_org_failed");
    enum org_nature nature = org_nature(err);
    const struct verdict *v = &verdicts[nature];
    if (!s)
        return ACT_STEP_ENDED;
    tell(s, v->outcome, nature, err);
    s->after_s = err->retry_after_s > 0 ? err->retry_after_s : v->after_s;
    s->counted = v->counted;
    s->gate = v->gate;
    return ACT_STEP_ENDED;
}
