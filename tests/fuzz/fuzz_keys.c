/* fuzz_keys.c - any text as a key set and as a file of data action secrets: a whole result or a reason, never a crash.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/auth/data_action.h"
#include "runtime/auth/jwks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[200] = "";
    struct buf faults;
    struct span text = { (const char *)data, size };
    struct keyring *ring = keyring_new(text, why, sizeof why);
    if (ring ? keyring_count(ring) < 1 || keyring_count(ring) > JWKS_KEYS : !why[0])
        abort();
    keyring_free(ring);
    buf_init(&faults, 1 << 20);
    struct data_action_secrets *secrets = data_action_secrets_new(text, &faults);
    if (!secrets == !faults.n)
        abort();
    data_action_secrets_free(secrets);
    buf_free(&faults);
    return 0;
}
