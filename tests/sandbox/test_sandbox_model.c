/*
 * test_sandbox_model.c - how slowly an org answers: shares of its capacity in modelled time, what a call costs, locks
 * of rows between calls that are at work at once, and that a held answer holds nobody else up.
 */
#include <math.h>
#include <pthread.h>

#include "sandbox/http/model.h"
#include "sandbox/http/sharing.h"
#include "tests/sandbox/fixture.h"

#define DATA "/services/data/v62.0"
#define DEAL "006xx000001a2c0"
#define OTHER_DEAL "006xx000001a2c1"

static void near(double got, double want)
{
    if (fabs(got - want) > 1e-6)
        fail_msg("wanted %f, got %f", want, got);
}

/* ---- shares, in no real time ---- */

static void alone_a_piece_takes_what_it_takes(void **state)
{
    struct sharing s = { .capacity = 2 };
    struct piece p;
    (void)state;
    sharing_join(&s, &p, 75);
    sharing_tell(&s, &p, 100);
    near(sharing_expect(&s, &p), 175);
    assert_false(sharing_advance(&s, 174.9));
    assert_true(p.finished < 0);
    assert_true(sharing_advance(&s, 500));
    near(p.finished, 175);
    sharing_leave(&s, &p);
    assert_null(s.pieces);
}

/* Three on two units: each at 2/3, then what is left of the longer ones at full speed. */
static void too_many_share(void **state)
{
    struct sharing s = { .capacity = 2 };
    struct piece a, b, c;
    (void)state;
    sharing_join(&s, &a, 0);
    sharing_join(&s, &b, 0);
    sharing_join(&s, &c, 0);
    sharing_tell(&s, &a, 100);
    sharing_tell(&s, &b, 100);
    sharing_tell(&s, &c, 200);
    sharing_advance(&s, 1000);
    near(a.finished, 150);
    near(b.finished, 150);
    near(c.finished, 250);
}

/* One that comes later slows the first down, wherever the clock was looked at in between. */
static void a_later_one_takes_its_share(void **state)
{
    (void)state;
    for (double step = 1; step < 200; step *= 3) {
        struct sharing s = { .capacity = 1 };
        struct piece a, b;
        sharing_join(&s, &a, 0);
        sharing_tell(&s, &a, 100);
        sharing_join(&s, &b, 40);
        sharing_tell(&s, &b, 20);
        for (double t = step; t < 400; t += step)
            sharing_advance(&s, t);
        near(b.finished, 80);
        near(a.finished, 120);
    }
}

/* Work that becomes known late has gone on meanwhile. */
static void work_is_told_late(void **state)
{
    struct sharing s = { .capacity = 1 };
    struct piece a, b;
    (void)state;
    sharing_join(&s, &a, 0);
    near(sharing_expect(&s, &a), -1);
    sharing_join(&s, &b, 0);
    sharing_tell(&s, &b, 30);
    sharing_advance(&s, 40);
    sharing_tell(&s, &a, 100);
    sharing_advance(&s, 1000);
    near(b.finished, 60);
    near(a.finished, 130);
}

/* Floor of a run: 25 calls of 1,500 and 8 of 600 on six units end no sooner than all work divided by six. */
static void the_floor_is_the_work(void **state)
{
    enum { CALLS = 33 };
    struct sharing s = { .capacity = 6 };
    struct piece p[CALLS];
    double last = 0;
    (void)state;
    for (int i = 0; i < CALLS; i++) {
        sharing_join(&s, &p[i], 0);
        sharing_tell(&s, &p[i], i < 25 ? 1500 : 600);
    }
    sharing_advance(&s, 1e6);
    for (int i = 0; i < CALLS; i++)
        last = fmax(last, p[i].finished);
    assert_true(last >= (25 * 1500 + 8 * 600) / 6.0 - 1e-6);
    near(last, (25 * 1500 + 8 * 600) / 6.0); /* all are there at once, so no unit is ever idle */
}

/* ---- what a call costs ---- */

static double number(const char *name)
{
    int status;
    json_t *model = ask_json("GET", "/sandbox/model", NULL, NULL, &status);
    assert_int_equal(status, 200);
    double v = json_number_value(json_object_get(model, name));
    json_decref(model);
    return v;
}

static void model(const char *spec, int want)
{
    assert_int_equal(ask_status("POST", "/sandbox/model", NULL, spec), want);
}

static char line[400]; /* the administrator's Authorization, and the type of bodies */

static int org(const char *method, const char *path, const char *body)
{
    char target[600];
    snprintf(target, sizeof target, DATA "/%s", path);
    return ask_status(method, target, line, body);
}

static void costs(const char *method, const char *path, const char *body, double pages, double records,
                  double statements)
{
    model("{\"pageMs\":3,\"recordMs\":0.1,\"statementMs\":2}", 200);
    int status = org(method, path, body);
    if (status >= 400)
        fail_msg("%s %s: %d", method, path, status);
    near(number("workMs"), 3 * pages + 0.1 * records + 2 * statements);
    assert_int_equal((int)number("calls"), 1);
}

#define ROW(type, rest) "{\"attributes\":{\"type\":\"" type "\"}," rest "}"
#define QUOTE(name) ROW("Quote", "\"Name\":\"" name "\",\"OpportunityId\":\"" DEAL "\"")

static void a_call_costs_what_it_does(void **state)
{
    (void)state;
    costs("GET", "query?q=SELECT+Id+FROM+Account", NULL, 1, 0, 0);
    costs("GET", "query?q=SELECT+COUNT()+FROM+Account", NULL, 1, 0, 0);
    costs("GET", "sobjects/Account/describe", NULL, 0, 0, 0);
    costs("POST", "sobjects/Account", "{\"Name\":\"x\"}", 0, 1, 1);
    costs("POST", "composite/sobjects", "{\"records\":[" QUOTE("a") "," QUOTE("b") "," QUOTE("c") "]}", 0, 3, 1);
    costs("POST", "composite/sobjects",
          "{\"records\":[" QUOTE("a") "," ROW("Account", "\"Name\":\"x\"") "," QUOTE("c") "]}", 0, 3, 3);
    costs("PATCH", "composite/sobjects/Account/AppLinkKey__c",
          "{\"records\":[" ROW("Account", "\"Name\":\"x\",\"AppLinkKey__c\":\"1\"") "," ROW(
              "Account", "\"Name\":\"y\",\"AppLinkKey__c\":\"2\"") "]}",
          0, 2, 1);
    costs("POST", "composite/graph",
          "{\"graphs\":[{\"graphId\":\"g\",\"compositeRequest\":["
          "{\"method\":\"POST\",\"url\":\"" DATA "/sobjects/Account\",\"referenceId\":\"a\",\"body\":{\"Name\":\"g\"}},"
          "{\"method\":\"POST\",\"url\":\"" DATA
          "/sobjects/Contact\",\"referenceId\":\"b\",\"body\":{\"LastName\":\"g\",\"AccountId\":\"@{a.id}\"}}]}]}",
          0, 2, 2);
    costs("POST", "composite/tree/Account",
          "{\"records\":[{\"attributes\":{\"type\":\"Account\",\"referenceId\":\"t\"},\"Name\":\"t\",\"Contacts\":{"
          "\"records\":["
          "{\"attributes\":{\"type\":\"Contact\",\"referenceId\":\"u\"},\"LastName\":\"u\"},{\"attributes\":{\"type\":"
          "\"Contact\",\"referenceId\":\"v\"},\"LastName\":\"v\"}]}}]}",
          0, 3, 2);
}

static void models_that_are_none(void **state)
{
    static const char *const wrong[] = { "{\"capacity\":0}",
                                         "{\"capacity\":-1}",
                                         "{\"networkMs\":\"1\"}",
                                         "{\"recordMs\":-1}",
                                         "{\"lockErrorRate\":1.5}",
                                         "{\"latency\":1}",
                                         "[]",
                                         "{" };
    (void)state;
    model("{\"pageMs\":1}", 200);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        model(wrong[i], 400);
    near(number("pageMs"), 1); /* the old one holds */
    model("{}", 200);
    int status;
    json_t *off = ask_json("GET", "/sandbox/model", NULL, NULL, &status);
    assert_int_equal((int)json_object_size(off), 0);
    json_decref(off);
    assert_int_equal(org("GET", "limits", NULL), 200);
}

/* ---- calls at the same time ---- */

struct caller {
    const char *method, *path;
    char body[400];
    int status;
    bool answered;
    char text[400];
};

static void *calls(void *arg)
{
    struct caller *c = arg;
    char target[300];
    snprintf(target, sizeof target, DATA "/%s", c->path);
    struct reply rp = ask(c->method, target, line, c->body);
    c->status = rp.status;
    snprintf(c->text, sizeof c->text, "%s", rp.body ? rp.body : "");
    __atomic_store_n(&c->answered, true, __ATOMIC_SEQ_CST);
    reply_free(&rp);
    return NULL;
}

/* Waits until calls have done so much work since the model was set: what they lock is then locked. */
static void wait_for_work(double ms)
{
    for (int i = 0; i < 4000 && number("workMs") < ms; i++) {
        struct timespec t = { 0, 5000000 };
        nanosleep(&t, NULL);
    }
    near(number("workMs"), ms);
}

static struct caller quote_for(const char *deal, const char *name)
{
    struct caller c = { "POST", "composite/sobjects", "", 0, false, "" };
    snprintf(c.body, sizeof c.body,
             "{\"records\":[{\"attributes\":{\"type\":\"Quote\"},\"Name\":\"%s\",\"OpportunityId\":\"%s\"}]}", name,
             deal);
    return c;
}

/* A call that takes long holds up nobody, and whoever turns the model off lets it go. */
static void a_held_answer_holds_nobody(void **state)
{
    enum { MANY = 40 };
    pthread_t slow, threads[MANY];
    struct caller first = quote_for(DEAL, "slow"), many[MANY];
    (void)state;
    model("{\"recordMs\":60000}", 200);
    assert_int_equal(pthread_create(&slow, NULL, calls, &first), 0);
    wait_for_work(1 * 60000);
    for (int i = 0; i < MANY; i++) {
        many[i] = (struct caller){ "GET", "query?q=SELECT+Id+FROM+Opportunity", "", 0, false, "" };
        assert_int_equal(pthread_create(&threads[i], NULL, calls, &many[i]), 0);
    }
    for (int i = 0; i < MANY; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(many[i].status, 200);
    }
    assert_false(__atomic_load_n(&first.answered, __ATOMIC_SEQ_CST));
    model("{}", 200);
    pthread_join(slow, NULL);
    assert_int_equal(first.status, 200);
    assert_non_null(strstr(first.text, "\"success\":true"));
}

/* The rows of a write that is still at work: its Opportunity is locked, another one's is not. */
static void writes_at_once_lock_their_parents(void **state)
{
    pthread_t slow;
    struct caller first = quote_for(DEAL, "slow"), same = quote_for(DEAL, "same"),
                  other = quote_for(OTHER_DEAL, "other");
    (void)state;
    model("{\"statementMs\":60000}", 200);
    assert_int_equal(pthread_create(&slow, NULL, calls, &first), 0);
    wait_for_work(1 * 60000);
    pthread_t second, third;
    assert_int_equal(pthread_create(&second, NULL, calls, &same), 0);
    wait_for_work(2 * 60000);
    assert_int_equal(pthread_create(&third, NULL, calls, &other), 0);
    wait_for_work(3 * 60000);
    model("{}", 200);
    pthread_join(slow, NULL);
    pthread_join(second, NULL);
    pthread_join(third, NULL);
    assert_non_null(strstr(first.text, "\"success\":true"));
    assert_non_null(strstr(same.text, "UNABLE_TO_LOCK_ROW"));
    assert_non_null(strstr(same.text, "unable to obtain exclusive access to this record or 1 records: " DEAL));
    assert_non_null(strstr(other.text, "\"success\":true"));
    same = quote_for(DEAL, "again"); /* one after the other they do not meet */
    calls(&same);
    assert_non_null(strstr(same.text, "\"success\":true"));
    model("{\"recordMs\":0.01}", 200);
    for (int i = 0; i < 3; i++) {
        calls(&same);
        assert_non_null(strstr(same.text, "\"success\":true"));
    }
    model("{}", 200);
}

/* An org bears 25 calls that take 20 s or longer; while they are at work it refuses a further one, a short one too. */
static void too_many_long_calls(void **state)
{
    enum { MOST = MODEL_LONG_CALLS_MAX };
    pthread_t threads[MOST];
    struct caller slow[MOST];
    (void)state;
    for (int n = MOST - 1; n <= MOST; n++) {
        model("{\"recordMs\":60000,\"longMs\":1}", 200);
        for (int i = 0; i < n; i++) {
            slow[i] = (struct caller){ "POST", "sobjects/Account", "{\"Name\":\"long\"}", 0, false, "" };
            assert_int_equal(pthread_create(&threads[i], NULL, calls, &slow[i]), 0);
            wait_for_work((i + 1) * 60000.0);
        }
        struct timespec t = { 0, 5000000 };
        nanosleep(&t, NULL);
        assert_int_equal(org("GET", "query?q=SELECT+Id+FROM+Account", NULL), n == MOST ? 429 : 200);
        assert_int_equal(org("GET", "jobs/ingest", NULL), n == MOST ? 429 : 200);
        model("{}", 200);
        for (int i = 0; i < n; i++) {
            pthread_join(threads[i], NULL);
            assert_int_equal(slow[i].status, 201);
        }
    }
    model("{\"recordMs\":60000}", 200); /* a call of a moment ago is not long yet */
    for (int i = 0; i < MOST; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, calls, &slow[i]), 0);
        wait_for_work((i + 1) * 60000.0);
    }
    assert_int_equal(org("GET", "query?q=SELECT+Id+FROM+Account", NULL), 200);
    model("{}", 200);
    for (int i = 0; i < MOST; i++)
        pthread_join(threads[i], NULL);
}

/* By chance, but the same for the same seed. */
static void a_part_of_the_rows_is_refused(void **state)
{
    enum { ROWS = 100 };
    char seen[2][ROWS + 1] = { "", "" };
    (void)state;
    for (int round = 0; round < 2; round++) {
        model("{\"lockErrorRate\":0.3,\"seed\":11}", 200);
        for (int i = 0; i < ROWS; i++)
            seen[round][i] = org("POST", "sobjects/Account", "{\"Name\":\"x\"}") == 201 ? '.' : 'x';
    }
    assert_string_equal(seen[0], seen[1]);
    int refused = 0;
    for (int i = 0; i < ROWS; i++)
        refused += seen[0][i] == 'x';
    assert_in_range(refused, 15, 45);
    model("{\"lockErrorRate\":0.3,\"seed\":12}", 200);
    for (int i = 0; i < ROWS; i++)
        seen[1][i] = org("POST", "sobjects/Account", "{\"Name\":\"x\"}") == 201 ? '.' : 'x';
    assert_string_not_equal(seen[0], seen[1]);
    model("{\"lockErrorRate\":1}", 200);
    assert_int_equal(org("POST", "sobjects/Account", "{\"Name\":\"x\"}"), 400);
    assert_int_equal(org("GET", "query?q=SELECT+Id+FROM+Account", NULL), 200);
    model("{}", 200);
    assert_int_equal(org("POST", "sobjects/Account", "{\"Name\":\"x\"}"), 201);
}

static int open_all(void **state)
{
    if (box_open(state))
        return -1;
    admin_line(line, sizeof line - 40);
    snprintf(line + strlen(line), 40, "\nContent-Type: application/json");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alone_a_piece_takes_what_it_takes),
        cmocka_unit_test(too_many_share),
        cmocka_unit_test(a_later_one_takes_its_share),
        cmocka_unit_test(work_is_told_late),
        cmocka_unit_test(the_floor_is_the_work),
        cmocka_unit_test(a_call_costs_what_it_does),
        cmocka_unit_test(models_that_are_none),
        cmocka_unit_test(a_held_answer_holds_nobody),
        cmocka_unit_test(writes_at_once_lock_their_parents),
        cmocka_unit_test(too_many_long_calls),
        cmocka_unit_test(a_part_of_the_rows_is_refused),
    };
    return cmocka_run_group_tests(tests, open_all, box_close);
}
