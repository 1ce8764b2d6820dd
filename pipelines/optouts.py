"""What sites said against training, as the customer's crawler kept it: read once by the driver, kept raw, loaded by every worker.

Files of this machine: rows (JSONL, Parquet: `checks.optouts.rows.KEYS`), WARC, WAT. Nothing is fetched.
"""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from glob import glob, has_magic
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from checks.base import Check
from checks.optouts import BYTES, CAPTURES, OptOuts, Supplied, page_excerpt, supplied_file, use_evidence
from checks.optouts.evidence import PAGE, host_of
from checks.optouts.held import NOW, THEN, Kept, kept
from manifests.parquet import parquet_bytes, read_parquet
from manifests.store import Store, object_path
from pipelines.guards import check_on, elsewhere
from pipelines.optouts_warc import captured
from pipelines.places import resolved
from schemas.canonical import sha256_hex
from schemas.errors import Where
from schemas.run import OptOutFiles
from schemas.yaml_places import Placed, quoted
from schemas.yaml_shape import Binding

CAPTURES_NAME: Final = "corpusledger.optouts.captures"
BYTES_NAME: Final = "corpusledger.optouts.bytes"
MOST_FILES: Final = 1 << 20
"""Of both times together: every process that looks at records holds them."""
MOST_BYTES: Final = 1 << 30
_SHOWN: Final = 20
"""Mistakes told of one file; the rest are counted."""
_ROWS_READ: Final = 4096
_WARC: Final = (".warc", ".warc.gz", ".wat", ".wat.gz")
_LINES: Final = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
_SUFFIXES: Final = (*_LINES, ".parquet", *_WARC)

Say = Callable[[str, str], None]
"""Report a mistake: (`then`, `now` or `contracts`, what is wrong and what to do)."""


@dataclass(frozen=True)
class SiteWords:
    """The files as two objects. *check*: with its settings, which name the objects."""

    check: OptOuts
    captures: bytes
    raw: bytes
    rows: tuple[int, int]

    def put(self, store: Store) -> list[tuple[str, str, int, str]]:
        """Keep the objects; gives their rows of the run's files table: (name, digest, rows, kind)."""
        return [
            ("optouts/captures", store.put_object(self.captures), self.rows[0], CAPTURES_NAME),
            ("optouts/bytes", store.put_object(self.raw), self.rows[1], BYTES_NAME),
        ]

    def use(self) -> None:
        """Keep the evidence for this process, where no ledger holds it yet."""
        assert self.check.captures is not None
        tables = Kept(read_parquet(self.captures, "optouts", CAPTURES), read_parquet(self.raw, "optouts", BYTES))
        use_evidence(self.check.captures, lambda: tables)


def optouts_of(
    placed: Placed, good: Mapping[str, Any], folder: Path, checks: Sequence[Check], binding: Binding
) -> SiteWords | None:
    """The `optouts` of run.yaml, *placed*, as bound in *good*; every mistake goes to *binding*, with its line."""
    given: OptOutFiles | None = good.get("optouts")
    if given is None or given == OptOutFiles():
        return None
    lines = placed.value["optouts"]
    check = check_on(OptOuts, checks, "optouts", placed, binding)
    if check is None:
        return None

    def say(key: str, problem: str) -> None:
        binding.say(lines.key_lines.get(key), f"optouts.{key}: {problem}")

    return read_optouts(given, folder, check, say, binding.problems)


def read_optouts(given: OptOutFiles, folder: Path, check: OptOuts, say: Say, problems: list[str]) -> SiteWords | None:
    """The files of run.yaml as objects; None where there is a mistake in any.

    *folder*: where their paths start. Mistakes of run.yaml go to *say*, those within a file to *problems* with their place.
    """
    before = len(problems)
    contracts = _contracts(given, say)
    reading = _Reading(folder, say, problems)
    then = reading.side(THEN, given.then)
    now = reading.side(NOW, given.now)
    if len(problems) > before:
        return None
    if not given.then and not given.now:
        say("contracts", "there is no file that a contract could stand against; name some under `then`")
        return None
    tables = kept(then, now)
    captures = parquet_bytes(tables.captures, CAPTURES_NAME)
    raw = parquet_bytes(tables.raw, BYTES_NAME)
    made = replace(
        check, captures=sha256_hex(captures), raw=sha256_hex(raw), files_then=len(then), files_now=len(now),
        files=tuple(sorted(reading.digests)), contracts=contracts,
    )  # fmt: skip
    return SiteWords(made, captures, raw, (tables.captures.num_rows, tables.raw.num_rows))


def load_captures(store: Store, check: OptOuts) -> None:
    """Keep for this process the evidence that *check* names in *store*, where it names any."""
    if check.captures is None or check.raw is None:
        return
    captures, raw = check.captures, check.raw

    def table(digest: str, schema: pa.Schema) -> pa.Table:
        return read_parquet(store.get_object(digest), store.place(object_path(digest)), schema)

    use_evidence(captures, lambda: Kept(table(captures, CAPTURES), table(raw, BYTES)))


def _contracts(given: OptOutFiles, say: Say) -> tuple[str, ...]:
    found = []
    for host, contract in given.contracts:
        name = host_of(host)
        if not name or any(sign in host for sign in "/?#@ "):
            say("contracts", f"{quoted(host)} is no host or domain; write it alone, such as example.org")
        found.append(f"{name}: {contract.strip()}")
    return tuple(found)


class _Row(NamedTuple):
    place: Where
    file: Supplied | str


class _Reading:
    """The files of both sides, with what is wrong in them; *digests*: side and sha256 of each."""

    def __init__(self, folder: Path, say: Say, problems: list[str]) -> None:
        self.folder, self.say, self.problems = folder, say, problems
        self.digests: list[str] = []
        self.files = self.size = 0

    def side(self, side: str, patterns: Sequence[str]) -> list[Supplied]:
        """All that the files of *patterns* hold, in their order."""
        found: list[Supplied] = []
        for pattern in patterns:
            for path in self._paths(side, pattern):
                if not self._add(side, path, found):
                    return found
        return found

    def _paths(self, side: str, pattern: str) -> list[Path]:
        if (wrong := elsewhere(pattern, "captures")) is not None:
            self.say(side, wrong)
            return []
        whole = resolved(pattern, self.folder)
        names = sorted(glob(whole, recursive=True)) if has_magic(whole) else [whole]  # noqa: PTH207  # absolute patterns
        paths = [Path(name) for name in names if Path(name).is_file()]
        if not paths:
            self.say(side, f"no file matches {quoted(pattern)}; correct it (it starts from {str(self.folder)!r})")
        for path in paths:
            if not path.name.lower().endswith(_SUFFIXES):
                self.say(
                    side, f"{quoted(path.name)} is of no kind that is read; its name must end in {', '.join(_SUFFIXES)}"
                )
        return [path for path in paths if path.name.lower().endswith(_SUFFIXES)]

    def _add(self, side: str, path: Path, found: list[Supplied]) -> bool:
        """Add what one file holds; False where there is too much."""
        wrong: list[str] = []
        count = 0
        try:
            for row in _rows(path):
                count += 1
                if isinstance(row.file, str):
                    wrong.append(f"{row.place}: {row.file}; mend the row, or take it out")
                    continue
                one = _kept_of(row.file)
                found.append(one)
                self.files += 1
                self.size += len(one.body or b"") + len(one.headers or b"")
                if self.files > MOST_FILES or self.size > MOST_BYTES:
                    self.say(
                        side,
                        f"more than {MOST_FILES:,} files of sites or {MOST_BYTES >> 20:,} MiB with {quoted(path.name)}; run "
                        "the corpus in parts, each with the captures of its own hosts",
                    )
                    return False
            with path.open("rb") as stored:
                self.digests.append(f"{side} sha256:{hashlib.file_digest(stored, 'sha256').hexdigest()}")
        except (OSError, EOFError, pa.ArrowException) as error:
            told = (getattr(error, "strerror", None) or str(error)).splitlines()[0][:160]
            self.say(side, f"{quoted(path.name)} cannot be read ({told}); correct the path, or fetch the file again")
            return True
        if not count:
            self.say(side, f"{quoted(path.name)} holds nothing of a site; name another file, or take it out")
        self.problems += wrong[:_SHOWN]
        if len(wrong) > _SHOWN:
            self.problems.append(f"{path}: {len(wrong) - _SHOWN:,} more rows are no files of a site; mend the file")
        return True


def _kept_of(one: Supplied) -> Supplied:
    """Of a page what can speak of its use is kept; of the files about a site all."""
    if one.kind != PAGE:
        return one
    headers, body = page_excerpt(one.headers, one.body)
    return replace(one, headers=headers, body=body)


def _rows(path: Path) -> Iterator[_Row]:
    name = path.name.lower()
    if name.endswith(_WARC):
        for offset, file in captured(path):
            yield _Row(Where(str(path), offset=offset), file)
    elif name.endswith(".parquet"):
        number = 0
        for batch in pq.ParquetFile(path).iter_batches(_ROWS_READ):
            for row in batch.to_pylist():
                number += 1
                yield _Row(Where(str(path), offset=number), supplied_file(row))
    else:
        with gzip.open(path) if name.endswith(".gz") else path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _Row(Where(str(path), line=number), _of_line(line))


def _of_line(line: bytes) -> Supplied | str:
    try:
        row = json.loads(line.removeprefix(b"\xef\xbb\xbf").decode())
    except (ValueError, RecursionError):  # bad UTF-8 is one
        return "no JSON; a file of captures has one object a line"
    return supplied_file(row) if isinstance(row, dict) else "no JSON object; a file of captures has one object a line"
