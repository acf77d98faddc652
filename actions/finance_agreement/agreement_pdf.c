/* agreement_pdf.c - the pages of the agreement: masthead, parties, disclosures, payments, sentences, signatures. */
#include "actions/finance_agreement/agreement_pdf.h"

#include <string.h>

#include "actions/finance_agreement/paper.h"
#include "actions/finance_agreement/text.h"

/* The seller's and the buyer's page, the box, and below it how its amount financed is made up: whole, on this page or
 * the next. */
static void credit_sale(struct pdf *pdf, const struct paper *p)
{
    paper_parties(pdf, p);
    pdf_together(pdf, paper_us_box, p);
    pdf_together(pdf, paper_itemization, p);
}

static void layout(struct pdf *pdf, const void *ctx)
{
    const struct paper *p = ctx;
    pdf_begin(pdf, "Document");
    paper_head(pdf, p);
    if (p->place == WORDS_EU || p->place == WORDS_UK) {
        paper_form(pdf, p);
        pdf_together(pdf, paper_itemization, p);
    } else {
        credit_sale(pdf, p);
    }
    paper_schedule(pdf, p);
    pdf_end(pdf, "Document");
}

bool agreement_pdf_start(struct pdf_fault *why)
{
    return pdf_start(why);
}

bool agreement_pdf(const struct agreement *a, unsigned char **pdf, size_t *length, struct pdf_fault *why)
{
    struct paper paper;
    char title[200], subject[3 * NAME];
    const struct vehicle *v = &a->vehicle;
    const struct policy *policy = a->policy;
    paper_of(a, &paper);
    const char *const names[] = { a->customer_name,
                                  v->name,
                                  v->color,
                                  v->fuel,
                                  v->vin,
                                  policy->dealer,
                                  policy->dealer_address,
                                  policy->late_charge,
                                  policy->security_interest,
                                  NULL };
    text_fmt(title, sizeof title, "%s %s", paper_title(&paper), a->number);
    text_fmt(subject, sizeof subject, "%s for %s", v->name, a->customer_name);
    const struct pdf_info info = { .title = title,
                                   .author = policy->dealer,
                                   .subject = subject,
                                   .language = paper.place == WORDS_US ? "en-US" : "en-GB",
                                   .foot = a->number,
                                   .foot_more = paper.kind == PAPER_CONTRACT
                                                    ? "Every payment, promise to pay and signatures follow"
                                                    : "Every payment follows. No signature is asked for.",
                                   .names = names,
                                   .created = a->at,
                                   .letter = paper.place == WORDS_US || !strcmp(paper.currency->code, "CAD") };
    return pdf_render(&info, layout, &paper, pdf, length, why);
}
