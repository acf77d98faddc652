/*
 * money.h - amounts of drafts in whole cents, exactly: what an org multiplies, discounts and rounds.
 */
#ifndef SANDBOX_RECORDS_MONEY_H
#define SANDBOX_RECORDS_MONEY_H

#include "sandbox/base/decimal.h"
#include "sandbox/records/draft.h"

/* The number of a field in hundredths; 0 when it is null. */
decimal money_of(const struct value *v);
/* Puts hundredths into a number field; false with `f` filled when it has more digits than the field. */
bool money_put(struct draft *d, const char *name, decimal hundredths, struct fault *f);
/* n / d, a half rounded away from zero; d is above zero. */
decimal money_divide(decimal n, decimal d);
/* quantity x price in cents, all in hundredths. */
decimal money_times(decimal quantity, decimal price);
/* What is left of a subtotal of quantity x price under a discount, in hundredths of a percent: rounded once. */
decimal money_discounted(decimal quantity, decimal price, decimal discount);

#endif
