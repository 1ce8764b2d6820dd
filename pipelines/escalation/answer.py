"""What an escalation came to: a derived object with its versions, and what it lets `query uses` know. Pure; holds no text.

An answer changes no sealed run. It stands beside one, is named by its digest, and counts only where somebody names it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from checks.licence.classes import UNKNOWN, Declared, classify
from pipelines.escalation.detector import Match, Told
from pipelines.escalation.notices import SCHEME
from pipelines.escalation.undecided import parts_of
from schemas.canonical import canonical_json, parse_json, sha256_hex
from schemas.errors import ConfigError

KIND: Final = "corpusledger.notices"
FORMAT: Final = 1
TRUSTED_PPM: Final = 900_000
"""Least score of every match of an answer that counts."""
NOT_NAMED: Final = "LicenseRef-unknown"
Counted = tuple[str, str, int, int]
"""Licence, source, records, UTF-8 bytes of their text: a row of the run's rollup of licences."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a detector says of one notice.

    *expression*: its licences joined by AND, None where it names none; *licence_class* of it; *score_ppm*: the least of the
    matches that it rests on; *start*, *end*: their span in the first record, code points; *counts*: does it name what the notice says,
    surely enough for `moved`; *failed*: why there is no answer.
    """

    expression: str | None
    licence_class: str
    score_ppm: int | None
    start: int | None
    end: int | None
    counts: bool
    matches: tuple[Match, ...]
    failed: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One distinct notice. *notice*: its digest; the place is that of its first record, *start* and *end* code points of the text;

    *found*: what the check made of it; *answer* None: not asked.
    """

    notice: str
    why: str
    records: int
    sources: Mapping[str, int]
    source: str
    shard: str
    offset: int
    start: int
    end: int
    found: tuple[str, ...]
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Records of one source whose unknown licence the answers name: from *licence* of the rollup to *answered*."""

    source: str
    licence: str
    answered: str
    records: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Notices:
    """An escalation's whole answer about one sealed run; *detector* empty where nobody was asked."""

    run: str
    manifest_sha256: str
    detector: Mapping[str, str]
    limits: Mapping[str, int]
    undecided_records: int
    not_read_records: int
    notices: int
    asked: int
    answered: int
    failed: int
    rows: tuple[Row, ...]
    moved: tuple[Moved, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """JSON form, with what it is."""
        return {"kind": KIND, "format": FORMAT, "scheme": SCHEME, **asdict(self)}

    def as_bytes(self) -> bytes:
        """The object: canonical JSON (RFC 8785)."""
        return canonical_json(self.as_json())


def answer_of(told: Told, notice: str, start: int) -> Answer:
    """The answer on *notice*, which begins at code point *start* of its record.

    A match that ScanCode itself calls unknown (a mention of some licence) names nothing. One that lies in another's lines with a
    lower score adds its name all the same: nothing that it sees is left out of the expression.
    """
    named = [(m, said) for m in told.matches if (said := classify(m.expression)).licence_class != UNKNOWN]
    if not named:
        return Answer(None, UNKNOWN, None, None, None, False, told.matches, told.failed)
    expression = _joined(said for _, said in named)
    score = min(m.score_ppm for m, _ in named)
    begins = [0]
    for line in notice.splitlines(keepends=True):
        begins.append(begins[-1] + len(line))
    first = begins[min(max(1, min(m.first_line for m, _ in named)), len(begins)) - 1]
    last = begins[min(max(m.last_line for m, _ in named), len(begins) - 1)]
    whole = classify(expression)
    return Answer(
        expression, whole.licence_class, score, start + first, start + last,
        score >= TRUSTED_PPM and whole.licence_class != UNKNOWN, told.matches, told.failed,
    )  # fmt: skip


def named_licence(licence: str, answers: Sequence[str]) -> str:
    """*licence* of a record with its unknown part replaced by what its notices were answered: all of it still holds at once."""
    kept = [part for part in parts_of(licence) if part != NOT_NAMED]
    return _joined([*(Declared(part, "", ()) for part in kept), *(Declared(a, "", ()) for a in answers)])


def is_open(licence: str) -> bool:
    """Whether a licence names something, and an unknown part is all that keeps it from being decided."""
    parts = parts_of(licence)
    return NOT_NAMED in parts and all(classify(p).licence_class != UNKNOWN for p in parts if p != NOT_NAMED)


def read_answer(data: bytes, place: str, run: str, manifest_sha256: str) -> tuple[tuple[Moved, ...], dict[str, Any]]:
    """(what moves, what it rests on) of an answer's bytes. `ConfigError` where it is none, or one on another run."""
    try:
        told = parse_json(data)
        if (told["kind"], told["format"]) != (KIND, FORMAT):
            raise ConfigError(
                f"{place}: {told['kind']!r} of format {told['format']!r}; this version reads {KIND} {FORMAT}"
            )
        moved = tuple(
            Moved(str(m["source"]), str(m["licence"]), str(m["answered"]), int(m["records"]), int(m["bytes"]))
            for m in told["moved"]
        )
        same = (told["run"], told["manifest_sha256"]) == (run, manifest_sha256)
        rests = {"sha256": sha256_hex(data), "detector": told["detector"], "records": sum(m.records for m in moved)}
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{place}: no answer on notices; make one with `corpusledger query notices --output`"
        ) from error
    if not same:
        raise ConfigError(f"{place}: answers for run {told['run']} with another manifest; ask anew for {run}")
    return moved, rests


def answered(
    counted: Sequence[Counted] | None, file: Path, run: str, manifest_sha256: str
) -> tuple[tuple[Counted, ...], dict[str, Any]]:
    """(the rollup with the answers of *file*, what they rest on). `ConfigError` where they cannot be taken."""
    if counted is None:
        raise ConfigError(f"--notices {file}: run {run} did not count record licences, so there is nothing to name; run it again")  # fmt: skip
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"--notices {file}: cannot be read ({error.strerror}); correct the path") from error
    moved, rests = read_answer(data, str(file), run, manifest_sha256)
    return applied(counted, moved, str(file)), rests


def applied(counted: Iterable[Counted], moved: Sequence[Moved], place: str) -> tuple[Counted, ...]:
    """The rollup with what the answers name counted under its name. `ConfigError` where it moves more than there is."""
    sums = {(licence, source): [records, size] for licence, source, records, size in counted}
    for one in moved:
        held = sums.get((one.licence, one.source), [0, 0])
        left = [held[0] - one.records, held[1] - one.bytes]
        if min(left) < 0 or min(one.records, one.bytes) < 0:
            raise ConfigError(f"{place}: moves {one.records} records of {one.source} under {one.licence}, the run has {held[0]}; ask anew")  # fmt: skip
        sums[one.licence, one.source] = left
        target = sums.setdefault((one.answered, one.source), [0, 0])
        target[0], target[1] = target[0] + one.records, target[1] + one.bytes
    return tuple((licence, source, n[0], n[1]) for (licence, source), n in sorted(sums.items()) if n[0])


def _joined(said: Iterable[Declared]) -> str:
    """Expressions joined by AND, the parts of each once, in the order of their letters, as a verdict joins them."""
    parts = {part for d in said for part in parts_of(d.spdx or f"LicenseRef-{d.licence_class}")}
    if len(parts) == 1:
        return next(iter(parts))
    return " AND ".join(sorted(f"({p})" if " OR " in p else p for p in parts))
