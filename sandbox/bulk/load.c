/* load.c - writes the records of a batch, 200 by 200, each 200 in one piece of work of the org. */
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/system.h"
#include "sandbox/bulk/bulk_parts.h"
#include "sandbox/http/model.h"
#include "sandbox/org/messages.h"
#include "sandbox/records/record.h"

struct row {
    struct csv_record values;
    char id[ID_SIZE];
    bool ok, created, tried; /* tried: nothing more is to be done with it */
    struct fault fault;
};

struct chunk {
    struct row *rows; /* CHUNK_ROWS of them */
    size_t n;
    size_t end; /* where in the data the next one begins */
};

/* ---- one record ---- */

/* Its id out of the key column, of this object; a fault otherwise. */
static bool row_id(const struct columns *k, struct row *r)
{
    size_t n;
    const char *text = csv_value(&r->values, k->key, &n);
    if (n == 0)
        fault_set(&r->fault, 400, "MISSING_ARGUMENT", "Id", "Id not specified in an update call");
    else if (!id_complete(text, r->id) || strncmp(r->id, k->object->prefix, 3) != 0)
        fault_set(&r->fault, 400, "MALFORMED_ID", "Id", "Record ID: id value of incorrect type: %.60s", text);
    return !r->fault.code[0];
}

/* An id that names nothing is a broken reference here. */
static bool with_id(struct fault *f, bool ok)
{
    if (!ok && strcmp(f->code, "NOT_FOUND") == 0)
        fault_set(f, 400, "INVALID_CROSS_REFERENCE_KEY", "", "invalid cross reference id");
    return ok;
}

static bool upsert(struct call *c, struct object *ob, const struct columns *k, struct row *r, const json_t *record)
{
    size_t n;
    struct field *key = object_field(ob, k->list[k->key].field->name);
    const char *text = csv_value(&r->values, k->key, &n);
    if (key->type == TYPE_ID && n > 0)
        return row_id(k, r) && with_id(&r->fault, record_update(c, ob, r->id, record, &r->fault));
    if (key->type == TYPE_ID) {
        r->created = true;
        return record_insert(c, ob, record, r->id, &r->fault);
    }
    if (n > 0)
        return record_upsert(c, ob, key, text, record, r->id, &r->created, &r->fault);
    fault_set(&r->fault, 400, "MISSING_ARGUMENT", key->name, "%s not specified", key->name);
    return false;
}

static bool insert(struct call *c, struct object *ob, const struct columns *k, struct row *r, json_t *record)
{
    for (size_t i = 0; i < k->n; i++)
        if (k->list[i].field->type == TYPE_ID && json_object_get(record, k->list[i].field->name)) {
            fault_set(&r->fault, 400, "INVALID_FIELD_FOR_INSERT_UPDATE", "Id", "cannot specify Id in an insert call");
            return false;
        }
    r->created = true;
    char uuid[37];
    return is_event(ob) ? event_publish(c, ob, record, r->id, uuid, &r->fault)
                        : record_insert(c, ob, record, r->id, &r->fault);
}

static bool erase(struct call *c, const struct object *ob, const char *id)
{
    struct text sql = { 0 };
    text_fmt(&sql, "DELETE FROM \"%s\" WHERE \"Id\" = ?1", ob->name);
    sqlite3_stmt *s = store_get(c->o, sql.p);
    text_free(&sql);
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    bool ok = sqlite3_step(s) == SQLITE_DONE;
    store_put(c->o, s);
    return ok;
}

static void run_row(struct call *c, const struct job *j, struct object *ob, const struct columns *k, struct row *r)
{
    json_t *record = columns_record(k, &r->values);
    if (j->operation == JOB_INSERT)
        r->ok = insert(c, ob, k, r, record);
    else if (j->operation == JOB_UPSERT)
        r->ok = upsert(c, ob, k, r, record);
    else if (j->operation == JOB_UPDATE)
        r->ok = row_id(k, r) && with_id(&r->fault, record_update(c, ob, r->id, record, &r->fault));
    else
        r->ok = row_id(k, r) && with_id(&r->fault, record_delete(c, ob, r->id, &r->fault)) &&
                (j->operation == JOB_DELETE || erase(c, ob, r->id));
    if (!r->ok)
        columns_blame(c, k, record, &r->fault);
    json_decref(record);
}

/* ---- 200 of them ---- */

/* What a record is found by, in the one spelling that all others of it have; malloc, NULL when it is empty. */
static char *key_of(const struct columns *k, const struct row *r)
{
    size_t n;
    const char *text = csv_value(&r->values, k->key, &n);
    const struct field *f = k->list[k->key].field;
    char id[ID_SIZE];
    if (n == 0)
        return NULL;
    if (f->type == TYPE_ID)
        return id_complete(text, id) ? mem_dup(id, ID_SIZE - 1) : mem_dup(text, n);
    char *name = mem_dup(text, n);
    for (char *p = name; !f->case_sensitive && *p; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 'a' - 'A' : *p);
    return name;
}

static void refuse_twin(const struct job *j, const struct columns *k, struct row *r)
{
    size_t n;
    fault_set(&r->fault, 400, "DUPLICATE_VALUE", k->list[k->key].field->name, "Duplicate %s specified: %.255s",
              j->operation == JOB_UPSERT ? "external id" : "id", csv_value(&r->values, k->key, &n));
    r->tried = true;
}

/* Records that stand twice in one piece of work, by their id or external id, are all refused. */
static void refuse_twins(const struct job *j, const struct columns *k, struct chunk *ch)
{
    json_t *seen = json_object();
    for (size_t i = 0; k->key < k->n && i < ch->n; i++) {
        char *name = key_of(k, &ch->rows[i]);
        const json_t *first = name ? json_object_get(seen, name) : NULL;
        if (first) {
            refuse_twin(j, k, &ch->rows[json_integer_value(first)]);
            refuse_twin(j, k, &ch->rows[i]);
        } else if (name) {
            json_object_set_new(seen, name, json_integer((json_int_t)i));
        }
        free(name);
    }
    json_decref(seen);
}

static bool is_locked(const struct row *r)
{
    return !r->ok && strcmp(r->fault.code, "UNABLE_TO_LOCK_ROW") == 0;
}

/* All that are still to be tried; how many of them met a locked row. An error makes the org go on one by one. */
static size_t run_chunk(struct call *c, const struct job *j, const struct columns *k, struct chunk *ch)
{
    struct object *ob = schema_find(&c->o->schema, j->object);
    struct fault late = { .code = "" };
    unsigned before = c->o->work.statements;
    size_t locked = 0, tried = 0, refused = 0;
    org_writes(c->o); /* 200 records are one transaction of changes */
    records_begin(c);
    for (size_t i = 0; i < ch->n; i++) {
        struct row *r = &ch->rows[i];
        if (r->tried)
            continue;
        r->fault = (struct fault){ .code = "" };
        run_row(c, j, ob, k, r);
        tried++;
        refused += !r->ok;
        locked += is_locked(r);
        r->tried = !is_locked(r);
    }
    if (!records_end(c, true, &late))
        for (size_t i = 0; i < ch->n; i++) {
            ch->rows[i].fault = ch->rows[i].ok ? late : ch->rows[i].fault;
            ch->rows[i].ok = false;
        }
    org_wrote(c->o, c->user_id, j->origin);
    c->o->work.statements = before + 1 + (refused ? (unsigned)tried : 0);
    return locked;
}

/* False when the job is not to go on: nothing was done then. Rows that others have locked are tried again. */
static bool write_chunk(struct bulk *b, struct job *j, const struct csv_record *header, struct chunk *ch)
{
    struct model_call paced;
    char why[CSV_WHY_MAX] = "";
    size_t locked = 0;
    for (int tries = 0; tries < TRIES_MAX && (tries == 0 || locked); tries++) {
        struct columns k;
        if (!bulk_enter(b, j, &paced))
            return tries > 0;
        struct call c = job_call(b, j);
        bool fits = columns_find(&c, j, header, &k, why);
        if (fits && tries == 0)
            refuse_twins(j, &k, ch);
        if (fits)
            locked = run_chunk(&c, j, &k, ch);
        columns_free(&k);
        bulk_leave(b, j, &paced);
        pthread_mutex_lock(&b->lock);
        j->retries += tries > 0;
        if (!fits) /* the object was described anew meanwhile */
            job_fail(j, why, j->changed_ms);
        pthread_mutex_unlock(&b->lock);
        if (!fits)
            return tries > 0;
    }
    return true;
}

/* ---- results ---- */

/* A knob ends the job here. */
static void planned_end(struct job *j, int64_t now_ms)
{
    if (!j->end.planned || j->state != JOB_WORKS || j->processed < j->end.after_rows)
        return;
    if (j->end.state == JOB_FAILED)
        job_fail(j, j->end.message, now_ms);
    else
        job_set_state(j, JOB_ABORTED, now_ms);
}

/* REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name -- */
static void put_fault(struct text *out, const struct csv_dialect *d, const struct fault *f)
{
    struct text t = { 0 };
    text_fmt(&t, "%s:%s:", f->code, f->message);
    for (const char *p = f->fields; *p; p++)
        text_char(&t, *p == ',' ? ' ' : *p);
    text_str(&t, f->fields[0] ? " --" : "--");
    csv_put(out, d, false, t.p, t.n);
    text_free(&t);
}

static void put_row(struct text *out, const struct csv_dialect *d, const struct row *r)
{
    csv_put(out, d, true, r->id, strlen(r->id));
    if (r->ok)
        csv_put(out, d, false, r->created ? "true" : "false", r->created ? 4 : 5);
    else
        put_fault(out, d, &r->fault);
    for (size_t i = 0, n; i < r->values.n; i++) {
        const char *text = csv_value(&r->values, i, &n);
        csv_put(out, d, false, text, n);
    }
    csv_end_record(out, d);
}

static void keep_results(struct bulk *b, struct job *j, struct batch *batch, struct chunk *ch, int64_t took_us)
{
    struct text done = { 0 }, failed = { 0 };
    size_t refused = 0;
    for (size_t i = 0; i < ch->n; i++) {
        struct row *r = &ch->rows[i];
        if (!r->ok && r->created)
            r->id[0] = '\0';
        refused += !r->ok;
        put_row(r->ok ? &done : &failed, &j->dialect, r);
    }
    int64_t now_ms = org_clock_ms(sandbox_org(b->s, j->org));
    pthread_mutex_lock(&b->lock);
    bool kept = spool_add(&j->done, done.p, done.n) && spool_add(&j->failed, failed.p, failed.n);
    batch->at = ch->end;
    j->processed += ch->n;
    j->refused += refused;
    j->work_us += took_us;
    if (!kept)
        job_fail(j, "InternalServerError : The results could not be stored", now_ms);
    planned_end(j, now_ms);
    pthread_mutex_unlock(&b->lock);
    text_free(&done);
    text_free(&failed);
}

/* ---- a batch ---- */

/* How many records may be taken now: none where a knob ends the job. Another one may hold all jobs up. */
static size_t may_take(struct bulk *b, struct job *j)
{
    size_t n = CHUNK_ROWS;
    pthread_mutex_lock(&b->lock);
    while (b->hold && j->state == JOB_WORKS && !j->gone && !b->stopping)
        pthread_cond_wait(&b->changed, &b->lock);
    planned_end(j, j->changed_ms);
    if (j->end.planned && j->end.after_rows - j->taken < n)
        n = j->end.after_rows - j->taken;
    j->taken += n;
    pthread_mutex_unlock(&b->lock);
    return n;
}

/* Fewer may be left than were to be taken. */
static void give_back(struct bulk *b, struct job *j, size_t n)
{
    pthread_mutex_lock(&b->lock);
    j->taken -= n;
    pthread_mutex_unlock(&b->lock);
}

static void read_chunk(struct csv_reader *r, struct chunk *ch, size_t max)
{
    for (ch->n = 0; ch->n < max; ch->n++) {
        struct row *row = &ch->rows[ch->n];
        row->ok = row->created = row->tried = false;
        row->id[0] = '\0';
        row->fault = (struct fault){ .code = "" };
        if (csv_next(r, &row->values) != CSV_READ)
            return;
    }
}

void work_load(struct bulk *b, struct job *j, struct batch *batch)
{
    struct csv_record header = { .n = 0 };
    struct csv_reader r;
    struct chunk ch = { .rows = mem_new(CHUNK_ROWS * sizeof *ch.rows) };
    const char *all = spool_map(&j->data);
    size_t columns, max;
    csv_start(&r, all ? all : "", all ? j->data.n : 0, &j->dialect);
    csv_next(&r, &header);
    columns = r.columns;
    csv_start(&r, all ? all + batch->at : "", all ? batch->end - batch->at : 0, &j->dialect);
    r.columns = columns;
    r.at = 1;
    while ((max = may_take(b, j)) > 0) {
        int64_t began_us = steady_us();
        read_chunk(&r, &ch, max);
        ch.end = all ? (size_t)(r.p - all) : 0;
        give_back(b, j, max - ch.n);
        if (ch.n == 0 || !write_chunk(b, j, &header, &ch))
            break;
        keep_results(b, j, batch, &ch, steady_us() - began_us);
    }
    for (size_t i = 0; i < CHUNK_ROWS; i++)
        csv_record_free(&ch.rows[i].values);
    csv_record_free(&header);
    spool_unmap(all, j->data.n);
    free(ch.rows);
}
