"""The main job on small real corpora: what is made again, what is not, and that no row is ever wrong."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

from checks import BY_NAME
from manifests.ledger import open_ledger
from manifests.places import finding_places, unread_places
from manifests.runs import load_manifest, sealed_runs
from manifests.tables import read_units
from tests.kit.command import age, here, lines, write_run

ZH = [{"text": f"第{i}篇：今天的天气很好，我们在公园里散步，看到了许多花和树。"} for i in range(6)]
EN = [{"text": f"Document {i}: the cat sat on the mat and it was of no use to the dog that slept."} for i in range(6)]
SOURCES = {"en": "paths: [corpus/en]\nlicence: MIT\n", "zh": "paths: [corpus/zh]\nlicence: CC0-1.0\n"}
FILES = {"en/a.jsonl": lines(*EN[:3]), "en/b.jsonl": lines(*EN[3:]), "zh/a.jsonl": lines(*ZH)}
CHECKS = tuple(BY_NAME)


@pytest.fixture
def run_yaml(tmp_path: Path) -> Path:
    path = write_run(tmp_path, SOURCES, FILES, "plan: {pack_files: 1}\n")  # each file a unit of its own
    age(tmp_path)
    return path


def run(path: Path, *more: str, code: tuple[int, ...] = (0, 1)):
    done = here("run", path, "--json", *more)
    assert done.code in code, done.err
    return done.result


def newest(path: Path):
    ledger = open_ledger(str(path.parent / "ledger"))
    manifest = load_manifest(ledger.store, sealed_runs(ledger.store)[-1])
    return ledger.store, manifest, read_units(ledger.store, manifest).to_pylist()


def test_a_second_run_opens_no_shard_and_makes_nothing(run_yaml: Path) -> None:
    first = run(run_yaml)
    assert first["made"] == dict.fromkeys(("reading", *CHECKS), 3)
    # The bytes are exchanged for others of equal size under the same change token: a run that opened a shard would see it.
    before = newest(run_yaml)[2]
    second = run(run_yaml)
    assert second["made"] == {}
    assert second["reused"] == first["made"]
    after = newest(run_yaml)[2]
    assert [r["digest_from"] for r in after] == [first["run"]] * 3
    assert [r["shard_digest"] for r in after] == [r["shard_digest"] for r in before]
    assert {k: second["counts"][k] for k in ("files", "records", "decisions")} == {
        k: first["counts"][k] for k in ("files", "records", "decisions")
    }


def test_a_changed_setting_of_one_check_redoes_that_check_alone(run_yaml: Path) -> None:
    run(run_yaml)
    key = run_yaml.parent / "keys" / "hmac.key"
    key.parent.mkdir()
    key.write_text("5" * 64)
    run_yaml.write_text(run_yaml.read_text() + "keys: {hmac: keys/hmac.key}\n")
    again = run(run_yaml)
    assert again["made"] == {"personal": 3}
    assert sum(again["reused"].values()) == 3 * len(CHECKS)


def test_a_changed_licence_redoes_what_reads_it(run_yaml: Path) -> None:
    run(run_yaml)
    source = run_yaml.parent / "sources" / "en.yaml"
    source.write_text(source.read_text().replace("MIT", "CC-BY-NC-4.0"))
    again = run(run_yaml)
    assert again["made"] == {"licence": 2, "laundering": 2}
    values = {r["measure"]: r["value"] for r in again["measures"] if r["check"] == "licence"}
    assert values["non_commercial_records"] == 6


def test_a_renamed_shard_is_hashed_and_not_parsed(run_yaml: Path) -> None:
    first = run(run_yaml)
    corpus = run_yaml.parent / "corpus"
    (corpus / "zh" / "a.jsonl").rename(corpus / "zh" / "renamed.jsonl")
    again = run(run_yaml)
    assert again["made"] == {}
    rows = newest(run_yaml)[2]
    assert sorted(r["shard"] for r in rows) == ["corpus/en/a.jsonl", "corpus/en/b.jsonl", "corpus/zh/renamed.jsonl"]
    assert again["counts"]["records"] == first["counts"]["records"]


def test_a_shard_that_moves_to_another_source_takes_that_sources_values(run_yaml: Path) -> None:
    run(run_yaml)
    corpus = run_yaml.parent / "corpus"
    (corpus / "zh" / "a.jsonl").rename(corpus / "en" / "zh.jsonl")
    (run_yaml.parent / "sources" / "zh.yaml").unlink()
    again = run(run_yaml)
    assert again["made"] == {
        "licence": 1,
        "laundering": 1,
    }  # another declared licence; what does not read it is taken as it was
    assert again["counts"]["records"]["looked_at"] == 12
    _, _, rows = newest(run_yaml)
    assert {r["source"] for r in rows} == {"en"}
    licences = {r["value"] for r in again["measures"] if r["measure"] == "records" and r["check"] == "duplicates"}
    assert licences == {12}


def test_a_copy_registered_under_a_second_source_counts_for_both_and_is_dropped_once(run_yaml: Path) -> None:
    first = run(run_yaml)
    root = run_yaml.parent
    (root / "corpus" / "zz").mkdir()
    (root / "corpus" / "zz" / "copy.jsonl").write_bytes(FILES["zh/a.jsonl"])
    (root / "sources" / "zz.yaml").write_text("id: zz\npaths: [corpus/zz]\nlicence: CC0-1.0\n")
    again = run(run_yaml)
    assert again["made"] == {}  # equal bytes, equal registry values: equal work ids
    assert again["counts"]["records"]["read"] == first["counts"]["records"]["read"] + 6
    assert again["copies"] == first["copies"] | {"exact": 6, "elsewhere": 12}
    _, manifest, _ = newest(run_yaml)
    dropped = {m.source: m.values["exact_duplicate_records"] for m in manifest.measures if m.check == "duplicates"}
    assert dropped == {"en": 0, "zh": 0, "zz": 6, None: 6}


def test_unreadable_rows_are_counted_and_placed(tmp_path: Path) -> None:
    good = lines(*EN[:2])
    broken = (
        good + b"{broken\n" + b'["no object"]\n' + b'{"text": null}\n' + b'{"text": 7}\n' + b'{"text": "\xff"}\n' + good
    )
    path = write_run(tmp_path, {"en": SOURCES["en"]}, {"en/a.jsonl": broken})
    result = run(path)
    assert result["counts"]["records"] == {
        "read": 9, "looked_at": 4, "unread": 5, "text_bytes": sum(len(r["text"].encode()) for r in EN[:2] * 2),
        "unread_by": {"not json": 1, "not an object": 1, "no text": 1, "wrong type": 1, "bad utf-8": 1},
    } | {"text_bytes": result["counts"]["records"]["text_bytes"]}  # fmt: skip
    store, manifest, _ = newest(path)
    places = list(unread_places(store, manifest))
    assert places[0].offset == len(good)
    assert [broken[p.offset : p.offset + 7] for p in places][:2] == [b"{broken", b'["no ob']


def test_findings_have_places_and_no_values(tmp_path: Path) -> None:
    mobile = "138" + "0013" + "8000"
    path = write_run(
        tmp_path, {"zh": SOURCES["zh"]}, {"zh/a.jsonl": lines({"text": "前言"}, {"text": f"请拨打{mobile}联系我"})}
    )
    run(path)
    store, manifest, _ = newest(path)
    (found,) = [f for f in finding_places(store, manifest) if f.check == "personal"]
    assert (found.shard, found.offset, found.start, found.end) == (
        "corpus/zh/a.jsonl",
        len(lines({"text": "前言"})),
        3,
        14,
    )
    for stored in (tmp_path / "ledger").rglob("*"):
        assert not stored.is_file() or mobile.encode() not in stored.read_bytes()


def test_an_unclaimed_file_and_an_image_are_shown(tmp_path: Path) -> None:
    png = b"\x89PNG\r\n\x1a\n" + bytes(64)
    path = write_run(tmp_path, {"en": SOURCES["en"]}, {**FILES, "en/picture.png": png})
    result = run(path, code=(1,))
    assert result["counts"]["files"]["listed"] == 4
    assert result["counts"]["files"]["not_looked_at"] == 1
    assert {"media_type": "image/png", "status": "not-looked-at", "files": 1, "bytes": len(png)} in result["counts"][
        "media"
    ]
    _, _manifest, rows = newest(path)
    assert {r["source"] for r in rows} == {"en", "unregistered"}
    assert all(len(r["shard_digest"]) == 64 for r in rows)
    failing = [
        r
        for r in json.loads(here("gate", result["run"], "--config", path, "--json").out)["outcomes"]
        if r["state"] == "not_met"
    ]
    assert any("unregistered" in [c["scope"] for c in r["cases"]] for r in failing)


def test_one_huge_file_is_cut_into_ranges_with_equal_measures(tmp_path: Path) -> None:
    rows = [
        {
            "text": f"Row {i} of a file that is cut: 第{i}行，内容各不相同。",
            "url": f"https://www.example{i % 7}.com/{i}",
        }
        for i in range(400)
    ]
    whole = write_run(tmp_path / "whole", {"en": "paths: [corpus/en]\nlicence: MIT\n"}, {"en/a.jsonl": lines(*rows)})
    cut = write_run(
        tmp_path / "cut", {"en": "paths: [corpus/en]\nlicence: MIT\n"}, {"en/a.jsonl": lines(*rows)},
        "plan: {range_bytes: 3000, pack_bytes: 1000}\n",
    )  # fmt: skip
    a, b = run(whole), run(cut)
    assert a["measures"] == b["measures"]
    assert a["counts"] == b["counts"]
    assert len(newest(whole)[2]) == 1
    assert len(newest(cut)[2]) > 10
    assert len({r["shard_digest"] for r in newest(whole)[2] + newest(cut)[2]}) == 1
    assert pa.compute.sum(pa.array([r["rows"] for r in newest(cut)[2]])).as_py() == 400
