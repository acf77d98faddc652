/*
 * encoding.h - bytes as text and back: hex, base64, percent escapes and forms; what is signed and compared in secret.
 */
#ifndef SANDBOX_BASE_ENCODING_H
#define SANDBOX_BASE_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#define CHECK_RESULT __attribute__((warn_unused_result))

/* The value of a hex digit; -1 when it is none. */
int hex_value(char c);
/* n bytes as 2n small hex digits and a NUL. */
void hex_text(const void *p, size_t n, char *out);

enum base64_form {
    BASE64_PADDED, /* RFC 4648 section 4 */
    BASE64_URL,    /* section 5, without padding */
    BASE64_LINES   /* padded; when read, blanks and ends of lines are skipped, as the org does */
};

/* malloc'ed. */
char *base64_text(const void *p, size_t n, enum base64_form form);
/* Strict: right alphabet, right padding, no stray bits. malloc'ed and NUL-terminated; NULL when it is not base64. */
unsigned char *base64_bytes(const char *p, size_t n, enum base64_form form, size_t *out_n) CHECK_RESULT;
/* base64 of the HMAC-SHA256 of n bytes under a key; malloc'ed, NULL when OpenSSL fails. */
char *hmac_base64(const char *key, const void *payload, size_t n) CHECK_RESULT;
/* Whether two texts are equal, in a time that depends on their lengths only. */
bool same_secret(const char *a, const char *b);

/* Decodes %XX, and + as a blank when `plus`; malloc'ed. NULL for an escape that is none, or that is of NUL. */
char *percent_decode(const char *p, size_t n, bool plus) CHECK_RESULT;
/* The same in place, as the org does it: what is no escape stays as it is. Returns the length. */
size_t percent_decode_loose(char *s, size_t n, bool plus);

/* The decoded value of the first `name` in a form or query; malloc'ed. NULL when absent or not to be decoded. */
char *form_get(const char *form, const char *name) CHECK_RESULT;
/* The same, decoded as the org does it; names are compared as they were sent, and one without "=" is absent. */
char *query_param(const char *query, const char *name) CHECK_RESULT;

#endif
