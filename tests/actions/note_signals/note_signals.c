/* note_signals.c - a data action that starts a job. */
#include "runtime/action.h"

static enum act_step plan(struct act_call *call, const json_t *input, const json_t *cursor)
{
    const json_t *events = json_object_get(input, "events");
    (void)cursor;
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *event = json_array_get(events, i);
        act_plan_item(call, json_pack("{s:O, s:O}", "account", json_object_get(event, "AccountId"), "signal",
                                      json_object_get(event, "EventUuid")));
    }
    return ACT_STEP_DONE;
}

static enum act_step page(struct act_call *call, const json_t *input, const json_t *items)
{
    struct sf_error err;
    (void)input;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        json_t *fields = json_pack("{s:O}", "Description", json_object_get(item, "signal"));
        if (!sf_update(act_org(call), "Account", json_string_value(json_object_get(item, "account")), fields, &err))
            act_item_org_failed(call, i, &err);
        json_decref(fields);
    }
    return ACT_STEP_DONE;
}

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    return act_job_start(call, in, out);
}

static const struct action_job job = { .plan = plan, .page = page };

const struct action note_signals_action = { .run = run, .job = &job };
