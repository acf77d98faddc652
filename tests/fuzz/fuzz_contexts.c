/*
 * fuzz_contexts.c - any bytes as the decoded context headers (split at the first 0x1e), and as base64. The scanner must
 * agree with jansson; what is accepted is UTF-8 and ends in NUL; what is bound has the forms that others rely on.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/auth/contexts.h"
#include "runtime/base/encoding.h"
#include "runtime/base/json_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void compare(const char *text, size_t n)
{
    struct span id = { 0 };
    const struct scan_field fields[] = { { "id", &id, NULL }, { NULL, NULL, NULL } };
    const char *why = "";
    json_error_t e;
    char *mem = malloc(n + 1);
    must(mem);
    if (n)
        memcpy(mem, text, n);
    bool ours = scan_object(mem, n, fields, 0, &why);
    json_t *root = json_loadb(n ? text : "", n, JSON_REJECT_DUPLICATES, &e);
    const json_t *member = json_object_get(root, "id");
    bool theirs = json_is_object(root) && (!member || json_is_string(member));
    bool limit = strcmp(why, "too many levels") == 0 || strcmp(why, "too many members") == 0 ||
                 (!root && json_error_code(&e) == json_error_numeric_overflow);
    if (n && memchr(text, 0, n)) /* which jansson 2.14 passes over behind a number or a word */
        must(!ours);
    else
        must(limit || ours == theirs);
    if (!limit && ours && member)
        must(id.n == json_string_length(member) && memcmp(id.p, json_string_value(member), id.n) == 0 &&
             id.p[id.n] == '\0');
    json_decref(root);
    free(mem);
}

static void whole(struct span s)
{
    must(!s.n || (utf8_valid(s) && !memchr(s.p, 0, s.n)));
}

static bool encode(const uint8_t *p, size_t n, char *out, size_t size)
{
    if ((n + 2) / 3 * 4 + 1 > size)
        return false;
    base64_encode(p, n, out);
    return true;
}

static void bind(const struct request_context *rc, const struct client_context *cc)
{
    struct caller c;
    struct err e;
    char app[64];
    copy_span(app, sizeof app, rc->app_uuid);
    if (!contexts_bind(rc, cc, rc->id, app, &c, &e)) {
        must(e.status == 400 || e.status == 403);
        return;
    }
    must(strlen(c.org_id) == 18 && (strncmp(c.org_url, "https://", 8) == 0 || strncmp(c.org_url, "http://", 7) == 0));
    must(!strpbrk(c.org_url, "@?#\\ \r\n") && !strchr(strstr(c.org_url, "://") + 3, '/'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char a[LIMIT_HEADER_LINE], b[LIMIT_HEADER_LINE], rc_mem[CONTEXT_MEM], cc_mem[CONTEXT_MEM];
    struct request_context rc;
    struct client_context cc;
    struct err e;
    const uint8_t *cut = size ? memchr(data, 0x1e, size) : NULL;
    size_t first = cut ? (size_t)(cut - data) : size, second = cut ? size - first - 1 : 0;
    compare((const char *)data, first);
    if (request_context_decode((struct span){ (const char *)data, size }, rc_mem, sizeof rc_mem, &rc, &e))
        whole(rc.id);
    if (!encode(data, first, a, sizeof a) || !encode(cut ? cut + 1 : data, second, b, sizeof b))
        return 0;
    bool r = request_context_decode(span_of(a), rc_mem, sizeof rc_mem, &rc, &e);
    bool c = client_context_decode(span_of(b), cc_mem, sizeof cc_mem, &cc, &e);
    if (r) {
        const struct span all[] = { rc.id,     rc.auth,     rc.login_url, rc.org_domain_url,
                                    rc.org_id, rc.resource, rc.type,      rc.app_uuid };
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
            must(all[i].n > 0);
            whole(all[i]);
        }
    }
    if (c)
        for (size_t i = 0; i < cc.access_token.n; i++)
            must(cc.access_token.p[i] > 0x20 && cc.access_token.p[i] < 0x7f);
    if (r && c)
        bind(&rc, &cc);
    return 0;
}
