/*
 * paper_form.c - what a consumer in the European Union or the United Kingdom is told before a credit agreement, in the
 * order of the form that is in force: Directive (EU) 2023/2225, Annex I, with its key information first, or Directive
 * 2008/48/EC, Annex II, which the United Kingdom's regulations of 2010 keep. The words are our own.
 */
#include <stdio.h>
#include <string.h>

#include "actions/finance_agreement/paper.h"
#include "actions/finance_agreement/text.h"

enum { ROWS = 28, ROW_TEXT = 700 };

/* A heading when `value` is NULL; a row when not; a figure the reader looks for when `strong`. */
struct row {
    const char *label, *figure; /* figure: a strong one above the words, or NULL */
    char words[ROW_TEXT];
    bool heading;
};

struct form {
    const struct paper *p;
    struct row rows[ROWS];
    int n;
    int part; /* number of the last heading */
};

static struct row *add(struct form *f, const char *label)
{
    struct row *r = &f->rows[f->n < ROWS - 1 ? f->n++ : ROWS - 1];
    *r = (struct row){ .label = label };
    return r;
}

static void part(struct form *f, const char *title)
{
    struct row *r = add(f, NULL);
    r->heading = true;
    text_fmt(r->words, sizeof r->words, "%d. %s", ++f->part, title);
}

static void say(struct form *f, const char *label, const char *words)
{
    text_fmt(add(f, label)->words, ROW_TEXT, "%s", words);
}

/* ---- Rows that both orders have ---- */

struct figures {
    char credit[WORDS_SIZE], paid[WORDS_SIZE], rate[WORDS_SIZE], apr[WORDS_SIZE];
};

static void figure(struct form *f, const char *label, const char *value, const char *words)
{
    struct row *r = add(f, label);
    r->figure = value;
    text_fmt(r->words, sizeof r->words, "%s", words);
}

static void creditor(struct form *f, bool address)
{
    const struct policy *policy = f->p->a->policy;
    text_fmt(add(f, "Creditor and seller")->words, ROW_TEXT, "%s%s%s", policy->dealer,
             address && *policy->dealer_address ? ", " : "", address ? policy->dealer_address : "");
}

static void duration(struct form *f)
{
    text_fmt(add(f, "Duration")->words, ROW_TEXT, "%d months", f->p->a->offer.term_months);
}

static void instalments(struct form *f)
{
    const struct paper *p = f->p;
    const struct schedule *s = &p->a->offer.schedule;
    char amount[WORDS_SIZE], last[WORDS_SIZE], when[3 * WORDS_SIZE];
    bool alike = s->final_payment == s->payment || s->count == 1;
    struct row *r = add(f, "Instalments");
    words_money(s->payment, p->currency, amount);
    words_money(s->final_payment, p->currency, last);
    paper_when(p, when);
    if (s->count == 1)
        text_fmt(r->words, ROW_TEXT, "1 of %s. It pays interest first, then the loan.", last);
    else if (alike)
        text_fmt(r->words, ROW_TEXT, "%d of %s. %s. Each pays interest first, then the loan.", s->count, amount, when);
    else
        text_fmt(r->words, ROW_TEXT, "%d of %s, then 1 of %s%s. %s. Each pays interest first, then the loan.",
                 s->count - 1, amount, last, p->a->offer.loan.balloon ? ", the balloon included" : "", when);
}

static void goods(struct form *f)
{
    const struct paper *p = f->p;
    const struct offer *o = &p->a->offer;
    char state[600], vin[160], distance[WORDS_SIZE], price[WORDS_SIZE], down[WORDS_SIZE];
    paper_vehicle(p, state, vin, distance);
    text_fmt(add(f, "Goods and cash price")->words, ROW_TEXT,
             "%.300s \xc2\xb7 %.200s%s%.100s%s%s \xc2\xb7 %s, of which %s is paid down", p->a->vehicle.name, state,
             *vin ? " \xc2\xb7 " : "", vin, *distance ? " \xc2\xb7 " : "", distance,
             words_money(o->build.agreed, p->currency, price), words_money(o->build.down_total, p->currency, down));
}

static void late(struct form *f)
{
    const char *charge = f->p->a->policy->late_charge;
    text_fmt(add(f, "If you pay late")->words, ROW_TEXT, "%s Missed payments can make later credit harder to get.",
             *charge ? charge : "Not stated by the creditor.");
}

static void apr(struct form *f, const struct figures *v)
{
    char day[WORDS_SIZE], words[ROW_TEXT];
    text_fmt(words, sizeof words,
             "The whole cost as a yearly share of the credit, to compare offers. Assumes payout on %s and every "
             "instalment on "
             "its day.",
             words_date(f->p->a->deal->contract, f->p->place, day));
    figure(f, "Annual percentage rate of charge (APR)", v->apr, words);
}

static void rate(struct form *f, const struct figures *v)
{
    text_fmt(add(f, "Borrowing rate")->words, ROW_TEXT, "%s a year, fixed for all %d months", v->rate,
             f->p->a->offer.term_months);
}

static void other_costs(struct form *f)
{
    char fee[WORDS_SIZE];
    say(f, "Must you take insurance or another service?", "No");
    if (f->p->a->offer.price.finance_fee)
        text_fmt(add(f, "Other costs")->words, ROW_TEXT,
                 "Origination fee %s, financed with the credit and within the APR",
                 words_money(f->p->a->offer.price.finance_fee, f->p->currency, fee));
}

static void security(struct form *f)
{
    const char *security = f->p->a->policy->security_interest;
    say(f, "Security", *security ? security : "Not stated by the creditor.");
}

static void kind_and_payout(struct form *f)
{
    say(f, "Type of credit",
        f->p->a->offer.loan.balloon ? "Loan in instalments with a balloon, tied to the purchase of goods"
                                    : "Loan in instalments, tied to the purchase of goods");
    say(f, "Paid out", "To the seller, when the vehicle is handed over");
}

static void rights(struct form *f)
{
    part(f, "Your rights");
    say(f, "Withdrawal", "Within 14 days of the agreement, without a reason");
    say(f, "Early repayment", "At any time, in full or in part. What is repaid early bears no more interest.");
    say(f, "Database",
        "If a search of a database is why credit is refused, you are told so at once and free of charge");
    say(f, "Draft agreement", "A copy on request, free of charge, unless the creditor does not wish to go on");
}

/* ---- The two orders ---- */

static void order_of_2023(struct form *f, const struct figures *v)
{
    part(f, "Key information");
    creditor(f, false);
    figure(f, "Total amount of credit", v->credit, "");
    duration(f);
    rate(f, v);
    apr(f, v);
    figure(f, "Total amount you will have to pay", v->paid, "Total amount of credit and all costs of the credit");
    goods(f);
    late(f);
    part(f, "The credit in detail");
    creditor(f, true);
    say(f, "Consumer", f->p->a->customer_name);
    kind_and_payout(f);
    instalments(f);
    security(f);
    other_costs(f);
    rights(f);
}

static void order_of_2008(struct form *f, const struct figures *v)
{
    part(f, "Who gives the credit");
    creditor(f, true);
    say(f, "Consumer", f->p->a->customer_name);
    part(f, "The credit");
    kind_and_payout(f);
    figure(f, "Total amount of credit", v->credit, "");
    duration(f);
    instalments(f);
    figure(f, "Total amount you will have to pay", v->paid, "Total amount of credit and all costs of the credit");
    goods(f);
    security(f);
    part(f, "What the credit costs");
    rate(f, v);
    apr(f, v);
    other_costs(f);
    late(f);
    rights(f);
}

/* ---- On paper ---- */

static double heading_row(struct pdf *pdf, const struct row *r, double y)
{
    double x = pdf_left(pdf), w = pdf_width(pdf), h = 19;
    pdf_box(pdf, PDF_FILL, x, y, w, h);
    pdf_begin(pdf, "TH");
    pdf_text(pdf, PDF_LABEL_SECOND, PDF_INK, PDF_LEFT, x + 9, y + 4, w - 18, r->words);
    pdf_end(pdf, "TH");
    return h;
}

static double value_row(struct pdf *pdf, const struct row *r, double y)
{
    double x = pdf_left(pdf), w = pdf_width(pdf), side = w * .33, pad = 3.6, h = pad;
    bool strong = r->figure;
    pdf_begin(pdf, "TH");
    double label =
        pad + pdf_text(pdf, strong ? PDF_STRONG : PDF_BODY, PDF_INK, PDF_LEFT, x + 9, y + h, side - 15, r->label);
    pdf_end(pdf, "TH");
    pdf_begin(pdf, "TD");
    if (strong)
        h += pdf_figure(pdf, PDF_FORM_FIGURE, 0, PDF_INK, PDF_LEFT, x + side, y + h, w - side - 9, r->figure);
    if (*r->words)
        h += pdf_text(pdf, strong ? PDF_SMALL : PDF_BODY, PDF_INK, PDF_LEFT, x + side, y + h, w - side - 9, r->words);
    pdf_end(pdf, "TD");
    return (label > h ? label : h) + pad;
}

/* A row; of a heading also the one below it, so that none stands alone at the end of a page. */
static void form_row(struct pdf *pdf, const void *ctx)
{
    const struct row *r = ctx;
    double x = pdf_left(pdf), w = pdf_width(pdf), top = pdf_y(pdf);
    pdf_begin(pdf, "TR");
    double h = r->heading ? heading_row(pdf, r, top) : value_row(pdf, r, top);
    pdf_end(pdf, "TR");
    pdf_rule(pdf, x, top, w, r->heading ? 0.75 : 0.5, r->heading ? PDF_INK : PDF_LINE);
    pdf_rule(pdf, x, top + h, w, r->heading ? 0.75 : 0.5, r->heading ? PDF_INK : PDF_LINE);
    pdf_upright(pdf, x, top, h, 0.75);
    pdf_upright(pdf, x + w, top, h, 0.75);
    pdf_move(pdf, h);
    if (r->heading)
        form_row(pdf, r + 1);
}

void paper_form(struct pdf *pdf, const struct paper *p)
{
    const struct offer *o = &p->a->offer;
    struct form f = { .p = p };
    struct figures v;
    words_money(o->build.amount_financed, p->currency, v.credit);
    words_money(o->schedule.total_paid, p->currency, v.paid);
    words_rate(o->loan.ppm, p->place, v.rate);
    words_percent(o->apr_eu, 1, p->place, v.apr);
    if (strstr(paper_law(p), "2023/2225"))
        order_of_2023(&f, &v);
    else
        order_of_2008(&f, &v);
    pdf_begin(pdf, "Table");
    for (int i = 0; i < f.n; i += f.rows[i].heading ? 2 : 1)
        pdf_together(pdf, form_row, &f.rows[i]);
    pdf_rule(pdf, pdf_left(pdf), pdf_y(pdf), pdf_width(pdf), 0.75, PDF_INK);
    pdf_end(pdf, "Table");
    pdf_move(pdf, 14);
}
