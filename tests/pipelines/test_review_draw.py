"""A draw of one real run: nobody chooses it, anybody can repeat it, a reviewer sees no personal value and the ledger no text."""

import hmac
import json
from pathlib import Path

import numpy as np
import pytest

from manifests.log import entries
from manifests.review_ranks import hashes, shard_key
from manifests.reviews import drawn_rows, draws_of, load_draw
from pipelines.review_choose import UnitRead, choose, units_of
from pipelines.review_plans import load_plans
from pipelines.review_text import HIDDEN, Shown, _Found, _masked, _why_hidden, content_ids, shown_of
from schemas.review import DRAWN
from schemas.subjects import DROPPED
from tests.kit.command import here
from tests.kit.reviews import PLANS, SECRET, Kit, drawn, rows_of


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    return Kit(tmp_path_factory.mktemp("review"), ("few", "spread", "two", "walk"))


# The draw


def test_the_seed_is_younger_than_the_seal_and_the_draw_older_than_the_worksheet(kit: Kit):
    log = entries(kit.store)
    kinds = [entry.kind for entry in log]
    assert kinds.index("run") < kinds.index(DRAWN)
    draw = drawn(kit, "few")
    assert draw.manifest_sha256 == kit.sealed.manifest_sha256 and draw.seed_from == "os-random" and len(draw.seed) == 64
    assert len({drawn(kit, plan).seed for plan in ("few", "spread", "two")}) == 3
    assert {row["draw"] for row in rows_of(kit.folder / "few.csv")} == {
        draws_of(kit.store, kit.run, "few")[0].sha256[:16]
    }


def test_an_auditor_works_the_sample_out_from_seed_seal_and_places_alone(kit: Kit):
    draw = drawn(kit, "few")
    ranked = []
    for unit in units_of(kit.store, kit.manifest):
        records = unit.table(kit.store, "reading", "records", ["file", "offset"])
        assert records is not None
        for file, offset in zip(*(records.column(c).to_pylist() for c in ("file", "offset")), strict=True):
            shard = unit.files[file]["shard"]
            message = json.dumps(
                ["corpusledger review 1", draw.manifest_sha256, "few", unit.source, shard], separators=(",", ":")
            )
            key = hmac.digest(bytes.fromhex(draw.seed), message.encode(), "sha256")[:16]
            ranked.append((int(hashes(key, np.array([offset]))[0]), unit.source, shard, offset))
    assert len(ranked) == 200
    found = drawn_rows(kit.store, draw).to_pylist()
    assert [(r["hash"], r["source"], r["shard"], r["offset"]) for r in found] == sorted(ranked)[:40]
    assert [row["id"] for row in rows_of(kit.folder / "few.csv")] == [f"{h:016x}" for h, *_ in sorted(ranked)[:40]]


def test_a_sample_follows_from_no_cut_of_the_run(kit: Kit):
    plan, seed = drawn(kit, "few").plan, bytes(32)
    whole = choose(kit.store, kit.manifest, "ab" * 32, plan, seed)
    assert whole.rows["hash"].tolist() == sorted(whole.rows["hash"].tolist()) and len(whole.rows) == 40
    other = choose(kit.store, kit.manifest, "cd" * 32, plan, seed)
    assert set(whole.rows["hash"].tolist()).isdisjoint(other.rows["hash"].tolist())
    offsets = np.arange(9)
    key = shard_key(seed, "ab" * 32, "few", "web", "a")
    assert hashes(key, offsets)[3:5].tolist() == hashes(key, offsets[3:5]).tolist()


def test_strata_hold_at_least_what_is_asked_and_say_of_how_many(kit: Kit):
    told = {s.source: (s.population, s.drawn) for s in drawn(kit, "spread").strata}
    assert told == {"books": (30, 10), "made": (20, 10), "web": (150, 45)}
    assert {s.group for s in drawn(kit, "walk").strata} == {"books", "made", "web"}


def test_what_the_run_dropped_is_in_no_sample_of_what_it_keeps(kit: Kit):
    gone = set()
    for unit in units_of(kit.store, kit.manifest):
        table = unit.table(kit.store, "decisions", "decisions", ["row", "decision"])
        if table is not None:
            gone |= {(unit.number, r["row"]) for r in table.to_pylist() if r["decision"] >= DROPPED}
    assert gone
    plan = load_plans().plan("corpus-manual")
    kept = choose(kit.store, kit.manifest, kit.sealed.manifest_sha256, plan, bytes(32))
    assert not gone & {(int(r["unit"]), int(r["row"])) for r in kept.rows}
    assert len(kept.rows) == 200 - len(gone) and sum(s.population for s in kept.strata) == len(kept.rows)


def test_a_second_draw_needs_a_reason_that_stands_in_the_log(kit: Kit):
    before = len(entries(kit.store))
    done, sheet = kit.draw("none", None)
    assert done.code == 2 and "no record that the plan is about" in done.err and not sheet.exists()
    done, sheet = kit.draw("few", "again.csv")
    assert done.code == 2 and "was drawn on this run already" in done.err and not sheet.exists()
    done, _ = kit.draw("spread", "spread.csv", "--again", "x")
    assert done.code == 2 and "exists already" in done.err
    assert len(entries(kit.store)) == before
    done, _ = kit.draw("two", "two-again.csv", "--again", "the worksheet was lost")
    assert done.code == 0
    assert entries(kit.store)[-1].body["again"] == "the worksheet was lost"
    assert load_draw(kit.store, done.result["draw"]).earlier == (draws_of(kit.store, kit.run, "two")[0].sha256,)


# What a reviewer sees


def test_texts_are_shown_without_personal_values_and_never_as_a_formula(kit: Kit, tmp_path: Path):
    plans = tmp_path / "plans.yaml"
    plans.write_text(PLANS.replace("size: 40,", "size: 200,").replace("id: few", "id: all"), encoding="utf-8")
    done = here(
        "review", "draw", kit.run, "--ledger", kit.folder / "ledger", "--plans", plans, "--plan", "all", "--output", tmp_path / "all.csv",
    )  # fmt: skip
    assert done.code == 0, done.err
    rows = rows_of(tmp_path / "all.csv")
    assert len(rows) == 200
    hidden = [row["text"] for row in rows if SECRET not in row["text"] and row["source"] == "web"]
    assert len(hidden) == 1 and "HYPERLINK" in hidden[0]
    whole = (tmp_path / "all.csv").read_text(encoding="utf-8-sig")
    assert "zhang.san" not in whole and "13812345678" not in whole
    (masked,) = [row for row in rows if "<EMAIL_ADDRESS>" in row["text"]]
    assert "请联系" in masked["text"] and masked["url"].startswith("https://news.example.cn/<")
    assert "personal.EMAIL_ADDRESS" in masked["findings"]
    (formula,) = [row for row in rows if "HYPERLINK" in row["text"]]
    assert formula["text"].startswith("'=HYPERLINK")
    assert {row["collected_at"] for row in rows if row["source"] == "web"} == {"2026-01-01"}


def test_nothing_of_a_text_is_in_the_ledger(kit: Kit):
    for told in draws_of(kit.store):
        draw = load_draw(kit.store, told.sha256)
        for data in (kit.store.get_object(told.sha256), kit.store.get_object(draw.rows_sha256)):
            assert SECRET.encode() not in data
        columns = set(drawn_rows(kit.store, draw).column_names)
        assert columns == {"number", "group", "source", "shard", "offset", "hash", "content_id"}


def test_a_hint_of_confidentiality_shows_the_place_alone():
    unit = UnitRead(0, "web", (), {}, {})
    hint = _Found("confidentiality", "confidentiality", None, False)
    assert _why_hidden(unit, [hint], True) == _why_hidden(unit, [hint], False) == HIDDEN["confidential"]
    assert _why_hidden(UnitRead(0, "web", (), {}, {"personal": 1}), [], True) == HIDDEN["personal"]
    assert _why_hidden(UnitRead(0, "web", (), {}, {"reading": 1}), [], True) == HIDDEN["killed"]
    assert _why_hidden(unit, [], True) is None


def test_a_record_that_is_asked_to_be_erased_or_is_confidential_is_not_read_again(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
):
    (unit,) = [u for u in units_of(kit.store, kit.manifest) if u.source == "books"]
    rows, shows = np.arange(30), ("text", "metadata", "findings")
    known = content_ids(kit.store, unit, rows)
    seen = shown_of(kit.store, unit, rows, shows, masked=True, erased={known[4]})
    assert seen[4] == Shown(HIDDEN["erased"]) and seen[5].text.startswith("Chapter 5.")
    hint = {
        7: [_Found("confidentiality", "confidentiality", None, False), _Found("quality", "quality.short", None, False)]
    }
    monkeypatch.setattr("pipelines.review_text._findings", lambda *_: hint)
    assert shown_of(kit.store, unit, rows, shows, masked=True)[7] == Shown(
        HIDDEN["confidential"], findings="confidentiality"
    )


def test_overlapping_values_go_together():
    assert _masked("abcdefghij", [(4, 6, "B"), (1, 5, "A"), (8, 9, "A"), (2, 3, "A")]) == "a<A+B>gh<A>j"
    assert _masked("一二三", [(1, 2, "X")]) == "一<X>三" and _masked("", []) == ""


def test_a_corpus_that_changed_since_is_never_shown_for_the_run_s(kit: Kit):
    path, before = kit.folder / "corpus" / "web" / "a.jsonl", len(entries(kit.store))
    kept = path.read_bytes()
    try:
        path.write_bytes(kept.replace(SECRET.encode(), SECRET[::-1].encode()))
        done, sheet = kit.draw("spread", "changed.csv", "--again", "changed")
        assert (
            done.code == 3
            and "corpus/web/a.jsonl: is not the file that the run read" in done.err
            and not sheet.exists()
        )
        assert len(entries(kit.store)) == before
    finally:
        path.write_bytes(kept)
    done, _ = kit.draw("spread", "restored.csv", "--again", "put back from a copy")  # by content, not by its token
    assert done.code == 0, done.err
