"""Deduplications of texts that a test holds in memory: units and their objects without a scan, and what came of them."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from checks.duplicates import Duplicates, content_ids
from checks.terms.reference import shingles, terms
from manifests.ledger import open_or_create
from manifests.store import Store
from pipelines.attempts import Desk
from pipelines.dedup.room import Room, write_brief
from pipelines.dedup.segments import KINDS, ROLE, segments_of
from pipelines.dedup.steps import Step, jobs
from pipelines.outputs import put_table
from pipelines.read.base import Framing
from pipelines.read.listing import change_token, token_text
from pipelines.sketched import sketch_objects
from pipelines.sorted_rows import opened
from schemas.canonical import digest_of
from schemas.record import RECORD

THRESHOLD_PPM: Final = 800_000
SETTINGS: Final = {
    "threshold_ppm": THRESHOLD_PPM, "verify": "exact", "max_nodes": 1_000_000, "mostly_copies_ppm": 500_000,
}  # fmt: skip
_SHOWN_ROWS: Final = 100_000
_QUOTED: Final = json.JSONEncoder(ensure_ascii=False).encode


Sketching = Callable[[npt.NDArray[np.void]], npt.NDArray[np.void]]
"""The sketches of a unit's texts -> those that stand for them in a test."""


@dataclass(frozen=True)
class Held:
    """One unit: its texts, None for a row that could not be read. *run*: of a compared run, else this one's own.

    *columns*: check -> column -> values, one a text, for checks other than duplicates. *earlier*: the compared run has it
    too, at the same place. *dropped*: rows that the compared run dropped. *lost*: why it cannot be read a second time
    (gone, changed, kills). *sketches*: (of its texts) -> what stands for them.
    """

    texts: Sequence[str | None]
    source: str = "a"
    run: str | None = None
    columns: Mapping[str, Mapping[str, Sequence[Any]]] = field(default_factory=dict)
    registered: bool = True
    licensed: bool = True
    dropped: tuple[int, ...] = ()
    earlier: bool = False
    lost: str | None = None
    sketches: Sketching = lambda found: found

    @property
    def read(self) -> list[int]:
        """The rows that have a text."""
        return [row for row, text in enumerate(self.texts) if text is not None]


@dataclass(frozen=True)
class TextRoom(Room):
    """A room whose units lie in JSONL files beside the ledger."""

    again: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)

    def planned(self, number: int) -> dict[str, Any]:
        """See `Room.planned`."""
        return dict(self.again[number])


class Removal(NamedTuple):
    """One evidence row; places are (unit, row)."""

    kept: tuple[int, int]
    scheme: str
    estimate_ppm: int | None
    exact_ppm: int | None
    decided_by: str
    kept_run: str | None


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder that is gone afterwards, in memory where the machine has such a place: for hundreds of small rooms."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        yield Path(folder)


def room_with(
    folder: Path, units: Sequence[Held], check: Duplicates | None = None, tombstones: Sequence[str] = (),
    per_segment: int = 256, **settings: Any,
) -> Room:  # fmt: skip
    """A room over *units*, the run's own first; nothing is done in it yet. *settings*: of run.yaml's dedup."""
    check = check or Duplicates()
    assert sorted(units, key=lambda u: u.run is not None) == list(units), "a run's own units come first"
    ledger = open_or_create(str(folder / "ledger"), "test")
    desk = Desk(ledger.store, "r")
    own = sorted({u.source for u in units if u.run is None})
    names: list[dict[str, Any]] = [{"id": s, "run": None} for s in own]
    names += [{"id": s, "run": r} for r, s in sorted({(u.run, u.source) for u in units if u.run is not None})]
    place = {(n["run"], n["id"]): i for i, n in enumerate(names)}
    told, again, roles = list[dict[str, Any]](), dict[int, Any](), dict[str, Any]()
    for number, unit in enumerate(units):
        made = _objects(ledger.store, unit, check)
        again[number] = _again(folder, number, unit)
        work = digest_of([list(unit.texts)])
        roles[work] = {r: made["roles"][r] for r in ROLE.values() if r in made["roles"]}
        told.append({
            "work": work, "run": unit.run, "number": number, "source": place[unit.run, unit.source], "rows": len(unit.texts),
            "earlier": unit.earlier or unit.run is not None,
            "decisions": _decided(ledger.store, unit) if unit.run is not None else None,
            "licence": int(not unit.licensed), "provenance": int(not unit.registered), "records": made["records"],
            **({"before": _decided(ledger.store, unit)} if unit.earlier else {}),
            "signatures": {r: o["sha256"] for r, o in made["roles"].items() if r.startswith("signatures")}, "columns": made["columns"],
        })  # fmt: skip
    segments: dict[str, Any] = {}
    for kind in KINDS:
        members = [{"work": w, **r[ROLE[kind]]} for w, r in roles.items() if ROLE[kind] in r]
        cut = [m for i in range(0, len(members), per_segment) for m in segments_of(members[i : i + per_segment], kind)]
        segments[kind] = [{"sha256": None, "members": m} for m in cut]
    looked = [sum(len(u.read) for u in units if u.run is None and u.source == s) for s in own]
    brief = {
        "units": told, "own": sum(u.run is None for u in units), "sources": names, "looked": looked, "scheme": check.scheme,
        "tombstones": sorted(tombstones), "segments": segments, "settings": SETTINGS | settings,
    }  # fmt: skip
    return TextRoom(desk, ledger.uri, write_brief(desk, brief), brief, again)


def carried(room: Room, around: Callable[[Step, bytes, Callable[[], int]], int] | None = None) -> Room:
    """Every step, task after task; *around*: called with each task in place of doing it."""
    for job in jobs(room):
        for step in job:
            for task in step.cut_tasks(room):
                if around is None:
                    step.do_task(room, task)
                else:
                    around(step, task, partial(step.do_task, room, task))
    return room


def evidence(room: Room) -> pa.Table:
    """All evidence rows, in order of the removed place."""
    made = [told["evidence"]["sha256"] for told in room.left("deciding")]
    parts = [pq.read_table(opened(room.store, digest)) for digest in made if digest is not None]
    return pa.concat_tables(parts) if parts else pa.table({})


def removals(room: Room) -> dict[tuple[int, int], Removal]:
    """Removed place -> its evidence row; fails where a place has two."""
    rows = evidence(room).to_pylist()
    found = {
        (r["removed_unit"], r["removed_row"]): Removal(
            (r["kept_unit"], r["kept_row"]), r["scheme"], r["estimate_ppm"], r["exact_ppm"], r["decided_by"], r["kept_run"]
        )
        for r in rows
    }  # fmt: skip
    assert len(found) == len(rows), "a row was removed twice"
    return found


def decisions(room: Room) -> dict[int, list[dict[str, Any]]]:
    """Unit -> its decisions, row after row."""
    return {
        u["unit"]: pq.read_table(opened(room.store, u["sha256"])).to_pylist()
        for told in room.left("deciding")
        for u in told["units"]
    }


def jaccard_ppm(a: str, b: str) -> int:
    """By the reference, in whole millionths, rounded down."""
    one, other = shingle_set(a), shingle_set(b)
    return 1_000_000 * len(one & other) // max(1, len(one | other))


@lru_cache(4096)
def shingle_set(text: str) -> frozenset[int]:
    """The reference's shingles of a text."""
    return frozenset(shingles(terms(text)))


def sentence(words: Sequence[object]) -> str:
    """Words as a text of as many terms."""
    return " ".join(f"w{word}" for word in words)


def variants(rng: np.random.Generator, count: int, families: int, length: int, most_edits: int) -> Iterator[str]:
    """*count* texts of *length* terms: each one of *families* with 0 to *most_edits* terms exchanged."""
    bases = rng.integers(0, 1 << 30, (families, length))
    for _ in range(count):
        base = bases[rng.integers(families)].copy()
        at = rng.choice(length, rng.integers(0, most_edits + 1), replace=False)
        base[at] = rng.integers(0, 1 << 30, len(at))
        yield sentence(base.tolist())


def with_hashes(pattern: Mapping[int, npt.NDArray[Any]], seed: int = 0) -> Sketching:
    """Sketches whose bands hold *pattern* (band -> 59-bit hashes), and else a hash that no other row has."""

    def made(found: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
        bands = found.dtype["hashes"].shape[0]
        rng = np.random.default_rng([seed, int(found["key"].astype(np.int64).sum() % 2**31)])
        found = found.copy()
        for band in range(bands):
            low = pattern.get(band, rng.integers(1, 2**58, len(found), dtype=np.uint64))
            found["hashes"][:, band] = (np.uint64(band) << np.uint64(59)) | np.asarray(low, np.uint64)
        return found

    return made


def _objects(store: Store, unit: Held, check: Duplicates) -> dict[str, Any]:
    rows = unit.read
    if not rows:
        return {"records": None, "columns": {}, "roles": {}}
    seen_columns, seen_sketches = [], []
    for first in range(0, len(rows), _SHOWN_ROWS):
        some = rows[first : first + _SHOWN_ROWS]
        row = pa.array(some, pa.uint32())
        columns = [row if f.name == "row" else pa.array([unit.texts[r] for r in some], f.type) if f.name == "text"
                   else pa.array(np.zeros(len(some), np.int64), f.type) if not f.nullable else pa.nulls(len(some), f.type)
                   for f in RECORD]  # fmt: skip
        seen = check.look(pa.RecordBatch.from_arrays(columns, schema=RECORD))
        assert seen.columns is not None
        assert seen.sketches is not None
        seen_columns.append(seen.columns.add_column(0, pa.field("row", pa.uint32(), nullable=False), row))
        seen_sketches.append(seen.sketches)
    own = pa.concat_tables(seen_columns)
    roles = sketch_objects(store, check, own, unit.sketches(np.concatenate(seen_sketches)))
    number = pa.array(rows, pa.uint32())
    others = {
        c: pa.table({"row": number, **{n: _column(v) for n, v in values.items()}}) for c, values in unit.columns.items()
    }
    tables = {"duplicates": own, **others}
    return {
        "records": put_table(store.put_object, pa.table({"row": number}))["sha256"],
        "columns": {c: put_table(store.put_object, table)["sha256"] for c, table in tables.items()},
        "roles": roles,
    }


def _decided(store: Store, unit: Held) -> str:
    decision = [2 if row in unit.dropped else 0 for row in unit.read]
    table = pa.table({"row": pa.array(unit.read, pa.uint32()), "decision": pa.array(decision, pa.uint8())})
    digest: str = put_table(store.put_object, table)["sha256"]
    return digest


def _again(folder: Path, number: int, unit: Held) -> dict[str, Any]:
    path = folder / f"{number:08d}.jsonl"
    with path.open("wb") as file:
        file.writelines(
            b"{broken\n" if text is None else f'{{"text": {_QUOTED(text)}}}\n'.encode() for text in unit.texts
        )
    token = token_text(change_token(str(path)))
    if unit.lost == "gone":
        path.unlink()
    file_of = {"shard": path.name, "uri": str(path), "token": token if unit.lost != "changed" else "{}", "start": None,
               "end": None, "framing": Framing("jsonl").as_json(), "problem": None}  # fmt: skip
    return {"files": [file_of], "file_rows": [len(unit.texts)], "kills": unit.lost == "kills", "bytes": 0}


def content_id(text: str) -> str:
    """The content id of a text, in hexadecimal digits."""
    found: bytes = content_ids(pa.array([text], pa.large_string()))[0].as_py()
    return found.hex()


def _column(values: Sequence[Any]) -> pa.Array:
    return pa.array(values, pa.string() if any(v is None or isinstance(v, str) for v in values) else pa.int64())
