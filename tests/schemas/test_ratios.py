"""The ratio estimate of a total: its table against scipy, its interval by simulation, its laws."""

import numpy as np
import pytest
from scipy.stats import t

from schemas.ratios import _T_PPM, GROUPS, LEAST_GROUPS, Drawn, ratio_total


def test_the_table_is_that_of_students_t():
    assert [abs(value - t.ppf(0.975, n) * 1e6) < 1 for n, value in enumerate(_T_PPM, 1)] == [True] * (GROUPS - 1)


def corpus(random, texts, rate, spread=1.0):
    """Bytes and tokens of texts, lengths log-normal, tokens a byte about *rate*."""
    size = np.maximum(random.lognormal(7, spread, texts).astype(np.int64), 1)
    return size, np.maximum((size * random.normal(rate, rate / 5, texts)).astype(np.int64), 1)


def drawn(random, sources, share):
    """Each source's groups: a text, whichever sources hold it and how often, is drawn or not, and has one group."""
    texts = max(int(places.max()) for _, _, places in sources) + 1
    chosen, group = random.random(texts) < share, random.integers(0, GROUPS, texts)
    return [
        Drawn(int(x.sum()), *(np.bincount(group[p][chosen[p]], v[chosen[p]], GROUPS).astype(int).tolist() for v in (x, y)))
        for x, y, p in sources
    ]  # fmt: skip


def covered(sources, share, rounds=250):
    random, truth, hits, widths = np.random.default_rng(5), sum(int(y.sum()) for _, y, _ in sources), 0, []
    for _ in range(rounds):
        found = ratio_total(drawn(random, sources, share), round(share * 1e6))
        hits += found.low <= truth <= found.high
        widths.append((found.high - found.low) / truth)
    return hits / rounds, float(np.mean(widths))


@pytest.mark.parametrize(
    ("texts", "share", "spread"), [(20_000, 0.02, 1.0), (3_000, 0.05, 0.7), (400, 0.3, 1.0), (50_000, 0.02, 1.5)]
)
def test_the_interval_of_one_source_covers_as_it_says(texts, share, spread):
    x, y = corpus(np.random.default_rng(texts), texts, 0.3, spread)
    hits, width = covered([(x, y, np.arange(texts))], share)
    assert 0.905 <= hits <= 0.985
    assert width < 0.25


def test_it_covers_sources_of_unlike_texts_added_up_and_is_far_narrower_than_one_ratio_for_all():
    random = np.random.default_rng(1)
    sources = [(*corpus(random, 4_000, rate), np.arange(4_000) + 4_000 * n) for n, rate in enumerate((0.2, 0.9, 0.5))]
    hits, width = covered(sources, 0.03)
    assert 0.905 <= hits <= 0.985
    _, one = covered([tuple(np.concatenate(part) for part in zip(*sources, strict=True))], 0.03)
    assert width < one / 2


def test_copies_within_a_source_and_across_sources_widen_it_as_they_must():
    random = np.random.default_rng(2)
    x, y = corpus(random, 2_000, 0.4)
    many = np.repeat(np.arange(2_000), random.integers(1, 6, 2_000))  # each text one to five times
    sources = [(x[many], y[many], many), (x, y, np.arange(2_000))]  # and the second source mirrors the first
    hits, _ = covered(sources, 0.1)
    assert 0.905 <= hits <= 0.985


def test_the_estimate_of_small_sources_is_shared_and_nothing_is_left_out():
    random = np.random.default_rng(3)
    sources = [(*corpus(random, n, 0.3), np.arange(n) + 10_000 * place) for place, n in enumerate((5_000, 3, 40))]
    parts = drawn(random, sources, 0.05)
    assert [part.drew >= LEAST_GROUPS for part in parts] == [True, False, False]
    found, truth = ratio_total(parts, 50_000), sum(int(y.sum()) for _, y, _ in sources)
    assert found.low <= truth <= found.high
    assert found == ratio_total(parts[::-1], 50_000)


def test_many_sources_of_which_hardly_anything_was_drawn_are_one():
    """Each drew one text, more of them together than it takes: none is left with a ratio of its own, which one group would be all of."""

    def alone(n):
        return Drawn(1_000, [10 + n if group == n else 0 for group in range(GROUPS)], [3 + n if group == n else 0 for group in range(GROUPS)])  # fmt: skip

    parts = [alone(n) for n in range(2 * LEAST_GROUPS)]
    found = ratio_total(parts, 20_000)
    x, y = (sum(sum(part) for part in column) for column in zip(*((p.x, p.y) for p in parts), strict=True))
    assert found.value == round(1_000 * len(parts) * y / x)
    assert found.low < found.value < found.high
    assert found.drew == 2 * LEAST_GROUPS


def test_everything_counted_is_known_exactly_and_too_little_has_no_interval():
    groups = [3] * GROUPS
    whole = ratio_total([Drawn(192, groups, [1] * GROUPS)], 1_000_000)
    assert (whole.value, whole.low, whole.high) == (64, 64, 64)
    few = [4, 6] + [0] * (GROUPS - 2)
    found = ratio_total([Drawn(1_000, few, [2, 3] + [0] * (GROUPS - 2))], 10_000)
    assert (found.value, found.low, found.high, found.drew) == (500, None, None, 2)
    assert ratio_total([Drawn(1_000, [0] * GROUPS, [0] * GROUPS)], 10_000) is None
    assert ratio_total([], 10_000) is None
    with pytest.raises(ValueError, match="64 are needed"):
        Drawn(1, [1], [1])
