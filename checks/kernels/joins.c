/* The values of records, each a piece of some array, laid end to end with a line feed between those of one record.
 *
 * What `pipelines/read/pieces.py` does with array functions, in one pass; those stay as the fallback and the oracle. No state
 * between calls, no allocation; nothing is read outside a piece, nothing is written beyond the room that is told.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { LINE_FEED = '\n', JOINED = 0, NO_ROOM = -1, BAD_PIECE = -2 };

static int64_t code_points(const uint8_t *at, int64_t length)
{
    int64_t points = 0;
    for (int64_t i = 0; i < length; i++)
        points += (at[i] & 0xC0) != 0x80;
    return points;
}

/* values[kind]: the bytes of an array, sizes[kind] of them. Piece i is length[i] bytes of values[kind[i]] from start[i] on.
 * Record r is the pieces first[r] up to first[r + 1]: its bytes go to out[ends[r]..ends[r + 1]), and the code points that
 * piece i takes up in it are [from[i], to[i]). */
int64_t join_pieces(const uint8_t *const *values, const int64_t *sizes, int64_t kinds, const uint8_t *kind,
                    const int64_t *start, const int64_t *length, const int64_t *first, int64_t records, uint8_t *out,
                    int64_t room, int64_t *ends, int64_t *from, int64_t *to)
{
    int64_t filled = 0;
    for (int64_t r = 0; r < records; r++) {
        int64_t point = 0;
        ends[r] = filled;
        for (int64_t i = first[r]; i < first[r + 1]; i++) {
            const int64_t bytes = length[i];
            if (kind[i] >= kinds || start[i] < 0 || bytes < 0 || start[i] > sizes[kind[i]] - bytes)
                return BAD_PIECE;
            const bool parted = i > first[r];
            if (room - filled < bytes + parted)
                return NO_ROOM;
            if (parted) {
                out[filled++] = LINE_FEED;
                point++;
            }
            const uint8_t *at = bytes ? values[kind[i]] + start[i] : (const uint8_t *)""; /* of nothing there may be no buffer */
            memcpy(out + filled, at, (size_t)bytes);
            filled += bytes;
            from[i] = point;
            point += code_points(at, bytes);
            to[i] = point;
        }
    }
    ends[records] = filled;
    return JOINED;
}
