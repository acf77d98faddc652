/* price.c - the sum, in the order of the table in its header. */
#include "actions/finance_agreement/price.h"

#include "actions/finance_agreement/money.h"

struct price_buildup price_build(const struct price_input *in)
{
    struct price_buildup b = { .agreed = in->price - in->discount };
    b.fees = in->document_fee + in->title_fee + in->finance_fee;
    b.rebates = in->dealer_rebate + in->manufacturer_rebate;
    b.taxable = b.agreed + in->document_fee - in->dealer_rebate - (in->trade_in_lowers_tax ? in->trade_allowance : 0);
    if (b.taxable < 0)
        b.taxable = 0;
    b.tax = money_share(b.taxable, in->tax_ppm);
    b.net_trade = in->trade_allowance - in->trade_payoff;
    b.before_down = b.agreed + b.fees + b.tax - b.rebates - b.net_trade;
    b.principal = b.before_down - in->down;
    b.down_total = in->down + (b.net_trade > 0 ? b.net_trade : 0);
    b.negative_equity = b.net_trade < 0 ? -b.net_trade : 0;
    b.amount_financed = b.principal - in->finance_fee;
    return b;
}
