/* event_encode.c - see event_encode.h. */
#include "sandbox/pubsub/event_encode.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/pubsub/bitmap.h"
#include "sandbox/pubsub/text_diff.h"

enum { PARTS_MAX = 16, WRITE_MAX = 8 * 1024 * 1024 };

/* ---- values ---- */

static int64_t days_since_1970(int64_t year, int month, int day)
{
    year -= month <= 2; /* the year begins in March, so that the odd day is the last */
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Reads the numbers of a text, each with one character behind it; those that are not there are left as they are. */
static void numbers_of(const char *p, int64_t *out, size_t n)
{
    for (size_t i = 0; i < n && *p >= '0' && *p <= '9'; i++) {
        out[i] = 0;
        while (*p >= '0' && *p <= '9')
            out[i] = out[i] * 10 + (*p++ - '0');
        p += *p != '\0';
    }
}

/* Hours, minutes, seconds, milliseconds. */
static int64_t of_day(const int64_t t[4])
{
    return ((t[0] * 60 + t[1]) * 60 + t[2]) * 1000 + t[3];
}

int64_t event_time(const char *normal)
{
    enum { YEAR, MONTH, DAY, TIME, PARTS = TIME + 4 };
    int64_t t[PARTS] = { [YEAR] = 1970, [MONTH] = 1, [DAY] = 1 };
    numbers_of(normal, t, PARTS);
    return days_since_1970(t[YEAR], (int)t[MONTH], (int)t[DAY]) * 86400000 + of_day(t + TIME);
}

/* "10:30:00.000Z" as milliseconds of the day. */
static int64_t time_of_day(const char *normal)
{
    int64_t t[4] = { 0 };
    numbers_of(normal, t, 4);
    return of_day(t);
}

static double number_of(const struct value *v)
{
    return v->kind == VALUE_INT ? (double)v->i : v->d;
}

static int64_t whole_of(const struct value *v)
{
    return v->kind == VALUE_INT ? v->i : (int64_t)v->d;
}

/* Sets a nullable field to a value that is not null. */
static bool put_value(avro_value_t *field, const struct field *f, const struct value *v)
{
    avro_value_t branch;
    int64_t ms;
    bool number = f->type == TYPE_BOOLEAN || type_facts[f->type].number;
    if ((v->kind == VALUE_TEXT) == number || avro_value_set_branch(field, 1, &branch))
        return false;
    switch (f->type) {
    case TYPE_BOOLEAN:
        return !avro_value_set_boolean(&branch, whole_of(v) != 0);
    case TYPE_INT:
        return !avro_value_set_int(&branch, (int32_t)whole_of(v));
    case TYPE_DOUBLE:
    case TYPE_CURRENCY:
    case TYPE_PERCENT:
        return !avro_value_set_double(&branch, number_of(v));
    case TYPE_DATE:
        return !avro_value_set_long(&branch, event_time(v->text));
    case TYPE_TIME:
        return !avro_value_set_long(&branch, time_of_day(v->text));
    case TYPE_DATETIME:
        ms = event_time(v->text);
        return !avro_value_set_long(&branch,
                                    f->system ? ms - ms % 1000 : ms); /* an org keeps its own times in seconds */
    default:
        return !avro_value_set_string_len(&branch, v->text, v->n + 1);
    }
}

static bool put_null(avro_value_t *field)
{
    avro_value_t branch;
    return !avro_value_set_branch(field, 0, &branch) && !avro_value_set_null(&branch);
}

/* ---- which fields ---- */

/* For each field of the object: to be told, and as what. */
struct told {
    bool *values, *changed, *nulled, *diff; /* by field of the object */
};

static void choose(const struct event_schema *s, enum event_kind kind, const struct change *c, struct told *t)
{
    bool all = kind == EVENT_CREATE || kind == EVENT_UNDELETE;
    for (size_t i = 0; c && i < s->n_places; i++) {
        bool there = c->after[i].kind != VALUE_NULL;
        bool stamp = strcmp(c->object->fields[i].name, "LastModifiedDate") == 0; /* of every update, within a ms too */
        bool differs = kind == EVENT_UPDATE && (stamp || !value_same(&c->before[i], &c->after[i]));
        if (s->places[i].top < 0)
            continue;
        t->changed[i] = differs;
        t->nulled[i] = differs && !there;
        t->values[i] = there && (all || differs);
    }
}

/* Whether all that the object has of a record within the event is null now, and was not. */
static bool wholly_nulled(const struct event_schema *s, const struct change *c, int top)
{
    bool was = false, is = false;
    for (size_t i = 0; i < s->n_places; i++) {
        if (s->places[i].top != top)
            continue;
        was = was || c->before[i].kind != VALUE_NULL;
        is = is || c->after[i].kind != VALUE_NULL;
    }
    return was && !is;
}

/* The bitmaps of what is chosen: those of the event's own fields first, then those of each record in it. */
static void bitmaps(const struct event_schema *s, const struct change *c, const bool *chosen, struct text *out)
{
    bool top[EVENT_FIELDS_MAX] = { false };
    for (size_t i = 0; i < s->n_places; i++)
        if (chosen[i] && (s->places[i].nested < 0 || wholly_nulled(s, c, s->places[i].top)))
            top[s->places[i].top] = true;
    bitmap_text(out, top, s->n_top, -1);
    for (size_t at = 1; at < s->n_top; at++) {
        bool parts[PARTS_MAX] = { false };
        for (size_t i = 0; i < s->n_places && !top[at]; i++)
            if (chosen[i] && s->places[i].top == (int)at && s->places[i].nested >= 0)
                parts[s->places[i].nested] = true;
        bitmap_text(out, parts, PARTS_MAX, (int)at);
    }
}

/* ---- the body ---- */

static bool write_value(avro_value_t *v, struct text *out)
{
    size_t size = 0;
    if (avro_value_sizeof(v, &size) || size > WRITE_MAX)
        return false;
    char *room = mem_new(size ? size : 1);
    avro_writer_t w = avro_writer_memory(room, (int64_t)size);
    bool ok = w && !avro_value_write(w, v) && text_add(out, room, size);
    avro_writer_free(w);
    free(room);
    return ok;
}

/* The nested field of a record in the event, which is made to be there. */
static bool nested_field(avro_value_t *field, int nested, avro_value_t *out)
{
    avro_value_t record;
    return !avro_value_set_branch(field, 1, &record) && !avro_value_get_by_index(&record, (size_t)nested, out, NULL);
}

static bool all_null(struct event_schema *s)
{
    bool ok = !avro_value_reset(&s->value);
    avro_value_t field;
    for (size_t i = s->change ? 1 : 2; ok && i < s->n_top; i++)
        ok = !avro_value_get_by_index(&s->value, i, &field, NULL) && put_null(&field);
    return ok;
}

/* The parts of a record that nobody sets are null, once one of them is set. */
static bool nested_nulls(avro_value_t *field)
{
    avro_value_t record, part;
    size_t n = 0;
    bool ok = !avro_value_set_branch(field, 1, &record) && !avro_value_get_size(&record, &n);
    for (size_t i = 0; ok && i < n; i++)
        ok = !avro_value_get_by_index(&record, i, &part, NULL) && put_null(&part);
    return ok;
}

static bool fill(struct event_schema *s, const struct object *ob, const struct value *values, const bool *chosen)
{
    bool ok = all_null(s), begun[EVENT_FIELDS_MAX] = { false };
    for (size_t i = 0; ok && i < s->n_places; i++) {
        const struct event_place *place = &s->places[i];
        avro_value_t field, part;
        if (!chosen[i])
            continue;
        ok = !avro_value_get_by_index(&s->value, (size_t)place->top, &field, NULL);
        if (ok && place->nested >= 0) {
            ok = (begun[place->top] || nested_nulls(&field)) && nested_field(&field, place->nested, &part);
            begun[place->top] = true;
        }
        ok = ok && put_value(place->nested >= 0 ? &part : &field, &ob->fields[i], &values[i]);
    }
    return ok;
}

/* Large texts of which only a part has changed are told by that part. */
static bool put_diffs(struct event_schema *s, const struct change *c, struct told *t)
{
    bool ok = true;
    for (size_t i = 0; ok && i < s->n_places; i++) {
        const struct value *old = &c->before[i], *new = &c->after[i];
        struct text diff = { 0 };
        avro_value_t field;
        if (!t->values[i] || c->object->fields[i].type != TYPE_TEXTAREA || s->places[i].nested >= 0 ||
            old->kind != VALUE_TEXT || !text_diff(old->text, old->n, new->text, new->n, &diff))
            continue;
        struct value told = { .kind = VALUE_TEXT, .text = diff.p, .n = diff.n };
        t->diff[i] = true;
        ok = !avro_value_get_by_index(&s->value, (size_t)s->places[i].top, &field, NULL) &&
             put_value(&field, &c->object->fields[i], &told);
        text_free(&diff);
    }
    return ok;
}

bool event_body_make(struct event_schema *s, enum event_kind kind, const struct change *change, struct event_body *out)
{
    const size_t n = s->n_places;
    bool *flags = mem_new(4 * n + 1);
    struct told told = { flags, flags + n, flags + 2 * n, flags + 3 * n };
    bool data = kind <= EVENT_UNDELETE && change;
    *out = (struct event_body){ .kind = kind };
    choose(s, kind, data ? change : NULL, &told);
    bool ok = data ? fill(s, change->object, change->after, told.values) : all_null(s);
    ok = ok && (kind != EVENT_UPDATE || !data || put_diffs(s, change, &told));
    for (size_t i = 1; ok && i < s->n_top; i++) {
        avro_value_t field;
        ok = !avro_value_get_by_index(&s->value, i, &field, NULL) && write_value(&field, &out->bytes);
    }
    if (kind == EVENT_UPDATE && data) {
        bitmaps(s, change, told.changed, &out->changed);
        bitmaps(s, change, told.nulled, &out->nulled);
        bitmaps(s, change, told.diff, &out->diff);
    }
    free(flags);
    return ok;
}

void event_body_free(struct event_body *b)
{
    text_free(&b->bytes);
    text_free(&b->nulled);
    text_free(&b->diff);
    text_free(&b->changed);
}

static bool same_text(const struct text *a, const struct text *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}

bool event_body_same(const struct event_body *a, const struct event_body *b)
{
    return a->kind == b->kind && same_text(&a->bytes, &b->bytes) && same_text(&a->nulled, &b->nulled) &&
           same_text(&a->diff, &b->diff) && same_text(&a->changed, &b->changed);
}

/* ---- the header ---- */

static bool put_text(avro_value_t *record, size_t at, const char *text)
{
    avro_value_t field;
    return !avro_value_get_by_index(record, at, &field, NULL) && !avro_value_set_string(&field, text ? text : "");
}

static bool put_long(avro_value_t *record, size_t at, int64_t n)
{
    avro_value_t field;
    return !avro_value_get_by_index(record, at, &field, NULL) && !avro_value_set_long(&field, n);
}

/* A list of texts, each with a NUL behind it. */
static bool put_list(avro_value_t *record, size_t at, const char *p, size_t n)
{
    avro_value_t field, item;
    bool ok = !avro_value_get_by_index(record, at, &field, NULL);
    for (size_t i = 0; ok && i < n; i += strlen(p + i) + 1)
        ok = !avro_value_append(&field, &item, NULL) && !avro_value_set_string(&item, p + i);
    return ok;
}

bool event_encode(struct event_schema *s, const struct event_header *h, const struct event_body *b, struct text *out)
{
    enum { ENTITY, IDS, TYPE, ORIGIN, KEY, SEQUENCE, AT, NUMBER, USER, NULLED, DIFF, CHANGED };
    avro_value_t header, field;
    if (avro_value_reset(&s->value) || avro_value_get_by_index(&s->value, 0, &header, NULL))
        return false;
    return put_text(&header, ENTITY, h->entity) && put_list(&header, IDS, h->ids, h->ids_n) &&
           !avro_value_get_by_index(&header, TYPE, &field, NULL) && !avro_value_set_enum(&field, (int)b->kind) &&
           put_text(&header, ORIGIN, h->origin) && put_text(&header, KEY, h->transaction_key) &&
           !avro_value_get_by_index(&header, SEQUENCE, &field, NULL) && !avro_value_set_int(&field, h->sequence) &&
           put_long(&header, AT, h->at_ms) && put_long(&header, NUMBER, h->commit_number) &&
           put_text(&header, USER, h->user_id) && put_list(&header, NULLED, b->nulled.p, b->nulled.n) &&
           put_list(&header, DIFF, b->diff.p, b->diff.n) && put_list(&header, CHANGED, b->changed.p, b->changed.n) &&
           write_value(&header, out) && text_add(out, b->bytes.p ? b->bytes.p : "", b->bytes.n);
}

/* ---- platform events ---- */

bool event_encode_published(struct event_schema *s, const struct published *p, struct text *out)
{
    bool *chosen = mem_new(s->n_places + 1);
    for (size_t i = 0; i < s->n_places; i++)
        chosen[i] = s->places[i].top >= 0 && p->values[i].kind != VALUE_NULL;
    bool ok = fill(s, p->object, p->values, chosen) && put_long(&s->value, 0, p->at_ms) &&
              put_text(&s->value, 1, p->user_id) && write_value(&s->value, out);
    free(chosen);
    return ok;
}
