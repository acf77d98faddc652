/* paper_schedule.c - every payment, and after the last one what is promised and signed: no page of a row or two, and no
 * signature apart from what it is for. */
#include <stdio.h>
#include <string.h>

#include "actions/finance_agreement/paper.h"
#include "actions/finance_agreement/text.h"

enum { COLUMNS = 6, KEEP = 4 /* rows that stay together at the begin and at the end */ };

static const double cell_most = 8.4, cell_least = 5.5, slack = 0.5 /* of widths that are rounded */, row_height = 14.2;

static const struct {
    const char *head;
    double share;
    enum pdf_align align;
} columns[COLUMNS] = { { "No.", .07, PDF_RIGHT },      { "Due", .16, PDF_LEFT },        { "Payment", .18, PDF_RIGHT },
                       { "Interest", .18, PDF_RIGHT }, { "Principal", .20, PDF_RIGHT }, { "Balance", .21, PDF_RIGHT } };

struct table {
    const struct paper *p;
    double size; /* of all cells, so that the widest fits */
    int from;    /* first row of the block that stays together */
};

static void row(struct pdf *pdf, const struct table *t, const char *const cells[COLUMNS], enum pdf_style style,
                const char *element)
{
    double x = pdf_left(pdf), w = pdf_width(pdf), y = pdf_y(pdf);
    pdf_begin(pdf, "TR");
    for (int i = 0; i < COLUMNS; i++) {
        double width = columns[i].share * w;
        pdf_begin(pdf, element);
        pdf_figure(pdf, style, style == PDF_CELL_HEAD ? 0 : t->size, style == PDF_CELL_HEAD ? PDF_MUTED : PDF_INK,
                   columns[i].align, x + 4, y + 2.2, width - 8, cells[i]);
        pdf_end(pdf, element);
        x += width;
    }
    pdf_end(pdf, "TR");
    pdf_move(pdf, row_height);
}

static void head(struct pdf *pdf, const struct table *t)
{
    const char *heads[COLUMNS];
    for (int i = 0; i < COLUMNS; i++)
        heads[i] = columns[i].head;
    pdf_box(pdf, PDF_FILL, pdf_left(pdf), pdf_y(pdf), pdf_width(pdf), row_height);
    row(pdf, t, heads, PDF_CELL_HEAD, "TH");
}

static void payment(struct pdf *pdf, const struct table *t, int k)
{
    const struct paper *p = t->p;
    const struct schedule_row *r = &p->a->rows[k - 1];
    char number[16], day[WORDS_SIZE], paid[WORDS_SIZE], interest[WORDS_SIZE], principal[WORDS_SIZE],
        balance[WORDS_SIZE];
    snprintf(number, sizeof number, "%d", k);
    const char *const cells[COLUMNS] = { number,
                                         words_day(agreement_due(p->a->deal, k), p->place, day),
                                         words_amount(r->payment, p->currency, paid),
                                         words_amount(r->interest, p->currency, interest),
                                         words_amount(r->principal, p->currency, principal),
                                         words_amount(r->balance, p->currency, balance) };
    if (k % 2 == 0)
        pdf_box(pdf, PDF_STRIPE, pdf_left(pdf), pdf_y(pdf), pdf_width(pdf), row_height);
    row(pdf, t, cells, PDF_CELL, "TD");
}

static void sum(struct pdf *pdf, const struct table *t)
{
    const struct schedule *s = &t->p->a->offer.schedule;
    char paid[WORDS_SIZE], interest[WORDS_SIZE], principal[WORDS_SIZE];
    const char *const cells[COLUMNS] = { "",
                                         "Total",
                                         words_amount(s->total_paid, t->p->currency, paid),
                                         words_amount(s->total_interest, t->p->currency, interest),
                                         words_amount(t->p->a->offer.build.principal, t->p->currency, principal),
                                         "" };
    pdf_rule(pdf, pdf_left(pdf), pdf_y(pdf), pdf_width(pdf), 0.8, PDF_INK);
    row(pdf, t, cells, PDF_CELL_STRONG, "TD");
}

/* One size at which the widest amount fits the narrowest column of amounts: that of the totals and of the balance. */
static double cell_size(struct pdf *pdf, const struct paper *p)
{
    const struct offer *o = &p->a->offer;
    const int64_t amounts[COLUMNS] = { [2] = o->schedule.total_paid,
                                       [3] = o->schedule.total_interest,
                                       [4] = o->build.principal,
                                       [5] = o->build.principal };
    double size = cell_most;
    char text[WORDS_SIZE];
    for (int i = 2; i < COLUMNS; i++) {
        double width = pdf_figure_width(pdf, PDF_CELL_STRONG, words_amount(amounts[i], p->currency, text));
        double fits = (columns[i].share * pdf_width(pdf) - 8 - slack) / width;
        size = fits < size ? fits : size;
    }
    if (size < cell_least)
        pdf_fail(pdf, "figures_do_not_fit",
                 "The amounts of the payment table are wider than its columns; the figures of the answer are right");
    return size;
}

/* ---- What stands after the last payment ---- */

static void promise(struct pdf *pdf, const struct paper *p)
{
    char text[700], rate[WORDS_SIZE];
    pdf_move(pdf, 12);
    paper_heading(pdf, "Promise to pay");
    text_fmt(
        text, sizeof text,
        "You promise to pay the seller and creditor each payment listed above on the day it is due. Interest is %s a "
        "year on the unpaid balance. If you do not pay when a payment is due you are in default; the creditor may "
        "then, as far as the law allows, demand the whole unpaid balance and use the security named on page 1. "
        "What you pay early lowers the balance and the interest on it.",
        words_rate(p->a->offer.loan.ppm, p->place, rate));
    pdf_paragraph(pdf, PDF_BODY, PDF_INK, text, 0);
}

static double signature(struct pdf *pdf, double x, double y, double width, const char *who, const char *name,
                        double base)
{
    double date = width * .28, room = width - date - 12;
    pdf_rule(pdf, x, y, room, 0.8, PDF_INK);
    pdf_rule(pdf, x + width - date, y, date, 0.8, PDF_INK);
    pdf_begin(pdf, "P");
    double h = 4 + pdf_text(pdf, PDF_SMALL, PDF_MUTED, PDF_LEFT, x, y + 4, room, who);
    pdf_text(pdf, PDF_SMALL, PDF_MUTED, PDF_LEFT, x + width - date, y + 4, date, "Date");
    h += base - pdf_baseline(pdf, PDF_STRONG, room, name);
    h += pdf_text(pdf, PDF_STRONG, PDF_INK, PDF_LEFT, x, y + h, room, name);
    pdf_end(pdf, "P");
    return h;
}

static void signatures(struct pdf *pdf, const struct paper *p)
{
    double x = pdf_left(pdf), half = (pdf_width(pdf) - 30) / 2, room = half * .72 - 12;
    const char *buyer = p->a->customer_name, *seller = p->a->policy->dealer;
    double base = pdf_baseline(pdf, PDF_STRONG, room, buyer), other = pdf_baseline(pdf, PDF_STRONG, room, seller);
    base = other > base ? other : base;
    double y = pdf_y(pdf) + 46;
    double left = signature(pdf, x, y, half, "Buyer", buyer, base);
    double right = signature(pdf, x + half + 30, y, half, "For the seller and creditor", seller, base);
    pdf_move(pdf, 46 + (left > right ? left : right));
}

static void notes(struct pdf *pdf, const struct paper *p)
{
    char text[700], rate[WORDS_SIZE];
    pdf_move(pdf, 8);
    text_fmt(
        text, sizeof text,
        "Amounts in %s, rounded to its smallest unit, halves upward. Interest at %s a year is counted for each period "
        "on the balance before the payment%s. The last payment settles what rounding leaves over.%s%s%s",
        p->currency->code, words_rate(p->a->offer.loan.ppm, p->place, rate),
        p->a->offer.loan.odd_days ? ", for the days of the first one as they are" : "",
        p->kind == PAPER_QUOTATION ? " An estimate: credit approval, taxes, fees of authorities and the value of a "
                                     "trade-in remain to be confirmed."
                                   : "",
        *paper_law(p) ? " Rates and their form follow " : "", paper_law(p));
    if (*paper_law(p))
        text_fmt(text + strlen(text), sizeof text - strlen(text), ".");
    pdf_paragraph(pdf, PDF_SMALL, PDF_MUTED, text, 0);
}

/* The last rows, their sum, and what is signed for them. */
static void end(struct pdf *pdf, const void *ctx)
{
    const struct table *t = ctx;
    if (pdf_at_top(pdf))
        head(pdf, t);
    for (int k = t->from; k <= t->p->a->offer.schedule.count; k++)
        payment(pdf, t, k);
    sum(pdf, t);
    pdf_end(pdf, "Table");
    notes(pdf, t->p);
    if (t->p->kind == PAPER_CONTRACT) {
        promise(pdf, t->p);
        signatures(pdf, t->p);
    }
}

static void begin(struct pdf *pdf, const void *ctx)
{
    const struct table *t = ctx;
    paper_heading(pdf, "Every payment");
    pdf_begin(pdf, "Table");
    head(pdf, t);
    for (int k = 1; k < t->from; k++)
        payment(pdf, t, k);
}

/* All of a short schedule. */
static void whole(struct pdf *pdf, const void *ctx)
{
    const struct table *t = ctx;
    struct table rows = *t;
    rows.from = 1;
    begin(pdf, &rows);
    end(pdf, &rows);
}

void paper_schedule(struct pdf *pdf, const struct paper *p)
{
    int count = p->a->offer.schedule.count, k = KEEP + 1;
    struct table t = { p, cell_size(pdf, p), KEEP + 1 };
    if (count <= 2 * KEEP) {
        pdf_together(pdf, whole, &t);
        return;
    }
    pdf_together(pdf, begin, &t);
    for (; k <= count - KEEP; k++) {
        if (!pdf_fits(pdf, row_height)) {
            pdf_new_page(pdf);
            head(pdf, &t);
        }
        payment(pdf, &t, k);
    }
    t.from = k;
    pdf_together(pdf, end, &t);
}
