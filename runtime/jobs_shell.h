/*
 * jobs_shell.h - the commands that open the database of jobs themselves: `actionhost migrate` and `actionhost jobs`.
 * Both say on stdout what they did or found, on stderr what is wrong and how to mend it, and return an exit code:
 *
 *   EX_OK         done; also a migrate where no database is configured
 *   EX_USAGE      words that are no command
 *   EX_DATAERR    the job has ended, or has nothing to retry
 *   EX_NOINPUT    there is no such job
 *   EX_IOERR      the database answers, but not as it must: a corrupt file, a full disk, missing rights
 *   EX_TEMPFAIL   the database cannot be reached
 *   EX_CONFIG     none is configured, or its schema is newer than this program
 */
#ifndef ACTIONHOST_JOBS_SHELL_H
#define ACTIONHOST_JOBS_SHELL_H

#include "runtime/declare/config.h"

/* Waits up to half a minute for the database. */
int jobs_shell_migrate(const struct config *c);

/* The words behind `actionhost jobs`; none = list. */
int jobs_shell(const struct config *c, int words_n, char *const words[]);

#endif
