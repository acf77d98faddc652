/* docs_page.c - which embedded file answers which path of the docs page. */
#include "runtime/web/docs_page.h"

#include <stdlib.h>
#include <string.h>

enum { DOCS_TEXT = 2048, DOCS_ABOUT = 4 * 1024 * 1024 };

struct docs {
    struct buf about;
    struct buf policy;
};

static const struct {
    const char *end, *content_type;
} types[] = {
    { ".html", "text/html; charset=utf-8" },
    { ".css", "text/css; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".json", "application/json" },
    { ".png", "image/png" },
    { ".jpg", "image/jpeg" },
};

static bool ends(struct span s, const char *end)
{
    size_t n = strlen(end);
    return s.n > n && memcmp(s.p + s.n - n, end, n) == 0;
}

/* Nothing but our own files, and the sandbox: it is asked to invoke, and shows the pictures and papers that were made.
 */
static void write_policy(struct buf *b, struct span sign_url)
{
    static const char *const directives[] = { "script-src 'self'", "style-src 'self'", "connect-src 'self'",
                                              "img-src 'self' data:", "frame-src 'self'" };
    buf_str(b, "default-src 'none'");
    for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
        buf_fmt(b, "; %s", directives[i]);
        if (i >= 2 && sign_url.n) {
            buf_char(b, ' ');
            buf_add(b, sign_url.p, sign_url.n);
        }
    }
    buf_str(b, "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
}

/* ---- about.json ---- */

/* Members that are copied as they stand, where the declaration has them. */
static void copy_members(json_t *to, const json_t *from, const char *const *names)
{
    for (; *names; names++)
        if (json_object_get(from, *names))
            json_object_set(to, *names, json_object_get(from, *names));
}

static json_t *about_operation(const struct declaration *d, const struct docs_settings *s)
{
    static const char *const always[] = { "choices", "errors", "examples", "permissionSet", NULL };
    static const char *const unpublished[] = { "summary", "description", "tag", "input", "output", NULL };
    json_t *o = json_pack("{s:O, s:i, s:I, s:b, s:b}", "callers", json_object_get(d->root, "accepts"), "timeMs",
                          declaration_time_ms(d, s->request_timeout_ms), "bodyBytes", (json_int_t)d->body_max, "job",
                          d->is_job, "agent", declaration_is_agent_action(d));
    if (!o)
        return NULL;
    copy_members(o, d->root, always);
    if (!d->salesforce)
        copy_members(o, d->root, unpublished);
    if (d->async_of)
        json_object_set_new(o, "of", json_string(d->async_of->operation_id));
    return o;
}

static int append(const char *text, size_t size, void *out)
{
    return buf_add(out, text, size) ? 0 : -1;
}

/*
 * about.json: {"version", "signUrl", "jobs", "pages", "operations": {id: {"callers", "timeMs",
 * "bodyBytes", "job", "agent", "choices", "errors", "examples", "of"}}}; "of" is the operation that an ...Async belongs
 * to. An action that only data actions call stands in no document, so that it brings "summary", "description", "tag",
 * "input" and "output" along.
 */
static bool write_about(const struct docs_settings *s, struct buf *out)
{
    json_t *operations = json_object();
    for (size_t i = 0; i < s->declarations->n; i++) {
        const struct declaration *d = &s->declarations->v[i];
        json_object_set_new(operations, d->operation_id, about_operation(d, s));
    }
    bool whole = json_object_size(operations) == s->declarations->n;
    json_t *root =
        json_pack("{s:s, s:s%, s:b, s:b, s:o}", "version", s->version, "signUrl", s->sign_url.n ? s->sign_url.p : "",
                  s->sign_url.n, "jobs", s->jobs, "pages", s->pages, "operations", operations);
    bool ok = whole && root && json_dump_callback(root, append, out, JSON_COMPACT | JSON_REAL_PRECISION(15)) == 0;
    json_decref(root);
    return ok;
}

/* ---- the page ---- */

struct docs *docs_new(const struct docs_settings *s)
{
    struct docs *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    buf_init(&d->about, DOCS_ABOUT);
    buf_init(&d->policy, DOCS_TEXT);
    write_policy(&d->policy, s->sign_url);
    if (!write_about(s, &d->about) || d->about.failed || d->policy.failed) {
        docs_free(d);
        return NULL;
    }
    return d;
}

void docs_free(struct docs *d)
{
    if (!d)
        return;
    buf_free(&d->about);
    buf_free(&d->policy);
    free(d);
}

static const struct docs_file *file_named(struct span name)
{
    for (const struct docs_file *f = docs_files; f->name; f++)
        if (span_eq(name, f->name))
            return f;
    return NULL;
}

bool docs_find(const struct docs *d, struct span path, struct docs_page *page)
{
    struct span name = span_of("index.html");
    if (span_starts(path, "/docs/") && path.n > 6)
        name = (struct span){ path.p + 6, path.n - 6 };
    else if (!span_eq(path, "/docs") && !span_eq(path, "/docs/"))
        return false;
    *page = (struct docs_page){ .content_type = "application/octet-stream", .policy = d->policy.p };
    const struct docs_file *f = file_named(name);
    if (span_eq(name, "about.json"))
        page->body = (struct span){ d->about.p, d->about.n };
    else if (f)
        page->body = (struct span){ (const char *)f->p, f->n };
    else
        return false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (ends(name, types[i].end))
            page->content_type = types[i].content_type;
    return true;
}
