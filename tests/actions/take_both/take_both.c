/* take_both.c - for tests of who may call, and with how much. */
#include <string.h>

#include "runtime/action.h"

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    json_int_t length = (json_int_t)json_string_length(json_object_get(in, "text"));
    /* the default is the declaration's: there is none here */
    json_int_t times = json_integer_value(json_object_get(in, "times"));
    *out =
        json_pack("{s:I, s:s, s:s}", "length", length * times, "userId", act_user_id(call), "orgId", act_org_id(call));
    return *out ? ACT_OK : ACT_FAULT;
}

const struct action take_both_action = { .run = run };
