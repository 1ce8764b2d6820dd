/* Everything done on pairs of signatures, on bands and on graphs: hashes, sorts, counts of equal slots, union-find.
 *
 * What `checks/pairs` does with numpy, which stays as the fallback and the oracle. Integers only, no state between
 * calls, no allocation: callers bring the scratch. An index or an offset is read once, held to its bounds, then used.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* One copy for each instruction set, chosen when the library is loaded; that is too early for AddressSanitizer. */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define CLONES __attribute__((target_clones("default", "avx2", "arch=skylake-avx512")))
#else
#define CLONES
#endif

enum { SLOTS = 128, MOST_LEADERS = 64 };

static const uint64_t GOLDEN = UINT64_C(0x9E3779B97F4A7C15); /* 2^64 over the golden ratio */
static const uint64_t STEP = UINT64_C(0xD6E8FEB86659FD93);   /* odd; Pelle Evensen's rrmxmx multiplier, public domain */
static const uint64_t BAND_KEY = UINT64_C(0x62616E64732F7631); /* "bands/v1" */

/* The finaliser of splitmix64: Steele, Lea & Flood 2014. */
static inline uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

/* signatures: uint32[count][128]; hashes: uint64[count][bands], all of it written. Returns 0, or -1 where bands of this
 * many rows do not fit a signature. */
int64_t hash_bands(const uint32_t *signatures, int64_t count, int32_t bands, int32_t rows, uint64_t *hashes)
{
    uint64_t seeds[SLOTS];
    if (bands < 1 || rows < 1 || bands > SLOTS || rows > SLOTS || bands * rows > SLOTS)
        return -1;
    for (int band = 0; band < bands; band++)
        seeds[band] = mix(BAND_KEY + GOLDEN * (uint64_t)(band * (SLOTS + 1) + rows));
    for (int64_t i = 0; i < count; i++) {
        const uint32_t *slots = signatures + i * SLOTS;
        for (int band = 0; band < bands; band++, slots += rows) {
            uint64_t hash = seeds[band];
            for (int slot = 0; slot < rows; slot += 2) {
                const uint64_t high = slot + 1 < rows ? slots[slot + 1] : 0;
                hash = (hash ^ (slots[slot] | high << 32)) * STEP;
                hash ^= hash >> 32;
            }
            hashes[i * bands + band] = mix(hash);
        }
    }
    return 0;
}

/* The sort. An element is 64 bits: a window of its hash over its place in the input. The bits that all have in common are
 * skipped, the next up to 26 are sorted by counting, lowest digit first; what they leave together is few elements, or
 * is sorted so again by what follows: the rest of the hash, the key, the row. Stable, for any values. */
enum { FEW = 24, DIGIT_BITS = 13, PARTS = 3 };

struct columns {
    const uint64_t *hashes;
    const uint32_t *keys; /* may be null: all equal */
    const uint64_t *rows;
};

static inline uint64_t part_of(const struct columns *columns, uint64_t element, int part)
{
    const uint32_t at = (uint32_t)element;
    return part == 0 ? columns->hashes[at] : part == 2 ? columns->rows[at] : columns->keys ? columns->keys[at] : 0;
}

/* The upper half is a window of the first part that is not equal throughout, or nothing yet in all elements. */
static inline bool is_before(const struct columns *columns, uint64_t one, uint64_t other)
{
    if (one >> 32 != other >> 32)
        return one >> 32 < other >> 32;
    for (int part = 0; part < PARTS; part++) {
        const uint64_t left = part_of(columns, one, part), right = part_of(columns, other, part);
        if (left != right)
            return left < right;
    }
    return false;
}

static void insert_each(uint64_t *elements, int64_t count, const struct columns *columns)
{
    for (int64_t i = 1; i < count; i++) {
        const uint64_t moved = elements[i];
        int64_t to = i;
        for (; to > 0 && is_before(columns, moved, elements[to - 1]); to--)
            elements[to] = elements[to - 1];
        elements[to] = moved;
    }
}

static void to_starts(uint32_t *sizes, int64_t count)
{
    uint32_t sum = 0;
    for (int64_t digit = 0; digit < count; digit++) {
        const uint32_t size = sizes[digit];
        sizes[digit] = sum;
        sum += size;
    }
}

/* Sorts by counting the *wide* bits from bit *at* on of elements whose upper half is filled here from bit *shift* on of
 * their part. There is scratch for as many. */
static void sort_digits(uint64_t *here, uint64_t *there, int64_t count, const struct columns *columns, int part,
                        int shift, int at, int wide)
{
    uint32_t low[1 << DIGIT_BITS], high[1 << DIGIT_BITS];
    const int low_bits = wide / 2, high_at = at + low_bits;
    const int64_t low_size = INT64_C(1) << low_bits, high_size = INT64_C(1) << (wide - low_bits);
    const uint64_t low_mask = (uint64_t)low_size - 1, high_mask = (uint64_t)high_size - 1;
    memset(low, 0, sizeof *low * (size_t)low_size);
    memset(high, 0, sizeof *high * (size_t)high_size);
    for (int64_t i = 0; i < count; i++) {
        here[i] = (part_of(columns, here[i], part) >> shift) << 32 | (uint32_t)here[i];
        low[here[i] >> at & low_mask]++;
        high[here[i] >> high_at & high_mask]++;
    }
    to_starts(low, low_size);
    to_starts(high, high_size);
    for (int64_t i = 0; i < count; i++)
        there[low[here[i] >> at & low_mask]++] = here[i];
    for (int64_t i = 0; i < count; i++)
        here[high[there[i] >> high_at & high_mask]++] = there[i];
}

/* Each level takes at least eight bits of 160, or all that is left of a part: no deeper than 20. */
static void sort_range(uint64_t *here, uint64_t *there, int64_t count, const struct columns *columns, int part)
{
    uint64_t differs = 0;
    if (count <= FEW) {
        insert_each(here, count, columns);
        return;
    }
    for (; part < PARTS; part++) {
        const uint64_t first = part_of(columns, here[0], part);
        for (int64_t i = 1; i < count; i++)
            differs |= part_of(columns, here[i], part) ^ first;
        if (differs)
            break;
    }
    if (!differs)
        return;
    const int top = 64 - __builtin_clzll(differs), shift = top > 32 ? top - 32 : 0, width = top - shift;
    int wide = 8;
    while (wide < 2 * DIGIT_BITS && count >> (wide - 4))
        wide++;
    wide = wide < width ? wide : width;
    const int at = 32 + width - wide;
    const uint64_t mask = (UINT64_C(1) << wide) - 1;
    sort_digits(here, there, count, columns, part, shift, at, wide);
    for (int64_t start = 0, end; start < count; start = end) {
        const uint64_t digits = here[start] >> at & mask;
        for (end = start + 1; end < count && (here[end] >> at & mask) == digits;)
            end++;
        if (end - start > FEW)
            sort_range(here + start, there + start, end - start, columns, part);
        else if (end - start > 1)
            insert_each(here + start, end - start, columns);
    }
}

/* order: int64[count], the places in the input by (hash, key, row), equal ones as they came. scratch: 16 bytes an
 * element, of any content. Returns 0, or -1 where there are more elements than 32 bits count. */
int64_t sort_rows(const uint64_t *hashes, const uint32_t *keys, const uint64_t *rows, int64_t count, uint64_t *scratch,
                  int64_t *order)
{
    const struct columns columns = {hashes, keys, rows};
    if (count < 0 || count > (int64_t)UINT32_MAX)
        return -1;
    for (int64_t i = 0; i < count; i++)
        scratch[i] = (uint64_t)i;
    sort_range(scratch, scratch + count, count, &columns, 0);
    for (int64_t i = 0; i < count; i++)
        order[i] = (uint32_t)scratch[i];
    return 0;
}

/* ones, others: uint8[...][128]; pair p is (ones[first[p]], others[second[p]]), or (ones[p], others[p]) where there are
 * no indices. equal: int32[count]. Returns 0, or p + 1 where an index of pair p lies outside. */
CLONES int64_t count_equal_slots(const uint8_t *ones, int64_t one_count, const int64_t *first, const uint8_t *others,
                                 int64_t other_count, const int64_t *second, int64_t count, int32_t *equal)
{
    for (int64_t pair = 0; pair < count; pair++) {
        const int64_t i = first ? first[pair] : pair, j = second ? second[pair] : pair;
        if (i < 0 || i >= one_count || j < 0 || j >= other_count)
            return pair + 1;
        const uint8_t *one = ones + i * SLOTS, *other = others + j * SLOTS;
        uint8_t same = 0; /* 128 at most */
        for (int slot = 0; slot < SLOTS; slot++)
            same = (uint8_t)(same + (one[slot] == other[slot]));
        equal[pair] = same;
    }
    return 0;
}

/* rows: uint8[count][128]; leaders: uint8[leader_count][128]. For each row the leader of most equal slots, the least
 * index of several, and their number. Returns 0, or -1 for no leader or more than 64. */
CLONES int64_t find_best_leaders(const uint8_t *rows, int64_t count, const uint8_t *leaders, int32_t leader_count,
                                 int32_t *best, int32_t *equal)
{
    uint8_t turned[SLOTS][MOST_LEADERS] = {{0}}; /* slot by slot, so that one comparison serves all leaders */
    if (leader_count < 1 || leader_count > MOST_LEADERS)
        return -1;
    for (int leader = 0; leader < leader_count; leader++)
        for (int slot = 0; slot < SLOTS; slot++)
            turned[slot][leader] = leaders[leader * SLOTS + slot];
    for (int64_t row = 0; row < count; row++) {
        uint8_t same[MOST_LEADERS] = {0};
        for (int slot = 0; slot < SLOTS; slot++) {
            const uint8_t wanted = rows[row * SLOTS + slot];
            for (int leader = 0; leader < MOST_LEADERS; leader++)
                same[leader] = (uint8_t)(same[leader] + (turned[slot][leader] == wanted));
        }
        for (int leader = leader_count; leader < MOST_LEADERS; leader++)
            same[leader] = 0;
        uint8_t most = 0;
        for (int leader = 0; leader < MOST_LEADERS; leader++)
            most = same[leader] > most ? same[leader] : most;
        best[row] = (int32_t)((const uint8_t *)memchr(same, most, MOST_LEADERS) - same);
        equal[row] = most;
    }
    return 0;
}

enum { SKEWED = 32 }; /* from this ratio of sizes on, a search costs less than reading all of the larger set */

static int64_t common_of(const uint64_t *one, int64_t one_size, const uint64_t *other, int64_t other_size)
{
    int64_t i = 0, j = 0, common = 0, steps = 0;
    if (other_size > one_size)
        return common_of(other, other_size, one, one_size);
    if (one_size / SKEWED < other_size) {
        for (; i < one_size && j < other_size; steps++) { /* without a branch on the values, which are random */
            const uint64_t left = one[i], right = other[j];
            i += left <= right;
            j += right <= left;
        }
        return i + j - steps; /* a shared value is one step, not two */
    }
    for (; j < other_size && i < one_size; j++) {
        int64_t leap = 1, low, high; /* gallop, then halve: the first from i on that is not less than other[j] */
        while (leap < one_size - i && one[i + leap] < other[j])
            leap <<= 1;
        low = i + (leap >> 1);
        high = leap < one_size - i ? i + leap : one_size;
        if (one[low] >= other[j])
            high = low;
        while (low < high) {
            const int64_t middle = low + (high - low) / 2;
            if (one[middle] < other[j])
                low = middle + 1;
            else
                high = middle;
        }
        i = low;
        common += i < one_size && one[i] == other[j];
    }
    return common;
}

static inline bool lies_within(int64_t start, int64_t end, int64_t size)
{
    return start >= 0 && start <= end && end <= size;
}

/* Set p of a side is values[starts[p]:ends[p]], in rising order, none twice. counts: int64[count], how many values the
 * two sets of pair p share. Returns 0, or p + 1 where a set of pair p lies outside its values. */
int64_t count_common(const uint64_t *ones, int64_t one_size, const int64_t *one_starts, const int64_t *one_ends,
                     const uint64_t *others, int64_t other_size, const int64_t *other_starts,
                     const int64_t *other_ends, int64_t count, int64_t *counts)
{
    for (int64_t pair = 0; pair < count; pair++) {
        const int64_t a = one_starts[pair], a_end = one_ends[pair], b = other_starts[pair], b_end = other_ends[pair];
        if (!lies_within(a, a_end, one_size) || !lies_within(b, b_end, other_size))
            return pair + 1;
        counts[pair] = a == a_end || b == b_end ? 0 : common_of(ones + a, a_end - a, others + b, b_end - b);
    }
    return 0;
}

/* Union-find over nodes 0..n-1 in an array of parents, of 4 or 8 bytes a node. No parent is greater than its child, so
 * a walk upwards ends, and the root of a tree is its least node. */
#define FOREST(NAME, NODE)                                                                                             \
    static inline int64_t root_##NAME(NODE *parents, uint64_t node)                                                    \
    {                                                                                                                  \
        for (;;) {                                                                                                     \
            const uint64_t parent = parents[node];                                                                     \
            if (parent >= node)                                                                                        \
                return parent == node ? (int64_t)node : -1;                                                            \
            const uint64_t above = parents[parent];                                                                    \
            if (above > parent)                                                                                        \
                return -1;                                                                                             \
            parents[node] = (NODE)above;                                                                               \
            node = above;                                                                                              \
        }                                                                                                              \
    }                                                                                                                  \
    /* Returns 0, or p + 1 where pair p names no node or a parent greater than its child; pairs before p are joined. */ \
    int64_t join_##NAME(NODE *parents, uint64_t nodes, const uint64_t *first, const uint64_t *second, int64_t count)   \
    {                                                                                                                  \
        for (int64_t pair = 0; pair < count; pair++) {                                                                 \
            const uint64_t i = first[pair], j = second[pair];                                                          \
            if (i >= nodes || j >= nodes)                                                                              \
                return pair + 1;                                                                                       \
            const int64_t one = root_##NAME(parents, i), other = root_##NAME(parents, j);                              \
            if (one < 0 || other < 0)                                                                                  \
                return pair + 1;                                                                                       \
            if (one < other)                                                                                           \
                parents[other] = (NODE)one;                                                                            \
            else                                                                                                       \
                parents[one] = (NODE)other;                                                                            \
        }                                                                                                              \
        return 0;                                                                                                      \
    }                                                                                                                  \
    /* labels[i]: the root of i. Returns 0, or i + 1 where the parent of i is greater than i. */                       \
    int64_t label_##NAME(const NODE *parents, uint64_t nodes, NODE *labels)                                            \
    {                                                                                                                  \
        for (uint64_t node = 0; node < nodes; node++) {                                                                \
            const NODE parent = parents[node];                                                                         \
            if (parent > node)                                                                                         \
                return (int64_t)node + 1;                                                                              \
            labels[node] = parent == node ? parent : labels[parent];                                                   \
        }                                                                                                              \
        return 0;                                                                                                      \
    }

FOREST(narrow, uint32_t)
FOREST(wide, uint64_t)
