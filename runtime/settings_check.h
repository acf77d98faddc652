/*
 * settings_check.h - what reading the settings does not tell: what the actions think of theirs, and whether the files
 * that settings name can be used, and whether the system grants what they need. Asked once, in the master, before
 * anything is forked.
 */
#ifndef ACTIONHOST_SETTINGS_CHECK_H
#define ACTIONHOST_SETTINGS_CHECK_H

#include "runtime/declare/config.h"

/* Lets each action check its settings (action.h: act_check_fn). False: one line per fault was added to `faults`. */
MUST_CHECK bool settings_check_actions(const struct config *c, const struct declarations *d, struct buf *faults);

/*
 * Checks the files that the host's own settings name, keys and data action secrets, and the database that they name, as
 * far as can be told without asking it. A process of its own reads them
 * and ends, as what is in them may not be in the memory that workers inherit; the front reads them again for use.
 * False: one line per fault was added to `faults`.
 */
MUST_CHECK bool settings_check_files(const struct config *c, struct buf *faults);

/* The database alone, in this process: for a command that does not fork. */
MUST_CHECK bool settings_check_database(const struct config *c, struct buf *faults);

/*
 * Raises the number of descriptors that this process and its children may have open to what the settings need, with a
 * front (serve) or without. False:
 * the system does not allow so many, and `faults` has a line with both numbers and how to mend it.
 */
MUST_CHECK bool settings_check_descriptors(const struct config *c, bool serve, struct buf *faults);

#endif
