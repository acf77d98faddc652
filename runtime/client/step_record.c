/* step_record.c - what the functions of a job call while a step runs: what they record, keep and ask. */
#include <stdio.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/json_text.h"
#include "runtime/base/system.h"
#include "runtime/client/client_parts.h"
#include "runtime/client/step.h"

enum { AFTER_MAX_S = 24 * 3600 };

/* Bytes of a value as JSON text; 0 when it has more than `max`, or cannot be written. */
static size_t json_bytes(const json_t *value, size_t max)
{
    struct buf text;
    buf_init(&text, max);
    size_t n = value && buf_json(&text, value) ? text.n : 0;
    buf_free(&text);
    return n;
}

/* ---- a plan ---- */

void act_plan_page_items(struct act_call *call, int items)
{
    struct step *s = step_of(call, "act_plan_page_items");
    if (s && (items < 1 || items > STEP_LARGE_PAGE_ITEMS || json_array_size(s->items)))
        step_fault(call, "act_plan_page_items takes 1 to 20,000, before the first item of the plan");
    else if (s)
        s->page_items = items;
}

/* Whether the plan may still grow by an item of n bytes; else why not. */
static bool plan_has_room(struct act_call *call, size_t n)
{
    struct step *s = call->step;
    size_t page_items = (size_t)(s->page_items ? s->page_items : call->declaration->job.page_items);
    size_t items = json_array_size(s->items);
    size_t page_bytes = page_items > STEP_PAGE_ITEMS ? STEP_LARGE_PAGE_BYTES : STEP_PAGE_BYTES;
    bool first = items % page_items == 0;
    s->page_bytes = (first ? 2 : s->page_bytes + 1) + n;
    s->bytes += n + 1;
    if (n == 0)
        step_outcome(s, "job_failed", "item_too_large",
                     "An item of this job has more than 4 KiB. Items should be record ids or other short texts.");
    else if (s->page_bytes > page_bytes)
        step_outcome(s, "job_failed", "page_too_large",
                     "%zu items of this job make more than %zu KiB. Declare fewer \"pageItems\", or shorter items.",
                     page_items, page_bytes / 1024);
    else if (s->bytes > STEP_PLAN_BYTES || items >= page_items * STEP_PLAN_PAGES)
        step_outcome(s, "job_failed", "plan_too_large",
                     "One step of the plan lists more than %zu items. It must go on in a step of its own, from a "
                     "cursor.",
                     items);
    else
        return true;
    return false;
}

void act_plan_item(struct act_call *call, json_t *item)
{
    struct step *s = step_of(call, "act_plan_item");
    if (s && !s->outcome[0] && plan_has_room(call, json_bytes(item, STEP_ITEM_BYTES)))
        json_array_append(s->items, item);
    json_decref(item);
}

void act_plan_more(struct act_call *call, json_t *cursor)
{
    struct step *s = step_of(call, "act_plan_more");
    if (s && json_bytes(cursor, STEP_PAGE_BYTES) == 0)
        step_outcome(s, "job_failed", "cursor_too_large",
                     "The cursor of this job's plan has more than 64 KiB. It should be a last id or a query locator.");
    if (!s) {
        json_decref(cursor);
        return;
    }
    json_decref(s->cursor);
    s->cursor = cursor;
}

void act_plan_total(struct act_call *call, int64_t items)
{
    struct step *s = step_of(call, "act_plan_total");
    if (s)
        s->total = items < 0 ? -1 : items;
}

/* ---- the items of a page ---- */

bool step_item(struct act_call *call, size_t index, bool again, const char *code, const char *field,
               const char *message)
{
    struct step *s = step_of(call, "act_item_...");
    if (!s)
        return false;
    const json_t *old = json_array_get(s->results, index);
    if (!old) {
        step_fault(call, "an item was reported that the page does not have");
        return false;
    }
    if (json_is_object(old) && (again || !json_is_true(json_object_get(old, "again"))))
        return false;
    json_t *row = json_pack("{s:I, s:b, s:o, s:o}", "index", (json_int_t)index, "again", again, "code",
                            step_text(code, sizeof s->code - 1), "message", step_text(message, sizeof s->message - 1));
    if (field && *field)
        json_object_set_new(row, "field", step_text(field, sizeof((struct sf_error *)0)->fields - 1));
    if (!row || json_array_set_new(s->results, index, row))
        call_exhausted(call);
    return true;
}

void act_item_failed(struct act_call *call, size_t index, const char *code, const char *field, const char *fmt, ...)
{
    char message[sizeof call->step->message];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    step_item(call, index, false, code, field, message);
}

void act_item_again(struct act_call *call, size_t index, const char *code, const char *fmt, ...)
{
    char message[sizeof call->step->message];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    step_item(call, index, true, code, NULL, message);
}

/* ---- sums of the job ---- */

static bool char_sum(char c)
{
    return char_alnum(c) || c == '_' || c == '.' || c == '-';
}

static bool sum_name_ok(const char *name)
{
    struct span s = span_of(name);
    return s.n > 0 && s.n <= STEP_SUM_NAME && span_all(s, char_sum);
}

void act_job_add(struct act_call *call, const char *name, int64_t n)
{
    static const int64_t most = 1000000000000000; /* 10^15: thousands of pages of it fit a column of the database */
    struct step *s = step_of(call, "act_job_add");
    if (!s)
        return;
    int64_t sum = json_integer_value(json_object_get(s->sums, name));
    bool room = json_object_get(s->sums, name) || json_object_size(s->sums) < STEP_SUMS;
    if (s->work != STEP_WORK_PAGE || !room || !sum_name_ok(name) || n > most || n < -most || sum + n > most ||
        sum + n < -most)
        step_fault(call, "act_job_add was given a bad name, one name too many, or too large a number, or by no page");
    else if (json_object_set_new(s->sums, name, json_integer(sum + n)) != 0)
        call_exhausted(call);
}

int64_t act_job_sum(const struct act_call *call, const char *name)
{
    return call->step ? json_integer_value(json_object_get(call->step->sums, name)) : 0;
}

/* ---- how it ends ---- */

enum act_step act_step_again(struct act_call *call, int seconds, bool counts, const char *fmt, ...)
{
    struct step *s = step_of(call, "act_step_again");
    va_list ap;
    if (!s)
        return ACT_STEP_ENDED;
    va_start(ap, fmt);
    step_outcomev(s, "again", "again", fmt, ap);
    va_end(ap);
    s->after_s = seconds < 0 ? 0 : seconds > AFTER_MAX_S ? AFTER_MAX_S : seconds;
    s->counted = counts;
    return ACT_STEP_ENDED;
}

enum act_step act_job_failed(struct act_call *call, const char *code, const char *fmt, ...)
{
    struct step *s = step_of(call, "act_job_failed");
    va_list ap;
    if (!s)
        return ACT_STEP_ENDED;
    va_start(ap, fmt);
    step_outcomev(s, "job_failed", code, fmt, ap);
    va_end(ap);
    return ACT_STEP_ENDED;
}

/* ---- what it may know and keep ---- */

const char *act_job_id(const struct act_call *call)
{
    return call->step ? call->step->job_id : "";
}

struct act_job_counts act_job_counts(const struct act_call *call)
{
    return call->step ? call->step->counts : (struct act_job_counts){ 0 };
}

const char *act_step_key(struct act_call *call, const char *item)
{
    return act_printf(call, "%s:%s", act_job_key(call), item);
}

const json_t *act_job_event(const struct act_call *call)
{
    return call->step ? call->event : NULL;
}

const char *act_job_key(const struct act_call *call)
{
    const char *key = declaration_text(act_job_event(call), "transactionKey");
    return *key ? key : act_job_id(call);
}

int act_step_attempt(const struct act_call *call)
{
    return call->step && call->step->attempt > 1 ? call->step->attempt : 1;
}

int act_step_parallel(const struct act_call *call)
{
    int n = call->step ? call->step->parallel : 1;
    return n < 1 ? 1 : n > 4 ? 4 : n;
}

const json_t *act_step_saved(const struct act_call *call)
{
    return call->step ? call->step->saved : NULL;
}

/* Others begin and end meanwhile: what the step may have in flight is told anew with each report. */
static bool report(const struct act_call *call, const char *state)
{
    const struct services *front = call->front;
    struct step *s = call->step;
    bool kept = front->step_report(front->ctx, state, &s->stop);
    int parallel = front->step_parallel ? front->step_parallel(front->ctx) : 0;
    s->parallel = parallel > 0 ? parallel : s->parallel;
    return kept;
}

bool act_step_save(struct act_call *call, const json_t *state)
{
    struct step *s = step_of(call, "act_step_save");
    struct buf text;
    bool kept = false;
    if (!s)
        return false;
    buf_init(&text, STEP_SAVED_BYTES);
    if (!state || !buf_json(&text, state))
        step_fault(call, "act_step_save was given more than 4 KiB, or what cannot be written as JSON");
    else
        kept = report(call, text.p);
    buf_free(&text);
    if (kept) {
        json_decref(s->saved);
        s->saved = json_deep_copy(state);
    } else {
        s->stop = true; /* whatever the reason: what this step goes on to do would not be its own */
    }
    return kept;
}

bool act_job_canceled(const struct act_call *call)
{
    const struct services *front = call->front;
    return call->step && call->step->stop && front->step_canceled && front->step_canceled(front->ctx);
}

bool act_step_must_stop(struct act_call *call)
{
    struct step *s = call->step;
    int64_t now = clock_ms();
    if (!s || s->stop || (s->asked_ms && now - s->asked_ms < STEP_ASK_MS))
        return s && s->stop;
    s->asked_ms = now;
    report(call, NULL);
    return s->stop;
}
