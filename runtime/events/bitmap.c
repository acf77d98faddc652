/* bitmap.c - marks and names. */
#include "runtime/events/bitmap.h"

#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/encoding.h"

/* The record that a field is, directly or as the one branch of a union that is not null; NULL = it is none. */
static const struct form_node *record_of(const struct form_node *node)
{
    if (node->type == AVRO_RECORD)
        return node;
    for (size_t i = 0; node->type == AVRO_UNION && i < node->n; i++)
        if (node->child[i]->type == AVRO_RECORD)
            return node->child[i];
    return NULL;
}

bool bitmap_begin(struct bitmap *b, const struct form *s)
{
    const struct form_node *root = s->root;
    size_t all = 0;
    b->form = s;
    if (root->n > BITMAP_FIELDS)
        return false;
    for (size_t i = 0; i < root->n; i++) {
        const struct form_node *record = record_of(root->child[i]);
        b->first[i] = all;
        all += record ? record->n : 0;
        if (all > BITMAP_FIELDS)
            return false;
    }
    memset(b->field, 0, root->n);
    memset(b->nested, 0, all);
    return true;
}

/* Bit i is for mark i of n. */
static bool mark(struct span digits, bool *marks, size_t n)
{
    if (digits.n == 0)
        return false;
    for (size_t i = 0; i < digits.n; i++) {
        int v = char_hex_value(digits.p[digits.n - 1 - i]);
        if (v < 0)
            return false;
        for (size_t bit = 0; bit < 4; bit++) {
            if (!(v >> bit & 1))
                continue;
            if (4 * i + bit >= n)
                return false;
            marks[4 * i + bit] = true;
        }
    }
    return true;
}

/* The number in front of "-"; false: there is none. */
static bool take_number(struct span *item, size_t *v)
{
    size_t i = 0;
    for (*v = 0; i < item->n && i < 5 && char_digit(item->p[i]); i++)
        *v = *v * 10 + (size_t)(item->p[i] - '0');
    if (i == 0 || i == item->n || item->p[i] != '-')
        return false;
    item->p += i + 1;
    item->n -= i + 1;
    return true;
}

bool bitmap_add(struct bitmap *b, struct span item)
{
    const struct form_node *root = b->form->root;
    bool whole = span_starts(item, "0x") || span_starts(item, "0X");
    size_t parent;
    if (whole)
        return mark((struct span){ item.p + 2, item.n - 2 }, b->field, root->n);
    if (!take_number(&item, &parent) || parent >= root->n || !(span_starts(item, "0x") || span_starts(item, "0X")))
        return false;
    const struct form_node *record = record_of(root->child[parent]);
    return record && mark((struct span){ item.p + 2, item.n - 2 }, b->nested + b->first[parent], record->n);
}

static bool add_name(struct buf *out, const char *parent, const char *name)
{
    char both[2 * EVENT_NAME + 2];
    if (parent) {
        if (strlen(parent) > EVENT_NAME || strlen(name) > EVENT_NAME)
            return false;
        copy_text(both, sizeof both, parent);
        size_t n = strlen(both);
        both[n] = '.';
        copy_text(both + n + 1, sizeof both - n - 1, name);
        name = both;
    }
    return (out->p[out->n - 1] == '[' || buf_char(out, ',')) && buf_json_string(out, span_of(name));
}

bool bitmap_names(const struct bitmap *b, struct buf *out)
{
    const struct form_node *root = b->form->root;
    bool ok = buf_char(out, '[');
    for (size_t i = 0; ok && i < root->n; i++) {
        const struct form_node *record = record_of(root->child[i]);
        ok = !b->field[i] || add_name(out, NULL, root->name[i]);
        for (size_t k = 0; ok && record && k < record->n; k++)
            ok = !b->nested[b->first[i] + k] || add_name(out, root->name[i], record->name[k]);
    }
    return ok && buf_char(out, ']');
}
