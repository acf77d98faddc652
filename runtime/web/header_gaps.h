/*
 * header_gaps.h - is what the HTTP library shows of a request all that came? libmicrohttpd 0.9.75 parses in place and
 * hands out pointers into its buffer, so what it passed over is a gap between two of them: line ends without CR, folded
 * lines, a NUL that cuts a value, a line without a name that ends the headers early, blanks.
 */
#ifndef ACTIONHOST_WEB_HEADER_GAPS_H
#define ACTIONHOST_WEB_HEADER_GAPS_H

#include "runtime/web/guard.h"

/*
 * True when the request line and the header lines of *r stand one behind the other as RFC 9112 writes them: single
 * blanks, CR and LF at each end, at most one blank or tab behind a colon. `size` counts the bytes from the method to
 * the end of the empty line, as the library counted them. All pointers of *r must be the library's own, except
 * raw_target, of which the length counts.
 */
bool shown_whole(const struct guard_request *r, size_t size) MUST_CHECK;

#endif
