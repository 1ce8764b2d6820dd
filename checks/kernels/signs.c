/* Count classes of characters over the rows of an Arrow String or LargeString array.
 *
 * What `checks/signs/count.py` does, byte by byte instead of array by array; that stays as the fallback and the oracle.
 * Integers only, no state between calls, no allocation: any number of threads may call at once. No byte outside a row is
 * read while that row is counted.
 */
#include "ascii_counts.h"
#include "rows.h"

#ifndef KERNEL_ABI
#define KERNEL_ABI 0 /* the builder gives the CRC-32 of all these files; the loader takes no other */
#endif

/* The numbers of `checks/signs/classes.py`. */
enum { LAST_OF_RUN = 3, LAST_TERM = 9, SPACE = 16, CLASSES = 18 };
enum { CLASS_MASK = 31, LEAD_OF_TWO = 1, LEAD_OF_MORE, HARD_TAIL, SOFT_TAIL, KUN, JIN, FILLED, PART_SHIFT = 5 };
enum { BLOCK_ROWS = 16 }; /* written together: the measures of one row lie far apart, often in one set of the cache */
enum { TEXT_BYTES, CHARS, WORDS, LINES, INKED_LINES, MOJIBAKE, FIRST_CLASS }; /* the output's rows */

static const uint64_t HIGH_BITS = UINT64_C(0x8080808080808080);

/* ASCII has seven classes: seven counters of eight bits lie in one word, and the top eight say "part of a word". */
struct ascii {
    uint64_t step[0x80];
    uint8_t class_of_field[7];
    int fields;
};

static bool pack_ascii(struct ascii *ascii, const uint8_t *table)
{
    ascii->fields = 0;
    for (int byte = 0; byte < 0x80; byte++) {
        int field = 0;
        while (field < ascii->fields && ascii->class_of_field[field] != table[byte])
            field++;
        if (field == ascii->fields) {
            if (field == 7 || table[byte] >= CLASSES)
                return false;
            ascii->class_of_field[ascii->fields++] = table[byte];
        }
        ascii->step[byte] = UINT64_C(1) << (8 * field);
        if (table[byte] <= LAST_OF_RUN)
            ascii->step[byte] |= UINT64_C(1) << 56;
    }
    return true;
}

static void unpack(const struct ascii *ascii, uint64_t counters, int64_t *classes)
{
    for (int field = 0; field < ascii->fields; field++)
        classes[ascii->class_of_field[field]] += counters >> (8 * field) & 0xFF;
}

/* Whether *here* completes a mark with the one or two code points before it; all are bytes of the class table. */
static inline bool ends_mark(uint8_t before_last, uint8_t last, uint8_t here)
{
    const int first = before_last >> PART_SHIFT, second = last >> PART_SHIFT, third = here >> PART_SHIFT;
    if ((second == LEAD_OF_TWO && third == HARD_TAIL) || (second == KUN && third == JIN))
        return true;
    if (first == LEAD_OF_MORE)
        return (second == HARD_TAIL && (third == HARD_TAIL || third == SOFT_TAIL)) ||
               (second == SOFT_TAIL && third == HARD_TAIL);
    return first == FILLED && before_last == last && last == here;
}

/* Three bytes that stand for a code point whatever the first two are: most of Chinese. */
static inline bool is_plain_of_three(const uint8_t *at, const uint8_t *end)
{
    return end - at >= 3 && at[0] > 0xE0 && at[0] < 0xED && is_tail(at[1]) && is_tail(at[2]);
}

static inline uint32_t take_three(const uint8_t **at)
{
    const uint8_t *p = *at;
    *at = p + 3;
    return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
}

/* Fills classes[32]; returns the word starts of runs of letters and digits. */
static int64_t count_characters(const struct ascii *ascii, ascii_counter *count_ascii, const uint8_t *table,
                                const uint8_t *at, const uint8_t *end, int64_t *classes, int64_t *mojibake)
{
    struct ascii_counts wide = {0};
    uint64_t counters = 0, in_run = 0, starts = 0;
    int64_t room = 255; /* what the narrow counters still take */
    int64_t sides[2][CLASS_MASK + 1] = {{0}};
    int side = 0;
    while (at < end) {
        const uint8_t *stop = end - at > room ? at + room : end, *begin = at;
        uint64_t eight;
        while (stop - at >= 8 && (memcpy(&eight, at, 8), !(eight & HIGH_BITS))) {
            for (int i = 0; i < 8; i++) {
                const uint64_t step = ascii->step[at[i]], run = step >> 56;
                counters += step;
                starts += run & ~in_run;
                in_run = run;
            }
            at += 8;
            if (count_ascii && end - at >= WIDE_BYTES) {
                const uint8_t *passed = count_ascii(at, end, &wide);
                begin += passed - at; /* the narrow counters took nothing of it */
                stop = end - stop > passed - at ? stop + (passed - at) : end;
                at = passed;
                in_run = ascii->step[at[-1]] >> 56;
            }
        }
        while (at < stop && *at < 0x80) {
            const uint64_t step = ascii->step[*at++], run = step >> 56;
            counters += step;
            starts += run & ~in_run;
            in_run = run;
        }
        room -= at - begin;
        if (room < 8 || at == end) {
            unpack(ascii, counters, classes);
            counters = 0;
            room = 255;
        }
        uint8_t before_last = 0, last = 0; /* ASCII has no part in mojibake */
        while (at < end && *at >= 0x80) {
            const uint8_t here = table[is_plain_of_three(at, end) ? take_three(&at) : decode(&at, end)];
            const uint8_t kind = here & CLASS_MASK;
            const uint64_t run = kind <= LAST_OF_RUN;
            sides[side ^= 1][kind]++; /* Han follows Han: one counter would wait for itself */
            starts += run & ~in_run;
            in_run = run;
            if (here > CLASS_MASK)
                *mojibake += ends_mark(before_last, last, here);
            before_last = last;
            last = here;
        }
    }
    unpack(ascii, counters, classes);
    add_ascii(&wide, classes);
    for (int class = 0; class <= CLASS_MASK; class++)
        classes[class] += sides[0][class] + sides[1][class];
    return (int64_t)starts + wide.starts;
}

/* Lines that hold more than spaces. A line feed is one byte in UTF-8 and part of nothing else. */
static int64_t count_inked_lines(const uint8_t *table, const uint8_t *at, const uint8_t *end)
{
    int64_t inked = 0;
    while (at < end) {
        const uint8_t *feed = memchr(at, '\n', (size_t)(end - at)), *stop = feed ? feed : end;
        while (at < stop) {
            const uint32_t point = *at < 0x80 ? *at++ : decode(&at, stop);
            if ((table[point] & CLASS_MASK) < SPACE) {
                inked++;
                break;
            }
        }
        at = feed ? feed + 1 : end;
    }
    return inked;
}

uint32_t kernel_abi(void)
{
    return KERNEL_ABI;
}

/* table: uint8[0x110000] of `class_table()`. counts: int64[FIRST_CLASS + CLASSES][row_count], all of it written.
 * Returns 0; or row + 1 where that row's offsets lie outside the data; or -1 for a table of other classes. */
int64_t count_signs(const uint8_t *table, const void *offsets, int32_t is_large, const uint8_t *data,
                    int64_t data_bytes, const uint8_t *validity, int64_t first_bit, int64_t row_count, int64_t *counts)
{
    const struct rows rows = {offsets, data, validity, data_bytes, first_bit, is_large};
    struct ascii ascii;
    if (!pack_ascii(&ascii, table))
        return -1;
    ascii_counter *const count_ascii = knows_ascii(table) ? counter_of_ascii(-1) : NULL;
    int64_t block[FIRST_CLASS + CLASSES][BLOCK_ROWS];
    for (int64_t row = 0; row < row_count; row++) {
        const uint8_t *from, *end;
        const int64_t at = row % BLOCK_ROWS;
        int64_t classes[CLASS_MASK + 1] = {0}, mojibake = 0, chars = 0;
        if (!take_row(&rows, row, &from, &end))
            return row + 1;
        int64_t words = count_characters(&ascii, count_ascii, table, from, end, classes, &mojibake);
        for (int class = 0; class < CLASSES; class++) {
            chars += classes[class];
            block[FIRST_CLASS + class][at] = classes[class];
        }
        for (int class = LAST_OF_RUN + 1; class <= LAST_TERM; class++)
            words += classes[class];
        block[TEXT_BYTES][at] = end - from;
        block[CHARS][at] = chars;
        block[WORDS][at] = words;
        block[LINES][at] = classes[CLASSES - 1] + (end > from && end[-1] != '\n');
        block[INKED_LINES][at] = count_inked_lines(table, from, end);
        block[MOJIBAKE][at] = mojibake;
        if (at == BLOCK_ROWS - 1 || row == row_count - 1)
            for (int measure = 0; measure < FIRST_CLASS + CLASSES; measure++)
                memcpy(counts + measure * row_count + row - at, block[measure], (size_t)(at + 1) * 8);
    }
    return 0;
}
