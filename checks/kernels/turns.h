/* Role spans: where those of a row lie in its bytes, the hash of how one begins, and its last code point. */
#ifndef KERNEL_TURNS_H
#define KERNEL_TURNS_H
#include "rows.h"

enum { LINE_FEED = '\n', MOST_BYTES = 4 };

struct spans { /* of all rows: those of row r are first[r] up to first[r + 1] */
    const int64_t *first, *start, *end; /* code points of the row */
    const int32_t *role, *path;         /* places in `role_of`, and in `places` */
    const uint8_t *role_of;
    const int64_t (*places)[3]; /* number of the field, turn in it or NO_TURN, whether a tool call */
    const uint8_t *may_follow;  /* [START + 1][ROLES] */
};

struct room { /* of spans from `base` on: bytes of all texts, and the first eight bytes of the SHA-256 of what is said */
    int64_t base, *low, *high;
    uint64_t *hash;
};

/* The finaliser of splitmix64 over what is salted, as `mixed` of checks/mixed.py. */
static inline uint64_t mixed(uint64_t z, uint64_t salt)
{
    z += salt * 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

static inline uint64_t word_at(const uint8_t *at)
{
    uint64_t word = 0;
    for (int i = 0; i < 8; i++)
        word |= (uint64_t)at[i] << 8 * i;
    return word;
}

static bool is_ascii(const uint8_t *at, const uint8_t *end)
{
    uint64_t seen = 0, word;
    for (; end - at >= 8; at += 8) {
        memcpy(&word, at, 8);
        seen |= word;
    }
    for (; at < end; at++)
        seen |= *at;
    return !(seen & 0x8080808080808080);
}

/* The byte that begins the code point with *left others before it from `at` on; `end`, with those that are missing, if none. */
static const uint8_t *at_point(const uint8_t *at, const uint8_t *end, int64_t *left)
{
    while (end - at >= 64) {
        uint8_t points = 0;
        for (int i = 0; i < 64; i++)
            points += (int8_t)at[i] > -65;
        if (*left < points)
            break;
        *left -= points;
        at += 64;
    }
    for (uint64_t word; end - at >= 8; at += 8) {
        memcpy(&word, at, 8);
        const uint64_t tails = word >> 7 & ~(word >> 6) & 0x0101010101010101;
        const int64_t points = 8 - (int64_t)(tails * 0x0101010101010101 >> 56);
        if (*left < points)
            break;
        *left -= points;
    }
    for (; at < end; at++)
        if (!is_tail(*at) && (*left)-- == 0)
            break;
    if (at < end)
        *left = 0;
    return at;
}

/* Where the spans of one row lie in its bytes. False for spans that no reader gives. */
static bool place_row(const struct spans *spans, int64_t row, const uint8_t *data, const uint8_t *from, const uint8_t *to,
                      struct room *room)
{
    const bool plain = is_ascii(from, to);
    const uint8_t *at = from; /* begins code point `point` */
    int64_t point = 0;
    for (int64_t i = spans->first[row]; i < spans->first[row + 1]; i++) {
        const int64_t start = spans->start[i], end = spans->end[i];
        if (start < point || end < start || end > to - from)
            return false;
        const bool follows = i > spans->first[row] && start == point + 1 && at < to && *at == LINE_FEED;
        const uint8_t *low = at + 1, *high = from + end;
        int64_t left = start - point;
        if (!follows)
            low = !start ? from : plain ? from + start : at_point(at, to, &left);
        left = end - point;
        if (!plain && (high = at_point(at, to, &left), left))
            return false;
        room->low[i - room->base] = low - data;
        room->high[i - room->base] = high - data;
        at = high;
        point = end;
    }
    return true;
}

/* A hash of the first `chars` code points of what lies there; 0 where it has no more. */
static uint64_t begin_of(const uint8_t *low, const uint8_t *high, int64_t chars)
{
    if (high - low <= chars)
        return 0;
    int64_t left = chars;
    const uint8_t *last = is_ascii(low, low + chars + 1) ? low + chars : at_point(low, high, &left);
    if (last - low > MOST_BYTES * chars)
        last = low + MOST_BYTES * chars;
    if (last >= high)
        return 0;
    uint64_t sum = 0, count = 0;
    for (; low < last; low += 8, count++) {
        uint8_t rest[8] = {0};
        const uint8_t *at = low;
        if (last - low < 8)
            at = memcpy(rest, low, (size_t)(last - low));
        sum += mixed(word_at(at) ^ mixed(count, 1), 2);
    }
    const uint64_t hash = mixed(sum, 3);
    return hash ? hash : 1;
}

/* The bytes of the last code point, the last one lowest; of four tails that of the last alone. */
static uint32_t last_of(const uint8_t *low, const uint8_t *high)
{
    uint32_t code = 0;
    for (int back = 0; back < 4; back++) {
        if (high - back <= low)
            return code;
        const uint8_t byte = *(high - 1 - back);
        code |= (uint32_t)byte << 8 * back;
        if (!is_tail(byte))
            return code;
    }
    return code & 0xFF;
}

#endif
