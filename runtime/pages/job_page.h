/* job_page.h - the page of one job, and its failed rows as a file. */
#ifndef ACTIONHOST_PAGES_JOB_PAGE_H
#define ACTIONHOST_PAGES_JOB_PAGE_H

#include <jansson.h>

#include "runtime/base/bytes.h"

enum { JOB_PAGE_ROWS = 20, JOB_PAGE_ROWS_MAX = 200, CSV_MAX = 32 * 1024 * 1024 };

/* `job` is the answer of JOB_PAGE_SHOW, `rows` how many failed rows were asked for. */
void job_page_write(struct buf *b, const json_t *job, int rows, int64_t now_ms);

/* A file of failed rows: UTF-8 with a byte order mark, CR LF, quoted; what a spreadsheet would take for a formula gets
 * a leading apostrophe. */
void csv_begin(struct buf *b);
void csv_rows(struct buf *b, const json_t *failures);

#endif
