/* declaration_job.h - the member "job" of a declaration. For the loader. */
#ifndef ACTIONHOST_DECLARE_DECLARATION_JOB_H
#define ACTIONHOST_DECLARE_DECLARATION_JOB_H

#include "runtime/declare/declaration.h"

/* Fills in is_job, job and started of a declaration whose root is set. Takes any JSON: lint_job tells what is wrong. */
void declaration_read_job(struct declaration *d);

#endif
