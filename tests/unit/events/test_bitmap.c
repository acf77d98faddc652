/* test_bitmap.c - which fields bitmaps name, from the right, of records in records too; and what is no bitmap. */
#include "tests/unit/events/event_kit.h"

static struct bitmap marks;

/* The names that these items come to. */
static void assert_names(const struct form *f, const char *const *items, const char *want)
{
    struct buf out;
    buf_init(&out, 4096);
    assert_true(bitmap_begin(&marks, f));
    for (; *items; items++)
        assert_true(bitmap_add(&marks, span_of(*items)));
    assert_true(bitmap_names(&marks, &out));
    assert_string_equal(out.p, want);
    buf_free(&out);
}
#define NAMES(f, want, ...) assert_names(f, (const char *const[]){ __VA_ARGS__, NULL }, want)

static void the_lowest_bit_is_the_first_field(void **state)
{
    (void)state;
    struct form *f = form_of(CHANGE_EVENT);
    NAMES(f, "[\"Amount\"]", "0x02");
    NAMES(f, "[\"StageName\"]", "0x8");
    NAMES(f, "[\"Amount\",\"Name\",\"StageName\"]", "0x0E");
    NAMES(f, "[\"Amount\",\"Name\",\"StageName\"]", "0x00000000000000000e");
    NAMES(f, "[]", "0x0");
    NAMES(f, "[\"ChangeEventHeader\"]", "0x01");
    form_free(f);
}

static void fields_of_a_record_have_both_names(void **state)
{
    (void)state;
    struct form *f = form_of(CHANGE_EVENT);
    NAMES(f, "[\"Name.LastName\"]", "2-0x02");
    NAMES(f, "[\"Name.FirstName\",\"Name.LastName\",\"StageName\"]", "0x08", "2-0x3");
    form_free(f);
}

static void several_bitmaps_are_one(void **state)
{
    (void)state;
    struct form *f = form_of(CHANGE_EVENT);
    NAMES(f, "[\"Amount\",\"StageName\"]", "0x02", "0x08", "0x02");
    NAMES(f, "[]", "0x0");
    form_free(f);
}

/* A schema with a field for each of 70 bits. */
static void more_than_64_fields(void **state)
{
    struct buf json;
    (void)state;
    buf_init(&json, 64 * 1024);
    buf_str(&json, "{\"type\":\"record\",\"name\":\"E\",\"fields\":[");
    for (int i = 0; i < 70; i++)
        buf_fmt(&json, "%s{\"name\":\"f%d\",\"type\":\"int\"}", i ? "," : "", i);
    buf_str(&json, "]}");
    struct form *f = form_of(json.p);
    NAMES(f, "[\"f0\",\"f64\",\"f69\"]", "0x210000000000000001");
    assert_true(bitmap_begin(&marks, f));
    assert_false(bitmap_add(&marks, span_of("0x400000000000000000"))); /* bit 70 */
    form_free(f);
    buf_free(&json);
}

static void what_is_no_bitmap(void **state)
{
    static const char *const wrong[] = { "",
                                         "0x",
                                         "0y02",
                                         "02",
                                         "Amount",
                                         "0xg",
                                         "0x1 ",
                                         "0x10",
                                         "-0x1",
                                         "2-",
                                         "2-0x",
                                         "2-0x4",
                                         "1-0x1",
                                         "9-0x1",
                                         "0-0x1000",
                                         "2-3-0x1",
                                         "99999999999-0x1",
                                         "+2-0x1",
                                         " 2-0x1",
                                         "2-0x-1",
                                         "0x-1" };
    (void)state;
    struct form *f = form_of(CHANGE_EVENT);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_true(bitmap_begin(&marks, f));
        if (bitmap_add(&marks, span_of(wrong[i])))
            fail_msg("taken: \"%s\"", wrong[i]);
    }
    form_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lowest_bit_is_the_first_field),
        cmocka_unit_test(fields_of_a_record_have_both_names),
        cmocka_unit_test(several_bitmaps_are_one),
        cmocka_unit_test(more_than_64_fields),
        cmocka_unit_test(what_is_no_bitmap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
