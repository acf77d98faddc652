/*
 * tvm.h - time value of money: the functions that spreadsheets know, with their sign convention (what you receive is
 * positive, what you pay negative) and their names. Results are NaN where no answer exists, infinite where the
 * answer is "never"; callers test with isfinite.
 */
#ifndef FINANCE_TVM_H
#define FINANCE_TVM_H

#include <stdbool.h>

/* `due`: payments stand at the beginning of each period (type 1) instead of its end. */
long double tvm_pmt(long double rate, long double nper, long double pv, long double fv, bool due);
long double tvm_ipmt(long double rate, long double per, long double nper, long double pv, long double fv, bool due);
long double tvm_ppmt(long double rate, long double per, long double nper, long double pv, long double fv, bool due);
long double tvm_cumipmt(long double rate, int nper, long double pv, int start, int end, bool due);
long double tvm_cumprinc(long double rate, int nper, long double pv, int start, int end, bool due);
long double tvm_fv(long double rate, long double nper, long double pmt, long double pv, bool due);
long double tvm_pv(long double rate, long double nper, long double pmt, long double fv, bool due);
long double tvm_nper(long double rate, long double pmt, long double pv, long double fv, bool due);
long double tvm_rate(long double nper, long double pmt, long double pv, long double fv, bool due);
long double tvm_effect(long double nominal, long double npery);
long double tvm_nominal(long double effect, long double npery);

#endif
