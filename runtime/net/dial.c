/* dial.c - libcurl's CONNECT_ONLY on the loop. */
#include "runtime/net/dial.h"

#include <openssl/ssl.h>
#include <stdlib.h>

#include "runtime/net/multi.h"

struct dialer {
    struct multi multi;
    bool plain_http;
    const char *ca_file;
};

struct dial {
    struct dialer *owner;
    CURL *easy;
    curl_socket_t fd;
    dial_fn *done;
    void *ctx;
    char error[CURL_ERROR_SIZE];
};

struct dialer *dialer_new(struct loop *loop, bool plain_http, const char *ca_file)
{
    struct dialer *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->plain_http = plain_http;
    d->ca_file = ca_file;
    if (!multi_init(&d->multi, loop)) {
        free(d);
        return NULL;
    }
    return d;
}

void dialer_free(struct dialer *d)
{
    if (!d)
        return;
    multi_fini(&d->multi);
    free(d);
}

/*
 * Were libcurl to offer h2, it would put its own HTTP/2 over the connection, and curl_easy_send() would fail. So it
 * offers nothing, and h2 is offered here.
 */
static CURLcode offer_h2(CURL *easy, void *ssl_ctx, void *ctx)
{
    static const unsigned char h2[] = { 2, 'h', '2' };
    (void)easy, (void)ctx;
    return SSL_CTX_set_alpn_protos(ssl_ctx, h2, sizeof h2) == 0 ? CURLE_OK : CURLE_SSL_CONNECT_ERROR;
}

static void set_options(struct dial *d, const char *url, int timeout_ms)
{
    CURL *e = d->easy;
    http_rules(e);
    curl_easy_setopt(e, CURLOPT_PRIVATE, d);
    curl_easy_setopt(e, CURLOPT_URL, url);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, d->owner->plain_http ? "http,https" : "https");
    curl_easy_setopt(e, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(e, CURLOPT_SSL_ENABLE_ALPN, 0L);
    curl_easy_setopt(e, CURLOPT_SSL_CTX_FUNCTION, offer_h2);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, d->error);
    if (d->owner->ca_file)
        curl_easy_setopt(e, CURLOPT_CAINFO, d->owner->ca_file);
}

struct dial *dial_open(struct dialer *owner, const char *url, int timeout_ms, dial_fn *done, void *ctx)
{
    struct dial *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    *d = (struct dial){ .owner = owner, .easy = curl_easy_init(), .fd = -1, .done = done, .ctx = ctx };
    if (!d->easy) {
        free(d);
        return NULL;
    }
    set_options(d, url, timeout_ms);
    if (curl_multi_add_handle(owner->multi.curl, d->easy) == CURLM_OK)
        return d;
    curl_easy_cleanup(d->easy);
    free(d);
    return NULL;
}

void dial_close(struct dial *d)
{
    if (!d)
        return;
    curl_multi_remove_handle(d->owner->multi.curl, d->easy);
    curl_easy_cleanup(d->easy);
    free(d);
}

int dialer_timeout_ms(const struct dialer *d)
{
    return multi_timeout_ms(&d->multi);
}

void dialer_work(struct dialer *owner)
{
    CURLcode code;
    multi_work(&owner->multi);
    for (CURL *easy; (easy = multi_ended(&owner->multi, &code));) {
        struct dial *d = NULL;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&d);
        if (code == CURLE_OK)
            code = curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &d->fd);
        enum http_failure failure = http_failure_of(code, false);
        d->done(d->ctx, failure, failure == HTTP_OK ? "" : d->error[0] ? d->error : curl_easy_strerror(code));
    }
}

int dial_fd(const struct dial *d)
{
    return d->fd;
}

ssize_t dial_send(struct dial *d, const void *p, size_t n)
{
    size_t done = 0;
    CURLcode code = curl_easy_send(d->easy, p, n, &done);
    return code == CURLE_OK ? (ssize_t)done : code == CURLE_AGAIN ? 0 : -1;
}

ssize_t dial_receive(struct dial *d, void *p, size_t n)
{
    size_t done = 0;
    CURLcode code = curl_easy_recv(d->easy, p, n, &done);
    return code == CURLE_AGAIN ? 0 : code == CURLE_OK && done > 0 ? (ssize_t)done : -1;
}
