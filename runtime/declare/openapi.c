/* openapi.c - assembles the document. Members keep the order in which they are set, so equal declarations give equal
 * bytes. */
#include "runtime/declare/openapi.h"

#include <stdio.h>
#include <string.h>

#include "runtime/declare/openapi_schema.h"

/* Every error status of the host; all share one response. */
static const char *const error_statuses[] = { "400", "401", "403", "404", "409", "413", "415",
                                              "422", "429", "500", "502", "503", "504" };

/* The schema itself for an agent action, else a reference to its named form. */
static json_t *schema_use(const struct declaration *d, const char *side)
{
    char name[200], ref[260];
    if (declaration_is_agent_action(d))
        return openapi_schema(d, side);
    declaration_schema_name(d, side, name, sizeof name);
    snprintf(ref, sizeof ref, "#/components/schemas/%s", name);
    return json_pack("{s:s}", "$ref", ref);
}

/* Input of the first example that succeeds, without the nulls that only Apex sends. */
static json_t *example_input(const struct declaration *d)
{
    size_t i;
    json_t *example;
    json_array_foreach (json_object_get(d->root, "examples"), i, example) {
        if (json_integer_value(json_object_get(example, "status")) != declaration_success(d))
            continue;
        json_t *input = json_deep_copy(json_object_get(example, "input"));
        if (input)
            schema_drop_nulls(d->input, input);
        return input;
    }
    return NULL;
}

static json_t *content(json_t *schema, json_t *example)
{
    return json_pack("{s:{s:o, s:o*}}", "application/json", "schema", schema, "example", example);
}

static json_t *responses(const struct declaration *d)
{
    const char *description = declaration_text(declaration_side(d, "output"), "description");
    char success[16];
    snprintf(success, sizeof success, "%d", declaration_success(d));
    json_t *all = json_pack("{s:{s:s, s:o}}", success, "description", description, "content",
                            content(schema_use(d, "output"), NULL));
    for (size_t i = 0; i < sizeof error_statuses / sizeof *error_statuses; i++)
        json_object_set_new(all, error_statuses[i], json_pack("{s:s}", "$ref", "#/components/responses/ActionFailed"));
    return all;
}

/* x-sfdc of an operation: elevated rights, the agent action, personal data. */
static json_t *operation_extension(const struct declaration *d, const json_t *host)
{
    json_t *extension = json_object(), *app = json_object_get(host, "clientApp");
    const char *permission_set = declaration_text(d->root, "permissionSet");
    if (*permission_set && app) {
        json_t *authorization = json_deep_copy(app);
        json_object_set_new(authorization, "permissionSet", json_string(permission_set));
        json_object_set_new(extension, "heroku", json_pack("{s:o}", "authorization", authorization));
    }
    if (declaration_is_agent_action(d))
        json_object_set_new(extension, "agent",
                            json_pack("{s:{s:b, s:b, s:b}}", "action", "publishAsAgentAction", 1, "isUserInput", 1,
                                      "isDisplayable", 1));
    json_object_set_new(extension, "privacy",
                        json_pack("{s:b}", "isPii", json_is_true(json_object_get(d->root, "pii"))));
    return extension;
}

/* ---- callbacks ---- */

/* The one callback, to where the member callbackUrl says: what External Services takes. */
static json_t *callbacks(const struct declaration *d)
{
    char name[200], body[200], ref[260];
    declaration_callback_name(d, CALLBACK_OPERATION, name, sizeof name);
    declaration_callback_name(d, CALLBACK_BODY, body, sizeof body);
    snprintf(ref, sizeof ref, "#/components/schemas/%s", body);
    json_t *post =
        json_pack("{s:s, s:s, s:s, s:[s], s:{s:s, s:b, s:{s:{s:{s:s}}}}, s:{s:{s:s}}}", "operationId", name, "summary",
                  "The job has ended", "description",
                  "Sent when the job has ended, with its result or its error: at least once, for 24 hours.", "tags",
                  declaration_text(d->root, "tag"), "requestBody", "description", "How the job has ended.", "required",
                  1, "content", "application/json", "schema", "$ref", ref, "responses", "200", "description", "Taken.");
    return json_pack("{s:{s:{s:o}}}", name, "{$request.body#/callbackUrl}", "post", post);
}

/* The schemas that only its callback has. A result that the operation itself answers stands there already. */
static void add_callback_schemas(json_t *all, const struct declaration *d)
{
    char body[200], result[200];
    declaration_callback_name(d, CALLBACK_BODY, body, sizeof body);
    declaration_callback_name(d, CALLBACK_RESULT, result, sizeof result);
    if (json_object_get(d->root, "output") && !json_object_get(all, result))
        json_object_set_new(all, result, openapi_result_schema(d));
    json_object_set_new(all, body, openapi_callback_schema(json_object_get(all, result) ? result : NULL));
}

static json_t *path_item(const struct declaration *d, const json_t *host)
{
    const json_t *input = json_object_get(d->root, "input");
    json_t *body = json_pack("{s:s, s:b, s:o}", "description", declaration_text(input, "description"), "required", 1,
                             "content", content(schema_use(d, "input"), example_input(d)));
    json_t *post = json_pack("{s:s, s:s, s:s, s:[s], s:o, s:o, s:o}", "operationId", d->operation_id, "summary",
                             d->summary, "description", d->description, "tags", declaration_text(d->root, "tag"),
                             "x-sfdc", operation_extension(d, host), "requestBody", body, "responses", responses(d));
    if (d->async_of)
        json_object_set_new(post, "callbacks", callbacks(d));
    return json_pack("{s:s, s:o}", "description", d->summary, "post", post);
}

static json_t *described_tag(const json_t *host, const char *name)
{
    char description[80];
    size_t i;
    json_t *tag;
    json_array_foreach (json_object_get(host, "tags"), i, tag) {
        if (strcmp(declaration_text(tag, "name"), name) == 0)
            return json_deep_copy(tag);
    }
    snprintf(description, sizeof description, "Actions: %s.", name);
    return json_pack("{s:s, s:s}", "name", name, "description", description);
}

static json_t *tags(const struct declarations *d)
{
    json_t *all = json_array();
    for (size_t i = 0; i < d->n; i++) {
        const char *name = declaration_text(d->v[i].root, "tag");
        bool known = !d->v[i].salesforce;
        size_t k;
        json_t *tag;
        json_array_foreach (all, k, tag)
            known |= strcmp(declaration_text(tag, "name"), name) == 0;
        if (!known)
            json_array_append_new(all, described_tag(d->host, name));
    }
    return all;
}

static json_t *paths(const struct declarations *d)
{
    json_t *all = json_object();
    for (size_t i = 0; i < d->n; i++) {
        char path[200];
        if (!d->v[i].salesforce)
            continue;
        snprintf(path, sizeof path, "/api/%s", d->v[i].operation_id);
        json_object_set_new(all, path, path_item(&d->v[i], d->host));
    }
    return all;
}

static json_t *schemas(const struct declarations *d)
{
    static const char *const sides[] = { "input", "output" };
    json_t *all = openapi_error_schemas();
    for (size_t i = 0; i < d->n; i++) {
        for (size_t k = 0; k < 2 && d->v[i].salesforce && !declaration_is_agent_action(&d->v[i]); k++) {
            char name[200];
            declaration_schema_name(&d->v[i], sides[k], name, sizeof name);
            json_object_set_new(all, name, openapi_schema(&d->v[i], sides[k]));
        }
        if (d->v[i].async_of)
            add_callback_schemas(all, &d->v[i]);
    }
    return all;
}

static json_t *document(const struct declarations *d, const char *version)
{
    const json_t *host = d->host;
    bool agents = false;
    json_t *root = json_pack("{s:s, s:{s:s, s:s, s:s, s:O}, s:[O], s:o}", "openapi", "3.0.3", "info", "title",
                             declaration_text(host, "title"), "version", version, "description",
                             declaration_text(host, "description"), "contact", json_object_get(host, "contact"),
                             "servers", json_object_get(host, "server"), "tags", tags(d));
    for (size_t i = 0; i < d->n; i++)
        agents |= declaration_is_agent_action(&d->v[i]);
    if (agents)
        json_object_set_new(root, "x-sfdc",
                            json_pack("{s:{s:O}}", "agent", "topic", json_object_get(host, "agentTopic")));
    json_object_set_new(root, "paths", paths(d));
    if (json_object_size(json_object_get(root, "paths"))) /* else nothing would use them */
        json_object_set_new(root, "components",
                            json_pack("{s:o, s:o}", "schemas", schemas(d), "responses", openapi_error_responses()));
    return root;
}

static int append(const char *text, size_t size, void *out)
{
    return buf_add(out, text, size) ? 0 : -1;
}

bool openapi_write(const struct declarations *d, const char *version, struct buf *out)
{
    json_t *root = document(d, version);
    bool ok = root && json_dump_callback(root, append, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) == 0 &&
              buf_char(out, '\n');
    json_decref(root);
    return ok;
}
