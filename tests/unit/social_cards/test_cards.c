/* test_cards.c - drawing and encoding of cards: colours, cleaning, every template at every preset, every coder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>
#include <png.h>

#include "actions/social_cards/dates.h"
#include "actions/social_cards/encode.h"
#include "tests/cards_samples.h"

static struct card_engine *engine;
static struct card_image *hero, *logo;
static struct card_scratch scratch;

static int open_all(void **state)
{
    (void)state;
    char why[200];
    engine = card_engine_new(why, sizeof why);
    if (!engine)
        fprintf(stderr, "%s\n", why);
    hero = sample_hero();
    logo = sample_logo(256);
    return engine ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    card_image_free(hero);
    card_image_free(logo);
    card_scratch_free(&scratch);
    card_engine_free(engine);
    return 0;
}

static void colours_are_parsed(void **state)
{
    (void)state;
    struct card_rgb c = { 1, 2, 3 };
    assert_true(card_color_parse("#Fa0", &c));
    assert_int_equal(c.r << 16 | c.g << 8 | c.b, 0xffaa00);
    assert_true(card_color_parse("4f3ce6", &c));
    assert_int_equal(c.r << 16 | c.g << 8 | c.b, 0x4f3ce6);
    static const char *const bad[] = { "", "#", "#12", "#1234", "#12345", "#1234567", "red", "#12g", "##123", "# 123" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(card_color_parse(bad[i], &c));
    assert_int_equal(c.r << 16 | c.g << 8 | c.b, 0x4f3ce6); /* untouched */
}

static void contrast_is_that_of_wcag(void **state)
{
    (void)state;
    const struct card_rgb black = { 0, 0, 0 }, white = { 255, 255, 255 }, grey = { 0x76, 0x76, 0x76 },
                          grey2 = { 0x77, 0x77, 0x77 };
    assert_float_equal(card_contrast(black, white), 21, 0.001);
    assert_float_equal(card_contrast(white, white), 1, 0.001);
    /* the well-known edge: #767676 on white passes 4.5:1, #777777 does not */
    assert_true(card_contrast(grey, white) >= 4.5);
    assert_true(card_contrast(grey2, white) < 4.5);
}

static void a_region_gives_its_worst_luminance(void **state)
{
    (void)state;
    enum { W = 64, H = 64 };
    static uint32_t px[W * H];
    for (int i = 0; i < W * H; i++)
        px[i] = 0xff202020u;
    struct card_rgb white = { 255, 255, 255 };
    struct card_range r = card_region((uint8_t *)px, W * 4, 0, 0, W, H);
    double even = card_range_contrast(r, white);
    assert_float_equal(even, card_contrast(white, (struct card_rgb){ 0x20, 0x20, 0x20 }), 0.3);
    px[10 * W + 10] = 0xffffffffu; /* one speck does not count */
    assert_float_equal(card_range_contrast(card_region((uint8_t *)px, W * 4, 0, 0, W, H), white), even, 0.001);
    for (int y = 0; y < 16; y++) /* a light corner does */
        for (int x = 0; x < 16; x++)
            px[y * W + x] = 0xfff0f0f0u;
    assert_true(card_range_contrast(card_region((uint8_t *)px, W * 4, 0, 0, W, H), white) < 1.3);
}

static void texts_are_cleaned(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
        bool removed;
    } rows[] = {
        { "  Hello \t\n world  ", "Hello world", false },
        { "a\xe2\x80\xae"
          "b\xe2\x81\xa6"
          "c\xe2\x80\x8b"
          "d\xef\xbb\xbf",
          "abcd", true }, /* bidi controls, zero width */
        { "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81", "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
          true }, /* a pile of marks */
        { "\xcc\x81x", "x", true },
        { "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
          false }, /* an emoji of two */
        { "a\xe2\x80\x8d\xe2\x80\x8d\xe2\x80\x8d"
          "b",
          "a\xe2\x80\x8d"
          "b",
          true },
        { "\xee\x80\x80 x\x01\x02", "x", true },
        { "\xe2\x80\xa8\xe2\x80\xa9", "", false },
        { "", "", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct card_cleaning did = { 0 };
        char *out = card_text_clean(rows[i].in, &did);
        assert_string_equal(out, rows[i].out);
        assert_int_equal(did.removed, rows[i].removed);
        assert_false(did.cut);
        free(out);
    }
}

static void long_texts_are_cut_at_the_limit(void **state)
{
    (void)state;
    char in[CARD_TEXT_CHARS + 2];
    memset(in, 'x', sizeof in);
    in[CARD_TEXT_CHARS] = 0;
    struct card_cleaning did = { 0 };
    char *out = card_text_clean(in, &did);
    assert_int_equal(strlen(out), CARD_TEXT_CHARS);
    assert_false(did.cut);
    free(out);
    in[CARD_TEXT_CHARS] = 'x', in[CARD_TEXT_CHARS + 1] = 0;
    out = card_text_clean(in, &did);
    assert_int_equal(strlen(out), CARD_TEXT_CHARS);
    assert_true(did.cut);
    free(out);
}

/* As Unicode CLDR 42 has them, with plain blanks. */
static void dates_are_written_as_each_language_does(void **state)
{
    (void)state;
    static const char *const rows[][4] = {
        { "2026-05-12", NULL, "en-GB", "12 May 2026" },
        { "2026-05-12", "2026-05-12", "", "12 May 2026" },
        { "2026-03-05", "2026-03-07", "", "5\u20137 March 2026" },
        { "2026-05-12", "2026-05-14", "en-US", "May 12 \u2013 14, 2026" },
        { "2026-05-12", "2026-05-14", "en", "May 12 \u2013 14, 2026" },
        { "2026-06-01", "2026-08-31", "en-GB", "1 June \u2013 31 August 2026" },
        { "2026-12-28", "2027-01-04", "en-CA", "December 28, 2026\u2013January 4, 2027" },
        { "2026-06-01", "2026-08-31", "de", "1. Juni \u2013 31. August 2026" },
        { "2026-03-05", "2026-03-07", "de-AT", "5.\u20137. M\u00e4rz 2026" },
        { "2026-01-20", NULL, "de-AT", "20. J\u00e4nner 2026" },
        { "2026-12-30", "2027-01-02", "fr", "30 d\u00e9cembre 2026 \u2013 2 janvier 2027" },
        { "2026-12-01", NULL, "fr", "1 d\u00e9cembre 2026" },
        { "2026-06-01", "2026-08-31", "es-MX", "1 de junio \u2013 31 de agosto de 2026" },
        { "2026-12-28", "2027-01-04", "pl", "28 grudnia 2026 \u2013 4 stycznia 2027" },
        { "2026-01-20", NULL, "sv", "20 januari 2026" },
        { "2026-01-20", NULL, "da", "20. januar 2026" },
        { "2026-01-20", NULL, "no", "20. januar 2026" },
        { "2026-01-20", NULL, "fi", "20. tammikuuta 2026" },
        { "2026-01-20", NULL, "ru", "20 \u044f\u043d\u0432\u0430\u0440\u044f 2026 \u0433." },
        { "2026-03-05", "2026-03-07", "hu", "2026. m\u00e1rcius 5\u20137." },
        { "2026-01-20", NULL, "tr_TR", "20 Ocak 2026" },
        { "2026-01-20", NULL, "iw", "20 \u05d1\u05d9\u05e0\u05d5\u05d0\u05e8 2026" },
        { "2026-01-20", NULL, "in", "20 Januari 2026" },
        { "2026-05-12", NULL, "ja", "2026\u5e745\u670812\u65e5" },
        { "2026-03-05", "2026-03-07", "ja", "2026\u5e743\u67085\u65e5\uff5e7\u65e5" },
        { "2026-03-05", "2026-03-07", "zh_TW", "2026\u5e743\u67085\u65e5\u81f37\u65e5" },
        { "2026-01-20", NULL, "th", "20 \u0e21\u0e01\u0e23\u0e32\u0e04\u0e21 2569" },
        { "2026-01-20", NULL, "ar-EG", "\u0662\u0660 \u064a\u0646\u0627\u064a\u0631 \u0662\u0660\u0662\u0666" },
        { "2026-03-05", "2026-03-07", "tlh", "2026-03-05 \u2013 2026-03-07" }, /* no data, no guess */
        { NULL, "2026-05-12", "en-GB", "12 May 2026" },
        { "2028-02-29", NULL, "en-GB", "29 February 2028" },
        { "1582-10-01", NULL, "en-GB", "1582-10-01" },
        { NULL, NULL, "en", "" },
        { "2026-13-01", NULL, "en", "" },
        { "2026-02-29", NULL, "en", "" },
        { "tomorrow", NULL, "en", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[240];
        assert_true(card_dates(rows[i][0], rows[i][1], rows[i][2], out, sizeof out));
        assert_string_equal(out, rows[i][3]);
    }
    char out[240] = "x";
    assert_false(card_dates("2026-05-14", "2026-05-12", "en", out, sizeof out));
    assert_string_equal(out, "");
    /* what does not fit is written shorter, never cut */
    assert_true(card_dates("2026-12-30", "2027-01-02", "fr", out, 30));
    assert_string_equal(out, "2026-12-30 \u2013 2027-01-02");
}

/* Decodes by libpng and compares with the pixels. */
static void assert_same_pixels(const struct card_file *f, const struct card_pixels *px, const char *name)
{
    png_image image = { .version = PNG_IMAGE_VERSION };
    if (!png_image_begin_read_from_memory(&image, f->p, f->n))
        fail_msg("%s: %s", name, image.message);
    assert_int_equal(image.width, px->width);
    assert_int_equal(image.height, px->height);
    image.format = PNG_FORMAT_BGRA;
    uint8_t *out = malloc(PNG_IMAGE_SIZE(image));
    if (!png_image_finish_read(&image, NULL, out, 0, NULL))
        fail_msg("%s: %s", name, image.message);
    for (int y = 0; y < px->height; y++)
        for (int x = 0; x < px->width; x++) {
            const uint8_t *a = out + ((size_t)y * (size_t)px->width + (size_t)x) * 4,
                          *b = px->p + (size_t)y * (size_t)px->stride + (size_t)x * 4;
            if (a[0] != b[0] || a[1] != b[1] || a[2] != b[2])
                fail_msg("%s: pixel %d,%d differs", name, x, y);
        }
    free(out);
}

static void assert_inside(const struct card_input *in, const struct card_report *r)
{
    const struct card_preset *p = in->preset;
    for (int i = 0; i < r->texts; i++) {
        const struct card_text_report *t = &r->text[i];
        if (t->x < p->safe.left - 1 || t->y < p->safe.top - 1 || t->x + t->w > p->width - p->safe.right + 1 ||
            t->y + t->h > p->height - p->safe.bottom + 1)
            fail_msg("%s at %s: %s leaves the safe area (%.0f,%.0f %.0fx%.0f)", in->template->name, p->name,
                     card_slot_names[t->slot], t->x, t->y, t->w, t->h);
        for (int k = 0; k < i; k++) {
            const struct card_text_report *o = &r->text[k];
            if (t->slot == CARD_FIGURE && o->slot == CARD_FIGURE)
                continue; /* parts of one badge */
            if (t->x < o->x + o->w && o->x < t->x + t->w && t->y < o->y + o->h - 1 && o->y < t->y + t->h - 1)
                fail_msg("%s at %s: %s and %s overlap", in->template->name, p->name, card_slot_names[t->slot],
                         card_slot_names[o->slot]);
        }
    }
}

static void every_template_draws_at_every_preset(void **state)
{
    (void)state;
    for (size_t t = 0; card_engine_template_at(engine, t); t++)
        for (size_t p = 0; p < card_preset_count; p++)
            for (int v = 0; v < 4; v++) {
                struct card_input in;
                struct card_pixels px;
                struct card_report r;
                struct card_file f;
                sample_card(&in, card_engine_template_at(engine, t), &card_presets[p], v & 1);
                in.hero = v & 2 ? hero : NULL;
                in.logo = v & 1 ? logo : NULL;
                assert_true(card_draw(engine, &in, &px, &r));
                assert_int_equal(px.width, in.preset->width);
                assert_int_equal(px.height, in.preset->height);
                assert_inside(&in, &r);
                if (r.min_contrast < 4.5)
                    fail_msg("%s at %s (%d): contrast %.2f", in.template->name, in.preset->name, v, r.min_contrast);
                assert_true(r.texts >= 1);
                assert_false(r.warnings & (CARD_WARN_LOW_CONTRAST | CARD_WARN_UNKNOWN_GLYPHS | CARD_WARN_ELLIPSIZED |
                                           CARD_WARN_FIGURE));
                /* a thumbnail has no button and no subtitle, a quotation no button; a headline is on every card */
                bool all = strcmp(r.template, "gradient") == 0 || strcmp(r.template, "minimal") == 0;
                if (all && in.preset->layout != CARD_YOUTUBE)
                    assert_int_equal(r.dropped, 0);
                assert_false(r.dropped >> CARD_HEADLINE & 1);
                assert_int_equal(!(r.warnings & CARD_WARN_TEXT_DROPPED), r.dropped == 0);
                assert_true(card_encode_png(&px, CARD_FAST, "", &scratch, &f));
                assert_same_pixels(&f, &px, in.template->name);
                free(f.p);
            }
}

static void every_coder_keeps_the_pixels(void **state)
{
    (void)state;
    struct card_input in;
    struct card_pixels px;
    struct card_report r;
    sample_card(&in, card_engine_template(engine, "photo"), card_preset_find("og"), 0);
    in.hero = hero;
    assert_true(card_draw(engine, &in, &px, &r));
    for (int c = 0; c < CARD_CODERS; c++) {
        struct card_file f;
        assert_true(card_encode_png(&px, (enum card_coder)c, "Alt text \xe2\x9c\x93", &scratch, &f));
        assert_same_pixels(&f, &px, "coder");
        free(f.p);
    }
}

static void the_same_input_gives_the_same_file(void **state)
{
    (void)state;
    struct card_file f[2];
    for (int i = 0; i < 2; i++) {
        struct card_input in;
        struct card_pixels px;
        struct card_report r;
        /* other texts in between must not matter */
        sample_script(&in, card_engine_template(engine, "minimal"), card_preset_find("og"), i ? 4 : 9);
        assert_true(card_draw(engine, &in, &px, &r));
        sample_card(&in, card_engine_template(engine, "gradient"), card_preset_find("og"), 0);
        assert_true(card_draw(engine, &in, &px, &r));
        assert_true(card_encode_png(&px, CARD_FAST, "", &scratch, &f[i]));
    }
    assert_int_equal(f[0].n, f[1].n);
    assert_memory_equal(f[0].p, f[1].p, f[0].n);
    free(f[0].p);
    free(f[1].p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_are_parsed),
        cmocka_unit_test(contrast_is_that_of_wcag),
        cmocka_unit_test(a_region_gives_its_worst_luminance),
        cmocka_unit_test(texts_are_cleaned),
        cmocka_unit_test(long_texts_are_cut_at_the_limit),
        cmocka_unit_test(dates_are_written_as_each_language_does),
        cmocka_unit_test(every_template_draws_at_every_preset),
        cmocka_unit_test(every_coder_keeps_the_pixels),
        cmocka_unit_test(the_same_input_gives_the_same_file),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
