/*
 * docs_page.h - the docs page at /docs: swagger-ui and our own few lines, embedded by the build, so that it needs no
 * network and no package manager. What is big is stored gzipped and sent as it is.
 */
#ifndef ACTIONHOST_WEB_DOCS_PAGE_H
#define ACTIONHOST_WEB_DOCS_PAGE_H

#include "runtime/base/bytes.h"

/* Written by the build from openapi/docs; the last has name NULL. "x.js.gz" is served as x.js. */
struct docs_file {
    const char *name;
    const unsigned char *p;
    size_t n;
};
extern const struct docs_file docs_files[];

struct docs_page {
    struct span body;                            /* lives as long as the docs */
    const char *content_type, *content_encoding; /* the latter NULL when it is none */
    const char *policy;                          /* for Content-Security-Policy */
};

struct docs;

/*
 * `sign_url` is the origin of the sandbox that signs what the page tries out (config.h: docs_sign_url), empty for none;
 * it is copied. NULL without memory.
 */
struct docs *docs_new(struct span sign_url) MUST_CHECK;
void docs_free(struct docs *d);

/* The page at a path: /docs, /docs/ and what they load. False when there is none. */
bool docs_find(const struct docs *d, struct span path, struct docs_page *page);

#endif
