/*
 * deliver.c - a line of the outbox on its way to the org. At least once: whoever gets one knows by its sequence number
 * whether it is new. A line that the org refuses is given up, and the job says so; its work is none the worse.
 */
#include <stdio.h>
#include <string.h>

#include "runtime/base/json_text.h"
#include "runtime/client/client_parts.h"
#include "runtime/client/step.h"

enum { MESSAGE_MAX = 255, BODY_MAX = 750 };

/* What becomes of the line by the nature of a failure; `mend` says what may be missing in the org. */
static enum act_step failed(struct act_call *call, const struct sf_error *err, const char *mend)
{
    struct step *s = call->step;
    enum org_nature nature = org_nature(err);
    if (nature == ORG_SESSION) {
        step_outcome(s, "waits", "org_session_expired", "The org no longer accepts the session of this job.");
    } else if (nature == ORG_LATER || nature == ORG_THROTTLE) {
        step_outcome(s, "again", err->code, "%s", err->message[0] ? err->message : err->code);
        s->after_s = err->retry_after_s > 0 ? err->retry_after_s : nature == ORG_THROTTLE ? 60 : 0;
        s->gate = nature == ORG_THROTTLE;
        s->counted = true;
    } else {
        step_outcome(s, "failed", err->code[0] ? err->code : "refused", "%s (%s)%s%s",
                     err->message[0] ? err->message : "refused", err->code, *mend ? " " : "", mend);
    }
    return ACT_STEP_ENDED;
}

/* ---- Action_Job__e ---- */

static void copy_member(json_t *to, const char *field, const json_t *line, const char *name)
{
    json_t *value = json_object_get(line, name);
    if (value)
        json_object_set(to, field, value);
}

static enum act_step send_event(struct act_call *call, const json_t *line, const json_t *result)
{
    struct sf_error err;
    char id[SF_ID_SIZE];
    json_t *fields = json_pack("{s:s}", "JobId__c", call->step->job_id);
    (void)result;
    copy_member(fields, "Sequence__c", line, "sequence");
    copy_member(fields, "State__c", line, "state");
    copy_member(fields, "Done__c", line, "done");
    copy_member(fields, "Total__c", line, "total");
    copy_member(fields, "Failed__c", line, "failed");
    const char *message = declaration_text(line, "message");
    if (*message)
        json_object_set_new(fields, "Message__c", step_text(message, MESSAGE_MAX));
    bool ok = sf_create(&call->org, "Action_Job__e", fields, id, &err);
    json_decref(fields);
    return ok ? ACT_STEP_DONE
              : failed(call, &err,
                       "Deploy the event and give the job's user the permission set ActionHostJobs, or leave it as it "
                       "is: getJob tells the same.");
}

/* ---- custom notification ---- */

static bool notification_type(struct act_call *call, const char *name, char id[SF_ID_SIZE], struct sf_error *err)
{
    struct sf_rows *rows;
    if (!sf_query(&call->org, &rows, err, "SELECT Id FROM CustomNotificationType WHERE DeveloperName = ?",
                  sf_text(name)))
        return false;
    const json_t *row = sf_next(rows, err);
    const char *found = row ? sf_get_text(row, "Id") : NULL;
    if (!found)
        return sf_error_set(err, 404, "NOT_FOUND", "The org has no notification type %s.", name);
    copy_text(id, SF_ID_SIZE, found);
    return true;
}

static void write_words(const struct act_call *call, const json_t *line, char title[120], char body[BODY_MAX])
{
    const char *message = declaration_text(line, "message");
    long long done = json_integer_value(json_object_get(line, "done")),
              bad = json_integer_value(json_object_get(line, "failed"));
    snprintf(title, 120, "%s: %s", call->declaration->operation_id, declaration_text(line, "state"));
    if (*message)
        snprintf(body, BODY_MAX, "%s", message);
    else if (done + bad > 0)
        snprintf(body, BODY_MAX, "%lld done, %lld failed. Job %s.", done, bad, call->step->job_id);
    else
        snprintf(body, BODY_MAX, "Job %s has ended.", call->step->job_id);
    mend_tail(body);
}

/* The action's own errors stand in its answer: [{"isSuccess", "errors": [{"statusCode", "message"}]}]. */
static bool read_notified(const json_t *answer, struct sf_error *err)
{
    const json_t *first = json_array_get(answer, 0);
    if (json_is_true(json_object_get(first, "isSuccess")))
        return true;
    if (!sf_error_read(err, 400, json_object_get(first, "errors")))
        sf_error_set(err, 400, "BAD_REPLY", "The org's answer to the notification says nothing.");
    return false;
}

struct notification {
    const char *type, *user, *target, *title, *body;
};

static enum act_step notify(struct act_call *call, const struct notification *n)
{
    struct sf_error err;
    char type[SF_ID_SIZE];
    if (!notification_type(call, n->type, type, &err))
        return failed(call, &err, "Deploy the notification type.");
    json_t *answer = NULL,
           *input = json_pack("{s:[{s:s, s:[s], s:s, s:s, s:s}]}", "inputs", "customNotifTypeId", type, "recipientIds",
                              n->user, "title", n->title, "body", n->body, "targetId", n->target);
    bool ok = sf_request(&call->org, "POST", org_path(&call->org, "actions/standard/customNotificationAction"), input,
                         &answer, &err) &&
              read_notified(answer, &err);
    json_decref(input);
    json_decref(answer);
    return ok ? ACT_STEP_DONE : failed(call, &err, "The job's user needs the permission Send Custom Notifications.");
}

static enum act_step send_notification(struct act_call *call, const json_t *line, const json_t *result)
{
    char title[120], body[BODY_MAX];
    const char *user = call->org.session.user_id;
    (void)result;
    write_words(call, line, title, body);
    return notify(call, &(struct notification){ "Action_Job", user, user, title, body });
}

/* ---- the end of a job that change events have started: "complete" of its declaration ---- */

static const char *of_event(const json_t *line, const char *name)
{
    return declaration_text(json_object_get(line, "event"), name);
}

/* "Quotes Generated: 5, failed: 1" */
static int write_done_words(const struct act_call *call, const json_t *line, char out[MESSAGE_MAX + 1])
{
    const char *words = call->declaration->events.done_words;
    long long done = json_integer_value(json_object_get(line, "done")),
              bad = json_integer_value(json_object_get(line, "failed"));
    char failed_n[40] = "";
    if (bad > 0)
        snprintf(failed_n, sizeof failed_n, ", failed: %lld", bad);
    return snprintf(out, MESSAGE_MAX + 1, "%.200s%lld%s", words ? words : "", done, failed_n);
}

static enum act_step send_done(struct act_call *call, const json_t *line, const json_t *result)
{
    struct sf_error err;
    char id[SF_ID_SIZE], words[MESSAGE_MAX + 1];
    const char *name = call->declaration->events.done_event, *user = of_event(line, "commitUser");
    (void)result;
    if (!name)
        return ACT_STEP_DONE; /* it is not declared any more */
    int n = write_done_words(call, line, words);
    if (*declaration_text(line, "message"))
        snprintf(words + n, sizeof words - (size_t)n, ". %s", declaration_text(line, "message"));
    mend_tail(words);
    json_t *fields = json_pack("{s:s, s:s, s:s}", "JobId__c", call->step->job_id, "Status__c", words,
                               "TransactionKey__c", of_event(line, "transactionKey"));
    copy_member(fields, "Sequence__c", line, "sequence");
    copy_member(fields, "Done__c", line, "done");
    copy_member(fields, "Failed__c", line, "failed");
    if (*user)
        json_object_set_new(fields, "CommittedBy__c", json_string(user));
    bool ok = sf_create(&call->org, name, fields, id, &err);
    json_decref(fields);
    return ok ? ACT_STEP_DONE
              : failed(call, &err, "Deploy the event and give the connection's user the permission to create it.");
}

static enum act_step send_to_committer(struct act_call *call, const json_t *line, const json_t *result)
{
    char words[MESSAGE_MAX + 1], body[BODY_MAX];
    const char *type = call->declaration->events.done_notification, *user = of_event(line, "commitUser"),
               *target = of_event(line, "first");
    (void)result;
    if (!type || !*user)
        return ACT_STEP_DONE;
    (void)write_done_words(call, line, words);
    const char *message = declaration_text(line, "message");
    snprintf(body, sizeof body, "%s%sBy a change that you have made. Job %s.", message, *message ? " " : "",
             call->step->job_id);
    mend_tail(body);
    return notify(call, &(struct notification){ type, user, *target ? target : user, words, body });
}

/* ---- callback ---- */

static json_t *callback_body(const struct act_call *call, const json_t *line, const json_t *result)
{
    const char *state = declaration_text(line, "state"), *code = declaration_text(line, "code"),
               *message = declaration_text(line, "message");
    json_t *body = json_pack("{s:s, s:O, s:s}", "jobId", call->step->job_id, "sequence",
                             json_object_get(line, "sequence"), "state", state);
    if (strcmp(state, "done") == 0) {
        if (result)
            json_object_set(body, "result", (json_t *)(uintptr_t)result);
        return body;
    }
    bool canceled = strcmp(state, "canceled") == 0;
    json_object_set_new(body, "error",
                        json_pack("{s:s, s:s, s:s}", "code",
                                  *code      ? code
                                  : canceled ? "job_canceled"
                                             : "job_failed",
                                  "message",
                                  *message   ? message
                                  : canceled ? "The job was cancelled before it began."
                                             : "The job failed.",
                                  "requestId", call->request_id));
    return body;
}

/* How Salesforce answers its callbacks, and what is done about each. Other failures go by their nature. */
static enum act_step refused(struct act_call *call, const struct sf_error *err)
{
    struct step *s = call->step;
    if (err->status == 404) {
        step_outcome(s, "failed", "callback_unknown",
                     "Salesforce does not know it any more (404), so it waited no longer or was cancelled.");
    } else if (err->status == 408 || err->status == 429 || err->status >= 500) {
        step_outcome(s, "again", err->code, "Salesforce answered it with %d.", err->status);
        s->after_s = err->retry_after_s;
        s->counted = true;
    } else if (err->status >= 300 && err->status < 400) {
        step_outcome(s, "failed", "callback_redirects", "it was answered with a redirect (%d), which is not followed.",
                     err->status);
    } else {
        return failed(call, err, "");
    }
    return ACT_STEP_ENDED;
}

static enum act_step send_callback(struct act_call *call, const json_t *line, const json_t *result)
{
    struct org_request q = { .method = "POST", .path = declaration_text(line, "url") };
    struct http_reply r;
    struct sf_error err;
    struct buf text;
    struct span piece;
    json_t *body = callback_body(call, line, result);
    buf_init(&text, LIMIT_BODY_MAX);
    bool ok = buf_json(&text, body);
    json_decref(body);
    if (!ok)
        sf_error_set(&err, 0, "TOO_LARGE", "What is to be told cannot be written.");
    piece = (struct span){ text.p, text.n };
    q.body = &piece;
    q.pieces = 1;
    ok = ok && org_send(&call->org, &q, &r, &err);
    if (ok)
        http_reply_free(&r);
    buf_free(&text);
    return ok ? ACT_STEP_DONE : refused(call, &err);
}

/* ---- the line ---- */

static const struct {
    const char *to;
    enum act_step (*send)(struct act_call *call, const json_t *line, const json_t *result);
} ways[] = {
    { "event", send_event }, { "notification", send_notification }, { "callback", send_callback },
    { "done", send_done },   { "committer", send_to_committer },
};

enum act_step deliver_line(struct act_call *call, const json_t *line, const json_t *result)
{
    const char *to = declaration_text(line, "to");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (strcmp(ways[i].to, to) == 0)
            return ways[i].send(call, line, result);
    step_outcome(call->step, "failed", "unknown_line", "This version of the host does not know how to tell it.");
    return ACT_STEP_ENDED;
}
