/* shared.c - the one engine of a process. Both operations use it; a worker runs one call at a time. */
#include "actions/social_cards/cards.h"

struct card_engine *cards_engine(char *why, size_t size)
{
    static struct card_engine *engine;
    if (!engine)
        engine = card_engine_new(why, size);
    return engine;
}
