/* test_org_parts.c - what requests to an org are made of: escaped text, names, keys, paths, members of a record. */
#include "tests/unit/check.h"

#include "runtime/client/client_parts.h"

static struct act_call call;

static int set_up(void **state)
{
    (void)state;
    call_init(&call, NULL, NULL);
    copy_text(call.org.session.url, sizeof call.org.session.url, "https://a.my.salesforce.com");
    copy_text(call.org.session.api_version, sizeof call.org.session.api_version, "62.0");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    call_fini(&call);
    return 0;
}

/* RFC 3986 section 2.3: letters, digits, "-", ".", "_" and "~" stand for themselves, every other byte is escaped. */
static void test_escape_every_byte(void **state)
{
    (void)state;
    for (int i = 1; i < 256; i++) {
        bool unreserved = (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z') || (i >= '0' && i <= '9') || i == '-' ||
                          i == '.' || i == '_' || i == '~';
        char text[] = { 'x', (char)i, 'y', '\0' }, want[16];
        snprintf(want, sizeof want, unreserved ? "x%cy" : "x%%%02Xy", i);
        assert_string_equal(org_escape(&call.org, text), want);
    }
    assert_string_equal(org_escape(&call.org, ""), "");
    assert_string_equal(org_escape(&call.org, "100% = \xc3\xa4/."), "100%25%20%3D%20%C3%A4%2F.");
}

static void test_names_and_keys(void **state)
{
    char long_name[82], *key = calloc(1, LIMIT_ORG_URL + 2);
    (void)state;
    memset(long_name, 'a', 81);
    long_name[81] = '\0';
    assert_false(sf_name_ok(long_name, false));
    assert_true(sf_name_ok(long_name + 1, false));
    assert_true(sf_name_ok("Account_1__c", false));
    assert_true(sf_name_ok("A__r.B__r.Name", true));
    assert_true(sf_name_ok("A.B.C.D.E.F", true));
    static const char *const bad[] = { "",   "_a",   "1a",  "a b",           "a'b",      "A.",
                                       ".A", "A..B", "A.1", "A.B.C.D.E.F.G", "a\xc3\xa4" };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(sf_name_ok(bad[i], true));
    assert_false(sf_name_ok("A.B", false));
    assert_false(sf_name_ok(NULL, true));

    assert_true(sf_key_ok("x"));
    assert_true(sf_key_ok("..."));
    assert_false(sf_key_ok(NULL));
    assert_false(sf_key_ok(""));
    assert_false(sf_key_ok("."));
    assert_false(sf_key_ok(".."));
    memset(key, 'k', LIMIT_ORG_URL);
    assert_true(sf_key_ok(key));
    key[LIMIT_ORG_URL] = 'k';
    assert_false(sf_key_ok(key));
    free(key);
}

static void test_paths(void **state)
{
    (void)state;
    assert_string_equal(org_path(&call.org, "sobjects/%s", "Account"), "/services/data/v62.0/sobjects/Account");
    assert_true(org_own_path(&call.org, "/services/data/v62.0/query/01g-2000"));
    assert_true(org_own_path(&call.org, "https://A.my.salesforce.com/services/data"));
    static const char *const bad[] = { "https://b.my.salesforce.com/services",
                                       "https://a.my.salesforce.com.evil.com/services",
                                       "https://a.my.salesforce.com@evil.com/services",
                                       "https://a.my.salesforce.com:8443/services",
                                       "https://a.my.salesforce.com",
                                       "//evil.com/services",
                                       "/services/../secur",
                                       "/services#a",
                                       "services",
                                       "" };
    for (size_t i = 0; i < COUNT(bad); i++)
        if (org_own_path(&call.org, bad[i]))
            fail_msg("let through %s", bad[i]);
}

static void test_members(void **state)
{
    json_t *record = json_loads("{\"Id\":\"1\",\"Name\":\"n\",\"ID\":\"2\",\"Ids\":3}", 0, NULL);
    (void)state;
    assert_string_equal(json_string_value(record_member(record, "id")), "2");
    assert_string_equal(json_string_value(record_member(record, "NAME")), "n");
    assert_null(record_member(record, "Nam"));
    assert_null(record_member(NULL, "id"));
    json_t *rest = record_without(&call.org, record, "iD");
    char *text = json_dumps(rest, JSON_COMPACT);
    assert_string_equal(text, "{\"Name\":\"n\",\"Ids\":3}");
    assert_int_equal(json_object_size(record), 4); /* the original is whole */
    free(text);
    json_decref(rest);
    rest = record_without(&call.org, record, NULL);
    assert_true(json_equal(rest, record));
    assert_ptr_not_equal(rest, record);
    json_decref(rest);
    assert_null(record_without(&call.org, NULL, "id"));
    json_decref(record);
}

/* ---- without memory ---- */

static jmp_buf ended;
static long allowed; /* allocations of jansson that still succeed; -1 = all */

static void *scarce(size_t n)
{
    if (allowed == 0)
        return NULL;
    allowed -= allowed > 0;
    return malloc(n);
}

static void end_call(struct act_call *of)
{
    assert_ptr_equal(of, &call);
    longjmp(ended, 1);
}

/* NULL when the call ended. */
static json_t *copy_or_end(const json_t *record)
{
    return setjmp(ended) ? NULL : record_without(&call.org, record, "field7__C");
}

static bool add_or_end(json_t *list, json_t *element)
{
    if (setjmp(ended))
        return false;
    list_add(&call.org, list, element);
    return true;
}

/* Whichever allocation fails: the call ends, or the copy is whole. A record that lacks a member is never handed out. */
static void test_copies_are_whole(void **state)
{
    enum { MEMBERS = 40, FAR = 1000 };
    json_t *record = json_object(), *list = json_array(), *copy = NULL;
    char name[20];
    long round = 0;
    size_t added = 0;
    (void)state;
    for (int i = 0; i < MEMBERS; i++) {
        snprintf(name, sizeof name, "Field%d__c", i);
        json_object_set_new(record, name, json_integer(i));
    }
    call_on_exhausted(end_call);
    json_set_alloc_funcs(scarce, free);
    for (; !copy && round < FAR; round++) {
        allowed = round;
        copy = copy_or_end(record);
    }
    allowed = 0;
    while (added < FAR && add_or_end(list, json_incref(record)))
        added++;
    json_set_alloc_funcs(malloc, free);
    assert_true(round > MEMBERS); /* each member had its turn to fail */
    assert_int_equal(json_object_size(copy), MEMBERS - 1);
    assert_true(added < FAR);
    assert_int_equal(json_array_size(list), added);
    json_decref(copy);
    json_decref(list);
    json_decref(record);
}

#define WITH_CALL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = { WITH_CALL(test_escape_every_byte), WITH_CALL(test_names_and_keys),
                                        WITH_CALL(test_paths), WITH_CALL(test_members),
                                        WITH_CALL(test_copies_are_whole) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
