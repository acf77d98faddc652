/*
 * store.h - agreements in the org: the document and, beside it, the finished reply as JSON, both files of the customer.
 * Their titles carry the agreement number, which is made of a hash of key and user and a hash of the input; so a
 * repeated call is recognised by one query, and no other state exists.
 */
#ifndef FINANCE_STORE_H
#define FINANCE_STORE_H

#include <jansson.h>

#include "actions/finance_agreement/agreement.h"
#include "runtime/action.h"

/* "FA-0123456789AB-CDEF0123": the part before the last hyphen tells key and user, the last part the input. */
void store_number(const char *who, const char *input_hash, char out[AGREEMENT_NUMBER]);

/* Hash of the input without its idempotencyKey; the same for 1000 and 1000.0 and for members in another order. */
void store_input_hash(const json_t *in, char out[AGREEMENT_HASH]);

enum store_found {
    STORE_NONE,     /* the key is new */
    STORE_REPLY,    /* *reply is the finished reply */
    STORE_OTHER,    /* the key was used with other input */
    STORE_DOCUMENT, /* a document without its reply: the call was cut in between; *document_id is its ContentDocument */
    STORE_FAILED    /* the org could not say; *err has the reason */
};

/* Looks for what an earlier call with this number's key left, with whatever customer. */
enum store_found store_find(struct act_call *call, const char *number, json_t **reply, char document_id[SF_ID_SIZE],
                            struct sf_error *err);

/*
 * Stores the document as a file of the customer, or as a new version of `document_id` unless "". Fills the document's
 * status, content_version and failure; title, bytes and hash are set by the caller.
 */
void store_document(struct act_call *call, const char *customer, const char *document_id, struct act_bytes pdf,
                    struct document *document);

/* Stores the reply under its number; `id` receives the file's id. False when that failed. */
bool store_reply(struct act_call *call, const char *customer, const char *number, const json_t *reply,
                 char id[SF_ID_SIZE], struct sf_error *err) __attribute__((warn_unused_result));

enum store_settled {
    STORE_OURS,    /* this call was first, or nobody could say otherwise */
    STORE_THEIRS,  /* another call was first; *reply is its reply, a new reference */
    STORE_CONFLICT /* another call was first, with other input */
};

/*
 * Two calls with one key may have met, each finding nothing of the other. After both have stored, the older reply
 * counts; the files of the call that lost are taken away.
 */
enum store_settled store_settle(struct act_call *call, const char *number, const char *reply_id, const char *pdf_id,
                                json_t **reply);

/* Title of the document: "Finance Agreement FA-... - 2024 Koa Model X - 2026-11-23", Quotation or Information for
 * those. */
void store_title(const struct agreement *a, char *out, size_t size);

#endif
