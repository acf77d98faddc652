/* schedule.c - level payments, odd days and the rows of a schedule. */
#include "actions/finance_agreement/schedule.h"

#include <math.h>

#include "actions/finance_agreement/money.h"

bool schedule_loan_valid(const struct loan *loan)
{
    return loan->principal > 0 && loan->principal <= MONEY_MAX && loan->balloon >= 0 &&
           loan->balloon < loan->principal && loan->ppm >= 0 && loan->ppm <= SCHEDULE_MAX_PPM && loan->payments >= 1 &&
           loan->payments <= SCHEDULE_MAX_ROWS && loan->per_year >= 1 && loan->per_year <= 366 &&
           loan->odd_days > -366 && loan->odd_days < 3660;
}

int64_t schedule_payment(const struct loan *loan)
{
    if (loan->ppm == 0)
        return money_half_up(loan->principal - loan->balloon, loan->payments);
    long double r = (long double)loan->ppm / (1e6L * loan->per_year);
    long double log_v = -loan->payments * log1pl(r);
    /* expm1 keeps the digits of 1 - v that a small rate would cancel away */
    return money_round((loan->principal - loan->balloon * expl(log_v)) * r / -expm1l(log_v));
}

static int64_t odd_interest(const struct loan *loan)
{
    return money_half_up((__int128)loan->principal * loan->ppm * loan->odd_days, INT64_C(365) * MONEY_PPM);
}

enum schedule_fault schedule_build(const struct loan *loan, struct schedule_row *rows, struct schedule *out)
{
    if (!schedule_loan_valid(loan))
        return SCHEDULE_BAD_LOAN;
    struct schedule s = { .payment = schedule_payment(loan) };
    int64_t balance = loan->principal, den = (int64_t)MONEY_PPM * loan->per_year, odd = odd_interest(loan);
    for (int k = 1; k <= loan->payments && balance; k++) {
        int64_t interest = money_half_up((__int128)balance * loan->ppm, den);
        if (k == 1 && interest + odd > 0)
            interest += odd;
        else if (k == 1)
            interest = 0;
        int64_t payment = s.payment;
        if (k == loan->payments || payment > balance + interest)
            payment = balance + interest;
        if (payment <= interest)
            return SCHEDULE_NO_AMORTIZATION;
        balance -= payment - interest;
        if (rows)
            rows[k - 1] = (struct schedule_row){ payment, interest, payment - interest, balance };
        s.total_interest += interest;
        s.total_paid += payment;
        s.final_payment = payment;
        s.count = k;
    }
    *out = s;
    return SCHEDULE_OK;
}

struct date schedule_due(struct date anchor, int anchor_index, int per_year, int k)
{
    int steps = k - anchor_index;
    if (per_year <= 12 && 12 % per_year == 0)
        return date_add_months(anchor, steps * (12 / per_year));
    if (per_year == 26 || per_year == 52)
        return date_add_days(anchor, steps * (per_year == 26 ? 14 : 7));
    return date_add_days(anchor, (int)((int64_t)steps * 365 / per_year));
}
