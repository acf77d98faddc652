/* rules_now.c - the set that this process prices by. It is chosen while the host starts and inherited by every process
 * that is forked later, so that all of them price alike until the next start. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/quotes/rules.h"

static struct rules *chosen;

const struct rules *rules_now(void)
{
    return chosen;
}

/* The whole file, at most one byte more than may be; NULL with a fault. */
static char *read_file(const char *path, size_t *n, rules_fault_fn *fault, void *ctx)
{
    FILE *f = fopen(path, "rb");
    char *text = malloc(RULES_FILE_MAX + 1);
    if (!f || !text) {
        fault(ctx, "names no file that can be read. Give the path of a file, or \"sample\" or \"standard\".");
        free(text);
        text = NULL;
    } else {
        *n = fread(text, 1, RULES_FILE_MAX + 1, f);
        if (ferror(f)) {
            fault(ctx, "names something that cannot be read as a file.");
            free(text);
            text = NULL;
        }
    }
    if (f)
        fclose(f);
    return text;
}

bool rules_choose(const char *value, rules_fault_fn *fault, void *ctx)
{
    return rules_choose_for(value, NULL, fault, ctx);
}

bool rules_choose_for(const char *value, rules_url_fn *allowed, rules_fault_fn *fault, void *ctx)
{
    const char *preset = rules_preset(value && *value ? value : "sample");
    size_t n = preset ? strlen(preset) : 0;
    char *text = preset ? NULL : read_file(value, &n, fault, ctx);
    struct rules *r = preset || text ? rules_read_for(preset ? preset : text, n, allowed, fault, ctx) : NULL;
    free(text);
    if (!r)
        return false;
    rules_free(chosen);
    chosen = r;
    return true;
}
