/* template_words.c - the words of templates. */
#include "actions/social_cards/template_words.h"

#include <stdarg.h>
#include <stdio.h>

#include "actions/social_cards/design.h"

const char *const card_slot_names[CARD_SLOTS] = {
    "eyebrow", "headline", "subtitle", "cta",       "figure",    "date",      "brand",     "mark",      "eyebrow",
    "person",  "role",     "code",     "date",      "date",      "date",      "days left", "days left", "item",
    "item",    "item",     "item",     "item line", "item line", "item line", "item line", "number",
};

const struct card_word card_slot_words[] = {
    { "eyebrow", CARD_EYEBROW }, { "headline", CARD_HEADLINE }, { "subtitle", CARD_SUBTITLE },
    { "cta", CARD_CTA },         { "figure", CARD_FIGURE },     { "date", CARD_DATE },
    { "brand", CARD_BRAND },     { "mark", CARD_MARK },         { "kind", CARD_KIND },
    { "person", CARD_PERSON },   { "role", CARD_PERSON_ROLE },  { "code", CARD_CODE },
    { "item", CARD_ITEM },       { "line", CARD_ITEM_LINE },    { NULL, 0 }
};
const struct card_word card_role_words[] = { { "primary", CARD_PRIMARY }, { "secondary", CARD_SECONDARY },
                                             { "accent", CARD_ACCENT },   { "white", CARD_WHITE },
                                             { "tint1", CARD_TINT1 },     { "tint2", CARD_TINT2 },
                                             { "tint3", CARD_TINT3 },     { "shade1", CARD_SHADE1 },
                                             { "shade2", CARD_SHADE2 },   { "shade3", CARD_SHADE3 },
                                             { "lift", CARD_LIFT },       { "glow", CARD_GLOW },
                                             { "ground", CARD_GROUND },   { "ink", CARD_INK },
                                             { "disc", CARD_DISC },       { "ray", CARD_RAY },
                                             { "line", CARD_LINE },       { "quote", CARD_QUOTE },
                                             { "auto", CARD_AUTO },       { "soft", CARD_SOFT },
                                             { "on", CARD_ON },           { NULL, 0 } };
const struct card_word card_flow_words[] = {
    { "diagonal", CARD_DIAGONAL }, { "vertical", CARD_VERTICAL }, { "horizontal", CARD_HORIZONTAL }, { NULL, 0 }
};
const struct card_word card_shape_words[] = {
    { "rect", CARD_RECT }, { "arch", CARD_ARCH }, { "circle", CARD_CIRCLE }, { "cutout", CARD_CUTOUT }, { NULL, 0 }
};
const struct card_word card_has_words[] = { { "hero", CARD_HAS_HERO },
                                            { "figure", CARD_HAS_FIGURE },
                                            { "date", CARD_HAS_DATE },
                                            { "person", CARD_HAS_PERSON },
                                            { "items", CARD_HAS_ITEMS },
                                            { "code", CARD_HAS_CODE },
                                            { "left", CARD_HAS_LEFT },
                                            { "logo", CARD_HAS_LOGO },
                                            { "eyebrow", CARD_HAS_EYEBROW },
                                            { "mark", CARD_HAS_MARK },
                                            { "sharp", CARD_HAS_SHARP },
                                            { "cutout", CARD_HAS_CUTOUT },
                                            { NULL, 0 } };
const struct card_word card_anchor_words[] = {
    { "top", CARD_TOP }, { "middle", CARD_MIDDLE }, { "bottom", CARD_BOTTOM }, { "spread", CARD_SPREAD }, { NULL, 0 }
};
const struct card_word card_align_words[] = {
    { "start", CARD_START }, { "center", CARD_CENTER }, { "end", CARD_END }, { NULL, 0 }
};
const struct card_word card_ground_words[] = { { "brand", CARD_GROUND_BRAND }, { "light", CARD_GROUND_LIGHT },
                                               { "tint", CARD_GROUND_TINT },   { "dark", CARD_GROUND_DARK },
                                               { "night", CARD_GROUND_NIGHT }, { NULL, 0 } };
const struct card_word card_op_words[] = { { "fill", CARD_OP_FILL },     { "gradient", CARD_OP_GRADIENT },
                                           { "mesh", CARD_OP_MESH },     { "photo", CARD_OP_PHOTO },
                                           { "veil", CARD_OP_VEIL },     { "disc", CARD_OP_DISC },
                                           { "tiles", CARD_OP_TILES },   { "rays", CARD_OP_RAYS },
                                           { "rings", CARD_OP_RINGS },   { "dots", CARD_OP_DOTS },
                                           { "arcs", CARD_OP_ARCS },     { "laurel", CARD_OP_LAUREL },
                                           { "mark", CARD_OP_MARK },     { "frame", CARD_OP_FRAME },
                                           { "arrow", CARD_OP_ARROW },   { "progress", CARD_OP_PROGRESS },
                                           { "brand", CARD_OP_BRAND },   { "badge", CARD_OP_BADGE },
                                           { "date", CARD_OP_DATE },     { "rows", CARD_OP_ROWS },
                                           { "count", CARD_OP_COUNT },   { "figure", CARD_OP_BIG_FIGURE },
                                           { "ticket", CARD_OP_TICKET }, { "emblem", CARD_OP_EMBLEM },
                                           { "stack", CARD_OP_STACK },   { NULL, 0 } };

void card_parser_fault(struct card_parser *p, const char *fmt, ...)
{
    if (p->failed)
        return;
    p->failed = true;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(p->why, p->size, fmt, ap);
    va_end(ap);
}
