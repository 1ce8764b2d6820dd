/* Pieces laid end to end against a plain second laying, byte by byte, with pieces outside their array and room that runs out. */
#include "fuzzed.h"

int64_t join_pieces(const uint8_t *const *, const int64_t *, int64_t, const uint8_t *, const int64_t *, const int64_t *, const int64_t *,
                    int64_t, uint8_t *, int64_t, int64_t *, int64_t *, int64_t *);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KINDS = 3, MOST_PIECES = 40, NO_ROOM = -1, BAD_PIECE = -2 };

struct laid { /* what is wanted: bytes of all records, and where each record and each piece lies */
    int64_t answer, bytes, pieces, records, ends[MOST_PIECES + 1], from[MOST_PIECES], to[MOST_PIECES];
    uint8_t out[MOST_PIECES * (MOST_BYTES + 1)];
};

static bool lay(struct laid *laid, const uint8_t *at, int64_t bytes, bool is_first, int64_t room, int64_t *points)
{
    if (laid->bytes + bytes + !is_first > room)
        return false;
    if (!is_first) {
        laid->out[laid->bytes++] = '\n';
        ++*points;
    }
    laid->from[laid->pieces] = *points;
    for (int64_t i = 0; i < bytes; i++) {
        laid->out[laid->bytes++] = at[i];
        *points += at[i] < 0x80 || at[i] > 0xBF; /* all but the tails of UTF-8 */
    }
    laid->to[laid->pieces++] = *points;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct laid laid;
    struct input in = {data, size};
    const uint64_t flags = take(&in, 1);
    const int64_t kinds = (int64_t)(take(&in, 1) % (KINDS + 1)), records = (int64_t)(take(&in, 1) % 9);
    int64_t *first = exactly((size_t)(records + 1) * 8), pieces = 0;
    for (int64_t r = 0; r <= records; r++) {
        first[r] = pieces;
        pieces += r < records && pieces < MOST_PIECES - 5 ? (int64_t)(take(&in, 1) % 6) : 0;
    }
    const int64_t drawn_room = (int64_t)take(&in, 2);
    uint8_t *kind = exactly((size_t)pieces), *values[KINDS] = {0};
    int64_t *start = exactly((size_t)pieces * 8), *length = exactly((size_t)pieces * 8), sizes[KINDS] = {0};
    for (int64_t i = 0; i < pieces; i++) {
        kind[i] = (uint8_t)take(&in, 1);
        kind[i] = kinds && !(flags & 1) ? (uint8_t)(kind[i] % kinds) : kind[i];
        start[i] = (int64_t)take(&in, flags & 2 ? 8 : 1);
        length[i] = (int64_t)take(&in, flags & 4 ? 8 : 1);
    }
    for (int k = 0; k < kinds; k++) { /* an array without bytes has no buffer, or one of nothing */
        const int64_t share = k + 1 < kinds ? (int64_t)in.left / 2 : (int64_t)in.left;
        sizes[k] = share < MOST_BYTES ? share : MOST_BYTES;
        if (sizes[k] || flags & 8)
            values[k] = exactly((size_t)sizes[k]);
        for (int64_t i = 0; i < sizes[k]; i++)
            values[k][i] = (uint8_t)take(&in, 1);
    }
    for (int64_t i = 0; i < pieces && !(flags & 6); i++)
        if (kind[i] < kinds) {
            start[i] %= sizes[kind[i]] + 1;
            length[i] %= sizes[kind[i]] - start[i] + 1;
        }
    laid.answer = laid.bytes = laid.pieces = laid.records = 0;
    for (int64_t pass = 0, room = MOST_PIECES * (MOST_BYTES + 1); pass < 2; pass++) { /* the first gives how much there is */
        laid.answer = laid.bytes = laid.pieces = laid.records = 0;
        for (int64_t r = 0; r < records && !laid.answer; r++) {
            int64_t points = 0;
            laid.ends[r] = laid.bytes;
            for (int64_t i = first[r]; i < first[r + 1] && !laid.answer; i++) {
                const int64_t whole = kind[i] < kinds ? sizes[kind[i]] : -1;
                if (start[i] < 0 || length[i] < 0 || start[i] > whole || length[i] > whole - start[i])
                    laid.answer = BAD_PIECE;
                else if (!lay(&laid, values[kind[i]] ? values[kind[i]] + start[i] : (const uint8_t *)"", length[i], i == first[r], room, &points))
                    laid.answer = NO_ROOM;
            }
        }
        laid.ends[records] = laid.bytes;
        if (!pass)
            room = flags & 16 ? drawn_room % (laid.bytes + 1) : laid.bytes;
        else {
            uint8_t *out = exactly((size_t)room);
            int64_t *ends = exactly((size_t)(records + 1) * 8), *from = exactly((size_t)pieces * 8), *to = exactly((size_t)pieces * 8);
            MUST(join_pieces((const uint8_t *const *)values, sizes, kinds, kind, start, length, first, records, out, room, ends, from,
                             to) == laid.answer);
            MUST(laid.answer || (laid.pieces == pieces && !memcmp(ends, laid.ends, (size_t)(records + 1) * 8)));
            MUST(!memcmp(out, laid.out, (size_t)(laid.answer ? 0 : laid.bytes)));
            for (int64_t i = 0; i < pieces && !laid.answer; i++)
                MUST(from[i] == laid.from[i] && to[i] == laid.to[i]);
            free(out), free(ends), free(from), free(to);
        }
    }
    for (int k = 0; k < KINDS; k++)
        free(values[k]);
    free(first), free(kind), free(start), free(length);
    return 0;
}
