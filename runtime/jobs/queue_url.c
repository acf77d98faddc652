/* queue_url.c - what a DATABASE_URL may be. */
#include "runtime/jobs/queue_url.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/bytes.h"

struct place {
    bool local;        /* every host is a socket of this machine or loopback */
    char sslmode[32];  /* "" when it names none */
    bool by_reference; /* it refers to a file that may say anything */
};

/* `hosts` is a list by commas, as libpq takes it. */
static bool is_local(const char *hosts)
{
    static const char *const names[] = { "localhost", "127.0.0.1", "::1" };
    struct span rest = span_of(hosts), host;
    while (span_split(&rest, ',', &host)) {
        bool local = host.n == 0 || host.p[0] == '/' || host.p[0] == '@';
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            local = local || span_eq(host, names[i]);
        if (!local)
            return false;
    }
    return true;
}

static bool read_place(const char *url, struct place *place)
{
    char *words = NULL;
    const char *host = getenv("PGHOST"), *address = getenv("PGHOSTADDR"); /* libpq's own defaults */
    *place = (struct place){ 0 };
    PQconninfoOption *options = PQconninfoParse(url, &words);
    PQfreemem(words); /* may hold a part of the URL, and so of its password */
    if (!options)
        return false;
    for (const PQconninfoOption *o = options; o->keyword; o++) {
        if (!o->val || !o->val[0])
            continue;
        if (strcmp(o->keyword, "host") == 0)
            host = o->val;
        if (strcmp(o->keyword, "hostaddr") == 0)
            address = o->val;
        if (strcmp(o->keyword, "service") == 0)
            place->by_reference = true;
        if (strcmp(o->keyword, "sslmode") == 0)
            copy_text(place->sslmode, sizeof place->sslmode, o->val);
    }
    /* the address is where it goes; a name beside it is for certificates alone */
    place->local = is_local(address ? address : host ? host : "");
    PQconninfoFree(options);
    return true;
}

bool queue_url_check(const char *url, char *why, size_t size)
{
    static const char *const open_modes[] = { "disable", "allow", "prefer" };
    struct place place;
    if (strncmp(url, "postgres://", 11) != 0 && strncmp(url, "postgresql://", 13) != 0) {
        copy_text(why, size, "must begin with postgres://, as in postgres://user:password@host:5432/name");
        return false;
    }
    if (!read_place(url, &place)) {
        copy_text(why, size,
                  "cannot be read; write it as postgres://user:password@host:5432/name, with %-escapes for special "
                  "characters in the password");
        return false;
    }
    if (place.by_reference) {
        copy_text(why, size, "names a service file; write host, user and database into the URL instead");
        return false;
    }
    for (size_t i = 0; !place.local && i < sizeof open_modes / sizeof *open_modes; i++)
        if (strcmp(place.sslmode, open_modes[i]) == 0) {
            snprintf(
                why, size,
                "sends passwords and jobs to another machine without TLS (sslmode=%s); leave sslmode out, or write "
                "require",
                open_modes[i]);
            return false;
        }
    return true;
}

bool queue_url_wants_tls(const char *url)
{
    struct place place;
    return !read_place(url, &place) || (!place.local && !place.sslmode[0]);
}
