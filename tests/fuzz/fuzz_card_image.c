/* fuzz_card_image.c - any bytes as a picture: a picture within the limits, or a reason. Two bytes in front ask for a
 * size. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "actions/social_cards/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[160] = "";
    if (size < 2)
        return 0;
    struct card_image *i = card_image_decode(data + 2, size - 2, data[0] * 8, data[1] * 8, why, sizeof why);
    if (!i && !*why)
        abort();
    if (i && ((int64_t)i->width * i->height > CARD_IMAGE_KEPT || !(i->focus_x >= 0 && i->focus_x <= 1) ||
              !(i->focus_y >= 0 && i->focus_y <= 1)))
        abort();
    card_image_free(i);
    return 0;
}
