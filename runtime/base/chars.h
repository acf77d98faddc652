/* chars.h - classes of ASCII characters, whatever the locale. */
#ifndef ACTIONHOST_BASE_CHARS_H
#define ACTIONHOST_BASE_CHARS_H

#include <stdbool.h>

static inline bool char_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool char_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool char_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static inline bool char_letter(char c)
{
    return char_upper(c) || char_lower(c);
}

static inline bool char_alnum(char c)
{
    return char_letter(c) || char_digit(c);
}

/* Printable without the blank: 0x21 to 0x7e. */
static inline bool char_visible(char c)
{
    return c > ' ' && c < 0x7f;
}

/* Printable with the blank. */
static inline bool char_printable(char c)
{
    return c >= ' ' && c < 0x7f;
}

/* 0x00 to 0x1f, and 0x7f. */
static inline bool char_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f;
}

/* 0 to 15; -1 when it is no hexadecimal digit. */
static inline int char_hex_value(char c)
{
    return char_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static inline char char_to_lower(char c)
{
    return char_upper(c) ? (char)(c + 32) : c;
}

#endif
