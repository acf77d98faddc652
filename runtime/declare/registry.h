/*
 * registry.h - the table that the build writes from the folders of actions: declaration text and handler of each.
 */
#ifndef ACTIONHOST_DECLARE_REGISTRY_H
#define ACTIONHOST_DECLARE_REGISTRY_H

#include "runtime/action.h"

struct registry_row {
    const char *name;        /* of the folder */
    const char *declaration; /* text of action.json */
    size_t length;
    const struct action *action;
};

extern const struct registry_row registry_rows[]; /* sorted by name; the last row has name NULL */

/* Text of openapi/host.json: title, servers, agent topic, shared errors. */
extern const char registry_host_json[];
extern const size_t registry_host_json_length;

#endif
