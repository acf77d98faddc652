/*
 * apps.h - connected apps: who may ask the token endpoint, with which secret or key, and as whom.
 */
#ifndef SANDBOX_LOGIN_APPS_H
#define SANDBOX_LOGIN_APPS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { APPS_MAX = 32, APP_NAME_MAX = 63, APP_PEM_MAX = 4096 };

/* The app that every sandbox has, and the password that all sample users share. */
#define APP_SAMPLE_ID "sandbox-client"
#define APP_SAMPLE_SECRET "sandbox-secret"
#define APP_SAMPLE_PASSWORD "sandbox-password"

struct app {
    char client_id[APP_NAME_MAX + 1], secret[APP_NAME_MAX + 1]; /* secret "" = none */
    char run_as[128];             /* user of the client credentials flow; "" = not allowed */
    char public_pem[APP_PEM_MAX]; /* RSA key that signs assertions; "" = none */
};

struct apps;
/* Holds the sample app. NULL without memory. */
struct apps *apps_new(void);
void apps_free(struct apps *a);
/*
 * Registers or replaces an app: {"clientId", "clientSecret"?, "certificate"? (PEM of an X.509 certificate or of an RSA
 * public key), "runAs"?}. False with `why` filled.
 */
bool apps_set(struct apps *a, const json_t *spec, char *why, size_t why_size);
/* A copy of the app; false when there is none of that id. */
bool apps_find(struct apps *a, const char *client_id, struct app *out);

#endif
