/* starts.c - hashes of parts of a job's input, in a form that does not depend on the order of members. */
#include "runtime/runner/starts.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"

enum { NAME_MAX_BYTES = 256, INDEX_DIGITS = 6 };

static const char *const ignored[] = { "waitSeconds", "callbackUrl" };

/* Copies the next reference token, unescaped. False: it is longer than any declared name, or spelt wrongly. */
static bool next_token(const char **pointer, char out[NAME_MAX_BYTES])
{
    const char *p = *pointer + 1; /* behind the slash */
    size_t n = 0;
    for (; *p && *p != '/'; p++) {
        char c = *p;
        if (c == '~') {
            p++;
            if (*p != '0' && *p != '1')
                return false;
            c = *p == '0' ? '~' : '/';
        }
        if (n + 1 >= NAME_MAX_BYTES)
            return false;
        out[n++] = c;
    }
    out[n] = '\0';
    *pointer = p;
    return true;
}

static const json_t *element(const json_t *array, const char *token)
{
    size_t index = 0;
    if (!*token || strlen(token) > INDEX_DIGITS || (token[0] == '0' && token[1]))
        return NULL;
    for (const char *p = token; *p; p++) {
        if (*p < '0' || *p > '9')
            return NULL;
        index = index * 10 + (size_t)(*p - '0');
    }
    return json_array_get(array, index);
}

const json_t *start_value_at(const json_t *root, const char *pointer)
{
    char token[NAME_MAX_BYTES];
    while (root && *pointer) {
        if (*pointer != '/' || !next_token(&pointer, token))
            return NULL;
        root = json_is_array(root) ? element(root, token) : json_object_get(root, token);
    }
    return root;
}

/* A new reference: the input without what does not count. */
static json_t *essence(const json_t *input)
{
    json_t *copy = json_deep_copy(input);
    for (size_t i = 0; copy && i < sizeof ignored / sizeof *ignored; i++)
        json_object_del(copy, ignored[i]);
    return copy;
}

/* Takes the reference. */
static bool hash(json_t *value, char out[START_KEY_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17)) : NULL;
    bool ok = text && EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL) == 1;
    if (ok)
        hex_encode(digest, (START_KEY_SIZE - 1) / 2, out);
    free(text);
    json_decref(value);
    return ok;
}

bool start_is_told(const json_t *input, const json_t *pointers)
{
    size_t i;
    const json_t *pointer;
    json_array_foreach (pointers, i, pointer)
        if (json_is_string(pointer) && start_value_at(input, json_string_value(pointer)))
            return true;
    return false;
}

bool start_unique_key(const json_t *input, const json_t *pointers, char out[START_KEY_SIZE])
{
    size_t i;
    const json_t *pointer;
    json_t *root = essence(input), *parts = json_object();
    bool ok = root && parts;
    json_array_foreach (pointers, i, pointer) {
        const char *text = json_string_value(pointer);
        const json_t *value = text ? start_value_at(root, text) : NULL;
        json_t *copy = value ? json_deep_copy(value) : NULL;
        if (!text || (value && !copy) || (copy && json_object_set_new(parts, text, copy) != 0))
            ok = false;
    }
    json_decref(root);
    if (ok)
        return hash(parts, out);
    json_decref(parts);
    return false;
}

bool start_merge_key(const json_t *input, const char *items, char out[START_KEY_SIZE])
{
    json_t *root = essence(input);
    /* our own copy, which nobody else reads meanwhile */
    json_t *array = root ? (json_t *)(uintptr_t)start_value_at(root, items) : NULL;
    if (json_is_array(array) && json_array_clear(array) == 0)
        return hash(root, out);
    json_decref(root);
    return false;
}
