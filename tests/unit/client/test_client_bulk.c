/* test_client_bulk.c - Bulk API 2.0: a job is opened, filled once, looked at, ended, and its rows are read as they
 * come. */
#include "tests/unit/check.h"

#include "runtime/client/bulk_parts.h"
#include "tests/unit/client/routes.h"

#define JOB "750000000000001AAA"
#define INGEST BASE "jobs/ingest"
#define QUERY BASE "jobs/query"

static const char *const columns[] = { "Name", "AppLinkKey__c" };
static const struct sf_bulk_load load = { "Account", "insert", NULL, columns, COUNT(columns) };

/* Rows "Name <i>" with keys "k<i>". */
struct source {
    int from, to;
    const char *special; /* a Name in the middle */
    int stop_at;
    struct kit *ask; /* sends a request of its own for each row */
    char name[32], key[32];
};

static enum sf_bulk_give give(void *ctx, const char **values)
{
    struct source *s = ctx;
    if (s->from == s->to)
        return SF_BULK_END;
    if (s->stop_at && s->from == s->stop_at)
        return SF_BULK_STOP;
    snprintf(s->name, sizeof s->name, "Name %d", s->from);
    snprintf(s->key, sizeof s->key, "k%d", s->from);
    values[0] = s->special && s->from == 1 ? s->special : s->name;
    values[1] = s->key;
    s->from++;
    if (s->ask) {
        struct sf_error err;
        json_t *out = NULL;
        assert_true(sf_request(act_org(&s->ask->call), "GET", BASE "limits", NULL, &out, &err));
        json_decref(out);
    }
    return SF_BULK_ROW;
}

/* ---- an org that keeps what it is sent ---- */

struct bulk_org {
    char state[20];
    char *csv;
    int opened, uploads, begun, other;
    bool lose_begin, cut_upload, refuse_upload;
};

static void serve_bulk(void *ctx, const struct origin_request *q, struct origin_reply *r)
{
    static char text[400];
    struct bulk_org *o = ctx;
    r->status = 200;
    if (strcmp(q->method, "POST") == 0) {
        o->opened++;
        snprintf(o->state, sizeof o->state, "Open");
    } else if (strcmp(q->method, "PUT") == 0) {
        o->uploads++;
        r->reset = o->cut_upload;
        r->status = o->refuse_upload ? 400 : 201;
        free(o->csv);
        o->csv = strndup(q->body, q->n);
        return;
    } else if (strcmp(q->method, "PATCH") == 0) {
        o->begun++;
        snprintf(o->state, sizeof o->state, strstr(q->body, "Aborted") ? "Aborted" : "UploadComplete");
        r->reset = o->lose_begin;
    } else if (!strstr(q->target, "/jobs/")) {
        o->other++;
    }
    r->n = (size_t)snprintf(text, sizeof text, "{\"id\":\"" JOB "\",\"state\":\"%s\"}", o->state);
    r->body = text;
}

#define WITH_ORG(...)                                                                                                  \
    struct bulk_org o = { __VA_ARGS__ };                                                                               \
    struct kit *k = kit_new(serve_bulk, &o);                                                                           \
    struct sf_org *org = act_org(&k->call);                                                                            \
    struct sf_bulk_sent sent;                                                                                          \
    struct sf_error err;                                                                                               \
    char id[SF_ID_SIZE] = "";                                                                                          \
    (void)state, (void)id, (void)sent;
#define ORG_DONE                                                                                                       \
    kit_free(k);                                                                                                       \
    free(o.csv)

static void rows_are_sent_once(void **state)
{
    WITH_ORG()
    struct source s = { .to = 3, .special = "a \"b\", c\n" };
    assert_true(sf_bulk_open(org, &load, id, &err));
    assert_string_equal(id, JOB);
    assert_int_equal(o.uploads, 0); /* the id is there before the first row leaves */
    assert_true(sf_bulk_send(org, &load, id, give, &s, &sent, &err));
    assert_string_equal(o.csv, "Name,AppLinkKey__c\nName 0,k0\n\"a \"\"b\"\", c\n\",k1\nName 2,k2\n");
    assert_string_equal(o.state, "UploadComplete");
    assert_int_equal(sent.rows, 3);
    assert_false(sent.full);
    assert_int_equal(o.uploads, 1);
    ORG_DONE;
}

static void many_rows_are_streamed(void **state)
{
    WITH_ORG()
    struct source s = { .to = 20000 };
    assert_true(sf_bulk_send(org, &load, JOB, give, &s, &sent, &err));
    assert_int_equal(sent.rows, 20000);
    const char *at = o.csv;
    int lines = 0;
    for (; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, 20001);
    assert_non_null(strstr(o.csv, "\nName 19999,k19999\n"));
    ORG_DONE;
}

static void requests_may_be_sent_while_rows_are_given(void **state)
{
    WITH_ORG()
    struct source s = { .to = 5, .ask = k };
    assert_true(sf_bulk_send(org, &load, JOB, give, &s, &sent, &err));
    assert_int_equal(o.other, 5);
    assert_int_equal(sent.rows, 5);
    ORG_DONE;
}

static void a_begin_without_answer_is_looked_up(void **state)
{
    WITH_ORG(.lose_begin = true)
    struct source s = { .to = 3 };
    assert_true(sf_bulk_send(org, &load, JOB, give, &s, &sent, &err));
    assert_int_equal(o.begun, 1);
    assert_string_equal(err.code, "");
    ORG_DONE;
}

/* Nothing begins after an upload that failed, and it is not tried again by the client: rows cannot be given twice. */
static void an_upload_is_not_repeated(void **state)
{
    WITH_ORG(.cut_upload = true)
    struct source s = { .to = 3 };
    assert_false(sf_bulk_send(org, &load, JOB, give, &s, &sent, &err));
    assert_int_equal(o.uploads, 1);
    assert_int_equal(o.begun, 0);
    assert_string_equal(err.code, "CONNECTION_LOST");
    o.cut_upload = false;
    o.refuse_upload = true;
    s.from = 0;
    assert_false(sf_bulk_send(org, &load, JOB, give, &s, &sent, &err));
    assert_int_equal(err.status, 400);
    assert_int_equal(o.uploads, 2);
    assert_int_equal(o.begun, 0);
    ORG_DONE;
}

static void what_cannot_be_sent_ends_the_upload(void **state)
{
    WITH_ORG()
    struct source bad = { .to = 3, .special = "#N/A" }, none = { .to = 0 }, stop = { .to = 9, .stop_at = 4 };
    assert_false(sf_bulk_send(org, &load, JOB, give, &bad, &sent, &err));
    assert_string_equal(err.code, "BAD_VALUE");
    assert_non_null(strstr(err.message, "Row 2"));
    assert_false(sf_bulk_send(org, &load, JOB, give, &none, &sent, &err));
    assert_string_equal(err.code, "NO_ROWS");
    assert_non_null(strstr(err.message, "no row"));
    assert_false(sf_bulk_send(org, &load, JOB, give, &stop, &sent, &err));
    assert_string_equal(err.code, "STOPPED");
    assert_false(err.outcome_unknown);
    assert_int_equal(o.begun, 0);
    assert_int_equal(o.uploads, 0); /* none of them was whole */
    ORG_DONE;
}

static void an_empty_field_is_asked_for(void **state)
{
    WITH_ORG()
    struct source s = { .to = 2, .special = SF_BULK_NULL };
    assert_true(sf_bulk_send(org, &load, JOB, give, &s, &sent, &err));
    assert_non_null(strstr(o.csv, "\n#N/A,k1\n"));
    ORG_DONE;
}

/* ---- a job is below 100 MB, and what does not fit is not lost ---- */

static struct {
    size_t bytes;
    bool begun;
} sink;

static bool swallow(void *ctx, const struct http_request *q, struct http_reply *r)
{
    static char room[64 * 1024];
    (void)ctx;
    *r = (struct http_reply){ .status = 200, .sent = true };
    buf_init(&r->body, 1024);
    sink.begun = strcmp(q->method, "PATCH") == 0;
    if (!q->stream)
        return true;
    r->streamed = true;
    for (size_t n; (n = q->stream->read(q->stream->ctx, room, sizeof room)) > 0; sink.bytes += n)
        assert_true(n <= sizeof room);
    return true;
}

struct big {
    char *text;
    size_t length;
    int given;
};

static enum sf_bulk_give give_big(void *ctx, const char **values)
{
    struct big *b = ctx;
    b->given++;
    values[0] = b->text;
    values[1] = "k";
    return SF_BULK_ROW;
}

static void a_job_is_full_below_100_mb(void **state)
{
    WITH_ORG()
    struct client_settings settings = *client_settings(k->client);
    settings.send = swallow;
    struct client *own = k->client, *client = client_new(&settings);
    struct big b = { .length = 99997 }; /* and ",k\n": 100,000 bytes */
    b.text = malloc(b.length + 1);
    memset(b.text, 'x', b.length);
    b.text[b.length] = '\0';
    k->call.client = client;
    sink.bytes = 0;
    assert_true(sf_bulk_send(org, &load, JOB, give_big, &b, &sent, &err));
    assert_true(sink.begun);
    assert_true(sent.full);
    assert_int_equal(sent.rows, 999); /* the header takes the place of the last one */
    assert_int_equal(b.given, 1000);
    assert_int_equal(sink.bytes, 99900000 + strlen("Name,AppLinkKey__c\n"));
    assert_true((sink.bytes + 2) / 3 * 4 <= 150000000);
    k->call.client = own;
    client_free(client);
    free(b.text);
    ORG_DONE;
}

/* ---- what is asked is checked ---- */

static void loads_are_checked(void **state)
{
    static const char *const twice[] = { "Name", "NAME" }, *const odd[] = { "Name", "a b" };
    static const struct sf_bulk_load bad[] = {
        { "Acc ount", "insert", NULL, columns, 2 }, { "Account", "hardDelete", NULL, columns, 2 },
        { "Account", NULL, NULL, columns, 2 },      { "Account", "insert", "Key__c", columns, 2 },
        { "Account", "upsert", NULL, columns, 2 },  { "Account", "upsert", "a/b", columns, 2 },
        { "Account", "insert", NULL, columns, 0 },  { "Account", "insert", NULL, twice, 2 },
        { "Account", "insert", NULL, odd, 2 },
    };
    WITH_ORG()
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(sf_bulk_open(org, &bad[i], id, &err));
        assert_string_equal(err.code, "BAD_VALUE");
    }
    assert_int_equal(o.opened, 0);
    struct sf_bulk_info info;
    assert_false(sf_bulk_look(org, SF_BULK_INGEST, "../x", &info, &err));
    assert_string_equal(err.code, "MALFORMED_ID");
    assert_false(sf_bulk_abort(org, SF_BULK_INGEST, "", &err));
    assert_false(sf_bulk_delete(org, SF_BULK_QUERY, NULL, &err));
    ORG_DONE;
}

static void states_are_read(void **state)
{
    static const struct {
        const char *body;
        enum sf_bulk_state state;
        int64_t processed, failed;
    } cases[] = {
        { "{\"state\":\"Open\"}", SF_BULK_OPEN, 0, 0 },
        { "{\"state\":\"UploadComplete\"}", SF_BULK_RUNNING, 0, 0 },
        { "{\"state\":\"InProgress\",\"numberRecordsProcessed\":200}", SF_BULK_RUNNING, 200, 0 },
        { "{\"state\":\"JobComplete\",\"numberRecordsProcessed\":9,\"numberRecordsFailed\":2}", SF_BULK_COMPLETE, 9,
          2 },
        { "{\"state\":\"Failed\",\"errorMessage\":\"InvalidBatch : Field name not found : X\"}", SF_BULK_FAILED, 0, 0 },
        { "{\"state\":\"Aborted\"}", SF_BULK_ABORTED, 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct route table[] = { { "GET", INGEST "/" JOB, 200, cases[i].body, NULL } };
        struct routes routes = { .v = table, .n = 1 };
        struct kit *k = kit_new(serve, &routes);
        struct sf_bulk_info info;
        struct sf_error err;
        assert_true(sf_bulk_look(act_org(&k->call), SF_BULK_INGEST, JOB, &info, &err));
        assert_int_equal(info.state, cases[i].state);
        assert_int_equal(info.processed, cases[i].processed);
        assert_int_equal(info.failed, cases[i].failed);
        assert_int_equal(info.message[0] != '\0', cases[i].state == SF_BULK_FAILED);
        DONE;
    }
}

static void states_that_are_none(void **state)
{
    WITH_ROUTES({ "GET", INGEST "/" JOB, 200, "{\"state\":\"Sleeping\"}", NULL },
                { "GET", QUERY "/" JOB, 200, "{}", NULL })
    struct sf_bulk_info info;
    assert_false(sf_bulk_look(org, SF_BULK_INGEST, JOB, &info, &err));
    assert_string_equal(err.code, "BAD_REPLY");
    assert_false(sf_bulk_look(org, SF_BULK_QUERY, JOB, &info, &err));
    assert_string_equal(err.code, "BAD_REPLY");
    DONE;
}

static void jobs_are_ended(void **state)
{
    WITH_ROUTES({ "PATCH", INGEST "/" JOB, 200, "{}", NULL }, { "DELETE", QUERY "/" JOB, 204, "", NULL },
                { "PATCH", QUERY "/" JOB, 400,
                  "[{\"errorCode\":\"INVALIDJOBSTATE\",\"message\":\"Aborting already Completed Job not allowed\"}]",
                  NULL })
    assert_true(sf_bulk_abort(org, SF_BULK_INGEST, JOB, &err));
    assert_string_equal(routes.last_body, "{\"state\":\"Aborted\"}");
    assert_false(sf_bulk_abort(org, SF_BULK_QUERY, JOB, &err));
    assert_string_equal(err.code, "INVALIDJOBSTATE");
    assert_true(sf_bulk_delete(org, SF_BULK_QUERY, JOB, &err));
    assert_string_equal(routes.last_method, "DELETE");
    DONE;
}

static void looks_become_rarer(void **state)
{
    int sum = 0;
    (void)state;
    assert_int_equal(sf_bulk_pause_s(1), 1);
    for (int i = 1; i < 40; i++) {
        assert_true(sf_bulk_pause_s(i) <= sf_bulk_pause_s(i + 1));
        sum += i <= 6 ? sf_bulk_pause_s(i) : 0;
    }
    assert_int_equal(sf_bulk_pause_s(1000000), 30);
    assert_true(sum >= 15); /* six looks see a job of a quarter of a minute to its end */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sent_once),
        cmocka_unit_test(many_rows_are_streamed),
        cmocka_unit_test(requests_may_be_sent_while_rows_are_given),
        cmocka_unit_test(a_begin_without_answer_is_looked_up),
        cmocka_unit_test(an_upload_is_not_repeated),
        cmocka_unit_test(what_cannot_be_sent_ends_the_upload),
        cmocka_unit_test(an_empty_field_is_asked_for),
        cmocka_unit_test(a_job_is_full_below_100_mb),
        cmocka_unit_test(loads_are_checked),
        cmocka_unit_test(states_are_read),
        cmocka_unit_test(states_that_are_none),
        cmocka_unit_test(jobs_are_ended),
        cmocka_unit_test(looks_become_rarer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
