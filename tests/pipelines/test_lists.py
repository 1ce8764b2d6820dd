"""Lists of run.yaml by the real command: who may be used, who refused, which sites and records are out; never a value kept."""

import contextlib
import hashlib
import io
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.runs import load_manifest, sealed_runs
from manifests.store import open_store
from manifests.tables import read_files, read_units
from tests.kit.command import age, here, lines
from tests.kit.listed_run import (
    GONE,
    KEY,
    KEY_ID,
    LEDGER,
    LISTS,
    LIVE,
    MAIL,
    NAMED,
    PHONE,
    SAID,
    TAKEN,
    agreed,
    prepared,
)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    run = prepared(folder)
    age(folder)
    result = here("run", run, "--json")
    assert result.code == 1, result.err
    return folder, result.result


def measures(result):
    return {m["measure"]: m["value"] for m in result["measures"] if m["check"] == "listed"}


def test_each_list_takes_out_its_records_and_no_other(done):
    _, result = done
    assert measures(result) == {
        "records": 22, "listed_records": 16, "user_input_records": 10, "unauthorised_records": 7,
        "unauthorised_records_ppm": 700_000, "no_user_records": 2, "unknown_user_records": 1, "not_yet_records": 1,
        "withdrawn_records": 1, "expired_records": 1, "other_purpose_records": 1, "refused_records": 4, "refused_author_records": 2,
        "blocked_site_records": 4, "taken_down_records": 1, "dropped_records": 16,
    }  # fmt: skip


def test_findings_name_the_place_and_the_word_of_the_list(done):
    folder, result = done
    rows = here(
        "query", "findings", result["run"], "--ledger", folder / "ledger", "--check", "listed", "--json"
    ).result["rows"]
    assert [(r["source"], r["rule"].removeprefix("listed."), r["start"], r["detail"]) for r in rows] == [
        ("chat", "withdrawn", None, "withdrawn"), ("chat", "expired", None, "expired"), ("chat", "other-purpose", None, "other-purpose"),
        ("chat", "not-yet", None, "not-yet"), ("chat", "unknown-user", None, "unknown-user"), ("chat", "no-user", None, "no-user"),
        ("chat", "no-user", None, "no-user"), ("web", "blocked-site", None, "domain above"), ("web", "blocked-site", None, "host"),
        ("web", "blocked-site", None, "host"), ("web", "blocked-site", None, "domain above"), ("web", "refused", 3, "CN_MOBILE"),
        ("web", "refused", 9, "EMAIL_ADDRESS"), ("web", "refused", None, "author"), ("web", "taken-down", None, "content id"),
        ("web", "refused", None, "author"),
    ]  # fmt: skip


def test_what_a_list_takes_out_is_not_kept_and_stands_for_no_copy(done):
    folder, result = done
    assert result["counts"]["decisions"] == {"dropped": 16, "held": 0, "kept": 6, "redacted": 0}
    assert result["copies"]["exact"] == 0
    store = open_store(str(folder / "ledger"))
    rules = {}
    for unit in read_units(store, load_manifest(store, sealed_runs(store)[0])).to_pylist():
        told = json.loads(unit["objects"])["decisions"]["decisions"]["sha256"]
        table = pq.read_table(folder / "ledger/objects" / told[:2] / told).to_pylist()
        rules[unit["source"]] = [(r["decision"], r["rule"] and r["rule"].removeprefix("listed.")) for r in table]
    kept = (0, None)
    gone = ["withdrawn", "expired", "other-purpose", "not-yet", "unknown-user", "no-user", "no-user"]
    assert rules["chat"] == [kept, kept, *((2, why) for why in gone), kept]
    assert rules["web"][6:] == [(2, "refused"), (2, "refused"), (2, "refused"), (2, "taken-down"), (2, "refused"), kept]


def test_the_manifest_names_each_list_with_digest_version_age_and_hits(done):
    folder, _ = done
    store = open_store(str(folder / "ledger"))
    manifest = load_manifest(store, sealed_runs(store)[0])
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in LISTS.items()}
    assert manifest.settings["lists"] == [
        {"list": "authorisations", "state": "joined", "digest": digests["authorisations.csv"], "version": "2026-47", "as_of": "2026-11-20",
         "age_days": 2, "entries": 6, "hits": 7},
        {"list": "refusals", "state": "joined", "digest": digests["refusals.txt"], "version": "3", "as_of": "2026-11-21", "age_days": 1,
         "max_age_days": 1, "entries": 3, "hits": 4},
        {"list": "blocked_domains", "state": "joined", "digest": digests["blocked.txt"], "version": "9", "as_of": "2026-10-22",
         "age_days": 31, "max_age_days": 31, "entries": 3, "hits": 4},
        {"list": "takedowns", "state": "joined", "digest": digests["takedowns.txt"], "version": "first", "entries": 1, "hits": 1},
    ]  # fmt: skip
    states = {r.rule: (r.state, r.effect, r.observed, r.sources) for r in manifest.gate.rules if r.check == "listed"}
    assert states == {
        "CN-SRC-030": ("not_met", "block", 4, ("web",)), "CN-TKD-010": ("not_met", "block", 1, ("web",)),
        "CN-UIN-010": ("not_met", "block", 7, ("chat",)), "CN-PI-050": ("not_met", "block", 4, ("web",)),
    }  # fmt: skip
    assert {r["name"]: r["kind"] for r in read_files(store, manifest).to_pylist()}[
        "lists/entries"
    ] == "corpusledger.lists"
    assert here("verify", folder / "ledger").code == 0


def test_the_report_prints_them_in_both_languages(done):
    folder, result = done
    made = here("disclose", result["run"], "--ledger", folder / "ledger", "--output", folder / "report.html")
    assert made.code == 0, made.err
    page = (folder / "report.html").read_text()
    words = (
        "查对的名单",
        "使用者授权台账",
        "已查对",
        "2026-47",
        "Lists that records were held against",
        "ledger of users",
        "held against",
    )
    assert [w for w in words if w not in page] == []


def test_no_value_of_a_list_is_in_any_file_of_the_ledger(done):
    folder, result = done
    whole = (
        b"".join(p.read_bytes() for p in (folder / "ledger").rglob("*") if p.is_file())
        + json.dumps(result, ensure_ascii=False).encode()
    )
    columns = []
    for path in (folder / "ledger/objects").rglob("*"):
        with contextlib.suppress(pa.ArrowInvalid, OSError):
            columns.append(repr(pq.read_table(path).to_pylist()) if path.is_file() else "")
    told = "".join(columns)
    assert len(columns) > 10
    for value in (LIVE, GONE, "canary", PHONE, MAIL, MAIL.upper(), "王小明", KEY.decode(), TAKEN):
        assert value.encode() not in whole and value not in told


def again(folder: Path, run: Path, old: str, new: str) -> dict:
    text = run.read_text()
    assert old in text
    run.write_text(text.replace(old, new))
    result = here("run", run, "--json")
    assert result.code == 1, result.err
    store = open_store(str(folder / "ledger"))
    manifest = load_manifest(store, sealed_runs(store)[-1])
    rules = {r.rule: (r.state, r.effect) for r in manifest.gate.rules if r.check == "listed"}
    return {"lists": {one["list"]: one for one in manifest.settings["lists"]}, "rules": rules, **result.result}


def test_stale_missing_and_foreign_lists_are_unknown_and_hold_the_run_and_no_list_says_nobody_looked(tmp_path):
    run = prepared(tmp_path)
    (tmp_path / "lists/refusals.txt").write_text(LISTS["refusals.txt"].replace(KEY_ID, "0" * 16))
    (tmp_path / "lists/takedowns.txt").unlink()
    told = again(tmp_path, run, "max_age_days: 31", "max_age_days: 30")
    assert {kind: one["state"] for kind, one in told["lists"].items()} == {
        "authorisations": "joined", "refusals": "other-key", "blocked_domains": "stale", "takedowns": "missing",
    }  # fmt: skip
    assert not [one for one in told["lists"].values() if "hits" in one and one["state"] != "joined"]
    unknown = ("insufficient_evidence", "hold")
    assert told["rules"] == {
        "CN-UIN-010": ("not_met", "block"),
        "CN-PI-050": unknown,
        "CN-SRC-030": unknown,
        "CN-TKD-010": unknown,
    }
    values = measures(told)
    assert values["blocked_site_records"] is values["refused_records"] is values["taken_down_records"] is None
    assert values["dropped_records"] == 7 + 4  # what the stale list holds is not kept either
    begin = run.read_text().index("lists:")
    without = again(tmp_path, run, run.read_text()[begin:], "")
    assert {one["state"] for one in without["lists"].values()} == {"not-given"}
    assert set(without["rules"].values()) == {("not_applicable", "block")}
    assert set(measures(without).values()) == {None}
    assert without["counts"]["decisions"]["dropped"] == 0


def test_a_list_that_did_not_change_what_follows_makes_nothing_anew(tmp_path):
    run = prepared(tmp_path)
    age(tmp_path)
    here("run", run, "--json")
    newer = (
        LEDGER.replace("2026-47", "2026-48").replace("as_of: 2026-11-20", "as_of: 2026-11-21")
        + agreed(LIVE, "2026-06-01")
        + "\n"
    )
    (tmp_path / "lists/authorisations.csv").write_text(newer)
    told = again(tmp_path, run, "as_of: 2026-11-22\nkeys", "as_of: 2026-11-22 \nkeys")
    assert (told["made"], told["lists"]["authorisations"]["version"], told["lists"]["authorisations"]["age_days"]) == (
        {},
        "2026-48",
        1,
    )
    (tmp_path / "lists/blocked.txt").write_text(LISTS["blocked.txt"] + "another.example.net\n")
    assert set(again(tmp_path, run, "  takedowns:", "  takedowns: ")["made"]) == {"listed"}


def test_a_record_that_goes_for_a_list_stands_for_no_copy_that_may_stay(tmp_path):
    text = f"{SAID}这一页在被屏蔽的网站上，也在自己的网站上。"
    run = prepared(tmp_path)
    rows = [
        {"text": text, "url": "https://blocked.example.com.cn/a"},
        {"text": text, "url": "https://fine.example.com.cn/a"},
    ]
    (tmp_path / "corpus/web.jsonl").write_bytes(lines(*rows, rows[1]))
    told = here("run", run, "--json").result
    values = measures(told)
    assert (values["listed_records"], values["dropped_records"], told["copies"]["exact"]) == (7 + 1, 7 + 1, 1)
    assert told["counts"]["decisions"]["kept"] == 3 + 1  # of the three records one is listed and one is a copy


def test_without_deduplication_and_beside_an_erasure_each_record_goes_once(tmp_path, monkeypatch):
    run = prepared(tmp_path, NAMED + "checks: {duplicates: off}\n")
    first = here("run", run, "--json").result
    assert first["counts"]["decisions"] == {"dropped": 16, "held": 0, "kept": 6, "redacted": 0}
    monkeypatch.setattr(sys, "stdin", io.StringIO(PHONE + "\n"))
    assert here("subject", "erase", "--ledger", tmp_path / "ledger", "--key", tmp_path / "keys/hmac.key").code == 0
    told = here("run", run, "--json").result
    erased = {m["measure"]: m["value"] for m in told["measures"] if m["check"] == "records"}["records_erased"]
    # The record with the telephone number is refused, too, and goes as erased; the one whose author has it is not found by value.
    assert (erased, measures(told)["dropped_records"], measures(told)["refused_records"]) == (1, 15, 4)
    assert told["counts"]["decisions"]["dropped"] == 16
