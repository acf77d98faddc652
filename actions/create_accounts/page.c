/* page.c - one page of accounts by one Bulk job: sent under their keys, and what became of each read from its results.
 */
#include <stdlib.h>
#include <string.h>

#include "actions/create_accounts/accounts.h"

/* What an account may have, as the input and as the org names it. */
static const struct {
    const char *member, *field;
} parts[] = { { "name", "Name" },
              { "city", "BillingCity" },
              { "country", "BillingCountry" },
              { "phone", "Phone" },
              { "website", "Website" } };
enum { PARTS = sizeof parts / sizeof *parts };

/* What is known of an account of the page. */
enum told {
    UNTOLD,
    CREATED,
    TWIN, /* it duplicates a record, but the org does not say by which field */
    TOLD  /* reported as failed, or to be tried again */
};

struct page {
    struct act_call *call;
    const json_t *input;
    struct sf_org *org;
    size_t n, next; /* accounts, and the one to be sent next */
    int *numbers;
    enum told *told;
    struct sf_error *twins;         /* what was said of a TWIN; NULL until there is one */
    size_t at[ACCOUNTS_MAX + 1];    /* place in the page + 1 of an account's number; 0 = not in it */
    struct sample_account sample;   /* of the row that is being sent */
    const char *columns[PARTS + 1]; /* that are sent, the key last */
    size_t part[PARTS];             /* what they are, */
    size_t columns_n;               /* and how many there are, without the key */
    struct sf_bulk_info info;
    struct sf_error err;
};

/* Results are read by the key alone. */
static const char *const key_column[] = { ACCOUNT_KEY_FIELD };
static const struct sf_bulk_load results = { "Account", "insert", NULL, key_column, 1 };

static bool read_items(struct page *p, const json_t *items)
{
    p->n = json_array_size(items);
    p->numbers = act_alloc(p->call, p->n * sizeof *p->numbers);
    p->told = act_alloc(p->call, p->n * sizeof *p->told);
    for (size_t i = 0; i < p->n; i++) {
        json_int_t number = json_integer_value(json_array_get(items, i));
        if (number < 1 || number > ACCOUNTS_MAX || p->at[number])
            return false;
        p->numbers[i] = (int)number;
        p->at[number] = i + 1;
    }
    return p->n > 0;
}

static const char *key_of(struct page *p, int number)
{
    return act_step_key(p->call, act_printf(p->call, "%d", number));
}

/* ---- on the way there ---- */

static void begin(void *ctx)
{
    ((struct page *)ctx)->next = 0;
}

static bool is_given(const struct page *p, const char *member)
{
    size_t i;
    const json_t *account;
    json_array_foreach (json_object_get(p->input, "accounts"), i, account)
        if (json_object_get(account, member))
            return true;
    return false;
}

/* A field of samples that the org or the user lacks is left out; one that was given is sent, and the org says no. */
static bool is_wanted(const struct page *p, size_t part)
{
    struct sf_field field;
    struct sf_error ignored;
    if (json_object_get(p->input, "accounts"))
        return part == 0 || is_given(p, parts[part].member);
    return part == 0 || (sf_describe_field(p->org, "Account", parts[part].field, &field, &ignored) && field.createable);
}

static void choose_columns(struct page *p)
{
    for (size_t i = 0; i < PARTS; i++)
        if (is_wanted(p, i)) {
            p->part[p->columns_n] = i;
            p->columns[p->columns_n++] = parts[i].field;
        }
    p->columns[p->columns_n] = ACCOUNT_KEY_FIELD;
}

static const char *sample_part(const struct sample_account *sample, size_t part)
{
    const char *const texts[PARTS] = { sample->name, sample->city, sample->country, sample->phone, sample->website };
    return texts[part];
}

static enum sf_bulk_give give(void *ctx, const char **values)
{
    struct page *p = ctx;
    if (p->next == p->n)
        return SF_BULK_END;
    if (p->next % 256 == 0 && act_step_must_stop(p->call))
        return SF_BULK_STOP;
    int number = p->numbers[p->next++];
    const json_t *account = json_array_get(json_object_get(p->input, "accounts"), (size_t)number - 1);
    sample_account(number, &p->sample);
    for (size_t i = 0; i < p->columns_n; i++)
        values[i] = account ? json_string_value(json_object_get(account, parts[p->part[i]].member))
                            : sample_part(&p->sample, p->part[i]);
    values[p->columns_n] = key_of(p, number);
    return SF_BULK_ROW;
}

/* ---- on the way back ---- */

/* The account that a row is about, by its key; NULL when it is none of this page that is still open. */
static enum told *account_of(struct page *p, const struct sf_bulk_row *row)
{
    const char *key = sf_bulk_value(row, ACCOUNT_KEY_FIELD), *colon = key ? strrchr(key, ':') : NULL;
    long number = colon ? strtol(colon + 1, NULL, 10) : 0;
    if (number < 1 || number > ACCOUNTS_MAX || !p->at[number] || strcmp(key, key_of(p, (int)number)) != 0)
        return NULL;
    enum told *told = &p->told[p->at[number] - 1];
    return *told == UNTOLD ? told : NULL;
}

static bool take_created(void *ctx, const struct sf_bulk_row *row)
{
    enum told *told = account_of(ctx, row);
    if (told)
        *told = CREATED;
    return true;
}

static bool take_refused(void *ctx, const struct sf_bulk_row *row)
{
    struct page *p = ctx;
    enum told *told = account_of(p, row);
    if (!told)
        return true;
    size_t i = (size_t)(told - p->told);
    if (strcmp(row->error->code, "DUPLICATE_VALUE") != 0) {
        act_item_org_failed(p->call, i, row->error);
        *told = TOLD;
    } else if (strstr(row->error->message, ACCOUNT_KEY_FIELD)) {
        *told = CREATED; /* by an earlier try */
    } else {
        if (!p->twins)
            p->twins = act_alloc(p->call, p->n * sizeof *p->twins);
        p->twins[i] = *row->error;
        *told = TWIN;
    }
    return true;
}

static bool take_left(void *ctx, const struct sf_bulk_row *row)
{
    struct page *p = ctx;
    enum told *told = account_of(p, row);
    if (!told)
        return true;
    size_t i = (size_t)(told - p->told);
    if (p->info.state == SF_BULK_ABORTED)
        act_item_failed(p->call, i, "bulk_job_aborted", NULL,
                        "Somebody aborted the job in the org before it came to this account. Call retryJob to send it "
                        "again.");
    else
        act_item_again(p->call, i, "bulk_job_failed", "The org's job ended before it came to this account. %.200s",
                       p->info.message);
    *told = TOLD;
    return true;
}

/* A user who may not see the other record is told "<unknown>" in place of the field: it is looked for. */
static bool look_for_twins(struct page *p)
{
    enum { BLOCK = 200 };
    for (size_t from = 0; from < p->n && p->twins; from += BLOCK) {
        const char *keys[BLOCK];
        size_t n = 0;
        struct sf_rows *rows;
        const json_t *row;
        for (size_t i = from; i < p->n && i < from + BLOCK; i++)
            if (p->told[i] == TWIN)
                keys[n++] = key_of(p, p->numbers[i]);
        if (n == 0)
            continue;
        if (!sf_query(p->org, &rows, &p->err, "SELECT AppLinkKey__c FROM Account WHERE AppLinkKey__c IN ?",
                      sf_texts(keys, n)))
            return false;
        while ((row = sf_next(rows, &p->err))) {
            const char *key = sf_get_text(row, ACCOUNT_KEY_FIELD), *colon = key ? strrchr(key, ':') : NULL;
            long number = colon ? strtol(colon + 1, NULL, 10) : 0;
            if (number >= 1 && number <= ACCOUNTS_MAX && p->at[number])
                p->told[p->at[number] - 1] = CREATED;
        }
        if (p->err.code[0])
            return false;
    }
    return true;
}

static size_t untold(const struct page *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        n += p->told[i] == UNTOLD;
    return n;
}

static enum act_step read_results(struct page *p, const char *id)
{
    if (!sf_bulk_results(p->org, &results, id, SF_BULK_SUCCESSFUL, take_created, p, &p->err) ||
        !sf_bulk_results(p->org, &results, id, SF_BULK_UNSUCCESSFUL, take_refused, p, &p->err) ||
        (untold(p) > 0 && !sf_bulk_results(p->org, &results, id, SF_BULK_UNPROCESSED, take_left, p, &p->err)) ||
        !look_for_twins(p))
        return act_step_org_failed(p->call, &p->err);
    for (size_t i = 0; i < p->n; i++)
        if (p->told[i] == TWIN)
            act_item_org_failed(p->call, i, &p->twins[i]);
        else if (p->told[i] == UNTOLD) /* its key keeps it from being made twice */
            act_item_again(p->call, i, "not_in_results", "The org's results do not name this account.");
    return ACT_STEP_DONE;
}

/* A job that the org has refused as a whole would be refused again. */
static bool is_refused(const struct sf_bulk_info *info)
{
    return info->state == SF_BULK_FAILED && info->processed == 0 && strncmp(info->message, "InvalidBatch", 12) == 0;
}

enum act_step accounts_page(struct act_call *call, const json_t *input, const json_t *items)
{
    struct page *p = act_alloc(call, sizeof *p);
    struct sf_bulk_load load = { .object = "Account", .operation = "insert", .columns = p->columns };
    const struct sf_bulk_work work = { "accounts", &load, begin, give, p };
    enum act_step ended = ACT_STEP_DONE;
    char id[SF_ID_SIZE];
    p->call = call;
    p->input = input;
    if (!read_items(p, items))
        return act_job_failed(call, "unexpected_item", "The plan of this job has items that are no accounts.");
    p->org = act_connection(call, json_string_value(json_object_get(input, "connection")), &p->err);
    if (!p->org)
        return act_step_org_failed(call, &p->err);
    choose_columns(p);
    load.count = p->columns_n + 1;
    if (!sf_bulk_run(p->org, &work, id, &p->info, &ended))
        return ended;
    if (is_refused(&p->info))
        return act_job_failed(
            call, "org_setup_missing",
            "The org does not take accounts from this service: %.200s. Deploy the field "
            "Account." ACCOUNT_KEY_FIELD
            " (salesforce/), and assign the permission set ActionHostAccounts to the user of the connection.",
            p->info.message);
    return read_results(p, id);
}
