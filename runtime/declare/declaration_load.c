/* declaration_load.c - parses, checks and compiles the declarations of all registered actions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/limits.h"
#include "runtime/declare/declaration.h"
#include "runtime/declare/declaration_job.h"
#include "runtime/declare/lint.h"
#include "runtime/schema/json_reader.h"

static json_t *parse(struct lint *l, struct span text)
{
    json_error_t error;
    char words[JSON_WORDS];
    bool grammar;
    json_t *root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        json_words(&error, text, words, &grammar);
        lint_fault(l, "is not JSON at line %d, column %d: %s", error.line, error.column, words);
    }
    return root;
}

/* Compiles one side; every fault of the compiler becomes a line with our prefix. */
static struct schema *compile(struct lint *l, const json_t *json, const char *side)
{
    struct buf faults;
    struct span rest, line;
    if (!json_is_object(json))
        return NULL;
    buf_init(&faults, l->out->max);
    struct schema *s = schema_new(json, &faults);
    rest = (struct span){ faults.p, faults.n };
    while (span_split(&rest, '\n', &line)) {
        if (!line.n)
            continue;
        buf_fmt(l->out, "%s: /%s%.*s\n", l->file, side, (int)line.n, line.p);
        l->count++;
    }
    buf_free(&faults);
    return s;
}

static bool accepts(const json_t *root, const char *caller)
{
    size_t i;
    json_t *item;
    json_array_foreach (json_object_get(root, "accepts"), i, item) {
        if (json_is_string(item) && strcmp(json_string_value(item), caller) == 0)
            return true;
    }
    return false;
}

static void fill(struct declaration *d)
{
    const json_t *limits = json_object_get(d->root, "limits"), *body = json_object_get(limits, "bodyBytes");
    d->operation_id = declaration_text(d->root, "operationId");
    d->summary = declaration_text(d->root, "summary");
    d->description = declaration_text(d->root, "description");
    d->salesforce = accepts(d->root, "salesforce");
    d->data_action = accepts(d->root, "dataAction");
    d->body_max = body             ? (size_t)json_integer_value(body)
                  : d->data_action ? LIMIT_DATA_ACTION_BODY
                                   : LIMIT_BODY_DEFAULT;
    d->timeout_ms = (int)json_integer_value(json_object_get(limits, "timeoutMs"));
    declaration_read_job(d);
}

/* Returns the number of faults. */
static size_t load_row(struct declaration *d, const struct registry_row *row, const json_t *host, struct buf *faults)
{
    char file[300];
    snprintf(file, sizeof file, "%s/action.json", row->name);
    struct lint l = { .out = faults, .file = file };
    d->row = row;
    d->root = parse(&l, (struct span){ row->declaration, row->length });
    if (!d->root)
        return l.count;
    fill(d);
    lint_declaration(&l, d->root, host);
    lint_handler(&l, d);
    d->input = compile(&l, json_object_get(d->root, "input"), "input");
    d->output = compile(&l, declaration_side(d, "output"), "output");
    if (d->is_job)
        d->result = compile(&l, json_object_get(d->root, "output"), "output");
    lint_schema(&l, d, "input");
    lint_schema(&l, d, "output");
    lint_examples(&l, d);
    return l.count;
}

/* The operations <operationId>Async, once all others are known to be well. False: there is no memory. */
static bool add_async(struct declarations *d)
{
    size_t i, rows = d->n;
    bool ok = true;
    for (i = 0; i < rows && ok; i++) {
        const struct declaration *of = &d->v[i];
        struct declaration *made = &d->v[d->n];
        struct buf faults;
        if (!declaration_has_async(of))
            continue;
        buf_init(&faults, 4096);
        struct lint l = { .out = &faults, .file = of->row->name };
        made->row = of->row;
        made->async_of = of;
        made->root = declaration_async_root(of);
        d->n++;
        ok = made->root != NULL;
        if (ok) {
            fill(made);
            made->whole = !of->is_job;
            made->input = compile(&l, json_object_get(made->root, "input"), "input");
            made->output = compile(&l, declaration_side(made, "output"), "output");
            made->result = compile(&l, json_object_get(made->root, "output"), "output");
            ok = l.count == 0;
        }
        buf_free(&faults);
    }
    return ok;
}

bool declarations_load_from(struct declarations *d, const struct registry_row *rows, struct span host_json,
                            struct buf *faults)
{
    struct lint l = { .out = faults, .file = "openapi/host.json" };
    struct declarations made = { 0 };
    size_t n = 0, count = 0;
    while (rows[n].name)
        n++;
    made.v = calloc(2 * n + 1, sizeof *made.v);
    if (!made.v) {
        buf_str(faults, "out of memory\n");
        return false;
    }
    made.host = parse(&l, host_json);
    if (made.host)
        lint_host(&l, made.host);
    for (made.n = 0; made.n < n; made.n++)
        count += load_row(&made.v[made.n], &rows[made.n], made.host, faults);
    count += l.count;
    lint_names(faults, &made, &count);
    lint_afters(faults, &made, &count);
    if (count) {
        declarations_free(&made);
        return false;
    }
    made.rows = made.n;
    bool async = add_async(&made);
    if (async)
        lint_names(faults, &made, &count);
    if (!async || count) {
        if (!async)
            buf_str(faults, "an operation with a callback could not be made\n");
        declarations_free(&made);
        return false;
    }
    *d = made;
    return true;
}
