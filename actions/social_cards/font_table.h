/*
 * font_table.h - which family shows which characters, and where Debian's packages keep it. Ranges are blocks of
 * Unicode. For fonts.c only.
 */
#ifndef ACTIONHOST_CARDS_FONT_TABLE_H
#define ACTIONHOST_CARDS_FONT_TABLE_H

#include <stdint.h>

/* clang-format off */
#define NOTO(name) "truetype/noto/NotoSans" name "-Regular.ttf", "truetype/noto/NotoSans" name "-Bold.ttf"
#define CJK "opentype/noto/NotoSansCJK-Regular.ttc", "opentype/noto/NotoSansCJK-Bold.ttc"

struct range {
    uint32_t from, to;
};

/* In the order in which a character that several could show is looked for. */
enum { TALL = 1, HAN = 2, LOOSE = 4 };
static const struct group {
    const char *family, *regular, *bold; /* files below a root; bold may be NULL */
    int index;                           /* of the face in its file */
    int flags;
    struct range ranges[6];
} groups[] = {
    { "Noto Sans Arabic", NOTO("Arabic"), 0, TALL,
      { { 0x600, 0x6ff }, { 0x750, 0x77f }, { 0x8a0, 0x8ff }, { 0xfb50, 0xfdff }, { 0xfe70, 0xfefc } } },
    { "Noto Sans Hebrew", NOTO("Hebrew"), 0, 0, { { 0x590, 0x5ff }, { 0xfb1d, 0xfb4f } } },
    { "Noto Sans Devanagari", NOTO("Devanagari"), 0, TALL,
      { { 0x900, 0x97f }, { 0x1cd0, 0x1cff }, { 0xa8e0, 0xa8ff } } },
    { "Noto Sans Bengali", NOTO("Bengali"), 0, TALL, { { 0x980, 0x9ff } } },
    { "Noto Sans Gurmukhi", NOTO("Gurmukhi"), 0, TALL, { { 0xa00, 0xa7f } } },
    { "Noto Sans Gujarati", NOTO("Gujarati"), 0, TALL, { { 0xa80, 0xaff } } },
    { "Noto Sans Oriya", NOTO("Oriya"), 0, TALL, { { 0xb00, 0xb7f } } },
    { "Noto Sans Tamil", NOTO("Tamil"), 0, TALL, { { 0xb80, 0xbff } } },
    { "Noto Sans Telugu", NOTO("Telugu"), 0, TALL, { { 0xc00, 0xc7f } } },
    { "Noto Sans Kannada", NOTO("Kannada"), 0, TALL, { { 0xc80, 0xcff } } },
    { "Noto Sans Malayalam", NOTO("Malayalam"), 0, TALL, { { 0xd00, 0xd7f } } },
    { "Noto Sans Sinhala", NOTO("Sinhala"), 0, TALL, { { 0xd80, 0xdff } } },
    { "Noto Sans Thai", NOTO("Thai"), 0, TALL, { { 0xe00, 0xe7f } } },
    { "Noto Sans Lao", NOTO("Lao"), 0, TALL, { { 0xe80, 0xeff } } },
    { "Noto Sans Myanmar", NOTO("Myanmar"), 0, TALL, { { 0x1000, 0x109f } } },
    { "Noto Sans Khmer", NOTO("Khmer"), 0, TALL, { { 0x1780, 0x17ff } } },
    { "Noto Sans Georgian", NOTO("Georgian"), 0, 0, { { 0x10a0, 0x10ff }, { 0x1c90, 0x1cbf }, { 0x2d00, 0x2d2f } } },
    { "Noto Sans Armenian", NOTO("Armenian"), 0, 0, { { 0x530, 0x58f }, { 0xfb13, 0xfb17 } } },
    { "Noto Sans Ethiopic", NOTO("Ethiopic"), 0, 0, { { 0x1200, 0x139f } } },
    { "Noto Sans CJK JP", CJK, 0, HAN, { { 0 } } },
    { "Noto Sans CJK KR", CJK, 1, HAN, { { 0 } } },
    { "Noto Sans CJK SC", CJK, 2, HAN, { { 0 } } },
    { "Noto Sans CJK TC", CJK, 3, HAN, { { 0 } } },
    { "Noto Color Emoji", "truetype/noto/NotoColorEmoji.ttf", NULL, 0, LOOSE,
      { { 0x1f000, 0x1faff }, { 0x2300, 0x23ff }, { 0x2600, 0x27bf }, { 0x2b00, 0x2bff },
      { 0xfe0f, 0xfe0f }, { 0x20e3, 0x20e3 } } },
    { "Noto Sans", NOTO(""), 0, LOOSE, { { 0x100, 0x2fff }, { 0xa640, 0xa7ff } } },
    { "Noto Sans Symbols", NOTO("Symbols"), 0, LOOSE, { { 0x2000, 0x2bff }, { 0x1f000, 0x1f2ff } } },
    { "Noto Sans Symbols2", "truetype/noto/NotoSansSymbols2-Regular.ttf", NULL, 0, LOOSE,
      { { 0x2000, 0x2bff }, { 0x1f300, 0x1fbff } } },
    { "Noto Sans Math", "truetype/noto/NotoSansMath-Regular.ttf", NULL, 0, LOOSE,
      { { 0x2000, 0x2bff }, { 0x1d400, 0x1d7ff } } },
};

enum { GROUPS = sizeof groups / sizeof *groups, HAN_JA = 19, HAN_KO = 20, HAN_SC = 21, HAN_TC = 22, EMOJI = 23 };

static const struct range han_ranges[] = {
    { 0x1100, 0x11ff }, { 0x2e80, 0x33ff }, { 0x3400, 0x9fff }, { 0xa960, 0xa97f }, { 0xac00, 0xd7ff },
    { 0xf900, 0xfaff },
    { 0xfe30, 0xfe4f }, { 0xff00, 0xffef }, { 0x20000, 0x3ffff },
};
/* clang-format on */

#endif
