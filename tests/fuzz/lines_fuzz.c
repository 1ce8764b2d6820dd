/* Lines and paragraphs against their definition, line by line, with room that runs out at any row. */
#define LLVMFuzzerTestOneInput terms_of_one_input
#include "terms_fuzz.c"
#undef LLVMFuzzerTestOneInput

struct piece {
    uint64_t hash;
    int64_t row, start, end, terms;
};

int64_t lines_of_rows(TABLES, COLUMN, int32_t, int64_t, struct piece *, int64_t, struct piece *, int64_t, int64_t *, int64_t *);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_PIECES = MOST_ROWS * (MOST_BYTES + 1) };

static struct {
    int64_t count;
    struct piece at[MOST_PIECES];
} wanted[2]; /* lines, paragraphs */

static bool is_blank(const uint8_t *at, int64_t bytes)
{
    for (int64_t i = 0; i < bytes;) {
        int length;
        const uint32_t point = plain_point(at + i, bytes - i, &length);
        if ((point == '\n' || !is_white(point)) && table[point] >> 24 != 3)
            return false;
        i += length;
    }
    return true;
}

static void want(int which, struct piece piece, int64_t shortest)
{
    if (piece.terms >= shortest)
        wanted[which].at[wanted[which].count++] = piece;
}

/* The paragraph whose lines begin at first and end before *end*. */
static void want_paragraph(int64_t row, const uint8_t *from, int64_t first, int64_t end, int64_t shortest)
{
    int64_t lines = 1;
    for (int64_t i = first; i < end; i++)
        lines += from[i] == '\n';
    for (int64_t start = first, stop; lines > 1 && start <= end; start = stop + 1) {
        for (stop = start; stop < end && from[stop] != '\n';)
            stop++;
        plain_terms(from + start, stop - start);
        want(0, (struct piece){plain_shingle(0, plain.count), row, start, stop, plain.count}, shortest);
    }
    plain_terms(from + first, end - first);
    want(1, (struct piece){plain_shingle(0, plain.count), row, first, end, plain.count}, shortest);
}

static void want_row(int64_t row, const uint8_t *from, int64_t bytes, int64_t shortest)
{
    int64_t first = -1, end = 0;
    for (int64_t start = 0, stop; start <= bytes; start = stop + 1) {
        for (stop = start; stop < bytes && from[stop] != '\n';)
            stop++;
        if (!is_blank(from + start, stop - start)) {
            first = first < 0 ? start : first;
            end = stop;
        } else if (first >= 0) {
            want_paragraph(row, from, first, end, shortest);
            first = -1;
        }
    }
    if (first >= 0)
        want_paragraph(row, from, first, end, shortest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    const int64_t shortest = 1 + (int64_t)(take(&in, 1) % 7);
    int64_t room[2] = {(int64_t)(take(&in, 1) % 8), (int64_t)(take(&in, 1) % 8)}, counts[2] = {0}, next = 0;
    struct column c = take_column(&in);
    const int64_t bad = first_bad(&c);
    struct piece *found[2] = {exactly((size_t)room[0] * sizeof *found[0]), exactly((size_t)room[1] * sizeof *found[0])};
    wanted[0].count = wanted[1].count = 0;
    for (int64_t row = 0; row < bad; row++) {
        const uint8_t *from;
        int64_t bytes;
        MUST(row_of(&c, row, &from, &bytes));
        want_row(row, from, bytes, shortest);
    }
    for (;;) {
        const int64_t answer = lines_of_rows(table, expansions, ARRAY(c), -1, shortest, found[0], room[0], found[1], room[1], counts, &next);
        MUST(answer == 0 || answer == bad + 1);
        if (answer || next == c.rows) {
            MUST((answer != 0) == (bad < c.rows) && next == bad);
            break;
        }
        MUST(next < bad);
        for (int which = 0; which < 2; which++) { /* no row has more pieces than bytes: room is enough one day */
            struct piece *larger = exactly((size_t)(2 * room[which] + 1) * sizeof *larger);
            memcpy(larger, found[which], (size_t)counts[which] * sizeof *larger);
            free(found[which]);
            found[which] = larger;
            room[which] = 2 * room[which] + 1;
        }
    }
    for (int which = 0; which < 2; which++) {
        MUST(counts[which] == wanted[which].count);
        for (int64_t i = 0; i < counts[which]; i++) {
            const struct piece *one = &found[which][i], *other = &wanted[which].at[i];
            MUST(one->hash == other->hash && one->row == other->row && one->start == other->start && one->end == other->end && one->terms == other->terms);
        }
        free(found[which]);
    }
    free_column(&c);
    return 0;
}
