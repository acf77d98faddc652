/* portal_parts.h - what the files of the portal share: portal.c (questions), portal_page.c (the page), portal_orgs.c
 * (cards of orgs, marks, amounts), portal_order.c (by amount), portal_data.c (Data 360), portal_profile.c (one
 * account). */
#ifndef ACTIONHOST_PAGES_PORTAL_PARTS_H
#define ACTIONHOST_PAGES_PORTAL_PARTS_H

#include "runtime/pages/html.h"
#include "runtime/pages/portal.h"

/* A member's text; "" when it is absent or none. Borrowed. */
const char *portal_text(const json_t *object, const char *name);
/* What listAccounts says of the connection; NULL = nothing. Borrowed. */
const json_t *portal_org(const struct portal *p, const char *connection);
bool portal_failed(const json_t *org);
bool portal_lacks(const json_t *org, const char *what);

/* The mark of an org, by its place, and its name. */
void portal_mark(struct buf *b, const struct portal *p, const char *connection, bool with_name);
/* [{amount, currencyCode?}] as people read it. */
void portal_amounts(struct buf *b, const json_t *row);

/* The accounts by their open amount, the largest first unless it says else. Returns how many there are; borrowed. */
size_t portal_by_amount(const json_t *accounts, bool smallest_first, const json_t *rows[PORTAL_SHOWN_MAX]);
/* Whether the wish is for that order. */
bool portal_is_by_amount(const struct portal_wish *w);

/* Parts of the page, each appended to b: the cards of the orgs, the profile of the chosen account, the panel of Data
 * 360. */
void portal_cards(struct buf *b, const struct portal *p, const struct portal_facts *f);
void portal_profile(struct buf *b, const struct portal *p);
void portal_data(struct buf *b, const struct portal *p);
void portal_samples(struct buf *b, const struct portal *p);

#endif
