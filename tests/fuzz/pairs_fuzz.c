/* Sorts, set sizes, bands, slots, leaders and union-find against plain second ways, with indices of any value. */
#include "fuzzed.h"

enum { SLOTS = 128, MOST = 600 };

int64_t hash_bands(const uint32_t *, int64_t, int32_t, int32_t, uint64_t *);
int64_t sort_rows(const uint64_t *, const uint32_t *, const uint64_t *, int64_t, uint64_t *, int64_t *);
int64_t count_equal_slots(const uint8_t *, int64_t, const int64_t *, const uint8_t *, int64_t, const int64_t *, int64_t, int32_t *);
int64_t find_best_leaders(const uint8_t *, int64_t, const uint8_t *, int32_t, int32_t *, int32_t *);
int64_t count_common(const uint64_t *, int64_t, const int64_t *, const int64_t *, const uint64_t *, int64_t, const int64_t *,
                     const int64_t *, int64_t, int64_t *);
int64_t join_narrow(uint32_t *, uint64_t, const uint64_t *, const uint64_t *, int64_t);
int64_t join_wide(uint64_t *, uint64_t, const uint64_t *, const uint64_t *, int64_t);
int64_t label_narrow(const uint32_t *, uint64_t, uint32_t *);
int64_t label_wide(const uint64_t *, uint64_t, uint64_t *);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at_sort(struct input *in)
{
    const int64_t count = (int64_t)(take(in, 2) % MOST);
    const int shift = (int)(take(in, 1) % 64), wide = 1 + (int)(take(in, 1) % 2);
    const bool is_mixed = take(in, 1) & 1, is_keyed = take(in, 1) & 1;
    uint64_t *hashes = exactly((size_t)count * 8), *rows = exactly((size_t)count * 8), *scratch = exactly((size_t)count * 16);
    uint32_t *keys = exactly((size_t)count * 4);
    int64_t *order = exactly((size_t)count * 8);
    uint8_t seen[MOST] = {0};
    for (int64_t i = 0; i < count; i++) {
        const uint64_t drawn = in->left ? take(in, wide) : spread((uint64_t)i) & 0xFF;
        hashes[i] = (is_mixed ? spread(drawn) : drawn) << shift;
        keys[i] = (uint32_t)spread(drawn ^ (uint64_t)i % 3);
        rows[i] = spread((uint64_t)i / 2);
    }
    MUST(!sort_rows(hashes, is_keyed ? keys : NULL, rows, count, scratch, order));
    for (int64_t i = 0; i < count; i++) {
        MUST(order[i] >= 0 && order[i] < count && !seen[order[i]]++);
        if (!i)
            continue;
        const int64_t one = order[i - 1], other = order[i];
        const uint64_t left = is_keyed ? keys[one] : 0, right = is_keyed ? keys[other] : 0;
        MUST(hashes[one] < hashes[other] ||
             (hashes[one] == hashes[other] &&
              (left < right || (left == right && (rows[one] < rows[other] || (rows[one] == rows[other] && one < other))))));
    }
    MUST(sort_rows(hashes, keys, rows, -1, scratch, order) == -1 &&
         sort_rows(hashes, keys, rows, INT64_C(1) << 32, scratch, order) == -1);
    free(hashes), free(rows), free(scratch), free(keys), free(order);
}

/* In rising order, none twice. */
static uint64_t *take_set(struct input *in, int64_t *count, uint64_t most, int step_bits)
{
    *count = (int64_t)(take(in, 2) % most);
    uint64_t *values = exactly((size_t)*count * 8), value = 0;
    for (int64_t i = 0; i < *count; i++)
        values[i] = value += 1 + (in->left ? take(in, 1) & ((1u << step_bits) - 1) : 0);
    return values;
}

static void look_at_common(struct input *in)
{
    enum { PAIRS = 3 };
    int64_t size[2], counts[PAIRS], *bounds[4];
    const uint64_t flags = take(in, 1);
    const bool is_hostile = flags % 4 == 0, is_skewed = flags & 4;
    uint64_t *values[2];
    for (int side = 0; side < 2; side++)
        values[!side] = take_set(in, &size[!side], is_skewed && !side ? 9 : MOST, side ? 1 : 8); /* the shorter one first, from the bytes */
    for (int k = 0; k < 4; k++) {
        bounds[k] = exactly(PAIRS * 8);
        for (int p = 0; p < PAIRS; p++)
            bounds[k][p] = is_hostile ? (int64_t)take(in, 8) : is_skewed ? size[k / 2] * (k & 1) : (int64_t)(take(in, 2) % ((uint64_t)size[k / 2] + 1));
    }
    for (int k = 0; k < 4 && !is_hostile; k += 2)
        for (int p = 0; p < PAIRS; p++)
            if (bounds[k][p] > bounds[k + 1][p]) {
                const int64_t start = bounds[k][p];
                bounds[k][p] = bounds[k + 1][p];
                bounds[k + 1][p] = start;
            }
    const int64_t answer = count_common(values[0], size[0], bounds[0], bounds[1], values[1], size[1], bounds[2], bounds[3], PAIRS, counts);
    int64_t p = 0;
    for (; p < PAIRS; p++) {
        int64_t common = 0;
        if (bounds[0][p] < 0 || bounds[0][p] > bounds[1][p] || bounds[1][p] > size[0] || bounds[2][p] < 0 ||
            bounds[2][p] > bounds[3][p] || bounds[3][p] > size[1])
            break;
        for (int64_t i = bounds[0][p]; i < bounds[1][p]; i++)
            for (int64_t j = bounds[2][p]; j < bounds[3][p]; j++)
                common += values[0][i] == values[1][j];
        MUST(counts[p] == common);
    }
    MUST(answer == (p < PAIRS ? p + 1 : 0));
    for (int k = 0; k < 4; k++)
        free(bounds[k]);
    free(values[0]), free(values[1]);
}

static void look_at_slots(struct input *in)
{
    enum { PAIRS = 4 };
    const int64_t rows = (int64_t)(take(in, 1) % 6), others = (int64_t)(take(in, 1) % 70);
    const uint64_t kinds = 1 + take(in, 1) % 8;
    uint8_t *a = exactly((size_t)(rows * SLOTS)), *b = exactly((size_t)(others * SLOTS));
    int64_t *first = exactly(PAIRS * 8), *second = exactly(PAIRS * 8), p = 0;
    int32_t *equal = exactly(PAIRS * 4), *best = exactly((size_t)rows * 4), *most = exactly((size_t)rows * 4);
    for (int p_ = 0; p_ < PAIRS; p_++) {
        first[p_] = (int64_t)(int8_t)take(in, 1) % 8;
        second[p_] = take(in, 1) & 1 ? (int64_t)(take(in, 1) % 71) : (int64_t)take(in, 8);
    }
    for (int64_t i = 0; i < (rows + others) * SLOTS; i++)
        *(i < rows * SLOTS ? a + i : b + (i - rows * SLOTS)) = (uint8_t)((in->left ? take(in, 1) : spread((uint64_t)i)) % kinds);
    const int64_t answer = count_equal_slots(a, rows, first, b, others, second, PAIRS, equal);
    for (; p < PAIRS && first[p] >= 0 && first[p] < rows && second[p] >= 0 && second[p] < others; p++) {
        int same = 0;
        for (int slot = 0; slot < SLOTS; slot++)
            same += a[first[p] * SLOTS + slot] == b[second[p] * SLOTS + slot];
        MUST(equal[p] == same);
    }
    MUST(answer == (p < PAIRS ? p + 1 : 0));
    const int64_t found = find_best_leaders(a, rows, b, (int32_t)others, best, most);
    MUST(found == (others < 1 || others > 64 ? -1 : 0));
    for (int64_t row = 0; row < rows && !found; row++) {
        int32_t wanted = 0, highest = -1;
        for (int32_t leader = 0; leader < others; leader++) {
            int32_t same = 0;
            for (int slot = 0; slot < SLOTS; slot++)
                same += a[row * SLOTS + slot] == b[leader * SLOTS + slot];
            if (same > highest)
                wanted = leader, highest = same;
        }
        MUST(best[row] == wanted && most[row] == highest);
    }
    free(a), free(b), free(first), free(second), free(equal), free(best), free(most);
}

static void look_at_bands(struct input *in)
{
    const int64_t count = (int64_t)(take(in, 1) % 4);
    const int32_t bands = (int32_t)(int16_t)take(in, 2) >> 4, rows = (int32_t)(int16_t)take(in, 2) >> 4;
    const bool fits = bands >= 1 && rows >= 1 && bands * rows <= SLOTS;
    uint32_t *slots = exactly((size_t)count * SLOTS * 4);
    uint64_t *hashes = exactly(fits ? (size_t)(count * bands) * 8 : 0);
    for (int64_t i = 0; i < count * SLOTS; i++)
        slots[i] = (uint32_t)(in->left ? take(in, 1) : spread((uint64_t)i));
    MUST(hash_bands(slots, count, bands, rows, hashes) == (fits ? 0 : -1));
    for (int64_t i = 0; fits && i < count * bands; i++) {
        const int64_t band = i % bands;
        const uint32_t *mine = slots + i / bands * SLOTS + band * rows;
        uint64_t h = spread(UINT64_C(0x62616E64732F7631) + UINT64_C(0x9E3779B97F4A7C15) * (uint64_t)(band * 129 + rows));
        for (int32_t s = 0; s < rows; s++) {
            h ^= s % 2 ? (uint64_t)mine[s] << 32 : mine[s];
            if (s % 2 || s == rows - 1)
                h *= UINT64_C(0xD6E8FEB86659FD93), h ^= h >> 32;
        }
        MUST(hashes[i] == spread(h));
    }
    free(slots), free(hashes);
}

static void look_at_forest(struct input *in)
{
    const uint64_t nodes = take(in, 1) % 64, is_hostile = take(in, 1) % 4 == 0;
    const int64_t edges = (int64_t)(take(in, 1));
    uint32_t *narrow = exactly(nodes * 4), *narrow_labels = exactly(nodes * 4);
    uint64_t *wide = exactly(nodes * 8), *wide_labels = exactly(nodes * 8), plain[64];
    uint64_t *first = exactly((size_t)edges * 8), *second = exactly((size_t)edges * 8);
    for (uint64_t i = 0; i < nodes; i++) {
        wide[i] = is_hostile ? take(in, 1) : i;
        narrow[i] = (uint32_t)wide[i];
        plain[i] = i;
    }
    bool is_valid = true;
    for (int64_t e = 0; e < edges; e++) {
        first[e] = in->left ? take(in, 1) % (nodes + (is_hostile || !nodes)) : 0;
        second[e] = in->left ? take(in, 1) % (nodes + (is_hostile || !nodes)) : 0;
        is_valid &= first[e] < nodes && second[e] < nodes;
    }
    const int64_t one = join_narrow(narrow, nodes, first, second, edges), other = join_wide(wide, nodes, first, second, edges);
    MUST(one == other && (is_valid || one) && (is_hostile || !one == is_valid));
    const int64_t labelled = label_narrow(narrow, nodes, narrow_labels);
    MUST(labelled == label_wide(wide, nodes, wide_labels) && (is_hostile || !labelled));
    for (bool has_changed = true; has_changed && !is_hostile && is_valid;) {
        has_changed = false;
        for (int64_t e = 0; e < edges; e++) {
            uint64_t *a = &plain[first[e]], *b = &plain[second[e]];
            has_changed |= *a != *b;
            *a = *b = *a < *b ? *a : *b;
        }
    }
    for (uint64_t i = 0; i < nodes && !labelled; i++) {
        MUST(narrow_labels[i] == wide_labels[i] && wide[i] <= i);
        MUST(is_hostile || !is_valid || wide_labels[i] == plain[i]);
    }
    free(narrow), free(narrow_labels), free(wide), free(wide_labels), free(first), free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const looks[])(struct input *) = {look_at_sort, look_at_common, look_at_slots, look_at_bands, look_at_forest};
    struct input in = {data, size};
    looks[take(&in, 1) % 5](&in);
    return 0;
}
