/* demo_words.h - what the demo says: texts filled from an answer, and lines of one width. */
#ifndef TESTS_DEMO_WORDS_H
#define TESTS_DEMO_WORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 400, WIDTH = 80 };

static const json_t *member_at(const json_t *root, const char *path, size_t n)
{
    while (root && n) {
        size_t len = 0;
        while (len < n && path[len] != '.')
            len++;
        root = json_is_array(root) ? json_array_get(root, strtoul(path, NULL, 10)) : json_object_getn(root, path, len);
        path += len + (len < n);
        n -= len + (len < n);
    }
    return root;
}

static void put(char *to, const char *p, size_t n)
{
    size_t used = strlen(to);
    n = n < LINE - 1 - used ? n : LINE - 1 - used;
    memcpy(to + used, p, n);
    to[used + n] = '\0';
}

/* With a comma between thousands. */
static void put_number(char *to, double value, int decimals)
{
    char digits[64];
    int n = snprintf(digits, sizeof digits, "%.*f", decimals, value), whole = n - (decimals ? decimals + 1 : 0);
    for (int i = 0; i < n; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0 && digits[i - 1] != '-')
            put(to, ",", 1);
        put(to, &digits[i], 1);
    }
}

/* {path}, {path:2} a number with decimals, {path:t} one without a comma, {path:n} how many. False when the answer has
 * no such member. */
static bool put_member(char *to, const json_t *body, const char *name, size_t n)
{
    size_t len = 0;
    while (len < n && name[len] != ':')
        len++;
    char format = len + 1 < n ? name[len + 1] : '\0';
    const json_t *v = member_at(body, name, len);
    if (format == 'n' && json_is_array(v))
        put_number(to, (double)json_array_size(v), 0);
    else if (format == 't' && json_is_integer(v))
        snprintf(to + strlen(to), LINE - strlen(to), "%lld", (long long)json_integer_value(v));
    else if (json_is_number(v))
        put_number(to, json_number_value(v), format ? format - '0' : 0);
    else if (json_is_string(v))
        put(to, json_string_value(v), json_string_length(v));
    else
        return false;
    return true;
}

static bool fill(char *to, const char *text, const json_t *body)
{
    bool whole = true;
    to[0] = '\0';
    for (const char *end; *text; text = end) {
        end = text + strcspn(text, "{");
        put(to, text, (size_t)(end - text));
        if (!*end)
            break;
        size_t n = strcspn(end + 1, "}");
        whole = put_member(to, body, end + 1, n) && whole;
        end += n + 1 + (end[n + 1] == '}');
    }
    return whole;
}

#endif
