/*
 * image_compare.c - tells whether two PNG files look the same.
 *     image_compare A.png B.png
 * prints the share of visibly different pixels and the structural similarity. Exit code 0 = the same within tolerance,
 * 1 = not, 64 = wrong use, 66 = a file cannot be read.
 */
#include "tests/image_compare.h"

int main(int argc, char **argv)
{
    struct picture a, b;
    if (argc != 3) {
        fprintf(stderr, "usage: image_compare A.png B.png\n");
        return 64;
    }
    if (!picture_read(argv[1], &a)) {
        fprintf(stderr, "image_compare: %s cannot be read\n", argv[1]);
        return 66;
    }
    if (!picture_read(argv[2], &b)) {
        fprintf(stderr, "image_compare: %s cannot be read\n", argv[2]);
        free(a.rgb);
        return 66;
    }
    int code = 1;
    if (a.width != b.width || a.height != b.height)
        printf("sizes differ: %dx%d and %dx%d\n", a.width, a.height, b.width, b.height);
    else {
        struct difference d = picture_compare(&a, &b);
        printf("different %.4f %% ssim %.5f worst at %d,%d\n", d.share * 100, d.ssim, d.worst_x, d.worst_y);
        code = picture_close(&d) ? 0 : 1;
    }
    free(a.rgb);
    free(b.rgb);
    return code;
}
