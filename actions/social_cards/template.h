/*
 * template.h - designs of cards: JSON files (data/<name>.json), compiled once to drawing operations. docs/cards.md
 * describes the format.
 */
#ifndef ACTIONHOST_CARDS_TEMPLATE_H
#define ACTIONHOST_CARDS_TEMPLATE_H

#include "actions/social_cards/design.h"

/* Compiles the JSON text of one template. NULL with a sentence in `why`. */
struct card_template *card_template_parse(const char *json, size_t n, char *why, size_t size);
void card_template_free(struct card_template *t);

/* The built-in ones, written by the build: text of data/<name>.json. */
struct card_template_source {
    const char *name, *json;
    size_t length;
};
extern const struct card_template_source card_template_sources[]; /* ends with name NULL */

#endif
