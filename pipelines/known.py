"""What sealed runs of the ledger know: digests by change token, and results by work id (data-path §4, §5)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

from manifests.manifest import registry_of
from pipelines.outputs import WorkResult
from pipelines.plan import Unit
from pipelines.works import READING, pack_digest
from schemas.canonical import canonical_json
from schemas.ledger import READ, UNREADABLE
from schemas.source import UNREGISTERED, Source


@dataclass(frozen=True, slots=True)
class FileKnown:
    """What a run knew of a file under one change token."""

    run: str
    digest: str
    status: str
    media_type: str
    framing: str | None  # canonical JSON
    reading: str  # `reading_settings` of its source then


@dataclass
class Earlier:
    """Everything taken from earlier runs; the newest run's word counts first."""

    works: dict[str, WorkResult] = field(default_factory=dict)
    files: dict[tuple[str, str], FileKnown] = field(default_factory=dict)  # (uri, token)
    parts: dict[tuple[str, str, int, int, str], tuple[str, list[str]]] = field(default_factory=dict)  # -> input, chunks
    spans: dict[tuple[str, str], list[tuple[int, int]]] = field(
        default_factory=dict
    )  # of split files, same plan settings
    shards: set[str] = field(default_factory=set)
    sizes: set[int] = field(default_factory=set)

    def learn(self, run: str, units: pa.Table, readings: Mapping[str, str], *, same_plan: bool) -> None:
        """Take in a run's units table; call with the newest run first. *same_plan*: was it cut under these settings?

        *readings*: source id -> `reading_settings` in that run.
        """
        rows = units.to_pylist()
        if same_plan:
            self._learn_spans(rows)
        for first, last in _units(rows):
            members = rows[first:last]
            head = members[0]
            for row in members:
                self._learn_file(run, row, readings.get(row["source"], UNREGISTERED_READING))
            if head["works"] is None:
                continue
            works, objects = json.loads(head["works"]), json.loads(head["objects"])
            unread = json.loads(head["unread_by"])
            counts = tuple((r["rows"], r["records_unread"], r["status"]) for r in members)
            for name, work in works.items():
                # What a killed or failing record left out is tried again, never handed on (data-path §6); a record that
                # killed its reader was shown to no check.
                if not unread.get(name) and not unread.get(READING):
                    files = counts if name == READING else ()
                    self.works.setdefault(work, WorkResult(objects.get(name, {}), 0, files))

    def _learn_file(self, run: str, row: Mapping[str, Any], reading: str) -> None:
        self.shards.add(row["shard"])
        self.sizes.add(row["shard_bytes"])
        if not row["strong"] or row["shard_digest"] is None or row["status"] == UNREADABLE:
            return
        origin = run if row["digest_from"] == "read" else row["digest_from"]
        known = FileKnown(
            origin, row["shard_digest"], row["status"], row["media_type"], row["framing"], _named(row["shard"], reading)
        )
        self.files.setdefault((row["uri"], row["token"]), known)
        if row["range_start"] is not None:
            part = (row["uri"], row["token"], row["range_start"], row["range_end"], row["framing"])
            self.parts.setdefault(part, (row["input_digest"], row["chunk_digests"]))

    def _learn_spans(self, rows: Sequence[Mapping[str, Any]]) -> None:
        found: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for row in rows:
            if row["strong"] and row["range_start"] is not None:
                found.setdefault((row["uri"], row["token"]), []).append((row["range_start"], row["range_end"]))
        for key, spans in found.items():
            self.spans.setdefault(key, sorted(spans))

    def framing(self, uri: str, token: str, shard: str, source: Source) -> FileKnown | None:
        """What is known of a file under a strong token, where it would still be read the same way: by name and settings."""
        known = self.files.get((uri, token))
        wanted = _named(shard, reading_settings(registry_of([source]).sources[0].declared))
        return known if known is not None and known.reading == wanted else None

    def digests(self, unit: Unit, framings: Sequence[str | None]) -> dict[str, Any] | None:
        """The unit's digests without reading, where every file's token is strong and known; else None."""
        seen: list[dict[str, Any]] = []
        origins: set[str] = set()
        for part, framing in zip(unit.files, framings, strict=True):
            f = part.file
            known = self.files.get((f.uri, f.token)) if f.strong and f.problem is None else None
            if known is None or (known.status == READ) != (f.framing is not None):
                return None
            origins.add(known.run)
            chunks: list[str] = []
            if part.start is not None:
                piece = self.parts.get((f.uri, f.token, part.start, part.end or 0, framing or ""))
                if piece is None:
                    return None
                chunks = piece[1]
                seen.append(_seen(known.status, None, chunks, piece[0]))
            else:
                seen.append(_seen(known.status, known.digest, chunks, None))
        whole = unit.kind in ("range", "row-groups")
        digest = seen[0]["input_sha256"] if whole else pack_digest([s["shard_digest"] for s in seen])
        return {"files": seen, "input": digest, "from": max(origins)}

    def may_hold(self, unit: Unit) -> bool:
        """Is a path or a size of this unit known, so that hashing it before parsing may save the parsing?"""
        return any(p.file.shard in self.shards or p.file.size_bytes in self.sizes for p in unit.files)


def learned(runs: Iterable[tuple[str, pa.Table, Mapping[str, str], bool]]) -> Earlier:
    """What sealed runs, newest first, tell: (run, units table, reading settings by source, was its plan cut
    under the same settings?).
    """
    earlier = Earlier()
    for run, units, readings, same_plan in runs:
        earlier.learn(run, units, readings, same_plan=same_plan)
    return earlier


def reading_settings(declared: Mapping[str, Any]) -> str:
    """How a source says that its files are read, as canonical JSON; with name and bytes of a file it gives the framing."""
    return canonical_json({k: declared.get(k) for k in ("format", "layout", "record", "columns")}).decode()


UNREGISTERED_READING: Final = reading_settings(registry_of([Source(id=UNREGISTERED, paths=())]).sources[0].declared)


def _named(shard: str, reading: str) -> str:
    # The reader follows from the name alone, not from the folders above it.
    return f"{shard.rpartition('/')[2]} {reading}"


def _seen(status: str, digest: str | None, chunks: list[str], part: str | None) -> dict[str, Any]:
    return {"status": status, "shard_digest": digest, "chunks": chunks, "input_sha256": part, "problem": None}


def _units(rows: Sequence[Mapping[str, Any]]) -> Iterable[tuple[int, int]]:
    first = 0
    for i in range(1, len(rows) + 1):
        if i == len(rows) or rows[i]["unit"] != rows[first]["unit"]:
            yield first, i
            first = i
