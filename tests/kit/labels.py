"""A record of labelling on disk: rules, annotators, tasks, batches and rows, right in everything but what a test changes."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from checks.labels import CONTENT, ITEM, Labels
from pipelines.labels import Record, joined_labels, read_record
from schemas.labels import PARTS
from schemas.risks import taxonomy
from tests.kit.record_corpus import kit_corpus

ANN, BO, CHEN = (letter * 32 for letter in "abc")
DAYS = ("2026-11-20", "2026-11-22")


def declared() -> dict[str, Any]:
    """The YAML as a value: a functional batch and a safety batch, and a functional batch that was voided."""
    rules = {"version": "1.0", "document": "rules.md", "from": "2026-01-01", "review": "§5"}
    person = {
        "training": [{"on": "2026-01-05", "law": ["CN-IM Art. 8"], "rules": ["qa-rules"]}],
        "examinations": [{"on": "2026-01-06", "passed": True, "expires": "2026-12-31"}],
    }
    covers = dict.fromkeys(PARTS, "§1")
    checked = [
        {"on": "2026-03-03", "event": "check", "by": CHEN, "batch": b, "passed": True} for b in ("q1", "q2", "s1")
    ]
    return {
        "version": "7", "as_of": "2026-11-01", "rows": ["rows/*"], "seed": 5, "replicates": 100,
        "rules": [
            {"id": "qa-rules", "kind": "functional", "versions": [{**rules, "covers": covers}]},
            {"id": "safe-rules", "kind": "safety", "versions": [
                {**rules, "covers": covers, "risks": dict.fromkeys(taxonomy().ids(), "§6")}]},
        ],
        "annotators": [
            {"id": ANN, "roles": ["labeller"], **person}, {"id": BO, "roles": ["labeller"], **person},
            {"id": CHEN, "roles": ["reviewer"], **person},
        ],
        "tasks": [
            {"id": "qa", "kind": "functional", "method": "human", "rules": "qa-rules", "values": ["good", "bad"],
             "sources": ["dialogues"]},
            {"id": "risk", "kind": "safety", "method": "human", "rules": "safe-rules"},
        ],
        "batches": [
            {"id": "q1", "task": "qa", "rules_version": "1.0", "state": "accepted", "illegal_found": False},
            {"id": "q2", "task": "qa", "rules_version": "1.0", "state": "voided", "illegal_found": True,
             "voided": {"on": "2026-03-04", "reason": "unlawful content"}},
            {"id": "s1", "task": "risk", "rules_version": "1.0", "state": "accepted"},
        ],
        "supervision": checked,
    }  # fmt: skip


def said() -> list[dict[str, Any]]:
    """Its rows: four items of q1 by two, two of them reviewed; one item of q2; two safety items of two, both reviewed."""
    rows = []
    for batch, item, one, other, review in (
        ("q1", "i1", "good", "good", "good"), ("q1", "i2", "bad", "bad", None), ("q1", "i3", "good", "bad", "bad"),
        ("q1", "i4", "bad", "bad", None), ("q2", "i9", "good", None, None), ("s1", "s1", "A1.a", "A1.a", "A1.a"),
        ("s1", "s2", "none", "none", "none"),
    ):  # fmt: skip
        for who, label, role in ((ANN, one, "label"), (BO, other, "label"), (CHEN, review, "review")):
            if label is not None:
                rows.append(
                    {"item": item, "annotator": who, "label": label, "batch": batch, "time": "2026-03-02", "role": role}
                )
    rows.append(
        {"item": "i3", "annotator": ANN, "label": "bad", "batch": "q1", "time": "2026-03-05T10:00", "role": "relabel"}
    )
    return rows


def write(
    folder: Path, change: Callable[[dict[str, Any]], None] | None = None, rows: Sequence[Mapping[str, Any]] | None = None,
    kind: str = "jsonl",
) -> Path:  # fmt: skip
    """The record on disk, after *change* of its YAML; safety rows in a file of their own. Gives the path of the YAML."""
    value = json.loads(json.dumps(declared()))
    if change is not None:
        change(value)
    (folder / "rows").mkdir(parents=True, exist_ok=True)
    (folder / "rules.md").write_text("标注规则", encoding="utf-8")
    (folder / "labels.yaml").write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False), encoding="utf-8")
    given = said() if rows is None else rows
    for name, part in (("functional", [r for r in given if r["batch"] != "s1"]), ("safety", [r for r in given if r["batch"] == "s1"])):  # fmt: skip
        path = folder / "rows" / f"{name}.{kind}"
        if kind == "jsonl":
            path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in part), encoding="utf-8")
        elif kind == "csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                out = csv.DictWriter(file, sorted({key for row in given for key in row}))
                out.writeheader()
                out.writerows(part)
        else:
            pq.write_table(pa.Table.from_pylist([dict(row) for row in part]), path)
    return folder / "labels.yaml"


def read(path: Path, **more: Any) -> tuple[Record, list[str]]:
    """(the record as read, what is wrong with it)."""
    problems: list[str] = []
    return read_record(path, DAYS, problems, **more), problems


def seeking(content: Mapping[bytes, str], items: Mapping[str, str], *, state: str = "joined") -> Labels:
    """The check that seeks these items of voided batches, loaded in this process."""
    from checks.labels import entries_of, use_voided
    from manifests.parquet import parquet_bytes
    from schemas.canonical import sha256_hex

    entries = entries_of(content, items)
    index = sha256_hex(parquet_bytes(entries, hashes=True))
    use_voided(index, lambda: entries)
    kinds = (*((CONTENT,) if content else ()), *((ITEM,) if items else ()))
    return Labels(index=index, kinds=kinds, unknown=state != "joined")


def kit_seeking() -> Labels:
    """What laws and goldens hold: two texts of the kit corpus by content id, and a `meta` of it by the item's id."""
    import hashlib

    texts = [kit_corpus()[name].column("text").to_pylist()[0] for name in ("zh", "en")]
    content = {hashlib.sha256(text.encode()).digest(): f"批次-{n}" for n, text in enumerate(texts)}
    return seeking(content, {'{"lang": "en"}': "by-id"})


__all__ = ["ANN", "BO", "CHEN", "declared", "joined_labels", "kit_seeking", "read", "said", "seeking", "write"]
