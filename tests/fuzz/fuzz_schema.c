/*
 * fuzz_schema.c - any JSON as schema, any JSON as value: {"schema": ..., "value": ...}, or a text that is taken as a
 * pattern. Every report must be UTF-8 within its bounds, and nulls are dropped at once.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/base/limits.h"
#include "runtime/schema/pattern.h"
#include "runtime/schema/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(void *ctx, const char *pointer, const char *code, const char *message)
{
    size_t *reports = ctx;
    if (++*reports > LIMIT_VIOLATIONS || !*code || strlen(pointer) >= 200 || strlen(message) >= 480 ||
        !utf8_valid(span_of(pointer)) || !utf8_valid(span_of(message)))
        abort();
}

static void as_pattern(const uint8_t *data, size_t size)
{
    char text[PATTERN_TEXT + 2], why[256];
    size_t n = size < PATTERN_TEXT + 1 ? size : PATTERN_TEXT + 1;
    memcpy(text, data, n);
    text[n] = '\0';
    struct pattern *p = pattern_new(text, why, sizeof why);
    if (p)
        (void)pattern_match(p, (struct span){ text, n });
    else if (!*why)
        abort();
    pattern_free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *root = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    json_t *value = json_object_get(root, "value");
    struct buf faults;
    size_t reports = 0;
    buf_init(&faults, 1 << 20);
    struct schema *s = root ? schema_new(json_object_get(root, "schema"), &faults) : NULL;
    if (!root)
        as_pattern(data, size);
    if (root && !s && !faults.n)
        abort();
    if (s && value) {
        schema_check(s, value, judge, &reports);
        schema_drop_nulls(s, value);
        json_t *once = json_deep_copy(value);
        schema_drop_nulls(s, value);
        if (!json_equal(once, value))
            abort();
        json_decref(once);
    }
    schema_free(s);
    buf_free(&faults);
    json_decref(root);
    return 0;
}
