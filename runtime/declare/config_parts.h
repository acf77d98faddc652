/* config_parts.h - what the files of the settings share: the table, and where a setting's text comes from. */
#ifndef ACTIONHOST_DECLARE_CONFIG_PARTS_H
#define ACTIONHOST_DECLARE_CONFIG_PARTS_H

#include "runtime/declare/config.h"

/* What the names of an add-on's variables end with. */
#define CONFIG_URL_SUFFIX "_API_URL"
#define CONFIG_TOKEN_SUFFIX "_TOKEN"

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
    enum setting_owner owner;
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

/* What is said of the database, of JOBS_RUN and of the keys, once their texts are read. */
void config_resolve_jobs(struct config *c, struct buf *faults);

/* Whether it is the URL of a loopback address: the only case in which plain http is accepted. NULL is none. */
bool config_is_loopback(const char *url);

/* To whom listen subscribes, and where; after config_resolve_jobs. */
void config_resolve_events(struct config *c, struct buf *faults);

/* Of a setting in the table: what config_text says. */
const char *config_text_of(const char *name);

/* The place of `text` among words that end with NULL, -1 when it is none of them. */
int config_word(const char *text, const char *const words[]);

#endif
