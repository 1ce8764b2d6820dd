"""Items of voided batches: found by the text's own digest or by the id that is mapped, and by nothing that is like it."""

import hashlib

import pyarrow as pa
import pytest

from checks.labels import ENTRIES, Labels, entries_of
from checks.labels.index import voided_of
from schemas.errors import LedgerError
from tests.kit.labels import seeking
from tests.kit.records import records

TEXT = "作废批次中的一条数据。"


def content(text):
    return hashlib.sha256(text.encode()).digest()


def found(check, rows):
    seen = check.look(records(rows))
    return [(f["row"], f["detail"]) for f in seen.findings.to_pylist()], check.report(seen.total)


def test_a_record_is_found_by_its_text_or_by_its_id():
    check = seeking({content(TEXT): "批次-2"}, {"条目-7": "批次-3", "8": "批次-3"})
    rows = [
        {"text": TEXT}, {"text": TEXT + " "}, {"text": "别的", "meta": "条目-7"}, {"text": "别的", "meta": "条目-70"},
        {"text": "", "meta": ""}, {"text": "条目-7"}, {"text": TEXT, "meta": "8"},
    ]  # fmt: skip
    details, report = found(check, rows)
    assert details == [
        (0, "batch 批次-2, by content id"),
        (2, "batch 批次-3, by item id"),
        (6, "batch 批次-2, by content id"),
    ]
    assert report == {"records": 7, "voided_records": 3}


def test_only_the_ways_that_are_set_are_looked_at():
    check = seeking({}, {"条目-7": "b"})
    assert check.kinds == ("item id",)
    assert found(check, [{"text": "条目-7"}])[0] == []


def test_without_a_record_of_labelling_nothing_is_known_and_nothing_looked_at():
    seen = Labels().look(records([{"text": TEXT}]))
    assert seen.findings is None
    assert Labels().report(seen.total) == {"records": None, "voided_records": None}


def test_a_stale_record_finds_what_it_names_and_counts_nothing_for_certain():
    details, report = found(seeking({content(TEXT): "b"}, {}, state="stale"), [{"text": TEXT}])
    assert len(details) == 1
    assert report == {"records": 1, "voided_records": None}


def test_no_voided_batch_is_a_count_of_nought():
    assert found(seeking({}, {}), [{"text": TEXT}]) == ([], {"records": 1, "voided_records": 0})


def test_keys_that_share_their_first_half_are_told_apart():
    one, other = (b"\0" * 8 + bytes([n]) * 8 + b"\1" * 16 for n in (1, 2))
    shelf = voided_of(entries_of({one: "a", other: "b"}, {}))["content id"]
    assert shelf.batches == ("a", "b")
    assert shelf.shelf.low[0] < shelf.shelf.low[1]
    assert entries_of({one: "a", other: "b"}, {}).schema == ENTRIES


def test_settings_are_those_of_a_record_of_labelling_alone():
    with pytest.raises(ValueError, match="leave them out"):
        Labels(unknown=True)
    with pytest.raises(ValueError, match="leave them out"):
        Labels(index="0" * 64, kinds=("url",))
    with pytest.raises(LedgerError, match="not loaded"):
        Labels(index="f" * 64, kinds=("content id",)).look(records([{"text": TEXT}]))


def test_a_slice_of_a_batch_is_read_from_its_own_first_row():
    check = seeking({content(TEXT): "b"}, {})
    batch = records([{"text": "一"}, {"text": TEXT}, {"text": "二"}])
    seen = check.look(batch.slice(1, 2))
    assert seen.findings.column("row").to_pylist() == [1]
    assert isinstance(seen.findings, pa.Table)
