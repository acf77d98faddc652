/*
 * requests.h - requests on their connections: what libmicrohttpd tells of one, from its request line to its end, is
 * turned into steps of an exchange (exchange.h), and the exchange's answer into an answer of libmicrohttpd.
 *
 * A request belongs to its connection: the library forgets to say that some have ended (it ran out of its own memory),
 * and those end when their connection does.
 */
#ifndef ACTIONHOST_WEB_REQUESTS_H
#define ACTIONHOST_WEB_REQUESTS_H

#include <microhttpd.h>
#include <stdarg.h>

#include "runtime/net/loop.h"
#include "runtime/web/connections.h"
#include "runtime/web/exchange.h"

struct requests;

/* All are borrowed and must outlive it. NULL without memory. */
struct requests *requests_new(struct exchange_shared *shared, struct loop *loop, struct conns *conns);
/* After the daemon has stopped: no request is left then. */
void requests_free(struct requests *rs);

/* ---- for libmicrohttpd, with the requests as first argument ---- */

/* MHD_OPTION_URI_LOG_CALLBACK: a request line has come. */
void *requests_target(void *requests, const char *target, struct MHD_Connection *c);
/* MHD_OPTION_UNESCAPE_CALLBACK: nothing is decoded, the guard does that. Returns the length of `text`. */
size_t requests_unescape(void *requests, struct MHD_Connection *c, char *text);
/* The access handler. */
enum MHD_Result requests_handle(void *requests, struct MHD_Connection *c, const char *url, const char *method,
                                const char *version, const char *data, size_t *data_n, void **context);
/* MHD_OPTION_NOTIFY_COMPLETED */
void requests_completed(void *requests, struct MHD_Connection *c, void **context, enum MHD_RequestTerminationCode why);
/* MHD_OPTION_NOTIFY_CONNECTION */
void requests_connection(void *requests, struct MHD_Connection *c, void **context,
                         enum MHD_ConnectionNotificationCode code);
/* MHD_OPTION_EXTERNAL_LOGGER: the library complains, and mostly is about to refuse a request by itself. */
void requests_complaint(void *requests, const char *format, va_list args);

/* ---- for the loop ---- */

/* The daemon that calls, to be told before its first turn. */
void requests_daemon(struct requests *rs, struct MHD_Daemon *daemon);
/* To be called before each MHD_run. */
void requests_turn(struct requests *rs);
/* To be called after each MHD_run: lets bodies in chunks wait for more, ends waits that are overdue. */
void requests_work(struct requests *rs, int64_t now_ms);
/* Milliseconds until MHD_run or requests_work must be called by what is known here; -1 = never. */
int requests_timeout_ms(const struct requests *rs, int64_t now_ms);
/* The last turns of a host that stops: each request that waits is answered with 503 draining. */
void requests_end(struct requests *rs);

#endif
