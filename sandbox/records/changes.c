/* changes.c - see changes.h. Rows are noted by SQLite's hook before it changes them; the hook itself reads nothing
 * else. */
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include "sandbox/records/changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An object that is looked at, and how its table's columns lie. */
struct watched {
    char name[NAME_SIZE];
    const struct object *object;
    int *field_of; /* of each column its field, -1 = none */
    int columns, id_column;
};

struct touched {
    size_t watched;
    char id[ID_SIZE];
    struct value *before; /* NULL = a new record */
};

struct changes {
    struct change_listener listener;
    struct watched watched[CHANGES_OBJECTS_MAX];
    size_t n_watched;
    unsigned schema_version; /* that the columns were read for */
    bool open;
    struct touched *touched;
    size_t n, cap;
    size_t *slots; /* open addressing: place in `touched` plus one; a power of two of them, half empty at least */
    size_t n_slots;
};

/* ---- values ---- */

static struct value value_of(sqlite3_value *v)
{
    struct value out = { .kind = VALUE_NULL };
    switch (sqlite3_value_type(v)) {
    case SQLITE_INTEGER:
        out.kind = VALUE_INT;
        out.i = sqlite3_value_int64(v);
        break;
    case SQLITE_FLOAT:
        out.kind = VALUE_REAL;
        out.d = sqlite3_value_double(v);
        break;
    case SQLITE_TEXT:
        out.kind = VALUE_TEXT;
        out.n = (size_t)sqlite3_value_bytes(v);
        out.text = mem_dup((const char *)sqlite3_value_text(v), out.n);
        break;
    default:
        break; /* bytes are not in the objects' tables */
    }
    return out;
}

static void values_free(struct value *values, size_t n)
{
    for (size_t i = 0; values && i < n; i++)
        value_free(&values[i]);
    free(values);
}

/* ---- which rows were touched ---- */

static uint64_t id_hash(const char *id)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (; *id; id++)
        h = (h ^ (unsigned char)*id) * 1099511628211u;
    return h ^ (h >> 29);
}

static size_t *slot_of(struct changes *c, const char *id)
{
    size_t at = (size_t)id_hash(id) & (c->n_slots - 1);
    while (c->slots[at] && strcmp(c->touched[c->slots[at] - 1].id, id) != 0)
        at = (at + 1) & (c->n_slots - 1);
    return &c->slots[at];
}

static void make_room(struct changes *c)
{
    if (c->n < c->cap)
        return;
    c->cap = c->cap ? 2 * c->cap : 256;
    struct touched *grown = realloc(c->touched, c->cap * sizeof *grown);
    if (!grown)
        abort();
    c->touched = grown;
    free(c->slots);
    c->n_slots = 2 * c->cap;
    c->slots = mem_new(c->n_slots * sizeof *c->slots);
    for (size_t i = 0; i < c->n; i++)
        *slot_of(c, c->touched[i].id) = i + 1;
}

static struct watched *watched_table(struct changes *c, const char *table)
{
    for (size_t i = 0; i < c->n_watched; i++)
        if (c->watched[i].object && same_name(c->watched[i].object->name, table))
            return &c->watched[i];
    return NULL;
}

static struct value *row_before(sqlite3 *db, const struct watched *w)
{
    struct value *row = mem_new(w->object->n * sizeof *row);
    sqlite3_value *v;
    for (int i = 0; i < w->columns; i++)
        if (w->field_of[i] >= 0 && sqlite3_preupdate_old(db, i, &v) == SQLITE_OK)
            row[w->field_of[i]] = value_of(v);
    return row;
}

/* Called before a row changes. */
static void on_row(void *user, sqlite3 *db, int operation, const char *database, const char *table, sqlite3_int64 old,
                   sqlite3_int64 new)
{
    struct org *o = user;
    struct changes *c = o->changes;
    sqlite3_value *v = NULL;
    (void)database;
    (void)old;
    (void)new;
    const struct watched *w = c->open ? watched_table(c, table) : NULL;
    if (!w || w->id_column < 0)
        return;
    int rc = operation == SQLITE_INSERT ? sqlite3_preupdate_new(db, w->id_column, &v)
                                        : sqlite3_preupdate_old(db, w->id_column, &v);
    const char *id = rc == SQLITE_OK ? (const char *)sqlite3_value_text(v) : NULL;
    if (!id || strlen(id) != ID_SIZE - 1)
        return;
    make_room(c);
    size_t *slot = slot_of(c, id);
    if (*slot)
        return;
    struct touched *t = &c->touched[c->n++];
    *slot = c->n;
    *t = (struct touched){ .watched = (size_t)(w - c->watched) };
    copy_text(t->id, sizeof t->id, id);
    if (operation != SQLITE_INSERT)
        t->before = row_before(db, w);
}

static void forget(struct changes *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->touched[i].before)
            values_free(c->touched[i].before, c->watched[c->touched[i].watched].object->n);
    c->n = 0;
    if (c->slots)
        memset(c->slots, 0, c->n_slots * sizeof *c->slots);
}

/* ---- how the tables lie ---- */

static void read_columns(struct org *o, struct watched *w)
{
    w->object = schema_find(&o->schema, w->name);
    free(w->field_of);
    w->field_of = NULL;
    w->columns = 0;
    w->id_column = -1;
    sqlite3_stmt *s = w->object ? store_get(o, "SELECT name FROM pragma_table_info(?1)") : NULL;
    if (!s)
        return;
    sqlite3_bind_text(s, 1, w->object->name, -1, SQLITE_STATIC);
    for (int i = 0; sqlite3_step(s) == SQLITE_ROW; i++) {
        const char *name = (const char *)sqlite3_column_text(s, 0);
        const struct field *f = object_field(w->object, name);
        int *grown = realloc(w->field_of, (size_t)(i + 1) * sizeof *grown);
        if (!grown)
            abort();
        w->field_of = grown;
        w->field_of[i] = f ? (int)(f - w->object->fields) : -1;
        w->columns = i + 1;
        if (f && f->type == TYPE_ID)
            w->id_column = i;
    }
    store_put(o, s);
}

static void read_tables(struct org *o)
{
    for (size_t i = 0; i < o->changes->n_watched; i++)
        read_columns(o, &o->changes->watched[i]);
    o->changes->schema_version = o->schema.version;
}

/* ---- what became of them ---- */

static struct value *row_now(struct org *o, const struct object *ob, const char *id)
{
    struct text sql = { 0 };
    text_str(&sql, "SELECT ");
    for (size_t i = 0; i < ob->n; i++)
        text_fmt(&sql, "%s\"%s\"", i ? ", " : "", ob->fields[i].name);
    text_fmt(&sql, " FROM \"%s\" WHERE \"Id\" = ?1", ob->name);
    sqlite3_stmt *s = store_get(o, sql.p);
    text_free(&sql);
    struct value *row = NULL;
    if (!s)
        return NULL;
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    if (sqlite3_step(s) == SQLITE_ROW) {
        row = mem_new(ob->n * sizeof *row);
        for (size_t i = 0; i < ob->n; i++)
            row[i] = value_of(sqlite3_column_value(s, (int)i));
    }
    store_put(o, s);
    return row;
}

static double number_of(const struct value *v)
{
    return v->kind == VALUE_INT ? (double)v->i : v->d;
}

bool value_same(const struct value *a, const struct value *b)
{
    bool numbers = (a->kind == VALUE_INT || a->kind == VALUE_REAL) && (b->kind == VALUE_INT || b->kind == VALUE_REAL);
    if (numbers)
        return number_of(a) == number_of(b);
    if (a->kind != b->kind)
        return false;
    return a->kind == VALUE_NULL || (a->n == b->n && memcmp(a->text, b->text, a->n) == 0);
}

static bool deleted(const struct object *ob, const struct value *row)
{
    const struct field *f = object_field(ob, "IsDeleted");
    return f && row[f - ob->fields].i != 0;
}

/* What is written with every update; by itself it is no change. */
static bool is_stamp(const struct field *f)
{
    return f->system && (strncmp(f->name, "LastModified", 12) == 0 || strcmp(f->name, "SystemModstamp") == 0);
}

/* Fills the change; false when there is none after all. */
static bool compare(struct org *o, const struct touched *t, struct change *out)
{
    const struct object *ob = o->changes->watched[t->watched].object;
    *out = (struct change){ .object = ob, .before = t->before, .after = row_now(o, ob, t->id) };
    copy_text(out->id, sizeof out->id, t->id);
    if (!out->after)
        return false; /* made and rolled back, or not kept at all */
    bool gone = deleted(ob, out->after), was_gone = t->before && deleted(ob, t->before);
    bool same = t->before != NULL;
    for (size_t i = 0; same && i < ob->n; i++)
        same = is_stamp(&ob->fields[i]) || value_same(&t->before[i], &out->after[i]);
    out->kind = !t->before ? CHANGE_CREATE : gone ? CHANGE_DELETE : was_gone ? CHANGE_UNDELETE : CHANGE_UPDATE;
    return !same && !(gone && (was_gone || !t->before));
}

/* ---- the outside ---- */

void changes_listen(struct org *o, const struct change_listener *listener)
{
    pthread_mutex_lock(&o->lock);
    if (!o->changes)
        o->changes = mem_new(sizeof *o->changes);
    o->changes->listener = *listener;
    sqlite3_preupdate_hook(o->db, on_row, o);
    pthread_mutex_unlock(&o->lock);
}

bool changes_select(struct org *o, const char *names)
{
    struct changes *c = o->changes;
    char name[CHANGES_OBJECTS_MAX][NAME_SIZE];
    size_t n = 0;
    for (const char *p = names; *p; p += strspn(p, ",")) {
        size_t len = strcspn(p, ",");
        if (n == CHANGES_OBJECTS_MAX || len >= NAME_SIZE)
            return false;
        snprintf(name[n], NAME_SIZE, "%.*s", (int)len, p);
        if (!schema_find(&o->schema, name[n++]))
            return false;
        p += len;
    }
    forget(c);
    for (size_t i = 0; i < c->n_watched; i++)
        free(c->watched[i].field_of);
    memset(c->watched, 0, sizeof c->watched);
    for (size_t i = 0; i < n; i++)
        copy_text(c->watched[i].name, NAME_SIZE, name[i]);
    c->n_watched = n;
    read_tables(o);
    return true;
}

void changes_begin(struct org *o)
{
    struct changes *c = o->changes;
    if (!c)
        return;
    if (c->schema_version != o->schema.version)
        read_tables(o);
    c->open = true;
}

void changes_end(struct org *o, const char *user_id, const char *origin, size_t each)
{
    struct changes *c = o->changes;
    if (!c || !c->open)
        return;
    c->open = false;
    struct change *list = mem_new((c->n ? c->n : 1) * sizeof *list);
    struct commit commit = { .list = list, .user_id = user_id, .origin = origin, .at_ms = org_now_ms(o) };
    for (size_t i = 0; i < c->n; i++) {
        struct change *one = &list[commit.n];
        if (compare(o, &c->touched[i], one))
            commit.n++;
        else
            values_free(one->after, one->object->n);
        bool last = i + 1 == c->n || (each && commit.n == each);
        if (last && commit.n)
            c->listener.committed(c->listener.ctx, o, &commit);
        for (size_t k = 0; last && k < commit.n; k++)
            values_free(list[k].after, list[k].object->n);
        commit.n = last ? 0 : commit.n;
    }
    free(list);
    forget(c);
}

void changes_published(struct org *o, const struct published *event)
{
    if (o->changes)
        o->changes->listener.published(o->changes->listener.ctx, o, event);
}

void changes_free(struct org *o)
{
    struct changes *c = o->changes;
    if (!c)
        return;
    forget(c);
    for (size_t i = 0; i < CHANGES_OBJECTS_MAX; i++)
        free(c->watched[i].field_of);
    free(c->touched);
    free(c->slots);
    free(c);
    o->changes = NULL;
}
