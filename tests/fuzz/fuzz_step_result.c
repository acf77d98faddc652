/*
 * fuzz_step_result.c - any bytes as what a step's worker says it did: an end that the queue can be given, whose parts
 * are within their bounds, or a fault that keeps nothing. The first byte chooses the kind of step, the second how many
 * items it has.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/runner/step_result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void look_at_results(const struct step_end *e, int items)
{
    bool seen[256] = { false };
    must(e->results_n <= (size_t)items);
    for (size_t i = 0; i < e->results_n; i++) {
        const struct item_result *x = &e->results[i];
        must(x->index >= 0 && x->index < items && !seen[x->index]);
        seen[x->index] = true;
        must(x->code && *x->code && strlen(x->code) <= STEP_CODE_MAX);
        must(x->message && strlen(x->message) < STEP_MESSAGE_MAX);
        must(!x->field || strlen(x->field) <= STEP_FIELD_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct step_result r;
    if (size < 2)
        return 0;
    enum step_kind kind = (enum step_kind)(data[0] % (STEP_DELIVER + 1));
    int items = data[1];
    step_result_read(&r, (struct span){ (const char *)data + 2, size - 2 }, kind, items);
    const struct step_end *e = &r.end;
    must(e->outcome <= STEP_WAITS); /* the others are not a worker's to say */
    must(e->outcome == STEP_DONE || (e->code && e->message));
    must(!r.fault || (e->outcome == STEP_AGAIN && e->counts));
    must(e->after_ms >= 0 && e->after_ms <= STEP_AFTER_MAX_S * INT64_C(1000) && e->total >= -1);
    must(kind == STEP_PLAN || (!e->items && !e->cursor && e->total == -1));
    must(kind == STEP_FINISH || e->result.n == 0);
    must(e->result.n <= JOB_RESULT_MAX && (!e->items || json_is_array(e->items)));
    look_at_results(e, items);
    step_result_free(&r);
    return 0;
}
