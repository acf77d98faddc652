/* test_cards_pictures.c - logos are whole and can be seen, and the focus of a picture moves it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include "tests/cards_samples.h"

static struct card_engine *engine;

static int open_all(void **state)
{
    (void)state;
    char why[200];
    engine = card_engine_new(why, sizeof why);
    return engine ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    card_engine_free(engine);
    return 0;
}

static struct card_rgb pixel(const struct card_pixels *px, int x, int y)
{
    const uint8_t *p = px->p + (size_t)y * (size_t)px->stride + (size_t)x * 4;
    return (struct card_rgb){ p[2], p[1], p[0] };
}

static bool near(struct card_rgb a, struct card_rgb b, int most)
{
    return abs(a.r - b.r) <= most && abs(a.g - b.g) <= most && abs(a.b - b.b) <= most;
}

/* A wordmark: bars from edge to edge on nothing, the first and the last in a colour of their own. */
static struct card_image *bars(int w, int h, struct card_rgb first, struct card_rgb middle, struct card_rgb last)
{
    char why[100];
    struct card_image *i = card_image_new(w, h, false, why, sizeof why);
    assert_non_null(i);
    cairo_t *cr = cairo_create(i->surface);
    int n = 9;
    for (int k = 0; k < n; k++) {
        struct card_rgb c = k == 0 ? first : k == n - 1 ? last : middle;
        double wide = (double)w / n;
        cairo_set_source_rgb(cr, c.r / 255.0, c.g / 255.0, c.b / 255.0);
        cairo_rectangle(cr, k == 0 ? 0 : k * wide + wide * 0.2, 0, k == n - 1 ? wide * 0.8 : wide * 0.7, h);
        cairo_fill(cr);
    }
    cairo_destroy(cr);
    cairo_surface_flush(i->surface);
    assert_true(card_image_survey(i));
    return i;
}

static struct card_image *disc(int side, struct card_rgb c)
{
    char why[100];
    struct card_image *i = card_image_new(side, side, false, why, sizeof why);
    assert_non_null(i);
    cairo_t *cr = cairo_create(i->surface);
    cairo_set_source_rgb(cr, c.r / 255.0, c.g / 255.0, c.b / 255.0);
    cairo_arc(cr, side / 2.0, side / 2.0, side * 0.48, 0, 7);
    cairo_fill(cr);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_arc(cr, side / 2.0, side / 2.0, side * 0.2, 0, 7);
    cairo_fill(cr);
    cairo_destroy(cr);
    cairo_surface_flush(i->surface);
    assert_true(card_image_survey(i));
    return i;
}

static void draw(const char *template, const char *preset, struct card_image *logo, const struct card_palette *palette,
                 struct card_pixels *px, struct card_report *r)
{
    struct card_input in;
    sample_card(&in, card_engine_template(engine, template), card_preset_find(preset), 0);
    in.logo = logo;
    if (palette)
        in.palette = palette;
    assert_true(card_draw(engine, &in, px, r));
}

/* First and last column of the middle of the logo's place in which a colour is to be seen: behind the round corners of
 * a plate is the ground. */
static void extent(const struct card_pixels *px, const struct card_report *r, struct card_rgb c, int *from, int *to)
{
    *from = px->width, *to = -1;
    for (int y = (int)(r->logo.y + r->logo.h / 3); y < (int)(r->logo.y + r->logo.h * 2 / 3); y++)
        for (int x = (int)r->logo.x; x < (int)(r->logo.x + r->logo.w); x++)
            if (near(pixel(px, x, y), c, 40)) {
                *from = x < *from ? x : *from;
                *to = x > *to ? x : *to;
            }
}

static void a_wide_logo_keeps_its_ends(void **state)
{
    (void)state;
    static const int sizes[][2] = { { 3462, 105 }, { 2344, 154 }, { 1000, 37 }, { 900, 200 }, { 5000, 60 } };
    static const char *const templates[] = { "gradient", "minimal", "split", "quote" };
    const struct card_rgb red = { 255, 60, 60 }, white = { 255, 255, 255 }, green = { 60, 255, 60 };
    struct card_palette dark;
    const struct card_rgb black = { 0, 0, 0 };
    card_palette_make(&dark, &black, &black, NULL);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t t = 0; t < sizeof templates / sizeof *templates; t++) {
            struct card_pixels px;
            struct card_report r;
            struct card_image *logo = bars(sizes[i][0], sizes[i][1], red, white, green);
            draw(templates[t], "og", logo, &dark, &px, &r);
            int from, to, from2, to2;
            extent(&px, &r, red, &from, &to);
            extent(&px, &r, green, &from2, &to2);
            /* the first bar is 0.7 of a ninth, the last 0.8: both whole, one as far to the left as the other to the
             * right */
            double unit = (to2 - from + 1) / 9.0;
            if (to < from || to2 < from2 || fabs(to - from + 1 - 0.7 * unit) > 3 ||
                fabs(to2 - from2 + 1 - 0.8 * unit) > 3)
                fail_msg("%dx%d in %s: first bar %d to %d, last %d to %d", sizes[i][0], sizes[i][1], templates[t], from,
                         to, from2, to2);
            assert_true(r.logo.x >= 59 && r.logo.x + r.logo.w <= 1141);
            card_image_free(logo);
        }
}

/* A transparent logo whose outline has less than 3:1 gets a plate on which it has. */
static void logos_that_cannot_be_seen_get_a_plate(void **state)
{
    (void)state;
    static const struct {
        struct card_rgb ground, logo;
        bool plate;
    } rows[] = {
        { { 0x4f, 0x3c, 0xe6 }, { 220, 20, 60 }, true },      /* crimson on violet */
        { { 0x10, 0x1a, 0x4d }, { 20, 90, 40 }, true },       /* green on navy */
        { { 0x10, 0x1a, 0x4d }, { 0x10, 0x1a, 0x4d }, true }, /* navy on itself */
        { { 0x10, 0x1a, 0x4d }, { 255, 224, 80 }, false },    /* yellow on navy */
        { { 0x10, 0x1a, 0x4d }, { 255, 255, 255 }, false },   { { 0x4f, 0x3c, 0xe6 }, { 255, 255, 255 }, false },
    };
    static const char *const presets[] = { "og", "story", "instagram_square" };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int p = 0; p < 3; p++)
            for (int wide = 0; wide < 2; wide++) {
                struct card_pixels px;
                struct card_report r;
                struct card_palette palette;
                card_palette_make(&palette, &rows[i].ground, &rows[i].ground, NULL);
                struct card_image *logo =
                    wide ? bars(900, 200, rows[i].logo, rows[i].logo, rows[i].logo) : disc(300, rows[i].logo);
                draw("gradient", presets[p], logo, &palette, &px, &r);
                if (!(r.warnings & CARD_WARN_LOGO_PLATE) == rows[i].plate)
                    fail_msg("logo %zu (%d) at %s: %s plate", i, wide, presets[p], rows[i].plate ? "no" : "a needless");
                card_image_free(logo);
                if (!rows[i].plate)
                    continue;
                /* on the plate it has its contrast, a margin of 12 px, and the plate keeps the card's margin */
                const struct card_preset *preset = card_preset_find(presets[p]);
                assert_true(r.logo.x >= preset->safe.left - 0.5);
                int y = (int)(r.logo.y + r.logo.h / 2), from, to;
                struct card_rgb plate = pixel(&px, (int)r.logo.x + 6, y);
                assert_true(card_contrast(plate, rows[i].logo) >= 3);
                extent(&px, &r, rows[i].logo, &from, &to);
                assert_true(from - r.logo.x >= 11 && r.logo.x + r.logo.w - to >= 12);
                for (int t = 0; t < r.texts; t++)
                    if (r.text[t].slot == CARD_BRAND && r.text[t].x < r.logo.x + r.logo.w + 10)
                        fail_msg("the plate at %s ends %.0f px before the name", presets[p],
                                 r.text[t].x - r.logo.x - r.logo.w);
            }
}

/* No plate helps a logo of black and white parts; that it is faint is told. */
static void a_logo_that_no_plate_helps_is_told(void **state)
{
    (void)state;
    struct card_pixels px;
    struct card_report r;
    struct card_image *logo =
        bars(300, 250, (struct card_rgb){ 0, 0, 0 }, (struct card_rgb){ 255, 255, 255 }, (struct card_rgb){ 0, 0, 0 });
    draw("minimal", "og", logo, NULL, &px, &r);
    assert_false(r.warnings & CARD_WARN_LOGO_PLATE);
    assert_true(r.warnings & CARD_WARN_LOGO_FAINT);
    card_image_free(logo);
}

static void a_logo_of_nothing_is_refused(void **state)
{
    (void)state;
    char why[100];
    struct card_image *i = card_image_new(64, 64, false, why, sizeof why);
    assert_false(card_image_survey(i));
    card_image_free(i);
}

/* A wordmark says the brand's name, which is not written beside it again; a mark does not. */
static void a_wordmark_stands_for_the_name(void **state)
{
    (void)state;
    const struct card_rgb white = { 255, 255, 255 };
    for (int wide = 0; wide < 2; wide++) {
        struct card_pixels px;
        struct card_report r;
        struct card_image *logo = bars(wide ? 480 : 400, 200, white, white, white);
        draw("gradient", "og", logo, NULL, &px, &r);
        bool named = false;
        for (int i = 0; i < r.texts; i++)
            named = named || r.text[i].slot == CARD_BRAND;
        assert_int_equal(named, !wide);
        assert_int_equal(r.dropped, 0);
        card_image_free(logo);
    }
}

static void the_focus_moves_every_picture(void **state)
{
    (void)state;
    static const int sizes[][2] = { { 640, 427 }, { 1200, 630 }, { 600, 1200 }, { 3000, 400 }, { 1080, 1920 } };
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t p = 0; p < card_preset_count; p++)
            for (int vertical = 0; vertical < 2; vertical++) {
                char why[100];
                struct card_image *hero = card_image_new(sizes[s][0], sizes[s][1], true, why, sizeof why);
                cairo_t *cr = cairo_create(hero->surface);
                cairo_pattern_t *ramp =
                    cairo_pattern_create_linear(0, 0, vertical ? 0 : sizes[s][0], vertical ? sizes[s][1] : 0);
                cairo_pattern_add_color_stop_rgb(ramp, 0, 0, 0, 0);
                cairo_pattern_add_color_stop_rgb(ramp, 1, 1, 1, 1);
                cairo_set_source(cr, ramp);
                cairo_paint(cr);
                cairo_pattern_destroy(ramp);
                cairo_destroy(cr);
                struct card_rgb seen[3];
                for (int f = 0; f < 3; f++) {
                    struct card_input in;
                    struct card_pixels px;
                    struct card_report r;
                    sample_card(&in, card_engine_template(engine, "split"), &card_presets[p], 0);
                    in.hero = hero;
                    *(vertical ? &in.focus_y : &in.focus_x) = f / 2.0;
                    assert_true(card_draw(engine, &in, &px, &r));
                    /* a corner of the picture */
                    seen[f] = pixel(&px, px.width - 3, 3);
                }
                if (!(seen[0].r < seen[1].r && seen[1].r < seen[2].r))
                    fail_msg("%dx%d at %s: focus%s 0, 0.5 and 1 show %d, %d, %d", sizes[s][0], sizes[s][1],
                             card_presets[p].name, vertical ? "Y" : "X", seen[0].r, seen[1].r, seen[2].r);
                card_image_free(hero);
            }
}

struct bytes {
    uint8_t p[40000];
    size_t n;
};

static cairo_status_t append(void *to, const unsigned char *data, unsigned n)
{
    struct bytes *b = to;
    if (b->n + n > sizeof b->p)
        return CAIRO_STATUS_WRITE_ERROR;
    memcpy(b->p + b->n, data, n);
    b->n += n;
    return CAIRO_STATUS_SUCCESS;
}

/* A disc of 40 px in a PNG of 400 x 200, with a haze over all of it that nobody sees. */
static void a_logo_is_taken_without_its_margins(void **state)
{
    (void)state;
    static struct bytes file;
    char why[200];
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 400, 200);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.015);
    cairo_paint(cr);
    cairo_set_source_rgb(cr, 1, 0.8, 0.1);
    cairo_arc(cr, 300, 60, 20, 0, 7);
    cairo_fill(cr);
    cairo_destroy(cr);
    assert_int_equal(cairo_surface_write_to_png_stream(surface, append, &file), CAIRO_STATUS_SUCCESS);
    cairo_surface_destroy(surface);
    struct card_image *i = card_logo_decode(file.p, file.n, 1024, 1024, why, sizeof why);
    assert_non_null(i);
    assert_int_equal(i->width, 40);
    assert_int_equal(i->height, 40);
    assert_false(i->opaque);
    struct card_palette palette;
    const struct card_rgb navy = { 0x0b, 0x3d, 0x91 };
    struct card_pixels px;
    struct card_report r;
    card_palette_make(&palette, &navy, &navy, NULL);
    draw("gradient", "og", i, &palette, &px, &r);
    assert_true(near(pixel(&px, (int)(r.logo.x + r.logo.w / 2), (int)(r.logo.y + r.logo.h * 0.1)),
                     (struct card_rgb){ 255, 204, 26 }, 12)); /* the disc reaches the edges of its place */
    card_image_free(i);
    /* a picture is what it is */
    i = card_image_decode(file.p, file.n, 1024, 1024, why, sizeof why);
    assert_int_equal(i->width, 400);
    card_image_free(i);
}

/* Without a picture the brand's colour stays what it is: no yellow turns to olive, no white to grey. */
static void a_light_colour_stays_light_without_a_picture(void **state)
{
    (void)state;
    static const char *const rows[] = { "#FFFF00", "#FFFFFF", "#FFD6E0", "#B8E0D2", "#FFC81A" };
    for (size_t c = 0; c < sizeof rows / sizeof *rows; c++)
        for (size_t p = 0; p < card_preset_count; p++) {
            struct card_rgb color;
            struct card_palette palette;
            struct card_input in;
            struct card_pixels px;
            struct card_report r;
            assert_true(card_color_parse(rows[c], &color));
            card_palette_make(&palette, &color, NULL, NULL);
            sample_card(&in, card_engine_template(engine, "photo"), &card_presets[p], 0);
            in.palette = &palette;
            assert_true(card_draw(engine, &in, &px, &r));
            assert_true(r.warnings & CARD_WARN_HERO_MISSING);
            for (int y = 4; y < px.height; y += px.height / 5)
                if (card_lightness(pixel(&px, px.width - 4, y)) < 0.7)
                    fail_msg("%s at %s: the ground is dark at %d", rows[c], in.preset->name, y);
        }
}

/* A picture with less than half the pixels is not blown up to the whole card, and one that is missing is told. */
static void a_small_picture_takes_half_the_card(void **state)
{
    (void)state;
    char why[100];
    struct card_input in;
    struct card_pixels px;
    struct card_report r;
    static const struct {
        int w, h;
        const char *drawn;
        unsigned told;
    } rows[] = { { 1200, 630, "photo", 0 }, { 600, 400, "photo", 0 }, { 500, 400, "split", CARD_WARN_HERO_SMALL } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct card_image *hero = card_image_new(rows[i].w, rows[i].h, true, why, sizeof why);
        assert_true(card_image_survey(hero));
        sample_card(&in, card_engine_template(engine, "photo"), card_preset_find("og"), 0);
        in.hero = hero;
        assert_true(card_draw(engine, &in, &px, &r));
        assert_string_equal(r.template, rows[i].drawn);
        assert_int_equal(r.warnings & CARD_WARN_HERO_SMALL, rows[i].told);
        card_image_free(hero);
    }
    in.hero = NULL;
    assert_true(card_draw(engine, &in, &px, &r));
    assert_string_equal(r.template, "mesh");
    assert_true(r.warnings & CARD_WARN_HERO_MISSING && r.warnings & CARD_WARN_TEMPLATE);
}

/* A product on a studio's white stands on the card's own colours: there is no white box around it. */
static void a_studio_picture_has_no_white_box(void **state)
{
    (void)state;
    char why[100];
    const struct card_rgb green = { 0x0f, 0x4d, 0x33 };
    for (int white = 0; white < 2; white++) {
        struct card_image *hero = card_image_new(800, 800, true, why, sizeof why);
        cairo_t *cr = cairo_create(hero->surface);
        cairo_set_source_rgb(cr, white ? 1 : 0.8, white ? 1 : 0.8, white ? 1 : 0.8);
        cairo_paint(cr);
        cairo_set_source_rgb(cr, 0.1, 0.1, 0.1);
        cairo_rectangle(cr, 250, 250, 300, 300);
        cairo_fill(cr);
        cairo_destroy(cr);
        cairo_surface_flush(hero->surface);
        assert_true(card_image_survey(hero));
        assert_int_equal(hero->studio, white);
        struct card_palette palette;
        struct card_input in;
        struct card_pixels px;
        struct card_report r;
        card_palette_make(&palette, &green, NULL, NULL);
        sample_card(&in, card_engine_template(engine, "product"), card_preset_find("og"), 0);
        in.palette = &palette, in.hero = hero;
        assert_true(card_draw(engine, &in, &px, &r));
        long box = 0;
        for (int y = 0; y < px.height; y++)
            for (int x = px.width * 2 / 3; x < px.width; x++)
                box += near(pixel(&px, x, y), (struct card_rgb){ 255, 255, 255 }, 60);
        assert_true(white ? box < 200 : box > 20000);
        card_image_free(hero);
    }
}

static struct card_image *svg(const char *text, char *why)
{
    return card_logo_decode(text, strlen(text), 1024, 1024, why, 200);
}

/* Drawings are taken as logos, without what nobody could see to be missing. */
static void a_logo_may_be_a_drawing(void **state)
{
    (void)state;
    char why[200] = "";
    struct card_image *i =
        svg("<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 100 50\">"
            "<rect x=\"20\" y=\"10\" width=\"60\" height=\"30\" fill=\"#ff0000\"/></svg>",
            why);
    assert_non_null(i);
    assert_false(i->opaque && i->width > 700);
    assert_true(abs(i->width - 2 * i->height) <= 2 && i->width > 500); /* without its margins */
    card_image_free(i);
    static const char *const rows[][2] = {
        { "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"><text>A</text></svg>", "outlines" },
        { "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"><image "
          "href=\"file:///etc/passwd\"/></svg>",
          "picture" },
        { "<!DOCTYPE svg [<!ENTITY a \"aaaa\">]><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>",
          "entities" },
        { "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "viewBox" },
        { "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>", "transparent" },
        { "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"><rect", "damaged" },
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        assert_null(svg(rows[r][0], why));
        if (!strstr(why, rows[r][1]))
            fail_msg("%s: %s", rows[r][0], why);
    }
    assert_null(card_image_decode(rows[0][0], strlen(rows[0][0]), 0, 0, why, sizeof why)); /* no hero is one */
}

/* Of two variants of a logo the one that can be seen is drawn, without a plate. */
static void the_variant_that_is_seen_is_taken(void **state)
{
    (void)state;
    const struct card_rgb navy = { 0x0b, 0x1d, 0x51 }, white = { 255, 255, 255 };
    struct card_image *dark = disc(200, navy), *light = bars(200, 200, white, white, white);
    struct card_palette palette;
    struct card_input in;
    struct card_pixels px;
    struct card_report r;
    card_palette_make(&palette, &navy, NULL, NULL);
    for (int swap = 0; swap < 2; swap++)
        for (int ground = 0; ground < 2; ground++) {
            sample_card(&in, card_engine_template(engine, ground ? "minimal" : "quote"), card_preset_find("og"), 0);
            in.palette = &palette;
            in.logo = swap ? light : dark, in.logo_other = swap ? dark : light;
            assert_true(card_draw(engine, &in, &px, &r));
            assert_false(r.warnings & (CARD_WARN_LOGO_PLATE | CARD_WARN_LOGO_FAINT));
        }
    card_image_free(dark);
    card_image_free(light);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_light_colour_stays_light_without_a_picture),
        cmocka_unit_test(a_logo_is_taken_without_its_margins),
        cmocka_unit_test(a_small_picture_takes_half_the_card),
        cmocka_unit_test(a_studio_picture_has_no_white_box),
        cmocka_unit_test(a_logo_may_be_a_drawing),
        cmocka_unit_test(the_variant_that_is_seen_is_taken),
        cmocka_unit_test(a_wide_logo_keeps_its_ends),
        cmocka_unit_test(logos_that_cannot_be_seen_get_a_plate),
        cmocka_unit_test(a_logo_that_no_plate_helps_is_told),
        cmocka_unit_test(a_logo_of_nothing_is_refused),
        cmocka_unit_test(a_wordmark_stands_for_the_name),
        cmocka_unit_test(the_focus_moves_every_picture),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
