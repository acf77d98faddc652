/* price_index.h - the path of a price index that quotes can be priced with. */
#ifndef SANDBOX_PRICE_INDEX_H
#define SANDBOX_PRICE_INDEX_H

#include "sandbox/state/state.h"

handler price_index_get;

#endif
