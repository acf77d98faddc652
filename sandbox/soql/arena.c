/* arena.c - memory of one query, and its first error. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/text.h"
#include "sandbox/soql/soql.h"

struct block {
    struct block *next;
    size_t used, size;
    char bytes[];
};
struct soql_arena {
    struct block *blocks;
};

struct soql_arena *soql_arena_new(void)
{
    return mem_new(sizeof(struct soql_arena));
}

void *soql_new(struct soql_arena *a, size_t n)
{
    n = (n + 15) & ~(size_t)15;
    if (!a->blocks || a->blocks->size - a->blocks->used < n) {
        size_t size = n > 4000 ? n : 4000;
        struct block *b = mem_new(sizeof *b + size);
        b->size = size;
        b->next = a->blocks;
        a->blocks = b;
    }
    void *p = a->blocks->bytes + a->blocks->used;
    a->blocks->used += n;
    return p;
}

char *soql_dup(struct soql_arena *a, const char *s, size_t n)
{
    char *p = soql_new(a, n + 1);
    if (n)
        memcpy(p, s, n);
    return p;
}

void soql_free(struct soql_arena *a)
{
    if (!a)
        return;
    for (struct block *b = a->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(a);
}

void soql_fail(struct soql_error *error, const char *code, size_t at, const char *fmt, ...)
{
    va_list ap;
    if (error->code[0])
        return;
    copy_text(error->code, sizeof error->code, code);
    error->at = at;
    va_start(ap, fmt);
    vsnprintf(error->message, sizeof error->message, fmt, ap);
    va_end(ap);
}
