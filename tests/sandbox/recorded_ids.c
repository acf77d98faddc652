/* recorded_ids.c - see recorded_ids.h. */
#include "tests/sandbox/recorded_ids.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/record_id.h"

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Where an id may begin: in a path, behind a quote, in a list. */
static bool before_id(const char *text, const char *p)
{
    return p == text || strchr("/'\"=,;( \n", p[-1]) || (p - text >= 3 && p[-3] == '%');
}

/* "LastReferencedDate": is a member's name, not a value. */
static bool is_key(const char *end)
{
    return end[0] == '"' && end[1 + strspn(end + 1, " \n\t")] == ':';
}

static void mend_word(const char *text, char *p, size_t n)
{
    char first[16], whole[ID_SIZE];
    bool digit = strcspn(p, "0123456789") < 15;
    if (n != ID_SIZE - 1 || !digit || memchr(p, '_', n) || !before_id(text, p) || is_key(p + n))
        return;
    memcpy(first, p, 15);
    first[15] = '\0';
    if (id_complete(first, whole))
        memcpy(p, whole, ID_SIZE - 1);
}

static void mend_text(char *text)
{
    for (char *p = text; *p;) {
        size_t n = 0;
        if (*p == '%' && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2])) {
            p += 3;
            continue;
        }
        while (word_char(p[n]))
            n++;
        mend_word(text, p, n);
        p += n ? n : 1;
    }
}

static void mend(json_t *v)
{
    const char *key;
    json_t *item;
    size_t i;
    if (json_is_string(v)) {
        char *text = strdup(json_string_value(v));
        if (text)
            mend_text(text);
        if (text)
            json_string_set(v, text);
        free(text);
        return;
    }
    json_array_foreach (v, i, item)
        mend(item);
    json_object_foreach (v, key, item)
        if (strcmp(key, "headers") != 0 && strcmp(key, "base64Body") != 0)
            mend(item);
}

void ids_mend(json_t *mapping)
{
    static const char *const refusals[] = { "MALFORMED_ID", "invalid ID field", "id value of incorrect type" };
    json_t *response = json_object_get(mapping, "response");
    char *text = json_dumps(response, JSON_ENCODE_ANY);
    bool refused = !text;
    for (size_t i = 0; !refused && i < sizeof refusals / sizeof *refusals; i++)
        refused = strstr(text, refusals[i]) != NULL;
    free(text);
    if (refused)
        return;
    mend(json_object_get(mapping, "request"));
    mend(response);
}
