/* log_data_action.c - counts the events of a Data Cloud delivery and says so; keeps nothing. */
#include <string.h>

#include "runtime/action.h"

enum { NAMES = 32 };

/* Adds one to the row of `name` in a list of {name, count}; rows beyond NAMES share one. */
static void count_name(json_t *rows, const char *name)
{
    size_t i;
    json_t *row;
    if (!name)
        name = "";
    json_array_foreach (rows, i, row) {
        json_t *count = json_object_get(row, "count");
        if (i == NAMES || strcmp(json_string_value(json_object_get(row, "name")), name) == 0) {
            json_integer_set(count, json_integer_value(count) + 1);
            return;
        }
    }
    json_array_append_new(rows, json_pack("{s:s, s:i}", "name", i == NAMES ? "other" : name, "count", 1));
}

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    const json_t *events = json_object_get(in, "events"), *declared = json_object_get(in, "count"), *event;
    json_t *types = act_own(call, json_array()), *prompts = act_own(call, json_array());
    size_t i;
    json_array_foreach (events, i, event) {
        count_name(types, json_string_value(json_object_get(event, "EventType")));
        count_name(prompts, json_string_value(json_object_get(event, "EventPrompt")));
    }
    act_log(call, ACT_LOG_INFO, "data action with %zu events of %zu types", json_array_size(events),
            json_array_size(types));
    json_t *answer = json_pack("{s:I, s:O, s:O}", "count", (json_int_t)json_array_size(events), "eventTypes", types,
                               "prompts", prompts);
    if (!answer || (declared && json_object_set(answer, "declaredCount", (json_t *)(uintptr_t)declared) != 0)) {
        json_decref(answer);
        return ACT_FAULT;
    }
    *out = answer;
    return ACT_OK;
}

const struct action log_data_action_action = { .run = run };
