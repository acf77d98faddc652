/*
 * agreement_pdf.h - the agreement as a document to sign: PDF with embedded fonts, the same bytes for the same inputs.
 */
#ifndef FINANCE_AGREEMENT_PDF_H
#define FINANCE_AGREEMENT_PDF_H

#include "actions/finance_agreement/agreement.h"

/*
 * Finds and opens the fonts once per process, which takes a while; agreement_pdf does it when nobody did. False with a
 * sentence in `why` when no usable font is installed.
 */
bool agreement_pdf_start(char *why, size_t size) __attribute__((warn_unused_result));

/*
 * Renders the document. True: *pdf is the caller's, to be freed with free(). False with a sentence in `why`.
 */
bool agreement_pdf(const struct agreement *a, unsigned char **pdf, size_t *length, char *why, size_t size)
    __attribute__((warn_unused_result));

#endif
