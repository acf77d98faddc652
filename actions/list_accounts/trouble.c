/* trouble.c - what became of one org: that it has answered, or why not and what to do. */
#include "actions/list_accounts/view.h"

#include <string.h>

/* What the org or the add-on said, and what a reader of the view is told; "%s" = the connection. */
static const struct trouble {
    const char *said, *code, *text;
} troubles[] = {
    { "INVALID_SESSION_ID", "authorization_ended",
      "The authorization %s has ended or was revoked. Authorize the org again: heroku salesforce:authorizations:add "
      "%s" },
    { "authorization_failed", "authorization_missing",
      "The add-on has no session for %s. Authorize the org: heroku salesforce:authorizations:add %s" },
    { "addon_unavailable", "addon_unavailable",
      "The AppLink add-on did not answer for the authorization %s. Try again in a moment." },
    { "REQUEST_LIMIT_EXCEEDED", "org_limit_exceeded",
      "The org of %s allows no more calls for now. Try again later, or ask its administrator to raise the limit." },
    { "INVALID_TYPE", "object_missing",
      "The org of %s has no object Account for this user. Ask its administrator for the permission to read accounts." },
    { "TIMEOUT", "org_timeout", "The org of %s did not answer in time. Try again." },
    { "UNREACHABLE", "org_unavailable", "The org of %s cannot be reached. Try again in a minute." },
    { "CONNECTION_LOST", "org_unavailable", "The connection to the org of %s was lost. Try again." },
    { "REFUSED_HOST", "org_host_refused",
      "The address of the org of %s is not among the hosts of ORG_HOSTS. Add it there, or check the connection." },
};

/* The text with the connection's name in place of each %s. */
static json_t *words(const char *text, const char *name)
{
    const char *hole = strstr(text, "%s"), *second = hole ? strstr(hole + 2, "%s") : NULL;
    if (!hole)
        return json_string(text);
    if (!second)
        return json_sprintf("%.*s%s%s", (int)(hole - text), text, name, hole + 2);
    return json_sprintf("%.*s%s%.*s%s%s", (int)(hole - text), text, name, (int)(second - hole - 2), hole + 2, name,
                        second + 2);
}

static void tell(json_t *report, const struct source *s)
{
    char code[64], message[480];
    json_t *text = NULL;
    act_org_words(&s->err, code, message, sizeof message);
    const char *own = code;
    for (size_t i = 0; i < sizeof troubles / sizeof *troubles && !text; i++) {
        if (strcmp(troubles[i].said, s->err.code) != 0)
            continue;
        own = troubles[i].code;
        text = words(troubles[i].text, s->name);
    }
    json_object_set_new(report, "code", json_string(own));
    json_object_set_new(report, "message", text ? text : json_string(message));
    json_object_set_new(report, "orgCode", json_string(s->err.code));
    if (s->err.message[0])
        json_object_set_new(report, "orgMessage", json_string(s->err.message));
    if (s->err.retry_after_s)
        json_object_set_new(report, "retryAfterSeconds", json_integer(s->err.retry_after_s));
}

static json_t *lacks_of(const struct source *s)
{
    static const char *const names[] = { "city", "owner", "openAmounts" };
    json_t *list = json_array();
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (s->lacks & 1u << i)
            json_array_append_new(list, json_string(names[i]));
    return list;
}

json_t *source_report(const struct source *s)
{
    json_t *r = json_pack("{s:s, s:s}", "connection", s->name, "state",
                          s->same_as       ? "sameOrg"
                          : s->err.code[0] ? "failed"
                                           : "answered");
    if (s->org) {
        struct sf_whose w = sf_whose(s->org);
        json_object_set_new(r, "orgId", json_string(w.org_id));
        json_object_set_new(r, "apiVersion", json_string(w.api_version));
        json_object_set_new(r, "username", json_string(w.username));
    }
    if (s->same_as) {
        json_object_set_new(r, "code", json_string("same_org"));
        json_object_set_new(
            r, "message",
            json_sprintf("This connection leads to the same org as %s; its accounts stand there.", s->same_as));
        return r;
    }
    json_object_set_new(r, "shown", json_integer((json_int_t)s->taken));
    if (s->total >= 0)
        json_object_set_new(r, "total", json_integer(s->total));
    if (s->err.code[0]) {
        tell(r, s);
        return r;
    }
    json_object_set_new(r, "lacks", lacks_of(s));
    json_object_set_new(r, "elapsedMs", json_integer(s->elapsed_ms));
    return r;
}
