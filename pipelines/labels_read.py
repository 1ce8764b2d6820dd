"""Files of labels: rows of JSONL, CSV or Parquet in, one table out. No label and no text of an item is ever shown.

A row has ``item``, ``annotator``, ``label``, ``batch`` and ``time``; ``role`` (label, review, relabel; unset: label),
``content_id`` of the item's text or the ``text`` itself, of which the content id alone is kept. An annotator who is no
pseudonym is made one by the run's key, as `subject fingerprint --entity AUTHOR` does.
"""

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from checks.listed.people import pseudonyms
from pipelines.lists_read import MOST_ROWS, Mistakes
from schemas.labels import PSEUDONYM
from schemas.labels_told import LABEL, ROW_ROLES, ROWS

NEEDED: Final = ("item", "annotator", "label", "batch", "time")
COLUMNS: Final = (*NEEDED, "role", "content_id", "text")
_AT_ONCE: Final = 1 << 16
_LONGEST_FIELD: Final = 1 << 30
_DATE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?", re.DOTALL)
_HEX: Final = re.compile(r"[0-9A-Fa-f]{64}")

Placed = Iterator[tuple[str, Mapping[str, Any]]]
"""(place in the file, row)."""


class Keyed:
    """Annotators as pseudonyms; *named*: whether a name was among them, which takes a key."""

    def __init__(self, key_id: str | None) -> None:
        self.key_id, self.named = key_id, False
        self._known: dict[str, str] = {}

    def of(self, annotator: str) -> str | None:
        """The pseudonym; None of a name without a key."""
        lower = annotator.lower()
        if re.fullmatch(PSEUDONYM.pattern, lower):
            return lower
        self.named = True
        if annotator not in self._known and self.key_id is not None:
            self._known[annotator] = pseudonyms([annotator], self.key_id)[0].hex()
        return self._known.get(annotator)


def read_rows(path: Path, number: int, keyed: Keyed, mistakes: Mistakes) -> pa.Table:
    """ROWS of one file, *number* in them. What is wrong goes to *mistakes*, without what it holds. Raises ``OSError``."""
    readers: dict[str, Callable[[Path, Mistakes], Placed]] = {
        ".csv": _csv, ".jsonl": _jsonl, ".ndjson": _jsonl, ".parquet": _parquet,
    }  # fmt: skip
    reader = readers.get(path.suffix.lower())
    if reader is None:
        mistakes.say("name", "no file of labels that is read; write it as .csv, .jsonl or .parquet")
        return ROWS.empty_table()
    parts, held = [ROWS.empty_table()], list[tuple[Any, ...]]()
    count = 0
    try:
        for place, row in reader(path, mistakes):
            count += 1
            if count > MOST_ROWS:
                mistakes.say(place, f"at most {MOST_ROWS:,} rows a file; write more files")
                break
            made = _row(row, number, keyed)
            if isinstance(made, str):
                mistakes.say(place, made)
                continue
            held.append(made)
            if len(held) == _AT_ONCE:
                parts.append(_table(held))
                held = []
    except (pa.ArrowException, ValueError, csv.Error):  # its text holds what was read
        mistakes.say("file", f"cannot be read as {path.suffix.lower()[1:]} in UTF-8; export it again")
    return pa.concat_tables([*parts, _table(held)]).combine_chunks()


def digest_of_file(path: Path) -> str:
    """sha256 of its bytes. Raises ``OSError``."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _row(row: Mapping[str, Any], number: int, keyed: Keyed) -> tuple[Any, ...] | str:
    """A row of ROWS, or what is wrong with it."""
    said = {name: _text(row.get(name)) for name in COLUMNS if name != "text"}
    missing = [name for name in ("item", "annotator", "label", "batch") if said[name] is None]
    if missing:
        return f"says nothing in {', '.join(missing)}; fill it in, or take the row out"
    role = said["role"] or LABEL
    if role not in ROW_ROLES:
        return f"`role` is none of {', '.join(ROW_ROLES)}; correct it"
    day = None
    if said["time"] is not None and (day := _day(said["time"])) is None:
        return "`time` begins with no date such as 2026-11-22; write times so"
    if (annotator := keyed.of(str(said["annotator"]))) is None:
        return "`annotator` is no pseudonym (32 hexadecimal digits) and there is no key to make one; give keys.hmac"
    content = said["content_id"]
    if content is not None and not _HEX.fullmatch(content):
        return "`content_id` is no sha256 (64 hexadecimal digits); correct it, or give the `text`"
    digest = None if content is None else bytes.fromhex(content)
    if digest is None and isinstance(text := row.get("text"), str):
        digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    return (said["item"], annotator, said["label"], said["batch"], day, role, digest, number)


def _text(value: Any) -> str | None:
    """A value as text; None of nothing or blanks. What is no text is its JSON, keys sorted."""
    if value is None:
        return None
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    value = value.encode("utf-8", "replace").decode().strip()
    return value or None


def _day(text: str) -> int | None:
    read = _DATE.fullmatch(text.strip('"'))
    try:
        return None if read is None else date.fromisoformat(read[1]).toordinal()
    except ValueError:
        return None


def _table(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(ROWS)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, ROWS, strict=True)], schema=ROWS)


def _jsonl(path: Path, mistakes: Mistakes) -> Placed:
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            line = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
            if not line.strip():
                continue
            try:
                row = json.loads(line.decode())
            except (ValueError, RecursionError):
                mistakes.say(f"line {number}", "no JSON in UTF-8; a file of labels has one object a line")
                continue
            if isinstance(row, dict):
                yield f"line {number}", row
            else:
                mistakes.say(f"line {number}", "no JSON object; a file of labels has one object a line")


def _csv(path: Path, mistakes: Mistakes) -> Placed:
    csv.field_size_limit(_LONGEST_FIELD)  # of this process: 128 KiB, its own, is less than many a text
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        names = next(rows, [])
        if _has_columns(names, mistakes):
            for row in rows:
                if row:
                    yield f"line {rows.line_num}", dict(zip(names, row, strict=False))


def _parquet(path: Path, mistakes: Mistakes) -> Placed:
    file = pq.ParquetFile(path)
    names = [name for name in COLUMNS if name in file.schema_arrow.names]
    number = 0
    if _has_columns(names, mistakes):
        for batch in file.iter_batches(_AT_ONCE, columns=names):
            for row in batch.to_pylist():
                number += 1
                yield f"row {number}", row


def _has_columns(names: Sequence[str], mistakes: Mistakes) -> bool:
    missing = [name for name in NEEDED if name not in names]
    if missing:
        mistakes.say("columns", f"no column {' and '.join(missing)}; a file of labels has {', '.join(COLUMNS)}")
    return not missing
