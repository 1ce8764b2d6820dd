"""Notices that withhold something, in pages, headers and READMEs: seeded text with the licence each stands for.

The wordings lie in `licence_notices.yaml`, written apart from the detectors; this file imports nothing of `checks`.
"""

import random
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from itertools import cycle
from typing import Any, Final, NamedTuple

import yaml

from pipelines.demo.words import stock

SEED: Final = 7
TIMES: Final = 2
"""Texts of each wording in each place."""

WIDTHS: Final = (24, 32, 40)
"""Columns to which notices are broken."""
_WORD: Final = re.compile(r"[!-~]+?-(?=[a-z])\s*|[!-~]+\s*|\s+|[^ -~]")
_MARKS: Final = ("#", "*", "//", "--")
_WIDE: Final = 0x2000


class Notice(NamedTuple):
    """A text, the row of schemas/licences.yaml that it stands for, and what kind of notice lies where in it."""

    text: str
    truth: str
    kind: str
    place: str
    language: str


def notices(times: int = TIMES, seed: int = SEED, width: int | None = None) -> tuple[Notice, ...]:
    """*times* texts of each wording in each place, each with other names and other ordinary text around it.

    *width*: the notice is broken to fit so many columns, behind the comment mark of a header.
    """
    told = yaml.safe_load(resources.files(__package__).joinpath("licence_notices.yaml").read_text(encoding="utf-8"))
    draw = random.Random(seed)
    frames = {(place, language): cycle(each) for place, by in told["places"].items() for language, each in by.items()}
    made = list[Notice]()
    for kind, truth, language, wording in _wordings(told["notices"]):
        for place in told["places"]:
            for _ in range(times):
                words = {
                    **{key: draw.choice(each) for key, each in told["words"][language].items()},
                    "year": draw.choice(told["words"]["year"]),
                }
                frame = next(frames[place, language])
                notice = wording.format(**words)
                if width is not None:
                    notice = broken(notice, width, _mark_of(frame))
                filled = frame.format(
                    notice=notice, code=draw.choice(told["code"]), name=words["name"],
                    text=stock(language).writing(f"licence/{len(made)}").text,
                )  # fmt: skip
                made.append(Notice(filled, truth, kind, place, language))
    return tuple(made)


def broken(text: str, width: int, mark: str = "") -> str:
    """*text* in lines of at most *width* columns, each but the first behind *mark*; a longer word stands alone.

    Latin words break at blanks and behind hyphens, Chinese between any two characters, which take two columns each.
    """
    lines, used = [""], 0
    for word in _WORD.findall(text):
        columns = sum(2 if ord(c) > _WIDE else 1 for c in word)
        if used and used + len(word.rstrip()) * columns // len(word) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
            used = 0
        if lines[-1] or not word.isspace():
            lines[-1] += word
            used += columns
    return f"\n{mark}".join(lines)


def _mark_of(frame: str) -> str:
    """What the lines of a header begin with, where the notice stands in one."""
    before = frame.partition("{notice}")[0].rpartition("\n")[2]
    return before if before.strip() in _MARKS else ""


def _wordings(told: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for kind, truths in told.items():
        for truth, languages in truths.items():
            for language, wordings in languages.items():
                for wording in wordings:
                    yield kind, truth, language, wording
