"""The measured precision of marks of machine-written text follows from verdicts of people, on every mark of the real texts.

Nothing of a text is kept: a verdict is a file of ../shared/data, a line of it, a code point and the kind of mark.
"""

import csv
import json
import re
from fractions import Fraction
from pathlib import Path

import pytest

from checks.authenticity import Authenticity
from schemas.intervals import lower_ppm
from tests.kit.records import shown, texts

DATA = Path(__file__).parents[2].parent / "shared" / "data"
VERDICTS = Path(__file__).parent / "authenticity_verdicts.csv"
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "authenticity.md"
TWO_SIDED = Fraction(1, 40)
UNMARKED = ("corpora/web/c4_demo.jsonl", "corpora/instruct/belle_zh_seed_tasks.jsonl")


def verdicts():
    with VERDICTS.open(encoding="utf-8", newline="") as lines:
        return [(file, int(record), int(start), kind, language, int(right)) for file, record, start, kind, language, right in list(csv.reader(lines))[1:]]  # fmt: skip


def strings(value):
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in strings(one)]


def test_the_page_tells_what_follows_from_the_verdicts():
    of = {language: [right for *_, spoken, right in verdicts() if spoken == language] for language in ("zh", "en")}
    rows = re.findall(r"^\| `assistant` \| (zh|en) \| (\d+) of (\d+) \| ([\d.]+) – 100 % \|$", PAGE.read_text(encoding="utf-8"), re.M)  # fmt: skip
    assert {kind for *_, kind, _, _ in verdicts()} == {"assistant"}
    assert all(sum(right) == len(right) for right in of.values())
    assert rows == [(language, str(sum(right)), str(len(right)), f"{lower_ppm(sum(right), len(right), TWO_SIDED) // 1000 / 10}") for language, right in of.items()]  # fmt: skip


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not on this machine")
def test_every_mark_in_the_real_texts_has_a_verdict():
    check, found = Authenticity(most_places=10**6), []
    for file in sorted({file for file, *_ in verdicts()} | set(UNMARKED)):
        with (DATA / file).open(encoding="utf-8") as lines:
            seen = check.look(shown(check, texts(*("\n".join(strings(json.loads(line))) for line in lines)), {}))
        marks = seen.findings.to_pylist() if seen.findings else []
        found += [(file, mark["row"], mark["start"], mark["rule"].split(".")[1]) for mark in marks]
    assert sorted(found) == sorted(place[:4] for place in verdicts()), "judge the marks that changed, then the page"
