"""The ledger of users' authorisations: rows of CSV, JSONL or Parquet in, the state of each user on the run's day out.

What is known of the whole ledger (version, as_of, key_id) may stand at its head: remarks of a CSV file, a first JSON object
of these alone, the metadata of a Parquet file. A user is a pseudonym or, where the ledger has none, an id that is made one
here; neither is ever shown.
"""

import csv
import json
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.json as pajson
import pyarrow.parquet as pq

from checks.listed.index import KEY_BYTES, STATES, Keys, keys_from
from checks.listed.people import pseudonyms
from pipelines.lists_read import HEAD, MOST_ROWS, Mistakes, head_line

COLUMNS: Final = ("user", "user_id", "purpose", "agreement", "granted", "withdrawn", "retain_until")
"""`user` is a pseudonym (32 hexadecimal digits), `user_id` an id as records have it: one of the two, `purpose` and `granted` must be there."""
NEVER: Final = 3_700_000
"""A day after every date, as `date.toordinal` counts."""
_ROWS_A_BATCH: Final = 1 << 18
_DATE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?", re.DOTALL)
_PSEUDONYM: Final = f"^[0-9A-Fa-f]{{{2 * KEY_BYTES}}}$"

Days = npt.NDArray[np.int32]
Tables = Generator[pa.Table, None, None]


@dataclass(frozen=True)
class Agreements:
    """Rows of a ledger: whose (V16[n]), days as ordinals (int32[n], NEVER where empty), whether for this run's purpose."""

    keys: Keys
    granted: Days
    withdrawn: Days
    retain_until: Days
    covers: npt.NDArray[np.bool_]


def ledger(
    path: Path, purposes: Sequence[str], key_id: str, mistakes: Mistakes
) -> tuple[dict[str, str], Agreements, bool]:
    """(head, rows, whether there are pseudonyms among them) of a ledger. Raises ``OSError``."""
    head: dict[str, str] = {}
    none = np.zeros(0, np.int32)
    parts = [Agreements(keys_from([]), none, none, none, np.zeros(0, np.bool_))]
    rows, has_pseudonyms = 0, False
    with closing(_tables(path, head, mistakes)) as tables:
        for table in tables:
            whole = _whole(table)
            has_pseudonyms |= whole.column("user").null_count < len(whole)
            parts.append(_agreements(whole, rows, purposes, key_id, mistakes))
            rows += len(whole)
            if rows > MOST_ROWS:
                mistakes.say(f"row {rows}", f"at most {MOST_ROWS:,} rows; leave out what no longer matters")
                break
    names = ("keys", "granted", "withdrawn", "retain_until", "covers")
    return head, Agreements(*(np.concatenate([getattr(p, n) for p in parts]) for n in names)), has_pseudonyms


def states_of(rows: Agreements, day: int) -> tuple[Keys, npt.NDArray[np.uint8]]:
    """(V16[users], uint8[users]): the users in order of their keys, and the place in STATES of each on that day.

    An agreement is withdrawn by a withdrawal of its own, and by any of the same user for the purpose since it was granted.
    """
    if not len(rows.keys):
        return rows.keys, np.zeros(0, np.uint8)
    halves = np.ascontiguousarray(rows.keys).view(">u8").reshape(-1, 2)
    order = np.lexsort((halves[:, 1], halves[:, 0]))
    halves, covers = halves[order], rows.covers[order]
    first = np.flatnonzero(np.append(True, (halves[1:] != halves[:-1]).any(1)))
    of_user = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(order))))
    granted, withdrawn, until = (a[order] for a in (rows.granted, rows.withdrawn, rows.retain_until))
    is_withdrawn = covers & (withdrawn <= day)
    last = np.maximum.reduceat(np.where(is_withdrawn, withdrawn, 0), first)[of_user]
    conditions = [~covers, granted > day, is_withdrawn | (last >= granted), until < day]
    named = [STATES.index(word) for word in ("other-purpose", "not-yet", "withdrawn", "expired")]
    state = np.select(conditions, named, STATES.index("live")).astype(np.uint8)
    return rows.keys[order][first], np.minimum.reduceat(state, first)


def _tables(path: Path, head: dict[str, str], mistakes: Mistakes) -> Tables:
    """The rows, some at a time, columns as text; what is wrong with the file is told without what it holds."""
    kind = path.suffix.lower()
    readers: dict[str, Callable[[Path, dict[str, str], Mistakes], Tables]] = {
        ".csv": _csv,
        ".jsonl": _jsonl,
        ".ndjson": _jsonl,
        ".parquet": _parquet,
    }
    if kind not in readers:
        mistakes.say("name", "no ledger that is read; write it as .csv, .jsonl or .parquet")
        return
    try:
        yield from readers[kind](path, head, mistakes)
    except (pa.ArrowException, ValueError):  # its text holds what was read
        mistakes.say(
            "file", f"cannot be read as {kind[1:]} with texts or dates in {', '.join(COLUMNS)}; export it again"
        )


def _parquet(path: Path, head: dict[str, str], mistakes: Mistakes) -> Tables:
    file = pq.ParquetFile(path)
    told = file.schema_arrow.metadata or {}
    head |= {name: told[name.encode()].decode() for name in HEAD if name.encode() in told}
    names = [name for name in COLUMNS if name in file.schema_arrow.names]
    if _has_columns(names, mistakes):
        for batch in file.iter_batches(_ROWS_A_BATCH, columns=names):
            yield pa.Table.from_batches([batch])


def _csv(path: Path, head: dict[str, str], mistakes: Mistakes) -> Tables:
    skipped, names = 0, list[str]()
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        for line in lines:
            if not line.startswith("#"):
                names = next(csv.reader([line]), [])
                break
            skipped += 1
            head_line(line, head)
    if _has_columns(names, mistakes):
        wanted = [name for name in COLUMNS if name in names]
        convert = pacsv.ConvertOptions(
            column_types=dict.fromkeys(wanted, pa.string()), include_columns=wanted, strings_can_be_null=True,
            null_values=[""], quoted_strings_can_be_null=True,
        )  # fmt: skip
        read = pacsv.ReadOptions(skip_rows=skipped, use_threads=False)
        for batch in pacsv.open_csv(path, read_options=read, convert_options=convert):
            yield pa.Table.from_batches([batch])


def _jsonl(path: Path, head: dict[str, str], mistakes: Mistakes) -> Tables:
    shape = pa.schema([pa.field(name, pa.string()) for name in COLUMNS])
    parse = pajson.ParseOptions(explicit_schema=shape, unexpected_field_behavior="ignore")
    with path.open("rb") as file:
        first = file.readline().removeprefix(b"\xef\xbb\xbf")
        told = json.loads(first) if first.strip() else None
        if isinstance(told, Mapping) and told and set(told) <= set(HEAD):
            head |= {name: str(value) for name, value in told.items()}
        else:
            file.seek(0)
        begin = file.tell()
        if not (row := file.readline().strip()):
            return
        if not _has_columns(tuple(json.loads(row)), mistakes):
            return
        file.seek(begin)
        for batch in pajson.open_json(file, pajson.ReadOptions(use_threads=False), parse):
            yield pa.Table.from_batches([batch])


def _has_columns(names: Sequence[str], mistakes: Mistakes) -> bool:
    missing = [name for name in ("purpose", "granted") if name not in names]
    if not {"user", "user_id"} & set(names):
        missing.insert(0, "user (or user_id)")
    if missing:
        mistakes.say("columns", f"no column {' and '.join(missing)}; a ledger has {', '.join(COLUMNS)}")
    return not missing


def _whole(table: pa.Table) -> pa.Table:
    """All COLUMNS as text of one chunk, blank ones null."""
    made = {}
    for name in COLUMNS:
        if name not in table.column_names:
            made[name] = pa.nulls(len(table), pa.string())
            continue
        column = pc.utf8_trim_whitespace(table.column(name).cast(pa.string())).combine_chunks()
        made[name] = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
    return pa.table(made)


def _agreements(table: pa.Table, before: int, purposes: Sequence[str], key_id: str, mistakes: Mistakes) -> Agreements:
    def say(is_wrong: pa.Array, problem: str) -> None:
        for at in np.flatnonzero(is_wrong.to_numpy(zero_copy_only=False)).tolist():
            mistakes.say(f"row {before + at + 1}", problem)

    user, user_id, purpose = (table.column(name).combine_chunks() for name in ("user", "user_id", "purpose"))
    is_pseudonym = pc.match_substring_regex(user, _PSEUDONYM).fill_null(True)
    say(
        pc.invert(is_pseudonym),
        f"`user` is no pseudonym ({2 * KEY_BYTES} hexadecimal digits); ids as records have them stand in `user_id`",
    )
    say(pc.and_(pc.is_null(user), pc.is_null(user_id)), "names no user; take the row out")
    say(pc.is_null(purpose), "names no purpose; say what was agreed to")
    days = {}
    for name in ("granted", "withdrawn", "retain_until"):
        days[name], is_wrong = _days(table.column(name).combine_chunks())
        say(is_wrong, f"`{name}` is no date such as 2026-11-22; write days so")
    keys = np.zeros(len(table), f"V{KEY_BYTES}") if mistakes.count else _keys(user, user_id, key_id)
    covers = pc.is_in(purpose, value_set=pa.array(purposes, pa.string())).to_numpy(zero_copy_only=False)
    return Agreements(keys, days["granted"], days["withdrawn"], days["retain_until"], covers)


def _keys(user: pa.Array, user_id: pa.Array, key_id: str) -> Keys:
    keys = np.zeros(len(user), f"V{KEY_BYTES}")
    given = np.flatnonzero(user.is_valid().to_numpy(zero_copy_only=False))
    keys[given] = keys_from([bytes.fromhex("".join(user.drop_null().to_pylist()))])
    plain = np.flatnonzero(user.is_null().to_numpy(zero_copy_only=False))
    coded = user_id.take(pa.array(plain)).dictionary_encode()
    keys[plain] = keys_from(pseudonyms(coded.dictionary.to_pylist(), key_id))[coded.indices.to_numpy()]
    return keys


def _days(column: pa.Array) -> tuple[Days, pa.Array]:
    """(ordinals, NEVER where empty or wrong; bool[n]: what is wrong)."""
    coded = column.dictionary_encode()
    distinct = [_day(text) for text in coded.dictionary.to_pylist()]
    of_each = np.array([*((NEVER if day is None else day) for day in distinct), NEVER], np.int32)
    at = coded.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False)
    is_wrong = np.array([*(day is None for day in distinct), False])
    return np.asarray(of_each[at], np.int32), pa.array(is_wrong[at])


def _day(text: str) -> int | None:
    read = _DATE.fullmatch(text)
    try:
        return None if read is None else date.fromisoformat(read[1]).toordinal()
    except ValueError:
        return None
