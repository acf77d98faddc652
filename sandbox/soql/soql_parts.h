/* soql_parts.h - what the parts of the SOQL parser share: the place in the text and the readers of each part. */
#ifndef SANDBOX_SOQL_SOQL_PARTS_H
#define SANDBOX_SOQL_SOQL_PARTS_H

#include "sandbox/soql/soql.h"

enum {
    SOQL_NESTING_MAX = 100, /* parentheses; the org's limit is about the length of the text */
    SOQL_TEXT_MAX = 100000  /* characters of a query, as in the org */
};

struct parser {
    const char *text;
    size_t n, at;
    struct soql_token token, ahead; /* the current one and the one behind it */
    struct soql_arena *arena;
    struct soql_error *error;
    int depth;
};

/* Tokens: the current one is compared, taken or refused. Words are compared case-blind. */
void sq_advance(struct parser *p);
bool sq_is(const struct soql_token *t, const char *word);
bool sq_in(const struct soql_token *t, const char *const *list); /* NULL ends the list */
bool sq_at(const struct parser *p, const char *word);
bool sq_take(struct parser *p, const char *word);
bool sq_expect(struct parser *p, const char *word);
bool sq_unexpected(struct parser *p); /* always false */
bool sq_reserved(const struct soql_token *t);
bool sq_plain(const struct soql_token *t); /* a name without dots */
const char *sq_copy(struct parser *p, const struct soql_token *t);

/* The grammar: each reads one part and calls the others, as the parts hold each other. False or NULL with p->error
 * filled. */
bool sq_value(struct parser *p, struct soql_value *v);
bool sq_names(struct parser *p);
struct soql_item *sq_item(struct parser *p);
struct soql_item *sq_selected(struct parser *p);
struct soql_condition *sq_condition(struct parser *p);
struct soql_query *sq_query(struct parser *p);

#endif
