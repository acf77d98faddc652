/*
 * cards.h - the operation between JSON and the org: options of a call, campaigns, the cards of each, their files in the
 * org. Used by generateSocialCards and generateSocialCardsBulk.
 */
#ifndef ACTIONHOST_CARDS_CARDS_H
#define ACTIONHOST_CARDS_CARDS_H

#include "actions/social_cards/advice.h"
#include "actions/social_cards/alt.h"
#include "actions/social_cards/card.h"
#include "actions/social_cards/encode.h"
#include "runtime/action.h"

enum { CARDS_PRESETS_MAX = 9, CARDS_NOTES_MAX = 12, CARDS_CAMPAIGNS_MAX = 20 };

/* The engine of this process: opened once by .start, as fonts are costly. Borrowed; NULL with a sentence in `why`. */
struct card_engine *cards_engine(char *why, size_t size);

enum cards_format { CARDS_PNG, CARDS_JPEG, CARDS_AUTO };

/* What the caller asked for, the same for every campaign of a call. Strings are borrowed from the input. */
struct cards_options {
    struct card_engine *engine;
    const struct card_preset *presets[CARDS_PRESETS_MAX];
    size_t preset_count;
    const struct card_template *template; /* NULL: the campaign's own, else the default */
    enum cards_format format;
    const char *locale;           /* NULL: the campaign's own */
    const char *text[CARD_SLOTS]; /* NULL: the campaign's own; empty: none, but for the headline */
    struct card_rgb color[3];     /* primary, secondary, accent */
    bool has_color[3];
    const char *logo_id, *hero_id; /* ContentDocument; NULL: the campaign's own; empty: none */
    const char *logo_other_id;     /* the logo for the other kind of ground; NULL or empty: none */
    double focus_x, focus_y;       /* negative = look for it */
    bool store, update_campaign, include_images;
    bool allow_missing_fonts; /* boxes instead of characters are taken */
    bool more_items;          /* than a list shows */
    bool preview;             /* a sheet of all designs instead of cards */
    bool safe_zones;          /* drawn over the cards, which are not stored then */
};

/* Reads the options. Anything but ACT_OK has recorded its reason. */
enum act_outcome cards_options(struct act_call *call, const json_t *in, struct cards_options *o);

enum cards_status { CARDS_FAILED, CARDS_RENDERED, CARDS_CREATED, CARDS_VERSIONED, CARDS_UNCHANGED };
extern const char *const cards_status_names[];

/* One card of a campaign. */
struct cards_card {
    const struct card_preset *preset;
    enum card_format format;
    char hash[21];
    char path[96]; /* PathOnClient: tells the preset and the hash */
    char title[256];
    char alt[CARD_ALT_CHARS * 4 + 8];
    struct card_report report;
    struct card_advice advice;
    bool drawn;            /* the report tells what was drawn, also of a card that failed for it */
    struct card_file file; /* p is NULL until encoded and after cards_release */
    size_t bytes;
    char document_id[SF_ID_SIZE], version_id[SF_ID_SIZE], old_path[96];
    enum cards_status status;
    char code[64]; /* of a failure */
    char message[300];
};

/* One campaign. */
struct cards_job {
    const struct cards_options *options;
    char id[SF_ID_SIZE]; /* "" until it is created */
    json_t *create;      /* fields of a campaign to create; NULL */
    const char *name;
    char *text[CARD_SLOTS]; /* cleaned */
    const char *locale;
    const struct card_template *template;
    struct card_palette palette;
    struct card_image *logo, *logo_other, *hero;
    char logo_version[SF_ID_SIZE], logo_other_version[SF_ID_SIZE], hero_version[SF_ID_SIZE];
    const char *logo_id, *logo_other_id, *hero_id;
    double left;   /* part of the campaign's days that is to come */
    uint32_t seed; /* of its ornaments */
    struct cards_card card[CARDS_PRESETS_MAX];
    size_t cards;
    const char *note[CARDS_NOTES_MAX]; /* warnings about the campaign, sentences */
    size_t notes;
    bool headline_from_name; /* nobody wrote one for the audience */
    bool found, campaign_updated, created;
    char code[64], message[300]; /* why nothing could be done for it */
};

void cards_note(struct act_call *call, struct cards_job *job, const char *fmt, ...) ACT_PRINTF(3, 4);

/* Reads the campaigns with these ids in one query; job[i].found says which are there. */
bool cards_load(struct act_call *call, struct cards_job *jobs, size_t n, struct sf_error *err) ACT_MUST_CHECK;
/* Takes the texts and colours of a campaign that is to be created. */
void cards_from_input(struct act_call *call, struct cards_job *job, const json_t *campaign);
/* Finds the newest versions of the logos and heroes. One that is not there becomes a note. */
bool cards_find_pictures(struct act_call *call, struct cards_job *jobs, size_t n, struct sf_error *err) ACT_MUST_CHECK;
/*
 * Fetches and decodes the pictures of campaigns that have a card to draw. A picture that cannot be decoded becomes a
 * note; false when one could not be fetched, as its cards would be stored without it.
 */
bool cards_load_pictures(struct act_call *call, struct cards_job *jobs, size_t n, struct sf_error *err) ACT_MUST_CHECK;

/* Names every card of the campaign and computes its hash; does not draw. */
void cards_plan(struct act_call *call, struct cards_job *job);
/* What a card of the campaign is drawn from; borrowed from the job. */
void cards_input(const struct cards_job *job, const struct card_preset *preset, struct card_input *in);
/* All designs at the first preset on one sheet, each judged. New reference; NULL = no memory. */
json_t *cards_preview(struct act_call *call, const struct cards_job *job);
/* Draws and encodes the cards that are not unchanged. One whose picture would say something else than its texts, for
 * want of a font or of room for a figure, fails. */
void cards_draw(struct act_call *call, struct cards_job *job);

/* Frees the file of a card, when there is one. */
void cards_release(struct cards_card *c);

/* Looks for the cards that the campaigns already have: those with the same hash become unchanged. */
bool cards_find(struct act_call *call, struct cards_job *jobs, size_t n, struct sf_error *err) ACT_MUST_CHECK;
/* Uploads what was drawn, for all campaigns together; failures are noted at each card. */
void cards_store(struct act_call *call, struct cards_job *jobs, size_t n);
/* Creates the campaign and its cards as one unit of work. */
bool cards_create_all(struct act_call *call, struct cards_job *job, struct sf_error *err) ACT_MUST_CHECK;
/* Notes the result on the campaigns, in fields that exist and that the user may edit. */
void cards_update_campaigns(struct act_call *call, struct cards_job *jobs, size_t n);

/* The answer for one campaign: counts, a summary, the cards. New reference. */
json_t *cards_answer(struct act_call *call, const struct cards_job *job);

#endif
