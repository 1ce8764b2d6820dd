/* From a fuzzer's bytes to Arrow-like buffers, each in memory of its own to the byte, and plain readings of them. */
#ifndef FUZZED_H
#define FUZZED_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN const void *, int32_t, const uint8_t *, int64_t, const uint8_t *, int64_t, int64_t
#define MUST(holds)                                                                                                    \
    do {                                                                                                               \
        if (!(holds)) {                                                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds);                                 \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* For a plain second way that takes many steps: what it does is not what the fuzzer is to follow. */
#define UNTRACED __attribute__((no_sanitize("coverage")))

enum { MOST_ROWS = 17, MOST_BYTES = 4096, POINTS = 0x110000, DIGEST = 32 };

struct input {
    const uint8_t *at;
    size_t left;
};

static inline uint64_t take(struct input *in, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes && in->left; i++, in->at++, in->left--)
        value |= (uint64_t)*in->at << (8 * i);
    return value;
}

static inline void *exactly(size_t bytes)
{
    void *memory = malloc(bytes);
    MUST(memory);
    memset(memory, 0xA5, bytes);
    return memory;
}

static inline void *file_of(const char *name, size_t *bytes)
{
    char path[4096];
    const char *folder = getenv("KERNEL_TABLES");
    if (!folder || snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) {
        fprintf(stderr, "KERNEL_TABLES: not set; it names the folder of the tables that tests/fuzz/run.py wrote\n");
        exit(2);
    }
    FILE *file = fopen(path, "rb");
    MUST(file && !fseek(file, 0, SEEK_END));
    *bytes = (size_t)ftell(file);
    rewind(file);
    void *content = exactly(*bytes);
    MUST(fread(content, 1, *bytes, file) == *bytes);
    fclose(file);
    return content;
}

struct column {
    int32_t is_large;
    int64_t rows, first_bit, data_bytes, bounds[MOST_ROWS + 1];
    void *offsets;
    uint8_t *data, *validity;
};

#define ARRAY(c) (c).offsets, (c).is_large, (c).data, (c).data_bytes, (c).validity, (c).first_bit, (c).rows

/* Takes all that is left. One in four has offsets of any value; the first row may begin behind the data's first byte. */
static inline struct column take_column(struct input *in)
{
    struct column c = {0};
    const uint64_t flags = take(in, 1);
    const bool is_hostile = (flags & 12) == 12;
    c.is_large = flags & 1;
    c.rows = (int64_t)(take(in, 1) % (MOST_ROWS + 1));
    c.first_bit = (int64_t)(take(in, 1) % 16);
    c.bounds[0] = (int64_t)(take(in, 1) % 8);
    for (int64_t row = 0; row < c.rows; row++)
        c.bounds[row + 1] = is_hostile ? (int64_t)take(in, c.is_large && flags & 16 ? 8 : 2) : c.bounds[row] + (int64_t)take(in, 2) % 600;
    if (flags & 2) {
        const int64_t bytes = (c.first_bit + c.rows + 7) / 8;
        c.validity = exactly((size_t)bytes);
        for (int64_t i = 0; i < bytes; i++)
            c.validity[i] = (uint8_t)take(in, 1);
    }
    c.data_bytes = (int64_t)(in->left < MOST_BYTES ? in->left : MOST_BYTES);
    if (c.data_bytes || !(flags & 32))
        memcpy(c.data = exactly((size_t)c.data_bytes), in->at, (size_t)c.data_bytes);
    const size_t width = c.is_large ? 8 : 4;
    c.offsets = exactly((size_t)(c.rows + 1) * width);
    for (int64_t row = 0; row <= c.rows; row++) {
        if (!is_hostile && c.bounds[row] > c.data_bytes)
            c.bounds[row] = c.data_bytes;
        if (!c.is_large)
            c.bounds[row] = (int32_t)(uint32_t)((uint64_t)c.bounds[row] * (flags & 16 ? 65537 : 1));
        const int32_t narrow = (int32_t)c.bounds[row];
        memcpy((uint8_t *)c.offsets + (size_t)row * width, c.is_large ? (void *)&c.bounds[row] : (void *)&narrow, width);
    }
    return c;
}

static inline void free_column(struct column *c)
{
    free(c->offsets);
    free(c->data);
    free(c->validity);
}

/* All data to the first row, which may so be a long one. */
static inline void all_in_first(struct column *c)
{
    const size_t width = c->is_large ? 8 : 4;
    for (int64_t row = 1; row <= c->rows; row++) {
        const int32_t narrow = (int32_t)(c->bounds[row] = c->data_bytes);
        memcpy((uint8_t *)c->offsets + (size_t)row * width, c->is_large ? (void *)&c->bounds[row] : (void *)&narrow, width);
    }
}

/* Writes as much of *part* as there is data for; the last place written, or *at* itself. */
static inline int64_t write_part(struct column *c, int64_t at, const char *part)
{
    for (; *part && at < c->data_bytes; part++)
        c->data[at++] = (uint8_t)*part;
    return at - 1;
}

/* False where the row's bounds lie outside the data. */
static inline bool row_of(const struct column *c, int64_t row, const uint8_t **from, int64_t *bytes)
{
    const int64_t start = c->bounds[row], end = c->bounds[row + 1], bit = c->first_bit + row;
    if (start < 0 || end < start || end > c->data_bytes)
        return false;
    const bool is_null = c->validity && !(c->validity[bit / 8] & 1 << bit % 8);
    *bytes = is_null ? 0 : end - start;
    *from = *bytes ? c->data + start : (const uint8_t *)"";
    return true;
}

/* Index of the first row that is not there, or the number of rows. */
static inline int64_t first_bad(const struct column *c)
{
    const uint8_t *from;
    int64_t bytes, row = 0;
    while (row < c->rows && row_of(c, row, &from, &bytes))
        row++;
    return row;
}

/* The code point at *at and its length by Table 3-7 of Unicode; U+FFFD for each longest part of what is ill-formed. */
static inline uint32_t plain_point(const uint8_t *at, int64_t left, int *length)
{
    static const struct {
        uint8_t first, last, low, high;
        int tails;
    } forms[] = {{0xC2, 0xDF, 0x80, 0xBF, 1}, {0xE0, 0xE0, 0xA0, 0xBF, 2}, {0xE1, 0xEC, 0x80, 0xBF, 2}, {0xED, 0xED, 0x80, 0x9F, 2},
                 {0xEE, 0xEF, 0x80, 0xBF, 2}, {0xF0, 0xF0, 0x90, 0xBF, 3}, {0xF1, 0xF3, 0x80, 0xBF, 3}, {0xF4, 0xF4, 0x80, 0x8F, 3}};
    *length = 1;
    if (at[0] < 0x80)
        return at[0];
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        if (at[0] < forms[f].first || at[0] > forms[f].last)
            continue;
        uint32_t point = at[0] & (0x3Fu >> forms[f].tails);
        int i = 1;
        for (; i <= forms[f].tails && i < left; i++) {
            if (at[i] < (i == 1 ? forms[f].low : 0x80) || at[i] > (i == 1 ? forms[f].high : 0xBF))
                break;
            point = point << 6 | (at[i] & 0x3F);
        }
        *length = i;
        return i == forms[f].tails + 1 ? point : 0xFFFD;
    }
    return 0xFFFD;
}

/* *bytes of *at as a number, the first byte lowest. */
static inline uint64_t number_of(const uint8_t *at, int64_t bytes)
{
    uint64_t number = 0;
    for (int64_t i = 0; i < bytes; i++)
        number += (uint64_t)at[i] << 8 * i;
    return number;
}

/* Whether a byte begins a code point, so is no tail. */
static inline bool is_point(uint8_t byte)
{
    return (byte & 0xC0) != 0x80;
}

/* What str.split takes for white space. */
static inline bool is_white(uint32_t c)
{
    static const uint32_t white[] = {0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000};
    for (size_t i = 0; i < sizeof white / sizeof *white; i++)
        if (c == white[i])
            return true;
    return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || (c >= 0x2000 && c <= 0x200A);
}

/* The finaliser of splitmix64. */
static inline uint64_t spread(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

/* floor(2^32 * n^(1/power)) by halving: power 2 or 3, n below 400, so all fits 128 bits. */
static inline uint32_t root_of(uint32_t n, int power)
{
    unsigned __int128 low = 0, high = (unsigned __int128)1 << 37;
    while (high - low > 1) {
        const unsigned __int128 middle = (low + high) / 2;
        const bool fits = power == 2 ? middle * middle <= (unsigned __int128)n << 64
                                     : middle * middle * middle <= (unsigned __int128)n << 96;
        if (fits)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

/* The constants of FIPS 180-4, 4.2.2 and 5.3.3: first 32 bits of the fractional parts of roots of the first primes. */
static inline void take_roots(uint32_t *cube_roots, uint32_t *square_roots)
{
    for (uint32_t n = 2, primes = 0; primes < 64; n++) {
        bool is_prime = true;
        for (uint32_t by = 2; by * by <= n; by++)
            is_prime &= n % by != 0;
        if (!is_prime)
            continue;
        if (primes < 8)
            square_roots[primes] = root_of(n, 2);
        cube_roots[primes++] = root_of(n, 3);
    }
}

static inline uint32_t turned(uint32_t x, int bits)
{
    return x >> bits | x << (32 - bits);
}

/* SHA-256, step by step as FIPS 180-4 has it. */
UNTRACED static inline void plain_digest(const uint8_t *at, int64_t bytes, uint8_t *digest)
{
    static uint32_t cube_roots[64], square_roots[8];
    if (!cube_roots[0])
        take_roots(cube_roots, square_roots);
    const int64_t blocks = (bytes + 9 + 63) / 64;
    uint8_t *padded = calloc((size_t)blocks, 64);
    MUST(padded);
    uint32_t hash[8];
    memcpy(hash, square_roots, sizeof hash);
    memcpy(padded, at, (size_t)bytes);
    padded[bytes] = 0x80;
    for (int i = 0; i < 8; i++)
        padded[blocks * 64 - 1 - i] = (uint8_t)((uint64_t)bytes * 8 >> 8 * i);
    for (int64_t block = 0; block < blocks; block++) {
        uint32_t w[64], v[8];
        memcpy(v, hash, sizeof v);
        for (int t = 0; t < 64; t++) {
            const uint8_t *four = padded + block * 64 + 4 * t;
            w[t] = t < 16 ? (uint32_t)four[0] << 24 | (uint32_t)four[1] << 16 | (uint32_t)four[2] << 8 | four[3]
                          : (turned(w[t - 2], 17) ^ turned(w[t - 2], 19) ^ w[t - 2] >> 10) + w[t - 7] +
                                (turned(w[t - 15], 7) ^ turned(w[t - 15], 18) ^ w[t - 15] >> 3) + w[t - 16];
            const uint32_t one = v[7] + (turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) +
                                 cube_roots[t] + w[t];
            const uint32_t two = (turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            memmove(v + 1, v, 7 * sizeof *v);
            v[4] += one;
            v[0] = one + two;
        }
        for (int i = 0; i < 8; i++)
            hash[i] += v[i];
    }
    for (int i = 0; i < DIGEST; i++)
        digest[i] = (uint8_t)(hash[i / 4] >> (24 - 8 * (i % 4)));
    free(padded);
}

#endif
