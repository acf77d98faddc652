/*
 * length.h - lengths of a design: sums such as "w-66.6", "B-23" or "w-2M", in hundredths of the card's shorter side.
 * w and h are the canvas, M the side margin, T the line that texts begin at above and B the one they end at below.
 */
#ifndef ACTIONHOST_CARDS_LENGTH_H
#define ACTIONHOST_CARDS_LENGTH_H

#include <stdbool.h>

struct card_length {
    double k, w, h, m, t, b;
};

/* What the letters stand for on one card. */
struct card_frame {
    double w, h, m, t, b;
};

/* Reads a sum of numbers and multiples of the letters. False leaves *out undefined: it is none. */
bool card_length_parse(const char *text, struct card_length *out);

double card_length_of(const struct card_length *l, const struct card_frame *f);

#endif
