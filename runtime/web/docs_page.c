/* docs_page.c - which embedded file answers which path of the docs page. */
#include "runtime/web/docs_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"

enum { SIGN_URL_MAX = 200, POLICY_SIZE = 512 };

struct docs {
    struct buf settings; /* of settings.json */
    char policy[POLICY_SIZE];
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

/* It becomes part of a policy and of a page, so only a plain origin will do: scheme, host, port. */
static bool sign_origin(const char *url, struct span *origin)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
    const char *rest = strncmp(url, "http://", 7) == 0 ? url + 7 : strncmp(url, "https://", 8) == 0 ? url + 8 : NULL;
    if (!rest)
        return false;
    size_t n = strspn(rest, allowed);
    *origin = (struct span){ url, (size_t)(rest - url) + n };
    return n > 0 && (!rest[n] || (rest[n] == '/' && !rest[n + 1])) && origin->n <= SIGN_URL_MAX;
}

bool docs_sign_url_valid(const char *url)
{
    struct span origin;
    return !url || !*url || sign_origin(url, &origin);
}

struct docs *docs_new(const char *sign_url, char *why, size_t size)
{
    struct span origin = { "", 0 };
    if (sign_url && *sign_url && !sign_origin(sign_url, &origin)) {
        snprintf(why, size, "DOCS_SIGN_URL must be the origin of a sandbox, such as http://127.0.0.1:7070");
        return NULL;
    }
    struct docs *d = calloc(1, sizeof *d);
    if (!d) {
        snprintf(why, size, "out of memory");
        return NULL;
    }
    buf_init(&d->settings, SIGN_URL_MAX + 100);
    buf_str(&d->settings, "{\"signUrl\":");
    buf_json_string(&d->settings, origin);
    buf_str(&d->settings, "}");
    /* swagger-ui sets style attributes and draws its icons from data URLs */
    snprintf(d->policy, sizeof d->policy,
             "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
             "connect-src 'self' %.*s; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
             (int)origin.n, origin.p);
    return d;
}

void docs_free(struct docs *d)
{
    if (d)
        buf_free(&d->settings);
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
                                    .policy = d->policy };
        return true;
    }
    const struct docs_file *f = file_named(name, &gzipped);
    if (!f)
        return false;
    *page = (struct docs_page){ .body = { (const char *)f->p, f->n },
                                .content_type = "application/octet-stream",
                                .content_encoding = gzipped ? "gzip" : NULL,
                                .policy = d->policy };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (ends(name, types[i].end))
            page->content_type = types[i].content_type;
    return true;
}
