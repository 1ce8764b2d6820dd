"""Fingerprints of restricted datasets: made of a dataset, read where run.yaml names them, kept as one object for all workers.

A fingerprint is one Parquet file of hashes; whose it is stands in its metadata. Nothing of a dataset's text leaves `made`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from checks.base import Check
from checks.laundering import ENTRIES, FIELDS, MOST_ENTRIES, MOST_SETS, Counted, Gathered, Laundering, use_fingerprints
from checks.terms import SCHEME
from manifests.parquet import parquet_bytes, read_parquet, schema_of
from pipelines.guards import check_on, elsewhere
from pipelines.joined_object import JoinedObject
from pipelines.normalise import Framed, batches
from pipelines.places import resolved
from pipelines.read.base import Span
from pipelines.read.heads import head_of
from pipelines.read.listing import listing
from pipelines.read.media import framing_for
from pipelines.read.registry import read_blocks
from pipelines.read.shards import open_shard
from schemas.canonical import canonical_json, parse_json, sha256_hex
from schemas.errors import ConfigError, StoreError
from schemas.run import RestrictedDataset
from schemas.source import Source
from schemas.yaml_places import Placed, quoted
from schemas.yaml_shape import Binding

NAME: Final = "corpusledger.fingerprint"
INDEX_NAME: Final = "corpusledger.restricted"
FILE: Final = "restricted/index"
VERSION: Final = 1
"""Of the file: raised where a hash, or what is kept, changes."""
_NOTE: Final = b"corpusledger.fingerprint"
_SCHEME: Final = {"terms": SCHEME.terms, "fold": SCHEME.fold}

Say = Callable[[str, str], None]
"""Report a mistake: (id of the dataset, what is wrong with it and what to do)."""


@dataclass(frozen=True)
class Note:
    """Whose a fingerprint is. *records* of the dataset, *unread* ones; *sha256* of the digests of its files, by name."""

    id: str
    licence: str
    version: str | None
    records: int
    unread: int
    files: int
    size_bytes: int
    sha256: str
    counts: Mapping[str, Counted]

    def as_bytes(self) -> bytes:
        """Canonical JSON, as the file carries it."""
        counts = {name: one._asdict() for name, one in self.counts.items()}
        return canonical_json({**asdict(self), "counts": counts, "scheme": _SCHEME})


@dataclass(frozen=True)
class Restricted(JoinedObject):
    """The datasets as hashes, joined to the check that recognises them."""

    file, kind, key, schema = FILE, INDEX_NAME, "restricted", ENTRIES
    keep = staticmethod(use_fingerprints)


def made(dataset: Source, folder: Path, licence: str, version: str | None) -> tuple[bytes, Note]:
    """The fingerprint of *dataset*: its paths (from *folder*), layout and columns say how it is read, as of any source.

    Raises `ConfigError` where nothing is there, where nothing can be looked for, or for more than MOST_ENTRIES hashes.
    """
    gathered, framed, digests, size = Gathered(), Framed(), dict[str, str](), 0
    for listed in (f for path in dataset.paths for f in listing(resolved(path, folder))):
        framing = framing_for(listed.uri, head_of(listed.uri), dataset)
        if framing is None:
            raise ConfigError(f"{listed.uri}: no reader takes it; name the files of records alone, or give --format")
        framed.begin_file()
        with open_shard(listed.uri, Span(), framing) as shard:
            for batch in batches(_numbered(shard, framing, framed)):
                gathered.add(batch)
            digests[Path(listed.uri).name] = shard.digests().input_sha256
        size += listed.size_bytes
    entries = gathered.entries()
    if not entries.num_rows:
        raise ConfigError(
            f"{dataset.paths[0]}: of {gathered.items:,} records none has a text that can be told by its hashes; "
            "name the right file, and its --layout"
        )
    if entries.num_rows > MOST_ENTRIES:
        raise ConfigError(
            f"{dataset.paths[0]}: {entries.num_rows:,} hashes; at most {MOST_ENTRIES:,}: make one of each part"
        )
    note = Note(
        dataset.id, licence, version, gathered.items, len(framed.unread), len(digests), size,
        sha256_hex(canonical_json(digests)), gathered.counts(entries),
    )  # fmt: skip
    return parquet_bytes(entries, NAME, VERSION, {_NOTE: note.as_bytes()}), note


def _numbered(shard: Any, framing: Any, framed: Framed) -> Iterator[pa.RecordBatch]:
    for block in read_blocks(shard, Span(), framing):
        if (batch := framed.number(block)) is not None:
            yield batch


def fingerprint_of(data: bytes, place: str) -> tuple[Note, pa.Table]:
    """Whose a fingerprint is, and its ENTRIES. Raises `StoreError` for what is none, or was made with other hashes."""
    table = read_parquet(data, place, ENTRIES)
    if schema_of(data) != (NAME, VERSION):
        raise StoreError(
            f"{place}: no fingerprint of version {VERSION}; make it with `corpusledger source fingerprint`"
        )
    told = parse_json((pq.read_metadata(pa.BufferReader(data)).metadata or {})[_NOTE])
    if told.pop("scheme") != _SCHEME:
        raise StoreError(f"{place}: made with other terms than this version's; make it anew from the dataset")
    limits = (("kind", 3), ("set", 0), ("field", len(FIELDS) - 1))
    sketch = table.filter(pc.equal(table.column("kind"), 2)).column("part")
    if any((pc.max(table.column(n)).as_py() or 0) > most for n, most in limits) or (pc.max(sketch).as_py() or 0) > 3:
        raise StoreError(f"{place}: holds what no fingerprint holds; make it anew from the dataset")
    counts = {name: Counted(**one) for name, one in told.pop("counts").items()}
    return Note(**told, counts=counts), table


def restricted_of(
    placed: Placed, good: Mapping[str, Any], folder: Path, checks: Sequence[Check], binding: Binding
) -> Restricted | None:
    """The `restricted` of run.yaml, *placed*, as bound in *good*; every mistake goes to *binding*, with its line."""
    given: Sequence[tuple[str, RestrictedDataset]] = good.get("restricted", ())
    if not given:
        return None
    check = check_on(Laundering, checks, "restricted", placed, binding)
    if check is None:
        return None
    lines = placed.value["restricted"].key_lines

    def say(name: str, problem: str) -> None:
        binding.say(lines[name], f"restricted.{name}: {problem}")

    return read_restricted(given, folder, check, say)


def read_restricted(
    given: Sequence[tuple[str, RestrictedDataset]], folder: Path, check: Laundering, say: Say
) -> Restricted | None:
    """The fingerprints of run.yaml (id, file) as hashes; None where there are none, or a mistake in any, told to *say*."""
    found: list[tuple[str, str, str, Note, pa.Table]] = []
    for name, one in given:
        data = _read(name, one.file, folder, say)
        if data is None:
            continue
        try:
            note, table = fingerprint_of(data, one.file)
        except (StoreError, KeyError, TypeError, ValueError) as error:
            told = str(error) if isinstance(error, StoreError) else f"{one.file}: no fingerprint; make it anew"
            say(name, told)
            continue
        found.append((name, one.licence or note.licence, sha256_hex(data), note, table))
    entries = sum(table.num_rows for *_, table in found)
    if len(given) > MOST_SETS or entries > MOST_ENTRIES:
        say(
            given[-1][0],
            f"with this dataset there are {len(given)} of {entries:,} hashes; at most {MOST_SETS} of {MOST_ENTRIES:,} "
            "together: hold the rest against the corpus in a run of its own",
        )
        return None
    if not given or len(found) < len(given):
        return None
    names, licences, files, notes, tables = zip(*found, strict=True)
    whole = pa.concat_tables(
        t.set_column(2, ENTRIES.field("set"), pa.array(np.full(t.num_rows, n, np.uint16))) for n, t in enumerate(tables)
    )
    data = parquet_bytes(whole.sort_by([(name, "ascending") for name in ENTRIES.names]), INDEX_NAME)
    sought = tuple(sum(c.sought for c in note.counts.values()) for note in notes)
    values = (sum(c.values for c in note.counts.values()) for note in notes)
    made_check = replace(
        check, sets=names, licences=licences, files=files, items=tuple(note.records for note in notes), sought=sought,
        not_sought=tuple(v - s for v, s in zip(values, sought, strict=True)), index=sha256_hex(data),
        versions=tuple(note.version or "" for note in notes),
    )  # fmt: skip
    return Restricted(made_check, data, whole.num_rows)


def _read(name: str, file: str, folder: Path, say: Say) -> bytes | None:
    if away := elsewhere(file, "fingerprints"):
        say(name, away)
        return None
    try:
        return Path(resolved(file, folder)).read_bytes()
    except OSError as error:
        say(
            name, f"{quoted(file)} cannot be read ({error.strerror}); correct the path (it starts from {str(folder)!r})"
        )
        return None
