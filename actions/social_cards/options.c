/* options.c - reads and checks what the caller asked for. */
#include <string.h>

#include "actions/social_cards/cards.h"

static const char *const default_presets[] = { "og", "x_card", "linkedin", "instagram_square", "story" };

/* Names of everything there is, for the caller who named something else. */
static char *preset_names(struct act_call *call)
{
    char *list = act_strdup(call, card_presets[0].name);
    for (size_t i = 1; i < card_preset_count; i++)
        list = act_printf(call, "%s, %s", list, card_presets[i].name);
    return list;
}

static char *template_names(struct act_call *call, const struct card_engine *e)
{
    char *list = act_strdup(call, card_engine_template_at(e, 0)->name);
    for (size_t i = 1; card_engine_template_at(e, i); i++)
        list = act_printf(call, "%s, %s", list, card_engine_template_at(e, i)->name);
    return list;
}

static bool has_preset(const struct cards_options *o, const struct card_preset *p)
{
    for (size_t i = 0; i < o->preset_count; i++)
        if (o->presets[i] == p)
            return true;
    return false;
}

static enum act_outcome read_presets(struct act_call *call, const json_t *list, struct cards_options *o)
{
    size_t n = json_array_size(list), faults = 0;
    for (size_t i = 0; i < (n ? n : sizeof default_presets / sizeof *default_presets); i++) {
        const char *name = n ? json_string_value(json_array_get(list, i)) : default_presets[i];
        const struct card_preset *p = card_preset_find(name ? name : "");
        if (!p) {
            act_refuse_detail(call, act_printf(call, "/presets/%zu", i), "unknown_preset",
                              "There is no preset \"%.40s\". Valid: %s.", name ? name : "", preset_names(call));
            faults++;
        } else if (!has_preset(o, p) && o->preset_count < CARDS_PRESETS_MAX)
            o->presets[o->preset_count++] = p;
    }
    if (faults)
        return act_refuse(call, "unknown_preset", "/presets", "Use presets of this list: %s.", preset_names(call));
    return ACT_OK;
}

static enum act_outcome read_template(struct act_call *call, const json_t *in, struct cards_options *o)
{
    const char *name = json_string_value(json_object_get(in, "template"));
    if (!name || !*name)
        return ACT_OK;
    o->template = card_engine_template(o->engine, name);
    if (!o->template)
        return act_refuse(call, "unknown_template", "/template", "There is no template \"%.40s\". Valid: %s.", name,
                          template_names(call, o->engine));
    return ACT_OK;
}

static enum act_outcome read_colors(struct act_call *call, const json_t *overrides, struct cards_options *o)
{
    static const char *const names[] = { "primaryColor", "secondaryColor", "accentColor" };
    for (size_t i = 0; i < 3; i++) {
        const char *s = json_string_value(json_object_get(overrides, names[i]));
        if (!s || !*s)
            continue;
        if (!card_color_parse(s, &o->color[i]))
            return act_refuse(call, "invalid_color", act_printf(call, "/overrides/%s", names[i]),
                              "\"%.20s\" is no colour. Write six or three hexadecimal digits, such as #0B3D91.", s);
        o->has_color[i] = true;
    }
    return ACT_OK;
}

static double focus(const json_t *overrides, const char *name)
{
    const json_t *v = json_object_get(overrides, name);
    return json_is_number(v) ? json_number_value(v) : -1;
}

static bool flag(const json_t *in, const char *name, bool otherwise)
{
    const json_t *v = json_object_get(in, name);
    return v ? json_is_true(v) : otherwise;
}

static void read_overrides(const json_t *overrides, struct cards_options *o)
{
    static const struct {
        const char *name;
        enum card_slot slot;
    } texts[] = { { "eyebrow", CARD_EYEBROW }, { "headline", CARD_HEADLINE }, { "subtitle", CARD_SUBTITLE },
                  { "cta", CARD_CTA },         { "figure", CARD_FIGURE },     { "brandName", CARD_BRAND },
                  { "person", CARD_PERSON },   { "role", CARD_PERSON_ROLE },  { "code", CARD_CODE } };
    const json_t *items = json_object_get(overrides, "items");
    for (size_t i = 0; i < json_array_size(items) && i < CARD_LIST_MOST; i++) {
        const json_t *item = json_array_get(items, i);
        o->text[CARD_ITEM + i] = json_string_value(json_object_get(item, "title"));
        o->text[CARD_ITEM_LINE + i] = json_string_value(json_object_get(item, "line"));
    }
    o->more_items = json_array_size(items) > CARD_LIST_MOST;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        o->text[texts[i].slot] = json_string_value(json_object_get(overrides, texts[i].name));
    o->logo_id = json_string_value(json_object_get(overrides, "logoDocumentId"));
    o->logo_other_id = json_string_value(json_object_get(overrides, "logoOtherDocumentId"));
    o->hero_id = json_string_value(json_object_get(overrides, "heroDocumentId"));
    o->focus_x = focus(overrides, "focusX");
    o->focus_y = focus(overrides, "focusY");
}

enum act_outcome cards_options(struct act_call *call, const json_t *in, struct cards_options *o)
{
    char why[200];
    *o = (struct cards_options){ .engine = cards_engine(why, sizeof why) };
    if (!o->engine) {
        act_log(call, ACT_LOG_ERROR, "cards: %s", why);
        return ACT_FAULT;
    }
    const json_t *overrides = json_object_get(in, "overrides");
    const char *format = json_string_value(json_object_get(in, "format"));
    o->format = !format || strcmp(format, "png") == 0 ? CARDS_PNG
                : strcmp(format, "jpeg") == 0         ? CARDS_JPEG
                                                      : CARDS_AUTO;
    o->locale = json_string_value(json_object_get(in, "locale"));
    o->preview = flag(in, "preview", false);
    o->safe_zones = flag(in, "safeZones", false);
    o->store = flag(in, "storeFiles", true) && !o->preview && !o->safe_zones;
    o->update_campaign = flag(in, "updateCampaign", true) && o->store;
    o->include_images = flag(in, "includeImages", false);
    o->allow_missing_fonts = flag(in, "allowMissingFonts", false);
    read_overrides(overrides, o);
    enum act_outcome outcome = read_presets(call, json_object_get(in, "presets"), o);
    if (outcome == ACT_OK)
        outcome = read_template(call, in, o);
    return outcome == ACT_OK ? read_colors(call, overrides, o) : outcome;
}
