/*
 * pages.h - what the host shows of itself: health, readiness, metrics, the OpenAPI document, the docs page.
 */
#ifndef ACTIONHOST_WEB_PAGES_H
#define ACTIONHOST_WEB_PAGES_H

#include "runtime/web/front_state.h"

/*
 * Answers a request for a page in *answer (the same for GET and HEAD: the server leaves the body of a HEAD out), or
 * says in *e (zeroed by the caller) why not. False, with neither touched, when there is no page at this path, or it is
 * off.
 */
bool page_show(const struct exchange_shared *s, const struct guard_result *request, struct exchange_answer *answer,
               struct err *e) MUST_CHECK;

#endif
