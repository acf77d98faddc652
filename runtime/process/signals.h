/*
 * signals.h - which signals mean something to the host's processes, one list for all of them. TERM, INT and QUIT stop
 * it, CHLD tells that a child has ended. All others that would end a process for no fault of its own (the terminal was
 * closed, a log was rotated) are noted and ignored: an accepted request is answered.
 */
#ifndef ACTIONHOST_PROCESS_SIGNALS_H
#define ACTIONHOST_PROCESS_SIGNALS_H

#include <stdbool.h>

/*
 * From here on, and in children that are forked later, no signal of the list ends the process; they wait to be read.
 * For the beginning of the program that serves.
 */
void signals_hold(void);
/* A new descriptor for signals_read, not blocking, closed on exec; -1 = refused. After signals_hold. */
int signals_open(void);
/* Reads all that have come and logs those that are ignored. True: one of them asks the host to stop. */
bool signals_read(int fd);

/*
 * For a worker, which runs code that may want signals of its own: none is held back any longer. Those of the list are
 * ignored, also TERM and INT, as the front says when a worker leaves; CHLD is as in a new program.
 */
void signals_leave(void);

#endif
