/* assets.h - the style and the script of the pages, embedded by the build from runtime/pages/assets. */
#ifndef ACTIONHOST_PAGES_ASSETS_H
#define ACTIONHOST_PAGES_ASSETS_H

#include <stddef.h>

/* The last has name NULL. */
struct pages_file {
    const char *name;
    const unsigned char *p;
    size_t n;
};
extern const struct pages_file pages_files[];

#endif
