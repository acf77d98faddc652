/* config_parts.h - what the files of the settings share: the table, and where a setting's text comes from. */
#ifndef ACTIONHOST_DECLARE_CONFIG_PARTS_H
#define ACTIONHOST_DECLARE_CONFIG_PARTS_H

#include "runtime/declare/config.h"

enum setting_kind {
    TEXT,
    SECRET, /* a text that is never shown */
    NUMBER,
    MODE,    /* enum auth_mode */
    BINDING, /* enum bind_user */
    LEVEL,   /* enum log_level */
    ON_OFF,  /* bool */
    LATER    /* how it is read depends on other settings: config.c reads it when those are known */
};

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t offset;        /* in struct config; 0 for LATER */
    long min, max;        /* of a NUMBER */
    const char *fallback; /* NULL = none */
    const char *help;
    bool addon; /* only the front may know it */
};

/* Ends with a row without name. */
extern const struct setting config_table[];

/* What the environment says, else the default; NULL = neither. An empty value is none. Lives as long as the program. */
const char *config_text(const struct setting *s);

/*
 * Finds the attachment of the add-on that HEROKU_APPLINK_ADDON_NAME means, by URL, name or colour; sets addon_url as it
 * stands in the environment and addon_token, both of the same attachment. One line in `faults` for each that is
 * missing.
 */
void config_resolve_addon(struct config *c, struct buf *faults);

#endif
