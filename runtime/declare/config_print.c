/* config_print.c - the settings for people: by group, what is changed marked, no line over 100 columns; or as a table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/declare/config_parts.h"

enum {
    COLUMNS = 100,
    NAME = 28,         /* columns of a name with the blanks behind it */
    VALUE = 68,        /* of a value on a line */
    BESIDE = 44,       /* of a changed value and its default, where both stand on one line */
    MEANING_INDENT = 4 /* of what it means, below */
};

/* A group begins with this setting of the host, in the order of config_table. */
static const struct {
    const char *first, *title;
} groups[] = {
    { "PORT", "Where it listens" },
    { "HEROKU_APPLINK_ADDON_NAME", "Heroku AppLink, and who may call" },
    { "ORG_HOSTS", "Where tokens and fetches may go" },
    { "WORKERS_MIN", "Workers, queues, deadlines" },
    { "DATABASE_URL", "Jobs" },
    { "CONNECTIONS_MAX", "Connections" },
    { "DOCS", "Pages and log" },
};

struct row {
    const char *name, *fallback, *help;
    bool secret;
};

static bool given(const char *text)
{
    return text && *text;
}

static void print_markdown(const struct row *r)
{
    const char *tick = given(r->fallback) ? "`" : "";
    printf("| `%s` | %s%s%s | %s |\n", r->name, tick, given(r->fallback) ? r->fallback : "none", tick, r->help);
}

/* At most `width` bytes of a value on each line; what a terminal would obey is shown as "?". */
static void print_value(const char *value, size_t width)
{
    for (size_t n = 0; *value; value++, n++) {
        if (n == width) {
            printf("\n%*s", NAME + 1, "");
            n = 0;
        }
        putchar(char_control(*value) ? '?' : *value);
    }
}

/* Words between the indent and COLUMNS; a word that is longer than that stands alone. */
static void print_meaning(const char *text)
{
    int column = MEANING_INDENT;
    printf("%*s", MEANING_INDENT, "");
    for (size_t n; *text; text += n + strspn(text + n, " ")) {
        n = strcspn(text, " ");
        if (column > MEANING_INDENT && column + 1 + (int)n > COLUMNS) {
            printf("\n%*s", MEANING_INDENT, "");
            column = MEANING_INDENT;
        }
        column += printf("%s%.*s", column > MEANING_INDENT ? " " : "", (int)n, text);
    }
    putchar('\n');
}

static void print_row(const struct row *r)
{
    const char *own = getenv(r->name), *fallback = given(r->fallback) ? r->fallback : "none";
    bool changed = given(own) && strcmp(own, fallback) != 0;
    const char *value = changed && r->secret ? "********" : given(own) ? own : given(r->fallback) ? r->fallback : "-";
    bool beside = strlen(value) + strlen(fallback) <= BESIDE;
    printf("%-*s ", NAME, r->name);
    print_value(value, VALUE);
    if (changed)
        printf("%s%*s", beside ? "" : "\n", beside ? 2 : MEANING_INDENT, "");
    if (changed) {
        fputs("* changed, default: ", stdout);
        print_value(fallback, VALUE);
    }
    putchar('\n');
    print_meaning(r->help);
}

static void print_group(const char *title)
{
    printf("\n%s\n", title);
}

static const char *title_of(const char *first)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (strcmp(groups[i].first, first) == 0)
            return groups[i].title;
    return NULL;
}

/* Whether an action before this one declares the setting: two that share one are one row. */
static bool declared_before(const struct declarations *d, size_t i, const char *name)
{
    while (i-- > 0)
        if (declaration_setting_row(&d->v[i], name))
            return true;
    return false;
}

static void print_action(const struct declarations *d, size_t i, bool markdown)
{
    bool titled = markdown;
    size_t k;
    const json_t *s;
    json_array_foreach (json_object_get(d->v[i].root, "settings"), k, s) {
        const struct row row = { declaration_text(s, "name"), declaration_text(s, "default"),
                                 declaration_text(s, "description"), json_is_true(json_object_get(s, "secret")) };
        if (declared_before(d, i, row.name))
            continue;
        if (!titled)
            print_group(d->v[i].operation_id);
        titled = true;
        if (markdown)
            print_markdown(&row);
        else
            print_row(&row);
    }
}

void config_print(const struct declarations *d, bool markdown)
{
    if (markdown)
        printf("| setting | default | meaning |\n|---|---|---|\n");
    else
        printf("%-*s %s\n", NAME, "SETTING", "VALUE");
    for (const struct setting *s = config_table; s->name; s++) {
        const struct row row = { s->name, s->fallback, s->help, s->kind == SECRET };
        const char *title = markdown ? NULL : title_of(s->name);
        if (title)
            print_group(title);
        if (markdown)
            print_markdown(&row);
        else
            print_row(&row);
    }
    for (size_t i = 0; i < d->n; i++)
        print_action(d, i, markdown);
}
