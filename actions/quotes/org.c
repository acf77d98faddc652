/* org.c - objects, fields and rights that quotes need; each refusal says who has to do what. */
#include "actions/quotes/org.h"

#include <stdio.h>
#include <string.h>

#include "actions/quotes/records.h"

enum { REMEMBER_S = 600 };

static enum quote_org_state unfit(struct deal_problem *why, const char *code, const char *what)
{
    why->code = code;
    snprintf(why->message, sizeof why->message, "%s", what);
    return QUOTE_ORG_UNFIT;
}

static const char no_quotes[] =
    "The org has no Quotes, or this user may not see them. An administrator switches them on in Setup (Quote Settings, "
    "Enable Quotes) and assigns the permission set ActionHostQuotes.";
static const char no_right[] =
    "This user may not create Quotes. An administrator assigns the permission set ActionHostQuotes.";

bool quote_org_explains(const struct sf_error *err, struct deal_problem *why)
{
    bool no_type = strncmp(err->code, "INVALID_TYPE", strlen("INVALID_TYPE")) == 0 && strstr(err->message, "Quote");
    /* in a unit of work the object is part of a path */
    if (no_type || strcmp(err->code, "NOT_FOUND") == 0) {
        (void)unfit(why, "quotes_not_enabled", no_quotes);
        return true;
    }
    /* the same code stands for a trigger that refuses one record */
    if (strcmp(err->code, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY") == 0 &&
        strstr(err->message, "entity type cannot be")) {
        (void)unfit(why, "no_create_permission", no_right);
        return true;
    }
    return false;
}

static bool absent(const struct sf_error *err)
{
    return err->status == 404 || strcmp(err->code, "NOT_FOUND") == 0 || strcmp(err->code, "INVALID_TYPE") == 0;
}

/* ---- what is remembered: three words ---- */

static bool recall(struct act_call *call, struct quote_org *out)
{
    struct act_bytes value;
    if (!act_cache_get(call, ACT_SHARED_BY_USER, "org", &value, NULL) || value.n != 5)
        return false;
    const char *p = value.p;
    *out = (struct quote_org){ .currencies = p[0] == '1', .line_override = p[1] == '1' };
    if (p[2] != '-')
        memcpy(out->currency, p + 2, 3);
    return true;
}

static void remember(struct act_call *call, const struct quote_org *org)
{
    char text[8];
    snprintf(text, sizeof text, "%d%d%s", org->currencies, org->line_override, *org->currency ? org->currency : "---");
    act_cache_put(call, ACT_SHARED_BY_USER, "org", (struct act_bytes){ text, 5 }, REMEMBER_S);
}

void quote_org_forget(struct act_call *call)
{
    act_cache_put(call, ACT_SHARED_BY_USER, "org", (struct act_bytes){ "", 0 }, 1);
}

/* ---- what is looked at ---- */

enum { QUOTE, QUOTE_LINE, DEAL, DEAL_LINE, ORGANIZATION, CURRENCIES, OBJECTS, WAIT_MS = 20000 };
static const char *const objects[] = {
    [QUOTE] = "Quote",
    [QUOTE_LINE] = "QuoteLineItem",
    [DEAL] = "Opportunity",
    [DEAL_LINE] = "OpportunityLineItem",
    [ORGANIZATION] = "Organization",
    [CURRENCIES] = "CurrencyType",
};

/* What the org says of all objects, in the time of one request. */
struct looks {
    struct act_call *call;
    struct sf_error errs[OBJECTS];
};

static void look(struct act_call *call, struct looks *l)
{
    struct sf_org *const org = act_org(call);
    l->call = call;
    sf_describe_all(call, &org, 1, objects, OBJECTS, WAIT_MS, l->errs);
}

/* As sf_describe_field, of an object that was looked at: what is not there is not asked for again. */
static bool looked(struct looks *l, int object, const char *name, struct sf_field *field, struct sf_error *err)
{
    *err = l->errs[object];
    return !err->code[0] && sf_describe_field(act_org(l->call), objects[object], name, field, err);
}

/* The object's key field, and one without which no record can be made. */
static enum quote_org_state check_object(struct looks *l, int object, const char *parent, struct deal_problem *why,
                                         struct sf_error *err)
{
    struct sf_field field = { .createable = false };
    if (!looked(l, object, parent, &field, err)) {
        if (err->code[0] && !absent(err))
            return QUOTE_ORG_AWAY;
        return unfit(why, "quotes_not_enabled", no_quotes);
    }
    if (!field.createable)
        return unfit(why, "no_create_permission", no_right);
    if (looked(l, object, QUOTE_KEY_FIELD, &field, err) && field.createable)
        return QUOTE_ORG_READY;
    if (err->code[0])
        return QUOTE_ORG_AWAY;
    snprintf(why->message, sizeof why->message,
             "%s has no field " QUOTE_KEY_FIELD
             " (text 80, unique, external id), or this user may not fill it; without "
             "it a quote could be made twice. Deploy salesforce/force-app and assign the permission set "
             "ActionHostQuotes.",
             objects[object]);
    why->code = "key_field_missing";
    return QUOTE_ORG_UNFIT;
}

/* Whether the org has the object at all: known by its describe. */
static bool has_object(struct looks *l, int object, struct sf_error *err)
{
    return looked(l, object, "Id", NULL, err);
}

/* The currency of an org that has but one. Not every user may see it: then amounts have two decimals. */
static bool read_own_currency(struct looks *l, struct quote_org *out, struct sf_error *err)
{
    static const char *const names[] = { "DefaultCurrencyIsoCode" };
    struct sf_rows *rows;
    if (!has_object(l, ORGANIZATION, err))
        return !err->code[0] || absent(err);
    if (!sf_query(act_org(l->call), &rows, err, "SELECT Id? FROM Organization LIMIT 1",
                  sf_optional("Organization", names, 1)))
        return absent(err);
    const json_t *row = sf_next(rows, err);
    const char *code = row ? sf_get_text(row, names[0]) : NULL;
    if (code && strlen(code) == 3)
        memcpy(out->currency, code, sizeof out->currency);
    return !err->code[0];
}

static enum quote_org_state check_currencies(struct looks *l, struct quote_org *out, struct deal_problem *why,
                                             struct sf_error *err)
{
    out->currencies = looked(l, DEAL, "CurrencyIsoCode", NULL, err);
    if (out->currencies)
        return QUOTE_ORG_READY;
    if (err->code[0])
        return QUOTE_ORG_AWAY;
    if (has_object(l, CURRENCIES, err))
        return unfit(why, "currency_not_visible",
                     "The org has several currencies, but this user may not see CurrencyIsoCode of Opportunities: the "
                     "amounts cannot be told apart. An administrator grants the field.");
    if (err->code[0] && !absent(err))
        return QUOTE_ORG_AWAY;
    return read_own_currency(l, out, err) ? QUOTE_ORG_READY : QUOTE_ORG_AWAY;
}

enum quote_org_state quote_org_read(struct act_call *call, struct quote_org *out, struct deal_problem *why,
                                    struct sf_error *err)
{
    if (recall(call, out))
        return QUOTE_ORG_READY;
    *out = (struct quote_org){ .currencies = false };
    struct looks *l = act_alloc(call, sizeof *l);
    look(call, l);
    enum quote_org_state state = check_object(l, QUOTE, "OpportunityId", why, err);
    if (state == QUOTE_ORG_READY)
        state = check_object(l, QUOTE_LINE, "QuoteId", why, err);
    if (state == QUOTE_ORG_READY)
        state = check_currencies(l, out, why, err);
    if (state != QUOTE_ORG_READY)
        return state;
    out->line_override = looked(l, DEAL_LINE, "DiscountOverride__c", NULL, err);
    if (err->code[0])
        return QUOTE_ORG_AWAY;
    remember(call, out);
    return QUOTE_ORG_READY;
}
