"""How often objectivity tells the manner of real pages rightly: against verdicts of people, on the half no cue was made for."""

import re
from collections import Counter
from pathlib import Path

import pytest

from checks.objectivity import MANNERS, Objectivity
from schemas.intervals import ALPHA, lower_ppm, upper_ppm
from tests.kit.judged_pages import CONTENT, DATA, DEVELOPMENT, HALVES, HELD, drawn_pages, verdicts
from tests.kit.records import records, shown

VERDICTS = Path(__file__).parent / "objectivity_verdicts.csv"
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "authenticity.md"
TOLD = MANNERS[:5]
LEAST_PPM, MOST_UNKNOWN_PPM = 680_000, 800_000
"""What the held half keeps: of the manners told 75 % were right, and of 75 % of the pages none was told."""


def test_verdicts_are_manners_and_both_halves_have_all_of_them():
    found = verdicts(VERDICTS)
    assert set(found.values()) == set(MANNERS) - {"unknown"}
    for half in HALVES:
        of = Counter(manner for (_, content), manner in found.items() if half_of(content) == half)
        assert min(of.values()) >= 5
        assert of.total() >= 200


def half_of(content):
    return DEVELOPMENT if int(content[:8], 16) % 2 else HELD


@pytest.fixture(scope="module")
def judged():
    """Half -> (what people said, what the check says) of each of its pages."""
    if not DATA.is_dir():
        pytest.skip("../shared/data is not on this machine")
    said = verdicts(VERDICTS)
    pages = list(drawn_pages())
    assert [(page.file, page.content[:CONTENT]) for page in pages] == list(said), "judge the pages that changed"
    check = Objectivity(drawn_ppm=1_000_000)
    rows = [{"text": page.text} | ({"url": page.url} if page.url else {}) for page in pages]
    told = [f["rule"].partition(".")[2] for f in check.look(shown(check, records(rows))).findings.to_pylist()]
    pairs = list(zip(said.values(), told, strict=True))
    return {half: [pair for page, pair in zip(pages, pairs, strict=True) if page.half == half] for half in HALVES}


def counts(pairs, manner):
    """Told rightly, told, and judged to be so."""
    right = sum(said == told == manner for said, told in pairs)
    return right, sum(told == manner for _, told in pairs), sum(said == manner for said, _ in pairs)


def test_the_held_half_keeps_its_floor(judged):
    pairs = judged[HELD]
    told = [(said, manner) for said, manner in pairs if manner != "unknown"]
    assert sum(said == manner for said, manner in told) * 1_000_000 >= LEAST_PPM * len(told)
    assert (len(pairs) - len(told)) * 1_000_000 <= MOST_UNKNOWN_PPM * len(pairs)


def test_the_page_has_the_same_figures(judged):
    rows = re.findall(r"^\| ([a-z-]+) \| (\d+) of (\d+) \| ([\d.]+) – ([\d.]+) % \| (\d+) of (\d+) \| (\d+) of (\d+) \|$", PAGE.read_text(encoding="utf-8"), re.M)  # fmt: skip
    told = []
    for manner in TOLD[:2] + TOLD[3:]:
        right, said_so, judged_so = counts(judged[HELD], manner)
        low, high = lower_ppm(right, said_so, ALPHA / 2), upper_ppm(right, said_so, ALPHA / 2)
        seen = counts(judged[DEVELOPMENT], manner)
        told.append((manner, *map(str, (right, said_so, low // 1000 / 10, -(-high // 1000) / 10, right, judged_so, seen[0], seen[1]))))  # fmt: skip
    assert rows == told
    unknown = sum(manner == "unknown" for _, manner in judged[HELD])
    assert f"{unknown} of {len(judged[HELD])} stay `unknown`" in PAGE.read_text(encoding="utf-8")
