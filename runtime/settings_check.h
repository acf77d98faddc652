/*
 * settings_check.h - what the table of settings cannot say by itself: what the actions think of theirs, and whether the
 * files and lists that settings name can be used. Asked once, in the master, before anything is forked.
 */
#ifndef ACTIONHOST_SETTINGS_CHECK_H
#define ACTIONHOST_SETTINGS_CHECK_H

#include "runtime/config.h"

/* Lets each action check its settings (action.h: act_check_fn). False: one line per fault was added to `faults`. */
MUST_CHECK bool settings_check_actions(const struct declarations *d, struct buf *faults);

#endif
