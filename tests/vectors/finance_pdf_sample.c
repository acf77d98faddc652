/*
 * finance_pdf_sample.c - writes a sample agreement as PDF and its figures as JSON, for the checks on the document.
 *   finance_pdf_sample KIND FILE.pdf FILE.json    KIND: plain, full, biweekly, yen, euro, names
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

static void make_kind(struct fixture *f, const char *kind)
{
    if (!strcmp(kind, "full"))
        make_full(f);
    if (!strcmp(kind, "biweekly"))
        f->deal.per_year = 26;
    if (!strcmp(kind, "yen")) {
        f->deal.currency = f->a.vehicle.currency = (struct money_currency){ "JPY", 0 };
        memcpy(f->deal.request.currency, "JPY", 4);
        f->deal.price.price = 3480000;
        f->deal.balloon = 1000000;
    }
    if (!strcmp(kind, "euro")) {
        f->deal.currency = f->a.vehicle.currency = (struct money_currency){ "EUR", 2 };
        memcpy(f->deal.request.currency, "EUR", 4);
    }
    if (!strcmp(kind, "names")) {
        snprintf(f->a.customer_name, sizeof f->a.customer_name, "%s",
                 "Zo\xc3\xab (\\) % \xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd "
                 "\xce\x93\xce\xb9\xce\xac\xce\xbd\xce\xbd\xce\xb7\xcf\x82 "
                 "\xe2\x80\xae>>endobj \x07stream");
        snprintf(f->a.vehicle.name, sizeof f->a.vehicle.name, "%s",
                 "2026 Koa Extraordinarily Long Model Name That Does Not Fit Its Column At All, Touring Edition");
    }
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
    static const char *const settings[] = { "LIST_RATE", "5.9", "DEALER_ADDRESS", "1200 Harbor Way, Honolulu, HI 96819",
                                            NULL };
    static struct fixture f;
    unsigned char *pdf;
    size_t n;
    char why[200] = "";
    if (argc != 4 || !fixture_init(&f, strcmp(argv[1], "full") ? NULL : settings))
        return 64;
    make_kind(&f, argv[1]);
    if (agreement_calculate(&f.a) != OFFER_OK || !agreement_pdf(&f.a, &pdf, &n, why, sizeof why)) {
        fprintf(stderr, "no document: %s\n", why);
        return 1;
    }
    FILE *out = fopen(argv[2], "wb");
    bool ok = out && fwrite(pdf, 1, n, out) == n;
    if (out && fclose(out))
        ok = false;
    free(pdf);
    return !ok || write_json(&f.a, argv[3]);
}
