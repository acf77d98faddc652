/*
 * price.h - from the sticker to the amount that is financed, line by line, in minor units.
 *
 *   agreed price = price - discount
 *   tax          = half_up(tax rate * (agreed price + taxable fees - dealer rebate - trade-in allowance where it is
 * credited)) principal    = agreed price + fees + tax - rebates - down payment - (trade-in allowance - payoff) amount
 * financed (Regulation Z) = principal - prepaid finance charges
 *
 * A manufacturer's rebate is taxed, a dealer's is not. A trade-in that is worth less than its loan adds to the
 * principal and leaves the down payment as it is: Regulation Z, 12 CFR 1026, comment 2(a)(18)-3, has zero there and no
 * negative number, and lets the creditor count all of the cash.
 */
#ifndef FINANCE_PRICE_H
#define FINANCE_PRICE_H

#include <stdbool.h>
#include <stdint.h>

struct price_input {
    int64_t price, discount;
    int64_t document_fee; /* taxable */
    int64_t title_fee;    /* title and registration: not taxed */
    int64_t finance_fee;  /* origination and the like: financed, and a prepaid finance charge */
    int64_t trade_allowance, trade_payoff;
    int64_t dealer_rebate, manufacturer_rebate;
    int64_t down;
    int32_t tax_ppm;
    bool trade_in_lowers_tax; /* the place credits the trade-in against the taxable amount */
};

struct price_buildup {
    int64_t agreed; /* price - discount: the final car price */
    int64_t taxable, tax, fees, rebates;
    int64_t net_trade;       /* allowance - payoff; negative adds to the loan */
    int64_t principal;       /* what the schedule repays */
    int64_t amount_financed; /* principal - finance_fee */
    int64_t before_down;     /* principal + down: the most that could be paid down */
    int64_t down_total;      /* what counts as paid down: cash, and the worth of the trade-in above its loan */
    int64_t negative_equity; /* what is owed on the trade-in above its worth: financed, and never a down payment */
};

/* Everything is derived; the result may have a principal of zero or less, which the caller refuses. */
struct price_buildup price_build(const struct price_input *in);

#endif
