"""Licence terms on their way from the checks that give them to the one that reads them: order, work ids, what is shown again."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa

from checks.base import Seen
from checks.laundering import Laundering
from checks.licence import Licence
from checks.optouts import OptOuts
from checks.quality import Quality
from pipelines.outputs import CheckOutputs
from pipelines.settings import bench_of
from pipelines.terms import to_show, with_terms
from pipelines.unit import look_at
from pipelines.works import READING, work_ids
from schemas.record import LICENCE_TERM, LICENCE_TERMS, TERMS
from tests.kit.captures import kit_judging
from tests.kit.command import lines
from tests.kit.planned import one_planned
from tests.kit.records import records
from tests.kit.restricted import kit_knowing, knowing, turns

FILES = [{"uri": "a", "token": "t", "start": None, "end": None, "framing": None, "shard": "a", "problem": None}]


def terms(*rows: tuple[int, str]) -> pa.Table:
    return pa.Table.from_pylist(
        [dict.fromkeys(TERMS.names) | {"row": row, "licence": licence, "detector": "d", "version": 1, "what": "w",
         "confidence_ppm": 5} for row, licence in rows], schema=TERMS,
    )  # fmt: skip


def test_each_row_has_its_own_terms_once_in_order_and_a_slice_keeps_them() -> None:
    batch = records([{"text": t} for t in "甲乙丙丁"], first_row=10)
    whole = with_terms(batch, [terms((12, "B"), (10, "A")), terms((12, "A"), (12, "B"))])
    told = [[t["licence"] for t in one] for one in whole.column(LICENCE_TERMS).to_pylist()]
    assert told == [["A"], [], ["A", "B"], []]
    assert whole.schema.field(LICENCE_TERMS).type == pa.list_(LICENCE_TERM)
    assert [len(one) for one in whole.slice(2).column(LICENCE_TERMS).to_pylist()] == [2, 0]
    held = batch.replace_schema_metadata({"source.licence": "MIT"})
    assert with_terms(held, [terms((11, "A"))]).schema.metadata == held.schema.metadata


def test_those_that_give_terms_are_shown_a_batch_before_those_that_read_them() -> None:
    giving, reading, other = kit_judging(), Licence(), Quality()
    assert to_show((reading, giving, other), ()) == (giving, other, reading)
    assert to_show((reading, giving, other), ("licence", "quality")) == (giving,)
    assert to_show((reading, giving, other), ("optouts", "quality")) == (giving, reading)  # known, but needed again
    assert to_show((reading, OptOuts(), other), ("optouts", "quality")) == (
        reading,
    )  # without captures it gives nothing
    assert to_show((reading, giving, other), ("licence", "optouts")) == (other,)


def test_the_work_of_what_reads_terms_follows_from_the_work_of_what_gives_them() -> None:
    def works(*checks):
        return work_ids("digest", FILES, checks, {"source.licence": "MIT"})

    plain = works(Licence(), OptOuts(), Laundering(), Quality())
    alone = works(Licence())
    assert plain["licence"] == alone["licence"]  # those that give nothing change nothing
    with_captures = works(Licence(), kit_judging(), Laundering(), Quality())
    with_both = works(Licence(), kit_judging(), kit_knowing(), Quality())
    other = works(Licence(), replace(kit_judging(), contracts=("a.example: C-1",)), kit_knowing(), Quality())
    assert len({w["licence"] for w in (plain, with_captures, with_both, other)}) == 4
    assert len({w["quality"] for w in (plain, with_captures, with_both, other)}) == 1
    assert list(with_both) == [READING, "licence", "optouts", "laundering", "quality"]


def test_what_a_check_gives_is_handed_on_once_and_of_a_row_that_it_fails_on_the_terms_are_unknown() -> None:
    class Failing(Quality):
        gives_terms = True

        def look(self, batch: pa.RecordBatch) -> Seen:
            if "坏" in batch.column("text").to_pylist():
                raise ValueError
            return Seen(self.zero(), terms=terms(*((row, "A") for row in batch.column("row").to_pylist())))

    out, batch = CheckOutputs(Failing()), records([{"text": t, "declared_licence": "MIT"} for t in ("好", "坏", "好")])
    out.show(batch)
    told = out.told()
    found = {row["row"]: (row["licence"], row["what"]) for table in told for row in table.to_pylist()}
    assert found == {0: ("A", "w"), 1: ("LicenseRef-unknown", "unread"), 2: ("A", "w")}
    assert (out.told(), out.unread) == ([], 1)
    columns = (
        Licence().look(with_terms(batch, [table for table in told if table.column("row").to_pylist() == [1]])).columns
    )
    assert columns.column("licence_class").to_pylist() == ["permissive", "unknown", "permissive"]


def test_a_unit_comes_to_the_same_whatever_earlier_runs_know_of_it(tmp_path: Path) -> None:
    zh, en = (
        "请说明档案馆怎样登记每天收到的材料，并举出两个例子。",
        "Describe how a lighthouse keeper records the ships of a night.",
    )
    rows = [{"text": zh, "licence": "MIT"}, {"text": en}, {"text": "别的内容，与任何数据集无关，只是说说今天的天气。"}]
    look, desk, unit = one_planned(tmp_path, lines(*rows))
    checks = (
        Licence(),
        knowing({"lamp": [turns(zh, "甲"), turns(en, "乙")], "zh": [{"text": zh}, {"text": en}]}),
        Quality(),
    )
    registry = {"source.licence": "MIT"}
    store, nothing = desk.store, SimpleNamespace(get=lambda _: None)
    fresh = look_at(unit, checks, registry, nothing, store)
    assert fresh.made == [READING, "licence", "laundering", "quality"]
    by_work = {fresh.works[name]: result for name, result in fresh.results.items() if name != "licence"}
    again = look_at(unit, checks, registry, SimpleNamespace(get=by_work.get), store)
    assert again.made == ["licence"]
    assert again.results["licence"].as_json() == fresh.results["licence"].as_json()
    without = look_at(unit, (Licence(), Quality()), registry, nothing, store)
    assert without.results["licence"].objects["tally"] != fresh.results["licence"].objects["tally"]
    assert bench_of(look.ledger, look.run).settings.checks
