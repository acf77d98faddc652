/* test_cards_jpeg.c - a damaged JPEG is refused as a damaged PNG or WebP is; what phones and cameras write oddly,
 * without harm to the picture, is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>
#include <jpeglib.h>

#include "tests/cards_samples.h"

struct file {
    uint8_t *p;
    size_t n;
};

enum kind { BASELINE, PROGRESSIVE, RESTARTS, IN_PARTS, KINDS };
static const char *const names[KINDS] = { "baseline", "progressive", "with restarts", "a scan for each component" };

static struct card_image *landscape;

static struct file encode(enum kind kind)
{
    struct jpeg_compress_struct j;
    struct jpeg_error_mgr error;
    struct file f = { 0 };
    unsigned long n = 0;
    j.err = jpeg_std_error(&error);
    jpeg_create_compress(&j);
    jpeg_mem_dest(&j, &f.p, &n);
    j.image_width = (JDIMENSION)landscape->width / 4, j.image_height = (JDIMENSION)landscape->height / 4;
    j.input_components = 3;
    j.in_color_space = JCS_RGB;
    jpeg_set_defaults(&j);
    jpeg_set_quality(&j, 85, TRUE);
    static const jpeg_scan_info parts[] = { { .comps_in_scan = 1, .component_index = { 0 }, .Se = 63 },
                                            { .comps_in_scan = 1, .component_index = { 1 }, .Se = 63 },
                                            { .comps_in_scan = 1, .component_index = { 2 }, .Se = 63 } };
    if (kind == PROGRESSIVE)
        jpeg_simple_progression(&j);
    if (kind == RESTARTS)
        j.restart_in_rows = 1;
    if (kind == IN_PARTS)
        j.scan_info = parts, j.num_scans = 3;
    jpeg_start_compress(&j, TRUE);
    const uint8_t *data = cairo_image_surface_get_data(landscape->surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(landscape->surface);
    uint8_t *row = malloc(j.image_width * 3);
    for (JDIMENSION y = 0; y < j.image_height; y++) {
        for (JDIMENSION x = 0; x < j.image_width; x++) {
            const uint8_t *p = data + 4 * y * stride + (size_t)16 * x;
            row[3 * x] = p[2], row[3 * x + 1] = p[1], row[3 * x + 2] = p[0];
        }
        JSAMPROW rows[1] = { row };
        jpeg_write_scanlines(&j, rows, 1);
    }
    free(row);
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
    f.n = n;
    return f;
}

/* Whether the first n bytes of a file are taken; a refusal has its reason. */
static bool is_taken(const uint8_t *p, size_t n)
{
    char why[200] = "";
    uint8_t *copy = malloc(n);
    memcpy(copy, p, n);
    struct card_image *i = card_image_decode(copy, n, 1200, 900, why, sizeof why);
    free(copy);
    if (!i && !strstr(why, "damaged"))
        fail_msg("refused with \"%s\"", why);
    card_image_free(i);
    return i != NULL;
}

static int make_landscape(void **state)
{
    (void)state;
    landscape = sample_hero();
    return 0;
}

static int drop_landscape(void **state)
{
    (void)state;
    card_image_free(landscape);
    return 0;
}

static void whole_files_are_taken(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        struct file f = encode((enum kind)k);
        if (!is_taken(f.p, f.n))
            fail_msg("%s is refused", names[k]);
        /* without the end marker nothing is missing in the picture */
        if (!is_taken(f.p, f.n - 2))
            fail_msg("%s without its end is refused", names[k]);
        free(f.p);
    }
}

static void cut_files_are_refused(void **state)
{
    (void)state;
    static const int percent[] = { 3, 20, 50, 67, 80 };
    for (int k = 0; k < KINDS; k++) {
        struct file f = encode((enum kind)k);
        for (size_t i = 0; i < sizeof percent / sizeof *percent; i++)
            if (is_taken(f.p, f.n * (size_t)percent[i] / 100))
                fail_msg("%s cut at %d %% is taken", names[k], percent[i]);
        free(f.p);
    }
}

/* Between two scans nothing is torn, and libjpeg has nothing to say but that the end is missing. */
static void files_cut_between_scans_are_refused(void **state)
{
    (void)state;
    static const enum kind kinds[] = { PROGRESSIVE, IN_PARTS };
    for (size_t k = 0; k < 2; k++) {
        struct file f = encode(kinds[k]);
        int scans = 0;
        for (size_t at = 0; at + 1 < f.n; at++)
            if (f.p[at] == 0xff && f.p[at + 1] == 0xda && scans++ > 0 && is_taken(f.p, at))
                fail_msg("%s cut before scan %d is taken", names[kinds[k]], scans);
        assert_true(scans >= 3);
        free(f.p);
    }
}

static void files_cut_and_closed_again_are_refused(void **state)
{
    (void)state;
    struct file f = encode(BASELINE);
    size_t half = f.n / 2;
    f.p[half] = 0xff, f.p[half + 1] = 0xd9;
    assert_false(is_taken(f.p, half + 2));
    free(f.p);
}

/* 400 bytes of several kinds: in the middle, but of a progressive file in the part that holds the picture's shapes, as
 * what comes late there only refines them and leaves nothing to see. */
static void overwritten_files_are_refused(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++)
        for (int fill = 0; fill < 3; fill++) {
            struct file f = encode((enum kind)k);
            uint32_t noise = 99;
            size_t at = f.n / (k == PROGRESSIVE ? 5 : 2);
            for (size_t i = 0; i < 400; i++) {
                noise = noise * 1664525u + 1013904223u;
                f.p[at + i] = fill == 0 ? 0 : fill == 1 ? 0xff : (uint8_t)(noise >> 24);
            }
            if (is_taken(f.p, f.n))
                fail_msg("%s overwritten with kind %d is taken", names[k], fill);
            free(f.p);
        }
}

/* Samsung's phones write a progressive file's parameters into the scan of a baseline one. */
static void odd_scan_parameters_are_taken(void **state)
{
    (void)state;
    struct file f = encode(BASELINE);
    uint8_t *scan = memmem(f.p, f.n, "\xff\xda", 2);
    assert_non_null(scan);
    scan[2 + 2 + 1 + 3 * 2 + 1] = 0; /* Se, which must be 63 */
    assert_true(is_taken(f.p, f.n));
    free(f.p);
}

/* Cameras pad the end of the scan. */
static void padding_is_taken_and_leftovers_are_not(void **state)
{
    (void)state;
    struct file f = encode(BASELINE);
    uint8_t *more = calloc(1, f.n + 64);
    memcpy(more, f.p, f.n - 2);
    memcpy(more + f.n - 2 + 16, "\xff\xd9", 2);
    assert_true(is_taken(more, f.n + 16));
    memset(more + f.n - 2, 0xff, 16);
    assert_true(is_taken(more, f.n + 16));
    memset(more + f.n - 2, 0x5a, 16);
    assert_false(is_taken(more, f.n + 16));
    /* what stands behind the end is nobody's business */
    memcpy(more, f.p, f.n);
    memset(more + f.n, 0x5a, 32);
    assert_true(is_taken(more, f.n + 32));
    free(more);
    free(f.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_files_are_taken),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(files_cut_between_scans_are_refused),
        cmocka_unit_test(files_cut_and_closed_again_are_refused),
        cmocka_unit_test(overwritten_files_are_refused),
        cmocka_unit_test(odd_scan_parameters_are_taken),
        cmocka_unit_test(padding_is_taken_and_leftovers_are_not),
    };
    return cmocka_run_group_tests(tests, make_landscape, drop_landscape);
}
