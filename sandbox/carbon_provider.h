/* carbon_provider.h - the path of a provider of announced emissions, for an action that asks one. */
#ifndef SANDBOX_CARBON_PROVIDER_H
#define SANDBOX_CARBON_PROVIDER_H

#include "sandbox/state/state.h"

handler carbon_provider_leg;

#endif
