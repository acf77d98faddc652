/* login.c - the password, the cookie, and how often one may guess. */
#include "runtime/pages/login.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/encoding.h"

#define NAME "actionhost_pages"
#define SIGNED "actionhost pages 1 "

enum { MINUTE_MS = 60000, MAC = 32, MAC_TEXT = 43, EXPIRY_TEXT = 12, VALID_S = LOGIN_HOURS * 3600 };

/* ---- tries ---- */

static bool is_recent(const struct login_tries *t, int i, int64_t now_ms)
{
    return t->v[i].address[0] && now_ms - t->v[i].at_ms < MINUTE_MS;
}

static int count(const struct login_tries *t, const char *address, int64_t now_ms, int64_t *oldest_ms)
{
    int n = 0;
    for (int i = 0; i < LOGIN_TRIES_OF_ALL; i++) {
        if (!is_recent(t, i, now_ms) || (address && strcmp(t->v[i].address, address) != 0))
            continue;
        if (n == 0 || t->v[i].at_ms < *oldest_ms)
            *oldest_ms = t->v[i].at_ms;
        n++;
    }
    return n;
}

int login_wait_s(const struct login_tries *t, const char *address, int64_t now_ms)
{
    int64_t oldest_ms = 0;
    if (count(t, address, now_ms, &oldest_ms) < LOGIN_TRIES && count(t, NULL, now_ms, &oldest_ms) < LOGIN_TRIES_OF_ALL)
        return 0;
    return (int)((oldest_ms + MINUTE_MS - now_ms + 999) / 1000);
}

void login_note_wrong(struct login_tries *t, const char *address, int64_t now_ms)
{
    copy_text(t->v[t->next].address, LOGIN_ADDRESS, *address ? address : "?");
    t->v[t->next].at_ms = now_ms;
    t->next = (t->next + 1) % LOGIN_TRIES_OF_ALL;
}

int login_left(const struct login_tries *t, const char *address, int64_t now_ms)
{
    int64_t oldest_ms;
    int n = count(t, address, now_ms, &oldest_ms);
    return n < LOGIN_TRIES ? LOGIN_TRIES - n : 0;
}

bool login_password_is(const char *token, struct span password)
{
    size_t n = strlen(token);
    return password.n == n && bytes_equal(password.p, token, n);
}

/* ---- the cookie ---- */

static bool sign(const char *token, struct span expiry, char out[MAC_TEXT + 2])
{
    char text[sizeof SIGNED + EXPIRY_TEXT];
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    int text_n = snprintf(text, sizeof text, SIGNED "%.*s", (int)expiry.n, expiry.p);
    if (text_n >= (int)sizeof text ||
        !HMAC(EVP_sha256(), token, (int)strlen(token), (const unsigned char *)text, (size_t)text_n, mac, &n) ||
        n != MAC)
        return false;
    return base64url_encode(mac, n, out) == MAC_TEXT;
}

static void write_cookie(const char *value, int age_s, bool secure, char out[LOGIN_COOKIE])
{
    snprintf(out, LOGIN_COOKIE, NAME "=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s", value, age_s,
             secure ? "; Secure" : "");
}

void login_cookie(const char *token, int64_t now, bool secure, char out[LOGIN_COOKIE])
{
    char expiry[EXPIRY_TEXT + 1], mac[MAC_TEXT + 2], value[EXPIRY_TEXT + MAC_TEXT + 4];
    snprintf(expiry, sizeof expiry, "%012llu", (unsigned long long)(now + VALID_S) % 1000000000000U);
    if (!sign(token, span_of(expiry), mac))
        abort(); /* no memory, or no SHA-256 */
    snprintf(value, sizeof value, "%s.%.*s", expiry, MAC_TEXT, mac);
    write_cookie(value, VALID_S, secure, out);
}

void login_cookie_end(bool secure, char out[LOGIN_COOKIE])
{
    write_cookie("", 0, secure, out);
}

static bool value_is(const char *token, struct span value, int64_t now)
{
    char mac[MAC_TEXT + 2];
    const struct span expiry = { value.p, EXPIRY_TEXT };
    int64_t until = 0;
    if (value.n != EXPIRY_TEXT + 1 + MAC_TEXT || value.p[EXPIRY_TEXT] != '.' || !span_all(expiry, char_digit))
        return false;
    if (!sign(token, expiry, mac) || !bytes_equal(value.p + EXPIRY_TEXT + 1, mac, MAC_TEXT))
        return false;
    for (size_t i = 0; i < expiry.n; i++)
        until = until * 10 + (expiry.p[i] - '0');
    return now < until && until <= now + VALID_S + 60; /* clocks of two machines differ a little */
}

bool login_is(const char *token, struct span header, int64_t now)
{
    struct span one;
    while (span_split(&header, ';', &one)) {
        one = span_trim(one);
        if (!span_starts(one, NAME "="))
            continue;
        const struct span value = { one.p + sizeof NAME, one.n - sizeof NAME };
        if (value_is(token, value, now))
            return true;
    }
    return false;
}
