"""A small real ledger: two sources, six files, sealed runs with objects, rollups and a gate that stopped them."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from manifests.ledger import Ledger, open_or_create
from manifests.parquet import parquet_bytes
from manifests.runs import Sealed, log_head, seal_run
from manifests.seal import make_key
from manifests.store import Store
from manifests.tables import write_files, write_units
from schemas import ledger as shapes
from schemas.canonical import canonical_json, digest_of, sha256_hex
from schemas.finding import FINDING
from schemas.manifest import (
    CheckCounts,
    CheckEntry,
    Counts,
    FileCounts,
    Gate,
    Manifest,
    Measured,
    MeasureEntry,
    MediaCount,
    PolicyEntry,
    Product,
    RecordCounts,
    Registry,
    RuleResult,
    SourceCounts,
    SourceEntry,
    TableSet,
    Top,
    TopKey,
)  # fmt: skip
from schemas.words import Words

CREATED_BY = "corpusledger 0.1.0"
WEB = {
    "id": "news-zh", "paths": ["crawl/*.jsonl"], "name": "新闻网页", "class": "self-collected", "category": "web-crawl",
    "stage": "pre-training", "language": "zh", "licence": "LicenseRef-none-found", "collected_from": "2026-01-01",
    "collected_until": "2026-06-30", "collected_with": "ExampleBot/2.1", "format": "jsonl", "layout": "plain",
    "record": "file", "identity": "token", "review": {"decision": "approved", "by": "someone", "on": "2026-07-01"},
}  # fmt: skip
BOOKS = {
    "id": "books-en", "paths": ["books/*.txt"], "name": "Public-domain books", "class": "open-source", "stage": "pre-training",
    "category": "public-dataset", "language": "en", "licence": "CC0-1.0", "format": "text", "layout": "plain",
    "licence_evidence": "https://example.org/terms", "record": "file", "identity": "token",
}  # fmt: skip


def small_ledger(folder: Path, runs: int = 1, *, signed: bool = True) -> tuple[Ledger, Path]:
    """A ledger in *folder*/ledger with sealed runs ``run-1`` …; returns it and the public key's path."""
    key = folder / "keys" / "ledger.key"
    public = key.with_name("ledger.key.pub")
    if not key.exists():
        make_key(key)
    ledger = open_or_create(str(folder / "ledger"), CREATED_BY)
    for number in range(1, runs + 1):
        seal(ledger, f"run-{number}", key if signed else None)
    return ledger, public


def seal(ledger: Ledger, run: str, key: Path | None, domains: tuple[tuple[str, str, int, int], ...] = ()) -> Sealed:
    """Write the tables and objects of *run*, and seal its manifest. *domains*: more rows of the domain rollup."""
    units = write_units(ledger.store, run, [units_table(ledger.store, run)])
    rows = sorted([("news.example.cn", "news-zh", 5, 900), ("xn--fsqu00a.example", "news-zh", 2, 80), *domains])
    rollup = parquet_bytes(
        pa.Table.from_pylist(
            [dict(zip(shapes.ROLLUP_DOMAIN.names, r, strict=True)) for r in rows], shapes.ROLLUP_DOMAIN
        ),
        shapes.DOMAINS_NAME,
    )
    files = write_files(
        ledger.store, run, [(shapes.DOMAINS, ledger.store.put_object(rollup), len(rows), shapes.DOMAINS_NAME)]
    )
    made = replace(manifest(run, units, files), log=log_head(ledger.store))
    return seal_run(ledger, made, key)


def units_table(store: Store, run: str) -> pa.Table:
    """Six files: two JSONL (one split in two ranges), two texts packed in one unit, an image, a gzip no byte came of."""
    findings = pa.Table.from_pylist(
        [
            {
                "rule": "licence.cc-url",
                "row": 1,
                "start": 3,
                "end": 9,
                "start_byte": 9,
                "end_byte": 27,
                "detail": "CC-BY-NC-4.0",
            }
        ],
        schema=FINDING,
    )
    records = pa.table({"row": pa.array(range(4), pa.uint32())})
    rows = [
        _row(run, 0, "news-zh", "crawl/a.jsonl", 0, 4, 1, span=(0, 60), objects={
            "reading": {"records": _object(store, records)}, "licence": {"findings": _object(store, findings)}}),
        _row(run, 1, "news-zh", "crawl/a.jsonl", 0, 3, 0, span=(60, 100), objects={}),
        _row(run, 2, "news-zh", "crawl/b.jsonl", 0, 2, 0, objects={}, unread_by={"licence": 1}),
        _row(run, 3, "books-en", "books/one.txt", 0, 1, 0, objects={}, media="text/plain"),
        _row(run, 3, "books-en", "books/two.txt", 1, 1, 0, media="text/plain"),
        {**_row(run, None, "books-en", "books/cover.png", None, 0, 0, media="image/png"), "status": shapes.NOT_LOOKED_AT},
        {**_row(run, None, "news-zh", "crawl/c.jsonl.gz", None, 0, 0), "status": shapes.UNREADABLE, "shard_digest": None},
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=shapes.UNITS)


def manifest(run: str, units: TableSet, files: TableSet) -> Manifest:
    """The manifest that fits `units_table`: every sum in it comes out."""
    sources = tuple(SourceEntry(s["id"], s, digest_of(s)) for s in (BOOKS, WEB))
    measures = (
        MeasureEntry("findings", "findings", "CC licence URLs and SPDX tags in the text, one finding each"),
        MeasureEntry("restricted_ppm", "ppm", "records with a non-commercial licence mark, of the records looked at"),
    )
    check = CheckEntry("licence", 1, {"shortest": 20}, {"patterns": "ab" * 32}, ("source.licence",), measures)
    rule = RuleResult(
        "CN-IP-030", Words("《生成式人工智能服务管理暂行办法》第七条第（二）项 [T]", "Interim Measures Art. 7(2) [T]"),
        Words("没有限制使用的记录", "no records under restricted terms"), "not_met", "block", "licence", "restricted_ppm", "<=", 0, 142857,
        "ppm", ("news-zh",), Words("没有限制使用的记录：未满足", "no records under restricted terms: not met"),
    )  # fmt: skip
    open_rule = replace(rule, rule="CN-SCP-010", state="needs_human", effect="hold", check=None, measure=None, op=None,
                        threshold=None, observed=None, unit=None, sources=(),
                        summary=Words("是否适用已由人员判断：待人工判断", "a person has decided: needs a person"))  # fmt: skip
    return Manifest(
        run=run, started="2026-11-21T02:00:00Z", finished="2026-11-21T02:10:00Z",
        provider={"name": "示例科技有限公司", "name_en": "Example Technology Co., Ltd."},
        model={"name": "demo-7B", "version": "0.3"}, stage="pre-training",
        product=Product("corpusledger", "0.1.0", "3.11", {"pyarrow": pa.__version__}),
        settings={"seed": 17}, registry=Registry(digest_of({s.id: s.digest for s in sources}), sources),
        policies=(PolicyEntry("cn-genai", "0.1", "cd" * 32),), checks=(check,), counts=_counts(),
        measures=(
            Measured(None, "licence", 9, 2, {"findings": 1, "restricted_ppm": 111111}),
            Measured("books-en", "licence", 2, 0, {"findings": 0, "restricted_ppm": 0}),
            Measured("news-zh", "licence", 7, 2, {"findings": 1, "restricted_ppm": 142857}),
        ),
        gate=Gate(True, "block", (rule, open_rule)),
        top=(Top("domain", 2, (TopKey("news.example.cn", 5, 900), TopKey("xn--fsqu00a.example", 2, 80))),),
        units=units, files=files, log=None, execution={"runner": "local", "host": "here", "made": 3, "reused": 0},
    )  # fmt: skip


def _counts() -> Counts:
    books = SourceCounts("books-en", FileCounts(3, 2, 1, 0, 300, 200), RecordCounts(2, 2, 0, {}, 150), {"licence": 0})
    news = SourceCounts(
        "news-zh", FileCounts(3, 2, 0, 1, 300, 200), RecordCounts(9, 8, 1, {"not json": 1}, 980), {"licence": 1}
    )
    return Counts(
        FileCounts(6, 4, 1, 1, 600, 400),
        (
            MediaCount("application/gzip", shapes.UNREADABLE, 1, 100), MediaCount("application/x-ndjson", shapes.READ, 2, 200),
            MediaCount("image/png", shapes.NOT_LOOKED_AT, 1, 100), MediaCount("text/plain", shapes.READ, 2, 200),
        ),
        RecordCounts(11, 10, 1, {"not json": 1}, 1130), (CheckCounts("licence", 9, 2, 1),), (books, news),
    )  # fmt: skip


def _object(store: Store, table: pa.Table) -> dict[str, object]:
    data = parquet_bytes(table)
    return {"sha256": store.put_object(data), "bytes": len(data), "rows": table.num_rows}


def _row(
    run: str, unit: int | None, source: str, shard: str, first_row: int | None, rows: int, unread: int, *,
    span: tuple[int, int] | None = None, objects: dict[str, object] | None = None, unread_by: dict[str, int] | None = None,
    media: str = "application/x-ndjson",
) -> dict[str, object]:  # fmt: skip
    digest = sha256_hex(shard.encode())
    first = objects is not None
    return {
        "unit": unit, "unit_id": None if unit is None else sha256_hex(b"%d" % unit), "source": source, "shard": shard,
        "uri": f"file:///corpus/{shard}", "range_start": span and span[0], "range_end": span and span[1],
        "token": canonical_json({"size": 100}).decode(), "strong": False, "shard_bytes": 100, "shard_digest": digest,
        "chunk_digests": [digest], "input_digest": digest, "digest_from": "read", "first_row": first_row, "rows": rows,
        "records_unread": unread, "status": shapes.READ, "media_type": media,
        "framing": canonical_json({"format": "jsonl"}).decode(),
        "works": canonical_json({"reading": digest}).decode() if first else None,
        "objects": canonical_json(objects).decode() if first else None,
        "made": canonical_json(["reading"]).decode() if first else None,
        "unread_by": canonical_json(unread_by or {}).decode() if first else None,
    }  # fmt: skip
