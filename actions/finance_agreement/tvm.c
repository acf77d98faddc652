/* tvm.c - closed forms, and iterations where there are none. */
#include "actions/finance_agreement/tvm.h"

#include <math.h>
#include <stddef.h>

/* (1 + rate)^n - 1 without losing the digits of a small rate */
static long double growth(long double rate, long double n)
{
    return expm1l(n * log1pl(rate));
}

/* Value after nper periods of payments of 1. */
static long double accumulation(long double rate, long double nper, bool due)
{
    if (rate == 0)
        return nper;
    return growth(rate, nper) / rate * (due ? 1 + rate : 1);
}

long double tvm_fv(long double rate, long double nper, long double pmt, long double pv, bool due)
{
    if (!(rate > -1))
        return NAN;
    return -(pv * (1 + growth(rate, nper)) + pmt * accumulation(rate, nper, due));
}

long double tvm_pv(long double rate, long double nper, long double pmt, long double fv, bool due)
{
    if (!(rate > -1))
        return NAN;
    return -(fv + pmt * accumulation(rate, nper, due)) / (1 + growth(rate, nper));
}

long double tvm_pmt(long double rate, long double nper, long double pv, long double fv, bool due)
{
    if (!(rate > -1) || nper == 0)
        return NAN;
    return -(pv * (1 + growth(rate, nper)) + fv) / accumulation(rate, nper, due);
}

long double tvm_ipmt(long double rate, long double per, long double nper, long double pv, long double fv, bool due)
{
    if (!(per >= 1 && per <= nper))
        return NAN;
    if (due && per == 1)
        return 0;
    long double pmt = tvm_pmt(rate, nper, pv, fv, due);
    long double interest = tvm_fv(rate, per - 1, pmt, pv, due) * rate;
    return due ? interest / (1 + rate) : interest;
}

long double tvm_ppmt(long double rate, long double per, long double nper, long double pv, long double fv, bool due)
{
    return tvm_pmt(rate, nper, pv, fv, due) - tvm_ipmt(rate, per, nper, pv, fv, due);
}

long double tvm_cumipmt(long double rate, int nper, long double pv, int start, int end, bool due)
{
    if (start < 1 || end < start || end > nper)
        return NAN;
    long double sum = 0;
    for (int per = start; per <= end; per++)
        sum += tvm_ipmt(rate, per, nper, pv, 0, due);
    return sum;
}

long double tvm_cumprinc(long double rate, int nper, long double pv, int start, int end, bool due)
{
    if (start < 1 || end < start || end > nper)
        return NAN;
    return (end - start + 1) * tvm_pmt(rate, nper, pv, 0, due) - tvm_cumipmt(rate, nper, pv, start, end, due);
}

long double tvm_nper(long double rate, long double pmt, long double pv, long double fv, bool due)
{
    if (rate == 0)
        return -(pv + fv) / pmt; /* infinite when nothing is ever paid */
    long double level = pmt * (due ? 1 + rate : 1) / rate;
    long double ratio = (level - fv) / (level + pv);
    return ratio > 0 && rate > -1 ? logl(ratio) / log1pl(rate) : NAN;
}

/* A value of zero is what the rate is sought for. */
static long double balance_at(long double rate, long double nper, long double pmt, long double pv, long double fv,
                              bool due)
{
    return fv - tvm_fv(rate, nper, pmt, pv, due);
}

/* Bisection with secant steps between two rates of opposite sign. */
static long double root_between(long double lo, long double hi, long double nper, long double pmt, long double pv,
                                long double fv, bool due)
{
    long double at_lo = balance_at(lo, nper, pmt, pv, fv, due), at_hi = balance_at(hi, nper, pmt, pv, fv, due);
    for (int i = 0; i < 400; i++) {
        long double mid = (lo + hi) / 2;
        /* every other step trusts the secant, which is fast; the bisection keeps the promise to end */
        if (i % 2)
            mid = hi - at_hi * (hi - lo) / (at_hi - at_lo);
        if (!(mid > lo && mid < hi))
            mid = (lo + hi) / 2;
        if (mid == lo || mid == hi)
            return mid;
        long double at = balance_at(mid, nper, pmt, pv, fv, due);
        if (at == 0)
            return mid;
        if (signbit(at) == signbit(at_lo))
            lo = mid, at_lo = at;
        else
            hi = mid, at_hi = at;
    }
    return (lo + hi) / 2;
}

long double tvm_rate(long double nper, long double pmt, long double pv, long double fv, bool due)
{
    /* where the sign changes, looked for from the usual rates outward */
    static const long double marks[] = { 0,   1e-9L, 1e-6L, 1e-4L, .001L, .005L, .01L, .02L, .05L, .1L,
                                         .2L, .5L,   1,     2,     5,     10,    100,  1000, 1e6L };
    static const long double below[] = { 0,    -1e-9L, -1e-6L, -1e-4L, -.001L, -.01L,
                                         -.1L, -.3L,   -.6L,   -.9L,   -.99L,  -.9999L };
    if (!(nper > 0))
        return NAN;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (balance_at(marks[i], nper, pmt, pv, fv, due) == 0)
            return marks[i];
    for (size_t i = 1; i < sizeof marks / sizeof *marks; i++)
        if (signbit(balance_at(marks[i - 1], nper, pmt, pv, fv, due)) !=
            signbit(balance_at(marks[i], nper, pmt, pv, fv, due)))
            return root_between(marks[i - 1], marks[i], nper, pmt, pv, fv, due);
    for (size_t i = 1; i < sizeof below / sizeof *below; i++)
        if (signbit(balance_at(below[i - 1], nper, pmt, pv, fv, due)) !=
            signbit(balance_at(below[i], nper, pmt, pv, fv, due)))
            return root_between(below[i], below[i - 1], nper, pmt, pv, fv, due);
    return NAN;
}

long double tvm_effect(long double nominal, long double npery)
{
    return npery >= 1 && nominal > -npery ? growth(nominal / npery, npery) : NAN;
}

long double tvm_nominal(long double effect, long double npery)
{
    return npery >= 1 && effect > -1 ? npery * expm1l(log1pl(effect) / npery) : NAN;
}
