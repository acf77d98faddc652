/* text.c - UTF-8 is cut between characters. */
#include "actions/quotes/text.h"

#include <string.h>

/* Bytes of the character that begins with `c`. */
static size_t character(unsigned char c)
{
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

size_t quote_text_units(const char *text, size_t units)
{
    size_t n = 0, used = 0;
    while (text[n]) {
        size_t bytes = character((unsigned char)text[n]), more = bytes == 4 ? 2 : 1;
        if (used + more > units)
            break;
        used += more;
        n += bytes;
    }
    return n;
}

size_t quote_text_bytes(const char *text, size_t bytes)
{
    size_t n = strlen(text);
    if (n <= bytes)
        return n;
    for (n = bytes; n && ((unsigned char)text[n] & 0xc0) == 0x80;)
        n--;
    return n;
}

void quote_text_mend(char *text)
{
    size_t n = strlen(text), back = 0;
    while (back < n && back < 3 && ((unsigned char)text[n - 1 - back] & 0xc0) == 0x80)
        back++;
    if (back < n && character((unsigned char)text[n - 1 - back]) > back + 1)
        text[n - 1 - back] = '\0';
}
