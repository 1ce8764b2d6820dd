"""Fingerprints of restricted datasets as checks hold them, over given records."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from checks.laundering import ENTRIES, Gathered, Laundering, use_fingerprints
from manifests.parquet import parquet_bytes
from tests.kit.record_corpus import kit_corpus
from tests.kit.records import records


def turns(prompt: str, response: str, system: str = "") -> dict[str, Any]:
    """A record of one question and its answer, as readers make it of an alpaca line."""
    said = [("system", system), ("user", prompt), ("assistant", response)]
    text, roles = "", []
    for role, value in said:
        if value:
            start = len(text) + 1 if text else 0
            text = f"{text}\n{value}" if text else value
            roles.append({"role": role, "path": role, "start": start, "end": len(text)})
    return {"text": text, "roles": roles}


def entries_of(*batches: pa.RecordBatch) -> tuple[pa.Table, Gathered]:
    """The fingerprint of one dataset."""
    gathered = Gathered()
    for batch in batches:
        gathered.add(batch)
    return gathered.entries(), gathered


def knowing(
    datasets: Mapping[str, Sequence[Mapping[str, Any]] | pa.RecordBatch], licence: str = "CC-BY-NC-4.0", **settings: Any
) -> Laundering:
    """A check that knows *datasets* (name -> rows or a batch), all of that licence; loaded in this process."""
    tables, sought, items, not_sought = [], [], [], []
    for number, given in enumerate(datasets.values()):
        batch = given if isinstance(given, pa.RecordBatch) else records(list(given))
        table, gathered = entries_of(batch)
        counts = gathered.counts(table).values()
        tables.append(table.set_column(2, ENTRIES.field("set"), pa.array([number] * table.num_rows, pa.uint16())))
        sought.append(sum(c.sought for c in counts))
        not_sought.append(sum(c.values - c.sought for c in counts))
        items.append(gathered.items)
    whole = pa.concat_tables(tables).sort_by([(name, "ascending") for name in ENTRIES.names])
    index = hashlib.sha256(parquet_bytes(whole)).hexdigest()
    use_fingerprints(index, lambda: whole)
    told = tuple("" for _ in datasets)
    return replace(
        Laundering(**settings), sets=tuple(datasets), licences=tuple(licence for _ in datasets), versions=told, files=told,
        items=tuple(items), sought=tuple(sought), not_sought=tuple(not_sought), index=index,
    )  # fmt: skip


def kit_knowing() -> Laundering:
    """The check as laws and goldens hold it: it knows three batches of the kit corpus."""
    corpus = kit_corpus()
    return knowing({"harbour": corpus["en"], "archive-zh": corpus["zh"], "talk": corpus["chat"]})
