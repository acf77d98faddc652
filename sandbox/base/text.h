/*
 * text.h - text that grows, the JSON that is written into it, and memory that is never NULL. Running out of memory ends
 * the program: the sandbox is a tool of one developer. The host has a kit of its own; nothing is shared on purpose.
 */
#ifndef SANDBOX_BASE_TEXT_H
#define SANDBOX_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Start with all zeros, or with `max` alone. */
struct text {
    char *p; /* NUL-terminated; NULL until something is added */
    size_t n, cap;
    size_t max;  /* bytes that it may hold; 0 = no ceiling */
    bool failed; /* the ceiling was met: nothing more is added */
};

/* Each appends; false when that would go beyond the ceiling. */
bool text_add(struct text *t, const void *p, size_t n);
bool text_str(struct text *t, const char *s);
bool text_char(struct text *t, char c);
bool text_fmt(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* n bytes as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD. */
void text_json(struct text *t, const char *s, size_t n);
void text_json_str(struct text *t, const char *s);
enum { REAL_TEXT_MAX = 40 };
/* The shortest of 15 to 17 digits that reads back as the same double; d is finite. */
void real_text(double d, char out[REAL_TEXT_MAX]);
/* A double as Salesforce prints it: shortest of up to 17 digits, always with a decimal point. */
void text_double(struct text *t, double d);

/* Leaves an empty text with the same ceiling. */
void text_free(struct text *t);
/* The same, but the memory changes hands: free() it. NULL when empty or failed. `n` may be NULL. */
char *text_take(struct text *t, size_t *n);

/* malloc and friends that do not return NULL. */
void *mem_new(size_t n); /* zeroed */
char *mem_dup(const char *s, size_t n);

/* Copies with truncation, always terminated. */
void copy_text(char *out, size_t size, const char *in);
/* Whether two names are the same; ASCII case-blind. */
bool same_name(const char *a, const char *b);

#endif
