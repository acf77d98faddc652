/* booking_status.h - what the status of a booking, or of a flight, says about travelling, in whatever words. */
#ifndef CARBON_BOOKING_STATUS_H
#define CARBON_BOOKING_STATUS_H

enum booking_status {
    BOOKING_TRAVELS, /* confirmed, boarded, flown, ...; also no status at all */
    BOOKING_GONE,    /* cancelled, no-show, refunded, ... */
    BOOKING_UNCLEAR  /* anything else, such as a waiting list */
};

/* Letter case, blanks and punctuation do not matter. `status` may be NULL. */
enum booking_status booking_status_of(const char *status);

#endif
