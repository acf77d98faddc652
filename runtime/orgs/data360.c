/*
 * data360.c - queries of SQL in Data 360, by Connect REST: start, wait, rows by offset, cancel. The org's own address
 * is asked first; an org whose Data 360 lives elsewhere says so by 404, and its token is then exchanged for one of that
 * place (POST /services/a360/token), which must be among ORG_HOSTS like any other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/system.h"
#include "runtime/client/client_parts.h"

enum { VERSION = 64, FIRST_PAUSE_MS = 100, PAUSE_MS = 1000 };

struct sf_data {
    struct sf_org *org; /* where it runs */
    char *id;           /* escaped, as part of a path */
    json_t *columns, *page;
    size_t at;            /* within the page */
    int64_t total, given; /* given: rows of the pages before */
    size_t page_rows;
    bool open; /* it may still hold something there */
};

/* ---- the version ---- */

static int major_of(const char *version)
{
    return (int)strtol(version, NULL, 10);
}

/* A connection may have been made when the org was older: then the org is asked what it knows now. */
static bool version_for(struct sf_org *org, char out[16], struct sf_error *err)
{
    struct org_request q = { .method = "GET", .path = "/services/data", .repeatable = true, .reads = true };
    json_t *list = NULL;
    const json_t *one;
    size_t i;
    int newest = 0;
    if (major_of(org->session.api_version) >= VERSION) {
        copy_text(out, 16, org->session.api_version);
        return true;
    }
    if (!org_json(org, &q, NULL, &list, NULL, err))
        return false;
    json_array_foreach (list, i, one) {
        const char *version = json_string_value(json_object_get(one, "version"));
        if (version && major_of(version) > newest)
            newest = major_of(version);
    }
    json_decref(list);
    snprintf(out, 16, "%d.0", VERSION);
    return newest >= VERSION ||
           sf_error_set(err, 404, "NO_DATA_360", "The org's API ends at version %d.0; Data 360 needs %d.0.", newest,
                        VERSION);
}

/* ---- the exchange of the token ---- */

static void wipe_exchanged(void *org)
{
    bytes_wipe(((struct sf_org *)org)->session.token, sizeof((struct sf_org *)org)->session.token);
}

/* "https://x.c360a.salesforce.com", "x.c360a.salesforce.com": both forms are told; the scheme is that of the org. */
static bool take_place(const struct sf_org *from, const json_t *answer, struct org_session *to)
{
    const char *place = json_string_value(json_object_get(answer, "instance_url"));
    const char *token = json_string_value(json_object_get(answer, "access_token"));
    const char *mark = strstr(from->session.url, "://");
    if (!place || !*place || !token || !*token || strlen(token) >= sizeof to->token || !mark)
        return false;
    int n = strstr(place, "://") ? snprintf(to->url, sizeof to->url, "%s", place)
                                 : snprintf(to->url, sizeof to->url, "%.*s://%s", (int)(mark - from->session.url),
                                            from->session.url, place);
    copy_text(to->token, sizeof to->token, token);
    while (n > 0 && n < (int)sizeof to->url && to->url[n - 1] == '/')
        to->url[--n] = '\0';
    return n > 0 && n < (int)sizeof to->url;
}

static struct sf_org *exchange(struct sf_org *org, struct sf_error *err)
{
    struct act_call *call = org->call;
    char *token = curl_easy_escape(NULL, org->session.token, 0);
    static const char form[] = "grant_type=urn%3Asalesforce%3Agrant-type%3Aexternal%3Acdp&subject_token_type=urn%3A"
                               "ietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&subject_token=";
    const struct span pieces[] = { span_of(form), span_of(token) };
    struct org_request q = { .method = "POST",
                             .path = "/services/a360/token",
                             .content_type = "application/x-www-form-urlencoded",
                             .body = pieces,
                             .pieces = 2,
                             .repeatable = true,
                             .reads = true };
    struct http_reply r;
    struct sf_org *made = NULL;
    json_t *answer = NULL;
    bool sent = token && org_send(org, &q, &r, err);
    if (sent) {
        made = act_alloc(call, sizeof *made);
        act_defer(call, wipe_exchanged, made);
        made->call = call;
        made->session = org->session;
        made->exchanged = true;
        answer = json_loadb(r.body.p ? r.body.p : "", r.body.n, JSON_REJECT_DUPLICATES, NULL);
        if (!take_place(org, answer, &made->session)) {
            sf_error_set(err, r.status, "BAD_REPLY", "The org's answer to the exchange of its token is incomplete.");
            made = NULL;
        }
        buf_wipe(&r.body);
        http_reply_free(&r);
    } else if (err->status == 400 || err->status == 404) {
        sf_error_set(err, 404, "NO_DATA_360", "The org has no Data 360, or this user may not use it.");
    }
    json_decref(answer);
    if (token)
        bytes_wipe(token, strlen(token));
    curl_free(token);
    return made;
}

/* ---- the query ---- */

static void query_end(void *ptr)
{
    struct sf_data *q = ptr;
    struct sf_error ignored;
    json_t *out = NULL;
    if (q->open && q->id &&
        org_json(q->org,
                 &(struct org_request){
                     .method = "DELETE", .path = org_path(q->org, "ssot/query-sql/%s", q->id), .repeatable = true },
                 NULL, &out, NULL, &ignored))
        json_decref(out);
    json_decref(q->columns);
    json_decref(q->page);
    q->columns = q->page = NULL;
    q->open = false;
}

static bool bad_reply(struct sf_error *err, const char *what)
{
    return sf_error_set(err, 200, "BAD_REPLY", "The answer of Data 360 is incomplete: %s.", what);
}

static bool is_running(const json_t *status)
{
    const char *word = json_string_value(json_object_get(status, "completionStatus"));
    return word && strcasecmp(word, "Running") == 0;
}

/* A page of rows; takes the place of the one before. */
static bool take_page(struct sf_data *q, const json_t *answer, struct sf_error *err)
{
    json_t *rows = json_object_get(answer, "data"), *columns = json_object_get(answer, "metadata");
    if (!json_is_array(rows))
        return bad_reply(err, "it has no \"data\"");
    if (!q->columns && !json_is_array(columns))
        return bad_reply(err, "it has no \"metadata\"");
    if (!q->columns)
        q->columns = json_incref(columns);
    q->given += (int64_t)json_array_size(q->page);
    json_decref(q->page);
    q->page = json_incref(rows);
    q->at = 0;
    return true;
}

/* Whether the statement was refused, as against the place that it was sent to. */
static bool is_absent(const struct sf_error *err)
{
    return err->status == 404 && strcmp(err->code, "NO_DATA_360") != 0;
}

static json_t *start(struct sf_org *org, const char *sql, const struct sf_data_options *o, struct sf_error *err)
{
    char *space = o->dataspace ? act_printf(org->call, "&dataspace=%s", org_escape(org, o->dataspace)) : NULL;
    struct org_request q = { .method = "POST",
                             .path = org_path(org, "ssot/query-sql?workloadName=actionhost&rowLimit=%zu%s",
                                              o->page_rows, space ? space : ""),
                             .repeatable = true,
                             .reads = true };
    json_t *body = json_pack("{s:s}", "sql", sql), *answer = NULL;
    bool ok = body ? org_json(org, &q, body, &answer, NULL, err)
                   : sf_error_set(err, 0, "CLIENT_FAULT", "The statement cannot be written down.");
    json_decref(body);
    if (ok && !json_is_object(answer)) {
        bad_reply(err, "it is no object");
        json_decref(answer);
        answer = NULL;
    }
    return answer;
}

/* What the service says of the statement is what its author has to read. */
static void name_refusal(struct sf_error *err)
{
    if (err->status == 400)
        copy_text(err->code, sizeof err->code, "INVALID_ARGUMENT");
}

/* Asks until it has ended, with longer and longer pauses. *answer = the state last told. */
static bool wait_for_end(struct sf_data *q, json_t **status, int wait_ms, struct sf_error *err)
{
    int64_t end = clock_ms() + wait_ms;
    int pause = FIRST_PAUSE_MS;
    while (is_running(*status)) {
        int64_t left = end - clock_ms();
        json_t *answer = NULL;
        if (left < pause)
            return sf_error_set(err, 0, "TIMEOUT", "The query did not end in time and was cancelled.");
        nanosleep(&(struct timespec){ pause / 1000, pause % 1000 * 1000000L }, NULL);
        pause = pause * 3 / 2 < PAUSE_MS ? pause * 3 / 2 : PAUSE_MS;
        const struct org_request r = { .method = "GET",
                                       .path = org_path(q->org, "ssot/query-sql/%s", q->id),
                                       .repeatable = true };
        if (!org_json(q->org, &r, NULL, &answer, NULL, err))
            return false;
        json_t *told = json_object_get(answer, "status");
        json_decref(*status);
        *status = json_incref(told ? told : answer);
        json_decref(answer);
    }
    return true;
}

static bool load_rows(struct sf_data *q, struct sf_error *err)
{
    json_t *answer = NULL;
    int64_t offset = q->given + (int64_t)json_array_size(q->page);
    const struct org_request r = { .method = "GET",
                                   .path = org_path(q->org, "ssot/query-sql/%s/rows?offset=%lld&rowLimit=%zu", q->id,
                                                    (long long)offset, q->page_rows),
                                   .repeatable = true };
    if (!org_json(q->org, &r, NULL, &answer, NULL, err))
        return false;
    bool ok = take_page(q, answer, err);
    json_decref(answer);
    return ok;
}

/* From the answer of the start to a query whose rows can be read. */
static bool begin(struct sf_data *q, const json_t *answer, int wait_ms, struct sf_error *err)
{
    json_t *status = json_incref(json_object_get(answer, "status"));
    const char *id = json_string_value(json_object_get(status, "queryId"));
    if (!id || strlen(id) > 400) {
        json_decref(status);
        return bad_reply(err, "it has no \"queryId\"");
    }
    q->id = org_escape(q->org, id);
    q->open = true;
    bool ran = is_running(status), ok = take_page(q, answer, err) && wait_for_end(q, &status, wait_ms, err);
    const json_t *total = json_object_get(status, "rowCount");
    q->total = json_integer_value(total);
    if (ok && !json_is_integer(total))
        ok = bad_reply(err, "it does not say how many rows there are");
    json_decref(status);
    return ok && (!ran || json_array_size(q->page) > 0 || q->total == 0 || load_rows(q, err));
}

/* The org's own session with the version that Data 360 needs. */
static struct sf_org *with_version(struct sf_org *org, const char *version)
{
    struct sf_org *copy = act_alloc(org->call, sizeof *copy);
    act_defer(org->call, wipe_exchanged, copy);
    copy->call = org->call;
    copy->session = org->session;
    copy->exchanged = org->exchanged;
    copy_text(copy->session.api_version, sizeof copy->session.api_version, version);
    return copy;
}

struct sf_data *sf_data_query(struct sf_org *org, const char *sql, const struct sf_data_options *options,
                              struct sf_error *err)
{
    char version[16];
    sf_error_clear(err);
    if (!version_for(org, version, err))
        return NULL;
    struct sf_org *at = with_version(org, version);
    json_t *answer = start(at, sql, options, err);
    if (!answer && is_absent(err)) {
        at = exchange(at, err);
        answer = at ? start(at, sql, options, err) : NULL;
        if (!answer && at && is_absent(err))
            sf_error_set(err, 404, "NO_DATA_360", "The org has no Data 360, or this user may not use it.");
    }
    if (!answer) {
        name_refusal(err);
        return NULL;
    }
    struct sf_data *q = act_alloc(org->call, sizeof *q);
    q->org = at;
    q->page_rows = options->page_rows;
    act_defer(org->call, query_end, q);
    bool ok = begin(q, answer, options->wait_ms, err);
    json_decref(answer);
    if (!ok)
        query_end(q);
    return ok ? q : NULL;
}

const json_t *sf_data_columns(const struct sf_data *q)
{
    return q->columns;
}

int64_t sf_data_total(const struct sf_data *q)
{
    return q->total;
}

const json_t *sf_data_next(struct sf_data *q, struct sf_error *err)
{
    sf_error_clear(err);
    if (q->at == json_array_size(q->page)) {
        int64_t had = q->given + (int64_t)q->at;
        if (had >= q->total) {
            q->open = false;
            return NULL;
        }
        if (!load_rows(q, err))
            return NULL;
        if (json_array_size(q->page) == 0) {
            bad_reply(err, "a page without rows, although there are more");
            return NULL;
        }
    }
    const json_t *row = json_array_get(q->page, q->at++);
    if (!json_is_array(row) || json_array_size(row) != json_array_size(q->columns)) {
        bad_reply(err, "a row has not as many values as there are columns");
        return NULL;
    }
    return row;
}
