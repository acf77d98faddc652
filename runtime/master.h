/*
 * master.h - the process that the others come from. It has one thread, parses nothing from outside, forks the front and
 * the workers, reaps them and replaces workers that end.
 */
#ifndef ACTIONHOST_MASTER_H
#define ACTIONHOST_MASTER_H

#include "runtime/declare/config.h"

/*
 * Runs until the front has ended. Returns the program's exit code: the front's, or EX_UNAVAILABLE when no worker can
 * start its actions, EX_SOFTWARE when a process was ended from outside or cannot be made.
 */
int master_run(struct config *c, struct declarations *d);

#endif
