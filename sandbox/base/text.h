/*
 * text.h - growing text, JSON strings, percent and base64 coding for the sandbox's org.
 * Running out of memory ends the program: the sandbox is a tool of one developer.
 */
#ifndef SANDBOX_BASE_TEXT_H
#define SANDBOX_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Text that grows; NUL-terminated once anything was added. Start with all zeros. */
struct otext {
    char *p;
    size_t n, cap;
};

void otext_add(struct otext *t, const void *p, size_t n);
void otext_str(struct otext *t, const char *s);
void otext_char(struct otext *t, char c);
void otext_fmt(struct otext *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Appends n bytes as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD. */
void otext_json(struct otext *t, const char *s, size_t n);
void otext_json_str(struct otext *t, const char *s);
/* Appends a double as Salesforce prints it: shortest of up to 17 digits, always with a decimal point. */
void otext_double(struct otext *t, double d);
void otext_free(struct otext *t);
char *otext_take(struct otext *t); /* the memory changes hands: free() it. NULL when empty */

/* malloc and friends that do not return NULL. */
void *mem_new(size_t n); /* zeroed */
char *mem_dup(const char *s, size_t n);

/* Decodes %XX (and + as blank when `plus`) in place; returns the length. False escapes stay as they are. */
size_t percent_decode(char *s, size_t n, bool plus);
/* Value of a query parameter, decoded, malloc; NULL when absent. Names are compared exactly. */
char *query_param(const char *query, const char *name);

/* Standard base64; blanks and line ends are skipped as the org does. -1 when it is not base64. `out` holds n / 4 * 3
 * + 3. */
long otext_base64_decode(const char *in, size_t n, unsigned char *out);

/* Copies with truncation, always terminated. */
void otext_copy(char *out, size_t size, const char *in);
bool same_name(const char *a, const char *b); /* ASCII case-blind */

#endif
