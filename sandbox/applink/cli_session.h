/*
 * cli_session.h - a real org's session, as the Salesforce CLI prints it, turned into the wishes of sign.h.
 */
#ifndef SANDBOX_APPLINK_CLI_SESSION_H
#define SANDBOX_APPLINK_CLI_SESSION_H

#include <jansson.h>
#include <stddef.h>

/*
 * `cli` holds what the CLI printed with --json: {"display": `sf org display`, "token"?: `sf org auth
 * show-access-token`, "user"?: `sf org display user`}. Newer versions hide the token in `display`, hence the second
 * command. Returns wishes, a new reference; NULL with `why` filled, in words for a person.
 */
json_t *sf_wishes(const json_t *cli, char *why, size_t why_size);

#endif
