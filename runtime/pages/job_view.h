/* job_view.h - what the pages show of one job, in a list and alone. */
#ifndef ACTIONHOST_PAGES_JOB_VIEW_H
#define ACTIONHOST_PAGES_JOB_VIEW_H

#include <jansson.h>

#include "runtime/base/bytes.h"

/* Texts are borrowed from the JSON; NULL = not known. */
struct job_view {
    const char *id, *operation, *state, *username, *user, *org, *org_url, *connection, *queue, *message, *input;
    const char *created, *started, *finished;
    int64_t total, done, failed, kept, eta_s; /* total and eta_s: -1 = not known */
    double rate;
    bool paused, ended;
    int64_t now_ms;
};

void job_view_read(const json_t *job, int64_t now_ms, struct job_view *v);

/* Who asked, or as whom it runs: a user's name, his id, or "page" where nobody's is known. */
const char *job_view_person(const struct job_view *v);
/* A connection's job with failed rows, all ended: the page has no token of a user. */
bool job_view_can_retry(const struct job_view *v);

/* Parts in HTML. */
void job_view_state(struct buf *b, const struct job_view *v);
void job_view_bar(struct buf *b, const struct job_view *v, bool tall);
/* "3,214 of 5,000 · 12 failed" */
void job_view_progress(struct buf *b, const struct job_view *v);
/* "about 15 s left"; false, and nothing, where it is not known. */
bool job_view_left(struct buf *b, const struct job_view *v);
/* "118 a second"; false as above. */
bool job_view_rate(struct buf *b, const struct job_view *v);
/* The form that cancels it, which asks once; `back` is the page to return to. */
void job_view_cancel(struct buf *b, const struct job_view *v, const char *back, const char *style);
void job_view_retry(struct buf *b, const struct job_view *v, const char *back, bool in_full);
/* An input of a form that is not shown. */
void job_view_hidden(struct buf *b, const char *name, const char *value);

#endif
