/* lookup.c - records by the value of a field. */
#include <stdio.h>

#include "sandbox/records/records.h"

int lookup_by(struct org *o, const struct object *ob, const struct field *f, const struct value *v, char id[ID_SIZE])
{
    char sql[2 * NAME_SIZE + 120];
    int n = 0;
    if (v->kind == VALUE_NULL)
        return 0;
    snprintf(sql, sizeof sql, "SELECT \"Id\" FROM \"%s\" WHERE \"%s\" = ?1 AND \"IsDeleted\" = 0 LIMIT 10", ob->name,
             f->name);
    sqlite3_stmt *s = store_get(o, sql);
    value_bind(s, 1, v);
    while (sqlite3_step(s) == SQLITE_ROW)
        if (n++ == 0)
            copy_text(id, ID_SIZE, (const char *)sqlite3_column_text(s, 0));
    store_put(o, s);
    return n;
}
