/*
 * seal.h - what may not be read in a database: a caller's token, sealed with AES-256-GCM for the life of its job.
 *
 * The key is HKDF-SHA256 of a key of JOBS_KEY (info "actionhost jobs 1"); the job's id is the associated data, so that
 * what was sealed for one job cannot be opened for another. A sealed text is
 *
 *   version (1 byte), id of the key (8), nonce (12), ciphertext, tag (16)
 *
 * where the key's id is HKDF-SHA256 of the same with the info "actionhost jobs 1 id", which tells nothing of the key.
 */
#ifndef ACTIONHOST_RUNNER_SEAL_H
#define ACTIONHOST_RUNNER_SEAL_H

#include "runtime/base/bytes.h"

enum {
    SEAL_KEYS = 2,
    SEAL_KEY = 32,
    SEAL_KEY_ID = 8,
    SEAL_NONCE = 12,
    SEAL_TAG = 16,
    SEAL_OVERHEAD = 1 + SEAL_KEY_ID + SEAL_NONCE + SEAL_TAG
};

/* The first one seals, all of them open. Holds secrets: seal_keys_wipe. */
struct seal_keys {
    struct seal_key {
        unsigned char id[SEAL_KEY_ID], key[SEAL_KEY];
    } v[SEAL_KEYS];
    size_t n; /* 0 = JOBS_KEY is not set: nothing can be sealed or opened */
};

/* Derives them from the keys of JOBS_KEY; an empty one is none. False: the library refuses; *k is then empty. */
MUST_CHECK bool seal_keys_derive(struct seal_keys *k, struct span present, struct span former);
void seal_keys_wipe(struct seal_keys *k);

/* Appends the sealed text to `out`. False: there is no key, or something failed; `out` is then as it was. */
MUST_CHECK bool seal_close(const struct seal_keys *k, struct span job_id, struct span plain, struct buf *out);

enum seal_opened {
    SEAL_OPENED,
    SEAL_OTHER_KEY, /* sealed under a key that is not among these */
    SEAL_DAMAGED    /* not sealed by this program, changed since, or sealed for another job */
};
/* Appends what was sealed to `out`, whose owner wipes it. Nothing is appended unless SEAL_OPENED. */
MUST_CHECK enum seal_opened seal_open(const struct seal_keys *k, struct span job_id, struct span sealed,
                                      struct buf *out);

#endif
