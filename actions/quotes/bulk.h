/*
 * bulk.h - generateQuotes in Bulk mode: pages of up to 20,000 Opportunities, whose Quotes are inserted by one Bulk job
 * to its end and then their lines by another, which refer to the Quotes by their keys. For jobs that would take too
 * many of an org's daily requests otherwise. What a Bulk job leaves over comes back in smaller pages, which go by rows.
 */
#ifndef QUOTES_BULK_H
#define QUOTES_BULK_H

#include "actions/quotes/job.h"
#include "actions/quotes/org.h"
#include "actions/quotes/records.h"

enum {
    QUOTES_ROWS_MAX = 20000,  /* Quotes and lines that a job writes by rows */
    QUOTES_ROW_PAGE = 500,    /* Opportunities of a page that is written by rows, at most: "pageItems". One query reads
                                 them, whose ids still fit into a URL */
    QUOTES_BULK_PAGE = 20000, /* of one that is written in bulk */
    QUOTES_COUNTED = 1000     /* a job of no more than this has fewer rows than that: its lines are not counted */
};

/*
 * Whether a job of n Opportunities is written in bulk: above 20,000 rows, or when less than a fifth of the org's daily
 * requests is left and it has more than one page. `lines` they have together; -1 = nobody has counted them.
 */
bool quotes_in_bulk(struct act_call *call, bool dry, int64_t n, int64_t lines);
/* The lines of the Opportunities of a list; -1 when it is too short for that to matter, or the org does not say. */
int64_t quotes_count_lines(struct act_call *call, const json_t *list);

/* One page: the Opportunities of `items`, 18-character ids. */
enum act_step quotes_bulk_page(struct act_call *call, const json_t *items);

/* ---- between the files of Bulk mode ---- */

/* What is known of an Opportunity of the page. */
enum bulk_state {
    BULK_OPEN,   /* nothing yet */
    BULK_QUOTED, /* its Quote is there */
    BULK_TOLD    /* reported: failed, or to be tried again */
};

struct bulk_page {
    struct act_call *call;
    struct job_terms terms;
    struct quote_org org;
    struct sf_error err;
    bool failed; /* *err says how the org failed while rows were given */
    size_t n;
    char (*ids)[SF_ID_SIZE];
    enum bulk_state *state;
    size_t *order; /* places in `ids`, by the text of the ids */
    /* Opportunities that are being read, a block after the other */
    size_t from, block_n, at;  /* place of the block, how many it has, which is next in it */
    size_t line;               /* of that one */
    int64_t given;             /* rows so far */
    struct deal *block, *read; /* at their places, and as they come */
    json_t *row;               /* own: a Quote whose texts are being sent */
    char quantity[AMOUNT_DECIMAL_SIZE], price[AMOUNT_DECIMAL_SIZE], key[QUOTE_KEY_SIZE], quote_key[QUOTE_KEY_SIZE];
    struct sf_bulk_info info;   /* of the Bulk job whose results are read */
    struct deal_problem denied; /* what no Quote at all can be made with */
};

extern const struct sf_bulk_load bulk_quotes, bulk_lines;

/* Begins to give rows anew. */
void bulk_rewind(void *page);
/* The next Quote of those that are open, and the next line of those that are quoted. */
sf_bulk_give_fn bulk_give_quote, bulk_give_line;
/* Reports what stands in the way of those that are still open, of which the org was sent no Quote. False: p->err. */
bool bulk_explain_open(struct bulk_page *p) QUOTES_MUST_CHECK;

/* Read what became of Quotes and of lines. False: p->err. */
bool bulk_read_quotes(struct bulk_page *p, const char *id) QUOTES_MUST_CHECK;
bool bulk_read_lines(struct bulk_page *p, const char *id) QUOTES_MUST_CHECK;

#endif
