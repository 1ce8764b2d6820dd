/* Fold a stretch of ASCII and find where its words lie; included by `walk.h` for each set of instructions. */
/* Folds 64 bytes and gives a bit for each byte of a word; bytes beyond ASCII give anything. */
INLINE uint64_t AT(fold_block)(const uint8_t *restrict from, uint8_t *restrict to)
{
    uint8_t in_word[BLOCK];
    uint64_t bits = 0;
    for (int i = 0; i < BLOCK; i++) {
        const uint8_t byte = from[i], lower = (uint8_t)(byte - 'A') < 26 ? byte + 32 : byte;
        to[i] = lower;
        in_word[i] = ((uint8_t)(lower - 'a') < 26) | ((uint8_t)(byte - '0') < 10);
    }
    for (int i = 0; i < BLOCK; i += 8) /* bit 8k of eight bytes goes to bit 56 + k */
        bits |= (eight_bytes(in_word + i) * UINT64_C(0x0102040810204080) >> 56) << i;
    return bits;
}

/* Bytes from *at on that are ASCII, at most 64: bits of those in words, and how many there are. */
INLINE int AT(ascii_block)(const uint8_t *at, const uint8_t *end, uint8_t *to, uint64_t *words)
{
    uint8_t copy[BLOCK];
    uint64_t high = 0;
    int length = BLOCK;
    if (end - at < BLOCK) {
        length = (int)(end - at);
        memset(copy, 0, BLOCK);
        memcpy(copy, at, (size_t)length);
        at = copy;
    }
    for (int i = 0; i < BLOCK; i += 8)
        high |= eight_bytes(at + i) & UINT64_C(0x8080808080808080);
    *words = AT(fold_block)(at, to);
    if (LIKELY(!high))
        return length;
    for (length = 0; at[length] < 0x80;)
        length++;
    *words &= (UINT64_C(1) << length) - 1;
    return length;
}

/* Fills the window from *at on: up to WINDOW bytes of ASCII. The first byte is ASCII and begins no later part of a term. */
OUTLINE void AT(take_window)(struct window *window, const uint8_t *at, const uint8_t *end)
{
    int64_t length = 0, count = 0;
    uint64_t before = 0;
    while (length < WINDOW && at + length < end) {
        uint64_t words;
        const int taken = AT(ascii_block)(at + length, end, window->folded + length, &words);
        uint64_t turns = words ^ (words << 1 | before); /* set where a term starts or has ended */
        if (taken < BLOCK)
            turns &= (UINT64_C(1) << taken) - 1;
        else
            before = words >> (BLOCK - 1);
        const int64_t turned = __builtin_popcountll(turns);
        uint16_t *to = window->borders + count;
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC unroll 20
#endif
        for (int i = 0; i < USUAL_TURNS; i++, turns &= turns - 1) /* not as many as there are: that could not be foreseen */
            to[i] = (uint16_t)(length + __builtin_ctzll(turns | UINT64_C(1) << 63));
        for (int64_t i = USUAL_TURNS; i < turned; i++, turns &= turns - 1)
            to[i] = (uint16_t)(length + __builtin_ctzll(turns));
        count += turned;
        length += taken;
        if (taken < BLOCK)
            break;
    }
    window->length = length;
    window->count = count;
}
