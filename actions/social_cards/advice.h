/* advice.h - what a card is worth by numbers, and sentences that say how to make it better. */
#ifndef ACTIONHOST_CARDS_ADVICE_H
#define ACTIONHOST_CARDS_ADVICE_H

#include "actions/social_cards/card.h"

enum { CARD_ADVICE_MOST = 6, CARD_ADVICE_SIZE = 200 };

struct card_advice {
    int score; /* 0 to 100: how well the texts and pictures suit the design */
    char text[CARD_ADVICE_MOST][CARD_ADVICE_SIZE];
    int count;
};

/* Judges a card that was drawn; the sentences are in order of their weight. */
void card_advise(const struct card_input *in, const struct card_report *r, struct card_advice *out);

#endif
