/*
 * test_cards_ink.c - random campaigns in twelve scripts, in every design and size: texts stay apart, inside the safe
 * area and large enough to be read, and what is cut is told. LONG=1 draws 2,000 campaigns instead of 160.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>
#include <unistd.h>

#include "actions/social_cards/draw_parts.h"
#include "actions/social_cards/type.h"
#include "tests/cards_campaigns.h"

static struct card_engine *engine;

static struct card_image *heroes[4], *logos[4];

enum { WORDS = 10, SCRIPTS = 12 };

static const struct {
    const char *locale, *between;
    const char *word[WORDS];
    bool cjk;
} scripts[SCRIPTS] = {
    { "en", " ", { "Fly", "into", "summer", "with", "forty", "islands,", "the", "Ångström", "journey", "£39" }, false },
    { "de",
      " ",
      { "Jubiläumsfahrt", "über", "Donaudampfschifffahrt", "und", "ganz", "ohne", "Größe", "12 km", "Äpfel", "zum" },
      false },
    { "vi", " ", { "Những", "chuyến", "đi", "đáng", "nhớ", "nhất", "Ẩm", "thực", "Ệ", "mới" }, false },
    { "el", " ", { "Το", "καλύτερο", "μικρό", "ξενοδοχείο", "στις", "Άλπεις", "Ώρα", "για", "ταξίδι", "νέα" }, false },
    { "ru", " ", { "Сократите", "счёт", "за", "облако", "до", "продления", "Йод", "ещё", "путешествие", "и" }, false },
    { "ar", " ", { "حلّق", "نحو", "الصيف", "مع", "بُّ", "مجموعة", "الربيع", "الجديدة", "2026", "لًّ" }, false },
    { "he", " ", { "המושבים", "האחרונים", "אל", "השמש", "קולקציית", "האביב", "של", "כבר", "כאן", "2026" }, false },
    { "hi", " ", { "गर्मियों", "की", "नई", "उड़ानें", "स्त्री", "शक्ति", "दृढ़तैं", "और", "चालीस", "द्वीप" }, false },
    { "th", "", { "เปิดตัว", "คอลเลกชัน", "ใหม่", "สำหรับ", "ฤดู", "ใบไม้ผลิ", "ที่นี่", "ปู่", "ญุ๊น", "เกาะ" }, false },
    { "ja",
      "",
      { "夏の", "島旅", "キャンペーン", "、", "40の", "島へ", "図書館では", "誰もが", "豊かに", "なれる。" },
      true },
    { "zh-CN", "", { "规划", "客户", "难忘的", "一年", "，", "三场", "关于", "数据", "与服务的", "课程" }, true },
    { "ko", " ", { "봄맞이", "신제품을", "가장", "먼저", "만나보세요", "이번", "달", "말까지", "특별", "혜택" }, true },
};

static uint32_t state;

static int below(int n)
{
    return (int)(card_random(&state) * n);
}

static bool has_cjk(void)
{
    return access("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", R_OK) == 0;
}

static int open_all(void **s)
{
    (void)s;
    char why[200];
    const struct card_rgb white = { 255, 255, 255 }, navy = { 11, 61, 145 };
    engine = card_engine_new(why, sizeof why);
    heroes[1] = sample_hero(), heroes[2] = sample_person(), heroes[3] = sample_product();
    logos[1] = sample_mark(2, white, navy), logos[2] = sample_wordmark(white), logos[3] = sample_mark(4, navy, white);
    return engine ? 0 : -1;
}

static int close_all(void **s)
{
    (void)s;
    for (int i = 1; i < 4; i++) {
        card_image_free(heroes[i]);
        card_image_free(logos[i]);
    }
    card_engine_free(engine);
    return 0;
}

/* A sentence of some words of a script; NULL sometimes, where a text may be
                                        missing. */

static char *sentence(int script, int most, bool needed)
{
    int n = below(most) + (needed ? 1 : 0);
    if (n == 0)
        return NULL;
    GString *s = g_string_new("");
    for (int i = 0; i < n; i++)
        g_string_append_printf(s, "%s%s", i ? scripts[script].between : "", scripts[script].word[below(WORDS)]);
    return g_string_free(s, FALSE);
}

static const char *some(const char *const *list, int n)
{
    return list[below(n)];
}

/* Every text may be there, in any combination. */

static void random_campaign(struct card_input *in, struct card_palette *palette, char *texts[CARD_SLOTS])
{
    static const char *const figures[] = {
        NULL,        NULL,         "from £39",      "-40 %", "CHF 31,900.50", "24 seats left",
        "€1.199,00", "No. 1 2026", "1,299,000 KWD", "9.500", "Free",          "2 for 1",
        "١٬٢٩٩ ر.س"
    };
    static const char *const left[] = { NULL, "3", "128" }, *const days[] = { NULL, "14", "٢٨" };
    int script = below(SCRIPTS);
    while (scripts[script].cjk && !has_cjk())
        script = below(SCRIPTS);
    const struct card_rgb one = { (uint8_t)below(256), (uint8_t)below(256), (uint8_t)below(256) },
                          two = { (uint8_t)below(256), (uint8_t)below(256), (uint8_t)below(256) };
    card_palette_make(palette, &one, NULL, below(2) ? &two : NULL);
    *in = (struct card_input){ .preset = &card_presets[below((int)card_preset_count)],
                               .locale = scripts[script].locale,
                               .palette = palette,
                               .hero = heroes[below(4)],
                               .logo = logos[below(4)],
                               .focus_x = -1,
                               .focus_y = -1,
                               .left = 0.4,
                               .seed = state };
    static const struct {
        enum card_slot slot;
        int most;
    } words[] = { { CARD_EYEBROW, 6 }, { CARD_HEADLINE, 14 }, { CARD_SUBTITLE, 14 },   { CARD_CTA, 3 },
                  { CARD_BRAND, 3 },   { CARD_PERSON, 3 },    { CARD_PERSON_ROLE, 4 }, { CARD_DATE, 4 },
                  { CARD_ITEM, 5 },    { CARD_ITEM + 1, 5 },  { CARD_ITEM + 2, 5 },    { CARD_ITEM_LINE, 6 } };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        in->text[words[i].slot] = texts[words[i].slot] =
            sentence(script, words[i].most, words[i].slot == CARD_HEADLINE);
    in->text[CARD_KIND] = in->text[CARD_EYEBROW];
    in->text[CARD_FIGURE] = some(figures, sizeof figures / sizeof *figures);
    in->text[CARD_LEFT] = some(left, 3), in->text[CARD_LEFT_UNIT] = in->text[CARD_LEFT] ? "days left" : NULL;
    in->text[CARD_DAY] = some(days, 3);
    if (in->text[CARD_DAY])
        in->text[CARD_MONTH] = "November", in->text[CARD_WEEKDAY] = "Wednesday";
    in->text[CARD_CODE] = below(3) ? NULL : "COAT40";
}

static bool apart(const struct card_text_report *a, double x, double y, double w, double h, double by)
{
    return a->x >= x + w + by || x >= a->x + a->w + by || a->y >= y + h + by || y >= a->y + a->h + by;
}

static void check(const struct card_input *in, const struct card_report *r, int n)
{
    const struct card_preset *p = in->preset;
    double unit = (p->width < p->height ? p->width : p->height) / 100.0, least = card_type_smallest(p) * unit;
    char who[160];
    snprintf(who, sizeof who, "campaign %d, %s as %s at %s in %s", n, in->template->name, r->template, p->name,
             in->locale);
    bool cut = false, headline = false;
    for (int i = 0; i < r->texts; i++) {
        const struct card_text_report *t = &r->text[i];
        cut = cut || t->ellipsized;
        headline = headline || t->slot == CARD_HEADLINE;
        if (t->size < least - 0.01)
            fail_msg("%s: %s of %.1f px", who, card_slot_names[t->slot], t->size);
        if (t->x < p->safe.left - 1 || t->y < p->safe.top - 1 || t->x + t->w > p->width - p->safe.right + 1 ||
            t->y + t->h > p->height - p->safe.bottom + 1)
            fail_msg("%s: %s leaves the safe area: %.0f,%.0f %.0fx%.0f", who, card_slot_names[t->slot], t->x, t->y,
                     t->w, t->h);
        if (r->logo.w > 0 && !apart(t, r->logo.x, r->logo.y, r->logo.w, r->logo.h, unit))
            fail_msg("%s: %s (%.0f,%.0f %.0fx%.0f) of %.0f px on %d lines comes near the logo (%.0f,%.0f %.0fx%.0f)",
                     who, card_slot_names[t->slot], t->x, t->y, t->w, t->h, t->size, t->lines, r->logo.x, r->logo.y,
                     r->logo.w, r->logo.h);
        for (int k = 0; k < i; k++) {
            const struct card_text_report *o = &r->text[k];
            bool parts = t->slot == CARD_FIGURE && o->slot == CARD_FIGURE;
            if (!parts && !apart(t, o->x, o->y, o->w, o->h, 1.0 * unit))
                fail_msg("%s: %s (%.0f,%.0f %.0fx%.0f) comes near %s (%.0f,%.0f %.0fx%.0f)", who,
                         card_slot_names[t->slot], t->x, t->y, t->w, t->h, card_slot_names[o->slot], o->x, o->y, o->w,
                         o->h);
        }
    }
    assert_true(headline);
    if (cut && !(r->warnings & CARD_WARN_ELLIPSIZED))
        fail_msg("%s: cut and not told", who);
    if (r->min_contrast < 4.5 && !(r->warnings & CARD_WARN_LOW_CONTRAST))
        fail_msg("%s: contrast %.2f and not told", who, r->min_contrast);
}

static void texts_stay_apart_inside_and_large_enough(void **s)
{
    (void)s;
    const int most = getenv("LONG") ? 2000 : 160;
    size_t templates = 0, faint = 0;
    while (card_engine_template_at(engine, templates))
        templates++;
    for (int n = 0; n < most; n++) {
        struct card_input in;
        struct card_palette palette;
        struct card_pixels px;
        struct card_report r;
        char *texts[CARD_SLOTS] = { NULL };
        state = 0x9e3779b9u * (uint32_t)(n + 1);
        random_campaign(&in, &palette, texts);
        in.template = card_engine_template_at(engine, (size_t)n % templates);
        assert_true(card_draw(engine, &in, &px, &r));
        check(&in, &r, n);
        faint += !!(r.warnings & CARD_WARN_LOW_CONTRAST);
        for (int i = 0; i < CARD_SLOTS; i++)
            g_free(texts[i]);
    }
    print_message("%d campaigns, %zu with low contrast\n", most, faint);
    assert_true(faint <= (size_t)most / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(texts_stay_apart_inside_and_large_enough) };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
