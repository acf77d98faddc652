/*
 * sharing.h - work that shares so many units of a machine, in modelled time: while n pieces are at work, each goes on
 * at the rate min(1, capacity / n). Pure: it knows no clock and no thread, only the times that it is told, in
 * milliseconds.
 */
#ifndef SANDBOX_HTTP_SHARING_H
#define SANDBOX_HTTP_SHARING_H

#include <stdbool.h>

struct piece {
    double joins;    /* when it begins to take its share */
    double work;     /* unit-milliseconds in all; below 0 = not known yet, so it goes on */
    double done;     /* of it */
    double finished; /* when it was done; below 0 = not yet */
    struct piece *next;
};

struct sharing {
    double capacity; /* above 0 */
    double now;      /* up to here everything is worked out */
    struct piece *pieces;
};

/* A piece comes that begins to work at `joins`, or at once when that has passed. The caller owns it and keeps it until
 * sharing_leave(). */
void sharing_join(struct sharing *s, struct piece *p, double joins);
/* What the piece is about is known now. */
void sharing_tell(struct sharing *s, struct piece *p, double work);
/* Works everything out up to time t; true when a piece finished. */
bool sharing_advance(struct sharing *s, double t);
/* When the piece will finish if nobody else comes: t at the earliest; below 0 while its work is not known. */
double sharing_expect(const struct sharing *s, const struct piece *p);
/* The piece goes, finished or not. */
void sharing_leave(struct sharing *s, struct piece *p);

#endif
