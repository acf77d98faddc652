/* test_finance_paper.c - what is painted: no amount, rate, date or name is cut, broken or painted over another, for
 * every kind of currency, the largest amounts and the longest names; which document it is; who says what a figure is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>
#include <pango/pangocairo.h>

#include "actions/finance_agreement/agreement_pdf.h"
#include "actions/finance_agreement/paper.h"
#include "actions/finance_agreement/paper_fit.h"
#include "actions/finance_agreement/pdf_check.h"
#include "actions/finance_agreement/pdf_finish.h"
#include "tests/finance_fixture.h"

static struct fixture f;

/* ---- Sizes of figures ---- */

static void figures_shrink_then_stack_then_fail(void **state)
{
    (void)state;
    static const struct {
        double first, second; /* widths at one point */
        double sizes[2];
        bool stacked[2];
        int fault;
    } cases[] = {
        { 3, 5, { 28, 15 }, { false, false }, -1 },     { 10, 10, { 27, 15 }, { false, false }, -1 },
        { 12, 12, { 22.5, 13 }, { false, false }, -1 }, { 14, 14, { 19.5, 13 }, { false, true }, -1 },
        { 20, 20, { 25, 15 }, { true, true }, -1 },     { 27, 27, { 18.5, 12 }, { true, true }, -1 },
        { 29, 5, { 0, 0 }, { true, true }, 1 },         { 3, 50, { 28, 0 }, { false, true }, 2 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double widths[FIT_FIGURES] = { 3, cases[i].first, cases[i].second, cases[i].second, cases[i].second };
        struct fit fit = fit_figures(widths, 525.6);
        if (fit.fault != cases[i].fault || fit.first_stacked != cases[i].stacked[0] ||
            fit.second_stacked != cases[i].stacked[1])
            fail_msg("case %zu: %d, %d %d, %.1f %.1f", i, fit.fault, fit.first_stacked, fit.second_stacked, fit.first,
                     fit.second);
        if (fit.fault >= 0)
            continue;
        if (fit.first != cases[i].sizes[0] || fit.second != cases[i].sizes[1])
            fail_msg("case %zu: %.1f and %.1f", i, fit.first, fit.second);
        assert_true(fit.first >= 1.5 * fit.second); /* 12 CFR 1026.17(a)(2): more conspicuous */
        double room = fit.first_stacked ? 525.6 : 525.6 * fit_first_share(1);
        assert_true(widths[1] * fit.first <= room - 2 * fit_padding);
        room = fit.second_stacked ? 525.6 : 525.6 / FIT_SECOND;
        assert_true(widths[2] * fit.second <= room - 2 * fit_padding);
    }
}

/* ---- The check on what is about to be painted can fail ---- */

static PangoContext *context;

static int open_context(void **state)
{
    (void)state;
    context = pango_font_map_create_context(pango_cairo_font_map_get_default());
    return context ? 0 : -1;
}

static int close_context(void **state)
{
    (void)state;
    g_object_unref(context);
    return 0;
}

static struct pdf_placed text_at(const char *text, double x, double y, double width, bool figure)
{
    PangoLayout *l = pango_layout_new(context);
    PangoFontDescription *d = pango_font_description_from_string("Inter");
    pango_font_description_set_absolute_size(d, 10 * PANGO_SCALE);
    pango_layout_set_font_description(l, d);
    pango_font_description_free(d);
    pango_layout_set_width(l, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_text(l, text, -1);
    return (struct pdf_placed){ l, 1, x, y, width, figure };
}

/* The code of the first fault, "" for none; takes the texts. */
static const char *checked(struct pdf_placed *texts, size_t n)
{
    static const struct pdf_area area = { 40, 40, 560, 760 };
    static struct pdf_fault why;
    why = (struct pdf_fault){ "", "" };
    bool ok = pdf_check(texts, n, &area, &why);
    assert_int_equal(ok, !*why.code);
    for (size_t i = 0; i < n; i++)
        g_object_unref(texts[i].layout);
    return why.code;
}

static void texts_apart_are_right(void **state)
{
    (void)state;
    struct pdf_placed apart[] = { text_at("$1,234.56", 50, 50, 100, true), text_at("Dana", 160, 50, 60, false),
                                  text_at("$1,234.56", 50, 62, 100, true), text_at("$1,234.56", 50, 50, 100, true) };
    apart[3].page = 2;
    assert_string_equal(checked(apart, 4), "");
}

static void what_is_cut_broken_or_painted_over_is_seen(void **state)
{
    (void)state;
    struct pdf_placed cut = text_at("$158,073.54 in all", 50, 50, 40, true);
    pango_layout_set_ellipsize(cut.layout, PANGO_ELLIPSIZE_END);
    assert_true(pango_layout_is_ellipsized(cut.layout));
    assert_string_equal(checked(&cut, 1), "figures_do_not_fit");
    struct pdf_placed broken = text_at("$158,073.54", 50, 50, 30, true);
    assert_string_equal(checked(&broken, 1), "figures_do_not_fit");
    struct pdf_placed day = text_at("23 November 2026", 50, 50, 60, true);
    assert_string_equal(checked(&day, 1), "figures_do_not_fit");
    struct pdf_placed within = text_at("with your down payment of $158,073.54", 50, 50, 40, false);
    assert_string_equal(checked(&within, 1), "figures_do_not_fit");
    struct pdf_placed wide = text_at("MMMMMMMMMM", 50, 50, 200, false);
    wide.width = 50;
    assert_string_equal(checked(&wide, 1), "text_does_not_fit");
    struct pdf_placed over[] = { text_at("Dana", 50, 50, 60, false), text_at("Whitfield", 60, 52, 60, false) };
    assert_string_equal(checked(over, 2), "text_does_not_fit");
    struct pdf_placed figure[] = { text_at("Dana", 50, 50, 60, false), text_at("$1.00", 60, 52, 60, true) };
    assert_string_equal(checked(figure, 2), "figures_do_not_fit");
    struct pdf_placed edges[] = { text_at("Dana", 30, 50, 60, false) };
    assert_string_equal(checked(edges, 1), "text_does_not_fit");
    struct pdf_placed below[] = { text_at("Dana", 50, 755, 60, false) };
    assert_string_equal(checked(below, 1), "text_does_not_fit");
    struct pdf_placed unknown = text_at("Dana \xf0\xbf\xbf\xbd", 50, 50, 100, false);
    assert_string_equal(checked(&unknown, 1), "font_missing");
}

/* ---- Documents: each is looked at by that check before it is painted ---- */

static void renders(const char *what)
{
    unsigned char *pdf = NULL;
    size_t n = 0;
    struct pdf_fault why;
    enum offer_fault fault = agreement_calculate(&f.a);
    if (fault != OFFER_OK)
        fail_msg("%s: no offer, %d", what, fault);
    if (!agreement_pdf(&f.a, &pdf, &n, &why))
        fail_msg("%s: %s: %s", what, why.code, why.text);
    free(pdf);
}

static void prepare(const char *code, bool stated)
{
    static const char *const settings[] = { "MAX_FINANCED", "1e12", NULL };
    char why[200];
    assert_true(fixture_init(&f, stated ? fixture_stated : NULL));
    struct policy limits;
    assert_true(fixture_policy(settings, &limits, why, sizeof why));
    f.policy.max_financed = limits.max_financed;
    assert_true(money_currency_find(code, &f.deal.currency));
    f.a.vehicle.currency = f.deal.currency;
    memcpy(f.deal.request.currency, code, 4);
}

static void every_amount_is_printed_whole(void **state)
{
    (void)state;
    /* every exponent; with a sign, with a code; the United States, the European Union, the United Kingdom, others */
    static const char *const codes[] = { "USD", "EUR", "GBP", "JPY", "KRW", "KWD", "CLF", "CAD" };
    static const int64_t prices[] = { 2500000, 14899095, 99999999999, 0, -1 }; /* the last: from what is allowed */
    static const int terms[] = { 12, 48 };
    for (size_t c = 0; c < sizeof codes / sizeof *codes; c++)
        for (size_t i = 0; i < sizeof prices / sizeof *prices; i++)
            for (int k = 0; k < 2; k++) {
                char what[80];
                prepare(codes[c], k & 1);
                int64_t most = offer_max_financed(&f.policy, &f.deal.currency);
                int64_t price = prices[i] > 0 ? prices[i] : prices[i] ? most / 10 * 7 : most / 20;
                int64_t least = 3 * offer_min_financed(&f.policy, &f.deal.currency);
                price = price < least ? least : price;
                f.deal.price = (struct price_input){ .price = price,
                                                     .down = price / 7,
                                                     .finance_fee = price / 50,
                                                     .tax_ppm = 72500,
                                                     .trade_allowance = price / 10,
                                                     .trade_payoff = price / 3 };
                f.deal.term_months = terms[i % 2];
                snprintf(what, sizeof what, "%s %lld, %d months", codes[c], (long long)price, terms[i % 2]);
                renders(what);
            }
}

static void every_name_is_printed_whole(void **state)
{
    (void)state;
    static const char *const parts[] = { "Wolfeschlegelsteinhausenbergerdorff",
                                         "Maria de los \xc3\x81ngeles ",
                                         "\xd8\xb9\xd8\xa8\xd8\xaf \xd8\xa7\xd9\x84\xd8\xb1\xd8\xad\xd9\x85\xd9\x86 ",
                                         "\xe5\xb1\xb1\xe7\x94\xb0\xe5\xa4\xaa\xe9\x83\x8e",
                                         "i",
                                         "W",
                                         "\xe0\xa4\xb8\xe0\xa5\x8d\xe0\xa4\xb5\xe0\xa4\xbe\xe0\xa4\xa4\xe0\xa4\xbf " };
    static const char *const codes[] = { "USD", "EUR", "KWD" };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (size_t c = 0; c < 3; c++) {
            prepare(codes[c], true);
            char *name = f.a.customer_name;
            size_t n = 0, length = strlen(parts[i]);
            for (int characters = 0; characters < 121; characters += (int)g_utf8_strlen(parts[i], -1)) {
                memcpy(name + n, parts[i], length + 1);
                n += length;
            }
            memcpy(f.a.vehicle.name, name, n + 1);
            f.policy.dealer = name;
            renders(parts[i]);
        }
}

static void every_length_of_schedule_ends_well(void **state)
{
    (void)state;
    for (int months = 12; months <= 96; months += 12)
        for (int k = 0; k < 2; k++) {
            prepare(k ? "USD" : "EUR", k);
            f.deal.term_months = months;
            f.deal.per_year = months % 24 ? 12 : 26;
            renders("a schedule");
        }
}

static void a_character_without_a_font_is_no_document(void **state)
{
    (void)state;
    unsigned char *pdf = NULL;
    size_t n = 0;
    struct pdf_fault why;
    prepare("USD", true);
    snprintf(f.a.customer_name, sizeof f.a.customer_name, "Dana \xf0\x92\x80\x80"); /* cuneiform */
    assert_int_equal(agreement_calculate(&f.a), OFFER_OK);
    assert_false(agreement_pdf(&f.a, &pdf, &n, &why));
    assert_string_equal(why.code, "font_missing");
    assert_non_null(strstr(why.text, "U+12000"));
    assert_null(strstr(why.text, "Dana"));
}

/* ---- Which document ---- */

static void a_contract_needs_what_the_seller_states(void **state)
{
    (void)state;
    struct paper p;
    static const char *const needed[] = { "DEALER_NAME", "DEALER_ADDRESS", "LATE_CHARGE", "SECURITY_INTEREST" };
    static const char *const words[] = { "a name", "an address", "a late charge", "a security interest" };
    prepare("USD", true);
    paper_of(&f.a, &p);
    assert_int_equal(p.kind, PAPER_CONTRACT);
    assert_string_equal(paper_title(&p), "Retail Installment Sale Contract");
    for (size_t k = 0; k < 4; k++) {
        const char *without[16] = { NULL };
        int n = 0;
        char why[100];
        for (size_t i = 0; fixture_stated[i]; i += 2)
            if (strcmp(fixture_stated[i], needed[k])) {
                without[n++] = fixture_stated[i];
                without[n++] = fixture_stated[i + 1];
            }
        assert_true(fixture_policy(without, &f.policy, why, sizeof why));
        paper_of(&f.a, &p);
        assert_int_equal(p.kind, PAPER_QUOTATION);
        assert_string_equal(paper_title(&p), "Quotation");
        if (!strstr(p.reason, words[k]))
            fail_msg("%s is not named: %s", needed[k], p.reason);
    }
    prepare("USD", false);
    paper_of(&f.a, &p);
    assert_non_null(strstr(p.reason, "a name, an address, a late charge or a security interest."));
}

static void the_form_is_that_of_the_law_in_force(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        struct date day;
        enum paper_kind kind;
        const char *law;
    } cases[] = {
        { "EUR", { 2026, 11, 19 }, PAPER_INFORMATION, "Directive 2008/48/EC, Annex II" },
        { "EUR", { 2026, 11, 20 }, PAPER_INFORMATION, "Directive (EU) 2023/2225, Annex I" },
        { "SEK", { 2026, 11, 20 }, PAPER_INFORMATION, "Directive (EU) 2023/2225, Annex I" },
        { "GBP",
          { 2026, 11, 20 },
          PAPER_INFORMATION,
          "the Consumer Credit (Disclosure of Information) Regulations 2010" },
        { "USD", { 2026, 11, 20 }, PAPER_CONTRACT, "Regulation Z" },
        { "KWD", { 2026, 11, 20 }, PAPER_QUOTATION, "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct paper p;
        prepare(cases[i].code, true);
        f.deal.contract = cases[i].day;
        paper_of(&f.a, &p);
        assert_int_equal(p.kind, cases[i].kind);
        if (strncmp(paper_law(&p), cases[i].law, strlen(cases[i].law)) || !*cases[i].law != !*paper_law(&p))
            fail_msg("%s on day %d: %s", cases[i].code, cases[i].day.day, paper_law(&p));
    }
}

static void words_are_those_of_the_place(void **state)
{
    (void)state;
    char out[WORDS_SIZE];
    const struct money_currency usd = { "USD", 2 }, kwd = { "KWD", 3 }, yen = { "JPY", 0 };
    const struct date day = { 2026, 11, 28 };
    assert_string_equal(words_money(-100000, &usd, out), "\xe2\x88\x92$1,000.00");
    assert_string_equal(words_money(1105976125, &kwd, out), "KWD\xc2\xa0"
                                                            "1,105,976.125");
    assert_string_equal(words_amount(-1105976125, &kwd, out), "\xe2\x88\x92"
                                                              "1,105,976.125");
    assert_string_equal(words_money(3480000, &yen, out), "\xc2\xa5"
                                                         "3,480,000");
    assert_string_equal(words_date(day, WORDS_US, out), "November\xc2\xa0"
                                                        "28,\xc2\xa0"
                                                        "2026");
    assert_string_equal(words_date(day, WORDS_EU, out), "28\xc2\xa0November\xc2\xa0"
                                                        "2026");
    assert_string_equal(words_day(day, WORDS_US, out), "Nov\xc2\xa0"
                                                       "28,\xc2\xa0"
                                                       "2026");
    assert_string_equal(words_percent(0.065, 2, WORDS_US, out), "6.50%");
    assert_string_equal(words_percent(0.0565, 1, WORDS_EU, out), "5.7\xc2\xa0%");
    assert_string_equal(words_percent(0.0564, 1, WORDS_UK, out), "5.6%");
    assert_string_equal(words_rate(35000, WORDS_US, out), "3.5%");
    assert_string_equal(words_distance(21480, WORDS_US, out), "21,480\xc2\xa0miles");
    assert_string_equal(words_distance(1, WORDS_UK, out), "1\xc2\xa0mile");
    assert_string_equal(words_distance(21480, WORDS_EU, out), "21,480\xc2\xa0km");
    static const char *const nth[] = { "1st",  "2nd",  "3rd",  "4th",  "11th", "12th",
                                       "13th", "21st", "22nd", "23rd", "31st" };
    static const int days[] = { 1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 31 };
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        assert_string_equal(words_nth(days[i], out), nth[i]);
}

static void what_is_no_pdf_is_not_finished(void **state)
{
    (void)state;
    unsigned char *out = NULL;
    size_t n = 0;
    assert_false(pdf_finish((const unsigned char *)"no pdf", 6, "en-US", &out, &n));
    assert_null(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_shrink_then_stack_then_fail),
        cmocka_unit_test(texts_apart_are_right),
        cmocka_unit_test(what_is_cut_broken_or_painted_over_is_seen),
        cmocka_unit_test(every_amount_is_printed_whole),
        cmocka_unit_test(every_name_is_printed_whole),
        cmocka_unit_test(every_length_of_schedule_ends_well),
        cmocka_unit_test(a_character_without_a_font_is_no_document),
        cmocka_unit_test(a_contract_needs_what_the_seller_states),
        cmocka_unit_test(the_form_is_that_of_the_law_in_force),
        cmocka_unit_test(words_are_those_of_the_place),
        cmocka_unit_test(what_is_no_pdf_is_not_finished),
    };
    return cmocka_run_group_tests(tests, open_context, close_context);
}
