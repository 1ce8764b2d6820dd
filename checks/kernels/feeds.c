/* Where the lines of a buffer end, and which of them hold digits or a mark. No state between calls, no allocation. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { LINE_FEED = '\n', LANES = 16, MOST_BLOCKS = 7 };

/* How many line feeds there are in data[0..length); the places of the first *room* of them go to feeds, in order. */
int64_t find_feeds(const uint8_t *data, int64_t length, int64_t *feeds, int64_t room)
{
    int64_t count = 0;
    for (int64_t at = 0; at < length; at++) {
        const uint8_t *feed = memchr(data + at, LINE_FEED, (size_t)(length - at));
        if (feed == NULL)
            break;
        at = feed - data;
        if (count < room)
            feeds[count] = at;
        count++;
    }
    return count;
}

typedef uint8_t lanes __attribute__((vector_size(LANES)));

/* The sum of 16 bytes, each at most 15. */
static int64_t sum_of(lanes bytes)
{
    uint64_t halves[2];
    memcpy(halves, &bytes, sizeof halves);
    return (int64_t)(((halves[0] + halves[1]) * UINT64_C(0x0101010101010101)) >> 56);
}

/* Whether there are *least* ASCII digits, or one *mark*. */
static bool tells(const uint8_t *at, int64_t length, int64_t least, uint8_t mark)
{
    int64_t digits = 0, i = 0;
    while (i + LANES <= length) {
        lanes here = {0}, marks = {0};
        for (int block = 0; block < MOST_BLOCKS && i + LANES <= length; block++, i += LANES) {
            lanes bytes;
            memcpy(&bytes, at + i, LANES);
            here -= (lanes)((bytes - '0') < 10); /* a lane for which it holds is -1 */
            marks |= (lanes)(bytes == mark);
        }
        digits += sum_of(here);
        if (digits >= least || sum_of(marks & 1))
            return true;
    }
    for (; i < length; i++) {
        digits += (uint8_t)(at[i] - '0') < 10;
        if (at[i] == mark)
            return true;
    }
    return digits >= least;
}

/* Copies the lines of data[0..length) that hold at least *least* ASCII digits or a *mark* to out, a line feed after each:
 * line i begins at from[i] in data and at to[i] in out; to[count] is where the last one's feed ends. Gives count; -1 where
 * room for *lines* of them, or for *room* bytes, is not enough. */
int64_t copy_telling_lines(const uint8_t *data, int64_t length, int64_t least, uint8_t mark, uint8_t *out, int64_t room,
                           int64_t *from, int64_t *to, int64_t lines)
{
    int64_t count = 0, filled = 0;
    for (int64_t at = 0; at < length;) {
        const uint8_t *feed = memchr(data + at, LINE_FEED, (size_t)(length - at));
        const int64_t end = feed == NULL ? length : feed - data;
        if (end > at && tells(data + at, end - at, least, mark)) {
            if (count == lines || room - filled < end - at + 1)
                return -1;
            from[count] = at;
            to[count++] = filled;
            memcpy(out + filled, data + at, (size_t)(end - at));
            filled += end - at;
            out[filled++] = LINE_FEED;
        }
        at = end + 1;
    }
    to[count] = filled;
    return count;
}
