/* step.c - runs one step of a job, and says what it did. */
#include "runtime/client/step.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/base/json_text.h"
#include "runtime/base/log.h"
#include "runtime/client/client_parts.h"

struct step *step_of(const struct act_call *call, const char *what)
{
    if (!call->step)
        log_event(LOG_ERROR, "not-a-step", "id", call->request_id, "action", call->declaration->operation_id, "called",
                  what, NULL);
    return call->step;
}

void step_outcomev(struct step *s, const char *outcome, const char *code, const char *fmt, va_list ap)
{
    if (strcmp(s->outcome, "fault") == 0)
        return;
    copy_text(s->outcome, sizeof s->outcome, outcome);
    copy_text(s->code, sizeof s->code, code);
    vsnprintf(s->message, sizeof s->message, fmt, ap);
    mend_tail(s->message);
    s->after_s = 0;
    s->counted = s->gate = false;
}

void step_outcome(struct step *s, const char *outcome, const char *code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    step_outcomev(s, outcome, code, fmt, ap);
    va_end(ap);
}

void step_fault(struct act_call *call, const char *why)
{
    log_event(LOG_ERROR, "step-fault", "id", call->request_id, "job", call->step->job_id, "action",
              call->declaration->operation_id, "why", why, NULL);
    step_outcome(call->step, "fault", "internal_error",
                 "The action made a mistake in a step of this job. Report the job's id; the log has more.");
}

void step_fini(struct step *s)
{
    json_decref(s->saved);
    json_decref(s->items);
    json_decref(s->results);
    json_decref(s->cursor);
    json_decref(s->sums);
    *s = (struct step){ 0 };
}

/* ---- running ---- */

static void begin(struct step *s, enum step_work work, const json_t *payload)
{
    s->work = work;
    s->total = -1;
    s->items = json_array();
    s->results = json_array();
    s->sums = work == STEP_WORK_FINISH && json_is_object(payload) ? json_copy((json_t *)payload) : json_object();
    for (size_t i = 0; work == STEP_WORK_PAGE && i < json_array_size(payload); i++)
        json_array_append_new(s->results, json_null());
}

/* How an action's own refusal ends the job that is one run of it. */
static enum act_step refused(struct act_call *call)
{
    struct step *s = call->step;
    const struct err *e = &call->refusal;
    bool session = strcmp(e->code, "org_session_expired") == 0;
    bool later = e->status == 429 || e->status >= 502 || e->retry_after_s > 0;
    if (!e->status) {
        step_fault(call, "refused without a reason");
        return ACT_STEP_ENDED;
    }
    step_outcome(s, session ? "waits" : later ? "again" : "failed", e->code, "%s", e->message);
    s->after_s = later ? e->retry_after_s : 0;
    s->counted = later;
    return ACT_STEP_ENDED;
}

/* An action that is asked for as a job of one step. */
static enum act_step run_whole(struct act_call *call, const json_t *input, json_t **out)
{
    enum act_outcome outcome = call->declaration->row->action->run(call, input, out);
    if (outcome == ACT_OK)
        return ACT_STEP_DONE;
    if (outcome == ACT_REFUSED)
        return refused(call);
    step_fault(call, "ACT_FAULT");
    return ACT_STEP_ENDED;
}

static enum act_step run(struct act_call *call, const json_t *input, const json_t *payload, json_t **out)
{
    const struct action_job *job = call->declaration->row->action->job;
    if (call->step->work == STEP_WORK_DELIVER)
        return deliver_line(call, payload, input);
    if (call->step->work == STEP_WORK_FINISH && !job)
        return run_whole(call, input, out);
    switch (call->step->work) {
    case STEP_WORK_PLAN:
        return job->plan(call, input, payload);
    case STEP_WORK_PAGE:
        return job->page(call, input, payload);
    case STEP_WORK_FINISH:
        return job->finish(call, input, out);
    case STEP_WORK_DELIVER:
        break;
    }
    step_fault(call, "there is no such kind of step");
    return ACT_STEP_ENDED;
}

static void log_mismatch(void *ctx, const char *pointer, const char *code, const char *message)
{
    const struct act_call *call = ctx;
    log_event(LOG_ERROR, "invalid-output", "id", call->request_id, "job", call->step->job_id, "action",
              call->declaration->operation_id, "field", pointer, "code", code, "msg", message, NULL);
}

static void check_result(struct act_call *call, const json_t *result)
{
    const struct schema *schema = call->declaration->result;
    struct buf text;
    buf_init(&text, STEP_RESULT_BYTES);
    if (!json_is_object(result))
        step_fault(call, ".finish gave no object");
    else if (schema && schema_check(schema, result, log_mismatch, call))
        step_fault(call, "the answer of .finish breaks the output schema");
    else if (!buf_json(&text, result))
        step_fault(call, "the answer of .finish has more than 60 KiB, or cannot be written as JSON");
    buf_free(&text);
}

/*
 * Whether the page met nothing but what every item of the job will meet. Once an item has been done this cannot be, and
 * its rows fail like any others.
 */
static bool is_hopeless(const struct step *s)
{
    return s->work == STEP_WORK_PAGE && s->hopeless > 0 && s->hopeless == json_array_size(s->results) &&
           s->counts.done == 0;
}

static void judge(struct act_call *call, enum act_step ended, const json_t *result)
{
    struct step *s = call->step;
    struct err e;
    if (ended != ACT_STEP_DONE && !s->outcome[0])
        step_fault(call, "ended without a reason: return one of the functions that record it");
    if (s->outcome[0])
        return;
    if (s->work == STEP_WORK_FINISH)
        check_result(call, result);
    if (is_hopeless(s)) {
        sf_error_answer(&e, &s->hopeless_error);
        step_outcome(s, "job_failed", e.code, "%s", e.message);
    }
}

/* ---- what it did, as JSON ---- */

json_t *step_text(const char *s, size_t max)
{
    struct span text = span_of(s);
    text.n = text.n < max ? text.n : max;
    text = utf8_whole(text);
    return json_stringn_nocheck(text.n ? text.p : "", text.n);
}

/* A large page must stay within one reply, also when each of its items has failed. */
enum { ROWS_IN_FULL = 1000, BRIEF = 40 };

static void be_brief(json_t *row)
{
    json_t *message = json_object_get(row, "message");
    if (json_string_length(message) > BRIEF)
        json_object_set_new(row, "message", step_text(json_string_value(message), BRIEF));
    json_object_del(row, "field");
}

static json_t *rows_of(const json_t *results)
{
    json_t *rows = json_array(), *row;
    bool large = json_array_size(results) > STEP_PAGE_ITEMS;
    size_t i;
    json_array_foreach (results, i, row)
        if (json_is_object(row)) {
            if (large && json_array_size(rows) >= ROWS_IN_FULL)
                be_brief(row);
            json_array_append(rows, row);
        }
    return rows;
}

static json_t *done(const struct step *s, json_t *result)
{
    json_t *reply = json_pack("{s:s}", "outcome", "done");
    if (s->work == STEP_WORK_PLAN) {
        json_object_set(reply, "items", s->items);
        if (s->page_items)
            json_object_set_new(reply, "pageItems", json_integer(s->page_items));
        if (s->cursor)
            json_object_set(reply, "cursor", s->cursor);
        if (s->total >= 0)
            json_object_set_new(reply, "total", json_integer(s->total));
    } else if (s->work == STEP_WORK_PAGE) {
        json_object_set_new(reply, "results", rows_of(s->results));
        if (json_object_size(s->sums))
            json_object_set(reply, "sums", s->sums);
    } else if (s->work == STEP_WORK_FINISH) {
        json_object_set(reply, "result", result);
    }
    return reply;
}

static json_t *not_done(const struct step *s)
{
    json_t *reply = json_pack("{s:s, s:o, s:o}", "outcome", s->outcome, "code", step_text(s->code, sizeof s->code),
                              "message", step_text(s->message, sizeof s->message));
    if (strcmp(s->outcome, "again") == 0) {
        json_object_set_new(reply, "afterSeconds", json_integer(s->after_s));
        json_object_set_new(reply, "counts", json_boolean(s->counted));
        json_object_set_new(reply, "gate", json_boolean(s->gate));
    }
    return reply;
}

json_t *step_run(struct act_call *call, enum step_work work, const json_t *input, const json_t *payload)
{
    struct step *s = call->step;
    json_t *result = NULL;
    begin(s, work, payload);
    enum act_step ended = run(call, input, payload, &result);
    judge(call, ended, result);
    json_t *reply = s->outcome[0] ? not_done(s) : done(s, result);
    json_decref(result);
    if (!reply)
        call_exhausted(call);
    return reply;
}
