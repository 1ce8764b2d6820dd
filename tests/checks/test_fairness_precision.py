"""The measured precision of the fairness lexicon follows from verdicts of people, and those are of the places that are drawn."""

import csv
import re
from pathlib import Path

import pytest

from checks.fairness import lexicon_of
from checks.fairness.lexicon import GROUNDS, own_digest
from schemas.fairness_precision import measured_precision, precision_of
from tests.kit.judged_words import DATA, EACH, Place, drawn_places

VERDICTS = Path(__file__).parent / "fairness_verdicts.csv"
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "fairness.md"
LEAST_PPM, LEAST_CELL_PPM = 880_000, 600_000
"""What the words hold at least: together 92 % were right, in the worst cell 76 %."""


def verdicts():
    with VERDICTS.open(encoding="utf-8", newline="") as lines:
        return {Place(*row[:2], int(row[2]), *row[3:7]): int(row[7]) for row in list(csv.reader(lines))[1:]}


def by_cell():
    cells = {}
    for place, right in verdicts().items():
        cells.setdefault((place.ground, place.language), []).append(right)
    return cells


def test_the_precision_that_is_told_follows_from_the_verdicts():
    cells = by_cell()
    told = measured_precision(own_digest())
    assert told == tuple(
        precision_of(ground, language, len(cells[ground, language]), sum(cells[ground, language]))
        for ground in GROUNDS
        for language in ("zh", "en")
    )
    assert all(one.judged == EACH and one.precision_ppm >= LEAST_CELL_PPM for one in told)
    assert sum(one.right for one in told) * 1_000_000 >= LEAST_PPM * sum(one.judged for one in told)
    assert all(one.low_ppm < one.precision_ppm <= one.high_ppm for one in told)


def test_of_another_lexicon_nothing_was_measured():
    assert measured_precision("0" * 64) == ()


def test_the_page_has_the_same_figures():
    rows = re.findall(r"^\| ([a-z]+) \| (zh|en) \| (\d+) of (\d+) \| ([\d.]+) % \| ([\d.]+) – ([\d.]+) % \|$", PAGE.read_text(encoding="utf-8"), re.M)  # fmt: skip
    shown = [(g, lang, int(right), int(judged), *(round(float(x) * 10_000) for x in shares)) for g, lang, right, judged, *shares in rows]  # fmt: skip
    told = [(p.ground, p.language, p.right, p.judged, p.precision_ppm // 1000 * 1000, p.low_ppm // 1000 * 1000, -(-p.high_ppm // 1000) * 1000) for p in measured_precision(own_digest())]  # fmt: skip
    assert shown == told


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not on this machine")
def test_every_place_that_is_drawn_from_the_real_texts_has_a_verdict():
    assert drawn_places(lexicon_of(())) == list(verdicts()), "judge the places that changed, then precision.yaml"
