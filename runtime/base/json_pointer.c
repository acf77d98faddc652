/* json_pointer.c - JSON Pointers and excerpts for messages. */
#include "runtime/base/json_pointer.h"

#include <stdio.h>
#include <string.h>

void text_excerpt(char *out, size_t size, struct span text)
{
    if (text.n < size) {
        copy_span(out, size, text);
        return;
    }
    size_t n = size - 4;
    while (n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--;
    memcpy(out, text.p, n);
    memcpy(out + n, "...", 4);
}

size_t pointer_push(struct pointer *p, struct span name)
{
    size_t before = p->n;
    char part[POINTER_NAME + 1], escaped[2 * POINTER_NAME + 2];
    size_t n = 0;
    text_excerpt(part, sizeof part, name);
    escaped[n++] = '/';
    for (const char *c = part; *c; c++) {
        if (*c == '~' || *c == '/') {
            escaped[n++] = '~';
            escaped[n++] = *c == '~' ? '0' : '1';
        } else {
            escaped[n++] = *c;
        }
    }
    if (p->n + n < sizeof p->text) {
        memcpy(p->text + p->n, escaped, n);
        p->n += n;
        p->text[p->n] = '\0';
    }
    return before;
}

size_t pointer_push_index(struct pointer *p, size_t index)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%zu", index);
    return pointer_push(p, span_of(digits));
}

void pointer_pop(struct pointer *p, size_t length)
{
    p->n = length;
    p->text[length] = '\0';
}
