/*
 * recorded_ids.h - ids of 18 characters that whoever prepared a recording made up: the last three are not what the
 * first fifteen say, so that no org would know them.
 */
#ifndef TESTS_RECORDED_IDS_H
#define TESTS_RECORDED_IDS_H

#include <jansson.h>

/* Gives each of them its right end, in all texts of request and answer alike. A recording of an org that refused an id
 * stays as it is. */
void ids_mend(json_t *mapping);

#endif
