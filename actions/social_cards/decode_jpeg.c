/* decode_jpeg.c - JPEG by libjpeg-turbo: reduced while it is decoded, CMYK turned to RGB, the camera's orientation
 * honoured. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* jpeglib needs the above first */
#include <jerror.h>
#include <jpeglib.h>

#include "actions/social_cards/image.h"

struct reading {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr error;
    struct jpeg_progress_mgr progress;
    jmp_buf leave;
    char *why;
    size_t size;
    struct card_image *image;
    unsigned char *row;
    const unsigned char *data;
    int orientation;
    bool ended_early;
};

static void on_error(j_common_ptr j)
{
    struct reading *r = j->client_data;
    char text[JMSG_LENGTH_MAX];
    j->err->format_message(j, text);
    snprintf(r->why, r->size, "the JPEG is damaged: %.80s", text);
    longjmp(r->leave, 1);
}

/* Bytes that libjpeg passed over in front of a marker end where it reads next. Cameras pad with zeros or ones; other
 * bytes are what a damaged scan left. */
static bool is_padding(const unsigned char *data, const unsigned char *end, int skipped)
{
    if (skipped < 0 || skipped > end - data)
        return false;
    for (const unsigned char *p = end - skipped; p < end; p++)
        if (*p != 0 && *p != 0xff)
            return false;
    return true;
}

/*
 * Messages below 0 say that libjpeg went on in spite of damage, and drew grey or green instead of the picture. Only
 * what leaves no trace in it is passed over: scan parameters that phones write wrongly, an unknown version of the
 * header, a missing end.
 */
static void on_message(j_common_ptr common, int level)
{
    struct reading *r = common->client_data;
    if (level >= 0 || !common->is_decompressor)
        return;
    const j_decompress_ptr j = (j_decompress_ptr)common;
    switch (common->err->msg_code) {
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
        return;
    case JWRN_JPEG_EOF:
        r->ended_early = true;
        return;
    case JWRN_EXTRANEOUS_DATA:
        if (is_padding(r->data, j->src->next_input_byte, common->err->msg_parm.i[0]))
            return;
        break;
    default:
        break;
    }
    on_error(common);
}

/* The file ended before its end marker. Whether anything is missing: of one scan libjpeg says so itself; of several, a
 * coefficient that never came with its last bit, or a component without a scan. */
static bool is_incomplete(struct jpeg_decompress_struct *j)
{
    if (!j->coef_bits)
        return jpeg_has_multiple_scans(j) && j->input_scan_number < j->num_components;
    for (int c = 0; c < j->num_components; c++)
        for (int k = 0; k < DCTSIZE2; k++)
            if (j->coef_bits[c][k] != 0)
                return true;
    return false;
}

/* A progressive file may ask for thousands of passes over the whole picture. */
static void on_progress(j_common_ptr j)
{
    struct reading *r = j->client_data;
    if (j->is_decompressor && ((j_decompress_ptr)j)->input_scan_number > CARD_IMAGE_SCANS) {
        snprintf(r->why, r->size, "the JPEG has more than %d scans", CARD_IMAGE_SCANS);
        longjmp(r->leave, 1);
    }
}

static unsigned get16(const unsigned char *p, bool little)
{
    return little ? p[0] | (unsigned)p[1] << 8 : (unsigned)p[0] << 8 | p[1];
}

static unsigned get32(const unsigned char *p, bool little)
{
    return little ? get16(p, true) | get16(p + 2, true) << 16 : get16(p, false) << 16 | get16(p + 2, false);
}

/* Value of the tag Orientation (0x0112) in an Exif block, 1 when it has none or cannot be trusted. */
static int exif_orientation(const unsigned char *p, size_t n)
{
    if (n < 14 || memcmp(p, "Exif\0\0", 6) != 0)
        return 1;
    p += 6, n -= 6;
    bool little = p[0] == 'I';
    size_t at = get32(p + 4, little);
    if (at > n - 2 || at + 2 > n)
        return 1;
    unsigned count = get16(p + at, little);
    for (at += 2; count > 0 && at + 12 <= n; count--, at += 12)
        if (get16(p + at, little) == 0x0112) {
            unsigned v = get16(p + at + 8, little);
            return v >= 1 && v <= 8 ? (int)v : 1;
        }
    return 1;
}

static void find_orientation(struct reading *r)
{
    r->orientation = 1;
    for (jpeg_saved_marker_ptr m = r->jpeg.marker_list; m; m = m->next)
        if (m->marker == JPEG_APP0 + 1 && r->orientation == 1)
            r->orientation = exif_orientation(m->data, m->data_length);
}

/* The smallest of libjpeg's eighths that still has the wanted size. */
static void choose_scale(struct reading *r, int want_w, int want_h)
{
    r->jpeg.scale_denom = 8;
    r->jpeg.scale_num = 8;
    if (want_w <= 0 || want_h <= 0)
        return;
    if (r->orientation >= 5) {
        int t = want_w;
        want_w = want_h, want_h = t;
    }
    for (unsigned k = 1; k < 8; k++)
        if (r->jpeg.image_width * k / 8 >= (unsigned)want_w && r->jpeg.image_height * k / 8 >= (unsigned)want_h) {
            r->jpeg.scale_num = k;
            return;
        }
}

/* Where the pixel (x, y) of the file belongs in the upright picture of w x h. */
static uint32_t *place(struct card_image *i, int orientation, int x, int y)
{
    int w = i->width, h = i->height, to_x = x, to_y = y;
    switch (orientation) {
    case 2:
        to_x = w - 1 - x;
        break;
    case 3:
        to_x = w - 1 - x, to_y = h - 1 - y;
        break;
    case 4:
        to_y = h - 1 - y;
        break;
    case 5:
        to_x = y, to_y = x;
        break;
    case 6:
        to_x = w - 1 - y, to_y = x;
        break;
    case 7:
        to_x = w - 1 - y, to_y = h - 1 - x;
        break;
    case 8:
        to_x = y, to_y = h - 1 - x;
        break;
    default:
        break;
    }
    unsigned char *data = cairo_image_surface_get_data(i->surface);
    return (uint32_t *)(void *)(data + (size_t)to_y * (size_t)cairo_image_surface_get_stride(i->surface)) + to_x;
}

static void store_row(const struct reading *r, int y)
{
    bool cmyk = r->jpeg.output_components == 4, inverted = r->jpeg.saw_Adobe_marker;
    for (int x = 0; x < (int)r->jpeg.output_width; x++) {
        const unsigned char *p = r->row + (size_t)x * (size_t)r->jpeg.output_components;
        uint32_t red = p[0], green = p[1], blue = p[2];
        if (cmyk) {
            /* Adobe's files hold the complement of each ink */
            uint32_t c = inverted ? p[0] : 255u - p[0], m = inverted ? p[1] : 255u - p[1],
                     k = inverted ? p[3] : 255u - p[3];
            blue = (inverted ? p[2] : 255u - p[2]) * k / 255;
            red = c * k / 255, green = m * k / 255;
        }
        *place(r->image, r->orientation, x, y) = 0xff000000u | red << 16 | green << 8 | blue;
    }
}

/* May leave by longjmp; everything it holds is in *r. */
static void read_picture(struct reading *r, const void *data, size_t n, int want_w, int want_h)
{
    struct jpeg_decompress_struct *j = &r->jpeg;
    jpeg_create_decompress(j);
    j->progress = &r->progress;
    r->progress.progress_monitor = on_progress;
    j->mem->max_memory_to_use = 96L * 1024 * 1024;
    jpeg_save_markers(j, JPEG_APP0 + 1, 0xffff);
    jpeg_mem_src(j, data, (unsigned long)n);
    jpeg_read_header(j, TRUE);
    if (j->image_width > CARD_IMAGE_SIDE || j->image_height > CARD_IMAGE_SIDE ||
        (uint64_t)j->image_width * j->image_height > CARD_IMAGE_PIXELS) {
        snprintf(r->why, r->size, "the JPEG has %ux%u pixels; at most %d megapixels are taken", j->image_width,
                 j->image_height, CARD_IMAGE_PIXELS / 1000000);
        return;
    }
    find_orientation(r);
    choose_scale(r, want_w, want_h);
    bool cmyk = j->jpeg_color_space == JCS_CMYK || j->jpeg_color_space == JCS_YCCK;
    j->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
    jpeg_calc_output_dimensions(j);
    bool turned = r->orientation >= 5;
    r->image = card_image_new((int)(turned ? j->output_height : j->output_width),
                              (int)(turned ? j->output_width : j->output_height), true, r->why, r->size);
    if (!r->image)
        return;
    jpeg_start_decompress(j);
    r->row = malloc((size_t)j->output_width * (size_t)j->output_components);
    if (!r->row)
        ERREXIT1(j, JERR_OUT_OF_MEMORY, 0);
    while (j->output_scanline < j->output_height) {
        JSAMPROW rows[1] = { r->row };
        int y = (int)j->output_scanline;
        jpeg_read_scanlines(j, rows, 1);
        store_row(r, y);
    }
    /* of several scans all were read by now; the end of one is looked for by the next call, which frees what is known
     */
    if (r->ended_early && is_incomplete(j)) {
        snprintf(r->why, r->size, "the JPEG is damaged: it ends before all of it was there");
        longjmp(r->leave, 1);
    }
    jpeg_finish_decompress(j);
}

struct card_image *card_jpeg_decode(const void *data, size_t n, int want_w, int want_h, char *why, size_t size)
{
    struct reading *r = calloc(1, sizeof *r); /* on the heap: its members survive longjmp */
    if (!r) {
        snprintf(why, size, "out of memory");
        return NULL;
    }
    r->why = why, r->size = size, r->data = data;
    r->jpeg.err = jpeg_std_error(&r->error);
    r->jpeg.client_data = r;
    r->error.error_exit = on_error;
    r->error.emit_message = on_message;
    if (setjmp(r->leave) == 0)
        read_picture(r, data, n, want_w, want_h);
    else {
        card_image_free(r->image);
        r->image = NULL;
    }
    struct card_image *image = r->image;
    jpeg_destroy_decompress(&r->jpeg);
    free(r->row);
    free(r);
    return image;
}
