"""The tables of a run's units as rollups of the run: summed by source, exact at any cut into units."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.licence import Licence
from manifests.ledger import open_ledger
from manifests.parquet import parquet_bytes, read_parquet
from manifests.runs import load_manifest, sealed_runs
from manifests.store import open_store
from manifests.tables import read_files
from pipelines.rollups import ROLLED, rollup
from schemas.ledger import LICENCES, LICENCES_NAME, ROLLUP_LICENCES
from tests.kit.command import here, lines, write_run

LICENCE_TABLE = Licence.table_schemas["licences"]
NC = "# SPDX-License-Identifier: CC-BY-NC-4.0\n"
PLAIN = "The cat sat on the mat and it was of no use to the dog that slept through the whole of the afternoon."


@pytest.mark.parametrize("pack_files", [1, 10])
def test_records_and_bytes_by_licence_and_source_stand_in_the_run(tmp_path: Path, pack_files: int) -> None:
    sources = {"en": "paths: [corpus/en]\nlicence: MIT\n", "zh": "paths: [corpus/zh]\n"}
    files = {
        "en/a.jsonl": lines({"text": PLAIN + " 1"}, {"text": NC + PLAIN}),
        "en/b.jsonl": lines({"text": PLAIN + " 2"}),
        "zh/a.jsonl": lines({"text": "山川与河流。" * 60}, {"text": NC + "山川"}),
    }
    path = write_run(tmp_path, sources, files, f"plan: {{pack_files: {pack_files}}}\n")
    done = here("run", path, "--json")
    assert done.code in (0, 1), done.err
    ledger = open_ledger(str(tmp_path / "ledger"))
    listed = read_files(ledger.store, load_manifest(ledger.store, sealed_runs(ledger.store)[-1])).to_pylist()
    (file,) = [f for f in listed if f["name"] == LICENCES]
    assert (file["rows"], file["kind"]) == (4, LICENCES_NAME)
    table = read_parquet(ledger.store.get_object(file["digest"]), "licences", ROLLUP_LICENCES)
    assert [tuple(row.values()) for row in table.to_pylist()] == [
        ("CC-BY-NC-4.0", "zh", 1, len(NC) + len("山川".encode())),
        ("CC-BY-NC-4.0 AND MIT", "en", 1, len(NC + PLAIN)),
        ("MIT", "en", 2, 2 * len(PLAIN) + 4),
        ("unknown", "zh", 1, len("山川与河流。".encode()) * 60),
    ]


rows = st.fixed_dictionaries(
    {"licence": st.sampled_from(["MIT", "unknown", "CC-BY-4.0"]), "records": st.integers(1, 9), "bytes": st.integers(0, 99)}
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    parts=st.lists(st.lists(rows, min_size=1, max_size=5, unique_by=lambda r: r["licence"]), min_size=1, max_size=70)
)
def test_licences_of_many_units_are_summed_by_key(tmp_path_factory, parts):
    store = open_store(str(tmp_path_factory.mktemp("store")))
    digests = []
    for part in parts:
        table = pa.Table.from_pylist(sorted(part, key=lambda r: r["licence"]), LICENCE_TABLE)
        digests.append(store.put_object(parquet_bytes(table, "corpusledger.table")))
    found = rollup(store, digests, ROLLED["licences"][1]).to_pylist()
    assert [r["licence"] for r in found] == sorted({r["licence"] for part in parts for r in part})
    for row in found:
        same = [r for part in parts for r in part if r["licence"] == row["licence"]]
        assert (row["records"], row["bytes"]) == (sum(r["records"] for r in same), sum(r["bytes"] for r in same))
