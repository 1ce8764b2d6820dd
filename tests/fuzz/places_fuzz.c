/* Line feeds, lines that hold digits or a mark, and the names of a label's fields in a buffer: byte by byte, with room that
 * runs out. */
#include "fuzzed.h"

int64_t find_feeds(const uint8_t *, int64_t, int64_t *, int64_t);
int64_t find_label_fields(const uint8_t *, int64_t, int64_t *, int64_t);
int64_t copy_telling_lines(const uint8_t *, int64_t, int64_t, uint8_t, uint8_t *, int64_t, int64_t *, int64_t *, int64_t);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_PLACES = 4 * MOST_BYTES + 1 };

static struct {
    int64_t count, at[MOST_PLACES];
} wanted;

/* A buffer of its own; where is_told, some bytes stand for parts of names and for runs of digits. */
UNTRACED static uint8_t *take_buffer(struct input *in, bool is_told, int64_t *bytes)
{
    static const char *const parts[] = {"Content", "Pro", "ducer", "pagator", "duceID", "pagateID", "P", "ContentPropagator", "PropagateID", "pagat",
                                        "0123456789012345", "00000000000000000000000000000000", "\n\n", "/9:", "ProduceID", "ContentProducer"};
    static uint8_t made[MOST_BYTES * 4];
    *bytes = 0;
    while (in->left && *bytes < (int64_t)sizeof made - 32) {
        const uint8_t byte = (uint8_t)take(in, 1);
        const char *part = parts[byte & 15];
        if (!is_told || byte < 0xF0)
            made[(*bytes)++] = byte;
        for (; is_told && byte >= 0xF0 && *part; part++)
            made[(*bytes)++] = (uint8_t)*part;
    }
    if (!*bytes)
        return NULL;
    return memcpy(exactly((size_t)*bytes), made, (size_t)*bytes);
}

UNTRACED static bool stands_at(const uint8_t *data, int64_t bytes, int64_t at, const char *name)
{
    for (; *name; name++, at++)
        if (at < 0 || at >= bytes || data[at] != (uint8_t)*name)
            return false;
    return true;
}

/* What is wanted, against what a function finds with room for all, for one less, and for some. */
static void look_at_places(int64_t find(const uint8_t *, int64_t, int64_t *, int64_t), const uint8_t *data, int64_t bytes, int64_t some)
{
    const int64_t rooms[] = {wanted.count, wanted.count ? wanted.count - 1 : 0, some};
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        const int64_t told = rooms[i] < wanted.count ? rooms[i] : wanted.count;
        int64_t *places = exactly((size_t)rooms[i] * sizeof *places);
        MUST(find(data, bytes, places, rooms[i]) == wanted.count);
        MUST(!memcmp(places, wanted.at, (size_t)told * sizeof *places));
        free(places);
    }
}

static void look_at_lines(const uint8_t *data, int64_t bytes, int64_t least, uint8_t mark, uint64_t less)
{
    static uint8_t laid[MOST_BYTES * 4 + 1];
    static int64_t starts[MOST_PLACES], ends[MOST_PLACES];
    int64_t lines = 0, filled = 0;
    for (int64_t start = 0, stop; start < bytes; start = stop + 1) {
        int64_t digits = 0;
        bool has_mark = false;
        for (stop = start; stop < bytes && data[stop] != '\n'; stop++) {
            digits += data[stop] >= '0' && data[stop] <= '9';
            has_mark |= data[stop] == mark;
        }
        if (stop == start || !(has_mark || digits >= least))
            continue;
        starts[lines] = start;
        ends[lines++] = filled;
        for (int64_t i = start; i < stop; i++)
            laid[filled++] = data[i];
        laid[filled++] = '\n';
    }
    ends[lines] = filled;
    const int64_t rows = less == 1 && lines ? lines - 1 : lines, room = less == 2 && filled ? filled - 1 : filled;
    uint8_t *out = exactly((size_t)room);
    int64_t *from = exactly((size_t)rows * 8), *to = exactly((size_t)(rows + 1) * 8);
    const int64_t count = copy_telling_lines(data, bytes, least, mark, out, room, from, to, rows);
    MUST(count == (rows < lines || room < filled ? -1 : lines));
    if (count >= 0) {
        MUST(!memcmp(out, laid, (size_t)filled));
        MUST(!memcmp(from, starts, (size_t)lines * 8) && !memcmp(to, ends, (size_t)(lines + 1) * 8));
    }
    free(out), free(from), free(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"ContentProducer", "ContentPropagator", "ProduceID", "PropagateID"};
    struct input in = {data, size};
    const uint64_t flags = take(&in, 1), least = take(&in, 1), mark = take(&in, 1), some = take(&in, 1);
    int64_t bytes;
    uint8_t *buffer = take_buffer(&in, flags & 1, &bytes);
    wanted.count = 0;
    for (int64_t i = 0; i < bytes; i++)
        if (buffer[i] == '\n')
            wanted.at[wanted.count++] = i;
    look_at_places(find_feeds, buffer, bytes, (int64_t)some);
    wanted.count = 0;
    for (int64_t i = 0; i < bytes; i++) {
        bool is_found = false;
        for (int name = 0; name < 4; name++)
            is_found |= stands_at(buffer, bytes, i - (name < 2 ? 7 : 0), names[name]);
        if (is_found)
            wanted.at[wanted.count++] = i;
    }
    look_at_places(find_label_fields, buffer, bytes, (int64_t)some);
    look_at_lines(buffer, bytes, 1 + (int64_t)(flags & 2 ? least : least % 12), (uint8_t)mark, flags >> 2 & 3);
    free(buffer);
    return 0;
}
