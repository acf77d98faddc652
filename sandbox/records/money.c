/* money.c - see money.h. The largest product has 12 + 18 + 5 digits, which fit into a decimal's 38. */
#include "sandbox/records/money.h"

enum { HUNDRED = 100, WHOLE = 10000 /* 100 % in hundredths of a percent */ };

decimal money_of(const struct value *v)
{
    if (!v || v->kind == VALUE_NULL)
        return 0;
    return v->kind == VALUE_INT ? (decimal)v->i * HUNDRED : decimal_of(v->d, 2);
}

bool money_put(struct draft *d, const char *name, decimal hundredths, struct fault *f)
{
    const struct field *field = object_field(d->ob, name);
    decimal most = field ? decimal_power(field->precision) - 1 : 0;
    if (field && (hundredths > most || hundredths < -most)) {
        fault_set(f, 400, "NUMBER_OUTSIDE_VALID_RANGE", field->name,
                  "%s: value outside of valid range on numeric field", field->label);
        return false;
    }
    draft_put(d, name, (struct value){ .kind = VALUE_REAL, .d = decimal_quotient(hundredths, HUNDRED) });
    return true;
}

decimal money_divide(decimal n, decimal d)
{
    decimal half = d / 2;
    return n < 0 ? (n - half) / d : (n + half) / d;
}

decimal money_times(decimal quantity, decimal price)
{
    return money_divide(quantity * price, HUNDRED);
}

decimal money_discounted(decimal quantity, decimal price, decimal discount)
{
    return money_divide(quantity * price * (WHOLE - discount), (decimal)HUNDRED * WHOLE);
}
