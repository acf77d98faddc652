/* guard.c - rules against hostile requests (RFC 9110, 9112), stricter than the HTTP library's. */
#include "runtime/web/guard.h"

#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/encoding.h"
#include "runtime/base/url_query.h"

static bool refuse(struct guard_result *out, struct err *e, bool close, int status, const char *code, const char *what)
{
    if (close)
        out->close = true;
    return err_set(e, status, code, "%s", what);
}

static bool malformed(struct guard_result *out, struct err *e, const char *what)
{
    return refuse(out, e, true, 400, "malformed_request", what);
}

/* RFC 9110 section 5.6.2 */
static bool token_char(char c)
{
    return char_alnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(struct span s)
{
    return s.n > 0 && span_all(s, token_char);
}

/* A field value may hold tabs, but no other control character: those are how one header becomes two. */
static bool value_char(char c)
{
    return !char_control(c) || c == '\t';
}

/* ---- request line ---- */

static enum guard_method method_of(const char *method)
{
    static const char *const names[] = { [GUARD_GET] = "GET", [GUARD_HEAD] = "HEAD", [GUARD_POST] = "POST" };
    for (int i = GUARD_GET; i <= GUARD_POST; i++)
        if (strcmp(method, names[i]) == 0)
            return (enum guard_method)i;
    return GUARD_OTHER;
}

static bool check_line(const struct guard_request *r, struct guard_result *out, struct err *e)
{
    if (!is_token(span_of(r->method)))
        return malformed(out, e, "The method must be a token; send POST.");
    out->method = method_of(r->method);
    if (out->method == GUARD_OTHER)
        out->close = true; /* whether it has a body is a matter of opinion */
    if (!r->version || strcmp(r->version, "HTTP/1.1") != 0)
        return malformed(out, e, "Only HTTP/1.1 is spoken here.");
    return true;
}

/* Decodes the path once. What two programs would read differently is a fault; NULL when there is none. */
static const char *decode_path(struct span raw, char out[GUARD_PATH])
{
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        int c = (unsigned char)raw.p[i];
        if (c == '%') {
            c = url_escaped(raw.p + i, raw.n - i);
            i += 2;
            if (c < 0 || char_control((char)c) || c == '/' || c == '\\' || c == '%')
                return "The path has an escape that is not allowed (control character, slash, backslash, percent, or a "
                       "broken one).";
        }
        if (c == '/' && n && out[n - 1] == '/')
            return "The path is empty between two slashes.";
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return utf8_valid((struct span){ out, n }) ? NULL : "The path is not UTF-8.";
}

static bool has_dot_segment(const char *path)
{
    for (const char *p = path; p; p = strchr(p + 1, '/')) {
        size_t n = strcspn(p + 1, "/");
        if ((n == 1 && p[1] == '.') || (n == 2 && p[1] == '.' && p[2] == '.'))
            return true;
    }
    return false;
}

static bool target_char(char c)
{
    return char_visible(c) && c != '#' && c != '\\';
}

static bool check_target(const struct guard_request *r, struct guard_result *out, struct err *e)
{
    struct span t = r->raw_target, path = t;
    if (t.n > LIMIT_URL)
        return refuse(out, e, true, 431, "target_too_large", "The request target is longer than 8,192 bytes.");
    if (!t.n || t.p[0] != '/')
        return malformed(out, e, "The request target must be a path that begins with '/'.");
    if (!span_all(t, target_char))
        return malformed(out, e, "The request target holds a character that must be percent-encoded.");
    const char *mark = memchr(t.p, '?', t.n);
    if (mark) {
        path.n = (size_t)(mark - t.p);
        out->query = (struct span){ mark + 1, t.n - path.n - 1 };
    }
    char decoded[GUARD_PATH];
    if (path.n >= sizeof decoded)
        return refuse(out, e, false, 404, "not_found", "There is nothing at this path.");
    const char *fault = decode_path(path, decoded);
    if (fault)
        return refuse(out, e, true, 400, "malformed_path", fault);
    if (has_dot_segment(decoded))
        return refuse(out, e, true, 400, "malformed_path", "The path must not hold '.' or '..' segments.");
    memcpy(out->path, decoded, strlen(decoded) + 1);
    return true;
}

/* ---- header fields ---- */

/* What the fields that decide about framing said. */
struct framing {
    struct span host, length, encoding, expect, content_encoding, trailer;
};

struct known {
    const char *name;
    struct span *value;
    bool close; /* a duplicate makes the framing doubtful */
};

static bool note_header(const struct guard_header *h, const struct known *known, struct guard_result *out,
                        struct err *e)
{
    for (const struct known *k = known; k->name; k++) {
        if (!span_eq_nocase(h->name, k->name))
            continue;
        if (k->value->p) {
            out->close = out->close || k->close;
            return err_set(e, 400, "duplicate_header", "Send the header %s once.", k->name);
        }
        *k->value = (struct span){ h->value.p ? h->value.p : "", h->value.n };
    }
    return true;
}

/* Nothing but pages looks at these, so however often they come, it is no fault of an invocation. */
static void note_page_header(const struct guard_header *h, struct guard_result *out)
{
    const struct known known[] = { { "host", &out->host, false },
                                   { "cookie", &out->cookie, false },
                                   { "origin", &out->origin, false },
                                   { "sec-fetch-site", &out->fetch_site, false },
                                   { "x-forwarded-for", &out->forwarded_for, false },
                                   { NULL, NULL, false } };
    for (const struct known *k = known; k->name; k++)
        if (span_eq_nocase(h->name, k->name))
            *k->value = h->value;
}

static bool check_sizes(const struct guard_request *r, struct guard_result *out, struct err *e)
{
    size_t total = 0;
    if (r->count > LIMIT_HEADER_LINES)
        return refuse(out, e, true, 431, "headers_too_large", "Send at most 64 header lines.");
    for (size_t i = 0; i < r->count; i++) {
        size_t line = r->headers[i].name.n + r->headers[i].value.n + 4; /* colon, blank, CR, LF */
        if (line > LIMIT_HEADER_LINE)
            return refuse(out, e, true, 431, "headers_too_large", "A header line is longer than 8,192 bytes.");
        total += line;
    }
    if (total > LIMIT_HEADER_BYTES)
        return refuse(out, e, true, 431, "headers_too_large",
                      "All header lines together are longer than 24,576 bytes.");
    return true;
}

static bool check_shown(const struct guard_request *r, struct guard_result *out, struct err *e)
{
    return !r->hidden ||
           malformed(out, e,
                     "The request is not written as RFC 9112 asks: a line that does not end in CR and LF, "
                     "a line without a name, a folded line, a NUL, or more than one blank.");
}

/* Fit to be echoed in an answer and written to a log. */
static bool id_char(char c)
{
    return char_visible(c) && c != '"' && c != '\\';
}

static bool request_id_valid(struct span s)
{
    return s.n >= 1 && s.n <= LIMIT_REQUEST_ID && span_all(s, id_char);
}

/* Every field's form, and the known ones into their places. The first fault wins, but all known fields are looked at.
 */
static bool check_fields(const struct guard_request *r, const struct known *known, struct guard_result *out,
                         struct err *e)
{
    bool ok = true;
    struct err ignored;
    for (size_t i = 0; i < r->count; i++) {
        const struct guard_header *h = &r->headers[i];
        struct err *to = ok ? e : &ignored;
        note_page_header(h, out);
        if (!is_token(h->name))
            ok = malformed(out, to, "A header's name must be a token.");
        else if (!span_all(h->value, value_char))
            ok = malformed(out, to, "A header's value holds a control character.");
        else if (!note_header(h, known, out, to))
            ok = false;
    }
    return ok;
}

static bool parse_length(struct span s, int64_t *out)
{
    int64_t v = 0;
    if (s.n < 1 || s.n > 18 || !span_all(s, char_digit))
        return false;
    for (size_t i = 0; i < s.n; i++)
        v = v * 10 + (s.p[i] - '0');
    *out = v;
    return true;
}

/* reg-name, IPv4 or [IPv6], and an optional port: RFC 9110 section 7.2. */
static bool host_char(char c)
{
    return char_alnum(c) || (c && strchr("-._~:[]", c));
}

static bool host_valid(struct span s)
{
    return s.n >= 1 && s.n <= 255 && span_all(s, host_char);
}

static bool check_framing(const struct framing *f, struct guard_result *out, struct err *e)
{
    if (!f->host.p || !host_valid(f->host))
        return malformed(out, e, "Send exactly one Host header with a host.");
    if (f->length.p && f->encoding.p)
        return malformed(out, e, "Send Content-Length or Transfer-Encoding, not both.");
    if (f->length.p && !parse_length(f->length, &out->content_length))
        return malformed(out, e, "Content-Length must be digits only.");
    if (f->encoding.p && !span_eq_nocase(f->encoding, "chunked"))
        return malformed(out, e, "Transfer-Encoding must be chunked and nothing else.");
    out->chunked = f->encoding.p != NULL;
    out->has_body = out->chunked || out->content_length > 0;
    if (out->has_body && (out->method == GUARD_GET || out->method == GUARD_HEAD))
        return malformed(out, e, "A GET or HEAD request must not have a body.");
    if (f->trailer.p)
        return malformed(out, e, "Trailers are not accepted.");
    if (f->expect.p && !span_eq_nocase(f->expect, "100-continue"))
        return malformed(out, e, "Expect must be 100-continue.");
    out->expect_continue = f->expect.p != NULL;
    if (f->content_encoding.n && !span_eq_nocase(f->content_encoding, "identity"))
        return refuse(out, e, false, 415, "unsupported_media_type", "Send the body without Content-Encoding.");
    return true;
}

static bool check_headers(const struct guard_request *r, struct guard_result *out, struct err *e)
{
    struct framing f = { 0 };
    struct span request_id = { 0 };
    const struct known known[] = { { "x-request-id", &request_id, false },
                                   { "x-request-context", &out->request_context, false },
                                   { "x-client-context", &out->client_context, false },
                                   { "x-signature", &out->signature, false },
                                   { "authorization", &out->authorization, false },
                                   { "content-type", &out->content_type, false },
                                   { "traceparent", &out->traceparent, false },
                                   { "user-agent", &out->user_agent, false },
                                   { "content-encoding", &f.content_encoding, false },
                                   { "host", &f.host, true },
                                   { "content-length", &f.length, true },
                                   { "transfer-encoding", &f.encoding, true },
                                   { "expect", &f.expect, true },
                                   { "trailer", &f.trailer, true },
                                   { NULL, NULL, false } };
    bool ok = check_fields(r, known, out, e);
    if (request_id.p && request_id_valid(request_id))
        out->request_id = request_id;
    else if (request_id.p && ok)
        ok = refuse(out, e, false, 400, "invalid_request_id",
                    "x-request-id must be 1 to 200 visible ASCII characters without quotes and backslashes.");
    struct err ignored;
    return check_framing(&f, out, ok ? e : &ignored) && ok;
}

bool guard_check(const struct guard_request *r, struct guard_result *out, struct err *e)
{
    *out = (struct guard_result){ .content_length = -1 };
    if (!check_sizes(r, out, e) || !check_shown(r, out, e))
        return false;
    /* The headers before the target, so that the answer to a bad target carries the caller's request id. */
    bool line = check_line(r, out, e);
    struct err ignored;
    bool headers = check_headers(r, out, line ? e : &ignored);
    return line && headers && check_target(r, out, e);
}

/* ---- helpers of the front ---- */

bool guard_is_json(struct span content_type)
{
    struct span rest = content_type, part;
    if (!span_split(&rest, ';', &part) || !span_eq_nocase(span_trim(part), "application/json"))
        return false;
    bool charset = false;
    while (span_split(&rest, ';', &part)) {
        part = span_trim(part);
        if (charset || !(span_eq_nocase(part, "charset=utf-8") || span_eq_nocase(part, "charset=\"utf-8\"")))
            return false;
        charset = true;
    }
    return true;
}

static bool lower_hex(char c)
{
    return char_hex_value(c) >= 0 && !char_upper(c);
}

static bool zero(char c)
{
    return c == '0';
}

/* Part of a traceparent: lower-case hexadecimal and not zeros only. */
static bool trace_id(struct span s)
{
    return span_all(s, lower_hex) && !span_all(s, zero);
}

bool guard_traceparent(struct span v)
{
    if (v.n < 55 || v.p[2] != '-' || v.p[35] != '-' || v.p[52] != '-' || span_starts(v, "ff"))
        return false;
    if (span_starts(v, "00-") ? v.n != 55 : v.n > 55 && v.p[55] != '-')
        return false;
    return (span_starts(v, "00") || trace_id((struct span){ v.p, 2 })) && trace_id((struct span){ v.p + 3, 32 }) &&
           trace_id((struct span){ v.p + 36, 16 }) &&
           (span_starts((struct span){ v.p + 53, 2 }, "00") || trace_id((struct span){ v.p + 53, 2 }));
}
