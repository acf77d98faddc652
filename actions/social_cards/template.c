/* template.c - JSON to drawing operations. Whatever is not understood is a fault: a typing error must not pass in
 * silence. */
#include "actions/social_cards/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/social_cards/template_words.h"
#include "actions/social_cards/type.h"

/* ---- Values ---- */

static int word(struct card_parser *p, const struct card_word *words, const json_t *v, const char *key)
{
    const char *s = json_string_value(v);
    for (; s && words->name; words++)
        if (strcmp(words->name, s) == 0)
            return words->value;
    card_parser_fault(p, "\"%s\": \"%s\" is none of the known words", key, s ? s : "(not a string)");
    return 0;
}

static double number(struct card_parser *p, const json_t *v, const char *key)
{
    if (!json_is_number(v) || json_number_value(v) < -200 || json_number_value(v) > 400)
        card_parser_fault(p, "\"%s\" must be a number from -200 to 400", key);
    return json_number_value(v);
}

static void numbers(struct card_parser *p, const json_t *v, const char *key, double *out, size_t n)
{
    if (!json_is_array(v) || json_array_size(v) != n) {
        card_parser_fault(p, "\"%s\" must be a list of %zu numbers", key, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = number(p, json_array_get(v, i), key);
}

static void lengths(struct card_parser *p, const json_t *v, const char *key, struct card_length *out, size_t n)
{
    if (!json_is_array(v) || json_array_size(v) != n) {
        card_parser_fault(p, "\"%s\" must be a list of %zu lengths", key, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(v, i);
        if (json_is_string(one)) {
            if (!card_length_parse(json_string_value(one), &out[i]))
                card_parser_fault(p, "\"%s\": \"%s\" is no length", key, json_string_value(one));
        } else
            out[i] = (struct card_length){ .k = number(p, one, key) };
    }
}

/* "hero", or a list such as ["hero", "!figure"]. */
static void conditions(struct card_parser *p, const json_t *v, const char *key, unsigned *when, unsigned *unless)
{
    size_t n = json_is_array(v) ? json_array_size(v) : 1;
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_is_array(v) ? json_array_get(v, i) : v;
        const char *s = json_string_value(one);
        bool no = s && *s == '!';
        json_t *name = json_string(s ? s + no : "");
        unsigned bit = (unsigned)word(p, card_has_words, name, key);
        json_decref(name);
        *(no ? unless : when) |= bit;
    }
}

static void blobs(struct card_parser *p, const json_t *v, struct card_op *op)
{
    if (!json_is_array(v) || json_array_size(v) > CARD_BLOBS_MAX) {
        card_parser_fault(p, "\"blobs\" must be a list of at most %d", CARD_BLOBS_MAX);
        return;
    }
    for (size_t i = 0; i < json_array_size(v); i++) {
        const json_t *b = json_array_get(v, i);
        double n[4] = { 0 };
        json_t *plain = json_pack("[O?, O?, O?, O?]", json_array_get(b, 0), json_array_get(b, 1), json_array_get(b, 2),
                                  json_array_get(b, 4));
        numbers(p, plain, "blobs", n, 4);
        json_decref(plain);
        op->blob[op->blobs++] =
            (struct card_blob){ n[0], n[1], n[2], n[3],
                                (enum card_role)word(p, card_role_words, json_array_get(b, 3), "blobs") };
    }
}

static void stops(struct card_parser *p, const json_t *v, struct card_op *op)
{
    if (!json_is_array(v) || json_array_size(v) > CARD_STOPS_MAX || json_array_size(v) < 2) {
        card_parser_fault(p, "\"stops\" must be a list of 2 to %d", CARD_STOPS_MAX);
        return;
    }
    for (size_t i = 0; i < json_array_size(v); i++)
        numbers(p, json_array_get(v, i), "stops", op->stop[op->stops++], 2);
}

/* ---- Items ---- */

/* What an item is says its first member: its type, by the role that the text has, is the start of everything else. */
static bool item_start(struct card_parser *p, const json_t *json, enum card_class class, struct card_item *item)
{
    static const struct {
        const char *name;
        enum card_item_kind kind;
    } kinds[] = { { "text", CARD_ITEM_TEXT }, { "pill", CARD_ITEM_PILL }, { "chips", CARD_ITEM_CHIPS } };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        json_t *v = json_object_get(json, kinds[i].name);
        if (!v)
            continue;
        enum card_slot slot =
            kinds[i].kind == CARD_ITEM_CHIPS ? CARD_ITEM : (enum card_slot)word(p, card_slot_words, v, kinds[i].name);
        card_type_item(kinds[i].kind, slot, class, item);
        return true;
    }
    card_parser_fault(p, "an item is \"text\", \"pill\" or \"chips\"");
    return false;
}

static void parse_item(struct card_parser *p, json_t *json, enum card_class class, struct card_item *item)
{
    if (!item_start(p, json, class, item))
        return;
    const struct {
        const char *name;
        double *to;
    } members[] = { { "size", &item->size },     { "min", &item->min },       { "gap", &item->gap },
                    { "indent", &item->indent }, { "radius", &item->radius }, { "leading", &item->style.leading } };
    const char *key;
    json_t *v;
    json_object_foreach (json, key, v) {
        size_t m = 0, n = sizeof members / sizeof *members;
        while (m < n && strcmp(members[m].name, key) != 0)
            m++;
        if (m < n)
            *members[m].to = number(p, v, key);
        else if (strcmp(key, "weight") == 0)
            item->style.weight = (PangoWeight)(100 * number(p, v, key)); /* 4 to 9, as in 400 to 900 */
        else if (strcmp(key, "lines") == 0)
            item->lines = (int)number(p, v, key);
        else if (strcmp(key, "color") == 0)
            item->color = (enum card_role)word(p, card_role_words, v, key);
        else if (strcmp(key, "fill") == 0)
            item->fill = (enum card_role)word(p, card_role_words, v, key);
        else if (strcmp(key, "keep") == 0)
            item->keep = json_is_true(v);
        else if (strcmp(key, "text") != 0 && strcmp(key, "pill") != 0 && strcmp(key, "chips") != 0)
            card_parser_fault(p, "unknown member \"%s\" in an item", key);
    }
    if (item->size <= 0 || item->lines < 1)
        card_parser_fault(p, "an item needs a \"size\" and at least one line");
}

static void parse_items(struct card_parser *p, const json_t *v, enum card_class class, struct card_op *op)
{
    if (!json_is_array(v) || json_array_size(v) > CARD_ITEMS_MAX) {
        card_parser_fault(p, "\"items\" must be a list of at most %d", CARD_ITEMS_MAX);
        return;
    }
    for (size_t i = 0; i < json_array_size(v); i++)
        parse_item(p, json_array_get(v, i), class, &op->item[op->items++]);
}

/* ---- Operations ---- */

/* Members whose value is one number or one word. */
static bool simple_member(struct card_parser *p, const char *key, const json_t *v, struct card_op *op)
{
    const struct {
        const char *name;
        double *to;
    } members[] = { { "alpha", &op->alpha },
                    { "radius", &op->radius },
                    { "thickness", &op->thickness },
                    { "size", &op->size },
                    { "step", &op->step } };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (strcmp(members[i].name, key) == 0) {
            *members[i].to = number(p, v, key);
            return true;
        }
    if (strcmp(key, "op") == 0)
        op->kind = (enum card_op_kind)word(p, card_op_words, v, key);
    else if (strcmp(key, "color") == 0)
        op->color = (enum card_role)word(p, card_role_words, v, key);
    else if (strcmp(key, "to") == 0)
        op->color2 = (enum card_role)word(p, card_role_words, v, key);
    else if (strcmp(key, "flow") == 0)
        op->flow = (enum card_flow)word(p, card_flow_words, v, key);
    else if (strcmp(key, "shape") == 0)
        op->shape = (enum card_shape)word(p, card_shape_words, v, key);
    else if (strcmp(key, "anchor") == 0)
        op->anchor = (enum card_anchor)word(p, card_anchor_words, v, key);
    else if (strcmp(key, "align") == 0)
        op->align = (enum card_align)word(p, card_align_words, v, key);
    else if (strcmp(key, "count") == 0)
        op->count = (int)number(p, v, key);
    else
        return false;
    return true;
}

static void parse_op(struct card_parser *p, json_t *json, enum card_class class, struct card_op *op)
{
    *op = (struct card_op){ .box = { { 0 }, { 0 }, { .w = 1 }, { .h = 1 } }, .alpha = 1, .focus = { 0.5, 0.5 } };
    const char *key;
    json_t *v;
    json_object_foreach (json, key, v) {
        if (simple_member(p, key, v, op))
            continue;
        if (strcmp(key, "box") == 0)
            lengths(p, v, key, op->box, 4);
        else if (strcmp(key, "at") == 0)
            lengths(p, v, key, op->box, 2);
        else if (strcmp(key, "when") == 0)
            conditions(p, v, key, &op->when, &op->unless);
        else if (strcmp(key, "focus") == 0)
            numbers(p, v, key, op->focus, 2);
        else if (strcmp(key, "blobs") == 0)
            blobs(p, v, op);
        else if (strcmp(key, "stops") == 0)
            stops(p, v, op);
        else if (strcmp(key, "items") == 0)
            parse_items(p, v, class, op);
        else
            card_parser_fault(p, "unknown member \"%s\"", key);
    }
    if (!json_object_get(json, "op"))
        card_parser_fault(p, "an operation without \"op\"");
    if (op->color >= CARD_ROLES && op->kind < CARD_OP_BRAND)
        card_parser_fault(p, "\"auto\" and \"soft\" are colours of texts only");
}

static void parse_layouts(struct card_parser *p, const json_t *layouts, struct card_template *t)
{
    static const char *const names[CARD_CLASSES] = { "landscape", "square", "portrait", "story", "youtube" };
    for (int c = 0; c < CARD_CLASSES && !p->failed; c++) {
        const json_t *ops = json_object_get(layouts, names[c]);
        size_t n = json_array_size(ops);
        if (n == 0 || n > CARD_OPS_MAX) {
            card_parser_fault(p, "layout \"%s\" must have 1 to %d operations", names[c], CARD_OPS_MAX);
            return;
        }
        for (size_t i = 0; i < n; i++)
            parse_op(p, json_array_get(ops, i), (enum card_class)c, &t->layout[c].op[t->layout[c].ops++]);
    }
}

static void parse_root(struct card_parser *p, json_t *root, struct card_template *t)
{
    json_error_t e;
    const char *name, *title, *instead = "";
    json_t *layouts, *needs = NULL, *ground;
    int photo = 0;
    if (json_unpack_ex(root, &e, JSON_STRICT, "{s:s, s:s, s:i, s:o, s?:b, s?:s, s?:o, s?:s, s:o}", "name", &name,
                       "title", &title, "version", &t->version, "ground", &ground, "photo", &photo, "instead", &instead,
                       "needs", &needs, "description", &(const char *){ NULL }, "layouts", &layouts) < 0) {
        card_parser_fault(p, "%s", e.text);
        return;
    }
    unsigned none = 0;
    snprintf(t->name, sizeof t->name, "%s", name);
    snprintf(t->title, sizeof t->title, "%s", title);
    snprintf(t->instead, sizeof t->instead, "%s", instead);
    t->photo = photo;
    t->ground = (enum card_ground)word(p, card_ground_words, ground, "ground");
    if (needs)
        conditions(p, needs, "needs", &t->needs, &none);
    if (none || !t->needs != !*t->instead)
        card_parser_fault(p, "\"needs\" and \"instead\" go together");
    parse_layouts(p, layouts, t);
}

struct card_template *card_template_parse(const char *json, size_t n, char *why, size_t size)
{
    json_error_t e;
    json_t *root = json_loadb(json, n, JSON_REJECT_DUPLICATES, &e);
    if (!root) {
        snprintf(why, size, "line %d: %s", e.line, e.text);
        return NULL;
    }
    struct card_template *t = calloc(1, sizeof *t);
    struct card_parser p = { .why = why, .size = size };
    if (!t)
        card_parser_fault(&p, "out of memory");
    else
        parse_root(&p, root, t);
    json_decref(root);
    if (p.failed) {
        card_template_free(t);
        return NULL;
    }
    return t;
}

void card_template_free(struct card_template *t)
{
    free(t);
}
