"""A small instruction set of our own under non-commercial terms; the demo plants some of its prompts under another label."""

from collections.abc import Sequence
from typing import Final

ID: Final = "kite-lessons"
LICENCE: Final = "CC-BY-NC-4.0"
TAKEN: Final = (1, 4)
"""Rows whose prompts come back in the demo's instructions, with new answers."""

_LESSONS: Sequence[tuple[str, str]] = (
    (
        "Explain to a class of nine-year-olds why a kite needs a tail, and what happens when it is too long.",
        "The tail keeps the nose up. Too short and the kite spins; too long and it is too heavy to climb.",
    ),
    (
        "List the tools that lie on the bench before the bamboo is split, and say what each of them is for.",
        "A knife with a thick back, a mallet, a wet cloth to stop the cane from drying, and a ruler for the spars.",
    ),
    (
        "How do you tie the bridle of a diamond kite so that it flies in a light wind?",
        "Two legs of cord meet a hand's breadth above the crossing; move the knot up until the kite leans forward.",
    ),
    (
        "给第一次上课的学生说明，竹篾为什么要先在火上烤一烤再弯。",
        "烤热以后竹子里的水分散开，弯起来不容易断，凉了又能定住形状。",
    ),
    (
        "请按顺序写出糊一只沙燕风筝的步骤，并说明浆糊太稠会怎么样。",
        "先扎骨架，再蒙纸，从翅尖往里糊；浆糊太稠，纸面干了会起皱。",
    ),
    (
        "风向忽左忽右的时候，放线的人应该站在哪里，手上怎么用力？",
        "背对着风的来处站，线绷紧时松一把，线一软就收两步。",
    ),
)


def lessons() -> list[dict[str, str]]:
    """The set as it was published: rows in the layout ``alpaca``."""
    return [{"instruction": ask, "input": "", "output": told} for ask, told in _LESSONS]


def taken_prompts() -> list[str]:
    """The prompts that somebody took over."""
    return [_LESSONS[row][0] for row in TAKEN]
