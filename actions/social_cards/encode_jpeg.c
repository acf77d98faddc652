/* encode_jpeg.c - JPEG by libjpeg-turbo: full colour resolution, as letters have coloured edges; alternative text as
 * XMP. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* jpeglib needs the above first */
#include <jpeglib.h>

#include "actions/social_cards/encode.h"

struct writing {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr error;
    jmp_buf leave;
    unsigned char *out;
    unsigned long n;
};

static void on_error(j_common_ptr j)
{
    struct writing *w = j->client_data;
    longjmp(w->leave, 1);
}

static void on_message(j_common_ptr j, int level)
{
    (void)j;
    (void)level;
}

/* Appends text as XML character data; false when it does not fit. */
static bool xml_text(char *out, size_t size, size_t *n, const char *text)
{
    for (; *text; text++) {
        const char *as = *text == '&' ? "&amp;" : *text == '<' ? "&lt;" : *text == '>' ? "&gt;" : NULL;
        size_t length = as ? strlen(as) : 1;
        if (*n + length >= size)
            return false;
        memcpy(out + *n, as ? as : text, length);
        *n += length;
    }
    out[*n] = 0;
    return true;
}

/* IPTC's property for alternative text, and Dublin Core's description, which more programs show. */
static void write_xmp(struct jpeg_compress_struct *j, const char *alt)
{
    enum { ROOM = 16 * 1024 };
    static const char head[] =
        "http://ns.adobe.com/xap/1.0/\0<?xpacket begin='\xef\xbb\xbf' id='W5M0MpCehiHzreSzNTczkc9d'?>"
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        "<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' "
        "xmlns:Iptc4xmpCore='http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/'>";
    static const char *const around[] = {
        "<dc:description><rdf:Alt><rdf:li xml:lang='x-default'>",
        "</rdf:li></rdf:Alt></dc:description><Iptc4xmpCore:AltTextAccessibility><rdf:Alt>"
        "<rdf:li xml:lang='x-default'>",
        "</rdf:li></rdf:Alt></Iptc4xmpCore:AltTextAccessibility>"
        "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='r'?>"
    };
    char *p = malloc(ROOM);
    if (!p)
        return;
    size_t n = sizeof head - 1;
    memcpy(p, head, n);
    bool ok = true;
    for (int i = 0; i < 3 && ok; i++) {
        size_t length = strlen(around[i]);
        ok = n + length < ROOM;
        if (!ok)
            break;
        memcpy(p + n, around[i], length + 1);
        n += length;
        ok = i == 2 || xml_text(p, ROOM, &n, alt);
    }
    if (ok)
        jpeg_write_marker(j, JPEG_APP0 + 1, (const JOCTET *)p, (unsigned)n);
    free(p);
}

/* May leave by longjmp; everything it holds is in *w. */
static void write_picture(struct writing *w, const struct card_pixels *px, int quality, const char *alt)
{
    struct jpeg_compress_struct *j = &w->jpeg;
    jpeg_create_compress(j);
    jpeg_mem_dest(j, &w->out, &w->n);
    j->image_width = (JDIMENSION)px->width;
    j->image_height = (JDIMENSION)px->height;
    j->input_components = 4;
    j->in_color_space = JCS_EXT_BGRX;
    jpeg_set_defaults(j);
    jpeg_set_quality(j, quality, TRUE);
    j->optimize_coding = TRUE;
    for (int c = 0; c < 3; c++)
        j->comp_info[c].h_samp_factor = j->comp_info[c].v_samp_factor = 1;
    jpeg_start_compress(j, TRUE);
    if (*alt)
        write_xmp(j, alt);
    while (j->next_scanline < j->image_height) {
        JSAMPROW rows[1] = { (JSAMPROW)(uintptr_t)(px->p + (size_t)j->next_scanline * (size_t)px->stride) };
        jpeg_write_scanlines(j, rows, 1);
    }
    jpeg_finish_compress(j);
}

bool card_encode_jpeg(const struct card_pixels *px, int quality, const char *alt, struct card_file *out)
{
    struct writing *w = calloc(1, sizeof *w); /* on the heap: its members survive longjmp */
    if (!w)
        return false;
    w->jpeg.err = jpeg_std_error(&w->error);
    w->jpeg.client_data = w;
    w->error.error_exit = on_error;
    w->error.emit_message = on_message;
    bool ok = setjmp(w->leave) == 0;
    if (ok)
        write_picture(w, px, quality, alt);
    jpeg_destroy_compress(&w->jpeg);
    if (ok)
        *out = (struct card_file){ w->out, w->n, CARD_JPEG };
    else
        free(w->out);
    free(w);
    return ok;
}
