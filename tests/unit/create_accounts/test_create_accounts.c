/* test_create_accounts.c - sample accounts, and inputs that start no job. */
#include "actions/create_accounts/accounts.h"
#include "tests/action_kit.h"

static void samples_differ(void **state)
{
    static struct sample_account all[ACCOUNTS_MAX];
    struct sample_account again;
    (void)state;
    for (int i = 0; i < ACCOUNTS_MAX; i++) {
        sample_account(i + 1, &all[i]);
        assert_true(all[i].name[0] && all[i].city[0] && all[i].country[0]);
        assert_true(strlen(all[i].city) <= 40 && strlen(all[i].country) <= 80);
        assert_non_null(strstr(all[i].website, ".example.com"));
        if (i > 0)
            assert_string_not_equal(all[i].name, all[i - 1].name);
    }
    sample_account(17, &again);
    assert_string_equal(again.name, all[16].name);
    assert_string_equal(again.name, "Sample Amber Energy 17");
    assert_string_not_equal(all[0].name, all[160].name); /* the words come again, the number does not */
}

static void refused(const char *input, int status, const char *code, const char *field)
{
    json_t *answer;
    assert_int_equal(action_invoke("createAccounts", input, &answer), status);
    assert_string_equal(json_string_value(json_object_get(answer, "code")), code);
    if (field)
        assert_string_equal(json_string_value(json_object_get(answer, "field")), field);
    json_decref(answer);
}

static void nothing_is_started_for_nonsense(void **state)
{
    (void)state;
    refused("{\"connection\":\"own\"}", 422, "which_accounts", "/count");
    refused("{\"connection\":\"own\",\"count\":1,\"accounts\":[{\"name\":\"A\"}]}", 422, "which_accounts", "/accounts");
    refused("{\"connection\":\"own\",\"count\":1}", 403, "sample_data_off", "/count");
    refused("{\"connection\":\"own\",\"count\":0}", 422, "invalid_input", NULL);
    refused("{\"connection\":\"own\",\"count\":10001}", 422, "invalid_input", NULL);
    refused("{\"connection\":\"own\",\"accounts\":[{\"name\":\"A\"},{\"name\":\"B\",\"city\":\"#N/A\"}]}", 422,
            "unusable_value", "/accounts/1/city");
    refused("{\"connection\":\"own\",\"accounts\":[]}", 422, "invalid_input", NULL);
    refused("{\"connection\":\"a b\",\"accounts\":[{\"name\":\"A\"}]}", 422, "invalid_input", NULL);
    refused("{\"accounts\":[{\"name\":\"A\"}]}", 422, "invalid_input", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_differ),
        cmocka_unit_test(nothing_is_started_for_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
