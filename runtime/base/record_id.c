/* record_id.c - the checksum of record ids. */
#include "runtime/base/record_id.h"

#include <string.h>

#include "runtime/base/chars.h"

bool record_id_long(struct span id, char out[RECORD_ID_SIZE])
{
    static const char suffix[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    char text[RECORD_ID_SIZE];
    if ((id.n != 15 && id.n != 18) || !span_all(id, char_alnum))
        return false;
    memcpy(text, id.p, 15);
    /* One bit for each capital letter, five letters to a character. */
    for (size_t part = 0; part < 3; part++) {
        unsigned bits = 0;
        for (size_t i = 0; i < 5; i++)
            bits |= (unsigned)char_upper(text[part * 5 + i]) << i;
        text[15 + part] = suffix[bits];
    }
    text[18] = '\0';
    memcpy(out, text, sizeof text);
    return true;
}

bool record_id_check(struct span id, char out[RECORD_ID_SIZE])
{
    char text[RECORD_ID_SIZE];
    if (!record_id_long(id, text) || (id.n == 18 && !span_eq_nocase((struct span){ id.p + 15, 3 }, text + 15)))
        return false;
    memcpy(out, text, sizeof text);
    return true;
}

bool record_id_same(struct span a, struct span b)
{
    char x[RECORD_ID_SIZE], y[RECORD_ID_SIZE];
    return record_id_long(a, x) && record_id_long(b, y) && memcmp(x, y, 15) == 0;
}

bool record_id_is_org(struct span id)
{
    char ignored[RECORD_ID_SIZE];
    return span_starts(id, "00D") && record_id_long(id, ignored);
}
