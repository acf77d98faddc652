/*
 * data_token.c - the exchange of a session of the org for one of Data 360 (POST /services/a360/token), and where that
 * is: the first org's is at another name of its address, so that a client has to go where it is told.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/encoding.h"
#include "sandbox/login/routes.h"
#include "sandbox/login/sessions.h"

enum { DATA_TOKEN_S = 7200 };

static bool is_text(const char *form, const char *name, const char *want)
{
    char *text = form_get(form, name);
    bool same = text && strcmp(text, want) == 0;
    free(text);
    return same;
}

static void refuse(struct reply *rp, const char *error, const char *what)
{
    reply_json(rp, 400, json_pack("{s:s, s:s}", "error", error, "error_description", what));
}

void data_token(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    char *form = rq->body ? strndup(rq->body, rq->body_n) : NULL, token[SESSION_TOKEN_MAX], place[300];
    char *subject = form ? form_get(form, "subject_token") : NULL;
    struct session who;
    if (!form || !is_text(form, "grant_type", "urn:salesforce:grant-type:external:cdp") ||
        !is_text(form, "subject_token_type", "urn:ietf:params:oauth:token-type:access_token")) {
        refuse(rp, "unsupported_grant_type", "grant type not supported");
    } else if (!subject || !sessions_find(s->sessions, subject, SESSION_ACCESS, &who) || who.org != rq->address) {
        refuse(rp, "invalid_grant", "subject token is not valid");
    } else if (strtol(sandbox_api_version(who.org), NULL, 10) < 60) {
        refuse(rp, "invalid_request", "Data 360 is not enabled for this org");
    } else if (!sessions_open(s->sessions, &who, DATA_TOKEN_S, token)) {
        reply_problem(rp, 500, "Internal Server Error", "The session could not be opened.");
    } else {
        const char *url = s->urls[who.org], *colon = strrchr(url, ':');
        snprintf(place, sizeof place, "%s%s", who.org == 0 ? "localhost" : "", who.org == 0 ? colon : url + 7);
        reply_json(rp, 200,
                   json_pack("{s:s, s:s, s:s, s:i}", "access_token", token, "instance_url", place, "token_type",
                             "Bearer", "expires_in", DATA_TOKEN_S));
    }
    free(subject);
    free(form);
}
