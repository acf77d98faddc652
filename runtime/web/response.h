/* response.h - what an exchange answers, as libmicrohttpd sends it: status line apart, headers and body. */
#ifndef ACTIONHOST_WEB_RESPONSE_H
#define ACTIONHOST_WEB_RESPONSE_H

#include "runtime/web/exchange.h"
#include "runtime/web/streams.h"

/* The body changes hands. NULL without memory. */
struct MHD_Response *response_make(struct exchange *x, struct streams *streams, struct MHD_Connection *c);

#endif
