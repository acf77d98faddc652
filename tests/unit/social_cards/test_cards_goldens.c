/*
 * test_cards_goldens.c - layouts and pictures of cards against those that were looked at and kept in tests/goldens.
 * UPDATE_GOLDENS=1 writes them anew; what it wrote has to be looked at again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>
#include <jansson.h>
#include <unistd.h>

#include "actions/social_cards/encode.h"
#include "tests/cards_campaigns.h"
#include "tests/image_compare.h"

#define FOLDER "tests/goldens"

static struct card_engine *engine;
static struct card_image *hero, *logo;
static bool update;

static int open_all(void **state)
{
    (void)state;
    char why[200];
    engine = card_engine_new(why, sizeof why);
    if (!engine)
        fprintf(stderr, "%s\n", why);
    hero = sample_hero();
    logo = sample_logo(256);
    update = getenv("UPDATE_GOLDENS") != NULL;
    return engine ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    card_image_free(hero);
    card_image_free(logo);
    card_engine_free(engine);
    return 0;
}

static bool has_cjk(void)
{
    return access("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", R_OK) == 0;
}

static bool needs_cjk(size_t script)
{
    static const char *const names[] = { "japanese", "chinese", "korean" };
    for (size_t i = 0; i < 3; i++)
        if (strcmp(names[i], sample_scripts[script].name) == 0)
            return true;
    return false;
}

/* ---- Layouts ---- */

static json_t *layout_of(const struct card_report *r)
{
    json_t *texts = json_array();
    for (int i = 0; i < r->texts; i++) {
        const struct card_text_report *t = &r->text[i];
        json_array_append_new(
            texts, json_pack("{s:s, s:i, s:i, s:b, s:i, s:[i,i,i,i]}", "part", card_slot_names[t->slot], "size",
                             (int)lround(t->size * 10), "lines", t->lines, "cut", t->ellipsized, "unknown", t->unknown,
                             "box", (int)lround(t->x), (int)lround(t->y), (int)lround(t->w), (int)lround(t->h)));
    }
    return json_pack("{s:b, s:[i,i,i,i], s:o}", "rtl", r->rtl, "logo", (int)lround(r->logo.x), (int)lround(r->logo.y),
                     (int)lround(r->logo.w), (int)lround(r->logo.h), "texts", texts);
}

/* Numbers may differ by one pixel (or a tenth of a point): another build of the same libraries may round otherwise. */
static bool close_to(const json_t *a, const json_t *b)
{
    if (json_is_integer(a) && json_is_integer(b))
        return llabs(json_integer_value(a) - json_integer_value(b)) <= 1;
    if (json_is_array(a) && json_is_array(b)) {
        if (json_array_size(a) != json_array_size(b))
            return false;
        for (size_t i = 0; i < json_array_size(a); i++)
            if (!close_to(json_array_get(a, i), json_array_get(b, i)))
                return false;
        return true;
    }
    if (json_is_object(a) && json_is_object(b)) {
        const char *key;
        json_t *v;
        json_object_foreach ((json_t *)a, key, v) {
            if (!close_to(v, json_object_get(b, key)))
                return false;
        }
        return json_object_size(a) == json_object_size(b);
    }
    return json_equal(a, b);
}

static void draw(const struct card_input *in, struct card_pixels *px, struct card_report *r)
{
    struct card_pixels ignored;
    assert_true(card_draw(engine, in, px ? px : &ignored, r));
}

static json_t *all_layouts(void)
{
    json_t *all = json_object();
    char name[80];
    for (size_t t = 0; card_engine_template_at(engine, t); t++)
        for (size_t p = 0; p < card_preset_count; p++)
            for (int v = 0; v < 2; v++) {
                struct card_input in;
                struct card_report r;
                sample_card(&in, card_engine_template_at(engine, t), &card_presets[p], v);
                in.hero = v ? NULL : hero;
                in.logo = v ? NULL : logo;
                draw(&in, NULL, &r);
                snprintf(name, sizeof name, "%s %s %s", in.template->name, in.preset->name, v ? "plain" : "pictures");
                json_object_set_new(all, name, layout_of(&r));
            }
    for (size_t i = 0; i < sample_script_count; i++)
        for (size_t p = 0; p < card_preset_count; p += 6) {
            struct card_input in;
            struct card_report r;
            if (needs_cjk(i) && !has_cjk())
                continue;
            sample_script(&in, card_engine_template(engine, "gradient"), &card_presets[p], i);
            in.logo = logo;
            draw(&in, NULL, &r);
            snprintf(name, sizeof name, "script %s %s", sample_scripts[i].name, in.preset->name);
            json_object_set_new(all, name, layout_of(&r));
        }
    return all;
}

static void write_layouts(const json_t *all)
{
    FILE *f = fopen(FOLDER "/cards-layouts.json", "w");
    const char *name, *before = "{\n";
    json_t *v;
    assert_non_null(f);
    json_object_foreach ((json_t *)all, name, v) {
        char *text = json_dumps(v, JSON_COMPACT);
        fprintf(f, "%s\"%s\": %s", before, name, text);
        free(text);
        before = ",\n";
    }
    fprintf(f, "\n}\n");
    fclose(f);
}

static void layouts_are_those_that_were_kept(void **state)
{
    (void)state;
    json_t *all = all_layouts(), *v;
    const char *name;
    size_t compared = 0, wrong = 0;
    if (update)
        write_layouts(all);
    json_t *kept = json_load_file(FOLDER "/cards-layouts.json", 0, NULL);
    assert_non_null(kept);
    json_object_foreach (kept, name, v) {
        const json_t *now = json_object_get(all, name);
        if (!now && !has_cjk() && strncmp(name, "script ", 7) == 0)
            continue;
        compared++;
        if (!now || !close_to(v, now)) {
            char *a = json_dumps(v, JSON_COMPACT), *b = now ? json_dumps(now, JSON_COMPACT) : strdup("(none)");
            print_message("%s\n  kept %s\n  now  %s\n", name, a, b);
            free(a);
            free(b);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
    assert_true(compared >= 16 * 18 + 14);
    assert_int_equal(json_object_size(all), compared);
    json_decref(kept);
    json_decref(all);
}

/* ---- Pictures, reduced so that the repository stays small ---- */

static struct picture reduced(const struct card_pixels *px, int by)
{
    struct picture p = { .width = px->width / by, .height = px->height / by };
    p.rgb = malloc((size_t)p.width * (size_t)p.height * 3);
    for (int y = 0; y < p.height; y++)
        for (int x = 0; x < p.width; x++)
            for (int c = 0; c < 3; c++) {
                unsigned sum = (unsigned)(by * by / 2);
                for (int k = 0; k < by * by; k++)
                    sum += px->p[(size_t)(by * y + k / by) * (size_t)px->stride + (size_t)(by * x + k % by) * 4 +
                                 (size_t)(2 - c)];
                p.rgb[((size_t)y * (size_t)p.width + (size_t)x) * 3 + (size_t)c] = (uint8_t)(sum / (unsigned)(by * by));
            }
    return p;
}

static void write_picture(const struct picture *p, const char *path)
{
    uint32_t *words = malloc((size_t)p->width * (size_t)p->height * 4);
    for (int i = 0; i < p->width * p->height; i++)
        words[i] = 0xff000000u | (uint32_t)p->rgb[3 * i] << 16 | (uint32_t)p->rgb[3 * i + 1] << 8 | p->rgb[3 * i + 2];
    struct card_pixels px = { (uint8_t *)words, p->width, p->height, p->width * 4 };
    struct card_scratch scratch = { 0 };
    struct card_file file, other;
    assert_true(card_encode_png(&px, CARD_SMALLEST, "", &scratch, &file));
    assert_true(card_encode_png(&px, CARD_FILTERED, "", &scratch, &other));
    const struct card_file *best = file.n < other.n ? &file : &other;
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(best->p, 1, best->n, f), best->n);
    fclose(f);
    free(file.p);
    free(other.p);
    card_scratch_free(&scratch);
    free(words);
}

static void compare_with(const struct card_input *in, const char *name, int by)
{
    struct card_pixels px;
    struct card_report r;
    char path[160];
    draw(in, &px, &r);
    struct picture now = reduced(&px, by), kept = { 0 };
    snprintf(path, sizeof path, FOLDER "/card-%s.png", name);
    if (update)
        write_picture(&now, path);
    if (!picture_read(path, &kept))
        fail_msg("%s cannot be read; UPDATE_GOLDENS=1 writes it", path);
    assert_int_equal(kept.width, now.width);
    assert_int_equal(kept.height, now.height);
    struct difference d = picture_compare(&kept, &now);
    if (!picture_close(&d))
        fail_msg("%s: %.3f %% of the pixels differ, ssim %.4f, worst at %d,%d", path, d.share * 100, d.ssim, d.worst_x,
                 d.worst_y);
    free(kept.rgb);
    free(now.rgb);
}

static void templates_look_as_they_did(void **state)
{
    (void)state;
    static const char *const presets[] = { "og", "instagram_square", "instagram_portrait", "story", "youtube_thumb" };
    char name[80];
    for (int i = 0; i < campaign_templates; i++) {
        struct campaign_parts parts;
        campaign_open(&parts, &campaigns[i]);
        for (int k = 0; k < 5; k++) {
            struct card_input in;
            campaign_card(&in, &campaigns[i], &parts, card_engine_template(engine, campaigns[i].template),
                          card_preset_find(presets[k]));
            snprintf(name, sizeof name, "%s-%s", campaigns[i].template, presets[k]);
            compare_with(&in, name, k ? 6 : strcmp(name, "photo-og") == 0 ? 2 : 3);
        }
        campaign_close(&parts);
    }
}

static void scripts_look_as_they_did(void **state)
{
    (void)state;
    char name[80];
    bool left_out = false;
    for (size_t i = 0; i < sample_script_count; i++) {
        struct card_input in;
        if (needs_cjk(i) && !has_cjk()) {
            print_message("SKIPPING %s: the package fonts-noto-cjk is not installed\n", sample_scripts[i].name);
            left_out = true;
            continue;
        }
        sample_script(&in, card_engine_template(engine, i % 2 ? "gradient" : "minimal"), card_preset_find("og"), i);
        snprintf(name, sizeof name, "script-%s", sample_scripts[i].name);
        compare_with(&in, name, 3);
    }
    if (left_out)
        skip();
}

/* The comparison must be able to fail: a card with one word more is another picture, one with a speck is not. */
static void another_card_is_told_apart(void **state)
{
    (void)state;
    struct card_input in;
    struct card_pixels px;
    struct card_report r;
    sample_card(&in, card_engine_template(engine, "minimal"), card_preset_find("og"), 1);
    draw(&in, &px, &r);
    struct picture a = reduced(&px, 2);
    in.text[CARD_HEADLINE] = "Grow togethen";
    draw(&in, &px, &r);
    struct picture b = reduced(&px, 2);
    struct difference d = picture_compare(&a, &b);
    assert_true(d.share > 0);
    in.text[CARD_HEADLINE] = "Shrink together";
    draw(&in, &px, &r);
    struct picture c = reduced(&px, 2);
    d = picture_compare(&a, &c);
    assert_false(picture_close(&d));
    memcpy(c.rgb, a.rgb, (size_t)a.width * (size_t)a.height * 3);
    c.rgb[1000] ^= 255;
    d = picture_compare(&a, &c);
    assert_true(picture_close(&d));
    free(a.rgb);
    free(b.rgb);
    free(c.rgb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_are_those_that_were_kept),
        cmocka_unit_test(templates_look_as_they_did),
        cmocka_unit_test(scripts_look_as_they_did),
        cmocka_unit_test(another_card_is_told_apart),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
