/* bulk_step.c - a Bulk job within a step: begun once, found again by the next try, seen to its end. */
#include <string.h>
#include <time.h>

#include "runtime/base/system.h"
#include "runtime/client/bulk_parts.h"

enum {
    NAP_MS = 200,        /* between two questions whether to stop */
    RESERVE_MS = 15000,  /* of the step's time, to read results and to end in order */
    RESERVE_OF_STEP = 4, /* but no more than this part of what is left at the beginning */
    OPENED_MAX = 2       /* jobs that one try opens */
};

struct running {
    struct act_call *call;
    struct sf_org *org;
    const struct sf_bulk_work *work;
    char *id;
    struct sf_bulk_info *info;
    enum act_step *ended;
    struct sf_error err;
    int opened;
    bool nothing; /* there was no row to be sent */
    int reserve_ms;
};

/* ---- how the step ends ---- */

static bool fail(struct running *r)
{
    *r->ended = act_step_org_failed(r->call, &r->err);
    return false;
}

/* The step is to stop. Of a job that was cancelled nobody will look again, so the org's is ended with it. */
static bool stop(struct running *r)
{
    struct sf_error ignored;
    if (act_job_canceled(r->call) && r->id[0] && !sf_bulk_abort(r->org, SF_BULK_INGEST, r->id, &ignored))
        act_log(r->call, ACT_LOG_WARN, "the Bulk job %s was not aborted: %s", r->id, ignored.code);
    *r->ended = act_step_again(r->call, 0, false, "Interrupted; it goes on where it was.");
    return false;
}

/* ---- what is kept ---- */

static void find_kept(struct running *r)
{
    const char *id = json_string_value(json_object_get(act_step_saved(r->call), r->work->name));
    copy_text(r->id, SF_ID_SIZE, sf_id_plain(id) ? id : "");
}

static bool keep(struct running *r)
{
    const json_t *saved = act_step_saved(r->call);
    json_t *state = json_is_object(saved) ? json_deep_copy(saved) : json_object();
    if (!state || json_object_set_new(state, r->work->name, json_string(r->id)) != 0) {
        json_decref(state);
        call_exhausted(r->call);
    }
    bool kept = act_step_save(r->call, state);
    json_decref(state);
    return kept;
}

/* ---- the job ---- */

static bool look(struct running *r)
{
    if (sf_bulk_look(r->org, SF_BULK_INGEST, r->id, r->info, &r->err))
        return true;
    if (r->err.status != 404)
        return false;
    /* somebody took it away: keys keep the rows of another one from being doubled */
    r->id[0] = '\0';
    return true;
}

static bool send_rows(struct running *r)
{
    struct sf_bulk_sent sent;
    struct sf_error ignored;
    if (r->work->begin)
        r->work->begin(r->work->ctx);
    if (!sf_bulk_send(r->org, r->work->load, r->id, r->work->give, r->work->ctx, &sent, &r->err)) {
        if (!r->err.outcome_unknown)
            (void)!sf_bulk_abort(r->org, SF_BULK_INGEST, r->id, &ignored);
        if (strcmp(r->err.code, "STOPPED") == 0)
            return stop(r);
        r->nothing = strcmp(r->err.code, "NO_ROWS") == 0;
        if (r->nothing) {
            r->id[0] = '\0';
            *r->info = (struct sf_bulk_info){ .state = SF_BULK_ABORTED };
            return true;
        }
        return fail(r);
    }
    if (!sent.full)
        return true;
    (void)!sf_bulk_abort(r->org, SF_BULK_INGEST, r->id, &ignored);
    *r->ended = act_job_failed(r->call, "page_too_large",
                               "The rows of one page have more than 100 MB. Start the job with fewer of them.");
    return false;
}

/* Opens a job and keeps its id before the first row leaves. */
static bool begin(struct running *r)
{
    if (act_step_must_stop(r->call))
        return stop(r);
    if (r->opened++ == OPENED_MAX) {
        *r->ended = act_step_again(r->call, 0, true, "The org did not begin with what was sent to it.");
        return false;
    }
    if (!sf_bulk_open(r->org, r->work->load, r->id, &r->err))
        return fail(r);
    return keep(r) ? send_rows(r) : stop(r);
}

/* An open job has done nothing. Whoever filled it before us is gone, or will be told that it is aborted. */
static bool begin_anew(struct running *r)
{
    if (!sf_bulk_abort(r->org, SF_BULK_INGEST, r->id, &r->err) && strcmp(r->err.code, "INVALIDJOBSTATE") != 0)
        return fail(r);
    if (!r->err.code[0])
        return begin(r);
    if (!look(r)) /* it has begun meanwhile */
        return fail(r);
    return true;
}

static void nap(int ms)
{
    struct timespec t = { ms / 1000, ms % 1000 * 1000000L };
    nanosleep(&t, NULL);
}

/* Waits before the next look. False: the step ends. */
static bool wait_before(struct running *r, int looks)
{
    /* in step with the client's other pauses, which tests shorten */
    int64_t until = clock_ms() + (int64_t)sf_bulk_pause_s(looks) * client_settings(r->call->client)->backoff_ms * 5;
    while (clock_ms() < until) {
        if (act_step_must_stop(r->call))
            return stop(r);
        if (act_time_left_ms(r->call) < r->reserve_ms) {
            *r->ended = act_step_again(r->call, 1, false, "The org works on it in bulk.");
            return false;
        }
        int64_t left = until - clock_ms();
        nap(left < NAP_MS ? left > 0 ? (int)left : 0 : NAP_MS);
    }
    return true;
}

static bool has_ended(const struct running *r)
{
    return r->id[0] && r->info->state != SF_BULK_OPEN && r->info->state != SF_BULK_RUNNING;
}

static bool see_to_its_end(struct running *r)
{
    for (int looks = 1;; looks++) {
        if (!look(r))
            return fail(r);
        if (has_ended(r))
            return true;
        bool begins = !r->id[0] || r->info->state == SF_BULK_OPEN;
        if (begins && !(r->id[0] ? begin_anew(r) : begin(r)))
            return false;
        if (r->nothing)
            return true;
        if (!wait_before(r, looks))
            return false;
    }
}

bool sf_bulk_run(struct sf_org *org, const struct sf_bulk_work *work, char id[SF_ID_SIZE], struct sf_bulk_info *info,
                 enum act_step *ended)
{
    struct running r = { .call = org->call, .org = org, .work = work, .id = id, .info = info, .ended = ended };
    int left = act_time_left_ms(org->call);
    r.reserve_ms = left / RESERVE_OF_STEP < RESERVE_MS ? left / RESERVE_OF_STEP : RESERVE_MS;
    find_kept(&r);
    if (!id[0] && (!begin(&r) || (!r.nothing && !wait_before(&r, 1))))
        return false;
    return r.nothing || see_to_its_end(&r);
}
