"""The self-scan: canaries planted in every field of a corpus stand in no file of the ledger, no log line and no message."""

import gzip
import io
import json
import sys
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from checks.personal.spot import spot
from manifests.store import LocalStore
from tests.kit.command import DEADLY, age, command, here, lines, write_run

# Values that the recognizers find (so they are handled), and words that they do not (so they must simply never be kept).
MAIL, PHONE, RESIDENT = "canary.one@example.com", "13912345670", "11010519491231002X"
WORD, AUTHOR, META, LINE = "canaryword8231", "canaryauthor8232", "canarymeta8233", "canaryline8234"
CANARIES = (MAIL, PHONE, RESIDENT, WORD, AUTHOR, META, LINE)
EVERY = f"{WORD} {MAIL} 电话{PHONE} 身份证{RESIDENT}"
MAPPED = "columns: {text: body, url: link, author: by, meta: note}\n"
SOURCES = {
    "rows": f"paths: ['corpus/rows/*']\nlicence: MIT\n{MAPPED}",
    "chat": "paths: [corpus/chat]\nlicence: MIT\nlayout: openai-chat\n",
    "web": "paths: [corpus/web]\nlicence: MIT\n",
}
MORE = "keys: {hmac: keys/hmac.key}\nplan: {pack_files: 2}\n"


def record(number: int) -> dict[str, str]:
    return {
        "body": f"{number} {EVERY}", "link": f"https://example.com/u?mail={MAIL}&tel={PHONE}&w=1", "by": f"{AUTHOR} {MAIL}",
        "note": f"{META} {RESIDENT}", "nobody-maps": LINE,
    }  # fmt: skip


def archive() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        made.writestr(f"{MAIL}-{WORD}.txt", EVERY)
    return data.getvalue()


def parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist([record(90), record(91)]), sink)
    return bytes(sink.getvalue())


BAD_LINES = b"\n".join([
    f'{{"body": "{EVERY} {LINE}"'.encode(), f'{{"body": ["{LINE}", "{MAIL}"]}}'.encode(), f"{LINE} {PHONE}".encode(),
    b'{"body": "\xff\xfe ' + EVERY.encode() + b'"}', json.dumps(record(7)).encode(),
])  # fmt: skip
FILES = {
    "rows/a.jsonl": lines(*(record(n) for n in range(4)), record(1)),
    "rows/bad.jsonl": BAD_LINES,
    "rows/c.jsonl.gz": gzip.compress(lines(record(20))),
    "rows/cut.jsonl.gz": gzip.compress(lines(*(record(n) for n in range(30, 60))))[:-40],
    "rows/d.csv": b"body,link,by,note\n" + "".join(",".join(record(n)[k] for k in ("body", "link", "by", "note")) + "\n" for n in (70, 71)).encode(),
    "rows/broken.csv": f'body,link\n"{EVERY},{LINE}\n'.encode(),
    "rows/e.parquet": parquet(),
    "rows/broken.parquet": b"PAR1" + EVERY.encode() * 20,
    "chat/a.jsonl": lines({"messages": [{"role": "user", "content": EVERY}, {"role": "assistant", "content": f"{MAIL}"}]}),
    "web/archive.zip": archive(),
    "web/page.html": f"<html><title>{WORD}</title><p>{EVERY}</p></html>".encode(),
    "stray/left.txt": EVERY.encode(),
}  # fmt: skip


def corpus(folder: Path) -> Path:
    (folder / "keys").mkdir()
    (folder / "keys" / "hmac.key").write_bytes(b"k" * 32)
    path = write_run(folder, SOURCES, FILES, MORE)
    age(folder)
    return path


def kept_in(*roots: Path) -> list[str]:
    """Files below *roots* that hold a canary: as bytes, in any Parquet column, or in their name."""
    found = []
    for path in (p for root in roots for p in root.rglob("*") if p.is_file()):
        data = path.read_bytes()
        texts = [data, str(path).encode()]
        if data[:4] == b"PAR1" and data[-4:] == b"PAR1":  # pages are compressed
            texts.append(repr(pq.ParquetFile(pa.BufferReader(data)).read().to_pylist()).encode())
        for text in texts:
            found += [f"{path}: {c}" for c in CANARIES if c.encode() in text or repr(c.encode())[2:-1].encode() in text]
    return found


def test_the_canaries_are_found_where_they_are_and_the_scan_of_files_sees_them(tmp_path: Path) -> None:
    assert {s.entity.name for s in spot(pa.array([EVERY]))} >= {"EMAIL_ADDRESS", "CN_RESIDENT_ID"}
    store = LocalStore(str(tmp_path))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"a": [EVERY]}), sink, compression="zstd")
    store.put_object(bytes(sink.getvalue()))
    store.put("log/x.json", META.encode())
    assert {f.rpartition(": ")[2] for f in kept_in(tmp_path)} == {WORD, MAIL, PHONE, RESIDENT, META}


def test_a_run_and_every_question_of_it_keep_no_canary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path, ledger = corpus(tmp_path), tmp_path / "ledger"
    (tmp_path / "spill").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "spill"))
    done = here("run", path, "--json")
    assert done.code in (0, 1), done.err
    said = [done]
    run = done.result["run"]
    assert done.result["counts"]["records"]["unread"] > 3
    said += [
        here("query", kind, run, "--ledger", ledger) for kind in ("files", "unread", "findings", "copies", "sources")
    ]
    said.append(here("verify", ledger))
    for value in (MAIL, PHONE, RESIDENT):
        for words in (("find",), ("find", "--json"), ("erase",)):
            monkeypatch.setattr(sys, "stdin", io.StringIO(value))
            said.append(here("subject", *words, "--ledger", ledger))
            assert said[-1].code == 0, said[-1].err
    again = here("run", path, "--json", "--fresh")
    assert again.code in (0, 1), again.err
    assert next(m["value"] for m in again.result["measures"] if m["measure"] == "records_erased") > 0
    assert kept_in(ledger, tmp_path / "spill") == []
    for one in (*said, again):
        assert not any(c in one.out + one.err for c in CANARIES)
    assert not any(c in caplog.text for c in CANARIES)


@pytest.mark.parametrize(("what", "codes"), [
    ("checks.provenance.Provenance.look", (0, 1)), ("pipelines.outputs.parquet_bytes", (3,)), ("pipelines.unit.batches", (3,)),
])  # fmt: skip
def test_what_raises_with_a_text_in_its_message_leaves_no_canary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, what: str, codes: tuple[int, ...]
) -> None:
    def raising(*_: object, **__: object) -> None:
        raise ValueError(f"{EVERY} {AUTHOR} {META} {LINE}")

    path, spill = corpus(tmp_path), tmp_path / "spill"
    spill.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spill))
    monkeypatch.setattr(what, raising)
    done = here("run", path, "--json")
    assert done.code in codes, done.err
    assert not any(c in done.out + done.err + caplog.text for c in CANARIES)
    assert kept_in(tmp_path / "ledger", spill) == []


def test_a_record_that_kills_its_process_leaves_no_canary(tmp_path: Path) -> None:
    path = corpus(tmp_path)
    (tmp_path / "corpus/rows/z.jsonl").write_bytes(
        lines({"body": f"KILLS THE PROCESS {EVERY}"}, {"body": f"FAILS THE CHECK {EVERY}"})
    )
    age(tmp_path)
    (tmp_path / "spill").mkdir()
    done = command("run", path, "--json", env={"PYTHONPATH": DEADLY, "TMPDIR": str(tmp_path / "spill")})
    assert done.code in (0, 1), done.err
    assert done.result["counts"]["records"]["unread"] > 3
    assert not any(c in done.out + done.err for c in CANARIES)
    assert kept_in(tmp_path / "ledger", tmp_path / "spill") == []


@pytest.mark.parametrize(("name", "text"), [
    ("run.yaml", f"checks: {{personal: {{{WORD}: '{MAIL}'}}}}\n"),
    ("sources/rows.yaml", "licence: [MIT\n"),
])  # fmt: skip
def test_a_yaml_that_is_refused_leaves_nothing_in_the_ledger(tmp_path: Path, name: str, text: str) -> None:
    path = corpus(tmp_path)
    with (tmp_path / name).open("a") as file:
        file.write(text)
    done = here("run", path)
    assert done.code == 2
    assert MAIL not in done.err
    assert not (tmp_path / "ledger").exists() or kept_in(tmp_path / "ledger") == []
