/* records.h - a priced Opportunity as the records of a Quote, and the keys under which these are inserted. */
#ifndef QUOTES_RECORDS_H
#define QUOTES_RECORDS_H

#include "actions/quotes/deal.h"

#define QUOTE_KEY_FIELD "AppLinkKey__c"

enum {
    QUOTE_KEY_SIZE = 81,    /* the field's 80 characters and a NUL */
    QUOTE_NAME_UNITS = 255, /* of Quote.Name, as an org counts: UTF-16 units */
    QUOTE_VALID_DAYS = 30   /* after the Opportunity's close date */
};

/* "<uuid>:<id>"; the uuid may be the key of a transaction, 61 characters of it at most. */
void quote_key(const char *uuid, const char *id, char out[QUOTE_KEY_SIZE]);
/* The uuid of a request id: the one that it holds, in small letters, else one that is made of the whole text and always
 * the same for it. */
void quote_uuid(const char *request_id, char out[37]);

/* Fields of the Quote and of one line (new references); `typed` adds the attributes that Collections want. NULL when
 * there is no memory. */
json_t *quote_record(const struct deal *d, const char *uuid, bool typed);
json_t *quote_line_record(const struct deal_line *line, const struct deal *d, const char *uuid, const char *quote_id,
                          bool typed);

#endif
