"""Counts by entity in a manifest: the check's own, corrected by the release's accuracy where that is of this version."""

import json
from pathlib import Path

import pytest

from checks.personal import Personal, accuracy
from checks.personal.accuracy import accuracy_of, shown
from checks.personal.estimate import corrected, corrected_rate_ppm
from pipelines.measures import NOTHING, SourceTotals, together
from pipelines.personal_counts import personal_counts
from schemas.personal import PersonalCounts
from tests.checks.test_personal_validators import a_card, a_mobile, an_email, an_id
from tests.kit.command import age, here, lines, write_run
from tests.kit.records import texts as texts_batch

CHILD, GROWN = an_id(110105, "20200229"), an_id(110105, "19900101")
OWN = '{"recognizers":"ours","version":"1","entities":[{"id":"staff","entity":"STAFF_NO","expressions":["EMP-[0-9]{6}"],"score_ppm":500000}]}'
TEXTS = {
    "a": [f"身份证号{CHILD}，手机{a_mobile()}。", f"工号 EMP-123456，身份证号{GROWN}", "没有"],
    "b": [f"mail {an_email()} and {an_email()}", "卡号" + a_card("62" + "1" * 8 + "12345") + "。"],
    "c": ["nothing of anybody"],
}
"""By source."""


@pytest.fixture
def this_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accuracy, "measured_with", lambda: Personal.version)


def _totals(check: Personal, texts: list[str], unread: int = 0) -> SourceTotals:
    """One source: its texts looked at, and *unread* records more that were not read by this check."""
    looked = len(texts) + unread
    reading = {"tally": {"read": looked + 1, "looked": looked, "unread": {"not json": 1}}, "unread": 0}
    tally = check.look(texts_batch(*texts)).total
    return SourceTotals({"reading": reading, "personal": {"tally": tally, "unread": unread}}, NOTHING.files)


def _counted(check: Personal) -> PersonalCounts:
    sources = {name: _totals(check, texts, unread=2) for name, texts in TEXTS.items()}
    found = personal_counts([check], sources, together([check], list(sources.values())))
    assert found is not None
    return found


def test_counts_are_the_tally_s_and_the_sources_add_up_to_the_run(this_version):
    check = Personal(names="off", recognizers=(OWN,))
    found = _counted(check)
    assert tuple(e.entity for e in found.entities) == check.catalogue.names
    told = {(e.entity, c.source): (c.findings, c.validated, c.records) for e in found.entities for c in e.counts}
    assert {k: v for k, v in told.items() if v[0]} == {
        ("CN_RESIDENT_ID", None): (2, 2, 2), ("CN_RESIDENT_ID", "a"): (2, 2, 2),
        ("CN_MOBILE", None): (1, 1, 1), ("CN_MOBILE", "a"): (1, 1, 1),
        ("EMAIL_ADDRESS", None): (2, 2, 1), ("EMAIL_ADDRESS", "b"): (2, 2, 1),
        ("BANK_CARD", None): (1, 1, 1), ("BANK_CARD", "b"): (1, 1, 1),
        ("STAFF_NO", None): (1, 0, 1), ("STAFF_NO", "a"): (1, 0, 1),
    }  # fmt: skip
    assert all(e.counts[0].source is None for e in found.entities)  # the run stands first, found or not


def test_coverage_counts_what_this_check_did_not_read(this_version):
    entities = {e.entity: e for e in _counted(Personal(names="off")).entities}
    run, source = entities["EMAIL_ADDRESS"].counts
    assert (run.looked_at, run.unread) == (6, 9)
    assert (source.source, source.looked_at, source.unread) == ("b", 2, 3)


def test_each_count_is_corrected_by_the_accuracy_that_is_shown_beside_it(this_version):
    for entity in _counted(Personal(names="off")).entities:
        measured, known = shown(entity.entity), accuracy_of(entity.entity)
        if measured is None or known is None:
            assert entity.accuracy is None
            continue
        assert entity.accuracy is not None
        assert tuple(getattr(entity.accuracy, name) for name in entity.accuracy.__dataclass_fields__) == measured
        for c in entity.counts:
            values, share = corrected(c.findings, known[1]), corrected_rate_ppm(c.records, c.looked_at, known[1])
            assert c.values is not None and c.records_ppm is not None
            assert (c.values.value, c.values.low, c.values.high) == (values.value, values.low, values.high)
            assert (c.records_ppm.value, c.records_ppm.low, c.records_ppm.high) == (share.value, share.low, share.high)


def test_an_entity_that_no_set_labels_is_not_corrected(this_version):
    own = _counted(Personal(names="off", recognizers=(OWN,))).entities[-1]
    assert (own.entity, own.accuracy) == ("STAFF_NO", None)
    assert all(c.values is None and c.records_ppm is None for c in own.counts)


def test_accuracy_measured_with_another_version_is_not_this_version_s(monkeypatch):
    monkeypatch.setattr(accuracy, "measured_with", lambda: Personal.version - 1)
    entities = _counted(Personal(names="off")).entities
    assert sum(e.counts[0].findings for e in entities) == 6
    assert all(e.accuracy is None and e.counts[0].records_ppm is None for e in entities)


def test_children_are_counted_on_the_date_given_alone():
    assert _counted(Personal(names="off")).under_14_records is None
    found = _counted(Personal(names="off", as_of="2026-11-22"))
    assert (found.as_of, found.under_14_records) == ("2026-11-22", 1)


def test_sensitive_findings_are_those_of_the_entities_that_a_text_names():
    found = _counted(Personal(names="off"))
    of_run = {e.entity: e.counts[0].findings for e in found.entities}
    by_law = {s.profile: s for s in found.sensitive}
    assert by_law["pipl-28"].findings == 1  # the bank card
    assert by_law["gbt-35273-2020"].findings == 3  # and the two resident ids
    assert by_law["gdpr-9"].findings == 0
    assert all(s.findings == sum(of_run[name] for name in s.entities) for s in found.sensitive)


def test_a_run_without_the_check_has_no_counts_and_one_without_records_has_no_rate(this_version):
    assert personal_counts([], {}, NOTHING) is None
    empty = personal_counts([Personal(names="off")], {}, NOTHING)
    assert empty is not None
    rate = next(e for e in empty.entities if e.entity == "CN_MOBILE").counts[0].records_ppm
    assert rate is not None and (rate.value, rate.low, rate.high) == (None, 0, None)


def test_names_are_counted_where_they_are_looked_for_and_not_corrected_to_the_whole_text(this_version):
    check = Personal(names="full")
    sources = {"s": _totals(check, ["联系人：张伟，电话" + a_mobile() + "。", "没有"])}
    found = personal_counts([check], sources, together([check], list(sources.values())))
    assert found is not None
    person = found.entities[-1]
    tally = sources["s"].tallies["personal"]["tally"]["people"]
    assert tally["findings"] > 0
    assert person.entity == "PERSON"
    assert [(c.findings, c.records) for c in person.counts] == [(tally["findings"], tally["records_with"])] * 2
    assert all(c.records_ppm is None and c.values is None for c in person.counts)
    assert "PERSON" not in {e.entity for e in _counted(Personal(names="off")).entities}


def test_a_sealed_run_answers_by_entity_and_source_and_names_no_value(tmp_path: Path):
    rows = {name: lines(*({"text": text} for text in texts)) for name, texts in TEXTS.items()}
    sources = {name: f"paths: [corpus/{name}]\nlicence: MIT\n" for name in TEXTS}
    path = write_run(tmp_path, sources, {f"{name}/a.jsonl": data for name, data in rows.items()}, "")
    age(tmp_path)
    ran = here("run", path, "--json")
    assert ran.code in (0, 1), ran.err
    run, place = ran.result["run"], ("--ledger", ran.result["ledger"])
    whole = here("query", "personal", run, *place, "--json").result
    source = here("query", "personal", run, *place, "--json", "--source", "b").result
    found = {r["entity"]: (r["findings"], r["records"], r["looked_at"]) for r in whole["rows"] if r["findings"]}
    assert found == {
        "CN_RESIDENT_ID": (2, 2, 6), "CN_MOBILE": (1, 1, 6), "EMAIL_ADDRESS": (2, 1, 6), "BANK_CARD": (1, 1, 6),
    }  # fmt: skip
    assert {r["entity"] for r in source["rows"]} == {"EMAIL_ADDRESS", "BANK_CARD"}
    assert CHILD not in json.dumps([whole, source])
    assert "CN_RESIDENT_ID" in here("query", "personal", run, *place).out
    wrong = here("query", "personal", run, *place, "--source", "nowhere")
    assert wrong.code == 2
    assert "--source nowhere: the run read no such source; it read a, b, c" in wrong.err
