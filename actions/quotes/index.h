/*
 * index.h - the price index, or the exchange rates, that a set of rules names: fetched, judged, kept with a job.
 *
 * Its answer is {"asOf": "2026-05-01T06:00:00Z", "source": "...", "values": {"DE": 1.02, ...}}. One doubtful figure
 * makes all of it doubtful: it is used whole or not at all.
 */
#ifndef QUOTES_INDEX_H
#define QUOTES_INDEX_H

#include "actions/quotes/rules.h"
#include "runtime/action.h"

enum { INDEX_REASON_SIZE = 300 };

/* Reads an answer of the index at the moment `now`, seconds since 1970 UTC. Keys are borrowed from `body`. False:
 * x->failure says why it cannot be used. */
bool index_read(const json_t *body, const struct rules *r, int64_t now, struct price_index *x) QUOTES_MUST_CHECK;

/*
 * Asks for the index of the set, which must have one: *x is its answer, or has a failure. One that was fetched within
 * the last minutes is taken from the shared cache, unless `anew`; when it cannot be fetched, an older one from there
 * does, while it is not older than the set allows.
 */
void index_ask(struct act_call *call, const struct rules *r, bool anew, struct price_index *x);

/* What a job keeps of it, an answer or a failure: new reference. */
json_t *index_keep(const struct price_index *x);
/* Reads that again; `x` is borrowed from `kept`. False: it is none. */
bool index_kept(const json_t *kept, const struct rules *r, struct price_index *x) QUOTES_MUST_CHECK;

/* The set with this index, in the call's memory: what prices are made by. `x` is borrowed. */
const struct rules *index_apply(struct act_call *call, const struct rules *r, const struct price_index *x);

/* Why it cannot be used, as the end of a sentence: "it is older than 24 hours (as of ...)". Returns `out`, of
 * INDEX_REASON_SIZE bytes. */
char *index_reason(const struct rules *r, const struct price_index *x, char *out);

/*
 * For an answer: {"source", "asOf", "ageHours"} as its member "index" when it was used, and in `warnings` what is not
 * as the set means it: that list prices hold without it, or that some lines had no value in it (`unindexed`).
 */
void index_tell(const struct rules *r, const struct price_index *x, bool unindexed, json_t *answer, json_t *warnings);

#endif
