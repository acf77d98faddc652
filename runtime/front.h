/*
 * front.h - the process that talks to the network: one thread, one event loop. It runs no action code.
 */
#ifndef ACTIONHOST_FRONT_H
#define ACTIONHOST_FRONT_H

#include "runtime/declare/config.h"

/*
 * Runs until it is drained. What the workers log comes from `logs`, which does not block, and goes to stderr (-1: they
 * write there themselves). Returns the exit code: EX_OK = drained, EXIT_FAILURE = the drain ran out before all were
 * answered, EX_CONFIG = a file that a setting names cannot be used, EX_OSERR = the port or something else of the system
 * cannot be had.
 */
int front_run(int control, int logs, struct config *c, struct declarations *d);

#endif
