/* cli_session.c - see cli_session.h. */
#include "sandbox/applink/cli_session.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *result_text(const json_t *cli, const char *command, const char *name)
{
    const json_t *result = json_object_get(json_object_get(cli, command), "result");
    return json_string_value(json_is_string(result) ? result : json_object_get(result, name));
}

/* An access token begins with the org's id and an exclamation mark; what is hidden does not. */
static bool token_shown(const char *token)
{
    return token && strncmp(token, "00D", 3) == 0 && strchr(token, '!');
}

json_t *sf_wishes(const json_t *cli, char *why, size_t why_size)
{
    const char *id = result_text(cli, "display", "id"), *url = result_text(cli, "display", "instanceUrl");
    const char *name = result_text(cli, "display", "username"), *version = result_text(cli, "display", "apiVersion");
    const char *token = result_text(cli, "display", "accessToken"), *user = result_text(cli, "user", "id");
    if (!id || !url || !name) {
        const char *message = json_string_value(json_object_get(json_object_get(cli, "display"), "message"));
        snprintf(why, why_size, "sf org display gave no org: %s",
                 message ? message : "no id, instanceUrl or username in it");
        return NULL;
    }
    if (!token_shown(token))
        token = result_text(cli, "token", "accessToken");
    if (!token_shown(token)) {
        snprintf(why, why_size,
                 "the CLI did not show the access token; log in again, or update it (npm update -g @salesforce/cli)");
        return NULL;
    }
    char domain[256];
    snprintf(domain, sizeof domain, "%s", url);
    while (*domain && domain[strlen(domain) - 1] == '/')
        domain[strlen(domain) - 1] = 0;
    json_t *wishes =
        json_pack("{s:s, s:s, s:s, s:s}", "orgId", id, "orgDomainUrl", domain, "accessToken", token, "username", name);
    if (version)
        json_object_set_new(wishes, "apiVersion", json_string(version));
    if (user)
        json_object_set_new(wishes, "userId", json_string(user));
    return wishes;
}
