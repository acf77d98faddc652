/* rules_parts.h - what the files that read and check a set of rules share. */
#ifndef QUOTES_RULES_PARTS_H
#define QUOTES_RULES_PARTS_H

#include "actions/quotes/rules.h"

/* Where faults go, and the place that they are about: layer and rule, NULL = the set itself. */
struct rules_faults {
    rules_fault_fn *fn;
    void *ctx;
    int count;
    const char *layer, *rule;
};

/* Tells one fault, with the place before it. */
void rules_fault(struct rules_faults *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Faults that only the whole set shows: overlaps, rules that never apply, what the cap forbids. */
void rules_check(const struct rules *r, struct rules_faults *f);

#endif
