/* test_cards_text.c - where lines and texts end, which fonts a text needs, what a template may say, how encodings step
 * down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>
#include <unistd.h>

#include "actions/social_cards/alt.h"
#include "actions/social_cards/encode.h"
#include "tests/cards_samples.h"

static struct card_engine *engine;

static const struct card_style headline = {
    .weight = PANGO_WEIGHT_BOLD, .display = true, .tracking = -0.02, .leading = 1.08
};

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

/* Sets a text and returns what stands there, lines separated by "|". */
static char *set(const char *text, const char *locale, double size, double width, int lines, bool *cut)
{
    struct card_text *t = card_text_new(card_engine_fonts(engine), text, locale, &headline);
    struct card_setting s;
    assert_non_null(t);
    assert_true(card_text_set(t, size, width, lines, true, PANGO_ALIGN_LEFT, &s));
    assert_true(s.lines <= lines);
    if (s.width > width + 1)
        fail_msg("%.1f px of %.1f", s.width, width);
    GString *out = g_string_new(NULL);
    const char *all = pango_layout_get_text(s.layout);
    for (int i = 0; i < s.lines; i++) {
        PangoLayoutLine *l = pango_layout_get_line_readonly(s.layout, i);
        char *line = g_strndup(all + l->start_index, (gsize)l->length);
        char *separator = strstr(line, "\xe2\x80\xa8");
        if (separator)
            *separator = 0;
        g_string_append_printf(out, "%s%s", i ? "|" : "", g_strchomp(line));
        g_free(line);
    }
    *cut = s.ellipsized;
    /* what is cut shows it: by an ellipsis of ours, or by pango's when not even a word fits */
    assert_int_equal(s.ellipsized, g_str_has_suffix(all, "\xe2\x80\xa6") || pango_layout_is_ellipsized(s.layout));
    g_object_unref(s.layout);
    card_text_free(t);
    return g_string_free(out, FALSE);
}

static void lines_are_even_and_end_at_words(void **state)
{
    (void)state;
    bool cut;
    char *s = set("Everything about one two", "en", 60, 620, 3, &cut);
    assert_string_equal(s, "Everything|about one two");
    assert_false(cut);
    g_free(s);
    s = set("Launch week: all you need to know", "en", 60, 620, 3, &cut);
    assert_string_equal(s, "Launch week:|all you need to know");
    g_free(s);
}

static void what_is_too_long_ends_at_a_word(void **state)
{
    (void)state;
    bool cut;
    char *s = set("The complete guide to the things that nobody ever told you about", "en", 60, 600, 2, &cut);
    assert_true(cut);
    assert_true(g_str_has_suffix(s, "\xe2\x80\xa6"));
    /* what stands before the ellipsis is a run of whole words */
    char *bar = strchr(s, '|');
    assert_non_null(bar);
    *bar = ' ';
    s[strlen(s) - 3] = 0;
    const char *full = "The complete guide to the things that nobody ever told you about";
    assert_true(g_str_has_prefix(full, s));
    assert_true(full[strlen(s)] == ' ');
    g_free(s);
    /* no comma or dash before an ellipsis */
    s = set("Alpha beta gamma, delta epsilon zeta eta theta iota", "en", 60, 560, 1, &cut);
    assert_true(cut);
    assert_null(strstr(s, ",\xe2\x80\xa6"));
    g_free(s);
}

static void a_word_without_end_is_cut_between_characters(void **state)
{
    (void)state;
    bool cut;
    char *s = set("Donaudampfschifffahrtsgesellschaftskapitaensmuetzenabzeichen", "de", 60, 300, 2, &cut);
    assert_true(cut);
    g_free(s);
}

static void korean_ends_lines_at_spaces(void **state)
{
    (void)state;
    if (access("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", R_OK) != 0) {
        print_message("SKIPPING Korean and Japanese lines: the package fonts-noto-cjk is not installed\n");
        skip();
    }
    bool cut;
    static const char text[] = "\xeb\xb4\x84\xeb\xa7\x9e\xec\x9d\xb4 \xec\x8b\xa0\xec\xa0\x9c\xed\x92\x88\xec\x9d\x84 "
                               "\xea\xb0\x80\xec\x9e\xa5 \xeb\xa8\xbc\xec\xa0\x80";
    char *s = set(text, "ko", 60, 420, 3, &cut);
    assert_non_null(strchr(s, '|'));
    /* with its line ends turned back into spaces it is the text: no line ends inside a word */
    assert_string_equal(g_strdelimit(s, "|", ' '), text);
    g_free(s);
    /* a katakana word stays whole */
    s = set("\xe6\x96\xb0\xe4\xbd\x9c\xe3\x82\xb3\xe3\x83\xac\xe3\x82\xaf\xe3\x82\xb7\xe3\x83\xa7\xe3\x83\xb3\xe5\x85"
            "\xac\xe9\x96\x8b",
            "ja", 60, 400, 3, &cut);
    assert_non_null(strstr(s, "\xe3\x82\xb3\xe3\x83\xac\xe3\x82\xaf\xe3\x82\xb7\xe3\x83\xa7\xe3\x83\xb3"));
    g_free(s);
}

static void each_script_has_its_family(void **state)
{
    (void)state;
    static const struct {
        const char *text, *locale, *families, *language;
    } rows[] = {
        { "Hello \xce\x95\xce\xbb\xce\xbb\xce\xac\xce\xb4\xce\xb1 \xd0\x9c\xd0\xb8\xd1\x80", "", "", "en" },
        { "\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85", "", "Noto Sans Arabic", "en" },
        { "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", "he", "Noto Sans Hebrew", "he" },
        { "\xe4\xb8\xad\xe6\x96\x87", "", "Noto Sans CJK SC", "zh-cn" },
        { "\xe4\xb8\xad\xe6\x96\x87", "zh-TW", "Noto Sans CJK TC", "zh-tw" },
        { "\xe4\xb8\xad\xe6\x96\x87", "ja-JP", "Noto Sans CJK JP", "ja" },
        { "\xe6\x96\xb0\xe3\x81\x97\xe3\x81\x84", "", "Noto Sans CJK JP", "ja" },
        { "\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4", "", "Noto Sans CJK KR", "ko" },
        { "ok \xf0\x9f\x8e\x89", "", "Noto Color Emoji", "en" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char names[200];
        struct card_script s = card_fonts_script(card_engine_fonts(engine), rows[i].text, rows[i].locale);
        card_fonts_names(s.fonts, names, sizeof names);
        assert_string_equal(names, rows[i].families);
        assert_string_equal(s.language, rows[i].language);
    }
}

static void alternative_text_is_sentences_within_its_limit(void **state)
{
    (void)state;
    struct card_input in;
    char alt[CARD_ALT_CHARS * 4 + 8];
    sample_card(&in, card_engine_template(engine, "gradient"), card_preset_find("og"), 0);
    card_alt_text(&in, 0, alt, sizeof alt);
    assert_string_equal(alt,
                        "Spring launch: plan the year your customers remember. Three practical sessions on data, "
                        "service and the moments "
                        "in between. Webinar \xc2\xb7 12 May 2026. Call to action: Save your seat. Northwind Travel.");
    char *longest = g_strnfill(400, 'x');
    in.text[CARD_SUBTITLE] = longest;
    card_alt_text(&in, 0, alt, sizeof alt);
    assert_true(g_utf8_strlen(alt, -1) <= CARD_ALT_CHARS);
    assert_true(g_str_has_suffix(alt, "\xe2\x80\xa6"));
    g_free(longest);
}

static void templates_say_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *json, *why;
    } rows[] = {
        { "{", "line 1" },
        { "{\"name\":\"x\",\"title\":\"X\",\"version\":1,\"ground\":\"brand\",\"layouts\":{}}", "landscape" },
        { "{\"name\":\"x\",\"title\":\"X\",\"version\":1,\"ground\":\"brand\",\"colour\":1,\"layouts\":{}}", "colour" },
        { "{\"name\":\"x\",\"title\":\"X\",\"version\":1,\"ground\":\"brand\",\"layouts\":{\"landscape\":[{\"op\":"
          "\"fil\"}]}}",
          "\"fil\"" },
        { "{\"name\":\"x\",\"title\":\"X\",\"version\":1,\"ground\":\"brand\",\"layouts\":{\"landscape\":[{\"op\":"
          "\"fill\",\"colr\":"
          "\"tint1\"}]}}",
          "colr" },
        { "{\"name\":\"x\",\"title\":\"X\",\"version\":1,\"ground\":\"brand\",\"layouts\":{\"landscape\":[{\"op\":"
          "\"fill\",\"color\":"
          "\"auto\"}]}}",
          "texts only" },
        { "{\"name\":\"x\",\"title\":\"X\",\"version\":1,\"ground\":\"brand\",\"layouts\":{\"landscape\":[{\"op\":"
          "\"stack\",\"items\":[{"
          "\"text\":\"headline\",\"lines\":0}]}]}}",
          "size" },
        { "{\"name\":\"x\",\"title\":\"X\",\"version\":1,\"ground\":\"brand\",\"layouts\":{\"landscape\":[{\"op\":"
          "\"fill\",\"box\":[0,0,1]}]"
          "}}",
          "4 lengths" },
        { "{\"name\":\"x\",\"title\":\"X\",\"version\":1,\"ground\":\"brand\",\"layouts\":{\"landscape\":[{\"op\":"
          "\"fill\",\"box\":[0,0,1,"
          "1e9]}]}}",
          "-200 to 400" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char why[200] = "";
        assert_null(card_template_parse(rows[i].json, strlen(rows[i].json), why, sizeof why));
        if (!strstr(why, rows[i].why))
            fail_msg("%s: %s", rows[i].json, why);
    }
}

static void encodings_step_down_to_the_limit(void **state)
{
    (void)state;
    struct card_input in;
    struct card_pixels px;
    struct card_report r;
    struct card_scratch scratch = { 0 };
    struct card_file fast, small, f;
    sample_card(&in, card_engine_template(engine, "gradient"), card_preset_find("og"), 0);
    assert_true(card_draw(engine, &in, &px, &r));
    assert_true(card_encode_png(&px, CARD_FAST, "", &scratch, &fast));
    assert_true(card_encode_png(&px, CARD_SMALL, "", &scratch, &small));
    assert_true(small.n < fast.n);
    const struct {
        size_t max;
        enum card_format format;
        size_t n; /* 0: any */
    } rows[] = { { fast.n, CARD_PNG, fast.n },
                 { fast.n - 1, CARD_PNG, small.n },
                 { small.n, CARD_PNG, small.n },
                 { 70000, CARD_JPEG, 0 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(card_encode(&px, CARD_PNG, false, rows[i].max, "", &scratch, &f));
        assert_int_equal(f.format, rows[i].format);
        assert_true(f.n <= rows[i].max);
        assert_true(rows[i].n == 0 || f.n == rows[i].n);
        free(f.p);
    }
    assert_false(card_encode(&px, CARD_PNG, false, 1000, "", &scratch, &f));
    free(fast.p);
    free(small.p);
    card_scratch_free(&scratch);
}

/* Brand colours between which neither white nor ink can be read: the background gives way. */
static void unreadable_brand_colours_are_mended(void **state)
{
    (void)state;
    static const struct card_rgb pairs[][2] = { { { 255, 255, 255 }, { 0, 0, 0 } },
                                                { { 255, 230, 0 }, { 0, 0, 160 } },
                                                { { 128, 128, 128 }, { 128, 128, 128 } },
                                                { { 255, 0, 0 }, { 0, 255, 0 } } };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (size_t p = 0; p < card_preset_count; p++) {
            struct card_palette palette;
            struct card_input in;
            struct card_pixels px;
            struct card_report r;
            sample_card(&in, card_engine_template(engine, "gradient"), &card_presets[p], 0);
            card_palette_make(&palette, &pairs[i][0], &pairs[i][1], &pairs[i][0]);
            in.palette = &palette;
            assert_true(card_draw(engine, &in, &px, &r));
            if (r.min_contrast < 4.5 && !(r.warnings & CARD_WARN_LOW_CONTRAST))
                fail_msg("pair %zu at %s: contrast %.2f without a warning", i, in.preset->name, r.min_contrast);
            assert_true(r.min_contrast >= 3);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_even_and_end_at_words),
        cmocka_unit_test(what_is_too_long_ends_at_a_word),
        cmocka_unit_test(a_word_without_end_is_cut_between_characters),
        cmocka_unit_test(korean_ends_lines_at_spaces),
        cmocka_unit_test(each_script_has_its_family),
        cmocka_unit_test(alternative_text_is_sentences_within_its_limit),
        cmocka_unit_test(templates_say_what_is_wrong),
        cmocka_unit_test(encodings_step_down_to_the_limit),
        cmocka_unit_test(unreadable_brand_colours_are_mended),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
