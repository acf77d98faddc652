/* state.c - see state.h. */
#include "sandbox/state/state.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sandbox/base/text.h"

static const struct known_org {
    const char *id, *name, *version;
    struct org_edition edition;
} known_orgs[SANDBOX_ORGS] = {
    { ORG_ID, "sandbox", "62.0", { "seed", NULL, 66 } },
    { "00Dxx0000002hQMEAY", "partner", "62.0", { "seed", "seed-partner", 66 } },
    { "00Dxx0000003hQMEAY", "third", "58.0", { "seed-third", NULL, 58 } },
};

const char *sandbox_org_id(int number)
{
    return known_orgs[number].id;
}

const char *sandbox_org_name(int number)
{
    return known_orgs[number].name;
}

const char *sandbox_api_version(int number)
{
    return known_orgs[number].version;
}

int sandbox_org_number(const char *name)
{
    for (int i = 0; i < SANDBOX_ORGS; i++)
        if (strcmp(known_orgs[i].name, name) == 0)
            return i;
    return -1;
}

void sandbox_set_port(struct sandbox *s, int port)
{
    for (int i = 0; i < SANDBOX_ORGS; i++)
        snprintf(s->urls[i], sizeof s->urls[i], "http://127.0.0.%d:%d", i + 1, port);
}

struct org *sandbox_org(struct sandbox *s, int number)
{
    char why[256];
    pthread_mutex_lock(&s->lock);
    bool fresh = !s->orgs[number];
    if (fresh)
        s->orgs[number] = org_open_edition(NULL, &known_orgs[number].edition, why, sizeof why);
    struct org *org = s->orgs[number];
    if (fresh && org && s->opened)
        s->opened(s->opened_ctx, number, org);
    pthread_mutex_unlock(&s->lock);
    return org;
}

void sandbox_on_open(struct sandbox *s, void (*opened)(void *ctx, int number, struct org *org), void *ctx)
{
    s->opened = opened;
    s->opened_ctx = ctx;
    for (int i = 0; i < SANDBOX_ORGS; i++)
        if (s->orgs[i])
            opened(ctx, i, s->orgs[i]);
}

/* http://<this machine>[:port] and nothing else. */
static bool host_fits(const char *url)
{
    static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };
    char *scheme = NULL, *host = NULL, *user = NULL, *path = NULL, *query = NULL;
    CURLU *u = curl_url();
    bool ok = false;
    if (u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_PATH, &path, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_NO_USER &&
        curl_url_get(u, CURLUPART_QUERY, &query, 0) == CURLUE_NO_QUERY && strcmp(path, "/") == 0 &&
        strcmp(scheme, "http") == 0)
        for (size_t i = 0; i < sizeof names / sizeof *names && !ok; i++)
            ok = strcasecmp(host, names[i]) == 0;
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    curl_free(path);
    curl_free(query);
    curl_url_cleanup(u);
    return ok;
}

bool sandbox_set_host(struct sandbox *s, const char *url)
{
    size_t n = strlen(url);
    if (n >= sizeof s->host_url || !host_fits(url))
        return false;
    pthread_mutex_lock(&s->lock);
    copy_text(s->host_url, sizeof s->host_url, url);
    if (s->host_url[n - 1] == '/')
        s->host_url[n - 1] = 0;
    pthread_mutex_unlock(&s->lock);
    return true;
}

void sandbox_app_id(struct sandbox *s, char out[64])
{
    pthread_mutex_lock(&s->lock);
    memcpy(out, s->app_id, sizeof s->app_id);
    pthread_mutex_unlock(&s->lock);
}

/* A UUID, or at least nothing that could not stand in a header. */
static bool is_app_id(const char *id)
{
    size_t n = strlen(id);
    return n >= 8 && n < 64 && strspn(id, "0123456789abcdefABCDEF-") == n;
}

void sandbox_learn_app(struct sandbox *s, const char *id)
{
    if (!s->settings.app_learn || !is_app_id(id))
        return;
    pthread_mutex_lock(&s->lock);
    snprintf(s->app_id, sizeof s->app_id, "%s", id);
    pthread_mutex_unlock(&s->lock);
}

void sandbox_host_url(struct sandbox *s, char out[256])
{
    pthread_mutex_lock(&s->lock);
    copy_text(out, sizeof s->host_url, s->host_url);
    pthread_mutex_unlock(&s->lock);
}
