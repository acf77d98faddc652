/* bitmap.c - see bitmap.h. */
#include "sandbox/pubsub/bitmap.h"

void bitmap_text(struct text *out, const bool *bits, size_t n, int parent)
{
    while (n && !bits[n - 1])
        n--;
    if (!n)
        return;
    if (parent >= 0)
        text_fmt(out, "%d-", parent);
    text_str(out, "0x");
    for (size_t byte = (n + 7) / 8; byte-- > 0;) {
        unsigned value = 0;
        for (size_t k = 0; k < 8 && 8 * byte + k < n; k++)
            value |= (unsigned)bits[8 * byte + k] << k;
        text_fmt(out, "%02X", value);
    }
    text_char(out, '\0');
}
