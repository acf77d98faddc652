/*
 * bench_gate.c - CPU time of what the gate adds to a request, without network: guard over the headers, both contexts
 * decoded and bound, host list, replay table; then the local verification of a token. Sizes as in a real invocation: a
 * request context of about 1.4 KB, a client context of about 0.5 KB, 12 header lines. And what it costs to write the
 * body of a data action into the question to the add-on, when every byte of it must be escaped.
 */
#include <stdio.h>
#include <time.h>

#include "runtime/auth/claims.h"
#include "runtime/auth/contexts.h"
#include "runtime/auth/replay.h"
#include "runtime/base/encoding.h"
#include "runtime/net/hosts.h"
#include "runtime/web/guard.h"
#include "tests/sign.h"

#define ORG "00Dxx0000000000EAA"
#define URL "https://mydomain.my.salesforce.com"
#define APP "11111111-2222-4333-8444-555555555555"

enum { ROUNDS = 5 };

struct input {
    char request_id[80], rc[LIMIT_HEADER_LINE], cc[LIMIT_HEADER_LINE];
    char rc_mem[CONTEXT_MEM], cc_mem[CONTEXT_MEM];
    struct request_context request;
    struct client_context client;
    struct caller caller;
    struct hosts hosts;
};

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void encode_contexts(struct input *in, const char *token, long number)
{
    char text[LIMIT_HEADER_LINE];
    snprintf(in->request_id, sizeof in->request_id, ORG "-7c566091-7af3-4e87-8865-%012lx", (unsigned long)number);
    int n =
        snprintf(text, sizeof text,
                 "{\"id\":\"%s\",\"auth\":\"%s\",\"loginUrl\":\"https://login.salesforce.com\",\"orgDomainUrl\":\"" URL
                 "\",\"orgId\":\"" ORG "\",\"resource\":\"externalService\",\"type\":\"sync\",\"appUuid\":\"" APP "\"}",
                 in->request_id, token);
    base64_encode(text, (size_t)n, in->rc);
    n = snprintf(text, sizeof text,
                 "{\"requestId\":\"%s\",\"accessToken\":\"00Dxx0000000000!AQEAQ%0120d\",\"apiVersion\":\"62.0\","
                 "\"namespace\":null,\"orgId\":\"" ORG "\",\"orgDomainUrl\":\"" URL
                 "\",\"userContext\":{\"userId\":\"005xx000001X8UzAAK\",\"username\":\"admin@example.com\"}}",
                 in->request_id, 0);
    base64_encode(text, (size_t)n, in->cc);
}

/* Everything that a request without network passes through; false would make the figure worthless. */
static bool gate(struct input *in, struct replay *replay)
{
    struct guard_header h[] = { { span_of("Host"), span_of("app.herokuapp.com") },
                                { span_of("Connection"), span_of("keep-alive") },
                                { span_of("User-Agent"), span_of("SFDC-Callout/62.0") },
                                { span_of("Accept"), span_of("*/*") },
                                { span_of("Accept-Encoding"), span_of("gzip") },
                                { span_of("Content-Type"), span_of("application/json; charset=utf-8") },
                                { span_of("Content-Length"), span_of("206") },
                                { span_of("X-Forwarded-For"), span_of("13.110.54.9") },
                                { span_of("X-Forwarded-Proto"), span_of("https") },
                                { span_of("x-request-id"), span_of(in->request_id) },
                                { span_of("x-request-context"), span_of(in->rc) },
                                { span_of("x-client-context"), span_of(in->cc) } };
    const struct guard_request r = { "POST", "HTTP/1.1",           span_of("/api/calculateCarbonFootprint"),
                                     h,      sizeof h / sizeof *h, false };
    struct guard_result g;
    struct err e;
    unsigned char key[REPLAY_KEY];
    return guard_check(&r, &g, &e) && guard_is_json(g.content_type) &&
           request_context_decode(g.request_context, in->rc_mem, sizeof in->rc_mem, &in->request, &e) &&
           client_context_decode(g.client_context, in->cc_mem, sizeof in->cc_mem, &in->client, &e) &&
           contexts_bind(&in->request, &in->client, g.request_id, APP, &in->caller, &e) &&
           hosts_allow_origin(&in->hosts, in->caller.org_url, NULL) &&
           replay_key(in->request.org_id, in->request.id, key) && replay_take(replay, key, 1000, 1300) == REPLAY_FRESH;
}

static const struct caller caller = { ORG, "005xx000001X8UzAAK", URL };

static bool verify(const struct input *in, const struct jws_key *key, const struct claims_rules *rules)
{
    static struct jws t;
    struct claims c;
    struct err e;
    return jws_gate(in->request.auth, false, &t, &e) &&
           jws_check(t.alg, key, t.signing_input, (struct span){ (char *)t.signature, t.signature_n }) &&
           claims_check(&t, rules, &caller, 1000, &c, &e);
}

/* Lowest of a few rounds: what the machine does besides only adds. */
static double lowest(double a, double b)
{
    return a == 0 || b < a ? b : a;
}

static double bench_verify(EVP_PKEY *private_key, const char *header, long count)
{
    static struct input in;
    static char token[SIGN_TOKEN];
    static const struct claims_rules rules = { .issuers = { { { URL, sizeof URL - 1 } }, 1 },
                                               .audiences = { { { URL, sizeof URL - 1 } }, 1 } };
    char *pem = sign_pem(private_key);
    struct jws_key *key = jws_key_pem(span_of(pem));
    double best = 0;
    in.request.auth = sign_token(private_key, (struct span){ 0 }, header,
                                 "{\"scp\":\"refresh_token web api\",\"aud\":[\"" URL
                                 "\"],\"sub\":\"uid:005xx000001X8UzAAK\",\"iss\":\"" URL
                                 "\",\"client_id\":\"3MVG9\",\"nbf\":985,\"iat\":1000,\"exp\":1060,\"mty\":\"oauth\","
                                 "\"roles\":[],\"hsc\":false}",
                                 token);
    for (int round = 0; round < ROUNDS; round++) {
        double begun = cpu_us();
        for (long i = 0; i < count; i++)
            SIGN_MUST(verify(&in, key, &rules));
        best = lowest(best, (cpu_us() - begun) / (double)count);
    }
    jws_key_free(key);
    free(pem);
    return best;
}

/* Nanoseconds for each byte of the largest body. */
static double bench_escape(char c)
{
    enum { BODY = 200 * 1024 };
    static char body[BODY];
    double best = 0;
    memset(body, c, sizeof body);
    for (int round = 0; round < 4 * ROUNDS; round++) {
        struct buf out;
        buf_init(&out, 2 * BODY + 2);
        double begun = cpu_us();
        SIGN_MUST(buf_json_string(&out, (struct span){ body, sizeof body }));
        best = lowest(best, (cpu_us() - begun) * 1000 / BODY);
        buf_free(&out);
    }
    return best;
}

int main(void)
{
    enum { COUNT = 20000 };
    static struct input in;
    static char token[SIGN_TOKEN];
    static const char header[] = "{\"tnk\":\"core/prod/" ORG "\",\"ver\":\"1.0\",\"kid\":\"CORE_ATJWT." ORG
                                 "\",\"tty\":\"sfdc-core-token\",\"typ\":"
                                 "\"JWT\",\"alg\":\"RS256\"}";
    char why[200];
    EVP_PKEY *rsa = sign_rsa(2048), *ec = sign_ec("P-256");
    sign_token(rsa, (struct span){ 0 }, header,
               "{\"scp\":\"refresh_token web api\",\"aud\":[\"" URL "\"],\"iss\":\"" URL "\",\"exp\":1060}", token);
    SIGN_MUST(hosts_parse(&in.hosts, "*.my.salesforce.com", false, why, sizeof why));
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct replay *replay = replay_new(COUNT);
        double used = 0;
        for (long i = 0; i < COUNT; i++) {
            encode_contexts(&in, token, i);
            double begun = cpu_us();
            bool ok = gate(&in, replay);
            used += cpu_us() - begun;
            SIGN_MUST(ok);
        }
        best = lowest(best, used / COUNT);
        replay_free(replay);
    }
    printf("gate without network (contexts of %zu and %zu bytes): %.2f us CPU of 45 allowed\n", strlen(in.rc),
           strlen(in.cc), best);
    double rs = bench_verify(rsa, header, COUNT / 4);
    printf("local verification RS256: %.2f us CPU of 30 allowed\n", rs);
    printf("local verification ES256: %.2f us CPU\n",
           bench_verify(ec, "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"k\"}", COUNT / 4));
    double plain = bench_escape('x'), escaped = bench_escape('\n');
    printf("a data action's body as a JSON string: %.2f ns CPU a byte; %.2f of 20 allowed when each is escaped\n",
           plain, escaped);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    return best > 45 || rs > 30 || escaped > 20;
}
