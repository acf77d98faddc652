/* merge.c - accounts of all orgs in one order. Each org's own order is kept, whatever collation it has: only the heads
 * of the lists are compared. */
#include "actions/list_accounts/view.h"

#include <strings.h>

int view_compare(const char *a, const char *b, bool descending)
{
    if (!a || !b)
        return !a - !b;
    int order = strcasecmp(a, b);
    return descending ? -order : order;
}

static const json_t *head_of(const struct source *s)
{
    return s->taken < s->n ? json_array_get(s->records, s->taken) : NULL;
}

/* An org that has more accounts than came, and of which all that came are taken: what would be next is not known. */
static bool is_unknown(const struct source *s)
{
    return s->records && s->taken == s->n && s->more;
}

/* The source whose account is next; NULL = none, or it is not known. */
static struct source *next_source(const struct view *v)
{
    struct source *best = NULL;
    const char *best_key = NULL;
    for (size_t i = 0; i < v->n; i++) {
        struct source *s = &v->sources[i];
        const json_t *head = head_of(s);
        if (is_unknown(s))
            return NULL;
        if (!head)
            continue;
        const char *key = row_key(v, s, head);
        if (best && view_compare(key, best_key, v->descending) >= 0)
            continue;
        best = s;
        best_key = key;
    }
    return best;
}

json_t *view_merge(struct view *v)
{
    json_t *rows = json_array();
    struct source *s;
    while (json_array_size(rows) < v->page_size && (s = next_source(v))) {
        const json_t *record = head_of(s);
        bool partial;
        json_array_append_new(rows, row_make(s, record, &partial));
        s->last = row_key(v, s, record);
        s->last_id = sf_get_text(record, "Id");
        s->taken++;
    }
    for (size_t i = 0; i < v->n; i++) {
        s = &v->sources[i];
        s->ended = s->ended || (s->records && s->taken == s->n && !s->more);
    }
    return rows;
}
