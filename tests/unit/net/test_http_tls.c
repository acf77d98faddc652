/* test_http_tls.c - what every handle of a worker demands of TLS: a certificate that is known and fits the name,
 * and 1.2 or newer. */
#include "tests/unit/check.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "runtime/net/http.h"
#include "tests/loopback.h"

struct tls {
    int fd, port, max_version;
    const char *name; /* in its certificate */
    EVP_PKEY *key;
    X509 *cert;
    pthread_t thread;
};

static void make_certificate(struct tls *t)
{
    X509V3_CTX ctx;
    char alt[100];
    t->key = EVP_EC_gen("P-256");
    t->cert = X509_new();
    X509_set_version(t->cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(t->cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(t->cert), -60);
    X509_gmtime_adj(X509_getm_notAfter(t->cert), 3600);
    X509_set_pubkey(t->cert, t->key);
    X509_NAME *name = X509_get_subject_name(t->cert);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)t->name, -1, -1, 0);
    X509_set_issuer_name(t->cert, name);
    X509V3_set_ctx(&ctx, t->cert, t->cert, NULL, NULL, 0);
    snprintf(alt, sizeof alt, "DNS:%s", t->name);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_alt_name, alt);
    X509_add_ext(t->cert, e, -1);
    X509_EXTENSION_free(e);
    assert_true(X509_sign(t->cert, t->key, EVP_sha256()) > 0);
}

static void *serve_one(void *ctx)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    struct tls *t = ctx;
    char request[2000];
    SSL_CTX *c = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_security_level(c, 0);
    SSL_CTX_set_min_proto_version(c, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(c, t->max_version);
    SSL_CTX_use_certificate(c, t->cert);
    SSL_CTX_use_PrivateKey(c, t->key);
    int fd = accept(t->fd, NULL, NULL);
    SSL *s = SSL_new(c);
    SSL_set_fd(s, fd);
    if (SSL_accept(s) == 1 && SSL_read(s, request, sizeof request) > 0)
        SSL_write(s, answer, sizeof answer - 1);
    SSL_shutdown(s);
    SSL_free(s);
    close(fd);
    SSL_CTX_free(c);
    return NULL;
}

static void start(struct tls *t)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    make_certificate(t);
    t->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(t->fd, (struct sockaddr *)&a, n), 0);
    assert_int_equal(listen(t->fd, 4), 0);
    assert_int_equal(getsockname(t->fd, (struct sockaddr *)&a, &n), 0);
    t->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&t->thread, NULL, serve_one, t), 0);
}

static void stop(struct tls *t)
{
    pthread_join(t->thread, NULL);
    close(t->fd);
    X509_free(t->cert);
    EVP_PKEY_free(t->key);
}

static size_t ignore(char *p, size_t size, size_t n, void *ctx)
{
    (void)p, (void)ctx;
    return size * n;
}

/* One request to https://localhost through a hardened handle; its address is let through, all else is as in a worker.
 */
static CURLcode ask(const struct tls *t, const char *ca_file)
{
    struct http_guard guard = { .loopback = true };
    char url[60];
    CURL *easy = curl_easy_init();
    http_harden(easy, ca_file, &guard);
    snprintf(url, sizeof url, "https://localhost:%d/", t->port);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    /* OpenSSL's own level would already refuse 1.1; here only our minimum shall. */
    curl_easy_setopt(easy, CURLOPT_SSL_CIPHER_LIST, "DEFAULT:@SECLEVEL=0");
    curl_easy_setopt(easy, CURLOPT_IPRESOLVE, (long)CURL_IPRESOLVE_V4);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 5000L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
    CURLcode code = curl_easy_perform(easy);
    curl_easy_cleanup(easy);
    return code;
}

static void test_certificates(void **state)
{
    static const struct {
        const char *name;
        bool known;
        int version;
        enum http_failure want;
    } cases[] = {
        { "localhost", true, TLS1_3_VERSION, HTTP_OK },   { "localhost", true, TLS1_2_VERSION, HTTP_OK },
        { "localhost", false, TLS1_3_VERSION, HTTP_TLS }, { "other.example.com", true, TLS1_3_VERSION, HTTP_TLS },
        { "localhost", true, TLS1_1_VERSION, HTTP_TLS },
    };
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tls t = { .name = cases[i].name, .max_version = cases[i].version };
        char path[] = "/tmp/test_http_tls.XXXXXX";
        start(&t);
        int fd = mkstemp(path);
        FILE *f = fdopen(fd, "w");
        assert_non_null(f);
        PEM_write_X509(f, t.cert);
        fclose(f);
        enum http_failure is = http_failure_of(ask(&t, cases[i].known ? path : NULL), false);
        unlink(path);
        stop(&t);
        if (is != cases[i].want)
            fail_msg("case %zu: %d instead of %d", i, (int)is, (int)cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_certificates) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
