/*
 * channel.h - the worker's end of its socket: messages in and out, blocking, and the services made of them.
 */
#ifndef ACTIONHOST_CHANNEL_H
#define ACTIONHOST_CHANNEL_H

#include "runtime/client/call.h"
#include "runtime/pool/messages.h"

struct channel {
    int fd;
    struct buf in, out;
    uint64_t call; /* the present one */
    bool canceled; /* the job of the step that runs; as its last report was told */
    int parallel;  /* requests that it may have in flight; likewise */
};

/* Takes the descriptor; channel_fini wipes what was received and closes it. */
void channel_init(struct channel *ch, int fd);
void channel_fini(struct channel *ch);

/* Waits for the next frame. False at the end of the socket. *f is borrowed until channel_clear or the next read. */
MUST_CHECK bool channel_read(struct channel *ch, struct frame *f);
/* Sends what a message's writer put into ch->out. */
MUST_CHECK bool channel_send(struct channel *ch);
/* Overwrites what was received: tokens and bodies do not outlive their call. */
void channel_clear(struct channel *ch);

/* What an action's call asks of the front, over this channel. Ends the process when the front is gone. */
struct services channel_link(struct channel *ch);

#endif
