/* view.h - one page of the accounts of several orgs: what is asked for, what is known of each org, what came of it. */
#ifndef LIST_ACCOUNTS_VIEW_H
#define LIST_ACCOUNTS_VIEW_H

#include "runtime/action.h"

enum view_key { KEY_NAME, KEY_CITY, KEY_OWNER };

/* What an org may lack, or this user may not see. */
enum view_lack { LACK_CITY = 1, LACK_OWNER = 2, LACK_AMOUNT = 4 };

/* One org of the view. */
struct source {
    const char *name;    /* of its connection */
    const char *same_as; /* the connection before it that leads to the same org; NULL = none */
    struct sf_org *org;  /* NULL = there is no session */
    struct sf_error err; /* code "" = it has answered */
    unsigned lacks;      /* of enum view_lack */
    bool currency;       /* it has several currencies */
    int64_t total;       /* accounts that fit the search; -1 = not known */
    int elapsed_ms;
    /* how far it was read: nothing, or behind the account `last_id`, whose value of the key is `last` (NULL = none) */
    const char *last_id, *last;
    bool ended;
    /* this page: records, of which `taken` are in the answer; `more` = the org has others behind them */
    const json_t *records;
    size_t n, taken;
    bool more;
};

struct view {
    struct act_call *call;
    enum view_key key;
    bool descending;
    const char *search; /* "" = all */
    size_t page_size;
    int64_t end_ms;         /* act_time_left_ms at which no org is waited for any longer */
    struct source *sources; /* in the call's arena */
    size_t n;
    int failures; /* pages in a row to which only failures had anything left to give */
};

/* The words of input and cursor. */
extern const char *const view_keys[];

/* Whether this page asks the org: it is there, it is not read to its end, and nothing stands against it. */
bool source_is_asked(const struct source *s);

/* ---- ask.c: what goes out ---- */
/* Fills records, err, lacks, total of each source that is asked. */
void view_ask(struct view *v);

/* ---- merge.c: what comes together ---- */
/* The next accounts over all orgs in the view's order, page_size at most; a new reference. Moves the sources on. */
json_t *view_merge(struct view *v);
/* The place of two texts in the view, without case; NULL is behind all others. */
int view_compare(const char *a, const char *b, bool descending);

/* ---- row.c ---- */
/* One account as the caller sees it; a new reference. *partial = the org gave only some of its open opportunities. */
json_t *row_make(const struct source *s, const json_t *record, bool *partial);
/* The value of the view's key in a record; NULL = none. Borrowed. */
const char *row_key(const struct view *v, const struct source *s, const json_t *record);

/* ---- trouble.c ---- */
/* What became of one org; a new reference. */
json_t *source_report(const struct source *s);

#endif
