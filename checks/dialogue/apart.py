"""Signals of what prompts and responses say, apart: the counts of `checks.quality` over drawn records, added up by side.

A prompt is what system, user and tool say, and the prompt of a preference pair; a response what the assistant says, and the chosen
answer. The spans of a side are joined by line feeds. Rejected answers are of neither.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.base import Measure
from checks.quality import COUNTS, FURTHER, counts_of
from checks.quality.forms import NOT_ADDED_UP, count_forms
from checks.signs.count import count_signs
from checks.signs.drawn import drawn
from schemas.shares import share_ppm

SIDES: Final = {"prompt": ("system", "user", "tool", "prompt"), "response": ("assistant", "chosen")}
"""Side -> its roles."""
ADDED: Final = (*COUNTS, *(name for name in FURTHER if name not in NOT_ADDED_UP))
"""What is added up of each side."""
SCRIPTS: Final = (("lower", "upper"), ("han", "kana"), ("hangul",), ("thai",), ("letters",))
"""Counts that make a script: Latin, Chinese and Japanese, Korean, Thai, others."""
LEAST_LETTERS: Final = 10
"""Of the script that a side has most of; with fewer nothing is told."""
_WORD: Final = ("lower", "upper", "letters", "digits", "han", "kana", "hangul", "thai")

Counts = dict[str, npt.NDArray[np.int64]]
_OF_SIDE: Final = (
    ("said_records", "records", "drawn records whose {} is not empty"),
    ("words", "words", "of drawn records: runs of letters and digits, and single Han, kana, Hangul and Thai code points of the {}"),
    ("han_ppm", "ppm", "Han code points of all of the {} that is not white space, of drawn records"),
    ("letter_tokens_ppm", "ppm", "tokens with a letter of all tokens of the {}, of drawn records"),
    ("short_lines_ppm", "ppm", "lines of at most 30 code points of the lines of the {} that show something, of drawn records"),
    ("repeated_ppm", "ppm", "code points of lines that stand in the same {} before, of all of it, of drawn records"),
    ("duplicate_5gram_ppm", "ppm", "code points of runs of five words that the same {} has before, of all that its words have, of drawn records"),
    ("damaged_records", "records", "drawn records with control, private, unassigned or replacement characters in the {}"),
    ("mojibake_records", "records", "drawn records with a place of the {} read in the wrong encoding"),
)  # fmt: skip
MEASURES: Final = (
    Measure("drawn_records", "records", "dialogue_records drawn by their text alone (`signals_ppm`), whose prompts and responses are counted apart"),
    *(Measure(f"{side}_{name}", unit, method.format(side)) for side in SIDES for name, unit, method in _OF_SIDE),
    Measure("script_records", "records", f"drawn records whose prompt and response have {LEAST_LETTERS} letters of one script or more each"),
    Measure("other_script_records", "records", "of these, records whose response is mostly in another script than its prompt (Latin, Han and kana, Hangul, Thai, others)"),
    Measure("other_script_ppm", "ppm", "other_script_records of script_records"),
)  # fmt: skip
"""What a report tells of the two sides."""


def zero_of_sides() -> dict[str, Any]:
    """The tally of no records. *told*: records of which both sides have a script, *differ*: and not the same."""
    return {
        "drawn": 0, "told": 0, "differ": 0,
        **{side: {"records": 0, "damaged": 0, "mojibake": 0, "sums": [0] * len(ADDED)} for side in SIDES},
    }  # fmt: skip


def sides_of(text: pa.Array, roles: pa.Array, share: int) -> dict[str, Any]:
    """The tally of the drawn records that say who speaks; *share*: ppm of the records, drawn by their text alone."""
    rows = drawn(text, share)
    rows = rows[np.asarray(roles.is_valid())[rows]] if len(rows) else rows
    total = zero_of_sides()
    if not len(rows):
        return total
    at = pa.array(rows)
    texts, spans = text.take(at).to_pylist(), roles.take(at).to_pylist()
    total["drawn"] = len(rows)
    scripts = []
    for side, named in SIDES.items():
        said = [_said(whole, parts, named) for whole, parts in zip(texts, spans, strict=True)]
        counts = _counts(pa.array(said, pa.large_string()))
        scripts.append(_script(counts))
        total[side] = {
            "records": sum(map(bool, said)),
            "damaged": int(np.count_nonzero(counts["bad"])),
            "mojibake": int(np.count_nonzero(counts["mojibake"])),
            "sums": [int(counts[name].sum()) for name in ADDED],
        }
    both = (scripts[0] >= 0) & (scripts[1] >= 0)
    total["told"], total["differ"] = int(both.sum()), int((both & (scripts[0] != scripts[1])).sum())
    return total


def reported(total: dict[str, Any]) -> dict[str, int | None]:
    """Measures of a tally, by side; shares are None where there is nothing to share."""
    values: dict[str, int | None] = {"drawn_records": total["drawn"]}
    for side in SIDES:
        of, sums = total[side], dict(zip(ADDED, total[side]["sums"], strict=True))
        inked = sums["chars"] - sums["spaces"] - sums["newlines"]
        values |= {
            f"{side}_said_records": of["records"],
            f"{side}_words": sums["words"],
            f"{side}_han_ppm": share_ppm(sums["han"], inked),
            f"{side}_letter_tokens_ppm": share_ppm(sums["letter_tokens"], sums["tokens"]),
            f"{side}_short_lines_ppm": share_ppm(sums["short_lines"], sums["inked_lines"]),
            f"{side}_repeated_ppm": share_ppm(sums["duplicate_line_chars"], sums["chars"]),
            f"{side}_duplicate_5gram_ppm": share_ppm(sums["duplicate_5gram_chars"], sum(sums[name] for name in _WORD)),
            f"{side}_damaged_records": of["damaged"],
            f"{side}_mojibake_records": of["mojibake"],
        }
    values["script_records"] = total["told"]
    values["other_script_records"] = total["differ"]
    values["other_script_ppm"] = share_ppm(total["differ"], total["told"])
    return values


def _said(text: str, spans: list[dict[str, Any]], roles: tuple[str, ...]) -> str:
    """What those *roles* say; spans are in code points."""
    return "\n".join(text[span["start"] : span["end"]] for span in spans if span["role"] in roles)


def _counts(said: pa.Array) -> Counts:
    further = {name: values.astype(np.int64) for name, values in count_forms(said).items()}
    return {**counts_of(count_signs(said)), **further}


def _script(counts: Counts) -> npt.NDArray[np.intp]:
    """int[n]: the script, as its place in SCRIPTS, that each has most letters of; -1 where they are too few."""
    letters = np.array([sum(counts[name] for name in names) for names in SCRIPTS])
    return np.where(letters.max(axis=0) >= LEAST_LETTERS, letters.argmax(axis=0), -1)
