/* config_print.c - the settings for people: a table of names, values, defaults and meanings. */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/declare/config_parts.h"

static void print_row(bool markdown, const char *name, const char *value, const char *fallback, const char *help)
{
    if (markdown)
        printf("| `%s` | %s%s%s | %s |\n", name, fallback && *fallback ? "`" : "",
               fallback && *fallback ? fallback : "none", fallback && *fallback ? "`" : "", help);
    else
        printf("%-28s %-24s %-22s %s\n", name, value, fallback && *fallback ? fallback : "none", help);
}

static const char *shown(const char *name, const char *fallback, bool secret)
{
    const char *value = getenv(name);
    if (!value || !*value)
        return fallback && *fallback ? fallback : "-";
    return secret ? "********" : value;
}

/* Whether an action before this one declares the setting: two that share one are one row. */
static bool declared_before(const struct declarations *d, size_t i, const char *name)
{
    while (name && i-- > 0)
        if (declaration_setting_row(&d->v[i], name))
            return true;
    return false;
}

void config_print(const struct declarations *d, bool markdown)
{
    if (markdown)
        printf("| setting | default | meaning |\n|---|---|---|\n");
    else
        printf("%-28s %-24s %-22s %s\n", "SETTING", "VALUE", "DEFAULT", "MEANING");
    for (const struct setting *s = config_table; s->name; s++)
        print_row(markdown, s->name, shown(s->name, s->fallback, s->kind == SECRET), s->fallback, s->help);
    for (size_t i = 0; i < d->n; i++) {
        size_t k;
        const json_t *s;
        json_array_foreach (json_object_get(d->v[i].root, "settings"), k, s) {
            const char *name = json_string_value(json_object_get(s, "name"));
            const char *fallback = json_string_value(json_object_get(s, "default"));
            const char *help = json_string_value(json_object_get(s, "description"));
            bool secret = json_is_true(json_object_get(s, "secret"));
            if (declared_before(d, i, name))
                continue;
            print_row(markdown, name ? name : "", shown(name ? name : "", fallback, secret), fallback,
                      help ? help : "");
        }
    }
}
