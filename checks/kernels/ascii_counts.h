/* What `ascii.c` gives to `signs.c`: counts of long stretches of ASCII, 64 bytes at a time. */
#ifndef KERNEL_ASCII_COUNTS_H
#define KERNEL_ASCII_COUNTS_H
#include <stdbool.h>
#include <stdint.h>

enum { WIDE_BYTES = 64 };

struct ascii_counts { /* starts: of words, runs of letters and digits; the rest of *bytes* are punctuation */
    int64_t bytes, lower, upper, digits, spaces, feeds, bad, starts;
};

/* Counts from *at on in steps of 64 bytes while they are ASCII and before end; returns how far it came. at[-1] must be ASCII
 * and of the same row. */
typedef const uint8_t *ascii_counter(const uint8_t *at, const uint8_t *end, struct ascii_counts *counts);

/* For an instruction set as `signatures` takes it; null for one that is not here. */
ascii_counter *counter_of_ascii(int32_t level);

/* Whether the class table gives ASCII the classes that are counted here. */
bool knows_ascii(const uint8_t *table);

void add_ascii(const struct ascii_counts *counts, int64_t *classes);
#endif
