/* pictures.c - logos and heroes from the org's files. */
#include <stdio.h>
#include <string.h>

#include "actions/social_cards/cards.h"

enum { PICTURES_MAX = CARDS_CAMPAIGNS_MAX * 3 };

static void free_image(void *image)
{
    card_image_free(image);
}

static void note_missing(struct act_call *call, struct cards_job *job, const char *what, const char *id)
{
    cards_note(call, job, "The %s %.18s is no file that this user can see; the cards are made without it.", what, id);
}

/* Takes an id of a file or of a version of one; "" when it is neither. */
static void use_id(struct act_call *call, struct cards_job *job, const char *what, const char **id,
                   char version[SF_ID_SIZE])
{
    char id18[SF_ID_SIZE];
    if (!**id)
        return;
    if (!sf_id_check(*id, id18) || (strncmp(id18, "069", 3) != 0 && strncmp(id18, "068", 3) != 0)) {
        note_missing(call, job, what, *id);
        *id = "";
    } else if (strncmp(id18, "068", 3) == 0) {
        snprintf(version, SF_ID_SIZE, "%s", id18);
        *id = "";
    } else
        *id = act_strdup(call, id18);
}

bool cards_find_pictures(struct act_call *call, struct cards_job *jobs, size_t n, struct sf_error *err)
{
    const char *ids[PICTURES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        struct cards_job *j = &jobs[i];
        if (!j->found)
            continue;
        use_id(call, j, "logo", &j->logo_id, j->logo_version);
        use_id(call, j, "other logo", &j->logo_other_id, j->logo_other_version);
        use_id(call, j, "hero", &j->hero_id, j->hero_version);
        if (*j->logo_id)
            ids[count++] = j->logo_id;
        if (*j->logo_other_id)
            ids[count++] = j->logo_other_id;
        if (*j->hero_id)
            ids[count++] = j->hero_id;
    }
    if (count == 0)
        return true;
    struct sf_rows *rows;
    if (!sf_query(act_org(call), &rows, err, "SELECT Id, LatestPublishedVersionId FROM ContentDocument WHERE Id IN ?",
                  sf_ids(ids, count)))
        return false;
    for (const json_t *r; (r = sf_next(rows, err)) != NULL;) {
        const char *id = sf_get_text(r, "Id"), *version = sf_get_text(r, "LatestPublishedVersionId");
        for (size_t i = 0; id && version && i < n; i++) {
            struct cards_job *j = &jobs[i];
            if (j->found && strcmp(j->logo_id, id) == 0)
                snprintf(j->logo_version, SF_ID_SIZE, "%s", version);
            if (j->found && strcmp(j->logo_other_id, id) == 0)
                snprintf(j->logo_other_version, SF_ID_SIZE, "%s", version);
            if (j->found && strcmp(j->hero_id, id) == 0)
                snprintf(j->hero_version, SF_ID_SIZE, "%s", version);
        }
    }
    for (size_t i = 0; i < n; i++) {
        struct cards_job *j = &jobs[i];
        if (j->found && *j->logo_id && !*j->logo_version)
            note_missing(call, j, "logo", j->logo_id);
        if (j->found && *j->logo_other_id && !*j->logo_other_version)
            note_missing(call, j, "other logo", j->logo_other_id);
        if (j->found && *j->hero_id && !*j->hero_version)
            note_missing(call, j, "hero", j->hero_id);
    }
    return *err->code == 0;
}

/* Pictures of this call, so that campaigns that share one fetch it once. */
struct shelf {
    struct {
        const char *what; /* one file may be both: a logo is trimmed */
        char version[SF_ID_SIZE];
        struct card_image *image; /* NULL: cannot be decoded */
        char why[160];
    } picture[PICTURES_MAX];
    size_t count;
};

static void largest(const struct cards_options *o, int *w, int *h)
{
    *w = *h = 0;
    for (size_t i = 0; i < o->preset_count; i++) {
        *w = o->presets[i]->width > *w ? o->presets[i]->width : *w;
        *h = o->presets[i]->height > *h ? o->presets[i]->height : *h;
    }
}

static const char logo[] = "logo", hero[] = "hero";

static bool fetch(struct act_call *call, struct shelf *s, struct cards_job *job, const char *what, const char *version,
                  struct card_image **image, struct sf_error *err)
{
    struct act_bytes data;
    size_t i = 0;
    if (!*version)
        return true;
    while (i < s->count && (s->picture[i].what != what || strcmp(s->picture[i].version, version) != 0))
        i++;
    if (i == s->count) {
        int w = 1024, h = 1024;
        if (what == hero)
            largest(job->options, &w, &h);
        if (!sf_download(act_org(call), "ContentVersion", version, "VersionData", CARD_IMAGE_BYTES, &data, err)) {
            if (strcmp(err->code, "TOO_LARGE") != 0 && err->status != 404)
                return false;
            snprintf(s->picture[i].why, sizeof s->picture[i].why, "%s",
                     err->status == 404 ? "it is not there" : "the file has more than 10 MB");
            memset(err, 0, sizeof *err);
        } else
            s->picture[i].image = (what == logo ? card_logo_decode : card_image_decode)(
                data.p, data.n, w, h, s->picture[i].why, sizeof s->picture[i].why);
        s->picture[i].what = what;
        snprintf(s->picture[i].version, SF_ID_SIZE, "%s", version);
        if (s->picture[i].image)
            act_defer(call, free_image, s->picture[i].image);
        s->count++;
    }
    *image = s->picture[i].image;
    if (!*image)
        cards_note(call, job, "The %s cannot be used: %s. The cards are made without it.", what, s->picture[i].why);
    return true;
}

static bool has_work(const struct cards_job *job)
{
    for (size_t i = 0; i < job->cards; i++)
        if (job->card[i].status != CARDS_UNCHANGED || job->options->include_images)
            return true;
    return false;
}

bool cards_load_pictures(struct act_call *call, struct cards_job *jobs, size_t n, struct sf_error *err)
{
    struct shelf *s = act_alloc(call, sizeof *s);
    for (size_t i = 0; i < n; i++) {
        struct cards_job *j = &jobs[i];
        if (!j->found || !has_work(j))
            continue;
        if (!fetch(call, s, j, logo, j->logo_version, &j->logo, err) ||
            !fetch(call, s, j, logo, j->logo_other_version, &j->logo_other, err) ||
            !fetch(call, s, j, hero, j->hero_version, &j->hero, err))
            return false;
    }
    return true;
}
