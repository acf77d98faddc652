/*
 * fuzz_org.c - any bytes as an org's answers: the client gives an error with a reason, or whole values, and never
 * crashes. The first byte picks the call, the second the status; the rest is split at 0x1e into one answer after the
 * other.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/base/system.h"
#include "runtime/client/client_parts.h"

/* Nothing here runs an action, so the registry stays empty. */
const struct registry_row registry_rows[1];
const char registry_host_json[] = "{}";
const size_t registry_host_json_length = 2;

struct answers {
    struct span rest;
    int status, given;
};

static bool give(void *ctx, const struct http_request *q, struct http_reply *r)
{
    static const int statuses[] = { 200, 201, 204, 300, 400, 401, 404, 429, 500, 503, 0 };
    struct answers *a = ctx;
    struct span body = { 0 };
    memset(r, 0, sizeof *r);
    buf_init(&r->body, q->max);
    (void)span_split(&a->rest, 0x1e, &body);
    r->sent = true;
    r->status = statuses[(a->status + a->given++) % 11];
    if (a->given > 1 && a->given < 20)
        r->status = 200;
    r->failure = r->status ? HTTP_OK : HTTP_CUT;
    if (!buf_add(&r->body, body.p ? body.p : "", body.n))
        r->failure = HTTP_TOO_LARGE;
    return r->failure == HTTP_OK;
}

static bool no_authorization(void *ctx, const char *name, const char *stale, struct org_session *org, struct err *e)
{
    (void)ctx, (void)stale, (void)org;
    return err_set(e, 404, "authorization_unknown", "There is no authorization %s.", name);
}

static bool no_get(void *ctx, const char *key, void **value, size_t *n, int64_t *age_ms)
{
    (void)ctx, (void)key, (void)value, (void)n, (void)age_ms;
    return false;
}

static void no_put(void *ctx, const char *key, const void *value, size_t n, int ttl_s)
{
    (void)ctx, (void)key, (void)value, (void)n, (void)ttl_s;
}

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* An error has a code and a message in UTF-8, and can be told to the caller. */
static void check_error(struct act_call *call, const struct sf_error *err)
{
    must(err->code[0] && utf8_valid(span_of(err->message)) && utf8_valid(span_of(err->fields)));
    must(act_org_failed(call, err) == ACT_REFUSED);
    must(call->refusal.status >= 400 && call->refusal.code[0] && utf8_valid(span_of(call->refusal.message)));
}

static void read_rows(struct act_call *call, struct sf_rows *rows, int depth)
{
    struct sf_error err;
    const json_t *record;
    while ((record = sf_next(rows, &err))) {
        const char *key;
        json_t *value;
        must(json_is_object(record));
        json_object_foreach ((json_t *)record, key, value) {
            struct sf_rows *children = depth < 3 ? sf_children(rows, record, key) : NULL;
            if (children)
                read_rows(call, children, depth + 1);
        }
    }
    if (err.code[0])
        check_error(call, &err);
}

static bool run(struct act_call *call, int kind, struct sf_error *err)
{
    static const char *const names[] = { "A__c", "B__c" };
    struct sf_org *org = act_org(call);
    struct sf_rows *rows;
    struct sf_result results[2];
    char id[SF_ID_SIZE] = "";
    json_t *fields = json_pack("{s:s}", "Name", "x"), *out = NULL;
    json_t *records = json_pack("[{s:{s:s}},{s:{s:s}}]", "attributes", "type", "A", "attributes", "type", "B");
    bool ok = true;
    switch (kind % 7) {
    case 0:
        ok = sf_query(org, &rows, err, "SELECT Id FROM A WHERE Name = ?", sf_text("x"));
        if (ok)
            read_rows(call, rows, 0);
        break;
    case 1:
        ok = sf_query(org, &rows, err, "SELECT Id? FROM A", sf_optional("A", names, 2));
        break;
    case 2:
        ok = sf_create(org, "A", fields, id, err);
        must(!ok || sf_id_plain(id));
        break;
    case 3:
        ok = sf_upsert(org, "A", "Key__c", "k", fields, id, NULL, err);
        break;
    case 4:
        ok = sf_create_many(org, records, false, results, err);
        break;
    case 5: {
        struct sf_unit *unit = sf_unit_new(org);
        must(sf_unit_create(unit, "A", fields) && sf_unit_upsert(unit, "B", "K__c", "k", fields));
        ok = sf_unit_commit(unit, err);
        must(ok == (sf_unit_result(unit, 0)->success && sf_unit_result(unit, 1)->success));
        break;
    }
    default:
        ok = sf_request(org, "GET", "/x", NULL, &out, err);
    }
    json_decref(out);
    json_decref(records);
    json_decref(fields);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct services front = { .cache_get = no_get,
                                           .cache_put = no_put,
                                           .authorization = no_authorization };
    static struct client_settings settings;
    static struct act_call call;
    struct answers answers = { { (const char *)data + 2, size > 2 ? size - 2 : 0 }, size > 1 ? data[1] % 11 : 0, 0 };
    struct sf_error err;
    if (size < 2)
        return 0;
    settings.send = give;
    settings.send_ctx = &answers;
    settings.backoff_ms = 1;
    settings.org_hosts.loopback = true;
    struct client *client = client_new(&settings);
    call_init(&call, NULL, &front);
    call.client = client;
    call.deadline_ms = clock_ms() + LIMIT_ORG_MARGIN_MS + 300;
    copy_text(call.org.session.url, sizeof call.org.session.url, "http://127.0.0.1:1");
    copy_text(call.org.session.token, sizeof call.org.session.token, "t");
    copy_text(call.org.session.api_version, sizeof call.org.session.api_version, "62.0");
    if (!run(&call, data[0], &err))
        check_error(&call, &err);
    call_fini(&call);
    client_free(client);
    return 0;
}
