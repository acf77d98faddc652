/* test_step.c - one step of a job: what its function records, and what the jobs process is told. */
#include "tests/unit/check.h"

#include "runtime/base/encoding.h"
#include "tests/unit/client/step_kit.h"

/* ---- plans ---- */

static enum act_step plans_three(struct act_call *call, const json_t *cursor, json_t **out)
{
    (void)out;
    assert_null(cursor);
    act_plan_item(call, json_string("a"));
    act_plan_item(call, json_pack("{s:i}", "n", 2));
    act_plan_more(call, json_string("first"));
    act_plan_more(call, json_string("b"));
    act_plan_total(call, 900);
    act_plan_total(call, 1000);
    return ACT_STEP_DONE;
}

static enum act_step plans_the_end(struct act_call *call, const json_t *cursor, json_t **out)
{
    (void)out;
    assert_string_equal(json_string_value(cursor), "b");
    act_plan_item(call, json_string("c"));
    return ACT_STEP_DONE;
}

static enum act_step plans_and_fails(struct act_call *call, const json_t *cursor, json_t **out)
{
    plans_three(call, cursor, out);
    return act_step_again(call, 7, true, "not now, %s", "please");
}

static void test_plans(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    job_reply_is(job_step(k, STEP_WORK_PLAN, plans_three, NULL),
                 "{'outcome':'done','items':['a',{'n':2}],'cursor':'b','total':1000}");
    job_reply_is(job_step(k, STEP_WORK_PLAN, plans_the_end, "\"b\""), "{'outcome':'done','items':['c']}");
    job_reply_is(job_step(k, STEP_WORK_PLAN, plans_and_fails, NULL),
                 "{'outcome':'again','code':'again','message':'not now, please','afterSeconds':7,'counts':true,"
                 "'gate':false}");
    step_kit_free(k);
}

static size_t items_n, item_bytes;
static int large_pages; /* what act_plan_page_items is given; 0 = it is not called */

static enum act_step plans_many(struct act_call *call, const json_t *cursor, json_t **out)
{
    (void)cursor, (void)out;
    char *text = malloc(item_bytes + 1);
    memset(text, 'x', item_bytes);
    text[item_bytes] = '\0';
    if (large_pages)
        act_plan_page_items(call, large_pages);
    for (size_t i = 0; i < items_n; i++)
        act_plan_item(call, json_string(text));
    free(text);
    return ACT_STEP_DONE;
}

/* A plan of n items of so many bytes of JSON text: its outcome, or the code of its failure. */
static const char *planned(struct step_kit *k, size_t n, size_t bytes, int page_items)
{
    static char said[64];
    items_n = n;
    item_bytes = bytes - 2;
    k->kit->declaration.job.page_items = page_items;
    json_t *reply = job_step(k, STEP_WORK_PLAN, plans_many, NULL);
    const char *outcome = declaration_text(reply, "outcome");
    copy_text(said, sizeof said, strcmp(outcome, "done") == 0 ? outcome : declaration_text(reply, "code"));
    if (strcmp(said, "done") == 0)
        assert_int_equal(json_array_size(json_object_get(reply, "items")), n);
    else
        assert_string_equal(outcome, strcmp(said, "internal_error") == 0 ? "fault" : "job_failed");
    json_decref(reply);
    return said;
}

static void test_plans_have_limits(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    assert_string_equal(planned(k, 1, STEP_ITEM_BYTES, 1), "done");
    assert_string_equal(planned(k, 1, STEP_ITEM_BYTES + 1, 1), "item_too_large");
    /* a page is a JSON array: brackets, commas, 16 items of 4,095 bytes */
    assert_string_equal(planned(k, 16, 4094, 16), "done");
    assert_string_equal(planned(k, 16, 4096, 16), "page_too_large");
    assert_string_equal(planned(k, 32, 4096, 15), "done");
    assert_string_equal(planned(k, 3000, 3, 3), "done");
    assert_string_equal(planned(k, 3001, 3, 3), "plan_too_large");
    assert_string_equal(planned(k, 767, 4096, 8), "done");
    assert_string_equal(planned(k, 768, 4096, 8), "plan_too_large");
    step_kit_free(k);
}

/* A plan may ask for pages that go to the org in bulk, and no larger ones. */
static void test_plans_with_large_pages(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    large_pages = STEP_LARGE_PAGE_ITEMS;
    assert_string_equal(planned(k, 20000, 20, 200), "done"); /* ids */
    assert_string_equal(planned(k, 20000, 26, 200), "page_too_large");
    large_pages = STEP_LARGE_PAGE_ITEMS + 1;
    assert_string_equal(planned(k, 1, 20, 200), "internal_error");
    large_pages = 0;
    step_kit_free(k);
}

static size_t refused_rows;

static enum act_step refuses_many(struct act_call *call, const json_t *items, json_t **out)
{
    (void)items, (void)out;
    for (size_t i = 0; i < refused_rows; i++)
        act_item_failed(call, i, "FIELD_CUSTOM_VALIDATION_EXCEPTION_OF_SOME_LENGTH", "Name",
                        "A message of an org that explains at some length, with what and why and how, what is to be "
                        "done so that this record is taken, and whom to ask about it, and so on: %0200d.",
                        1);
    return ACT_STEP_DONE;
}

/* Also a large page of which every item has failed fits into one reply. */
static void test_rows_of_a_large_page_fit(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    json_t *page = json_array();
    for (int i = 0; i < STEP_LARGE_PAGE_ITEMS; i++)
        json_array_append_new(page, json_string("006000000000001AAA"));
    char *text = json_dumps(page, JSON_COMPACT);
    refused_rows = STEP_LARGE_PAGE_ITEMS;
    json_t *reply = job_step(k, STEP_WORK_PAGE, refuses_many, text);
    char *said = json_dumps(reply, JSON_COMPACT);
    assert_int_equal(json_array_size(json_object_get(reply, "results")), STEP_LARGE_PAGE_ITEMS);
    assert_true(strlen(said) < LIMIT_REPLY);
    free(said);
    free(text);
    json_decref(reply);
    json_decref(page);
    step_kit_free(k);
}

static enum act_step plans_a_large_cursor(struct act_call *call, const json_t *cursor, json_t **out)
{
    static char text[STEP_PAGE_BYTES];
    (void)cursor, (void)out;
    memset(text, 'x', sizeof text - 1);
    act_plan_more(call, json_string(text));
    return ACT_STEP_DONE;
}

static void test_a_cursor_has_a_limit(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    json_t *reply = job_step(k, STEP_WORK_PLAN, plans_a_large_cursor, NULL);
    assert_string_equal(declaration_text(reply, "code"), "cursor_too_large");
    json_decref(reply);
    step_kit_free(k);
}

/* ---- pages ---- */

static enum act_step fails_some(struct act_call *call, const json_t *items, json_t **out)
{
    (void)out;
    assert_int_equal(json_array_size(items), 5);
    act_item_failed(call, 3, "NO_PRICE", "Pricebook2Id", "item %d has no price", 3);
    act_item_failed(call, 3, "SECOND", NULL, "what was said first stands");
    act_item_again(call, 3, "LATER", "and is not taken back");
    act_item_again(call, 1, "LOCKED", "somebody else has it");
    act_item_again(call, 0, "LOCKED", "somebody else has it");
    act_item_failed(call, 0, "GONE", NULL, "for good beats again");
    return ACT_STEP_DONE;
}

static void test_pages(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    job_reply_is(
        job_step(k, STEP_WORK_PAGE, fails_some, "[1,2,3,4,5]"),
        "{'outcome':'done','results':["
        "{'index':0,'again':false,'code':'GONE','message':'for good beats again'},"
        "{'index':1,'again':true,'code':'LOCKED','message':'somebody else has it'},"
        "{'index':3,'again':false,'code':'NO_PRICE','message':'item 3 has no price','field':'Pricebook2Id'}]}");
    step_kit_free(k);
}

static enum act_step fails_a_stranger(struct act_call *call, const json_t *items, json_t **out)
{
    (void)out;
    act_item_failed(call, json_array_size(items), "X", NULL, "there is no such item");
    return act_step_again(call, 0, false, "a fault is not covered by this");
}

static enum act_step ends_without_reason(struct act_call *call, const json_t *payload, json_t **out)
{
    (void)call, (void)payload, (void)out;
    return ACT_STEP_ENDED;
}

static enum act_step forgets_to_return(struct act_call *call, const json_t *payload, json_t **out)
{
    (void)payload, (void)out;
    (void)act_job_failed(call, "no_quotes", "Switch quotes on.");
    return ACT_STEP_DONE;
}

static void outcome_is(json_t *reply, const char *outcome, const char *code)
{
    assert_string_equal(declaration_text(reply, "outcome"), outcome);
    assert_string_equal(declaration_text(reply, "code"), code);
    assert_null(json_object_get(reply, "results"));
    json_decref(reply);
}

static void test_mistakes_of_the_action(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    outcome_is(job_step(k, STEP_WORK_PAGE, fails_a_stranger, "[1]"), "fault", "internal_error");
    outcome_is(job_step(k, STEP_WORK_PAGE, ends_without_reason, "[1]"), "fault", "internal_error");
    outcome_is(job_step(k, STEP_WORK_PAGE, forgets_to_return, "[1]"), "job_failed", "no_quotes");
    outcome_is(job_step(k, STEP_WORK_PLAN, fails_a_stranger, NULL), "fault", "internal_error");
    step_kit_free(k);
}

static enum act_step says_a_lot(struct act_call *call, const json_t *items, json_t **out)
{
    struct buf text;
    (void)items, (void)out;
    buf_init(&text, 4096);
    for (int i = 0; i < 300; i++)
        buf_str(&text, "\xf0\x9f\x92\xa9");
    act_item_failed(call, 0, "LONG", NULL, "%s%s", "x", text.p);
    act_item_failed(call, 1, "BAD", NULL, "not \xff UTF-8");
    (void)act_job_failed(call, "long", "%s%s", "xx", text.p);
    buf_free(&text);
    return ACT_STEP_ENDED;
}

static void test_texts_end_whole(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    json_t *reply = job_step(k, STEP_WORK_PAGE, says_a_lot, "[1,2]");
    const char *row = declaration_text(json_array_get(k->step.results, 0), "message");
    assert_true(utf8_valid(span_of(row)) && strlen(row) > 500);
    assert_string_equal(declaration_text(json_array_get(k->step.results, 1), "message"), "not ");
    const char *message = declaration_text(reply, "message");
    assert_true(utf8_valid(span_of(message)) && strlen(message) > 500);
    json_decref(reply);
    step_kit_free(k);
}

/* ---- sums ---- */

static int64_t too_much;

static enum act_step adds(struct act_call *call, const json_t *items, json_t **out)
{
    (void)items, (void)out;
    act_job_add(call, "total.EUR", 1000000000000000);
    act_job_add(call, "total.EUR", too_much);
    act_job_add(call, "n", -3);
    return ACT_STEP_DONE;
}

static enum act_step reads_sums(struct act_call *call, const json_t *input, json_t **out)
{
    (void)input;
    *out =
        json_pack("{s:I, s:I}", "n", (json_int_t)act_job_sum(call, "n"), "none", (json_int_t)act_job_sum(call, "none"));
    return ACT_STEP_DONE;
}

static void test_sums(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    too_much = 0;
    job_reply_is(job_step(k, STEP_WORK_PAGE, adds, "[\"a\"]"),
                 "{'outcome':'done','results':[],'sums':{'total.EUR':1000000000000000,'n':-3}}");
    too_much = 1;
    outcome_is(job_step(k, STEP_WORK_PAGE, adds, "[\"a\"]"), "fault", "internal_error");
    job_reply_is(job_step(k, STEP_WORK_FINISH, reads_sums, "{\"n\":-3}"),
                 "{'outcome':'done','result':{'n':-3,'none':0}}");
    step_kit_free(k);
}

/* ---- finish ---- */

static const char *finish_text;
static size_t finish_bytes;

static enum act_step finishes(struct act_call *call, const json_t *input, json_t **out)
{
    struct act_job_counts counts = act_job_counts(call);
    assert_true(json_is_object(input));
    assert_int_equal(counts.total, 10);
    assert_int_equal(counts.failed, 1);
    *out = finish_text ? json_loads(finish_text, JSON_DECODE_ANY, NULL) : NULL;
    if (finish_bytes) {
        char *text = malloc(finish_bytes + 1);
        memset(text, 'x', finish_bytes);
        text[finish_bytes] = '\0';
        json_object_set_new(*out, "t", json_string(text));
        free(text);
    }
    return ACT_STEP_DONE;
}

static void test_finish(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    finish_text = "{\"quotes\":9}";
    job_reply_is(job_step(k, STEP_WORK_FINISH, finishes, NULL), "{'outcome':'done','result':{'quotes':9}}");
    finish_text = "[9]";
    outcome_is(job_step(k, STEP_WORK_FINISH, finishes, NULL), "fault", "internal_error");
    finish_text = NULL;
    outcome_is(job_step(k, STEP_WORK_FINISH, finishes, NULL), "fault", "internal_error");
    finish_text = "{}";
    finish_bytes = STEP_RESULT_BYTES - 8; /* {"t":""} */
    json_t *reply = job_step(k, STEP_WORK_FINISH, finishes, NULL);
    assert_string_equal(declaration_text(reply, "outcome"), "done");
    json_decref(reply);
    finish_bytes++;
    outcome_is(job_step(k, STEP_WORK_FINISH, finishes, NULL), "fault", "internal_error");
    finish_bytes = 0;
    json_t *number = json_pack("{s:s, s:{s:{s:s}}, s:b}", "type", "object", "properties", "quotes", "type", "integer",
                               "additionalProperties", 0);
    struct schema *declared = schema_new(number, NULL);
    assert_non_null(declared);
    k->kit->declaration.result = declared;
    finish_text = "{\"quotes\":9}";
    job_reply_is(job_step(k, STEP_WORK_FINISH, finishes, NULL), "{'outcome':'done','result':{'quotes':9}}");
    finish_text = "{\"quotes\":\"nine\"}";
    outcome_is(job_step(k, STEP_WORK_FINISH, finishes, NULL), "fault", "internal_error");
    schema_free(declared);
    json_decref(number);
    step_kit_free(k);
}

/* ---- what a step knows, keeps and asks ---- */

static enum act_step looks_around(struct act_call *call, const json_t *items, json_t **out)
{
    (void)items, (void)out;
    assert_string_equal(act_job_id(call), JOB_ID);
    assert_string_equal(act_step_key(call, "0068d00000AbCdEAAX"), JOB_ID ":0068d00000AbCdEAAX");
    assert_int_equal(act_step_attempt(call), 2);
    assert_int_equal(act_step_parallel(call), 3);
    assert_null(act_step_saved(call));
    json_t *state = json_pack("{s:s}", "bulk", "750");
    assert_true(act_step_save(call, state));
    json_object_clear(state); /* what was kept is a copy */
    json_decref(state);
    assert_string_equal(json_string_value(json_object_get(act_step_saved(call), "bulk")), "750");
    return ACT_STEP_DONE;
}

static bool save_bytes(struct act_call *call, size_t n)
{
    char *text = calloc(1, n + 1);
    memset(text, 'x', n - 2);
    json_t *state = json_string(text);
    bool kept = act_step_save(call, state);
    json_decref(state);
    free(text);
    return kept;
}

static enum act_step saves_much(struct act_call *call, const json_t *items, json_t **out)
{
    (void)items, (void)out;
    assert_true(save_bytes(call, STEP_SAVED_BYTES));
    assert_false(act_step_must_stop(call));
    assert_false(save_bytes(call, STEP_SAVED_BYTES + 1));
    return ACT_STEP_DONE;
}

static enum act_step loses_its_step(struct act_call *call, const json_t *items, json_t **out)
{
    (void)items, (void)out;
    assert_false(act_step_must_stop(call));
    assert_false(save_bytes(call, 10));
    assert_null(act_step_saved(call));
    assert_true(act_step_must_stop(call));
    return act_step_again(call, 0, false, "no longer ours");
}

static void test_state(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    job_reply_is(job_step(k, STEP_WORK_PAGE, looks_around, "[1]"), "{'outcome':'done','results':[]}");
    assert_string_equal(k->state, "{\"bulk\":\"750\"}");
    outcome_is(job_step(k, STEP_WORK_PAGE, saves_much, "[1]"), "fault", "internal_error");
    assert_int_equal(k->kept, 2);
    k->refuses = true;
    outcome_is(job_step(k, STEP_WORK_PAGE, loses_its_step, "[1]"), "again", "again");
    step_kit_free(k);
}

static enum act_step asks_often(struct act_call *call, const json_t *items, json_t **out)
{
    (void)items, (void)out;
    struct step *s = call->step;
    assert_false(act_step_must_stop(call));
    assert_int_equal(step_kit->asked, 1);
    s->asked_ms += 3600 * 1000; /* as if it had just been asked, however slow this machine is */
    for (int i = 0; i < 100; i++)
        assert_false(act_step_must_stop(call));
    assert_int_equal(step_kit->asked, 1);
    s->asked_ms = clock_ms() - STEP_ASK_MS;
    step_kit->stop = true;
    assert_true(act_step_must_stop(call));
    assert_int_equal(step_kit->asked, 2);
    s->asked_ms = 1; /* once it is to stop, it is to stop */
    step_kit->stop = false;
    assert_true(act_step_must_stop(call));
    assert_int_equal(step_kit->asked, 2);
    return ACT_STEP_DONE;
}

static void test_stopping(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    job_reply_is(job_step(k, STEP_WORK_PAGE, asks_often, "[1]"), "{'outcome':'done','results':[]}");
    step_kit_free(k);
}

static void test_outside_of_a_step(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    struct act_call *call = &k->kit->call;
    const struct sf_error err = { .status = 503, .code = "SERVER_UNAVAILABLE" };
    act_plan_item(call, json_string("x"));
    act_plan_more(call, json_string("x"));
    act_plan_total(call, 1);
    act_item_failed(call, 0, "X", NULL, "x");
    act_item_org_failed(call, 0, &err);
    assert_int_equal(act_step_again(call, 1, true, "x"), ACT_STEP_ENDED);
    assert_int_equal(act_step_org_failed(call, &err), ACT_STEP_ENDED);
    assert_int_equal(act_job_failed(call, "x", "x"), ACT_STEP_ENDED);
    assert_false(save_bytes(call, 10));
    assert_false(act_step_must_stop(call));
    assert_int_equal(act_step_parallel(call), 1);
    assert_int_equal(act_step_attempt(call), 1);
    assert_string_equal(act_job_id(call), "");
    step_kit_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plans),
        cmocka_unit_test(test_plans_have_limits),
        cmocka_unit_test(test_plans_with_large_pages),
        cmocka_unit_test(test_rows_of_a_large_page_fit),
        cmocka_unit_test(test_a_cursor_has_a_limit),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_mistakes_of_the_action),
        cmocka_unit_test(test_texts_end_whole),
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_finish),
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_stopping),
        cmocka_unit_test(test_outside_of_a_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
