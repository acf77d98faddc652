/*
 * test_cards_images.c - pictures from outside: every format, orientation, colour space and limit; damaged and hostile
 * files end in a picture or in a refusal with a reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>
#include <dirent.h>
#include <jpeglib.h>
#include <libdeflate.h>
#include <png.h>
#include <webp/encode.h>

#include "actions/social_cards/encode.h"
#include "tests/cards_samples.h"

struct file {
    uint8_t *p;
    size_t n;
};

static uint32_t pixel(const struct card_image *i, int x, int y)
{
    const uint8_t *p =
        cairo_image_surface_get_data(i->surface) + (size_t)y * (size_t)cairo_image_surface_get_stride(i->surface);
    return ((const uint32_t *)(const void *)p)[x];
}

/* Near enough after JPEG. */
static bool near(uint32_t a, uint32_t b)
{
    for (int shift = 0; shift < 24; shift += 8)
        if (abs((int)(a >> shift & 255) - (int)(b >> shift & 255)) > 24)
            return false;
    return true;
}

static struct card_image *decode(struct file f, int w, int h, char why[200])
{
    *why = 0;
    /* a copy of exactly that size, so that a sanitizer sees a read behind its end */
    uint8_t *copy = malloc(f.n ? f.n : 1);
    memcpy(copy, f.p, f.n);
    struct card_image *i = card_image_decode(copy, f.n, w, h, why, 200);
    free(copy);
    if (!i && !*why)
        fail_msg("refused without a reason");
    return i;
}

/* ---- Files to read ---- */

static struct file png_file(int w, int h, int colour, int depth, bool interlaced)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    char *p = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&p, &n);
    png_init_io(png, f);
    png_set_IHDR(png, info, (png_uint_32)w, (png_uint_32)h, depth, colour,
                 interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
    png_color palette[2] = { { 255, 0, 0 }, { 0, 0, 255 } };
    png_byte clear[2] = { 255, 0 };
    if (colour == PNG_COLOR_TYPE_PALETTE) {
        png_set_PLTE(png, info, palette, 2);
        png_set_tRNS(png, info, clear, 2, NULL);
    }
    png_write_info(png, info);
    uint8_t *row = calloc(1, (size_t)w * 8 + 8);
    for (int pass = interlaced ? png_set_interlace_handling(png) : 1; pass > 0; pass--)
        for (int y = 0; y < h; y++) {
            /* all bytes 0x80: grey, half transparent where there is an alpha channel */
            memset(row, colour == PNG_COLOR_TYPE_PALETTE ? 0 : 0x80, (size_t)w * 8);
            png_write_row(png, row);
        }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    free(row);
    fclose(f);
    return (struct file){ (uint8_t *)p, n };
}

/* 32x16: left half red, right half blue; upper half of each darker. */
static uint32_t quadrant(int x, int y)
{
    return x < 16 ? (y < 8 ? 0x800000 : 0xff0000) : (y < 8 ? 0x000080 : 0x0000ff);
}

static struct file jpeg_file(int orientation, bool cmyk, int scans)
{
    struct jpeg_compress_struct j;
    struct jpeg_error_mgr error;
    struct file f = { 0 };
    unsigned long n = 0;
    jpeg_scan_info script[200];
    j.err = jpeg_std_error(&error);
    jpeg_create_compress(&j);
    jpeg_mem_dest(&j, &f.p, &n);
    j.image_width = 32, j.image_height = 16;
    j.input_components = cmyk ? 4 : 3;
    j.in_color_space = cmyk ? JCS_CMYK : JCS_RGB;
    jpeg_set_defaults(&j);
    jpeg_set_quality(&j, 95, TRUE);
    for (int c = 0; c < j.num_components; c++)
        j.comp_info[c].h_samp_factor = j.comp_info[c].v_samp_factor = 1;
    if (scans) {
        /* one scan for each coefficient of each component: what a progressive bomb does */
        int k = 0;
        script[k++] = (jpeg_scan_info){ .comps_in_scan = 3, .component_index = { 0, 1, 2 } };
        for (int c = 0; c < 3 && k < scans; c++)
            for (int s = 1; s < 64 && k < scans; s++)
                script[k++] = (jpeg_scan_info){ .comps_in_scan = 1, .component_index = { c }, .Ss = s, .Se = s };
        j.scan_info = script, j.num_scans = k;
    }
    j.write_Adobe_marker = cmyk;
    jpeg_start_compress(&j, TRUE);
    if (orientation) {
        uint8_t exif[] = "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0";
        exif[24] = (uint8_t)orientation;
        jpeg_write_marker(&j, JPEG_APP0 + 1, exif, sizeof exif - 1);
    }
    for (int y = 0; y < 16; y++) {
        uint8_t row[32 * 4];
        for (int x = 0; x < 32; x++) {
            uint32_t v = quadrant(x, y);
            uint8_t r = (uint8_t)(v >> 16), g = (uint8_t)(v >> 8), b = (uint8_t)v;
            if (cmyk) /* Adobe's way: complements, no black */
                row[4 * x] = r, row[4 * x + 1] = g, row[4 * x + 2] = b, row[4 * x + 3] = 255;
            else
                row[3 * x] = r, row[3 * x + 1] = g, row[3 * x + 2] = b;
        }
        JSAMPROW rows[1] = { row };
        jpeg_write_scanlines(&j, rows, 1);
    }
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
    f.n = n;
    return f;
}

static struct file webp_file(bool alpha)
{
    uint8_t rgba[32 * 16 * 4];
    struct file f = { 0 };
    for (int i = 0; i < 32 * 16; i++) {
        uint32_t v = quadrant(i % 32, i / 32);
        rgba[4 * i] = (uint8_t)(v >> 16), rgba[4 * i + 1] = (uint8_t)(v >> 8), rgba[4 * i + 2] = (uint8_t)v;
        rgba[4 * i + 3] = alpha && i % 32 < 16 ? 0 : 255;
    }
    f.n = WebPEncodeLosslessRGBA(rgba, 32, 16, 32 * 4, &f.p);
    return f;
}

/* ---- Tests ---- */

static void png_of_every_kind_is_read(void **state)
{
    (void)state;
    static const struct {
        int colour, depth;
        uint32_t want;
    } rows[] = {
        { PNG_COLOR_TYPE_RGB, 8, 0xff808080 },        { PNG_COLOR_TYPE_RGBA, 8, 0x80404040 },
        { PNG_COLOR_TYPE_GRAY, 8, 0xff808080 },       { PNG_COLOR_TYPE_GRAY, 16, 0xff808080 },
        { PNG_COLOR_TYPE_GRAY_ALPHA, 8, 0x80404040 }, { PNG_COLOR_TYPE_RGBA, 16, 0x80404040 },
        { PNG_COLOR_TYPE_PALETTE, 8, 0xffff0000 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int interlaced = 0; interlaced < 2; interlaced++) {
            char why[200];
            struct file f = png_file(19, 11, rows[i].colour, rows[i].depth, interlaced);
            struct card_image *image = decode(f, 0, 0, why);
            if (!image)
                fail_msg("kind %zu: %s", i, why);
            assert_int_equal(image->width, 19);
            assert_int_equal(image->height, 11);
            assert_int_equal(pixel(image, 0, 0), rows[i].want);
            assert_int_equal(pixel(image, 18, 10), rows[i].want);
            card_image_free(image);
            free(f.p);
        }
}

static void jpeg_stands_upright(void **state)
{
    (void)state;
    /* where the upper left corner of the file is to be seen: (right, bottom) of the upright picture */
    static const bool corner[9][2] = { { 0, 0 }, { 0, 0 }, { 1, 0 }, { 1, 1 }, { 0, 1 },
                                       { 0, 0 }, { 1, 0 }, { 1, 1 }, { 0, 1 } };
    for (int o = 0; o <= 8; o++) {
        char why[200];
        struct file f = jpeg_file(o, false, 0);
        struct card_image *i = decode(f, 0, 0, why);
        if (!i)
            fail_msg("orientation %d: %s", o, why);
        bool turned = o >= 5;
        assert_int_equal(i->width, turned ? 16 : 32);
        assert_int_equal(i->height, turned ? 32 : 16);
        int x = corner[o][0] ? i->width - 2 : 1, y = corner[o][1] ? i->height - 2 : 1;
        if (!near(pixel(i, x, y), quadrant(0, 0)))
            fail_msg("orientation %d: %08x at %d,%d", o, pixel(i, x, y), x, y);
        /* and the opposite corner */
        assert_true(near(pixel(i, i->width - 1 - x, i->height - 1 - y), quadrant(31, 15)));
        card_image_free(i);
        free(f.p);
    }
    struct file bad = jpeg_file(9, false, 0); /* no orientation: as it is */
    char why[200];
    struct card_image *i = decode(bad, 0, 0, why);
    assert_int_equal(i->width, 32);
    card_image_free(i);
    free(bad.p);
}

static void jpeg_of_four_inks_becomes_rgb(void **state)
{
    (void)state;
    char why[200];
    struct file f = jpeg_file(0, true, 0);
    struct card_image *i = decode(f, 0, 0, why);
    assert_non_null(i);
    assert_true(near(pixel(i, 2, 12), 0xff0000));
    assert_true(near(pixel(i, 29, 12), 0x0000ff));
    card_image_free(i);
    free(f.p);
}

static void jpeg_with_too_many_scans_is_refused(void **state)
{
    (void)state;
    char why[200];
    struct file good = jpeg_file(0, false, CARD_IMAGE_SCANS), bad = jpeg_file(0, false, CARD_IMAGE_SCANS + 1);
    struct card_image *i = decode(good, 0, 0, why);
    assert_non_null(i);
    card_image_free(i);
    assert_null(decode(bad, 0, 0, why));
    assert_non_null(strstr(why, "scans"));
    free(good.p);
    free(bad.p);
}

static void jpeg_is_reduced_while_it_is_decoded(void **state)
{
    (void)state;
    char why[200];
    struct card_image *hero = sample_hero();
    struct card_pixels px = { cairo_image_surface_get_data(hero->surface), hero->width, hero->height,
                              cairo_image_surface_get_stride(hero->surface) };
    struct card_file file;
    assert_true(card_encode_jpeg(&px, 90, "Mountains & <dusk>", &file));
    /* the alternative text is in the file, escaped */
    assert_non_null(memmem(file.p, file.n, "Mountains &amp; &lt;dusk&gt;", 27));
    struct card_image *i = decode((struct file){ file.p, file.n }, 400, 300, why);
    assert_int_equal(i->width, 400);
    assert_int_equal(i->height, 300);
    card_image_free(i);
    i = decode((struct file){ file.p, file.n }, 401, 300, why); /* the next eighth */
    assert_int_equal(i->width, 600);
    card_image_free(i);
    free(file.p);
    card_image_free(hero);
}

static void webp_is_read_and_animations_are_refused(void **state)
{
    (void)state;
    char why[200];
    struct file f = webp_file(true);
    struct card_image *i = decode(f, 0, 0, why);
    assert_non_null(i);
    assert_int_equal(pixel(i, 31, 15), 0xff0000ffu);
    assert_int_equal(pixel(i, 0, 0) >> 24, 0);
    assert_false(i->opaque);
    card_image_free(i);
    WebPFree(f.p);
    f = webp_file(false);
    i = decode(f, 16, 8, why);
    assert_int_equal(i->width, 16);
    assert_true(i->opaque);
    card_image_free(i);
    WebPFree(f.p);
    uint8_t animated[] = "RIFF\x26\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x1f\0\0\x0f\0\0ANIM\x06\0\0\0\0\0\0\0\0\0";
    assert_null(decode((struct file){ animated, sizeof animated - 1 }, 0, 0, why));
}

/* A PNG that claims a size and has nothing else. */
static struct file png_header(uint32_t w, uint32_t h)
{
    static const uint8_t head[] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";
    uint8_t *p = calloc(1, 64);
    memcpy(p, head, 16);
    uint32_t v[2] = { w, h };
    for (int i = 0; i < 8; i++)
        p[16 + i] = (uint8_t)(v[i / 4] >> (24 - 8 * (i % 4)));
    p[24] = 8, p[25] = 2;
    uint32_t crc = libdeflate_crc32(0, p + 12, 17);
    for (int i = 0; i < 4; i++)
        p[29 + i] = (uint8_t)(crc >> (24 - 8 * i));
    memcpy(p + 33, "\0\0\0\x0aIDAT\x78\x01", 10);
    return (struct file){ p, 43 };
}

static void sizes_are_limited(void **state)
{
    (void)state;
    char why[200];
    struct file f = png_header(CARD_IMAGE_SIDE + 1, 1);
    assert_null(decode(f, 0, 0, why));
    free(f.p);
    f = png_header(4001, 3000); /* one column above what is kept */
    assert_null(decode(f, 0, 0, why));
    assert_non_null(strstr(why, "megapixels"));
    free(f.p);
    f = png_header(4000, 3000); /* allowed: fails only because the data is missing */
    assert_null(decode(f, 0, 0, why));
    assert_null(strstr(why, "megapixels"));
    free(f.p);
    struct card_image *i = card_image_new(CARD_IMAGE_SIDE, 1, true, why, sizeof why);
    assert_non_null(i);
    card_image_free(i);
    assert_null(card_image_new(0, 5, true, why, sizeof why));
}

static void other_formats_are_refused_by_their_content(void **state)
{
    (void)state;
    static const char *const rows[] = { "",         "GIF89a....", "<svg xmlns='http://www.w3.org/2000/svg'/>",
                                        "%PDF-1.7", "BM......",   "\x89PNG\r\n\x1a\r" };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char why[200];
        assert_null(decode((struct file){ (uint8_t *)(uintptr_t)rows[i], strlen(rows[i]) }, 0, 0, why));
        assert_non_null(strstr(why, "PNG, JPEG and WebP"));
    }
}

/* Every prefix, and random damage: a picture or a reason, never more. */
static void torment(struct file f, unsigned seed, int rounds)
{
    char why[200];
    for (size_t n = 0; n < f.n; n += 1 + f.n / 60)
        card_image_free(decode((struct file){ f.p, n }, 0, 0, why));
    uint8_t *copy = malloc(f.n);
    for (int r = 0; r < rounds; r++) {
        memcpy(copy, f.p, f.n);
        for (int k = 0; k < 1 + r % 4; k++) {
            seed = seed * 1664525u + 1013904223u;
            copy[(seed >> 8) % f.n] = (uint8_t)(seed >> 24);
        }
        card_image_free(decode((struct file){ copy, f.n }, 0, 0, why));
    }
    free(copy);
}

static void damage_ends_in_a_picture_or_a_reason(void **state)
{
    (void)state;
    int rounds = getenv("LONG") ? 5000 : 300;
    struct file png = png_file(19, 11, PNG_COLOR_TYPE_RGBA, 8, true), jpeg = jpeg_file(6, false, 20),
                cmyk = jpeg_file(0, true, 0), webp = webp_file(true);
    torment(png, 1, rounds);
    torment(jpeg, 2, rounds);
    torment(cmyk, 3, rounds);
    torment(webp, 4, rounds);
    free(png.p);
    free(jpeg.p);
    free(cmyk.p);
    WebPFree(webp.p);
}

static struct file load(const char *path)
{
    struct file f = { malloc(CARD_IMAGE_BYTES + 1), 0 };
    FILE *in = fopen(path, "rb");
    if (in) {
        f.n = fread(f.p, 1, CARD_IMAGE_BYTES + 1, in);
        fclose(in);
    }
    return f;
}

struct tally {
    int files, refused;
};

static bool try_folder(const char *folder, struct tally *t)
{
    char path[700], why[200];
    DIR *d = opendir(folder);
    if (!d)
        return false;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        size_t n = strlen(e->d_name);
        if (n < 5 || strcmp(e->d_name + n - 4, ".png") != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        struct file f = load(path);
        struct card_image *i = decode(f, 0, 0, why);
        t->files++;
        t->refused += i == NULL;
        /* all files of PngSuite whose name begins with x are corrupt */
        if (e->d_name[0] == 'x' && i)
            fail_msg("%s was taken", e->d_name);
        card_image_free(i);
        free(f.p);
    }
    closedir(d);
    return true;
}

/* Hostile and broken PNG files of PngSuite and libpng. */
static void hostile_png_files_end_in_a_picture_or_a_reason(void **state)
{
    (void)state;
    char folder[300], inner[320];
    struct tally t = { 0 };
    snprintf(folder, sizeof folder, "%s/security/png-bad",
             getenv("SHARED_DATA") ? getenv("SHARED_DATA") : "../shared/data");
    snprintf(inner, sizeof inner, "%s/badpal", folder);
    if (!try_folder(folder, &t)) {
        print_message("SKIPPING hostile PNG files: no folder %s (set SHARED_DATA)\n", folder);
        skip();
    }
    try_folder(inner, &t);
    print_message("%d files, %d refused\n", t.files, t.refused);
    assert_true(t.files >= 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_of_every_kind_is_read),
        cmocka_unit_test(jpeg_stands_upright),
        cmocka_unit_test(jpeg_of_four_inks_becomes_rgb),
        cmocka_unit_test(jpeg_with_too_many_scans_is_refused),
        cmocka_unit_test(jpeg_is_reduced_while_it_is_decoded),
        cmocka_unit_test(webp_is_read_and_animations_are_refused),
        cmocka_unit_test(sizes_are_limited),
        cmocka_unit_test(other_formats_are_refused_by_their_content),
        cmocka_unit_test(damage_ends_in_a_picture_or_a_reason),
        cmocka_unit_test(hostile_png_files_end_in_a_picture_or_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
