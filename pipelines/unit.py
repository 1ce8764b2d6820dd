"""One unit, start to end, without Beam: read, show every check, write objects; or take what an earlier run made."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from checks.base import Check
from checks.duplicates import Duplicates
from checks.triggers import scanned_together
from manifests.store import Store
from pipelines.derived import with_derived
from pipelines.normalise import Framed, batches, shown
from pipelines.outputs import RECORDS_SCHEMA, CheckOutputs, WorkResult, write_reading
from pipelines.read.base import Careful, Framing, Span
from pipelines.read.digests import ShardDigests
from pipelines.read.listing import change_token, token_text
from pipelines.read.registry import read_blocks
from pipelines.read.shards import hash_only, open_shard
from pipelines.sketched import sketch_objects
from pipelines.terms import reads_terms, to_show, with_terms
from pipelines.works import READING, pack_digest, work_ids
from schemas.errors import LedgerError, RecordError, Where
from schemas.merkle import shard_digest

UNKNOWN = Framing("unknown")
"""How a file that no reader takes is hashed: as bytes."""


@dataclass
class FileSeen:
    """What one file of a unit turned out to be: read, not-looked-at or unreadable, with its digests."""

    status: str
    shard_digest: str | None = None  # None for a part of a split file: its chunks go to the driver
    chunks: list[str] = field(default_factory=list)
    input_sha256: str | None = None
    problem: str | None = None


@dataclass
class Looked:
    """What one unit came to; JSON-able, the only thing besides tallies that leaves a worker."""

    unit: int
    files: list[FileSeen]
    input_digest: str
    digest_from: str  # "read", or the run whose token knowledge was used
    works: dict[str, str]
    results: dict[str, WorkResult]
    made: list[str]
    changed: list[str] = field(default_factory=list)  # shards whose change token moved while they were read

    def as_json(self) -> dict[str, Any]:
        """JSON form: memos, and the output collection of LOOK."""
        return {
            "unit": self.unit, "files": [vars(f) for f in self.files], "input_digest": self.input_digest,
            "digest_from": self.digest_from, "works": self.works, "made": self.made, "changed": self.changed,
            "results": {k: r.as_json() for k, r in self.results.items()},
        }  # fmt: skip

    @staticmethod
    def of_json(value: Mapping[str, Any]) -> "Looked":
        """The value of its JSON form."""
        return Looked(
            value["unit"], [FileSeen(**f) for f in value["files"]], value["input_digest"], value["digest_from"],
            value["works"], {k: WorkResult.of_json(r) for k, r in value["results"].items()}, value["made"],
            value["changed"],
        )  # fmt: skip


class Care(Protocol):
    """How to look at a unit in which some record kills the process (data-path §6); see pipelines.isolate."""

    def reading(self, file: int) -> Careful:
        """How to read that file of the unit."""
        ...

    def pieces(self, batch: pa.RecordBatch, framed: Framed) -> Iterator[pa.RecordBatch]:
        """The batch in pieces, each announced before it is yielded; rows that kill go to *framed* as unread."""
        ...


class Known(Protocol):
    """Work id -> what an earlier run made of it."""

    def get(self, work: str, /) -> WorkResult | None:
        """What was made of it, or None."""
        ...


def look_at(
    unit: Mapping[str, Any], checks: Sequence[Check], registry: Mapping[str, str], known: Known, store: Store,
    care: Care | None = None,
) -> Looked:  # fmt: skip
    """Look at one planned unit. Reuses every known work; reads the shard only if one is missing or bytes are unknown.

    *unit*: a plan row (pipelines.plan.Unit.as_json) with `digests` (from earlier runs, by trusted tokens, or None) and
    `hash_first`. Errors: what the store raises; a shard that changed is told in `changed`, never silently taken.
    """
    digests = unit.get("digests")
    if digests is None and unit.get("hash_first"):
        digests = hashed(unit)
    if digests is not None:
        works = work_ids(digests["input"], unit["files"], checks, registry)
        found = {name: result for name, work in works.items() if (result := known.get(work)) is not None}
        if READING in found and not to_show(checks, found):
            found, made = with_derived(store, checks, found)
            seen = _with_status(digests["files"], found[READING])
            changed = changed_shards(unit) if digests["from"] == "read" else []
            return Looked(unit["unit"], seen, digests["input"], digests["from"], works, found, made, changed)
    else:
        found = {}
    return _read(unit, checks, to_show(checks, found), registry, known, store, care)


def hashed(unit: Mapping[str, Any]) -> dict[str, Any]:
    """The digests of a unit's bytes by reading them once, parsing nothing."""
    seen = []
    for file in unit["files"]:
        framing = framing_of(file)
        try:
            _refuse_problem(file)
            digests = hash_only(file["uri"], span_of(file), framing or UNKNOWN)
        except (LedgerError, OSError) as err:
            seen.append(FileSeen("unreadable", problem=_told(file, err)))
            continue
        seen.append(_seen(file, "read" if framing else "not-looked-at", digests))
    return {"files": [vars(f) for f in seen], "input": _input_digest(unit, seen), "from": "read"}


def _read(
    unit: Mapping[str, Any], checks: Sequence[Check], missing: Sequence[Check], registry: Mapping[str, str],
    known: Known, store: Store, care: Care | None,
) -> Looked:  # fmt: skip
    framed = Framed()
    seen: list[FileSeen] = []
    records: list[pa.RecordBatch] = []
    outputs = [CheckOutputs(c) for c in missing]
    names = pa.array([f["shard"] for f in unit["files"]], pa.string())
    numbered = _numbered(unit, framed, seen, care)
    with scanned_together(patterns for check in missing for patterns in check.triggers):
        for whole in batches(numbered):
            for batch in care.pieces(whole, framed) if care else (whole,):
                if not batch.num_rows:
                    continue
                records.append(batch.select(RECORDS_SCHEMA.names))
                terms: list[pa.Table] = []
                for out in outputs:
                    piece = shown(batch, out.check.reads, dict(registry), names)
                    out.show(with_terms(piece, terms) if reads_terms(out.check) else piece)
                    terms += out.told()
    input_digest = _input_digest(unit, seen)
    works = work_ids(input_digest, unit["files"], checks, registry)
    results, made = {}, []
    # A work already known by its id (equal bytes elsewhere) is not written again; what was made is what was missing.
    table = pa.Table.from_batches(records, RECORDS_SCHEMA) if records else RECORDS_SCHEMA.empty_table()
    counts = tuple(zip(framed.file_rows, framed.file_unread, (f.status for f in seen), strict=True))
    if (reading := known.get(works[READING])) is None:
        reading = write_reading(store.put_object, table, framed.unread_table(), counts)
        made.append(READING)
    results[READING] = reading
    done = {out.check.name: out for out in outputs}
    for check in checks:
        result = known.get(works[check.name])
        if result is None and check.derives:
            continue
        if result is None and check.name not in done:
            # A trusted token lied: the bytes read are not those whose digest earlier runs give. Nothing of it is taken.
            return Looked(
                unit["unit"], seen, input_digest, "read", works, results, made, [f["shard"] for f in unit["files"]]
            )
        if result is None:
            out = done[check.name]
            result = out.write(store.put_object, _sketch_objects(store, out))
            made.append(check.name)
        results[check.name] = result
    results, derived = with_derived(store, checks, results)
    return Looked(unit["unit"], seen, input_digest, "read", works, results, made + derived, changed_shards(unit))


def _sketch_objects(store: Store, out: CheckOutputs) -> Mapping[str, Mapping[str, Any]]:
    if out.sketches is None or not isinstance(out.check, Duplicates) or not out.columns:
        return {}
    return sketch_objects(store, out.check, pa.concat_tables(out.columns), out.sketches.array())


def _numbered(
    unit: Mapping[str, Any], framed: Framed, seen: list[FileSeen], care: Care | None
) -> Iterator[pa.RecordBatch]:
    for i, file in enumerate(unit["files"]):
        framed.begin_file()
        framing, span = framing_of(file), span_of(file)
        rows_before = framed.rows
        try:
            _refuse_problem(file)
            if framing is None:
                seen.append(_seen(file, "not-looked-at", hash_only(file["uri"], span, UNKNOWN)))
                continue
            with open_shard(file["uri"], span, framing) as shard:
                for block in read_blocks(shard, span, framing, care.reading(i) if care else None):
                    if (batch := framed.number(block)) is not None:
                        yield batch
                status = "unreadable" if framed.nothing_decoded() else "read"
                seen.append(_seen(file, status, shard.digests()))
                if status == "unreadable":
                    seen[
                        -1
                    ].problem = (
                        f"{file['shard']}: {framed.unread[-1][4]}: not one byte could be decoded; fetch it again, whole"
                    )
        except (LedgerError, OSError) as err:
            if framed.rows > rows_before:
                raise
            seen.append(FileSeen("unreadable", problem=_told(file, err)))


def _seen(file: Mapping[str, Any], status: str, digests: ShardDigests) -> FileSeen:
    chunks = [c.hex() for c in digests.chunks]
    whole = file["start"] is None
    return FileSeen(status, shard_digest(digests.chunks) if whole else None, chunks, digests.input_sha256)


def span_of(file: Mapping[str, Any]) -> Span:
    """The part of a planned file that its unit reads."""
    return Span(file["start"] or 0, file["end"])


def _refuse_problem(file: Mapping[str, Any]) -> None:
    if file["problem"] is not None:
        raise RecordError(Where(file["shard"]), file["problem"])


def _with_status(files: Sequence[Mapping[str, Any]], reading: WorkResult) -> list[FileSeen]:
    """What is known of the files, with the status that reading their bytes came to."""
    seen = [FileSeen(**f) for f in files]
    for one, (_, _, status) in zip(seen, reading.files, strict=True):
        one.status = status
    return seen


def _input_digest(unit: Mapping[str, Any], seen: Sequence[FileSeen]) -> str:
    if unit["kind"] in ("range", "row-groups"):
        return seen[0].input_sha256 or pack_digest(["unreadable"])
    # An unreadable file has no bytes to name; its problem stands in their place, so that a mended file is new work.
    return pack_digest([f.shard_digest or f"unreadable: {f.problem}" for f in seen])


def changed_shards(unit: Mapping[str, Any]) -> list[str]:
    """The files of a unit whose change token is no longer the planned one, or that are gone."""
    changed = []
    for file in unit["files"]:
        if file["problem"] is None:
            try:
                now = token_text(change_token(file["uri"]))
            except (LedgerError, OSError):
                now = "gone"
            if now != file["token"]:
                changed.append(file["shard"])
    return changed


def framing_of(file: Mapping[str, Any]) -> Framing | None:
    """How a planned file is read; None where no reader takes it."""
    f = file["framing"]
    if f is None or file["problem"] is not None:
        return None
    return Framing(f["format"], f["layout"], f["record"], f["codec"], tuple((a, b) for a, b in f["columns"]))


def _told(file: Mapping[str, Any], err: Exception) -> str:
    told = str(err) if isinstance(err, LedgerError) else f"{file['shard']}: {err}"
    # As registered: where a corpus lies on this machine is no part of what is wrong with it, or of a work id.
    return file["problem"] or told.replace(file["uri"], file["shard"])
