"""A seeded corpus with labels: frames filled with made-up values in every written form, and as many look-alikes.

It lies in the wheel and not in tests/kit because the benchmark must run where no checkout is; tests/kit shows the same.
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

import yaml

from pipelines.bench.personal_decoys import DECOYS
from pipelines.bench.personal_forms import WAYS

VALUES_A_TYPE: Final = 300
SEED: Final = 5
_SLOT: Final = re.compile(r"\{([A-Za-z_0-9]+(?:/[a-z0-9]+)?)\}")


class Gold(NamedTuple):
    """One value in a text: its label, and its code points, half open. *form*: how it is written."""

    label: str
    start: int
    end: int
    form: str = ""


@dataclass(frozen=True)
class Labelled:
    """A text with every value in it. *unscored*: places where a finding is neither right nor wrong. *decoys*: look-alikes."""

    key: str
    language: str
    text: str
    gold: tuple[Gold, ...]
    unscored: tuple[tuple[int, int], ...] = ()
    decoys: int = 0


def generated(seed: int = SEED, values_a_type: int = VALUES_A_TYPE) -> tuple[Labelled, ...]:
    """At least *values_a_type* values of each label, a third of that of each rarer kind, and as many look-alikes as values.

    Rarer kinds: resident ids of 15 digits, landlines without a separator, cards of other schemes, permits to go to Taiwan.
    Equal for equal arguments.
    """
    draw = random.Random(seed)
    made = list[Labelled]()
    slots: Counter[str] = Counter()  # by slot, and by label for all its slots
    for slot, styles in _frames_of_slot().items():
        least = values_a_type // 3 if "/" in slot else values_a_type
        while slots[slot] < least:
            style = draw.choice(sorted(styles))
            frame = draw.choice(styles[style])
            made.append(_filled(draw, f"{style}/{len(made)}", style.split("/")[0], frame))
            used = list(_slots(frame))
            slots.update(used)
            slots.update(each.split("/")[0] for each in used if "/" in each)
    counts = Counter(g.label for each in made for g in each.gold)
    decoys, values = sum(m.decoys for m in made), counts.total()
    frames = [(language, frame) for language in ("zh", "en") for frame in _frames()[language]["decoy"]]
    while decoys < values:
        language, frame = draw.choice(frames)
        made.append(_filled(draw, f"{language}/decoy/{len(made)}", language, frame))
        decoys += made[-1].decoys
    return tuple(made)


def values_by_label(corpus: tuple[Labelled, ...]) -> Mapping[str, int]:
    """Label -> number of values."""
    return dict(sorted(Counter(g.label for each in corpus for g in each.gold).items()))


@cache
def _frames() -> Any:
    text = resources.files(__package__).joinpath("personal_frames.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


@cache
def _frames_of_slot() -> dict[str, dict[str, list[str]]]:
    """Slot -> language/style -> frames that hold it; a label that has kinds of its own stands for all of them too."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for language in ("zh", "en"):
        for style, frames in _frames()[language].items():
            for frame in frames:
                for slot in dict.fromkeys(name for each in _slots(frame) for name in (each, each.split("/")[0])):
                    found[slot][f"{language}/{style}"].append(frame)
    return {slot: dict(styles) for slot, styles in sorted(found.items())}


def _slots(frame: str) -> Iterator[str]:
    return (slot for slot in _SLOT.findall(frame) if slot[0].isupper())


def _filled(draw: random.Random, key: str, language: str, frame: str) -> Labelled:
    parts, gold, decoys, at, length = list[str](), list[Gold](), 0, 0, 0
    for slot in _SLOT.finditer(frame):
        before, name = frame[at : slot.start()], slot[1]
        at = slot.end()
        if name in WAYS:
            written = WAYS[name](draw)
            start = length + len(before)
            gold.append(Gold(name.split("/")[0], start, start + len(written.text), written.form))
            text = written.text
        elif name in DECOYS:
            text, decoys = DECOYS[name](draw), decoys + 1
        else:
            text = draw.choice(_frames()["words"][name])
        parts += [before, text]
        length += len(before) + len(text)
    return Labelled(key, language, "".join([*parts, frame[at:]]), tuple(gold), (), decoys)
