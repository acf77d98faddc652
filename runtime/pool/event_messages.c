/* event_messages.c - the fields of each message between listener and jobs process. */
#include "runtime/pool/event_messages.h"

#include "runtime/pool/message_parts.h"

static const struct field subscription_question_rows[] = {
    NUMBER(message_subscription_question, what, SUBSCRIPTION_CLAIM, SUBSCRIPTION_QUESTIONS - 1),
    TEXT(message_subscription_question, connection, MESSAGE_AUTHORIZATION),
    TEXT(message_subscription_question, topic, MESSAGE_TOPIC),
    TEXT(message_subscription_question, org, RECORD_ID_SIZE - 1),
    NUMBER(message_subscription_question, fence, 0, INT64_MAX),
    NUMBER(message_subscription_question, state, SUBSCRIPTION_OPENING, SUBSCRIPTION_STATES - 1),
    TEXT(message_subscription_question, reason, MESSAGE_REASON),
    NUMBER(message_subscription_question, received, 0, INT64_MAX),
    NUMBER(message_subscription_question, unreadable, 0, INT64_MAX),
    NUMBER(message_subscription_question, reconnects, 0, INT64_MAX),
    NUMBER(message_subscription_question, waiting, 0, MESSAGE_EVENTS_MAX),
};
WRITER(message_subscription_question, FRAME_SUBSCRIPTION_QUESTION, subscription_question_rows)
READER(message_subscription_question, FRAME_SUBSCRIPTION_QUESTION, subscription_question_rows)

static const struct field subscription_answer_rows[] = {
    NUMBER(message_subscription_answer, lease, LEASE_HELD, LEASE_UNKNOWN),
    NUMBER(message_subscription_answer, fence, 0, INT64_MAX),
    NUMBER(message_subscription_answer, position, POSITION_LATEST, POSITION_AFTER),
    BYTES(message_subscription_answer, replay_id, MESSAGE_REPLAY_ID),
};
WRITER(message_subscription_answer, FRAME_SUBSCRIPTION_ANSWER, subscription_answer_rows)

bool message_subscription_answer_read(const struct frame *f, struct message_subscription_answer *m)
{
    return FIELDS_READ(f, FRAME_SUBSCRIPTION_ANSWER, subscription_answer_rows, m) &&
           (m->lease == LEASE_HELD ? m->fence > 0 : m->fence == 0 && m->position == POSITION_LATEST) &&
           (m->position == POSITION_AFTER) == (m->replay_id.n > 0);
}

static const struct field events_rows[] = {
    TEXT(message_events, connection, MESSAGE_AUTHORIZATION), TEXT(message_events, topic, MESSAGE_TOPIC),
    TEXT(message_events, org, RECORD_ID_SIZE - 1),           NUMBER(message_events, fence, 1, INT64_MAX),
    NUMBER(message_events, count, 0, MESSAGE_EVENTS_MAX),    BYTES(message_events, latest, MESSAGE_REPLAY_ID),
    BYTES(message_events, events, MESSAGE_EVENTS),
};
WRITER(message_events, FRAME_EVENTS, events_rows)

bool message_events_read(const struct frame *f, struct message_events *m)
{
    return FIELDS_READ(f, FRAME_EVENTS, events_rows, m) && m->latest.n > 0;
}

static const struct field events_answer_rows[] = {
    NUMBER(message_events_answer, result, EVENTS_KEPT, EVENTS_REFUSED),
    NUMBER(message_events_answer, kept, 0, MESSAGE_EVENTS_MAX),
    NUMBER(message_events_answer, duplicates, 0, MESSAGE_EVENTS_MAX),
};
WRITER(message_events_answer, FRAME_EVENTS_ANSWER, events_answer_rows)
READER(message_events_answer, FRAME_EVENTS_ANSWER, events_answer_rows)
