/*
 * paper.h - which document an agreement becomes, and the parts that all of them have.
 *
 * A contract binds, so it is made only where its form is known and the seller has stated what the law wants in it;
 * everything else is a quotation that says so.
 */
#ifndef FINANCE_PAPER_H
#define FINANCE_PAPER_H

#include "actions/finance_agreement/agreement.h"
#include "actions/finance_agreement/pdf_page.h"
#include "actions/finance_agreement/words.h"

enum { PAPER_REASON = 240 };

struct paper {
    const struct agreement *a;
    const struct money_currency *currency;
    enum words_place place;
    enum paper_kind { PAPER_CONTRACT, PAPER_QUOTATION, PAPER_INFORMATION } kind;
    char reason[PAPER_REASON]; /* of a quotation: why it is no more than that */
};

/* Decides the document by currency and settings. */
void paper_of(const struct agreement *a, struct paper *out);

const char *paper_title(const struct paper *p);
const char *paper_kind_name(enum paper_kind kind); /* contract, quotation, precontract_information */
/* The law whose form the document follows, for people; "" for none. */
const char *paper_law(const struct paper *p);

/* "2026 Koa Model X" and what is known of it, one line each, "" for none. */
void paper_vehicle(const struct paper *p, char state[600], char vin[160], char distance[WORDS_SIZE]);

/* "Every month on the 28th, first on December 28, 2026". */
char *paper_when(const struct paper *p, char out[3 * WORDS_SIZE]);

/* ---- Parts, each at the place where the last one ended ---- */

void paper_head(struct pdf *pdf, const struct paper *p); /* names, title, why it is a quotation */
void paper_heading(struct pdf *pdf, const char *text);
void paper_parties(struct pdf *pdf, const struct paper *p);
/* How the amount financed is made up; breaks no page. */
void paper_itemization(struct pdf *pdf, const void *paper);
/* Every payment, and after the last one what is promised and signed. */
void paper_schedule(struct pdf *pdf, const struct paper *p);

/* The United States' box, and the form of the European Union and the United Kingdom. Neither breaks a page. */
void paper_us_box(struct pdf *pdf, const void *paper);
void paper_form(struct pdf *pdf, const struct paper *p);

#endif
