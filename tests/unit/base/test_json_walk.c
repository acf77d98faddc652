/* test_json_walk.c - one long array inside an object: read element by element it must give what jansson gives at once,
 * and refuse what jansson refuses. */
#include "tests/unit/check.h"

#include "runtime/base/json_walk.h"

/* Walks `text` to its end: {"head": .., "rows": [..]}; NULL when it was refused somewhere. */
static json_t *walk(struct span text)
{
    json_t *head = NULL, *rows = json_array(), *one;
    struct span elements;
    bool found, broken;
    if (!json_walk_open(text, "records", &head, &elements, &found)) {
        json_decref(rows);
        return NULL;
    }
    while ((one = json_walk_next(&elements, &broken)))
        json_array_append_new(rows, one);
    json_t *both = json_pack("{s:o, s:o, s:b}", "head", head, "rows", rows, "found", found);
    if (broken) {
        json_decref(both);
        return NULL;
    }
    return both;
}

/* The same by jansson alone. Elements are objects or arrays, as those of an org are. */
static json_t *reference(struct span text)
{
    json_t *head = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
    json_t *records = json_object_get(head, "records"), *one;
    size_t i;
    bool ok = json_is_object(head) && (!records || json_is_array(records));
    json_array_foreach (records, i, one)
        ok = ok && (json_is_object(one) || json_is_array(one));
    json_t *both = NULL;
    if (ok) {
        both = json_pack("{s:O, s:O?, s:b}", "head", head, "rows", records, "found", records != NULL);
        if (!records)
            json_object_set_new(both, "rows", json_array());
        json_object_del(head, "records");
    }
    json_decref(head);
    return both;
}

static void assert_same(struct span text)
{
    json_t *mine = walk(text), *theirs = reference(text);
    bool same = (!mine && !theirs) || (mine && theirs && json_equal(mine, theirs));
    if (!same)
        fail_msg("%.*s: %s here, %s there", (int)text.n, text.p, mine ? "read" : "refused",
                 theirs ? "read" : "refused");
    json_decref(mine);
    json_decref(theirs);
}

static void test_pages(void **state)
{
    static const char *const good[] = {
        "{}",
        "{\"records\":[]}",
        " { \"records\" : [ ] } ",
        "{\"totalSize\":2,\"done\":true,\"records\":[{\"a\":1},{\"b\":[1,2,{\"c\":null}]}]}",
        "{\"records\":[{\"records\":[{\"a\":\"}],[\\\"\"}]}],\"done\":false}",
        "{\"a\":{\"records\":[1]},\"records\":[[],{}]}",
        "{\"records\":[\n{\"a\":\"\\\\\"}\t,\r{}]}",
        "{\"other\":[1,2,3]}",
    };
    static const char *const bad[] = {
        "",
        "[]",
        "null",
        "{",
        "{\"records\":[}",
        "{\"records\":[]",
        "{\"records\":[],}",
        "{\"records\":[{}]}x",
        "{\"records\":[{},]}",
        "{\"records\":[,{}]}",
        "{\"records\":[{} {}]}",
        "{\"records\":[{]}]}",
        "{\"records\":[{}}}", /* closed by another bracket than it was opened with */
        "{\"a\":[1},\"records\":[]}",
        "{\"records\":[{\"a\":1]}",
        "{\"records\":[{\"a\":tru}]}",
        "{\"records\":[{\"a\":1,\"a\":2}]}",
        "{\"records\":[{\"a\":\"\n\"}]}",
        "{\"records\":[{\"a\":\"\xff\"}]}",
        "{\"records\":[{}],\"records\":[{}]}",
        "{\"a\":1,\"a\":2,\"records\":[]}",
        "{\"records\":{}}",
        "{\"records\":null}",
        "{\"records\":[1]}",
        "{\"records\" []}",
        "{records:[]}",
        "{\"records\":[{\"a\":\"",
        "{\"records\":[{\"a\":\"\\",
    };
    static const char nul[] = "{\"x\":1\0,\"records\":[{}]}";
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        json_t *both = walk(span_of(good[i]));
        if (!both)
            fail_msg("refused %s", good[i]);
        json_decref(both);
        assert_same(span_of(good[i]));
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (walk(span_of(bad[i])))
            fail_msg("read %s", bad[i]);
        assert_same(span_of(bad[i]));
    }
    assert_null(walk((struct span){ nul, sizeof nul - 1 }));
}

/* Elements are parts of the text, the head is without them, and a refusal leaves its outputs alone. */
static void test_outputs(void **state)
{
    static const char text[] = "{\"done\":true,\"records\":[{\"a\":1}, {\"a\":2}]}";
    struct span elements = { "x", 1 };
    json_t *head = NULL;
    bool found = false, broken = true;
    (void)state;
    assert_true(json_walk_open(span_of(text), "records", &head, &elements, &found));
    assert_true(found);
    assert_int_equal(json_object_size(head), 1);
    assert_true(json_is_true(json_object_get(head, "done")));
    assert_ptr_equal(elements.p, strchr(text, '[') + 1);
    assert_span(elements, "{\"a\":1}, {\"a\":2}");
    json_decref(head);
    for (int i = 1; i <= 2; i++) {
        json_t *one = json_walk_next(&elements, &broken);
        assert_false(broken);
        assert_int_equal(json_integer_value(json_object_get(one, "a")), i);
        json_decref(one);
    }
    assert_null(json_walk_next(&elements, &broken));
    assert_false(broken);

    head = NULL;
    elements = (struct span){ "x", 1 };
    found = true;
    assert_false(json_walk_open(span_of("{\"records\":[}"), "records", &head, &elements, &found));
    assert_null(head);
    assert_span(elements, "x");
    assert_true(found);
}

/* Nesting beyond the ceiling is refused and costs no stack. */
static void test_depth(void **state)
{
    enum { DEEP = 100000 };
    char *text = malloc(2 * DEEP + 40);
    (void)state;
    for (size_t depth = 1; depth <= DEEP; depth = depth < 64 ? depth + 21 : depth * 10) {
        size_t n = (size_t)sprintf(text, "{\"records\":[");
        memset(text + n, '[', depth);
        memset(text + n + depth, ']', depth);
        memcpy(text + n + 2 * depth, "]}", 3);
        json_t *both = walk(span_of(text));
        assert_int_equal(both != NULL, depth < 64); /* the array of elements is one of 64 */
        json_decref(both);
    }
    free(text);
}

/* Texts that are nearly JSON: pieces put together, then a byte changed, dropped or doubled. */
static void test_nearly_json(void **state)
{
    static const char *const pieces[] = {
        "{",      "}",    "[",    "]", ",",        ":",     "\"a\"",        "\"records\"",   "1",
        "-0.5e3", "true", "null", " ", "\"\\\"\"", "\"}\"", "{\"a\":[{}]}", "\"records\":[", "{}"
    };
    static const char *const frames[] = { "{\"done\":true,\"records\":[%s],\"n\":1}", "{\"records\":[{\"x\":%s}]}",
                                          "{\"x\":%s,\"records\":[{}]}", "{\"records\":[{},%s,{\"b\":2}]}", "%s" };
    long read = 0, refused = 0;
    (void)state;
    for (long round = 0; round < rounds(100000, 3000000); round++) {
        char middle[200] = "", text[400];
        size_t n = 0, count = 1 + below(5);
        for (size_t i = 0; i < count; i++)
            n += (size_t)snprintf(middle + n, sizeof middle - n, "%s", pieces[below(COUNT(pieces))]);
        const char *frame = frames[below(COUNT(frames))], *hole = strstr(frame, "%s");
        n = (size_t)snprintf(text, sizeof text, "%.*s%s%s", (int)(hole - frame), frame, middle, hole + 2);
        size_t at = below(n);
        switch (below(4)) {
        case 0:
            text[at] = (char)(1 + below(255)); /* no NUL: jansson passes over one behind a number, this does not */
            break;
        case 1:
            memmove(text + at, text + at + 1, n - at);
            n--;
            break;
        case 2:
            memmove(text + at + 1, text + at, n + 1 - at);
            n++;
            break;
        default:
            break;
        }
        char *exact = malloc(n ? n : 1); /* so that a sanitizer sees a step beyond the end */
        memcpy(exact, text, n);
        struct span s = { exact, n };
        json_t *both = walk(s);
        read += both != NULL;
        refused += both == NULL;
        json_decref(both);
        assert_same(s);
        free(exact);
    }
    assert_true(read > 1000 && refused > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_pages), cmocka_unit_test(test_outputs),
                                        cmocka_unit_test(test_depth), cmocka_unit_test(test_nearly_json) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
