/* The role spans of a batch as turns, in one pass over the rows: where each lies, a hash of what it says, who follows whom.
 *
 * What checks/dialogue/turns.py, order.py and said.py do with array functions, which stay as the fallback and the oracle. Spans that
 * go back, overlap or leave their text are no reader's and left to those. No state between calls, no allocation.
 */
#include "sha256.h"
#include "turns.h"

enum { SYSTEM, USER, ASSISTANT, TOOL, PROMPT, CHOSEN, REJECTED, OTHER, ROLES, START = ROLES }; /* ROLES of turns.py */
enum { NO_TURN = -1, LEFT_TO_OTHERS = -2 };
enum { ASKED, ANSWERED, OF_CHOSEN, OF_REJECTED, KEYS };
enum { DIALOGUES, TURNS, PROMPT_CHARS, RESPONSE_CHARS, PAIRS, CHOSEN_LONGER, REJECTED_LONGER, CHOSEN_CHARS, REJECTED_CHARS };
enum { /* the signs in the order of RULES, of which `unended` needs the kind of a character, the last three ids; then tables */
    TURN_ORDER = 1 << 0, UNKNOWN_ROLE = 1 << 1, EMPTY_TURN = 1 << 2, UNANSWERED = 1 << 3, TOOL_CALL = 1 << 5, ECHOED = 1 << 6,
    EQUAL_PAIR = 1 << 7, ONE_SIDED = 1 << 8, IN_ANSWERS = 1 << 12, IN_CROSSED = 1 << 13,
};

/* The spans first up to last, those of as many blocks one after another: two that take as long lie side by side. */
static void hash_spans(const uint8_t *data, int64_t first, int64_t last, struct sha256_two *two, struct room *room)
{
    enum { AT_ONCE = 192, LONG = 63 }; /* of LONG blocks and more */
    uint8_t digests[AT_ONCE][DIGEST_BYTES], kind[AT_ONCE], order[AT_ONCE];
    for (int64_t from = first; from < last; from += AT_ONCE) {
        const int count = last - from < AT_ONCE ? (int)(last - from) : AT_ONCE;
        uint8_t before[2 * LONG + 3] = {0};
        for (int i = 0; i < count; i++) {
            const int64_t bytes = room->high[from - room->base + i] - room->low[from - room->base + i];
            const int64_t blocks = bytes / DIGEST_BLOCK;
            kind[i] = (uint8_t)((blocks < LONG ? 2 * blocks : 2 * LONG) + (bytes % DIGEST_BLOCK > DIGEST_BLOCK - 9));
            before[kind[i] + 1]++;
        }
        for (int k = 0; k < 2 * LONG + 1; k++)
            before[k + 1] += before[k];
        for (int i = 0; i < count; i++)
            order[before[kind[i]]++] = (uint8_t)i;
        for (int n = 0; n < count; n++) {
            const int64_t i = from - room->base + order[n];
            sha256_add(two, data + room->low[i], data + room->high[i], digests[order[n]]);
        }
        sha256_finish(two);
        for (int i = 0; i < count; i++)
            room->hash[from - room->base + i] = word_at(digests[i]);
    }
}

/* Who speaks after whom in one row, turn by turn, as `order_of`. */
struct order {
    int64_t turns, answers, calls, replies; /* calls: of the last turn that is no tool's; replies: the tool's turns behind it */
    int64_t field, at;                      /* of the last turn */
    int role;                               /* of the last turn; START before the first */
    bool has_owner, is_astray, has_calls, is_wrong, has_gap;
};

static void end_owner(struct order *order, bool is_end)
{
    if (order->has_owner && order->calls != order->replies && !(is_end && !order->replies))
        order->is_astray = true;
}

static void add_span(struct order *order, int role, const int64_t *place, bool goes_on, const uint8_t *may_follow)
{
    if (!goes_on) {
        order->turns++;
        order->answers += role == ASSISTANT;
        order->is_wrong |= !may_follow[order->role * ROLES + role] && role != OTHER && order->role != OTHER;
        if (place[1] != NO_TURN)
            order->has_gap |= order->role != START && order->field == place[0] ? place[1] - order->at > 1 : place[1] > 0;
        if (role == TOOL) {
            order->is_astray |= !order->has_owner; /* it answers nobody */
            order->replies++;
        } else {
            end_owner(order, false);
            order->has_owner = true;
            order->calls = order->replies = 0;
        }
        order->role = role;
        order->field = place[0];
        order->at = place[1];
    }
    if (place[2]) {
        order->has_calls = true;
        order->calls += role != TOOL;
    }
}

struct out { /* of each row; totals are added to */
    uint16_t *flags;
    uint64_t *keys, *begin; /* keys[KEYS][rows] */
    uint32_t *last;
    int64_t *totals, rows;
};

/* What one row comes to. */
static void look_at_row(const struct spans *spans, int64_t row, const uint8_t *data, const struct room *room, int64_t first_chars,
                        int64_t unended_from, struct out *out)
{
    struct order order = {.role = START};
    uint64_t key[KEYS] = {0}, said[KEYS] = {0}; /* said: how many before */
    int64_t chars[KEYS] = {0}, *const totals = out->totals;
    bool has_begin = false, is_asked_before = false;
    uint32_t flags = 0;
    int before = -1;
    for (int64_t i = spans->first[row]; i < spans->first[row + 1]; i++) {
        const int role = spans->role_of[spans->role[i]];
        const int64_t *const place = spans->places[spans->path[i]], length = spans->end[i] - spans->start[i];
        const uint8_t *const low = data + room->low[i - room->base], *const high = data + room->high[i - room->base];
        const uint64_t hash = room->hash[i - room->base];
        const bool is_answer = role == ASSISTANT || role == CHOSEN, is_asked = !is_answer && role != REJECTED;
        const int speaker = role == TOOL && place[1] == NO_TURN ? SYSTEM : role; /* a declaration of tools */
        bool goes_on = before >= 0;
        if (goes_on) {
            const int64_t *const last = spans->places[spans->path[i - 1]];
            goes_on = place[1] == NO_TURN && last[1] == NO_TURN ? speaker == before : place[0] == last[0] && place[1] == last[1];
        }
        /* what goes on is of the role its turn began with */
        add_span(&order, goes_on ? order.role : speaker, place, goes_on, spans->may_follow);
        if (is_asked_before && is_answer && !place[2] && length > 0 && hash == room->hash[i - 1 - room->base])
            flags |= ECHOED;
        if (role == OTHER)
            flags |= UNKNOWN_ROLE;
        if ((role == USER || role == PROMPT) && !has_begin) {
            has_begin = true;
            out->begin[row] = begin_of(low, high, first_chars);
        }
        if (is_answer)
            out->last[row] = length >= unended_from ? last_of(low, high) : 0;
        const int of[2] = {is_asked ? ASKED : is_answer ? ANSWERED : OF_REJECTED, role == CHOSEN ? OF_CHOSEN : KEYS};
        for (int k = 0; k < 2 && of[k] < KEYS; k++) {
            const uint64_t rank = said[of[k]]++;
            key[of[k]] += mixed(hash ^ (rank ? mixed(rank, 1) : mixed(0, 1)), 2); /* the first one's is a constant */
            chars[of[k]] += length;
        }
        is_asked_before = is_asked;
        before = speaker;
    }
    end_owner(&order, true);
    const bool has_chosen = said[OF_CHOSEN], has_rejected = said[OF_REJECTED], is_pair = has_chosen && has_rejected;
    const bool is_alone = !has_chosen && !has_rejected, is_unanswered = order.role != ASSISTANT;
    flags |= (order.is_wrong && is_alone ? TURN_ORDER : 0) | (order.has_gap ? EMPTY_TURN : 0) |
             (is_unanswered && is_alone ? UNANSWERED : 0) | (order.is_astray && order.has_calls && is_alone ? TOOL_CALL : 0) |
             (has_chosen != has_rejected ? ONE_SIDED : 0);
    if (is_pair) {
        flags |= key[OF_CHOSEN] == key[OF_REJECTED] ? EQUAL_PAIR : IN_CROSSED;
        totals[PAIRS]++;
        totals[CHOSEN_LONGER] += chars[OF_CHOSEN] > chars[OF_REJECTED];
        totals[REJECTED_LONGER] += chars[OF_CHOSEN] < chars[OF_REJECTED];
        totals[CHOSEN_CHARS] += chars[OF_CHOSEN];
        totals[REJECTED_CHARS] += chars[OF_REJECTED];
    }
    if (is_alone && said[ASKED] && order.answers == 1 && !is_unanswered)
        flags |= IN_ANSWERS;
    totals[DIALOGUES]++;
    totals[TURNS] += order.turns;
    totals[PROMPT_CHARS] += chars[ASKED];
    totals[RESPONSE_CHARS] += chars[ANSWERED];
    for (int k = 0; k < KEYS && flags & (IN_ANSWERS | IN_CROSSED); k++)
        if (k < OF_CHOSEN || flags & IN_CROSSED)
            out->keys[k * out->rows + row] = key[k];
    out->flags[row] = (uint16_t)flags;
}

/* An array as `count_signs` takes it, and its spans as above. first_chars, unended_from: at least 1. is_plain: without the
 * machine's instructions for SHA-256. low, high, hash: room for the spans of any `at_once` rows from a multiple of that on.
 * flags, begin and last[rows] are zeros before; keys[KEYS][rows] are told where a table asks for them; last: the bytes of the
 * last code point of a last answer of so many code points; totals[9]: added to. Returns 0; row + 1 where that row's offsets
 * lie outside the data; LEFT_TO_OTHERS for spans that are. */
int64_t turns_of_rows(const void *offsets, int32_t is_large, const uint8_t *data, int64_t data_bytes, const uint8_t *validity,
                      int64_t first_bit, int64_t row_count, const int64_t *first, const int64_t *start, const int64_t *end,
                      const int32_t *role, const uint8_t *role_of, const int32_t *path, const int64_t (*places)[3],
                      const uint8_t *may_follow, int64_t first_chars, int64_t unended_from, int32_t is_plain, int64_t at_once,
                      int64_t *low, int64_t *high, uint64_t *hash, uint16_t *flags, uint64_t *keys, uint64_t *begin,
                      uint32_t *last, int64_t *totals)
{
    const struct rows rows = {offsets, data, validity, data_bytes, first_bit, is_large};
    const struct spans spans = {first, start, end, role, path, role_of, places, may_follow};
    struct out out = {flags, keys, begin, last, totals, row_count};
    struct sha256_two two = sha256_two_of(is_plain);
    data = data ? data : (const uint8_t *)"";
    for (int64_t from = 0; from < row_count; from += at_once) {
        struct room room = {first[from], low, high, hash};
        const int64_t to = row_count - from < at_once ? row_count : from + at_once;
        for (int64_t row = from; row < to; row++) {
            const uint8_t *at, *stop;
            if (first[row] == first[row + 1])
                continue;
            if (!take_row(&rows, row, &at, &stop))
                return row + 1;
            if (at == stop) /* what is empty may lie anywhere */
                at = stop = data;
            if (!place_row(&spans, row, data, at, stop, &room))
                return LEFT_TO_OTHERS;
        }
        hash_spans(data, first[from], first[to], &two, &room);
        for (int64_t row = from; row < to; row++)
            if (first[row] < first[row + 1])
                look_at_row(&spans, row, data, &room, first_chars, unended_from, &out);
    }
    return 0;
}

/* A number for each row of an array as above, from 0 on in the order in which the texts first occur; row_of[most]: where.
 * Returns how many there are; -1 where there are more than `most`, at most 128; -2 - row where that row's offsets lie outside. */
int64_t code_rows(const void *offsets, int32_t is_large, const uint8_t *data, int64_t data_bytes, const uint8_t *validity,
                  int64_t first_bit, int64_t row_count, int32_t most, int32_t *code, int64_t *row_of)
{
    enum { SLOTS = 256 };
    const struct rows rows = {offsets, data, validity, data_bytes, first_bit, is_large};
    const uint8_t *known[SLOTS / 2];
    uint64_t heads[SLOTS / 2], tails[SLOTS / 2];
    int64_t sizes[SLOTS / 2], count = 0;
    int16_t slots[SLOTS];
    memset(slots, -1, sizeof slots);
    for (int64_t row = 0; row < row_count; row++) {
        const uint8_t *at, *end;
        if (!take_row(&rows, row, &at, &end))
            return -2 - row;
        const int64_t size = end - at;
        uint64_t head = 0, tail = 0;
        if (size >= 8) {
            head = word_at(at);
            tail = word_at(end - 8);
        } else
            for (int64_t i = 0; i < size; i++)
                head = head << 8 | at[i];
        int slot = (int)(mixed(head ^ tail * 3, (uint64_t)size) % SLOTS), i;
        for (; (i = slots[slot]) >= 0; slot = (slot + 1) % SLOTS) /* up to 16 bytes head and tail are all there is */
            if (heads[i] == head && tails[i] == tail && sizes[i] == size && (size <= 16 || !memcmp(known[i], at, (size_t)size)))
                break;
        if (slots[slot] < 0) {
            if (count == most || count == SLOTS / 2)
                return -1;
            slots[slot] = (int16_t)count;
            known[count] = at;
            heads[count] = head;
            tails[count] = tail;
            sizes[count] = size;
            row_of[count++] = row;
        }
        code[row] = slots[slot];
    }
    return count;
}
