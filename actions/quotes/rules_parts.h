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
    rules_url_fn *allowed; /* NULL = urls are not looked at */
};

/* Tells one fault, with the place before it. */
void rules_fault(struct rules_faults *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Tells each member of `object` that is none of `known` (ended by NULL). */
void rules_only(const json_t *object, const char *const *known, struct rules_faults *f);

/* The member "index" of the set. */
void rules_read_index(struct rules *r, struct rules_faults *f);

/* Faults that only the whole set shows: overlaps, rules that never apply, what the cap forbids. */
void rules_check(const struct rules *r, struct rules_faults *f);

#endif
