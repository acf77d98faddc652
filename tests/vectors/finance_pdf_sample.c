/*
 * finance_pdf_sample.c - writes a sample agreement as PDF and its figures as JSON, for the checks on the document.
 *   finance_pdf_sample KIND FILE.pdf FILE.json    KIND: one of `kinds` below
 */
#include <stdlib.h>

#include "actions/finance_agreement/agreement_pdf.h"
#include "actions/finance_agreement/answer.h"
#include "tests/finance_fixture.h"

static void make_full(struct fixture *f)
{
    struct price_input *p = &f->deal.price;
    p->price = 3899500;
    p->discount = 50000;
    p->document_fee = 39900;
    p->title_fee = 28750;
    p->finance_fee = 49500;
    p->tax_ppm = 72500;
    p->manufacturer_rebate = 150000;
    p->trade_allowance = 820000;
    p->trade_payoff = 415000;
    p->down = 400000;
    f->deal.term_months = 72;
    f->deal.customer_max = 90000;
    f->deal.first = date_add_days(f->deal.contract, 45);
    f->deal.first_chosen = true;
    f->a.vehicle.price = p->price;
}

static void in_currency(struct fixture *f, const char *code)
{
    if (!money_currency_find(code, &f->deal.currency))
        exit(1);
    f->a.vehicle.currency = f->deal.currency;
    memcpy(f->deal.request.currency, code, 4);
}

static void make_yen(struct fixture *f)
{
    in_currency(f, "JPY");
    f->deal.price.price = 3480000;
    f->deal.balloon = 1000000;
}

static void make_euro(struct fixture *f)
{
    in_currency(f, "EUR");
    f->deal.price = (struct price_input){ .price = 14899095,
                                          .down = 2000000,
                                          .document_fee = 49900,
                                          .title_fee = 18050,
                                          .finance_fee = 35000,
                                          .tax_ppm = 190000 };
    f->deal.term_months = 84;
    f->a.vehicle.mileage = 21480;
}

/* The day before Directive (EU) 2023/2225 applied. */
static void make_before(struct fixture *f)
{
    make_euro(f);
    f->a.at -= 4 * 86400;
    f->deal.contract = date_of_time(f->a.at);
}

static void make_pound(struct fixture *f)
{
    in_currency(f, "GBP");
    f->a.vehicle.mileage = 21480;
}

static void make_dinar(struct fixture *f)
{
    in_currency(f, "KWD");
    f->deal.price.price = 1310250500;
    f->deal.price.down = 204274375;
    f->a.vehicle.mileage = 20;
}

static void make_large(struct fixture *f)
{
    f->deal.price =
        (struct price_input){ .price = 120000000, .down = 20000000, .tax_ppm = 70000, .finance_fee = 35000 };
    f->deal.term_months = 84;
}

static void make_negative(struct fixture *f)
{
    f->deal.price = (struct price_input){ .price = 1275000, .trade_allowance = 200000, .trade_payoff = 900000 };
    f->deal.term_months = 72;
}

static void make_biweekly(struct fixture *f)
{
    f->deal.per_year = 26;
}

static void make_short(struct fixture *f)
{
    f->deal.term_months = 12;
    f->deal.contract = (struct date){ 2026, 8, 31 };
}

static void make_names(struct fixture *f)
{
    snprintf(f->a.customer_name, sizeof f->a.customer_name, "%s",
             "Zo\xc3\xab (\\) % \xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd "
             "\xce\x93\xce\xb9\xce\xac\xce\xbd\xce\xbd\xce\xb7\xcf\x82 "
             "\xe2\x80\xae>>endobj \x07stream");
    snprintf(f->a.vehicle.name, sizeof f->a.vehicle.name, "%s",
             "2026 Koa Extraordinarily Long Model Name That Does Not Fit Its Column At All, Touring Edition");
}

/* 121 characters, as long as a contact's name may be, without a blank. */
static void make_longest(struct fixture *f)
{
    char *p = f->a.customer_name;
    for (int i = 0; i < 121; i++)
        p[i] = "Wolfeschlegelsteinhausenbergerdorff"[i % 35];
    p[121] = '\0';
    memcpy(f->a.vehicle.name, p, 122);
}

static void make_arabic(struct fixture *f)
{
    snprintf(f->a.customer_name, sizeof f->a.customer_name, "%s",
             "\xd8\xb9\xd8\xa8\xd8\xaf \xd8\xa7\xd9\x84\xd8\xb1\xd8\xad\xd9\x85\xd9\x86 "
             "\xd8\xa7\xd9\x84\xd9\x85\xd8\xb7\xd9\x8a\xd8\xb1\xd9\x8a");
}

static void make_han(struct fixture *f)
{
    snprintf(f->a.customer_name, sizeof f->a.customer_name, "%s",
             "\xe5\xb1\xb1\xe7\x94\xb0 \xe5\xa4\xaa\xe9\x83\x8e \xf0\x9f\x9a\x97");
    snprintf(f->a.vehicle.name, sizeof f->a.vehicle.name, "%s",
             "\xe3\x83\x88\xe3\x83\xa8\xe3\x82\xbf \xe3\x82\xab\xe3\x83\xad\xe3\x83\xbc\xe3\x83\xa9");
}

/* A script that no font of the host's has. */
static void make_missing(struct fixture *f)
{
    snprintf(f->a.customer_name, sizeof f->a.customer_name, "Dana \xf0\x92\x80\x80\xf0\x92\x80\x81");
}

static void make_plain(struct fixture *f)
{
    (void)f;
}

static const struct {
    const char *name;
    bool stated; /* what a contract needs is in the settings */
    void (*make)(struct fixture *f);
} kinds[] = {
    { "plain", false, make_plain },      { "contract", true, make_plain }, { "full", true, make_full },
    { "biweekly", true, make_biweekly }, { "yen", true, make_yen },        { "euro", true, make_euro },
    { "before", true, make_before },     { "quote", false, make_euro },    { "pound", true, make_pound },
    { "dinar", true, make_dinar },       { "large", true, make_large },    { "negative", true, make_negative },
    { "short", true, make_short },       { "names", true, make_names },    { "longest", true, make_longest },
    { "arabic", true, make_arabic },     { "han", true, make_han },        { "missing", true, make_missing },
};

/* NULL when it is none of them. */
static void (*make_of(const char *kind, bool *stated))(struct fixture *)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].name, kind)) {
            *stated = kinds[i].stated;
            return kinds[i].make;
        }
    return NULL;
}

static int write_json(const struct agreement *a, const char *path)
{
    json_t *answer = answer_build(a, true);
    int bad = !answer || json_dump_file(answer, path, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    json_decref(answer);
    return bad;
}

int main(int argc, char **argv)
{
    static const char *const settings[] = { "LIST_RATE", "5.9", NULL };
    static struct fixture f;
    unsigned char *pdf;
    size_t n;
    struct pdf_fault why;
    bool stated = false;
    void (*make)(struct fixture *) = argc == 4 ? make_of(argv[1], &stated) : NULL;
    if (!make || !fixture_init(&f, stated ? fixture_stated : settings))
        return 64;
    make(&f);
    if (agreement_calculate(&f.a) != OFFER_OK || !agreement_pdf(&f.a, &pdf, &n, &why)) {
        fprintf(stderr, "no document: %s: %s\n", why.code, why.text);
        return 1;
    }
    FILE *out = fopen(argv[2], "wb");
    bool ok = out && fwrite(pdf, 1, n, out) == n;
    if (out && fclose(out))
        ok = false;
    free(pdf);
    return !ok || write_json(&f.a, argv[3]);
}
