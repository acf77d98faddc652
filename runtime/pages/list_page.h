/* list_page.h - the page of all jobs. */
#ifndef ACTIONHOST_PAGES_LIST_PAGE_H
#define ACTIONHOST_PAGES_LIST_PAGE_H

#include <jansson.h>

#include "runtime/base/bytes.h"

enum { LIST_SEARCH = 100, LIST_SHOWN = 50, LIST_SHOWN_MAX = 200 };

/* What was asked for. */
struct list_wish {
    char state[12]; /* "" = all */
    char search[LIST_SEARCH + 1];
    int show;
};

/* Reads it from a query; what is no state or no number counts as absent. */
void list_wish_read(struct span query, struct list_wish *w);
/* The question to the jobs process. A new reference. */
json_t *list_wish_question(const struct list_wish *w);

struct list_page {
    const struct list_wish *wish;
    const json_t *answer; /* of JOB_PAGE_LIST */
    int keep_days;
    int64_t now_ms;
};
/* What stands in the frame. */
void list_page_write(struct buf *b, const struct list_page *p);

#endif
