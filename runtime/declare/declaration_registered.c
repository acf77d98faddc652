/* declaration_registered.c - the declarations that the build registered; apart, so that only programs with a registry
 * need one. */
#include "runtime/declare/declaration.h"

bool declarations_load(struct declarations *d, struct buf *faults)
{
    return declarations_load_from(d, registry_rows, (struct span){ registry_host_json, registry_host_json_length },
                                  faults);
}
