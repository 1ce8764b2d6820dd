"""What a sample draws, reads and makes of it: the same pieces for the same listing, every format, nothing counted twice."""

import io
import itertools
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.duplicates import Duplicates
from pipelines.demo import containers
from pipelines.drive import units_of
from pipelines.forecast.copying import copies_of_sample
from pipelines.forecast.glimpse import glance_at
from pipelines.forecast.machine import free_memory
from pipelines.forecast.sampled import Sample, sample_of
from pipelines.forecast.stretches import Piece, Stretch, by_lines, pieces_of, stretches_of
from pipelines.known import Earlier
from pipelines.read.base import Framing
from pipelines.run import load
from schemas.run import Dedup
from tests.kit.command import lines, write_run

LINES = Framing("jsonl", columns=(("text", "text"),))
PACKED = Framing("jsonl", codec="gz", columns=(("text", "text"),))
STRETCHES = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(1, 50_000), st.booleans()), min_size=1, max_size=60
)  # fmt: skip


def stretches(drawn: list[tuple[str, int, bool]]) -> list[Stretch]:
    made = [
        Stretch(source, f"{i}.jsonl", f"/{i}.jsonl", PACKED if packed else LINES, size, size)
        for i, (source, size, packed) in enumerate(drawn)
    ]
    return sorted(made, key=lambda s: s.source)


def parts(piece: Piece, room: int) -> list[tuple[str, int, int]]:
    """The bytes that a piece may read: file, from, to."""
    first = piece.stretches[0]
    if by_lines(first) and first.size_bytes > room:
        return [(first.shard, piece.at, piece.at + room)]
    return [(s.shard, 0, min(s.size_bytes, room * piece.times)) for s in piece.stretches]


@given(STRETCHES, st.integers(1, 40))
def test_pieces_overlap_nowhere_and_stand_for_every_byte(drawn: list[tuple[str, int, bool]], count: int) -> None:
    found = stretches(drawn)
    total = sum(s.size_bytes for s in found)
    pieces, room, is_whole = pieces_of(found, count, whole_bytes=0)
    assert not is_whole
    assert len(pieces) <= count
    assert sum(p.times for p in pieces) == count
    assert sum(p.stands_for for p in pieces) == pytest.approx(total)
    seen: dict[str, list[tuple[int, int]]] = {}
    sizes = {s.shard: s.size_bytes for s in found}
    for piece in pieces:
        assert len({s.source for s in piece.stretches}) == 1
        for shard, start, end in parts(piece, room):
            assert 0 <= start < end <= sizes[shard]
            seen.setdefault(shard, []).append((start, end))
    for spans in seen.values():
        spans.sort()
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans)), spans


@given(STRETCHES)
def test_what_is_small_is_read_whole_and_once(drawn: list[tuple[str, int, bool]]) -> None:
    found = stretches(drawn)
    pieces, _, is_whole = pieces_of(found, whole_bytes=1 << 40)
    assert is_whole
    assert [s for p in pieces for s in p.stretches] == found


def documents(seed: int, count: int, words: int = 90) -> list[str]:
    draw = random.Random(seed)
    vocabulary = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("ld", "rn", "mb", "sk", "nt")]
    return [" ".join(draw.choices(vocabulary, k=draw.randint(words // 2, words * 2))) for _ in range(count)]


def parquet(texts: list[str], group: int) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": texts}), sink, row_group_size=group)
    return sink.getvalue()


def arrow(texts: list[str]) -> bytes:
    sink = io.BytesIO()
    table = pa.table({"text": texts})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=40)
    return sink.getvalue()


def pages(texts: list[str]) -> bytes:
    made = (containers.page(f"Page {i}", [text], "en") for i, text in enumerate(texts))
    return containers.warc(
        (f"https://example.org/{i}", "2026-05-01T00:00:00Z", html, "utf-8") for i, html in enumerate(made)
    )


def corpus(each: int) -> dict[str, bytes]:
    """Every kind of file, *each* documents in each of them (one a file in the last)."""
    made = {name: documents(seed, each) for seed, name in enumerate(("lines", "gz", "parquet", "warc", "csv", "zst", "arrow", "array"))}  # fmt: skip
    rows = {name: [{"text": text} for text in texts] for name, texts in made.items()}
    found = {
        "a.jsonl": lines(*rows["lines"]), "b.jsonl.gz": containers.gz(lines(*rows["gz"])), "c.parquet": parquet(made["parquet"], each // 5),
        "d.warc.gz": pages(made["warc"]), "e.csv": containers.comma_separated(rows["csv"]), "f.jsonl.zst": containers.zst(lines(*rows["zst"])),
        "g.arrow": arrow(made["arrow"]), "h.json": b"[" + b",\n".join(lines(*rows["array"]).splitlines()) + b"]",
    }  # fmt: skip
    return found | {f"texts/{i}.txt": text.encode() for i, text in enumerate(documents(99, each))}


def drawn_from(run_yaml: Path) -> tuple[list[Stretch], tuple[Duplicates, ...]]:
    loaded = load(run_yaml)
    _, units = units_of(loaded, Earlier(), 0)
    return stretches_of(units), tuple(c for c in loaded.checks if isinstance(c, Duplicates))


def sampled(run_yaml: Path, **how: int) -> Sample:
    found, checks = drawn_from(run_yaml)
    sample = sample_of(found, checks, {}, **how)
    assert sample is not None
    return sample


def test_every_format_is_read_whole_where_there_is_little(tmp_path: Path) -> None:
    sample = sampled(write_run(tmp_path, {"en": "paths: [corpus]\n"}, corpus(60)))
    assert sample.is_whole
    assert sample.problems == ()
    assert round(sample.records) == 60 * 9
    assert len(sample.weight) == 60 * 9
    assert np.allclose(sample.weight, 1.0)
    assert sample.long_records == pytest.approx(60 * 9)


def test_a_sample_of_every_format_tells_how_many_records_there_are(tmp_path: Path) -> None:
    run_yaml = write_run(tmp_path, {"en": "paths: [corpus]\n"}, corpus(400))
    sample = sampled(run_yaml, whole_bytes=0)
    assert not sample.is_whole
    assert sample.problems == ()
    assert sample.stored_bytes < sample.population
    assert 400 * 9 / 1.5 <= sample.records <= 400 * 9 * 1.5
    assert 400 * 9 / 1.5 <= float(sample.weight.sum()) <= 400 * 9 * 1.5
    whole = sampled(run_yaml, whole_bytes=1 << 40)
    assert whole.text_bytes / 1.5 <= sample.text_bytes <= whole.text_bytes * 1.5
    assert whole.mean_shingles / 1.2 <= sample.mean_shingles <= whole.mean_shingles * 1.2


@pytest.mark.parametrize("name", sorted(name for name in corpus(5) if "/" not in name))
def test_the_beginning_of_each_format_is_read_without_a_record_that_was_cut_off(tmp_path: Path, name: str) -> None:
    run_yaml = write_run(tmp_path, {"en": "paths: [corpus]\n"}, {name: corpus(400)[name]})
    (stretch,), _ = drawn_from(run_yaml)
    glance = glance_at(stretch, 0, stretch.size_bytes // 8)
    assert glance.unread == 0
    assert 0 < glance.records <= 400
    assert 0 < glance.stored_bytes <= stretch.size_bytes
    assert 400 / 1.5 <= glance.records * stretch.size_bytes / glance.stored_bytes <= 400 * 1.5


def test_a_long_text_that_is_one_record_is_begun_and_ends_with_a_whole_character(tmp_path: Path) -> None:
    text = "今天的天气很好我们在公园里散步" * 3000
    run_yaml = write_run(tmp_path, {"zh": "paths: [corpus]\n"}, {"a.txt": text.encode()})
    (stretch,), _ = drawn_from(run_yaml)
    for room in range(30_000, 30_006):
        glance = glance_at(stretch, 0, room)
        assert (glance.records, glance.unread, glance.stored_bytes) == (1, 0, stretch.size_bytes)
        assert glance.text_bytes * glance.whole_text == pytest.approx(stretch.size_bytes)


def test_the_same_listing_gives_the_same_pieces_and_the_same_sample(tmp_path: Path) -> None:
    run_yaml = write_run(tmp_path, {"en": "paths: [corpus]\n"}, corpus(150))
    found, _ = drawn_from(run_yaml)
    again, _ = drawn_from(run_yaml)
    assert pieces_of(found, whole_bytes=0) == pieces_of(again, whole_bytes=0)
    one, other = sampled(run_yaml, whole_bytes=0), sampled(run_yaml, whole_bytes=0)
    assert (one.records, one.text_bytes, one.object_bytes) == (other.records, other.text_bytes, other.object_bytes)
    assert np.array_equal(one.weight, other.weight)
    assert one.sketches is not None and other.sketches is not None
    assert one.sketches.tobytes() == other.sketches.tobytes()
    untimed = [replace(c, compare_s=None) for s in (one, other) if (c := copies_of_sample(s, Dedup())) is not None]
    assert len(untimed) == 2 and untimed[0] == untimed[1]


def test_a_sample_sees_no_more_near_copies_than_there_are(tmp_path: Path) -> None:
    draw, texts = random.Random(4), documents(4, 700)
    for i in range(0, 600, 2):  # each second one is a near copy of one far away
        words = texts[i].split()
        words[draw.randrange(len(words))] = "other"
        texts[draw.randrange(600, 700) if i % 10 == 0 else i + 1] = " ".join(words)
    draw.shuffle(texts)
    run_yaml = write_run(tmp_path, {"en": "paths: [corpus]\n"}, {"a.jsonl": lines(*({"text": t} for t in texts))})
    whole, part = (copies_of_sample(sampled(run_yaml, whole_bytes=w), Dedup()) for w in (1 << 40, 0))
    assert whole is not None and part is not None
    assert not whole.is_least and part.is_least
    assert whole.nodes > 0.5
    assert 0 < part.nodes <= whole.nodes
    assert 0 < part.wanted <= whole.wanted


def test_a_mode_that_measures_less_reads_less_twice(tmp_path: Path) -> None:
    texts = documents(8, 200)
    texts += [text.replace(text.split()[0], "other", 1) for text in texts[:80]]
    run_yaml = write_run(tmp_path, {"en": "paths: [corpus]\n"}, {"a.jsonl": lines(*({"text": t} for t in texts))})
    sample = sampled(run_yaml)
    wanted = {m: copies_of_sample(sample, Dedup(verify=m)) for m in ("exact", "near", "estimate")}
    exact, near, estimate = (w.wanted for w in wanted.values() if w is not None)
    assert exact >= 0.5
    assert exact >= near >= estimate == 0


def test_a_file_that_is_gone_is_left_out_and_named(tmp_path: Path) -> None:
    run_yaml = write_run(tmp_path, {"en": "paths: [corpus]\n"}, corpus(60))
    found, checks = drawn_from(run_yaml)
    gone = replace(found[0], shard="corpus/gone.jsonl", uri=str(tmp_path / "gone.jsonl"), source="zz")
    sample = sample_of([*found, gone], checks, {})
    assert sample is not None
    assert not sample.is_whole
    (problem,) = sample.problems
    assert problem.startswith("corpus/gone.jsonl: ")
    assert sample.records > 60 * 9  # what could be read stands for the rest


def test_memory_that_is_free_is_the_least_of_machine_and_control_groups(tmp_path: Path) -> None:
    proc, groups = tmp_path / "proc", tmp_path / "cgroup"
    (proc / "self").mkdir(parents=True)
    assert free_memory(proc, groups) is None
    (proc / "meminfo").write_text("MemTotal: 9000 kB\nMemAvailable: 8000 kB\n")
    (proc / "self" / "cgroup").write_text("0::/outer/inner\n")
    assert free_memory(proc, groups) == 8000 << 10
    inner = groups / "outer" / "inner"
    inner.mkdir(parents=True)
    (inner / "memory.max").write_text("max\n")
    (inner / "memory.current").write_text("10\n")
    (inner.parent / "memory.max").write_text("5000\n")
    (inner.parent / "memory.current").write_text("3000\n")
    (inner.parent / "memory.stat").write_text("anon 1\ninactive_file 700\n")
    assert free_memory(proc, groups) == 2700
    (proc / "self" / "cgroup").write_text("4:memory:/job\n3:cpu:/job\n")
    (groups / "memory").mkdir()
    (groups / "memory" / "memory.limit_in_bytes").write_text("4000")
    (groups / "memory" / "memory.usage_in_bytes").write_text("4500")
    assert free_memory(proc, groups) == 0
