/*
 * totals.h - what a parent keeps of its lines: amounts of an Opportunity, totals of a Quote. Lines say that their
 * parent is due; it is added up once, when the outermost piece of work ends, however many of its lines came.
 */
#ifndef SANDBOX_RECORDS_TOTALS_H
#define SANDBOX_RECORDS_TOTALS_H

#include "sandbox/records/records.h"

/* The Opportunity or Quote of this id is to be added up anew. */
void totals_due(struct org *o, const char *id);
/* Work begins, and may begin again inside. */
void totals_hold(struct org *o);
/* Work ends; the outermost end adds up what is due. False with `f` filled when a sum has too many digits. */
bool totals_release(struct call *c, struct fault *f);

#endif
