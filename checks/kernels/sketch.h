/* From hashes of terms to shingles and slots; included by `walk.h` for each set of instructions. */
/* Lowers the slots by *count* mixed values. Slots lie side by side, so no register of minima is to be reduced to one, and
 * half of all find registers: as fast as hand-written AVX-512 (port-bound by the products), for few values as for many. */
OUTLINE void AT(lower_slots)(const uint32_t *restrict values, int64_t count, const uint32_t *restrict a,
                             const uint32_t *restrict b, uint32_t *restrict slots)
{
    for (int first = 0; first < SLOTS_OF_SIGNATURE; first += SLOTS_AT_ONCE) {
        uint32_t least[SLOTS_AT_ONCE];
        memcpy(least, slots + first, sizeof least);
        for (int64_t i = 0; i < count; i++) {
            const uint32_t v = values[i];
            for (int slot = 0; slot < SLOTS_AT_ONCE; slot++) {
                const uint32_t value = a[first + slot] * v + b[first + slot];
                least[slot] = value < least[slot] ? value : least[slot];
            }
        }
        memcpy(slots + first, least, sizeof least);
    }
}

/* The value that each shingle of five gives to the slots: `_shingle` of the reference, s = t0 * P^4 + … + t4, mixed, its upper
 * half. LANES at a time: there is room for as many behind the last of both. */
OUTLINE void AT(fill_values)(const uint64_t *restrict hashes, int64_t count, uint32_t *restrict values)
{
    const uint64_t p2 = TERM_P * TERM_P;
    for (int64_t i = 0; i < (count + LANES - 1) / LANES * LANES; i++) {
        const uint64_t *const t = hashes + i;
        const uint64_t s = mixed((t[0] * TERM_P + t[1]) * (p2 * TERM_P) + (t[2] * TERM_P + t[3]) * TERM_P + t[4]);
        values[i] = fmix32((uint32_t)(s >> 32));
    }
}

INLINE uint64_t AT(any_mixed)(const uint64_t *t, int64_t width)
{
    uint64_t s = 0;
    for (int64_t i = 0; i < width; i++)
        s = s * TERM_P + t[i];
    return mixed(s);
}

/* A Bloom filter in which all bits of a shingle lie in one word (Putze, Sanders, Singler: Cache-, hash- and space-efficient
 * Bloom filters, 2009): the highest bits of the shingle choose it, the lowest 24 four bits in it. */
INLINE uint64_t AT(bits_of)(uint64_t shingle)
{
    return UINT64_C(1) << (shingle & 63) | UINT64_C(1) << (shingle >> 6 & 63) | UINT64_C(1) << (shingle >> 12 & 63) |
           UINT64_C(1) << (shingle >> 18 & 63);
}

/* The shingles that the sieve lets through, of *count* that begin one after another; there is room for all. Each follows
 * from the one before: s' = (s - t * P^(width - 1)) * P + the term that comes in. */
OUTLINE void AT(sift)(struct job *job, int64_t count, int64_t width, bool is_placed)
{
    const uint64_t *const t = job->hashes, *const sieve = job->sieve;
    const int shift = job->sieve_shift;
    uint64_t s = 0, highest = 1;
    int64_t made = job->made;
    for (int64_t i = 0; i < width - 1; i++) {
        s = s * TERM_P + t[i];
        highest *= TERM_P;
    }
    for (int64_t i = 0; i < count; i++) {
        s = s * TERM_P + t[i + width - 1];
        const uint64_t m = mixed(s), shingle = m ^ m >> 32, bits = AT(bits_of)(shingle);
        job->shingles[made] = shingle; /* stays, or the next takes its place */
        if (is_placed) {
            job->places[2 * made] = job->starts[i];
            job->places[2 * made + 1] = job->ends[i + width - 1];
        }
        made += (sieve[shingle >> shift] & bits) == bits;
        s -= t[i] * highest;
    }
    job->made = made;
}

INLINE void AT(take_in)(struct job *job)
{
    take_hashes(job, job->hashes, job->held);
    job->held = 0;
}

/* Makes shingles of what is held and keeps the terms that the next ones begin with; at the end, of a short text too. */
INLINE void AT(pass_on)(struct job *job, enum mode mode, bool is_last)
{
    if (mode == WHOLE) {
        AT(take_in)(job);
        return;
    }
    const bool is_sketched = mode == SKETCHED || mode == NAMED;
    const int64_t width = is_sketched ? 5 : job->width;
    const bool is_short = is_last && !job->passed && job->held && job->held < width;
    const int64_t count = is_short ? 1 : job->held - width + 1, taken = is_short ? job->held : width;
    if (count <= 0)
        return;
    if (is_sketched && is_last && !job->passed && job->held < job->shortest) {
        job->passed = job->held;
        job->held = 0;
        return;
    }
    if (is_sketched) {
        if (is_short)
            job->values[0] = fmix32((uint32_t)(AT(any_mixed)(job->hashes, taken) >> 32));
        else
            AT(fill_values)(job->hashes, count, job->values);
        AT(lower_slots)(job->values, count, job->a, job->b, job->slots);
    } else if (job->room - job->made < count) {
        job->is_full = true;
    } else if (job->sieve) {
        AT(sift)(job, count, taken, mode == PLACED);
    } else {
        for (int64_t i = 0; i < count; i++) {
            const uint64_t s = AT(any_mixed)(job->hashes + i, taken);
            job->shingles[job->made + i] = s ^ s >> 32;
        }
        if (mode == PLACED)
            for (int64_t i = 0; i < count; i++) {
                job->places[2 * (job->made + i)] = job->starts[i];
                job->places[2 * (job->made + i) + 1] = job->ends[i + taken - 1];
            }
        job->made += count;
    }
    job->passed += count;
    job->held -= count;
    memmove(job->hashes, job->hashes + count, (size_t)job->held * 8);
    if (mode == PLACED) {
        memmove(job->starts, job->starts + count, (size_t)job->held * 8);
        memmove(job->ends, job->ends + count, (size_t)job->held * 8);
    }
}
