/* settings_check.c - the settings of the actions, and what the host's own ones point to. */
#include "runtime/settings_check.h"

#include <stdarg.h>
#include <stdio.h>

struct act_settings {
    const struct declaration *action;
    struct buf *faults;
};

const char *act_settings_get(const struct act_settings *settings, const char *name)
{
    return declaration_setting(settings->action, name);
}

void act_settings_fault(struct act_settings *settings, const char *name, const char *fmt, ...)
{
    const json_t *row = declaration_setting_row(settings->action, name);
    const char *value = declaration_setting(settings->action, name);
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    config_fault(settings->faults, name, json_is_true(json_object_get(row, "secret")) ? NULL : value, text);
}

bool settings_check_actions(const struct declarations *d, struct buf *faults)
{
    size_t before = faults->n;
    for (size_t i = 0; i < d->n; i++) {
        struct act_settings settings = { &d->v[i], faults };
        if (d->v[i].row->action->check)
            d->v[i].row->action->check(&settings);
    }
    return faults->n == before && !faults->failed;
}
