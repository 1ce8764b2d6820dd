"""Assessments in the ledger: dated by the log, signed, held to their bytes; which one counts for the figure before collection."""

from dataclasses import replace
from pathlib import Path

import pytest

from manifests import log
from manifests.article19 import article19
from manifests.assessments import (
    assessments_of,
    check_assessments,
    load_assessment,
    named_objects,
    record_assessment,
    with_assessments,
)
from manifests.disclose import report_html
from manifests.ledger import Ledger
from manifests.manifest import decode, encode, registry_of
from manifests.runs import load_manifest, sealed_run
from manifests.seal import SealError, make_key, public_key, public_path
from manifests.store import object_path
from manifests.verify import verify_ledger, verify_run
from schemas.assessment import (
    BEFORE,
    INSUFFICIENT,
    LATE,
    MEASURED,
    UNDATED,
    Assessment,
    CheckRan,
    Sample,
    chosen,
    figure_before,
    timing,
)
from schemas.errors import StoreError
from schemas.manifest import Registry
from schemas.source import Source
from tests.kit.ledgers import small_ledger

MADE = Assessment(
    "web", "a" * 64, "Li", "2026-01-05T10:00:00Z", "corpusledger 0.1", Sample(2, 0, 0, 900, "b" * 64, 12, 11, 1),
    (CheckRan("quality", 1, {"shortest": 20}),), {"quality": {"short_records": 3, "short_ppm": None}},
)  # fmt: skip


@pytest.fixture
def signed(tmp_path: Path) -> tuple[Ledger, Path]:
    ledger, public = small_ledger(tmp_path)
    return ledger, public.with_name("ledger.key")


def test_an_assessment_comes_back_as_it_went(signed: tuple[Ledger, Path]) -> None:
    ledger, key = signed
    recorded = record_assessment(ledger, MADE, key)
    assert assessments_of(ledger.store) == (recorded,)
    assert assessments_of(ledger.store, "other") == ()
    assert load_assessment(ledger.store, recorded) == MADE
    body = log.entries(ledger.store)[recorded.entry].body
    assert (body["reviewer"], body["sample_sha256"], body["signed"]) == ("Li", "b" * 64, True)


def test_verify_holds_bytes_and_signature(signed: tuple[Ledger, Path]) -> None:
    ledger, key = signed
    recorded = record_assessment(ledger, MADE, key)
    trusted = [public_key(public_path(key))]
    assert check_assessments(ledger.store, trusted) == []
    assert verify_ledger(ledger.store, trusted).problem is None
    assert verify_ledger(ledger.store, trusted).notes == ()  # its objects are no loose ones
    assert set(named_objects(ledger.store)) == {recorded.sha256, recorded.envelope}
    other = key.with_name("other.key")
    make_key(other)
    with pytest.raises(SealError, match="made by none of the trusted keys"):
        check_assessments(ledger.store, [public_key(public_path(other))])
    path = ledger.store.local_path(object_path(recorded.sha256))
    assert path is not None
    path.write_bytes(path.read_bytes().replace(b'"Li"', b'"Wu"'))
    for verdict in (verify_ledger(ledger.store, trusted), verify_run(ledger.store, "run-1", trusted)):
        assert verdict.problem is not None and recorded.sha256 in verdict.problem


def test_a_signature_over_another_assessment_is_found_out(signed: tuple[Ledger, Path]) -> None:
    ledger, key = signed
    first = record_assessment(ledger, MADE, key)
    second = record_assessment(ledger, replace(MADE, reviewer="Wu"), None)
    body = {**log.entries(ledger.store)[second.entry].body, "envelope_sha256": first.envelope, "signed": True}
    log.append(ledger, "source-assessed", body)
    with pytest.raises(SealError, match="signs something else"):
        check_assessments(ledger.store, [public_key(public_path(key))])


def test_a_log_that_names_another_source_is_found_out(signed: tuple[Ledger, Path]) -> None:
    ledger, _ = signed
    first = record_assessment(ledger, MADE, None)
    log.append(ledger, "source-assessed", {**log.entries(ledger.store)[first.entry].body, "source": "other"})
    with pytest.raises(StoreError, match="of another source or time"):
        check_assessments(ledger.store)


def test_an_unsigned_one_is_told(signed: tuple[Ledger, Path]) -> None:
    ledger, _ = signed
    recorded = record_assessment(ledger, MADE, None)
    assert check_assessments(ledger.store) == [f"the assessment of source web (log entry {recorded.entry}) is unsigned"]


@pytest.mark.parametrize(
    ("assessed", "collected_from", "when"),
    [
        ("2026-01-05T23:59:59Z", "2026-01-05", BEFORE),
        ("2026-01-06T00:00:00Z", "2026-01-05", LATE),
        ("2026-01-04T10:00:00Z", "2026-01-05", BEFORE),
        ("2026-01-04T10:00:00Z", None, UNDATED),
    ],
)
def test_on_the_first_day_of_collection_it_is_still_before(
    assessed: str, collected_from: str | None, when: str
) -> None:
    assert timing(assessed, collected_from) == when


def test_the_newest_before_collection_counts_and_else_the_newest() -> None:
    times = ["2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z", "2026-02-01T00:00:00Z"]
    assert chosen(times, "2026-01-15") == 1
    assert chosen(times, "2025-12-01") == 2
    assert chosen(times, None) == 2
    assert chosen([], "2026-01-15") is None
    assert chosen([times[0], times[0]], "2026-01-15") == 1


@pytest.mark.parametrize("when", [None, LATE, UNDATED, BEFORE])
def test_the_figure_is_measured_or_insufficient_and_never_zero_by_default(when: str | None) -> None:
    none = figure_before(None, when)
    assert (none.state, none.ppm) == (INSUFFICIENT, None)
    some = figure_before(0, when)
    assert (some.state, some.ppm) == ((MEASURED, 0) if when == BEFORE else (INSUFFICIENT, None))
    assert none.reason.zh and none.reason.en


def test_the_registry_of_a_run_names_the_assessment_that_counts(signed: tuple[Ledger, Path]) -> None:
    ledger, key = signed
    record_assessment(ledger, MADE, key)
    newer = record_assessment(ledger, replace(MADE, assessed="2026-01-07T00:00:00Z"), key)
    late = record_assessment(ledger, replace(MADE, assessed="2026-03-01T00:00:00Z"), None)
    plain = registry_of([Source("web", ("x",), collected_from="2026-02-01"), Source("zoo", ("y",))], "2026-10-01")
    web, zoo = with_assessments(ledger.store, plain).sources
    assert web.assessment is not None and zoo.assessment is None
    assert (web.assessment.sha256, web.assessment.entry, web.assessment.timing) == (newer.sha256, newer.entry, BEFORE)
    assert (web.assessment.records, web.assessment.unlawful_ppm, web.assessment.signed) == (11, None, True)
    undated = with_assessments(ledger.store, registry_of([Source("web", ("x",))])).sources[0].assessment
    assert undated is not None and (undated.entry, undated.timing) == (late.entry, UNDATED)


def test_the_report_says_of_every_source_whether_it_was_assessed(signed: tuple[Ledger, Path]) -> None:
    ledger, key = signed
    manifest = load_manifest(ledger.store, sealed_run(ledger.store, "run-1"))
    first, second = manifest.registry.sources
    before = article19(manifest, "a" * 64, signed=True)
    assert "日志中没有评估" in report_html(before)
    record_assessment(ledger, replace(MADE, source=second.id, assessed="2025-12-01T00:00:00Z"), key)
    entries = (replace(first, proofs_missing=("ownership",)), replace(second, proofs_missing=()))
    registry = with_assessments(ledger.store, Registry(manifest.registry.digest, entries))
    changed = replace(manifest, registry=registry)
    assert decode(encode(changed)) == changed
    page = report_html(article19(changed, "a" * 64, signed=True))
    assert "自行生产的权属声明" in page
    assert "早于采集" in page and "b" * 64 in page and "未测量" in page
    assert "Li<" not in page  # nobody's name is printed
