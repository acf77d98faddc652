/*
 * agreement_pdf.h - the agreement as a document: PDF with embedded fonts, the same bytes for the same inputs.
 */
#ifndef FINANCE_AGREEMENT_PDF_H
#define FINANCE_AGREEMENT_PDF_H

#include "actions/finance_agreement/agreement.h"
#include "actions/finance_agreement/pdf_page.h"

/*
 * Finds and opens the fonts once per process, which takes a while; agreement_pdf does it when nobody did. False with
 * *why when the fonts are not installed.
 */
bool agreement_pdf_start(struct pdf_fault *why) __attribute__((warn_unused_result));

/*
 * Renders the document. True: *pdf is the caller's, to be freed with free(). False with *why: a font is missing, or a
 * figure or a text cannot be shown whole.
 */
bool agreement_pdf(const struct agreement *a, unsigned char **pdf, size_t *length, struct pdf_fault *why)
    __attribute__((warn_unused_result));

#endif
