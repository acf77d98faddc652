/* form_check.c - walks over a payload as its schema says, and believes nothing that the payload says of itself. */
#include "runtime/events/form.h"

enum { VALUES = 4 * EVENT_RECORDS };

struct walk {
    const uint8_t *p, *end;
    long left; /* values that may still come: an item of an array can have no bytes at all */
    const char *why;
};

static bool refuse(struct walk *w, const char *why)
{
    w->why = why;
    return false;
}

static const char cut[] = "it ends too early", none[] = "it names something that its schema does not have",
                  long_number[] = "a number is too long", many[] = "it has too many values";

/* Zig-zag, least significant seven bits first; as wide as `bits`. */
static bool number(struct walk *w, int64_t *v)
{
    uint64_t raw = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (w->p == w->end)
            return refuse(w, cut);
        uint8_t byte = *w->p++;
        if (shift == 63 && byte > 1)
            return refuse(w, long_number);
        raw |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *v = (int64_t)(raw >> 1) ^ -(int64_t)(raw & 1);
            return true;
        }
    }
    return refuse(w, long_number);
}

static bool skip(struct walk *w, int64_t n)
{
    if (n < 0 || n > w->end - w->p)
        return refuse(w, cut);
    w->p += n;
    return true;
}

static bool skip_bytes(struct walk *w)
{
    int64_t n;
    return number(w, &n) && skip(w, n);
}

static bool walk(struct walk *w, const struct form_node *node);

/* Blocks of items; a negative count is followed by the bytes of its block. */
static bool walk_array(struct walk *w, const struct form_node *node)
{
    int64_t n, bytes;
    for (;;) {
        if (!number(w, &n))
            return false;
        if (n == 0)
            return true;
        if (n < -EVENT_RECORDS || n > EVENT_RECORDS || (n < 0 && !number(w, &bytes)))
            return w->why ? false : refuse(w, many);
        n = n < 0 ? -n : n;
        for (; n > 0; n--)
            if (!walk(w, node->child[0]))
                return false;
    }
}

static bool walk_int(struct walk *w)
{
    int64_t v;
    return number(w, &v) && ((v >= INT32_MIN && v <= INT32_MAX) || refuse(w, long_number));
}

static bool walk_record(struct walk *w, const struct form_node *node)
{
    for (size_t i = 0; i < node->n; i++)
        if (!walk(w, node->child[i]))
            return false;
    return true;
}

/* The place of a branch or of a symbol. */
static bool choose(struct walk *w, const struct form_node *node, int64_t *i)
{
    return number(w, i) && ((*i >= 0 && (uint64_t)*i < node->n) || refuse(w, none));
}

static bool walk(struct walk *w, const struct form_node *node)
{
    int64_t v;
    if (w->left-- == 0)
        return refuse(w, many);
    switch (node->type) {
    case AVRO_NULL:
        return true;
    case AVRO_BOOLEAN:
        return (w->p<w->end && * w->p> 1 ? refuse(w, none) : true) && skip(w, 1);
    case AVRO_INT32:
        return walk_int(w);
    case AVRO_INT64:
        return number(w, &v);
    case AVRO_FLOAT:
        return skip(w, 4);
    case AVRO_DOUBLE:
        return skip(w, 8);
    case AVRO_STRING:
    case AVRO_BYTES:
        return skip_bytes(w);
    case AVRO_FIXED:
        return skip(w, (int64_t)node->n);
    case AVRO_ENUM:
        return choose(w, node, &v);
    case AVRO_UNION:
        return choose(w, node, &v) && walk(w, node->child[v]);
    case AVRO_ARRAY:
        return walk_array(w, node);
    case AVRO_RECORD:
        return walk_record(w, node);
    default:
        return refuse(w, none);
    }
}

const char *form_check(const struct form *s, struct span payload)
{
    struct walk w = { (const uint8_t *)payload.p, (const uint8_t *)payload.p + payload.n, VALUES, NULL };
    if (payload.n > EVENT_PAYLOAD)
        return "it is longer than 1 MiB";
    if (!walk(&w, s->root))
        return w.why;
    return w.p == w.end ? NULL : "it has more than its schema says";
}
