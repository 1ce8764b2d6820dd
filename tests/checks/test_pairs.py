"""What is done on pairs gives the same with the kernel, with numpy and by plain definition, on any input."""

from itertools import groupby

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from checks import kernels, pairs

pytestmark = pytest.mark.usefixtures("library")

MASK = 2**64 - 1

words = st.one_of(st.integers(0, MASK), st.integers(0, 3), st.sampled_from([MASK, 2**63, 2**32, 2**32 - 1]))
few_words = st.lists(words, max_size=80)
seeds = st.integers(0, 2**32 - 1)


def by_both(function, *arguments):
    """The kernel's answer, after comparing numpy's with it bit for bit."""
    fast = function(*arguments)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "library", lambda: None)
        slow = function(*arguments)
    for one, other in zip(*(a if isinstance(a, tuple) else (a,) for a in (fast, slow)), strict=True):
        assert one.dtype == other.dtype
        assert one.shape == other.shape
        assert one.tobytes() == other.tobytes()
    return fast


def u64(values):
    return np.array(values, np.uint64)


def signatures(seed, rows, kind=np.uint32, kinds_of_byte=256):
    random = np.random.default_rng(seed)
    if kind == np.uint32:
        return random.integers(0, 2**32, (rows, pairs.SLOTS), np.uint32)
    return random.integers(0, kinds_of_byte, (rows, pairs.SLOTS), np.uint8)


def mix(x):
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ x >> 27) * 0x94D049BB133111EB & MASK
    return x ^ x >> 31


def plain_band(slots, band, rows):
    hashed = mix(int.from_bytes(b"bands/v1") + 0x9E3779B97F4A7C15 * (band * 129 + rows) & MASK)
    mine = [*slots[band * rows : (band + 1) * rows], *[0] * (rows % 2)]
    for x, y in zip(mine[::2], mine[1::2], strict=True):
        hashed = (hashed ^ (x | y << 32)) * 0xD6E8FEB86659FD93 & MASK
        hashed ^= hashed >> 32
    return mix(hashed)


@given(seeds, st.integers(0, 6), st.integers(1, 128), st.data())
def test_bands_are_hashed_as_it_is_written_down(seed, count, rows, data):
    bands = data.draw(st.integers(1, 128 // rows))
    found = by_both(pairs.band_hashes, signatures(seed, count), bands, rows)
    wanted = [[plain_band(row, b, rows) for b in range(bands)] for row in signatures(seed, count).tolist()]
    assert found.tolist() == wanted


def test_band_hashes_and_leader_keys_never_change():
    rows = np.arange(256, dtype=np.uint32).reshape(2, 128)
    assert by_both(pairs.band_hashes, rows, 16, 8)[:, [0, 15]].tolist() == GOLDEN_BANDS
    assert by_both(pairs.band_hashes, rows, 9, 13)[1, 8] == GOLDEN_ODD
    assert pairs.leader_keys(bytes(range(64))).tolist() == GOLDEN_KEYS


GOLDEN_BANDS = [[670438763604747861, 17680662186415820097], [17012260545094675280, 10851508085173856514]]
GOLDEN_ODD = 7291993473933281258
GOLDEN_KEYS = [2564852904, 300075666]


def test_bands_of_equal_slots_differ_by_their_number_and_every_slot_counts():
    same = np.full((1, 128), 7, np.uint32)
    assert len(set(by_both(pairs.band_hashes, same, 16, 8)[0].tolist())) == 16
    for slot in range(128):
        other = same.copy()
        other[0, slot] ^= 1 << (slot % 32)
        differs = pairs.band_hashes(other, 16, 8)[0] != pairs.band_hashes(same, 16, 8)[0]
        assert differs.tolist() == [band == slot // 8 for band in range(16)]


@pytest.mark.parametrize(("bands", "rows"), [(0, 8), (16, 0), (17, 8), (129, 1), (1, 129), (-1, -128), (2**31, 2**31)])
def test_bands_that_do_not_fit_are_refused(bands, rows):
    with pytest.raises(ValueError, match="bands"):
        pairs.band_hashes(signatures(1, 1), bands, rows)


@given(seeds, st.integers(0, 9))
def test_the_low_byte_is_kept(seed, rows):
    whole = signatures(seed, rows)
    kept = pairs.narrow(whole)
    assert kept.dtype == np.uint8
    assert kept.tolist() == [[slot & 0xFF for slot in row] for row in whole.tolist()]


@given(st.binary(max_size=320).map(lambda raw: raw[: len(raw) // 32 * 32]))
def test_leader_keys_mix_the_first_eight_bytes_of_each_content_id(raw):
    wanted = [mix(int.from_bytes(raw[at : at + 8], "little") ^ int.from_bytes(b"leaders/")) >> 32
              for at in range(0, len(raw), 32)]  # fmt: skip
    assert pairs.leader_keys(raw).tolist() == pairs.leader_keys(memoryview(bytearray(raw))).tolist() == wanted
    ids = np.frombuffer(raw, np.uint8).reshape(-1, 32)
    assert pairs.leader_keys(np.asfortranarray(ids)).tolist() == wanted


def test_a_part_of_a_content_id_is_refused():
    with pytest.raises(ValueError, match="33 bytes"):
        pairs.leader_keys(bytes(33))


def assert_sorted(hashes, keys, rows):
    order = by_both(pairs.sorted_rows, hashes, keys, rows)
    wanted = sorted(range(len(hashes)), key=lambda at: (hashes[at], keys[at], rows[at]))  # Python's sort is stable
    assert order.tolist() == wanted


@given(st.lists(st.tuples(words, st.integers(0, 2**32 - 1) | st.integers(0, 1), words), max_size=80))
def test_rows_are_sorted_by_hash_key_and_row_and_equal_ones_stay_in_order(rows):
    hashes, keys, numbers = zip(*rows, strict=True) if rows else ((), (), ())
    assert_sorted(u64(hashes), np.array(keys, np.uint32), u64(numbers))


@given(seeds, st.integers(25, 3000), st.integers(0, 64), st.integers(0, 64), st.integers(1, 300), st.booleans())
@example(1, 3000, 64, 0, 1, False)
@example(1, 3000, 64, 0, 1, True)
def test_any_spread_of_hashes_is_sorted(seed, count, low, high, kinds, keyed):
    """All bits but those from *low* to *high* are equal; at most *kinds* hashes; keys or rows alone may decide."""
    random = np.random.default_rng(seed)
    mask = np.uint64(((1 << high) - 1) & ~((1 << low) - 1))
    hashes = random.integers(0, MASK, kinds, np.uint64, endpoint=True)[random.integers(0, kinds, count)]
    hashes = (hashes & mask) | (u64(0x0123456789ABCDEF) & ~mask)
    keys = random.integers(0, 2**32, count, np.uint32) if keyed else np.zeros(count, np.uint32)
    rows = random.integers(0, 2**33, count, np.uint64) >> np.uint64(seed % 34)
    assert_sorted(hashes, keys, rows)


def test_a_million_rows_are_sorted():
    random = np.random.default_rng(3)
    hashes = random.integers(0, MASK, 1_000_000, np.uint64)
    hashes[::7] = hashes[0]  # one long run
    hashes[1::7] >>= np.uint64(40)  # and one narrow crowd
    by_both(pairs.sorted_rows, hashes, random.integers(0, 2**32, len(hashes), np.uint32), hashes[::-1].copy())


@given(st.lists(st.tuples(words, words) | st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=120))
def test_pairs_become_unique_and_sorted(edges):
    first, second = by_both(pairs.unique_pairs, u64([a for a, _ in edges]), u64([b for _, b in edges]))
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == sorted(set(edges))


def sets_of(lists):
    ends = np.cumsum([len(values) for values in lists], dtype=np.int64)
    starts = ends - np.array([len(values) for values in lists], np.int64)
    return u64([value for values in lists for value in sorted(values)]), starts, ends


@given(st.lists(st.tuples(st.sets(words, max_size=30), st.sets(words, max_size=30)), max_size=8))
def test_common_values_are_those_of_the_intersection(pairs_of_sets):
    one, other = sets_of([a for a, _ in pairs_of_sets]), sets_of([b for _, b in pairs_of_sets])
    counts = by_both(pairs.common_counts, *one, *other)
    assert counts.tolist() == [len(a & b) for a, b in pairs_of_sets]
    sizes = [np.array([len(p[side]) for p in pairs_of_sets], np.int64) for side in (0, 1)]
    wanted = [1_000_000 * len(a & b) // len(a | b) if a | b else 0 for a, b in pairs_of_sets]
    assert pairs.jaccard_ppm(counts, *sizes).tolist() == wanted


@given(seeds, st.integers(0, 40), st.integers(1, 5000), st.integers(1, 2**20))
def test_sets_of_very_different_sizes_are_searched_to_the_same_count(seed, few, many, spread):
    random = np.random.default_rng(seed)
    large = np.unique(random.integers(0, spread, many, np.uint64))
    small = np.unique(np.concatenate([random.integers(0, spread, few, np.uint64), large[:1], large[-1:], u64([MASK])]))
    a, b = (large, *(np.array([n]) for n in (0, len(large)))), (small, *(np.array([n]) for n in (0, len(small))))
    wanted = len(set(large.tolist()) & set(small.tolist()))
    assert by_both(pairs.common_counts, *a, *b).tolist() == by_both(pairs.common_counts, *b, *a).tolist() == [wanted]


@pytest.mark.parametrize("start_end", [(-1, 2), (0, 4), (3, 2), (4, 4), (2**62, 2**63 - 1), (-(2**63), 0)])
def test_bounds_outside_the_values_are_refused_by_python_and_by_the_kernel(start_end, library):
    values, good = u64([1, 2, 3]), (np.array([0]), np.array([3]))
    bad = tuple(np.array([bound]) for bound in start_end)
    for one, other in ((bad, good), (good, bad)):
        with pytest.raises(ValueError, match="range 0 is"):
            pairs.common_counts(values, *one, values, *other)
        with pytest.raises(ValueError, match="number 0 lies outside"):
            kernels.pair_calls.count_common(library, values, *one, values, *other)


@pytest.mark.parametrize(("common", "a", "b"), [(-1, 2, 2), (3, 2, 5), (0, -1, 2), (1, 2**41, 2**41)])
def test_sizes_of_no_sets_are_refused(common, a, b):
    with pytest.raises(ValueError, match="no such sets"):
        pairs.jaccard_ppm(*(np.array([n], np.int64) for n in (common, a, b)))


@given(arrays.arrays(np.int64, (5, 3), elements=st.integers(0, 2**40)))
def test_jaccard_is_a_floor_in_whole_numbers(sizes):
    common, a, b = sizes[:, 0], sizes[:, 0] + sizes[:, 1], sizes[:, 0] + sizes[:, 2]
    fits = np.maximum(a, b) <= 2**40
    common, a, b = common[fits], a[fits], b[fits]
    wanted = [10**6 * c // (x + y - c) if x + y else 0
              for c, x, y in zip(common.tolist(), a.tolist(), b.tolist(), strict=True)]  # fmt: skip
    assert pairs.jaccard_ppm(common, a, b).tolist() == wanted


@given(st.lists(st.tuples(st.integers(0, 2), words.map(lambda word: word & 3)), max_size=40))
def test_runs_of_equal_rows_start_where_groups_do(rows):
    rows.sort()
    first, second = (u64([row[place] for row in rows]) for place in (0, 1))
    for found, key in (
        (pairs.run_starts(first, second), lambda at: rows[at]),
        (pairs.run_starts(first), lambda at: rows[at][0]),
    ):
        assert found.tolist() == [next(iter(group)) for _, group in groupby(range(len(rows)), key=key)]
