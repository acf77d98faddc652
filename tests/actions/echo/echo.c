/* echo.c - the smallest action: what it costs is what the host costs. */
#include <string.h>

#include "runtime/action.h"

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    const char *text = json_string_value(json_object_get(in, "text"));
    json_int_t count = json_integer_value(json_object_get(in, "count"));
    size_t n = strlen(text), times = count > 1 ? (size_t)count : 1;
    char *all = act_alloc(call, n * times + 1);
    for (size_t i = 0; i < times; i++)
        memcpy(all + i * n, text, n);
    *out = json_pack("{s:s, s:I}", "text", all, "members", (json_int_t)json_object_size(in));
    return *out ? ACT_OK : ACT_FAULT;
}

const struct action echo_action = { .run = run };
