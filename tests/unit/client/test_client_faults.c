/*
 * test_client_faults.c - scripted failures of an org, from tests/cases/faults.json: what the client does about each, to
 * the exact number of requests, and what the caller is told in the end.
 */
#include "tests/unit/check.h"

#include "runtime/base/encoding.h"
#include "tests/client_kit.h"

struct script {
    const json_t *answers;
    const char *call;
};

/* What the org answers when all is well. */
static const char *good_answer(const char *call, int *status)
{
    static const char *const saved = "{\"id\":\"001B000001LntWlIAJ\",\"success\":true,\"errors\":[]}";
    *status = strcmp(call, "create") == 0 || strcmp(call, "upsert") == 0 ? 201 : 200;
    if (*status == 201)
        return saved;
    if (strcmp(call, "delete") == 0 || strcmp(call, "update") == 0) {
        *status = 204;
        return "";
    }
    if (strcmp(call, "query") == 0)
        return "{\"totalSize\":1,\"done\":true,\"records\":[{\"Id\":\"001B000001LntWlIAJ\"}]}";
    return "bytes";
}

static void answer(void *ctx, const struct origin_request *q, struct origin_reply *r)
{
    const struct script *s = ctx;
    static char headers[200];
    size_t n = json_array_size(s->answers), at = (size_t)q->number - 1;
    const json_t *a = json_array_get(s->answers, at < n ? at : n - 1);
    const char *body = json_string_value(json_object_get(a, "body"));
    const json_t *cut = json_object_get(a, "cutAt"), *wait = json_object_get(a, "retryAfter");
    const char *extra = json_string_value(json_object_get(a, "headers"));
    r->status = (int)json_integer_value(json_object_get(a, "status"));
    if (json_is_true(json_object_get(a, "good")))
        body = good_answer(s->call, &r->status);
    r->body = body ? body : "";
    r->n = strlen(r->body);
    r->type = json_string_value(json_object_get(a, "type"));
    r->delay_ms = (int)json_integer_value(json_object_get(a, "delayMs"));
    r->cut_at = cut ? (long)json_integer_value(cut) : -1;
    r->reset = json_is_true(json_object_get(a, "reset"));
    r->raw = json_is_true(json_object_get(a, "raw"));
    snprintf(headers, sizeof headers, "Sforce-Limit-Info: api-usage=7/100\r\n%s", extra ? extra : "");
    if (wait)
        snprintf(headers + strlen(headers), sizeof headers - strlen(headers), "Retry-After: %d\r\n",
                 (int)json_integer_value(wait));
    r->headers = headers;
}

static bool call_query(struct sf_org *org, struct sf_error *err)
{
    struct sf_rows *rows;
    if (!sf_query(org, &rows, err, "SELECT Id FROM Account"))
        return false;
    while (sf_next(rows, err))
        ;
    return err->code[0] == '\0';
}

static bool call_org(struct sf_org *org, const char *call, struct sf_error *err)
{
    char id[SF_ID_SIZE];
    static const char *const account = "001B000001LntWlIAJ";
    struct act_bytes data;
    json_t *fields = json_pack("{s:s}", "Name", "x");
    bool ok = false;
    if (strcmp(call, "query") == 0)
        ok = call_query(org, err);
    else if (strcmp(call, "create") == 0)
        ok = sf_create(org, "Account", fields, id, err);
    else if (strcmp(call, "update") == 0)
        ok = sf_update(org, "Account", account, fields, err);
    else if (strcmp(call, "upsert") == 0)
        ok = sf_upsert(org, "Account", "Key__c", "k", fields, id, NULL, err);
    else if (strcmp(call, "delete") == 0)
        ok = sf_delete(org, "Account", account, err);
    else if (strcmp(call, "download") == 0)
        ok = sf_download(org, "ContentVersion", account, "VersionData", 1000, &data, err);
    else if (strcmp(call, "unit") == 0) {
        struct sf_unit *unit = sf_unit_new(org);
        (void)sf_unit_create(unit, "Account", fields);
        ok = sf_unit_commit(unit, err);
    } else
        fail_msg("no such call: %s", call);
    json_decref(fields);
    return ok;
}

#define same(what, is, want)                                                                                           \
    do {                                                                                                               \
        if ((is) != (want))                                                                                            \
            fail_msg("%s: " what " %lld instead of %lld (%s)", name, (long long)(is), (long long)(want), err.code);    \
    } while (0)

static int64_t number(const json_t *o, const char *key, int64_t missing)
{
    const json_t *v = json_object_get(o, key);
    return json_is_boolean(v) ? json_is_true(v) : v ? json_integer_value(v) : missing;
}

static void check_failure(const char *name, struct act_call *call, const struct sf_error *e, const json_t *want)
{
    struct sf_error err = *e;
    if (strcmp(err.code, json_string_value(json_object_get(want, "code"))) != 0)
        fail_msg("%s: code %s, %s", name, err.code, err.message);
    assert_true(err.message[0] != '\0');
    same("status", err.status, number(want, "status", 0));
    same("retryable", err.retryable, number(want, "retryable", err.retryable));
    same("outcome_unknown", err.outcome_unknown, number(want, "outcomeUnknown", false));
    same("retry_after_s", err.retry_after_s, number(want, "retryAfterSeconds", err.retry_after_s));
    assert_int_equal(act_org_failed(call, &err), ACT_REFUSED);
    same("the caller's status", call->refusal.status, number(want, "answer", 0));
    assert_true(call->refusal.code[0] >= 'a' && call->refusal.message[0]);
    assert_true(utf8_valid(span_of(call->refusal.message)));
    if (err.outcome_unknown)
        assert_non_null(strstr(call->refusal.message, "may or may not"));
}

static void run_case(const json_t *c)
{
    const char *name = json_string_value(json_object_get(c, "name"));
    const json_t *want = json_object_get(c, "expect"), *named = json_object_get(c, "named"), *token;
    struct script script = { json_object_get(c, "answers"), json_string_value(json_object_get(c, "call")) };
    struct kit *k = kit_new(answer, &script);
    struct sf_error err = { 0 };
    size_t i;
    json_array_foreach (named, i, token)
        k->tokens[i] = json_string_value(token);
    kit_again(k, (int)number(c, "deadlineMs", 5000));
    struct sf_org *org = named ? act_authorization(&k->call, "partner", &err) : act_org(&k->call);
    assert_non_null(org);
    int64_t begun = clock_ms();
    bool ok = call_org(org, script.call, &err);
    int64_t took = clock_ms() - begun;
    same("requests", k->server->requests, number(want, "requests", -1));
    same("ok", ok, number(want, "ok", -1));
    same("authorizations", k->authorizations, number(want, "authorizations", named ? 1 : 0));
    same("took at least", took >= number(want, "atLeastMs", 0), true);
    same("took at most", took <= number(want, "withinMs", 4000), true);
    if (ok)
        assert_string_equal(err.code, "");
    else
        check_failure(name, &k->call, &err, want);
    const char *outcome = json_string_value(json_object_get(want, "orgOutcome"));
    if (outcome)
        same("org_outcome", k->call.org_outcome, strcmp(outcome, "ok") == 0 ? ORG_OK : ORG_FAULT);
    if (named)
        same("org_outcome", k->call.org_outcome, ORG_UNUSED); /* another org does not count against this one */
    same("org_calls", k->call.org_calls, k->server->requests);
    kit_free(k);
}

static void test_scripted_faults(void **state)
{
    json_error_t why;
    size_t i;
    const json_t *c;
    json_t *cases = json_load_file("tests/cases/faults.json", 0, &why);
    (void)state;
    if (!cases)
        fail_msg("tests/cases/faults.json:%d: %s", why.line, why.text);
    assert_true(json_array_size(cases) >= 40);
    json_array_foreach (cases, i, c)
        run_case(c);
    json_decref(cases);
}

static bool query_once(struct kit *k, struct sf_error *err)
{
    return call_query(act_org(&k->call), err);
}

/* A kept connection that the org closes while the next request is under way. */
static void test_dead_connection(void **state)
{
    json_t *answers = json_loads("[{\"good\":true},{\"status\":0,\"reset\":true},{\"good\":true}]", 0, NULL);
    struct script script = { answers, "create" };
    struct kit *k = kit_new(answer, &script);
    struct sf_error err;
    (void)state;
    assert_true(call_org(act_org(&k->call), "create", &err));
    assert_int_equal(k->server->connections, 1);
    /* The body has left, so the create may be done: it is not sent again, not even by libcurl. */
    assert_false(call_org(act_org(&k->call), "create", &err));
    assert_string_equal(err.code, "CONNECTION_LOST");
    assert_true(err.outcome_unknown);
    assert_int_equal(k->server->requests, 2);
    kit_free(k);
    json_decref(answers);
}

static void test_connections_are_kept(void **state)
{
    json_t *answers = json_loads("[{\"good\":true}]", 0, NULL);
    struct script script = { answers, "query" };
    struct kit *k = kit_new(answer, &script);
    struct sf_error err;
    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_true(query_once(k, &err));
        kit_again(k, 5000);
    }
    assert_int_equal(k->server->requests, 20);
    assert_int_equal(k->server->connections, 1);
    kit_free(k);
    json_decref(answers);
}

/* Nobody listens: nothing was sent, so even a create may be tried again, and its outcome is known. */
static void test_nobody_listens(void **state)
{
    struct kit *k = kit_new(NULL, NULL);
    struct sf_error err;
    (void)state;
    copy_text(k->call.org.session.url, sizeof k->call.org.session.url, "http://127.0.0.1:1");
    assert_false(call_org(act_org(&k->call), "create", &err));
    assert_string_equal(err.code, "UNREACHABLE");
    assert_false(err.outcome_unknown);
    assert_true(err.retryable);
    assert_int_equal(k->call.org_calls, LIMIT_ORG_TRIES);
    assert_int_equal(k->call.org_outcome, ORG_FAULT);
    assert_int_equal(act_org_failed(&k->call, &err), ACT_REFUSED);
    assert_int_equal(k->call.refusal.status, 503);
    assert_true(k->call.refusal.retry_after_s > 0);
    kit_free(k);
}

/* A host that takes no connection: libcurl gives up after three seconds, and there is still time for another try. */
static void test_connection_that_never_opens(void **state)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), filler[4];
    struct kit *k = kit_new(NULL, NULL);
    struct sf_error err;
    (void)state;
    assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
    assert_int_equal(listen(fd, 0), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    for (size_t i = 0; i < COUNT(filler); i++) { /* nobody accepts, so its queue is full after these */
        filler[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)!connect(filler[i], (struct sockaddr *)&a, n);
    }
    kit_again(k, 3400);
    snprintf(k->call.org.session.url, sizeof k->call.org.session.url, "http://127.0.0.1:%d", ntohs(a.sin_port));
    assert_false(call_org(act_org(&k->call), "create", &err));
    assert_int_equal(k->call.org_calls, 2);
    assert_string_equal(err.code, "TIMEOUT");
    assert_false(err.outcome_unknown); /* nothing can have been written */
    assert_true(err.retryable);
    for (size_t i = 0; i < COUNT(filler); i++)
        close(filler[i]);
    close(fd);
    kit_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scripted_faults),
        cmocka_unit_test(test_dead_connection),
        cmocka_unit_test(test_connections_are_kept),
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_connection_that_never_opens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
