/* org_error.c - what the org answers when it refuses, and what the caller is told about it. */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/client/client_parts.h"

void sf_error_clear(struct sf_error *err)
{
    *err = (struct sf_error){ 0 };
}

void mend_tail(char *s)
{
    s[utf8_whole(span_of(s)).n] = '\0';
}

bool sf_error_set(struct sf_error *err, int status, const char *code, const char *fmt, ...)
{
    va_list ap;
    sf_error_clear(err);
    err->status = status;
    copy_text(err->code, sizeof err->code, code);
    va_start(ap, fmt);
    vsnprintf(err->message, sizeof err->message, fmt, ap);
    va_end(ap);
    mend_tail(err->message);
    sf_error_classify(err);
    return false;
}

static void append(char *to, size_t size, const char *sep, const char *text)
{
    size_t n = strlen(to);
    if (n + 1 < size)
        snprintf(to + n, size - n, "%s%s", n ? sep : "", text);
    mend_tail(to);
}

static bool listed(const char *list, const char *name)
{
    struct span rest = span_of(list), part;
    while (span_split(&rest, ',', &part))
        if (span_eq(part, name))
            return true;
    return false;
}

/* One error: {"errorCode" or, in collections, "statusCode", "message", "fields"}, or OAuth's {"error",
 * "error_description"}. */
static bool read_one(struct sf_error *err, const json_t *e)
{
    const char *code = json_string_value(json_object_get(e, "errorCode"));
    const char *message = json_string_value(json_object_get(e, "message"));
    size_t i;
    const json_t *name;
    if (!code)
        code = json_string_value(json_object_get(e, "statusCode"));
    if (!code) {
        code = json_string_value(json_object_get(e, "error"));
        message = json_string_value(json_object_get(e, "error_description"));
    }
    if (!code || !*code)
        return false;
    if (!err->code[0])
        copy_text(err->code, sizeof err->code, code);
    if (message)
        append(err->message, sizeof err->message, "\n", message);
    json_array_foreach (json_object_get(e, "fields"), i, name)
        if (json_is_string(name) && !listed(err->fields, json_string_value(name)))
            append(err->fields, sizeof err->fields, ",", json_string_value(name));
    return true;
}

bool sf_error_read(struct sf_error *err, int status, const json_t *json)
{
    struct sf_error found = { .status = status };
    size_t i;
    const json_t *e;
    if (json_is_object(json)) {
        if (!read_one(&found, json))
            return false;
    } else {
        if (json_array_size(json) == 0)
            return false;
        json_array_foreach (json, i, e)
            if (!read_one(&found, e))
                return false;
    }
    sf_error_classify(&found);
    *err = found;
    return true;
}

bool sf_error_parse(struct sf_error *err, int status, struct span body)
{
    char code[32];
    json_t *json = body.n ? json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    bool known = json && sf_error_read(err, status, json);
    json_decref(json);
    if (known)
        return false;
    snprintf(code, sizeof code, "ERROR_HTTP_%d", status);
    return sf_error_set(err, status, code, "Unexpected response with status: %s", code);
}

static const char *const later[] = { "REQUEST_LIMIT_EXCEEDED",
                                     "UNABLE_TO_LOCK_ROW",
                                     "SERVER_UNAVAILABLE",
                                     "QUERY_TIMEOUT",
                                     "REQUEST_RUNNING_TOO_LONG",
                                     "TIMEOUT",
                                     "UNREACHABLE",
                                     "CONNECTION_LOST" };

void sf_error_classify(struct sf_error *err)
{
    err->retryable = err->status == 429 || err->status >= 500;
    for (size_t i = 0; i < sizeof later / sizeof *later && !err->retryable; i++)
        err->retryable = strcmp(err->code, later[i]) == 0;
}

/* ---- what the caller is told ---- */

struct answer {
    const char *org; /* the org's code; a "*" at its end stands for any rest */
    int status;
    const char *code; /* ours */
    const char *text; /* what to do; "%s" is the org's own message */
};

#define ADMIN "Ask an administrator of the org"

/* The first row that fits counts. */
static const struct answer answers[] = {
    { "REQUEST_LIMIT_EXCEEDED", 429, "org_limit_exceeded",
      "The org has used up its API requests. Try again later, or " ADMIN " to raise the limit." },
    { "NO_USER", 403, "no_user",
      "This call came without a user, so the org's records cannot be reached. Use an action that Salesforce itself "
      "calls." },
    { "REFUSED_HOST", 403, "org_host_refused",
      "The org's address is not among the hosts that this service may send a user's session to (ORG_HOSTS)." },
    { "INVALID_SESSION_ID", 401, "org_session_expired",
      "The org no longer accepts the session of this call. Run the action again." },
    { "INVALID_FIELD", 403, "org_setup_missing",
      "The org lacks a field that this action needs, or you may not see it. " ADMIN
      " for the permission set of this action. The org said: %s" },
    { "INVALID_TYPE", 403, "org_setup_missing",
      "The org lacks an object that this action needs, or you may not see it. " ADMIN
      " for the permission set of this action. The org said: %s" },
    { "INSUFFICIENT_ACCESS*", 403, "org_permission_denied",
      "You lack a permission in the org. " ADMIN " for it. The org said: %s" },
    { "INVALID_FIELD_FOR_INSERT_UPDATE", 403, "org_permission_denied",
      "You may not write one of the fields. " ADMIN ". The org said: %s" },
    { "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", 422, "org_refused_record",
      "The org's own automation refused the record: %s" },
    { "API_*", 403, "org_permission_denied",
      "The org does not let you use its API. " ADMIN " for the permission \"API Enabled\". The org said: %s" },
    { "NOT_FOUND", 404, "org_record_not_found", "The org has no such record, or you may not see it. Check the id." },
    { "ENTITY_IS_DELETED", 404, "org_record_not_found", "The record has been deleted. Choose another one." },
    { "MALFORMED_ID", 404, "org_record_not_found",
      "The org knows no record with such an id. Check the id. The org said: %s" },
    { "INVALID_CROSS_REFERENCE_KEY", 404, "org_record_not_found",
      "A record that is referred to does not exist, or you may not see it. The org said: %s" },
    { "DUPLICATE*", 409, "org_conflict", "The org already has such a record. The org said: %s" },
    { "UNABLE_TO_LOCK_ROW", 409, "org_conflict", "Somebody else is changing the same records. Try again in a moment." },
    { "ENTITY_IS_LOCKED", 409, "org_conflict", "The record is locked, for example by an approval. Unlock it first." },
    { "REQUIRED_FIELD_MISSING", 422, "org_refused_record", "The org needs more fields: %s" },
    { "FIELD_*", 422, "org_refused_record", "The org refused a value: %s" },
    { "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", 422, "org_refused_record", "The org refused a value: %s" },
    { "STRING_TOO_LONG", 422, "org_refused_record", "The org refused a value: %s" },
    { "NUMBER_OUTSIDE_VALID_RANGE", 422, "org_refused_record", "The org refused a value: %s" },
    { "INVALID_EMAIL_ADDRESS", 422, "org_refused_record", "The org refused a value: %s" },
    { "STORAGE_LIMIT_EXCEEDED", 422, "org_storage_full", "The org's storage is full. " ADMIN " to free some." },
    { "TIMEOUT", 504, "org_timeout", "The org did not answer in time. Try again." },
    { "QUERY_TIMEOUT", 504, "org_timeout", "The org gave up on a query that took too long. Try again." },
    { "REQUEST_RUNNING_TOO_LONG", 504, "org_timeout", "The org gave up on a request that took too long. Try again." },
    { "UNREACHABLE", 503, "org_unavailable", "The org cannot be reached. Try again in a minute." },
    { "CONNECTION_LOST", 503, "org_unavailable", "The connection to the org was lost. Try again." },
    { "SERVER_UNAVAILABLE", 503, "org_unavailable", "The org is too busy. Try again in a minute." },
    { "TLS_FAILED", 502, "org_error",
      "No secure connection to the org could be made. Check the org's domain and certificate." },
};

/* By status, when no code fits. */
static const struct answer by_status[] = {
    { "ERROR_HTTP_404", 502, "org_error",
      "The org answered with a page instead of data. Check the org's domain and API version." },
    { "429", 429, "org_limit_exceeded", "The org asks to slow down. Try again later." },
    { "401", 401, "org_session_expired", "The org no longer accepts the session of this call. Run the action again." },
    { "403", 403, "org_permission_denied",
      "The org refuses this to you. " ADMIN " for the permission. The org said: %s" },
    { "404", 404, "org_record_not_found", "The org has no such record, or you may not see it. Check the id." },
    { "503", 503, "org_unavailable", "The org is not available. Try again in a minute." },
    { "504", 504, "org_timeout", "The org did not answer in time. Try again." },
};

static bool fits(const char *pattern, const char *code)
{
    size_t n = strlen(pattern);
    return pattern[n - 1] == '*' ? strncmp(pattern, code, n - 1) == 0 : strcmp(pattern, code) == 0;
}

static const struct answer *find_answer(const struct sf_error *err)
{
    static const struct answer other = { "", 502, "org_error",
                                         "The org did not accept what this action asked for. The org said: %s" };
    char status[16];
    snprintf(status, sizeof status, "%d", err->status);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (fits(answers[i].org, err->code))
            return &answers[i];
    for (size_t i = 0; i < sizeof by_status / sizeof *by_status; i++)
        if (fits(by_status[i].org, err->code) || strcmp(by_status[i].org, status) == 0)
            return &by_status[i];
    return &other;
}

/* The table's text with the org's message (or its code, when it has none) in place of the %s at its end. */
static void set_answer(struct err *e, const struct answer *a, const struct sf_error *err)
{
    const char *hole = strstr(a->text, "%s");
    const char *said = !hole ? "" : err->message[0] ? err->message : err->code;
    err_set(e, a->status, a->code, "%.*s%s", (int)(hole ? hole - a->text : INT_MAX), a->text, said);
}

void sf_error_answer(struct err *e, const struct sf_error *err)
{
    const struct answer *a = find_answer(err);
    if (err->from_host) {
        err_set(e, err->status, err->code, "%s", err->message);
    } else if (err->other_org && (a->status == 401 || a->status == 403)) {
        err_set(e, 502, "org_authorization_failed",
                "The other org refused this service (%s). Authorize it again, or widen its permissions.", err->code);
    } else {
        set_answer(e, a, err);
    }
    if (err->outcome_unknown)
        snprintf(e->message, sizeof e->message,
                 "The org did not confirm what was written (%s): it may or may not be there. Look before you repeat.",
                 err->code);
    if (e->status == 429 || e->status == 503)
        e->retry_after_s = err->retry_after_s ? err->retry_after_s : e->status == 429 ? 60 : 5;
    mend_tail(e->message);
}

enum act_outcome act_org_failed(struct act_call *call, const struct sf_error *err)
{
    sf_error_answer(&call->refusal, err);
    return ACT_REFUSED;
}

void act_org_words(const struct sf_error *err, char code[64], char *message, size_t size)
{
    struct err e = { 0 };
    sf_error_answer(&e, err);
    copy_text(code, 64, e.code);
    copy_text(message, size, e.message);
}
