/*
 * worker_lines.h - what workers log comes through a pipe to whoever keeps them, and from there whole to stderr.
 */
#ifndef ACTIONHOST_PROCESS_WORKER_LINES_H
#define ACTIONHOST_PROCESS_WORKER_LINES_H

#include "runtime/base/bytes.h"

/* What was read; the last line may be in parts. */
struct worker_lines {
    char text[4096];
    size_t n;
};

enum lines_passed { LINES_NONE, LINES_SOME, LINES_END };

/* Reads once from `fd`, which does not block, and passes whole lines on. LINES_NONE: there is no more at present;
 * LINES_END: nor will there be. */
enum lines_passed worker_lines_pass(struct worker_lines *l, int fd);

/* Passes on what is left at the end, as much as a pipe holds, and some. */
void worker_lines_drain(struct worker_lines *l, int fd);

#endif
