/*
 * schedule.h - the level payment of a loan and its repayment schedule, in whole minor units.
 *
 * Interest of a period is half_up(balance * ppm / (10^6 * periods per year)) in integers; the payment is the half-up of
 * the exact annuity; the last payment absorbs what rounding left over and contains the balloon. For every schedule:
 * sum of payments = principal + sum of interest, sum of principal parts = principal, last balance = 0.
 */
#ifndef FINANCE_SCHEDULE_H
#define FINANCE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "actions/finance_agreement/date.h"

enum {
    SCHEDULE_MAX_ROWS = 2080, /* 40 years of weeks */
    SCHEDULE_MAX_PPM = 1000000
};

struct loan {
    int64_t principal; /* minor units, > 0 */
    int64_t balloon;   /* part of the principal that is paid with the last payment; 0 = none */
    int32_t ppm;       /* nominal rate per year */
    int payments;      /* 1 to SCHEDULE_MAX_ROWS */
    int per_year;      /* periods: 12 monthly, 26 biweekly, ... */
    int odd_days;      /* days that the first period is longer (or, negative, shorter) than a whole one; actual/365 */
};

struct schedule_row {
    int64_t payment, interest, principal, balance;
};

struct schedule {
    int64_t payment;       /* the level payment */
    int64_t final_payment; /* the last row's, balloon included */
    int64_t total_paid, total_interest;
    int count; /* rows; fewer than the loan's payments when rounding up a tiny payment clears it early */
};

enum schedule_fault {
    SCHEDULE_OK,
    SCHEDULE_BAD_LOAN,       /* a member is out of its range */
    SCHEDULE_NO_AMORTIZATION /* a payment would not even cover its interest */
};

/*
 * Fills *out and, unless NULL, rows[0 .. out->count); `rows` has room for loan->payments. On a fault *out is untouched,
 * rows are not.
 */
enum schedule_fault schedule_build(const struct loan *loan, struct schedule_row *rows, struct schedule *out)
    __attribute__((warn_unused_result));

/* The level payment alone. The loan must be valid. */
int64_t schedule_payment(const struct loan *loan);

bool schedule_loan_valid(const struct loan *loan);

/*
 * Due date of payment k (1 is the first). With monthly periods the day of `anchor` is kept and clamped to a shorter
 * month's end; `anchor` is the date of payment `anchor_index` (0: the contract date). Weekly periods add 7 days times
 * the weeks.
 */
struct date schedule_due(struct date anchor, int anchor_index, int per_year, int k);

#endif
