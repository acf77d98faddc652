/*
 * floor.c - what the HTTP library costs without us: the same POST on bare libmicrohttpd, with base64 and jansson for
 * the two contexts and the body, and a dumped answer; nothing is authenticated or checked. Prints "at=ready port=N".
 */
#include <arpa/inet.h>
#include <jansson.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

struct request {
    char body[8192];
    size_t n;
};

static json_t *decode(const char *header)
{
    unsigned char plain[8192];
    size_t n = header ? strlen(header) : 0;
    if (n == 0 || n > 8192)
        return NULL;
    int len = EVP_DecodeBlock(plain, (const unsigned char *)header, (int)n);
    for (; n && header[n - 1] == '='; n--)
        len--;
    return len < 0 ? NULL : json_loadb((char *)plain, (size_t)len, 0, NULL);
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *c, const char *url, const char *method,
                              const char *version, const char *data, size_t *data_n, void **context)
{
    struct request *r = *context;
    (void)cls, (void)url, (void)method, (void)version;
    if (!r) {
        *context = calloc(1, sizeof *r);
        return *context ? MHD_YES : MHD_NO;
    }
    if (*data_n) {
        if (r->n + *data_n > sizeof r->body)
            return MHD_NO;
        memcpy(r->body + r->n, data, *data_n);
        r->n += *data_n;
        *data_n = 0;
        return MHD_YES;
    }
    json_t *rc = decode(MHD_lookup_connection_value(c, MHD_HEADER_KIND, "X-Request-Context"));
    json_t *cc = decode(MHD_lookup_connection_value(c, MHD_HEADER_KIND, "X-Client-Context"));
    json_t *body = json_loadb(r->body, r->n, 0, NULL);
    const char *text = json_string_value(json_object_get(body, "text"));
    json_t *answer = json_pack("{s:s, s:i}", "text", text ? text : "", "members", (int)json_object_size(body));
    char *out = rc && cc ? json_dumps(answer, JSON_COMPACT) : NULL;
    enum MHD_Result rv = MHD_NO;
    if (out) {
        struct MHD_Response *m = MHD_create_response_from_buffer(strlen(out), out, MHD_RESPMEM_MUST_FREE);
        MHD_add_response_header(m, "Content-Type", "application/json");
        rv = MHD_queue_response(c, 200, m);
        MHD_destroy_response(m);
    }
    json_decref(rc);
    json_decref(cc);
    json_decref(body);
    json_decref(answer);
    return rv;
}

static void completed(void *cls, struct MHD_Connection *c, void **context, enum MHD_RequestTerminationCode why)
{
    (void)cls, (void)c, (void)why;
    free(*context);
}

int main(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    struct MHD_Daemon *d =
        MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, handle, NULL, MHD_OPTION_SOCK_ADDR, &a,
                         MHD_OPTION_THREAD_POOL_SIZE, 2u, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END);
    const union MHD_DaemonInfo *i = d ? MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (!i)
        return 1;
    fprintf(stderr, "at=ready port=%d\n", i->port);
    for (;;)
        pause();
}
