/*
 * policy.h - what is done about a call that ended: one row for each error code of the Pub/Sub API, and for what a
 * status alone says.
 */
#ifndef ACTIONHOST_EVENTS_POLICY_H
#define ACTIONHOST_EVENTS_POLICY_H

#include "runtime/events/grpc.h"

enum policy_action {
    POLICY_AGAIN, /* from the stored position, after a pause that grows: 1 to 60 s */
    POLICY_TOKEN, /* at once with a new token; the second time in a row like POLICY_REPORT */
    POLICY_LOST,  /* the position is not known any more: an alarm, and all that is kept from the beginning */
    POLICY_LIMIT, /* reported, and tried again after a long pause */
    POLICY_REPORT /* somebody has to mend something: reported, and tried again each minute */
};

struct policy {
    const char *code; /* what follows POLICY_PREFIX in error-code; a row without it is for a status */
    int status;
    enum policy_action action;
    const char *words; /* what to say, with what to do where there is something; NULL = the server's own words */
};

#define POLICY_PREFIX "sfdc.platform.eventbus.grpc."

/* Never NULL. */
const struct policy *policy_of(const struct grpc_end *e);

/*
 * Milliseconds to wait before try number `failures` + 1 after so many that failed: twice as long each time up to the
 * action's most, and anywhere in the upper half of that, so that those who were cut off together do not come back
 * together.
 */
int64_t policy_pause_ms(enum policy_action action, unsigned failures);

#endif
