/* apr.c - the equations of both laws, solved by Newton's method inside a bracket; counting of unit-periods. */
#include "actions/finance_agreement/apr.h"

#include <math.h>
#include <stdbool.h>

enum { STEPS = 200 };

/* What is solved for: the rate x at which `present` of all payments equals the advance. */
struct problem {
    double advance;
    const struct apr_run *runs;
    size_t count;
    bool simple_fraction; /* US */
};

/*
 * sum over j of amount * d^(j), with d the discount factor of one step, and its derivative by log(1 + x); the first
 * payment stands at `start` steps of length `step`. Closed form, with expm1 so that a rate near zero keeps its digits.
 */
static void annuity(double start, double step, int count, double log_1x, double *value, double *slope)
{
    double first = exp(-start * log_1x);
    double u = step * log_1x;
    if (count == 1 || fabs(u) * count < 1e-6) {
        /* near zero the closed form is 0/0: sum it */
        double v = 0, s = 0;
        for (int j = 0; j < count; j++) {
            double d = exp(-(start + j * step) * log_1x);
            v += d;
            s -= (start + j * step) * d;
        }
        *value = v;
        *slope = s;
        return;
    }
    double top = -expm1(-count * u), bottom = -expm1(-u);
    double sum = top / bottom;
    double sum_slope = step * (count * exp(-count * u) * bottom - top * exp(-u)) / (bottom * bottom);
    *value = first * sum;
    *slope = first * (sum_slope - start * sum);
}

/* Present value of all payments less the advance at rate x, and its derivative: decreasing and convex for x >= 0. */
static double residual(const struct problem *p, double x, double *slope)
{
    double log_1x = log1p(x), sum = -p->advance, sum_slope = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct apr_run *run = &p->runs[i];
        double value, by_log, factor = 1, factor_slope = 0;
        if (p->simple_fraction) {
            annuity(run->t, 1, run->count, log_1x, &value, &by_log);
            factor = 1 / (1 + run->f * x);
            factor_slope = -run->f * factor * factor;
        } else {
            annuity(run->s, run->step, run->count, log_1x, &value, &by_log);
        }
        sum += run->amount * factor * value;
        sum_slope += run->amount * (factor * by_log / (1 + x) + factor_slope * value);
    }
    *slope = sum_slope;
    return sum;
}

/* Newton inside a bracket that every step narrows; a step that leaves the bracket becomes a bisection. */
static double solve(const struct problem *p, double guess)
{
    double lo = 0, hi = 1, slope;
    while (residual(p, hi, &slope) > 0 && hi < 1e12)
        lo = hi, hi *= 4;
    double x = guess > lo && guess < hi ? guess : lo + (hi - lo) / 2;
    for (int i = 0; i < STEPS; i++) {
        double value = residual(p, x, &slope);
        if (value > 0)
            lo = x;
        else
            hi = x;
        double next = slope < 0 ? x - value / slope : lo - 1;
        if (!(next > lo && next < hi))
            next = lo + (hi - lo) / 2;
        if (fabs(next - x) <= 1e-15 * (1 + x))
            return next;
        x = next;
    }
    return x;
}

static enum apr_fault rate_of(const struct problem *p, double *x)
{
    double total = 0, weighted = 0, at_once = 0;
    if (!(p->advance > 0))
        return APR_NO_PAYMENT;
    for (size_t i = 0; i < p->count; i++) {
        const struct apr_run *run = &p->runs[i];
        if (!(run->amount >= 0) || run->count < 0 || run->t < 0 || run->f < 0 || run->s < 0 || run->step < 0)
            return APR_NO_PAYMENT;
        double first = p->simple_fraction ? run->t + run->f : run->s, step = p->simple_fraction ? 1 : run->step;
        total += run->amount * run->count;
        weighted += run->amount * run->count * (first + step * (run->count - 1) / 2);
        if (first <= 0)
            at_once += run->amount * (step > 0 ? 1 : run->count);
    }
    /* what is paid back on the spot is no credit, and no rate could discount it */
    if (!(total > 0) || !(weighted > 0) || at_once >= p->advance)
        return APR_NO_PAYMENT;
    double gain = total - p->advance;
    if (fabs(gain) < 1e-9 * p->advance) {
        *x = 0;
        return APR_OK;
    }
    if (gain < 0)
        return APR_NEGATIVE;
    /* interest over the average time that money is owed */
    *x = solve(p, gain / p->advance / (weighted / total));
    return APR_OK;
}

enum apr_fault apr_us(double advance, const struct apr_run *runs, size_t count, double unit_periods_per_year,
                      double *rate)
{
    struct problem p = { advance, runs, count, true };
    double x;
    enum apr_fault fault = rate_of(&p, &x);
    if (fault == APR_OK)
        *rate = x * unit_periods_per_year;
    return fault;
}

enum apr_fault apr_eu(double advance, const struct apr_run *runs, size_t count, double *rate)
{
    struct problem p = { advance, runs, count, false };
    double x;
    enum apr_fault fault = rate_of(&p, &x);
    if (fault == APR_OK)
        *rate = x;
    return fault;
}

static struct date month_end(struct date d)
{
    return date_add_months((struct date){ d.year, d.month, 31 }, 0);
}

/* The month before, `months` times: the same day, or the last day when last days count. */
static struct date back(struct date payment, int months, bool last_days)
{
    struct date d = date_add_months(payment, -months);
    return last_days ? month_end(d) : d;
}

/* Whole months backward from the payment, and the days that are left to the advance. */
static void count_back(struct date advance, struct date payment, bool last_days, int *whole, int *odd)
{
    int32_t from = date_days(advance);
    int n = (payment.year - advance.year) * 12 + payment.month - advance.month;
    while (n > 0 && date_days(back(payment, n, last_days)) < from)
        n--;
    *whole = n;
    *odd = date_days(back(payment, n, last_days)) - from;
}

void apr_unit_periods(struct date advance, struct date payment, int months, int days, int *t, double *f)
{
    int32_t from = date_days(advance), to = date_days(payment);
    if (!months) {
        *t = (to - from) / days;
        *f = (double)((to - from) % days) / days;
        return;
    }
    int whole = 0, odd = 0;
    count_back(advance, payment, false, &whole, &odd);
    if (date_days(payment) == date_days(month_end(payment))) {
        /* a payment on the last day of its month may belong to a series of last days, which is measured from one to the
         * next */
        int whole_end, odd_end;
        count_back(advance, payment, true, &whole_end, &odd_end);
        if (whole_end > whole || (whole_end == whole && odd_end < odd)) {
            whole = whole_end;
            odd = odd_end;
        }
    }
    *t = whole / months;
    *f = (double)(whole % months * 30 + odd) / (30.0 * months);
}
