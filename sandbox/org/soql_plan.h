/*
 * soql_plan.h - a syntax tree to SQL: names are resolved against the objects as the calling user sees them, values are
 * typed and always bound, and what this org does not run is refused with MALFORMED_QUERY.
 *
 * Null semantics are the org's: `=` and `!=` know null as a value (so != also finds rows where the field is empty), the
 * other comparisons never match an empty field, and NOT negates that. Text is compared case-blind, ids exactly.
 */
#ifndef SANDBOX_ORG_SOQL_PLAN_H
#define SANDBOX_ORG_SOQL_PLAN_H

#include "sandbox/records/records.h"
#include "sandbox/soql/soql.h"

struct soql_bind {
    struct value value;
    struct soql_bind *next;
};

enum soql_out_kind { OUT_FIELD, OUT_PARENT, OUT_CHILDREN };

/* One member of a record in the answer. */
struct soql_out {
    enum soql_out_kind kind;
    const char *key;
    const struct field *field; /* OUT_FIELD: says how to print the column */
    int column;                /* OUT_FIELD: its column; OUT_PARENT: the parent's id */
    const struct object *object;
    struct soql_out *members; /* OUT_PARENT */
    struct soql_plan *plan;   /* OUT_CHILDREN */
    struct soql_out *next;
};

struct soql_plan {
    const struct object *object;
    struct text sql;         /* in the arena's care: free with soql_plan_free */
    struct soql_bind *binds; /* for ?1, ?2...; of children from ?2 on, ?1 is the parent's id */
    struct soql_out *out;
    bool aggregate, count_only;
    struct soql_plan *next; /* all plans of a query */
};

/* NULL on failure. `all`: deleted records too. Everything lives in the arena but the SQL text. */
struct soql_plan *soql_plan(const struct call *c, const struct soql_query *q, bool all, struct soql_arena *a,
                            struct soql_error *error);
void soql_plan_free(struct soql_plan *plan);

#endif
