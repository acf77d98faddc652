/* fastpng.c - fixed-distance matching and dynamic Huffman blocks (RFC 1951). */
#include "actions/social_cards/fastpng.h"

#include <libdeflate.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    TOKENS = 32768, /* of one block */
    HASH_BITS = 12,
    LONGEST = 258,
    ENOUGH = 96, /* a match this long is taken without looking for a longer one */
    LITERALS = 286,
    DISTANCES = 30,
    PIXEL = 0, /* kinds of tokens, in the top two bits: three literals, */
    BYTE = 1,  /* one literal, */
    MATCH = 2  /* length and distance */
};

struct code {
    uint16_t bits;
    uint8_t length;
};

struct coder {
    uint32_t token[TOKENS];
    int tokens;
    uint32_t literal_count[LITERALS], distance_count[DISTANCES];
    uint32_t place[1 << HASH_BITS];     /* offset + 1 where two pixels were seen last */
    uint8_t length_symbol[LONGEST + 1]; /* symbol - 257 */
    uint8_t *out;
    uint64_t buffer;
    int held; /* bits in it, below 8 between tokens */
};

static const uint16_t length_base[29] = { 3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                          31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258 };
static const uint8_t length_extra[29] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                          2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0 };

size_t card_fastpng_memory(void)
{
    return sizeof(struct coder);
}

size_t card_fastpng_bound(size_t n)
{
    /* no code is longer than 15 bits, and a block's tables take under 400 bytes */
    return n * 2 + (n / TOKENS + 2) * 400 + 64;
}

static uint64_t load64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return v;
}

/* ---- Bits, lowest first ---- */

static void put(struct coder *c, uint64_t bits, int n)
{
    c->buffer |= bits << c->held;
    c->held += n;
    memcpy(c->out, &c->buffer, 8); /* little-endian; what is not yet complete is written again */
    c->out += c->held >> 3;
    c->buffer >>= c->held & ~7;
    c->held &= 7;
}

static int distance_symbol(uint32_t d, int *extra)
{
    if (d <= 4) {
        *extra = 0;
        return (int)d - 1;
    }
    int n = 31 - __builtin_clz(d - 1);
    *extra = n - 1;
    return 2 * n + (int)((d - 1) >> (n - 1) & 1);
}

/* ---- Huffman codes ---- */

struct leaf {
    uint32_t count;
    uint16_t symbol;
};

static int by_count(const void *a, const void *b)
{
    const struct leaf *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count ? -1 : 1) : (int)x->symbol - (int)y->symbol;
}

/* Depths of the tree over n leaves sorted by count: the two smallest are joined until one is left. */
static void tree_depths(const struct leaf *leaf, int n, uint8_t *depth)
{
    uint32_t weight[2 * LITERALS];
    uint16_t parent[2 * LITERALS] = { 0 };
    int next_leaf = 0, next_node = n;
    for (int i = 0; i < n; i++)
        weight[i] = leaf[i].count;
    for (int made = n; made < 2 * n - 1; made++) {
        weight[made] = 0;
        for (int k = 0; k < 2; k++) {
            bool take_leaf = next_leaf < n && (next_node >= made || weight[next_leaf] <= weight[next_node]);
            int at = take_leaf ? next_leaf++ : next_node++;
            parent[at] = (uint16_t)made;
            weight[made] += weight[at];
        }
    }
    uint8_t level[2 * LITERALS];
    level[2 * n - 2] = 0;
    for (int i = 2 * n - 3; i >= 0; i--) {
        level[i] = (uint8_t)(level[parent[i]] + 1);
        if (i < n)
            depth[i] = level[i];
    }
}

/* Cuts depths at `limit` and lengthens others until the code can be told apart again. Rare symbols come first. */
static void limit_depths(uint8_t *depth, int n, int limit)
{
    int64_t room = (int64_t)1 << limit;
    for (int i = 0; i < n; i++) {
        if (depth[i] > limit)
            depth[i] = (uint8_t)limit;
        room -= (int64_t)1 << (limit - depth[i]);
    }
    for (int i = 0; room < 0; i = i + 1 < n ? i + 1 : 0)
        if (depth[i] < limit) {
            depth[i]++;
            room += (int64_t)1 << (limit - depth[i]);
        }
    /* what was freed beyond need goes to the most frequent that can take it: a code must be complete */
    for (int i = n - 1; room > 0; i = i > 0 ? i - 1 : n - 1)
        if ((int64_t)1 << (limit - depth[i]) <= room) {
            room -= (int64_t)1 << (limit - depth[i]);
            depth[i]--;
        }
}

static void make_codes(const uint32_t *count, int symbols, int limit, struct code *code)
{
    struct leaf leaf[LITERALS];
    uint8_t depth[LITERALS] = { 0 };
    int n = 0, used[17] = { 0 };
    memset(code, 0, (size_t)symbols * sizeof *code);
    for (int i = 0; i < symbols; i++)
        if (count[i])
            leaf[n++] = (struct leaf){ count[i], (uint16_t)i };
    if (n < 2) {
        /* some decoders want a complete code: two symbols of one bit */
        int only = n ? leaf[0].symbol : 0;
        code[only] = (struct code){ 0, 1 };
        code[only ? 0 : 1] = (struct code){ 0, 1 };
    } else {
        qsort(leaf, (size_t)n, sizeof *leaf, by_count);
        tree_depths(leaf, n, depth);
        limit_depths(depth, n, limit);
        for (int i = 0; i < n; i++)
            code[leaf[i].symbol].length = depth[i];
    }
    for (int i = 0; i < symbols; i++)
        used[code[i].length]++;
    used[0] = 0;
    uint32_t next[17] = { 0 };
    for (int l = 1; l <= 16; l++)
        next[l] = (next[l - 1] + (uint32_t)used[l - 1]) << 1;
    for (int i = 0; i < symbols; i++)
        if (code[i].length) {
            uint32_t v = next[code[i].length]++, turned = 0;
            for (int k = 0; k < code[i].length; k++)
                turned |= (v >> k & 1) << (code[i].length - 1 - k);
            code[i].bits = (uint16_t)turned;
        }
}

/* Lengths of both codes, runs shortened (RFC 1951, 3.2.7): symbol | extra bits << 8. */
static int shorten(const uint8_t *length, int n, uint16_t *out)
{
    int made = 0;
    for (int i = 0; i < n;) {
        int run = 1, v = length[i];
        while (i + run < n && length[i + run] == v)
            run++;
        i += run;
        while (v == 0 && run >= 3) {
            int take = run > 138 ? 138 : run;
            out[made++] = (uint16_t)(take <= 10 ? 17 | (take - 3) << 8 : 18 | (take - 11) << 8);
            run -= take;
        }
        if (v != 0) {
            out[made++] = (uint16_t)v;
            run--;
        }
        while (v != 0 && run >= 3) {
            int take = run > 6 ? 6 : run;
            out[made++] = (uint16_t)(16 | (take - 3) << 8);
            run -= take;
        }
        while (run-- > 0)
            out[made++] = (uint16_t)v;
    }
    return made;
}

static void put_tables(struct coder *c, const struct code *literal, const struct code *distance)
{
    static const uint8_t order[19] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15 };
    uint8_t length[LITERALS + DISTANCES];
    uint16_t run[LITERALS + DISTANCES];
    uint32_t count[19] = { 0 };
    struct code code[19];
    for (int i = 0; i < LITERALS; i++)
        length[i] = literal[i].length;
    for (int i = 0; i < DISTANCES; i++)
        length[LITERALS + i] = distance[i].length;
    int runs = shorten(length, LITERALS + DISTANCES, run), last = 18;
    for (int i = 0; i < runs; i++)
        count[run[i] & 31]++;
    make_codes(count, 19, 7, code);
    while (last > 3 && !code[order[last]].length)
        last--;
    put(c, LITERALS - 257, 5);
    put(c, DISTANCES - 1, 5);
    put(c, (uint64_t)last - 3, 4);
    for (int i = 0; i <= last; i++)
        put(c, code[order[i]].length, 3);
    for (int i = 0; i < runs; i++) {
        int symbol = run[i] & 31, extra = symbol == 16 ? 2 : symbol == 17 ? 3 : symbol == 18 ? 7 : 0;
        put(c, code[symbol].bits | (uint64_t)(run[i] >> 8) << code[symbol].length, code[symbol].length + extra);
    }
}

static void put_match(struct coder *c, uint32_t t, const struct code *literal, const struct code *distance)
{
    int length = (int)(t & 511), extra, l = c->length_symbol[length];
    uint32_t d = (t >> 9 & 32767) + 1;
    int ds = distance_symbol(d, &extra);
    uint64_t bits = literal[257 + l].bits;
    int n = literal[257 + l].length;
    bits |= (uint64_t)(length - length_base[l]) << n, n += length_extra[l];
    bits |= (uint64_t)distance[ds].bits << n, n += distance[ds].length;
    bits |= (uint64_t)((d - 1) & ((1u << extra) - 1)) << n, n += extra;
    put(c, bits, n);
}

static void put_block(struct coder *c, bool last)
{
    struct code literal[LITERALS], distance[DISTANCES];
    c->literal_count[256]++;
    make_codes(c->literal_count, LITERALS, 15, literal);
    make_codes(c->distance_count, DISTANCES, 15, distance);
    put(c, last | 2 << 1, 3);
    put_tables(c, literal, distance);
    for (int i = 0; i < c->tokens; i++) {
        uint32_t t = c->token[i];
        if (t >> 30 == PIXEL) {
            const struct code *p = &literal[t & 255], *q = &literal[t >> 8 & 255], *r = &literal[t >> 16 & 255];
            put(c, p->bits | (uint64_t)q->bits << p->length | (uint64_t)r->bits << (p->length + q->length),
                p->length + q->length + r->length);
        } else if (t >> 30 == BYTE)
            put(c, literal[t & 255].bits, literal[t & 255].length);
        else
            put_match(c, t, literal, distance);
    }
    put(c, literal[256].bits, literal[256].length);
    c->tokens = 0;
    memset(c->literal_count, 0, sizeof c->literal_count);
    memset(c->distance_count, 0, sizeof c->distance_count);
}

/* ---- Matching ---- */

static int same(const uint8_t *p, const uint8_t *q, int most)
{
    int n = 0;
    while (n < most) {
        uint64_t x = load64(p + n) ^ load64(q + n);
        if (x)
            return n + (__builtin_ctzll(x) >> 3) < most ? n + (__builtin_ctzll(x) >> 3) : most;
        n += 8;
    }
    return most;
}

struct search {
    const uint8_t *start;
    uint32_t distance[4];
    int first; /* which one matched last: it mostly does again */
};

/* Longest match at p of at most `most` bytes; 0 when none has three. */
static int longest(struct coder *c, struct search *s, const uint8_t *p, int most, uint32_t *distance)
{
    uint64_t here = load64(p);
    size_t at = (size_t)(p - s->start);
    int best = 2;
    for (int k = 0; k < 4; k++) {
        int i = (s->first + k) & 3;
        uint32_t d = s->distance[i];
        if (d > at || ((here ^ load64(p - d)) & 0xffffff))
            continue;
        int n = same(p, p - d, most);
        if (n > best) {
            best = n, *distance = d;
            if (n >= ENOUGH) {
                s->first = i;
                return n;
            }
        }
    }
    if (most >= 6) {
        uint32_t *slot = &c->place[(here << 16) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - HASH_BITS)];
        uint32_t seen = *slot;
        *slot = (uint32_t)at + 1;
        if (best < 12 && seen && at + 1 - seen <= 32768 && at + 1 > seen &&
            !((load64(s->start + seen - 1) ^ here) << 16)) {
            int n = same(p, s->start + seen - 1, most);
            if (n > best + 2)
                best = n, *distance = (uint32_t)(at + 1 - seen);
        }
    }
    return best > 2 ? best : 0;
}

static void add(struct coder *c, uint32_t token)
{
    c->token[c->tokens++] = token;
}

static void add_pixel(struct coder *c, const uint8_t *p)
{
    add(c, (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16);
    c->literal_count[p[0]]++, c->literal_count[p[1]]++, c->literal_count[p[2]]++;
}

static void add_match(struct coder *c, int n, uint32_t d)
{
    int extra;
    c->literal_count[257 + c->length_symbol[n]]++;
    c->distance_count[distance_symbol(d, &extra)]++;
    add(c, (uint32_t)MATCH << 30 | (d - 1) << 9 | (uint32_t)n);
}

static void code_row(struct coder *c, struct search *s, const uint8_t *row, size_t stride)
{
    const uint8_t *p = row + 1, *end = row + stride;
    add(c, (uint32_t)BYTE << 30 | row[0]);
    c->literal_count[row[0]]++;
    while (p < end) {
        uint32_t d = 0;
        int most = end - p > LONGEST ? LONGEST : (int)(end - p), n = longest(c, s, p, most, &d);
        if (c->tokens >= TOKENS - 2)
            put_block(c, false);
        if (n == 0) {
            add_pixel(c, p);
            p += 3;
            continue;
        }
        n -= n % 3; /* stay on whole pixels */
        add_match(c, n, d);
        p += n;
    }
}

size_t card_fastpng_compress(uint8_t *rows, size_t stride, size_t height, void *memory, uint8_t *out)
{
    struct coder *c = memory;
    struct search s = { .start = rows,
                        .distance = { 3, (uint32_t)stride, (uint32_t)stride - 3, (uint32_t)stride + 3 } };
    size_t n = stride * height;
    memset(rows + n, 0, CARD_FASTPNG_SLACK);
    memset(c->place, 0, sizeof c->place);
    memset(c->literal_count, 0, sizeof c->literal_count);
    memset(c->distance_count, 0, sizeof c->distance_count);
    c->tokens = 0, c->buffer = 0, c->held = 0, c->out = out + 2;
    for (int i = 0, l = 3; l <= LONGEST; l++) {
        while (i < 28 && l >= length_base[i + 1])
            i++;
        c->length_symbol[l] = (uint8_t)i;
    }
    out[0] = 0x78, out[1] = 0x01;
    for (size_t y = 0; y < height; y++) {
        if (c->tokens >= TOKENS - 2)
            put_block(c, false);
        code_row(c, &s, rows + y * stride, stride);
    }
    put_block(c, true);
    put(c, 0, (8 - c->held) & 7);
    uint32_t adler = libdeflate_adler32(1, rows, n);
    for (int i = 0; i < 4; i++)
        c->out[i] = (uint8_t)(adler >> (24 - 8 * i));
    return (size_t)(c->out + 4 - out);
}
