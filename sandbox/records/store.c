/* store.c - SQLite: one table an object, one for bytes, one for counters. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/system.h"
#include "sandbox/records/records.h"
#include "sandbox/soql/soql.h"

bool store_exec(struct org *o, const char *sql)
{
    return sqlite3_exec(o->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

bool store_open(struct org *o, const char *path, char *why, size_t why_size)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path ? path : ":memory:", &o->db, flags, NULL) != SQLITE_OK) {
        snprintf(why, why_size, "%s: %s", path ? path : ":memory:", o->db ? sqlite3_errmsg(o->db) : "no memory");
        return false;
    }
    sqlite3_busy_timeout(o->db, 5000);
    if (!soql_register(o->db) || !store_exec(o, "PRAGMA journal_mode = WAL") ||
        !store_exec(o, "PRAGMA synchronous = OFF") ||
        !store_exec(o, "CREATE TABLE IF NOT EXISTS _counter (name TEXT PRIMARY KEY, n INTEGER NOT NULL)") ||
        !store_exec(o, "CREATE TABLE IF NOT EXISTS _object (name TEXT PRIMARY KEY, json TEXT NOT NULL)") ||
        !store_exec(
            o, "CREATE TABLE IF NOT EXISTS _blob (id TEXT, field TEXT, data BLOB NOT NULL, PRIMARY KEY (id, field))")) {
        snprintf(why, why_size, "%s: %s", path ? path : ":memory:", sqlite3_errmsg(o->db));
        return false;
    }
    return true;
}

static void forget_statements(struct org *o)
{
    for (int i = 0; i < STATEMENTS; i++) {
        sqlite3_finalize(o->statements[i].stmt);
        free(o->statements[i].sql);
        o->statements[i] = (struct statement){ 0 };
    }
}

void store_close(struct org *o)
{
    forget_statements(o);
    sqlite3_close(o->db);
    o->db = NULL;
}

static uint64_t text_hash(const char *s)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211u;
    return h;
}

sqlite3_stmt *store_get(struct org *o, const char *sql)
{
    struct statement *oldest = NULL;
    uint64_t hash = text_hash(sql);
    for (int i = 0; i < STATEMENTS; i++) {
        struct statement *s = &o->statements[i];
        if (s->busy)
            continue;
        if (s->sql && s->hash == hash && strcmp(s->sql, sql) == 0) {
            s->busy = true;
            s->used = ++o->statement_clock;
            return s->stmt;
        }
        if (!oldest || s->used < oldest->used)
            oldest = s;
    }
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(o->db, sql, -1, &stmt, NULL) != SQLITE_OK)
        return NULL;
    if (oldest) {
        sqlite3_finalize(oldest->stmt);
        free(oldest->sql);
        *oldest = (struct statement){ mem_dup(sql, strlen(sql)), hash, stmt, true, ++o->statement_clock };
    }
    return stmt;
}

void store_put(struct org *o, sqlite3_stmt *stmt)
{
    for (int i = 0; i < STATEMENTS; i++)
        if (o->statements[i].stmt == stmt && stmt) {
            sqlite3_reset(stmt);
            sqlite3_clear_bindings(stmt);
            o->statements[i].busy = false;
            return;
        }
    sqlite3_finalize(stmt);
}

void store_begin(struct org *o)
{
    sqlite3_stmt *s = store_get(o, "SAVEPOINT step");
    sqlite3_step(s);
    store_put(o, s);
}

void store_end(struct org *o, bool keep)
{
    if (!keep) {
        sqlite3_stmt *s = store_get(o, "ROLLBACK TO step");
        sqlite3_step(s);
        store_put(o, s);
    }
    sqlite3_stmt *s = store_get(o, "RELEASE step");
    sqlite3_step(s);
    store_put(o, s);
}

static void column_sql(struct text *sql, const struct field *f)
{
    bool blind = type_facts[f->type].text && !f->case_sensitive;
    text_fmt(sql, "\"%s\" %s%s", f->name, type_facts[f->type].column, blind ? " COLLATE sf" : "");
    if (f->type == TYPE_ID)
        text_str(sql, " PRIMARY KEY");
    if (f->type == TYPE_BOOLEAN)
        text_str(sql, " NOT NULL DEFAULT 0");
}

static bool has_column(struct org *o, const struct object *ob, const char *column)
{
    struct text sql = { 0 };
    text_fmt(&sql, "SELECT 1 FROM pragma_table_info('%s') WHERE name = '%s' COLLATE NOCASE", ob->name, column);
    sqlite3_stmt *s = NULL;
    bool found = sqlite3_prepare_v2(o->db, sql.p, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;
    sqlite3_finalize(s);
    text_free(&sql);
    return found;
}

static bool make_index(struct org *o, const struct object *ob, const struct field *f)
{
    bool wanted = (f->type == TYPE_REFERENCE && !f->system) || f->unique || f->external_id || f->name_field;
    struct text sql = { 0 };
    text_fmt(&sql, "CREATE INDEX IF NOT EXISTS \"%s.%s\" ON \"%s\" (\"%s\")", ob->name, f->name, ob->name, f->name);
    bool ok = !wanted || store_exec(o, sql.p);
    text_free(&sql);
    return ok;
}

bool store_table(struct org *o, const struct object *ob)
{
    struct text sql = { 0 };
    forget_statements(o);
    bool there = has_column(o, ob, "Id");
    text_fmt(&sql, "CREATE TABLE IF NOT EXISTS \"%s\" (", ob->name);
    for (size_t i = 0; i < ob->n; i++) {
        text_str(&sql, i ? ", " : "");
        column_sql(&sql, &ob->fields[i]);
    }
    text_char(&sql, ')');
    bool ok = store_exec(o, sql.p);
    text_free(&sql);
    for (size_t i = 0; ok && i < ob->n; i++) {
        if (there && !has_column(o, ob, ob->fields[i].name)) {
            text_fmt(&sql, "ALTER TABLE \"%s\" ADD COLUMN ", ob->name);
            column_sql(&sql, &ob->fields[i]);
            ok = store_exec(o, sql.p);
            text_free(&sql);
        }
        ok = ok && make_index(o, ob, &ob->fields[i]);
    }
    return ok;
}

void store_drop_all(struct org *o)
{
    struct text sql = { 0 };
    forget_statements(o);
    for (size_t i = 0; i < o->schema.n; i++)
        text_fmt(&sql, "DROP TABLE IF EXISTS \"%s\";", o->schema.objects[i]->name);
    text_str(&sql, "DELETE FROM _counter; DELETE FROM _object; DELETE FROM _blob;");
    store_exec(o, sql.p);
    text_free(&sql);
}

bool store_empty(struct org *o)
{
    sqlite3_stmt *s = store_get(o, "SELECT 1 FROM _object LIMIT 1");
    bool empty = sqlite3_step(s) != SQLITE_ROW;
    store_put(o, s);
    return empty;
}

uint64_t store_take(struct org *o, const char *counter, uint64_t n)
{
    sqlite3_stmt *s = store_get(o, "INSERT INTO _counter (name, n) VALUES (?1, ?2) "
                                   "ON CONFLICT (name) DO UPDATE SET n = n + ?2 RETURNING n");
    sqlite3_bind_text(s, 1, counter, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)n);
    uint64_t last = sqlite3_step(s) == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    store_put(o, s);
    return last - n + 1;
}

uint64_t store_next(struct org *o, const char *counter)
{
    return store_take(o, counter, 1);
}

int store_state(struct org *o, const struct object *ob, const char *id)
{
    char sql[NAME_SIZE + 80];
    snprintf(sql, sizeof sql, "SELECT \"IsDeleted\" FROM \"%s\" WHERE \"Id\" = ?1", ob->name);
    sqlite3_stmt *s = store_get(o, sql);
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    int state = sqlite3_step(s) != SQLITE_ROW ? 0 : sqlite3_column_int(s, 0) ? -1 : 1;
    store_put(o, s);
    return state;
}

int64_t org_now_ms(const struct org *o)
{
    return o->fixed_ms ? o->fixed_ms : o->call_ms ? o->call_ms : now_ms();
}
