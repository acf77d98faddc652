/*
 * agreement.h - all that one finished calculation knows: what the answer and the document are made of.
 */
#ifndef FINANCE_AGREEMENT_H
#define FINANCE_AGREEMENT_H

#include "actions/finance_agreement/intake.h"

enum { AGREEMENT_NUMBER = 32, AGREEMENT_HASH = 65 };

struct document {
    const char *status; /* "stored", "failed", "not_requested"; static */
    char content_version[SF_ID_SIZE];
    char title[255];
    char sha256[AGREEMENT_HASH];
    size_t bytes;
    char failure_code[32], failure[SENTENCE]; /* "" unless failed */
    const char *kind;                         /* static; NULL: none was asked for */
    char kind_reason[240];                    /* of a quotation */
};

struct agreement {
    char number[AGREEMENT_NUMBER];
    char snapshot[17]; /* identifies quotes and rules behind the rate */
    time_t at;
    const struct policy *policy;
    const struct deal *deal;
    char customer_id[SF_ID_SIZE], customer_name[NAME];
    struct vehicle vehicle;
    struct market *market;
    struct offer offer;
    struct schedule_row *rows; /* offer.schedule.count of them */
    struct market_rate rates[OFFER_RATES];
    int rate_count;
    char rationale[DECISION_STEPS][DECISION_SENTENCE];
    int rationale_count;
    struct offer alternatives[OFFER_ALTERNATIVES];
    int alternative_count;
    struct warnings warnings;
    struct document document;
};

/* One line of the price build-up; the amount is what it adds to the principal. */
struct build_line {
    const char *code, *label; /* static */
    int64_t amount;
    bool total;
};
enum { BUILD_LINES = 13 };
/* Fills `out`, leaving out lines of zero; returns how many. A trade-in that is worth less than its loan is one line. */
int agreement_build_lines(const struct offer *offer, struct build_line out[BUILD_LINES]);

/* Due date of row k (1 is the first). */
struct date agreement_due(const struct deal *deal, int k);

/* SHA-256 as 64 lower-case hex digits. */
void agreement_hash(const void *p, size_t n, char out[AGREEMENT_HASH]);

/* Calculates offer, alternatives and rationale from deal, policy and market, which are set. `rows` has
 * SCHEDULE_MAX_ROWS. */
enum offer_fault agreement_calculate(struct agreement *a) __attribute__((warn_unused_result));

/* Hash of the quotes and rules that decided. */
void agreement_snapshot(struct agreement *a);

/* "2026-11-23T09:30:00Z"; returns `out`. */
char *agreement_time(time_t t, char out[32]);

#endif
