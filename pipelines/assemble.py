"""LOOK's output collection as the run's `units` table and file counts. Pure: descriptors and plan in, rows out."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipelines.unit import Looked
from pipelines.works import READING
from schemas.canonical import canonical_json
from schemas.errors import RunError
from schemas.ledger import NOT_LOOKED_AT, READ, UNITS, UNREADABLE
from schemas.merkle import shard_digest

CUT_SHORT = "cut short"


@dataclass(frozen=True)
class SourceFiles:
    """One source's files, by what became of them; bytes are stored bytes."""

    listed: int = 0
    read: int = 0
    not_looked_at: int = 0
    unreadable: int = 0
    listed_bytes: int = 0
    read_bytes: int = 0
    not_looked_at_bytes: int = 0


@dataclass(frozen=True)
class Assembled:
    """The units table in place order, and what was counted from it."""

    units: pa.Table
    files: Mapping[str, SourceFiles]
    media: Mapping[tuple[str, str], tuple[int, int]]  # (media type, status) -> files, bytes
    problems: tuple[str, ...]  # of unreadable shards
    made: Mapping[str, int]  # work name -> items made in this run
    reused: Mapping[str, int]


def complete(plan: Sequence[Mapping[str, Any]], looked: Sequence[Looked]) -> list[Looked]:
    """The descriptors in plan order; raises `RunError` unless every unit is there exactly once."""
    held = Counter(d.unit for d in looked)
    wrong = [u["unit"] for u in plan if held[u["unit"]] != 1]
    if wrong or len(looked) != len(plan):
        msg = f"the runner gave {len(looked)} results for {len(plan)} units (first at fault: {wrong[:3]}); run again"
        raise RunError(msg)
    by_unit = {d.unit: d for d in looked}
    return [by_unit[u["unit"]] for u in plan]


def assembled(
    plan: Sequence[Mapping[str, Any]], looked: Sequence[Looked], decided: Mapping[int, Mapping[str, Any]]
) -> Assembled:
    """Build the units table. *decided*: unit -> its decisions object."""
    split_chunks: dict[str, list[tuple[int, list[str]]]] = {}
    for unit, seen in zip(plan, looked, strict=True):
        for file, digest in zip(unit["files"], seen.files, strict=True):
            if file["start"] is not None:
                split_chunks.setdefault(file["uri"], []).append((file["start"], digest.chunks))
    wholes = {
        uri: shard_digest([bytes.fromhex(c) for _, chunks in sorted(parts) for c in chunks])
        for uri, parts in split_chunks.items()
    }
    rows: list[dict[str, Any]] = []
    made: Counter[str] = Counter()
    reused: Counter[str] = Counter()
    for unit, seen in zip(plan, looked, strict=True):
        rows += _rows(unit, seen, wholes, decided.get(unit["unit"]))
        made.update(seen.made)
        reused.update(w for w in seen.works if w not in seen.made)
    table = pa.Table.from_pylist(rows, UNITS)
    files, media = _counted(rows)
    problems = tuple(f.problem for d in looked for f in d.files if f.problem is not None)
    return Assembled(table, files, media, problems, dict(sorted(made.items())), dict(sorted(reused.items())))


def _rows(
    unit: Mapping[str, Any], seen: Looked, wholes: Mapping[str, str], decided: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    rows, first_row = [], 0
    objects = {name: dict(r.objects) for name, r in seen.results.items()}
    if decided is not None:
        objects["decisions"] = {"decisions": {k: decided[k] for k in ("sha256", "bytes", "rows")}}
    counts = seen.results[READING].files
    for i, (file, digest) in enumerate(zip(unit["files"], seen.files, strict=True)):
        framed, unread, _ = counts[i]
        rows.append(
            {
                "unit": unit["unit"], "unit_id": unit["unit_id"], "source": unit["source"], "shard": file["shard"],
                "uri": file["uri"], "range_start": file["start"], "range_end": file["end"], "token": file["token"],
                "strong": file["strong"], "shard_bytes": file["bytes"],
                "shard_digest": wholes.get(file["uri"], digest.shard_digest) if file["start"] is not None else digest.shard_digest,
                "chunk_digests": digest.chunks, "input_digest": seen.input_digest, "digest_from": seen.digest_from,
                "first_row": first_row, "rows": framed, "records_unread": unread, "status": digest.status,
                "media_type": file["media_type"],
                "framing": _canonical(file["framing"]) if file["framing"] is not None else None,
                "works": _canonical(seen.works) if i == 0 else None,
                "objects": _canonical(objects) if i == 0 else None,
                "made": _canonical(sorted(seen.made)) if i == 0 else None,
                "unread_by": _canonical({k: r.unread for k, r in seen.results.items()}) if i == 0 else None,
            }
        )  # fmt: skip
        first_row += framed
    return rows


def _counted(
    rows: Sequence[Mapping[str, Any]],
) -> tuple[dict[str, SourceFiles], dict[tuple[str, str], tuple[int, int]]]:
    seen: set[str] = set()
    tally: dict[str, Counter[str]] = {}
    media: Counter[tuple[str, str]] = Counter()
    media_bytes: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row["uri"] in seen:  # a further part of a split file
            continue
        seen.add(row["uri"])
        mine = tally.setdefault(row["source"], Counter())
        status, size = row["status"], row["shard_bytes"]
        mine["listed"] += 1
        mine["listed_bytes"] += size
        mine[{READ: "read", NOT_LOOKED_AT: "not_looked_at", UNREADABLE: "unreadable"}[status]] += 1
        if status != UNREADABLE:
            mine[{READ: "read_bytes", NOT_LOOKED_AT: "not_looked_at_bytes"}[status]] += size
        key = (row["media_type"] or "application/octet-stream", status)
        media[key] += 1
        media_bytes[key] += size
    counted = {source: SourceFiles(**c) for source, c in sorted(tally.items())}
    return counted, {k: (n, media_bytes[k]) for k, n in sorted(media.items())}


def _canonical(value: Any) -> str:
    return canonical_json(value).decode()


def objects_of(units: pa.Table) -> list[dict[str, Any]]:
    """The objects of each unit, in unit order."""
    return [json.loads(o) for o in units.column("objects").to_pylist() if o is not None]
