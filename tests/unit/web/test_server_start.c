/*
 * test_server_start.c - what a start that fails says of itself: settings to mend, or a system that refuses. The files
 * were good when the settings were checked and are read again here, so they may have changed.
 */
#include "tests/unit/check.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "runtime/auth/verify.h"
#include "runtime/declare/config.h"
#include "runtime/web/server.h"

static struct declarations declarations;
static struct config config;
static struct start_fault fault;
static char path[] = "build/test_server_start.XXXXXX";

static int load(void **state)
{
    struct buf faults;
    int fd = mkstemp(path);
    (void)state;
    buf_init(&faults, 64 * 1024);
    bool ok = fd >= 0 && declarations_load(&declarations, &faults);
    if (fd >= 0)
        close(fd);
    buf_free(&faults);
    return ok ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    declarations_free(&declarations);
    return unlink(path);
}

static void write_file(const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

/* The settings, with these on top, given as NAME, value, ..., NULL. */
static void settings(const char *const *pairs)
{
    struct buf faults;
    setenv("HEROKU_APPLINK_API_URL", "https://a.example/addons/1", 1);
    setenv("HEROKU_APPLINK_TOKEN", "t", 1);
    setenv("HEROKU_APP_ID", "11111111-2222-4333-8444-555555555555", 1);
    setenv("BIND", "127.0.0.1", 1);
    setenv("PORT", "0", 1);
    unsetenv("DATA_ACTION_SECRETS_FILE");
    for (; *pairs; pairs += 2)
        setenv(pairs[0], pairs[1], 1);
    buf_init(&faults, 64 * 1024);
    if (!config_load(&config, &faults))
        fail_msg("%s", faults.p);
    buf_free(&faults);
    fault = (struct start_fault){ 0 };
}
#define SETTINGS(...) settings((const char *const[]){ __VA_ARGS__, NULL })

static void fails(int code, const char *why)
{
    assert_int_equal(fault.exit_code, code);
    if (strncmp(fault.why, why, strlen(why)) != 0)
        fail_msg("said: %s", fault.why);
}

/* The port that was bound; 0 = it did not start. */
static int start(void)
{
    const struct server_parts parts = { .config = &config, .declarations = &declarations };
    int port = 0;
    struct server *s = server_new(&parts, &port, &fault);
    assert_int_equal(s != NULL, port != 0);
    server_free(s);
    return port;
}

static void a_file_of_secrets_must_be_mended(void **state)
{
    (void)state;
    SETTINGS("DATA_ACTION_SECRETS_FILE", path);
    write_file("[]");
    assert_int_equal(start(), 0);
    fails(EX_CONFIG, "DATA_ACTION_SECRETS_FILE: data action secrets: ");
    write_file("");
    assert_int_equal(start(), 0);
    fails(EX_CONFIG, "DATA_ACTION_SECRETS_FILE: cannot be read");
    write_file("{\"00Dxx0000000000EAA/Alpha\":[\"a-secret-of-thirty-two-characters\"]}");
    assert_int_not_equal(start(), 0);
}

static void a_port_that_is_taken_is_the_systems(void **state)
{
    (void)state;
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    char port[16], why[60];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    snprintf(port, sizeof port, "%d", ntohs(a.sin_port));
    snprintf(why, sizeof why, "cannot listen on 127.0.0.1 port %s: ", port);
    SETTINGS("PORT", port);
    assert_int_equal(start(), 0);
    fails(EX_OSERR, why);
    close(fd);
    assert_int_equal(start(), ntohs(a.sin_port));
}

static void a_file_of_keys_must_be_mended(void **state)
{
    (void)state;
    SETTINGS("APPLINK_AUTH", "jwks", "APPLINK_JWKS_FILE", path, "APPLINK_ISSUERS", "i", "APPLINK_AUDIENCES", "a");
    write_file("{\"keys\":[]}");
    assert_null(verify_new(&config, NULL, &fault));
    fails(EX_CONFIG, "APPLINK_JWKS_FILE build/test_server_start.");
    write_file("");
    assert_null(verify_new(&config, NULL, &fault));
    fails(EX_CONFIG, "APPLINK_JWKS_FILE build/test_server_start.");
    assert_non_null(strstr(fault.why, ": cannot be read"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_secrets_must_be_mended),
        cmocka_unit_test(a_port_that_is_taken_is_the_systems),
        cmocka_unit_test(a_file_of_keys_must_be_mended),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
