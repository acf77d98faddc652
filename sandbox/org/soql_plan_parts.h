/* soql_plan_parts.h - what the parts of the translation share: tables in play, resolved operands, binding. */
#ifndef SANDBOX_ORG_SOQL_PLAN_PARTS_H
#define SANDBOX_ORG_SOQL_PLAN_PARTS_H

#include "sandbox/org/soql_plan.h"

enum { PARENT_LEVELS = 5, CHILD_LEVELS = 5, SEMI_JOINS = 2, RELATED_MAX = 55 };

struct join {
    const struct object *object;
    const struct field *field; /* of the table below */
    int from, table;           /* numbers of the SQL aliases t0, t1... */
    struct join *next;
};

struct planner {
    const struct call *c;
    struct soql_arena *a;
    struct soql_error *error;
    bool all;
    int tables, semi_joins, depth;
    struct soql_plan *plans;
};

/* One FROM: its object, its joins upwards, and the values bound so far. */
struct scope {
    struct planner *pl;
    const struct object *object;
    const char *alias;
    int table;
    struct join *joins;
    struct soql_bind **binds; /* end of the list */
    int *bound;               /* how many */
    bool inner;               /* of a semi-join */
    const struct soql_related *related;
};

/* A field or function as SQL. */
struct operand {
    const char *sql;
    const char *name;          /* as in messages */
    const struct field *field; /* type and targets; of a function: an invented one */
    const struct object *object;
    bool aggregate, joined;
};

/* The path from the object of FROM on, with no alias in front. */
const char *scope_plain_path(struct scope *s, const char *path);
/* Whether all that FROM names behind its object are ways upwards that the user may go. */
bool scope_check_related(struct scope *s);
/* Where the first fault of the query goes. */
struct soql_error *scope_error(struct scope *s);
/* Resolves a path or function. Aggregates only where `aggregates` says so. */
bool scope_operand(struct scope *s, const struct soql_item *item, bool aggregates, struct operand *out);
/* The path's table number and field; joins are added as needed. */
bool scope_path(struct scope *s, const char *path, size_t at, int *table, const struct object **ob,
                const struct field **f);
/* The table that a relationship of `table` leads to. */
int scope_join(struct scope *s, int table, const struct field *f, const struct object *target);
/* Binds a value and returns the parameter that stands for it, "?7"; texts are copied. */
const char *scope_bind_text(struct scope *s, const char *text);
const char *scope_bind_int(struct scope *s, int64_t i);
const char *scope_bind_real(struct scope *s, double d);
/* printf into the arena. Never with a value of the query's author: those are bound. */
const char *scope_sql(struct scope *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Appends " FROM ..." with all joins so far. */
void scope_from(struct scope *s, struct text *sql);

/* The recursion of the room: a condition may hold a query, whose WHERE holds conditions. */
/* WHERE or HAVING as SQL; NULL on failure (soql_where.c). */
const char *scope_condition(struct scope *s, const struct soql_condition *c, bool having);
/* SELECT one id field of a semi-join; NULL on failure (soql_plan.c). */
const char *plan_inner(struct scope *outer, const struct soql_query *q, const struct operand *left, size_t at);

#endif
