/*
 * row_locks.c - rows that a write holds: the record itself and the parents that an org locks with it. A write that
 * meets a row of another one that is still at work is refused, as an org does when it has waited long enough; and so is
 * a part of all rows by chance, when a test wants that.
 */
#include <stdio.h>
#include <string.h>

#include "sandbox/records/draft.h"

enum { ROWS_HELD_MAX = 50000 };

static uint64_t mixed(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static bool bad_luck(struct org *o)
{
    double part = (double)(mixed(o->pace.seed ^ mixed(++o->lock_draws)) >> 11) / 9007199254740992.0;
    return part < o->pace.lock_rate;
}

static bool held_by_other(struct org *o, const char *id)
{
    const json_t *by = json_object_get(o->held, id);
    uint64_t ticket = (uint64_t)json_integer_value(by);
    return by && ticket != o->pace.ticket && o->pace.in_flight(o->pace.of, ticket);
}

/* Rows of writes that have ended are forgotten when there are many. */
static void tidy(struct org *o)
{
    const char *id;
    json_t *by;
    void *next;
    if (json_object_size(o->held) < ROWS_HELD_MAX)
        return;
    json_object_foreach_safe (o->held, next, id, by)
        if (!o->pace.in_flight(o->pace.of, (uint64_t)json_integer_value(by)))
            json_object_del(o->held, id);
}

static bool locks_parent(const struct field *f)
{
    return f->type == TYPE_REFERENCE && (f->cascade || f->locks);
}

static void add_id(struct text *ids, const char *id)
{
    if (id && strlen(id) == ID_SIZE - 1)
        text_add(ids, id, ID_SIZE - 1);
}

static void stored_parents(struct call *c, const struct object *ob, const char *id, struct text *ids)
{
    struct text sql = { 0 };
    int n = 0;
    text_str(&sql, "SELECT ");
    for (size_t i = 0; i < ob->n; i++)
        if (locks_parent(&ob->fields[i]))
            text_fmt(&sql, "%s\"%s\"", n++ ? ", " : "", ob->fields[i].name);
    text_fmt(&sql, " FROM \"%s\" WHERE \"Id\" = ?1", ob->name);
    sqlite3_stmt *s = n ? store_get(c->o, sql.p) : NULL;
    text_free(&sql);
    if (!s)
        return;
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    for (int i = 0, there = sqlite3_step(s) == SQLITE_ROW; there && i < n; i++)
        add_id(ids, (const char *)sqlite3_column_text(s, i));
    store_put(c->o, s);
}

static bool hold(struct org *o, const struct text *ids, struct fault *f)
{
    char id[ID_SIZE];
    for (size_t i = 0; i < ids->n; i += ID_SIZE - 1) {
        copy_text(id, sizeof id, ids->p + i);
        if (!held_by_other(o, id))
            continue;
        fault_set(f, 400, "UNABLE_TO_LOCK_ROW", "", "unable to obtain exclusive access to this record or 1 records: %s",
                  id);
        return false;
    }
    tidy(o);
    for (size_t i = 0; i < ids->n; i += ID_SIZE - 1) {
        copy_text(id, sizeof id, ids->p + i);
        json_object_set_new(o->held, id, json_integer((json_int_t)o->pace.ticket));
    }
    return true;
}

bool rows_hold(struct call *c, const struct object *ob, const char *id, const struct draft *d, struct fault *f)
{
    struct org *o = c->o;
    struct text ids = { 0 };
    if (c->loading || !o->pace.ticket)
        return true;
    if (bad_luck(o)) {
        fault_set(f, 400, "UNABLE_TO_LOCK_ROW", "", "unable to obtain exclusive access to this record");
        return false;
    }
    add_id(&ids, id);
    for (size_t i = 0; d && i < ob->n; i++)
        if (locks_parent(&ob->fields[i]) && d->values[i].kind == VALUE_TEXT)
            add_id(&ids, d->values[i].text);
    if (id)
        stored_parents(c, ob, id, &ids);
    bool ok = hold(o, &ids, f);
    text_free(&ids);
    return ok;
}
