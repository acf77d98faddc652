/* header_gaps.c - gaps between the pieces of a request. */
#include "runtime/web/header_gaps.h"

#include <string.h>

enum { LINE_END = 2 };

/* The end of a header's value; NULL when more than a colon and a blank stands between it and the name. */
static const char *field_end(const struct guard_header *h)
{
    const char *colon = h->name.p + h->name.n;
    bool close = h->value.p == colon + 1 || (h->value.p == colon + 2 && (colon[1] == ' ' || colon[1] == '\t'));
    return close ? h->value.p + h->value.n : NULL;
}

bool shown_whole(const struct guard_request *r, size_t size)
{
    if (!r->version || r->count > LIMIT_HEADER_LINES)
        return false;
    const char *end = r->method + strlen(r->method) + 1 + r->raw_target.n + 1;
    if (r->version != end)
        return false;
    end += strlen(r->version);
    for (size_t i = 0; i < r->count; i++) {
        if (r->headers[i].name.p != end + LINE_END || !(end = field_end(&r->headers[i])))
            return false;
    }
    return end + 2 * LINE_END == r->method + size;
}
