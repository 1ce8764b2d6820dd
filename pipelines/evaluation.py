"""The customer's evaluation sets: read once by the driver, kept as one object of hashes that every worker loads.

A set is JSONL on this machine. An item is a line; its text is that of the named fields, else that of `text`, else every
string of the line, at any depth and in its order, joined by line feeds. Nothing of it leaves this file but hashes.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from checks.base import Check
from checks.contamination import ENTRIES, MOST_ITEMS, MOST_SHINGLES, Contamination, Gathered, use_index
from manifests.parquet import parquet_bytes
from pipelines.guards import check_on, elsewhere
from pipelines.joined_object import JoinedObject
from pipelines.places import resolved
from schemas.canonical import sha256_hex
from schemas.errors import Where
from schemas.run import EvaluationSet
from schemas.yaml_places import Placed, hint, quoted
from schemas.yaml_shape import Binding

NAME: Final = "corpusledger.evaluation"
FILE: Final = "evaluation/index"
_BATCH_BYTES: Final = 4 << 20
_SHOWN: Final = 20
"""Mistakes told of one set; the rest are counted."""
_TEXT: Final = "text"

Say = Callable[[str, str], None]
"""Report a mistake: (name of the set, what is wrong with it and what to do)."""


@dataclass(frozen=True)
class Evaluation(JoinedObject):
    """The sets as hashes, joined to the check that seeks them."""

    file, kind, key, schema = FILE, NAME, "evaluation_sets", ENTRIES
    keep = staticmethod(use_index)


def evaluation_of(
    placed: Placed, good: Mapping[str, Any], folder: Path, checks: Sequence[Check], binding: Binding
) -> Evaluation | None:
    """The `evaluation_sets` of run.yaml, *placed*, as bound in *good*; every mistake goes to *binding*, with its line."""
    given: Sequence[tuple[str, EvaluationSet]] = good.get("evaluation_sets", ())
    if not given:
        return None
    lines = placed.value["evaluation_sets"]
    check = check_on(Contamination, checks, "evaluation_sets", placed, binding)
    if check is None:
        return None

    def say(name: str, problem: str) -> None:
        binding.say(lines.key_lines[name], f"evaluation_sets.{name}: {problem}")

    return read_evaluation(given, folder, check, say, binding.problems)


def read_evaluation(
    given: Sequence[tuple[str, EvaluationSet]], folder: Path, check: Contamination, say: Say, problems: list[str]
) -> Evaluation | None:
    """The sets of run.yaml (name, set) as hashes; None where there are none, or a mistake in any.

    *folder*: where their paths start. Mistakes of run.yaml go to *say*, those within a file to *problems* with its line.
    """
    gathered = Gathered(check.widths, check.most_items)
    is_good = True
    for name, one in given:
        gathered.begin_set()
        is_good &= _gather(gathered, name, one, folder, say, problems)
        if gathered.items > MOST_ITEMS or gathered.shingles > MOST_SHINGLES:
            say(
                name,
                f"with this set there are {gathered.items:,} items of {gathered.shingles:,} shingles; at most {MOST_ITEMS:,} of "
                f"{MOST_SHINGLES:,} together: hold the rest against the corpus in a run of its own",
            )
            return None
    if not given or not is_good:
        return None
    entries = gathered.entries()
    counts = list(gathered.counts(entries))
    for (name, _), found in zip(given, counts, strict=True):
        if not found.sought:
            is_good = False
            say(
                name,
                f"no usable item: of {found.items:,} items {found.too_short:,} have fewer than {check.terms} terms "
                f"({check.terms_han} where most are Han characters), {found.wording:,} have only wording that more than "
                f"{check.most_items} items share; name more `fields`, or take the set out",
            )
    if not is_good:
        return None
    data = parquet_bytes(entries, NAME, hashes=True)
    items, sought, too_short, repeated, wording = zip(*counts, strict=True)
    made = replace(
        check, sets=tuple(name for name, _ in given), index=sha256_hex(data), items=items, sought=sought,
        too_short=too_short, repeated=repeated, wording=wording, shingles=entries.num_rows,
    )  # fmt: skip
    return Evaluation(made, data, entries.num_rows)


class _Item(NamedTuple):
    text: str
    number: int


def _gather(gathered: Gathered, name: str, one: EvaluationSet, folder: Path, say: Say, problems: list[str]) -> bool:
    """Add the items of one set; False where they could not be read."""
    if away := elsewhere(one.path, "evaluation sets"):
        say(name, away)
        return False
    path = Path(resolved(one.path, folder))
    reading = _Reading(one.fields)
    try:
        with path.open("rb") as lines:
            for batch in _batches(reading.items(lines)):
                texts = pa.array([item.text for item in batch], pa.large_string())
                gathered.add(texts, np.array([item.number for item in batch], np.uint32))
                if gathered.items > MOST_ITEMS or gathered.shingles > MOST_SHINGLES:
                    return True
    except OSError as error:
        say(
            name,
            f"{quoted(one.path)} cannot be read ({error.strerror}); correct the path (it starts from {str(folder)!r})",
        )
        return False
    problems += [f"{Where(str(folder / one.path), line=number)}: {wrong}" for number, wrong in reading.wrong[:_SHOWN]]
    if len(reading.wrong) > _SHOWN:
        problems.append(f"{folder / one.path}: {len(reading.wrong) - _SHOWN:,} more lines are no items; mend the file")
    if not reading.read and not reading.wrong:
        say(name, f"{quoted(one.path)} has no items; name the file that holds them, or take the set out")
        return False
    missing = [field for field in one.fields if field not in reading.found] if reading.read else []
    for field in missing:
        say(name, f"no item has text in a field {quoted(field)}; {hint(field, reading.keys)}")
    return not (reading.wrong or missing)


class _Reading:
    """One pass over a set's lines: items, what is wrong by line, which fields had text, the keys of the first item."""

    def __init__(self, fields: Sequence[str]) -> None:
        self.fields = fields
        self.read = 0
        self.wrong: list[tuple[int, str]] = []
        self.found: set[str] = set()
        self.keys: tuple[str, ...] = ()

    def items(self, lines: Iterable[bytes]) -> Iterator[_Item]:
        """The items of the lines that are right; blank lines are none."""
        for number, raw in enumerate(lines, 1):
            line = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
            if not line.strip():
                continue
            try:
                text = self._text(json.loads(line.decode()))
                text.encode()  # a lone surrogate, which JSON can write, is no text
            except UnicodeDecodeError:
                self.wrong.append((number, "bad UTF-8; write the file as UTF-8"))
            except UnicodeEncodeError:
                self.wrong.append((number, "half of a surrogate pair in a text; write it as UTF-8"))
            except (json.JSONDecodeError, RecursionError):
                self.wrong.append((number, "no JSON; an evaluation set has one object a line"))
            except ValueError as error:
                self.wrong.append((number, str(error)))
            else:
                self.read += 1
                yield _Item(text, number)

    def _text(self, item: Any) -> str:
        if not isinstance(item, dict):
            raise ValueError("no JSON object; an evaluation set has one object a line")  # noqa: TRY004
        self.keys = self.keys or tuple(item)
        if not self.fields:
            alone = item.get(_TEXT)
            parts = [alone] if isinstance(alone, str) else list(strings_of(item))
            if not parts:
                raise ValueError("no text in it; take the line out, or name `fields`")
            return "\n".join(parts)
        parts = []
        for field in self.fields:
            if strings := list(strings_of(_at(item, field))):
                self.found.add(field)
                parts += strings
        if not parts:
            raise ValueError(
                f"no text in {' or '.join(quoted(f) for f in self.fields)}; take the line out, or name its fields"
            )
        return "\n".join(parts)


def _at(item: Mapping[str, Any], field: str) -> Any:
    """The value under the very name *field*, else under the path that its dots make."""
    if field in item:
        return item[field]
    value: Any = item
    for name in field.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def strings_of(value: Any) -> Iterator[str]:
    """Every string in a JSON value, in its order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings_of(inner)


def _batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    held: list[_Item] = []
    size = 0
    for item in items:
        held.append(item)
        size += len(item.text)
        if size >= _BATCH_BYTES:
            yield held
            held, size = [], 0
    if held:
        yield held
