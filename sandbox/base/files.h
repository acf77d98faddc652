/* files.h - the sandbox's object descriptions and sample records, embedded by the build. */
#ifndef SANDBOX_BASE_FILES_H
#define SANDBOX_BASE_FILES_H

#include <stddef.h>

struct embedded_file {
    const char *path; /* sandbox/objects/Account.json */
    const char *text; /* NUL-terminated */
    size_t n;
};

extern const struct embedded_file embedded_files[]; /* the last row has path NULL */

#endif
