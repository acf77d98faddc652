/*
 * text.h - formatted text in a bounded buffer that is always whole UTF-8: a cut leaves no half of a character behind,
 * which would make the JSON of a reply impossible.
 */
#ifndef FINANCE_TEXT_H
#define FINANCE_TEXT_H

#include <stdarg.h>
#include <stddef.h>

void text_fmt(char *out, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void text_vfmt(char *out, size_t size, const char *fmt, va_list ap) __attribute__((format(printf, 3, 0)));

#endif
