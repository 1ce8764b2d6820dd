/* One row's tokens, words, marks and lines, 64 bytes at a time; included by `forms.c` for each set of instructions. */

/* Bits of the bytes of a block by what they are; of bytes past ASCII only `high` is told. */
struct AT(marks) {
    uint64_t high, space, lower, upper, word, dot, slash, hash, curly, angle, same;
};

INLINE uint64_t AT(bits_of_bytes)(const uint8_t *truth)
{
    uint64_t bits = 0;
    for (int i = 0; i < BLOCK_BYTES; i += 8) /* bit 8k of eight bytes goes to bit 56 + k */
        bits |= (eight_bytes(truth + i) * UINT64_C(0x0102040810204080) >> 56) << i;
    return bits;
}

#if defined(FORMS_AVX2)
#define EACH(test)                                                                                                     \
    ((uint64_t)(uint32_t)_mm256_movemask_epi8(test(low)) | (uint64_t)(uint32_t)_mm256_movemask_epi8(test(top)) << 32)
#define IS(v, c) _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c))
#define WITHIN(v, first, count) /* unsigned v - first < count */                                                       \
    _mm256_cmpgt_epi8(_mm256_set1_epi8((char)((count) - 128)),                                                         \
                      _mm256_xor_si256(_mm256_sub_epi8(v, _mm256_set1_epi8(first)), _mm256_set1_epi8(-128)))
#define IS_SPACE(v) _mm256_or_si256(WITHIN(v, '\t', 5), IS(v, ' '))
#define IS_LOWER(v) WITHIN(v, 'a', 26)
#define IS_UPPER(v) WITHIN(v, 'A', 26)
#define IS_DIGIT(v) _mm256_or_si256(WITHIN(v, '0', 10), IS(v, '_'))
#define IS_DOT(v) IS(v, '.')
#define IS_SLASH(v) IS(v, '/')
#define IS_HASH(v) IS(v, '#')
#define IS_CURLY(v) _mm256_or_si256(IS(v, '{'), IS(v, '}'))
#define IS_ANGLE(v) _mm256_or_si256(IS(v, '<'), IS(v, '>'))
#define ITSELF(v) v
/* *at*: 64 bytes, and the one before them. */
INLINE void AT(take_marks)(const uint8_t *at, struct AT(marks) *marks)
{
    const __m256i low = _mm256_loadu_si256((const void *)at), top = _mm256_loadu_si256((const void *)(at + 32));
    const __m256i low_before = _mm256_loadu_si256((const void *)(at - 1)),
                  top_before = _mm256_loadu_si256((const void *)(at + 31));
    marks->high = EACH(ITSELF);
    marks->space = EACH(IS_SPACE);
    marks->lower = EACH(IS_LOWER);
    marks->upper = EACH(IS_UPPER);
    marks->word = marks->lower | marks->upper | EACH(IS_DIGIT);
    marks->dot = EACH(IS_DOT);
    marks->slash = EACH(IS_SLASH);
    marks->hash = EACH(IS_HASH);
    marks->curly = EACH(IS_CURLY);
    marks->angle = EACH(IS_ANGLE);
    marks->same = (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, low_before)) |
                  (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(top, top_before)) << 32;
}
#else
INLINE void AT(take_marks)(const uint8_t *at, struct AT(marks) *marks)
{
    uint8_t truth[BLOCK_BYTES];
#define EACH(field, test)                                                                                              \
    for (int i = 0; i < BLOCK_BYTES; i++) {                                                                            \
        const uint8_t byte = at[i];                                                                                    \
        truth[i] = (test);                                                                                             \
    }                                                                                                                  \
    marks->field = AT(bits_of_bytes)(truth)
    EACH(high, byte >> 7);
    EACH(space, ((uint8_t)(byte - '\t') < 5) | (byte == ' '));
    EACH(lower, (uint8_t)(byte - 'a') < 26);
    EACH(upper, (uint8_t)(byte - 'A') < 26);
    EACH(word, ((uint8_t)(byte - '0') < 10) | (byte == '_'));
    marks->word |= marks->lower | marks->upper;
    EACH(dot, byte == '.');
    EACH(slash, byte == '/');
    EACH(hash, byte == '#');
    EACH(curly, (byte == '{') | (byte == '}'));
    EACH(angle, (byte == '<') | (byte == '>'));
    EACH(same, byte == at[i - 1]);
#undef EACH
}
#endif

/* Code points past ASCII among the first *length bytes of a block: their part in the marks, and what is counted of each.
 * Returns the bytes that are not their first one. Where the last reaches beyond the block, *length ends before it. */
OUTLINE uint64_t AT(take_points)(struct form *form, const uint8_t *block, const uint8_t *end, int *length,
                                 struct AT(marks) *marks, uint64_t *letters, uint64_t *others)
{
    uint64_t tails = 0, spaces = 0, of_words = 0, beyond_ascii = 0;
    int64_t functions = 0, run = form->run, longest = form->longest_run;
    uint32_t last = form->last_point;
    const uint8_t *last_end = form->last_end;
    for (int first = __builtin_ctzll(marks->high);;) {
        const uint8_t *next = block + first;
        const int began = first;
        if (last_end != next)
            last = 0; /* ASCII lies between */
        for (; first <= BLOCK_BYTES - 3 && is_plain_of_three(next, end); first += 3) { /* most of Chinese, nothing more */
            const uint8_t *after = next;
            const uint32_t point = take_three(&after);
            const uint8_t kind = form->table[point];
            if (kind & RARE_POINT)
                break;
            next = after;
            of_words |= (uint64_t)(kind / LETTER_POINT & 1) << first;
            functions += kind / FUNCTION_POINT & 1;
            if (point != last) {
                run = 1;
                last = point;
                continue;
            }
            longest = ++run > longest ? run : longest;
        }
        if (first > began) {
            tails |= (UINT64_C(0x6DB6DB6DB6DB6DB6) & ((UINT64_C(1) << (first - began)) - 1)) << began;
            last_end = next;
            if (first >= *length)
                break;
            if (!(marks->high >> first & 1)) {
                const uint64_t left = marks->high >> first << first;
                if (!left)
                    break;
                first = __builtin_ctzll(left);
                continue;
            }
        }
        const uint32_t point = decode(&next, end);
        const int after = (int)(next - block);
        const uint8_t kind = form->table[point];
        if (after > BLOCK_BYTES) { /* the next block begins with it */
            *length = first;
            break;
        }
        const uint64_t here = UINT64_C(1) << first;
        run = point == last && last_end == block + first ? run + 1 : 1;
        last = point;
        last_end = next;
        longest = run > longest ? run : longest;
        of_words |= kind & LETTER_POINT ? here : 0;
        functions += (kind & FUNCTION_POINT) != 0;
        tails |= (after - first == 3 ? 6 : (UINT64_C(1) << (after - first)) - 2) << first;
        if (kind & RARE_POINT) {
            const uint64_t bytes = ((UINT64_C(1) << (after - first)) - 1) << first;
            if (kind & SPACE_POINT) {
                spaces |= bytes;
                last = 0;
            }
            beyond_ascii |= kind & OTHER_LETTER ? here : 0;
            form->counts[ELLIPSES] += point == ELLIPSIS;
        }
        if (after >= *length)
            break;
        if (!(marks->high >> after & 1)) {
            const uint64_t left = marks->high >> after << after;
            if (!left)
                break;
            first = __builtin_ctzll(left);
        } else
            first = after;
    }
    form->run = run;
    form->longest_run = longest;
    form->last_point = last;
    form->last_end = last_end;
    form->counts[ZH_FUNCTION] += functions;
    marks->space |= spaces;
    *letters |= of_words;
    *others |= beyond_ascii;
    return tails;
}

/* Adds up runs of *inside* that hold a bit of *some*: bits right behind those that end here; *open: of one that goes on. */
INLINE uint64_t AT(ends_with)(uint64_t inside, uint64_t some, int length, uint64_t *open)
{
    unsigned long long sum, more;
    const int carried = __builtin_uaddll_overflow(inside, some, &sum) | __builtin_uaddll_overflow(sum, *open, &more);
    const uint64_t ends = more & ~inside;
    *open = length < BLOCK_BYTES ? ends >> length & 1 : (uint64_t)carried;
    return length < BLOCK_BYTES ? ends & ((UINT64_C(1) << length) - 1) : ends;
}

/* Whether *bits* hold a run of at least *least* ones. */
INLINE bool AT(has_run)(uint64_t bits, uint64_t least)
{
    uint64_t width = 1;
    if (least > BLOCK_BYTES)
        return false;
    for (; 2 * width <= least; width *= 2)
        bits &= bits >> width;
    return (bits & bits >> (least - width)) != 0;
}

/* The longest run of one byte; *same: bits of bytes that equal the one before them. */
OUTLINE void AT(take_runs)(struct form *form, uint64_t same, int length)
{
    const int leading = ~same ? __builtin_ctzll(~same) : BLOCK_BYTES;
    form->ascii_run += leading;
    form->longest_run = form->ascii_run > form->longest_run ? form->ascii_run : form->longest_run;
    if (leading >= length)
        return;
    while (AT(has_run)(same, (uint64_t)form->longest_run))
        form->longest_run++;
    const uint64_t at_end = same << (BLOCK_BYTES - length);
    form->ascii_run = 1 + (~at_end ? __builtin_clzll(~at_end) : BLOCK_BYTES);
}

/* Code points that begin before bit *place*, which is at most 63. */
INLINE uint64_t AT(points_before)(uint64_t points, int place, uint64_t tails)
{
    return points + (uint64_t)place - (uint64_t)__builtin_popcountll(tails & ((UINT64_C(1) << place) - 1));
}

/* Tokens of a block that may be longer than all before: their lengths in code points, from each turn to the next. */
OUTLINE void AT(take_lengths)(struct form *form, uint64_t turns, uint64_t inside, uint64_t points, uint64_t tails)
{
    for (; turns; turns &= turns - 1) {
        const int place = __builtin_ctzll(turns);
        const uint64_t here = AT(points_before)(points, place, tails);
        if (inside >> place & 1)
            form->token_start = here;
        else if (here - form->token_start > form->longest_token)
            form->longest_token = here - form->token_start;
    }
}

static void AT(take_tokens)(struct form *form, const uint8_t *floor, const uint8_t *at, const uint8_t *end,
                            const uint8_t *ceiling)
{
    const uint8_t *const begin = at;
    uint64_t open = 0, open_letter = 0, open_upper = 0, open_other = 0, before_word = 0, points = 0;
    int64_t tokens = 0, letter_tokens = 0, capital_tokens = 0, hashes = 0, curly = 0, angles = 0;
    while (at < end) {
        struct AT(marks) marks;
        int length = end - at < BLOCK_BYTES ? (int)(end - at) : BLOCK_BYTES;
        uint64_t valid = ~UINT64_C(0) >> (BLOCK_BYTES - length);
        if (at == floor || ceiling - at < BLOCK_BYTES) {
            uint8_t copy[1 + BLOCK_BYTES] = {0};
            copy[0] = at == floor ? 0 : at[-1];
            memcpy(copy + 1, at, (size_t)length);
            AT(take_marks)(copy + 1, &marks);
        } else
            AT(take_marks)(at, &marks);
        if (at == begin)
            marks.same &= ~UINT64_C(1);
        uint64_t letters = marks.lower | marks.upper, others = marks.lower, tails = 0;
        marks.high &= valid;
        if (marks.high) {
            tails = AT(take_points)(form, at, end, &length, &marks, &letters, &others);
            valid = ~UINT64_C(0) >> (BLOCK_BYTES - length);
            tails &= valid;
        }
        const uint64_t inside = ~marks.space & valid, same = marks.same & inside & ~marks.high;
        const uint64_t upper_ends = AT(ends_with)(inside, marks.upper & valid, length, &open_upper);
        const uint64_t other_ends = AT(ends_with)(inside, others & valid, length, &open_other);
        const uint64_t turns = (inside ^ (inside << 1 | open)) & valid;
        letter_tokens += __builtin_popcountll(AT(ends_with)(inside, letters & valid, length, &open_letter));
        capital_tokens += __builtin_popcountll(upper_ends & ~other_ends);
        tokens += __builtin_popcountll(inside & turns);
        if (turns) {
            const int first = __builtin_ctzll(turns), last = BLOCK_BYTES - 1 - __builtin_clzll(turns);
            if (AT(has_run)(inside, form->longest_token + 1) ||
                (open && points + (uint64_t)first - form->token_start > form->longest_token))
                AT(take_lengths)(form, turns, inside, points, tails);
            else if (inside >> last & 1)
                form->token_start = AT(points_before)(points, last, tails);
        }
        open = inside >> (length - 1) & 1;
        points += (uint64_t)length - (uint64_t)__builtin_popcountll(tails);
        const uint64_t word = marks.word & valid;
        if (form->stop_words != ALL_STOP_WORDS) {
            /* Two to four letters may be a stop word; what goes on beyond the block is looked up byte by byte. */
            const uint64_t beyond = ~(valid >> 4);
            uint64_t starts = word & ~(word << 1 | before_word) & (word >> 1 | beyond);
            uint64_t sure = starts & ~(word >> 2 & word >> 3 & word >> 4) & ~beyond;
            for (; sure; sure &= sure - 1) {
                const int place = __builtin_ctzll(sure);
                form->stop_words |= stop_word_of(four_bytes(at + place), __builtin_ctzll(~(word >> place)));
            }
            for (starts &= beyond; starts; starts &= starts - 1)
                form->stop_words |= stop_word_at(at + __builtin_ctzll(starts), end);
        }
        before_word = word >> (length - 1) & 1;
        hashes += __builtin_popcountll(marks.hash & valid);
        curly += __builtin_popcountll(marks.curly & valid);
        angles += __builtin_popcountll(marks.angle & valid);
        for (uint64_t slashes = marks.slash & (marks.slash >> 1 | ~(valid >> 1)) & valid; slashes; slashes &= slashes - 1)
            form->counts[URLS] += ends_scheme(begin, at + __builtin_ctzll(slashes), end);
        const uint64_t dots = marks.dot & ((marks.dot >> 1 & marks.dot >> 2) | ~(valid >> 2)) & valid;
        if (dots)
            take_dots(form, begin, at, end, dots, marks.dot);
        if ((same & 1) || (same >> (length - 1) & 1) || AT(has_run)(same, (uint64_t)form->longest_run))
            AT(take_runs)(form, same, length);
        else
            form->ascii_run = 1;
        at += length;
    }
    form->counts[TOKENS] = tokens;
    form->counts[LETTER_TOKENS] = letter_tokens + (int64_t)open_letter;
    form->counts[CAPITAL_TOKENS] = capital_tokens + (int64_t)(open_upper & ~open_other & 1);
    form->counts[HASHES] = hashes;
    form->counts[CURLY] = curly;
    form->counts[ANGLES] = angles;
    if (open && points - form->token_start > form->longest_token)
        form->longest_token = points - form->token_start;
}
#undef EACH
