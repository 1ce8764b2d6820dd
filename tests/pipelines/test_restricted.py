"""Restricted datasets of run.yaml: fingerprints made by the command, every mistake told with its line, hashes alone kept."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from checks import BY_NAME
from checks.laundering import ENTRIES
from manifests.parquet import parquet_bytes, read_parquet
from manifests.places import finding_places
from manifests.runs import load_manifest, sealed_runs
from manifests.store import open_store
from manifests.tables import read_files
from pipelines.config import load_run
from pipelines.restricted import fingerprint_of
from schemas.errors import ConfigError
from schemas.ledger import RESTRICTED, RESTRICTED_NAME, ROLLUP_RESTRICTED
from tests.kit.command import command, here, lines, write_run

EN = "Describe how a lighthouse keeper records the ships that pass in a night of fog."
ZH = "请说明档案馆怎样登记每天收到的材料，并举出两个例子。"
ANSWER = (
    "The keeper hears each ship before it can be seen, and writes the hour into the book that lies beneath the lamp."
)
SOURCE = "paths: [corpus/{0}.jsonl]\nlayout: {1}\nlicence: {2}\n"
NAMED = "restricted:\n  lamp: lamp.fingerprint\n  book: {file: book.fingerprint, licence: LicenseRef-contract-7}\n"
BOOK = " ".join(f"page {n} tells of stone{n * 11} by the river{n * 13}" for n in range(60))


def fingerprint(folder, name, data, *options):
    (folder / f"{name}.jsonl").write_bytes(data)
    return here(
        "source", "fingerprint", folder / f"{name}.jsonl", "--id", name, "--output", folder / f"{name}.fingerprint", *options
    )  # fmt: skip


def prepared(folder, more=NAMED):
    files = {
        "chat.jsonl": lines({"instruction": EN.upper(), "output": "new words"}, {"instruction": ZH, "output": "新的回答"},
                            {"instruction": "What stands here is of nobody else.", "output": "Nothing."}),
        "web.jsonl": lines({"text": f"Some page. {BOOK} The end."}, {"text": "Nothing of it."}),
    }  # fmt: skip
    sources = {
        "chat": SOURCE.format("chat", "alpaca", "MIT"),
        "web": SOURCE.format("web", "plain", "LicenseRef-contract-7"),
    }
    run = write_run(folder, sources, files, more)
    rows = lines({"instruction": EN, "output": ANSWER}, {"instruction": ZH, "input": "", "output": "甲"}) + b"{broken\n"
    made = fingerprint(
        folder, "lamp", rows, "--licence", "CC-BY-NC-4.0", "--layout", "alpaca", "--version", "2023-03", "--json"
    )
    assert made.code == 0, made.err
    assert (
        fingerprint(folder, "book", lines({"body": {"text": BOOK}}), "--licence", "x", "--text", "body.text").code == 0
    )
    return run


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("restricted")
    result = here("run", prepared(folder), "--json")
    assert result.code == 1, result.err
    return folder, result.result


def measures(result):
    return {m["measure"]: m["value"] for m in result["measures"] if m["check"] == "laundering"}


def test_records_of_named_datasets_are_counted_and_the_run_is_held(done):
    _, result = done
    found = measures(result)
    assert {name: found[name] for name in found if name.endswith(("records", "datasets"))} == {
        "records": 5, "restricted_records": 3, "relabelled_records": 2, "exact_records": 2, "prompt_records": 2,
        "response_records": 0, "text_records": 1, "datasets": 2, "dataset_records": 3,
    }  # fmt: skip


def test_findings_name_dataset_field_record_and_licence(done):
    folder, result = done
    asked = here("query", "findings", result["run"], "--ledger", folder / "ledger", "--check", "laundering", "--json")
    assert [(r["source"], r["rule"], r["start"], r["detail"]) for r in asked.result["rows"]] == [
        ("chat", "laundering.lamp.prompt", 0, "record 1, all terms: CC-BY-NC-4.0"),
        ("chat", "laundering.lamp.prompt", 0, "record 2, all terms: CC-BY-NC-4.0"),
        ("web", "laundering.book.text", 37, "record 1, part of the terms: LicenseRef-contract-7"),
    ]


def test_a_known_record_is_under_its_datasets_licence_too_and_query_uses_sees_it(done):
    folder, result = done
    ledger = ("--ledger", folder / "ledger", "--json")
    found = here("query", "findings", result["run"], *ledger, "--rule", "licence.laundering").result["rows"]
    assert [(r["source"], r["start"], r["detail"]) for r in found] == [
        ("chat", 0, "CC-BY-NC-4.0 (laundering 1: lamp.prompt)"), ("chat", 0, "CC-BY-NC-4.0 (laundering 1: lamp.prompt)"),
        ("web", 37, "LicenseRef-contract-7 (laundering 1: book.text)"),
    ]  # fmt: skip
    uses = here("query", "uses", result["run"], *ledger, "--use", "commercial_service").result
    told = {(row["source"], row["licence"]): (row["answer"], row["records"]) for row in uses["rows"]}
    assert told == {
        ("chat", "CC-BY-NC-4.0 AND MIT"): ("deny", 2), ("chat", "MIT"): ("allow", 1),
        ("web", "LicenseRef-contract-7"): ("unknown", 2),
    }  # fmt: skip
    licence = {m["measure"]: m["value"] for m in result["measures"] if m["check"] == "licence"}
    assert (licence["non_commercial_records"], licence["permissive_records"], licence["conflicting_records"]) == (
        2,
        1,
        2,
    )


def test_the_manifest_names_each_dataset_and_the_ledger_holds_no_text_of_it(done):
    folder, _ = done
    store = open_store(str(folder / "ledger"))
    manifest = load_manifest(store, sealed_runs(store)[0])
    files = {r["name"]: r for r in read_files(store, manifest).to_pylist()}
    kept = files["restricted/index"]
    settings = next(c for c in manifest.checks if c.name == "laundering").settings
    assert settings["sets"] == ["book", "lamp"]
    assert (settings["licences"], settings["versions"]) == (["LicenseRef-contract-7", "CC-BY-NC-4.0"], ["", "2023-03"])
    assert (settings["items"], settings["index"]) == ([1, 2], kept["digest"])
    assert all(len(digest) == 64 for digest in settings["files"])
    assert pq.read_schema(folder / "ledger/objects" / kept["digest"][:2] / kept["digest"]).names == ENTRIES.names
    counted = read_parquet(store.get_object(files[RESTRICTED]["digest"]), "restricted", ROLLUP_RESTRICTED).to_pylist()
    assert [(r["restricted"], r["source"], r["records"], r["exact"]) for r in counted] == [
        ("book.text", "web", 1, 0), ("lamp.prompt", "chat", 2, 2),
    ]  # fmt: skip
    assert files[RESTRICTED]["kind"] == RESTRICTED_NAME
    whole = b"".join(p.read_bytes() for p in (folder / "ledger").rglob("*") if p.is_file())
    for text in ("lighthouse", "LIGHTHOUSE", "档案馆", "river13", "beneath"):
        assert text.encode() not in whole
        assert (
            text.encode() not in (folder / "lamp.fingerprint").read_bytes() + (folder / "book.fingerprint").read_bytes()
        )
    assert command("verify", folder / "ledger").code == 0
    assert len(list(finding_places(store, manifest, check="laundering"))) == 3


def test_without_datasets_nothing_is_known_and_other_datasets_make_no_other_work_anew(tmp_path):
    run = prepared(tmp_path)
    first = here("run", run, "--json").result
    run.write_text(run.read_text().replace(NAMED, "restricted: {lamp: lamp.fingerprint}\n"))
    fewer = here("run", run, "--json").result
    assert fewer["made"] == {name: first["made"][name] for name in ("laundering", "licence")}
    assert measures(fewer)["restricted_records"] == 2
    run.write_text(run.read_text().replace("restricted: {lamp: lamp.fingerprint}\n", ""))
    without = here("run", run, "--json").result
    assert set(measures(without).values()) == {None}


def test_the_same_dataset_gives_the_same_bytes_and_says_what_became_of_it(tmp_path):
    rows = lines({"instruction": EN, "output": ANSWER}, {"instruction": EN, "output": "no"}) + b"[1]\n"
    told = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        told.append(
            fingerprint(tmp_path / name, "set", rows, "--licence", "MIT", "--layout", "alpaca", "--json").result
        )
    one, two = ((tmp_path / name / "set.fingerprint").read_bytes() for name in ("a", "b"))
    assert one == two
    assert told[0]["counts"]["prompt"] == {"values": 2, "sought": 1, "too_short": 0, "repeated": 1, "wording": 0}
    assert (told[0]["records"], told[0]["unread"]) == (2, 1)
    assert fingerprint_of(one, "x")[0].as_bytes() == json.dumps(told[0], separators=(",", ":"), sort_keys=True).encode()


@pytest.mark.parametrize(
    ("data", "options", "problem"),
    [
        (lines({"text": "No."}), (), "of 1 records none has a text that can be told by its hashes"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 64, (), "no reader takes it"),
    ],
)
def test_a_dataset_that_gives_nothing_to_look_for_is_refused(tmp_path, data, options, problem):
    refused = fingerprint(tmp_path, "set", data, "--licence", "MIT", *options)
    assert (refused.code, problem in refused.err) == (2, True)
    assert not (tmp_path / "set.fingerprint").exists()


def test_a_fingerprint_is_not_written_over_another_file(tmp_path):
    (tmp_path / "set.fingerprint").write_text("mine")
    assert fingerprint(tmp_path, "set", lines({"text": BOOK}), "--licence", "MIT").code == 2
    assert (tmp_path / "set.fingerprint").read_text() == "mine"


def wrong(folder, more=NAMED, **files):
    run = prepared(folder, more)
    for name, data in files.items():
        (folder / f"{name}.fingerprint").write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        load_run(run, BY_NAME, "2026-11-22")
    return [p.replace(f"{folder}/", "").split(";")[0] for p in caught.value.problems if "sources/" not in p]


def test_every_mistake_is_told_with_its_line(tmp_path):
    other = parquet_bytes(ENTRIES.empty_table(), "corpusledger.other")
    told = wrong(tmp_path, lamp=b"PAR1 no", book=other)
    assert told[0] == "run.yaml:9: restricted.book: book.fingerprint: no fingerprint of version 1"
    assert told[1].startswith("run.yaml:8: restricted.lamp: lamp.fingerprint: not readable as Parquet (")
    assert len(told) == 2


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("restricted: {lamp: gone.fingerprint}\n", "run.yaml:7: restricted.lamp: 'gone.fingerprint' cannot be read (No such file or directory)"),
        ("restricted: {lamp: s3://b/x}\n", "run.yaml:7: restricted.lamp: 's3://b/x' is no file of this machine"),
        (NAMED + "checks: {laundering: off}\n", "run.yaml:7: restricted: the check `laundering` is off"),
    ],
)  # fmt: skip
def test_a_dataset_that_cannot_be_looked_for_is_told(tmp_path, more, problem):
    assert wrong(tmp_path, more) == [problem]


def test_entries_that_no_fingerprint_holds_are_refused(tmp_path):
    prepared(tmp_path)
    data = (tmp_path / "lamp.fingerprint").read_bytes()
    note = {b"corpusledger.fingerprint": fingerprint_of(data, "x")[0].as_bytes()}
    table = read_parquet(data, "x", ENTRIES)
    field = table.column("field").to_pylist()
    bad = table.set_column(3, ENTRIES.field("field"), pa.array([*field[:-1], 7], pa.uint8()))
    changed = parquet_bytes(bad, "corpusledger.fingerprint", 1, note)
    assert wrong_of(tmp_path, changed) == "holds what no fingerprint holds"
    older = {
        b"corpusledger.fingerprint": note[b"corpusledger.fingerprint"].replace(
            b'"terms":"terms-1"', b'"terms":"terms-0"'
        )
    }
    assert wrong_of(tmp_path, parquet_bytes(table, "corpusledger.fingerprint", 1, older)).startswith(
        "made with other terms"
    )


def wrong_of(folder, data):
    (folder / "lamp.fingerprint").write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        load_run(folder / "run.yaml", BY_NAME, "2026-11-22")
    (problem,) = (p for p in caught.value.problems if "restricted" in p)
    return problem.split("lamp.fingerprint: ")[1].split(";")[0]
