/* swizzle.c - rows of xRGB words to R, G, B bytes, by the processor's shuffle where it has one. */
#include "actions/social_cards/fastpng.h"

#if defined(__x86_64__)
#include <tmmintrin.h>

/* Sixteen pixels at a time; writes only whole results. Returns how many pixels it did. */
__attribute__((target("ssse3"))) static int shuffle_row(const uint8_t *in, int n, uint8_t *out)
{
    const __m128i pick = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    int i = 0;
    for (; i + 16 <= n; i += 16, in += 64, out += 48) {
        __m128i a = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)in), pick);
        __m128i b = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(in + 16)), pick);
        __m128i c = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(in + 32)), pick);
        __m128i d = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(in + 48)), pick);
        _mm_storeu_si128((__m128i *)(void *)out, _mm_or_si128(a, _mm_slli_si128(b, 12)));
        _mm_storeu_si128((__m128i *)(void *)(out + 16), _mm_or_si128(_mm_srli_si128(b, 4), _mm_slli_si128(c, 8)));
        _mm_storeu_si128((__m128i *)(void *)(out + 32), _mm_or_si128(_mm_srli_si128(c, 8), _mm_slli_si128(d, 4)));
    }
    return i;
}

static int shuffled(const uint8_t *in, int n, uint8_t *out)
{
    return __builtin_cpu_supports("ssse3") ? shuffle_row(in, n, out) : 0;
}
#else
static int shuffled(const uint8_t *in, int n, uint8_t *out)
{
    (void)in, (void)n, (void)out;
    return 0;
}
#endif

void card_rgb_row(const struct card_pixels *px, int y, uint8_t *out)
{
    const uint8_t *in = px->p + (size_t)y * (size_t)px->stride;
    for (int i = shuffled(in, px->width, out); i < px->width; i++) {
        uint32_t v = ((const uint32_t *)(const void *)in)[i];
        out[3 * i] = (uint8_t)(v >> 16), out[3 * i + 1] = (uint8_t)(v >> 8), out[3 * i + 2] = (uint8_t)v;
    }
}
