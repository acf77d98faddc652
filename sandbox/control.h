/* control.h - the paths below /sandbox that turn knobs; docs/sandbox.md has a line for each. */
#ifndef SANDBOX_CONTROL_H
#define SANDBOX_CONTROL_H

#include "sandbox/state/state.h"

handler control_reset, control_expire, control_settings, control_targets, control_keys, control_apps, control_objects,
    control_permissions, control_record_faults, control_setup, control_make, control_undelete, control_model,
    control_notifications, control_events, control_clock, control_faults, control_log;

#endif
