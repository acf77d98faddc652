/* seed.c - the sample org: descriptions, records and permissions, embedded by the build or out of a folder. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/files.h"
#include "sandbox/base/system.h"
#include "sandbox/org/describe.h"
#include "sandbox/org/seed.h"
#include "sandbox/records/record.h"

/* How far from today a relative day may be: some 100 years. */
enum { MAX_DAYS = 36600 };

static bool put_object(struct org *o, struct object *ob, const char *json, size_t n)
{
    bool ok = store_table(o, ob);
    sqlite3_stmt *s = ok ? store_get(o, "INSERT OR REPLACE INTO _object (name, json) VALUES (?1, ?2)") : NULL;
    if (s) {
        sqlite3_bind_text(s, 1, ob->name, -1, SQLITE_STATIC);
        sqlite3_bind_text64(s, 2, json, n, SQLITE_STATIC, SQLITE_UTF8);
        ok = sqlite3_step(s) == SQLITE_DONE;
        store_put(o, s);
    }
    schema_put(&o->schema, ob);
    return ok;
}

/* The description that the org was given of an object; NULL when it has none. The caller releases it. */
static json_t *known_description(struct org *o, const char *name)
{
    const struct object *ob = name ? schema_find(&o->schema, name) : NULL;
    sqlite3_stmt *s = ob ? store_get(o, "SELECT json FROM _object WHERE name = ?1") : NULL;
    json_t *known = NULL;
    if (!s)
        return NULL;
    sqlite3_bind_text(s, 1, ob->name, -1, SQLITE_STATIC);
    if (sqlite3_step(s) == SQLITE_ROW)
        known = json_loadb((const char *)sqlite3_column_text(s, 0), (size_t)sqlite3_column_bytes(s, 0), 0, NULL);
    store_put(o, s);
    return known;
}

/* The text of the whole description once `json` is laid over what the org has; NULL with `why` filled. */
static char *whole_description(struct org *o, const char *json, size_t n, char *why, size_t why_size)
{
    json_error_t error;
    json_t *more = json_loadb(json, n, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(more)) {
        snprintf(why, why_size, "not JSON: line %d: %s", more ? 1 : error.line, more ? "not an object" : error.text);
        json_decref(more);
        return NULL;
    }
    json_t *known = known_description(o, json_string_value(json_object_get(more, "name")));
    json_t *whole = describe_merge(known, more, why, why_size);
    char *text = whole ? json_dumps(whole, JSON_COMPACT) : NULL;
    json_decref(whole);
    json_decref(known);
    json_decref(more);
    return text;
}

/* Makes a whole description the org's. */
static bool take_description(struct org *o, const char *json, size_t n, char *why, size_t why_size)
{
    struct object *ob = object_parse(json, n, why, why_size);
    if (!ob)
        return false;
    const struct object *same = schema_by_prefix(&o->schema, ob->prefix);
    if (same && !same_name(same->name, ob->name)) {
        snprintf(why, why_size, "%s: the prefix %s belongs to %s", ob->name, ob->prefix, same->name);
        object_free(ob);
        return false;
    }
    if (put_object(o, ob, json, n))
        return true;
    snprintf(why, why_size, "%s: %s", ob->name, sqlite3_errmsg(o->db));
    return false;
}

bool seed_description(struct org *o, const char *json, size_t n, char *why, size_t why_size)
{
    char *whole = whole_description(o, json, n, why, why_size);
    bool ok = whole && take_description(o, whole, strlen(whole), why, why_size);
    free(whole);
    return ok;
}

/*
 * TODAY, TODAY-59, TODAY+7 and TODAY-59T09:00:00Z in a field of dates or times: the day is the org's own, so that
 * records which must be 59 days old still are tomorrow. Anything else is left for the record's own checks.
 */
static void settle_day(struct org *o, json_t *record, const char *key, const char *written)
{
    char at[32], *end = NULL;
    if (strncmp(written, "TODAY", 5) != 0)
        return;
    const char *rest = written + 5;
    bool moved = *rest == '+' || *rest == '-';
    long days = moved ? strtol(rest, &end, 10) : 0;
    if (days < -MAX_DAYS || days > MAX_DAYS)
        return;
    rest = moved ? end : rest; /* TODAY- keeps its sign, and is refused for it */
    utc_text(org_now_ms(o) + (int64_t)days * 86400000, "Z", at);
    json_object_set_new(record, key, json_sprintf("%.10s%s", at, rest));
}

static json_t *settled(struct org *o, const struct object *ob, const json_t *record)
{
    json_t *copy = json_deep_copy(record), *value;
    const char *key;
    json_object_foreach ((json_t *)record, key, value) {
        const struct field *f = object_field(ob, key);
        if (f && (f->type == TYPE_DATE || f->type == TYPE_DATETIME) && json_is_string(value))
            settle_day(o, copy, key, json_string_value(value));
    }
    return copy;
}

static bool seed_record(struct call *c, struct object *ob, const json_t *record, struct fault *f)
{
    char id[ID_SIZE];
    json_t *ready = settled(c->o, ob, record);
    bool ok = record_insert(c, ob, ready, id, f);
    json_decref(ready);
    return ok;
}

/* { "Account": [ {...}, ... ], ... } */
bool seed_records(struct org *o, const char *name, const char *json, size_t n, char *why, size_t why_size)
{
    struct call c = { .o = o, .loading = true, .version = "62.0" };
    json_error_t error;
    json_t *all = json_loadb(json, n, JSON_REJECT_DUPLICATES, &error), *list, *item;
    const char *object;
    size_t i;
    bool ok = all != NULL;
    if (!all)
        snprintf(why, why_size, "%s: line %d: %s", name, error.line, error.text);
    copy_text(c.user_id, sizeof c.user_id, "005xx000001X8UzAAK");
    json_object_foreach (all, object, list) {
        struct object *ob = schema_find(&o->schema, object);
        if (!ob && ok)
            snprintf(why, why_size, "%s: no object %s", name, object);
        ok = ok && ob;
        json_array_foreach (list, i, item) {
            struct fault f = { 0 };
            if (ok && !seed_record(&c, ob, item, &f)) {
                snprintf(why, why_size, "%s: %s record %zu: %s", name, object, i + 1, f.message);
                ok = false;
            }
        }
    }
    json_decref(all);
    return ok;
}

/* Adds a rule; a user that has one already gets both. */
static void add_rule(struct org *o, json_t *rule)
{
    const char *id = json_string_value(json_object_get(rule, "userId")), *key;
    json_t *known = id ? (json_t *)perm_rules(o, id) : NULL, *list;
    if (!known) {
        json_array_append(o->permissions, rule);
        return;
    }
    json_object_foreach (rule, key, list) {
        if (!json_is_array(json_object_get(known, key)))
            json_object_set(known, key, list);
        else if (json_is_array(list))
            json_array_extend(json_object_get(known, key), list);
    }
}

bool seed_permissions_text(struct org *o, const char *json, size_t n, char *why, size_t why_size)
{
    json_error_t error;
    json_t *rules = json_loadb(json, n, 0, &error), *rule;
    size_t i;
    if (!json_is_array(rules)) {
        snprintf(why, why_size, "permissions: %s", rules ? "not a list" : error.text);
        json_decref(rules);
        return false;
    }
    json_array_foreach (rules, i, rule) {
        sqlite3_stmt *s = store_get(o, "SELECT \"Id\" FROM \"User\" WHERE \"Username\" = ?1");
        const char *user = json_string_value(json_object_get(rule, "user"));
        sqlite3_bind_text(s, 1, user, -1, SQLITE_STATIC);
        if (user && sqlite3_step(s) == SQLITE_ROW)
            json_object_set_new(rule, "userId", json_string((const char *)sqlite3_column_text(s, 0)));
        store_put(o, s);
        add_rule(o, rule);
    }
    json_decref(rules);
    return true;
}

/* The file's name when it stands in this folder, else NULL. */
static const char *name_within(const char *folder, const char *path)
{
    char start[80];
    snprintf(start, sizeof start, "sandbox/%s/", folder ? folder : "-");
    return strncmp(path, start, strlen(start)) == 0 ? path + strlen(start) : NULL;
}

/* Whether an embedded file is one of those that this org begins with. */
static bool of_seed(const struct org *o, const char *path)
{
    const char *name = name_within(o->seed, path);
    if (name_within(o->own, path))
        return true;
    for (const struct embedded_file *f = embedded_files; name && o->own && f->path; f++) {
        const char *instead = name_within(o->own, f->path);
        if (instead && strcmp(instead, name) == 0)
            return false;
    }
    return name != NULL;
}

static bool is_permissions(const char *path)
{
    const char *name = strrchr(path, '/');
    return strcmp(name ? name + 1 : path, "permissions.json") == 0;
}

bool seed_permissions(struct org *o, char *why, size_t why_size)
{
    bool ok = true;
    for (const struct embedded_file *f = embedded_files; ok && f->path; f++)
        if (of_seed(o, f->path) && is_permissions(f->path))
            ok = seed_permissions_text(o, f->text, f->n, why, why_size);
    return ok;
}

/* ---- a folder ---- */

static char *read_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    struct text t = { 0 };
    char piece[8192];
    if (!f)
        return NULL;
    for (size_t got; (got = fread(piece, 1, sizeof piece, f)) > 0;)
        text_add(&t, piece, got);
    fclose(f);
    text_add(&t, "", 0);
    *n = t.n;
    return text_take(&t, NULL);
}

static int json_only(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 5 && strcmp(e->d_name + n - 5, ".json") == 0;
}

enum load { LOAD_OBJECTS, LOAD_RECORDS, LOAD_PERMISSIONS };

static bool load_one(struct org *o, const char *path, enum load what, char *why, size_t why_size)
{
    size_t n;
    if (what != LOAD_OBJECTS && is_permissions(path) != (what == LOAD_PERMISSIONS))
        return true;
    char *text = read_file(path, &n);
    bool ok = text != NULL;
    if (!text)
        snprintf(why, why_size, "%s: cannot be read", path);
    else if (what == LOAD_OBJECTS)
        ok = seed_description(o, text, n, why, why_size);
    else if (what == LOAD_RECORDS)
        ok = seed_records(o, path, text, n, why, why_size);
    else
        ok = seed_permissions_text(o, text, n, why, why_size);
    free(text);
    return ok;
}

static bool load_folder(struct org *o, enum load what, char *why, size_t why_size)
{
    char dir[1024], path[1400];
    struct dirent **names = NULL;
    bool ok = true;
    snprintf(dir, sizeof dir, "%s/%s", o->directory, what == LOAD_OBJECTS ? "objects" : "seed");
    int n = scandir(dir, &names, json_only, alphasort);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);
        ok = ok && load_one(o, path, what, why, why_size);
        free(names[i]);
    }
    free(names);
    return ok;
}

/* Its records go in once in the life of a database file, until a reset; the rest every time. */
bool seed_load_directory(struct org *o, char *why, size_t why_size)
{
    if (!o->directory)
        return true;
    struct text mark = { 0 };
    text_fmt(&mark, "folder %s", o->directory);
    bool first = store_next(o, mark.p) == 1;
    text_free(&mark);
    return load_folder(o, LOAD_OBJECTS, why, why_size) && (!first || load_folder(o, LOAD_RECORDS, why, why_size)) &&
           load_folder(o, LOAD_PERMISSIONS, why, why_size);
}

bool seed_load(struct org *o, char *why, size_t why_size)
{
    bool ok = true;
    for (const struct embedded_file *f = embedded_files; ok && f->path; f++)
        if (strstr(f->path, "/objects/"))
            ok = seed_description(o, f->text, f->n, why, why_size);
    for (const struct embedded_file *f = embedded_files; ok && f->path; f++)
        if (of_seed(o, f->path) && strstr(f->path, ".json") && !is_permissions(f->path))
            ok = seed_records(o, f->path, f->text, f->n, why, why_size);
    return ok && seed_permissions(o, why, why_size) && seed_load_directory(o, why, why_size);
}
