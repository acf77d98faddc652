/*
 * decode.h - a payload as an event: its header taken apart, its values as JSON. A payload that cannot be read is an
 * event with a fault.
 */
#ifndef ACTIONHOST_EVENTS_DECODE_H
#define ACTIONHOST_EVENTS_DECODE_H

#include "runtime/events/bitmap.h"

struct decoder;

/* Ends the program when there is no memory. */
struct decoder *decoder_new(void);
void decoder_free(struct decoder *d);

/*
 * Fills e->header and e->fields, or e->fault with what could be read of the rest; the other members stay as they are.
 * Its spans borrow from the decoder until the next call. True: there is no fault.
 */
bool decode(struct decoder *d, struct form *s, struct span payload, struct event *e);

#endif
