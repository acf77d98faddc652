/*
 * lint.h - collects the faults of declarations: where, what is wrong, how to mend it; one line each.
 */
#ifndef ACTIONHOST_DECLARE_LINT_H
#define ACTIONHOST_DECLARE_LINT_H

#include <jansson.h>

#include "runtime/base/json_pointer.h"

struct declaration;
struct declarations;

struct lint {
    struct buf *out;
    const char *file; /* "carbon_footprint/action.json" */
    struct pointer at;
    size_t count;
    bool agent; /* the action is published for agents, who read every description */
};

/* Each returns false, so that a guard clause is one line. */
bool lint_fault(struct lint *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* As lint_fault, one level below. */
bool lint_member(struct lint *l, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* What a member of an object must be. */
struct lint_rule {
    const char *name;
    enum { LINT_TEXT, LINT_BOOLEAN, LINT_OBJECT, LINT_ARRAY, LINT_INTEGER } type;
    bool required;
    size_t min, max;  /* code points of a text, elements of an array, bounds of an integer; max 0 = no bound */
    const char *what; /* for people; NULL in what is not published */
};

/* The rules of one object of action.json; `at` says where it stands: "" is the whole, "errors/0" each element. */
struct lint_group {
    const char *at;
    const struct lint_rule *rules;
    size_t n;
};
/* The tables that the checks below use, for those who describe them; each ends with `rules` NULL. */
extern const struct lint_group lint_declaration_groups[], lint_job_groups[], lint_example_groups[];

/* Checks members against rules: missing ones, wrong types, sizes, unknown names with a suggestion. False when there was
 * a fault. */
bool lint_object(struct lint *l, const json_t *object, const struct lint_rule *rules, size_t n);

/*
 * The rules of Salesforce for one side of an action; `side` is "input" or "output". Takes any JSON: what is malformed
 * is reported by the compiler of schemas alone.
 */
void lint_schema(struct lint *l, const struct declaration *d, const char *side);

/* Everything of action.json but what needs the compiled schemas and the other actions. */
void lint_declaration(struct lint *l, const json_t *root, const json_t *host);
/* The handler that stands behind it. */
void lint_handler(struct lint *l, const struct declaration *d);
/* The member "job", and what a job asks of the rest; nothing for an action that is none. */
void lint_job(struct lint *l, const json_t *root);
/* The examples; their inputs only when the input's schema was compiled. */
void lint_examples(struct lint *l, const struct declaration *d);
/* Names that two actions share, whatever their case. */
void lint_names(struct buf *out, const struct declarations *d, size_t *count);

/* Calls that examples make first: of actions that there are. */
void lint_afters(struct buf *out, const struct declarations *d, size_t *count);

/* What openapi/host.json must have, and may have. */
void lint_host(struct lint *l, const json_t *host);

/* ---- what may be said at all, out of the tables above (action_schema.c) ---- */

/* The JSON Schema (draft 7) of an action.json; a new reference, NULL when there is no memory. */
json_t *action_schema(void);
/* The same as tables of Markdown, one for each object. */
void action_schema_tables(struct buf *out);

enum { LINT_DESCRIPTION_MIN = 10, LINT_DESCRIPTION_MAX = 1333, LINT_NAME = 40, LINT_DEVELOPER_NAME = 80 };

#endif
