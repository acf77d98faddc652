/*
 * vectors_jws.c - runs vector files through the token gate and the signature check. The kind of a file is told by its
 * content:
 *
 *   lines of  label <tab> token <tab> key file    labelled tokens; key files lie beside it, "-" = no key, token EMPTY =
 * "" Wycheproof JSON                               MacTest, RsassaPkcs1Verify, EcdsaP1363Verify, EcdsaVerify,
 * JsonWebSignature, JsonWebKey; groups with private keys also give derived vectors whose payload is a JSON object, with
 * the same fault applied
 *
 * "informational" counts vectors that say nothing about this host: algorithms that it does not speak, results that
 * Wycheproof calls acceptable, and valid signatures over texts that are no strict JWS with a payload.
 */
#include <libgen.h>
#include <strings.h>
#include <time.h>

#include "runtime/auth/claims.h"
#include "tests/vectors/wycheproof.h"

enum { VECTOR_FILE = 64 << 20 };

static char *read_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    char *text = malloc(VECTOR_FILE + 1);
    *n = text ? fread(text, 1, VECTOR_FILE, f) : 0;
    if (text)
        text[*n] = '\0';
    fclose(f);
    return text;
}

/* ---- labelled tokens ---- */

/* A PEM public key, or the bytes of an HMAC secret. */
static struct jws_key *read_key(const char *folder, const char *name)
{
    char path[1024];
    size_t n;
    if (strcmp(name, "-") == 0)
        return NULL;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *text = read_file(path, &n);
    if (!text) {
        fprintf(stderr, "no key file %s\n", path);
        return NULL;
    }
    struct span bytes = { text, n };
    struct jws_key *key = strstr(text, "-----BEGIN") ? jws_key_pem(bytes) : jws_key_hmac(bytes);
    free(text);
    return key;
}

/* The whole way of a token but for issuer, audience and org: gate, signature, payload, times. */
static bool accepted_at(const char *token, const struct jws_key *key, int64_t now_s)
{
    static struct jws t;
    struct claims c;
    struct err e;
    if (!jws_gate(span_of(token), true, &t, &e) ||
        !jws_check(t.alg, key, t.signing_input, (struct span){ (const char *)t.signature, t.signature_n }))
        return false;
    return claims_times(&t, now_s, &c, &e);
}

/* A good token is accepted until its exp and the skew, and not one second longer; any other is refused at every time.
 */
static void labelled(const char *file, int line, char *label, const char *token, const char *key_name,
                     const char *folder)
{
    char where[600];
    static const int64_t times[] = { 0, 1, 60, 61, 1000, 1700000000, 4000000000, 9999999999 };
    struct jws_key *key = read_key(folder, key_name);
    bool good = strncasecmp(label, "good", 4) == 0 || strncasecmp(label, "valid", 5) == 0, ever = false;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        bool ok = accepted_at(token, key, times[i]);
        ever = ever || ok;
    }
    snprintf(where, sizeof where, "%s:%d %s", file, line, label);
    if (!key && strcmp(key_name, "-") != 0) {
        vector(where, "its key file cannot be read: a refusal without a key proves nothing", false);
    } else if (good) {
        vector(where, "a good token must be accepted before it expires", ever);
        if (strcasestr(label, "expired"))
            vector(where, "an expired token must be refused today", !accepted_at(token, key, (int64_t)time(NULL)));
    } else {
        vector(where, "must be refused, whatever the time", !ever);
    }
    jws_key_free(key);
}

static void run_labelled(const char *path, char *text)
{
    char copy[1024];
    copy_text(copy, sizeof copy, path);
    const char *folder = dirname(copy);
    int line = 0;
    for (char *next, *row = text; row && *row; row = next) {
        next = strchr(row, '\n');
        if (next)
            *next++ = '\0';
        line++;
        char *token = strchr(row, '\t'), *key = token ? strchr(token + 1, '\t') : NULL;
        if (!key)
            continue;
        *token++ = '\0';
        *key++ = '\0';
        key[strcspn(key, "\r\t ")] = '\0';
        labelled(path, line, row, strcmp(token, "EMPTY") == 0 ? "" : token, key, folder);
    }
}

/* ---- files ---- */

typedef void group_fn(const char *where, const json_t *group);

static const struct {
    const char *type;
    group_fn *run;
} kinds[] = { { "MacTest", run_mac },           { "RsassaPkcs1Verify", run_rsa }, { "EcdsaP1363Verify", run_p1363 },
              { "EcdsaVerify", run_ecdsa_der }, { "JsonWebSignature", run_jws },  { "JsonWebKey", run_jwk } };

static void run_wycheproof(const char *path, const json_t *root)
{
    const json_t *group;
    size_t i;
    json_array_foreach (json_object_get(root, "testGroups"), i, group) {
        const char *type = string_of(group, "type"), *algorithm = string_of(root, "algorithm");
        size_t k = 0;
        while (k < sizeof kinds / sizeof *kinds && strcmp(type, kinds[k].type) != 0)
            k++;
        if (strcmp(type, "MacTest") == 0 && strcmp(algorithm, "HMACSHA256") != 0)
            k = sizeof kinds / sizeof *kinds; /* another hash: nothing that this host speaks */
        if (k < sizeof kinds / sizeof *kinds)
            kinds[k].run(path, group);
        else
            tally.informational += (long)json_array_size(json_object_get(group, "tests"));
    }
}

static void run_file(const char *path)
{
    size_t n;
    char *text = read_file(path, &n);
    long before = tally.passed + tally.failed + tally.informational;
    if (!text) {
        vector(path, "cannot be read", false);
        return;
    }
    size_t mark = n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; /* a byte order mark */
    json_t *root = json_loadb(text + mark, n - mark, 0, NULL);
    if (json_is_array(json_object_get(root, "testGroups")))
        run_wycheproof(path, root);
    else if (!root)
        run_labelled(path, text + mark);
    if (tally.passed + tally.failed + tally.informational == before)
        vector(path, "holds no vector of a known kind", false);
    json_decref(root);
    free(text);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: vectors_jws FILE...\n");
        return 64;
    }
    for (int i = 1; i < argc; i++)
        run_file(argv[i]);
    printf("%ld passed, %ld failed, %ld informational\n", tally.passed, tally.failed, tally.informational);
    return tally.failed != 0;
}
