/*
 * fuzz_guard.c - any lines as a request: method, version, target, then "name:value" lines, split at LF. What passes has
 * one path without tricks, one framing, and no header that could become two.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/auth/data_action.h"
#include "runtime/base/encoding.h"
#include "runtime/base/url_query.h"
#include "runtime/web/guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_passed(const struct guard_request *r, const struct guard_result *g)
{
    must(g->path[0] == '/' && strlen(g->path) < GUARD_PATH && utf8_valid(span_of(g->path)));
    must(!strstr(g->path, "//") && !strstr(g->path, "/../") && !strstr(g->path, "/./") && !strchr(g->path, '\\') &&
         !strchr(g->path, '%'));
    size_t n = strlen(g->path);
    must(!(n >= 3 && strcmp(g->path + n - 3, "/..") == 0));
    for (const char *p = g->path; *p; p++)
        must((unsigned char)*p >= 0x20 && *p != 0x7f);
    must(!(g->chunked && g->content_length >= 0));
    must(r->count <= LIMIT_HEADER_LINES && strcmp(r->version, "HTTP/1.1") == 0);
    size_t hosts = 0;
    for (size_t i = 0; i < r->count; i++) {
        hosts += span_eq_nocase(r->headers[i].name, "host");
        must(!memchr(r->headers[i].value.p, '\r', r->headers[i].value.n) &&
             !memchr(r->headers[i].value.p, 0, r->headers[i].value.n));
    }
    must(hosts == 1);
}

static void queries(struct span query)
{
    char out[32];
    struct data_action_target t;
    struct err e;
    int found = url_query(query, "orgId", out, sizeof out);
    must(found >= -1 && found <= 1 && strlen(out) < sizeof out && (found == 1 || !out[0]));
    if (data_action_target(query, span_of("uruO+yjX8KKjl72GkQbLXuoMyAilC5losEnY1Liiu30="), &t, &e))
        must(strlen(t.org_id) == 18 && t.api_name[0] && !strpbrk(t.api_name, "/.%\"\\"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[70000];
    struct guard_header headers[LIMIT_HEADER_LINES + 4];
    struct guard_result g;
    struct err e;
    if (size >= sizeof text)
        return 0;
    if (size)
        memcpy(text, data, size);
    struct span rest = { text, size }, line, method = { 0 }, version = { 0 }, target = { 0 };
    char method_text[64], version_text[64];
    (void)(span_split(&rest, '\n', &method) && span_split(&rest, '\n', &version) && span_split(&rest, '\n', &target));
    copy_span(method_text, sizeof method_text, method);
    copy_span(version_text, sizeof version_text, version);
    struct guard_request r = { method_text, version_text, target, headers, 0, false };
    while (span_split(&rest, '\n', &line)) {
        if (r.count < LIMIT_HEADER_LINES) {
            const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
            size_t n = colon ? (size_t)(colon - line.p) : line.n;
            headers[r.count] =
                (struct guard_header){ { line.p, n }, { line.p + n + (colon != NULL), line.n - n - (colon != NULL) } };
        }
        r.count++;
    }
    if (guard_check(&r, &g, &e)) {
        check_passed(&r, &g);
        (void)guard_is_json(g.content_type);
        (void)guard_traceparent(g.traceparent);
    } else {
        must(e.status == 400 || e.status == 404 || e.status == 415 || e.status == 431);
    }
    must(g.request_id.n <= LIMIT_REQUEST_ID);
    queries((struct span){ text, size });
    return 0;
}
