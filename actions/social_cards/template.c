/* template.c - JSON to drawing operations. Whatever is not understood is a fault: a typing error must not pass in
 * silence. */
#include "actions/social_cards/template.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const card_slot_names[CARD_SLOTS] = { "eyebrow", "headline", "subtitle", "cta",
                                                  "figure",  "date",     "brand",    "mark" };

struct word {
    const char *name;
    int value;
};

static const struct word slot_words[] = {
    { "eyebrow", CARD_EYEBROW }, { "headline", CARD_HEADLINE }, { "subtitle", CARD_SUBTITLE },
    { "cta", CARD_CTA },         { "figure", CARD_FIGURE },     { "date", CARD_DATE },
    { "brand", CARD_BRAND },     { "mark", CARD_MARK },         { NULL, 0 }
};
static const struct word role_words[] = {
    { "primary", CARD_PRIMARY }, { "secondary", CARD_SECONDARY }, { "accent", CARD_ACCENT }, { "paper", CARD_PAPER },
    { "ink", CARD_INK },         { "white", CARD_WHITE },         { "black", CARD_BLACK },   { "tint", CARD_TINT },
    { "shade", CARD_SHADE },     { "auto", CARD_AUTO },           { "soft", CARD_SOFT },     { NULL, 0 }
};
static const struct word flow_words[] = { { "diagonal", CARD_DIAGONAL },
                                          { "steep", CARD_STEEP },
                                          { "vertical", CARD_VERTICAL },
                                          { "horizontal", CARD_HORIZONTAL },
                                          { NULL, 0 } };
static const struct word shape_words[] = { { "rect", CARD_RECT },
                                           { "round", CARD_ROUND },
                                           { "circle", CARD_CIRCLE },
                                           { "ring", CARD_RING },
                                           { "dots", CARD_DOTS },
                                           { "stripes", CARD_STRIPES },
                                           { NULL, 0 } };
static const struct word when_words[] = { { "hero", CARD_HERO },
                                          { "noHero", CARD_NO_HERO },
                                          { "figure", CARD_WITH_FIGURE },
                                          { "noFigure", CARD_NO_FIGURE },
                                          { NULL, 0 } };
static const struct word anchor_words[] = {
    { "top", CARD_TOP }, { "middle", CARD_MIDDLE }, { "bottom", CARD_BOTTOM }, { NULL, 0 }
};
static const struct word op_words[] = { { "fill", CARD_OP_FILL },   { "gradient", CARD_OP_GRADIENT },
                                        { "photo", CARD_OP_PHOTO }, { "scrim", CARD_OP_SCRIM },
                                        { "shape", CARD_OP_SHAPE }, { "logo", CARD_OP_LOGO },
                                        { "stack", CARD_OP_STACK }, { NULL, 0 } };
static const char *const class_names[CARD_CLASSES] = { "landscape", "square", "story" };

struct parser {
    char *why;
    size_t size;
    bool failed;
};

static void fault(struct parser *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void fault(struct parser *p, const char *fmt, ...)
{
    if (p->failed)
        return;
    p->failed = true;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(p->why, p->size, fmt, ap);
    va_end(ap);
}

static int word(struct parser *p, const struct word *words, const json_t *v, const char *key)
{
    const char *s = json_string_value(v);
    for (; s && words->name; words++)
        if (strcmp(words->name, s) == 0)
            return words->value;
    fault(p, "\"%s\": \"%s\" is none of the known words", key, s ? s : "(not a string)");
    return 0;
}

static double number(struct parser *p, const json_t *v, const char *key)
{
    if (!json_is_number(v) || json_number_value(v) < -200 || json_number_value(v) > 400)
        fault(p, "\"%s\" must be a number from -200 to 400", key);
    return json_number_value(v);
}

static void numbers(struct parser *p, const json_t *v, const char *key, double *out, size_t n)
{
    if (!json_is_array(v) || json_array_size(v) != n) {
        fault(p, "\"%s\" must be a list of %zu numbers", key, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = number(p, json_array_get(v, i), key);
}

static void box(struct parser *p, const json_t *v, const char *key, struct card_box *b)
{
    double n[4] = { 0 };
    numbers(p, v, key, n, 4);
    *b = (struct card_box){ n[0], n[1], n[2], n[3] };
}

static void parse_item(struct parser *p, json_t *json, struct card_item *item)
{
    *item = (struct card_item){ .style = { .weight = PANGO_WEIGHT_MEDIUM, .leading = 1.2 },
                                .lines = 1,
                                .color = CARD_AUTO,
                                .fill = CARD_ACCENT,
                                .gap = 3 };
    const char *key;
    json_t *v;
    double pair[2] = { 0 };
    json_object_foreach (json, key, v) {
        if (strcmp(key, "text") == 0)
            item->slot = (enum card_slot)word(p, slot_words, v, key);
        else if (strcmp(key, "pill") == 0)
            item->kind = CARD_ITEM_PILL, item->slot = (enum card_slot)word(p, slot_words, v, key);
        else if (strcmp(key, "rule") == 0) {
            item->kind = CARD_ITEM_RULE;
            numbers(p, v, key, pair, 2);
            item->width = pair[0], item->height = pair[1];
        } else if (strcmp(key, "size") == 0) {
            numbers(p, v, key, pair, 2);
            item->min = pair[0], item->max = pair[1];
        } else if (strcmp(key, "weight") == 0)
            item->style.weight = (PangoWeight)(100 * number(p, v, key)); /* 4 to 9, as in 400 to 900 */
        else if (strcmp(key, "display") == 0)
            item->style.display = json_is_true(v);
        else if (strcmp(key, "upper") == 0)
            item->style.upper = json_is_true(v);
        else if (strcmp(key, "balance") == 0)
            item->balance = json_is_true(v);
        else if (strcmp(key, "tracking") == 0)
            item->style.tracking = number(p, v, key);
        else if (strcmp(key, "leading") == 0)
            item->style.leading = number(p, v, key);
        else if (strcmp(key, "gap") == 0)
            item->gap = number(p, v, key);
        else if (strcmp(key, "lines") == 0)
            item->lines = (int)number(p, v, key);
        else if (strcmp(key, "color") == 0)
            item->color = (enum card_role)word(p, role_words, v, key);
        else if (strcmp(key, "fill") == 0)
            item->fill = (enum card_role)word(p, role_words, v, key);
        else
            fault(p, "unknown member \"%s\" in an item", key);
    }
    if (item->kind != CARD_ITEM_RULE && (item->min <= 0 || item->max < item->min || item->lines < 1))
        fault(p, "an item needs \"size\": [least, most] and at least one line");
}

static void parse_items(struct parser *p, const json_t *v, struct card_op *op)
{
    if (!json_is_array(v) || json_array_size(v) > CARD_ITEMS_MAX) {
        fault(p, "\"items\" must be a list of at most %d", CARD_ITEMS_MAX);
        return;
    }
    for (size_t i = 0; i < json_array_size(v); i++)
        parse_item(p, json_array_get(v, i), &op->item[op->items++]);
}

static void parse_op(struct parser *p, json_t *json, struct card_op *op)
{
    *op = (struct card_op){ .box = { 0, 0, 100, 100 }, .alpha = 1, .alpha2 = 1, .mirror = true };
    const char *key;
    json_t *v;
    json_object_foreach (json, key, v) {
        if (strcmp(key, "op") == 0)
            op->kind = (enum card_op_kind)word(p, op_words, v, key);
        else if (strcmp(key, "when") == 0)
            op->when = (enum card_when)word(p, when_words, v, key);
        else if (strcmp(key, "box") == 0)
            box(p, v, key, &op->box);
        else if (strcmp(key, "color") == 0)
            op->color = (enum card_role)word(p, role_words, v, key);
        else if (strcmp(key, "to") == 0)
            op->color2 = (enum card_role)word(p, role_words, v, key);
        else if (strcmp(key, "alpha") == 0)
            op->alpha = number(p, v, key);
        else if (strcmp(key, "alphaTo") == 0)
            op->alpha2 = number(p, v, key);
        else if (strcmp(key, "flow") == 0)
            op->flow = (enum card_flow)word(p, flow_words, v, key);
        else if (strcmp(key, "shape") == 0)
            op->shape = (enum card_shape)word(p, shape_words, v, key);
        else if (strcmp(key, "radius") == 0)
            op->radius = number(p, v, key);
        else if (strcmp(key, "thickness") == 0)
            op->thickness = number(p, v, key);
        else if (strcmp(key, "anchor") == 0)
            op->anchor = (enum card_anchor)word(p, anchor_words, v, key);
        else if (strcmp(key, "center") == 0)
            op->center = json_is_true(v);
        else if (strcmp(key, "end") == 0)
            op->end = json_is_true(v);
        else if (strcmp(key, "name") == 0)
            op->name = json_is_true(v);
        else if (strcmp(key, "mirror") == 0)
            op->mirror = json_is_true(v);
        else if (strcmp(key, "items") == 0)
            parse_items(p, v, op);
        else
            fault(p, "unknown member \"%s\"", key);
    }
    if (!json_object_get(json, "op"))
        fault(p, "an operation without \"op\"");
    if (op->color >= CARD_ROLES || op->color2 >= CARD_ROLES)
        fault(p, "\"auto\" and \"soft\" are colours of texts only");
}

static void parse_layouts(struct parser *p, const json_t *layouts, struct card_template *t)
{
    for (int c = 0; c < CARD_CLASSES && !p->failed; c++) {
        const json_t *ops = json_object_get(layouts, class_names[c]);
        size_t n = json_array_size(ops);
        if (n == 0 || n > CARD_OPS_MAX) {
            fault(p, "layout \"%s\" must have 1 to %d operations", class_names[c], CARD_OPS_MAX);
            return;
        }
        for (size_t i = 0; i < n; i++)
            parse_op(p, json_array_get(ops, i), &t->layout[c].op[t->layout[c].ops++]);
    }
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
    struct parser p = { .why = why, .size = size };
    const char *name, *title;
    json_t *layouts;
    int photo = 0;
    if (!t)
        fault(&p, "out of memory");
    else if (json_unpack_ex(root, &e, JSON_STRICT, "{s:s, s:s, s:i, s?:b, s?:s, s:o}", "name", &name, "title", &title,
                            "version", &t->version, "photo", &photo, "description", &(const char *){ NULL }, "layouts",
                            &layouts) < 0)
        fault(&p, "%s", e.text);
    else {
        snprintf(t->name, sizeof t->name, "%s", name);
        snprintf(t->title, sizeof t->title, "%s", title);
        t->photo = photo;
        parse_layouts(&p, layouts, t);
    }
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
