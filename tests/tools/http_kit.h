/* http_kit.h - raw sockets, answers and signed invocations for the attacking tools. Loopback only. */
#ifndef TESTS_HTTP_KIT_H
#define TESTS_HTTP_KIT_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define KIT __attribute__((unused)) static

enum { KIT_TEXT = 1 << 20 };

KIT void kit_die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(70);
}

KIT int64_t kit_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

KIT void kit_sleep_ms(int ms)
{
    struct timespec t = { ms / 1000, ms % 1000 * 1000000L };
    nanosleep(&t, NULL);
}

/* "http://127.0.0.1:8080" or "8080" -> 8080 */
KIT int kit_port(const char *url)
{
    const char *colon = strrchr(url, ':');
    return (int)strtol(colon ? colon + 1 : url, NULL, 10);
}

/* A connected socket, or -1. */
KIT int kit_dial(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

KIT bool kit_send(int fd, const void *p, size_t n)
{
    for (const char *c = p; n;) {
        ssize_t w = send(fd, c, n, MSG_NOSIGNAL);
        if (w <= 0)
            return false;
        c += w;
        n -= (size_t)w;
    }
    return true;
}

/* Reads more into text[*n..size); 1 = something came, 0 = end, -1 = nothing within the time. */
KIT int kit_more(int fd, char *text, size_t *n, size_t size, int timeout_ms)
{
    struct pollfd p = { fd, POLLIN, 0 };
    if (*n + 1 >= size || poll(&p, 1, timeout_ms) != 1)
        return -1;
    ssize_t r = recv(fd, text + *n, size - 1 - *n, 0);
    if (r <= 0)
        return 0;
    *n += (size_t)r;
    text[*n] = '\0';
    return 1;
}

/* Reads to the end of the stream. False when the peer does not end it in time: a hang. */
KIT bool kit_read_to_end(int fd, char *text, size_t *n, size_t size, int timeout_ms)
{
    int64_t until = kit_ms() + timeout_ms;
    *n = 0;
    text[0] = '\0';
    for (;;) {
        int64_t left = until - kit_ms();
        int r = kit_more(fd, text, n, size, left > 0 ? (int)left : 0);
        if (r <= 0)
            return r == 0;
    }
}

struct kit_answer {
    int status; /* 0 = none came */
    bool close;
    char *body;
    size_t body_n;
    char text[KIT_TEXT];
};

/* One answer with Content-Length from a kept connection. */
KIT bool kit_answer(int fd, struct kit_answer *a, int timeout_ms)
{
    size_t n = 0;
    char *end = NULL;
    a->status = 0;
    a->text[0] = '\0';
    while (!(end = strstr(a->text, "\r\n\r\n")))
        if (kit_more(fd, a->text, &n, sizeof a->text, timeout_ms) != 1)
            return false;
    if (sscanf(a->text, "HTTP/1.1 %d", &a->status) != 1)
        return false;
    const char *length = strcasestr(a->text, "\r\ncontent-length:"),
               *close_at = strcasestr(a->text, "\r\nconnection: close");
    a->close = close_at && close_at < end;
    a->body = end + 4;
    a->body_n = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
    while (n < (size_t)(a->body - a->text) + a->body_n)
        if (kit_more(fd, a->text, &n, sizeof a->text, timeout_ms) != 1)
            return false;
    return true;
}

/* ---- signed invocations ---- */

struct kit_signer {
    json_t *request, *client; /* decoded contexts; the token in them serves for many ids */
};

KIT json_t *kit_decode(const char *base64)
{
    size_t n = strlen(base64);
    unsigned char *out = malloc(n + 4);
    int len = out ? EVP_DecodeBlock(out, (const unsigned char *)base64, (int)n) : -1;
    if (len < 0)
        kit_die("base64 of the sandbox");
    while (n && base64[n - 1] == '=') {
        n--;
        len--;
    }
    json_t *j = json_loadb((char *)out, (size_t)len, 0, NULL);
    free(out);
    return j;
}

KIT char *kit_encode(const json_t *j)
{
    char *text = json_dumps(j, JSON_COMPACT);
    size_t n = strlen(text);
    char *out = malloc(n * 2 + 8);
    if (!out)
        kit_die("memory");
    EVP_EncodeBlock((unsigned char *)out, (unsigned char *)text, (int)n);
    free(text);
    return out;
}

/* Wishes for /sandbox/sign that need nothing from the sandbox's org. */
#define KIT_SAMPLE                                                                                                     \
    "{\"accessToken\":\"00Dxx0000000000!planted.token\",\"userId\":\"005xx000001X8Uz\",\"username\":\"gate@example."   \
    "com\"}"

/* Asks the sandbox to sign with these wishes. */
KIT struct kit_signer kit_sign(int sandbox_port, const char *wishes)
{
    static struct kit_answer a;
    char request[2000];
    struct kit_signer s;
    int fd = kit_dial(sandbox_port);
    int n = snprintf(request, sizeof request,
                     "POST /sandbox/sign HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
                     "application/json\r\nContent-Length: %zu\r\n\r\n%s",
                     strlen(wishes), wishes);
    if (fd < 0 || !kit_send(fd, request, (size_t)n) || !kit_answer(fd, &a, 5000) || a.status != 200)
        kit_die(a.text[0] ? a.text : "the sandbox does not sign");
    close(fd);
    json_t *headers = json_loadb(a.body, a.body_n, 0, NULL);
    s.request = kit_decode(json_string_value(json_object_get(headers, "x-request-context")));
    s.client = kit_decode(json_string_value(json_object_get(headers, "x-client-context")));
    json_decref(headers);
    if (!s.request || !s.client)
        kit_die("contexts of the sandbox");
    return s;
}

KIT void kit_signer_free(struct kit_signer *s)
{
    json_decref(s->request);
    json_decref(s->client);
}

/* The head of an invocation with a fresh id, up to and without the empty line; the caller adds its own lines. */
KIT size_t kit_head(struct kit_signer *s, const char *path, char *out, size_t size)
{
    unsigned char r[16];
    char id[64];
    if (getentropy(r, sizeof r) != 0)
        kit_die("getentropy");
    snprintf(id, sizeof id, "%.18s-%02x%02x%02x%02x-%02x%02x-4%1x%02x-8%1x%02x-%02x%02x%02x%02x%02x%02x",
             json_string_value(json_object_get(s->request, "orgId")), r[0], r[1], r[2], r[3], r[4], r[5], r[6] & 15,
             r[7], r[8] & 15, r[9], r[10], r[11], r[12], r[13], r[14], r[15]);
    json_object_set_new(s->request, "id", json_string(id));
    json_object_set_new(s->client, "requestId", json_string(id));
    char *rc = kit_encode(s->request), *cc = kit_encode(s->client);
    int n = snprintf(
        out, size,
        "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nx-request-id: %s\r\nx-request-context: %s\r\n"
        "x-client-context: %s\r\n",
        path, id, rc, cc);
    free(rc);
    free(cc);
    if (n < 0 || (size_t)n >= size)
        kit_die("head too large");
    return (size_t)n;
}

/* A whole invocation; the length. */
KIT size_t kit_invocation(struct kit_signer *s, const char *path, const void *body, size_t body_n, char *out,
                          size_t size)
{
    size_t n = kit_head(s, path, out, size);
    n += (size_t)snprintf(out + n, size - n, "Content-Length: %zu\r\n\r\n", body_n);
    if (n + body_n >= size)
        kit_die("request too large");
    memcpy(out + n, body, body_n);
    return n + body_n;
}

#endif
