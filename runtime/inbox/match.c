/* match.c - the rules of all declarations that listen to a topic, against one event. */
#include "runtime/inbox/match.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/json_text.h"
#include "runtime/base/org_session.h"
#include "runtime/declare/declaration_job.h"

enum { ROW_MAX = 4 * 1024 * 1024, ID_SHORT = 15, ID_LONG = 18, PLAIN_KEY = 60 };

_Static_assert((int)EVENT_CREATE == (int)CHANGE_CREATE && (int)EVENT_GAP_UNDELETE == (int)CHANGE_GAP_UNDELETE,
               "changes are named in the order of the header's enum");

/* What is read of an event only when a rule asks for it. */
struct reading {
    const struct event *e;
    json_t *fields, *changed; /* own; NULL = not read yet */
    bool unreadable;
};

static json_t *read(struct reading *r, json_t **at, struct span text, const char *none)
{
    if (*at)
        return *at;
    *at = text.n ? json_loadb(text.p, text.n, 0, NULL) : json_loads(none, 0, NULL);
    r->unreadable = r->unreadable || !*at;
    return *at;
}

static bool lists(const json_t *array, const char *text)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *one = json_string_value(json_array_get(array, i));
        if (one && strcmp(one, text) == 0)
            return true;
    }
    return false;
}

/* Whether the field `name` is what is meant by `wanted`: itself, or a part of it (BillingAddress.City of
 * BillingAddress). */
static bool is_field(const char *name, const char *wanted)
{
    size_t n = strlen(wanted);
    return strncmp(name, wanted, n) == 0 && (name[n] == '\0' || name[n] == '.');
}

static bool lists_any(const json_t *changed, const json_t *fields)
{
    for (size_t i = 0; i < json_array_size(changed); i++) {
        const char *name = json_string_value(json_array_get(changed, i));
        for (size_t k = 0; name && k < json_array_size(fields); k++)
            if (is_field(name, json_string_value(json_array_get(fields, k))))
                return true;
    }
    return false;
}

/* The text of a field, also of one within a compound one (Name.LastName); NULL when the event has none. */
static const char *value_of(const json_t *fields, const char *name)
{
    const char *dot = strchr(name, '.');
    char outer[EVENT_NAME + 1];
    if (!dot)
        return json_string_value(json_object_get(fields, name));
    copy_span(outer, sizeof outer, (struct span){ name, (size_t)(dot - name) });
    return json_string_value(json_object_get(json_object_get(fields, outer), dot + 1));
}

static bool has_values(struct reading *r, const json_t *values)
{
    const char *field;
    json_t *wanted;
    const json_t *fields = read(r, &r->fields, r->e->fields, "{}");
    json_object_foreach ((json_t *)(uintptr_t)values, field, wanted) {
        const char *text = value_of(fields, field);
        if (!text || !lists(wanted, text))
            return false;
    }
    return true;
}

static bool fits(struct reading *r, const struct declaration_event_rule *rule)
{
    enum event_change change = r->e->header.change;
    if (change < 0 || change >= (int)CHANGE_KINDS || !(rule->changes & 1u << change))
        return false;
    if ((rule->changed || rule->unchanged) && !read(r, &r->changed, r->e->header.changed, "[]"))
        return false;
    if (rule->changed && !lists_any(r->changed, rule->changed))
        return false;
    if (rule->unchanged && lists_any(r->changed, rule->unchanged))
        return false;
    return !rule->values || has_values(r, rule->values);
}

/* The first rule that fits; -1 = none. An overflow is everybody's who can look for what changed. */
static int rule_of(struct reading *r, const struct declaration_events *events)
{
    if (r->e->header.change == EVENT_GAP_OVERFLOW)
        return events->condition ? 0 : -1;
    for (int i = 0; i < events->n; i++)
        if (fits(r, &events->when[i]))
            return i;
    return -1;
}

static bool listens(const struct declaration *d, struct span topic, struct span entity)
{
    const char *object = d->events.object;
    return d->events.topic && !d->async_of && span_eq(topic, d->events.topic) && (!object || span_eq(entity, object));
}

bool match_is_own(struct span change_origin)
{
    static const char client[] = ";client=" ORG_CLIENT;
    const size_t n = sizeof client - 1;
    for (size_t at = 0; at + n <= change_origin.n; at++)
        if (memcmp(change_origin.p + at, client, n) == 0 &&
            (at + n == change_origin.n || change_origin.p[at + n] == ';'))
            return true;
    return false;
}

/* Of a record: an overflow names 000000000000000AAA. */
static bool is_id(const char *text)
{
    static const char nobody[] = "000000000000000";
    struct span s = span_of(text);
    return (s.n == ID_SHORT || s.n == ID_LONG) && span_all(s, char_alnum) && strncmp(text, nobody, ID_SHORT) != 0;
}

/* The ids as they are; a wildcard such as 006* among them means that the event does not tell them. False: they are no
 * list of texts. */
static bool look_at_ids(struct match *m, struct span text, json_t **ids)
{
    *ids = text.n ? json_loadb(text.p, text.n, 0, NULL) : json_array();
    if (!json_is_array(*ids))
        return false;
    m->wide = json_array_size(*ids) == 0;
    for (size_t i = 0; i < json_array_size(*ids); i++) {
        const char *id = json_string_value(json_array_get(*ids, i));
        if (!id)
            return false;
        m->wide = m->wide || !is_id(id);
    }
    m->ids = m->wide ? 1 : (int)json_array_size(*ids);
    return true;
}

static bool write_row(struct match *m, const struct event *e, json_t *wants, json_t *ids)
{
    json_t *row =
        json_pack("{s:O, s:i, s:I, s:o}", "a", wants, "c", (int)e->header.change, "ms", (json_int_t)e->header.commit_ms,
                  "u", json_stringn(e->header.commit_user.n ? e->header.commit_user.p : "", e->header.commit_user.n));
    if (row && !m->wide)
        json_object_set(row, "ids", ids);
    bool ok = row && buf_json(&m->row, row);
    json_decref(row);
    return ok;
}

static bool key_char(char c)
{
    return char_alnum(c) || c == '-';
}

/* Keys of records begin with the transaction's: letters, digits and hyphens, 60 of them at most. */
static bool is_plain(struct span key)
{
    return key.n > 0 && key.n <= PLAIN_KEY && span_all(key, key_char);
}

static enum match_result apart(struct match *m, const char *why)
{
    copy_text(m->why, sizeof m->why, why);
    return MATCH_APART;
}

static enum match_result row_of(struct match *m, const struct event *e, json_t *wants)
{
    json_t *ids = NULL;
    enum match_result result = MATCH_SOME;
    if (!is_plain(e->header.transaction_key))
        return apart(m, "Its transaction key is none that the keys of records can begin with.");
    if (!look_at_ids(m, e->header.record_ids, &ids))
        result = apart(m, "Its record ids are no list of texts.");
    else if (!write_row(m, e, wants, ids))
        result = apart(m, "What is to be kept of it has more than 4 MiB, or is no text.");
    json_decref(ids);
    return result;
}

enum match_result match_event(const struct declarations *d, struct span topic, const struct event *e, int64_t since_ms,
                              struct match *m)
{
    struct reading r = { .e = e };
    enum match_result result = MATCH_NONE;
    *m = (struct match){ .wide = false };
    buf_init(&m->row, ROW_MAX);
    if (e->fault.n) {
        copy_span(m->why, sizeof m->why, e->fault);
        return MATCH_APART;
    }
    if (e->header.change == EVENT_NO_CHANGE || match_is_own(e->header.change_origin) || e->header.commit_ms < since_ms)
        return MATCH_NONE;
    json_t *wants = json_array();
    for (size_t i = 0; i < d->n; i++) {
        const struct declaration *action = &d->v[i];
        int rule = listens(action, topic, e->header.entity) ? rule_of(&r, &action->events) : -1;
        if (rule >= 0)
            json_array_append_new(wants, json_pack("[s, i]", action->operation_id, rule));
    }
    if (r.unreadable)
        result = apart(m, "Its fields, or the names of those that changed, are no JSON.");
    else if (json_array_size(wants) > 0)
        result = row_of(m, e, wants);
    json_decref(wants);
    json_decref(r.fields);
    json_decref(r.changed);
    return result;
}
