/*
 * listener.h - the process that hears events: one subscription for each connection of EVENTS_CONNECTIONS and each topic
 * that an action declares. What it hears goes to the jobs process, which alone has the database.
 */
#ifndef ACTIONHOST_LISTENER_H
#define ACTIONHOST_LISTENER_H

#include "runtime/declare/config.h"

/* `control` leads to the master. Runs until it is drained; returns the exit code. */
int listener_run(int control, struct config *c, struct declarations *d);

#endif
