/*
 * login.h - who may read the pages: whoever knows the password (PAGES_TOKEN). A cookie says until when; it is signed
 * with the password itself, so that every process with the same setting takes it and none keeps a list.
 */
#ifndef ACTIONHOST_PAGES_LOGIN_H
#define ACTIONHOST_PAGES_LOGIN_H

#include "runtime/base/bytes.h"

enum {
    LOGIN_HOURS = 8,
    LOGIN_COOKIE = 160,      /* a Set-Cookie of ours and its NUL */
    LOGIN_TRIES = 5,         /* wrong ones of one address in a minute */
    LOGIN_TRIES_OF_ALL = 60, /* and of all addresses together */
    LOGIN_ADDRESS = 46
};

/* What was tried in vain within a minute. All zero at first. */
struct login_tries {
    struct {
        char address[LOGIN_ADDRESS];
        int64_t at_ms;
    } v[LOGIN_TRIES_OF_ALL];
    int next;
};

/* The seconds for which nobody from there may try again; 0 = he may. */
int login_wait_s(const struct login_tries *t, const char *address, int64_t now_ms);
void login_note_wrong(struct login_tries *t, const char *address, int64_t now_ms);
/* How many more wrong ones this address has in this minute. */
int login_left(const struct login_tries *t, const char *address, int64_t now_ms);

/* Takes as long for every password of a length. */
bool login_password_is(const char *token, struct span password);

/* Writes the value of a Set-Cookie header: valid from `now` (Unix seconds) for LOGIN_HOURS. */
void login_cookie(const char *token, int64_t now, bool secure, char out[LOGIN_COOKIE]);
/* The same that makes the browser forget it. */
void login_cookie_end(bool secure, char out[LOGIN_COOKIE]);
/* Whether a Cookie header (empty = none) has one that is valid. */
bool login_is(const char *token, struct span header, int64_t now);

#endif
