/*
 * docs_page.h - the docs page at /docs: a page of our own over /openapi.json, embedded by the build, so that it needs
 * no network and no package manager. What the document does not tell (examples, error codes, callers) comes from
 * /docs/about.json, which is made of the same declarations.
 */
#ifndef ACTIONHOST_WEB_DOCS_PAGE_H
#define ACTIONHOST_WEB_DOCS_PAGE_H

#include "runtime/declare/declaration.h"

/* Written by the build from openapi/docs and the style that all pages share; the last has name NULL. */
struct docs_file {
    const char *name;
    const unsigned char *p;
    size_t n;
};
extern const struct docs_file docs_files[];

struct docs_page {
    struct span body; /* lives as long as the docs */
    const char *content_type;
    const char *policy; /* for Content-Security-Policy */
};

/* What the page says of this host. All of it is borrowed. */
struct docs_settings {
    const struct declarations *declarations;
    struct span
        sign_url; /* origin of the sandbox that signs what is tried out (config.h: docs_sign_url), empty = none */
    const char *version;
    int request_timeout_ms;
    bool jobs;  /* a database of jobs is configured */
    bool pages; /* there is a jobs page */
};

struct docs;

/* All of *s is read while it runs, and not after. NULL without memory, or when a text does not fit. docs_free ends it;
 * NULL is nothing to free. */
struct docs *docs_new(const struct docs_settings *s) MUST_CHECK;
void docs_free(struct docs *d);

/* The page at a path: /docs, /docs/ and what they load. False when there is none. */
bool docs_find(const struct docs *d, struct span path, struct docs_page *page);

#endif
