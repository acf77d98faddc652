/*
 * decision.h - which rate to offer, and why: a deterministic rule without discretion.
 *
 *   floor  = max(policy floor, buy + margin)
 *   bench  = the lowest eligible quote (with five or more, those beyond 3 MAD of the median are dropped), else the
 * table's rate target = no bench ? list : min(list, bench - undercut rounded down to the grid) ceil   = min(customer's
 * maximum, legal cap, buy + markup cap) floor > ceil: refused; else rate = target clamped to [floor, ceil]
 *
 * So the rate never exceeds the customer's maximum, never falls below the floor, does not fall when the market rises,
 * and depends neither on the order of the quotes nor on repeated ones. All rates are ppm of the nominal yearly rate.
 */
#ifndef FINANCE_DECISION_H
#define FINANCE_DECISION_H

#include <stddef.h>
#include <stdint.h>

enum { DECISION_NONE = -1, DECISION_QUOTES = 64, DECISION_SENTENCE = 240 };

/* The sentences of an explanation, in their order; the last one only with a benchmark. */
enum {
    DECISION_STEP_MARKET,
    DECISION_STEP_TARGET,
    DECISION_STEP_FLOOR,
    DECISION_STEP_CEILING,
    DECISION_STEP_RESULT,
    DECISION_STEP_COMPETITIVE,
    DECISION_STEPS
};

struct decision_policy {
    int32_t list;         /* our standard rate */
    int32_t policy_floor; /* lowest rate that we offer at all */
    int32_t buy;          /* cost of funds; 0 when unknown */
    int32_t margin;       /* least difference between rate and buy */
    int32_t undercut;     /* how far below the best competitor we aim */
    int32_t grid;         /* the aim is rounded down to multiples of this */
    int32_t legal_cap;    /* DECISION_NONE: no cap */
    int32_t markup_cap;   /* largest difference between rate and buy; DECISION_NONE: no cap */
};

/* What bound the rate. */
enum decision_binding {
    DECISION_LIST,
    DECISION_BEAT_COMPETITOR,
    DECISION_FLOOR,
    DECISION_CUSTOMER_MAX,
    DECISION_LEGAL_CAP,
    DECISION_MARKUP_CAP
};

enum decision_outcome { DECISION_RATE, DECISION_BELOW_FLOOR, DECISION_USURY_CAP };

enum decision_competitive { DECISION_NO_BENCHMARK, DECISION_BEATS, DECISION_MATCHES, DECISION_ABOVE };

struct decision {
    enum decision_outcome outcome;
    int32_t rate; /* offered; only with DECISION_RATE */
    enum decision_binding binding;
    enum decision_competitive competitive;
    int32_t floor, ceiling, target; /* the lowest rate that would be viable is `floor` */
    enum decision_binding ceiling_binding;
    int32_t bench, median; /* DECISION_NONE when there is none */
    int eligible, dropped; /* distinct quotes that counted, and outliers that did not */
    int bench_from_table;  /* the benchmark is the table's */
};

/* `quotes` may be NULL with count 0; more than DECISION_QUOTES distinct values are cut to the lowest. `table` is
 * DECISION_NONE when absent. */
struct decision decision_make(const struct decision_policy *policy, int32_t customer_max, const int32_t *quotes,
                              size_t count, int32_t table);

/* The wire words: "LIST", "BEAT_COMPETITOR", ...; "beats", "matches", "above" or NULL; "rate_below_floor", "usury_cap"
 * or NULL. */
const char *decision_binding_name(enum decision_binding binding);
const char *decision_competitive_name(enum decision_competitive competitive);
const char *decision_outcome_code(enum decision_outcome outcome);

/* One sentence for each step of the rule, with its numbers. Returns how many were written. */
int decision_explain(const struct decision *d, const struct decision_policy *policy, int32_t customer_max,
                     char out[DECISION_STEPS][DECISION_SENTENCE]);

#endif
