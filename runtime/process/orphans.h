/*
 * orphans.h - processes that actions start, and that theirs start. None outlives its call, or its worker where that
 * crashes; a session or process group of its own is no way out.
 */
#ifndef ACTIONHOST_PROCESS_ORPHANS_H
#define ACTIONHOST_PROCESS_ORPHANS_H

#include <stdbool.h>
#include <sys/types.h>

/* What descends from this process and loses its parent becomes a child of this process. For master and workers. */
void orphans_adopt(void);

/* Whether a child is one that was forked on purpose. */
typedef bool orphans_own_fn(void *ctx, pid_t pid);
/*
 * Kills all children but our own (`is_own` NULL: all) and returns how many there were; -1 = the kernel does not list
 * them. Children of theirs come to us when those have ended, so until 0 there may be more. Reaps none.
 */
int orphans_kill(orphans_own_fn *is_own, void *ctx);

/*
 * For a process whose children are all to end: kills and reaps them, theirs too. Returns how many it killed, 0 = there
 * were none, -1 = some are still there after a second.
 */
int orphans_end_all(void);

#endif
