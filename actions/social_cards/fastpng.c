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
    ENOUGH = 32, /* a match this long is taken without looking for a longer one */
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
    uint32_t place[1 << HASH_BITS]; /* offset + 1 where two pixels were seen last */
    uint16_t symbol[LONGEST + 1];   /* of a match's length, and its extra bits above it */
    uint8_t *out;
    uint64_t buffer;
    int held; /* bits in it, below 8 between tokens */
};

size_t card_fastpng_memory(void)
{
    return sizeof(struct coder);
}

size_t card_fastpng_bound(size_t n)
{
    return n * 2 + (n / TOKENS + 2) * 400 + 64; /* codes have at most 15 bits, a block's tables under 400 bytes */
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

/* Symbols of RFC 1951, 3.2.5, by their arithmetic instead of tables; *extra = number of further bits. */
static int distance_symbol(uint32_t d, int *extra)
{
    int n = d > 4 ? 31 - __builtin_clz(d - 1) : 1;
    *extra = n - 1;
    return d > 4 ? 2 * n + (int)((d - 1) >> (n - 1) & 1) : (int)d - 1;
}

static int length_symbol(int length, int *extra)
{
    int v = length - 3, n = v > 7 ? 31 - __builtin_clz((unsigned)v) : 2;
    *extra = length == LONGEST ? 0 : n - 2;
    return length == LONGEST ? 285 : v > 7 ? 257 + 4 * (n - 1) + (v >> (n - 2) & 3) : 257 + v;
}

static void learn_lengths(struct coder *c)
{
    for (int n = 3; n <= LONGEST; n++) {
        int extra, symbol = length_symbol(n, &extra);
        c->symbol[n] = (uint16_t)(extra << 12 | symbol);
    }
}

static int by_count(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Depths of the tree over n leaves (count << 16 | symbol) in order: the two smallest are joined until one is left. */
static void tree_depths(const uint64_t *leaf, int n, uint8_t *depth)
{
    uint32_t weight[2 * LITERALS];
    uint16_t parent[2 * LITERALS] = { 0 };
    int next_leaf = 0, next_node = n;
    for (int i = 0; i < n; i++)
        weight[i] = (uint32_t)(leaf[i] >> 16);
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

/* Lengths by Huffman, none above 15 bits: counts are halved until the tree is low enough. Then canonical codes. */
static void make_codes(uint32_t *count, int symbols, struct code *code)
{
    uint64_t leaf[LITERALS];
    uint8_t depth[LITERALS];
    uint32_t next[17] = { 0 };
    int n = 0;
    count[0] += !count[0], count[1] += !count[1]; /* one symbol alone has no code that every decoder takes */
    for (int i = 0; i < symbols; i++)
        if (count[i])
            leaf[n++] = (uint64_t)count[i] << 16 | (uint64_t)i;
    qsort(leaf, (size_t)n, sizeof *leaf, by_count);
    for (tree_depths(leaf, n, depth); depth[0] > 15; tree_depths(leaf, n, depth))
        for (int i = 0; i < n; i++)
            leaf[i] = ((leaf[i] >> 17) + 1) << 16 | (leaf[i] & 0xffff);
    memset(code, 0, (size_t)symbols * sizeof *code);
    for (int i = 0; i < n; i++) {
        code[leaf[i] & 0xffff].length = depth[i];
        next[depth[i] + 1]++;
    }
    for (int l = 1; l <= 16; l++)
        next[l] = (next[l] + next[l - 1]) << 1;
    for (int i = 0; i < symbols; i++) {
        uint32_t v = code[i].length ? next[code[i].length]++ : 0;
        for (int k = 0; k < code[i].length; k++, v >>= 1)
            code[i].bits = (uint16_t)(code[i].bits << 1 | (v & 1)); /* deflate sends codes from their highest bit */
    }
}

/* The lengths of both codes, four bits each: shorter ways to say them would save less than a percent. */
static void put_tables(struct coder *c, const struct code *literal, const struct code *distance)
{
    put(c, (LITERALS - 257) | (DISTANCES - 1) << 5 | (19 - 4) << 10, 14);
    for (int i = 0; i < 19; i++)
        put(c, i < 3 ? 0 : 4, 3); /* the sixteen lengths all have codes of four bits; no runs */
    for (int i = 0; i < LITERALS + DISTANCES; i++) {
        int v = i < LITERALS ? literal[i].length : distance[i - LITERALS].length;
        put(c, (uint64_t)((v & 1) << 3 | (v & 2) << 1 | (v & 4) >> 1 | v >> 3), 4);
    }
}

static void put_match(struct coder *c, uint32_t t, const struct code *literal, const struct code *distance)
{
    int length = (int)(t & 511), extra_d, l = c->symbol[length] & 4095, extra_l = c->symbol[length] >> 12;
    uint32_t d = (t >> 9 & 32767) + 1;
    int ds = distance_symbol(d, &extra_d), n = literal[l].length;
    uint64_t bits = literal[l].bits | (uint64_t)((length - 3) & ((1 << extra_l) - 1)) << n;
    n += extra_l;
    bits |= (uint64_t)distance[ds].bits << n, n += distance[ds].length;
    bits |= (uint64_t)((d - 1) & ((1u << extra_d) - 1)) << n, n += extra_d;
    put(c, bits, n);
}

static void put_block(struct coder *c, bool last)
{
    struct code literal[LITERALS], distance[DISTANCES];
    c->literal_count[256]++;
    make_codes(c->literal_count, LITERALS, literal);
    make_codes(c->distance_count, DISTANCES, distance);
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
    for (; n + 32 <= most; n += 32) /* mostly all of a row's ground is the same */
        if ((load64(p + n) ^ load64(q + n)) | (load64(p + n + 8) ^ load64(q + n + 8)) |
            (load64(p + n + 16) ^ load64(q + n + 16)) | (load64(p + n + 24) ^ load64(q + n + 24)))
            break;
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
    if (c->tokens == TOKENS)
        put_block(c, false);
    c->token[c->tokens++] = token;
}

static void add_match(struct coder *c, int n, uint32_t d)
{
    int extra;
    add(c, (uint32_t)MATCH << 30 | (d - 1) << 9 | (uint32_t)n);
    c->literal_count[c->symbol[n] & 4095]++;
    c->distance_count[distance_symbol(d, &extra)]++;
}

static void code_row(struct coder *c, struct search *s, const uint8_t *row, size_t stride)
{
    const uint8_t *p = row + 1, *end = row + stride;
    add(c, (uint32_t)BYTE << 30 | row[0]);
    c->literal_count[row[0]]++;
    while (p < end) {
        uint32_t d = 0;
        int most = end - p > LONGEST ? LONGEST : (int)(end - p), n = longest(c, s, p, most, &d);
        if (n == 0) {
            add(c, (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16);
            for (int i = 0; i < 3; i++)
                c->literal_count[*p++]++;
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
    /* the tokens are written before they are read */
    c->tokens = c->held = 0, c->buffer = 0;
    memset(c->literal_count, 0, sizeof c->literal_count);
    memset(c->distance_count, 0, sizeof c->distance_count);
    memset(c->place, 0, sizeof c->place);
    learn_lengths(c);
    c->out = out + 2;
    out[0] = 0x78, out[1] = 0x01;
    for (size_t y = 0; y < height; y++)
        code_row(c, &s, rows + y * stride, stride);
    put_block(c, true);
    put(c, 0, (8 - c->held) & 7);
    uint32_t adler = libdeflate_adler32(1, rows, n);
    for (int i = 0; i < 4; i++)
        c->out[i] = (uint8_t)(adler >> (24 - 8 * i));
    return (size_t)(c->out + 4 - out);
}
