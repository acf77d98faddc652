/* lint_examples.c - the example calls of a declaration, and the names that actions share. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "runtime/declare/apex_names.h"
#include "runtime/declare/declaration.h"
#include "runtime/declare/lint.h"

static const struct lint_rule example_rules[] = {
    { "name", LINT_TEXT, true, 1, 120, "What the example shows" },
    { "input", LINT_OBJECT, true, 0, 0, "Body of the call" },
    { "status", LINT_INTEGER, true, 200, 599, "Status of the answer" },
    { "expect", LINT_OBJECT, true, 0, 0, "Part of the answer" },
    { "after", LINT_OBJECT, false, 0, 0,
      "Call that is made first; members of its answer take the place of those of the same name" },
    { "notRun", LINT_TEXT, false, LINT_DESCRIPTION_MIN, 200, "Why it is for the reader alone" },
};
static const struct lint_rule after_rules[] = {
    { "operationId", LINT_TEXT, true, 0, 0, "Operation to call" },
    { "input", LINT_OBJECT, true, 0, 0, "Body of that call" },
};

const struct lint_group lint_example_groups[] = {
    { "examples/0", example_rules, sizeof example_rules / sizeof *example_rules },
    { "examples/0/after", after_rules, sizeof after_rules / sizeof *after_rules },
    { NULL, NULL, 0 },
};

static void input_fault(void *ctx, const char *pointer, const char *code, const char *message)
{
    lint_member(ctx, "input", "%s%s%s (%s); mend the example or the schema", pointer, *pointer ? ": " : "", message,
                code);
}

static void lint_input(struct lint *l, const struct declaration *d, const json_t *example)
{
    json_t *input = json_deep_copy(json_object_get(example, "input"));
    if (!input) {
        lint_member(l, "input", "could not be copied: out of memory");
        return;
    }
    schema_drop_nulls(d->input, input);
    schema_check(d->input, input, input_fault, l);
    json_decref(input);
}

/* `expect` is compared as a subset, so a misspelt name in it could never match. */
static void lint_expect(struct lint *l, const struct declaration *d, const json_t *example, bool success)
{
    static const char *const error_members[] = {
        "code", "message", "field", "requestId", "retryAfterSeconds", "details"
    };
    const json_t *output = declaration_side(d, "output"), *properties = json_object_get(output, "properties");
    const char *name;
    json_t *value;
    if (success && (!json_is_object(output) || (properties && !json_is_object(properties))))
        return; /* reported as such; there is nothing to compare with */
    json_object_foreach (json_object_get(example, "expect"), name, value) {
        bool known = success && json_object_get(properties, name);
        for (size_t i = 0; !success && i < sizeof error_members / sizeof *error_members; i++)
            known |= strcmp(error_members[i], name) == 0;
        if (!known)
            lint_member(l, "expect", "names \"%s\", which is no member of the %s", name,
                        success ? "output" : "error object");
    }
}

static bool repeated(const json_t *examples, size_t i)
{
    const char *name = json_string_value(json_object_get(json_array_get(examples, i), "name"));
    for (size_t k = 0; k < i; k++) {
        const char *other = json_string_value(json_object_get(json_array_get(examples, k), "name"));
        if (name && other && strcmp(name, other) == 0)
            return true;
    }
    return false;
}

static void lint_after(struct lint *l, const json_t *example)
{
    const json_t *after = json_object_get(example, "after");
    size_t before = pointer_push(&l->at, span_of("after"));
    if (after)
        lint_object(l, after, after_rules, sizeof after_rules / sizeof *after_rules);
    pointer_pop(&l->at, before);
}

void lint_examples(struct lint *l, const struct declaration *d)
{
    const json_t *examples = json_object_get(d->root, "examples");
    const int success = declaration_success(d);
    size_t i, successes = 0, before = pointer_push(&l->at, span_of("examples"));
    json_t *example;
    json_array_foreach ((json_t *)examples, i, example) {
        size_t here = pointer_push_index(&l->at, i);
        if (lint_object(l, example, example_rules, sizeof example_rules / sizeof *example_rules)) {
            json_int_t status = json_integer_value(json_object_get(example, "status"));
            if (status != success && status < 400)
                lint_member(l, "status", "must be %d, the only success %s, or the status of an error", success,
                            d->is_job ? "of a job" : "an action has");
            if (status == success && d->input)
                lint_input(l, d, example);
            lint_after(l, example);
            if (repeated(examples, i))
                lint_member(l, "name", "is the name of an earlier example; choose another");
            lint_expect(l, d, example, status == success);
            successes += status == success;
        }
        pointer_pop(&l->at, here);
    }
    if (json_is_array(examples) && !successes)
        lint_fault(l, "has no call that succeeds; add one with status %d, the documents show it", success);
    pointer_pop(&l->at, before);
}

/* ---- names that two actions share ---- */

struct name {
    char text[2 * LINT_DEVELOPER_NAME];
    const char *file;
    const char *member;
};

static void add_name(struct buf *out, struct name *names, size_t *n, const struct name *name, size_t *count)
{
    for (size_t i = 0; *name->text && i < *n; i++) {
        if (strcasecmp(names[i].text, name->text) != 0)
            continue;
        buf_fmt(out, "%s/action.json: %s: \"%s\" is also used by %s; Apex cannot tell them apart, rename one\n",
                name->file, name->member, name->text, names[i].file);
        (*count)++;
        return;
    }
    names[(*n)++] = *name;
}

/* Those of its callback: an operation, its body, and a result that no other answer shows. */
static void add_callback_names(struct buf *out, const struct declaration *d, struct name *operations, size_t *n,
                               struct name *schemas, size_t *s, size_t *count)
{
    static const enum declaration_callback which[] = { CALLBACK_BODY, CALLBACK_RESULT };
    struct name name = { .file = d->row->name, .member = "/operationId" };
    declaration_callback_name(d, CALLBACK_OPERATION, name.text, sizeof name.text);
    add_name(out, operations, n, &name, count);
    for (size_t k = 0; k < 2; k++) {
        if (which[k] == CALLBACK_RESULT && !d->async_of->is_job && !declaration_is_agent_action(d->async_of))
            continue; /* the answer of the action itself */
        declaration_callback_name(d, which[k], name.text, sizeof name.text);
        add_name(out, schemas, s, &name, count);
    }
}

void lint_names(struct buf *out, const struct declarations *d, size_t *count)
{
    struct name *operations = calloc(2 * d->n + 1, sizeof *operations),
                *schemas = calloc(4 * d->n + 3, sizeof *schemas);
    size_t n = 0, s = 0;
    if (!operations || !schemas) {
        buf_str(out, "out of memory\n");
        (*count)++;
        goto out;
    }
    schemas[s++] = (struct name){ .text = "ActionError", .file = "the host", .member = "" };
    schemas[s++] = (struct name){ .text = "ActionErrorDetail", .file = "the host", .member = "" };
    schemas[s++] = (struct name){ .text = "JobStarted", .file = "the host", .member = "" };
    for (size_t i = 0; i < d->n; i++) {
        struct name name = { .file = d->v[i].row->name, .member = "/operationId" };
        snprintf(name.text, sizeof name.text, "%s", d->v[i].operation_id);
        add_name(out, operations, &n, &name, count);
        if (d->v[i].async_of)
            add_callback_names(out, &d->v[i], operations, &n, schemas, &s, count);
        if (!d->v[i].salesforce || declaration_is_agent_action(&d->v[i]))
            continue;
        name.member = "/schemaNames";
        declaration_schema_name(&d->v[i], "input", name.text, sizeof name.text);
        add_name(out, schemas, &s, &name, count);
        if (d->v[i].is_job) /* its answer is shared with all jobs */
            continue;
        declaration_schema_name(&d->v[i], "output", name.text, sizeof name.text);
        add_name(out, schemas, &s, &name, count);
    }
out:
    free(operations);
    free(schemas);
}

/* ---- calls that examples make first ---- */

void lint_afters(struct buf *out, const struct declarations *d, size_t *count)
{
    size_t i;
    json_t *example;
    for (size_t a = 0; a < d->n; a++) {
        json_array_foreach (json_object_get(d->v[a].root, "examples"), i, example) {
            const char *first = declaration_text(json_object_get(example, "after"), "operationId");
            if (!*first || declaration_find(d, span_of(first)))
                continue;
            buf_fmt(out, "%s/action.json: /examples/%zu/after/operationId: there is no operation \"%s\"\n",
                    d->v[a].row->name, i, first);
            (*count)++;
        }
    }
}
