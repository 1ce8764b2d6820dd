/* fastText's lid.176.ftz over windows of the rows of an Arrow String or LargeString array: the likeliest label, its score.
 *
 * Joulin et al., Bag of Tricks for Efficient Text Classification, 2016. Bit for bit what fastText 0.9.2 computes: sums of
 * 32-bit floats in its order, side by side over the dimensions or the nodes, never over what is summed; `expf` and `log`
 * are libm's, as they are its. No state between calls, no allocation.
 */
#include "rows.h"
#include <math.h>

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF /* gcc leaves it off under -std=c11 */
#endif

/* One copy for each instruction set, chosen when the library is loaded; that is too early for AddressSanitizer. */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define CLONES __attribute__((target_clones("default", "avx2", "arch=skylake-avx512")))
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline))

/* The shape of that one model, which `checks/language/flat.py` has held the file to. */
enum { DIM = 16, LABELS = 176, NODES = LABELS - 1, LEAST = 2, MOST = 4, BUCKETS = 2000000 };
enum { PART = 1024, MOST_BYTES = 3 * PART, HELD = 512 };

static const char LABEL_PREFIX[] = "__label__";

struct lid_model { /* as `lid_calls._Model` lays it out */
    const uint8_t *letters;  /* the words, then the labels, end to end */
    const int32_t *starts;   /* [entries + 1] */
    const int32_t *slots;    /* [last_slot + 1], by hash: an entry, or -1; some are free */
    const uint64_t *kept;    /* [(BUCKETS + words) / 32 + 1]: which of 32 numbers have a row, over how many before have one */
    const float *rows;       /* [n-grams kept + words][DIM] */
    const float *outputs;    /* [DIM][NODES] */
    const int32_t *children; /* [NODES][2]: below LABELS a label, else a node; no child is above its parent */
    int32_t words, last_slot, end_of_line;
};

enum { LANES = 4, VECTORS = DIM / LANES };
typedef float lanes __attribute__((vector_size(4 * LANES))); /* which any instruction set adds at once */

struct sum {
    lanes of[VECTORS];
    int64_t count;
    int held;
    uint32_t numbers[HELD + 1]; /* buckets of n-grams, and BUCKETS and more for a word */
};

/* FNV-1a over signed chars, as the model was trained. */
INLINE uint32_t hashed(uint32_t hash, uint8_t byte)
{
    return (hash ^ (uint32_t)(int32_t)(int8_t)byte) * UINT32_C(16777619);
}

/* First what was kept of what is held, without a branch, for that is not to be guessed; then their rows, in their order. */
INLINE void add_held(const struct lid_model *model, struct sum *sum)
{
    uint32_t rows[HELD + 1];
    int count = 0;
    for (int i = 0; i < sum->held; i++) {
        const uint32_t number = sum->numbers[i], place = number & 31;
        const uint64_t kept = model->kept[number >> 5];
        rows[count] = (uint32_t)(kept >> 32) + (uint32_t)__builtin_popcount((uint32_t)kept & ((UINT32_C(1) << place) - 1));
        count += (int)(kept >> place & 1);
    }
    lanes a = sum->of[0], b = sum->of[1], c = sum->of[2], d = sum->of[3], row[VECTORS];
    for (int i = 0; i < count; i++) {
        memcpy(row, model->rows + (int64_t)rows[i] * DIM, sizeof row);
        a += row[0];
        b += row[1];
        c += row[2];
        d += row[3];
    }
    sum->of[0] = a;
    sum->of[1] = b;
    sum->of[2] = c;
    sum->of[3] = d;
    sum->count += count;
    sum->held = 0;
}

/* The n-grams of LEAST to MOST code points of a word in its brackets, from..end; those of each place by length. */
INLINE void hold_ngrams(const struct lid_model *model, struct sum *sum, const uint8_t *from, const uint8_t *end)
{
    int held = sum->held;
    for (; from < end; from++) {
        if (is_tail(*from))
            continue;
        if (held > HELD - MOST) {
            sum->held = held;
            add_held(model, sum);
            held = 0;
        }
        uint32_t hash = UINT32_C(2166136261);
        const uint8_t *at = from;
        for (int n = 1; n <= MOST && at < end; n++) {
            hash = hashed(hash, *at++);
            while (at < end && is_tail(*at))
                hash = hashed(hash, *at++);
            if (n >= LEAST) {
                const uint32_t number = hash % BUCKETS;
                __builtin_prefetch(model->kept + (number >> 5));
                sum->numbers[held++] = number;
            }
        }
    }
    sum->held = held;
}

INLINE int32_t entry_of(const struct lid_model *model, uint32_t hash, const uint8_t *word, int64_t length)
{
    for (uint32_t slot = hash & (uint32_t)model->last_slot;; slot = (slot + 1) & (uint32_t)model->last_slot) {
        const int32_t entry = model->slots[slot];
        if (entry < 0)
            return -1;
        const int32_t start = model->starts[entry];
        if (model->starts[entry + 1] - start == length && !memcmp(model->letters + start, word, (size_t)length))
            return entry;
    }
}

/* The mean of the rows of all words and n-grams of a line. The bytes before and after it are written to. */
CLONES static void average(const struct lid_model *model, uint8_t *line, int64_t length, float *mean)
{
    struct sum sum;
    memset(sum.of, 0, sizeof sum.of);
    sum.count = sum.held = 0;
    bool is_over = false;
    for (int64_t at = 0, end; at < length && !is_over; at = end + 1) {
        uint32_t hash = UINT32_C(2166136261);
        for (end = at; end < length && line[end] != ' '; end++)
            hash = hashed(hash, line[end]);
        if (end == at)
            continue;
        const int64_t size = end - at;
        const int32_t entry = entry_of(model, hash, line + at, size);
        is_over = entry == model->end_of_line;
        const bool is_label = size >= (int64_t)sizeof LABEL_PREFIX - 1 && !memcmp(line + at, LABEL_PREFIX, sizeof LABEL_PREFIX - 1);
        if (is_over || entry >= model->words || (entry < 0 && is_label))
            continue;
        if (entry >= 0)
            sum.numbers[sum.held++] = BUCKETS + (uint32_t)entry;
        line[at - 1] = '<';
        line[end] = '>';
        hold_ngrams(model, &sum, line + at - 1, line + end + 1);
    }
    sum.numbers[sum.held++] = BUCKETS + (uint32_t)model->end_of_line;
    add_held(model, &sum);
    const float share = (float)(1.0 / (double)sum.count);
    for (int d = 0; d < DIM; d++)
        mean[d] = sum.of[d / LANES][d % LANES] * share;
}

/* The dot products of all nodes, side by side. */
CLONES static void weigh(const struct lid_model *model, const float *mean, float *weights)
{
    for (int node = 0; node < NODES; node++)
        weights[node] = 0;
    for (int d = 0; d < DIM; d++)
        for (int node = 0; node < NODES; node++)
            weights[node] += model->outputs[d * NODES + node] * mean[d];
}

INLINE float log_of(float x)
{
    return (float)log((double)x + 1e-5);
}

/* Down the tree of the hierarchical softmax, the rarer child first; of equal scores the last one counts. Some label has a
 * share of at least one in LABELS, which is far above the least score: there is always an answer. */
static int32_t best_label(const struct lid_model *model, const float *weights, float *score)
{
    struct place {
        int32_t node;
        float score;
    } left[LABELS + 1];
    int depth = 0;
    int32_t best = -1;
    float most = 0;
    const float least = log_of(0);
    left[depth++] = (struct place){LABELS + NODES - 1, 0};
    while (depth) {
        const struct place here = left[--depth];
        if (here.score < least || (best >= 0 && here.score < most))
            continue;
        if (here.node < LABELS) {
            best = here.node;
            most = here.score;
            continue;
        }
        const int32_t node = here.node - LABELS;
        const float share = (float)(1. / (double)(1 + expf(-weights[node])));
        left[depth++] = (struct place){model->children[2 * node + 1], here.score + log_of(share)};
        left[depth++] = (struct place){model->children[2 * node], here.score + log_of((float)(1.0 - (double)share))};
    }
    *score = expf(most);
    return best;
}
/* str.split's white space, and NUL, where the model ends a word too. */
INLINE bool is_space(uint32_t point)
{
    if (point < 0x80)
        return point == 0 || (point >= 0x09 && point <= 0x0D) || (point >= 0x1C && point <= 0x20);
    return point == 0x85 || point == 0xA0 || point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 ||
           point == 0x2029 || point == 0x202F || point == 0x205F || point == 0x3000;
}

/* The well-formed code points of at most MOST_BYTES, each white space a space; places[i] is where the i-th begins. How many. */
static int64_t take_points(const uint8_t *at, const uint8_t *end, uint8_t *bytes, uint16_t *places)
{
    int64_t points = 0, made = 0;
    while (at < end) {
        const uint8_t *from = at;
        const uint32_t point = *at < 0x80 ? *at++ : decode(&at, end);
        const int64_t length = at - from;
        if (point == REPLACEMENT && (length != 3 || from[0] != 0xEF || from[1] != 0xBF || from[2] != 0xBD))
            continue;
        places[points++] = (uint16_t)made;
        if (is_space(point))
            bytes[made++] = ' ';
        else
            for (int64_t i = 0; i < length; i++)
                bytes[made++] = from[i];
    }
    places[points] = (uint16_t)made;
    return points;
}

static uint8_t *append(uint8_t *to, const uint8_t *bytes, const uint16_t *places, int64_t from, int64_t stop)
{
    const size_t size = (size_t)(places[stop] - places[from]);
    memcpy(to, bytes + places[from], size);
    to[size] = ' ';
    return to + size + 1;
}

/* For each of the `count` rows named by `chosen` of an array as `count_signs` takes it: the label (int32[count]) of at most
 * three windows of `chars` code points, its score (float[count]), and of how many code points they were taken (int64[count]).
 * A row of more than MOST_BYTES is read as its first, middle and last PART. Returns 0; or row + 1 where that row is not
 * there or its offsets lie outside the data; -1 for a number of chars that no window has. */
int64_t label_windows(const struct lid_model *model, const void *offsets, int32_t is_large, const uint8_t *data,
                      int64_t data_bytes, const uint8_t *validity, int64_t first_bit, int64_t row_count,
                      const int64_t *chosen, int64_t count, int64_t chars, int32_t *labels, float *scores, int64_t *points)
{
    const struct rows rows = {offsets, data, validity, data_bytes, first_bit, is_large};
    uint8_t parts[MOST_BYTES], bytes[MOST_BYTES], line[1 + MOST_BYTES + 3];
    uint16_t places[MOST_BYTES + 1];
    float mean[DIM], weights[NODES];
    if (chars < 1 || chars > PART)
        return -1;
    for (int64_t i = 0; i < count; i++) {
        const int64_t row = chosen[i];
        const uint8_t *from, *end;
        if (row < 0 || row >= row_count || !take_row(&rows, row, &from, &end))
            return row < 0 ? 1 : row + 1;
        if (end - from > MOST_BYTES) {
            memcpy(parts, from, PART);
            memcpy(parts + PART, from + (end - from - PART) / 2, PART);
            memcpy(parts + 2 * PART, end - PART, PART);
            from = parts;
            end = parts + MOST_BYTES;
        }
        const int64_t here = take_points(from, end, bytes, places), middle = (here - chars) / 2;
        uint8_t *const begin = line + 1, *stop = begin;
        if (here <= 3 * chars)
            stop = append(stop, bytes, places, 0, here);
        else {
            stop = append(stop, bytes, places, 0, chars);
            stop = append(stop, bytes, places, middle, middle + chars);
            stop = append(stop, bytes, places, here - chars, here);
        }
        average(model, begin, stop - begin, mean);
        weigh(model, mean, weights);
        labels[i] = best_label(model, weights, &scores[i]);
        points[i] = here;
    }
    return 0;
}
