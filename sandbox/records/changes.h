/*
 * changes.h - which records a request has changed: what Change Data Capture tells to those who listen. SQLite says
 * which rows are about to change; what became of them is looked up once, when the request ends, so that steps that were
 * rolled back or undone again are no change.
 */
#ifndef SANDBOX_RECORDS_CHANGES_H
#define SANDBOX_RECORDS_CHANGES_H

#include "sandbox/records/records.h"

enum { CHANGES_OBJECTS_MAX = 16 };

enum change_kind { CHANGE_CREATE, CHANGE_UPDATE, CHANGE_DELETE, CHANGE_UNDELETE };

/* One record. `before` and `after` have a value for each field of the object; `before` is NULL when it is new. */
struct change {
    enum change_kind kind;
    const struct object *object;
    char id[ID_SIZE];
    struct value *before, *after;
};

/* What one transaction has changed, in the order in which its records were first touched. */
struct commit {
    const struct change *list;
    size_t n;
    const char *user_id, *origin;
    int64_t at_ms;
};

/* A platform event: `values` has one for each field of the object. */
struct published {
    const struct object *object;
    const struct value *values;
    const char *user_id, *uuid;
    int64_t at_ms;
};

/* Who is told. Both are called under the org's mutex; what they are given is gone when they return. */
struct change_listener {
    void (*committed)(void *ctx, struct org *o, const struct commit *commit);
    void (*published)(void *ctx, struct org *o, const struct published *event);
    void *ctx;
};

/* Tells the listener, which must outlive the org, of every change from now on. Takes the org's mutex. */
void changes_listen(struct org *o, const struct change_listener *listener);
/* Which objects are looked at: `names` by comma, which are copied. False, and nothing is changed, when a name is no
 * object of the org or there are too many. The org's mutex is held. */
bool changes_select(struct org *o, const char *names);
/* Under the org's mutex: a request begins, and ends. What happened between both is one transaction, or one for every
 * `each` records (0 = all in one). Nothing is told of what happened outside. */
void changes_begin(struct org *o);
void changes_end(struct org *o, const char *user_id, const char *origin, size_t each);
/* A platform event was published; the org's mutex is held. */
void changes_published(struct org *o, const struct published *event);
/* Frees what is kept of an org that closes. */
void changes_free(struct org *o);

#endif
