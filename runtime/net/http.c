/* http.c - libcurl with our rules. */
#include "runtime/net/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/net/hosts.h"

enum {
    CONNECT_MS = 3000,
    KEEP_S = 45,    /* an idle connection older than this is not used again: servers drop them at about a minute */
    CONNECTIONS = 4 /* orgs that one worker keeps a connection to */
};

struct http {
    CURL *easy;
    char error[CURL_ERROR_SIZE];
    const struct http_request *q; /* of the request under way */
    struct http_reply *r;
    size_t piece, offset; /* how far the body has been read */
    size_t body_bytes;    /* of the body, all pieces together */
    bool read, too_large, stopped, streamed, busy;
    int begun; /* how often the request was about to leave */
    struct http_guard guard;
};

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct http *h = ctx;
    const struct http_stream *stream = h->q->stream;
    long status = 0;
    if (stream && stream->sink)
        curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status < 300) {
        h->streamed = true;
        h->stopped = !stream->sink(stream->ctx, p, size * n);
        return h->stopped ? 0 : size * n;
    }
    if (buf_add(&h->r->body, p, size * n))
        return size * n;
    h->too_large = true;
    return 0;
}

static size_t read_stream(struct http *h, char *to, size_t room)
{
    h->streamed = true;
    size_t n = h->q->stream->read(h->q->stream->ctx, to, room);
    h->stopped = n == HTTP_STREAM_STOP;
    return h->stopped ? CURL_READFUNC_ABORT : n;
}

static size_t on_read(char *to, size_t size, size_t n, void *ctx)
{
    struct http *h = ctx;
    size_t room = size * n, done = 0;
    h->read = true;
    if (h->q->stream && h->q->stream->read)
        return read_stream(h, to, room);
    while (done < room && h->piece < h->q->pieces) {
        struct span s = h->q->body[h->piece];
        size_t take = s.n - h->offset < room - done ? s.n - h->offset : room - done;
        if (take)
            memcpy(to + done, s.p + h->offset, take);
        done += take;
        h->offset += take;
        if (h->offset == s.n) {
            h->piece++;
            h->offset = 0;
        }
    }
    return done;
}

/*
 * Called right before the request leaves. libcurl calls it again when a kept connection was dead and it would send the
 * request a second time, without knowing whether the peer has carried the first one out.
 */
static int on_begin(void *ctx, char *to_ip, char *from_ip, int to_port, int from_port)
{
    struct http *h = ctx;
    (void)to_ip, (void)from_ip, (void)to_port, (void)from_port;
    return h->begun++ && h->q->once ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* The last word on where a connection goes: also a name that changes its address between two look-ups ends here. */
static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct http_guard *g = ctx;
    (void)purpose;
    if (!hosts_address_ok(&to->addr, g->loopback)) {
        g->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

void http_harden(CURL *easy, const char *ca_file, struct http_guard *guard)
{
    http_rules(easy);
    if (ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)KEEP_S);
    curl_easy_setopt(easy, CURLOPT_MAXCONNECTS, (long)CONNECTIONS);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, guard);
}

struct http *http_new(const char *ca_file)
{
    struct http *h = calloc(1, sizeof *h);
    if (!h || !http_start())
        goto fail;
    h->easy = curl_easy_init();
    if (!h->easy)
        goto fail;
    http_harden(h->easy, ca_file, &h->guard);
    curl_easy_setopt(h->easy, CURLOPT_ERRORBUFFER, h->error);
    curl_easy_setopt(h->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(h->easy, CURLOPT_WRITEDATA, h);
    curl_easy_setopt(h->easy, CURLOPT_PREREQFUNCTION, on_begin);
    curl_easy_setopt(h->easy, CURLOPT_PREREQDATA, h);
    curl_easy_setopt(h->easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(h->easy, CURLOPT_READDATA, h);
    return h;
fail:
    free(h);
    return NULL;
}

void http_free(struct http *h)
{
    if (!h)
        return;
    curl_easy_cleanup(h->easy);
    free(h);
}

static void set_method(struct http *h, const struct http_request *q)
{
    h->body_bytes = 0;
    for (size_t i = 0; i < q->pieces; i++)
        h->body_bytes += q->body[i].n;
    /* HTTPGET also clears what the request before has set. */
    curl_easy_setopt(h->easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(h->easy, CURLOPT_NOBODY, strcmp(q->method, "HEAD") == 0 ? 1L : 0L);
    if (q->pieces) {
        curl_easy_setopt(h->easy, CURLOPT_POST, 1L);
        /* A body in one piece leaves together with the header, in one packet when it is small. */
        curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, q->pieces == 1 ? q->body->p : NULL);
        curl_easy_setopt(h->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)h->body_bytes);
    }
    if (q->stream && q->stream->read) {
        curl_easy_setopt(h->easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(h->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)-1); /* nobody knows: in chunks */
    }
    curl_easy_setopt(h->easy, CURLOPT_CUSTOMREQUEST, q->method);
}

void http_read_meta(CURL *easy, struct http_reply *r)
{
    long status = 0, sent = 0;
    curl_off_t wait = 0;
    char *type = NULL;
    struct curl_header *usage, *found;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &wait);
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    r->status = (int)status;
    r->sent = sent > 0;
    r->retry_after_s = wait < 0 ? 0 : wait > 86400 ? 86400 : (int)wait;
    copy_text(r->content_type, sizeof r->content_type, type);
    if (curl_easy_header(easy, "Sforce-Limit-Info", 0, CURLH_HEADER, -1, &usage) == CURLHE_OK) {
        const char *value = strstr(usage->value, "api-usage=");
        if (value)
            copy_span(r->api_usage, sizeof r->api_usage,
                      (struct span){ value + 10, strspn(value + 10, "0123456789/") });
    }
    if (curl_easy_header(easy, "Sforce-Locator", 0, CURLH_HEADER, -1, &found) == CURLHE_OK)
        copy_text(r->locator, sizeof r->locator, found->value);
    r->counted = curl_easy_header(easy, "Sforce-NumberOfRecords", 0, CURLH_HEADER, -1, &found) == CURLHE_OK;
    r->records = r->counted ? strtoll(found->value, NULL, 10) : 0;
}

static void begin(struct http *h, const struct http_request *q, struct http_reply *r)
{
    h->q = q;
    h->r = r;
    h->piece = h->offset = 0;
    h->read = h->too_large = h->stopped = h->streamed = false;
    h->begun = 0;
    h->guard = (struct http_guard){ .loopback = q->loopback };
    h->error[0] = '\0';
}

bool http_send(struct http *h, const struct http_request *q, struct http_reply *r)
{
    memset(r, 0, sizeof *r);
    buf_init(&r->body, q->max);
    struct curl_slist *headers = http_headers(q->headers);
    if (!headers || q->timeout_ms <= 0 || h->busy) {
        r->failure = headers && !h->busy ? HTTP_TIMEOUT : HTTP_LOCAL;
        http_headers_free(headers);
        return false;
    }
    begin(h, q, r);
    set_method(h, q);
    curl_easy_setopt(h->easy, CURLOPT_URL, q->url);
    curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(h->easy, CURLOPT_PROTOCOLS_STR, q->loopback ? "http" : "https");
    curl_easy_setopt(h->easy, CURLOPT_TIMEOUT_MS, (long)q->timeout_ms);
    h->busy = true;
    CURLcode code = curl_easy_perform(h->easy);
    h->busy = false;
    http_read_meta(h->easy, r);
    if (q->pieces > 1)
        r->sent = h->read;
    r->streamed = h->streamed;
    r->failure = h->stopped ? HTTP_STOPPED : h->too_large ? HTTP_TOO_LARGE : http_failure_of(code, h->guard.refused);
    /* libcurl has one code for both: no connection in its time, and no answer in ours */
    if (r->failure == HTTP_TIMEOUT && !h->begun && q->timeout_ms > CONNECT_MS)
        r->failure = HTTP_CONNECT;
    if (r->failure != HTTP_OK)
        copy_text(r->detail, sizeof r->detail, h->error[0] ? h->error : curl_easy_strerror(code));
    curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, NULL);
    http_headers_free(headers);
    return r->failure == HTTP_OK;
}

void http_reply_free(struct http_reply *r)
{
    buf_free(&r->body);
}
