/*
 * test_sandbox_orgs.c - three orgs at three addresses: each answers tokens of its own, with records, a version and
 * permissions of its own, and counts its own calls.
 */
#include "tests/sandbox/fixture.h"

#define KEYS "Authorization: Bearer sandbox-token\nX-App-UUID: " APP_ID

static const char *const names[] = { "sandbox", "partner", "third" };
static char lines[3][400]; /* Authorization of each org's administrator */

/* What the add-on says of an org. */
static json_t *authorization(const char *name)
{
    char path[80];
    int status;
    snprintf(path, sizeof path, ADDON "/authorizations/%s", name);
    json_t *all = ask_json("GET", path, KEYS, NULL, &status), *of_org = json_incref(json_object_get(all, "org"));
    assert_int_equal(status, 200);
    json_decref(all);
    return of_org;
}

static int open_all(void **state)
{
    if (box_open(state))
        return -1;
    for (int i = 0; i < 3; i++) {
        json_t *of_org = authorization(names[i]);
        snprintf(lines[i], sizeof lines[i], "Authorization: Bearer %s",
                 text_of(json_object_get(of_org, "user_auth"), "access_token"));
        json_decref(of_org);
    }
    return 0;
}

static int status_at(int address, const char *method, const char *path, const char *headers, const char *body)
{
    at_address = address;
    int status = ask_status(method, path, headers, body);
    at_address = 0;
    return status;
}

static json_t *json_at(int address, const char *path, const char *headers, int *status)
{
    at_address = address;
    json_t *json = ask_json("GET", path, headers, NULL, status);
    at_address = 0;
    return json;
}

static void authorizations_name_their_addresses(void **state)
{
    static const char *const versions[] = { "62.0", "62.0", "58.0" };
    (void)state;
    for (int i = 0; i < 3; i++) {
        char url[64];
        json_t *of_org = authorization(names[i]);
        snprintf(url, sizeof url, "http://127.0.0.%d:7070", i + 1);
        assert_string_equal(text_of(of_org, "instance_url"), url);
        assert_string_equal(text_of(of_org, "api_version"), versions[i]);
        assert_string_equal(text_of(of_org, "id"), sandbox_org_id(i));
        json_decref(of_org);
    }
}

static void a_token_is_good_at_its_own_org(void **state)
{
    (void)state;
    for (int org = 0; org < 3; org++)
        for (int token = 0; token < 3; token++) {
            int want = org == token ? 200 : 401;
            assert_int_equal(status_at(org, "GET", "/services/data/v58.0/limits", lines[token], NULL), want);
            assert_int_equal(status_at(org, "GET", "/services/oauth2/userinfo", lines[token], NULL),
                             org == token ? 200 : 403);
        }
}

static void logging_in_gives_a_session_of_that_org(void **state)
{
    static const char form[] = "grant_type=password&client_id=sandbox-client&client_secret=sandbox-secret&"
                               "username=admin@example.com&password=sandbox-password";
    int status;
    char line[400];
    (void)state;
    at_address = 2;
    json_t *json =
        ask_json("POST", "/services/oauth2/token", "Content-Type: application/x-www-form-urlencoded", form, &status);
    at_address = 0;
    assert_int_equal(status, 200);
    assert_string_equal(text_of(json, "instance_url"), "http://127.0.0.3:7070");
    snprintf(line, sizeof line, "Authorization: Bearer %s", text_of(json, "access_token"));
    json_decref(json);
    assert_int_equal(status_at(2, "GET", "/services/data/v58.0/limits", line, NULL), 200);
    assert_int_equal(status_at(0, "GET", "/services/data/v58.0/limits", line, NULL), 401);
}

static void signed_calls_come_from_their_org(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        char wishes[40];
        snprintf(wishes, sizeof wishes, "{\"org\":%d}", i);
        json_t *headers = signed_headers(wishes), *client = context_of(headers, "x-client-context");
        assert_string_equal(text_of(client, "orgId"), sandbox_org_id(i));
        assert_string_equal(text_of(client, "orgDomainUrl"), box->urls[i]);
        assert_string_equal(text_of(client, "apiVersion"), i == 2 ? "58.0" : "62.0");
        json_decref(client);
        json_decref(headers);
    }
}

/* The third org is older, has other records, and lets its user do less. */
static void the_third_org_is_another(void **state)
{
    int status;
    (void)state;
    json_t *list = json_at(2, "/services/data", NULL, &status);
    assert_string_equal(text_of(json_array_get(list, json_array_size(list) - 1), "version"), "58.0");
    json_decref(list);
    assert_int_equal(status_at(2, "GET", "/services/data/v59.0/limits", lines[2], NULL), 404);
    assert_int_equal(status_at(0, "GET", "/services/data/v59.0/limits", lines[0], NULL), 200);
    json_t *rows = json_at(2, "/services/data/v58.0/query?q=SELECT+Name+FROM+Account+ORDER+BY+Name", lines[2], &status);
    assert_int_equal(status, 200);
    assert_string_equal(text_of(json_array_get(json_object_get(rows, "records"), 0), "Name"), "Fjord Ferries");
    json_decref(rows);
    assert_int_equal(
        status_at(2, "GET", "/services/data/v58.0/query?q=SELECT+AnnualRevenue+FROM+Account", lines[2], NULL), 400);
    assert_int_equal(status_at(2, "GET", "/services/data/v58.0/sobjects/Quote/describe", lines[2], NULL), 404);
    assert_int_equal(status_at(2, "GET", "/services/data/v58.0/query?q=SELECT+Amount+FROM+Opportunity", lines[2], NULL),
                     200);
}

static void knobs_turn_one_org(void **state)
{
    (void)state;
    assert_int_equal(ask_status("POST", "/sandbox/setup?org=partner", NULL, "{\"quotes\":false}"), 200);
    assert_int_equal(status_at(1, "GET", "/services/data/v62.0/sobjects/Quote/describe", lines[1], NULL), 404);
    assert_int_equal(status_at(0, "GET", "/services/data/v62.0/sobjects/Quote/describe", lines[0], NULL), 200);
    assert_int_equal(ask_status("POST", "/sandbox/setup?org=nobody", NULL, "{}"), 400);
    char line[500];
    snprintf(line, sizeof line, "%s\nContent-Type: application/json", lines[1]);
    assert_int_equal(ask_status("POST", "/sandbox/record-faults?org=partner", NULL,
                                "{\"object\":\"Account\",\"errorCode\":\"X\",\"times\":-1}"),
                     200);
    assert_int_equal(status_at(1, "POST", "/services/data/v62.0/sobjects/Account", line, "{\"Name\":\"x\"}"), 400);
    assert_int_equal(ask_status("DELETE", "/sandbox/record-faults?org=partner", NULL, NULL), 204);
    assert_int_equal(status_at(1, "POST", "/services/data/v62.0/sobjects/Account", line, "{\"Name\":\"x\"}"), 201);
    assert_int_equal(ask_status("POST", "/sandbox/make?org=third", NULL, "{\"opportunities\":3}"), 200);
    int status;
    json_t *rows = json_at(2, "/services/data/v58.0/query?q=SELECT+Id+FROM+Opportunity+WHERE+Name+LIKE+'Sample%25'",
                           lines[2], &status);
    assert_int_equal(json_integer_value(json_object_get(rows, "totalSize")), 3);
    json_decref(rows);
    assert_int_equal(ask_status("POST", "/sandbox/reset", NULL, NULL), 200);
    assert_int_equal(status_at(1, "GET", "/services/data/v62.0/sobjects/Quote/describe", lines[1], NULL), 200);
}

/* Calls of a day: each org counts its own, and answers no more beyond its limit. */
static void a_day_has_so_many_calls(void **state)
{
    static const char path[] = "/services/data/v58.0/limits";
    (void)state;
    assert_int_equal(ask_status("POST", "/sandbox/reset", NULL, NULL), 200);
    assert_int_equal(ask_status("POST", "/sandbox/setup", NULL, "{\"callsPerDay\":3}"), 200);
    for (int i = 1; i <= 5; i++) {
        struct reply rp = ask("GET", path, lines[0], NULL);
        char want[40];
        snprintf(want, sizeof want, "api-usage=%d/3", i < 3 ? i : 3);
        assert_int_equal(rp.status, i <= 3 ? 200 : 403);
        assert_string_equal(reply_get(&rp, "Sforce-Limit-Info"), want);
        if (i > 3)
            assert_non_null(strstr(rp.body, "REQUEST_LIMIT_EXCEEDED"));
        reply_free(&rp);
    }
    assert_int_equal(status_at(1, "GET", path, lines[1], NULL), 200);
    assert_int_equal(ask_status("POST", "/sandbox/setup", NULL, "{\"callsPerDay\":0}"), 200);
    assert_int_equal(ask_status("GET", path, lines[0], NULL), 200);
}

static json_t *received(void)
{
    int status;
    json_t *list = ask_json("GET", "/sandbox/callbacks", NULL, NULL, &status);
    assert_int_equal(status, 200);
    return list;
}

/* A URL that an org waits on: its path, behind the org's address. */
static const char *waits_on(const char *wish, int org, char path[200])
{
    int status;
    json_t *json = ask_json("POST", "/sandbox/callbacks", NULL, wish, &status);
    assert_int_equal(status, 200);
    const char *url = text_of(json, "url");
    size_t n = strlen(box->urls[org]);
    assert_memory_equal(url, box->urls[org], n);
    snprintf(path, 200, "%s", url + n);
    json_decref(json);
    return path;
}

/* Answered as Salesforce does: by the org's own session, for a while. */
static void callbacks_come_back(void **state)
{
    char path[200], late[200];
    (void)state;
    assert_int_equal(ask_status("POST", "/sandbox/reset", NULL, NULL), 200);
    waits_on("{\"org\":\"partner\",\"timeoutSeconds\":60}", 1, path);
    waits_on("{\"org\":\"partner\",\"timeoutSeconds\":0}", 1, late);
    assert_int_equal(status_at(1, "POST", path, NULL, "{}"), 401);
    assert_int_equal(status_at(1, "POST", path, lines[0], "{}"), 401);
    assert_int_equal(status_at(0, "POST", path, lines[0], "{}"), 404);
    assert_int_equal(status_at(1, "POST", "/services/externalservices/callbacks/none", lines[1], "{}"), 404);
    assert_int_equal(status_at(1, "POST", late, lines[1], "{}"), 408);
    assert_int_equal(status_at(1, "POST", path, lines[1], "{\"state\":\"done\"}"), 200);
    assert_int_equal(ask_status("POST", "/sandbox/faults", NULL,
                                "{\"path\":\"/services/externalservices\",\"status\":500,\"times\":1}"),
                     200);
    assert_int_equal(status_at(1, "POST", path, lines[1], "{}"), 500);
    json_t *list = received(), *row = json_array_get(list, 5);
    static const int want[] = { 401, 401, 404, 404, 408, 200, 500 };
    assert_int_equal((int)json_array_size(list), 7);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal((int)json_integer_value(json_object_get(json_array_get(list, i), "status")), want[i]);
    assert_string_equal(text_of(json_object_get(row, "body"), "state"), "done");
    assert_non_null(strstr(text_of(row, "url"), path));
    json_decref(list);
    assert_int_equal(ask_status("POST", "/sandbox/callbacks", NULL, "{\"org\":\"nobody\"}"), 400);
    assert_int_equal(ask_status("POST", "/sandbox/callbacks", NULL, "{\"timeoutSeconds\":-1}"), 400);
    waits_on("{}", 0, path);
    assert_int_equal(ask_status("POST", "/sandbox/reset", NULL, NULL), 200);
    list = received();
    assert_int_equal((int)json_array_size(list), 0);
    json_decref(list);
}

static void messages_say_whose_they_are(void **state)
{
    int status;
    char line[500];
    (void)state;
    snprintf(line, sizeof line, "%s\nContent-Type: application/json", lines[2]);
    assert_int_equal(status_at(2, "POST", "/services/data/v58.0/sobjects/Action_Job__e", line, "{\"JobId__c\":\"j\"}"),
                     201);
    json_t *all = ask_json("GET", "/sandbox/events", NULL, NULL, &status),
           *none = ask_json("GET", "/sandbox/events?org=sandbox", NULL, NULL, &status);
    assert_int_equal((int)json_array_size(all), 1);
    assert_string_equal(text_of(json_array_get(all, 0), "org"), "third");
    assert_int_equal((int)json_array_size(none), 0);
    json_decref(all);
    json_decref(none);
    all = ask_json("GET", "/sandbox/notifications", NULL, NULL, &status);
    assert_true(status == 200 && json_is_array(all));
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(authorizations_name_their_addresses),
        cmocka_unit_test(a_token_is_good_at_its_own_org),
        cmocka_unit_test(logging_in_gives_a_session_of_that_org),
        cmocka_unit_test(signed_calls_come_from_their_org),
        cmocka_unit_test(the_third_org_is_another),
        cmocka_unit_test(knobs_turn_one_org),
        cmocka_unit_test(a_day_has_so_many_calls),
        cmocka_unit_test(callbacks_come_back),
        cmocka_unit_test(messages_say_whose_they_are),
    };
    return cmocka_run_group_tests(tests, open_all, box_close);
}
