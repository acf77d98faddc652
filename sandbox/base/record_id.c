/*
 * record_id.c - record ids. The three check characters carry, five bits each, which of the first fifteen are capitals,
 * so that case-blind programs can tell ids apart.
 */
#include "sandbox/base/record_id.h"

#include <ctype.h>
#include <string.h>

static void add_check(char id[ID_SIZE])
{
    for (int group = 0; group < 3; group++) {
        int bits = 0;
        for (int i = 0; i < 5; i++)
            if (id[group * 5 + i] >= 'A' && id[group * 5 + i] <= 'Z')
                bits |= 1 << i;
        id[15 + group] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits];
    }
    id[18] = '\0';
}

bool id_complete(const char *in, char out[ID_SIZE])
{
    size_t n = strlen(in);
    char id[ID_SIZE];
    if (n != 15 && n != 18)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)in[i]))
            return false;
    memcpy(id, in, 15);
    add_check(id);
    if (n == 18)
        for (int i = 15; i < 18; i++)
            if (toupper((unsigned char)in[i]) != id[i])
                return false;
    memcpy(out, id, ID_SIZE);
    return true;
}

void id_make(const char *prefix, uint64_t n, char out[ID_SIZE])
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (int i = 0; i < 3; i++) {
        out[i] = prefix[i];
        out[3 + i] = "xx0"[i];
    }
    for (int i = 14; i > 5; i--, n /= 62)
        out[i] = digits[n % 62];
    add_check(out);
}
