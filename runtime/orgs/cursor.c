/*
 * cursor.c - opaque cursors. One holds no right: whoever comes with it is looked at as if he had none. The check finds
 * damage, and cursors of another operation, org or user, so that none of them silently leads to other records.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/base/json_text.h"
#include "runtime/client/client_parts.h"

enum { CHECK = 12, CURSOR_MAX = 24 * 1024 };

/* Of the text, and of whom and what it belongs to. */
static bool check_of(const struct act_call *call, struct span text, unsigned char out[CHECK])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    const char *parts[] = { call->declaration->operation_id, call->org.session.id, call->org.session.user_id };
    bool ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;
    for (size_t i = 0; ok && i < sizeof parts / sizeof *parts; i++)
        ok = EVP_DigestUpdate(md, parts[i], strlen(parts[i]) + 1) == 1;
    ok = ok && EVP_DigestUpdate(md, text.p, text.n) == 1 && EVP_DigestFinal_ex(md, digest, NULL) == 1;
    EVP_MD_CTX_free(md);
    if (ok)
        memcpy(out, digest, CHECK);
    return ok;
}

char *act_cursor_make(struct act_call *call, const json_t *state)
{
    struct buf text;
    unsigned char check[CHECK] = { 0 };
    json_t *with = json_pack("[I, O]", (json_int_t)call->now, state);
    buf_init(&text, CURSOR_MAX);
    bool ok = with && buf_json(&text, with) && check_of(call, (struct span){ text.p, text.n }, check) &&
              buf_add(&text, (const char *)check, CHECK);
    json_decref(with);
    char *out = ok ? act_alloc(call, text.n / 3 * 4 + 8) : NULL;
    if (out)
        base64url_encode(text.p, text.n, out);
    buf_free(&text);
    return out;
}

static json_t *no(char *why, size_t size, const char *what)
{
    snprintf(why, size, "%s Leave the cursor out to start again from the top.", what);
    return NULL;
}

json_t *act_cursor_read(struct act_call *call, const char *text, int max_age_s, char *why, size_t size)
{
    static const char damaged[] = "This cursor is damaged, or belongs to another operation, org or user.";
    size_t n = strlen(text);
    unsigned char *plain = act_alloc(call, n + 1), check[CHECK];
    long got = n <= CURSOR_MAX * 2 ? base64url_decode(span_of(text), plain, n + 1) : -1;
    struct span body = { (const char *)plain, got > CHECK ? (size_t)got - CHECK : 0 };
    if (got <= CHECK || !check_of(call, body, check) || memcmp(check, plain + body.n, CHECK) != 0)
        return no(why, size, damaged);
    json_t *with = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, NULL), *state = json_array_get(with, 1);
    json_int_t made = json_integer_value(json_array_get(with, 0));
    if (!json_is_object(state) || call->now - made > max_age_s || made > call->now + 60) {
        bool old = json_is_object(state);
        json_decref(with);
        return no(why, size, old ? "The list has changed since: this cursor is too old." : damaged);
    }
    json_incref(state);
    json_decref(with);
    return state;
}
