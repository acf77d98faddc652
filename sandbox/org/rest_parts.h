/*
 * rest_parts.h - the REST API's resources. Each takes a call whose path was found (rest.c) and leaves its answer in it;
 * composite.c goes back to the router, since a step of a composite is a request of its own.
 */
#ifndef SANDBOX_ORG_REST_PARTS_H
#define SANDBOX_ORG_REST_PARTS_H

#include "sandbox/org/org.h"
#include "sandbox/records/records.h"

enum {
    PAGE_ROWS = 2000,    /* rows of one answer, child rows included */
    PAGE_ROWS_MIN = 200, /* what Sforce-Query-Options may ask for at least */
    CURSORS_MAX = 10,    /* open queries of a user; the oldest goes */
    COLLECTION_MAX = 200,
    COMPOSITE_MAX = 25,
    GRAPHS_MAX = 75,
    GRAPH_NODES_MAX = 500,
    GRAPH_DEPTH_MAX = 15,
    GRAPH_KINDS_MAX = 15,
    GRAPH_FAILURES_MAX = 14,
    VERSION_MIN = 31,
    VERSION_MAX = 66
};

/* ---- answers (answer.c) ---- */
/* Each of these three takes the place of what was answered so far; the body is a list of one error. */
void answer_fault(struct call *c, const struct fault *f);
void answer_error(struct call *c, int status, const char *code, const char *message);
void answer_not_found(struct call *c);
/* The object that a path names and the user sees; answers 404 and returns NULL otherwise. */
struct object *answer_object(struct call *c, const char *name);
/* Writes a record as JSON: `fields` NULL = all visible ones, else names by comma, which are cut in place. False with
 * `f` filled when a field is unknown or the record is not there. */
bool answer_record(struct call *c, const struct object *ob, const char *id, char *fields, struct text *out,
                   struct fault *f);

/* ---- the way to a resource (rest.c) ---- */
/* "/services/data/v62.0/sobjects" -> version 62.0, rest "sobjects". False when it is no path of a version we have. */
bool rest_split_path(struct call *c, char *path, char **rest);
/* Answers one request of the REST API: path below /services/data/vNN.N, without the leading slash; cut in place. */
void rest_route(struct call *c, char *path);

/* ---- what the org says about itself (meta.c) ---- */
void rest_versions(struct call *c);
void rest_resources(struct call *c);
void rest_limits(struct call *c);
void rest_sobjects(struct call *c);
void rest_object_info(struct call *c, const struct object *ob);
void rest_describe(struct call *c, const struct object *ob);

/* ---- what has changed (replication.c) ---- */
void rest_updated(struct call *c, const struct object *ob);
void rest_deleted(struct call *c, const struct object *ob);
void rest_recent(struct call *c);

/* ---- queries (query.c) ---- */
void rest_query(struct call *c, bool all);
void rest_query_more(struct call *c, const char *locator);
/* Forgets all open queries. */
void cursors_free(struct org *o);

/* ---- Data 360 (ssot.c) ---- */
/* `segments` are the n parts of the path behind ssot. */
void rest_ssot(struct call *c, char **segments, size_t n);
/* The older API: `rest` is what follows /api/v2/query. */
void rest_data_v2(struct call *c, char *rest);

/* ---- many records (collections.c) and many requests (composite.c) in one ---- */
/* `segments` are the n parts of the path behind composite/sobjects. */
void rest_collections(struct call *c, char **segments, size_t n);
void rest_tree(struct call *c);
void rest_composite(struct call *c);
void rest_batch(struct call *c);
void rest_graph(struct call *c);

/* Splits a multipart body (multipart.c). Returns the number of parts, -1 when it is not one. */
int multipart_split(const char *content_type, const void *body, size_t n, struct part *parts, size_t max);

#endif
