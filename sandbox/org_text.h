/*
 * org_text.h - growing text, JSON strings, percent and base64 coding for the sandbox's org.
 * Running out of memory ends the program: the sandbox is a tool of one developer.
 */
#ifndef SANDBOX_ORG_TEXT_H
#define SANDBOX_ORG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Text that grows; NUL-terminated once anything was added. Start with all zeros. */
struct text {
    char *p;
    size_t n, cap;
};

void text_add(struct text *t, const void *p, size_t n);
void text_str(struct text *t, const char *s);
void text_char(struct text *t, char c);
void text_fmt(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Appends n bytes as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD. */
void text_json(struct text *t, const char *s, size_t n);
void text_json_str(struct text *t, const char *s);
/* Appends a double as Salesforce prints it: shortest of up to 17 digits, always with a decimal point. */
void text_double(struct text *t, double d);
void text_free(struct text *t);
char *text_take(struct text *t); /* the memory changes hands: free() it. NULL when empty */

/* malloc and friends that do not return NULL. */
void *mem_new(size_t n); /* zeroed */
char *mem_dup(const char *s, size_t n);

/* Decodes %XX (and + as blank when `plus`) in place; returns the length. False escapes stay as they are. */
size_t percent_decode(char *s, size_t n, bool plus);
/* Value of a query parameter, decoded, malloc; NULL when absent. Names are compared exactly. */
char *query_param(const char *query, const char *name);

/* Standard base64; blanks and line ends are skipped as the org does. -1 when it is not base64. `out` holds n / 4 * 3
 * + 3. */
long text_base64_decode(const char *in, size_t n, unsigned char *out);

/* Copies with truncation, always terminated. */
void text_copy(char *out, size_t size, const char *in);
bool same_name(const char *a, const char *b); /* ASCII case-blind */

#endif
