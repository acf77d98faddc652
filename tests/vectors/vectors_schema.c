/*
 * vectors_schema.c - runs files of the JSON Schema Test Suite (draft 4) against the schema subset:
 *     vectors_schema /usr/share/json-schema-test-suite/tests/draft4/<keyword>.json ...
 * A group whose schema is outside the subset must be refused as a whole; its tests are counted as refused.
 */
#include <stdio.h>
#include <string.h>

#include "runtime/schema/schema.h"

static unsigned passed, failed, refused;

static void run_test(const char *file, const char *group, const struct schema *s, const json_t *test)
{
    bool want = json_is_true(json_object_get(test, "valid"));
    bool got = schema_check(s, json_object_get(test, "data"), NULL, NULL) == 0;
    if (want == got) {
        passed++;
        return;
    }
    failed++;
    printf("%s: %s: %s: should be %s\n", file, group, json_string_value(json_object_get(test, "description")),
           want ? "valid" : "refused");
}

static void run_group(const char *file, const json_t *group)
{
    const json_t *tests = json_object_get(group, "tests");
    struct buf faults;
    size_t i;
    json_t *test;
    buf_init(&faults, 1 << 16);
    struct schema *s = schema_new(json_object_get(group, "schema"), &faults);
    if (!s)
        refused += (unsigned)json_array_size(tests);
    if (!s && !faults.n) {
        failed++;
        printf("%s: refused a schema without a reason\n", file);
    }
    json_array_foreach ((json_t *)tests, i, test) {
        if (s)
            run_test(file, json_string_value(json_object_get(group, "description")), s, test);
    }
    schema_free(s);
    buf_free(&faults);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        json_error_t error;
        json_t *groups = json_load_file(argv[i], JSON_ALLOW_NUL, &error), *group;
        size_t n;
        if (!json_is_array(groups)) {
            failed++;
            printf("%s: %s\n", argv[i], groups ? "is no list of groups" : error.text);
        }
        json_array_foreach (groups, n, group)
            run_group(argv[i], group);
        json_decref(groups);
    }
    printf("%u passed, %u failed, %u refused\n", passed, failed, refused);
    return failed || !passed;
}
