/*
 * test_config.c - the settings as they are read: which attachment of the add-on is used (always URL and token of one
 * and the same), and what each text becomes.
 */
#include "tests/unit/declare/config_kit.h"

#include <netinet/in.h>

static void uses(const char *url, const char *token)
{
    assert_span(config.addon_url, url);
    assert_string_equal(config.addon_token, token);
}

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
    assert_int_equal(config.org_hosts.n, 1);
    assert_string_equal(config.org_hosts.pattern[0], "*.my.salesforce.com");
    assert_int_equal(config.fetch_hosts.n, 0);
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
    assert_memory_equal(&config.org_hosts, &plain.org_hosts, sizeof plain.org_hosts);
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
    config_forget(&config, OWNER_WORKERS_NONE);
    for (size_t i = 0; i < COUNT(gone); i++) {
        assert_null(getenv(gone[i]));
        assert_string_equal(values[i], ""); /* the memory was overwritten, too */
    }
    assert_string_equal(getenv("SHIPPING_TOKEN"), "an-actions-own");
    assert_non_null(getenv("HEROKU_APP_ID"));
    assert_null(config.addon_token);
    assert_null(config.metrics_token);
    assert_int_equal(config.addon_url.n, 0);
}

static void the_addons_url_has_no_slash_at_its_end(void **state)
{
    (void)state;
    static const char *const rows[][2] = { { "https://a.example/addons/1", "https://a.example/addons/1" },
                                           { "https://a.example/addons/1/", "https://a.example/addons/1" },
                                           { "https://a.example/addons/1///", "https://a.example/addons/1" },
                                           { "https://a.example", "https://a.example" } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(LOAD("HEROKU_APPLINK_API_URL", rows[i][0], "HEROKU_APPLINK_TOKEN", "t"));
        uses(rows[i][1], "t");
    }
}

#define LOCAL "HEROKU_APPLINK_API_URL", "http://127.0.0.1:7070/addons/sandbox", "HEROKU_APPLINK_TOKEN", "t"

static void hosts_are_lists(void **state)
{
    (void)state;
    assert_true(LOAD(PLAIN, "ORG_HOSTS", "*.my.salesforce.com, org.example.com", "FETCH_HOSTS", "api.example.com"));
    assert_true(hosts_allow_origin(&config.org_hosts, "https://a.my.salesforce.com", NULL));
    assert_true(hosts_allow_origin(&config.org_hosts, "https://org.example.com", NULL));
    assert_false(hosts_allow_origin(&config.org_hosts, "https://api.example.com", NULL));
    assert_true(hosts_allow(&config.fetch_hosts, "https://api.example.com/rates", NULL));
    assert_false(hosts_allow(&config.fetch_hosts, "https://org.example.com/rates", NULL));
    assert_false(LOAD(PLAIN, "ORG_HOSTS", "*", "FETCH_HOSTS", "10.0.0.1"));
    says("ORG_HOSTS is \"*\": ");
    says("FETCH_HOSTS is \"10.0.0.1\": ");
    assert_int_equal(config.org_hosts.n, 0);
}

/* Plain http to loopback: while the add-on is there, and for the keys alone when their URL is. */
static void loopback_follows_the_addon(void **state)
{
    (void)state;
    static const char org[] = "http://127.0.0.1:7070";
    assert_true(LOAD(PLAIN));
    assert_false(config.loopback || config.plain_http || hosts_allow_origin(&config.org_hosts, org, NULL));
    assert_true(LOAD(LOCAL));
    assert_true(config.loopback && config.plain_http && hosts_allow_origin(&config.org_hosts, org, NULL));
    assert_true(hosts_allow(&config.fetch_hosts, "http://127.0.0.1:7070/rates", NULL));
    assert_true(LOAD(PLAIN, "APPLINK_AUTH", "addon+jwks", "APPLINK_JWKS_URL", "http://127.0.0.1:7070/id/keys",
                     "APPLINK_ISSUERS", "i", "APPLINK_AUDIENCES", "a"));
    assert_true(!config.loopback && config.plain_http && !hosts_allow_origin(&config.org_hosts, org, NULL));
}

static void issuers_and_audiences_are_lists_of_the_jwks_modes(void **state)
{
    (void)state;
    const char *const many =
        "1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,"
        "1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2";
    assert_true(LOAD(PLAIN, "APPLINK_AUTH", "addon+jwks", "APPLINK_JWKS_FILE", "keys.json", "APPLINK_ISSUERS",
                     "https://login.salesforce.com , https://a.my.salesforce.com", "APPLINK_AUDIENCES", "app"));
    assert_int_equal(config.issuers.n, 2);
    assert_span(config.issuers.v[0], "https://login.salesforce.com");
    assert_span(config.issuers.v[1], "https://a.my.salesforce.com");
    assert_int_equal(config.audiences.n, 1);
    assert_span(config.audiences.v[0], "app");
    assert_false(LOAD(PLAIN, "APPLINK_AUTH", "jwks", "APPLINK_JWKS_FILE", "keys.json", "APPLINK_ISSUERS", "a,,b",
                      "APPLINK_AUDIENCES", many));
    says("APPLINK_ISSUERS is \"a,,b\": must be a list of 1 to 64 members");
    says("APPLINK_AUDIENCES is \"1,2,3");
    assert_int_equal(config.issuers.n, 0);
    assert_false(LOAD(PLAIN, "APPLINK_AUTH", "jwks", "APPLINK_JWKS_FILE", "keys.json"));
    says("APPLINK_ISSUERS: missing");
    says("APPLINK_AUDIENCES: missing");
    assert_true(LOAD(PLAIN, "APPLINK_ISSUERS", "a,,b")); /* nobody reads them in the addon mode */
    assert_int_equal(config.issuers.n, 0);
}

static void the_sandbox_of_the_docs_page_is_an_origin(void **state)
{
    (void)state;
    static const char *const good[][2] = { { "http://127.0.0.1:7070/", "http://127.0.0.1:7070" },
                                           { "https://sandbox.example.com", "https://sandbox.example.com" },
                                           { "http://[::1]:7070", "http://[::1]:7070" } };
    static const char *const bad[] = { "127.0.0.1:7070", "ftp://127.0.0.1",     "http://",    "http:///",
                                       "http://a b",     "http://a;script-src", "http://a/b", "http://a//",
                                       "http://a'",      "javascript:alert(1)", "http://a?b" };
    char url[CONFIG_ORIGIN + 2];
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(LOAD(PLAIN, "DOCS", "on", "DOCS_SIGN_URL", good[i][0]));
        assert_span(config.docs_sign_url, good[i][1]);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (LOAD(PLAIN, "DOCS", "on", "DOCS_SIGN_URL", bad[i]))
            fail_msg("accepted %s", bad[i]);
        says("DOCS_SIGN_URL is \"");
        assert_int_equal(config.docs_sign_url.n, 0);
        assert_true(LOAD(PLAIN, "DOCS_SIGN_URL", bad[i])); /* there is no docs page */
    }
    snprintf(url, sizeof url, "https://%0*d", CONFIG_ORIGIN - 8, 0);
    assert_true(LOAD(PLAIN, "DOCS", "on", "DOCS_SIGN_URL", url));
    assert_int_equal(config.docs_sign_url.n, CONFIG_ORIGIN);
    snprintf(url, sizeof url, "https://%0*d", CONFIG_ORIGIN - 7, 0);
    assert_false(LOAD(PLAIN, "DOCS", "on", "DOCS_SIGN_URL", url));
    assert_true(LOAD(PLAIN, "DOCS", "on"));
    assert_int_equal(config.docs_sign_url.n, 0);
}

static void the_address_is_one_for_bind(void **state)
{
    (void)state;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    assert_true(LOAD(PLAIN, "PORT", "3030", "BIND", "127.0.0.2"));
    assert_int_equal(config.address_n, sizeof v4);
    memcpy(&v4, &config.address, sizeof v4);
    assert_int_equal(v4.sin_family, AF_INET);
    assert_int_equal(ntohs(v4.sin_port), 3030);
    assert_int_equal(ntohl(v4.sin_addr.s_addr), 0x7f000002);
    assert_true(LOAD(PLAIN, "BIND", "::1"));
    assert_int_equal(config.address_n, sizeof v6);
    memcpy(&v6, &config.address, sizeof v6);
    assert_int_equal(v6.sin6_family, AF_INET6);
    assert_int_equal(ntohs(v6.sin6_port), 8080);
    assert_false(LOAD(PLAIN, "BIND", "localhost"));
    says("BIND is \"localhost\": must be an address in digits");
    assert_int_equal(config.address_n, 0);
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
        cmocka_unit_test(the_addons_url_has_no_slash_at_its_end),
        cmocka_unit_test(hosts_are_lists),
        cmocka_unit_test(loopback_follows_the_addon),
        cmocka_unit_test(issuers_and_audiences_are_lists_of_the_jwks_modes),
        cmocka_unit_test(the_sandbox_of_the_docs_page_is_an_origin),
        cmocka_unit_test(the_address_is_one_for_bind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
