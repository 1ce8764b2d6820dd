/* Cut text into folded terms: `checks/terms/fold_rules.py` says which, `checks/terms/reference.py` does the same in Python.
 *
 * Runs of ASCII go 64 bytes at a time: folded by arithmetic, their borders found as bits, each term hashed where it lies.
 * All else goes code point by code point through the frozen table. No allocation, no byte read outside a row.
 */
#ifndef KERNEL_TERMS_H
#define KERNEL_TERMS_H
#include "rows.h"

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#define OUTLINE static __attribute__((noinline))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#else
#define INLINE static inline
#define OUTLINE static
#define LIKELY(x) (x)
#endif

enum { SEPARATOR, WORD, ALONE, IGNORED, EXPANDED, KIND_SHIFT = 24, VALUE_MASK = (1 << KIND_SHIFT) - 1 };
enum { STEP = 16, BLOCK = 64, WINDOW = 2048, USUAL_TURNS = 20 };

static const uint64_t TERM_A = UINT64_C(0x9E3779B97F4A7C15), TERM_B = UINT64_C(0xC2B2AE3D27D4EB4F),
                      TERM_C = UINT64_C(0x165667B19E3779F9), TERM_M = UINT64_C(0xD6E8FEB86659FD93),
                      TERM_P = UINT64_C(0x2545F4914F6CDD1D);

struct fold { /* the frozen table: uint32[0x110000], and its expansions */
    const uint32_t *table, *expansions;
};

INLINE uint64_t mixed(uint64_t x)
{
    return (x ^ x >> 32) * TERM_M;
}

/* Byte i of the text is bits 8i of the number, on any machine. */
INLINE uint64_t eight_bytes(const uint8_t *at)
{
    uint64_t x;
    memcpy(&x, at, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    return x;
}

INLINE uint32_t four_bytes(const uint8_t *at)
{
    uint32_t x;
    memcpy(&x, at, 4);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap32(x);
#endif
    return x;
}

INLINE uint64_t stepped(uint64_t h, const uint8_t *at)
{
    return mixed((eight_bytes(at) ^ h) * TERM_A + eight_bytes(at + 8) * TERM_B);
}

/* What becomes of h with the last *left* bytes of a term of *length*; STEP bytes may be read, those behind do not count. */
INLINE uint64_t ended(uint64_t h, const uint8_t *at, int64_t left, int64_t length)
{
#define K(n) (UINT64_MAX >> (64 - 8 * (n)))
    static const uint64_t kept[STEP + 1][2] = {
        {0, 0},       {K(1), 0},    {K(2), 0},    {K(3), 0},    {K(4), 0},    {K(5), 0},    {K(6), 0},    {K(7), 0}, {K(8), 0},
        {K(8), K(1)}, {K(8), K(2)}, {K(8), K(3)}, {K(8), K(4)}, {K(8), K(5)}, {K(8), K(6)}, {K(8), K(7)}, {K(8), K(8)},
    };
#undef K
    const uint64_t a = eight_bytes(at) & kept[left][0], b = eight_bytes(at + 8) & kept[left][1];
    return mixed((a ^ h) * TERM_A + b * TERM_B + (uint64_t)length * TERM_C);
}

/* The hash of the *length* > 0 bytes at *at*; STEP bytes behind them may be read. */
INLINE uint64_t hash_of_bytes(const uint8_t *at, int64_t length)
{
    uint64_t h = 0;
    int64_t left = length;
    for (; !LIKELY(left <= STEP); left -= STEP, at += STEP)
        h = stepped(h, at);
    return ended(h, at, left, length);
}

/* UTF-8 of a code point that the table holds, first byte lowest; its length goes to *length. */
INLINE uint32_t utf8_of(uint32_t c, int *length)
{
    if (c < 0x80) {
        *length = 1;
        return c;
    }
    if (c < 0x800) {
        *length = 2;
        return (c >> 6 | 0xC0) | (c & 0x3F) << 8 | 0x8000;
    }
    if (c < 0x10000) {
        *length = 3;
        return (c >> 12 | 0xE0) | (c >> 6 & 0x3F) << 8 | (c & 0x3F) << 16 | 0x808000;
    }
    *length = 4;
    return (c >> 18 | 0xF0) | (c >> 12 & 0x3F) << 8 | (c >> 6 & 0x3F) << 16 | (c & 0x3F) << 24 | 0x80808000;
}

enum { SLOTS_OF_SIGNATURE = 128, SLOTS_AT_ONCE = 64 };

/* MurmurHash3's finalizer of 32 bits, which datasketch applies to every value before its permutations. */
INLINE uint32_t fmix32(uint32_t h)
{
    h = (h ^ h >> 16) * UINT32_C(0x85EBCA6B);
    h = (h ^ h >> 13) * UINT32_C(0xC2B2AE35);
    return h ^ h >> 16;
}

struct window { /* a stretch of ASCII, folded; borders: where a term starts, where it ends, where the next one starts, … */
    uint8_t folded[WINDOW + BLOCK + STEP];
    uint16_t borders[WINDOW + 1 + USUAL_TURNS];
    int64_t length, count;
};

enum mode { SKETCHED, SHINGLED, PLACED, WRITTEN, WHOLE, NAMED }; /* always a constant where it is passed: each gives a walk of its own */
enum { MOST_HELD = 2048, MOST_WIDTH = 64, WORD_BYTES = 2 * STEP + 8, LANES = 16 };
enum { WINDOW_ROOM = WINDOW + 2 * STEP }; /* bytes that the terms of a window take at most, and what is written behind them */

struct job {
    struct fold fold;
    struct window window;
    int64_t held, passed;                              /* terms in `hashes`, and those that have left it */
    uint64_t hashes[MOST_HELD + MOST_WIDTH + LANES];   /* of consecutive terms; the last width - 1 stay for the next shingle */
    int64_t starts[MOST_HELD + MOST_WIDTH], ends[MOST_HELD + MOST_WIDTH]; /* PLACED: their code points */
    int64_t width;
    const uint32_t *a, *b; /* SKETCHED, NAMED */
    uint32_t *slots, values[MOST_HELD + MOST_WIDTH + LANES];
    int64_t shortest; /* rows of fewer terms keep their slots as they are */
    uint64_t *shingles; /* SHINGLED, PLACED */
    int64_t *places;
    const uint64_t *sieve; /* null, or those shingles alone are kept that it lets through */
    int sieve_shift;
    uint8_t *bytes; /* WRITTEN, NAMED */
    int64_t made, room; /* of shingles or bytes */
    bool is_full;       /* there was no room: what was made of this row is not whole */
    uint64_t whole, around; /* WHOLE: of all terms of a line so far, and of all of its paragraph */
};

/* WHOLE: takes the next terms into the hash of their line and into that of its paragraph. */
OUTLINE void take_hashes(struct job *job, const uint64_t *hashes, int64_t count)
{
    uint64_t whole = job->whole, around = job->around;
    for (int64_t i = 0; i < count; i++) {
        whole = whole * TERM_P + hashes[i];
        around = around * TERM_P + hashes[i];
    }
    job->whole = whole;
    job->around = around;
    job->passed += count;
}

typedef void walk(struct job *job, const uint8_t *at, const uint8_t *end);

struct word { /* a term that is not at its end yet; WRITTEN, NAMED: its bytes lie in their place already */
    uint64_t h;
    int64_t length, start, end;
    int filled;
    uint8_t bytes[WORD_BYTES];
};

#endif
