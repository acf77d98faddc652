/*
 * html.h - parts of a page: escaped text, numbers and times as people read them, the frame around a page. Whatever
 * comes from an org, a caller or the database goes through html_text; the rest is written here.
 */
#ifndef ACTIONHOST_PAGES_HTML_H
#define ACTIONHOST_PAGES_HTML_H

#include "runtime/base/bytes.h"

enum { HTML_MAX = 1024 * 1024 /* of one page */ };

/* Escaped, for elements and for attributes in double quotes. NULL is nothing. */
void html_text(struct buf *b, const char *text);
/* As part of a query. */
void html_query(struct buf *b, const char *text);
/* 3,214 */
void html_number(struct buf *b, int64_t n);
/* "generateQuotes" as "Generate quotes". */
void html_operation(struct buf *b, const char *operation);

/* Milliseconds since 1970 of a time such as 2026-11-28T14:02:11.123Z; -1 when it is none. */
int64_t html_when(const char *iso);
/* "14:02" of today, else "27 Nov 14:02", in a <time> that tells it in full. */
void html_time(struct buf *b, const char *iso, int64_t now_ms);
/* "17 s", "4 min", "2 h", "3 days" */
void html_span(struct buf *b, int64_t ms);
/* "24 min ago" within an hour, else as html_time. */
void html_age(struct buf *b, const char *iso, int64_t now_ms);
/* "27 Nov" */
void html_day(struct buf *b, int64_t ms);

enum html_sign { SIGN_QUEUED, SIGN_RUNNING, SIGN_WAITING, SIGN_DONE, SIGN_PARTLY, SIGN_FAILED, SIGN_CANCELED };
/* A pill: the sign differs by its shape, never by its colour alone. */
void html_state_begin(struct buf *b, enum html_sign sign);
void html_state_end(struct buf *b);

enum html_note { NOTE_WARN, NOTE_BAD, NOTE_INFO };
/* A note's frame and sign; its text and its button follow. */
void html_note_begin(struct buf *b, enum html_note kind);
void html_note_end(struct buf *b);

struct html_frame {
    const char *title; /* escaped here */
    bool people;       /* someone is logged in: the ways to go are shown */
    bool docs;         /* there is a docs page */
    int again_s;       /* the page asks for itself again after so many seconds, without a script too; 0 = not */
    bool live;         /* it has numbers that move */
    bool portal;       /* it is the portal */
};
/* What stands before and behind the content of a page, from the doctype on; *f is borrowed. */
void html_begin(struct buf *b, const struct html_frame *f);
void html_end(struct buf *b, const struct html_frame *f);

#endif
