/*
 * encoding.h - bytes as text and back: base64, hex, UTF-8, strings of JSON.
 */
#ifndef ACTIONHOST_BASE_ENCODING_H
#define ACTIONHOST_BASE_ENCODING_H

#include "runtime/base/bytes.h"

/* Appends s as a JSON string with its quotes. False also when s is not UTF-8. */
bool buf_json_string(struct buf *b, struct span s);

/* Standard base64 (RFC 4648 section 4), strict: padded, no line breaks, no stray bits. -1 when it is not, else the
 * length. */
long base64_decode(struct span in, unsigned char *out, size_t cap);
/* base64url without padding (section 5), strict. */
long base64url_decode(struct span in, unsigned char *out, size_t cap);
/* Writes ((n + 2) / 3) * 4 bytes and a NUL; returns the length. */
size_t base64_encode(const void *in, size_t n, char *out);
size_t base64url_encode(const void *in, size_t n, char *out);
void hex_encode(const void *in, size_t n, char *out); /* 2 * n bytes and a NUL, lower case */

bool utf8_valid(struct span s);
/* The part of s up to its first byte that is no UTF-8: a text that was cut loses the character that the cut went
 * through. */
struct span utf8_whole(struct span s);

#endif
