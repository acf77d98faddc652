/* rest.c - the way of a request to its resource, and the resources of single records. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/encoding.h"
#include "sandbox/org/messages.h"
#include "sandbox/org/rest_parts.h"
#include "sandbox/records/record.h"

static void bad_method(struct call *c, const char *allowed)
{
    char message[200];
    snprintf(message, sizeof message, "HTTP Method '%s' not allowed. Allowed are %s", c->method, allowed);
    answer_error(c, 405, "METHOD_NOT_ALLOWED", message);
}

static bool method_is(const struct call *c, const char *method)
{
    return strcmp(c->method, method) == 0;
}

/* False (and answered) when the method is not one of "GET,POST". */
static bool allow(struct call *c, const char *methods)
{
    for (const char *p = methods; *p;) {
        size_t n = strcspn(p, ",");
        if (strlen(c->method) == n && strncmp(p, c->method, n) == 0)
            return true;
        p += n + (p[n] == ',');
    }
    bad_method(c, methods);
    return false;
}

/* Whether the call is of this version of the API or a later one. */
static bool version_from(const struct call *c, long version)
{
    return strtol(c->version, NULL, 10) >= version;
}

/* ---- the way to a resource ---- */

bool rest_split_path(struct call *c, char *path, char **rest)
{
    static const char base[] = "/services/data";
    if (strncmp(path, base, sizeof base - 1) != 0)
        return false;
    char *p = path + sizeof base - 1;
    if (!*p || (p[0] == '/' && !p[1])) {
        *rest = p + strlen(p);
        return true;
    }
    if (p[0] != '/' || p[1] != 'v')
        return false;
    char *end;
    long major = strtol(p + 2, &end, 10);
    if (major < VERSION_MIN || major > c->o->newest || major > VERSION_MAX || strncmp(end, ".0", 2) != 0 ||
        (end[2] && end[2] != '/'))
        return false;
    snprintf(c->version, sizeof c->version, "%ld.0", major);
    *rest = end[2] ? end + 3 : end + 2;
    return true;
}

/* ---- reading one record ---- */

static void get_record(struct call *c, const struct object *ob, const char *id)
{
    struct fault f = { 0 };
    char *fields = query_param(c->query, "fields");
    if (answer_record(c, ob, id, fields, &c->out, &f))
        c->status = 200;
    else
        answer_fault(c, &f);
    free(fields);
}

static void get_bytes(struct call *c, const struct object *ob, const char *id, const char *field)
{
    const struct field *f = object_field(ob, field);
    if (!f || f->type != TYPE_BASE64 || !perm_sees(c, ob, f) || store_state(c->o, ob, id) <= 0) {
        answer_not_found(c);
        return;
    }
    sqlite3_stmt *s = store_get(c->o, "SELECT data FROM _blob WHERE id = ?1 AND field = ?2");
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, f->name, -1, SQLITE_STATIC);
    if (sqlite3_step(s) == SQLITE_ROW) {
        c->status = 200;
        copy_text(c->type, sizeof c->type, "application/octetstream");
        text_add(&c->out, sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0));
    } else {
        answer_not_found(c);
    }
    store_put(c->o, s);
}

/* ---- writing one record ---- */

static void saved(struct call *c, const struct object *ob, int status, const char *id, const char *created)
{
    c->status = status;
    text_fmt(&c->out, "{\"id\":\"%s\",\"success\":true,\"errors\":[]%s}", id, created);
    if (status == 201)
        snprintf(c->location, sizeof c->location, "/services/data/v%s/sobjects/%s/%s", c->version, ob->name, id);
}

static void publish(struct call *c, struct object *ob)
{
    char id[ID_SIZE], uuid[37];
    struct fault f = { 0 };
    if (!event_publish(c, ob, c->body, id, uuid, &f)) {
        answer_fault(c, &f);
        return;
    }
    c->status = 201;
    text_fmt(&c->out,
             "{\"id\":\"%s\",\"success\":true,\"errors\":[{\"statusCode\":\"OPERATION_ENQUEUED\",\"message\":\"%s\","
             "\"fields\":[]}]}",
             id, uuid);
}

static void create(struct call *c, struct object *ob)
{
    char id[ID_SIZE];
    struct fault f = { 0 };
    if (is_event(ob)) {
        publish(c, ob);
        return;
    }
    if (record_insert(c, ob, c->body, id, &f))
        saved(c, ob, 201, id, "");
    else
        answer_fault(c, &f);
}

/* 18 characters of an id of this object; answers otherwise. */
static bool take_id(struct call *c, const struct object *ob, const char *text, char id[ID_SIZE])
{
    struct fault f = { 0 };
    if (id_complete(text, id) && strncmp(id, ob->prefix, 3) == 0)
        return true;
    if (method_is(c, "GET"))
        fault_set(&f, 404, "NOT_FOUND", NULL, "Provided external ID field does not exist or is not accessible: %.80s",
                  text);
    else
        fault_set(&f, 400, "MALFORMED_ID", "Id", "Record ID: id value of incorrect type: %.80s", text);
    answer_fault(c, &f);
    return false;
}

static void one_record(struct call *c, struct object *ob, const char *text)
{
    char id[ID_SIZE];
    struct fault f = { 0 };
    if (!allow(c, "GET,PATCH,DELETE,POST") || !take_id(c, ob, text, id))
        return;
    bool ok = true;
    if (method_is(c, "GET")) {
        get_record(c, ob, id);
        return;
    }
    char *override = query_param(c->query, "_HttpMethod");
    if (method_is(c, "DELETE"))
        ok = record_delete(c, ob, id, &f);
    else if (method_is(c, "PATCH") || (override && strcmp(override, "PATCH") == 0))
        ok = record_update(c, ob, id, c->body, &f);
    else
        bad_method(c, "GET,PATCH,DELETE");
    free(override);
    if (!ok)
        answer_fault(c, &f);
    else if (!c->status)
        c->status = 204;
}

static void several(struct call *c, const struct object *ob, const struct field *key, const struct value *v)
{
    char sql[2 * NAME_SIZE + 120];
    snprintf(sql, sizeof sql, "SELECT \"Id\" FROM \"%s\" WHERE \"%s\" = ?1 AND \"IsDeleted\" = 0", ob->name, key->name);
    sqlite3_stmt *s = store_get(c->o, sql);
    value_bind(s, 1, v);
    c->status = 300;
    text_char(&c->out, '[');
    for (int n = 0; sqlite3_step(s) == SQLITE_ROW; n++)
        text_fmt(&c->out, "%s\"/services/data/v%s/sobjects/%s/%s\"", n ? "," : "", c->version, ob->name,
                 sqlite3_column_text(s, 0));
    text_char(&c->out, ']');
    store_put(c->o, s);
}

/* ?updateOnly=true: an upsert that must not make a record. */
static bool update_only(const struct call *c)
{
    char *text = query_param(c->query, "updateOnly");
    bool only = text && same_name(text, "true");
    free(text);
    return only;
}

/* GET, PATCH (upsert) and DELETE by external id */
static void by_key(struct call *c, struct object *ob, struct field *key, const char *text)
{
    struct fault f = { 0 };
    char id[ID_SIZE];
    bool created = false;
    json_t *given = json_string(text);
    struct value v = { 0 };
    int n = given && value_from_json(c, key, given, &v, &f) ? lookup_by(c->o, ob, key, &v, id) : -1;
    json_decref(given);
    if (n < 0 || (n == 0 && (!method_is(c, "PATCH") || update_only(c)))) {
        answer_not_found(c);
    } else if (n > 1) {
        several(c, ob, key, &v);
    } else if (method_is(c, "PATCH")) {
        if (!record_upsert(c, ob, key, text, c->body, id, &created, &f))
            answer_fault(c, &f);
        else
            saved(c, ob, created ? 201 : 200, id, created ? ",\"created\":true" : ",\"created\":false");
    } else if (method_is(c, "GET")) {
        get_record(c, ob, id);
    } else if (method_is(c, "DELETE")) {
        c->status = 204;
        if (!record_delete(c, ob, id, &f))
            answer_fault(c, &f);
    } else {
        bad_method(c, "GET,PATCH,DELETE");
    }
    value_free(&v);
}

/* POST /sobjects/O/Id: an upsert by an id that is null, so it is an insert. */
static void post_by_id(struct call *c, struct object *ob)
{
    char id[ID_SIZE];
    struct fault f = { 0 };
    if (!allow(c, "POST,PATCH"))
        return;
    if (record_insert(c, ob, c->body, id, &f))
        saved(c, ob, 201, id, ",\"created\":true");
    else
        answer_fault(c, &f);
}

/* What stands behind an object's name and is no id; GET only, with or without a slash at its end. */
static const struct {
    const char *name;
    void (*run)(struct call *c, const struct object *ob);
} parts_of_object[] = {
    { "describe", rest_describe },
    { "updated", rest_updated },
    { "deleted", rest_deleted },
};

static bool part_of_object(struct call *c, const struct object *ob, char **segments, size_t n)
{
    for (size_t i = 0; i < sizeof parts_of_object / sizeof *parts_of_object; i++) {
        if (strcmp(parts_of_object[i].name, segments[1]) != 0 || n > 3 || (n == 3 && segments[2][0]))
            continue;
        if (allow(c, "GET"))
            parts_of_object[i].run(c, ob);
        return true;
    }
    return false;
}

static void sobject(struct call *c, char **segments, size_t n)
{
    n -= n == 2 && !segments[1][0]; /* a slash at the end */
    struct object *ob = answer_object(c, segments[0]);
    if (!ob || (n > 1 && part_of_object(c, ob, segments, n)))
        return;
    struct field *key = n == 3 ? object_field(ob, segments[1]) : NULL;
    char id[ID_SIZE];
    bool of_no_id = (n == 2 && method_is(c, "POST") && same_name(segments[1], "Id") && version_from(c, 37)) ||
                    (n == 3 && key && key->type == TYPE_ID && segments[2][0] == '\0');
    if (n == 1 && method_is(c, "POST"))
        create(c, ob);
    else if (of_no_id)
        post_by_id(c, ob);
    else if (n == 1 && allow(c, "GET,POST"))
        rest_object_info(c, ob);
    else if (n == 2)
        one_record(c, ob, segments[1]);
    else if (n == 3 && key && key->type == TYPE_ID)
        one_record(c, ob, segments[2]);
    else if (n == 3 && key && (key->external_id || key->unique) && perm_sees(c, ob, key))
        by_key(c, ob, key, segments[2]);
    else if (n == 3 && id_complete(segments[1], id) && strncmp(id, ob->prefix, 3) == 0 && allow(c, "GET"))
        get_bytes(c, ob, id, segments[2]);
    else if (!c->status)
        answer_not_found(c);
}

/* ---- routing ---- */

typedef void resource(struct call *c);

static void query_plain(struct call *c)
{
    rest_query(c, false);
}

static void query_all(struct call *c)
{
    rest_query(c, true);
}

static const struct {
    const char *path, *methods;
    resource *run;
} routes[] = {
    { "", "GET", rest_resources },
    { "limits", "GET", rest_limits },
    { "sobjects", "GET", rest_sobjects },
    { "query", "GET", query_plain },
    { "queryAll", "GET", query_all },
    { "recent", "GET", rest_recent },
    { "composite", "POST", rest_composite },
    { "composite/batch", "POST", rest_batch },
    { "composite/graph", "POST", rest_graph },
    { "actions/standard/customNotificationAction", "POST", rest_notify },
};

static size_t split(char *path, char **segments, size_t max)
{
    size_t n = 0;
    for (char *p = path; n < max;) {
        segments[n++] = p;
        p = strchr(p, '/');
        if (!p)
            break;
        *p++ = '\0';
    }
    for (size_t i = 0; i < n; i++)
        percent_decode_loose(segments[i], strlen(segments[i]), false);
    return n;
}

void rest_route(struct call *c, char *path)
{
    char *segments[8];
    size_t len = strlen(path);
    if (!c->version[0]) {
        if (allow(c, "GET"))
            rest_versions(c);
        return;
    }
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        if (strcmp(routes[i].path, path) == 0 || (len && path[len - 1] == '/' && strlen(routes[i].path) == len - 1 &&
                                                  strncmp(routes[i].path, path, len - 1) == 0)) {
            if (allow(c, routes[i].methods))
                routes[i].run(c);
            return;
        }
    size_t n = split(path, segments, 8);
    if (n >= 2 && n <= 4 && strcmp(segments[0], "sobjects") == 0)
        sobject(c, segments + 1, n - 1);
    else if (n == 2 && (strcmp(segments[0], "query") == 0 || strcmp(segments[0], "queryAll") == 0))
        rest_query_more(c, segments[1]);
    else if (n >= 2 && strcmp(segments[0], "ssot") == 0 && strcmp(segments[1], "query-sql") == 0)
        rest_ssot(c, segments + 1, n - 1);
    else if (n >= 2 && strcmp(segments[0], "composite") == 0 && strcmp(segments[1], "sobjects") == 0)
        rest_collections(c, segments + 2, n - 2);
    else if (n == 3 && strcmp(segments[0], "composite") == 0 && strcmp(segments[1], "tree") == 0 &&
             method_is(c, "POST")) {
        if (answer_object(c, segments[2]))
            rest_tree(c);
    } else
        answer_not_found(c);
}
