/* topics.c - "events": {"topic": ...} of the declarations. */
#include "runtime/events/topics.h"

#include <string.h>

size_t topics_declared(const struct declarations *d, struct span *topics, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++) {
        const char *topic = declaration_text(json_object_get(d->v[i].root, "events"), "topic");
        bool known = !*topic || n == max;
        for (size_t k = 0; k < n && !known; k++)
            known = span_eq(topics[k], topic);
        if (!known)
            topics[n++] = span_of(topic);
    }
    return n;
}
