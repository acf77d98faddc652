/* template_words.h - the words of templates and how their faults are noted. For template.c only. */
#ifndef ACTIONHOST_CARDS_TEMPLATE_WORDS_H
#define ACTIONHOST_CARDS_TEMPLATE_WORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct card_word {
    const char *name; /* NULL behind the last */
    int value;
};
extern const struct card_word card_slot_words[], card_role_words[], card_flow_words[], card_shape_words[],
    card_has_words[], card_anchor_words[], card_align_words[], card_ground_words[], card_op_words[];

struct card_parser {
    char *why;
    size_t size;
    bool failed;
};

/* Notes the first fault; later ones mostly follow from it. */
void card_parser_fault(struct card_parser *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
