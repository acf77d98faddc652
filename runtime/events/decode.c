/* decode.c - avro-c reads a payload that was checked; what it has read becomes JSON. */
#include "runtime/events/decode.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/encoding.h"
#include "runtime/base/json_text.h"

enum {
    TEXT_MAX = 8 * EVENT_PAYLOAD, /* JSON of one event: a byte can become an escape of six */
    KEEP = 256 * 1024,            /* a longer payload's memory is given back */
    RECORD_ID = 18
};

struct decoder {
    avro_reader_t reader;
    struct buf text; /* all that an event's spans borrow */
    struct bitmap bitmap;
    char fault[EVENT_REASON];
};

/* A part of the text while that may still move. */
struct part {
    size_t at, n;
};

struct decoder *decoder_new(void)
{
    struct decoder *d = calloc(1, sizeof *d);
    if (!d || !(d->reader = avro_reader_memory("", 0)))
        abort();
    buf_init(&d->text, TEXT_MAX);
    return d;
}

void decoder_free(struct decoder *d)
{
    if (!d)
        return;
    avro_reader_free(d->reader);
    buf_free(&d->text);
    free(d);
}

static bool refuse(struct decoder *d, struct event *e, const char *why)
{
    snprintf(d->fault, sizeof d->fault, "%s", why);
    e->fault = span_of(d->fault);
    e->fields = (struct span){ 0 };
    return false;
}

/* ---- values as JSON ---- */

static bool put(struct buf *out, avro_value_t *v, const struct form_node *node);

static bool put_number(struct buf *out, double v)
{
    json_t *number = isfinite(v) ? json_real(v) : NULL; /* written as every other number of the host */
    bool ok = number && buf_json(out, number);
    json_decref(number);
    return ok;
}

static bool put_base64(struct buf *out, const void *p, size_t n)
{
    size_t room = (n + 2) / 3 * 4;
    char *to = buf_char(out, '"') ? buf_room(out, room + 1) : NULL;
    if (!to)
        return false;
    out->n += base64_encode(p, n, to);
    return buf_char(out, '"');
}

static bool put_array(struct buf *out, avro_value_t *v, const struct form_node *node)
{
    avro_value_t item;
    size_t n = 0;
    bool ok = avro_value_get_size(v, &n) == 0 && buf_char(out, '[');
    for (size_t i = 0; ok && i < n; i++)
        ok = (i == 0 || buf_char(out, ',')) && avro_value_get_by_index(v, i, &item, NULL) == 0 &&
             put(out, &item, node->child[0]);
    return ok && buf_char(out, ']');
}

/* Unwraps a union; *node becomes the type of what it holds. */
static bool unwrap(avro_value_t *v, const struct form_node **node)
{
    while ((*node)->type == AVRO_UNION) {
        avro_value_t branch;
        int which = -1;
        if (avro_value_get_discriminant(v, &which) != 0 || which < 0 || (size_t)which >= (*node)->n)
            return false;
        *node = (*node)->child[which];
        if (avro_value_get_current_branch(v, &branch) != 0)
            return false;
        *v = branch;
    }
    return true;
}

/* The members that have a value; `skip` is the place of one that is left out, -1 = none. */
static bool put_record(struct buf *out, avro_value_t *v, const struct form_node *record, int skip)
{
    bool ok = buf_char(out, '{'), first = true;
    for (size_t i = 0; ok && i < record->n; i++) {
        const struct form_node *node = record->child[i];
        avro_value_t member;
        if ((int)i == skip)
            continue;
        ok = avro_value_get_by_index(v, i, &member, NULL) == 0 && unwrap(&member, &node);
        if (!ok || node->type == AVRO_NULL)
            continue;
        ok = (first || buf_char(out, ',')) && buf_json_string(out, span_of(record->name[i])) && buf_char(out, ':') &&
             put(out, &member, node);
        first = false;
    }
    return ok && buf_char(out, '}');
}

static bool put_text(struct buf *out, avro_value_t *v)
{
    const char *text;
    size_t n;
    return avro_value_get_string(v, &text, &n) == 0 && n > 0 && !memchr(text, '\0', n - 1) &&
           buf_json_string(out, (struct span){ text, n - 1 });
}

static bool put_raw(struct buf *out, avro_value_t *v, bool fixed)
{
    const void *p;
    size_t n;
    return (fixed ? avro_value_get_fixed(v, &p, &n) : avro_value_get_bytes(v, &p, &n)) == 0 && put_base64(out, p, n);
}

static bool put_simple(struct buf *out, avro_value_t *v, const struct form_node *node)
{
    int whole, flag;
    int64_t large;
    float narrow;
    double wide;
    switch (node->type) {
    case AVRO_BOOLEAN:
        return avro_value_get_boolean(v, &flag) == 0 && buf_str(out, flag ? "true" : "false");
    case AVRO_INT32:
        return avro_value_get_int(v, &whole) == 0 && buf_fmt(out, "%d", whole);
    case AVRO_INT64:
        return avro_value_get_long(v, &large) == 0 && buf_fmt(out, "%lld", (long long)large);
    case AVRO_FLOAT:
        return avro_value_get_float(v, &narrow) == 0 && put_number(out, (double)narrow);
    case AVRO_DOUBLE:
        return avro_value_get_double(v, &wide) == 0 && put_number(out, wide);
    case AVRO_ENUM:
        return avro_value_get_enum(v, &whole) == 0 && whole >= 0 && (size_t)whole < node->n &&
               buf_json_string(out, span_of(node->name[whole]));
    default:
        return buf_str(out, "null");
    }
}

static bool put(struct buf *out, avro_value_t *v, const struct form_node *node)
{
    if (!unwrap(v, &node))
        return false;
    switch (node->type) {
    case AVRO_RECORD:
        return put_record(out, v, node, -1);
    case AVRO_ARRAY:
        return put_array(out, v, node);
    case AVRO_STRING:
        return put_text(out, v);
    case AVRO_BYTES:
    case AVRO_FIXED:
        return put_raw(out, v, node->type == AVRO_FIXED);
    default:
        return put_simple(out, v, node);
    }
}

/* ---- the header ---- */

static bool member(const struct form *s, avro_value_t *header, enum form_member which, avro_value_t *v)
{
    return s->member[which] >= 0 && avro_value_get_by_index(header, (size_t)s->member[which], v, NULL) == 0;
}

/* A text within bounds, kept in the decoder; absent ones are empty. */
static bool keep_text(struct decoder *d, const struct form *s, avro_value_t *header, enum form_member which,
                      size_t most, struct part *part)
{
    avro_value_t v;
    const char *text;
    size_t n;
    *part = (struct part){ d->text.n, 0 };
    if (!member(s, header, which, &v))
        return true;
    if (avro_value_get_string(&v, &text, &n) != 0 || n == 0 || n - 1 > most ||
        !utf8_valid((struct span){ text, n - 1 }) || memchr(text, '\0', n - 1))
        return false;
    part->n = n - 1;
    return buf_add(&d->text, text, n - 1);
}

static bool id_char(char c)
{
    return char_alnum(c) || c == '*'; /* "006*" stands for all of an object */
}

static bool keep_ids(struct decoder *d, const struct form *s, avro_value_t *header, struct part *part)
{
    avro_value_t list, item;
    size_t n = 0;
    part->at = d->text.n;
    if (!member(s, header, MEMBER_RECORD_IDS, &list) || avro_value_get_size(&list, &n) != 0 || n > EVENT_RECORDS)
        return false;
    bool ok = buf_char(&d->text, '[');
    for (size_t i = 0; ok && i < n; i++) {
        const char *id;
        size_t length;
        ok = avro_value_get_by_index(&list, i, &item, NULL) == 0 && avro_value_get_string(&item, &id, &length) == 0 &&
             length > 1 && length - 1 <= RECORD_ID && span_all((struct span){ id, length - 1 }, id_char) &&
             (i == 0 || buf_char(&d->text, ',')) && buf_json_string(&d->text, (struct span){ id, length - 1 });
    }
    ok = ok && buf_char(&d->text, ']');
    part->n = d->text.n - part->at;
    return ok;
}

static bool mark_fields(struct decoder *d, const struct form *s, avro_value_t *header, enum form_member which)
{
    avro_value_t list, item;
    size_t n = 0;
    if (!member(s, header, which, &list))
        return true;
    bool ok = avro_value_get_size(&list, &n) == 0;
    for (size_t i = 0; ok && i < n; i++) {
        const char *text;
        size_t length;
        ok = avro_value_get_by_index(&list, i, &item, NULL) == 0 && avro_value_get_string(&item, &text, &length) == 0 &&
             length > 0 && bitmap_add(&d->bitmap, (struct span){ text, length - 1 });
    }
    return ok;
}

static bool keep_changed(struct decoder *d, const struct form *s, avro_value_t *header, struct part *part)
{
    part->at = d->text.n;
    bool ok = bitmap_begin(&d->bitmap, s) && mark_fields(d, s, header, MEMBER_CHANGED) &&
              mark_fields(d, s, header, MEMBER_NULLED) && mark_fields(d, s, header, MEMBER_DIFFED) &&
              bitmap_names(&d->bitmap, &d->text);
    part->n = d->text.n - part->at;
    return ok;
}

/* By the symbol's name: their numbers are the schema's. */
static bool read_change(const struct form *s, avro_value_t *header, enum event_change *change)
{
    static const char *const names[] = {
        [EVENT_CREATE] = "CREATE",
        [EVENT_UPDATE] = "UPDATE",
        [EVENT_DELETE] = "DELETE",
        [EVENT_UNDELETE] = "UNDELETE",
        [EVENT_GAP_CREATE] = "GAP_CREATE",
        [EVENT_GAP_UPDATE] = "GAP_UPDATE",
        [EVENT_GAP_DELETE] = "GAP_DELETE",
        [EVENT_GAP_UNDELETE] = "GAP_UNDELETE",
        [EVENT_GAP_OVERFLOW] = "GAP_OVERFLOW",
    };
    const struct form_node *node = s->root->child[s->header]->child[s->member[MEMBER_CHANGE]];
    avro_value_t v;
    int symbol = -1;
    if (!member(s, header, MEMBER_CHANGE, &v) || avro_value_get_enum(&v, &symbol) != 0 || symbol < 0 ||
        (size_t)symbol >= node->n)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(node->name[symbol], names[i]) == 0) {
            *change = (enum event_change)i;
            return true;
        }
    return false;
}

static int64_t read_number(const struct form *s, avro_value_t *header, enum form_member which)
{
    avro_value_t v;
    int64_t large = 0;
    int whole = 0;
    if (!member(s, header, which, &v))
        return 0;
    if (avro_value_get_type(&v) == AVRO_INT32)
        return avro_value_get_int(&v, &whole) == 0 ? whole : 0;
    return avro_value_get_long(&v, &large) == 0 ? large : 0;
}

enum { PART_ENTITY, PART_KEY, PART_USER, PART_ORIGIN, PART_IDS, PART_CHANGED, PART_FIELDS, PARTS };

static void lay_out(const struct decoder *d, const struct part *parts, struct event *e)
{
    struct span *const to[PARTS] = {
        [PART_ENTITY] = &e->header.entity,    [PART_KEY] = &e->header.transaction_key,
        [PART_USER] = &e->header.commit_user, [PART_ORIGIN] = &e->header.change_origin,
        [PART_IDS] = &e->header.record_ids,   [PART_CHANGED] = &e->header.changed,
        [PART_FIELDS] = &e->fields,
    };
    for (int i = 0; i < PARTS; i++)
        *to[i] = (struct span){ d->text.p ? d->text.p + parts[i].at : "", parts[i].n };
}

/* NULL, or why the header is none. */
static const char *read_header(struct decoder *d, struct form *s, struct event *e, struct part *parts)
{
    avro_value_t header;
    struct event_header *h = &e->header;
    if (avro_value_get_by_index(&s->value, (size_t)s->header, &header, NULL) != 0)
        return "its ChangeEventHeader cannot be read";
    h->sequence = read_number(s, &header, MEMBER_SEQUENCE);
    h->commit_ms = read_number(s, &header, MEMBER_COMMIT_MS);
    h->commit_number = read_number(s, &header, MEMBER_COMMIT_NUMBER);
    if (!keep_text(d, s, &header, MEMBER_ENTITY, EVENT_NAME, &parts[PART_ENTITY]) ||
        !keep_text(d, s, &header, MEMBER_KEY, EVENT_KEY, &parts[PART_KEY]) ||
        !keep_text(d, s, &header, MEMBER_COMMIT_USER, EVENT_NAME, &parts[PART_USER]) ||
        !keep_text(d, s, &header, MEMBER_ORIGIN, EVENT_ORIGIN, &parts[PART_ORIGIN]))
        return "a text of its ChangeEventHeader is too long, or no text";
    if (!read_change(s, &header, &h->change))
        return "its changeType is one that this version does not know";
    if (!keep_ids(d, s, &header, &parts[PART_IDS]))
        return "its recordIds are no record ids, or more than 100,000";
    if (!keep_changed(d, s, &header, &parts[PART_CHANGED]))
        return "its changedFields are no bitmaps, or do not fit its schema";
    return NULL;
}

static const char *read_event(struct decoder *d, struct form *s, struct event *e, struct part *parts)
{
    const char *why = s->header >= 0 ? read_header(d, s, e, parts) : NULL;
    if (why)
        return why;
    parts[PART_FIELDS].at = d->text.n;
    if (!put_record(&d->text, &s->value, s->root, s->header))
        return "a value of it is no text, no number, or too long";
    parts[PART_FIELDS].n = d->text.n - parts[PART_FIELDS].at;
    return NULL;
}

/* What a long payload has left in avro-c's value is given back. */
static void give_back(struct form *s)
{
    avro_value_t fresh;
    if (avro_generic_value_new(s->class, &fresh) != 0)
        return;
    avro_value_decref(&s->value);
    s->value = fresh;
}

bool decode(struct decoder *d, struct form *s, struct span payload, struct event *e)
{
    struct part parts[PARTS] = { { 0, 0 } };
    char why[EVENT_REASON];
    e->header = (struct event_header){ .change = EVENT_NO_CHANGE };
    e->fields = e->fault = (struct span){ 0 };
    const char *wrong = form_check(s, payload);
    if (wrong) {
        snprintf(why, sizeof why, "its payload does not fit its schema: %s", wrong);
        return refuse(d, e, why);
    }
    if (d->text.cap > KEEP)
        buf_free(&d->text);
    d->text.n = 0;
    d->text.failed = false;
    avro_reader_memory_set_source(d->reader, payload.p, (int64_t)payload.n);
    if (avro_value_read(d->reader, &s->value) != 0)
        return refuse(d, e, "its payload cannot be read");
    wrong = read_event(d, s, e, parts);
    d->text.failed = false;
    lay_out(d, parts, e);
    if (payload.n > KEEP)
        give_back(s);
    return wrong ? refuse(d, e, wrong) : true;
}
