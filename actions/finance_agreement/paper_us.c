/*
 * paper_us.c - the disclosure box of a credit sale in the order of model form H-1 (12 CFR 1026, Appendix H): one box
 * and nothing else in it (1026.17(a)(1)), the annual percentage rate and the finance charge more conspicuous than the
 * rest (1026.17(a)(2)).
 */
#include <math.h>
#include <stdio.h>

#include "actions/finance_agreement/paper.h"
#include "actions/finance_agreement/paper_fit.h"
#include "actions/finance_agreement/text.h"

struct box {
    const struct paper *p;
    double x, y, width, line; /* y: where the next part begins; line: thickness of what divides the parts */
    double amounts;           /* width of the column of amounts in the payment schedule */
    struct fit fit;
};

struct cell {
    const char *label, *figure, *words;
};

static double cell(struct pdf *pdf, const struct box *b, const struct cell *c, bool first, double x, double width)
{
    double room = width - 2 * fit_padding, y = b->y + 6, at = x + fit_padding;
    pdf_begin(pdf, "P");
    y += pdf_text(pdf, first ? PDF_LABEL_FIRST : PDF_LABEL_SECOND, PDF_INK, PDF_LEFT, at, y, room, c->label);
    pdf_end(pdf, "P");
    pdf_begin(pdf, "P");
    y += pdf_figure(pdf, first ? PDF_FIGURE : PDF_FIGURE_SECOND, first ? b->fit.first : b->fit.second, PDF_INK,
                    PDF_LEFT, at, y, room, c->figure);
    pdf_end(pdf, "P");
    pdf_begin(pdf, "P");
    y += 1 + pdf_text(pdf, PDF_SMALL, PDF_MUTED, PDF_LEFT, at, y + 1, room, c->words);
    pdf_end(pdf, "P");
    return y + 6;
}

/* Cells side by side, or one below the other. */
static void row(struct pdf *pdf, struct box *b, const struct cell *cells, int n, bool stacked)
{
    bool first = n == FIT_FIRST;
    double x = b->x, end = b->y, begin = b->y;
    for (int i = 0; i < n; i++) {
        double width = stacked ? b->width : first ? b->width * fit_first_share(i) : b->width / n;
        double y = cell(pdf, b, &cells[i], first, x, width);
        end = y > end ? y : end;
        if (stacked) {
            b->y = end;
            if (i + 1 < n)
                pdf_rule(pdf, b->x, end, b->width, b->line, PDF_INK);
        } else {
            x += width;
        }
    }
    x = b->x;
    for (int i = 0; i + 1 < n && !stacked; i++) {
        x += first ? b->width * fit_first_share(i) : b->width / n;
        pdf_upright(pdf, x, begin, end - begin, b->line);
    }
    pdf_rule(pdf, b->x, end, b->width, b->line, PDF_INK);
    b->y = end;
}

static void figures(struct pdf *pdf, struct box *b)
{
    const struct paper *p = b->p;
    const struct offer *o = &p->a->offer;
    char apr[WORDS_SIZE], charge[WORDS_SIZE], financed[WORDS_SIZE], paid[WORDS_SIZE], sale[WORDS_SIZE],
        down[WORDS_SIZE], sale_words[3 * WORDS_SIZE];
    bool quotation = p->kind == PAPER_QUOTATION;
    text_fmt(sale_words, sizeof sale_words, "What you pay in all when you buy on credit, with your down payment of %s.",
             words_money(o->build.down_total, p->currency, down));
    const struct cell cells[FIT_FIGURES] = {
        { "ANNUAL PERCENTAGE RATE", words_percent(o->apr_us, 2, p->place, apr),
          "What your credit costs in a year, as a rate." },
        { "FINANCE CHARGE", words_money(o->finance_charge, p->currency, charge),
          p->place == WORDS_US ? "What the credit costs you over the whole term, in dollars."
                               : "What the credit costs you over the whole term." },
        { "Amount Financed", words_money(o->build.amount_financed, p->currency, financed),
          "The credit given to you or used for you." },
        { "Total of Payments", words_money(o->schedule.total_paid, p->currency, paid),
          quotation ? "What you would have paid once every payment is made."
                    : "What you will have paid once every payment is made." },
        { "Total Sale Price", words_money(o->total_sale_price, p->currency, sale), sale_words },
    };
    double widths[FIT_FIGURES];
    for (int i = 0; i < FIT_FIGURES; i++)
        widths[i] = pdf_figure_width(pdf, i < FIT_FIRST ? PDF_FIGURE : PDF_FIGURE_SECOND, cells[i].figure);
    b->fit = fit_figures(widths, b->width);
    if (b->fit.fault >= 0) {
        pdf_fail(pdf, "figures_do_not_fit", "%s, %s, is wider than the paper; the figures of the answer are right",
                 cells[b->fit.fault].label, cells[b->fit.fault].figure);
        return;
    }
    row(pdf, b, cells, FIT_FIRST, b->fit.first_stacked);
    row(pdf, b, cells + FIT_FIRST, FIT_SECOND, b->fit.second_stacked);
}

/* ---- The payment schedule: a row for each different amount ---- */

static void payment(struct pdf *pdf, struct box *b, const char *const cells[3], bool head, bool rule)
{
    enum pdf_style style = head ? PDF_CELL_HEAD : PDF_CELL;
    double x = b->x + fit_padding, room = b->width - 2 * fit_padding, tallest = 0;
    const double widths[] = { room * .2, b->amounts, room * .8 - b->amounts };
    if (rule)
        pdf_rule(pdf, x, b->y, room, 0.5, PDF_LINE);
    pdf_begin(pdf, "TR");
    for (int i = 0; i < 3; i++) {
        double width = widths[i] - (i == 1 ? 14 : 4);
        enum pdf_align align = i == 1 ? PDF_RIGHT : PDF_LEFT;
        pdf_begin(pdf, head ? "TH" : "TD");
        double h = i == 1 && !head ? pdf_figure(pdf, style, 0, PDF_INK, align, x, b->y + 2.5, width, cells[i])
                                   : pdf_text(pdf, style, PDF_INK, align, x, b->y + 2.5, width, cells[i]);
        pdf_end(pdf, head ? "TH" : "TD");
        tallest = h > tallest ? h : tallest;
        x += widths[i];
    }
    pdf_end(pdf, "TR");
    b->y += tallest + 5;
}

static void payments(struct pdf *pdf, struct box *b)
{
    const struct offer *o = &b->p->a->offer;
    const struct schedule *s = &o->schedule;
    static const char *const heads[3] = { "Number of payments", "Amount of each", "When they are due" };
    char count[16], amount[WORDS_SIZE], when[3 * WORDS_SIZE], last[WORDS_SIZE];
    bool alike = s->count > 1 && s->final_payment == s->payment;
    int64_t most = s->final_payment > s->payment ? s->final_payment : s->payment;
    double wanted =
        16 + pdf_size(PDF_CELL) * pdf_figure_width(pdf, PDF_CELL, words_money(most, b->p->currency, amount));
    b->amounts = fmax(b->width * .24, wanted);
    b->y += 5;
    pdf_begin(pdf, "P");
    b->y += pdf_text(pdf, PDF_LABEL_SECOND, PDF_INK, PDF_LEFT, b->x + fit_padding, b->y, b->width - 2 * fit_padding,
                     "Payment schedule");
    pdf_end(pdf, "P");
    pdf_begin(pdf, "Table");
    payment(pdf, b, heads, true, false);
    if (s->count > 1) {
        snprintf(count, sizeof count, "%d", s->count - !alike);
        const char *const cells[3] = { count, words_money(s->payment, b->p->currency, amount), paper_when(b->p, when) };
        payment(pdf, b, cells, false, false);
    }
    if (!alike) {
        text_fmt(when, sizeof when, "%s%s", words_date(o->last, b->p->place, last),
                 o->loan.balloon ? ", the balloon included" : "");
        const char *const cells[3] = { "1", words_money(s->final_payment, b->p->currency, amount), when };
        payment(pdf, b, cells, false, s->count > 1);
    }
    pdf_end(pdf, "Table");
    b->y += 2;
    pdf_rule(pdf, b->x, b->y, b->width, b->line, PDF_INK);
}

/* ---- What else the law wants in the box ---- */

static void term(struct pdf *pdf, struct box *b, const char *label, const char *words)
{
    double x = b->x + fit_padding, side = 92;
    pdf_begin(pdf, "P");
    pdf_text(pdf, PDF_STRONG, PDF_INK, PDF_LEFT, x, b->y, side - 6, label);
    b->y += pdf_text(pdf, PDF_BODY, PDF_INK, PDF_LEFT, x + side, b->y, b->width - side - 2 * fit_padding, words) + 3;
    pdf_end(pdf, "P");
}

static void terms(struct pdf *pdf, struct box *b)
{
    const struct paper *p = b->p;
    const struct policy *policy = p->a->policy;
    int64_t fee = p->a->offer.price.finance_fee;
    char text[300], amount[WORDS_SIZE];
    bool contract = p->kind == PAPER_CONTRACT;
    b->y += 6;
    if (contract)
        term(pdf, b, "Insurance", "No credit insurance is needed to get this credit, and none is included.");
    term(pdf, b, "Security", *policy->security_interest ? policy->security_interest : "Not stated by the seller.");
    term(pdf, b, "Late charge", *policy->late_charge ? policy->late_charge : "Not stated by the seller.");
    text_fmt(text, sizeof text, "%s%s%s%s",
             contract ? "You may pay early, in full or in part. There is no penalty."
                      : "You could pay early, in full or in part, without a penalty.",
             fee ? " The origination fee of " : "", fee ? words_money(fee, p->currency, amount) : "",
             fee ? " is not refunded." : "");
    term(pdf, b, "Prepayment", text);
    if (contract)
        term(pdf, b, "Contract",
             "The rest of this contract says what happens if you do not pay or are in default, when the whole balance "
             "may fall due early, and how prepayment works.");
    b->y += 3;
}

void paper_us_box(struct pdf *pdf, const void *ctx)
{
    const struct paper *p = ctx;
    bool contract = p->kind == PAPER_CONTRACT;
    double thick = contract ? 1.5 : 0.75, top = pdf_y(pdf), head = 19;
    struct box b = { .p = p, .x = pdf_left(pdf), .y = top, .width = pdf_width(pdf), .line = contract ? 0.75 : 0.5 };
    if (contract)
        pdf_box(pdf, PDF_FILL, b.x, top, b.width, head);
    pdf_begin(pdf, "H2");
    pdf_text(pdf, PDF_LABEL_SECOND, PDF_INK, PDF_LEFT, b.x + fit_padding, top + 4.5, b.width - 2 * fit_padding,
             contract ? "Truth-in-Lending disclosures, required by federal law" : "What this credit would cost");
    pdf_end(pdf, "H2");
    b.y += head;
    pdf_rule(pdf, b.x, b.y, b.width, b.line, PDF_INK);
    figures(pdf, &b);
    payments(pdf, &b);
    terms(pdf, &b);
    pdf_frame(pdf, b.x, top, b.width, b.y - top, thick, false);
    pdf_move(pdf, b.y - top + 14);
}
