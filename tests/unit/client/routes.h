/*
 * routes.h - an org for tests: answers looked up by method and the beginning of the target. What is not there is 404.
 */
#ifndef TESTS_ROUTES_H
#define TESTS_ROUTES_H

#include "tests/client_kit.h"

struct route {
    const char *method, *target; /* the target's beginning */
    int status;
    const char *body, *headers;
};
struct routes {
    const struct route *v;
    size_t n;
    char *last_body, *last_head, *last_target;
    char last_method[8];
};

static inline void serve(void *ctx, const struct origin_request *q, struct origin_reply *r)
{
    struct routes *routes = ctx;
    const struct route *best = NULL;
    free(routes->last_body);
    free(routes->last_head);
    free(routes->last_target);
    routes->last_body = strndup(q->body, q->n);
    routes->last_head = strndup(q->head, (size_t)(q->body - q->head));
    routes->last_target = strdup(q->target);
    copy_text(routes->last_method, sizeof routes->last_method, q->method);
    for (size_t i = 0; i < routes->n; i++) {
        const struct route *o = &routes->v[i];
        if (strcmp(o->method, q->method) == 0 && strncmp(o->target, q->target, strlen(o->target)) == 0 &&
            (!best || strlen(o->target) > strlen(best->target)))
            best = o;
    }
    r->status = best ? best->status : 404;
    r->body =
        best ? best->body : "[{\"errorCode\":\"NOT_FOUND\",\"message\":\"The requested resource does not exist\"}]";
    r->n = strlen(r->body);
    r->headers = best ? best->headers : NULL;
}

static inline void routes_free(struct routes *r)
{
    free(r->last_body);
    free(r->last_head);
    free(r->last_target);
}

#define WITH_ROUTES(...)                                                                                               \
    static const struct route table[] = { __VA_ARGS__ };                                                               \
    struct routes routes = { .v = table, .n = COUNT(table) };                                                          \
    struct kit *k = kit_new(serve, &routes);                                                                           \
    struct sf_org *org = act_org(&k->call);                                                                            \
    struct sf_error err;                                                                                               \
    (void)state;
#define DONE                                                                                                           \
    kit_free(k);                                                                                                       \
    routes_free(&routes)

#define BASE "/services/data/v51.0/"

#endif
