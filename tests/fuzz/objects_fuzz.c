/* Strings out of lines of JSON: no byte is read or written outside, offsets rise and hold, and a line that is read among
 * others is read alike alone. */
#include "fuzzed.h"

int64_t read_objects(const uint8_t *, int64_t, const int64_t *, const int64_t *, int64_t, const uint8_t *, const int32_t *, int32_t,
                     uint8_t *const *, int64_t *, uint8_t *);

enum { FIELDS = 2, MOST_LINES = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char names[] = "ab";
    const int32_t name_ends[FIELDS] = {1, 2};
    int64_t starts[MOST_LINES], ends[MOST_LINES], lines = 0, read;
    int64_t offsets[FIELDS * (MOST_LINES + 1)];
    uint8_t given[FIELDS * MOST_LINES];
    uint8_t *copy = malloc(size + !size), *out[FIELDS];
    MUST(copy);
    memcpy(copy, data, size);
    for (size_t from = 0, at = 0; at <= size && lines < MOST_LINES; at++)
        if (at == size || data[at] == '\n') {
            starts[lines] = (int64_t)from;
            ends[lines++] = (int64_t)at;
            from = at + 1;
        }
    for (int field = 0; field < FIELDS; field++)
        MUST((out[field] = malloc(size + 1)));
    read = read_objects(copy, (int64_t)size, starts, ends, lines, (const uint8_t *)names, name_ends, FIELDS, out, offsets, given);
    MUST(read >= 0 && read <= lines);
    for (int64_t line = 0; line < read; line++) {
        uint8_t *alone[FIELDS], alone_given[FIELDS];
        int64_t alone_offsets[FIELDS * 2];
        for (int field = 0; field < FIELDS; field++)
            MUST((alone[field] = malloc((size_t)(ends[line] - starts[line]) + 1)));
        MUST(read_objects(copy, (int64_t)size, starts + line, ends + line, 1, (const uint8_t *)names, name_ends, FIELDS, alone,
                          alone_offsets, alone_given) == 1);
        for (int field = 0; field < FIELDS; field++) {
            const int64_t *of = offsets + field * (lines + 1) + line;
            MUST(of[0] >= 0 && of[1] >= of[0] && of[1] <= (int64_t)size);
            MUST(alone_offsets[field * 2 + 1] == of[1] - of[0]);
            MUST(!memcmp(alone[field], out[field] + of[0], (size_t)(of[1] - of[0])));
            MUST(alone_given[field] == given[field * lines + line] && (given[field * lines + line] || of[1] == of[0]));
            free(alone[field]);
        }
    }
    for (int field = 0; field < FIELDS; field++)
        free(out[field]);
    free(copy);
    return 0;
}
