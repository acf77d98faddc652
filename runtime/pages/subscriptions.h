/* subscriptions.h - the part of the jobs page that shows which topics of which orgs are listened to, and how far. */
#ifndef ACTIONHOST_PAGES_SUBSCRIPTIONS_H
#define ACTIONHOST_PAGES_SUBSCRIPTIONS_H

#include <jansson.h>

#include "runtime/base/bytes.h"

/* `list` is that of subscription_list in jobs/inbox.h; nothing is written when it is empty or NULL. */
void subscriptions_write(struct buf *b, const json_t *list, int64_t now_ms);

#endif
