"""Notices that withhold something, in pages, headers and READMEs: seeded text with the licence each stands for.

The wordings lie in `licence_notices.yaml`, written apart from the detectors; this file imports nothing of `checks`.
"""

import random
from collections.abc import Iterator, Mapping
from importlib import resources
from itertools import cycle
from typing import Any, Final, NamedTuple

import yaml

from pipelines.demo.words import stock

SEED: Final = 7
TIMES: Final = 2
"""Texts of each wording in each place."""


class Notice(NamedTuple):
    """A text, the row of schemas/licences.yaml that it stands for, and what kind of notice lies where in it."""

    text: str
    truth: str
    kind: str
    place: str
    language: str


def notices(times: int = TIMES, seed: int = SEED) -> tuple[Notice, ...]:
    """*times* texts of each wording in each place, each with other names and other ordinary text around it."""
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
                filled = frame.format(
                    notice=wording.format(**words), code=draw.choice(told["code"]), name=words["name"],
                    text=stock(language).writing(f"licence/{len(made)}").text,
                )  # fmt: skip
                made.append(Notice(filled, truth, kind, place, language))
    return tuple(made)


def _wordings(told: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for kind, truths in told.items():
        for truth, languages in truths.items():
            for language, wordings in languages.items():
                for wording in wordings:
                    yield kind, truth, language, wording
