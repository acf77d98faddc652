/*
 * bytes.h - bytes from outside: spans, bounded buffers, comparison in constant time, copies.
 */
#ifndef ACTIONHOST_BASE_BYTES_H
#define ACTIONHOST_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef MUST_CHECK
#define MUST_CHECK __attribute__((warn_unused_result))
#endif

/* A piece of memory that somebody else owns; not terminated. */
struct span {
    const char *p;
    size_t n;
};

struct span span_of(const char *s); /* of a NUL-terminated string; NULL gives an empty span */
bool span_eq(struct span a, const char *s);
bool span_eq_nocase(struct span a, const char *s); /* ASCII only */
bool span_starts(struct span a, const char *prefix);
bool span_all(struct span a, bool (*is)(char c)); /* every byte is of a class (chars.h); true for an empty span */
struct span span_trim(struct span a);             /* blanks and tabs at both ends */
/* Takes the part before `sep` off the front of *rest. False when *rest is empty. */
bool span_split(struct span *rest, char sep, struct span *part);

/* What a text lists, separated by commas; the spans borrow the text. */
enum { SPAN_LIST = 64 };
struct span_list {
    struct span v[SPAN_LIST];
    size_t n;
};
/* Blanks around a member do not count. False, and *list as it was, when there is none, too many or an empty one. */
MUST_CHECK bool span_list_read(struct span_list *list, const char *text);

/* A growing buffer that knows its ceiling; what it held is overwritten where it grew away from. After a failed append
 * `failed` stays set and nothing more is added. */
struct buf {
    char *p; /* NUL-terminated once anything was added; NULL before */
    size_t n, cap, max;
    bool failed;
};

void buf_init(struct buf *b, size_t max); /* max counts the bytes without the NUL */
void buf_free(struct buf *b);
void buf_wipe(struct buf *b); /* overwrites what it held, keeps the memory */
bool buf_add(struct buf *b, const void *p, size_t n);
bool buf_str(struct buf *b, const char *s);
bool buf_char(struct buf *b, char c);
bool buf_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Makes room for n more bytes and returns where they go; NULL above the ceiling. Follow with b->n += used. */
char *buf_room(struct buf *b, size_t n);
/* Appends a file. False: it cannot be read, is empty, or does not fit; what was added until then stays. */
MUST_CHECK bool buf_file(struct buf *b, const char *path);
/* The memory changes hands: free() it. NULL when failed or empty. */
char *buf_take(struct buf *b, size_t *n);

/* Equal without telling by its time where they differ. The lengths are no secret. */
bool bytes_equal(const void *a, const void *b, size_t n);
/* Overwrites in a way that the compiler keeps. */
void bytes_wipe(void *p, size_t n);
/*
 * Like free() and realloc(), of memory that malloc() or the second of these gave, for growing buffers and for libraries
 * that copy tokens: it is overwritten before it goes back to the heap. NULL: out of memory, and p is as it was.
 */
void bytes_free_wiped(void *p);
void *bytes_realloc_wiped(void *p, size_t n);

/* Copies with truncation, always terminated. */
void copy_text(char *out, size_t size, const char *in);
void copy_span(char *out, size_t size, struct span in);
void copy_lower(char *out, size_t size, struct span in); /* ASCII letters in lower case */

#endif
