/* visit_login.c - the login page and its form. */
#include "runtime/pages/visit_parts.h"

#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/log.h"
#include "runtime/base/url_query.h"

enum { PASSWORD = 512 };

/* A path of ours, not the address of somebody else's: a browser takes two slashes, or a backslash, for that. */
static bool is_own_path(const char *path)
{
    static const char *const ours[] = { "/jobs", "/portal" };
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        size_t n = strlen(ours[i]);
        if (strncmp(path, ours[i], n) == 0 && (path[n] == '\0' || path[n] == '/' || path[n] == '?'))
            return span_all(span_of(path), char_visible) && !strchr(path, '\\') && !strstr(path, "//");
    }
    return false;
}

void visit_take_back(struct visit *v, struct span from, const char *name)
{
    if (url_query(from, name, v->back, sizeof v->back) != 1 || !is_own_path(v->back))
        copy_text(v->back, sizeof v->back, "/jobs");
}

static void problem(struct visit *v, struct buf *b, int wait_s)
{
    int left = login_left(&v->all->tries, v->address, v->now_ms);
    if (wait_s)
        buf_fmt(b, "Too many tries. The next one is possible in %d s.", wait_s);
    else
        buf_fmt(b, "That is not the password. %d %s left this minute.", left, left == 1 ? "try is" : "tries are");
}

static enum visit_step login_page(struct visit *v, int status, int wait_s)
{
    const struct html_frame f = { .title = "Log in" };
    struct buf *b = visit_page_begin(v, status, &f);
    bool bad = status != 200;
    buf_str(b,
            "<form class=\"card login\" method=\"post\" action=\"/jobs/login\"><h1>Jobs</h1><p class=\"muted\">These "
            "pages show customers\xe2\x80\x99 records. Whoever runs the host has the password "
            "(<code>PAGES_TOKEN</code>).</p><input type=\"hidden\" name=\"to\" value=\"");
    html_text(b, v->back);
    buf_fmt(b,
            "\"><div class=\"field%s\"><label for=\"pw\">Password</label><input id=\"pw\" name=\"password\" "
            "type=\"password\" autocomplete=\"current-password\" required%s>",
            bad ? " bad" : "", bad ? " aria-invalid=\"true\" aria-describedby=\"pe\" autofocus" : "");
    if (bad) {
        buf_str(b, "<p class=\"err\" id=\"pe\">");
        problem(v, b, wait_s);
        buf_str(b, "</p>");
    }
    buf_fmt(
        b,
        "</div><button class=\"btn primary\">Log in</button><p class=\"small muted\">You stay logged in for %d hours "
        "on this browser. Lost it? <code>heroku config:get PAGES_TOKEN</code></p></form>\n",
        LOGIN_HOURS);
    return visit_page_end(v, &f);
}

enum visit_step visit_show_login(struct visit *v)
{
    visit_take_back(v, span_of(v->query), "to");
    return login_page(v, 200, 0);
}

enum visit_step visit_log_in(struct visit *v, struct span form)
{
    char password[PASSWORD];
    int wait_s = login_wait_s(&v->all->tries, v->address, v->now_ms);
    visit_take_back(v, form, "to");
    if (wait_s) {
        v->answer.retry_after_s = wait_s;
        return login_page(v, 429, wait_s);
    }
    int found = url_query(form, "password", password, sizeof password);
    bool right = found == 1 && login_password_is(v->all->s.token, span_of(password));
    bytes_wipe(password, sizeof password);
    if (right) {
        login_cookie(v->all->s.token, v->unix_s, v->secure, v->answer.cookie);
        log_event(LOG_INFO, "pages-login", "from", v->address, NULL);
        return visit_go_to(v, v->back);
    }
    login_note_wrong(&v->all->tries, v->address, v->now_ms);
    log_event(LOG_WARN, "pages-login-refused", "from", v->address, NULL);
    return login_page(v, 403, 0);
}

enum visit_step visit_log_out(struct visit *v, struct span form)
{
    (void)form;
    login_cookie_end(v->secure, v->answer.cookie);
    return visit_go_to(v, "/jobs/login");
}
