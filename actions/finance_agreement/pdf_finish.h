/*
 * pdf_finish.h - what cairo 1.16 cannot write: the document's language, its title in the window's bar, scopes of table
 * heads; and the many small objects of the tags packed and compressed.
 */
#ifndef FINANCE_PDF_FINISH_H
#define FINANCE_PDF_FINISH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Rewrites a file of cairo's. True: *out is the caller's, to be freed with free(); the same input gives the same bytes.
 * False: the input is no sound PDF, or memory ran out.
 */
bool pdf_finish(const unsigned char *in, size_t length, const char *language, unsigned char **out, size_t *out_length)
    __attribute__((warn_unused_result));

#endif
