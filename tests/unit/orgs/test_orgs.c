/* test_orgs.c - cursors: whose they are, how old they may be, that no changed byte passes; who may use which
 * connection; requests that go out together. */
#include "tests/unit/check.h"

#include "tests/client_kit.h"

enum { DAY_S = 24 * 3600 };

/* ---- cursors ---- */

static json_t *state_of(void)
{
    return json_pack("{s:s, s:[s, n], s:i}", "q", "\xc3\x9c\"'", "s", "a", "t", 17);
}

static char *made(struct kit *k)
{
    json_t *state = state_of();
    char *text = act_cursor_make(&k->call, state);
    json_decref(state);
    assert_non_null(text);
    return strdup(text);
}

static bool reads(struct kit *k, const char *text, int max_age_s, char why[200])
{
    json_t *want = state_of(), *got = act_cursor_read(&k->call, text, max_age_s, why, 200);
    if (got)
        assert_true(json_equal(want, got));
    json_decref(want);
    json_decref(got);
    return got != NULL;
}

static void a_cursor_leads_back_and_not_for_ever(void **state)
{
    (void)state;
    struct kit *k = kit_new(NULL, NULL);
    char why[200];
    k->call.now = 1795000000;
    char *text = made(k);
    assert_true(reads(k, text, DAY_S, why));
    k->call.now += DAY_S;
    assert_true(reads(k, text, DAY_S, why));
    k->call.now++;
    assert_false(reads(k, text, DAY_S, why));
    assert_non_null(strstr(why, "too old"));
    k->call.now -= 2 * DAY_S; /* made in the future: nobody's but a forger's */
    assert_false(reads(k, text, DAY_S, why));
    free(text);
    kit_free(k);
}

static void a_cursor_is_its_owners(void **state)
{
    (void)state;
    struct kit *k = kit_new(NULL, NULL);
    char why[200];
    char *text = made(k);
    copy_text(k->call.org.session.user_id, sizeof k->call.org.session.user_id, "005000000000002AAA");
    assert_false(reads(k, text, DAY_S, why));
    assert_non_null(strstr(why, "another"));
    kit_again(k, 1000);
    assert_true(reads(k, text, DAY_S, why));
    copy_text(k->call.org.session.id, sizeof k->call.org.session.id, "00D000000000009AAA");
    assert_false(reads(k, text, DAY_S, why));
    kit_again(k, 1000);
    k->declaration.operation_id = "other";
    assert_false(reads(k, text, DAY_S, why));
    free(text);
    kit_free(k);
}

static void no_changed_byte_passes(void **state)
{
    (void)state;
    struct kit *k = kit_new(NULL, NULL);
    char why[200];
    char *text = made(k);
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) {
        char was = text[i];
        text[i] = was == 'A' ? 'B' : 'A';
        if (reads(k, text, DAY_S, why))
            fail_msg("a change at %zu of %zu passes", i, n);
        text[i] = was;
    }
    for (size_t i = 0; i < n; i++) {
        char was = text[i];
        text[i] = '\0';
        assert_false(reads(k, text, DAY_S, why));
        text[i] = was;
    }
    assert_true(reads(k, text, DAY_S, why));
    assert_false(reads(k, "", DAY_S, why));
    assert_false(reads(k, "=====", DAY_S, why));
    free(text);
    kit_free(k);
}

/* ---- connections ---- */

static const struct span_list connections = { .v = { { "north", 5 }, { "south", 5 } }, .n = 2 };
static const struct span_list callers = { .v = { { "00D000000000001", 15 } }, .n = 1 };

static struct kit *kit_of(const struct span_list *allowed)
{
    struct kit *k = kit_new(NULL, NULL);
    struct client_settings s = { .connections = &connections, .connections_callers = allowed };
    char why[80];
    assert_true(hosts_parse(&s.org_hosts, "*.my.salesforce.com", true, why, sizeof why));
    client_free(k->client);
    k->call.client = k->client = client_new(&s);
    assert_non_null(k->client);
    return k;
}

static void who_may_use_all(void **state)
{
    (void)state;
    const char *const *names;
    struct sf_error err;
    struct kit *k = kit_of(&callers);
    k->tokens[0] = "T";
    assert_true(act_connections_all(&k->call)); /* the id has 15 characters in one place, 18 in the other */
    assert_int_equal(act_connections(&k->call, &names), 2);
    assert_string_equal(names[1], "south");
    assert_non_null(act_connection(&k->call, "north", &err));
    assert_null(act_connection(&k->call, "east", &err));
    assert_string_equal(err.code, "unknown_connection");
    assert_true(err.from_host);
    kit_free(k);
}

static void anybody_else_has_his_own_org(void **state)
{
    (void)state;
    const char *const *names;
    struct sf_error err;
    struct kit *k = kit_of(NULL);
    k->tokens[0] = "T";
    assert_false(act_connections_all(&k->call));
    assert_int_equal(act_connections(&k->call, &names), 0);
    assert_null(act_connection(&k->call, "north", &err)); /* leads to 00D000000000002AAA */
    assert_string_equal(err.code, "connection_not_allowed");
    assert_null(act_connection(&k->call, "east", &err));
    assert_string_equal(err.code, "connection_not_allowed");
    assert_ptr_equal(act_connection(&k->call, ACT_OWN_ORG, &err), act_org(&k->call));
    kit_again(k, 1000);
    k->authorizations = 0;
    copy_text(k->call.org.session.id, sizeof k->call.org.session.id, "00D000000000002AAA");
    assert_ptr_equal(act_connection(&k->call, "north", &err), act_org(&k->call)); /* as himself */
    kit_again(k, 1000);
    k->authorizations = 1; /* the add-on knows it no longer: that is not told */
    assert_null(act_connection(&k->call, "north", &err));
    assert_string_equal(err.code, "connection_not_allowed");
    kit_free(k);
}

static void a_page_may_use_all_and_has_no_org(void **state)
{
    (void)state;
    struct sf_error err;
    struct kit *k = kit_of(NULL);
    k->tokens[0] = "T";
    k->call.page = true;
    memset(&k->call.org.session, 0, sizeof k->call.org.session);
    assert_true(act_connections_all(&k->call));
    assert_non_null(act_connection(&k->call, "south", &err));
    assert_null(act_connection(&k->call, ACT_OWN_ORG, &err));
    assert_string_equal(err.code, "unknown_connection");
    kit_free(k);
}

/* ---- together ---- */

/* Answers by what the path says: 200, 404, an answer that takes long, one that is cut. */
static void by_path(void *ctx, const struct origin_request *q, struct origin_reply *r)
{
    (void)ctx;
    r->status = strstr(q->target, "missing") ? 404 : 200;
    r->delay_ms = strstr(q->target, "slow") ? 5000 : 0;
    const char *body = strstr(q->target, "text") ? "no JSON" : "{\"a\":0}";
    r->body = body;
    r->n = strlen(body);
}

static void one_that_fails_keeps_no_other(void **state)
{
    (void)state;
    struct kit *k = kit_new(by_path, NULL);
    struct sf_org *org = act_org(&k->call);
    struct sf_ask asks[] = { { .org = org, .path = "good/1" },
                             { .org = org, .path = "missing" },
                             { .org = org, .path = "slow" },
                             { .org = org, .path = "text" },
                             { .org = org, .path = "good/2" } };
    sf_ask_all(&k->call, asks, COUNT(asks), 400);
    assert_true(json_is_integer(json_object_get(asks[0].answer, "a"))); /* a zero is a value */
    assert_non_null(asks[4].answer);
    assert_string_equal(asks[0].err.code, "");
    assert_int_equal(asks[1].err.status, 404);
    assert_string_equal(asks[2].err.code, "TIMEOUT");
    assert_null(asks[2].answer);
    assert_null(asks[3].answer);
    assert_true(asks[3].err.code[0] != '\0');
    kit_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cursor_leads_back_and_not_for_ever),
        cmocka_unit_test(a_cursor_is_its_owners),
        cmocka_unit_test(no_changed_byte_passes),
        cmocka_unit_test(who_may_use_all),
        cmocka_unit_test(anybody_else_has_his_own_org),
        cmocka_unit_test(a_page_may_use_all_and_has_no_org),
        cmocka_unit_test(one_that_fails_keeps_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
