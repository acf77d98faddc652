/* two_orgs.c - for tests of named authorizations: one record of each org. */
#include "runtime/action.h"

static const json_t *first_account(struct sf_org *org, struct sf_error *err)
{
    struct sf_rows *rows;
    if (!org || !sf_query(org, &rows, err, "SELECT Name FROM Account ORDER BY Name LIMIT 1"))
        return NULL;
    return sf_get(sf_next(rows, err), "Name");
}

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    struct sf_error err;
    const char *name = json_string_value(json_object_get(in, "authorization"));
    const json_t *own = first_account(act_org(call), &err);
    const json_t *other = own ? first_account(act_authorization(call, name, &err), &err) : NULL;
    if (!other)
        return act_org_failed(call, &err);
    *out = json_pack("{s:O, s:O}", "ownAccount", own, "otherAccount", other);
    return *out ? ACT_OK : ACT_FAULT;
}

const struct action two_orgs_action = { .run = run };
