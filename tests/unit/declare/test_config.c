/* test_config.c - which attachment of the add-on is used: always URL and token of one and the same. */
#include "tests/unit/check.h"

#include "runtime/declare/config.h"

static struct config config;
static struct buf faults;

/* Empties the environment but for what the test runner says to cmocka. */
static void empty_environment(void)
{
    char output[32];
    copy_text(output, sizeof output, getenv("CMOCKA_MESSAGE_OUTPUT") ? getenv("CMOCKA_MESSAGE_OUTPUT") : "");
    clearenv();
    if (output[0])
        setenv("CMOCKA_MESSAGE_OUTPUT", output, 1);
}

/* Loads with nothing but these variables, given as NAME, value, ..., NULL. */
static bool load(const char *const *pairs)
{
    empty_environment();
    setenv("HEROKU_APP_ID", "11111111-2222-4333-8444-555555555555", 1);
    for (; *pairs; pairs += 2)
        setenv(pairs[0], pairs[1], 1);
    buf_free(&faults);
    buf_init(&faults, 64 * 1024);
    return config_load(&config, &faults);
}
#define LOAD(...) load((const char *const[]){ __VA_ARGS__, NULL })

static void uses(const char *url, const char *token)
{
    assert_string_equal(config.addon_url, url);
    assert_string_equal(config.addon_token, token);
}

static void says(const char *text)
{
    if (!faults.p || !strstr(faults.p, text))
        fail_msg("not said: %s, but: %s", text, faults.p ? faults.p : "nothing");
}

#define PLAIN "HEROKU_APPLINK_API_URL", "https://a.example/addons/plain", "HEROKU_APPLINK_TOKEN", "plain-token"
#define PURPLE                                                                                                         \
    "HEROKU_APPLINK_PURPLE_API_URL", "https://a.example/addons/purple", "HEROKU_APPLINK_PURPLE_TOKEN", "purple-token"

static void getAuthorization_default_attachment_name(void **state)
{
    (void)state;
    assert_true(LOAD(PLAIN, PURPLE));
    uses("https://a.example/addons/plain", "plain-token");
}

static void getAuthorization_custom_attachment_name(void **state)
{
    (void)state;
    assert_true(LOAD(PLAIN, PURPLE, "HEROKU_APPLINK_ADDON_NAME", "HEROKU_APPLINK_PURPLE"));
    uses("https://a.example/addons/purple", "purple-token");
    assert_true(LOAD(PLAIN, PURPLE, "HEROKU_APPLINK_ADDON_NAME", "purple"));
    uses("https://a.example/addons/purple", "purple-token");
}

static void getAuthorization_with_URL(void **state)
{
    (void)state;
    assert_true(LOAD(PLAIN, PURPLE, "HEROKU_APPLINK_ADDON_NAME", "HTTPS://a.example/addons/PURPLE"));
    uses("https://a.example/addons/purple", "purple-token");
    assert_false(LOAD(PLAIN, "HEROKU_APPLINK_ADDON_NAME", "https://a.example/addons/none"));
    says("Heroku Applink config not found for API URL: https://a.example/addons/none");
    assert_false(LOAD(PLAIN, "STAGING_API_URL", "https://s.example/addons/1", "HEROKU_APPLINK_ADDON_NAME",
                      "https://s.example/addons/1"));
    says("Heroku Applink token not found for API URL: https://s.example/addons/1");
}

static void resolveAddonConfig_prefix_and_exact_messages(void **state)
{
    (void)state;
    assert_true(LOAD(PLAIN, "STAGING_API_URL", "https://s.example/addons/1", "STAGING_TOKEN", "staging-token",
                     "HEROKU_APPLINK_ADDON_NAME", "staging"));
    uses("https://s.example/addons/1", "staging-token");
    assert_false(LOAD(PLAIN, "HEROKU_APPLINK_ADDON_NAME", "green"));
    says("Heroku Applink config not found under attachment or color green");
    empty_environment();
    buf_free(&faults);
    buf_init(&faults, 64 * 1024);
    assert_false(config_load(&config, &faults));
    says("Heroku Applink app UUID not found");
}

/* A token goes to its own add-on and to no other, whichever half of a pair is missing. */
static void a_pair_is_never_made_of_two_attachments(void **state)
{
    (void)state;
    assert_true(LOAD("PURPLE_API_URL", "https://other.example/x", PURPLE, "HEROKU_APPLINK_ADDON_NAME", "purple"));
    uses("https://a.example/addons/purple", "purple-token");
    assert_true(LOAD("PURPLE_TOKEN", "stray-token", PURPLE, "HEROKU_APPLINK_ADDON_NAME", "purple"));
    uses("https://a.example/addons/purple", "purple-token");
    assert_false(LOAD("PURPLE_API_URL", "https://other.example/x", "HEROKU_APPLINK_PURPLE_TOKEN", "purple-token",
                      "HEROKU_APPLINK_ADDON_NAME", "purple"));
    assert_null(config.addon_token);
    says("HEROKU_APPLINK_TOKEN");
    assert_false(LOAD("PURPLE_TOKEN", "stray-token", "HEROKU_APPLINK_PURPLE_API_URL", "https://a.example/addons/purple",
                      "HEROKU_APPLINK_ADDON_NAME", "purple"));
    assert_null(config.addon_token);
}

/* The mesh reads a file; here the environment is all there is, and what the file could switch off cannot be. */
static void Test_GetConfigDefaults_and_Test_YamlConfigFileDoesNotExist(void **state)
{
    (void)state;
    assert_true(LOAD(PLAIN));
    assert_int_equal(config.port, 8080);
    assert_string_equal(config.bind, "0.0.0.0");
    assert_int_equal(config.auth, AUTH_ADDON);
    assert_string_equal(config.org_hosts, "*.my.salesforce.com");
    assert_false(config.docs);
    assert_null(config.metrics_token);
}

static void Test_InitYamlConfigOverrides(void **state)
{
    (void)state;
    assert_true(LOAD(PLAIN, "PORT", "3030", "BIND", "127.0.0.1", "APPLINK_AUTH", "addon", "DOCS", "on"));
    assert_int_equal(config.port, 3030);
    assert_string_equal(config.bind, "127.0.0.1");
    assert_true(config.docs);
}

static void Test_InvalidYamlConfig(void **state)
{
    (void)state;
    assert_false(LOAD(PLAIN, "DOCS", "True", "PORT", "3030a", "APPLINK_AUTH", "none"));
    says("DOCS");
    says("PORT");
    says("APPLINK_AUTH");
}

static void Test_InitYamlConfig_bypass_routes_are_no_setting(void **state)
{
    (void)state;
    assert_true(LOAD(PLAIN));
    const struct config plain = config;
    assert_true(LOAD(PLAIN, "HEROKU_APPLINK_SERVICE_MESH_BYPASS_ALL_ROUTES", "true",
                     "HEROKU_INTEGRATION_SERVICE_MESH_BYPASS_ALL_ROUTES", "true",
                     "HEROKU_APPLINK_SERVICE_MESH_ACKNOWLEDGE_RISK_BYPASS", "true", "APP_PORT", "3000"));
    assert_int_equal(config.port, plain.port);
    assert_int_equal(config.auth, plain.auth);
    assert_string_equal(config.org_hosts, plain.org_hosts);
}

/* What a worker is started with. */
static void secrets_are_forgotten_and_settings_are_not(void **state)
{
    (void)state;
    assert_true(LOAD(PLAIN, PURPLE, "STAGING_API_URL", "https://s.example/addons/1", "STAGING_TOKEN", "staging-token",
                     "METRICS_TOKEN", "metrics-token", "SHIPPING_TOKEN", "an-actions-own"));
    const char *const gone[] = { "HEROKU_APPLINK_API_URL",
                                 "HEROKU_APPLINK_TOKEN",
                                 "HEROKU_APPLINK_PURPLE_API_URL",
                                 "HEROKU_APPLINK_PURPLE_TOKEN",
                                 "STAGING_API_URL",
                                 "STAGING_TOKEN",
                                 "METRICS_TOKEN" };
    const char *values[COUNT(gone)];
    for (size_t i = 0; i < COUNT(gone); i++)
        values[i] = getenv(gone[i]);
    config_forget_secrets(&config);
    for (size_t i = 0; i < COUNT(gone); i++) {
        assert_null(getenv(gone[i]));
        assert_string_equal(values[i], ""); /* the memory was overwritten, too */
    }
    assert_string_equal(getenv("SHIPPING_TOKEN"), "an-actions-own");
    assert_non_null(getenv("HEROKU_APP_ID"));
    assert_null(config.addon_token);
    assert_null(config.metrics_token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(getAuthorization_default_attachment_name),
        cmocka_unit_test(getAuthorization_custom_attachment_name),
        cmocka_unit_test(getAuthorization_with_URL),
        cmocka_unit_test(resolveAddonConfig_prefix_and_exact_messages),
        cmocka_unit_test(a_pair_is_never_made_of_two_attachments),
        cmocka_unit_test(Test_GetConfigDefaults_and_Test_YamlConfigFileDoesNotExist),
        cmocka_unit_test(Test_InitYamlConfigOverrides),
        cmocka_unit_test(Test_InvalidYamlConfig),
        cmocka_unit_test(Test_InitYamlConfig_bypass_routes_are_no_setting),
        cmocka_unit_test(secrets_are_forgotten_and_settings_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
