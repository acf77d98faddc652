/* text.c - printf into a buffer, cut at a character. */
#include "actions/finance_agreement/text.h"

#include <stdio.h>

/* Bytes of the character that begins with `first`. */
static size_t length_of(unsigned char first)
{
    return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
}

void text_vfmt(char *out, size_t size, const char *fmt, va_list ap)
{
    int n = vsnprintf(out, size, fmt, ap);
    if (n < 0 || (size_t)n < size) {
        if (n < 0)
            *out = '\0';
        return;
    }
    /* back to the first byte of the last character, which goes unless all of it fitted */
    size_t at = size - 1;
    while (at && ((unsigned char)out[at - 1] & 0xc0) == 0x80)
        at--;
    if (at && at - 1 + length_of((unsigned char)out[at - 1]) > size - 1)
        out[at - 1] = '\0';
}

void text_fmt(char *out, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    text_vfmt(out, size, fmt, ap);
    va_end(ap);
}
