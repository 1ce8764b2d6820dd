"""Terms that other checks find records under: evidence beside the record's own, which takes away and never gives."""

from itertools import product

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.base import encode_tally
from checks.laundering import Laundering
from checks.licence import Licence
from checks.licence.classes import CLASSES, classify, is_stricter, registered
from checks.licence.uses import more_permissive, resolve
from checks.licence.verdict import verdict
from checks.optouts import OptOuts, Supplied
from checks.optouts.evidence import ROBOTS
from checks.optouts.verdict import Asked
from pipelines.terms import with_terms
from schemas.record import LICENCE_TERMS, TERMS
from tests.checks.whole import whole
from tests.kit.captures import judging
from tests.kit.records import records
from tests.kit.restricted import knowing, turns

ZH = "今天天气很好，适合出门走走，看看远处的山和近处的水。"
OUT = "LicenseRef-site-opt-out"


def term(row, licence, detector="optouts", what="robots", place=(None, None, None, None), confidence=1_000_000):
    return dict(zip(TERMS.names, (row, licence, detector, 1, what, *place, confidence), strict=True))


def told(batch, *terms):
    return with_terms(batch, [pa.Table.from_pylist(list(terms), schema=TERMS)])


GOLDEN = [
    # registry, declared, text, terms -> licence, class, conflicting
    (None, None, ZH, [OUT], f"{OUT} AND LicenseRef-unknown", "restricted", False),
    ("CC-BY-4.0", None, ZH, [OUT], f"CC-BY-4.0 AND {OUT}", "restricted", True),
    ("CC-BY-4.0", "MIT", ZH, ["CC-BY-NC-4.0"], "CC-BY-4.0 AND CC-BY-NC-4.0 AND MIT", "non-commercial", True),
    ("CC-BY-NC-4.0", None, ZH, ["CC-BY-NC-4.0"], "CC-BY-NC-4.0", "non-commercial", False),
    ("CC-BY-NC-4.0", None, ZH, ["MIT"], "CC-BY-NC-4.0 AND MIT", "non-commercial", True),
    (None, None, ZH, ["MIT"], "LicenseRef-unknown AND MIT", "unknown", False),  # what is recognised declares nothing
    (None, None, ZH, ["terms of nobody knows whom"], "LicenseRef-unknown", "unknown", False),
    ("MIT", None, ZH, ["terms of nobody knows whom"], "LicenseRef-unknown AND MIT", "unknown", False),
    ("MIT", None, ZH, ["LicenseRef-contract-7"], "LicenseRef-contract-7 AND MIT", "unknown", False),
    ("MIT", None, ZH + "未经授权不得转载", [OUT], f"LicenseRef-no-repost AND {OUT} AND MIT", "restricted", True),
    ("MIT", None, ZH + "仅供学习研究使用", ["CC-BY-SA-4.0"], "CC-BY-SA-4.0 AND LicenseRef-study-only AND MIT", "non-commercial", True),
    ("MIT", None, ZH, [OUT, "CC-BY-NC-4.0"], f"CC-BY-NC-4.0 AND {OUT} AND MIT", "restricted", True),
]  # fmt: skip


@pytest.mark.parametrize(("registry", "declared", "text", "terms", "licence", "of_class", "conflicting"), GOLDEN)
def test_the_verdict_is_the_least_of_all(registry, declared, text, terms, licence, of_class, conflicting):
    batch = records([{"text": "前一条"}, {"text": text, "declared_licence": declared}])
    if registry is not None:
        batch = batch.replace_schema_metadata({"source.licence": registry})
    seen = Licence().look(told(batch, *(term(1, one) for one in terms)))
    plain = Licence().look(batch)
    assert seen.columns.to_pylist()[0] == plain.columns.to_pylist()[0]  # the row before is as it was
    columns = seen.columns.to_pylist()[1]
    assert (columns["licence"], columns["licence_class"]) == (licence, of_class)
    assert seen.total["conflicting"] == conflicting
    assert columns["evidence_count"] == plain.columns.to_pylist()[1]["evidence_count"] + len(terms)
    assert seen.total["by_kind"]["optouts"] == 1
    assert "optouts" not in plain.total["by_kind"]
    assert sum(row["records"] for row in seen.tables["licences"].to_pylist()) == 2
    assert (licence in seen.tables["licences"].column("licence").to_pylist()) is True


def test_the_evidence_rows_say_which_detector_of_which_version_went_by_what_and_where():
    batch = records([{"text": ZH, "declared_licence": "MIT"}], first_row=7)
    place = (3, 9, 9, 27)
    seen = Licence().look(
        told(
            batch,
            term(7, "CC-BY-NC-4.0", "laundering", "灯塔.prompt", place, 730_000),
            term(7, OUT, what="noai-meta, robots"),
        )
    )
    assert seen.findings.to_pylist() == [
        {"rule": "licence.laundering", "row": 7, "start": 3, "end": 9, "start_byte": 9, "end_byte": 27, "score_ppm": 730_000,
         "detail": "CC-BY-NC-4.0 (laundering 1: 灯塔.prompt)"},
        {"rule": "licence.optouts", "row": 7, "start": None, "end": None, "start_byte": None, "end_byte": None,
         "score_ppm": 1_000_000, "detail": f"{OUT} (optouts 1: noai-meta, robots)"},
    ]  # fmt: skip
    assert seen.total["by_kind"]["optouts"] == seen.total["by_kind"]["laundering"] == 1


def test_of_one_record_a_detector_counts_once_and_a_term_that_is_told_twice_is_one():
    batch = records([{"text": ZH}, {"text": ZH}])
    twice = [term(0, "CC-BY-NC-4.0", "laundering", what) for what in ("a.prompt", "a.response", "a.prompt")]
    seen = Licence().look(told(batch, *twice))
    assert seen.total["by_kind"]["laundering"] == 1
    assert seen.columns["evidence_count"].to_pylist() == [2, 0]
    assert seen.columns["licence"].to_pylist() == ["CC-BY-NC-4.0 AND LicenseRef-unknown", None]


WRITTEN = ("MIT", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "llama2", "MIT OR GPL-2.0-only", OUT,
           "LicenseRef-contract-7", "no such words", "LicenseRef-no-repost", "CC0-1.0")  # fmt: skip
some = st.lists(st.sampled_from(WRITTEN), max_size=3)


@settings(max_examples=200)
@given(registry=some, own=some, mentioned=some, terms=some)
def test_a_term_never_permits_more_on_any_axis_nor_in_class(registry, own, mentioned, terms):
    source, record = [registered(one) for one in registry], [classify(one) for one in own]
    others, added = [classify(one) for one in mentioned], [registered(one) for one in terms]
    before, after = verdict(source, record, (), others), verdict(source, record, (), others, added)
    assert not is_stricter(before.licence_class, after.licence_class)
    assert more_permissive(resolve(after.key), resolve(before.key)) == ()
    assert all(not is_stricter(one.licence_class, after.licence_class) for one in added)
    assert all(more_permissive(resolve(after.key), resolve(one.spdx or "unknown")) == () for one in added)
    assert after.licence_class in CLASSES


@settings(max_examples=30)
@given(
    terms=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(WRITTEN), st.sampled_from(("optouts", "laundering"))), max_size=12),
    cut=st.integers(0, 6),
)  # fmt: skip
def test_any_cut_of_the_rows_and_any_order_of_the_telling_give_the_same_whole(terms, cut):
    batch = records(
        [{"text": text, "declared_licence": own} for text, own in product((ZH, "版权所有"), ("MIT", None, "cc0"))]
    )
    rows = [term(*one) for one in terms]
    both, turned = told(batch, *rows), told(batch, *reversed(rows))
    assert whole(Licence(), [both]) == whole(Licence(), [turned])
    pieces = [
        told(p, *(r for r in rows if r["row"] in p["row"].to_pylist())) for p in (batch.slice(0, cut), batch.slice(cut))
    ]
    assert whole(Licence(), pieces) == whole(Licence(), [both])
    assert whole(Licence(), [both.slice(0, cut), both.slice(cut)]) == whole(Licence(), [both])


def test_without_any_term_nothing_is_handed_over_and_nothing_changes():
    batch = records([{"text": ZH}])
    assert with_terms(batch, []) is batch
    assert with_terms(batch, [TERMS.empty_table()]) is batch
    assert encode_tally(Licence().look(batch).total) == encode_tally(Licence().look(told(batch)).total)


AT = "2024-05-18T02:00:00Z"
SITES = [
    Supplied(ROBOTS, host, "2024-05-18T01:00:00Z", 200, body)
    for host, body in (("no.example", b"User-agent: GPTBot\nDisallow: /\n"), ("paid.example", b"User-agent: *\nDisallow: /\n"),
                       ("silent.example", b"User-agent: *\nDisallow: /admin\n"), ("since.example", b"User-agent: *\nAllow: /\n"))
]  # fmt: skip
NOW = [Supplied(ROBOTS, "since.example", "2026-11-01", 200, b"User-agent: *\nDisallow: /\n")]


def test_a_record_whose_site_disallowed_at_fetch_is_opted_out_and_no_other():
    hosts = ("no", "paid", "silent", "since", "unheard-of")
    batch = records(
        [{"text": ZH, "url": f"https://{h}.example/新闻/1", "collected_at": AT} for h in hosts], first_row=3
    )
    check = judging(SITES, NOW, OptOuts(needed=(ROBOTS,), needed_now=(ROBOTS,)))
    assert check.gives_terms and not OptOuts().gives_terms
    given_terms = check.look(batch).terms.to_pylist()
    assert given_terms == [term(3, OUT), term(4, OUT)]
    with_contract = OptOuts(**{**{f: getattr(check, f) for f in check.settings()}, "contracts": ("paid.example: C-7",)})
    assert [t["row"] for t in with_contract.look(batch).terms.to_pylist()] == [3]  # a contract stands against it
    assert check.look(batch.slice(2)).terms is None
    assert OptOuts().look(batch).terms is None
    assert Asked().use == "train"  # what the term is a term of


def test_a_known_record_is_under_the_licence_of_its_dataset():
    rows = [turns("请说明档案馆怎样登记每天收到的材料，并举出两个例子。", "先登记，后上架。"), {"text": ZH}]
    check = knowing(
        {"lamp": rows[:1], "other": [turns("Tell of the river that no ship has ever passed by night.", "No.")]}
    )
    assert check.gives_terms and not Laundering().gives_terms
    seen = check.look(records(rows, first_row=4))
    (found,) = seen.findings.to_pylist()
    (given_term,) = seen.terms.to_pylist()
    place = (found["start"], found["end"], found["start_byte"], found["end_byte"])
    assert given_term == term(4, "CC-BY-NC-4.0", "laundering", "lamp.prompt", place, found["score_ppm"])


@pytest.mark.parametrize(
    ("generator", "licence", "of_class"),
    [
        (None, "Apache-2.0", "permissive"),  # nobody wrote it but people: the key alone says nothing
        ("our own model 1", None, "unknown"),
        ("our own model 1", "Apache-2.0", "permissive"),  # the terms are declared: known
        ("our own model 1", "CC-BY-NC-4.0", "non-commercial"),
        ("our own model 1", "no such words", "unknown"),
        ("GPT-4 2024-05", "Apache-2.0", "restricted"),  # a declaration lifts no service's terms
        ("文心一言 4.0", "MIT", "restricted"),
    ],
)
def test_the_terms_that_the_registry_declares_of_a_generator_are_terms_of_its_text(generator, licence, of_class):
    values = {"source.licence": "MIT", "source.generator": generator, "source.generator_licence": licence}
    batch = records([{"text": ZH}]).replace_schema_metadata({k: v for k, v in values.items() if v is not None})
    (columns,) = Licence().look(batch).columns.to_pylist()
    assert columns["licence_class"] == of_class
    assert LICENCE_TERMS in Licence.reads
