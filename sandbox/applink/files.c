/* files.c - a file of an org for people: the docs page, ./invoke and the demo show what an action has stored. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/applink/routes.h"
#include "sandbox/applink/sign.h"
#include "sandbox/base/text.h"

enum { ID_SHORT = 15, ID_LONG = 18 };

static const struct {
    const char *end, *type;
} types[] = {
    { ".png", "image/png" },
    { ".jpg", "image/jpeg" },
    { ".jpeg", "image/jpeg" },
    { ".pdf", "application/pdf" },
};

/* One GET on the record of the version, as the administrator. */
static void ask_org(struct org *org, const struct org_user *who, const char *path, struct org_reply *out)
{
    const struct org_request in = {
        .method = "GET", .path = path, .query = "", .content_type = "", .accept_call_options = "", .user = *who
    };
    org_handle(org, &in, out);
}

/* The file's name in the org, with nothing that would end a header's quotes; NULL when there is no such version. */
static char *name_of(struct org *org, const struct org_user *who, const char *id)
{
    char path[200];
    struct org_reply out = { .status = 0 };
    snprintf(path, sizeof path, "/services/data/v62.0/sobjects/ContentVersion/%s", id);
    ask_org(org, who, path, &out);
    json_t *record = out.status == 200 && out.body ? json_loadb(out.body, out.body_n, 0, NULL) : NULL;
    const char *given = json_string_value(json_object_get(record, "PathOnClient"));
    const char *slash = given ? strrchr(given, '/') : NULL;
    char *name = record ? strdup(slash ? slash + 1 : given ? given : id) : NULL;
    for (char *p = name; p && *p; p++)
        if (*p == '"' || *p == '\\' || (unsigned char)*p < ' ' || (unsigned char)*p > '~')
            *p = '_';
    json_decref(record);
    free(out.body);
    return name;
}

static const char *type_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (strcasecmp(dot, types[i].end) == 0)
            return types[i].type;
    return "application/octet-stream";
}

/* GET /sandbox/files/<id of a ContentVersion>[?save=1][&org=partner] */
void file_content(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    const char *id = strrchr(rq->path, '/') + 1;
    size_t n = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    char *save = request_query(rq, "save"), *which = request_query(rq, "org"), *name = NULL, path[200];
    int number = which ? sandbox_org_number(which) : 0;
    struct org *org = number >= 0 ? sandbox_org(s, number) : NULL;
    struct org_user who;
    struct org_reply out = { .status = 0 };
    if (!id[n] && (n == ID_SHORT || n == ID_LONG) && org && org_find_user(org, SANDBOX_ADMIN, &who))
        name = name_of(org, &who, id);
    if (name) {
        snprintf(path, sizeof path, "/services/data/v62.0/sobjects/ContentVersion/%s/VersionData", id);
        ask_org(org, &who, path, &out);
    }
    if (out.status == 200) {
        struct text disposition = { .max = 1024 };
        reply_bytes(rp, 200, type_of(name), out.body ? out.body : "", out.body_n);
        reply_field(rp, "X-Content-Type-Options", "nosniff");
        if (text_fmt(&disposition, "%s; filename=\"%s\"", save ? "attachment" : "inline", name))
            reply_field(rp, "Content-Disposition", disposition.p);
        text_free(&disposition);
    } else {
        reply_problem(rp, 404, "Not Found", "There is no such file: give the id of a ContentVersion (068...).");
    }
    free(out.body);
    free(name);
    free(which);
    free(save);
}
