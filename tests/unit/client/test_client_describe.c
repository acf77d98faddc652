/* test_client_describe.c - the Salesforce client: what it learns of fields, per user and for ten minutes. */
#include "tests/unit/check.h"

#include "tests/unit/client/routes.h"

/* ---- describe ---- */

#define DESCRIBE(fields) "{\"name\":\"Flight__c\",\"fields\":[" fields "],\"childRelationships\":[]}"
#define FIELD(name) "{\"name\":\"" name "\",\"type\":\"double\",\"length\":18,\"createable\":true,\"updateable\":false}"

static bool demoted; /* the first user can see B__c no longer */

/* Fields that each of two users can see; both know A__c, only the first B__c. */
static void serve_describe(void *ctx, const struct origin_request *q, struct origin_reply *r)
{
    int *describes = ctx;
    char token[80];
    origin_header(q, "Authorization", token, sizeof token);
    bool shown = strcmp(token, "Bearer first") == 0 && !demoted;
    bool first = shown || strcmp(token, "Bearer stubborn") == 0;
    if (strstr(q->target, "describe")) {
        ++*describes;
        r->body =
            first ? DESCRIBE(FIELD("Id") "," FIELD("A__c") "," FIELD("B__c")) : DESCRIBE(FIELD("Id") "," FIELD("A__c"));
    } else if (strstr(q->target, "B__c") && !shown) {
        r->status = 400;
        r->body = "[{\"errorCode\":\"INVALID_FIELD\",\"message\":\"No such column 'B__c' on entity 'Flight__c'.\"}]";
    } else {
        r->body = "{\"totalSize\":0,\"done\":true,\"records\":[]}";
    }
    r->n = strlen(r->body);
}

static void as_user(struct kit *k, const char *user, const char *token)
{
    kit_again(k, 5000);
    copy_text(k->call.org.session.user_id, sizeof k->call.org.session.user_id, user);
    copy_text(k->call.org.session.token, sizeof k->call.org.session.token, token);
}

static const char *const optional_names[] = { "A__c", "B__c", "C__c" };

static bool ask_optional(struct kit *k, struct sf_error *err)
{
    struct sf_rows *rows;
    return sf_query(act_org(&k->call), &rows, err, "SELECT Id? FROM Flight__c WHERE Id = ?",
                    sf_optional("Flight__c", optional_names, 3), sf_id("a01B0000009gSoxIAE"));
}

static void test_describe_is_per_user_and_remembered(void **state)
{
    int describes = 0;
    struct kit *k = kit_new(serve_describe, &describes);
    struct sf_error err;
    struct sf_field field;
    (void)state;
    as_user(k, "005000000000001AAA", "first");
    assert_true(sf_describe_field(act_org(&k->call), "Flight__c", "b__C", &field, &err));
    assert_string_equal(field.type, "double");
    assert_int_equal(field.length, 18);
    assert_true(field.createable);
    assert_false(field.updateable);
    assert_false(sf_describe_field(act_org(&k->call), "flight__c", "C__c", NULL, &err));
    assert_string_equal(err.code, "");
    assert_int_equal(describes, 1);
    as_user(k, "005000000000001AAA", "first"); /* another call of the same user, perhaps in another worker */
    assert_true(sf_describe_field(act_org(&k->call), "FLIGHT__C", "B__c", NULL, &err));
    assert_int_equal(describes, 1);
    as_user(k, "005000000000002AAA", "second");
    assert_false(sf_describe_field(act_org(&k->call), "Flight__c", "B__c", NULL, &err));
    assert_int_equal(describes, 2);
    /* ten minutes, not more */
    as_user(k, "005000000000001AAA", "first");
    k->age_ms = 599000;
    assert_true(sf_describe_field(act_org(&k->call), "Flight__c", "B__c", NULL, &err));
    assert_int_equal(describes, 2);
    as_user(k, "005000000000001AAA", "first");
    k->age_ms = 600000;
    assert_true(sf_describe_field(act_org(&k->call), "Flight__c", "B__c", NULL, &err));
    assert_int_equal(describes, 3);
    kit_free(k);
}

static bool cached(struct kit *k, enum act_scope scope, const char *key, const char *want)
{
    struct act_bytes value;
    return act_cache_get(&k->call, scope, key, &value, NULL) && value.n == strlen(want) &&
           memcmp(value.p, want, value.n) == 0;
}

static void put(struct kit *k, enum act_scope scope, const char *key, const char *value)
{
    act_cache_put(&k->call, scope, key, (struct act_bytes){ value, strlen(value) }, 60);
}

/* The user's id is what a caller says; only the token is proof of it. */
static void test_another_token_sees_nothing_under_the_same_user(void **state)
{
    int describes = 0;
    struct kit *k = kit_new(serve_describe, &describes);
    struct sf_error err;
    (void)state;
    as_user(k, "005000000000001AAA", "first");
    assert_true(sf_describe_field(act_org(&k->call), "Flight__c", "B__c", NULL, &err));
    put(k, ACT_SHARED_BY_USER, "report", "for the admin only");
    put(k, ACT_SHARED_BY_ORG, "report", "for the org");
    as_user(k, "005000000000001AAA", "limited");
    assert_false(cached(k, ACT_SHARED_BY_USER, "report", "for the admin only"));
    assert_true(cached(k, ACT_SHARED_BY_ORG, "report", "for the org"));
    assert_false(sf_describe_field(act_org(&k->call), "Flight__c", "B__c", NULL, &err));
    assert_int_equal(describes, 2);
    put(k, ACT_SHARED_BY_USER, "report", "planted");
    as_user(k, "005000000000001AAA", "first");
    assert_true(cached(k, ACT_SHARED_BY_USER, "report", "for the admin only"));
    /* nor another user with the same token, should there ever be one */
    as_user(k, "005000000000002AAA", "first");
    assert_false(cached(k, ACT_SHARED_BY_USER, "report", "for the admin only"));
    for (size_t i = 0; i < k->entries; i++)
        assert_null(strstr(k->cache[i].key, "first")); /* the token itself is in no key */
    kit_free(k);
}

/* A data action has neither: what it remembers for a user would be everybody's. */
static void test_nothing_is_remembered_for_nobody(void **state)
{
    struct kit *k = kit_new(NULL, NULL);
    (void)state;
    static const char *const who[][2] = { { "", "" }, { "005000000000001AAA", "" }, { "", "token" } };
    for (size_t i = 0; i < COUNT(who); i++) {
        as_user(k, who[i][0], who[i][1]);
        put(k, ACT_SHARED_BY_USER, "x", "y");
        assert_false(cached(k, ACT_SHARED_BY_USER, "x", "y"));
    }
    assert_int_equal(k->entries, 0);
    kit_free(k);
}

static void test_keys_of_the_cache_are_whole_or_not_used(void **state)
{
    struct kit *k = kit_new(NULL, NULL);
    char key[LIMIT_CACHE_KEY];
    (void)state;
    /* scope, org, owner, action and what is between them, and the NUL */
    size_t room = LIMIT_CACHE_KEY - 1 - strlen("2|00D000000000001AAA||test|") - (CACHE_OWNER - 1);
    memset(key, 'k', sizeof key);
    key[room] = '\0';
    put(k, ACT_SHARED_BY_USER, key, "longest");
    assert_true(cached(k, ACT_SHARED_BY_USER, key, "longest"));
    assert_true(room >= 180);
    key[room] = 'k';
    key[room + 1] = '\0';
    put(k, ACT_SHARED_BY_USER, key, "too long");
    assert_false(cached(k, ACT_SHARED_BY_USER, key, "too long"));
    assert_false(cached(k, ACT_SHARED_BY_USER, key, "longest"));
    kit_free(k);
}

static void test_optional_fields_and_a_lost_permission(void **state)
{
    int describes = 0;
    struct kit *k = kit_new(serve_describe, &describes);
    struct sf_error err;
    (void)state;
    as_user(k, "005000000000001AAA", "first");
    assert_true(ask_optional(k, &err));
    assert_int_equal(k->server->requests, 2); /* describe, query */
    /* the same user, but the permission for B__c was taken away meanwhile */
    demoted = true;
    as_user(k, "005000000000001AAA", "first");
    assert_true(ask_optional(k, &err));
    assert_int_equal(k->server->requests, 5); /* refused with B__c, described anew, asked with A__c */
    assert_int_equal(describes, 2);
    as_user(k, "005000000000001AAA", "first");
    assert_true(ask_optional(k, &err)); /* and that is remembered */
    assert_int_equal(describes, 2);
    assert_int_equal(k->server->requests, 6);
    /* an org that describes a field and refuses it all the same: without any */
    as_user(k, "005000000000003AAA", "stubborn");
    assert_true(ask_optional(k, &err));
    assert_int_equal(k->server->requests, 10); /* describe, refused, describe, asked without */
    demoted = false;
    kit_free(k);
}

static void test_a_required_field_that_is_missing(void **state)
{
    int describes = 0;
    struct kit *k = kit_new(serve_describe, &describes);
    struct sf_error err;
    struct sf_rows *rows;
    (void)state;
    as_user(k, "005000000000002AAA", "second");
    assert_false(sf_query(act_org(&k->call), &rows, &err, "SELECT B__c? FROM Flight__c",
                          sf_optional("Flight__c", optional_names, 1)));
    assert_string_equal(err.code, "INVALID_FIELD");
    assert_int_equal(k->server->requests, 4); /* describe, query, describe, once more without A__c */
    assert_false(sf_query(act_org(&k->call), &rows, &err, "SELECT B__c FROM Flight__c"));
    assert_int_equal(k->server->requests, 5); /* no optional field, no repeat */
    assert_int_equal(act_org_failed(&k->call, &err), ACT_REFUSED);
    assert_int_equal(k->call.refusal.status, 403);
    kit_free(k);
}

static void test_describe_of_the_widest_object(void **state)
{
    struct buf text;
    struct route table[] = { { "GET", BASE "sobjects/Wide__c/describe", 200, NULL, NULL } };
    struct routes routes = { .v = table, .n = 1 };
    struct kit *k = kit_new(serve, &routes);
    struct sf_error err;
    (void)state;
    buf_init(&text, 1 << 20);
    buf_str(&text, "{\"fields\":[");
    for (int i = 0; i < 900; i++)
        buf_fmt(&text,
                "%s{\"name\":\"namespace_name_15__Field_with_a_long_name_of_forty_chars_%04d__c\",\"type\":"
                "\"multipicklist\",\"length\":4099,"
                "\"createable\":true,\"updateable\":true,\"label\":\"x\"}",
                i ? "," : "", i);
    buf_str(&text, "]}");
    table[0].body = text.p;
    assert_true(sf_describe_field(act_org(&k->call), "Wide__c",
                                  "namespace_name_15__Field_with_a_long_name_of_forty_chars_0899__c", NULL, &err));
    assert_true(sf_describe_field(act_org(&k->call), "Wide__c",
                                  "namespace_name_15__Field_with_a_long_name_of_forty_chars_0000__c", NULL, &err));
    assert_int_equal(k->server->requests, 1); /* at least within the call, even if it were too wide for the cache */
    table[0].body = "{\"fields\":[{\"name\":\"A\"";
    assert_false(sf_describe_field(act_org(&k->call), "Wide2__c", "A", NULL, &err));
    table[0].target = BASE "sobjects/Wide3__c/describe";
    assert_false(sf_describe_field(act_org(&k->call), "Wide3__c", "A", NULL, &err));
    assert_string_equal(err.code, "BAD_REPLY");
    buf_free(&text);
    kit_free(k);
    routes_free(&routes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_describe_is_per_user_and_remembered),
        cmocka_unit_test(test_another_token_sees_nothing_under_the_same_user),
        cmocka_unit_test(test_nothing_is_remembered_for_nobody),
        cmocka_unit_test(test_keys_of_the_cache_are_whole_or_not_used),
        cmocka_unit_test(test_optional_fields_and_a_lost_permission),
        cmocka_unit_test(test_a_required_field_that_is_missing),
        cmocka_unit_test(test_describe_of_the_widest_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
