/*
 * apr.h - the annual percentage rate of a stream of payments, as the law of the place wants it.
 *
 * US: actuarial method of Regulation Z, 12 CFR 1026 Appendix J: a payment after t whole unit-periods and the fraction f
 * is discounted by (1 + f i)(1 + i)^t - the fraction is simple - and the rate is w i for w unit-periods in a year.
 * EU and UK: Directive 2008/48/EC Annex I, Directive (EU) 2023/2225 Annex III and FCA CONC App 1.2: (1 + X)^s with s in
 * years.
 */
#ifndef FINANCE_APR_H
#define FINANCE_APR_H

#include <stddef.h>
#include <stdint.h>

#include "actions/finance_agreement/date.h"

/* `count` equal payments. US: the first after t + f unit-periods, the next each one unit-period later. EU: after s
 * years, then each `step` years. */
struct apr_run {
    double amount;
    int count;
    int t;
    double f;       /* US: 0 <= f < 1 */
    double s, step; /* EU */
};

enum apr_fault {
    APR_OK,
    APR_NO_PAYMENT, /* nothing is ever paid, or an argument is out of range */
    APR_NEGATIVE    /* less is paid than was advanced: there is no rate from zero up */
};

/*
 * The rate as a fraction (0.0599 = 5.99 %) of one advance at time zero. Exactly 0 when what is paid equals the advance.
 * *rate is untouched on a fault.
 */
enum apr_fault apr_us(double advance, const struct apr_run *runs, size_t count, double unit_periods_per_year,
                      double *rate) __attribute__((warn_unused_result));
enum apr_fault apr_eu(double advance, const struct apr_run *runs, size_t count, double *rate)
    __attribute__((warn_unused_result));

/*
 * Whole unit-periods and the fraction between an advance and a payment, by Appendix J (b)(5): units are counted
 * backward from the payment. A unit of `months` months (then `days` is 0) has fractions of 30 days a month; a unit of
 * `days` days of its days.
 */
void apr_unit_periods(struct date advance, struct date payment, int months, int days, int *t, double *f);

#endif
