/*
 * forge.h - changes what was signed: members of the two context headers, and the token in one of them.
 */
#ifndef TESTS_FORGE_H
#define TESTS_FORGE_H

#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* Standard base64 of n bytes; malloc. With `url` in the alphabet of URLs and without padding. */
static char *forge_encode(const char *p, size_t n, int url)
{
    char *out = calloc(1, n * 2 + 8);
    EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)p, (int)n);
    for (char *c = out; url && *c; c++)
        *c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c == '=' ? '\0' : *c);
    return out;
}

/* The JSON behind n characters of either base64; NULL when there is none. */
static json_t *forge_decode(const char *p, size_t n)
{
    char *text = calloc(1, n + 8);
    unsigned char *plain = calloc(1, n + 8);
    size_t padding = 0;
    memcpy(text, p, n);
    for (char *c = text; *c; c++)
        *c = (char)(*c == '-' ? '+' : *c == '_' ? '/' : *c);
    for (; n && text[n - 1] == '='; n--)
        ;
    for (; (n + padding) % 4; padding++)
        text[n + padding] = '=';
    text[n + padding] = '\0';
    int len = EVP_DecodeBlock(plain, (const unsigned char *)text, (int)(n + padding)) - (int)padding;
    json_t *json = json_loadb((char *)plain, len > 0 ? (size_t)len : 0, 0, NULL);
    free(text);
    free(plain);
    return json;
}

/* Sets members; null removes one. */
static void forge_members(json_t *object, const json_t *patch)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)patch, key, value) {
        if (json_is_null(value))
            json_object_del(object, key);
        else
            json_object_set(object, key, value);
    }
}

/*
 * A token under its old signature: {"claims": {...}} sets members of the payload, {"flip": "signature"} changes one
 * character in the middle of that part. A new reference.
 */
static json_t *forge_token(const char *token, const json_t *how)
{
    const char *payload = strchr(token, '.'), *signature = payload ? strchr(payload + 1, '.') : NULL;
    if (!signature)
        return json_string(token);
    payload++, signature++;
    json_t *claims = forge_decode(payload, (size_t)(signature - 1 - payload));
    forge_members(claims, json_object_get(how, "claims"));
    char *text = json_dumps(claims, JSON_COMPACT), *coded = forge_encode(text, strlen(text), 1);
    const char *kept = json_object_get(how, "claims") ? coded : NULL;
    char *made = calloc(1, strlen(token) + strlen(coded) + 4);
    strncat(made, token, (size_t)(payload - token));
    strncat(made, kept ? kept : payload, kept ? strlen(kept) : (size_t)(signature - 1 - payload));
    strcat(strcat(made, "."), signature);
    if (json_object_get(how, "flip")) {
        char *middle = made + strlen(made) - strlen(signature) / 2;
        *middle = *middle == 'A' ? 'B' : 'A';
    }
    json_t *out = json_string(made);
    json_decref(claims);
    free(text);
    free(coded);
    free(made);
    return out;
}

/* Sets members in a base64 JSON header (null removes), and encodes it again. An object for "auth" forges the token. */
static void patch_context(json_t *headers, const char *name, const json_t *patch)
{
    const char *in = json_string_value(json_object_get(headers, name));
    if (!in || !patch)
        return;
    json_t *context = forge_decode(in, strlen(in)), *auth = json_object_get(patch, "auth");
    json_t *forged =
        json_is_object(auth) ? forge_token(json_string_value(json_object_get(context, "auth")), auth) : NULL;
    forge_members(context, patch);
    if (forged)
        json_object_set_new(context, "auth", forged);
    char *text = json_dumps(context, JSON_COMPACT), *coded = forge_encode(text, strlen(text), 0);
    json_object_set_new(headers, name, json_string(coded));
    json_decref(context);
    free(text);
    free(coded);
}

#endif
