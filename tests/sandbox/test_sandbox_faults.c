/* test_sandbox_faults.c - programmed faults strike when and as often as they were told; the log shows it, masked. */
#include "tests/sandbox/fixture.h"

#include "sandbox/http/calls.h"
#include "sandbox/http/faults.h"

static void program(const char *spec)
{
    struct reply rp = ask("POST", "/sandbox/faults", NULL, spec);
    if (rp.status != 200)
        fail_msg("%d for %s: %s", rp.status, spec, rp.body);
    reply_free(&rp);
}

static int clear(void **state)
{
    (void)state;
    faults_clear(box->faults);
    calls_clear(box->calls);
    return 0;
}

static void skip_and_times_are_counted(void **state)
{
    (void)state;
    program("{\"path\":\"/id/keys\",\"skip\":2,\"times\":3,\"status\":503}");
    for (int i = 0; i < 7; i++)
        assert_int_equal(ask_status("GET", "/id/keys", NULL, NULL), i >= 2 && i < 5 ? 503 : 200);
}

static void a_script_runs_in_order(void **state)
{
    static const int expected[] = { 500, 401, 401, 429, 200 };
    (void)state;
    program("[{\"path\":\"/id/keys\",\"times\":1,\"status\":500},{\"path\":\"/id/keys\",\"times\":2,\"status\":401},"
            "{\"path\":\"/id/keys\",\"times\":1,\"status\":429}]");
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_int_equal(ask_status("GET", "/id/keys", NULL, NULL), expected[i]);
}

static void only_what_matches_is_struck(void **state)
{
    (void)state;
    program("{\"path\":\"/id/\",\"method\":\"POST\",\"status\":500}");
    assert_int_equal(ask_status("GET", "/id/keys", NULL, NULL), 200);
    assert_int_equal(ask_status("POST", "/id/keys", NULL, NULL), 500);
    assert_int_equal(ask_status("POST", "/idx", NULL, NULL), 404);
    program("{\"path\":\"/id/\",\"contains\":\"x=1\",\"status\":502}");
    assert_int_equal(ask_status("GET", "/id/keys?x=1", NULL, NULL), 502);
    assert_int_equal(ask_status("GET", "/id/keys?x=2", NULL, NULL), 200);
    /* until cleared */
    for (int i = 0; i < 20; i++)
        assert_int_equal(ask_status("POST", "/id/keys", NULL, NULL), 500);
    assert_int_equal(ask_status("DELETE", "/sandbox/faults", NULL, NULL), 204);
    assert_int_equal(ask_status("GET", "/id/keys?x=1", NULL, NULL), 200);
}

static void the_body_has_the_form_of_the_place(void **state)
{
    static const struct {
        const char *path, *member, *value;
    } rows[] = {
        { ADDON "/authorizations/sandbox", "title", "Service Unavailable" },
        { "/services/oauth2/token", "error", "server_error" },
        { "/lenders/summit/quotes", "error", NULL },
    };
    int status;
    json_t *json;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char spec[128];
        snprintf(spec, sizeof spec, "{\"path\":\"%s\",\"status\":503}", rows[i].path);
        program(spec);
        json = ask_json("GET", rows[i].path, NULL, NULL, &status);
        assert_int_equal(status, 503);
        assert_non_null(json_object_get(json, rows[i].member));
        if (rows[i].value)
            assert_string_equal(text_of(json, rows[i].member), rows[i].value);
        json_decref(json);
    }
    program("[{\"path\":\"/services/data\",\"status\":401,\"times\":1},{\"path\":\"/services/data\",\"status\":500,"
            "\"errorCode\":\"UNABLE_TO_LOCK_ROW\",\"times\":1,\"headers\":{\"Retry-After\":\"7\"}}]");
    json = ask_json("GET", "/services/data/v60.0/query", NULL, NULL, &status);
    assert_int_equal(status, 401);
    assert_string_equal(text_of(json_array_get(json, 0), "errorCode"), "INVALID_SESSION_ID");
    json_decref(json);
    struct reply rp = ask("GET", "/services/data/v60.0/query", NULL, NULL);
    assert_int_equal(rp.status, 500);
    assert_string_equal(reply_get(&rp, "retry-after"), "7");
    assert_non_null(strstr(rp.body, "UNABLE_TO_LOCK_ROW"));
    reply_free(&rp);
}

static void bodies_and_types_of_ones_own(void **state)
{
    static const struct {
        const char *spec, *type, *body;
        int status;
    } rows[] = {
        { "{\"path\":\"/id\",\"times\":1,\"body\":\"<html>\",\"contentType\":\"text/html\"}", "text/html", "<html>",
          200 },
        { "{\"path\":\"/id\",\"times\":1,\"body\":{\"a\":[1]},\"status\":201}", "application/json;charset=UTF-8",
          "{\"a\":[1]}", 201 },
        { "{\"path\":\"/id\",\"times\":1,\"body\":17}", "application/json;charset=UTF-8", "17", 200 },
        { "{\"path\":\"/id\",\"times\":1,\"body\":\"\",\"status\":500}", "application/json;charset=UTF-8", "", 500 },
        { "{\"path\":\"/id\",\"times\":1,\"body\":null,\"status\":502}", NULL, NULL, 502 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reply rp;
        program(rows[i].spec);
        rp = ask("GET", "/id/keys", NULL, NULL);
        assert_int_equal(rp.status, rows[i].status);
        if (rows[i].type)
            assert_string_equal(reply_get(&rp, "Content-Type"), rows[i].type);
        if (rows[i].body)
            assert_string_equal(rp.body, rows[i].body);
        else
            assert_int_equal(rp.body_n, 0);
        reply_free(&rp);
    }
}

/* "after" does what was asked and loses the answer: the target exists afterwards. */
static void after_means_done_but_not_told(void **state)
{
    static const char *const form = "Content-Type: application/x-www-form-urlencoded";
    struct reply rp;
    int status;
    json_t *before, *token;
    (void)state;
    token = ask_json("POST", "/services/oauth2/token", form,
                     "grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-secret", &status);
    assert_int_equal(status, 200);
    char revoke[256];
    snprintf(revoke, sizeof revoke, "/services/oauth2/revoke?token=%s", text_of(token, "access_token"));
    program("{\"path\":\"/services/oauth2/revoke\",\"cut\":\"reset\",\"after\":true,\"times\":1}");
    rp = ask("GET", revoke, NULL, NULL);
    assert_int_equal(rp.cut, CUT_RESET);
    reply_free(&rp);
    assert_int_equal(ask_status("GET", revoke, NULL, NULL), 400); /* it had been revoked */
    json_decref(token);
    /* without "after" nothing is done */
    token = ask_json("POST", "/services/oauth2/token", form,
                     "grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-secret", &status);
    snprintf(revoke, sizeof revoke, "/services/oauth2/revoke?token=%s", text_of(token, "access_token"));
    program("{\"path\":\"/services/oauth2/revoke\",\"cut\":\"close\",\"times\":1}");
    rp = ask("GET", revoke, NULL, NULL);
    assert_int_equal(rp.cut, CUT_CLOSE);
    reply_free(&rp);
    assert_int_equal(ask_status("GET", revoke, NULL, NULL), 200);
    json_decref(token);
    before = faults_list(box->faults);
    assert_int_equal(json_array_size(json_object_get(before, "faults")), 2);
    json_decref(before);
}

static void bad_faults_are_refused_whole(void **state)
{
    static const char *const bad[] = {
        "",
        "x",
        "[1]",
        "{}",
        "{\"path\":\"id\"}",
        "{\"path\":\"/sandbox/log\"}",
        "{\"path\":\"/x\",\"nope\":1}",
        "{\"path\":\"/x\",\"status\":199}",
        "{\"path\":\"/x\",\"status\":600}",
        "{\"path\":\"/x\",\"times\":-1}",
        "{\"path\":\"/x\",\"delayMs\":120001}",
        "{\"path\":\"/x\",\"cut\":\"bite\"}",
        "{\"path\":\"/x\",\"headers\":{\"a\":1}}",
        "{\"path\":\"/x\",\"headers\":{\"a\":\"b\\r\\nc: d\"}}",
        "{\"path\":\"/x\",\"headers\":[\"a\"]}",
        "[{\"path\":\"/id\",\"status\":500},{\"path\":\"/id\",\"status\":1}]",
    };
    json_t *list;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (ask_status("POST", "/sandbox/faults", NULL, bad[i]) != 400)
            fail_msg("accepted %s", bad[i]);
    list = faults_list(box->faults);
    assert_int_equal(json_array_size(json_object_get(list, "faults")), 0);
    json_decref(list);
    assert_int_equal(ask_status("GET", "/id/keys", NULL, NULL), 200);
}

static void there_is_room_for_so_many(void **state)
{
    (void)state;
    for (int i = 0; i < FAULTS_MAX; i++)
        program("{\"path\":\"/id/keys\",\"times\":1,\"status\":500}");
    assert_int_equal(ask_status("POST", "/sandbox/faults", NULL, "{\"path\":\"/id\"}"), 400);
    for (int i = 0; i <= FAULTS_MAX; i++)
        assert_int_equal(ask_status("GET", "/id/keys", NULL, NULL), i < FAULTS_MAX ? 500 : 200);
}

static void a_delay_delays(void **state)
{
    int64_t begun;
    (void)state;
    program("{\"path\":\"/id/keys\",\"delayMs\":40,\"times\":1}");
    begun = steady_us();
    assert_int_equal(ask_status("GET", "/id/keys", NULL, NULL), 200);
    assert_true(steady_us() - begun >= 40000);
}

static void the_log_shows_calls_and_no_secrets(void **state)
{
    int status;
    json_t *log, *calls;
    char *text;
    (void)state;
    ask_status("POST", ADDON "/invocations/authentication",
               "Authorization: Bearer sandbox-token\nContent-Type: application/json\nx-request-id: abc",
               "{\"org_domain_url\":\"d\",\"core_jwt_token\":\"PLANTED1\",\"org_id\":\"o\",\"app_uuid\":\"a\"}");
    ask_status("POST", "/services/oauth2/token", "Content-Type: application/x-www-form-urlencoded",
               "grant_type=password&client_id=x&client_secret=PLANTED2&username=u&password=PLANTED3");
    ask_status("GET", "/services/data/v60.0/query?q=SELECT+Id&access_token=PLANTED4", "Authorization: Bearer PLANTED5",
               NULL);
    ask_status("POST", "/services/data/v60.0/sobjects/X", "Content-Type: application/json",
               "{\"a\":[{\"refresh_token\":\"PLANTED6\"}],\"Name\":\"kept\"}");
    ask_status("POST", "/services/data/v60.0/sobjects/X", "Content-Type: application/octet-stream", "PLANTED7");
    program("{\"path\":\"/id\",\"cut\":\"reset\",\"times\":1}");
    struct reply rp = ask("GET", "/id/keys", NULL, NULL);
    reply_free(&rp);
    log = ask_json("GET", "/sandbox/log", NULL, NULL, &status);
    assert_int_equal(status, 200);
    calls = json_object_get(log, "calls");
    assert_int_equal(json_integer_value(json_object_get(log, "total")), 6);
    assert_int_equal(json_array_size(calls), 6);
    text = json_dumps(log, 0);
    assert_null(strstr(text, "PLANTED"));
    assert_null(strstr(text, "sandbox-token"));
    assert_non_null(strstr(text, "kept"));
    free(text);
    assert_string_equal(text_of(json_array_get(calls, 0), "requestId"), "abc");
    assert_int_equal(json_integer_value(json_object_get(json_array_get(calls, 5), "status")), 0);
    assert_true(json_is_true(json_object_get(json_array_get(calls, 5), "fault")));
    json_decref(log);
    log = ask_json("GET", "/sandbox/log?path=/services/data&method=POST&limit=1", NULL, NULL, &status);
    assert_int_equal(json_integer_value(json_object_get(log, "matching")), 2);
    assert_int_equal(json_array_size(json_object_get(log, "calls")), 1);
    json_decref(log);
}

static void the_log_is_a_ring(void **state)
{
    int status;
    json_t *log;
    (void)state;
    for (int i = 0; i < CALLS_MAX + 1; i++)
        ask_status("GET", "/nothing", NULL, NULL);
    log = ask_json("GET", "/sandbox/log", NULL, NULL, &status);
    assert_int_equal(json_integer_value(json_object_get(log, "total")), CALLS_MAX + 1);
    assert_int_equal(json_array_size(json_object_get(log, "calls")), CALLS_MAX);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(json_object_get(log, "calls"), 0), "number")),
                     2);
    json_decref(log);
    assert_int_equal(ask_status("DELETE", "/sandbox/log", NULL, NULL), 204);
    log = ask_json("GET", "/sandbox/log", NULL, NULL, &status);
    assert_int_equal(json_integer_value(json_object_get(log, "total")), 0);
    json_decref(log);
}

static void pages_of_others_are_kept_out(void **state)
{
    static const char *const bad[] = { "Host: evil.example", "Host: 127.0.0.1.evil.example:7070", "Host: localhostx",
                                       "Host: 127.0.0.1:7070\nOrigin: https://evil.example",
                                       "Host: localhost:7070\nOrigin: http://localhost.evil.example" };
    static const char *const good[] = { "Host: 127.0.0.1:7070", "Host: localhost", "Host: [::1]:7070",
                                        "Host: localhost:7070\nOrigin: http://localhost:8080" };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(ask_status("GET", "/sandbox/log", bad[i], NULL), 403);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(ask_status("GET", "/sandbox/log", good[i], NULL), 200);
}

static void the_host_is_on_this_machine(void **state)
{
    static const char *const bad[] = { "http://example.com",
                                       "https://127.0.0.1:8080",
                                       "http://127.0.0.1@evil.example",
                                       "http://127.0.0.1.evil.io",
                                       "http://127.0.0.1:8080/api",
                                       "http://u:p@127.0.0.1:8080",
                                       "http://10.0.0.1:8080",
                                       "127.0.0.1:8080",
                                       "" };
    static const char *const good[] = { "http://127.0.0.1:8080", "http://localhost:9000/", "http://[::1]:8080" };
    char body[128], host[256];
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(body, sizeof body, "{\"hostUrl\":\"%s\"}", bad[i]);
        if (ask_status("POST", "/sandbox/settings", NULL, body) != 400)
            fail_msg("accepted %s", bad[i]);
    }
    sandbox_host_url(box, host);
    assert_string_equal(host, "http://127.0.0.1:8080");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        snprintf(body, sizeof body, "{\"hostUrl\":\"%s\"}", good[i]);
        assert_int_equal(ask_status("POST", "/sandbox/reset", NULL, body), 200);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(skip_and_times_are_counted, clear),
        cmocka_unit_test_setup(a_script_runs_in_order, clear),
        cmocka_unit_test_setup(only_what_matches_is_struck, clear),
        cmocka_unit_test_setup(the_body_has_the_form_of_the_place, clear),
        cmocka_unit_test_setup(bodies_and_types_of_ones_own, clear),
        cmocka_unit_test_setup(after_means_done_but_not_told, clear),
        cmocka_unit_test_setup(bad_faults_are_refused_whole, clear),
        cmocka_unit_test_setup(there_is_room_for_so_many, clear),
        cmocka_unit_test_setup(a_delay_delays, clear),
        cmocka_unit_test_setup(the_log_shows_calls_and_no_secrets, clear),
        cmocka_unit_test_setup(the_log_is_a_ring, clear),
        cmocka_unit_test_setup(pages_of_others_are_kept_out, clear),
        cmocka_unit_test_setup(the_host_is_on_this_machine, clear),
    };
    return cmocka_run_group_tests(tests, box_open, box_close);
}
