/* Terms, shingles, places, folded bytes and signatures against their definition, term by term, of the same rows. */
#include "fuzzed.h"

#define TABLES const uint32_t *, const uint32_t *
int64_t signatures(TABLES, COLUMN, int32_t, const uint32_t *, const uint32_t *, uint32_t *, int64_t *);
int64_t shingles_of_rows(TABLES, COLUMN, const int64_t *, int64_t, int32_t, uint64_t *, int64_t *, int64_t, int64_t *, int64_t *);
int64_t shingles_through(TABLES, COLUMN, const int64_t *, int64_t, int32_t, const uint64_t *, int32_t, uint64_t *, int64_t *, int64_t,
                         int64_t *, int64_t *);
int64_t folded_rows(TABLES, COLUMN, const uint8_t *, int64_t, uint8_t *, int64_t, int64_t *, int64_t *);

enum { SLOTS = 128, MOST_TERMS = MOST_BYTES * 20, MOST_FOLDED = MOST_TERMS * 5, SPARE = 64 };

static const uint32_t *table, *expansions;

static struct { /* the terms of one row */
    int64_t count, start[MOST_TERMS], end[MOST_TERMS], folded_bytes, word_at, word_start, word_end;
    uint64_t hash[MOST_TERMS];
    uint8_t folded[MOST_FOLDED];
} plain;

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    size_t bytes;
    (void)count, (void)arguments;
    table = file_of("fold.bin", &bytes);
    MUST(bytes == POINTS * 4);
    expansions = file_of("expansions.bin", &bytes);
    return 0;
}

static uint64_t mix(uint64_t x)
{
    return (x ^ x >> 32) * UINT64_C(0xD6E8FEB86659FD93);
}

static uint64_t eight(const uint8_t *at, int64_t left)
{
    uint64_t value = 0;
    for (int i = 0; i < 8 && i < left; i++)
        value |= (uint64_t)at[i] << 8 * i;
    return value;
}

/* The bytes from word_at on, if any, are a term. */
static void plain_end(void)
{
    const int64_t length = plain.folded_bytes - plain.word_at;
    const uint8_t *at = plain.folded + plain.word_at;
    uint64_t h = 0;
    if (!length)
        return;
    int64_t left = length;
    for (; left > 16; left -= 16, at += 16)
        h = mix((eight(at, 8) ^ h) * UINT64_C(0x9E3779B97F4A7C15) + eight(at + 8, 8) * UINT64_C(0xC2B2AE3D27D4EB4F));
    plain.hash[plain.count] = mix((eight(at, left) ^ h) * UINT64_C(0x9E3779B97F4A7C15) +
                                  eight(at + 8, left - 8) * UINT64_C(0xC2B2AE3D27D4EB4F) +
                                  (uint64_t)length * UINT64_C(0x165667B19E3779F9));
    plain.start[plain.count] = plain.word_start;
    plain.end[plain.count++] = plain.word_end;
    plain.folded[plain.folded_bytes++] = ' ';
    plain.word_at = plain.folded_bytes;
}

static void plain_add(uint32_t c, int64_t place)
{
    if (plain.folded_bytes == plain.word_at)
        plain.word_start = place;
    plain.word_end = place + 1;
    uint8_t *to = plain.folded + plain.folded_bytes;
    const int tails = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    to[0] = (uint8_t)(tails ? (0xFF00u >> (tails + 1) & 0xFF) | c >> 6 * tails : c);
    for (int i = 1; i <= tails; i++)
        to[i] = (uint8_t)(0x80 | (c >> 6 * (tails - i) & 0x3F));
    plain.folded_bytes += tails + 1;
}

static void plain_take(uint32_t entry, int64_t place)
{
    const uint32_t kind = entry >> 24, value = entry & 0xFFFFFF;
    if (kind == 1)
        plain_add(value, place);
    else if (kind == 4) {
        for (uint32_t i = 1; i <= expansions[value]; i++)
            plain_take(expansions[value + i], place);
    } else if (kind != 3) {
        plain_end();
        if (kind == 2) {
            plain_add(value, place);
            plain_end();
        }
    }
}

static void plain_terms(const uint8_t *at, int64_t bytes)
{
    int64_t place = 0;
    plain.count = plain.folded_bytes = plain.word_at = 0;
    for (int64_t i = 0; i < bytes; place++) {
        int length;
        plain_take(table[plain_point(at + i, bytes - i, &length)], place);
        i += length;
    }
    plain_end();
    plain.folded_bytes -= plain.count > 0; /* one space between two terms, none behind the last */
}

static int64_t plain_shingles(int64_t width)
{
    return plain.count == 0 ? 0 : plain.count < width ? 1 : plain.count - width + 1;
}

static uint64_t plain_shingle(int64_t first, int64_t width)
{
    uint64_t s = 0;
    for (int64_t i = first; i < first + width && i < plain.count; i++)
        s = s * UINT64_C(0x2545F4914F6CDD1D) + plain.hash[i];
    s = mix(s);
    return s ^ s >> 32;
}

static uint32_t fmix(uint32_t h)
{
    h = (h ^ h >> 16) * UINT32_C(0x85EBCA6B);
    h = (h ^ h >> 13) * UINT32_C(0xC2B2AE35);
    return h ^ h >> 16;
}

static void look_at_signatures(const struct column *c, uint64_t seed)
{
    uint32_t *a = exactly(SLOTS * 4), *b = exactly(SLOTS * 4), *slots = exactly((size_t)c->rows * SLOTS * 4);
    int64_t *terms = exactly((size_t)c->rows * 8);
    for (int slot = 0; slot < SLOTS; slot++) {
        a[slot] = (uint32_t)mix(seed + (uint64_t)slot * 2) | 1;
        b[slot] = (uint32_t)mix(seed + (uint64_t)slot * 2 + 1);
    }
    const int64_t bad = first_bad(c), answer = signatures(table, expansions, ARRAY(*c), -1, a, b, slots, terms);
    MUST(answer == (bad < c->rows ? bad + 1 : 0));
    for (int64_t row = 0; row < bad; row++) {
        const uint8_t *from;
        int64_t bytes;
        MUST(row_of(c, row, &from, &bytes));
        plain_terms(from, bytes);
        MUST(terms[row] == plain_shingles(5) + (plain.count < 5 ? plain.count - (plain.count > 0) : 4));
        for (int slot = 0; slot < SLOTS; slot += 1 + (int)(seed % 41)) {
            uint32_t least = UINT32_MAX;
            for (int64_t i = 0; i < plain_shingles(5); i++) {
                const uint32_t v = a[slot] * fmix((uint32_t)(plain_shingle(i, 5) >> 32)) + b[slot];
                least = v < least ? v : least;
            }
            MUST(slots[row * SLOTS + slot] == least);
        }
    }
    free(a), free(b), free(slots), free(terms);
}

static bool goes_through(const uint64_t *sieve, int32_t bits, uint64_t shingle)
{
    for (int low = 0; sieve && low < 24; low += 6)
        if (!(sieve[shingle >> (64 - bits)] >> (shingle >> low & 63) & 1))
            return false;
    return true;
}

/* sieve: null, or of 2^sieve_bits words. */
static void look_at_shingles(const struct column *c, int64_t *chosen, int64_t count, int32_t width, int64_t room, bool placed,
                             const uint64_t *sieve, int32_t sieve_bits)
{
    uint64_t *shingles = NULL;
    int64_t *places = NULL, *own = exactly((size_t)count * 8), *ends = exactly((size_t)count * 8), next = 0, answer = 0, at = 0, bad = 0;
    memcpy(own, chosen, (size_t)count * 8);
    for (; next < count && !answer; room *= 2) {
        MUST(room < 1 << 24); /* it does not ask for more for ever */
        shingles = realloc(shingles, (size_t)room * 8);
        places = placed ? realloc(places, (size_t)room * 16) : NULL;
        answer = sieve ? shingles_through(table, expansions, ARRAY(*c), own, count, width, sieve, sieve_bits, shingles, places, room, ends, &next)
                       : shingles_of_rows(table, expansions, ARRAY(*c), own, count, width, shingles, places, room, ends, &next);
    }
    for (const uint8_t *from; bad < count; bad++) {
        int64_t bytes;
        if (chosen[bad] < 0 || chosen[bad] >= c->rows || !row_of(c, chosen[bad], &from, &bytes))
            break;
        if (next <= bad)
            continue;
        plain_terms(from, bytes);
        for (int64_t i = 0; i < plain_shingles(width); i++) {
            if (!goes_through(sieve, sieve_bits, plain_shingle(i, width)))
                continue;
            const int64_t last = i + width < plain.count ? i + width - 1 : plain.count - 1;
            MUST(at < ends[bad] && shingles[at] == plain_shingle(i, width));
            MUST(!placed || (places[2 * at] == plain.start[i] && places[2 * at + 1] == plain.end[last]));
            at++;
        }
        MUST(ends[bad] == at);
    }
    MUST((answer != 0) == (bad < count));
    MUST(answer || next == count);
    free(shingles), free(places), free(own), free(ends);
}

static void look_at_folded(const struct column *c, const uint8_t *wanted, int64_t room)
{
    const int64_t bad = first_bad(c);
    int64_t *ends = exactly((size_t)c->rows * 8), next = 0, answer = 0, first = 0;
    uint8_t *bytes = exactly((size_t)room);
    while (next < c->rows && !answer) {
        answer = folded_rows(table, expansions, ARRAY(*c), wanted, c->rows, bytes, room, ends, &next);
        if (next == first && !answer) {
            MUST(room < 1 << 24);
            bytes = realloc(bytes, (size_t)(room *= 2));
        }
        for (int64_t row = first, at = 0; row < next; row++) {
            const uint8_t *from;
            int64_t length;
            MUST(row_of(c, row, &from, &length));
            plain_terms(from, wanted && !wanted[row] ? 0 : length);
            MUST(ends[row] - at == plain.folded_bytes && !memcmp(bytes + at, plain.folded, (size_t)plain.folded_bytes));
            at = ends[row];
        }
        first = next;
    }
    MUST(answer == (bad < c->rows ? bad + 1 : 0));
    free(ends), free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    const uint64_t mode = take(&in, 1), seed = take(&in, 2);
    const int32_t width = 1 + (int32_t)(take(&in, 1) % 64);
    const int64_t count = (int64_t)(take(&in, 1) % 9);
    int64_t chosen[8];
    uint8_t wanted[MOST_ROWS];
    for (int64_t i = 0; i < count; i++)
        chosen[i] = mode & 4 ? (int64_t)take(&in, 1) - 1 : (int64_t)(take(&in, 1) % MOST_ROWS);
    for (int row = 0; mode & 32 && row < MOST_ROWS; row++)
        wanted[row] = (uint8_t)take(&in, 1) & 1;
    struct column c = take_column(&in);
    for (int64_t i = 0; i < count && !(mode & 4); i++)
        chosen[i] = c.rows ? chosen[i] % c.rows : -1;
    if (mode % 4 == 0)
        look_at_signatures(&c, seed);
    else if (mode % 4 == 3)
        look_at_folded(&c, mode & 32 ? wanted : NULL, 1 + (int64_t)(seed % 200) + (mode & 8 ? SPARE : 0));
    else
    {
        const int32_t bits = 1 + (int32_t)(seed % 5);
        uint64_t *sieve = mode & 64 ? exactly(8u << bits) : NULL;
        for (int i = 0; sieve && i < 1 << bits; i++) /* three bits of four are set */
            sieve[i] = mix(seed + (uint64_t)i + 1) | mix(~seed - (uint64_t)i);
        look_at_shingles(&c, chosen, count, mode & 16 ? 5 : width, 1 + (int64_t)(seed % 64), mode % 4 == 2, sieve, bits);
        free(sieve);
    }
    free_column(&c);
    return 0;
}
