/*
 * write.h - priced Opportunities as Quotes in the org, by Collections: all Quotes, then their lines, 200 a request, in
 * a job several requests at once. Everything is inserted under its key, so that the same again makes nothing twice.
 */
#ifndef QUOTES_WRITE_H
#define QUOTES_WRITE_H

#include "actions/quotes/records.h"

enum quote_state {
    QUOTE_OPEN,   /* not made yet */
    QUOTE_MADE,   /* it and all of its lines are there */
    QUOTE_AGAIN,  /* the org may take it later: `error` */
    QUOTE_REFUSED /* for good: `error`; there is no Quote */
};

/* One Quote. */
struct quote_piece {
    const struct deal *deal;
    size_t index; /* the caller's own */
    enum quote_state state;
    char id[SF_ID_SIZE];
    struct sf_error error;
};

enum quote_write {
    QUOTE_WRITTEN, /* every piece has its state */
    QUOTE_STOPPED, /* the step is to stop; what is there is found again */
    QUOTE_FAILED,  /* *err: a request failed as a whole */
    QUOTE_DENIED   /* each record would meet the same refusal, see quote_org_explains: *err */
};

/* Writes n pieces whose keys begin with `uuid`. */
enum quote_write quote_write(struct act_call *call, const char *uuid, struct quote_piece *pieces, size_t n,
                             struct sf_error *err) QUOTES_MUST_CHECK;

/* Whether a record was refused because one like it is there: by its key, or by another unique field. */
bool quote_is_twin(const struct sf_error *err);

#endif
