/* From a fuzzer's bytes to Arrow-like buffers, each in memory of its own to the byte, and plain readings of them. */
#ifndef FUZZED_H
#define FUZZED_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUST(holds)                                                                                                    \
    do {                                                                                                               \
        if (!(holds)) {                                                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds);                                 \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

enum { MOST_ROWS = 17, MOST_BYTES = 4096, POINTS = 0x110000 };

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

#endif
