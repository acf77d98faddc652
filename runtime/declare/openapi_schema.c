/* openapi_schema.c - from a declared schema to a published one; the schemas of errors. */
#include "runtime/declare/openapi_schema.h"

#include <stdio.h>
#include <string.h>

static void set_default(json_t *object, const char *name, json_t *value)
{
    if (json_object_get(object, name))
        json_decref(value);
    else
        json_object_set_new(object, name, value);
}

/* "salesforce-id" is ours: others get the same shape as a pattern and lengths. */
static void spell_out_format(json_t *schema)
{
    if (strcmp(declaration_text(schema, "format"), "salesforce-id") != 0)
        return;
    json_object_del(schema, "format");
    set_default(schema, "minLength", json_integer(15));
    set_default(schema, "maxLength", json_integer(18));
    set_default(schema, "pattern", json_string("^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$"));
}

static void publish(json_t *schema)
{
    const char *name;
    json_t *member;
    spell_out_format(schema);
    json_object_foreach (json_object_get(schema, "properties"), name, member)
        publish(member);
    member = json_object_get(schema, "items");
    if (member)
        publish(member);
}

/* x-sfdc.agent.action of an inline schema; what the declaration says stands. */
static void mark_for_agents(json_t *schema, bool input)
{
    json_t *action = json_object_get(json_object_get(json_object_get(schema, "x-sfdc"), "agent"), "action");
    json_t *flags = action ? json_deep_copy(action) : json_object();
    set_default(flags, "isUserInput", json_boolean(input));
    set_default(flags, "isDisplayable", json_boolean(!input));
    json_object_set_new(schema, "x-sfdc", json_pack("{s:{s:o}}", "agent", "action", flags));
}

json_t *openapi_schema(const struct declaration *d, const char *side)
{
    json_t *schema = json_deep_copy(declaration_side(d, side));
    if (!schema)
        return NULL;
    publish(schema);
    if (d->async_of) /* which agents cannot call */
        openapi_without_agents(schema);
    if (declaration_is_agent_action(d))
        mark_for_agents(schema, strcmp(side, "input") == 0);
    return schema;
}

void openapi_without_agents(json_t *schema)
{
    const char *name;
    json_t *member;
    json_object_del(schema, "x-sfdc");
    json_object_foreach (json_object_get(schema, "properties"), name, member)
        openapi_without_agents(member);
    member = json_object_get(schema, "items");
    if (member)
        openapi_without_agents(member);
}

json_t *openapi_result_schema(const struct declaration *d)
{
    json_t *schema = json_deep_copy(json_object_get(d->root, "output"));
    if (!schema)
        return NULL;
    publish(schema);
    openapi_without_agents(schema);
    return schema;
}

static json_t *text(const char *description, const char *example)
{
    json_t *schema = json_pack("{s:s, s:s}", "type", "string", "description", description);
    if (schema && example)
        json_object_set_new(schema, "example", json_string(example));
    return schema;
}

/* "required" is a list of one or two names; `second` may be NULL. */
static json_t *closed(const char *description, const char *first, const char *second, json_t *properties)
{
    json_t *schema = json_pack("{s:s, s:s, s:b, s:[s*s*], s:o}", "type", "object", "description", description,
                               "additionalProperties", 0, "required", first, second, "properties", properties);
    if (!schema)
        json_decref(properties);
    return schema;
}

json_t *openapi_callback_schema(const char *result)
{
    char ref[260];
    snprintf(ref, sizeof ref, "#/components/schemas/%s", result ? result : "");
    json_t *sequence = json_pack("{s:s, s:s, s:s}", "type", "integer", "format", "int64", "description",
                                 "Number of what the job has told so far; one that comes again is the same news.");
    json_t *state = json_pack("{s:s, s:[s, s, s], s:s}", "type", "string", "enum", "done", "failed", "canceled",
                              "description", "How the job has ended: done has a result, failed and canceled an error.");
    json_t *schema =
        closed("How a job has ended. It may come more than once.", "jobId", "state",
               json_pack("{s:o, s:o, s:o, s:{s:s}, s:{s:s}}", "jobId",
                         text("Id of the job, as its start has answered it.", NULL), "sequence", sequence, "state",
                         state, "result", "$ref", ref, "error", "$ref", "#/components/schemas/ActionError"));
    json_array_append_new(json_object_get(schema, "required"), json_string("sequence"));
    if (!result)
        json_object_del(json_object_get(schema, "properties"), "result");
    return schema;
}

static json_t *error_detail(void)
{
    return closed("One thing that is wrong with the call.", "code", "message",
                  json_pack("{s:o, s:o, s:o}", "field",
                            text("JSON Pointer to the value in the request body.", "/flightId"), "code",
                            text("Stable code, such as required, unknown_member, type or pattern.", "required"),
                            "message", text("One sentence that says what to send instead.", NULL)));
}

static json_t *error_object(void)
{
    json_t *retry = json_pack("{s:s, s:s, s:s, s:i}", "type", "integer", "format", "int32", "description",
                              "Seconds to wait before the same call may succeed, when waiting helps.", "minimum", 1);
    json_t *details = json_pack("{s:s, s:s, s:{s:s}}", "type", "array", "description",
                                "Everything that is wrong, one element each, when it is more than the message says.",
                                "items", "$ref", "#/components/schemas/ActionErrorDetail");
    return closed(
        "Why the action did not run.", "code", "message",
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "code", text("Stable machine-readable code.", "invalid_input"),
                  "message", text("One sentence that tells a person what to do next.", NULL), "field",
                  text("JSON Pointer to the offending value, when there is one.", "/flightId"), "requestId",
                  text("Id of this call; quote it to support.", NULL), "retryAfterSeconds", retry, "details", details));
}

json_t *openapi_error_schemas(void)
{
    return json_pack("{s:o, s:o}", "ActionError", error_object(), "ActionErrorDetail", error_detail());
}

json_t *openapi_error_responses(void)
{
    return json_pack("{s:{s:s, s:{s:{s:{s:s}}}}}", "ActionFailed", "description", "The action did not run.", "content",
                     "application/json", "schema", "$ref", "#/components/schemas/ActionError");
}
