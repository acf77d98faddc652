/*
 * test_declaration.c - every broken declaration of tests/cases/declarations is refused for its own reason. A case
 * changes good.json (jobs.json: good-job.json) or openapi/host.json by a merge patch (RFC 7396), repeats a text, or
 * stands as a text of its own; `handler` is what the handler lacks; `fault` is what must be told, or a list of it, and
 * `faults` how many there are in all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include "runtime/base/limits.h"
#include "runtime/declare/declaration.h"

#define CASES "tests/cases/declarations/"

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    (void)call, (void)in, (void)out;
    return ACT_FAULT;
}
static const struct action handler = { .run = run };

static enum act_step part(struct act_call *call, const json_t *input, const json_t *payload)
{
    (void)call, (void)input, (void)payload;
    return ACT_STEP_DONE;
}
static enum act_step finish(struct act_call *call, const json_t *input, json_t **out)
{
    (void)call, (void)input, (void)out;
    return ACT_STEP_DONE;
}
static const struct action_job whole = { part, part, finish }, no_plan = { NULL, part, finish },
                               no_page = { part, NULL, finish }, no_finish = { part, part, NULL };
static const struct action job_handler = { .run = run, .job = &whole };

/* The handler of a case, whole where it says nothing. */
static const struct action *handler_of(const json_t *c, bool job)
{
    static const struct {
        const char *name;
        struct action action;
    } lacking[] = { { "no job", { .run = run } },
                    { "no plan", { .run = run, .job = &no_plan } },
                    { "no page", { .run = run, .job = &no_page } },
                    { "no finish", { .run = run, .job = &no_finish } } };
    const char *name = declaration_text(c, "handler");
    for (size_t i = 0; i < sizeof lacking / sizeof *lacking; i++)
        if (strcmp(name, lacking[i].name) == 0)
            return &lacking[i].action;
    assert_string_equal(name, "");
    return job ? &job_handler : &handler;
}

static json_t *load(const char *path)
{
    json_error_t error;
    json_t *v = json_load_file(path, 0, &error);
    if (!v)
        fail_msg("%s: %s", path, error.text);
    return v;
}

static void merge(json_t *target, const json_t *patch)
{
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)patch, name, value) {
        json_t *old = json_object_get(target, name);
        if (json_is_null(value))
            json_object_del(target, name);
        else if (json_is_object(value) && json_is_object(old))
            merge(old, value);
        else
            json_object_set_new(target, name, json_deep_copy(value));
    }
}

struct subject {
    json_t *action, *host;
    const struct action *handler;
    char *text, *host_text;
    struct registry_row rows[3];
    struct declarations d;
    struct buf faults;
};

static void subject_init_as(struct subject *s, const char *good, const struct action *is)
{
    *s = (struct subject){ .action = load(good), .host = load("openapi/host.json"), .handler = is };
    buf_init(&s->faults, 1 << 16);
}

static void subject_init(struct subject *s)
{
    subject_init_as(s, CASES "good.json", &handler);
}

static void subject_fini(struct subject *s)
{
    free(s->text);
    free(s->host_text);
    buf_free(&s->faults);
    json_decref(s->action);
    json_decref(s->host);
}

static bool subject_load(struct subject *s)
{
    if (!s->text)
        s->text = json_dumps(s->action, 0);
    s->host_text = json_dumps(s->host, 0);
    s->rows[0] = (struct registry_row){ "price_quote", s->text, strlen(s->text), s->handler };
    return declarations_load_from(&s->d, s->rows, span_of(s->host_text), &s->faults);
}

/* Sets the text behind a JSON Pointer, or of a member of the action. */
static void set_text(json_t *action, const char *at, const char *text)
{
    char name[64];
    for (const char *p; *at == '/' && (p = strchr(at + 1, '/')); at = p) {
        snprintf(name, sizeof name, "%.*s", (int)(p - at - 1), at + 1);
        action = json_object_get(action, name);
    }
    assert_int_equal(json_object_set_new(action, at + (*at == '/'), json_string(text)), 0);
}

static void set_repeated(json_t *action, const json_t *repeat)
{
    struct buf text;
    if (!repeat)
        return;
    buf_init(&text, 1 << 16);
    for (json_int_t i = json_integer_value(json_object_get(repeat, "times")); i > 0; i--)
        buf_str(&text, json_string_value(json_object_get(repeat, "text")));
    set_text(action, json_string_value(json_object_get(repeat, "at")), text.p);
    buf_free(&text);
}

/* `want` is one text that must be among the faults, or a list of them. */
static void all_there(const char *file, const char *name, const json_t *want, const char *faults)
{
    size_t i, n = json_is_array(want) ? json_array_size(want) : 1;
    for (i = 0; i < n; i++) {
        const char *text = json_string_value(json_is_array(want) ? json_array_get(want, i) : want);
        assert_non_null(text);
        if (!strstr(faults, text))
            fail_msg("%s: %s: wanted <%s>, got <%s>", file, name, text, faults);
    }
}

static void run_case(const char *file, const json_t *c)
{
    const char *name = json_string_value(json_object_get(c, "name"));
    const json_t *text = json_object_get(c, "text"), *count = json_object_get(c, "faults");
    struct subject s;
    int lines = 0;
    bool job = strcmp(file, CASES "jobs.json") == 0;
    subject_init_as(&s, job ? CASES "good-job.json" : CASES "good.json", handler_of(c, job));
    merge(s.action, json_object_get(c, "merge"));
    merge(s.host, json_object_get(c, "host"));
    set_repeated(s.action, json_object_get(c, "repeat"));
    if (text)
        s.text = strdup(json_string_value(text));
    if (subject_load(&s))
        fail_msg("%s: %s: accepted", file, name);
    all_there(file, name, json_object_get(c, "fault"), s.faults.p);
    for (const char *at = s.faults.p; *at; at++)
        lines += *at == '\n';
    if (!text && lines != (count ? json_integer_value(count) : 1))
        fail_msg("%s: %s: %d faults: %s", file, name, lines, s.faults.p);
    subject_fini(&s);
}

static void run_file(const char *path, size_t at_least)
{
    json_t *cases = load(path), *c;
    size_t i;
    json_array_foreach (cases, i, c)
        run_case(path, c);
    assert_true(json_array_size(cases) >= at_least);
    json_decref(cases);
}

static void broken_names(void **state)
{
    (void)state;
    run_file(CASES "names.json", 20);
}

static void broken_members(void **state)
{
    (void)state;
    run_file(CASES "members.json", 38);
}

static void broken_schemas(void **state)
{
    (void)state;
    run_file(CASES "schemas.json", 36);
}

static void broken_jobs(void **state)
{
    (void)state;
    run_file(CASES "jobs.json", 45);
}

static void broken_host(void **state)
{
    (void)state;
    run_file(CASES "host.json", 10);
}

static void a_good_one_is_compiled(void **state)
{
    (void)state;
    struct subject s;
    subject_init(&s);
    if (!subject_load(&s))
        fail_msg("%s", s.faults.p);
    const struct declaration *d = declaration_find(&s.d, span_of("priceQuote"));
    assert_non_null(d);
    assert_null(declaration_find(&s.d, span_of("pricequote")));
    assert_int_equal(d->body_max, 65536);
    assert_int_equal(d->timeout_ms, 5000);
    assert_true(d->salesforce && !d->data_action);
    assert_true(declaration_is_agent_action(d));
    assert_int_equal(declaration_error_status(d, "opportunity_closed"), 409);
    assert_int_equal(declaration_error_status(d, "other"), 0);
    declarations_free(&s.d);
    subject_fini(&s);
}

static void a_job_is_compiled(void **state)
{
    (void)state;
    struct subject s;
    subject_init_as(&s, CASES "good-job.json", &job_handler);
    if (!subject_load(&s))
        fail_msg("%s", s.faults.p);
    const struct declaration *d = &s.d.v[0];
    const struct declaration_job *j = &d->job;
    assert_true(d->is_job && j->as_connection && d->result);
    assert_true(j->step_s == 90 && j->attempts == 3 && j->per_org == 2 && j->page_items == 50);
    assert_true(j->priority == 2 && j->keep_days == 30 && json_array_size(j->unique_by) == 2);
    assert_string_equal(j->queue, "quotes_2");
    assert_string_equal(j->merge_items, "/opportunityIds");
    assert_int_equal(declaration_success(d), 201);
    json_t *started = json_pack("{s:s, s:s, s:s, s:s}", "jobId", "6f1c2f0e-6f3c-4f5a-8a3e-2f0c5d1e7a90", "state",
                                "queued", "operation", "priceQuotes", "message", "It waits for its turn.");
    json_t *result = json_pack("{s:i}", "quotes", 3);
    assert_int_equal(schema_check(d->output, started, NULL, NULL), 0);
    assert_int_equal(schema_check(d->result, result, NULL, NULL), 0);
    assert_int_not_equal(schema_check(d->output, result, NULL, NULL), 0);
    assert_int_not_equal(schema_check(d->result, started, NULL, NULL), 0);
    json_decref(started);
    json_decref(result);
    declarations_free(&s.d);
    subject_fini(&s);
}

static void a_job_has_defaults(void **state)
{
    (void)state;
    static const struct action bare = { .run = run, .job = &no_finish };
    struct subject s;
    subject_init_as(&s, CASES "good-job.json", &bare);
    json_object_set_new(s.action, "job", json_object());
    json_object_del(s.action, "output");
    if (!subject_load(&s))
        fail_msg("%s", s.faults.p);
    const struct declaration *d = &s.d.v[0];
    const struct declaration_job *j = &d->job;
    assert_true(d->is_job && !j->as_connection && !d->result && d->output && !j->unique_by && !j->merge_items);
    assert_true(j->step_s == 60 && j->attempts == 5 && j->per_org == 4 && j->page_items == 200);
    assert_true(j->priority == 5 && j->keep_days == 0);
    assert_string_equal(j->queue, "default");
    declarations_free(&s.d);
    subject_fini(&s);
}

/* Two jobs share the schema of their answer, and nobody else may take its name. */
static void the_name_of_the_answer_of_jobs_is_taken(void **state)
{
    (void)state;
    struct subject s;
    subject_init_as(&s, CASES "good-job.json", &job_handler);
    s.rows[1] = (struct registry_row){ "price_more", NULL, 0, &job_handler };
    json_object_set_new(s.action, "operationId", json_string("priceMore"));
    json_array_remove(json_object_get(s.action, "examples"), 1);
    char *second = json_dumps(s.action, 0);
    s.rows[1].declaration = second;
    s.rows[1].length = strlen(second);
    json_object_set_new(s.action, "operationId", json_string("priceQuotes"));
    if (!subject_load(&s))
        fail_msg("%s", s.faults.p);
    declarations_free(&s.d);
    free(s.text);
    free(s.host_text);
    s.text = s.host_text = NULL;
    json_object_set_new(s.action, "schemaNames", json_pack("{s:s, s:s}", "input", "jobSTARTED", "output", "X"));
    assert_false(subject_load(&s));
    assert_non_null(strstr(s.faults.p, "\"jobSTARTED\" is also used by the host"));
    free(second);
    subject_fini(&s);
}

static void data_actions_take_any_shape(void **state)
{
    (void)state;
    struct subject s;
    subject_init(&s);
    json_object_del(s.action, "agent");
    json_object_set_new(s.action, "accepts", json_pack("[s]", "dataAction"));
    json_object_del(s.action, "limits");
    json_object_set_new(s.action, "input",
                        json_pack("{s:s, s:{s:{}, s:{s:s}}}", "type", "object", "properties", "PayloadCurrentValue",
                                  "count", "type", "integer"));
    json_object_set_new(s.action, "examples",
                        json_pack("[{s:s, s:{s:{}}, s:i, s:{}}]", "name", "x", "input", "PayloadCurrentValue", "status",
                                  200, "expect"));
    if (!subject_load(&s))
        fail_msg("%s", s.faults.p);
    assert_int_equal(s.d.v[0].body_max, LIMIT_DATA_ACTION_BODY);
    assert_false(declaration_is_agent_action(&s.d.v[0]));
    declarations_free(&s.d);
    subject_fini(&s);
}

static void two_actions_of_one_name_are_refused(void **state)
{
    (void)state;
    struct subject s;
    subject_init(&s);
    s.rows[1] = (struct registry_row){ "price_again", NULL, 0, &handler };
    json_object_set_new(s.action, "operationId", json_string("PRICEQUOTE"));
    char *second = json_dumps(s.action, 0);
    s.rows[1].declaration = second;
    s.rows[1].length = strlen(second);
    json_object_set_new(s.action, "operationId", json_string("priceQuote"));
    assert_false(subject_load(&s));
    assert_non_null(strstr(s.faults.p, "\"PRICEQUOTE\" is also used by price_quote"));
    free(second);
    subject_fini(&s);
}

static void an_action_without_handler_is_refused(void **state)
{
    (void)state;
    static const struct action empty;
    struct subject s;
    subject_init(&s);
    s.text = json_dumps(s.action, 0);
    struct registry_row rows[] = { { "price_quote", s.text, strlen(s.text), &empty }, { NULL, NULL, 0, NULL } };
    s.host_text = json_dumps(s.host, 0);
    assert_false(declarations_load_from(&s.d, rows, span_of(s.host_text), &s.faults));
    assert_non_null(strstr(s.faults.p, "has no handler"));
    subject_fini(&s);
}

/* What this program was linked with: the real actions. */
static void the_registered_actions_are_good(void **state)
{
    (void)state;
    struct declarations d;
    struct buf faults;
    buf_init(&faults, 1 << 16);
    if (!declarations_load(&d, &faults))
        fail_msg("%s", faults.p);
    declarations_free(&d);
    buf_free(&faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_names),
        cmocka_unit_test(broken_members),
        cmocka_unit_test(broken_schemas),
        cmocka_unit_test(broken_jobs),
        cmocka_unit_test(broken_host),
        cmocka_unit_test(a_good_one_is_compiled),
        cmocka_unit_test(a_job_is_compiled),
        cmocka_unit_test(a_job_has_defaults),
        cmocka_unit_test(the_name_of_the_answer_of_jobs_is_taken),
        cmocka_unit_test(data_actions_take_any_shape),
        cmocka_unit_test(two_actions_of_one_name_are_refused),
        cmocka_unit_test(an_action_without_handler_is_refused),
        cmocka_unit_test(the_registered_actions_are_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
