/* terms.c - a job prices by what it began with: the rules may be other ones after the host's next start, the index may
 * move, and midnight may pass, but its last page is priced like its first. */
#include <stdlib.h>
#include <string.h>

#include "actions/quotes/day.h"
#include "actions/quotes/job.h"

static int32_t today(struct act_call *call)
{
    return (int32_t)(act_now(call) / DAY_SECONDS);
}

enum act_outcome job_terms_keep(struct act_call *call)
{
    const struct rules *r = rules_now();
    char reason[INDEX_REASON_SIZE];
    json_t *kept = json_pack("{s:O, s:i}", "rules", r->json, "day", (int)today(call));
    act_job_keep(call, kept);
    if (r->index.of == INDEX_NONE)
        return ACT_OK;
    struct price_index *x = act_alloc(call, sizeof *x);
    index_ask(call, r, true, x);
    if (x->failure && !r->index.without_away)
        return act_refuse(call, "price_index_unavailable", NULL,
                          "Prices need the price index, which cannot be used: %s. Try again later.",
                          index_reason(r, x, reason));
    json_object_set_new(kept, "index", index_keep(x));
    return ACT_OK;
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

/* All items have ended: this is the finish, and nothing is priced any more. */
static bool is_finish(const struct act_call *call)
{
    struct act_job_counts counts = act_job_counts(call);
    return counts.done + counts.failed >= counts.total;
}

/* Of a job that has kept no index, as one that a change in Salesforce has started: it is asked for in the step. */
static bool ask_now(struct act_call *call, const struct rules *r, struct price_index *x)
{
    char reason[INDEX_REASON_SIZE];
    index_ask(call, r, false, x);
    if (!x->failure || r->index.without_away || is_finish(call))
        return true;
    (void)act_step_again(call, 60, true, "Prices need the price index, which cannot be used: %s.",
                         index_reason(r, x, reason));
    return false;
}

static bool read_index(struct act_call *call, const json_t *kept, struct job_terms *out)
{
    struct price_index *x = act_alloc(call, sizeof *x);
    if (!kept && !ask_now(call, out->rules, x))
        return false;
    if (kept && !index_kept(kept, out->rules, x)) {
        (void)act_job_failed(call, "rules_outdated",
                             "The job began with a price index that this version of the host cannot read. Start it "
                             "again.");
        return false;
    }
    out->index = x;
    out->rules = index_apply(call, out->rules, x);
    return true;
}

static bool read_rules(struct act_call *call, const json_t *kept, struct job_terms *out)
{
    const json_t *rules = json_object_get(kept, "rules");
    *out = (struct job_terms){ .rules = rules_now(), .day = today(call) };
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

bool job_terms_read(struct act_call *call, struct job_terms *out)
{
    const json_t *kept = act_job_kept(call);
    if (!read_rules(call, kept, out))
        return false;
    return out->rules->index.of == INDEX_NONE || read_index(call, json_object_get(kept, "index"), out);
}

/* ---- between the pages and the finish of a job ---- */

static const char unindexed[] = "unindexed";

void job_terms_note(struct act_call *call, const struct deal *d)
{
    if (!d->problem.code && d->unindexed)
        act_job_add(call, unindexed, (int64_t)d->unindexed);
}

void job_terms_tell(struct act_call *call, const struct job_terms *t, json_t *result, json_t *warnings)
{
    if (t->index)
        index_tell(t->rules, t->index, act_job_sum(call, unindexed) > 0, result, warnings);
}
