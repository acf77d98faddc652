/*
 * rules.h - the rules that price a line, as data. docs/quotes.md describes the file that they come from.
 *
 * A set of rules has layers. In each layer exactly one rule gives the discount: of those that apply, the one with the
 * highest precedence, else the layer's default. The discounts of the layers add up; a discount that somebody set on the
 * line itself takes the place of the sum; the cap cuts either. A set is read once and never changes.
 */
#ifndef QUOTES_RULES_H
#define QUOTES_RULES_H

#include "actions/quotes/amount.h"

enum {
    RULES_LAYERS = 8,
    RULES_OF_LAYER = 200,
    RULES_STEPS = 20,
    RULES_WORDS = 64, /* families, or currencies, of one rule */
    RULES_REGIONS = 32,
    RULES_NAME_SIZE = 64,
    RULES_FILE_MAX = 48 * 1024
};

/* What a threshold is compared with. */
enum rules_measure {
    MEASURE_NONE,     /* no thresholds: `percent` holds */
    MEASURE_QUANTITY, /* quantity of the line */
    MEASURE_AMOUNT,   /* amount of the line before discount */
    MEASURE_TOTAL     /* amount of all lines of the Opportunity before discount */
};

struct rules_step {
    struct decimal from;
    int32_t ppm;
};

/* Words that a rule names; none = all. Borrowed from the set's own JSON. */
struct rules_words {
    const char *word[RULES_WORDS];
    size_t n;
};

struct rule {
    const char *name;
    int precedence;   /* the higher decides */
    uint32_t regions; /* bit i = regions[i] of the set; 0 = all */
    struct rules_words families, currencies;
    int32_t from, to; /* days since 1970, both included; INT32_MIN, INT32_MAX = open */
    enum rules_measure measure;
    int32_t ppm;                          /* of MEASURE_NONE */
    struct rules_step steps[RULES_STEPS]; /* ascending */
    size_t steps_n;
};

struct rules_layer {
    const char *name;
    int32_t default_ppm;
    struct rule *rules; /* by precedence, the highest first */
    size_t n;
};

/* ---- the price index ---- */

enum {
    INDEX_PPM_MIN = 100000,   /* 0.1 */
    INDEX_PPM_MAX = 10000000, /* 10 */
    INDEX_VALUES = 400,
    INDEX_URL_SIZE = 400,
    INDEX_SOURCE_SIZE = 100,
    INDEX_DATE_SIZE = 40,
    INDEX_AGE_MAX_H = 8760
};

/* What the values of an index belong to. */
enum index_of { INDEX_NONE, INDEX_COUNTRY, INDEX_REGION, INDEX_FAMILY, INDEX_CURRENCY };

/* What a set says of the index that its prices need. */
struct index_rule {
    enum index_of of; /* INDEX_NONE = the set has no index */
    const char *url;
    int max_age_h;
    bool without_away;    /* when it cannot be used, list prices hold and the answer says so; else nothing is priced */
    bool without_missing; /* the same for a line that it has no value for */
};

struct index_value {
    const char *key; /* of a country its two letters */
    int32_t ppm;     /* factor of the list price, in millionths */
};

/* An index as it was read at one moment. */
struct price_index {
    const char *failure; /* why it cannot be used, as a word; NULL = it can */
    char source[INDEX_SOURCE_SIZE], as_of[INDEX_DATE_SIZE];
    int64_t age_s;                           /* at that moment */
    struct index_value values[INDEX_VALUES]; /* by key, small and capital letters alike */
    size_t n;
};

struct rules {
    json_t *json; /* what texts are borrowed from */
    const char *name;
    int32_t cap_ppm;
    bool line_override; /* a discount on the line itself counts */
    const char *regions[RULES_REGIONS];
    size_t regions_n;
    int default_region;             /* of a country that is unknown or empty */
    bool by_region;                 /* some rule looks at the region */
    signed char *region_of_country; /* own, by the index of country_find; -1 never */
    struct rules_layer layers[RULES_LAYERS];
    size_t layers_n;
    struct index_rule index;
    const struct price_index *prices; /* what multiplies list prices; NULL = nothing does. Borrowed */
};

/* Gets each fault as a whole sentence. */
typedef void rules_fault_fn(void *ctx, const char *fault);

/* Whether this host may fetch `url`; false with a sentence in `why` that says how to mend it. */
typedef bool rules_url_fn(void *ctx, const char *url, char *why, size_t size);

/* Reads a set from JSON text and checks it: all faults are told, and the set is NULL when there is one. The caller's to
 * free. */
struct rules *rules_read(const char *text, size_t n, rules_fault_fn *fault, void *ctx) QUOTES_MUST_CHECK;
/* The same where the url of an index is looked at as well: `allowed` gets `ctx`, and may be NULL. */
struct rules *rules_read_for(const char *text, size_t n, rules_url_fn *allowed, rules_fault_fn *fault,
                             void *ctx) QUOTES_MUST_CHECK;
void rules_free(struct rules *r);

/* The text of a set that comes along ("sample", "standard"); NULL when there is none of that name. */
const char *rules_preset(const char *name);

/*
 * The set that this process prices by: what PRICING_RULES_FILE named when the host started, else "sample". NULL when
 * rules_choose has not been called, or has failed.
 */
const struct rules *rules_now(void);
/* `value` is the setting: NULL or "", the name of a set that comes along, or the path of a file. */
bool rules_choose(const char *value, rules_fault_fn *fault, void *ctx);
bool rules_choose_for(const char *value, rules_url_fn *allowed, rules_fault_fn *fault, void *ctx);

/* ---- countries ---- */

/* Index of a country of ISO 3166-1 by its two- or three-letter code, its English name or another name of it, letters in
 * any case; -1 = none. */
int country_find(const char *text);
int country_count(void);
const char *country_code(int index);   /* two letters */
const char *country_region(int index); /* NAMER, LATAM, EMEA or APAC, when a set does not say otherwise */

/* ---- pricing ---- */

/* What the rules look at. */
struct price_facts {
    const char *country, *family, *currency; /* "" = not known */
    int32_t today;                           /* days since 1970 */
    struct decimal quantity, amount, total;
    int override_ppm; /* -1 = none */
};

/* What one layer gave. */
struct price_reason {
    const struct rules_layer *layer;
    const struct rule *rule;       /* NULL = the layer's default */
    const struct rules_step *step; /* the threshold that was reached; NULL = the rule has none */
    int32_t ppm;
};

struct price {
    int32_t ppm;
    struct price_reason reasons[RULES_LAYERS];
    size_t n;        /* 0 when the line's own discount took their place */
    int region;      /* index among the set's regions */
    bool known;      /* the country was found; else it is the set's default region */
    bool overridden; /* by the discount on the line */
    bool capped;
    const struct index_value *index; /* what has multiplied the list price; NULL = nothing has */
};

/* Key of a line with these facts in the set's index, such as "DE"; "" when what it depends on is not known. Borrowed
 * from the facts and the set. */
const char *rules_index_key(const struct rules *r, const struct price_facts *facts);
/* Its value in r->prices; NULL when it has none. */
const struct index_value *rules_index_value(const struct rules *r, const char *key);
/* "country", "region", "family", "currency". */
const char *rules_index_of(const struct rules *r);
/* "DE x 1.02": what the index gave, in words. Returns `out`. */
char *rules_index_words(const struct index_value *value, char *out, size_t size);

/* What the set makes of a line: *out is filled whole; it borrows from the set. */
void rules_price(const struct rules *r, const struct price_facts *facts, struct price *out);

/* What one layer gave, in words: "EMEA, Middle East and Africa 15 % (EMEA)", "volume 3 % (quantity from 10)". Returns
 * `out`. */
char *rules_reason_words(const struct rules *r, const struct price *p, size_t reason, char *out, size_t size);
/* All of them: "region: Europe 15 % (EMEA); volume: 3 % (quantity from 10); cut to the cap of 30 %". Returns `out`. */
char *rules_words(const struct rules *r, const struct price *p, char *out, size_t size);

#endif
