"""What it costs a document to bring bands together: ours by sorted files, against one Beam element a band, over the same hashes.

Ours is the product's own code from a unit's sketches on: write its bands, merge units into a segment, read ranges of it
again and give the pairs. Run as a program, it prints one JSON object: figure -> [value, unit].
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from checks.duplicates import scheme_of, sketch_type
from checks.duplicates.sketches import BAND_BITS
from manifests.store import LocalStore, object_path
from pipelines.attempts import Desk
from pipelines.bench.used import python, use_of
from pipelines.dedup.candidates import PAIR, find_candidates
from pipelines.dedup.room import Room
from pipelines.dedup.segments import NEAR, cut_ranges, merge_segment
from pipelines.near_bands import put_near
from schemas.canonical import canonical_json

DOCUMENTS: Final = 20_000
BANDS, ROWS, SHORTEST = 16, 8, 20
A_UNIT: Final = 4_000
ALIKE: Final = 10
"""One document in ten shares its bands with another."""


def hashes(start: int, count: int) -> npt.NDArray[np.uint64]:
    """uint64[count, 16]: seeded hashes of the documents from *start* on, below 2^63 as Beam's integers are."""
    found = np.random.default_rng(start + 1).integers(0, 1 << 63, (count, BANDS), dtype=np.uint64)
    alike = np.arange(start, start + count) % ALIKE == 0
    pair = np.arange(start, start + count)[alike] // (2 * ALIKE)
    numbers = np.arange(1, BANDS + 1, dtype=np.uint64)
    found[alike] = (pair[:, None].astype(np.uint64) * numbers * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(1)
    return found


def figures(documents: int = DOCUMENTS) -> dict[str, tuple[float, str]]:
    """Both ways over so many documents."""
    with tempfile.TemporaryDirectory(prefix="corpusledger-bench-") as made:
        by_files(Path(made) / "few", A_UNIT)  # what is loaded when first used
        ours, _ = by_files(Path(made) / "many", documents)
    told: dict[str, Any] = json.loads(
        use_of(python("pipelines.bench.dedup_elements", str(documents))).output.strip().splitlines()[-1]
    )
    return {
        "exchange_vs_elements": (told["cpu_us"] / ours["cpu_us"], "x"),
        "exchange_us_a_document": (ours["cpu_us"], "us"),
        "exchange_written_a_document": (ours["written"], "bytes"),
        "exchange_read_a_document": (ours["read"], "bytes"),
        "elements_us_a_document": (told["cpu_us"], "us"),
        "elements_written_a_document": (told["bytes"], "bytes"),
        "elements_read_a_document": (told["bytes"], "bytes"),
    }


def by_files(folder: Path, documents: int) -> tuple[dict[str, float], npt.NDArray[np.void]]:
    """What it costs a document, and the pairs found: PAIR of document numbers."""
    store, units = LocalStore(str(folder)), [_sketches(at, documents) for at in range(0, documents, A_UNIT)]
    began, members, written, found = time.process_time(), [], 0, [np.zeros(0, PAIR)]
    for number, sketches in enumerate(units):
        told = put_near(store, sketches, scheme_of(BANDS, ROWS, SHORTEST))
        members.append({"work": f"{number:064d}", "sha256": told["sha256"], "rows": told["rows"]})
        written += told["bytes"]
    room = _room(store, members, [len(sketches) for sketches in units])
    segment = merge_segment(room, {"kind": NEAR, "number": 0})
    _leave(room, "segments", [segment])
    for number, task in enumerate(cut_ranges(room, NEAR)):
        found += [room.load(path, PAIR) for path in find_candidates(room, task, number)["files"]]
    cpu_s, pairs = time.process_time() - began, np.concatenate(found)
    size = store.size(object_path(segment["sha256"]))
    cost = {"cpu_us": cpu_s * 1e6, "written": float(written + size + pairs.nbytes), "read": float(written + size)}
    return {name: total / documents for name, total in cost.items()}, pairs


def _sketches(start: int, documents: int) -> npt.NDArray[np.void]:
    found = np.zeros(min(A_UNIT, documents - start), sketch_type(BANDS))
    found["row"] = np.arange(len(found))
    found["key"] = np.random.default_rng(start).integers(0, 1 << 32, len(found), dtype=np.uint32)
    number = np.arange(BANDS, dtype=np.uint64) << np.uint64(64 - BAND_BITS)
    found["hashes"] = hashes(start, len(found)) >> np.uint64(BAND_BITS) | number
    return found


def _room(store: LocalStore, members: list[dict[str, Any]], rows: list[int]) -> Room:
    brief = {
        "units": [
            {"rows": count, "work": m["work"], "signatures": None} for count, m in zip(rows, members, strict=True)
        ],
        "own": len(rows),
        "scheme": scheme_of(BANDS, ROWS, SHORTEST),
        "segments": {NEAR: [{"sha256": None, "members": members}]},
    }
    return Room(Desk(store, "bench"), store.uri, "bench", brief)


def _leave(room: Room, step: str, told: list[dict[str, Any]]) -> None:
    room.store.put(room.path(step, "tasks.json"), canonical_json({"tasks": len(told)}))
    for number, each in enumerate(told):
        room.store.put(room.path(step, f"{number:08d}.json"), canonical_json(each))


if __name__ == "__main__":
    print(json.dumps(figures(*map(int, sys.argv[1:]))))
