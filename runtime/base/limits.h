/* limits.h - every ceiling of the host in one place, each with its reason. */
#ifndef ACTIONHOST_BASE_LIMITS_H
#define ACTIONHOST_BASE_LIMITS_H

enum {
    /* Headers. Below libmicrohttpd's own 64 KiB, so that the caller sees our answer instead of a bare one. */
    LIMIT_HEADER_BYTES = 24 * 1024, /* all header lines together */
    LIMIT_HEADER_LINES = 64,
    LIMIT_HEADER_LINE = 8 * 1024, /* one line; the Heroku router's own limit */
    LIMIT_URL = 8 * 1024,
    LIMIT_MHD_MEMORY = 64 * 1024, /* libmicrohttpd's memory per connection */
    LIMIT_REFUSED = 64,           /* connections beyond CONNECTIONS_MAX, opened to be told that there are too many */

    LIMIT_REQUEST_ID = 200,    /* the Heroku router replaces longer ones */
    LIMIT_REQUEST_ID_MIN = 20, /* and shorter ones */
    LIMIT_TOKEN = 8 * 1024,    /* a JWT; the header that carries it is no longer */
    LIMIT_ACCESS_TOKEN = 4 * 1024,

    LIMIT_BODY_DEFAULT = 64 * 1024,      /* an action's body unless it declares more */
    LIMIT_BODY_MAX = 1024 * 1024,        /* what an action may declare: jansson takes 0.65 s for 2.6 MB of keys */
    LIMIT_DATA_ACTION_BODY = 200 * 1024, /* Data Cloud's own ceiling */
    LIMIT_JSON_DEPTH = 64,               /* of an invocation's body: no declared schema is deeper */
    LIMIT_VIOLATIONS = 50,               /* rows in `details`; more help nobody */

    LIMIT_REPLY = 4 * 1024 * 1024,         /* an action's answer; Apex has a heap of 6 MB */
    LIMIT_FRAME = LIMIT_REPLY + 64 * 1024, /* anything between front and worker */

    LIMIT_DOCUMENT = 10 * 1000 * 1000, /* characters of the OpenAPI document: what External Services reads */

    LIMIT_CACHE_ENTRY = 64 * 1024,
    LIMIT_CACHE_KEY = 288,                /* of which 110 or so tell whose it is; an action has the rest */
    LIMIT_CACHE_BYTES = 16 * 1024 * 1024, /* all entries together */
    LIMIT_CACHE_TTL_S = 7 * 24 * 3600,

    LIMIT_AUTHORIZATIONS =
        96, /* named authorizations whose sessions are remembered, 5 KiB each: all of CONNECTIONS and more */

    LIMIT_ARENA_BLOCK = 64 * 1024,
    LIMIT_ORG_REPLY = 16 * 1024 * 1024, /* one answer of the org */

    LIMIT_DRAIN_MS = 25000,   /* Heroku kills after 30 s */
    LIMIT_ORG_MARGIN_MS = 500 /* calls to the org end this much before the call's deadline */
};

/* The Salesforce client. */
enum {
    LIMIT_ORG_BODY = 16 * 1024 * 1024, /* JSON that one request sends */
    LIMIT_ORG_URL = 16 * 1024,         /* the org answers 414 or 431 above this */
    LIMIT_ORG_PAGES = 5000,            /* of one query: a million records at the least that an org puts on a page */
    LIMIT_ORG_TRIES = 3,               /* a repeatable request that keeps failing */
    LIMIT_SOQL = 100000,               /* characters of one SOQL text; the org's own limit */
    LIMIT_COLLECTION = 200,            /* records of one collection request; the org's own limit */
    LIMIT_GRAPHS = 75,                 /* graphs of one composite request; the org's own limit */
    LIMIT_GRAPH_NODES = 500,           /* their nodes together; the org's own limit */
    LIMIT_GRAPH_KINDS = 15,            /* different methods and objects among them; the org's own limit */
    LIMIT_UPLOAD_JSON = 512 * 1024,    /* a larger file goes as multipart, which spares the third that base64 adds */
    LIMIT_BULK_UPLOAD = 100000000, /* CSV of one Bulk job; as base64 it is 133 MB, of the 150 MB that an org takes */
    LIMIT_BULK_HEADER = 32000,     /* its first line; the org's own limit */
    LIMIT_FETCH = 1024 * 1024,     /* answer of one act_fetch_all */
    LIMIT_FETCHES = 16             /* of one act_fetch_all */
};

#endif
