/*
 * client_org.c - the Salesforce client against an org: the local one, or a scratch org of your own.
 *
 *     client_org URL VERSION TOKEN [TOKEN-OF-A-USER-WHO-SEES-LESS]
 *
 * Creates accounts, contacts and files, reads them back, and deletes the accounts again. What a value looks like on the
 * other side is judged by the org, which shares no code with the client. With the second token, what describe shows is
 * compared for two users (Flight__c.Aircraft__c must be hidden from the second one).
 */
#include "runtime/client/client_parts.h"
#include "tests/client_kit.h"

enum { MANY = 2201 };

static int passed, failed;

static bool check(bool ok, const char *what, const struct sf_error *err)
{
    if (ok)
        passed++;
    else
        failed++;
    if (!ok)
        printf("FAIL %s: %d %s %s\n", what, err ? err->status : 0, err ? err->code : "", err ? err->message : "");
    return ok;
}

static json_t *account(const char *name)
{
    return json_pack("{s:s}", "Name", name);
}

/* ---- values ---- */

static uint64_t state = 0x9e3779b97f4a7c15u;
static size_t below(size_t n)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (size_t)(state * 0x2545f4914f6cdd1du >> 33) % n;
}

static void hostile(char *to, size_t max)
{
    static const char *const pieces[] = {
        "'",   "\\", "\"", "\\'",      "''",           "' OR Name != '",   "%",  "_",  "\\u0027", "\t", "a", "Z",
        " x ", "?",  ":b", "\xc3\xa9", "\xe2\x80\x99", "\xf0\x9f\x92\xa9", "--", "/*", ")",       "\\n"
    };
    size_t n = 0;
    to[n++] = 'h';
    for (;;) {
        const char *s = pieces[below(sizeof pieces / sizeof *pieces)];
        size_t k = strlen(s);
        if (n + k > max - 1)
            break;
        memcpy(to + n, s, k);
        n += k;
    }
    to[n++] = '.';
    to[n] = '\0';
}

static void try_value(struct sf_org *org, const char *name, json_t *list)
{
    char id[SF_ID_SIZE];
    struct sf_error err;
    struct sf_rows *rows;
    json_t *fields = account(name);
    if (check(sf_create(org, "Account", fields, id, &err), "create a hostile name", &err)) {
        json_array_append_new(list, json_string(id));
        bool ok = sf_query(org, &rows, &err, "SELECT Id, Name FROM Account WHERE Name = ? AND Id = ?", sf_text(name),
                           sf_id(id));
        const char *back = ok ? sf_get_text(sf_next(rows, &err), "Name") : NULL;
        check(back && strcmp(back, name) == 0, name, &err);
    }
    json_decref(fields);
}

static void try_values(struct sf_org *org, json_t *list)
{
    char name[120];
    for (int i = 0; i < 60; i++) {
        hostile(name, 20 + below(60));
        try_value(org, name, list);
    }
}

static void try_long_value(struct sf_org *org)
{
    const size_t n = 32768;
    char *value = malloc(n + 1);
    struct sf_error err;
    struct sf_rows *rows;
    memset(value, '\'', n);
    value[n] = '\0';
    bool ok = sf_query(org, &rows, &err, "SELECT Id FROM Account WHERE Name = ?", sf_text(value));
    check(ok && sf_total(rows) == 0 && !sf_next(rows, &err) && !err.code[0], "a value of 32 kB", &err);
    free(value);
}

/* ---- records ---- */

/* A key is found again whatever it is made of, and is one record. */
static void try_keys(struct sf_org *org)
{
    static const char *const keys[] = { "a/b",
                                        "50%",
                                        "a+b",
                                        "..a",
                                        "a;b",
                                        "#1",
                                        "say \"x\"",
                                        "a\\b",
                                        "a%2F",
                                        "%2e%2e",
                                        "a?b=c",
                                        "a&b=c",
                                        "\xe6\x9d\xb1\xe4\xba\xac" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char id[SF_ID_SIZE] = "", again[SF_ID_SIZE] = "", what[60];
        struct sf_error err = { 0 };
        struct sf_rows *rows;
        bool created = false;
        json_t *fields = account("Key test");
        snprintf(what, sizeof what, "the key %s", keys[i]);
        check(sf_upsert(org, "Account", "AppLinkKey__c", keys[i], fields, id, &created, &err) && created, what, &err);
        check(sf_upsert(org, "Account", "AppLinkKey__c", keys[i], fields, again, &created, &err) && !created &&
                  !strcmp(id, again),
              what, &err);
        if (check(sf_query(org, &rows, &err, "SELECT AppLinkKey__c FROM Account WHERE Id = ?", sf_id(id)), what,
                  &err)) {
            const char *kept = json_string_value(sf_get(sf_next(rows, &err), "AppLinkKey__c"));
            check(kept && !strcmp(kept, keys[i]), what, &err);
        }
        check(sf_delete(org, "Account", id, &err), what, &err);
        json_decref(fields);
    }
}

static void try_records(struct sf_org *org)
{
    char id[SF_ID_SIZE], again[SF_ID_SIZE], key[40];
    struct sf_error err;
    struct sf_rows *rows;
    bool created = false;
    json_t *fields = account("Client test"), *change = json_pack("{s:i}", "NumberOfEmployees", 0);
    uuid_make(key);
    check(sf_upsert(org, "Account", "AppLinkKey__c", key, fields, id, &created, &err) && created, "upsert creates",
          &err);
    check(sf_upsert(org, "Account", "AppLinkKey__c", key, fields, again, &created, &err) && !created, "upsert updates",
          &err);
    check(sf_update(org, "Account", id, change, &err), "update", &err);
    if (check(sf_query(org, &rows, &err, "SELECT NumberOfEmployees, Website FROM Account WHERE Id = ?", sf_id(id)),
              "query", &err)) {
        const json_t *r = sf_next(rows, &err);
        check(json_is_integer(sf_get(r, "numberofemployees")) &&
                  json_integer_value(sf_get(r, "NumberOfEmployees")) == 0,
              "0 stays 0", &err);
        check(!sf_get(r, "Website"), "null is nothing", &err);
    }
    check(sf_delete(org, "Account", id, &err), "delete", &err);
    check(!sf_delete(org, "Account", id, &err) && !strcmp(err.code, "ENTITY_IS_DELETED") && err.status == 404,
          "delete twice", &err);
    json_object_clear(fields);
    check(!sf_create(org, "Account", fields, id, &err) && !strcmp(err.code, "REQUIRED_FIELD_MISSING") &&
              !strcmp(err.fields, "Name"),
          "a required field", &err);
    check(!sf_create(org, "NoSuchThing__c", fields, id, &err) && err.status == 404, "an unknown object", &err);
    check(!sf_query(org, &rows, &err, "SELECT Bacon__c FROM Account") && !strcmp(err.code, "INVALID_FIELD"),
          "an unknown field", &err);
    check(!sf_query(org, &rows, &err, "SELEKT Id FROM Account") && !strcmp(err.code, "MALFORMED_QUERY"),
          "a malformed query", &err);
    json_decref(change);
    json_decref(fields);
}

static void try_many(struct sf_org *org, json_t *list)
{
    struct sf_result *results = calloc(MANY, sizeof *results);
    struct sf_error err;
    struct sf_rows *rows;
    char name[64], mark[37];
    json_t *records = json_array();
    int seen = 0, good = 0;
    uuid_make(mark);
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "%s %04d", mark, i);
        json_array_append_new(
            records, json_pack("{s:{s:s}, s:s, s:s}", "attributes", "type", "Account", "Name", name, "Site", mark));
    }
    check(sf_create_many(org, records, false, results, &err), "create many", &err);
    for (int i = 0; i < MANY; i++) {
        good += results[i].success;
        if (results[i].success)
            json_array_append_new(list, json_string(results[i].id));
    }
    check(good == MANY, "each of many", &results[0].error);
    if (check(sf_query(org, &rows, &err, "SELECT Id, Name FROM Account WHERE Site = ? ORDER BY Name", sf_text(mark)),
              "query many", &err)) {
        check(sf_total(rows) == MANY, "total", NULL);
        for (const json_t *r; (r = sf_next(rows, &err)); seen++) {
            snprintf(name, sizeof name, "%s %04d", mark, seen);
            if (strcmp(sf_get_text(r, "Name"), name) != 0)
                break;
        }
        check(seen == MANY, "every row once and in order, over the pages", &err);
    }
    json_decref(records);
    free(results);
}

/* ---- units ---- */

static void try_units(struct sf_org *org, json_t *list)
{
    struct sf_error err;
    struct sf_rows *rows;
    json_t *parent = account("Unit parent"), *child = json_pack("{s:s}", "LastName", "Child"), *bad = json_object();
    struct sf_unit *unit = sf_unit_new(org), *torn = sf_unit_new(org), *units[80];
    bool ok[80];
    const char *ref = sf_unit_create(unit, "Account", parent);
    json_object_set_new(child, "AccountId", json_string(ref));
    check(sf_unit_create(unit, "Contact", child) && sf_unit_create(unit, "Contact", child), "steps", NULL);
    if (check(sf_unit_commit(unit, &err), "unit of work", &err)) {
        const char *id = sf_unit_result(unit, 0)->id;
        json_array_append_new(list, json_string(id));
        bool asked = sf_query(org, &rows, &err, "SELECT Id, (SELECT LastName FROM Contacts) FROM Account WHERE Id = ?",
                              sf_id(id));
        const json_t *r = asked ? sf_next(rows, &err) : NULL;
        struct sf_rows *contacts = r ? sf_children(rows, r, "Contacts") : NULL;
        check(contacts && sf_total(contacts) == 2 && sf_next(contacts, &err) && sf_next(contacts, &err) &&
                  !sf_next(contacts, &err),
              "children of the parent", &err);
    }
    json_object_set_new(parent, "Name", json_string("Unit torn"));
    json_object_set_new(parent, "Site", json_string("torn"));
    check(sf_unit_create(torn, "Account", parent) && sf_unit_create(torn, "Contact", bad), "steps", NULL);
    check(!sf_unit_commit(torn, &err) && !strcmp(err.code, "REQUIRED_FIELD_MISSING"), "a unit with a bad step", &err);
    check(!strcmp(sf_unit_result(torn, 0)->error.code, "PROCESSING_HALTED"), "its good step",
          &sf_unit_result(torn, 0)->error);
    check(sf_query(org, &rows, &err, "SELECT Id FROM Account WHERE Site = 'torn'") && sf_total(rows) == 0,
          "nothing of it is left", &err);
    json_object_set_new(parent, "Site", json_string("units"));
    for (int i = 0; i < 80; i++) {
        units[i] = sf_unit_new(org);
        check(sf_unit_create(units[i], "Account", parent) != NULL, "step", NULL);
    }
    bool sent = check(sf_units_commit(units, 80, ok, &err), "80 units", &err);
    for (int i = 0; i < 80 && sent; i++) {
        check(ok[i], "one of 80", &sf_unit_result(units[i], 0)->error);
        json_array_append_new(list, json_string(sf_unit_result(units[i], 0)->id));
    }
    json_decref(parent);
    json_decref(child);
    json_decref(bad);
}

/* ---- files ---- */

static void try_file(struct sf_org *org, size_t n)
{
    char *data = malloc(n), id[SF_ID_SIZE];
    struct act_bytes back = { 0 };
    struct sf_error err;
    json_t *fields = json_pack("{s:s}", "Title", "Client test");
    for (size_t i = 0; i < n; i++)
        data[i] = (char)below(256);
    if (check(sf_upload(org, "ContentVersion", "VersionData", fields, (struct act_bytes){ data, n }, "a \"b\".bin", id,
                        &err),
              "upload", &err)) {
        check(sf_download(org, "ContentVersion", id, "VersionData", n, &back, &err), "download", &err);
        check(back.n == n && memcmp(back.p, data, n) == 0, "the same bytes", NULL);
    }
    json_decref(fields);
    free(data);
}

/* ---- two users ---- */

static const char *const optional_names[] = { "Status__c", "Aircraft__c", "NoSuchField__c" };

static void try_user(struct sf_org *org, bool sees_all)
{
    struct sf_error err;
    struct sf_field field;
    struct sf_rows *rows;
    check(sf_describe_field(org, "Flight__c", "status__C", &field, &err) && !strcmp(field.type, "picklist"), "describe",
          &err);
    check(sf_describe_field(org, "Flight__c", "Aircraft__c", NULL, &err) == sees_all && !err.code[0],
          "describe by user", &err);
    if (check(sf_query(org, &rows, &err, "SELECT Id? FROM Flight__c LIMIT 1",
                       sf_optional("Flight__c", optional_names, 3)),
              "optional fields", &err)) {
        const json_t *r = sf_next(rows, &err);
        check(r && json_object_get(r, "Status__c") && !json_object_get(r, "Aircraft__c") == !sees_all, "fields by user",
              &err);
    }
}

static void as_user(struct kit *k, char **argv, const char *token, const char *user)
{
    kit_again(k, 60000);
    copy_text(k->call.org.session.url, sizeof k->call.org.session.url, argv[1]);
    copy_text(k->call.org.session.api_version, sizeof k->call.org.session.api_version, argv[2]);
    copy_text(k->call.org.session.token, sizeof k->call.org.session.token, token);
    copy_text(k->call.org.session.user_id, sizeof k->call.org.session.user_id, user);
}

static void try_users(struct kit *k, char **argv)
{
    for (int i = 0; i < 2; i++) { /* the second time from what is remembered */
        as_user(k, argv, argv[3], "005000000000001AAA");
        try_user(act_org(&k->call), true);
        as_user(k, argv, argv[4], "005000000000002AAA");
        try_user(act_org(&k->call), false);
    }
    /* the second user under the id of the first: what was remembered of the first is not used, only the token counts */
    struct sf_error err;
    struct sf_rows *rows;
    const json_t *row;
    as_user(k, argv, argv[4], "005000000000001AAA");
    check(sf_query(act_org(&k->call), &rows, &err, "SELECT Id? FROM Flight__c LIMIT 1",
                   sf_optional("Flight__c", optional_names, 3)) &&
              (row = sf_next(rows, &err)) && json_object_get(row, "Status__c"),
          "a token under another user's id", &err);
    check(k->call.org_calls == 2, "describes and asks for itself", NULL);
}

static void clean_up(struct sf_org *org, const json_t *list)
{
    struct sf_error err;
    const json_t *id;
    size_t i, gone = 0;
    struct sf_unit *unit = NULL;
    json_array_foreach (list, i, id) {
        if (!unit)
            unit = sf_unit_new(org);
        (void)sf_unit_delete(unit, "Account", json_string_value(id));
        if (i % LIMIT_GRAPH_NODES == LIMIT_GRAPH_NODES - 1 || i + 1 == json_array_size(list)) {
            check(sf_unit_commit(unit, &err), "delete the accounts again", &err);
            unit = NULL;
        }
        gone++;
    }
    check(gone == json_array_size(list), "all of them", NULL);
}

int main(int argc, char **argv)
{
    if (argc != 4 && argc != 5) {
        fprintf(stderr, "usage: client_org URL VERSION TOKEN [TOKEN-OF-A-USER-WHO-SEES-LESS]\n");
        return 64;
    }
    struct kit *k = kit_new(NULL, NULL);
    struct sf_error err;
    json_t *list = json_array(), *limits = NULL;
    as_user(k, argv, argv[3], "005000000000001AAA");
    struct sf_org *org = act_org(&k->call);
    check(sf_request(org, "GET", org_path(org, "limits"), NULL, &limits, &err) &&
              sf_get(limits, "DailyApiRequests.Max"),
          "limits", &err);
    json_decref(limits);
    try_values(org, list);
    try_long_value(org);
    try_records(org);
    try_keys(org);
    try_many(org, list);
    try_units(org, list);
    try_file(org, 10000);
    try_file(org, LIMIT_UPLOAD_JSON + 1);
    if (argc == 5)
        try_users(k, argv);
    as_user(k, argv, argv[3], "005000000000001AAA");
    clean_up(act_org(&k->call), list);
    json_decref(list);
    kit_free(k);
    printf("%d passed, %d failed\n", passed, failed);
    return failed || !passed;
}
