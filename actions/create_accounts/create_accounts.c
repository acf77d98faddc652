/* create_accounts.c - createAccounts: a job that creates accounts in a connected org by its Bulk API. */
#include <stdio.h>
#include <string.h>

#include "actions/create_accounts/accounts.h"

static bool is_on(const char *value)
{
    return value && strcmp(value, "on") == 0;
}

static void check(struct act_settings *settings)
{
    const char *value = act_settings_get(settings, "SAMPLE_DATA");
    if (!is_on(value) && strcmp(value ? value : "", "off") != 0)
        act_settings_fault(settings, "SAMPLE_DATA", "must be on or off");
}

/* The Bulk API takes this text for "empty the field", so it cannot be sent as a text. */
static enum act_outcome check_values(struct act_call *call, const json_t *accounts)
{
    size_t i;
    const char *member;
    const json_t *account, *value;
    char field[80];
    json_array_foreach (accounts, i, account)
        json_object_foreach ((json_t *)account, member, value)
            if (json_is_string(value) && strcmp(json_string_value(value), "#N/A") == 0) {
                snprintf(field, sizeof field, "/accounts/%zu/%.40s", i, member);
                return act_refuse(call, "unusable_value", field,
                                  "The text #N/A cannot be sent: an org would empty the field. Write it otherwise.");
            }
    return ACT_OK;
}

/* Whether the caller may use the connection, and it has a session. Nothing is asked of its org. */
static enum act_outcome check_connection(struct act_call *call, const char *name)
{
    struct sf_error err;
    if (act_connection(call, name, &err))
        return ACT_OK;
    if (strcmp(err.code, "connection_not_allowed") == 0 || strcmp(err.code, "unknown_connection") == 0)
        return act_refuse(call, err.code, "/connection", "%s", err.message);
    return act_org_failed(call, &err);
}

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    const json_t *count = json_object_get(in, "count"), *accounts = json_object_get(in, "accounts");
    if (!count == !accounts)
        return act_refuse(call, "which_accounts", count ? "/accounts" : "/count", "Give either count or accounts, %s.",
                          count ? "not both" : "one of them");
    if (count && !is_on(act_setting(call, "SAMPLE_DATA")))
        return act_refuse(call, "sample_data_off", "/count",
                          "This host makes no sample accounts. Give the accounts themselves, or ask whoever runs it to "
                          "set SAMPLE_DATA=on.");
    enum act_outcome outcome = check_values(call, accounts);
    if (outcome == ACT_OK)
        outcome = check_connection(call, json_string_value(json_object_get(in, "connection")));
    return outcome == ACT_OK ? act_job_start(call, in, out) : outcome;
}

/* Items are the numbers of the accounts, and all of them one page: one Bulk job. */
static enum act_step plan(struct act_call *call, const json_t *input, const json_t *cursor)
{
    const json_t *accounts = json_object_get(input, "accounts");
    json_int_t n =
        accounts ? (json_int_t)json_array_size(accounts) : json_integer_value(json_object_get(input, "count"));
    (void)cursor;
    act_plan_page_items(call, ACCOUNTS_MAX);
    for (json_int_t i = 1; i <= n; i++)
        act_plan_item(call, json_integer(i));
    act_plan_total(call, n);
    return ACT_STEP_DONE;
}

static enum act_step finish(struct act_call *call, const json_t *input, json_t **out)
{
    struct act_job_counts counts = act_job_counts(call);
    *out = json_pack("{s:O, s:I, s:I, s:I}", "connection", json_object_get(input, "connection"), "accounts",
                     (json_int_t)counts.total, "created", (json_int_t)counts.done, "failed", (json_int_t)counts.failed);
    return ACT_STEP_DONE;
}

static const struct action_job job = { .plan = plan, .page = accounts_page, .finish = finish };

const struct action create_accounts_action = { .check = check, .run = run, .job = &job };
