/* messages.c - see messages.h. The newest are kept for tests to look at. */
#include "sandbox/org/messages.h"

#include <stdio.h>
#include <string.h>

#include "sandbox/base/system.h"
#include "sandbox/org/rest_parts.h"
#include "sandbox/records/changes.h"
#include "sandbox/records/draft.h"

enum { MESSAGES_MAX = 10000, INPUTS_MAX = 200, RECIPIENTS_MAX = 500, TITLE_MAX = 250, BODY_MAX = 750 };

static void keep(json_t *list, json_t *message)
{
    if (json_array_size(list) >= MESSAGES_MAX)
        json_array_remove(list, 0);
    json_array_append_new(list, message);
}

/* ---- platform events ---- */

bool is_event(const struct object *ob)
{
    size_t n = strlen(ob->name);
    return n > 3 && strcmp(ob->name + n - 3, "__e") == 0;
}

static json_t *payload_of(const struct draft *d)
{
    json_t *payload = json_object();
    for (size_t i = 0; i < d->ob->n; i++) {
        const struct field *f = &d->ob->fields[i];
        const struct value *v = &d->values[i];
        if (!f->custom)
            continue;
        json_object_set_new(payload, f->name,
                            v->kind == VALUE_TEXT                             ? json_stringn(v->text, v->n)
                            : v->kind == VALUE_REAL                           ? json_real(v->d)
                            : v->kind == VALUE_INT && f->type == TYPE_BOOLEAN ? json_boolean(v->i)
                            : v->kind == VALUE_INT                            ? json_integer(v->i)
                                                                              : json_null());
    }
    return payload;
}

static bool complete(const struct draft *d, struct fault *f)
{
    for (size_t i = 0; i < d->ob->n; i++) {
        const struct field *field = &d->ob->fields[i];
        if (!field->required || d->values[i].kind != VALUE_NULL)
            continue;
        fault_set(f, 400, "REQUIRED_FIELD_MISSING", field->name, "Required fields are missing: [%s]", field->name);
        return false;
    }
    return true;
}

bool event_publish(struct call *c, struct object *ob, const json_t *in, char id[ID_SIZE], char uuid[37],
                   struct fault *f)
{
    struct draft d;
    if (!perm_writes_object(c, ob) || !perm_creates(c, ob)) {
        fault_set(f, 400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "", "entity type cannot be inserted: %s", ob->label);
        return false;
    }
    if (fault_planned(c, ob, "create", in, f))
        return false;
    draft_start(&d, c, ob, NULL);
    bool ok = draft_take(&d, in, f);
    if (ok) {
        draft_defaults(&d);
        ok = complete(&d, f);
    }
    if (ok) {
        id_make(ob->prefix, ID_NUMBERS + ++c->o->published, id);
        uuid_text(uuid);
        keep(c->o->events,
             json_pack("{s:s, s:s, s:I, s:s, s:o}", "event", ob->name, "uuid", uuid, "createdAt",
                       (json_int_t)org_now_ms(c->o), "createdById", c->user_id, "payload", payload_of(&d)));
        changes_published(c->o, &(struct published){ ob, d.values, c->user_id, uuid, org_now_ms(c->o) });
    }
    draft_free(&d);
    return ok;
}

bool org_publish(struct org *o, const struct org_user *user, const char *object, json_t *fields, char uuid[37],
                 uint64_t *position, char *why, size_t why_size)
{
    char id[ID_SIZE];
    struct fault f = { 0 };
    pthread_mutex_lock(&o->lock);
    struct call c = { .o = o, .rules = perm_rules(o, user->id), .version = "62.0" };
    copy_text(c.user_id, sizeof c.user_id, user->id);
    struct object *ob = schema_find(&o->schema, object);
    bool ok = ob && is_event(ob) && event_publish(&c, ob, fields, id, uuid, &f);
    *position = o->published_at;
    pthread_mutex_unlock(&o->lock);
    if (!ok)
        snprintf(why, why_size, "%.60s: %.400s", f.code, f.message);
    return ok;
}

/* ---- custom notifications ---- */

static const char *text_in(const json_t *input, const char *name)
{
    const char *s = json_string_value(json_object_get(input, name));
    return s ? s : "";
}

static bool there(struct call *c, const char *object, const char *text)
{
    char id[ID_SIZE];
    const struct object *ob = schema_find(&c->o->schema, object);
    return ob && id_complete(text, id) && strncmp(id, ob->prefix, 3) == 0 && store_state(c->o, ob, id) > 0;
}

static bool recipients_fit(struct call *c, const json_t *list)
{
    const json_t *item;
    size_t i;
    if (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > RECIPIENTS_MAX)
        return false;
    json_array_foreach (list, i, item)
        if (!json_is_string(item) || !there(c, "User", json_string_value(item)))
            return false;
    return true;
}

/* Why an input is refused; "" when it is good. */
static const char *input_wrong(struct call *c, const json_t *input, char why[160])
{
    static const char *const needed[] = { "customNotifTypeId", "title", "body" };
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!*text_in(input, needed[i])) {
            snprintf(why, 160, "Missing required input parameter: %s", needed[i]);
            return why;
        }
    if (!json_object_get(input, "recipientIds"))
        return "Missing required input parameter: recipientIds";
    if (!there(c, "CustomNotificationType", text_in(input, "customNotifTypeId")))
        return "The customNotifTypeId is no custom notification type of this org.";
    if (!recipients_fit(c, json_object_get(input, "recipientIds")))
        return "recipientIds are up to 500 ids of users of this org.";
    if (strlen(text_in(input, "title")) > TITLE_MAX || strlen(text_in(input, "body")) > BODY_MAX)
        return "The title has at most 250 characters, the body 750.";
    if (!*text_in(input, "targetId") && !*text_in(input, "targetPageRef"))
        return "Specify a targetId or a targetPageRef.";
    return "";
}

static void deliver(struct call *c, const json_t *input)
{
    const json_t *item;
    size_t i;
    json_array_foreach (json_object_get(input, "recipientIds"), i, item) {
        char id[ID_SIZE];
        id_complete(json_string_value(item), id);
        keep(c->o->notifications,
             json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "recipientId", id, "title", text_in(input, "title"), "body",
                       text_in(input, "body"), "targetId", text_in(input, "targetId"), "typeId",
                       text_in(input, "customNotifTypeId"), "senderId", c->user_id));
    }
}

void rest_notify(struct call *c)
{
    const json_t *inputs = json_object_get(c->body, "inputs"), *input;
    size_t i;
    bool all = true;
    if (!json_is_array(inputs) || json_array_size(inputs) == 0 || json_array_size(inputs) > INPUTS_MAX) {
        answer_error(c, 400, "INVALID_API_INPUT", "inputs is a list of 1 to 200 objects");
        return;
    }
    text_char(&c->out, '[');
    json_array_foreach (inputs, i, input) {
        char room[160];
        const char *why = input_wrong(c, input, room);
        text_str(&c->out, i ? ",{\"actionName\":\"customNotificationAction\",\"errors\":"
                            : "{\"actionName\":\"customNotificationAction\",\"errors\":");
        if (*why) {
            all = false;
            text_str(&c->out, "[{\"statusCode\":\"INVALID_API_INPUT\",\"message\":");
            text_json_str(&c->out, why);
            text_str(&c->out, ",\"fields\":[]}],\"isSuccess\":false,\"outputValues\":null}");
            continue;
        }
        deliver(c, input);
        text_str(&c->out, "null,\"isSuccess\":true,\"outputValues\":{\"SuccessMessage\":\"Your custom notification is "
                          "processed successfully.\"}}");
    }
    text_char(&c->out, ']');
    c->status = all ? 200 : 400;
}

/* ---- for tests ---- */

json_t *org_messages(struct org *o, enum org_message kind)
{
    pthread_mutex_lock(&o->lock);
    json_t *copy = json_deep_copy(kind == ORG_EVENTS ? o->events : o->notifications);
    pthread_mutex_unlock(&o->lock);
    return copy;
}
