/* Windows and labels of rows against fastText's own way, word by word, with a model of the one shape whose numbers are drawn.
 *
 * Dictionary::getLine and computeSubwords, Model::computeHidden, HierarchicalSoftmaxLoss::dfs of release 0.9.2: floats in their
 * order, so the scores are equal to the bit.
 */
#include "fuzzed.h"
#include <math.h>

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

enum { DIM = 16, LABELS = 176, NODES = LABELS - 1, LEAST = 2, MOST = 4, BUCKETS = 2000000, PART = 1024, MOST_CHOSEN = 6 };
enum { WORDS = 12, ENTRIES = WORDS + LABELS, SLOTS = 1024, END_OF_LINE = 5 };

struct lid_model {
    const uint8_t *letters;
    const int32_t *starts, *slots;
    const uint64_t *kept;
    const float *rows, *outputs;
    const int32_t *children;
    int32_t words, last_slot, end_of_line;
};

int64_t label_windows(const struct lid_model *, COLUMN, const int64_t *, int64_t, int64_t, int32_t *, float *, int64_t *);
int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The one with a label's beginning is none; the longest is no word of a whole line. */
static const char *const words[WORDS] = {"a", "the", "of", "中", "中国", "</s>", "é", "aaaaaaaaaaaaaaaaaaaa", "<", "\xEF\xBF\xBD", "0", "__label"};
static char names[ENTRIES][24];
static struct lid_model model;

UNTRACED static uint32_t plain_hash(const uint8_t *at, int64_t bytes)
{
    uint32_t hash = 2166136261u;
    for (int64_t i = 0; i < bytes; i++) {
        hash ^= at[i] < 0x80 ? at[i] : 0xFFFFFF00u | at[i]; /* as a signed char widens */
        hash *= 16777619u;
    }
    return hash;
}

/* Of each bucket that is kept, and then of each word, the row; a third of all are. */
UNTRACED static bool is_kept(uint32_t number)
{
    return number >= BUCKETS || spread(number) % 3 == 0;
}

static float drawn(uint64_t salt, uint64_t place, double reach)
{
    return (float)(((double)(spread(salt ^ place) >> 40) / (1 << 23) - 1) * reach);
}

static float *drawn_floats(int64_t count, uint64_t salt, double reach)
{
    float *floats = exactly((size_t)count * sizeof *floats);
    for (int64_t i = 0; i < count; i++)
        floats[i] = drawn(salt, (uint64_t)i, reach);
    return floats;
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    const int64_t blocks = (BUCKETS + WORDS) / 32 + 1;
    uint64_t *kept = exactly((size_t)blocks * 8);
    int64_t before = 0;
    for (int64_t block = 0; block < blocks; block++) {
        kept[block] = (uint64_t)before << 32;
        for (int64_t i = 0; i < 32; i++)
            if (block * 32 + i < BUCKETS + WORDS && is_kept((uint32_t)(block * 32 + i))) {
                kept[block] |= UINT64_C(1) << i;
                before++;
            }
    }
    int32_t *starts = exactly((ENTRIES + 1) * sizeof *starts), *slots = exactly(SLOTS * sizeof *slots), *children = exactly(NODES * 2 * sizeof *children);
    starts[0] = 0;
    for (int entry = 0; entry < ENTRIES; entry++) {
        snprintf(names[entry], sizeof names[entry], entry < WORDS ? "%s" : "__label__%s%d", entry < WORDS ? words[entry] : "l", entry);
        starts[entry + 1] = starts[entry] + (int32_t)strlen(names[entry]);
    }
    uint8_t *letters = exactly((size_t)starts[ENTRIES]);
    memset(slots, -1, SLOTS * sizeof *slots);
    for (int entry = 0; entry < ENTRIES; entry++) {
        const int64_t length = starts[entry + 1] - starts[entry];
        memcpy(letters + starts[entry], names[entry], (size_t)length);
        uint32_t slot = plain_hash(letters + starts[entry], length) % SLOTS;
        while (slots[slot] >= 0)
            slot = (slot + 1) % SLOTS;
        slots[slot] = entry;
    }
    int32_t roots[LABELS], left = LABELS; /* any tree: two roots that are drawn become one */
    for (int32_t label = 0; label < LABELS; label++)
        roots[label] = label;
    for (int32_t node = 0; node < NODES; node++)
        for (int side = 0; side < 2; side++) {
            const int32_t place = (int32_t)(spread((uint64_t)(2 * node + side)) % (uint64_t)left);
            children[2 * node + side] = roots[place];
            roots[place] = side ? LABELS + node : roots[left - 1];
            left -= !side;
        }
    float *outputs = drawn_floats(DIM * NODES, 2, 6);
    for (int i = 0; i < DIM * NODES; i++)
        outputs[i] *= (float)(i % NODES % 4 != 0); /* where all are 0, both sides have the same score */
    model = (struct lid_model){letters, starts, slots, kept, drawn_floats(before * DIM, 1, 1), outputs, children, WORDS, SLOTS - 1, END_OF_LINE};
    return 0;
}

struct line { /* code points, white space as one space each */
    int64_t points, bytes, starts[3 * PART + 4];
    uint8_t at[3 * PART + 4];
};

UNTRACED static void add_point(struct line *line, const uint8_t *at, int length)
{
    memcpy(line->at + line->bytes, at, (size_t)length);
    line->bytes += length;
    line->starts[++line->points] = line->bytes;
}

/* What a row is read as: all of it, or its first, middle and last part; what is ill-formed goes. */
static void read_row(struct line *line, const uint8_t *at, int64_t bytes)
{
    uint8_t parts[3 * PART];
    if (bytes > 3 * PART) {
        for (int64_t i = 0; i < PART; i++) {
            parts[i] = at[i];
            parts[PART + i] = at[(bytes - PART) / 2 + i];
            parts[2 * PART + i] = at[bytes - PART + i];
        }
        at = parts;
        bytes = 3 * PART;
    }
    line->points = line->bytes = line->starts[0] = 0;
    for (int64_t i = 0; i < bytes;) {
        int length;
        const uint32_t point = plain_point(at + i, bytes - i, &length);
        if (!point || is_white(point))
            add_point(line, (const uint8_t *)" ", 1);
        else if (point != 0xFFFD || (length == 3 && !memcmp(at + i, "\xEF\xBF\xBD", 3)))
            add_point(line, at + i, length);
        i += length;
    }
}

UNTRACED static void add_window(struct line *to, const struct line *from, int64_t first, int64_t stop)
{
    for (int64_t i = first; i < stop; i++)
        add_point(to, from->at + from->starts[i], (int)(from->starts[i + 1] - from->starts[i]));
    add_point(to, (const uint8_t *)" ", 1);
}

struct hidden {
    float sum[DIM];
    int64_t count;
};

UNTRACED static void add_row(struct hidden *hidden, uint32_t number)
{
    if (!is_kept(number))
        return;
    const uint64_t kept = model.kept[number / 32];
    int64_t row = (int64_t)(kept >> 32);
    for (uint32_t i = 0; i < number % 32; i++)
        row += kept >> i & 1;
    for (int d = 0; d < DIM; d++)
        hidden->sum[d] += model.rows[row * DIM + d];
    hidden->count++;
}

UNTRACED static void add_word(struct hidden *hidden, const uint8_t *at, int64_t bytes)
{
    uint8_t bracketed[3 * PART + 6] = {'<'};
    memcpy(bracketed + 1, at, (size_t)bytes);
    bracketed[bytes + 1] = '>';
    for (int64_t i = 0; i < bytes + 2; i++) {
        if ((bracketed[i] & 0xC0) == 0x80)
            continue;
        for (int64_t j = i, n = 1; j < bytes + 2 && n <= MOST; n++) {
            for (j++; j < bytes + 2 && (bracketed[j] & 0xC0) == 0x80;)
                j++;
            if (n >= LEAST)
                add_row(hidden, plain_hash(bracketed + i, j - i) % BUCKETS);
        }
    }
}

UNTRACED static void read_line(struct hidden *hidden, const struct line *line)
{
    for (int64_t i = 0, end; i < line->bytes; i = end + 1) {
        int32_t entry = 0;
        for (end = i; end < line->bytes && line->at[end] != ' ';)
            end++;
        while (entry < ENTRIES && (model.starts[entry + 1] - model.starts[entry] != end - i || memcmp(names[entry], line->at + i, (size_t)(end - i)) != 0))
            entry++;
        if (end == i)
            continue;
        if (entry == END_OF_LINE)
            break;
        if (entry == ENTRIES ? end - i >= 9 && !memcmp(line->at + i, "__label__", 9) : entry >= WORDS)
            continue;
        if (entry < WORDS)
            add_row(hidden, BUCKETS + (uint32_t)entry);
        add_word(hidden, line->at + i, end - i);
    }
    add_row(hidden, BUCKETS + END_OF_LINE);
}

struct found {
    int32_t label;
    float score;
};

static float log_share(float share)
{
    return (float)log((double)share + 1e-5);
}

static void descend(int32_t node, float score, const float *hidden, struct found *found)
{
    if (score < log_share(0) || (found->label >= 0 && score < found->score))
        return;
    if (node < LABELS) {
        *found = (struct found){node, score};
        return;
    }
    float dot = 0;
    for (int d = 0; d < DIM; d++)
        dot += model.outputs[d * NODES + node - LABELS] * hidden[d];
    const float share = (float)(1.0 / (double)(1 + expf(-dot)));
    descend(model.children[2 * (node - LABELS)], score + log_share((float)(1.0 - (double)share)), hidden, found);
    descend(model.children[2 * (node - LABELS) + 1], score + log_share(share), hidden, found);
}

static void look_at_row(const uint8_t *at, int64_t bytes, int64_t chars, int32_t label, float score, int64_t points)
{
    static struct line whole, windows;
    struct hidden hidden = {0};
    struct found found = {-1, 0};
    read_row(&whole, at, bytes);
    windows.points = windows.bytes = windows.starts[0] = 0;
    if (whole.points <= 3 * chars)
        add_window(&windows, &whole, 0, whole.points);
    else {
        add_window(&windows, &whole, 0, chars);
        add_window(&windows, &whole, (whole.points - chars) / 2, (whole.points - chars) / 2 + chars);
        add_window(&windows, &whole, whole.points - chars, whole.points);
    }
    read_line(&hidden, &windows);
    const float share = (float)(1.0 / (double)hidden.count);
    for (int d = 0; d < DIM; d++)
        hidden.sum[d] *= share;
    descend(LABELS + NODES - 1, 0, hidden.sum, &found);
    found.score = expf(found.score);
    MUST(points == whole.points && label == found.label && !memcmp(&score, &found.score, sizeof score));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char many[201]; /* more n-grams than are held at once */
    memset(many, 'x', sizeof many - 1);
    static const char *const parts[] = {"the ", "中国", "</s>", " </s> ", "__label__", " __label__l12 ", "aaaaaaaaaaaaaaaaaaaa", "\xEF\xBF\xBD",
                                        "\n\t\r", "\xC2\x85\xC2\xA0", "\xE1\x9A\x80", "\xE2\x80\x80\xE2\x80\x8A\xE2\x80\x8B", "\xE2\x80\xA8\xE2\x80\xA9", "\xE2\x80\xAF\xE2\x81\x9F", "\xE3\x80\x80", many};
    struct input in = {data, size};
    const uint64_t flags = take(&in, 1);
    const int64_t chars = (int64_t)(flags & 1 ? take(&in, 1) % 40 : take(&in, 2) % (PART + 2));
    const int64_t count = (int64_t)(take(&in, 1) % (MOST_CHOSEN + 1));
    int64_t *chosen = exactly((size_t)count * 8), *points = exactly((size_t)count * 8), wanted = chars < 1 || chars > PART ? -1 : 0;
    int32_t *labels = exactly((size_t)count * 4);
    float *scores = exactly((size_t)count * 4);
    for (int64_t i = 0; i < count; i++)
        chosen[i] = flags & 6 ? (int64_t)take(&in, 1) : (int64_t)(take(&in, 8) & INT64_MAX) - INT64_MAX / 2;
    struct column c = take_column(&in);
    for (int64_t i = 0; i < count && flags & 6 && c.rows; i++)
        chosen[i] = flags & 4 ? 0 : chosen[i] % c.rows;
    if (flags & 4)
        all_in_first(&c);
    for (int64_t i = 0; flags & 8 && i < c.data_bytes; i++)
        if (c.data[i] >= 0xF0)
            i = write_part(&c, i, parts[c.data[i] & 15]);
    const int64_t answer = label_windows(&model, ARRAY(c), chosen, count, chars, labels, scores, points);
    for (int64_t i = 0; i < count && !wanted; i++) {
        const uint8_t *from;
        int64_t bytes;
        if (chosen[i] < 0)
            wanted = 1;
        else if (chosen[i] >= c.rows || !row_of(&c, chosen[i], &from, &bytes))
            wanted = chosen[i] + 1;
        else if (!answer)
            look_at_row(from, bytes, chars, labels[i], scores[i], points[i]);
    }
    MUST(answer == wanted);
    free(chosen), free(points), free(labels), free(scores);
    free_column(&c);
    return 0;
}
