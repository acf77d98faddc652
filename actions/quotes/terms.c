/* terms.c - a job prices by what it began with: the rules may be other ones after the host's next start, and midnight
 * may pass, but its last page is priced like its first. */
#include <stdlib.h>
#include <string.h>

#include "actions/quotes/day.h"
#include "actions/quotes/job.h"

static int32_t today(struct act_call *call)
{
    return (int32_t)(act_now(call) / DAY_SECONDS);
}

void job_terms_keep(struct act_call *call)
{
    act_job_keep(call, json_pack("{s:O, s:i}", "rules", rules_now()->json, "day", (int)today(call)));
}

static void free_rules(void *ptr)
{
    rules_free(ptr);
}

static void note_fault(void *ctx, const char *fault)
{
    act_log(ctx, ACT_LOG_ERROR, "rules of the job: %s", fault);
}

static struct rules *read_kept(struct act_call *call, const json_t *rules)
{
    char *text = json_dumps(rules, JSON_COMPACT);
    struct rules *r = text ? rules_read(text, strlen(text), note_fault, call) : NULL;
    free(text);
    if (r)
        act_defer(call, free_rules, r);
    return r;
}

bool job_terms_read(struct act_call *call, struct job_terms *out)
{
    const json_t *kept = act_job_kept(call), *rules = json_object_get(kept, "rules");
    *out = (struct job_terms){ rules_now(), today(call) };
    if (!kept)
        return true;
    if (json_is_integer(json_object_get(kept, "day")))
        out->day = (int32_t)json_integer_value(json_object_get(kept, "day"));
    /* what the host has loaded is mostly what the job began with */
    if (!json_equal(rules, out->rules->json))
        out->rules = read_kept(call, rules);
    if (out->rules)
        return true;
    (void)act_job_failed(
        call, "rules_outdated",
        "The job began with pricing rules that this version of the host does not take. Start it again.");
    return false;
}
