"""A person's value: found in every run that knows it, told with what was not asked, and gone from later runs on request."""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from manifests.ledger import open_ledger
from manifests.log import entries
from manifests.runs import load_manifest, sealed_runs
from manifests.subject_requests import requests_of
from manifests.subjects import Subjects
from manifests.tables import read_files
from manifests.verify import verify_ledger
from schemas.subjects import INDEX
from tests.kit.command import ROOT, Done, age, here, lines, write_run

PHONE = "13812345678"
MAIL = "li.na@example.com"
SOURCES = {"zh": "paths: [corpus/zh]\nlicence: MIT\n", "en": "paths: [corpus/en]\nlicence: MIT\n"}
FILES = {
    "zh/a.jsonl": lines({"text": "没有"}, {"text": f"请致电{PHONE}联系"}, {"text": "也没有"}),
    "zh/b.jsonl": lines({"text": f"电话 +86 138-1234-5678，邮箱 {MAIL}"}),
    "en/a.jsonl": lines({"text": "nothing here at all"}, {"text": f"write to {MAIL} soon"}, {"text": f"write to {MAIL} soon"}),
}  # fmt: skip
KEYED = "keys: {hmac: keys/hmac.key}\nplan: {pack_files: 1}\n"


def corpus(folder: Path, more: str = KEYED, files: dict[str, bytes] = FILES, key: bytes = b"k" * 32) -> Path:
    (folder / "keys").mkdir(parents=True, exist_ok=True)
    (folder / "keys" / "hmac.key").write_bytes(key)
    path = write_run(folder, SOURCES, files, more)
    age(folder)
    return path


def run(path: Path, *more: str) -> dict[str, object]:
    done = here("run", path, "--json", *more)
    assert done.code in (0, 1), done.err
    return done.result


def ask(monkeypatch: pytest.MonkeyPatch, value: str, *words: object) -> Done:
    monkeypatch.setattr(sys, "stdin", io.StringIO(value))
    done = here("subject", *words)
    assert value.strip() not in done.out + done.err
    return done


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sealed")
    run(corpus(folder))
    return folder


@pytest.fixture
def ledger(sealed: Path, tmp_path: Path) -> Path:
    shutil.copytree(sealed, tmp_path, dirs_exist_ok=True)
    return tmp_path / "ledger"


def test_a_value_is_found_in_every_form_with_its_places(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = ask(monkeypatch, "138 1234 5678\n", "find", "--ledger", ledger, "--json")
    assert done.code == 0, done.err
    places = [(r["source"], r["shard"], r["record"], r["entity"], r["decision"]) for r in done.result["rows"]]
    assert [(s, shard.rpartition("/")[2], *rest) for s, shard, *rest in places] == [
        ("zh", "a.jsonl", 2, places[0][3], "kept"), ("zh", "b.jsonl", 1, places[0][3], "kept"),
    ]  # fmt: skip
    assert done.result["rows"][0]["offset"] == len(lines({"text": "没有"}))
    assert [f["records"] for f in done.result["found"]] == [2]
    assert all(r["searched"] for r in done.result["runs"])


def test_the_copy_that_goes_is_told_apart_from_the_one_that_stays(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ask(monkeypatch, MAIL.upper(), "find", "--ledger", ledger, "--json").result["rows"]
    told = {(r["source"], r["record"]): (r["decision"], r["rule"]) for r in rows}
    assert told["en", 2] == ("kept", None) and told["en", 3] == ("dropped", "duplicates.exact")


def test_every_answer_says_what_was_searched_and_that_names_were_not(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in (MAIL, "nobody@example.org"):
        done = ask(monkeypatch, value, "find", "--ledger", ledger)
        assert done.code == 0
        for said in (
            "Runs searched: 1",
            "已查运行：1",
            "EMAIL_ADDRESS",
            "recall",
            "召回率",
            "Names were not looked for",
            "姓名未被查找",
        ):
            assert said in done.out
        assert sealed_runs(open_ledger(str(ledger)).store)[0].run in done.out
    assert "Not found in the runs searched" in done.out and "未找到" in done.out
    assert "not present" not in done.out.lower() and "absent" not in done.out.lower() and "不存在" not in done.out


def test_a_run_under_another_key_is_named_as_not_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = corpus(tmp_path)
    run(path)
    (tmp_path / "old.key").write_bytes((tmp_path / "keys/hmac.key").read_bytes())
    corpus(tmp_path, key=b"n" * 32)
    run(path)
    path.write_text(path.read_text().replace("keys: {hmac: keys/hmac.key}\n", ""))
    run(path)
    found = ask(monkeypatch, PHONE, "find", "--ledger", tmp_path / "ledger", "--json").result
    assert [r["why_not"] and r["why_not"]["en"].partition(":")[0] for r in found["runs"]] == [
        "key unknown", None, "the run had no key, so it stored nothing that can be asked for",
    ]  # fmt: skip
    both = ("--key", tmp_path / "old.key", "--key", tmp_path / "keys/hmac.key")
    again = ask(monkeypatch, PHONE, "find", "--ledger", tmp_path / "ledger", "--json", *both).result
    assert [r["searched"] for r in again["runs"]] == [True, True, False]
    assert [f["records"] for f in again["found"]] == [2, 2]
    (tmp_path / "third.key").write_bytes(b"t" * 32)
    none = ask(monkeypatch, PHONE, "find", "--ledger", tmp_path / "ledger", "--key", tmp_path / "third.key")
    assert none.code == 3 and "nothing can be said" in none.out and "Not found" not in none.out


def test_a_second_run_takes_the_segment_and_a_third_writes_only_what_is_new(tmp_path: Path) -> None:
    path = corpus(tmp_path)

    def files() -> dict[str, str]:
        store = open_ledger(str(tmp_path / "ledger")).store
        listed = read_files(store, load_manifest(store, sealed_runs(store)[-1])).to_pylist()
        return {r["name"]: r["digest"] for r in listed if r["name"].startswith(f"{INDEX}/")}

    run(path)
    first = files()
    assert len(first) == 2
    run(path)
    assert files() == first
    corpus(tmp_path, files={"zh/c.jsonl": lines({"text": f"新的{PHONE}"})})
    run(path)
    third = files()
    assert first.items() < third.items() and len(third) == 4
    subjects = Subjects(open_ledger(str(tmp_path / "ledger")))
    assert [len(r.segments) for r in subjects.runs] == [1, 1, 2]


def test_a_request_is_logged_without_the_value_and_later_runs_drop_its_records(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_ledger(str(ledger)).store
    done = ask(monkeypatch, PHONE, "erase", "--ledger", ledger, "--json")
    assert done.code == 0, done.err
    proof = done.result
    assert (proof["request"], proof["records"], proof["content_ids"]) == (1, 2, 2)
    entry = entries(store)[proof["log_entry"]]
    assert entry.digest == proof["entry_sha256"] and PHONE not in json.dumps(entry.body)
    folder = ledger.parent
    corpus(folder, files={"zh/c.jsonl": lines({"text": f"又一条{PHONE}"}, {"text": f"请致电{PHONE}联系"})})
    told = run(folder / "run.yaml")
    assert told["counts"]["decisions"] == {"kept": 4, "redacted": 0, "dropped": 5, "held": 0}  # type: ignore[index]
    erased = [m["value"] for m in told["measures"] if m["measure"] == "records_erased"]  # type: ignore[attr-defined]
    assert erased == [4]
    manifest = load_manifest(store, sealed_runs(store)[-1])
    assert manifest.settings["erasure_requests"] == [1]
    rows = ask(monkeypatch, PHONE, "find", "--ledger", ledger, "--json").result["rows"]
    later = [(r["shard"].rpartition("/")[2], r["decision"], r["rule"]) for r in rows if r["run"] == manifest.run]
    assert later == [(name, "dropped", "erased.request-1") for name in ("a.jsonl", "b.jsonl", "c.jsonl", "c.jsonl")]
    assert verify_ledger(store).problem is None
    assert requests_of(store)[0].runs == (sealed_runs(store)[0].run,)


def test_a_request_is_honoured_where_copies_are_not_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = corpus(tmp_path, KEYED + "checks: {duplicates: off}\n")
    run(path)
    ask(monkeypatch, MAIL, "erase", "--ledger", tmp_path / "ledger")
    told = run(path, "--fresh")
    assert told["counts"]["decisions"] == {"kept": 4, "redacted": 0, "dropped": 3, "held": 0}  # type: ignore[index]


def test_a_text_stays_erased_under_another_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = corpus(tmp_path)
    run(path)
    ask(monkeypatch, PHONE, "erase", "--ledger", tmp_path / "ledger")
    corpus(tmp_path, key=b"n" * 32)
    told = run(path)
    assert [m["value"] for m in told["measures"] if m["measure"] == "records_erased"] == [2]  # type: ignore[attr-defined]


def test_a_request_that_no_run_could_honour_is_refused(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = ledger.parent / "other.key"
    other.write_bytes(b"o" * 32)
    done = ask(monkeypatch, PHONE, "erase", "--ledger", ledger, "--key", other)
    assert done.code == 2 and "no sealed run was made under this key" in done.err
    assert requests_of(open_ledger(str(ledger)).store) == ()


@pytest.mark.parametrize("words", [
    ("find", PHONE, "--ledger", "ledger"), ("find", "--ledger", "ledger", f"--value={PHONE}"), (PHONE,), (f"--{PHONE}",),
    ("find", "--ledger", "ledger", "--entity", PHONE), ("find", "--ledger", "ledger", f"-x{PHONE}"), ("find", f"--{PHONE}"),
    ("erase", "--ledger", "ledger", PHONE), ("find", "--ledger", "ledger", "--limit", "1", "--", PHONE),
])  # fmt: skip
def test_a_value_on_the_command_line_is_refused_and_not_repeated(
    ledger: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(ledger.parent)
    monkeypatch.setattr(sys, "stdin", io.StringIO(PHONE))
    done = here("subject", *words)
    assert done.code == 2
    assert PHONE not in done.out + done.err


@pytest.mark.parametrize("value", ["", "\n", "王小明", "1" * 2000, "a\nb", "12345", "192.168.0.1"])
def test_what_is_no_identifier_is_refused_without_being_shown(
    ledger: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(value))
    done = here("subject", "find", "--ledger", ledger)
    assert done.code == 2 and done.out == ""
    assert not value.strip() or value.strip() not in done.err


def test_the_command_starts_without_beam_presidio_or_a_model(ledger: Path) -> None:
    program = (
        "import sys; from pipelines.cli import code_of;"
        f"code = code_of(['subject', 'find', '--ledger', {str(ledger)!r}]);"
        "heavy = [m for m in ('apache_beam', 'presidio_analyzer', 'spacy', 'fasttext', 'hyperscan') if m in sys.modules];"
        "print(heavy); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=PHONE, capture_output=True, text=True, cwd=ROOT, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "[]"
