"""Verdicts brought back to one real run: held against their draw, judged by no one who may not, sealed, shown and verified."""

import shutil
from pathlib import Path

import pytest

from manifests.log import entries
from manifests.reviews import load_review, reviews_of, verdict_rows
from manifests.store import object_path
from pipelines.review_measures import reviewed
from pipelines.review_xlsx import first_sheet, workbook
from schemas.canonical import sha256_hex
from schemas.review import REVIEWED
from tests.kit.command import here
from tests.kit.reviews import SECRET, Kit, passing, rows_of


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    return Kit(tmp_path_factory.mktemp("review"), ("few", "spread", "two", "walk", "machine"))


# The verdicts


def test_what_is_wrong_with_a_worksheet_is_told_and_seals_nothing(kit: Kit):
    def wrong(i: int, row: dict[str, str]) -> None:
        row.update(verdict="pass", reviewer="Zhao")
        match i:
            case 0:
                row["verdict"] = "fine"
            case 1:
                row["id"] = "0" * 16
            case 2:
                row["number"] = "4"
            case 4:
                row["reviewer"] = ""
            case 5:
                row["number"] = ""

    before = len(entries(kit.store))
    done = kit.bring(kit.filled("few", wrong, "wrong.csv"))
    assert done.code == 2
    for told in (
        "row 1: has a verdict that is none",
        "row 2: is not of this draw",
        "row 4: is not of this draw",
        "row 5: has a verdict and no reviewer",
        "drawn row(s) are gone",
    ):
        assert told in done.err, told
    assert "fine" not in done.err
    done = kit.bring(
        kit.filled("few", lambda i, row: row.update(verdict="" if i == 6 else "合格", reviewer="赵"), "gap.csv")
    )
    assert done.code == 2 and "1 of 40 rows have no verdict, the first is row 7" in done.err
    done = kit.bring(
        kit.filled("few", lambda i, row: row.update(draw="f" * 16, verdict="pass", reviewer="Zhao"), "other.csv")
    )
    assert done.code == 2 and "the ledger has not the draw that its rows name" in done.err
    assert len(entries(kit.store)) == before


@pytest.mark.parametrize(
    ("name", "told"),
    [("王 采集", "source web as who collected"), ("　王　采集 ", "source web"), ("quality", "a check of the run")],
)
def test_who_collected_the_data_may_not_judge_it_nor_a_check(kit: Kit, name: str, told: str):
    done = kit.bring(kit.filled("few", passing(name), "collector.csv"))
    assert done.code == 2 and told in done.err and "王" not in done.err.replace("collector", "")


def test_a_review_is_sealed_signed_shown_and_verified(kit: Kit):
    def fill(i: int, row: dict[str, str]) -> None:
        row.update(
            verdict="不合格" if i in (3, 9) else "无法判断" if i == 11 else "合格", reviewer="Zhao" if i % 2 else "钱"
        )
        row["note"] = f"{SECRET} private note"

    sheet = kit.filled("few", fill, "done.csv")
    done = kit.bring(sheet)
    assert done.code == 0, done.err
    (told,) = done.result["reviews"]
    (group,) = told["groups"]
    assert (group["group"], group["population"], group["sample"], group["failing"], group["unsure"]) == (
        "run",
        200,
        40,
        3,
        1,
    )
    assert (group["share_ppm"], group["as_written"], group["assured"]) == (75_000, "met", "insufficient_evidence")
    assert (
        3 < group["most_failing"] < 0.2 * 200
        and told["signed"] is True
        and told["worksheet_sha256"] == sha256_hex(sheet.read_bytes())
    )
    assert told["reviewers"] == ["reviewer-1", "reviewer-2"] and told["draws"] == 1
    review = load_review(kit.store, told["sha256"])
    verdicts = verdict_rows(kit.store, review).to_pylist()
    assert [v["verdict"] for v in verdicts].count("unsure") == 1 and {v["reviewer"] for v in verdicts} == {0, 1}
    for digest in (told["sha256"], review.verdicts_sha256):
        data = kit.store.get_object(digest)
        assert not [word for word in ("Zhao", "钱", "private", SECRET) if word.encode() in data]
    assert entries(kit.store)[-1].kind == REVIEWED
    shown = here("review", "show", kit.run, "--ledger", kit.folder / "ledger")
    assert shown.code == 0 and "3/40 of 200" in shown.out and "not judged: plan machine" in shown.out
    verify = here("verify", kit.folder / "ledger", "--key", kit.folder / "keys" / "sign.pem.pub")
    assert verify.code == 0 and "the review" not in verify.out, verify.out
    page = kit.folder / "report.html"
    assert here("disclose", kit.run, "--ledger", kit.folder / "ledger", "--format", "html", "--output", page).code == 0
    html = page.read_text(encoding="utf-8")
    assert "抽检结果" in html and "HOUSE a [H]" in html and "7.50 %" in html and "Zhao" not in html


def test_pseudonyms_under_a_key_are_the_same_in_every_review(kit: Kit):
    key = kit.folder / "hmac.key"
    key.write_bytes(bytes(range(32)))
    done = kit.bring(kit.filled("few", passing("Zhao"), "keyed.csv"), "--key", key)
    again = kit.bring(kit.filled("few", passing(" ＺＨＡＯ "), "keyed2.csv"), "--key", key)
    (name,) = done.result["reviews"][0]["reviewers"]
    assert again.result["reviews"][0]["reviewers"] == [name] and name.startswith("r-") and len(name) == 14


def test_a_weighted_sample_is_judged_by_weights(kit: Kit):
    done = kit.bring(
        kit.filled(
            "spread",
            lambda i, row: row.update(verdict="fail" if row["source"] == "made" else "pass", reviewer="Zhao"),
            "sp.csv",
        )
    )
    assert done.code == 0
    (group,) = done.result["reviews"][0]["groups"]
    assert (group["failing"], group["sample"], group["share_ppm"]) == (10, 65, 100_000) and group["variance_ppm2"] == 0


def test_a_workbook_goes_the_same_way(kit: Kit):
    done, sheet = kit.draw("few", "few.xlsx", "--again", "as a workbook")
    assert done.code == 0, done.err
    table = first_sheet(sheet.read_bytes(), "few.xlsx")
    columns = [head.split(" ")[0] for head in table[0]]
    width = len(columns)
    rows = [dict(zip(columns, line + [""] * (width - len(line)), strict=True)) for line in table[1:]]
    for row in rows:
        row.update(verdict="合格", reviewer="Zhao")
    sheet.write_bytes(workbook([("review", [table[0], *([row[c] for c in columns] for row in reversed(rows))])]))
    brought = kit.bring(sheet)
    assert brought.code == 0, brought.err
    (told,) = brought.result["reviews"]
    assert told["groups"][0]["failing"] == 0 and told["draws"] == 2 and told["draw_sha256"] == done.result["draw"]


def test_a_test_is_brought_back_as_soon_as_it_is_decided(kit: Kit):
    done = kit.bring(
        kit.filled(
            "walk",
            lambda i, row: row.update(verdict="pass", reviewer="Zhao") if row["group"] != "web" else None,
            "half.csv",
        )
    )
    assert done.code == 2 and "group web: nothing is decided after 0 rows" in done.err

    def fill(i: int, row: dict[str, str]) -> None:
        first = {"books": 0, "made": 30, "web": 50}[row["group"]]
        place = int(row["number"]) - 1 - first
        if row["group"] != "web" or place < 25:
            row.update(verdict="fail" if row["group"] == "made" and place < 8 else "pass", reviewer="Zhao")

    done = kit.bring(kit.filled("walk", fill, "walked.csv"))
    assert done.code == 1, done.err  # one source is not met as written
    told = {g["group"]: g for g in done.result["reviews"][0]["groups"]}
    assert (told["web"]["how"], told["web"]["assured"], told["web"]["high_ppm"]) == ("stopped", "met", None)
    assert told["web"]["sample"] < 25 and told["made"]["assured"] == "not_met" and told["made"]["sample"] < 8
    hole = kit.filled(
        "walk", lambda i, row: fill(i, row) or (row.update(verdict="") if row["number"] == "52" else None), "hole.csv"
    )
    done = kit.bring(hole)
    assert done.code == 2 and "row 52 has no verdict and later ones have" in done.err


def test_two_reviewers_differ_by_name_and_a_ruling_decides(kit: Kit):
    def fill(i: int, row: dict[str, str]) -> None:
        row.update(verdict="pass", reviewer="Zhao", verdict_2="pass", reviewer_2="Qian")
        if i == 1:
            row.update(verdict_2="fail", final="pass")
        if i == 2:
            row.update(verdict_2="fail", reason="outdated")  # nobody ruled: it fails

    done = kit.bring(
        kit.filled(
            "two",
            lambda i, row: row.update(verdict="pass", reviewer="Z", verdict_2="pass", reviewer_2="ｚ"),
            "same.csv",
        )
    )
    assert done.code == 2 and "needs two verdicts by two reviewers" in done.err
    done = kit.bring(kit.filled("two", lambda i, row: fill(i, row) or row.update(reason=""), "noreason.csv"))
    assert done.code == 2 and "row 3: fails without a reason; give one of: false, outdated" in done.err
    done = kit.bring(kit.filled("two", fill, "ruled.csv"))
    assert done.code == 0, done.err
    (told,) = done.result["reviews"]
    assert told["disagreements"] == 2 and told["draws"] == 1 and told["groups"][0]["reasons"] == {"outdated": 1}
    assert told["groups"][0]["as_written"] == told["groups"][0]["assured"] == "needs_human"


# A machine


@pytest.mark.parametrize(
    ("judge", "told"),
    [(None, "name it by --judge"), ("keywords@7", "asks for a judge that is independent"), ("Duplicates 2", "may not be its own judge"),
     ("demo-lm 3", "source made names it"), ("examplebot/9", "source web names it")],
)  # fmt: skip
def test_a_filter_may_not_be_its_own_judge(kit: Kit, judge: str | None, told: str):
    sheet = kit.filled("machine", lambda i, row: row.update(verdict="pass"), "m.csv")
    done = kit.bring(sheet, *(() if judge is None else ("--judge", judge)))
    assert done.code == 2 and told in done.err


def test_a_machine_s_flags_are_corrected_by_what_people_said_of_the_same_records(kit: Kit):
    sheet = kit.filled("machine", lambda i, row: row.update(verdict="fail" if i == 0 else "pass"), "flags.csv")
    alone = kit.bring(sheet, "--judge", "other@1")
    (group,) = alone.result["reviews"][0]["groups"]
    assert (group["as_written"], group["assured"], group["true_ppm"]) == ("met", "insufficient_evidence", None)
    assert len(rows_of(kit.folder / "machine.csv")) == 100
    ours = [one for one in reviews_of(kit.store, kit.run) if one.plan == "few"]
    human = ours[0].sha256 if ours else kit.bring(kit.filled("few", passing(), "p.csv")).result["reviews"][0]["sha256"]
    done = kit.bring(sheet, "--judge", "other@1", "--against", human[:20])
    assert done.code == 0, done.err
    table = done.result["reviews"][0]["people"]
    both = {(r["source"], r["shard"], r["offset"]) for r in rows_of(kit.folder / "machine.csv")}
    shared = sum((r["source"], r["shard"], r["offset"]) in both for r in rows_of(kit.folder / "few.csv"))
    assert table["review_sha256"] == human
    assert shared - 1 <= table["both"] + table["machine_alone"] + table["people_alone"] + table["neither"] <= shared
    for wrong in ("0" * 20, done.result["reviews"][0]["sha256"]):
        assert "is no people's review" in kit.bring(sheet, "--judge", "other@1", "--against", wrong).err
    assert "leave --judge out" in kit.bring(kit.filled("few", passing(), "p2.csv"), "--judge", "other@1").err


# What verify finds


def test_a_review_that_was_changed_is_found(kit: Kit, tmp_path: Path):
    done = kit.bring(kit.filled("few", passing(), "verified.csv"))
    digest = done.result["reviews"][0]["sha256"]
    shutil.copytree(kit.folder / "ledger", tmp_path / "ledger")
    path = tmp_path / "ledger" / object_path(digest)
    path.write_bytes(path.read_bytes().replace(b'"failing":0', b'"failing":9'))
    verify = here("verify", tmp_path / "ledger", "--key", kit.folder / "keys" / "sign.pem.pub")
    assert verify.code == 1 and digest in verify.out + verify.err
    path.write_bytes(kit.store.get_object(digest))
    draw = tmp_path / "ledger" / object_path(done.result["reviews"][0]["draw_sha256"])
    draw.unlink()
    verify = here("verify", tmp_path / "ledger")
    assert verify.code == 1 and draw.name in verify.out + verify.err


# What the gate may ask


def test_a_rule_may_ask_for_judged_samples_and_has_no_evidence_before(kit: Kit):
    (kit.folder / "none.yaml").write_text(GATE, encoding="utf-8")
    empty = {m.source: dict(m.values) for m in reviewed(kit.store, None, ["web"])}
    assert empty == {s: {"samples_judged": 0, "samples_not_met": None, "samples_unproven": None} for s in (None, "web")}
    assert kit.bring(kit.filled("few", passing(), "gate.csv")).code == 0
    half = kit.filled(
        "walk",
        lambda i, row: row.update(verdict="fail" if row["group"] == "made" else "pass", reviewer="Zhao"),
        "gw.csv",
    )
    assert kit.bring(half).code == 1
    told = {m.source: dict(m.values) for m in reviewed(kit.store, kit.run, ["web", "made"])}
    assert told["made"] == {"samples_judged": 1, "samples_not_met": 1, "samples_unproven": 1}
    assert told["web"] == {"samples_judged": 1, "samples_not_met": 0, "samples_unproven": 0}
    assert told[None]["samples_not_met"] == 1 and told[None]["samples_judged"] is not None
    done = here("gate", kit.run, "--config", kit.folder / "run.yaml", "--json")
    states = {rule["rule"]: rule for rule in done.result["outcomes"] if rule["rule"].startswith("OUR")}
    assert states["OUR-1"]["state"] == "not_met" and states["OUR-1"]["observed"] == 1 and done.code == 1
    assert states["OUR-2"]["state"] == "not_met" and [
        c["scope"] for c in states["OUR-2"]["cases"] if c["state"] == "not_met"
    ] == ["made"]


GATE = """\
policy: ours
version: "1"
instruments:
  HOUSE: {title: 自定, rank: house rule, binding: no, status: own, mark: H}
rules:
  - {id: OUR-1, instrument: HOUSE, article: samples, mark: H, effect: hold, scope: run, check: review, measure: samples_not_met, op: "<=", threshold: 0, threshold_mark: H, title: 抽检, guidance: 抽检}
  - {id: OUR-2, instrument: HOUSE, article: samples, mark: H, effect: hold, check: review, measure: samples_not_met, op: "<=", threshold: 0, threshold_mark: H, title: 抽检, guidance: 抽检}
"""
