/*
 * bytes.h - the sandbox's own small helpers for bytes: bounded blobs, base64, UUIDs, URL forms.
 * The host has its own; nothing is shared on purpose.
 */
#ifndef SANDBOX_BASE_BYTES_H
#define SANDBOX_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BYTES_CHECK __attribute__((warn_unused_result))

/* A growing, NUL-terminated text with a ceiling (the org has a helper of its own). Once `failed` is set nothing more is
 * added. */
struct blob {
    char *p; /* NULL while empty */
    size_t n, cap, max;
    bool failed;
};

void blob_init(struct blob *t, size_t max);
void blob_free(struct blob *t);
bool blob_add(struct blob *t, const void *p, size_t n);
bool blob_fmt(struct blob *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The memory changes hands: free() it. NULL when failed or empty. */
char *blob_take(struct blob *t, size_t *n);

/* Base64 of RFC 4648 section 4 (padded) or, with url, section 5 (no padding). Returns malloc'ed text. */
char *base64_text(const void *p, size_t n, bool url);
/* Strict decoding: right alphabet, right padding (none with url), no stray bits. malloc'ed and NUL-terminated; NULL if
 * not. */
unsigned char *base64_bytes(const char *p, size_t n, bool url, size_t *out_n) BYTES_CHECK;

/* base64 of the HMAC-SHA256 of n bytes under a key; malloc'ed, NULL when OpenSSL fails. */
char *hmac_base64(const char *key, const void *payload, size_t n) BYTES_CHECK;

/* Random bytes of the kernel; ends the program when there are none. */
void bytes_random(void *p, size_t n);
/* `n` random characters of A-Z a-z 0-9, then a NUL. */
void random_name(char *out, size_t n);
void uuid_text(char out[37]);

/* Whether two texts are equal, in a time that depends on their lengths only. */
bool same_text(const char *a, const char *b);

/* Decodes %XX (and + as blank when form) into new memory; NULL for a bad or NUL escape. */
char *url_decode(const char *p, size_t n, bool form) BYTES_CHECK;
/* The decoded value of the first `name` in a query or form text; malloc'ed, NULL when absent. */
char *form_get(const char *form, const char *name) BYTES_CHECK;

int64_t now_ms(void);                    /* wall clock, milliseconds since 1970 */
int64_t steady_us(void);                 /* monotonic */
void iso_time(int64_t ms, char out[32]); /* 2026-11-23T10:11:12.000Z */

/* Copies with truncation, always terminated. */
void copy_text(char *out, size_t size, const char *in);

#endif
