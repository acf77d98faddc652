/*
 * job_kit.h - runs a job in a test from its plan to its end, as the workers of a host would one after the other: items
 * planned, cut into pages, worked on, tried again, finished. There is no org behind it and no queue: what asks
 * Salesforce is tested by the examples of action.json, and what happens when a worker dies by the tests of the host.
 */
#ifndef TESTS_JOB_KIT_H
#define TESTS_JOB_KIT_H

#include "runtime/client/step.h"
#include "tests/action_kit.h"

enum { JOB_KIT_STEPS = 10000 }; /* a job that never ends fails here */

struct job_ran {
    char outcome[16]; /* "done"; else how the step ended that ended the job, with its code and message */
    char code[64], message[512];
    int items, done, failed, steps;
    json_t *failures; /* array of {item, code, message, field?} */
    json_t *result;   /* what .finish has answered; NULL = nothing */
    /* of the kit itself */
    struct declarations all;
    const struct declaration *declaration;
    json_t *input;
};

static inline bool job_kit_report(void *ctx, const char *state, bool *stop)
{
    (void)ctx, (void)state;
    *stop = false;
    return true;
}

/* One step in a call of its own. Returns what it did. */
static inline json_t *job_kit_step(struct job_ran *r, enum step_work work, const json_t *payload, int attempt)
{
    static const struct services front = { .step_report = job_kit_report };
    struct step step = { .job_id = "00000000-0000-4000-8000-000000000000", .attempt = attempt, .parallel = 1 };
    struct act_call call;
    if (++r->steps > JOB_KIT_STEPS)
        fail_msg("the job has %d steps and no end", r->steps);
    step.counts = (struct act_job_counts){ r->items, r->done, r->failed };
    call_init(&call, r->declaration, &front);
    call.deadline_ms = clock_ms() + r->declaration->job.step_s * INT64_C(1000);
    call.now = 1767225600; /* 2026-01-01 */
    call.step = &step;
    json_t *did = step_run(&call, work, r->input, payload);
    step_fini(&step);
    call_fini(&call);
    return did;
}

/* True when the step is done; else the job ends as it says. */
static inline bool job_kit_done(struct job_ran *r, const json_t *did)
{
    copy_text(r->outcome, sizeof r->outcome, declaration_text(did, "outcome"));
    copy_text(r->code, sizeof r->code, declaration_text(did, "code"));
    copy_text(r->message, sizeof r->message, declaration_text(did, "message"));
    return strcmp(r->outcome, "done") == 0;
}

static inline void job_kit_failed(struct job_ran *r, json_t *item, const json_t *why)
{
    static const char *const names[] = { "code", "message", "field" };
    json_t *row = json_pack("{s:O}", "item", item);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (json_object_get(why, names[i]))
            json_object_set(row, names[i], json_object_get(why, names[i]));
    json_array_append_new(r->failures, row);
    r->failed++;
}

/* A page: its items are done, failed, or added to `again`. False: the job has ended. */
static inline bool job_kit_page(struct job_ran *r, const json_t *page, json_t *again, bool last)
{
    json_t *did = job_kit_step(r, STEP_WORK_PAGE, page, last ? r->declaration->job.attempts : 1), *row, *item;
    const json_t *results = json_object_get(did, "results");
    bool done = job_kit_done(r, did);
    size_t i;
    if (done) {
        r->done += (int)(json_array_size(page) - json_array_size(results));
        json_array_foreach (results, i, row) {
            item = json_array_get(page, (size_t)json_integer_value(json_object_get(row, "index")));
            if (json_is_true(json_object_get(row, "again")) && !last)
                json_array_append(again, item);
            else
                job_kit_failed(r, item, row);
        }
    } else if (strcmp(r->outcome, "again") == 0 || strcmp(r->outcome, "failed") == 0) {
        bool fails = last || strcmp(r->outcome, "failed") == 0;
        json_array_foreach (page, i, item) {
            if (fails)
                job_kit_failed(r, item, did);
            else
                json_array_append(again, item);
        }
        copy_text(r->outcome, sizeof r->outcome, "done"); /* the job goes on without them */
        done = true;
    }
    json_decref(did);
    return done;
}

/* All items in pages, then those that are to be tried again, until none is left or their attempts are used up. */
static inline bool job_kit_pages(struct job_ran *r, json_t *items)
{
    size_t page_items = (size_t)r->declaration->job.page_items;
    bool going = true;
    for (int attempt = 1; going && json_array_size(items); attempt++) {
        json_t *again = json_array();
        for (size_t at = 0; going && at < json_array_size(items); at += page_items) {
            json_t *page = json_array();
            for (size_t i = at; i < at + page_items && i < json_array_size(items); i++)
                json_array_append(page, json_array_get(items, i));
            going = job_kit_page(r, page, again, attempt >= r->declaration->job.attempts);
            json_decref(page);
        }
        json_array_clear(items);
        json_array_extend(items, again);
        json_decref(again);
    }
    return going;
}

/* Adds the whole plan to `items`. */
static inline bool job_kit_plan(struct job_ran *r, json_t *items)
{
    json_t *cursor = NULL, *did;
    bool done;
    do {
        did = job_kit_step(r, STEP_WORK_PLAN, cursor, 1);
        done = job_kit_done(r, did);
        json_array_extend(items, json_object_get(did, "items"));
        json_decref(cursor);
        cursor = json_incref(json_object_get(did, "cursor"));
        json_decref(did);
    } while (done && cursor);
    json_decref(cursor);
    r->items = (int)json_array_size(items);
    return done;
}

/* Runs the job of an operation; `input` must fit its schema. job_ran_free afterwards. */
static inline struct job_ran job_run(const char *operation, const char *input)
{
    struct job_ran r = { .failures = json_array() };
    json_t *items = json_array();
    struct buf faults;
    buf_init(&faults, 1 << 16);
    if (!declarations_load(&r.all, &faults))
        fail_msg("%s", faults.p);
    buf_free(&faults);
    r.declaration = declaration_find(&r.all, span_of(operation));
    r.input = json_loads(input, JSON_REJECT_DUPLICATES, NULL);
    if (!r.declaration || !r.declaration->is_job || !r.input)
        fail_msg("%s", r.input ? "there is no such job" : "the input is not JSON");
    schema_drop_nulls(r.declaration->input, r.input);
    if (schema_check(r.declaration->input, r.input, action_kit_print, NULL))
        fail_msg("the input does not fit the action");
    assert_true(schema_fill_defaults(r.declaration->input, r.input));
    if (job_kit_plan(&r, items) && job_kit_pages(&r, items) && r.declaration->row->action->job->finish) {
        json_t *did = job_kit_step(&r, STEP_WORK_FINISH, NULL, 1);
        if (job_kit_done(&r, did))
            r.result = json_incref(json_object_get(did, "result"));
        json_decref(did);
    }
    json_decref(items);
    return r;
}

static inline void job_ran_free(struct job_ran *r)
{
    json_decref(r->failures);
    json_decref(r->result);
    json_decref(r->input);
    declarations_free(&r->all);
}

#endif
