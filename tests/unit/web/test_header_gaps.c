/* test_header_gaps.c - requests of which the HTTP library would not show all that came. */
#include "tests/unit/check.h"

#include "runtime/web/header_gaps.h"

/* Reads a text in place as the library does: lines end at LF, blanks behind a colon are passed over, a line without a
 * name ends the headers, a NUL ends a value. Values and names stay where they are. */
static size_t read_as_the_library(char *text, struct guard_request *r, struct guard_header *h)
{
    char *p = text, *version, *line_end = strchr(p, '\n');
    char *target = strchr(text, ' ') + 1;
    target[-1] = '\0';
    target += strspn(target, " ");
    version = strchr(target, ' ');
    *r = (struct guard_request){
        .method = text, .version = version + 1, .raw_target = { target, (size_t)(version - target) }, .headers = h
    };
    p = line_end + 1;
    *(line_end - (line_end[-1] == '\r')) = '\0';
    for (; *p && *p != '\r' && *p != '\n' && *p != ':'; p = line_end + 1) {
        char *colon = strchr(p, ':'), *value = colon + 1;
        line_end = value + strcspn(value, "\n");
        value += strspn(value, " \t");
        line_end[-(line_end[-1] == '\r')] = '\0';
        h[r->count++] = (struct guard_header){ { p, (size_t)(colon - p) }, span_of(value) };
    }
    line_end = strchr(p, '\n'); /* of the empty line, or the one without a name */
    return (size_t)(line_end + 1 - text);
}

static void what_is_not_shown_is_a_gap(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool whole;
    } cases[] = {
        { "GET /a?b HTTP/1.1\r\nHost: x\r\nX-A: bc\r\n\r\n", true },
        { "GET /a?b HTTP/1.1\r\nHost:x\r\nX-A:\tbc\r\nEmpty:\r\nBlank: \r\n\r\n", true },
        { "GET /a?b HTTP/1.1\nHost: x\r\nX-A: bc\r\n\r\n", false },
        { "GET /a?b HTTP/1.1\r\nHost: x\nX-A: bc\r\n\r\n", false },
        { "GET /a?b HTTP/1.1\r\nHost: x\r\nX-A: bc\n\r\n", false },
        { "GET /a?b HTTP/1.1\r\nHost: x\r\nX-A: bc\r\n\n", false },
        { "GET /a?b HTTP/1.1\r\nHost: x\r\nX-A:  bc\r\n\r\n", false },
        { "GET /a?b HTTP/1.1\r\nHost: x\r\n:\r\n", false },
        { "GET /a?b HTTP/1.1\nHost: x\n:\n", false }, /* as many bytes as it should have */
        { "GET  /a?b HTTP/1.1\r\nHost: x\r\n\r\n", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[200];
        struct guard_header h[8];
        struct guard_request r;
        copy_text(text, sizeof text, cases[i].text);
        size_t size = read_as_the_library(text, &r, h);
        if (shown_whole(&r, size) != cases[i].whole)
            fail_msg("%s", cases[i].text);
        /* something behind the last header, or less than its end */
        assert_false(cases[i].whole && (shown_whole(&r, size + 1) || shown_whole(&r, size - 1)));
    }
    /* a NUL that cuts a value, a folded line: the value ends before its line does */
    char text[] = "GET / HTTP/1.1\r\nX: a\0bc\r\nHost: x\r\n\r\n";
    text[3] = text[14] = '\0';
    struct guard_header h[] = { { { text + 16, 1 }, { text + 19, 1 } }, { { text + 25, 4 }, { text + 31, 1 } } };
    struct guard_request r = { text, text + 6, { text + 4, 1 }, h, 2, false };
    assert_false(shown_whole(&r, sizeof text - 1));
    h[0].value.n = 4;
    assert_true(shown_whole(&r, sizeof text - 1));
}

/* What was not all handed out cannot be compared, and is refused. */
static void what_cannot_be_compared_is_a_gap(void **state)
{
    (void)state;
    char text[] = "GET / HTTP/1.1\r\nA: b\r\n\r\n";
    struct guard_header h[LIMIT_HEADER_LINES];
    struct guard_request r;
    size_t size = read_as_the_library(text, &r, h);
    assert_true(shown_whole(&r, size));
    struct guard_request other = r;
    other.version = NULL;
    assert_false(shown_whole(&other, size));
    other = r;
    other.count = LIMIT_HEADER_LINES + 1;
    assert_false(shown_whole(&other, size));
    other = r;
    other.raw_target.n++;
    assert_false(shown_whole(&other, size));
    other = r;
    other.count = 0; /* the line is there, but was not shown */
    assert_false(shown_whole(&other, size));
    assert_false(shown_whole(&r, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_not_shown_is_a_gap),
                                        cmocka_unit_test(what_cannot_be_compared_is_a_gap) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
