/* answer.h - what generateQuote tells about a Quote. */
#ifndef QUOTE_ANSWER_H
#define QUOTE_ANSWER_H

#include "actions/quotes/index.h"
#include "actions/quotes/records.h"

/* The Quote as it stands in the org. */
struct quote_made {
    char id[SF_ID_SIZE];
    const char *number;                   /* "" = not known */
    int64_t grand;                        /* the org's grand total, */
    bool told;                            /* when it told one */
    const struct sf_result *const *lines; /* results of the lines' records; NULL = the Quote was there before */
};

/* What it was priced by. */
struct quote_terms {
    const struct rules *rules;
    const struct price_index *index; /* NULL = the rules have none */
    int32_t today;
};

/* New reference; NULL when there is no memory. */
json_t *quote_answer(const struct deal *d, const struct quote_terms *terms, const struct quote_made *made);

#endif
