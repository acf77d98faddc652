#include "actions/finance_agreement/pdf_finish.h"

#include <qpdf/qpdf-c.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

static bool is_element(qpdf_data q, qpdf_oh element, const char *type)
{
    qpdf_oh s = qpdf_oh_get_key(q, element, "/S");
    bool same = qpdf_oh_is_name(q, s) && !strcmp(qpdf_oh_get_name(q, s), type);
    qpdf_oh_release(q, s);
    return same;
}

/* The elements below one: cairo writes a list for several and the element itself for a single one. */
static int count_kids(qpdf_data q, qpdf_oh kids)
{
    return qpdf_oh_is_array(q, kids) ? qpdf_oh_get_array_n_items(q, kids) : qpdf_oh_is_dictionary(q, kids);
}

static qpdf_oh kid_at(qpdf_data q, qpdf_oh kids, int i)
{
    return qpdf_oh_is_array(q, kids) ? qpdf_oh_get_array_item(q, kids, i) : qpdf_oh_new_object(q, kids);
}

static bool kid_is(qpdf_data q, qpdf_oh kids, int i, const char *type)
{
    qpdf_oh kid = kid_at(q, kids, i);
    bool is = qpdf_oh_is_dictionary(q, kid) && is_element(q, kid, type);
    qpdf_oh_release(q, kid);
    return is;
}

/* Heads stand before cells. One in a row that has cells too speaks for its row, any other for its column. */
static void set_scopes(qpdf_data q, qpdf_oh kids)
{
    int n = count_kids(q, kids);
    bool cells = n && kid_is(q, kids, n - 1, "/TD");
    for (int i = 0; i < n && kid_is(q, kids, i, "/TH"); i++) {
        qpdf_oh kid = kid_at(q, kids, i);
        qpdf_oh scope = qpdf_oh_parse(q, cells ? "<< /O /Table /Scope /Row >>" : "<< /O /Table /Scope /Column >>");
        qpdf_oh_replace_key(q, kid, "/A", scope);
        qpdf_oh_release(q, scope);
        qpdf_oh_release(q, kid);
    }
}

static void walk(qpdf_data q, qpdf_oh element, int depth)
{
    qpdf_oh kids = qpdf_oh_get_key(q, element, "/K");
    int n = depth < DEPTH_MAX ? count_kids(q, kids) : 0;
    bool row = is_element(q, element, "/TR");
    if (row)
        set_scopes(q, kids);
    for (int i = 0; i < n && !row; i++) {
        qpdf_oh kid = kid_at(q, kids, i);
        if (qpdf_oh_is_dictionary(q, kid))
            walk(q, kid, depth + 1);
        qpdf_oh_release(q, kid);
    }
    qpdf_oh_release(q, kids);
}

static void describe(qpdf_data q, const char *language)
{
    qpdf_oh root = qpdf_get_root(q), tree = qpdf_oh_get_key(q, root, "/StructTreeRoot");
    qpdf_oh_replace_key(q, root, "/Lang", qpdf_oh_new_unicode_string(q, language));
    qpdf_oh_replace_key(q, root, "/ViewerPreferences", qpdf_oh_parse(q, "<< /DisplayDocTitle true >>"));
    if (qpdf_oh_is_dictionary(q, tree))
        walk(q, tree, 0);
}

bool pdf_finish(const unsigned char *in, size_t length, const char *language, unsigned char **out, size_t *out_length)
{
    qpdf_data q = qpdf_init();
    bool ok = false;
    if (!q)
        return false;
    qpdf_set_suppress_warnings(q, QPDF_TRUE);
    qpdf_silence_errors(q);
    if (qpdf_read_memory(q, "agreement", (const char *)in, length, NULL) != QPDF_SUCCESS)
        goto out;
    describe(q, language);
    if (qpdf_has_error(q) || qpdf_init_write_memory(q) != QPDF_SUCCESS)
        goto out;
    qpdf_set_object_stream_mode(q, qpdf_o_generate);
    qpdf_set_compress_streams(q, QPDF_TRUE);
    qpdf_set_deterministic_ID(q, QPDF_TRUE);
    if (qpdf_write(q) != QPDF_SUCCESS)
        goto out;
    size_t n = qpdf_get_buffer_length(q);
    *out = malloc(n ? n : 1);
    ok = *out && n;
    if (ok) {
        memcpy(*out, qpdf_get_buffer(q), n);
        *out_length = n;
    }
out:
    while (qpdf_has_error(q)) /* one that is not taken would be written to stderr */
        (void)qpdf_get_error(q);
    qpdf_cleanup(&q);
    return ok;
}
