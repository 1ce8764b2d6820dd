"""The demo corpus: the same bytes everywhere, the planted cases really in it, and none left after the repair."""

import gzip
import hashlib
import io
import json
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
import zstandard
from fastwarc.warc import ArchiveIterator, WarcRecordType

from pipelines.demo import PLANTED, persons, repair_demo, write_demo
from pipelines.demo.beside import FINGERPRINT, LESSONS, beside_files
from pipelines.demo.corpus import NC_URL, OPTED_OUT, corpus_files, pages_en
from pipelines.demo.registry import registry_files
from pipelines.restricted import fingerprint_of
from schemas.errors import ConfigError

BEFORE, AFTER = corpus_files(planted=True), corpus_files(planted=False)
CHAT = "corpus/chat-zh/dialogues.jsonl"


def rows(content: bytes) -> list[dict]:
    return [json.loads(line) for line in content.splitlines()]


def test_every_process_writes_the_same_corpus():
    script = (
        "import hashlib; from pipelines.demo.corpus import corpus_files; from pipelines.demo.registry import registry_files\n"
        "from pipelines.demo.beside import beside_files\n"
        "made = [sorted(f(planted=p).items()) for f in (corpus_files, registry_files) for p in (0, 1)] + [sorted(beside_files().items())]\n"
        "print(hashlib.sha256(repr(made).encode()).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    made = [sorted(f(planted=p).items()) for f in (corpus_files, registry_files) for p in (0, 1)]
    made.append(sorted(beside_files().items()))
    assert run.stdout.strip() == hashlib.sha256(repr(made).encode()).hexdigest()


def test_the_folder_holds_what_the_plan_says(tmp_path: Path):
    plan = write_demo(tmp_path / "demo")
    assert plan.run_file == tmp_path / "demo/run.yaml" and plan.run_file.exists()
    corpus = [path for path in (tmp_path / "demo/corpus").rglob("*") if path.is_file()]
    assert plan.files == len(corpus) and plan.size_bytes == sum(path.stat().st_size for path in corpus)
    assert plan.counts["exact copies"] == 4
    assert (tmp_path / "demo/keys/hmac.key").stat().st_mode & 0o077 == 0
    assert len((tmp_path / "demo/keys/hmac.key").read_bytes()) == 32
    with pytest.raises(ConfigError, match="another folder"):
        write_demo(tmp_path / "demo")


def test_two_demos_share_everything_but_the_keys(tmp_path: Path):
    write_demo(tmp_path / "a")
    write_demo(tmp_path / "b")
    different = [
        path.name for path in (tmp_path / "a").rglob("*")
        if path.is_file() and path.read_bytes() != (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()
    ]  # fmt: skip
    assert sorted(different) == ["hmac.key", "sign.pem", "sign.pem.pub"]


def test_the_identity_number_has_its_check_digit_and_touches_han():
    number = persons.identity_number()
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # as GB 11643 prints them
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], weights, strict=True))
    assert number[17] == "10X98765432"[total % 11]
    text = BEFORE[CHAT].decode()
    for value in (number, persons.mobile_number(), persons.mail_address("lin.yue"), persons.card_number()):
        at = text.index(value)
        assert "\u4e00" <= text[at - 1] <= "\u9fff" and "\u4e00" <= text[at + len(value)] <= "\u9fff"
        assert text.count(value) == 1
        assert value not in AFTER[CHAT].decode()


def test_no_file_of_ours_holds_a_personal_value():
    values = (
        persons.identity_number(),
        persons.mobile_number(),
        persons.mail_address("lin.yue"),
        persons.card_number(),
    )
    for path in (Path(__file__).parents[2] / "pipelines/demo").iterdir():
        if path.is_file():
            assert not [place for place, value in enumerate(values) if value in path.read_text(encoding="utf-8")], (
                path.name
            )


def test_one_line_is_broken_and_one_gzip_is_cut_short():
    bad = 0
    for line in BEFORE["corpus/web-en/part-0.jsonl"].splitlines():
        try:
            json.loads(line)
        except json.JSONDecodeError:
            bad += 1
    assert bad == 1
    assert len(rows(AFTER["corpus/web-en/part-0.jsonl"])) == 45
    with pytest.raises(EOFError):
        gzip.decompress(BEFORE["corpus/web-en/part-2.jsonl.gz"])
    assert len(rows(gzip.decompress(AFTER["corpus/web-en/part-2.jsonl.gz"]))) == 45


def test_one_page_says_non_commercial():
    def bodies(content: bytes) -> list[bytes]:
        archive = ArchiveIterator(io.BytesIO(content), record_types=WarcRecordType.response)
        return [record.reader.read() for record in archive]

    before, after = bodies(BEFORE["corpus/web-zh/pages.warc.gz"]), bodies(AFTER["corpus/web-zh/pages.warc.gz"])
    assert sum(NC_URL.encode() in body for body in before) == 1
    assert not any(NC_URL.encode() in body for body in after)
    assert len(before) == 49 and len(after) == 47
    assert sum("gb18030" in body.decode("gb18030", "replace") for body in before) == 1


def hosts(content: bytes) -> list[str]:
    return [row["url"].split("/")[2] for row in rows(content)]


def test_one_page_is_of_a_site_that_said_no_and_every_page_has_the_robots_txt_of_its_day():
    captured = rows(beside_files()["captures/web-en.jsonl"])
    said = {(one["host"], one["fetched_at"][:10]): one["body"] for one in captured}
    assert len(said) == len(captured)
    assert {host for (host, _), body in said.items() if "ai-train=no" in body} == {OPTED_OUT}
    pages = [row for part in pages_en(planted=True) for row in part]
    assert {(row["url"].split("/")[2], row["date"]) for row in pages} == set(said)
    assert hosts(BEFORE["corpus/web-en/part-1.jsonl"]).count(OPTED_OUT) == 1
    assert OPTED_OUT not in hosts(AFTER["corpus/web-en/part-1.jsonl"])


def responses(content: bytes) -> list[tuple[str, str]]:
    archive = ArchiveIterator(io.BytesIO(content), record_types=WarcRecordType.response)
    return [(r.headers["WARC-Target-URI"], r.headers["WARC-Date"]) for r in archive]


def test_the_chinese_pages_were_fetched_after_the_robots_txt_of_their_hosts():
    fetched = {
        (url.split("/")[2], when[:10]): when for url, when in responses(beside_files()["captures/web-zh.warc.gz"])
    }
    for url, when in responses(BEFORE["corpus/web-zh/pages.warc.gz"]):
        assert fetched[url.split("/")[2], when[:10]] < when
    blocked = beside_files()["lists/blocked.txt"].decode().split("\n")
    of_blocked = [
        [url for url, _ in responses(f["corpus/web-zh/pages.warc.gz"]) if url.split("/")[2] in blocked]
        for f in (BEFORE, AFTER)
    ]
    assert [len(urls) for urls in of_blocked] == [1, 0]


def test_the_restricted_prompts_come_back_with_other_answers_until_they_are_taken_out():
    restricted = {row["instruction"]: row["output"] for row in rows(beside_files()[LESSONS])}
    before = [row for row in rows(BEFORE["corpus/instruct/tasks.jsonl"]) if row["instruction"] in restricted]
    after = [row for row in rows(AFTER["corpus/instruct/tasks.jsonl"]) if row["instruction"] in restricted]
    assert (len(before), len(after)) == (2, 0)
    assert all(row["output"] != restricted[row["instruction"]] for row in before)


def test_the_fingerprint_is_of_the_set_and_holds_none_of_its_text(tmp_path: Path):
    write_demo(tmp_path / "demo")
    data = (tmp_path / "demo" / FINGERPRINT).read_bytes()
    note, entries = fingerprint_of(data, "demo")
    assert (note.id, note.licence, note.records, note.unread) == ("kite-lessons", "CC-BY-NC-4.0", 6, 0)
    assert note.counts["prompt"].sought == 6 and entries.num_rows
    for row in rows(beside_files()[LESSONS]):
        assert row["instruction"].encode() not in data and row["output"].encode() not in data


def texts() -> list[str]:
    web = rows(BEFORE["corpus/web-en/part-1.jsonl"]) + rows(AFTER["corpus/web-en/part-0.jsonl"])
    dolma = rows(zstandard.ZstdDecompressor().decompress(BEFORE["corpus/dolma-en/docs.jsonl.zst"]))
    return [row["text"] for row in web + dolma]


def shingles(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}


def test_the_planted_copies_are_the_only_ones():
    sets = [shingles(text) for text in texts()]
    close = [len(a & b) / len(a | b) for a, b in combinations(sets, 2)]
    assert sum(share == 1 for share in close) == 4
    assert sum(0.8 <= share < 1 for share in close) == 3
    laws = [row["body"] for row in pq.read_table(io.BytesIO(BEFORE["corpus/laws-zh/rules.parquet"])).to_pylist()]
    for content in ([json.dumps(row) for row in rows(AFTER[CHAT])], laws):
        assert len(set(content)) == len(content)


def test_the_forum_is_registered_by_the_repair_alone():
    def claimed(planted: bool) -> list[str]:
        sources = [yaml.safe_load(c) for p, c in registry_files(planted).items() if p.endswith(".yaml")]
        return [path for source in sources for path in source["paths"]]

    assert "corpus/incoming/forum.jsonl" not in claimed(planted=True)
    assert "corpus/incoming/forum.jsonl" in claimed(planted=False)


def test_the_repair_touches_only_what_must_change(tmp_path: Path):
    write_demo(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    repaired = repair_demo(tmp_path)
    kept = {path for path in before if str(path.relative_to(tmp_path)) not in repaired}
    assert all(path.stat().st_mtime_ns == before[path] for path in kept)
    assert not (tmp_path / "corpus/notes/map.png").exists()
    written = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {p: c for p, c in written.items() if p.startswith("corpus/")} == AFTER
    places = {case.place for case in PLANTED} - {"corpus/incoming/forum.jsonl"} | {"sources/forum-en.yaml"}
    assert set(repaired) == places
