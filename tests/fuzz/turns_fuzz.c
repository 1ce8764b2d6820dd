/* Role spans against a plain second reading, span by span and turn by turn, with spans and offsets of any value. */
#include "fuzzed.h"

int64_t turns_of_rows(COLUMN, const int64_t *, const int64_t *, const int64_t *, const int32_t *, const uint8_t *, const int32_t *,
                      const int64_t (*)[3], const uint8_t *, int64_t, int64_t, int32_t, int64_t, int64_t *, int64_t *, uint64_t *, uint16_t *,
                      uint64_t *, uint64_t *, uint32_t *, int64_t *);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SYSTEM, USER, ASSISTANT, TOOL, PROMPT, CHOSEN, REJECTED, OTHER, ROLES, START = ROLES };
enum { NO_TURN = -1, LEFT_TO_OTHERS = -2, MOST_SPANS = 40, MOST_PATHS = 8 };
enum { ASKED, ANSWERED, OF_CHOSEN, OF_REJECTED, KEYS };
enum { DIALOGUES, TURNS, PROMPT_CHARS, RESPONSE_CHARS, PAIRS, CHOSEN_LONGER, REJECTED_LONGER, CHOSEN_CHARS, REJECTED_CHARS, TOTALS };
enum { /* bits of RULES in `checks/dialogue/said.py`, and of its two tables */
    TURN_ORDER = 1, UNKNOWN_ROLE = 2, EMPTY_TURN = 4, UNANSWERED = 8, TOOL_CALL = 32, ECHOED = 64, EQUAL_PAIR = 128, ONE_SIDED = 256,
    IN_ANSWERS = 4096, IN_CROSSED = 8192,
};

struct span {
    int64_t start, end, field, at, low, high; /* low and high: bytes of the row */
    int role;
    bool is_call;
    uint64_t hash;
};

struct row_said {
    uint32_t flags, last;
    uint64_t keys[KEYS], begin;
};

static uint8_t may_follow[(START + 1) * ROLES];
static int64_t first_chars, unended_from;

static struct {
    int64_t count, at[MOST_BYTES + 1]; /* where the code points of a row begin, and its end */
} points;

UNTRACED static void find_points(const uint8_t *text, int64_t bytes)
{
    points.count = 0;
    for (int64_t i = 0; i < bytes; i++)
        if (is_point(text[i]))
            points.at[points.count++] = i;
    points.at[points.count] = bytes;
}

static uint64_t salted(uint64_t z, uint64_t salt)
{
    return spread(z + salt * UINT64_C(0x9E3779B97F4A7C15));
}

/* False for spans that go back, overlap or leave their text. */
static bool place_spans(struct span *spans, int64_t count, const uint8_t *text, int64_t bytes)
{
    find_points(text, bytes);
    for (int64_t i = 0; i < count; i++) {
        struct span *const span = spans + i, *const before = i ? span - 1 : NULL;
        uint8_t digest[DIGEST];
        if (span->start < (before ? before->end : 0) || span->end < span->start || span->end > points.count)
            return false;
        span->high = points.at[span->end];
        span->low = span->start ? points.at[span->start] : 0;
        if (before && span->start == before->end + 1 && before->high < bytes && text[before->high] == '\n')
            span->low = before->high + 1;
        plain_digest(text + span->low, span->high - span->low, digest);
        span->hash = number_of(digest, 8);
    }
    return true;
}

static uint64_t plain_begin(const struct span *span, const uint8_t *text)
{
    int64_t last = 0, left = first_chars;
    uint64_t sum = 0;
    while (span->low + last < span->high && (!is_point(text[span->low + last]) || left--))
        last++;
    last = last < 4 * first_chars ? last : 4 * first_chars;
    if (span->low + last >= span->high)
        return 0;
    for (int64_t i = 0; i < last; i += 8)
        sum += salted(number_of(text + span->low + i, last - i < 8 ? last - i : 8) ^ salted((uint64_t)i / 8, 1), 2);
    sum = salted(sum, 3);
    return sum ? sum : 1;
}

/* The bytes of the last code point as one number; of tails alone those that there are, or the last of four and more. */
static uint32_t plain_last(const struct span *span, const uint8_t *text)
{
    int64_t from = span->high - 1;
    uint32_t code = 0;
    while (from > span->low && from > span->high - 4 && !is_point(text[from]))
        from--;
    if (from == span->high - 4 && !is_point(text[from]))
        from = span->high - 1;
    for (int64_t i = from; i >= 0 && i >= span->low && i < span->high; i++)
        code = code << 8 | text[i];
    return code;
}

struct turn {
    int64_t field, at, calls;
    int role;
};

/* Turn by turn, as `checks/dialogue/order.py` has it; flags of a record that is no pair. */
static uint32_t plain_order(const struct span *spans, int64_t count, int64_t *turn_count, int64_t *answers)
{
    struct turn turns[MOST_SPANS];
    uint32_t flags = 0;
    bool has_calls = false, is_astray = false;
    int before = START;
    int64_t n = *answers = 0;
    for (int64_t i = 0; i < count; i++) {
        const int role = spans[i].role == TOOL && spans[i].at == NO_TURN ? SYSTEM : spans[i].role;
        const bool is_same = spans[i].at == NO_TURN && i && spans[i - 1].at == NO_TURN
                                 ? role == before
                                 : i && spans[i].field == spans[i - 1].field && spans[i].at == spans[i - 1].at;
        if (!is_same)
            turns[n++] = (struct turn){spans[i].field, spans[i].at, 0, role};
        turns[n - 1].calls += spans[i].is_call;
        has_calls |= spans[i].is_call;
        before = role;
    }
    for (int64_t t = 0; t < n; t++) {
        const int last = t ? turns[t - 1].role : START;
        int64_t replies = 0;
        *answers += turns[t].role == ASSISTANT;
        if (last != OTHER && turns[t].role != OTHER && !may_follow[last * ROLES + turns[t].role])
            flags |= TURN_ORDER;
        if (turns[t].at != NO_TURN && (t && turns[t - 1].field == turns[t].field ? turns[t].at - turns[t - 1].at > 1 : turns[t].at > 0))
            flags |= EMPTY_TURN;
        while (t + 1 + replies < n && turns[t + 1 + replies].role == TOOL)
            replies++;
        is_astray |= turns[t].role == TOOL ? t == 0 : turns[t].calls != replies && !(t == n - 1 && turns[t].calls);
    }
    if (n && turns[n - 1].role != ASSISTANT)
        flags |= UNANSWERED;
    *turn_count = n;
    return flags | (is_astray && has_calls ? TOOL_CALL : 0);
}

static struct row_said plain_row(const struct span *spans, int64_t count, const uint8_t *text, int64_t *totals)
{
    struct row_said said = {0};
    int64_t chars[KEYS] = {0}, times[KEYS] = {0}, turns, answers;
    bool has_begin = false;
    uint32_t of_order = plain_order(spans, count, &turns, &answers);
    for (int64_t i = 0; i < count; i++) {
        const int role = spans[i].role;
        const bool is_answer = role == ASSISTANT || role == CHOSEN;
        const bool is_of[KEYS] = {!is_answer && role != REJECTED, is_answer, role == CHOSEN, role == REJECTED};
        for (int k = 0; k < KEYS; k++)
            if (is_of[k]) {
                said.keys[k] += salted(spans[i].hash ^ salted((uint64_t)times[k]++, 1), 2);
                chars[k] += spans[i].end - spans[i].start;
            }
        if ((role == USER || role == PROMPT) && !has_begin) {
            has_begin = true;
            said.begin = plain_begin(spans + i, text);
        }
        if (is_answer)
            said.last = spans[i].end - spans[i].start >= unended_from ? plain_last(spans + i, text) : 0;
        said.flags |= role == OTHER ? UNKNOWN_ROLE : 0;
        if (i && is_answer && !spans[i].is_call && spans[i].end > spans[i].start && spans[i].hash == spans[i - 1].hash &&
            spans[i - 1].role != ASSISTANT && spans[i - 1].role != CHOSEN && spans[i - 1].role != REJECTED)
            said.flags |= ECHOED;
    }
    if (times[OF_CHOSEN] || times[OF_REJECTED]) {
        said.flags |= of_order & EMPTY_TURN;
        said.flags |= !times[OF_CHOSEN] || !times[OF_REJECTED]                ? ONE_SIDED
                      : said.keys[OF_CHOSEN] == said.keys[OF_REJECTED] ? EQUAL_PAIR
                                                                       : IN_CROSSED;
    } else
        said.flags |= of_order | (times[ASKED] && answers == 1 && !(of_order & UNANSWERED) ? IN_ANSWERS : 0);
    totals[DIALOGUES]++;
    totals[TURNS] += turns;
    totals[PROMPT_CHARS] += chars[ASKED];
    totals[RESPONSE_CHARS] += chars[ANSWERED];
    if (times[OF_CHOSEN] && times[OF_REJECTED]) {
        totals[PAIRS]++;
        totals[chars[OF_CHOSEN] > chars[OF_REJECTED] ? CHOSEN_LONGER : REJECTED_LONGER] += chars[OF_CHOSEN] != chars[OF_REJECTED];
        totals[CHOSEN_CHARS] += chars[OF_CHOSEN];
        totals[REJECTED_CHARS] += chars[OF_REJECTED];
    }
    return said;
}

static struct { /* the spans of a column, and the words they are told by */
    int64_t first[MOST_ROWS + 1], start[MOST_ROWS * MOST_SPANS], end[MOST_ROWS * MOST_SPANS], places[MOST_PATHS][3];
    int32_t role[MOST_ROWS * MOST_SPANS], path[MOST_ROWS * MOST_SPANS];
    uint8_t role_of[ROLES];
} told;

/* Few in a row or many, from the bytes or drawn, most of them in order, some anywhere. */
static void take_spans(struct input *in, int64_t rows, uint64_t flags)
{
    const uint64_t seed = take(in, 2), pairs = flags & 4;
    for (uint64_t i = 0; i < ROLES; i++)
        told.role_of[i] = (uint8_t)(flags & 2 ? take(in, 1) % ROLES : i);
    for (uint64_t i = 0; i < MOST_PATHS; i++) {
        told.places[i][0] = (int64_t)(spread(seed ^ i) % 3);
        told.places[i][1] = (int64_t)(i < 6 ? i : spread(seed + i) % 4) - 1;
        told.places[i][2] = i > 4 && i % 2;
    }
    for (uint64_t i = 0; i < sizeof may_follow; i++)
        may_follow[i] = spread(seed ^ i << 20) % 3 != 0;
    told.first[0] = 0;
    for (int64_t row = 0; row < rows; row++) {
        const int64_t count = (int64_t)(take(in, 1) % (flags & 1 ? MOST_SPANS + 1 : 6));
        int64_t end = -1;
        told.first[row + 1] = told.first[row] + count;
        for (int64_t i = told.first[row]; i < told.first[row + 1]; i++) {
            const uint64_t drawn = flags & 1 ? spread(seed ^ (uint64_t)i << 17) & 0x7FFFFF : take(in, 3), step = drawn >> 6 & 7;
            told.role[i] = (int32_t)(pairs && (drawn & 4) ? CHOSEN + (drawn & 1) : drawn % ROLES);
            told.path[i] = (int32_t)(drawn >> 3 & 7);
            told.start[i] = end < 0 ? (int64_t)step / 6 : end + (step == 7 ? 0 : step < 6 ? 1 : 3);
            told.end[i] = end = told.start[i] + (int64_t)((drawn >> 9 & 7) < 6 ? drawn >> 9 & 7 : drawn >> 12 & 0x7FF);
            if (flags & 128 && drawn >> 20 == 1) {
                told.start[i] = (int64_t)take(in, drawn & 1 ? 8 : 1);
                told.end[i] = (int64_t)take(in, drawn & 2 ? 8 : 1);
            }
        }
    }
}

/* The spans of a row to its text: one that leaves it would be all that is told of a column. */
static void cut_spans(const struct column *c, int64_t row)
{
    const uint8_t *text;
    int64_t bytes;
    if (!row_of(c, row, &text, &bytes))
        return;
    find_points(text, bytes);
    for (int64_t i = told.first[row]; i < told.first[row + 1]; i++) {
        told.start[i] = told.start[i] < points.count ? told.start[i] : points.count;
        told.end[i] = told.end[i] < points.count ? told.end[i] : points.count;
    }
}

static void *copied(const void *from, int64_t count, size_t width)
{
    return memcpy(exactly((size_t)count * width), from, (size_t)count * width);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    const uint64_t flags = take(&in, 1), seed = take(&in, 1);
    first_chars = 1 + (int64_t)take(&in, 1) % (flags & 64 ? 200 : 9);
    unended_from = 1 + (int64_t)seed % 6;
    const int64_t at_once = 1 + (int64_t)(seed >> 4) % 8, rows_of_spans = (int64_t)(take(&in, 1) % (MOST_ROWS + 1));
    take_spans(&in, rows_of_spans, flags);
    struct column c = take_column(&in);
    for (int64_t i = 0; flags & 32 && i < c.data_bytes; i++) /* few characters, so that some things are said twice */
        c.data[i] = c.data[i] < 0x50 ? '\n' : c.data[i] < 0xD0 ? 'a' : c.data[i] < 0xF8 ? 0x80 : c.data[i];
    c.rows = c.rows < rows_of_spans ? c.rows : rows_of_spans;
    if (flags & 16)
        all_in_first(&c);
    for (int64_t row = 0; row < c.rows && !(flags & 128); row++)
        cut_spans(&c, row);
    const int64_t n = told.first[c.rows], rows = c.rows;
    int64_t most = 0, wanted = 0, totals[TOTALS], plain_totals[TOTALS];
    for (int64_t from = 0; from < rows; from += at_once) {
        const int64_t here = told.first[from + at_once < rows ? from + at_once : rows] - told.first[from];
        most = here > most ? here : most;
    }
    int64_t *first = copied(told.first, rows + 1, 8), *start = copied(told.start, n, 8), *end = copied(told.end, n, 8);
    int32_t *role = copied(told.role, n, 4), *path = copied(told.path, n, 4);
    int64_t *low = exactly((size_t)most * 8), *high = exactly((size_t)most * 8);
    uint64_t *hash = exactly((size_t)most * 8), *keys = exactly((size_t)(KEYS * rows) * 8), *begin = calloc((size_t)rows + !rows, 8);
    uint16_t *bits = calloc((size_t)rows + !rows, 2);
    uint32_t *last = calloc((size_t)rows + !rows, 4);
    for (int i = 0; i < TOTALS; i++)
        totals[i] = plain_totals[i] = 1000 + i;
    const int64_t answer = turns_of_rows(ARRAY(c), first, start, end, role, told.role_of, path, (const int64_t (*)[3])told.places, may_follow,
                                         first_chars, unended_from, flags >> 3 & 1, at_once, low, high, hash, bits, keys, begin, last, totals);
    for (int64_t row = 0; row < rows && !wanted; row++) {
        struct span spans[MOST_SPANS];
        const int64_t count = first[row + 1] - first[row];
        const uint8_t *text;
        int64_t bytes;
        for (int64_t i = 0; i < count; i++) {
            const int64_t s = first[row] + i, *place = told.places[path[s]];
            spans[i] = (struct span){.start = start[s], .end = end[s], .field = place[0], .at = place[1], .role = told.role_of[role[s]], .is_call = place[2]};
        }
        if (count && !row_of(&c, row, &text, &bytes))
            wanted = row + 1;
        else if (count && !place_spans(spans, count, text, bytes))
            wanted = LEFT_TO_OTHERS;
        if (answer || wanted)
            continue;
        const struct row_said said = count ? plain_row(spans, count, text, plain_totals) : (struct row_said){0};
        MUST(bits[row] == said.flags && begin[row] == said.begin && last[row] == said.last);
        for (int k = 0; k < KEYS; k++)
            MUST(!(said.flags & (k < OF_CHOSEN ? IN_ANSWERS | IN_CROSSED : IN_CROSSED)) || keys[k * rows + row] == said.keys[k]);
    }
    MUST(answer == wanted && (answer || !memcmp(totals, plain_totals, sizeof totals)));
    free(first), free(start), free(end), free(role), free(path), free(low), free(high), free(hash), free(keys), free(begin), free(bits), free(last);
    free_column(&c);
    return 0;
}
