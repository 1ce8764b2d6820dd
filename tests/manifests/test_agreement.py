"""Agreement against published tables, a plain oracle, and simulation; coincidences add up over any cut."""

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.agreement import (
    LEAST_ITEMS,
    PPM,
    Patterns,
    alpha,
    bootstrap,
    cohen,
    coincidences,
    fleiss,
    of_both,
    positions,
    ppm,
    raw_agreement,
    share_of,
)

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), parts A, B and C: a row an observer, a column a unit.
MEG_OWEN = ("0100000010", "1110010000")
BEN_GERRY = ("aabbdcccedda", "babbbccceddd")
FOUR = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
# Fleiss, Psychol. Bull. 76 (1971), table 1: 30 patients, 6 psychiatrists, 5 diagnoses.
FLEISS = [
    "00060",
    "03003",
    "01401",
    "00006",
    "03030",
    "20400",
    "00402",
    "20310",
    "20040",
    "00006",
    "10050",
    "11040",
    "03300",
    "10050",
    "02031",
    "00501",
    "30012",
    "51000",
    "02040",
    "10203",
    "00006",
    "01050",
    "02013",
    "20040",
    "10041",
    "05010",
    "40002",
    "02040",
    "10500",
    "00006",
]
# Cohen, Educ. Psychol. Meas. 20 (1960), table 2: 200 cases.
COHEN = ((88, 14, 18), (10, 40, 10), (2, 6, 12))


def labels_of(rows, gap="."):
    said = [(item, mark) for row in rows for item, mark in enumerate(row) if mark != gap]
    values = sorted({mark for _, mark in said})
    return values, np.array([i for i, _ in said]), np.array([values.index(mark) for _, mark in said])


def plain_alpha(items, delta):
    """Alpha by its definition: disagreement within items against disagreement of all pairs of labels."""
    pairable = [labels for labels in items if len(labels) > 1]
    everything = [label for labels in pairable for label in labels]
    n = len(everything)
    counts = {v: everything.count(v) for v in set(everything)}
    within = sum(
        Fraction(sum(delta(a, b, counts) for a, b in permutations(labels, 2)), len(labels) - 1) for labels in pairable
    )
    among = sum(delta(a, b, counts) for a, b in permutations(everything, 2))
    return None if not among else 1 - (n - 1) * within / among


DELTAS = {
    "nominal": lambda a, b, _: int(a != b),
    "interval": lambda a, b, _: (a - b) ** 2,
    "ordinal": lambda a, b, counts: (
        Fraction(sum(counts.get(g, 0) for g in range(min(a, b), max(a, b) + 1))) - Fraction(counts[a] + counts[b], 2)
    ) ** 2,
}  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "scale", "published"),
    [
        (MEG_OWEN, "nominal", 0.095), (BEN_GERRY, "nominal", 0.692), (FOUR, "nominal", 0.743), (FOUR, "ordinal", 0.815),
        (FOUR, "interval", 0.849),
    ],
)  # fmt: skip
def test_alpha_is_that_of_krippendorffs_worked_examples(rows, scale, published):
    values, item, value = labels_of(rows)
    at = positions(values) if scale == "interval" else ()
    assert round(float(alpha(scale, at)(coincidences(values, item, value))), 3) == published


def fleiss_table():
    said = [(patient, mark) for patient, row in enumerate(FLEISS) for mark, n in enumerate(row) for _ in range(int(n))]
    return np.array(said, np.int64).T


def cohen_table():
    """Each case twice: (item, value, whether the second of the two judges said so)."""
    first, second = np.array([(i, j) for i in range(3) for j in range(3) for _ in range(COHEN[i][j])]).T
    cases = np.arange(len(first))
    return np.concatenate([cases, cases]), np.concatenate([first, second]), np.repeat([False, True], len(cases))


def test_kappa_is_that_of_fleiss_table():
    found = coincidences("12345", *fleiss_table())
    assert round(float(fleiss(found)), 3) == 0.430
    assert round(float(raw_agreement(found)), 3) == 0.556
    assert ppm(share_of(3)(found)) == 55 * PPM // 180


def test_kappa_is_that_of_cohens_table():
    item, value, is_second = cohen_table()
    found = Patterns.of_two("123", item, value, is_second).coincidences()
    assert round(float(cohen(found)), 3) == 0.492
    assert cohen(Patterns.of_two("123", item, value, ~is_second).coincidences()) == cohen(found)
    plain = coincidences("123", item, value)
    for statistic in (alpha("nominal"), alpha("ordinal"), fleiss, raw_agreement, share_of(0)):
        assert of_both(statistic)(found) == statistic(plain)  # who said it is nothing to them
    assert raw_agreement(plain) == Fraction(140, 200)


items_of_labels = st.lists(st.lists(st.integers(0, 4), max_size=5), max_size=12)


@pytest.mark.parametrize("scale", DELTAS)
@settings(max_examples=60)
@given(items=items_of_labels, cut=st.integers(0, 12))
def test_alpha_is_its_definition_and_adds_up_over_any_cut(scale, items, cut):
    def of(part):
        said = np.array([(i, v) for i, labels in enumerate(part) for v in labels], np.int64).reshape(-1, 2)
        return coincidences("01234", said[:, 0], said[:, 1])

    found = of(items)
    expected = plain_alpha(items, DELTAS[scale])
    assert alpha(scale, range(5))(found) == expected
    assert alpha(scale, range(5))(of(items[:cut]).plus(of(items[cut:]))) == expected


def test_the_scale_of_interval_labels_changes_nothing():
    values, item, value = labels_of(FOUR)
    found = coincidences(values, item, value)
    assert alpha("interval", positions(["0.1", "0.2", "0.3", "0.4", "0.5"]))(found) == alpha("interval", range(5))(
        found
    )
    assert positions(["1", "two"]) is None
    assert positions(["NaN"]) is None
    assert positions(["1e99"]) is None


def test_without_anything_to_agree_on_there_is_no_figure():
    nothing = coincidences("ab", np.zeros(0, np.int64), np.zeros(0, np.int64))
    alone = coincidences("ab", np.array([0, 1, 2]), np.array([0, 1, 0]))
    one_label = coincidences("ab", np.array([0, 0, 1, 1]), np.zeros(4, np.int64))
    for found in (nothing, alone):
        assert [of(found) for of in (alpha("nominal"), fleiss, raw_agreement, share_of(0), cohen)] == [None] * 5
    assert alpha("nominal")(one_label) is None
    assert fleiss(one_label) is None
    assert raw_agreement(one_label) == 1


def test_fleiss_asks_for_as_many_labels_on_every_item():
    assert fleiss(coincidences("ab", np.array([0, 0, 1, 1, 1]), np.array([0, 1, 0, 0, 1]))) is None


def test_coincidences_of_other_values_are_not_added():
    a, b = (coincidences(v, np.zeros(2, np.int64), np.arange(2)) for v in ("ab", "cd"))
    with pytest.raises(ValueError, match="different values"):
        a.plus(b)


STATISTICS = (alpha("nominal"), fleiss, raw_agreement, share_of(3))


def test_the_intervals_follow_from_the_seed_alone_and_each_statistic_has_the_one_it_has_alone():
    item, value = fleiss_table()
    patterns = Patterns.of("12345", item, value)
    turned = Patterns.of("12345", 99 - item[::-1], value[::-1])  # neither order nor numbers of items matter
    found = bootstrap(patterns, STATISTICS, 7, 400, 950_000)
    assert found == bootstrap(turned, STATISTICS, 7, 400, 950_000)
    assert found != bootstrap(patterns, STATISTICS, 8, 400, 950_000)
    assert found == [bootstrap(patterns, [one], 7, 400, 950_000)[0] for one in STATISTICS]
    for one, statistic in zip(found, STATISTICS, strict=True):
        assert one.low_ppm < ppm(statistic(patterns.coincidences())) < one.high_ppm
    assert [(one.low_ppm, one.high_ppm) for one in found] == [
        (330_170, 537_514),
        (326_428, 534_930),
        (475_555, 646_667),
        (172_222, 427_778),
    ]
    assert {(one.replicates, one.undefined) for one in found} == {(400, 0)}


def test_cohens_kappa_has_an_interval_as_wide_as_its_large_sample_variance_says():
    """Fleiss, Cohen and Everitt (Psychol. Bull. 72, 1969), formula 13, worked for Cohen's table: an independent way to the width."""
    table = np.array(COHEN) / 200
    rows, columns, agreed = table.sum(1), table.sum(0), np.trace(table)
    chance = float(rows @ columns)
    kappa = (agreed - chance) / (1 - chance)
    on = sum(table[i, i] * (1 - (rows[i] + columns[i]) * (1 - kappa)) ** 2 for i in range(3))
    off = (1 - kappa) ** 2 * sum(
        table[i, j] * (columns[i] + rows[j]) ** 2 for i in range(3) for j in range(3) if i != j
    )
    error = np.sqrt(on + off - (kappa - chance * (1 - kappa)) ** 2) / ((1 - chance) * np.sqrt(200))
    [found] = bootstrap(Patterns.of_two("123", *cohen_table()), [cohen], 3, 2_000, 950_000)
    assert abs((found.high_ppm - found.low_ppm) / (2 * 1.96 * error * 1e6) - 1) < 0.06
    assert abs((found.high_ppm + found.low_ppm) / 2e6 - kappa) < 0.02


# Annotators who copy the truth with probability q, else draw from the shares p: alpha and both kappas of that process are q * q,
# raw agreement q * q + (1 - q * q) * sum(p * p).
PROCESSES = [(2, 0.8, (1, 1, 1), 60), (4, 0.8, (3, 1), 60), (3, 0.5, (1, 1, 1, 1), 80)]


@pytest.mark.parametrize(("people", "q", "shares", "items"), PROCESSES)
def test_every_interval_covers_the_agreement_of_the_annotators_as_often_as_it_says(people, q, shares, items):
    random, rounds = np.random.default_rng(items), 60
    p = np.array(shares) / sum(shares)
    values, by_chance = "abcd"[: len(p)], float((p * p).sum())
    truth = {"alpha": q * q, "fleiss": q * q, "raw": q * q + (1 - q * q) * by_chance, "share": float(p[0])}
    statistics = {"alpha": alpha("nominal"), "fleiss": fleiss, "raw": raw_agreement, "share": share_of(0)}
    if people == 2:
        truth["cohen"] = q * q
        statistics = {name: of_both(one) for name, one in statistics.items()} | {"cohen": cohen}
    covered = dict.fromkeys(truth, 0)
    item = np.tile(np.arange(items), people)
    for seed in range(rounds):
        told = random.choice(len(p), items, p=p)
        said = [np.where(random.random(items) < q, told, random.choice(len(p), items, p=p)) for _ in range(people)]
        value = np.concatenate(said)
        patterns = Patterns.of_two(values, item, value, of_second(items)) if people == 2 else Patterns.of(values, item, value)  # fmt: skip
        for name, found in zip(
            statistics, bootstrap(patterns, [*statistics.values()], seed, 100, 950_000), strict=True
        ):
            covered[name] += found.low_ppm is not None and found.low_ppm <= truth[name] * PPM <= found.high_ppm
    assert all(0.85 * rounds <= hits for hits in covered.values()), covered


def of_second(items):
    return np.repeat([False, True], items)


def test_too_many_replicates_without_a_value_leave_no_interval():
    one_pair_differs = np.array([0, 0] * 24 + [0, 1])
    patterns = Patterns.of("ab", np.repeat(np.arange(25), 2), one_pair_differs)
    [found] = bootstrap(patterns, [alpha("nominal")], 1, 200, 950_000)
    assert (found.low_ppm, found.high_ppm) == (None, None)
    assert found.undefined > 10


def test_from_few_items_or_from_items_that_are_all_alike_no_interval_is_drawn():
    def of(items, labels):
        patterns = Patterns.of("ab", np.repeat(np.arange(items), 2), np.tile(labels, items)[: 2 * items])
        [found] = bootstrap(patterns, [raw_agreement], 1, 200, 950_000)
        return found

    assert of(LEAST_ITEMS, [0, 0, 0, 1]).low_ppm is not None
    few = of(LEAST_ITEMS - 1, [0, 0, 0, 1])
    assert (few.low_ppm, few.high_ppm, few.replicates) == (None, None, 0)
    alike = of(500, [0, 0, 1, 1])  # all agree: that does not say that all others will
    assert (alike.low_ppm, alike.high_ppm, alike.replicates, alike.undefined) == (None, None, 200, 0)
    assert of(0, []).replicates == 0


def test_the_krippendorff_package_says_the_same():
    krippendorff = pytest.importorskip("krippendorff")
    random = np.random.default_rng(3)
    table = random.integers(0, 5, (6, 40)).astype(float)
    table[random.random(table.shape) < 0.3] = np.nan
    rater, item = np.nonzero(~np.isnan(table))
    found = coincidences("01234", item, table[rater, item].astype(np.int64))
    for scale in DELTAS:
        theirs = krippendorff.alpha(reliability_data=table, level_of_measurement=scale, value_domain=range(5))
        assert abs(float(alpha(scale, range(5))(found)) - theirs) < 1e-9
