/* Repetition within the rows of an Arrow String or LargeString array: n-grams of words, and how even its code points are.
 *
 * What `checks/quality/forms_reference.py` does, in one pass; that stays as the fallback and the oracle. No allocation: the
 * caller's scratch, zeros at first, is zeros again after each call. Words are those of `signs.c`. N-grams are told apart by
 * a hash of 64 bits.
 */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function" /* what terms.h has for other walks */
#endif
#include "terms.h"

enum { LAST_OF_RUN = 3, LAST_TERM = 9, CLASS_MASK = 31 }; /* the numbers of `checks/signs/classes.py` */
enum { PIECE = 1 << 16, POINTS = 0x110000, LOG_BITS = 16, LOGS_KEPT = 256 };
enum { DISTINCT_POINTS, ENTROPY_MBIT, TOP_2GRAM, DUPLICATE_5GRAMS, DUPLICATE_10GRAMS, REPEATS }; /* the output's rows */

struct gram {
    uint64_t hash; /* 0: nothing here */
    uint64_t count;
};

struct scratch {
    uint32_t count_of[POINTS]; /* zeros between rows */
    uint32_t seen[POINTS];     /* the code points counted, in the order they came */
    uint64_t hashes[PIECE];
    uint64_t ends[PIECE + 1]; /* code points of the words before each */
    struct gram grams[2 * PIECE];
};

/* log2 in 2**-16 of a bit, rounded down step by step: one bit a squaring of a mantissa of 31 bits. n > 0. */
static uint64_t log_of(uint64_t n)
{
    const int whole = 63 - __builtin_clzll(n);
    uint64_t mantissa = whole > 31 ? n >> (whole - 31) : n << (31 - whole), log = (uint64_t)whole;
    for (int bit = 0; bit < LOG_BITS; bit++) {
        mantissa = mantissa * mantissa >> 31;
        log <<= 1;
        if (mantissa >> 32) {
            mantissa >>= 1;
            log |= 1;
        }
    }
    return log;
}

INLINE uint64_t shuffled(uint64_t s)
{
    s = mixed(s);
    s ^= s >> 32;
    return s ? s : 1;
}

/* The slot of *hash, or the free one where it belongs. */
INLINE struct gram *slot_of(struct gram *grams, uint64_t mask, uint64_t hash)
{
    uint64_t slot = hash & mask;
    while (grams[slot].hash && grams[slot].hash != hash)
        slot = (slot + 1) & mask;
    return grams + slot;
}

INLINE uint64_t hash_of_gram(const uint64_t *hashes, int width)
{
    uint64_t s = 0;
    for (int i = 0; i < width; i++)
        s = s * TERM_P + hashes[i];
    return shuffled(s);
}

/* Code points of the words of the commonest 2-gram that occurs twice or more; of two as common, the longer. */
static uint64_t top_of(struct scratch *own, uint64_t mask, int64_t words)
{
    uint64_t most = 1, chars = 0;
    memset(own->grams, 0, (size_t)(mask + 1) * sizeof *own->grams);
    for (int64_t i = 0; i + 2 <= words; i++) {
        const uint64_t hash = hash_of_gram(own->hashes + i, 2), length = own->ends[i + 2] - own->ends[i];
        struct gram *const gram = slot_of(own->grams, mask, hash);
        gram->hash = hash;
        gram->count++;
        if (gram->count > most || (gram->count == most && most > 1 && length * most > chars)) {
            most = gram->count;
            chars = length * most;
        }
    }
    return chars;
}

/* Code points of the words of n-grams that were seen before; the walk goes on behind each. */
static uint64_t duplicates_of(struct scratch *own, uint64_t mask, int64_t words, int width)
{
    uint64_t chars = 0;
    memset(own->grams, 0, (size_t)(mask + 1) * sizeof *own->grams);
    for (int64_t i = 0; i + width <= words;) {
        const uint64_t hash = hash_of_gram(own->hashes + i, width);
        struct gram *const gram = slot_of(own->grams, mask, hash);
        if (gram->hash) {
            chars += own->ends[i + width] - own->ends[i];
            i += width;
        } else {
            gram->hash = hash;
            i++;
        }
    }
    return chars;
}

/* Adds what the words of a piece come to; no n-gram reaches from one piece into the next. */
static void take_piece(struct scratch *own, int64_t words, uint64_t *counts)
{
    uint64_t mask = 16;
    while (mask < 2 * (uint64_t)words)
        mask *= 2;
    mask--;
    const uint64_t top = top_of(own, mask, words);
    if (!top)
        return; /* no 2-gram twice: no longer one either */
    counts[TOP_2GRAM] += top;
    const uint64_t fives = duplicates_of(own, mask, words, 5);
    counts[DUPLICATE_5GRAMS] += fives;
    if (fives)
        counts[DUPLICATE_10GRAMS] += duplicates_of(own, mask, words, 10);
}

static void take_row_of(struct scratch *own, const uint8_t *table, const uint64_t *logs, const uint8_t *at,
                        const uint8_t *end, uint64_t *counts)
{
    uint64_t hash = 0, length = 0, points = 0, distinct = 0, sum = 0;
    int64_t words = 0;
    own->ends[0] = 0;
    for (;;) {
        const bool is_over = at == end;
        const uint32_t point = is_over ? '\n' : *at < 0x80 ? *at++ : decode(&at, end);
        const uint8_t kind = table[point] & CLASS_MASK;
        if (!is_over) {
            points++;
            own->seen[distinct] = point;
            distinct += own->count_of[point]++ == 0;
        }
        if (kind <= LAST_OF_RUN) {
            hash = (hash + point + 1) * TERM_A;
            hash ^= hash >> 29;
            length++;
            continue;
        }
        if (length) {
            own->hashes[words] = hash;
            own->ends[words + 1] = own->ends[words] + length;
            words++;
            hash = length = 0;
            if (words == PIECE) {
                take_piece(own, words, counts);
                words = 0;
            }
        }
        if (kind <= LAST_TERM) {
            own->hashes[words] = (point + TERM_C) * TERM_B;
            own->ends[words + 1] = own->ends[words] + 1;
            if (++words == PIECE) {
                take_piece(own, words, counts);
                words = 0;
            }
        }
        if (is_over)
            break;
    }
    take_piece(own, words, counts);
    counts[DISTINCT_POINTS] = distinct;
    for (uint64_t i = 0; i < distinct; i++) {
        const uint64_t times = own->count_of[own->seen[i]];
        own->count_of[own->seen[i]] = 0;
        sum += times * (times < LOGS_KEPT ? logs[times] : log_of(times));
    }
    if (points) {
        const uint64_t whole = points * log_of(points), even = whole > sum ? whole - sum : 0;
        counts[ENTROPY_MBIT] = (even / points * 1000 + even % points * 1000 / points) >> LOG_BITS;
    }
}

/* Bytes of scratch that `repeats_of_rows` wants. */
int64_t repeats_scratch(void)
{
    return (int64_t)sizeof(struct scratch);
}

/* table: uint8[0x110000] of `class_table()`; then an array as `count_signs` takes it. counts: uint32[REPEATS][row_count],
 * all of it written; what 32 bits cannot hold stays at the most that they hold. Returns 0; or row + 1 where that row's
 * offsets lie outside the data. */
int64_t repeats_of_rows(const uint8_t *table, const void *offsets, int32_t is_large, const uint8_t *data, int64_t data_bytes,
                        const uint8_t *validity, int64_t first_bit, int64_t row_count, void *scratch, uint32_t *counts)
{
    const struct rows rows = {offsets, data, validity, data_bytes, first_bit, is_large};
    uint64_t logs[LOGS_KEPT] = {0};
    for (uint64_t n = 1; n < LOGS_KEPT; n++)
        logs[n] = log_of(n);
    for (int64_t row = 0; row < row_count; row++) {
        const uint8_t *from, *end;
        uint64_t found[REPEATS] = {0};
        if (!take_row(&rows, row, &from, &end))
            return row + 1;
        if (from < end)
            take_row_of(scratch, table, logs, from, end, found);
        for (int each = 0; each < REPEATS; each++)
            counts[each * row_count + row] = found[each] > UINT32_MAX ? UINT32_MAX : (uint32_t)found[each];
    }
    return 0;
}
