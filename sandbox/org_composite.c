/* org_composite.c - several requests in one. */
#include "sandbox/org_int.h"

void rest_composite(struct call *c)
{
    rest_not_found(c);
}
void rest_batch(struct call *c)
{
    rest_not_found(c);
}
void rest_graph(struct call *c)
{
    rest_not_found(c);
}
void rest_tree(struct call *c, struct object *ob)
{
    (void)ob;
    rest_not_found(c);
}
void rest_collections(struct call *c, char **segments, size_t n)
{
    (void)segments;
    (void)n;
    rest_not_found(c);
}
