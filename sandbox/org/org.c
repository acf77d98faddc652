/* org.c - the org as a whole: opening, reset, users, and the way of one request. */
#include "sandbox/org/org.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/data360/queries.h"
#include "sandbox/org/rest_parts.h"
#include "sandbox/org/seed.h"
#include "sandbox/records/changes.h"
#include "sandbox/records/record.h"

/* ---- opening and resetting ---- */

bool org_describe_object(struct org *o, const char *json, size_t n, char *why, size_t why_size)
{
    pthread_mutex_lock(&o->lock);
    bool ok = seed_description(o, json, n, why, why_size);
    pthread_mutex_unlock(&o->lock);
    return ok;
}

/* The descriptions of an org that was opened before. */
static bool load_stored(struct org *o, char *why, size_t why_size)
{
    sqlite3_stmt *s = store_get(o, "SELECT json FROM _object ORDER BY rowid");
    bool ok = s != NULL;
    while (ok && sqlite3_step(s) == SQLITE_ROW) {
        struct object *ob =
            object_parse((const char *)sqlite3_column_text(s, 0), (size_t)sqlite3_column_bytes(s, 0), why, why_size);
        ok = ob != NULL;
        if (ob)
            schema_put(&o->schema, ob);
    }
    store_put(o, s);
    return ok;
}

static void forget(struct org *o)
{
    cursors_free(o);
    data_queries_free(o);
    json_decref(o->permissions);
    json_decref(o->planned);
    o->permissions = json_array();
    o->planned = json_array();
    o->fixed_ms = 0;
    o->calls = 0;
    json_decref(o->held);
    json_decref(o->events);
    json_decref(o->notifications);
    o->held = json_object();
    o->events = json_array();
    o->notifications = json_array();
    setup_forget(o);
}

static bool load_samples(struct org *o, char *why, size_t why_size)
{
    store_begin(o);
    bool ok = seed_load(o, why, why_size);
    store_end(o, ok);
    return ok;
}

struct org *org_open(const char *path, char *why, size_t why_size)
{
    return org_open_edition(path, &(struct org_edition){ "seed", NULL, VERSION_MAX }, why, why_size);
}

struct org *org_open_edition(const char *path, const struct org_edition *edition, char *why, size_t why_size)
{
    struct org *o = mem_new(sizeof *o);
    o->seed = edition->seed;
    o->own = edition->own;
    o->newest = edition->newest;
    pthread_mutex_init(&o->lock, NULL);
    forget(o);
    if (!store_open(o, path, why, why_size))
        goto out;
    if (store_empty(o) ? load_samples(o, why, why_size)
                       : load_stored(o, why, why_size) && seed_permissions(o, why, why_size))
        return o;
out:
    org_close(o);
    return NULL;
}

void org_close(struct org *o)
{
    if (!o)
        return;
    forget(o);
    json_decref(o->permissions);
    json_decref(o->planned);
    json_decref(o->held);
    json_decref(o->events);
    json_decref(o->notifications);
    text_free(&o->due);
    changes_free(o);
    schema_clear(&o->schema);
    if (o->db)
        store_close(o);
    free(o->directory);
    pthread_mutex_destroy(&o->lock);
    free(o);
}

bool org_reset(struct org *o)
{
    char why[300];
    pthread_mutex_lock(&o->lock);
    forget(o);
    store_drop_all(o);
    schema_clear(&o->schema);
    bool ok = load_samples(o, why, sizeof why);
    pthread_mutex_unlock(&o->lock);
    return ok;
}

bool org_add_directory(struct org *o, const char *dir, char *why, size_t why_size)
{
    pthread_mutex_lock(&o->lock);
    free(o->directory);
    o->directory = mem_dup(dir, strlen(dir));
    store_begin(o);
    bool ok = seed_load_directory(o, why, why_size);
    store_end(o, ok);
    pthread_mutex_unlock(&o->lock);
    return ok;
}

bool org_load(struct org *o, const char *json, size_t n, char *why, size_t why_size)
{
    json_t *all = json_loadb(json, n, 0, NULL), *list;
    const char *name;
    pthread_mutex_lock(&o->lock);
    store_begin(o);
    json_object_foreach (all, name, list) {
        const struct object *ob = schema_find(&o->schema, name);
        struct text sql = { 0 };
        text_fmt(&sql, "DELETE FROM \"%s\"", ob ? ob->name : "_none");
        if (ob)
            store_exec(o, sql.p);
        text_free(&sql);
    }
    bool ok = seed_records(o, "records", json, n, why, why_size);
    store_end(o, ok);
    pthread_mutex_unlock(&o->lock);
    json_decref(all);
    return ok;
}

/* ---- settings ---- */

bool org_find_user(struct org *o, const char *id_or_name, struct org_user *user)
{
    char id[ID_SIZE] = "";
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s = store_get(
        o, "SELECT \"Id\", \"Username\" FROM \"User\" WHERE (\"Id\" = ?1 OR \"Username\" = ?2) AND \"IsDeleted\" = 0");
    if (!id_complete(id_or_name, id))
        id[0] = '\0';
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, id_or_name, -1, SQLITE_STATIC);
    bool found = sqlite3_step(s) == SQLITE_ROW;
    if (found) {
        copy_text(user->id, sizeof user->id, (const char *)sqlite3_column_text(s, 0));
        copy_text(user->username, sizeof user->username, (const char *)sqlite3_column_text(s, 1));
    }
    store_put(o, s);
    pthread_mutex_unlock(&o->lock);
    return found;
}

bool org_set_permissions(struct org *o, const char *json, size_t n, char *why, size_t why_size)
{
    pthread_mutex_lock(&o->lock);
    json_decref(o->permissions);
    o->permissions = json_array();
    bool ok = seed_permissions_text(o, json, n, why, why_size);
    pthread_mutex_unlock(&o->lock);
    return ok;
}

bool org_plan_fault(struct org *o, const char *json, size_t n, char *why, size_t why_size)
{
    json_error_t error;
    json_t *plan = json_loadb(json, n, 0, &error);
    if (!plan || !json_is_string(json_object_get(plan, "object")) ||
        !json_is_string(json_object_get(plan, "errorCode"))) {
        snprintf(why, why_size, "%s", plan ? "a fault needs \"object\" and \"errorCode\"" : error.text);
        json_decref(plan);
        return false;
    }
    pthread_mutex_lock(&o->lock);
    json_array_append_new(o->planned, plan);
    pthread_mutex_unlock(&o->lock);
    return true;
}

void org_forget_faults(struct org *o)
{
    pthread_mutex_lock(&o->lock);
    json_array_clear(o->planned);
    pthread_mutex_unlock(&o->lock);
}

bool org_set_up(struct org *o, const char *json, size_t n, char *why, size_t why_size)
{
    json_error_t error;
    json_t *in = json_loadb(json, n, JSON_REJECT_DUPLICATES, &error);
    if (!in) {
        snprintf(why, why_size, "%s", error.text);
        return false;
    }
    pthread_mutex_lock(&o->lock);
    bool ok = setup_take(o, in, why, why_size);
    pthread_mutex_unlock(&o->lock);
    json_decref(in);
    return ok;
}

void org_set_clock(struct org *o, int64_t ms)
{
    pthread_mutex_lock(&o->lock);
    o->fixed_ms = ms;
    pthread_mutex_unlock(&o->lock);
}

/* ---- out of the recycle bin ---- */

int org_undelete(struct org *o, const struct org_user *user, const json_t *ids)
{
    int n = 0;
    const json_t *item;
    size_t i;
    pthread_mutex_lock(&o->lock);
    struct call c = { .o = o, .rules = perm_rules(o, user->id) };
    copy_text(c.user_id, sizeof c.user_id, user->id);
    o->call_ms = org_now_ms(o);
    changes_begin(o);
    json_array_foreach (ids, i, item) {
        char id[ID_SIZE];
        const char *text = json_is_string(item) ? json_string_value(item) : "";
        const struct object *ob = id_complete(text, id) ? schema_by_prefix(&o->schema, id) : NULL;
        n += ob && record_undelete(&c, ob, id);
    }
    changes_end(o, c.user_id, "com/salesforce/api/soap/62.0", 0);
    o->call_ms = 0;
    pthread_mutex_unlock(&o->lock);
    return n;
}

/* ---- one request ---- */

static bool read_body(struct call *c, const struct org_request *r, struct part *parts, size_t max)
{
    const char *text = r->body;
    size_t n = r->body_n;
    json_error_t error;
    if (strncasecmp(r->content_type, "multipart/", 10) == 0) {
        int count = multipart_split(r->content_type, r->body, r->body_n, parts, max);
        if (count < 1) {
            answer_error(c, 400, "INVALID_MULTIPART_REQUEST", "Multipart message could not be read");
            return false;
        }
        c->parts = parts;
        c->n_parts = (size_t)count;
        text = parts[0].data; /* the record comes first, the bytes behind it */
        n = parts[0].n;
    }
    if (n == 0)
        return true;
    c->body = json_loadb(text, n, 0, &error);
    if (c->body)
        return true;
    char message[300];
    snprintf(message, sizeof message, "%.200s at [line:%d, column:%d]", error.text, error.line, error.column);
    answer_error(c, 400, "JSON_PARSER_ERROR", message);
    return false;
}

static void take_pace(struct org *o, const struct org_pace *p)
{
    if (p->ticket && p->setting != o->pace.setting) {
        json_object_clear(o->held);
        o->lock_draws = 0;
    }
    uint64_t setting = p->ticket ? p->setting : o->pace.setting;
    o->pace = (struct pace){ p->ticket, setting, p->seed, p->lock_rate, p->in_flight, p->of };
    o->work = (struct work){ 0 };
}

void org_origin(const char *api, const char *version, const char *options, char out[ORG_ORIGIN_SIZE])
{
    const char *client = NULL;
    for (const char *p = options ? options : ""; *p; p += strcspn(p, ",") + (p[strcspn(p, ",")] == ',')) {
        p += strspn(p, " \t");
        if (strncasecmp(p, "client=", 7) == 0)
            client = p + 7;
    }
    int n = client ? (int)strcspn(client, ", \t") : 0;
    snprintf(out, ORG_ORIGIN_SIZE, "com/salesforce/api/%s/%s%s%.*s", api, version, n ? ";client=" : "", n,
             n ? client : "");
}

/* Runs the request; what it changes in records is one transaction. */
static void run_request(struct call *c, const struct org_request *r, char *rest, struct part *parts, size_t max)
{
    char origin[ORG_ORIGIN_SIZE];
    bool writes = strcmp(c->method, "GET") != 0;
    if (!read_body(c, r, parts, max))
        return;
    org_origin("rest", c->version, r->call_options, origin);
    c->o->call_ms = org_now_ms(c->o);
    if (writes)
        changes_begin(c->o);
    rest_route(c, rest);
    if (writes)
        changes_end(c->o, c->user_id, origin, 0);
    c->o->call_ms = 0;
}

/* Counts a call; false when there are none left for today. */
static bool take_call(struct org *o, char limit_info[80])
{
    bool left = o->calls < setup_calls(o);
    o->calls += left;
    snprintf(limit_info, 80, "api-usage=%llu/%llu", (unsigned long long)o->calls, (unsigned long long)setup_calls(o));
    return left;
}

void org_admit(struct org *o, const struct org_user *user, struct org_admission *out)
{
    pthread_mutex_lock(&o->lock);
    out->spent = !take_call(o, out->limit_info);
    out->limited = perm_rules(o, user->id) != NULL;
    out->now_ms = org_now_ms(o);
    pthread_mutex_unlock(&o->lock);
}

int64_t org_clock_ms(struct org *o)
{
    pthread_mutex_lock(&o->lock);
    int64_t now = org_now_ms(o);
    pthread_mutex_unlock(&o->lock);
    return now;
}

void org_enter(struct org *o, const struct org_pace *pace)
{
    pthread_mutex_lock(&o->lock);
    take_pace(o, pace);
}

void org_writes(struct org *o)
{
    o->call_ms = org_now_ms(o);
    changes_begin(o);
}

void org_wrote(struct org *o, const char *user_id, const char *origin)
{
    changes_end(o, user_id, origin, 0);
    o->call_ms = 0;
}

void org_leave(struct org *o, struct org_work *did)
{
    *did = (struct org_work){ o->work.pages, o->work.records, o->work.statements };
    pthread_mutex_unlock(&o->lock);
}

void org_handle(struct org *o, const struct org_request *r, struct org_reply *reply)
{
    enum { PARTS = 401 };
    struct call c = { .o = o,
                      .method = r->method,
                      .query = r->query ? r->query : "",
                      .options = r->accept_call_options ? r->accept_call_options : "",
                      .data_host = r->data_host };
    static const char v2[] = "/api/v2/query";
    struct part *parts = mem_new(PARTS * sizeof *parts);
    char *path = mem_dup(r->path, strlen(r->path)), *rest;
    bool head = strcmp(r->method, "HEAD") == 0;
    if (head)
        c.method = "GET";
    copy_text(c.type, sizeof c.type, "application/json;charset=UTF-8");
    copy_text(c.user_id, sizeof c.user_id, r->user.id);

    pthread_mutex_lock(&o->lock);
    take_pace(o, &r->pace);
    char limit_info[80];
    bool spent = !take_call(o, limit_info);
    c.rules = perm_rules(o, c.user_id);
    if (spent)
        answer_error(&c, 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
    else if (strncmp(path, v2, sizeof v2 - 1) == 0 && read_body(&c, r, parts, PARTS))
        rest_data_v2(&c, path + sizeof v2 - 1);
    else if (!rest_split_path(&c, path, &rest))
        answer_not_found(&c);
    else
        run_request(&c, r, rest, parts, PARTS);
    *reply = (struct org_reply){
        .status = c.status, .pages = o->work.pages, .records = o->work.records, .statements = o->work.statements
    };
    copy_text(reply->limit_info, sizeof reply->limit_info, limit_info);
    pthread_mutex_unlock(&o->lock);

    reply->body_n = head ? 0 : c.out.n;
    if (head || c.out.n == 0)
        text_free(&c.out);
    reply->body = text_take(&c.out, NULL);
    if (reply->body)
        copy_text(reply->content_type, sizeof reply->content_type, c.type);
    copy_text(reply->location, sizeof reply->location, c.location);
    json_decref(c.body);
    free(parts);
    free(path);
}
