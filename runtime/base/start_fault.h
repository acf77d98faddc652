/*
 * start_fault.h - why the program does not start. Whoever fails says which kind of failure it is, so that nobody has to
 * guess it from the words.
 */
#ifndef ACTIONHOST_BASE_START_FAULT_H
#define ACTIONHOST_BASE_START_FAULT_H

#include <stdbool.h>

struct start_fault {
    int exit_code; /* of <sysexits.h>: EX_CONFIG = a setting must be mended, EX_OSERR = the system refuses something */
    char why[600]; /* a sentence for the log; cut when it is longer */
};

/* Fills *f and returns false, so that a guard clause is one line. */
bool start_fault_set(struct start_fault *f, int exit_code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
