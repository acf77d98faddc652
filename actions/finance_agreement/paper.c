#include "actions/finance_agreement/paper.h"

#include <stdio.h>
#include <string.h>

#include "actions/finance_agreement/text.h"

enum { PARTIES = 3, PARTY_LINES = 5 };

/* The day from which Member States apply Directive (EU) 2023/2225 (its Article 48). */
static const struct date new_directive = { 2026, 11, 20 };

/* ---- Which document? ---- */

static enum words_place place_of(const char *currency)
{
    static const char union_currencies[] = "EUR CZK DKK HUF PLN RON SEK";
    if (!strcmp(currency, "USD"))
        return WORDS_US;
    if (!strcmp(currency, "GBP"))
        return WORDS_UK;
    return strstr(union_currencies, currency) ? WORDS_EU : WORDS_ELSEWHERE;
}

/* "the seller's name, a late charge or a security interest", "" when nothing is missing. */
static void list_missing(const struct policy *policy, char *out, size_t size)
{
    const struct {
        bool missing;
        const char *words;
    } wanted[] = { { !policy->dealer_named, "a name" },
                   { !*policy->dealer_address, "an address" },
                   { !*policy->late_charge, "a late charge" },
                   { !*policy->security_interest, "a security interest" } };
    int left = 0;
    size_t n = 0;
    *out = '\0';
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        left += wanted[i].missing;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (wanted[i].missing)
            n += (size_t)snprintf(out + n, size - n, "%s%s",
                                  !n          ? ""
                                  : left == 1 ? " or "
                                              : ", ",
                                  wanted[i].words),
                left--;
}

void paper_of(const struct agreement *a, struct paper *out)
{
    char missing[120];
    *out = (struct paper){ .a = a, .currency = &a->deal->currency, .place = place_of(a->deal->currency.code) };
    list_missing(a->policy, missing, sizeof missing);
    if (out->place == WORDS_ELSEWHERE) {
        out->kind = PAPER_QUOTATION;
        text_fmt(out->reason, sizeof out->reason, "There is no contract form for amounts in %s.", out->currency->code);
    } else if (*missing) {
        out->kind = PAPER_QUOTATION;
        text_fmt(out->reason, sizeof out->reason, "It cannot become one yet: the seller has not stated %s.", missing);
    } else {
        out->kind = out->place == WORDS_US ? PAPER_CONTRACT : PAPER_INFORMATION;
    }
}

const char *paper_title(const struct paper *p)
{
    return p->kind == PAPER_QUOTATION  ? "Quotation"
           : p->kind == PAPER_CONTRACT ? "Retail Installment Sale Contract"
           : p->place == WORDS_UK      ? "Pre-contract credit information"
                                       : "Standard European Consumer Credit Information";
}

const char *paper_kind_name(enum paper_kind kind)
{
    static const char *const names[] = { "contract", "quotation", "precontract_information" };
    return names[kind];
}

const char *paper_law(const struct paper *p)
{
    if (p->place == WORDS_US)
        return "Regulation Z, 12 CFR 1026";
    if (p->place == WORDS_UK)
        return "the Consumer Credit (Disclosure of Information) Regulations 2010, Schedule 1";
    if (p->place == WORDS_ELSEWHERE)
        return "";
    return date_days(p->a->deal->contract) >= date_days(new_directive) ? "Directive (EU) 2023/2225, Annex I"
                                                                       : "Directive 2008/48/EC, Annex II";
}

/* ---- The head ---- */

static void notice(struct pdf *pdf, const struct paper *p)
{
    double x = pdf_left(pdf), y = pdf_y(pdf), w = pdf_width(pdf), pad = 9, h = pad;
    pdf_begin(pdf, "P");
    h += pdf_text(pdf, PDF_STRONG, PDF_INK, PDF_LEFT, x + pad, y + h, w - 2 * pad,
                  "This is not a contract and nobody is bound by it.");
    h += 2 + pdf_text(pdf, PDF_BODY, PDF_INK, PDF_LEFT, x + pad, y + h + 2, w - 2 * pad, p->reason) + pad;
    pdf_end(pdf, "P");
    pdf_frame(pdf, x, y, w, h, 1, true);
    pdf_move(pdf, h + 12);
}

void paper_head(struct pdf *pdf, const struct paper *p)
{
    double x = pdf_left(pdf), y = pdf_y(pdf), w = pdf_width(pdf), side = 170;
    char day[WORDS_SIZE];
    pdf_begin(pdf, "P");
    double left = pdf_text(pdf, PDF_BRAND, PDF_MUTED, PDF_LEFT, x, y, w - side - 12, p->a->policy->dealer) + 2;
    pdf_end(pdf, "P");
    pdf_begin(pdf, "P");
    double right = pdf_figure(pdf, PDF_BRAND, 0, PDF_MUTED, PDF_RIGHT, x + w - side, y, side, p->a->number) + 2;
    right += pdf_figure(pdf, PDF_BODY, 0, PDF_INK, PDF_RIGHT, x + w - side, y + right, side,
                        words_date(p->a->deal->contract, p->place, day));
    pdf_end(pdf, "P");
    pdf_begin(pdf, "H1");
    left += pdf_text(pdf, PDF_TITLE, PDF_INK, PDF_LEFT, x, y + left, w - 105, paper_title(p));
    pdf_end(pdf, "H1");
    if (p->place == WORDS_EU || p->place == WORDS_UK) {
        char law[160];
        text_fmt(law, sizeof law, "In the order of %s", paper_law(p));
        pdf_begin(pdf, "P");
        left += 2 + pdf_text(pdf, PDF_SMALL, PDF_MUTED, PDF_LEFT, x, y + left + 2, w - 105, law);
        pdf_end(pdf, "P");
    }
    pdf_move(pdf, (left > right ? left : right) + 12);
    if (p->kind == PAPER_QUOTATION)
        notice(pdf, p);
}

void paper_heading(struct pdf *pdf, const char *text)
{
    double w = pdf_width(pdf), x = pdf_left(pdf);
    pdf_begin(pdf, "H2");
    pdf_move(pdf, pdf_text(pdf, PDF_HEADING, PDF_INK, PDF_LEFT, x, pdf_y(pdf), w, text) + 4);
    pdf_end(pdf, "H2");
}

/* ---- The parties ---- */

void paper_vehicle(const struct paper *p, char state[600], char vin[160], char distance[WORDS_SIZE])
{
    const struct vehicle *v = &p->a->vehicle;
    bool is_new = p->a->deal->request.condition == MARKET_NEW;
    text_fmt(state, 600, "%s%s%s%s%s", is_new ? "New" : "Used", *v->color ? " \xc2\xb7 " : "", v->color,
             *v->fuel ? " \xc2\xb7 " : "", v->fuel);
    text_fmt(vin, 160, "%s%s", *v->vin ? "VIN " : "", v->vin);
    *distance = '\0';
    if (v->mileage >= 0)
        words_distance(v->mileage, p->place, distance);
}

struct party {
    const char *label, *name, *lines[PARTY_LINES];
};

static double party(struct pdf *pdf, const struct party *one, double x, double width, double base)
{
    double y = pdf_y(pdf);
    pdf_begin(pdf, "P");
    y += pdf_text(pdf, PDF_LABEL, PDF_MUTED, PDF_LEFT, x, y, width, one->label) + 1;
    pdf_end(pdf, "P");
    /* names in other scripts are taller; all stand on one line */
    y += base - pdf_baseline(pdf, PDF_STRONG, width, one->name);
    pdf_begin(pdf, "P");
    y += pdf_text(pdf, PDF_STRONG, PDF_INK, PDF_LEFT, x, y, width, one->name);
    for (int i = 0; i < PARTY_LINES; i++)
        if (one->lines[i] && *one->lines[i])
            y += 1 + pdf_text(pdf, PDF_BODY, PDF_INK, PDF_LEFT, x, y + 1, width, one->lines[i]);
    pdf_end(pdf, "P");
    return y;
}

void paper_parties(struct pdf *pdf, const struct paper *p)
{
    static const double shares[PARTIES] = { 1 / 3.1, 1 / 3.1, 1.1 / 3.1 };
    char state[600], vin[160], distance[WORDS_SIZE];
    paper_vehicle(p, state, vin, distance);
    const struct party parties[PARTIES] = {
        { p->kind == PAPER_CONTRACT ? "Buyer" : "Prepared for", p->a->customer_name, { NULL } },
        { "Seller and creditor", p->a->policy->dealer, { p->a->policy->dealer_address } },
        { "Vehicle", p->a->vehicle.name, { state, vin, distance } },
    };
    double x = pdf_left(pdf), w = pdf_width(pdf), base = 0, end = 0;
    pdf_rule(pdf, x, pdf_y(pdf), w, 0.5, PDF_MUTED);
    pdf_move(pdf, 7);
    for (int i = 0; i < PARTIES; i++) {
        double b = pdf_baseline(pdf, PDF_STRONG, w * shares[i] - 12, parties[i].name);
        base = b > base ? b : base;
    }
    for (int i = 0; i < PARTIES; i++) {
        double y = party(pdf, &parties[i], x, w * shares[i] - 12, base);
        end = y > end ? y : end;
        x += w * shares[i];
    }
    pdf_move(pdf, end - pdf_y(pdf) + 11);
}

/* ---- The itemization ---- */

/* Lines of the build-up in the words of a document; the others keep their own. */
static const char *item_label(const struct paper *p, const struct build_line *line, char *out, size_t size)
{
    const struct price_input *in = &p->a->offer.price;
    char a[WORDS_SIZE], b[WORDS_SIZE];
    if (!strcmp(line->code, "price"))
        return "Cash price of the vehicle";
    if (!strcmp(line->code, "down_payment"))
        return "Cash down payment";
    if (!strcmp(line->code, "sales_tax"))
        text_fmt(out, size, "Sales tax, %s", words_rate(in->tax_ppm, p->place, a));
    else if (!strcmp(line->code, "negative_equity"))
        text_fmt(out, size, "Still owed on the vehicle you trade in (%s owed, %s allowed)",
                 words_money(in->trade_payoff, p->currency, a), words_money(in->trade_allowance, p->currency, b));
    else
        return line->label;
    return out;
}

static void item(struct pdf *pdf, const char *label, const char *amount, enum pdf_style style, enum pdf_color rule)
{
    double x = pdf_left(pdf), w = pdf_width(pdf), y = pdf_y(pdf), right = w * .25;
    pdf_rule(pdf, x, y, w, rule == PDF_INK ? 0.8 : 0.5, rule);
    pdf_begin(pdf, "TR");
    pdf_begin(pdf, "TH");
    double h = pdf_text(pdf, style, PDF_INK, PDF_LEFT, x, y + 2.5, w - right - 10, label);
    pdf_end(pdf, "TH");
    pdf_begin(pdf, "TD");
    pdf_figure(pdf, style, 0, PDF_INK, PDF_RIGHT, x + w - right, y + 2.5, right, amount);
    pdf_end(pdf, "TD");
    pdf_end(pdf, "TR");
    pdf_move(pdf, h + 5);
}

void paper_itemization(struct pdf *pdf, const void *ctx)
{
    const struct paper *p = ctx;
    const struct offer *o = &p->a->offer;
    struct build_line lines[BUILD_LINES];
    int n = agreement_build_lines(o, lines);
    char amount[WORDS_SIZE], label[300];
    bool form = p->place == WORDS_EU || p->place == WORDS_UK;
    const char *total = form ? "Total amount of credit" : "Amount Financed";
    paper_heading(pdf, form                         ? "How the total amount of credit is made up"
                       : p->kind == PAPER_QUOTATION ? "How the Amount Financed is made up"
                                                    : "Itemization of the Amount Financed");
    pdf_begin(pdf, "Table");
    for (int i = 0; i < n; i++)
        if (!lines[i].total && strcmp(lines[i].code, "origination_fee"))
            item(pdf, item_label(p, &lines[i], label, sizeof label), words_money(lines[i].amount, p->currency, amount),
                 PDF_BODY, PDF_LINE);
    item(pdf, total, words_money(o->build.amount_financed, p->currency, amount), PDF_STRONG, PDF_INK);
    if (o->price.finance_fee) {
        text_fmt(label, sizeof label, "%s: origination fee, within the %s and not in the %s",
                 form ? "Cost of the credit" : "Prepaid finance charge", form ? "total cost" : "finance charge",
                 form ? "total amount of credit" : "amount financed");
        item(pdf, label, words_money(o->price.finance_fee, p->currency, amount), PDF_SMALL, PDF_LINE);
    }
    pdf_end(pdf, "Table");
    pdf_move(pdf, 12);
}

char *paper_when(const struct paper *p, char out[3 * WORDS_SIZE])
{
    const struct offer *o = &p->a->offer;
    char first[WORDS_SIZE], nth[WORDS_SIZE];
    int day = p->a->deal->first_chosen ? o->first.day : p->a->deal->contract.day;
    words_date(o->first, p->place, first);
    if (o->loan.per_year == 26)
        text_fmt(out, 3 * WORDS_SIZE, "Every two weeks, first on %s", first);
    else
        text_fmt(out, 3 * WORDS_SIZE, "Every month on the %s%s, first on %s", words_nth(day, nth),
                 day > 28 ? " or the month's last day" : "", first);
    return out;
}
