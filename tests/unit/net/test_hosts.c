/* test_hosts.c - the allow-list of hosts, and the addresses behind names. */
#include "tests/unit/check.h"

#include <arpa/inet.h>

#include "runtime/net/hosts.h"

static struct hosts list(const char *text, bool loopback)
{
    struct hosts h;
    char why[160] = "";
    if (!hosts_parse(&h, text, loopback, why, sizeof why))
        fail_msg("%s", why);
    return h;
}

static void test_allowed_urls(void **state)
{
    static const char *const good[][2] = {
        { "https://example.my.salesforce.com", "https://example.my.salesforce.com" },
        { "https://example.my.salesforce.com/", "https://example.my.salesforce.com" },
        { "https://Example.MY.salesforce.com:443/a/b?c=d%20e", "https://example.my.salesforce.com" },
        { "HTTPS://a--b.sandbox.my.salesforce.com", "https://a--b.sandbox.my.salesforce.com" },
        { "https://api.example.com/v1/x@y", "https://api.example.com" },
    };
    struct hosts h = list("*.my.salesforce.com, API.example.com", false);
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct hosts_match m;
        if (!hosts_allow(&h, good[i][0], &m))
            fail_msg("refused %s", good[i][0]);
        assert_string_equal(m.origin, good[i][1]);
        assert_false(m.loopback);
    }
}

static void test_refused_urls(void **state)
{
    static const char *const bad[] = {
        "",
        "https://",
        "https:example.my.salesforce.com",
        "example.my.salesforce.com",
        "http://example.my.salesforce.com/",
        "https://my.salesforce.com/",
        "https://evilmy.salesforce.com/",
        "https://xmy.salesforce.com/",
        "https://example.my.salesforce.com./",
        "https://.my.salesforce.com/",
        "https://a..my.salesforce.com/",
        "https://-a.my.salesforce.com/",
        "https://a-.my.salesforce.com/",
        "https://a_b.my.salesforce.com/",
        "https://user@example.my.salesforce.com/",
        "https://user:pw@example.my.salesforce.com/",
        "https://@example.my.salesforce.com/",
        "https://example.my.salesforce.com:",
        "https://example.my.salesforce.com:0/",
        "https://example.my.salesforce.com:8443/",
        "https://example.my.salesforce.com:443:443/",
        "https://example.my.salesforce.com:00443/x y",
        "https://example.my.salesforce.com/a#b",
        "https://example.my.salesforce.com/a/../b",
        "https://example.my.salesforce.com/./b",
        "https://example.my.salesforce.com/%2e%2E/b",
        "https://example.my.salesforce.com/.%2e",
        "https://example.my.salesforce.com\t/",
        "https://example.my.salesforce.com/\n",
        "https://xn--e-fga.my.salesforce.com/",
        "https://sub.api.example.com/",
        "https://1.2.3.4/",
        "https://[2001:db8::1]/",
        "https://127.0.0.1/",
        "https://localhost/",
    };
    struct hosts h = list("*.my.salesforce.com,api.example.com", true);
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (hosts_allow(&h, bad[i], NULL))
            fail_msg("allowed %s", bad[i]);
    assert_false(hosts_allow(&h, NULL, NULL));
}

static void test_origin_has_no_path(void **state)
{
    struct hosts h = list("*.my.salesforce.com", false);
    (void)state;
    assert_true(hosts_allow_origin(&h, "https://a.my.salesforce.com", NULL));
    assert_true(hosts_allow_origin(&h, "https://a.my.salesforce.com/", NULL));
    assert_false(hosts_allow_origin(&h, "https://a.my.salesforce.com/x", NULL));
    assert_false(hosts_allow_origin(&h, "https://a.my.salesforce.com?x", NULL));
}

static void test_loopback_only_with_the_flag(void **state)
{
    static const char *const local[] = { "http://127.0.0.1:8080", "http://127.255.0.9", "http://localhost:1",
                                         "http://[::1]:99/x" };
    static const char *const other[] = {
        "http://127.1:80",   "http://0x7f000001",          "http://2130706433", "http://0177.0.0.1",
        "http://localhost.", "http://[::ffff:127.0.0.1]",  "http://0.0.0.0",    "http://[::]",
        "http://128.0.0.1",  "http://localhost.evil.test", "http://[::1",       "http://127.0.0.1@evil.test/"
    };
    struct hosts with = list("", true), without = list("", false);
    struct hosts_match m;
    (void)state;
    for (size_t i = 0; i < COUNT(local); i++) {
        if (!hosts_allow(&with, local[i], &m))
            fail_msg("refused %s", local[i]);
        assert_true(m.loopback);
        assert_false(hosts_allow(&without, local[i], NULL));
    }
    for (size_t i = 0; i < COUNT(other); i++)
        if (hosts_allow(&with, other[i], NULL))
            fail_msg("allowed %s", other[i]);
    assert_true(hosts_allow(&with, "http://127.0.0.1:8080/a", &m));
    assert_string_equal(m.origin, "http://127.0.0.1:8080");
}

static void test_patterns(void **state)
{
    static const char *const bad[] = { "*",
                                       "*.",
                                       "*.com",
                                       "a.*.com",
                                       "*.*.example.com",
                                       "https://a.com",
                                       "a.com/x",
                                       "a.com:443",
                                       "1.2.3.4",
                                       "a b.com",
                                       "a.com.",
                                       "*my.salesforce.com",
                                       "a..b",
                                       "[::1]",
                                       "caf\xc3\xa9.example.com" };
    struct hosts h = { .n = 7 };
    char why[160], many[33 * 8 + 1] = "";
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        why[0] = '\0';
        if (hosts_parse(&h, bad[i], false, why, sizeof why))
            fail_msg("took %s", bad[i]);
        assert_true(why[0] != '\0');
    }
    assert_int_equal(h.n, 7); /* untouched */
    for (int i = 0; i < 32; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "h%d.de,", i);
    assert_true(hosts_parse(&h, many, false, why, sizeof why));
    assert_int_equal(h.n, 32);
    snprintf(many + strlen(many), sizeof many - strlen(many), "h32.de");
    assert_false(hosts_parse(&h, many, false, why, sizeof why));
    assert_true(hosts_parse(&h, NULL, false, why, sizeof why));
    assert_int_equal(h.n, 0);
}

static bool address(const char *text, bool loopback)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return hosts_address_ok((struct sockaddr *)&in, loopback);
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return hosts_address_ok((struct sockaddr *)&in6, loopback);
}

static void test_addresses(void **state)
{
    static const char *const open[] = { "8.8.8.8",         "9.255.255.255",   "11.0.0.0",         "100.63.255.255",
                                        "100.128.0.0",     "126.255.255.255", "128.0.0.0",        "169.253.255.255",
                                        "169.255.0.0",     "172.15.255.255",  "172.32.0.0",       "192.167.255.255",
                                        "192.169.0.0",     "198.17.255.255",  "198.20.0.0",       "223.255.255.255",
                                        "2606:4700::1111", "2a00:1450::1",    "64:ff9b::8.8.8.8", "2002:808:808::1",
                                        "2001:4860::8888" };
    static const char *const shut[] = {
        "0.0.0.0",     "10.0.0.0",        "10.255.255.255",   "100.64.0.0",      "100.127.255.255",
        "127.0.0.1",   "169.254.169.254", "172.16.0.0",       "172.31.255.255",  "192.0.0.1",
        "192.0.2.1",   "192.168.0.1",     "198.18.0.0",       "198.19.255.255",  "198.51.100.7",
        "203.0.113.9", "224.0.0.1",       "240.0.0.1",        "255.255.255.255", "::",
        "::1",         "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1",  "2002:a00:1::1",
        "2001::1",     "2001:db8::1",     "fc00::1",          "fd00:ec2::254",   "fe80::1",
        "ff02::1",     "fec0::1",         "::127.0.0.1",      "100::1"
    };
    (void)state;
    for (size_t i = 0; i < COUNT(open); i++) {
        if (!address(open[i], false))
            fail_msg("refused %s", open[i]);
        assert_false(address(open[i], true)); /* a loopback name must not leave the machine */
    }
    for (size_t i = 0; i < COUNT(shut); i++)
        if (address(shut[i], false))
            fail_msg("allowed %s", shut[i]);
    assert_true(address("127.0.0.1", true));
    assert_true(address("127.9.9.9", true));
    assert_true(address("::1", true));
    assert_false(address("::ffff:127.0.0.1", true));
    struct sockaddr unix_socket = { .sa_family = AF_UNIX };
    assert_false(hosts_address_ok(&unix_socket, true));
}

/* The three lines about redirects and DNS are cases of test_client, where there is a server. */
static void test_url_literals(void **state)
{
    char path[512], line[512];
    const char *data = getenv("SHARED_DATA");
    struct hosts h = list("*.my.salesforce.com", false);
    int refused = 0;
    (void)state;
    snprintf(path, sizeof path, "%s/security/ssrf/url-literals.txt", data ? data : "../shared/data");
    FILE *f = fopen(path, "r");
    if (!f) {
        print_message("skipped: no file %s\n", path);
        skip();
    }
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        if (!line[0] || line[0] == '#' || strncmp(line, "redirect:", 9) == 0 || strncmp(line, "dns:", 4) == 0)
            continue;
        if (hosts_allow(&h, line, NULL) || hosts_allow_origin(&h, line, NULL))
            fail_msg("allowed %s", line);
        refused++;
    }
    fclose(f);
    assert_int_equal(refused, 34);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allowed_urls),       cmocka_unit_test(test_refused_urls),
        cmocka_unit_test(test_origin_has_no_path), cmocka_unit_test(test_loopback_only_with_the_flag),
        cmocka_unit_test(test_patterns),           cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_url_literals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
