/*
 * openapi_names.c - prints every name that an OpenAPI document gives to Apex and Flow, one a line, with its type:
 *     openapi_names FILE
 * Renaming or removing one breaks the Flows and Apex that use it, so the lines of two versions are compared by diff.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static bool listed(const json_t *list, const char *name)
{
    size_t i;
    json_t *item;
    json_array_foreach ((json_t *)list, i, item) {
        if (strcmp(json_string_value(item), name) == 0)
            return true;
    }
    return false;
}

static void print_schema(const char *prefix, const json_t *schema)
{
    const char *name;
    json_t *member;
    if (*text_of(schema, "$ref")) {
        printf("%s is %s\n", prefix, strrchr(text_of(schema, "$ref"), '/') + 1);
        return;
    }
    json_object_foreach (json_object_get(schema, "properties"), name, member) {
        char path[512];
        const json_t *items = json_object_get(member, "items");
        const char *format = text_of(member, "format");
        snprintf(path, sizeof path, "%s.%s", prefix, name);
        printf("%s %s%s%s%s\n", path, text_of(member, "type"), *format ? ":" : "", format,
               listed(json_object_get(schema, "required"), name) ? " required" : "");
        print_schema(path, member);
        if (items) {
            format = text_of(items, "format");
            snprintf(path, sizeof path, "%s.%s[]", prefix, name);
            if (!*text_of(items, "$ref"))
                printf("%s %s%s%s\n", path, text_of(items, "type"), *format ? ":" : "", format);
            print_schema(path, items);
        }
    }
}

static const json_t *body_schema(const json_t *holder)
{
    return json_object_get(json_object_get(json_object_get(holder, "content"), "application/json"), "schema");
}

static void print_operation(const char *method, const json_t *operation)
{
    const char *id = text_of(operation, "operationId"), *status;
    json_t *response;
    char prefix[256];
    if (!*id)
        return;
    printf("operation %s %s\n", id, method);
    snprintf(prefix, sizeof prefix, "%s request", id);
    print_schema(prefix, body_schema(json_object_get(operation, "requestBody")));
    printf("%s statuses", id);
    json_object_foreach (json_object_get(operation, "responses"), status, response)
        printf(" %s", status);
    printf("\n");
    json_object_foreach (json_object_get(operation, "responses"), status, response) {
        snprintf(prefix, sizeof prefix, "%s %s", id, status);
        print_schema(prefix, body_schema(response));
    }
}

int main(int argc, char **argv)
{
    json_error_t error;
    const char *name, *method;
    json_t *member, *operation, *root = argc == 2 ? json_load_file(argv[1], 0, &error) : NULL;
    if (!root) {
        fprintf(stderr, "openapi_names: %s\n", argc == 2 ? error.text : "usage: openapi_names FILE");
        return 1;
    }
    json_object_foreach (json_object_get(root, "paths"), name, member) {
        json_object_foreach (member, method, operation)
            print_operation(method, operation);
    }
    json_object_foreach (json_object_get(json_object_get(root, "components"), "schemas"), name, member) {
        printf("schema %s\n", name);
        print_schema(name, member);
    }
    json_decref(root);
    return 0;
}
