/* Count the classes of ASCII: what `signs.c` does byte by byte with a table, for long stretches without one. */
#include "ascii_counts.h"

#include <string.h>

typedef uint8_t wide __attribute__((vector_size(64))); /* of WIDE_BYTES */

#define HOT "ascii.h"
#include "each_level.h"
#define OF(level) count_ascii_##level
static ascii_counter *const LEVELS[] = {EACH_LEVEL(OF)};

ascii_counter *counter_of_ascii(int32_t level)
{
    const int32_t best = best_level();
    return level > best ? NULL : LEVELS[level < 0 ? best : level];
}

/* The class numbers of `checks/signs/classes.py` that are ASCII's. */
enum { LOWER, UPPER, DIGITS = 3, PUNCTUATION = 10, BAD = 15, SPACES, FEEDS };

bool knows_ascii(const uint8_t *table)
{
    for (int byte = 0; byte < 0x80; byte++) {
        const uint8_t class = byte == '\n'                                ? FEEDS
                              : byte == ' ' || (byte >= 9 && byte <= 13) ? SPACES
                              : byte < ' ' || byte == 0x7F               ? BAD
                              : byte >= 'a' && byte <= 'z'               ? LOWER
                              : byte >= 'A' && byte <= 'Z'               ? UPPER
                              : byte >= '0' && byte <= '9'               ? DIGITS
                                                                         : PUNCTUATION;
        if (table[byte] != class)
            return false;
    }
    return true;
}

void add_ascii(const struct ascii_counts *counts, int64_t *classes)
{
    const int64_t told = counts->lower + counts->upper + counts->digits + counts->spaces + counts->feeds + counts->bad;
    classes[LOWER] += counts->lower;
    classes[UPPER] += counts->upper;
    classes[DIGITS] += counts->digits;
    classes[SPACES] += counts->spaces;
    classes[FEEDS] += counts->feeds;
    classes[BAD] += counts->bad;
    classes[PUNCTUATION] += counts->bytes - told;
}

/* What one instruction set counts of bytes[1 ... size), bytes[0] being ASCII: counts[8], as `struct ascii_counts` has them.
 * Returns how many bytes from bytes[0] on are done with; or -1 for a level that is not here. */
int64_t ascii_at(int32_t level, const uint8_t *bytes, int64_t size, int64_t *counts)
{
    struct ascii_counts found = {0};
    ascii_counter *const count = counter_of_ascii(level);
    if (!count)
        return -1;
    const int64_t passed = count(bytes + 1, bytes + size, &found) - bytes;
    memcpy(counts, &found, sizeof found);
    return passed;
}
