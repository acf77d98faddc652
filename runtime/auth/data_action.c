/* data_action.c - Data Action Targets: query, signature, secrets. */
#include "runtime/auth/data_action.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/auth/jws.h"
#include "runtime/base/chars.h"
#include "runtime/base/encoding.h"
#include "runtime/base/log.h"
#include "runtime/base/record_id.h"
#include "runtime/base/url_query.h"

enum { SECRET_SHORT = 16, SECRET_MAX = 512, SECRETS_MAX = 1000 };

static bool name_char(char c)
{
    return char_alnum(c) || c == '_';
}

static bool api_name_valid(struct span s)
{
    return s.n >= 1 && s.n <= 80 && char_letter(s.p[0]) && span_all(s, name_char);
}

bool data_action_target(struct span query, struct span signature, struct data_action_target *out, struct err *e)
{
    struct data_action_target t;
    char org[32];
    unsigned char mac[32];
    if (url_query(query, "orgId", org, sizeof org) != 1 || !record_id_is_org(span_of(org)) ||
        !record_id_long(span_of(org), t.org_id))
        return err_set(e, 400, "invalid_data_action_target",
                       "Give orgId once in the query of the target's URL: 00D and 12 or 15 more letters and digits.");
    copy_text(t.org_id_sent, sizeof t.org_id_sent, org);
    if (url_query(query, "apiName", t.api_name, sizeof t.api_name) != 1 || !api_name_valid(span_of(t.api_name)))
        return err_set(e, 400, "invalid_data_action_target",
                       "Give apiName once in the query of the target's URL: the API name of the Data Action Target.");
    if (base64_decode(signature, mac, sizeof mac) != (long)sizeof mac)
        return err_set(e, 400, "invalid_signature", "x-signature must be the base64 of an HMAC-SHA256.");
    *out = t;
    return true;
}

bool data_action_body(struct span body, struct err *e)
{
    for (size_t i = 0; i < body.n; i++) {
        unsigned char c = (unsigned char)body.p[i];
        if (c < ' ' && c != '\t' && c != '\r' && c != '\n')
            return err_set(e, 400, "invalid_json", "The body is not JSON: it has a control character at byte %zu.", i);
    }
    return utf8_valid(body) || err_set(e, 400, "invalid_json", "The body must be JSON in UTF-8.");
}

/* ---- secrets ---- */

struct target {
    struct data_action_target name;
    size_t count;
    struct secret {
        size_t n;
        unsigned char bytes[SECRET_MAX];
    } secrets[2];
};

struct data_action_secrets {
    size_t n;
    struct target targets[];
};

/* "<orgId>/<apiName>" */
static bool read_name(const char *text, struct data_action_target *out)
{
    const char *slash = strchr(text, '/');
    struct span org = { text, slash ? (size_t)(slash - text) : 0 };
    if (!slash || !record_id_is_org(org) || !record_id_long(org, out->org_id) || !api_name_valid(span_of(slash + 1)))
        return false;
    copy_text(out->api_name, sizeof out->api_name, slash + 1);
    return true;
}

/* What is wrong with the list of secrets; NULL when nothing is. */
static const char *read_secrets(const json_t *list, struct target *t)
{
    t->count = json_array_size(list);
    if (!json_is_array(list) || t->count < 1 || t->count > 2)
        return "give a list of one or two secrets: the current and the previous";
    for (size_t i = 0; i < t->count; i++) {
        const json_t *one = json_array_get(list, i);
        size_t n = json_string_length(one);
        if (!json_is_string(one) || n < 1 || n > SECRET_MAX)
            return "a secret must be a text of 1 to 512 bytes";
        if (n < SECRET_SHORT) /* Data Cloud chooses them, not the operator */
            log_event(LOG_WARN, "data-action-secret-short", "target", t->name.api_name, NULL);
        t->secrets[i].n = n;
        memcpy(t->secrets[i].bytes, json_string_value(one), n);
    }
    return NULL;
}

static const struct target *find(const struct data_action_secrets *s, const struct data_action_target *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->targets[i].name.org_id, name->org_id) == 0 &&
            strcmp(s->targets[i].name.api_name, name->api_name) == 0)
            return &s->targets[i];
    return NULL;
}

static bool add_target(struct data_action_secrets *s, const char *key, const json_t *list, struct buf *faults)
{
    struct target *t = &s->targets[s->n];
    if (!read_name(key, &t->name) || find(s, &t->name)) {
        /* Not the key itself: whoever swaps key and value must not find a secret in the log. */
        buf_str(faults, "data action secrets: a name is not <orgId>/<apiName>, or is given twice\n");
        return false;
    }
    const char *fault = read_secrets(list, t);
    if (fault) {
        buf_fmt(faults, "data action secrets: %s/%s: %s\n", t->name.org_id, t->name.api_name, fault);
        return false;
    }
    s->n++;
    return true;
}

/* jansson frees what it parsed without wiping it; this is called once, at start-up, before any worker is forked. */
struct data_action_secrets *data_action_secrets_new(struct span json, struct buf *faults)
{
    json_error_t where;
    json_t *root = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, &where);
    size_t n = json_object_size(root);
    struct data_action_secrets *s = NULL;
    const char *key;
    json_t *list;
    bool ok = true;
    if (!json_is_object(root) || n < 1 || n > SECRETS_MAX) {
        buf_fmt(faults, "data action secrets: not a JSON object of 1 to %d targets without duplicates\n", SECRETS_MAX);
        goto out;
    }
    s = calloc(1, sizeof *s + (n + 1) * sizeof s->targets[0]);
    ok = s != NULL;
    if (!s)
        goto out;
    json_object_foreach (root, key, list) {
        ok = add_target(s, key, list, faults) && ok;
    }
out:
    json_decref(root);
    if (!ok) {
        data_action_secrets_free(s);
        s = NULL;
    }
    return s;
}

void data_action_secrets_free(struct data_action_secrets *s)
{
    if (!s)
        return;
    bytes_wipe(s->targets, (s->n + 1) * sizeof s->targets[0]);
    free(s);
}

bool data_action_verify(const struct data_action_secrets *s, const struct data_action_target *target,
                        struct span signature, struct span body, struct err *e)
{
    static const struct target nobody = { .count = 1, .secrets = { { .n = SECRET_SHORT } } };
    const struct target *t = find(s, target);
    bool known = t != NULL, match = false;
    unsigned char sent[32], mac[32];
    if (base64_decode(signature, sent, sizeof sent) != (long)sizeof sent)
        return err_set(e, 400, "invalid_signature", "x-signature must be the base64 of an HMAC-SHA256.");
    if (!t)
        t = &nobody;
    for (size_t i = 0; i < t->count; i++) {
        struct span secret = { (const char *)t->secrets[i].bytes, t->secrets[i].n };
        match |= jws_hmac(secret, body, mac) && bytes_equal(mac, sent, sizeof mac);
    }
    if (!(known && match))
        return err_set(e, 403, "invalid_signature",
                       "The signature is not one of this Data Action Target; check its signing key and URL.");
    return true;
}
