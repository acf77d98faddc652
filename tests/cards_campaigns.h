/*
 * cards_campaigns.h - invented campaigns to look at: brands with colours and marks, texts in several scripts, drawn
 * stand-ins for photographs. Shared by tests and bench; include once in a program.
 */
#ifndef TESTS_CARDS_CAMPAIGNS_H
#define TESTS_CARDS_CAMPAIGNS_H

#include <string.h>

#include "tests/cards_samples.h"

enum campaign_hero { NO_HERO, HERO_VIEW, HERO_PERSON, HERO_PRODUCT };

struct campaign {
    const char *template, *locale, *brand, *primary, *accent, *second;
    int mark; /* of sample_mark; -1 = none, -2 = a wordmark */
    enum campaign_hero hero;
    const char *eyebrow, *headline, *subtitle, *cta, *figure, *person, *role, *code, *day[3], *left[2], *item[8], *date;
};

static inline void campaign_set(cairo_t *cr, struct card_rgb c, double alpha)
{
    cairo_set_source_rgba(cr, c.r / 255.0, c.g / 255.0, c.b / 255.0, alpha);
}

static inline void mark_h(cairo_t *cr)
{
    static const double p[][2] = { { 0, 0 },     { 36, 0 },   { 36, 38 }, { 64, 38 }, { 64, 0 },   { 100, 0 },
                                   { 100, 100 }, { 64, 100 }, { 64, 62 }, { 36, 62 }, { 36, 100 }, { 0, 100 } };
    for (size_t i = 0; i < sizeof p / sizeof *p; i++)
        cairo_line_to(cr, p[i][0], p[i][1]);
    cairo_close_path(cr);
}

/* Simple marks in two colours on nothing. */
static inline struct card_image *sample_mark(int kind, struct card_rgb c, struct card_rgb a)
{
    char why[100];
    const int side = 320;
    struct card_image *i = card_image_new(side, side, false, why, sizeof why);
    if (!i)
        abort();
    cairo_t *cr = cairo_create(i->surface);
    cairo_scale(cr, side / 100.0, side / 100.0);
    campaign_set(cr, c, 1);
    if (kind == 0) { /* a letter */
        mark_h(cr);
        cairo_fill(cr);
        campaign_set(cr, a, 1);
        cairo_arc(cr, 50, 17, 14, 0, 7);
    } else if (kind == 1) { /* a ring */
        cairo_set_line_width(cr, 17);
        cairo_arc(cr, 50, 50, 38, 0, 7);
        cairo_stroke(cr);
        campaign_set(cr, a, 1);
        cairo_arc(cr, 82, 82, 17, 0, 7);
    } else if (kind == 2) { /* mountains */
        cairo_move_to(cr, 0, 84), cairo_line_to(cr, 30, 14), cairo_line_to(cr, 50, 58), cairo_line_to(cr, 64, 30);
        cairo_line_to(cr, 100, 84);
        cairo_fill(cr);
        campaign_set(cr, a, 1);
        cairo_rectangle(cr, 0, 90, 100, 9);
    } else if (kind == 3) { /* a flag */
        cairo_move_to(cr, 4, 8), cairo_line_to(cr, 58, 8), cairo_line_to(cr, 58, 92), cairo_line_to(cr, 31, 70);
        cairo_line_to(cr, 4, 92);
        cairo_fill(cr);
        campaign_set(cr, a, 1);
        cairo_arc(cr, 80, 28, 19, 0, 7);
    } else if (kind == 4) { /* a hexagon */
        for (int k = 0; k < 6; k++)
            cairo_line_to(cr, 50 + 50 * sin(k * 1.0471975), 50 - 50 * cos(k * 1.0471975));
        cairo_fill(cr);
        campaign_set(cr, a, 1);
        cairo_arc(cr, 50, 50, 20, 0, 7);
    } else { /* squares */
        cairo_move_to(cr, 0, 0), cairo_line_to(cr, 48, 0), cairo_line_to(cr, 48, 48);
        cairo_rectangle(cr, 52, 52, 48, 48);
        cairo_fill(cr);
        campaign_set(cr, a, 1);
        cairo_rectangle(cr, 52, 0, 48, 48);
        cairo_move_to(cr, 0, 52), cairo_line_to(cr, 48, 100), cairo_line_to(cr, 0, 100);
    }
    cairo_fill(cr);
    cairo_destroy(cr);
    cairo_surface_flush(i->surface);
    card_image_survey(i);
    return i;
}

/* A name as a picture: MARLOW in strokes. */
static inline struct card_image *sample_wordmark(struct card_rgb c)
{
    static const double strokes[][5][2] = { { { 6, 96 }, { 6, 8 }, { 48, 76 }, { 90, 8 }, { 90, 96 } },
                                            { { 6, 96 }, { 48, 8 }, { 90, 96 }, { 72, 62 }, { 24, 62 } },
                                            { { 10, 96 }, { 10, 8 }, { 80, 8 }, { 80, 52 }, { 10, 52 } },
                                            { { 10, 8 }, { 10, 96 }, { 76, 96 }, { 76, 96 }, { 76, 96 } },
                                            { { 6, 8 }, { 90, 8 }, { 90, 96 }, { 6, 96 }, { 6, 8 } },
                                            { { 4, 8 }, { 26, 96 }, { 50, 30 }, { 74, 96 }, { 96, 8 } } };
    char why[100];
    struct card_image *i = card_image_new(760, 104, false, why, sizeof why);
    if (!i)
        abort();
    cairo_t *cr = cairo_create(i->surface);
    cairo_set_line_width(cr, 16);
    campaign_set(cr, c, 1);
    for (int k = 0; k < 6; k++) {
        for (int n = 0; n < 5; n++)
            cairo_line_to(cr, 8 + k * 128 + strokes[k][n][0], strokes[k][n][1]);
        if (k == 2)
            cairo_move_to(cr, 8 + k * 128 + 40, 52), cairo_line_to(cr, 8 + k * 128 + 84, 96);
        cairo_stroke(cr);
    }
    cairo_destroy(cr);
    cairo_surface_flush(i->surface);
    card_image_survey(i);
    return i;
}

static inline cairo_t *stand_in(struct card_image **out, int w, int h)
{
    char why[100];
    *out = card_image_new(w, h, false, why, sizeof why);
    if (!*out)
        abort();
    return cairo_create((*out)->surface);
}

static inline struct card_image *stand_in_done(cairo_t *cr, struct card_image *i)
{
    cairo_destroy(cr);
    cairo_surface_flush(i->surface);
    card_image_survey(i);
    i->focus_x = 0.5, i->focus_y = 0.38;
    return i;
}

/* Head and shoulders, cut out. */
static inline struct card_image *sample_person(void)
{
    struct card_image *i;
    cairo_t *cr = stand_in(&i, 840, 1000);
    cairo_scale(cr, 2, 2);
    cairo_set_source_rgb(cr, 0.11, 0.08, 0.07); /* hair behind */
    cairo_arc(cr, 214, 60, 46, 0, 7), cairo_fill(cr);
    cairo_arc(cr, 206, 158, 94, 0, 7), cairo_fill(cr);
    cairo_set_source_rgb(cr, 0.95, 0.77, 0.30); /* jacket */
    cairo_move_to(cr, 0, 500), cairo_curve_to(cr, 4, 410, 80, 376, 168, 352), cairo_line_to(cr, 250, 352);
    cairo_curve_to(cr, 338, 376, 416, 410, 420, 500), cairo_fill(cr);
    cairo_set_source_rgb(cr, 0.43, 0.25, 0.16); /* neck */
    cairo_move_to(cr, 168, 280), cairo_line_to(cr, 246, 280), cairo_line_to(cr, 250, 352);
    cairo_curve_to(cr, 240, 400, 178, 400, 168, 352), cairo_fill(cr);
    cairo_set_source_rgb(cr, 1, 0.96, 0.84); /* collar */
    cairo_move_to(cr, 160, 352), cairo_line_to(cr, 209, 432), cairo_line_to(cr, 258, 352), cairo_line_to(cr, 274, 362);
    cairo_line_to(cr, 209, 474), cairo_line_to(cr, 144, 362), cairo_fill(cr);
    cairo_set_source_rgb(cr, 0.55, 0.35, 0.24); /* face */
    cairo_move_to(cr, 130, 190), cairo_curve_to(cr, 130, 124, 164, 96, 208, 96);
    cairo_curve_to(cr, 254, 96, 288, 124, 288, 190), cairo_curve_to(cr, 288, 262, 250, 318, 208, 318);
    cairo_curve_to(cr, 168, 318, 130, 262, 130, 190), cairo_fill(cr);
    cairo_set_source_rgb(cr, 0.11, 0.08, 0.07); /* hair in front, eyes, mouth */
    cairo_move_to(cr, 124, 200), cairo_curve_to(cr, 116, 100, 300, 96, 292, 200);
    cairo_curve_to(cr, 284, 150, 250, 136, 226, 130), cairo_curve_to(cr, 180, 150, 136, 150, 124, 200), cairo_fill(cr);
    cairo_arc(cr, 174, 204, 7.5, 0, 7), cairo_fill(cr), cairo_arc(cr, 244, 204, 7.5, 0, 7), cairo_fill(cr);
    cairo_set_source_rgb(cr, 0.97, 0.93, 0.9);
    cairo_move_to(cr, 178, 262), cairo_curve_to(cr, 194, 288, 224, 288, 240, 262), cairo_close_path(cr);
    cairo_fill(cr);
    return stand_in_done(cr, i);
}

/* A pair of headphones, cut out. */
static inline struct card_image *sample_product(void)
{
    struct card_image *i;
    cairo_t *cr = stand_in(&i, 1000, 920);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    for (int k = 0; k < 3; k++) { /* the band, with a light on it */
        static const double width[] = { 92, 78, 16 }, grey[] = { 0.07, 0.16, 0.5 };
        cairo_set_source_rgb(cr, grey[k], grey[k], grey[k] * 1.05);
        cairo_set_line_width(cr, width[k]);
        cairo_arc(cr, 500, 470, k == 2 ? 356 : 340, 3.24, 6.19);
        cairo_stroke(cr);
    }
    for (int side = -1; side <= 1; side += 2) {
        double x = 500 + side * 318;
        cairo_save(cr);
        cairo_translate(cr, x, 590), cairo_rotate(cr, -side * 0.14), cairo_scale(cr, 1, 1.62);
        cairo_set_source_rgb(cr, 0.08, 0.08, 0.09);
        cairo_arc(cr, -side * 46, 0, 124, 0, 7), cairo_fill(cr);
        cairo_pattern_t *p = cairo_pattern_create_linear(-140, -140, 140, 140);
        cairo_pattern_add_color_stop_rgb(p, 0, 0.98, 0.98, 0.99);
        cairo_pattern_add_color_stop_rgb(p, 0.5, 0.80, 0.81, 0.84);
        cairo_pattern_add_color_stop_rgb(p, 1, 0.55, 0.56, 0.6);
        cairo_set_source(cr, p);
        cairo_arc(cr, side * 26, 0, 138, 0, 7), cairo_fill(cr);
        cairo_pattern_destroy(p);
        cairo_set_source_rgb(cr, 0.2, 0.2, 0.22);
        cairo_set_line_width(cr, 7);
        cairo_arc(cr, side * 26, 0, 84, 0, 7), cairo_stroke(cr);
        cairo_restore(cr);
    }
    return stand_in_done(cr, i);
}

static const struct campaign campaigns[] = {
    { "photo", "en", "Northwind Air", "#0b3a9b", "#ff7a00", NULL, 2, HERO_VIEW, NULL, "Fly into summer",
      "40 islands, 1 June – 31 August", "Book now", "from £39", .item = { 0 } },
    { "event", "en", "Halden Museum", "#2a4bd8", "#ff4b2b", "#ffb300", 0, NO_HERO, "Free entry · all night",
      "The night of open rooms", "Forty galleries, one ticket, doors until 2 a.m.", .figure = "from €12",
      .day = { "14", "Nov", "Saturday" } },
    { "product", "en", "Koa Audio", "#ffc81a", "#14161a", NULL, 4, HERO_PRODUCT, NULL, "Hear the room disappear",
      "The new Koa E4. 60 hours on a charge.", "Book a demo", "from €299 a month", .date = NULL },
    { "speaker", "en", "Aldersund University", "#0f4d33", "#c6f36b", NULL, 4, HERO_PERSON, "Public lecture · 9 October",
      "What the ice remembers", .person = "Prof. Amara Diallo", .role = "Climate physicist", .figure = "Free" },
    { "offer", "en", "Marlow", "#c8102e", NULL, NULL, -2, NO_HERO, NULL, "Winter coats, four days only",
      "In store and online until Sunday", "Shop coats", "-40%", .code = "COAT40" },
    { "countdown", "en", "Northwind Air", "#0b3a9b", "#ff7a00", NULL, 2, NO_HERO, "Winter sale",
      "Last seats to the sun", "40 islands from £39, ends Sunday", "Book now", .left = { "3", "days left" } },
    { "webinar", "en", "Quanta", "#0b4f5c", "#ffd166", "#39d3c3", 1, HERO_PERSON, "Live webinar",
      "Cut your cloud bill before renewal", .cta = "Save my seat", .date = "Thursday, 12 March",
      .day = { "12", "Mar", "Thursday" }, .role = "Luis Ortega, Quanta" },
    { "testimonial", "en", "Tessel", "#6c5ce0", "#ff7d66", NULL, 5, HERO_PERSON, NULL,
      "We closed the books in two days instead of nine", .person = "Joana Lindqvist",
      .role = "Finance director, Nordvik" },
    { "list", "en", "Brot & Salz", "#b5482a", "#ffd9b0", NULL, 1, NO_HERO, "This weekend",
      "Three loaves worth the queue",
      .item = { "Dark rye, 36 hours", "Walnut and honey", "Sunday plait", NULL, "Friday from 7 a.m.",
                "Saturday only, 80 loaves", "Order by Saturday noon" } },
    { "hiring", "en", "Fjord Robotics", "#0c0d0f", "#d4ff3a", NULL, 2, NO_HERO, "We’re hiring", "Robotics engineer",
      "Apply by 30 April", .item = { "Bergen or remote", "Full time", "from €72,000" } },
    { "award", "en", "Hotel Bellavista", "#123c4a", "#f0c674", NULL, -1, NO_HERO, "Alpine Travel Awards",
      "Best small hotel in the Alps", "Voted by 18,400 guests", .figure = "No. 1 2026" },
    { "quote", "en", "Halden Book Festival", "#2438e8", "#ffb8a3", NULL, 3, NO_HERO, NULL,
      "A library is the only room where everyone is rich", .person = "Ines Carvalho", .role = "Opening night, 3 May" },
    { "gradient", "en", "Northwind Travel", "#5b2be0", "#ffd166", "#c02bb0", 2, NO_HERO, "Webinar · 12 May 2026",
      "Plan the year your customers remember", "Three practical sessions on data, service and what lies between.",
      "Save your seat", .date = NULL },
    { "split", "en", "Aldersund University", "#0f4d33", "#0f7a4d", NULL, 4, HERO_VIEW, "Open day · 14 March",
      "Study where the weather is", "Geology, glaciers and forty field days a year.", "Reserve a place", .date = NULL },
    { "minimal", "en", "Fjord Robotics", "#1d3fd1", NULL, NULL, 2, NO_HERO, "Product update",
      "Quieter arms, longer shifts", "Firmware 4.2 is out today.", "Read the notes", .date = NULL },
    { "mesh", "en", "Quanta", "#4a1fb8", "#ff5fa2", NULL, 1, NO_HERO, NULL, "Grow together", "Lisbon, 4 to 6 September",
      "Request an invitation", "24 seats left", .date = NULL },
    /* the same designs in other scripts, and under stress */
    { "photo", "ar", "طيران نورث ويند", "#0b3a9b", "#ff7a00", NULL, 2, HERO_VIEW, NULL, "حلّق نحو الصيف",
      "40 جزيرة، من 1 يونيو إلى 31 أغسطس", "احجز الآن", "ابتداءً من £39", .date = NULL },
    { "speaker", "ar", "جامعة ألدرسند", "#0f4d33", "#c6f36b", NULL, 4, HERO_PERSON, "محاضرة عامة · 9 أكتوبر",
      "ما الذي يتذكره الجليد", .person = "أ. د. أمارا ديالو", .role = "عالمة مناخ" },
    { "list", "ja", "ブロート&ザルツ", "#b5482a", "#ffd9b0", NULL, 1, NO_HERO, "今週末", "並んでも食べたい三つのパン",
      .item = { "36時間発酵のライ麦パン", "くるみと蜂蜜", "日曜の編みパン", NULL, "金曜 朝7時から", "土曜限定80個",
                "土曜正午までに予約" } },
    { "quote", "ja", "ハルデン書籍祭", "#2438e8", "#ffb8a3", NULL, 3, NO_HERO, NULL, "図書館では、誰もが豊かになれる。",
      .person = "イネス・カルヴァーリョ", .role = "5月3日 開幕の夜" },
    { "event", "de", "Halden Museum", "#1a1a1a", "#ff4b2b", "#2a4bd8", 0, NO_HERO, "Sonderfahrt",
      "Donaudampfschifffahrt zum Jubiläum", "Anmeldung bis 1. März, Eintritt frei",
      .day = { "14", "Nov.", "Samstag" } },
    { "offer", "hi", "मार्लो", "#a3195b", NULL, NULL, -1, NO_HERO, NULL, "सर्दियों के कोट, केवल चार दिन",
      "दुकान और ऑनलाइन रविवार तक", "अभी ख़रीदें", "₹1,299", .code = "COAT40" },
    { "webinar", "ru", "Кванта", "#0b4f5c", "#ffd166", "#39d3c3", 1, HERO_PERSON, "Вебинар",
      "Сократите счёт за облако до продления", .cta = "Занять место", .date = "12 марта, 15:00",
      .day = { "12", "мар.", "четверг" }, .role = "Луис Ортега" },
    { "countdown", "he", "נורת׳ווינד", "#0b3a9b", "#ff7a00", NULL, 2, NO_HERO, "מבצע חורף", "המושבים האחרונים אל השמש",
      "40 איים, עד יום ראשון", "להזמנה", .left = { "3", "ימים" } },
    { "product", "de", "Koa Audio", "#ffc81a", "#14161a", NULL, 4, HERO_PRODUCT, NULL,
      "Elektrisch losfahren, ganz ohne Anzahlung", "Der neue Koa E4", "Probe fahren", "ab CHF 31,900.50",
      .date = NULL },
    { "hiring", "de", "Fjord Robotics", "#0c0d0f", "#d4ff3a", NULL, 2, NO_HERO, "Wir suchen",
      "Nahrungsmittelunverträglichkeitsberatung", "Bis 30. April",
      .item = { "Bergen oder zu Hause", "Vollzeit", "ab 72.000 €" } },
    { "award", "el", "Ξενοδοχείο Μπελαβίστα", "#123c4a", "#f0c674", NULL, -1, NO_HERO, "Ταξιδιωτικά βραβεία",
      "Το καλύτερο μικρό ξενοδοχείο στις Άλπεις", "Ψήφισαν 18.400 επισκέπτες", .figure = "Νο 1 2026" },
    { "testimonial", "th", "เทสเซล", "#6c5ce0", "#ff7d66", NULL, 5, HERO_PERSON, NULL,
      "เราปิดบัญชีได้ในสองวันแทนที่จะเป็นเก้าวัน", .person = "โจนาส", .role = "ผู้อำนวยการฝ่ายการเงิน" },
    { "gradient", "zh-CN", "北风旅行", "#5b2be0", "#ffd166", NULL, 2, NO_HERO, "网络研讨会 · 5月12日",
      "规划客户难忘的一年", "三场关于数据与服务的实践课程", "立即报名", .date = NULL },
    { "mesh", "ko", "콴타", "#0c6b58", "#ffd84d", NULL, 1, NO_HERO, NULL, "봄맞이 신제품을 가장 먼저 만나보세요",
      "이번 달 말까지 특별 혜택", "자세히 보기", "24 석 남음", .date = NULL },
    { "minimal", "vi", "Bắc Phong", "#c2410c", NULL, NULL, 2, NO_HERO, "Sản phẩm mới", "Những chuyến đi đáng nhớ nhất",
      "Đặt chỗ trước ngày 30 tháng 4", "Xem thêm", .date = NULL },
    { "photo", "en", "Northwind Air", "#0b3a9b", "#ff7a00", NULL, 2, HERO_VIEW, NULL,
      "Reserve your seat early: the complete guide to planning a sustainable company off-site",
      "Early-bird until 15 January", "Book now", "from £39", .date = NULL },
};
enum { campaign_count = sizeof campaigns / sizeof *campaigns, campaign_templates = 16 };

static inline struct card_rgb campaign_color(const char *hex)
{
    struct card_rgb c = { 0, 0, 0 };
    card_color_parse(hex, &c);
    return c;
}

/* What a campaign borrows while its cards are drawn. */
struct campaign_parts {
    struct card_palette palette;
    struct card_image *logo, *hero;
};

static inline void campaign_open(struct campaign_parts *p, const struct campaign *c)
{
    struct card_rgb rgb[3];
    const char *hex[] = { c->primary, c->second, c->accent };
    const struct card_rgb *given[3] = { NULL };
    for (int i = 0; i < 3; i++)
        if (hex[i])
            rgb[i] = campaign_color(hex[i]), given[i] = &rgb[i];
    card_palette_make(&p->palette, given[0], given[1], given[2]);
    struct card_rgb white = { 255, 255, 255 };
    bool light = strcmp(c->template, "event") == 0 || strcmp(c->template, "testimonial") == 0 ||
                 strcmp(c->template, "product") == 0 || strcmp(c->template, "split") == 0 ||
                 strcmp(c->template, "minimal") == 0;
    struct card_rgb ink = light ? p->palette.color[CARD_SHADE2] : white;
    p->logo = c->mark == -1 ? NULL
              : c->mark == -2
                  ? sample_wordmark(white)
                  : sample_mark(c->mark, ink,
                                given[2] && !light ? *given[2] : p->palette.color[light ? CARD_PRIMARY : CARD_ACCENT]);
    p->hero = c->hero == HERO_VIEW      ? sample_hero()
              : c->hero == HERO_PERSON  ? sample_person()
              : c->hero == HERO_PRODUCT ? sample_product()
                                        : NULL;
}

static inline void campaign_close(struct campaign_parts *p)
{
    card_image_free(p->logo);
    card_image_free(p->hero);
}

static inline void campaign_card(struct card_input *in, const struct campaign *c, const struct campaign_parts *p,
                                 const struct card_template *t, const struct card_preset *preset)
{
    *in = (struct card_input){ .preset = preset,
                               .template = t,
                               .locale = c->locale,
                               .palette = &p->palette,
                               .logo = p->logo,
                               .hero = p->hero,
                               .focus_x = -1,
                               .focus_y = -1,
                               .left = 0.3,
                               .seed = 0x811c9dc5u ^ (uint32_t)(c - campaigns) * 16777619u };
    in->text[CARD_EYEBROW] = in->text[CARD_KIND] = c->eyebrow;
    in->text[CARD_HEADLINE] = c->headline, in->text[CARD_SUBTITLE] = c->subtitle, in->text[CARD_CTA] = c->cta;
    in->text[CARD_FIGURE] = c->figure, in->text[CARD_BRAND] = c->brand, in->text[CARD_PERSON] = c->person;
    in->text[CARD_PERSON_ROLE] = c->role, in->text[CARD_CODE] = c->code, in->text[CARD_DATE] = c->date;
    for (int i = 0; i < 3; i++)
        in->text[CARD_DAY + i] = c->day[i];
    in->text[CARD_LEFT] = c->left[0], in->text[CARD_LEFT_UNIT] = c->left[1];
    for (int i = 0; i < CARD_LIST_MOST; i++)
        in->text[CARD_ITEM + i] = c->item[i], in->text[CARD_ITEM_LINE + i] = c->item[4 + i];
}

#endif
