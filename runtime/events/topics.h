/* topics.h - which topics the declared actions want to hear. */
#ifndef ACTIONHOST_EVENTS_TOPICS_H
#define ACTIONHOST_EVENTS_TOPICS_H

#include "runtime/declare/declaration.h"

/* Each topic once, in the order of the actions; borrowed from the declarations. How many there are, `max` at most. */
size_t topics_declared(const struct declarations *d, struct span *topics, size_t max);

#endif
