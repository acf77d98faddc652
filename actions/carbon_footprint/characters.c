/* characters.c - UTF-8 taken apart, and ranges of Unicode by what they mean beside airport codes. */
#include "characters.h"

struct range {
    uint32_t from, to;
};

static bool within(uint32_t c, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].from && c <= ranges[i].to)
            return true;
    return false;
}
#define WITHIN(c, ranges) within(c, ranges, sizeof(ranges) / sizeof *(ranges))

uint32_t character_next(const char **p)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *s = (const unsigned char *)*p;
    size_t n = *s < 0x80 ? 1 : *s >= 0xc2 && *s < 0xe0 ? 2 : (*s & 0xf0) == 0xe0 ? 3 : *s >= 0xf0 && *s < 0xf5 ? 4 : 0;
    uint32_t c = n == 1 ? *s : n ? *s & (0x7fU >> n) : CHARACTER_WRONG;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            n = 0; /* the end of the text too */
            break;
        }
        c = c << 6 | (s[i] & 0x3fU);
    }
    if (n == 0 || c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
        *p += 1;
        return CHARACTER_WRONG;
    }
    *p += n;
    return c;
}

bool character_is_blank(uint32_t c)
{
    static const struct range blanks[] = { { '\t', '\r' },     { ' ', ' ' },       { 0x85, 0x85 },
                                           { 0xa0, 0xa0 },     { 0x1680, 0x1680 }, { 0x2000, 0x200f },
                                           { 0x2028, 0x2029 }, { 0x202f, 0x202f }, { 0x205f, 0x2060 },
                                           { 0x3000, 0x3000 }, { 0xfeff, 0xfeff } };
    return WITHIN(c, blanks);
}

bool character_is_hidden(uint32_t c)
{
    static const struct range hidden[] = { { 0, 0x1f },        { 0x7f, 0x9f },     { 0xad, 0xad },
                                           { 0x61c, 0x61c },   { 0x180e, 0x180e }, { 0x200b, 0x200f },
                                           { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfe00, 0xfe0f },
                                           { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe0fff } };
    return WITHIN(c, hidden);
}

bool character_is_between(uint32_t c)
{
    /* Latin-1 signs; general punctuation; arrows, mathematical and technical signs, shapes, dingbats; punctuation of
     * East Asian and Arabic writing, and of full width. */
    static const struct range signs[] = { { 0xa1, 0xa9 },     { 0xab, 0xb1 },     { 0xb4, 0xb4 },
                                          { 0xb6, 0xb8 },     { 0xbb, 0xbb },     { 0xd7, 0xd7 },
                                          { 0x60c, 0x60c },   { 0x61b, 0x61b },   { 0x2010, 0x206f },
                                          { 0x2190, 0x23ff }, { 0x2500, 0x27ff }, { 0x2900, 0x2bff },
                                          { 0x3001, 0x3003 }, { 0x3008, 0x3011 }, { 0x3014, 0x301f },
                                          { 0x30fb, 0x30fb }, { 0xfe00, 0xfe0f }, { 0xff01, 0xff0f },
                                          { 0xff1a, 0xff20 }, { 0xff3b, 0xff40 }, { 0xff5b, 0xff65 } };
    if (c < 0x80)
        return !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
    return character_is_blank(c) || WITHIN(c, signs);
}

uint32_t character_narrow(uint32_t c)
{
    return c >= 0xff01 && c <= 0xff5e ? c - 0xff01 + '!' : c;
}

uint32_t character_small(uint32_t c)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9) ||
        (c >= 0x410 && c <= 0x42f))
        return c + 0x20;
    return c;
}

size_t character_put(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)((0xf00U >> n & 0xff) | c);
    return n;
}
