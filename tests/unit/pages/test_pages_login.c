/* test_pages_login.c - the password of the pages: the cookie of whoever knows it, and how often one may guess. */
#include "tests/unit/check.h"

#include "runtime/pages/login.h"

static const char token[] = "a-password-of-20-char", other[] = "another-password-of-20";
enum { NOW = 1764356400, HOURS = LOGIN_HOURS * 3600 };

/* "name=value" of a Set-Cookie. */
static char *made(const char *with, int64_t now, char out[LOGIN_COOKIE])
{
    login_cookie(with, now, true, out);
    *strchr(out, ';') = '\0';
    return out;
}

static void a_cookie_is_good_for_its_hours(void **state)
{
    char c[LOGIN_COOKIE];
    (void)state;
    made(token, NOW, c);
    assert_true(login_is(token, span_of(c), NOW));
    assert_true(login_is(token, span_of(c), NOW + HOURS - 1));
    assert_false(login_is(token, span_of(c), NOW + HOURS));
    assert_false(login_is(token, span_of(c), NOW - 3600)); /* nobody has made one that lasts longer */
    assert_false(login_is(other, span_of(c), NOW));
    assert_false(login_is(token, span_of(""), NOW));
}

static void every_changed_character_is_noticed(void **state)
{
    char c[LOGIN_COOKIE];
    (void)state;
    made(token, NOW, c);
    size_t n = strlen(c);
    for (size_t i = 0; i < n; i++) {
        char was = c[i];
        c[i] = was == '1' ? '2' : '1';
        if (login_is(token, span_of(c), NOW))
            fail_msg("character %zu may be another one", i);
        c[i] = was;
    }
    for (size_t cut = 0; cut < n; cut++)
        assert_false(login_is(token, (struct span){ c, cut }, NOW));
    assert_true(login_is(token, span_of(c), NOW));
}

static void it_is_found_among_others(void **state)
{
    char c[LOGIN_COOKIE], line[3 * LOGIN_COOKIE];
    (void)state;
    made(token, NOW, c);
    snprintf(line, sizeof line, "a=b;  %s ; actionhost_page=x", c);
    assert_true(login_is(token, span_of(line), NOW));
    snprintf(line, sizeof line, "actionhost_pages=; actionhost_pages=1.2; %s", c);
    assert_true(login_is(token, span_of(line), NOW));
    snprintf(line, sizeof line, "x%s", c);
    assert_false(login_is(token, span_of(line), NOW));
}

static void it_says_how_browsers_keep_it(void **state)
{
    char c[LOGIN_COOKIE];
    (void)state;
    login_cookie(token, NOW, true, c);
    assert_non_null(strstr(c, "; Path=/; Max-Age=28800; HttpOnly; SameSite=Strict; Secure"));
    login_cookie(token, NOW, false, c);
    assert_null(strstr(c, "Secure"));
    login_cookie_end(true, c);
    assert_non_null(strstr(c, "actionhost_pages=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure"));
}

static void a_password_is_the_whole_one(void **state)
{
    (void)state;
    assert_true(login_password_is(token, span_of(token)));
    assert_false(login_password_is(token, span_of("a-password-of-20-chaR")));
    assert_false(login_password_is(token, span_of("a-password-of-20-cha")));
    assert_false(login_password_is(token, span_of("a-password-of-20-chars")));
    assert_false(login_password_is(token, span_of("")));
}

static void five_wrong_ones_a_minute(void **state)
{
    static struct login_tries t;
    (void)state;
    memset(&t, 0, sizeof t);
    for (int i = 0; i < LOGIN_TRIES; i++) {
        assert_int_equal(login_wait_s(&t, "10.0.0.1", 1000 + i), 0);
        assert_int_equal(login_left(&t, "10.0.0.1", 1000 + i), LOGIN_TRIES - i);
        login_note_wrong(&t, "10.0.0.1", 1000 + i);
    }
    assert_int_equal(login_left(&t, "10.0.0.1", 1010), 0);
    assert_int_equal(login_wait_s(&t, "10.0.0.1", 1000), 60);
    assert_int_equal(login_wait_s(&t, "10.0.0.1", 20000), 41);
    assert_int_equal(login_wait_s(&t, "10.0.0.1", 60999), 1);
    assert_int_equal(login_wait_s(&t, "10.0.0.1", 61000), 0);
    assert_int_equal(login_wait_s(&t, "10.0.0.2", 1010), 0);
}

static void sixty_of_all_together(void **state)
{
    static struct login_tries t;
    char address[LOGIN_ADDRESS];
    (void)state;
    memset(&t, 0, sizeof t);
    for (int i = 0; i < LOGIN_TRIES_OF_ALL; i++) {
        snprintf(address, sizeof address, "10.0.1.%d", i);
        assert_int_equal(login_wait_s(&t, address, 5000 + i), 0);
        login_note_wrong(&t, address, 5000 + i);
    }
    assert_int_equal(login_wait_s(&t, "10.9.9.9", 6000), 59);
    assert_int_equal(login_wait_s(&t, "10.9.9.9", 65000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cookie_is_good_for_its_hours), cmocka_unit_test(every_changed_character_is_noticed),
        cmocka_unit_test(it_is_found_among_others),       cmocka_unit_test(it_says_how_browsers_keep_it),
        cmocka_unit_test(a_password_is_the_whole_one),    cmocka_unit_test(five_wrong_ones_a_minute),
        cmocka_unit_test(sixty_of_all_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
