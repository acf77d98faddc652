/*
 * rules.h - what an org does by itself when a record of one of its own objects is saved or deleted: it fills fields in,
 * refuses what does not fit together, and keeps totals. Objects without a row in rules.c have none.
 */
#ifndef SANDBOX_RECORDS_RULES_H
#define SANDBOX_RECORDS_RULES_H

#include "sandbox/records/draft.h"

/* Each may be NULL. Those that return a bool refuse with false and `f` filled. */
struct record_rules {
    const char *object;
    /* What came is taken and complete, defaults are in, nothing is saved. */
    bool (*before_insert)(struct draft *d, struct fault *f);
    bool (*before_update)(struct draft *d, struct fault *f);
    /* The record is saved under `id`; d->id is NULL when it is new. */
    bool (*after_save)(const struct draft *d, const char *id, struct fault *f);
    /* Its own record is still readable. */
    void (*before_delete)(struct call *c, const char *id);
};

/* The rules of an object; NULL when it has none. */
const struct record_rules *rules_of(const struct object *ob);

/* ---- files (content.c): a ContentVersion makes and follows its ContentDocument ---- */
bool content_before_insert(struct draft *d, struct fault *f);
bool content_before_update(struct draft *d, struct fault *f);
bool content_after_save(const struct draft *d, const char *id, struct fault *f);

/* ---- products and prices (prices.c) ---- */
bool product_after_save(const struct draft *d, const char *id, struct fault *f);
bool entry_before_insert(struct draft *d, struct fault *f);
bool entry_before_update(struct draft *d, struct fault *f);
bool entry_after_save(const struct draft *d, const char *id, struct fault *f);

/* ---- opportunities and quotes (deals.c) ---- */
bool opportunity_before_insert(struct draft *d, struct fault *f);
bool opportunity_before_update(struct draft *d, struct fault *f);
bool opportunity_after_save(const struct draft *d, const char *id, struct fault *f);
bool quote_before_insert(struct draft *d, struct fault *f);
bool quote_before_update(struct draft *d, struct fault *f);
bool quote_after_save(const struct draft *d, const char *id, struct fault *f);

/* ---- lines of both (lines.c) ---- */
bool opportunity_line_before_insert(struct draft *d, struct fault *f);
bool opportunity_line_before_update(struct draft *d, struct fault *f);
bool quote_line_before_insert(struct draft *d, struct fault *f);
bool quote_line_before_update(struct draft *d, struct fault *f);
bool line_after_save(const struct draft *d, const char *id, struct fault *f);
void opportunity_line_before_delete(struct call *c, const char *id);
void quote_line_before_delete(struct call *c, const char *id);

#endif
