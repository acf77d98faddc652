/* test_inbox.c - leases of subscriptions, events with their position, transactions that become jobs, on both engines.
 */
#include "tests/unit/jobs/queue_kit.h"

#include "runtime/jobs/inbox.h"

#define TOPIC "/data/OpportunityChangeEvent"

static struct subscription take_as(struct queue *q, const char *owner, const char *connection)
{
    const struct subscription_claim c = { ORG, TOPIC, connection, owner, 10000 };
    struct subscription s;
    OK(subscription_take(q, &c, &s));
    return s;
}

static struct subscription take(void)
{
    struct subscription s = take_as(kit.q, ME, "sandbox");
    assert_true(s.held);
    return s;
}

static struct inbox_event event_of(const char *id, const char *key, const char *body)
{
    return (struct inbox_event){ .id = span_of(id), .key = span_of(key), .body = span_of(body), .ids = 1 };
}

static enum queue_result keep(const struct subscription *s, const char *latest, const struct inbox_event *v, size_t n,
                              const struct inbox_closing *closing, struct inbox_kept *kept)
{
    const struct inbox_batch b = { s->id, s->fence, span_of(latest), v, n, 5, 0 };
    return inbox_keep(kit.q, s->id, s->fence, &b, closing, kept);
}

/* Makes one job whose input holds the rows, under the part's name. */
struct maker {
    int calls, jobs;
    char first[80], rows[400];
    bool refuses;
};
static bool make(void *ctx, const char *key, const char *first, const json_t *rows, struct inbox_put *p)
{
    struct maker *m = ctx;
    char *text = json_dumps(rows, JSON_COMPACT), unique[200];
    m->calls++;
    copy_text(m->first, sizeof m->first, first);
    copy_text(m->rows, sizeof m->rows, text);
    snprintf(unique, sizeof unique, "cdc:%s:%s", key, first);
    struct job_new n = job_sample();
    n.unique_key = unique;
    n.input = span_of("{}");
    n.event = "{\"commitUser\":\"u\"}";
    free(text);
    bool ok = !m->refuses && inbox_put(p, &n);
    m->jobs += ok;
    return ok;
}

static struct inbox_closing closing_of(struct maker *m, const char *key)
{
    static char keys[1][INBOX_KEY + 1];
    copy_text(keys[0], sizeof keys[0], key);
    return (struct inbox_closing){ (const char(*)[INBOX_KEY + 1]) keys, 1, make, m };
}

static void one_reader_for_an_org_and_a_topic(void **state)
{
    (void)state;
    struct subscription mine = take();
    assert_true(mine.first && mine.position_n == 0);
    struct queue *other = queue_another(false);
    assert_false(take_as(other, "boot/other/1/1", "sandbox").held);
    assert_false(take_as(kit.q, ME, "second").held); /* another connection to the same org stands by too */
    struct subscription again = take();              /* the same one, begun anew */
    assert_true(again.fence > mine.fence && !again.first);
    const struct subscription_health h = { "open", "", 3, 1, 0, 90 };
    assert_int_equal(subscription_renew(kit.q, mine.id, mine.fence, 10000, &h), QUEUE_LOST);
    OK(subscription_renew(kit.q, again.id, again.fence, 10000, &h));
    OK(subscription_release(kit.q, mine.id, mine.fence)); /* of an old fence: nothing */
    assert_false(take_as(other, "boot/other/1/1", "sandbox").held);
    OK(subscription_release(kit.q, again.id, again.fence));
    assert_true(take_as(other, "boot/other/1/1", "sandbox").held);
    queue_free(other);
}

static void a_lease_that_ended_or_whose_owner_died_is_free(void **state)
{
    (void)state;
    struct subscription mine = take();
    sql("UPDATE ah_subscription SET lease_until = 1");
    struct subscription theirs = take_as(kit.q, "boot/other/1/1", "sandbox");
    assert_true(theirs.held);
    struct inbox_kept kept;
    assert_int_equal(keep(&mine, "p", NULL, 0, NULL, &kept), QUEUE_LOST);
    char dead[QUEUE_OWNER_SIZE], *slash;
    assert_true(queue_owner((int)getpid(), dead)); /* this boot and namespace, started at another time */
    slash = strrchr(dead, '/');
    copy_text(slash, (size_t)(dead + sizeof dead - slash), "/1");
    sql("UPDATE ah_subscription SET lease_until = NULL, owner = NULL");
    assert_true(take_as(kit.q, dead, "sandbox").held);
    int64_t released;
    OK(queue_sweep(kit.q, NULL, &released));
    assert_int_equal(sql_number("SELECT count(*) FROM ah_subscription WHERE owner IS NOT NULL"), 0);
}

static void position_and_events_are_one_commit(void **state)
{
    (void)state;
    struct subscription s = take();
    struct inbox_kept kept;
    const struct inbox_event v[] = { event_of("e1", "t1", "{\"n\":1}"), event_of("e2", "t1", "{\"n\":2}"),
                                     event_of("e1", "t1", "{\"n\":1}") };
    OK(keep(&s, "p\0q", v, 3, NULL, &kept));
    assert_int_equal(kept.kept, 2);
    assert_int_equal(kept.duplicates, 1);
    OK(keep(&s, "p2", v, 2, NULL, &kept)); /* the same again after a lost answer */
    assert_int_equal(kept.duplicates, 2);
    struct subscription next = take();
    assert_int_equal(next.position_n, 2);
    assert_memory_equal(next.position, "p2", 2);
    assert_int_equal(keep(&s, "p3", v, 2, NULL, &kept), QUEUE_LOST); /* an old fence changes nothing */
    assert_int_equal(take().position_n, 2);
}

static void count_open(void *ctx, const char *key, int ids)
{
    struct maker *m = ctx;
    m->calls++;
    m->jobs += ids;
    copy_text(m->first, sizeof m->first, key);
}

static void a_transaction_becomes_a_job_once(void **state)
{
    (void)state;
    struct subscription s = take();
    struct inbox_kept kept;
    struct maker m = { 0 }, open = { 0 };
    const struct inbox_event v[] = { event_of("e1", "t1", "{\"n\":1}"), event_of("e2", "t2", "{\"n\":2}"),
                                     event_of("e3", "t1", "{\"n\":3}") };
    OK(keep(&s, "p1", v, 3, NULL, &kept));
    OK(inbox_each_open(kit.q, s.id, count_open, &open));
    assert_int_equal(open.calls, 2);
    assert_int_equal(open.jobs, 3);
    assert_string_equal(open.first, "t2"); /* the younger one comes last */
    struct inbox_closing c = closing_of(&m, "t1");
    OK(inbox_keep(kit.q, s.id, s.fence, NULL, &c, &kept));
    assert_int_equal(kept.jobs, 1);
    assert_string_equal(m.first, "e1");
    assert_string_equal(m.rows, "[{\"n\":1},{\"n\":3}]");
    assert_string_equal(sql_text("SELECT event FROM ah_job_data"), "{\"commitUser\":\"u\"}");
    OK(inbox_keep(kit.q, s.id, s.fence, NULL, &c, &kept)); /* nothing of it is left */
    assert_int_equal(m.calls, 1);
    OK(keep(&s, "p2", v, 3, &c, &kept)); /* all of it comes once more */
    assert_int_equal(kept.duplicates, 3);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_job"), 1);
}

/* A transaction that was closed too early goes on: its rest is a part of its own, and not lost. */
static void a_late_part_is_a_job_of_its_own(void **state)
{
    (void)state;
    struct subscription s = take();
    struct inbox_kept kept;
    struct maker m = { 0 };
    const struct inbox_event one = event_of("e1", "t1", "{\"n\":1}"), late = event_of("e2", "t1", "{\"n\":2}");
    struct inbox_closing c = closing_of(&m, "t1");
    OK(keep(&s, "p1", &one, 1, &c, &kept));
    OK(keep(&s, "p2", &late, 1, &c, &kept));
    assert_int_equal(m.jobs, 2);
    assert_string_equal(m.first, "e2");
    assert_int_equal(sql_number("SELECT count(*) FROM ah_job"), 2);
}

static void a_transaction_that_makes_no_job_keeps_nothing_of_the_batch(void **state)
{
    (void)state;
    struct subscription s = take();
    struct inbox_kept kept;
    struct maker m = { .refuses = true };
    const struct inbox_event one = event_of("e1", "t1", "{\"n\":1}");
    struct inbox_closing c = closing_of(&m, "t1");
    assert_int_equal(keep(&s, "p1", &one, 1, &c, &kept), QUEUE_FULL);
    assert_int_equal(kept.kept, 0);
    assert_int_equal(take().position_n, 0);
    s = take();
    OK(keep(&s, "p1", &one, 1, NULL, &kept));
    OK(inbox_set_aside(kit.q, s.id, s.fence, "t1", "why"));
    assert_string_equal(sql_text("SELECT fault FROM ah_event WHERE state = 2"), "why");
    json_t *list = NULL;
    OK(subscription_list(kit.q, &list));
    const json_t *row = json_array_get(list, 0);
    assert_int_equal(json_integer_value(json_object_get(row, "apart")), 1);
    assert_int_equal(json_integer_value(json_object_get(row, "open")), 0);
    assert_string_equal(json_string_value(json_object_get(row, "position")), "7031");
    json_decref(list);
}

static void unreadable_events_are_kept_apart_and_the_stream_goes_on(void **state)
{
    (void)state;
    struct subscription s = take();
    struct inbox_kept kept;
    struct inbox_event v[] = { event_of("e1", "", ""), event_of("e2", "t1", "{}") };
    v[0].fault = span_of("It does not fit its schema.");
    OK(keep(&s, "p1", v, 2, NULL, &kept));
    assert_int_equal(kept.kept, 2);
    assert_string_equal(sql_text("SELECT fault FROM ah_event WHERE state = 2"), "It does not fit its schema.");
}

static void a_lost_position_is_told_and_read_from_the_earliest(void **state)
{
    (void)state;
    struct subscription s = take();
    struct inbox_kept kept;
    OK(keep(&s, "p1", NULL, 0, NULL, &kept));
    OK(subscription_lose(kit.q, s.id, s.fence, "corrupted"));
    s = take();
    assert_true(s.lost && !s.first && s.position_n == 0);
    json_t *list = NULL;
    OK(subscription_list(kit.q, &list));
    assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "gaps")), 1);
    json_decref(list);
}

static void old_ids_are_forgotten_open_events_never(void **state)
{
    (void)state;
    struct subscription s = take();
    struct inbox_kept kept;
    struct maker m = { 0 };
    const struct inbox_event v[] = { event_of("e1", "t1", "{}"), event_of("e2", "t2", "{}") };
    struct inbox_closing c = closing_of(&m, "t1");
    OK(keep(&s, "p1", v, 2, &c, &kept));
    int64_t deleted;
    OK(inbox_retain(kit.q, &deleted));
    assert_int_equal(deleted, 0);
    sql("UPDATE ah_event SET at = 1");
    OK(inbox_retain(kit.q, &deleted));
    assert_int_equal(deleted, 1);
    assert_string_equal(sql_text("SELECT event_id FROM ah_event"), "e2");
}

static const struct CMUnitTest tests[] = {
    QUEUE_TEST(one_reader_for_an_org_and_a_topic),
    QUEUE_TEST(a_lease_that_ended_or_whose_owner_died_is_free),
    QUEUE_TEST(position_and_events_are_one_commit),
    QUEUE_TEST(a_transaction_becomes_a_job_once),
    QUEUE_TEST(a_late_part_is_a_job_of_its_own),
    QUEUE_TEST(a_transaction_that_makes_no_job_keeps_nothing_of_the_batch),
    QUEUE_TEST(unreadable_events_are_kept_apart_and_the_stream_goes_on),
    QUEUE_TEST(a_lost_position_is_told_and_read_from_the_earliest),
    QUEUE_TEST(old_ids_are_forgotten_open_events_never),
};
QUEUE_MAIN(tests)
