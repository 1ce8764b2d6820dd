/* Take rows out of an Arrow String or LargeString array, and code points out of a row, as every kernel here does. */
#ifndef KERNEL_ROWS_H
#define KERNEL_ROWS_H
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { REPLACEMENT = 0xFFFD }; /* stands for each maximal part of an ill-formed sequence: Unicode 16.0, §3.9.6, U+FFFD */

struct rows { /* the buffers of one array, from the row that its slice begins with */
    const void *offsets;
    const uint8_t *data, *validity; /* validity may be null: every row is there */
    int64_t data_bytes, first_bit;
    int32_t is_large;
};

/* False where the offsets of a row point outside the data. A null row is empty, whatever lies below it. */
static inline bool take_row(const struct rows *rows, int64_t row, const uint8_t **from, const uint8_t **end)
{
    int64_t start, stop, bit = rows->first_bit + row;
    if (rows->is_large) { /* copied, for a foreign buffer may lie at any address */
        memcpy(&start, (const uint8_t *)rows->offsets + row * 8, 8);
        memcpy(&stop, (const uint8_t *)rows->offsets + row * 8 + 8, 8);
    } else {
        int32_t narrow[2];
        memcpy(narrow, (const uint8_t *)rows->offsets + row * 4, 8);
        start = narrow[0];
        stop = narrow[1];
    }
    if (start < 0 || stop < start || stop > rows->data_bytes)
        return false;
    if (start == stop || (rows->validity && !(rows->validity[bit >> 3] >> (bit & 7) & 1))) {
        *from = *end = (const uint8_t *)"";
        return true;
    }
    *from = rows->data + start;
    *end = rows->data + stop;
    return true;
}

static inline bool is_tail(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/* The code point at *at, which is no ASCII; *at moves past it, or past the longest part of what is ill-formed. */
static inline uint32_t decode(const uint8_t **at, const uint8_t *end)
{
    const uint8_t *p = *at;
    const uint8_t lead = p[0];
    const int64_t left = end - p;
    if ((lead & 0xF0) == 0xE0) {
        if (left > 1 && is_tail(p[1]) && !(lead == 0xE0 && p[1] < 0xA0) && !(lead == 0xED && p[1] > 0x9F)) {
            if (left > 2 && is_tail(p[2])) {
                *at = p + 3;
                return (uint32_t)(lead & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
            }
            *at = p + 2;
            return REPLACEMENT;
        }
    } else if (lead >= 0xC2 && lead < 0xE0) {
        if (left > 1 && is_tail(p[1])) {
            *at = p + 2;
            return (uint32_t)(lead & 0x1F) << 6 | (p[1] & 0x3F);
        }
    } else if (lead >= 0xF0 && lead < 0xF5) {
        if (left > 1 && is_tail(p[1]) && !(lead == 0xF0 && p[1] < 0x90) && !(lead == 0xF4 && p[1] > 0x8F)) {
            if (left > 2 && is_tail(p[2])) {
                if (left > 3 && is_tail(p[3])) {
                    *at = p + 4;
                    return (uint32_t)(lead & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
                           (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
                }
                *at = p + 3;
                return REPLACEMENT;
            }
            *at = p + 2;
            return REPLACEMENT;
        }
    }
    *at = p + 1;
    return REPLACEMENT;
}

#endif
