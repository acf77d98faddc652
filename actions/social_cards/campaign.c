/* campaign.c - what the org, or the caller, says about a campaign becomes the texts and colours of its cards. */
#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/social_cards/cards.h"
#include "actions/social_cards/dates.h"

static const char *const fields[] = { "Type",
                                      "StartDate",
                                      "EndDate",
                                      "Description",
                                      "Headline__c",
                                      "Subtitle__c",
                                      "Call_To_Action__c",
                                      "Brand_Name__c",
                                      "Brand_Color__c",
                                      "Secondary_Color__c",
                                      "Accent_Color__c",
                                      "Template__c",
                                      "Locale__c",
                                      "Logo_Document_Id__c",
                                      "Hero_Document_Id__c",
                                      "Figure__c" };

void cards_note(struct act_call *call, struct cards_job *job, const char *fmt, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    char *valid = g_utf8_make_valid(text, -1); /* a name that was cut inside a character would lose the sentence */
    if (job->notes < CARDS_NOTES_MAX)
        job->note[job->notes++] = act_strdup(call, valid);
    g_free(valid);
}

/* ---- Texts ---- */

static char *cleaned(struct act_call *call, struct cards_job *job, enum card_slot slot, const char *in)
{
    struct card_cleaning did = { 0 };
    char *clean = in ? card_text_clean(in, &did) : NULL;
    char *out = act_strdup(call, clean ? clean : "");
    free(clean);
    if (did.cut)
        cards_note(call, job, "The %s has more than %d characters; the rest was left out.", card_slot_names[slot],
                   CARD_TEXT_CHARS);
    if (did.removed)
        cards_note(call, job, "Characters that cannot be shown or that turn text around were taken out of the %s.",
                   card_slot_names[slot]);
    return out;
}

/* What the caller gave, even when it is empty and so means none; else the first of several sources that has something
 * to show. A card without a headline would say nothing, so an empty one counts as not given. */
static void take(struct act_call *call, struct cards_job *job, enum card_slot slot, const char *const *sources,
                 size_t n)
{
    const char *given = job->options->text[slot];
    job->text[slot] = given ? cleaned(call, job, slot, given) : act_strdup(call, "");
    if (given && slot != CARD_HEADLINE)
        return;
    for (size_t i = 0; i < n && !*job->text[slot]; i++)
        if (sources[i])
            job->text[slot] = cleaned(call, job, slot, sources[i]);
}

struct facts {
    const char *name, *type, *from, *to, *description, *headline, *subtitle, *cta, *figure, *brand, *color[3],
        *template, *locale, *logo, *hero;
};

/* Whether a name is one that colleagues give: parts joined by underscores, or a version as the last but few of them. */
static bool looks_internal(const char *name)
{
    if (strchr(name, '_'))
        return true;
    for (const char *p = name; *p; p++)
        if ((*p == 'v' || *p == 'V') && p[1] >= '0' && p[1] <= '9' && (p == name || strchr(" -.(", p[-1])) &&
            !g_ascii_isalpha(p[1 + strspn(p + 1, "0123456789.")]))
            return true;
    return false;
}

/* The name of a campaign is seen by colleagues only, until a card says it to everybody. */
static void note_headline(struct act_call *call, struct cards_job *job, const struct facts *f)
{
    const char *given = job->options->text[CARD_HEADLINE];
    const char *const written[] = { given, f->headline };
    for (size_t i = 0; i < 2; i++) {
        struct card_cleaning did = { 0 };
        char *clean = written[i] ? card_text_clean(written[i], &did) : NULL;
        bool said = clean && *clean;
        free(clean);
        if (said)
            return;
    }
    const char *name = job->text[CARD_HEADLINE];
    job->headline_from_name = true;
    cards_note(call, job, "The headline is the campaign's name \"%.80s\"%s", name,
               looks_internal(name)
                   ? ", which looks like one for colleagues and is not fit to be published. Write Headline__c or give "
                     "overrides.headline."
                   : ", as no headline was written. Check that it is meant for the audience, or write Headline__c or "
                     "give overrides.headline.");
}

/* A description is for colleagues: only its first sentence, and only when it is short, goes on a card. */
static const char *first_sentence(struct act_call *call, const char *text)
{
    enum { MOST = 140 };
    if (!text)
        return NULL;
    text += strspn(text, " \t\r\n");
    size_t n = strcspn(text, "\r\n");
    for (size_t i = 0; i + 1 < n; i++)
        if (strchr(".!?", text[i]) && text[i + 1] == ' ') {
            n = i + 1;
            break;
        }
    return n && n <= MOST ? act_printf(call, "%.*s", (int)n, text) : NULL;
}

/* The kinds of campaign that say something to the audience; the others name a channel. */
static bool is_event(const char *type)
{
    static const char *const events[] = { "Conference", "Webinar", "Trade Show" };
    for (size_t i = 0; type && i < sizeof events / sizeof *events; i++)
        if (strcmp(events[i], type) == 0)
            return true;
    return false;
}

/* The kind of event and its days: together above the headline, and each by itself for designs that part them. */
static void take_days(struct act_call *call, struct cards_job *job, const struct facts *f)
{
    char days[240];
    const char *line = NULL, *kind = NULL;
    struct card_day_parts parts;
    struct card_days_left left;
    if (!card_dates(f->from, f->to, job->locale, days, sizeof days))
        cards_note(call, job, "The campaign ends on %.10s, before it begins; the cards are made without its dates.",
                   f->to);
    bool english = !*job->locale || strncmp(job->locale, "en", 2) == 0;
    if (!job->options->text[CARD_EYEBROW]) {
        kind = english && is_event(f->type) ? f->type : NULL;
        line = !kind ? act_strdup(call, days) : *days ? act_printf(call, "%s \xc2\xb7 %s", kind, days) : kind;
    }
    take(call, job, CARD_EYEBROW, &line, 1);
    job->text[CARD_KIND] =
        job->options->text[CARD_EYEBROW] ? job->text[CARD_EYEBROW] : act_strdup(call, kind ? kind : "");
    job->text[CARD_DATE] = act_strdup(call, days);
    if (card_day_parts(f->from, f->to, job->locale, &parts)) {
        job->text[CARD_DAY] = act_strdup(call, parts.day);
        job->text[CARD_MONTH] = act_strdup(call, parts.month);
        job->text[CARD_WEEKDAY] = act_strdup(call, parts.week);
    }
    /* what counts down is another card every day: only where it is shown */
    if (job->template->needs & CARD_HAS_LEFT &&
        card_days_left(f->from, f->to, (int64_t)act_now(call), job->locale, &left)) {
        job->text[CARD_LEFT] = act_strdup(call, left.number);
        job->text[CARD_LEFT_UNIT] = act_strdup(call, left.unit);
        job->left = left.part;
    }
}

static void choose_palette(struct act_call *call, struct cards_job *job, const char *const hex[3])
{
    const struct cards_options *o = job->options;
    struct card_rgb c[3];
    const struct card_rgb *given[3] = { NULL };
    for (size_t i = 0; i < 3; i++) {
        if (o->has_color[i])
            c[i] = o->color[i], given[i] = &c[i];
        else if (hex[i] && *hex[i]) {
            if (card_color_parse(hex[i], &c[i]))
                given[i] = &c[i];
            else
                cards_note(call, job,
                           "The campaign's colour \"%.20s\" is none; write six hexadecimal digits, such as #0B3D91.",
                           hex[i]);
        }
    }
    card_palette_make(&job->palette, given[0], given[1], given[2]);
}

static void choose_template(struct act_call *call, struct cards_job *job, const char *own)
{
    const struct cards_options *o = job->options;
    job->template = o->template ? o->template : own ? card_engine_template(o->engine, own) : NULL;
    if (job->template)
        return;
    if (own && *own)
        cards_note(call, job, "The campaign's template \"%.40s\" does not exist; \"gradient\" was used.", own);
    job->template = card_engine_template(o->engine, "gradient");
}

/* FNV-1a: the same campaign has the same ornaments every time. */
static uint32_t seed_of(const char *id)
{
    uint32_t h = 2166136261u;
    for (; *id; id++)
        h = (h ^ (uint8_t)*id) * 16777619u;
    return h;
}

static void apply(struct act_call *call, struct cards_job *job, const struct facts *f)
{
    const struct cards_options *o = job->options;
    job->name = act_strdup(call, f->name ? f->name : "");
    job->locale = act_strdup(call, o->locale && *o->locale ? o->locale : f->locale ? f->locale : "");
    take(call, job, CARD_HEADLINE, (const char *const[]){ f->headline, job->name, "Campaign" }, 3);
    note_headline(call, job, f);
    take(call, job, CARD_SUBTITLE, (const char *const[]){ f->subtitle, first_sentence(call, f->description) }, 2);
    take(call, job, CARD_CTA, &f->cta, 1);
    take(call, job, CARD_BRAND, &f->brand, 1);
    take(call, job, CARD_FIGURE, &f->figure, 1);
    for (int slot = CARD_PERSON; slot < CARD_NUMBER; slot++)
        if (slot <= CARD_CODE || slot >= CARD_ITEM)
            take(call, job, (enum card_slot)slot, NULL, 0);
    if (o->more_items)
        cards_note(call, job, "A card shows a list of at most %d; the others were left out.", CARD_LIST_MOST);
    choose_palette(call, job, f->color);
    choose_template(call, job, f->template);
    take_days(call, job, f);
    job->seed = seed_of(*job->id ? job->id : job->name);
    job->logo_other_id = o->logo_other_id ? o->logo_other_id : "";
    job->logo_id = o->logo_id ? o->logo_id : f->logo ? act_strdup(call, f->logo) : "";
    job->hero_id = o->hero_id ? o->hero_id : f->hero ? act_strdup(call, f->hero) : "";
}

static void apply_record(struct act_call *call, struct cards_job *job, const json_t *r)
{
    apply(call, job,
          &(struct facts){ .name = sf_get_text(r, "Name"),
                           .type = sf_get_text(r, "Type"),
                           .from = sf_get_text(r, "StartDate"),
                           .to = sf_get_text(r, "EndDate"),
                           .description = sf_get_text(r, "Description"),
                           .headline = sf_get_text(r, "Headline__c"),
                           .subtitle = sf_get_text(r, "Subtitle__c"),
                           .cta = sf_get_text(r, "Call_To_Action__c"),
                           .figure = sf_get_text(r, "Figure__c"),
                           .brand = sf_get_text(r, "Brand_Name__c"),
                           .color = { sf_get_text(r, "Brand_Color__c"), sf_get_text(r, "Secondary_Color__c"),
                                      sf_get_text(r, "Accent_Color__c") },
                           .template = sf_get_text(r, "Template__c"),
                           .locale = sf_get_text(r, "Locale__c"),
                           .logo = sf_get_text(r, "Logo_Document_Id__c"),
                           .hero = sf_get_text(r, "Hero_Document_Id__c") });
    job->found = true;
}

bool cards_load(struct act_call *call, struct cards_job *jobs, size_t n, struct sf_error *err)
{
    const char *ids[CARDS_CAMPAIGNS_MAX];
    struct sf_rows *rows;
    for (size_t i = 0; i < n; i++)
        ids[i] = jobs[i].id;
    if (!sf_query(act_org(call), &rows, err, "SELECT Id, Name? FROM Campaign WHERE Id IN ?",
                  sf_optional("Campaign", fields, sizeof fields / sizeof *fields), sf_ids(ids, n)))
        return false;
    for (const json_t *r; (r = sf_next(rows, err)) != NULL;) {
        const char *id = sf_get_text(r, "Id");
        for (size_t i = 0; id && i < n; i++)
            if (strcmp(jobs[i].id, id) == 0)
                apply_record(call, &jobs[i], r);
    }
    return *err->code == 0;
}

void cards_from_input(struct act_call *call, struct cards_job *job, const json_t *campaign)
{
    static const char *const members[][2] = { { "name", "Name" },
                                              { "campaignType", "Type" },
                                              { "startDate", "StartDate" },
                                              { "endDate", "EndDate" },
                                              { "description", "Description" } };
    job->create = act_own(call, json_object());
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        json_t *v = json_object_get(campaign, members[i][0]);
        if (v)
            json_object_set(job->create, members[i][1], v);
    }
    apply(call, job,
          &(struct facts){ .name = sf_get_text(job->create, "Name"),
                           .type = sf_get_text(job->create, "Type"),
                           .from = sf_get_text(job->create, "StartDate"),
                           .to = sf_get_text(job->create, "EndDate"),
                           .description = sf_get_text(job->create, "Description") });
    job->found = job->created = true;
}
