#include "actions/finance_agreement/agreement_pdf.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "actions/finance_agreement/pdf_page.h"
#include "actions/finance_agreement/text.h"

static const double row_height = 14.2, gap = 13, notes_height = 78, signatures_height = 100;

/* One document while it is laid out. */
struct sheet {
    const struct agreement *a;
    const struct money_currency *currency;
};

static char *money(const struct sheet *s, int64_t minor, char *out)
{
    return money_text(minor, s->currency, out);
}

static void heading(struct pdf *pdf, const char *text, double room)
{
    pdf_need(pdf, 22 + room);
    pdf_begin(pdf, "H2");
    double h = pdf_text(pdf, PDF_HEADING, PDF_ACCENT, PDF_LEFT, pdf_left(pdf), pdf_y(pdf), pdf_width(pdf), text);
    pdf_end(pdf, "H2");
    pdf_move(pdf, h + 3);
    pdf_rule(pdf, PDF_LINE, pdf_left(pdf), pdf_y(pdf), pdf_width(pdf), 0.8);
    pdf_move(pdf, 5);
}

enum { FIELDS_A_ROW = 3 };

struct field {
    const char *label, *value;
};

static const char *shown(const char *value)
{
    return *value ? value : "\xe2\x80\x93";
}

/* Labels above values, three in a row; a long value takes more lines, for nothing in an agreement may be cut. Returns
 * the height. */
static double field_row(struct pdf *pdf, const struct field *fields, double x, double y, double width)
{
    double column = width / FIELDS_A_ROW, tallest = 0;
    for (int i = 0; i < FIELDS_A_ROW; i++) {
        pdf_begin(pdf, "P");
        double h = pdf_line(pdf, PDF_LABEL, PDF_MUTED, PDF_LEFT, x + i * column, y, column - 12, fields[i].label) + 0.5;
        pdf_end(pdf, "P");
        pdf_begin(pdf, "P");
        h += pdf_text(pdf, PDF_BODY, PDF_INK, PDF_LEFT, x + i * column, y + h, column - 12, shown(fields[i].value));
        pdf_end(pdf, "P");
        if (h > tallest)
            tallest = h;
    }
    return tallest;
}

static double field_row_height(struct pdf *pdf, const struct field *fields, double width)
{
    double tallest = 0;
    for (int i = 0; i < FIELDS_A_ROW; i++) {
        double h = pdf_height(pdf, PDF_LABEL, width, fields[i].label) + 0.5 +
                   pdf_height(pdf, PDF_BODY, width / FIELDS_A_ROW - 12, shown(fields[i].value));
        if (h > tallest)
            tallest = h;
    }
    return tallest;
}

/* ---- Head: who, what, when ---- */

static void masthead(struct pdf *pdf, const struct sheet *s)
{
    double x = pdf_left(pdf), w = pdf_width(pdf), y = pdf_y(pdf);
    char day[DATE_TEXT_SIZE], line[96];
    pdf_box(pdf, PDF_ACCENT, x, y, w, 3);
    pdf_begin(pdf, "P");
    pdf_line(pdf, PDF_BRAND, PDF_ACCENT, PDF_LEFT, x, y + 13, w * .6, s->a->policy->dealer);
    pdf_line(pdf, PDF_SMALL, PDF_MUTED, PDF_LEFT, x, y + 33, w * .6, s->a->policy->dealer_address);
    pdf_end(pdf, "P");
    pdf_begin(pdf, "P");
    pdf_line(pdf, PDF_STRONG, PDF_INK, PDF_RIGHT, x + w * .6, y + 14, w * .4, s->a->number);
    snprintf(line, sizeof line, "%s", date_long_text(date_of_time(s->a->at), day));
    pdf_line(pdf, PDF_SMALL, PDF_MUTED, PDF_RIGHT, x + w * .6, y + 27, w * .4, line);
    char at[32];
    snprintf(line, sizeof line, "calculated %s", agreement_time(s->a->at, at));
    pdf_line(pdf, PDF_SMALL, PDF_MUTED, PDF_RIGHT, x + w * .6, y + 37.5, w * .4, line);
    pdf_end(pdf, "P");
    pdf_move(pdf, *s->a->policy->dealer_address ? 58 : 54);
    pdf_begin(pdf, "H1");
    double h = pdf_text(pdf, PDF_TITLE, PDF_INK, PDF_LEFT, x, pdf_y(pdf), w, "Vehicle finance agreement");
    pdf_end(pdf, "H1");
    pdf_move(pdf, h + 8);
}

static void parties(struct pdf *pdf, const struct sheet *s)
{
    const struct vehicle *v = &s->a->vehicle;
    double x = pdf_left(pdf), w = pdf_width(pdf), y = pdf_y(pdf), pad = 10, space = 6, height = pad;
    char year[16] = "", mileage[32] = "", text[120];
    if (v->year)
        snprintf(year, sizeof year, "%d, ", v->year);
    if (v->mileage >= 0)
        snprintf(mileage, sizeof mileage, "%d", v->mileage);
    snprintf(text, sizeof text, "%s%s", year, market_condition_name(s->a->deal->request.condition));
    const struct field rows[][FIELDS_A_ROW] = {
        { { "Creditor and seller", s->a->policy->dealer },
          { "Customer", s->a->customer_name },
          { "Customer record", s->a->customer_id } },
        { { "Vehicle", v->name },
          { "Model year and condition", text },
          { *v->vin ? "Vehicle identification number" : "Vehicle record", *v->vin ? v->vin : v->id } },
        { { "Color", v->color }, { "Fuel", v->fuel }, { "Odometer", mileage } },
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    for (int i = 0; i < ROWS; i++)
        height += field_row_height(pdf, rows[i], w - 2 * pad) + (i + 1 < ROWS ? space : pad);
    pdf_box(pdf, PDF_FILL, x, y, w, height);
    double at = y + pad;
    for (int i = 0; i < ROWS; i++)
        at += field_row(pdf, rows[i], x + pad, at, w - 2 * pad) + space;
    pdf_move(pdf, height + gap);
}

/* ---- Disclosures ---- */

/* Where the law's rate is that of the EU and the UK, which is printed with one decimal. */
static bool has_rate_of_charge(const struct sheet *s)
{
    return !strcmp(s->currency->code, "EUR") || !strcmp(s->currency->code, "GBP");
}

struct disclosure {
    const char *label, *figure, *words;
};

static void disclosure_box(struct pdf *pdf, const struct sheet *s)
{
    const struct offer *o = &s->a->offer;
    char apr[MONEY_RATE_SIZE], charge[MONEY_TEXT_SIZE], financed[MONEY_TEXT_SIZE], total[MONEY_TEXT_SIZE],
        sale[MONEY_TEXT_SIZE];
    char down[MONEY_TEXT_SIZE], sale_words[160];
    bool charge_rate = has_rate_of_charge(s);
    if (charge_rate)
        snprintf(apr, sizeof apr, "%.1f%%", floor(o->apr_eu * 1000 + 0.5) / 10);
    else
        snprintf(apr, sizeof apr, "%.2f%%", floor(o->apr_us * 10000 + 0.5) / 100);
    snprintf(sale_words, sizeof sale_words,
             "The total cost of your purchase on credit, including your down payment of %s.",
             money(s, o->build.down_total, down));
    const struct disclosure cells[] = {
        { charge_rate ? "ANNUAL PERCENTAGE RATE OF CHARGE" : "ANNUAL PERCENTAGE RATE", apr,
          "The cost of your credit as a yearly rate." },
        { "FINANCE CHARGE", money(s, o->finance_charge, charge), "The amount the credit will cost you." },
        { "AMOUNT FINANCED", money(s, o->build.amount_financed, financed), "The amount of credit provided to you." },
        { "TOTAL OF PAYMENTS", money(s, o->schedule.total_paid, total),
          "What you will have paid after all payments as scheduled." },
        { "TOTAL SALE PRICE", money(s, o->total_sale_price, sale), sale_words },
    };
    enum { CELLS = sizeof cells / sizeof *cells };
    double x = pdf_left(pdf), w = pdf_width(pdf), cell = w / CELLS, height = 92;
    heading(pdf, strcmp(s->currency->code, "USD") ? "The cost of your credit" : "Truth-in-lending disclosures", height);
    double y = pdf_y(pdf) + 2;
    pdf_frame(pdf, PDF_INK, x, y, w, height, 1.2);
    for (int i = 0; i < CELLS; i++) {
        double at = x + i * cell;
        if (i)
            pdf_box(pdf, PDF_INK, at - 0.3, y, 0.6, height);
        pdf_begin(pdf, "P");
        pdf_text(pdf, PDF_LABEL, PDF_INK, PDF_LEFT, at + 7, y + 7, cell - 12, cells[i].label);
        pdf_end(pdf, "P");
        pdf_begin(pdf, "P");
        pdf_line(pdf, PDF_FIGURE, PDF_INK, PDF_LEFT, at + 7, y + 28, cell - 10, cells[i].figure);
        pdf_end(pdf, "P");
        pdf_begin(pdf, "P");
        pdf_text(pdf, PDF_SMALL, PDF_MUTED, PDF_LEFT, at + 7, y + 48, cell - 12, cells[i].words);
        pdf_end(pdf, "P");
    }
    pdf_move(pdf, height + 2 + 9);
}

/* ---- Tables: a fixed row height, so that pages can be counted without measuring every cell ---- */

struct column {
    const char *head;
    double share; /* of the width */
    enum pdf_align align;
};
enum { COLUMNS = 6 };

static void table_row(struct pdf *pdf, const struct column *columns, int n, const char *const cells[],
                      enum pdf_style style, const char *element)
{
    double x = pdf_left(pdf), w = pdf_width(pdf), y = pdf_y(pdf);
    pdf_move(pdf, row_height);
    if (pdf_dry(pdf))
        return;
    pdf_begin(pdf, "TR");
    for (int i = 0; i < n; i++) {
        double width = columns[i].share * w;
        pdf_begin(pdf, element);
        pdf_line(pdf, style, style == PDF_CELL_HEAD ? PDF_MUTED : PDF_INK, columns[i].align, x + 5, y + 2.2, width - 10,
                 cells[i]);
        pdf_end(pdf, element);
        x += width;
    }
    pdf_end(pdf, "TR");
}

static void table_head(struct pdf *pdf, const struct column *columns, int n)
{
    const char *heads[COLUMNS];
    for (int i = 0; i < n; i++)
        heads[i] = columns[i].head;
    pdf_box(pdf, PDF_FILL, pdf_left(pdf), pdf_y(pdf), pdf_width(pdf), row_height);
    table_row(pdf, columns, n, heads, PDF_CELL_HEAD, "TH");
}

static void payments(struct pdf *pdf, const struct sheet *s)
{
    static const struct column columns[] = { { "Number of payments", .22, PDF_LEFT },
                                             { "Amount of each payment", .26, PDF_RIGHT },
                                             { "When payments are due", .52, PDF_LEFT } };
    const struct offer *o = &s->a->offer;
    char count[16], amount[MONEY_TEXT_SIZE], when[120], first[DATE_TEXT_SIZE], last[DATE_TEXT_SIZE];
    date_long_text(o->first, first);
    date_long_text(o->last, last);
    bool one = o->schedule.final_payment == o->schedule.payment || o->schedule.count == 1;
    heading(pdf, "Your payments", 3 * row_height);
    pdf_begin(pdf, "Table");
    table_head(pdf, columns, 3);
    if (o->schedule.count > 1) {
        snprintf(count, sizeof count, "%d", o->schedule.count - !one);
        snprintf(when, sizeof when, "%s, beginning %s", o->loan.per_year == 26 ? "Every two weeks" : "Monthly", first);
        const char *const cells[] = { count, money(s, o->schedule.payment, amount), when };
        table_row(pdf, columns, 3, cells, PDF_CELL, "TD");
    }
    if (!one || o->schedule.count == 1) {
        snprintf(when, sizeof when, "%s%s", last, o->loan.balloon ? ", the balloon included" : ", the final payment");
        const char *const cells[] = { "1", money(s, o->schedule.final_payment, amount), when };
        table_row(pdf, columns, 3, cells, PDF_CELL, "TD");
    }
    pdf_end(pdf, "Table");
    pdf_rule(pdf, PDF_LINE, pdf_left(pdf), pdf_y(pdf), pdf_width(pdf), 0.6);
    pdf_move(pdf, gap);
}

static void build_up(struct pdf *pdf, const struct sheet *s)
{
    static const struct column columns[] = { { "Line", .70, PDF_LEFT }, { "Amount", .30, PDF_RIGHT } };
    struct build_line lines[BUILD_LINES];
    int n = agreement_build_lines(&s->a->offer, lines);
    char amount[MONEY_TEXT_SIZE];
    heading(pdf, "How the amount is built up", (n + 1) * row_height);
    pdf_begin(pdf, "Table");
    table_head(pdf, columns, 2);
    for (int i = 0; i < n; i++) {
        if (lines[i].total)
            pdf_rule(pdf, PDF_INK, pdf_left(pdf), pdf_y(pdf), pdf_width(pdf), 0.8);
        const char *const cells[] = { lines[i].label, money(s, lines[i].amount, amount) };
        table_row(pdf, columns, 2, cells, lines[i].total ? PDF_CELL_STRONG : PDF_CELL, "TD");
    }
    pdf_end(pdf, "Table");
    pdf_move(pdf, gap);
}

/* ---- Why this rate ---- */

/* How low the dealer could go is the dealer's own affair, unless it is what set the rate. */
static bool for_the_customer(const struct agreement *a, int step)
{
    return step != DECISION_STEP_FLOOR || a->offer.decision.binding == DECISION_FLOOR;
}

static void sentence_list(struct pdf *pdf, const struct agreement *a)
{
    double x = pdf_left(pdf), w = pdf_width(pdf);
    char number[16];
    int shown = 0;
    pdf_begin(pdf, "L");
    for (int i = 0; i < a->rationale_count; i++) {
        const char *text = a->rationale[i];
        if (!for_the_customer(a, i))
            continue;
        double h = pdf_height(pdf, PDF_BODY, w - 18, text);
        pdf_need(pdf, h);
        snprintf(number, sizeof number, "%d.", ++shown);
        pdf_begin(pdf, "LI");
        pdf_line(pdf, PDF_BODY, PDF_MUTED, PDF_LEFT, x, pdf_y(pdf), 16, number);
        pdf_text(pdf, PDF_BODY, PDF_INK, PDF_LEFT, x + 18, pdf_y(pdf), w - 18, text);
        pdf_end(pdf, "LI");
        pdf_move(pdf, h + 2.5);
    }
    pdf_end(pdf, "L");
}

/* "2 minutes ago", "today" or the day that the lender gave. */
static void age_words(const struct market_rate *r, const struct market_source *source, char *out, size_t size)
{
    char day[DATE_TEXT_SIZE];
    if (source->status == MARKET_CACHED)
        snprintf(out, size, "asked %lld min before", (long long)(source->age_s + 59) / 60);
    else if (r->as_of)
        snprintf(out, size, "as of %s", date_text(date_of_time((time_t)r->as_of), day));
    else
        snprintf(out, size, "asked for this agreement");
}

static void sources(struct pdf *pdf, const struct sheet *s)
{
    static const struct column columns[] = { { "Lender", .30, PDF_LEFT },
                                             { "Rate a year", .14, PDF_RIGHT },
                                             { "Source", .30, PDF_LEFT },
                                             { "Date", .26, PDF_LEFT } };
    const struct agreement *a = s->a;
    char rate[MONEY_RATE_SIZE], when[64], name[96];
    int shown = a->rate_count < 8 ? a->rate_count : 8;
    pdf_need(pdf, (shown + 2) * row_height);
    pdf_begin(pdf, "Table");
    table_head(pdf, columns, 4);
    for (int i = 0; i < shown; i++) {
        const struct market_rate *r = &a->rates[i];
        const struct market_source *source = &a->market->sources[r->source];
        age_words(r, source, when, sizeof when);
        snprintf(name, sizeof name, "%s%s", source->id, r->interpolated ? ", between two terms" : "");
        const char *const cells[] = { r->lender, money_rate_text(r->ppm, rate), name, when };
        table_row(pdf, columns, 4, cells, PDF_CELL, "TD");
    }
    if (a->offer.has_cell && !a->rate_count) {
        const struct market_row *row = a->offer.cell.row;
        snprintf(when, sizeof when, "%s%s", row->as_of, a->offer.cell.stale ? ", over a year old" : "");
        const char *const cells[] = { "Published average", money_rate_text(a->offer.cell.ppm, rate), row->publisher,
                                      when };
        table_row(pdf, columns, 4, cells, PDF_CELL, "TD");
    }
    pdf_end(pdf, "Table");
    pdf_rule(pdf, PDF_LINE, pdf_left(pdf), pdf_y(pdf), pdf_width(pdf), 0.6);
}

static void rationale(struct pdf *pdf, const struct sheet *s)
{
    char text[200], rate[MONEY_RATE_SIZE], eu[MONEY_RATE_SIZE];
    const struct offer *o = &s->a->offer;
    /* kept together: the reasons and where they come from */
    heading(pdf, "Why this rate",
            20 + 13.3 * s->a->rationale_count + row_height * (1 + (s->a->rate_count < 8 ? s->a->rate_count : 8)));
    snprintf(text, sizeof text, "Contract rate %s a year, nominal. Effective yearly rate (EU and UK APRC) %s.",
             money_rate_text(o->loan.ppm, rate), money_rate_text(llround(o->apr_eu * 1000) * 1000, eu));
    pdf_paragraph(pdf, PDF_STRONG, PDF_INK, text, 4);
    sentence_list(pdf, s->a);
    pdf_move(pdf, 4);
    if (s->a->rate_count || o->has_cell)
        sources(pdf, s);
    pdf_move(pdf, gap);
}

/* ---- Notices and signatures ---- */

static void notices(struct pdf *pdf, const struct sheet *s)
{
    char text[700];
    heading(pdf, "Notes", notes_height + signatures_height); /* nobody signs a page that says nothing */
    snprintf(text, sizeof text,
             "Payments and interest are rounded to the smallest unit of %s, halves upward; interest of each period is "
             "counted on the "
             "balance before the payment. The final payment settles what rounding leaves over, so it may differ from "
             "the others%s. The "
             "annual percentage rate follows %s.",
             s->currency->code, s->a->offer.loan.odd_days ? " and carries the interest of the odd first period" : "",
             has_rate_of_charge(s) ? "Directive 2008/48/EC, Annex I, and FCA CONC App 1.2"
                                   : "Regulation Z, 12 CFR 1026, Appendix J (actuarial method)");
    pdf_paragraph(pdf, PDF_SMALL, PDF_MUTED, text, 4);
    pdf_paragraph(
        pdf, PDF_SMALL, PDF_MUTED,
        "Interest is simple: it accrues on the outstanding balance only, so what is paid early lowers the interest.",
        4);
    pdf_paragraph(pdf, PDF_SMALL, PDF_MUTED,
                  "Until both parties have signed, this document is an estimate and not a commitment to lend: credit "
                  "approval, taxes and "
                  "fees that an authority sets, and the value of a trade-in remain subject to confirmation. It is not "
                  "legal advice.",
                  gap - 4);
}

static void signature(struct pdf *pdf, double x, double y, double width, const char *who, const char *name)
{
    double date_width = width * .30;
    pdf_rule(pdf, PDF_INK, x, y, width - date_width - 12, 0.8);
    pdf_rule(pdf, PDF_INK, x + width - date_width, y, date_width, 0.8);
    pdf_begin(pdf, "P");
    double h = pdf_line(pdf, PDF_SMALL, PDF_MUTED, PDF_LEFT, x, y + 4, width - date_width - 12, who);
    pdf_text(pdf, PDF_STRONG, PDF_INK, PDF_LEFT, x, y + 4 + h, width - date_width - 12, name);
    pdf_line(pdf, PDF_SMALL, PDF_MUTED, PDF_LEFT, x + width - date_width, y + 4, date_width, "Date");
    pdf_end(pdf, "P");
}

static void signatures(struct pdf *pdf, const struct sheet *s)
{
    double x = pdf_left(pdf), half = (pdf_width(pdf) - 30) / 2;
    heading(pdf, "Signatures", signatures_height - 22);
    double y = pdf_y(pdf) + 40;
    signature(pdf, x, y, half, "Customer", s->a->customer_name);
    signature(pdf, x + half + 30, y, half, "For the creditor and seller", s->a->policy->dealer);
    pdf_move(pdf, signatures_height - 22);
}

/* ---- The full schedule ---- */

enum { SCHEDULE_START = 16 }; /* rows that must follow the heading on its page */

static const struct column schedule_columns[] = { { "No.", .08, PDF_RIGHT },       { "Due", .17, PDF_LEFT },
                                                  { "Payment", .18, PDF_RIGHT },   { "Interest", .18, PDF_RIGHT },
                                                  { "Principal", .19, PDF_RIGHT }, { "Balance", .20, PDF_RIGHT } };

static void schedule_row(struct pdf *pdf, const struct sheet *s, int k)
{
    if (pdf_dry(pdf)) {
        pdf_move(pdf, row_height);
        return;
    }
    const struct schedule_row *r = &s->a->rows[k - 1];
    char number[16], day[DATE_TEXT_SIZE], payment[MONEY_TEXT_SIZE], interest[MONEY_TEXT_SIZE],
        principal[MONEY_TEXT_SIZE], balance[MONEY_TEXT_SIZE];
    snprintf(number, sizeof number, "%d", k);
    const char *const cells[] = { number,
                                  date_text(agreement_due(s->a->deal, k), day),
                                  money(s, r->payment, payment),
                                  money(s, r->interest, interest),
                                  money(s, r->principal, principal),
                                  money(s, r->balance, balance) };
    if (k % 2 == 0)
        pdf_box(pdf, PDF_STRIPE, pdf_left(pdf), pdf_y(pdf), pdf_width(pdf), row_height);
    table_row(pdf, schedule_columns, COLUMNS, cells, PDF_CELL, "TD");
}

static void schedule(struct pdf *pdf, const struct sheet *s)
{
    const struct schedule *sum = &s->a->offer.schedule;
    char payment[MONEY_TEXT_SIZE], interest[MONEY_TEXT_SIZE], principal[MONEY_TEXT_SIZE];
    heading(pdf, "Payment schedule", (sum->count < SCHEDULE_START ? sum->count + 2 : SCHEDULE_START) * row_height);
    pdf_begin(pdf, "Table");
    table_head(pdf, schedule_columns, COLUMNS);
    for (int k = 1; k <= sum->count; k++) {
        if (pdf_need(pdf, k == sum->count ? 2 * row_height : row_height))
            table_head(pdf, schedule_columns, COLUMNS);
        schedule_row(pdf, s, k);
    }
    pdf_rule(pdf, PDF_INK, pdf_left(pdf), pdf_y(pdf), pdf_width(pdf), 0.8);
    const char *const cells[] = { "",
                                  "Total",
                                  money(s, sum->total_paid, payment),
                                  money(s, sum->total_interest, interest),
                                  money(s, s->a->offer.build.principal, principal),
                                  "" };
    table_row(pdf, schedule_columns, COLUMNS, cells, PDF_CELL_STRONG, "TD");
    pdf_end(pdf, "Table");
}

static void layout(struct pdf *pdf, void *ctx)
{
    const struct sheet *s = ctx;
    pdf_begin(pdf, "Document");
    masthead(pdf, s);
    parties(pdf, s);
    disclosure_box(pdf, s);
    payments(pdf, s);
    build_up(pdf, s);
    rationale(pdf, s);
    notices(pdf, s);
    signatures(pdf, s);
    schedule(pdf, s);
    pdf_end(pdf, "Document");
}

bool agreement_pdf_start(char *why, size_t size)
{
    return pdf_start(why, size);
}

bool agreement_pdf(const struct agreement *a, unsigned char **pdf, size_t *length, char *why, size_t size)
{
    struct sheet sheet = { a, &a->deal->currency };
    char title[2 * NAME], subject[3 * NAME], footer[2 * NAME];
    text_fmt(title, sizeof title, "Finance agreement %s", a->number);
    text_fmt(subject, sizeof subject, "%s for %s", a->vehicle.name, a->customer_name);
    text_fmt(footer, sizeof footer, "%s \xc2\xb7 Finance agreement %s", a->policy->dealer, a->number);
    const struct pdf_info info = { .title = title,
                                   .author = a->policy->dealer,
                                   .subject = subject,
                                   .footer = footer,
                                   .created = a->at,
                                   .a4 = strcmp(a->deal->currency.code, "USD") != 0 };
    return pdf_render(&info, layout, &sheet, pdf, length, why, size);
}
