/* visit_parts.h - what the files of a visit share: visit.c (from the path to the answer), visit_login.c (the way in).
 */
#ifndef ACTIONHOST_PAGES_VISIT_PARTS_H
#define ACTIONHOST_PAGES_VISIT_PARTS_H

#include "runtime/pages/html.h"
#include "runtime/pages/list_page.h"
#include "runtime/pages/portal.h"
#include "runtime/pages/visit.h"

enum { VISIT_JOB = 36 /* characters of a job's id */ };

struct visits {
    struct visits_settings s;
    struct login_tries tries;
    struct portal_memory reads;
};

struct route;

struct visit {
    struct visits *all;
    const struct route *route;
    char job[VISIT_JOB + 1];
    char *path, *query; /* as it was asked for */
    char address[LOGIN_ADDRESS];
    bool secure, trusted; /* over TLS as far as is known; sent by a page of ours */
    int64_t now_ms, unix_s;
    struct list_wish wish;
    struct portal *portal; /* own; NULL = this is another page */
    struct span call_body; /* of the action that is called, within the visit */
    const char *call;      /* its name */
    int rows;
    char back[VISIT_LOCATION];
    struct buf question;
    struct visit_answer answer;
};

/* Each makes the answer, and returns VISIT_ANSWER. */
enum visit_step visit_refuse(struct visit *v, int status, const char *code, const char *message);
enum visit_step visit_go_to(struct visit *v, const char *location);
/* The answer is a page: its body, behind the beginning of the frame. */
struct buf *visit_page_begin(struct visit *v, int status, const struct html_frame *f);
enum visit_step visit_page_end(struct visit *v, const struct html_frame *f);

/* Where to go back to, by a member of a query or form: a page of ours, else the list. */
void visit_take_back(struct visit *v, struct span from, const char *name);

/* The portal: visit_portal.c. */
enum visit_step visit_portal(struct visit *v);
enum visit_step visit_portal_called(struct visit *v, int status, struct span body, int64_t now_ms);
enum visit_step visit_ask_samples(struct visit *v, struct span form);
enum visit_step visit_make_samples(struct visit *v, struct span form);

/* The way in and out: visit_login.c. */
enum visit_step visit_show_login(struct visit *v);
enum visit_step visit_log_in(struct visit *v, struct span form);
enum visit_step visit_log_out(struct visit *v, struct span form);

#endif
