/* test_events.c - the jobs process as the listener sees it: leases, sessions, batches, transactions that end in time.
 */
#include <sqlite3.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/check.h"

#include "runtime/base/system.h"
#include "runtime/events/event_pack.h"
#include "runtime/runner/events.h"

#define TOPIC "/data/OpportunityChangeEvent"
#define ORG "00Dxx0000001gPLEAY"
#define STAGE "{\"StageName\":\"Proposal/Price Quote\"}"

static struct {
    struct loop loop;
    struct queue *queue;
    struct events *events;
    struct front_link *link;
    struct declarations declarations;
    int listener;
    char file[200];
    const char *org; /* where the connection leads to; NULL = nobody knows it */
} t;

/* The add-on: in place of access/, which asks it over HTTP. */
void authorizations_get(struct authorizations *a, const char *name, const char *stale, authorization_fn *done,
                        void *ctx)
{
    struct org_session s = { .url = "https://o.my.salesforce.com", .api_version = "62.0", .token = "secret" };
    struct err e;
    (void)a;
    copy_text(s.id, sizeof s.id, t.org ? t.org : "");
    copy_text(s.user_id, sizeof s.user_id, "005xx000001X8UzAAK");
    copy_text(s.username, sizeof s.username, *stale ? "again@example.com" : "events@example.com");
    copy_text(s.authorization, sizeof s.authorization, name);
    err_set(&e, 404, "authorization_not_found", "There is no such authorization.");
    done(ctx, t.org ? &s : NULL, &e);
}

static struct events *events_of(const char *owner)
{
    const struct events_parts p = { t.queue, &t.declarations, NULL, owner, 7 };
    return events_new(&p);
}

static int set_up(void **state)
{
    int pair[2];
    struct buf faults;
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(t.file, sizeof t.file, "%s/events-%d.db", base && *base ? base : "/tmp", (int)getpid());
    const struct queue_settings s = { .path = t.file, .poll_ms = 1000 };
    buf_init(&faults, 1 << 16);
    assert_true(declarations_load(&t.declarations, &faults));
    buf_free(&faults);
    t.queue = queue_new(&s);
    assert_int_equal(queue_open_now(t.queue, 5000, NULL), QUEUE_OK);
    assert_true(loop_init(&t.loop));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    t.listener = pair[0];
    t.org = ORG;
    t.events = events_of("me");
    t.link = frame_link_new(&t.loop, pair[1], events_hear, t.events);
    events_link(t.events, t.link);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    front_link_free(t.link);
    events_free(t.events);
    close(t.listener);
    loop_fini(&t.loop);
    queue_free(t.queue);
    declarations_free(&t.declarations);
    for (int i = 0; i < 3; i++) {
        static const char *const ends[] = { "", "-wal", "-shm" };
        char path[240];
        snprintf(path, sizeof path, "%s%s", t.file, ends[i]);
        unlink(path);
    }
    return 0;
}

/* ---- the listener's end ---- */

static char heard[LIMIT_FRAME];

/* Sends the frames and reads the one that comes back. */
static struct frame say(struct buf *b)
{
    struct frame f = { 0 };
    bool bad;
    size_t n = 0;
    assert_int_equal(send(t.listener, b->p, b->n, MSG_NOSIGNAL), b->n);
    buf_free(b);
    for (int turns = 0; turns < 200; turns++) {
        loop_turn(&t.loop, 10);
        ssize_t got = recv(t.listener, heard + n, sizeof heard - n, MSG_DONTWAIT);
        n += got > 0 ? (size_t)got : 0;
        if (frame_peek((struct span){ heard, n }, LIMIT_FRAME, &f, &bad))
            return f;
        if (got == 0)
            break;
    }
    return (struct frame){ 0 }; /* the link was given up */
}

static struct message_subscription_answer subscription(enum subscription_question what, int64_t fence)
{
    struct message_subscription_question q = { .what = what,
                                               .connection = span_of("sandbox"),
                                               .topic = span_of(TOPIC),
                                               .org = span_of(ORG),
                                               .fence = fence,
                                               .state = SUBSCRIPTION_OPEN,
                                               .reason = span_of(what == SUBSCRIPTION_LOST ? "corrupted" : ""),
                                               .received = 5 };
    struct message_subscription_answer a = { 0 };
    struct buf b;
    buf_init(&b, LIMIT_FRAME);
    assert_true(message_subscription_question_write(&b, 7, &q));
    struct frame f = say(&b);
    assert_true(message_subscription_answer_read(&f, &a));
    assert_int_equal(f.call, 7);
    return a;
}

static int64_t claim(void)
{
    struct message_subscription_answer a = subscription(SUBSCRIPTION_CLAIM, 0);
    assert_int_equal(a.lease, LEASE_HELD);
    return a.fence;
}

static struct event event_of(const char *id, const char *key, const char *record)
{
    return (struct event){ .id = span_of(id),
                           .replay_id = span_of("r"),
                           .header = { .change = EVENT_CREATE,
                                       .entity = span_of("Opportunity"),
                                       .transaction_key = span_of(key),
                                       .commit_ms = (int64_t)time(NULL) * 1000,
                                       .commit_user = span_of("005xx000001X8UzAAK"),
                                       .record_ids = span_of(record),
                                       .changed = span_of("[]") },
                           .fields = span_of(STAGE) };
}

static struct message_events_answer events(int64_t fence, const struct event *v, size_t n, const char *latest)
{
    struct message_events_answer a = { .result = -1 };
    struct buf b, packed;
    buf_init(&b, LIMIT_FRAME);
    buf_init(&packed, MESSAGE_EVENTS);
    for (size_t i = 0; i < n; i++)
        assert_true(event_pack(&packed, &v[i]));
    const struct message_events m = { span_of("sandbox"), span_of(TOPIC),  span_of(ORG),          fence,
                                      (int64_t)n,         span_of(latest), { packed.p, packed.n } };
    assert_true(message_events_write(&b, 9, &m));
    struct frame f = say(&b);
    buf_free(&packed);
    if (f.kind)
        assert_true(message_events_answer_read(&f, &a));
    return a;
}

static json_t *jobs(void)
{
    const struct job_filter f = { .limit = 200 };
    json_t *list = NULL;
    assert_int_equal(queue_list(t.queue, &f, NULL, &list), QUEUE_OK);
    return list;
}

static size_t jobs_n(void)
{
    json_t *list = jobs();
    size_t n = json_array_size(list);
    json_decref(list);
    return n;
}

/* What the next job is to do: its input, a new reference. */
static json_t *next_input(void)
{
    const struct claim_wish w = { .owner = "worker", .lease_ms = 60000, .max = 1 };
    struct claim c;
    int n = 0;
    assert_int_equal(queue_claim(t.queue, &w, &c, &n), QUEUE_OK);
    assert_int_equal(n, 1);
    assert_string_equal(c.connection, "sandbox");
    json_t *input = json_loadb(c.input.p, c.input.n, 0, NULL);
    queue_claim_free(&c);
    return input;
}

static const char *text_at(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));
    return text ? text : "";
}

/* ---- tests ---- */

static void a_lease_comes_and_goes(void **state)
{
    (void)state;
    struct message_subscription_answer a = subscription(SUBSCRIPTION_CLAIM, 0);
    assert_int_equal(a.lease, LEASE_HELD);
    assert_int_equal(a.position, POSITION_LATEST);
    assert_int_equal(subscription(SUBSCRIPTION_RENEW, a.fence).lease, LEASE_HELD);
    assert_int_equal(subscription(SUBSCRIPTION_RENEW, a.fence + 1).lease, LEASE_OTHERS);
    assert_int_equal(events(a.fence, NULL, 0, "pos1").result, EVENTS_KEPT);
    a = subscription(SUBSCRIPTION_CLAIM, 0);
    assert_int_equal(a.position, POSITION_AFTER);
    assert_span(a.replay_id, "pos1");
    a = subscription(SUBSCRIPTION_LOST, a.fence);
    assert_int_equal(a.position, POSITION_EARLIEST);
    assert_int_equal(events(a.fence, NULL, 0, "pos2").result, EVENTS_KEPT);
    subscription(SUBSCRIPTION_RELEASE, a.fence);
    assert_int_equal(events(a.fence, NULL, 0, "pos3").result, EVENTS_REFUSED);
    assert_int_equal(subscription(SUBSCRIPTION_RENEW, a.fence).lease, LEASE_OTHERS);
}

static void somebody_else_has_it(void **state)
{
    (void)state;
    const struct subscription_claim c = { ORG, TOPIC, "sandbox", "boot/x/1/1", 60000 };
    struct subscription s;
    assert_int_equal(subscription_take(t.queue, &c, &s), QUEUE_OK);
    assert_int_equal(subscription(SUBSCRIPTION_CLAIM, 0).lease, LEASE_OTHERS);
}

static void a_connection_that_leads_elsewhere_or_nowhere(void **state)
{
    (void)state;
    t.org = "00Dxx0000009zzzEAA";
    assert_int_equal(subscription(SUBSCRIPTION_CLAIM, 0).lease, LEASE_UNKNOWN);
    t.org = NULL;
    assert_int_equal(subscription(SUBSCRIPTION_CLAIM, 0).lease, LEASE_UNKNOWN);
}

static void sessions(void **state)
{
    (void)state;
    struct message_authorization_question q = { span_of("sandbox"), span_of("old") };
    struct message_authorization_answer a;
    struct buf b;
    buf_init(&b, LIMIT_FRAME);
    assert_true(message_authorization_question_write(&b, 3, &q));
    struct frame f = say(&b);
    assert_true(message_authorization_answer_read(&f, &a));
    assert_true(a.granted);
    assert_span(a.org.token, "secret");
    assert_span(a.org.username, "again@example.com");
    t.org = NULL;
    assert_true(message_authorization_question_write(&b, 4, &q));
    f = say(&b);
    assert_true(message_authorization_answer_read(&f, &a));
    assert_false(a.granted);
    assert_int_equal(a.status, 404);
}

static void a_transaction_becomes_a_job_by_silence(void **state)
{
    (void)state;
    int64_t fence = claim();
    const struct event v[] = { event_of("e1", "t1", "[\"006xx000001a2c0AAA\"]"),
                               event_of("e2", "t1", "[\"006xx000001a2c1AAA\",\"006xx000001a2c0AAA\"]") };
    struct message_events_answer a = events(fence, v, 2, "p1");
    assert_int_equal(a.result, EVENTS_KEPT);
    assert_int_equal(a.kept, 2);
    int64_t now = clock_ms();
    events_work(t.events, now);
    assert_int_equal(jobs_n(), 0);
    int wait = events_timeout_ms(t.events, now);
    assert_true(wait > 0 && wait <= 250);
    events_work(t.events, now + 251);
    assert_int_equal(jobs_n(), 1);
    json_t *input = next_input(), *event = json_object_get(input, DECLARED_EVENT);
    assert_int_equal(json_array_size(json_object_get(input, "opportunityIds")), 2);
    assert_string_equal(text_at(event, "transactionKey"), "t1");
    assert_string_equal(text_at(event, "connection"), "sandbox");
    assert_string_equal(text_at(event, "commitUser"), "005xx000001X8UzAAK");
    assert_int_equal(json_array_size(json_object_get(event, "records")), 2);
    assert_string_equal(text_at(json_array_get(json_object_get(event, "records"), 0), "rule"), "stage");
    json_decref(input);
    a = events(fence, v, 2, "p2"); /* the same once more */
    assert_int_equal(a.duplicates, 2);
    events_work(t.events, clock_ms() + 3000);
    assert_int_equal(jobs_n(), 1);
}

static void what_a_process_left_behind(void **state)
{
    (void)state;
    int64_t fence = claim();
    const struct event one = event_of("e1", "t1", "[\"006xx000001a2c0AAA\"]");
    assert_int_equal(events(fence, &one, 1, "p1").kept, 1);
    front_link_free(t.link); /* the process dies, and another one follows */
    close(t.listener);
    events_free(t.events);
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    t.listener = pair[0];
    t.events = events_of("me");
    t.link = frame_link_new(&t.loop, pair[1], events_hear, t.events);
    events_link(t.events, t.link);
    events_work(t.events, clock_ms() + 3000);
    assert_int_equal(jobs_n(), 0); /* nobody has the lease yet */
    claim();
    events_work(t.events, clock_ms() + 3000);
    assert_int_equal(jobs_n(), 1);
}

static void many_ids_become_several_jobs(void **state)
{
    (void)state;
    enum { IDS = 100000, OF_A_JOB = 2000 };
    struct buf ids;
    int64_t fence = claim();
    buf_init(&ids, 4 << 20);
    buf_char(&ids, '[');
    for (int i = 0; i < IDS; i++)
        buf_fmt(&ids, "%s\"006xx%010dAAA\"", i ? "," : "", i);
    buf_char(&ids, ']');
    struct event e = event_of("e1", "t1", ids.p);
    /* larger than what a socket takes at once */
    struct message_events_answer a = { .result = -1 };
    struct buf b, packed;
    buf_init(&b, LIMIT_FRAME);
    buf_init(&packed, MESSAGE_EVENTS);
    assert_true(event_pack(&packed, &e));
    const struct message_events m = { span_of("sandbox"), span_of(TOPIC),        span_of(ORG), fence, 1,
                                      span_of("p1"),      { packed.p, packed.n } };
    assert_true(message_events_write(&b, 9, &m));
    struct frame f = { 0 };
    bool bad;
    for (size_t at = 0, n = 0; !f.kind;) {
        ssize_t put = at < b.n ? send(t.listener, b.p + at, b.n - at, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
        at += put > 0 ? (size_t)put : 0;
        loop_turn(&t.loop, 10);
        ssize_t got = recv(t.listener, heard + n, sizeof heard - n, MSG_DONTWAIT);
        assert_true(got != 0);
        n += got > 0 ? (size_t)got : 0;
        if (!frame_peek((struct span){ heard, n }, LIMIT_FRAME, &f, &bad))
            f = (struct frame){ 0 };
    }
    assert_true(message_events_answer_read(&f, &a));
    assert_int_equal(a.kept, 1);
    events_work(t.events, clock_ms() + 20);
    assert_int_equal(jobs_n(), IDS / OF_A_JOB);
    json_t *input = next_input();
    assert_int_equal(json_array_size(json_object_get(input, "opportunityIds")), OF_A_JOB);
    json_decref(input);
    buf_free(&ids);
    buf_free(&packed);
    buf_free(&b);
}

static void a_gap_is_looked_for_by_a_condition(void **state)
{
    (void)state;
    int64_t fence = claim();
    struct event e = event_of("e1", "t1", "");
    e.header.change = EVENT_GAP_OVERFLOW;
    e.fields = span_of("");
    assert_int_equal(events(fence, &e, 1, "p1").kept, 1);
    events_work(t.events, clock_ms() + 300);
    json_t *input = next_input();
    const char *condition = text_at(input, "condition");
    assert_true(strncmp(condition, "LastModifiedDate >= 20", 22) == 0);
    assert_non_null(strstr(condition, "Z AND (StageName = 'Proposal/Price Quote')"));
    assert_null(json_object_get(input, "opportunityIds"));
    json_decref(input);
}

static void unreadable_ones_and_nobodys(void **state)
{
    (void)state;
    int64_t fence = claim();
    struct event v[] = { event_of("e1", "t1", "[\"006xx000001a2c0AAA\"]"), event_of("", "t2", "[]"),
                         event_of("e3", "t3", "[\"006xx000001a2c0AAA\"]") };
    v[0].fault = span_of("It does not fit its schema.");
    v[1].fault = span_of("It has no id.");
    v[2].fields = span_of("{\"StageName\":\"Prospecting\"}");
    struct message_events_answer a = events(fence, v, 3, "p1");
    assert_int_equal(a.result, EVENTS_KEPT);
    assert_int_equal(a.kept, 2);
    events_work(t.events, clock_ms() + 3000);
    assert_int_equal(jobs_n(), 0);
    json_t *list = NULL;
    assert_int_equal(subscription_list(t.queue, &list), QUEUE_OK);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "apart")), 2);
    json_decref(list);
    struct event odd =
        event_of("a\xff", "t4", "[\"006xx000001a2c0AAA\"]"); /* an id that is no text is one all the same */
    odd.id.n = 3;
    assert_int_equal(events(fence, &odd, 1, "p2").kept, 1);
    assert_int_equal(events(fence, &odd, 1, "p3").duplicates, 1);
}

static void what_no_listener_sends(void **state)
{
    (void)state;
    struct buf b;
    int64_t fence = claim();
    buf_init(&b, LIMIT_FRAME);
    const struct message_events m = { span_of("sandbox"), span_of(TOPIC),     span_of(ORG), fence, 2,
                                      span_of("p1"),      span_of("nonsense") };
    assert_true(message_events_write(&b, 9, &m));
    assert_int_equal(say(&b).kind, 0);
    assert_false(front_link_is_open(t.link));
}

/* From beside: what makes the database of no use for a moment. */
static void beside(const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(t.file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* A batch that could not be kept leaves a hole: the one behind it, which was on its way already, must not be kept, as
 * its position is behind the hole. */
static void nothing_is_kept_behind_a_hole(void **state)
{
    (void)state;
    const struct event one = event_of("e1", "k1", "[\"006xx0000000001AAA\"]"),
                       two = event_of("e2", "k2", "[\"006xx0000000002AAA\"]");
    int64_t fence = claim();
    assert_int_equal(events(fence, NULL, 0, "before").result, EVENTS_KEPT);
    beside("ALTER TABLE ah_event RENAME TO elsewhere");
    assert_int_equal(events(fence, &one, 1, "hole").result, EVENTS_AGAIN);
    beside("ALTER TABLE elsewhere RENAME TO ah_event");
    assert_int_equal(queue_open_now(t.queue, 5000, NULL), QUEUE_OK);
    assert_int_equal(events(fence, &two, 1, "behind").result, EVENTS_REFUSED);
    struct message_subscription_answer a = subscription(SUBSCRIPTION_CLAIM, 0);
    assert_int_equal(a.lease, LEASE_HELD);
    assert_span(a.replay_id, "before");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_lease_comes_and_goes),
        TEST(somebody_else_has_it),
        TEST(a_connection_that_leads_elsewhere_or_nowhere),
        TEST(sessions),
        TEST(a_transaction_becomes_a_job_by_silence),
        TEST(what_a_process_left_behind),
        TEST(many_ids_become_several_jobs),
        TEST(a_gap_is_looked_for_by_a_condition),
        TEST(unreadable_ones_and_nobodys),
        TEST(what_no_listener_sends),
        TEST(nothing_is_kept_behind_a_hole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
