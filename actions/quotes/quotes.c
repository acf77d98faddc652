/* quotes.c - generateQuotes: a job that makes a Quote of each Opportunity of a list, or of all that meet a condition.
 */
#include <stdio.h>
#include <string.h>

#include "actions/quotes/job.h"
#include "actions/quotes/rules.h"

static void fault(void *ctx, const char *text)
{
    act_settings_fault(ctx, "PRICING_RULES_FILE", "%s", text);
}

static bool allowed(void *ctx, const char *url, char *why, size_t size)
{
    return act_settings_url(ctx, url, why, size);
}

static void check(struct act_settings *settings)
{
    if (!rules_choose_for(act_settings_get(settings, "PRICING_RULES_FILE"), allowed, fault, settings))
        act_settings_fault(settings, "PRICING_RULES_FILE", "the rules cannot be used; docs/quotes.md describes them");
}

/* What only the org can say of a condition, it says at once: the caller can still correct it. Trouble on the way to the
 * org is left to the job, which tries again. */
static enum act_outcome try_condition(struct act_call *call, const char *condition)
{
    struct sf_error err;
    char why[200];
    if (!sf_condition_check(condition, why, sizeof why))
        return act_refuse(call, "invalid_condition", "/condition", "%s", why);
    if (sf_query_check(act_org(call), &err, "SELECT Id FROM Opportunity WHERE ?", sf_condition(condition)) ||
        err.status != 400)
        return ACT_OK;
    return act_refuse(call, "invalid_condition", "/condition",
                      "The org does not take the condition: %.300s Correct it and start again.", err.message);
}

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    const json_t *ids = json_object_get(in, "opportunityIds"), *condition = json_object_get(in, "condition");
    if (!ids == !condition)
        return act_refuse(call, "which_opportunities", ids ? "/condition" : "/opportunityIds",
                          "Give either opportunityIds or condition, %s.", ids ? "not both" : "one of them");
    if (condition) {
        enum act_outcome outcome = try_condition(call, json_string_value(condition));
        if (outcome != ACT_OK)
            return outcome;
    }
    enum act_outcome outcome = job_terms_keep(call);
    return outcome == ACT_OK ? act_job_start(call, in, out) : outcome;
}

static const struct action_job job = { .plan = quotes_plan, .page = quotes_page, .finish = quotes_finish };

const struct action quotes_action = { .check = check, .run = run, .job = &job };
