"""Agreement against published tables, a plain oracle, and simulation; coincidences add up over any cut."""

from fractions import Fraction
from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.agreement import (
    PPM,
    Patterns,
    alpha,
    bootstrap,
    cohen,
    coincidences,
    fleiss,
    positions,
    ppm,
    prevalence,
    raw_agreement,
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


def test_kappa_is_that_of_fleiss_table():
    said = [(patient, mark) for patient, row in enumerate(FLEISS) for mark, n in enumerate(row) for _ in range(int(n))]
    found = coincidences("12345", *np.array(said).T)
    assert round(float(fleiss(found)), 3) == 0.430
    assert round(float(raw_agreement(found)), 3) == 0.556
    assert ppm(prevalence(found)) == 55 * PPM // 180


def test_kappa_is_that_of_cohens_table():
    first, second = np.array([(i, j) for i in range(3) for j in range(3) for _ in range(COHEN[i][j])]).T
    found = Patterns.of_two("123", first, second).coincidences()
    assert round(float(cohen(found)), 3) == 0.492
    assert cohen(Patterns.of_two("123", second, first).coincidences()) == cohen(found)


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
        assert [of(found) for of in (alpha("nominal"), fleiss, raw_agreement, prevalence, cohen)] == [None] * 5
    assert alpha("nominal")(one_label) is None
    assert fleiss(one_label) is None
    assert raw_agreement(one_label) == 1


def test_fleiss_asks_for_as_many_labels_on_every_item():
    assert fleiss(coincidences("ab", np.array([0, 0, 1, 1, 1]), np.array([0, 1, 0, 0, 1]))) is None


def test_coincidences_of_other_values_are_not_added():
    a, b = (coincidences(v, np.zeros(2, np.int64), np.arange(2)) for v in ("ab", "cd"))
    with pytest.raises(ValueError, match="different values"):
        a.plus(b)


def test_the_interval_follows_from_the_seed_alone():
    values, item, value = labels_of(FOUR)
    patterns = Patterns.of(values, item, value)
    turned = Patterns.of(values, 11 - item[::-1], value[::-1])  # neither order nor numbers of items matter
    one = bootstrap(patterns, alpha("nominal"), 7, 400, 950_000)
    assert one == bootstrap(turned, alpha("nominal"), 7, 400, 950_000)
    assert one != bootstrap(patterns, alpha("nominal"), 8, 400, 950_000)
    assert one.low_ppm <= ppm(alpha("nominal")(patterns.coincidences())) <= one.high_ppm
    assert (one.low_ppm, one.high_ppm, one.replicates) == (424_849, 933_929, 400)


def test_the_interval_covers_the_agreement_of_the_annotators_as_often_as_it_says():
    """Two annotators who copy the truth with probability .8, else draw from three labels: alpha of that process is .64."""
    random, covered, rounds = Random(5), 0, 120
    for seed in range(rounds):
        said = []
        for item in range(100):
            truth = random.randrange(3)
            said += [(item, truth if random.random() < 0.8 else random.randrange(3)) for _ in range(2)]
        found = bootstrap(Patterns.of("abc", *np.array(said).T), alpha("nominal"), seed, 120, 950_000)
        covered += found.low_ppm <= 640_000 <= found.high_ppm
    assert 0.88 * rounds <= covered <= 0.995 * rounds


def test_too_many_replicates_without_a_value_leave_no_interval():
    patterns = Patterns.of("ab", np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]))
    found = bootstrap(patterns, alpha("nominal"), 1, 200, 950_000)
    assert (found.low_ppm, found.high_ppm) == (None, None)
    assert found.undefined > 10


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
