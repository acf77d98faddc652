/*
 * sync_accounts.c - two orgs kept in step: an account that has changed in one is inserted or updated in the other under
 * its id here, which is its key there (AppLinkKey__c). A copy is known by that key and goes back to where it came from;
 * change events of these very writes are left out by the host, so nothing goes round in circles.
 */
#include <string.h>

#include "runtime/action.h"

enum { NAME = 81 };

/* The other connection of the two; "" when the job's own is neither. */
static void find_other(struct act_call *call, char other[NAME])
{
    const char *both = act_setting(call, "SYNC_CONNECTIONS"), *comma = both ? strchr(both, ',') : NULL;
    const char *own = json_string_value(json_object_get(act_job_event(call), "connection"));
    size_t n = comma ? (size_t)(comma - both) : 0;
    other[0] = '\0';
    if (!own || n == 0 || n >= NAME || strlen(comma + 1) >= NAME)
        return;
    if (strlen(own) == n && strncmp(own, both, n) == 0)
        memcpy(other, comma + 1, strlen(comma + 1) + 1);
    else if (strcmp(own, comma + 1) == 0) {
        memcpy(other, both, n);
        other[n] = '\0';
    }
}

static enum act_step plan(struct act_call *call, const json_t *input, const json_t *cursor)
{
    const json_t *ids = json_object_get(input, "accountIds"), *id;
    char other[NAME];
    size_t i;
    (void)cursor;
    find_other(call, other);
    json_array_foreach (ids, i, id)
        if (other[0])
            act_plan_item(call, json_incref((json_t *)(uintptr_t)id));
    return ACT_STEP_DONE;
}

static json_t *copy_of(const json_t *account)
{
    static const char *const fields[] = { "Name", "BillingCity", "BillingCountry", "Phone", "Website" };
    json_t *copy = json_object();
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const json_t *value = sf_get(account, fields[i]);
        json_object_set_new(copy, fields[i], value ? json_deep_copy(value) : json_null());
    }
    return copy;
}

/* Into the other org: by its id there when it came from there, else under its id here. */
static bool bring(struct sf_org *other, const json_t *account, struct sf_error *err)
{
    const char *key = sf_get_text(account, "AppLinkKey__c");
    char id[SF_ID_SIZE];
    json_t *copy = copy_of(account);
    bool ok = key && sf_id_check(key, id)
                  ? sf_update(other, "Account", id, copy, err)
                  : sf_upsert(other, "Account", "AppLinkKey__c", sf_get_text(account, "Id"), copy, id, NULL, err);
    json_decref(copy);
    return ok;
}

static size_t index_of(const json_t *items, const char *id)
{
    size_t i = 0;
    while (i < json_array_size(items) && strncmp(json_string_value(json_array_get(items, i)), id, 15) != 0)
        i++;
    return i;
}

static enum act_step page(struct act_call *call, const json_t *input, const json_t *items)
{
    const char **ids = act_alloc(call, json_array_size(items) * sizeof *ids);
    struct sf_rows *rows;
    const json_t *account;
    struct sf_error err;
    char name[NAME];
    (void)input;
    find_other(call, name);
    struct sf_org *other = act_authorization(call, name, &err);
    if (!other)
        return act_step_org_failed(call, &err);
    for (size_t i = 0; i < json_array_size(items); i++)
        ids[i] = json_string_value(json_array_get(items, i));
    if (!sf_query(
            act_org(call), &rows, &err,
            "SELECT Id, Name, BillingCity, BillingCountry, Phone, Website, AppLinkKey__c FROM Account WHERE Id IN ?",
            sf_ids(ids, json_array_size(items))))
        return act_step_org_failed(call, &err);
    while ((account = sf_next(rows, &err)))
        if (!bring(other, account, &err))
            act_item_org_failed(call, index_of(items, sf_get_text(account, "Id")), &err);
    return ACT_STEP_DONE;
}

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    return act_job_start(call, in, out);
}

static const struct action_job job = { .plan = plan, .page = page };

const struct action sync_accounts_action = { .run = run, .job = &job };
