/*
 * action_kit.h - runs an action in a test as a worker runs it: nulls of optional members dropped, input checked,
 * handler called, answer checked. There is no org behind it: what asks Salesforce is tested by the examples of
 * action.json, against the sandbox.
 */
#ifndef TESTS_ACTION_KIT_H
#define TESTS_ACTION_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include "runtime/base/system.h"
#include "runtime/client/call.h"

static inline void action_kit_print(void *ctx, const char *pointer, const char *code, const char *message)
{
    (void)ctx;
    print_message("%s %s: %s\n", pointer, code, message);
}

/*
 * Returns the HTTP status. *answer is the answer, or {code, message, field} of the refusal; the caller drops it.
 * `front` is what the worker asks of others, NULL for an action that asks nobody.
 */
static inline int action_invoke_with(const struct services *front, const char *operation, const char *input,
                                     json_t **answer)
{
    struct declarations all;
    struct act_call call;
    struct buf faults;
    json_t *in = json_loads(input, JSON_REJECT_DUPLICATES, NULL);
    int status;
    buf_init(&faults, 1 << 16);
    if (!declarations_load(&all, &faults))
        fail_msg("%s", faults.p);
    const struct declaration *d = declaration_find(&all, span_of(operation));
    if (!d || !in)
        fail_msg("%s", d ? "the input is not JSON" : "no such operation");
    *answer = NULL;
    status = declaration_success(d);
    schema_drop_nulls(d->input, in);
    call_init(&call, d, front);
    call.deadline_ms = clock_ms() + 20000;
    call.now = 1767225600; /* 2026-01-01 */
    copy_text(call.request_id, sizeof call.request_id, "00000000-test-call");
    if (schema_check(d->input, in, NULL, NULL)) {
        status = 422;
        *answer = json_pack("{s:s}", "code", "invalid_input");
    } else if (!d->is_job && !schema_fill_defaults(d->input, in)) {
        fail_msg("out of memory");
    } else if (d->row->action->run(&call, in, answer) == ACT_OK) {
        if (schema_check(d->output, *answer, action_kit_print, NULL))
            fail_msg("the answer breaks the output schema");
    } else {
        status = call.refusal.status ? call.refusal.status : 500;
        *answer = json_pack("{s:s, s:s, s:s}", "code", call.refusal.code, "message", call.refusal.message, "field",
                            call.refusal.field);
    }
    assert_non_null(*answer);
    call_fini(&call);
    json_decref(in);
    declarations_free(&all);
    buf_free(&faults);
    return status;
}

static inline int action_invoke(const char *operation, const char *input, json_t **answer)
{
    return action_invoke_with(NULL, operation, input, answer);
}

#endif
