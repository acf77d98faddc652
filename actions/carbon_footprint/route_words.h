/*
 * route_words.h - words that people write between the codes of stops, in the languages that they write, and what is
 * done with them: many are airport codes as well.
 */
#ifndef CARBON_ROUTE_WORDS_H
#define CARBON_ROUTE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum route_word {
    ROUTE_CODE,    /* no word of ours: an airport code or a fault */
    ROUTE_SKIP,    /* stands between stops and says nothing: "via", "and" */
    ROUTE_REFUSE,  /* says something that is no stop: "tbc", "Mon", "or" */
    ROUTE_DOUBTFUL /* an airport of some size, and a word: taken when it lies on the way, and told */
};

/*
 * What the word of n bytes means. `capitals`: it is written in capital letters alone, as codes are; `bracketed`: it
 * stands behind a bracket, as days do ("FRA (SAT)").
 */
enum route_word route_word_of(const char *text, size_t n, bool capitals, bool bracketed);

/* Words that stand for a code that is not known yet ("TBC", "unk"), some of which are codes: for fields of one code. */
bool route_word_is_placeholder(const char *text, size_t n);

#endif
