/* lenders.h - the paths of two lenders that quote rates, for an action that asks such. */
#ifndef SANDBOX_LENDERS_H
#define SANDBOX_LENDERS_H

#include "sandbox/state/state.h"

handler lender_apr, lender_quotes;

#endif
