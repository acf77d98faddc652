/* docs_page.c - which embedded file answers which path of the docs page. */
#include "runtime/web/docs_page.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"

enum { DOCS_TEXT = 1024 };

struct docs {
    struct buf settings; /* of settings.json */
    struct buf policy;
};

static const struct {
    const char *end, *content_type;
} types[] = {
    { ".html", "text/html; charset=utf-8" },
    { ".css", "text/css; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".txt", "text/plain; charset=utf-8" },
};

static bool ends(struct span s, const char *end)
{
    size_t n = strlen(end);
    return s.n > n && memcmp(s.p + s.n - n, end, n) == 0;
}

struct docs *docs_new(struct span sign_url)
{
    struct docs *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    buf_init(&d->settings, DOCS_TEXT);
    buf_init(&d->policy, DOCS_TEXT);
    buf_str(&d->settings, "{\"signUrl\":");
    buf_json_string(&d->settings, sign_url);
    buf_str(&d->settings, "}");
    /* swagger-ui sets style attributes and draws its icons from data URLs */
    buf_str(&d->policy,
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            "connect-src 'self' ");
    buf_add(&d->policy, sign_url.p, sign_url.n);
    buf_str(&d->policy, "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    if (d->settings.failed || d->policy.failed) {
        docs_free(d);
        return NULL;
    }
    return d;
}

void docs_free(struct docs *d)
{
    if (!d)
        return;
    buf_free(&d->settings);
    buf_free(&d->policy);
    free(d);
}

static const struct docs_file *file_named(struct span name, bool *gzipped)
{
    for (const struct docs_file *f = docs_files; f->name; f++) {
        struct span own = span_of(f->name);
        *gzipped = ends(own, ".gz");
        own.n -= *gzipped ? 3 : 0;
        if (own.n == name.n && memcmp(own.p, name.p, name.n) == 0)
            return f;
    }
    return NULL;
}

bool docs_find(const struct docs *d, struct span path, struct docs_page *page)
{
    bool gzipped;
    struct span name = span_of("index.html");
    if (span_starts(path, "/docs/") && path.n > 6)
        name = (struct span){ path.p + 6, path.n - 6 };
    else if (!span_eq(path, "/docs") && !span_eq(path, "/docs/"))
        return false;
    if (span_eq(name, "settings.json")) {
        *page = (struct docs_page){ .body = { d->settings.p, d->settings.n },
                                    .content_type = "application/json",
                                    .policy = d->policy.p };
        return true;
    }
    const struct docs_file *f = file_named(name, &gzipped);
    if (!f)
        return false;
    *page = (struct docs_page){ .body = { (const char *)f->p, f->n },
                                .content_type = "application/octet-stream",
                                .content_encoding = gzipped ? "gzip" : NULL,
                                .policy = d->policy.p };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (ends(name, types[i].end))
            page->content_type = types[i].content_type;
    return true;
}
