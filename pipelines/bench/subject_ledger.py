"""The program that `bench subject` times: makes a sealed ledger of seeded findings, asks it, prints the times as JSON."""

import json
import sys
import time
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.mixed import GOLDEN, finished
from manifests.ledger import Ledger, create_ledger, open_ledger
from manifests.parquet import parquet_bytes
from manifests.runs import seal_run
from manifests.store import Store, object_path
from manifests.subjects import PERSONAL, Answer, Identifier, Subjects
from manifests.tables import write_files, write_units
from pipelines.dedup.decide import DECISIONS
from pipelines.outputs import RECORDS_SCHEMA
from pipelines.subjects import make_segment
from schemas.canonical import canonical_json, digest_of
from schemas.errors import RunError
from schemas.finding import PERSONAL_FINDING
from schemas.ledger import READ, UNITS
from schemas.manifest import (
    CheckCounts,
    CheckEntry,
    Counts,
    FileCounts,
    Gate,
    Manifest,
    MeasureEntry,
    MediaCount,
    Product,
    RecordCounts,
    Registry,
    SourceCounts,
)  # fmt: skip

SEED: Final = 20
FINDINGS_A_UNIT: Final = 100_000
RECORDS_A_UNIT: Final = 150_000
ENTITIES: Final = ("CN_RESIDENT_ID", "EMAIL_ADDRESS", "PHONE_NUMBER")
KEY_ID: Final = "0123456789abcdef"
RUN: Final = "bench"
HOT_VALUES, HOT_PART = 1_000, 10
"""A tenth of the findings are of a thousand values, such as a company's telephone number."""
RECORDS_A_VALUE: Final = 2.25
QUESTIONS, HOT_QUESTIONS = 1_000, 10
LIMIT: Final = 1_000
_KEYED: Final = pa.schema([PERSONAL_FINDING.field(name) for name in ("row", "entity", "value_hmac")])
"""What the index reads of a findings object; the other columns would only take time to write."""


def main(folder: str, findings: int) -> None:
    """Make the ledger in *folder*, ask, print one JSON object."""
    ledger = create_ledger(folder, "corpusledger bench")
    values = int(findings / RECORDS_A_VALUE)
    began = time.process_time()
    made = list(_units(ledger.store, findings, values))
    segment = make_segment(ledger.store, {work: digest for work, digest, _ in made})
    if segment is None:
        raise RunError("bench subject: no index was made of the findings")
    index_cpu_s = time.process_time() - began
    _seal(ledger, [row for *_, row in made], [*segment.files], findings)
    told = _ask(open_ledger(folder), values)
    size = sum(ledger.store.size(object_path(digest)) for _, digest, _, _ in segment.files)
    more = {"values": values, "units": len(made), "index_cpu_s": index_cpu_s, "index_bytes": size}
    print(json.dumps({**told, **more}))


def hmacs_of(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint8]:
    """uint8[n, 16]: for each value number bytes that look like an HMAC's, by two rounds of splitmix64."""
    halves = [finished(values + np.uint64(salt)) for salt in (GOLDEN, 0xD1B54A32D192ED03)]
    return np.ascontiguousarray(np.stack(halves, axis=1).astype(">u8")).view(np.uint8).reshape(-1, 16)


def _units(store: Store, findings: int, values: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(work id of the check, findings object, units row) of each unit."""
    random = np.random.Generator(np.random.PCG64(SEED))
    for unit in range(findings // FINDINGS_A_UNIT):
        value = random.integers(HOT_VALUES, values, FINDINGS_A_UNIT, dtype=np.uint64)
        hot = random.integers(0, HOT_PART, FINDINGS_A_UNIT) == 0
        value[hot] = random.integers(0, HOT_VALUES, int(hot.sum()), dtype=np.uint64)
        hmac = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(16), FINDINGS_A_UNIT, [None, pa.py_buffer(hmacs_of(value).tobytes())]
        )
        row = np.sort(random.integers(0, RECORDS_A_UNIT, FINDINGS_A_UNIT, dtype=np.uint32))
        entity = pa.array(ENTITIES).take(pa.array((value % np.uint64(len(ENTITIES))).astype(np.int64)))
        found = _put(store, pa.Table.from_arrays([pa.array(row), entity, hmac], schema=_KEYED))
        work = digest_of(["bench", unit])
        records, decisions = _put(store, _records(unit)), _put(store, _decisions(unit))
        objects = {
            "reading": {"records": records},
            "decisions": {"decisions": decisions},
            PERSONAL: {"findings": found},
        }
        yield work, found["sha256"], _units_row(unit, work, objects)


def _records(unit: int) -> pa.Table:
    row = np.arange(RECORDS_A_UNIT)
    return pa.Table.from_arrays(
        [
            pa.array(c, f.type)
            for c, f in zip((row, row * 0, row * (700 + unit), row * 0 + 700), RECORDS_SCHEMA, strict=True)
        ],
        schema=RECORDS_SCHEMA,
    )


def _decisions(unit: int) -> pa.Table:
    row = np.arange(RECORDS_A_UNIT, dtype=np.uint32)
    columns = [
        pa.array(row),
        pa.array((row % (7 + unit) == 0) * 2, pa.uint8()),
        *(pa.nulls(len(row), DECISIONS.field(i).type) for i in (2, 3)),
    ]
    return pa.Table.from_arrays(columns, schema=DECISIONS)


def _put(store: Store, table: pa.Table) -> dict[str, Any]:
    data = parquet_bytes(table)
    return {"sha256": store.put_object(data), "bytes": len(data), "rows": table.num_rows}


def _units_row(unit: int, work: str, objects: dict[str, Any]) -> dict[str, Any]:
    digest = digest_of(unit)
    return {
        "unit": unit, "unit_id": digest, "source": f"source-{unit % 7}", "shard": f"corpus/{unit:05d}.jsonl",
        "uri": f"corpus/{unit:05d}.jsonl", "strong": False, "shard_bytes": RECORDS_A_UNIT * 700, "shard_digest": digest,
        "chunk_digests": [digest], "input_digest": digest, "digest_from": "read", "first_row": 0, "rows": RECORDS_A_UNIT,
        "records_unread": 0, "status": READ, "media_type": "application/x-ndjson",
        "works": canonical_json({"reading": digest, PERSONAL: work}).decode(), "objects": canonical_json(objects).decode(),
        "made": "[]", "unread_by": "{}",
    }  # fmt: skip


def _seal(ledger: Ledger, rows: list[dict[str, Any]], files: list[tuple[str, str, int, str]], findings: int) -> None:
    units = write_units(ledger.store, RUN, [pa.Table.from_pylist(rows, UNITS)])
    listed = write_files(ledger.store, RUN, files)
    read = len(rows) * RECORDS_A_UNIT
    records, count = RecordCounts(read, read, 0, {}, 0), FileCounts(len(rows), len(rows), 0, 0, 0, 0)
    measures = tuple(MeasureEntry(f"{e.lower()}_findings", "findings", "seeded") for e in ENTITIES)
    check = CheckEntry(PERSONAL, 1, {"key_id": KEY_ID}, {}, (), measures)
    counts = Counts(
        count, (MediaCount("application/x-ndjson", READ, len(rows), 0),), records, (CheckCounts(PERSONAL, read, 0, findings),),
        (SourceCounts("bench", count, records, {PERSONAL: findings}),),
    )  # fmt: skip
    when = "2026-01-01T00:00:00Z"
    manifest = Manifest(
        RUN, when, when, {}, {"name": "bench"}, None, Product("corpusledger", "0", "0", {}), {}, Registry("", ()), (), (check,),
        counts, (), Gate(False, None, ()), (), units, listed, None,
    )  # fmt: skip
    seal_run(ledger, manifest, None)


def _ask(ledger: Ledger, values: int) -> dict[str, Any]:
    random = np.random.Generator(np.random.PCG64(SEED + 1))
    subjects = Subjects(ledger)
    asked = random.integers(HOT_VALUES, values + values // 4, QUESTIONS, dtype=np.uint64)  # a fifth of them nobody's
    first_ms, _ = _timed(subjects, int(asked[0]))
    for value in asked[:100].tolist():  # every range's footer read, as in a process that has served
        _timed(subjects, value)
    times, found = [], 0
    for value in asked[100:].tolist():
        ms, answer = _timed(subjects, value)
        times.append(ms)
        found += bool(answer.records)
        if value >= values and answer.records:
            raise RunError("bench subject: a value that no finding has was found")
    if not len(times) * 0.6 < found < len(times) * 0.9:
        raise RunError(
            f"bench subject: {found} of {len(times)} questions found something; the index is not what was sown"
        )
    hot = [_timed(subjects, value) for value in range(HOT_QUESTIONS)]
    return {
        "p95_ms": float(np.percentile(times, 95)), "p50_ms": float(np.percentile(times, 50)), "first_ms": first_ms,
        "hot_ms": max(ms for ms, _ in hot), "hot_records": min(sum(a.found.values()) for _, a in hot), "asked": len(times),
    }  # fmt: skip


def _timed(subjects: Subjects, value: int) -> tuple[float, Answer]:
    wanted = Identifier(
        ENTITIES[value % len(ENTITIES)], KEY_ID, hmacs_of(np.array([value], np.uint64)).tobytes()
    )  # fmt: skip
    began = time.perf_counter()
    answer = subjects.find([wanted], LIMIT)
    return (time.perf_counter() - began) * 1000, answer


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
