/*
 * spool.h - bytes that are too many for memory: a file without a name in the folder for temporary files, which is gone
 * when it is closed or the program ends.
 */
#ifndef SANDBOX_BULK_SPOOL_H
#define SANDBOX_BULK_SPOOL_H

#include <stdbool.h>
#include <stddef.h>

struct spool {
    int fd; /* 0 = nothing was written yet */
    size_t n;
};

/* Appends; false when the disk is full or no file can be made. Start with all zeros. */
bool spool_add(struct spool *s, const void *p, size_t n);
/* Reads n bytes from `at` on; false when they cannot be read. */
bool spool_read(const struct spool *s, size_t at, size_t n, char *out);
/* The whole of it as memory that is read from the file on demand; NULL when it is empty or cannot be mapped. Unmap with
 * the length that it has now. */
const char *spool_map(const struct spool *s);
void spool_unmap(const char *p, size_t n);
/* Leaves an empty one. */
void spool_free(struct spool *s);

#endif
