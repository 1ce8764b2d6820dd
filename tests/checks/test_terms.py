"""The kernel cuts, folds, hashes and sketches exactly as the plain reference and datasketch do, on any bytes."""

import hashlib
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasketch import MinHash
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks import kernels, terms
from checks.kernels import term_calls
from checks.terms import reference, sketch
from checks.terms.fold import fold
from checks.terms.scheme import permutations
from tests.kit.compiled import LARGE, strings

pytestmark = pytest.mark.usefixtures("library")

DATA = Path(__file__).parents[3] / "shared" / "data"
DOCS = DATA / "eval" / "dedup" / "react_native_docs_en.parquet"
LAWS = DATA / "corpora" / "books" / "prc_laws.jsonl"
EMPTY = np.iinfo(np.uint32).max

SHARP = "aZ09 _\n.'-é\u0301中国、。がガｶﾞ\uff9eＡﬁ㎏①½ﷺ한\u1100ไทยิ๑ក\u00ad\u200b\u200d\ufe0f\ufeffßİΆᾳ😀\U00020000\U0002f800\U000e0041\U0010ffff\ufffd〇々ー\u3164\u00a8…“”—"
ILL_FORMED = [b"\x80", b"\xc0\xaf", b"\xc2", b"\xe4", b"\xe4\xb8", b"\xe0\x80\x80", b"\xe0\xa0", b"\xed\xa0\x80", b"\xed\x9f",
              b"\xf0\x80\x80\x80", b"\xf0\x9f", b"\xf0\x9f\x98", b"\xf4\x90\x80\x80", b"\xf4\x8f\xbf", b"\xf5", b"\xff", b"\xf1\x80"]  # fmt: skip
pieces = st.one_of(
    st.sampled_from(SHARP).map(str.encode), st.sampled_from(ILL_FORMED), st.binary(max_size=3),
    st.characters(exclude_categories=("Cs",)).map(str.encode),
    st.sampled_from([b"word ", b"Words and words ", b"a" * 15, b"B" * 16, b"c" * 17, b"d" * 33, b" " * 9, "中文".encode() * 4]),
    st.integers(0, 80).map(lambda n: b"Ab 1" * (n // 4) + b"z" * (n % 4)),
)  # fmt: skip
any_bytes = st.one_of(st.lists(pieces, max_size=40).map(b"".join), st.binary(max_size=300))
columns = st.lists(st.none() | any_bytes, max_size=6)


def decoded(value):
    return (value or b"").decode("utf-8", "replace")


def by_datasketch(hashes, seed=1):
    """datasketch's own signature of the upper halves of 64-bit shingles."""
    minhash = MinHash(num_perm=128, seed=seed, hashfunc=int)
    minhash.update_batch((np.asarray(hashes, np.uint64) >> np.uint64(32)).tolist())
    return minhash.hashvalues


def assert_same(text, values):
    """Every public answer for *text* is the reference's for *values*."""
    found = [reference.placed_terms(decoded(value)) for value in values]
    folded = [" ".join(term.text for term in row).encode() for row in found]
    shingled = [reference.shingles([term.text for term in row]) for row in found]
    signatures, counts = terms.signatures(text)
    assert counts.tolist() == list(map(len, found))
    for signature, row in zip(signatures, shingled, strict=True):
        assert np.array_equal(signature, by_datasketch(row) if row else np.full(128, EMPTY))
    content, offsets = terms.folded(text)
    assert [bytes(content[a:b]) for a, b in pairwise(offsets)] == folded
    assert terms.folded_digests(text) == b"".join(hashlib.sha256(row).digest() for row in folded)
    rows = np.arange(len(values))[::-1]
    sets, offsets = terms.shingle_sets(text, rows)
    assert [sets[a:b].tolist() for a, b in pairwise(offsets)] == [sorted(set(shingled[row])) for row in rows]
    for width in (1, 3, 13):
        runs, spans, offsets = terms.shingle_runs(text, rows, width)
        assert len(offsets) == len(rows) + 1
        for row, (start, end) in zip(rows, pairwise(offsets), strict=True):
            row_terms = found[row]
            assert runs[start:end].tolist() == reference.shingles([term.text for term in row_terms], width)
            if row_terms:
                last = np.minimum(np.arange(end - start) + width, len(row_terms)) - 1
                assert spans[start:end, 0].tolist() == [term.start for term in row_terms[: end - start]]
                assert spans[start:end, 1].tolist() == [row_terms[i].end for i in last]


@settings(max_examples=300)
@given(values=columns)
@example(values=[b"\xe4", b"\xb8\xad"])  # a character cut between two rows is none
@example(values=["ab\u00e9cd efghijklm\u00adnop".encode(), None, b""])
@example(values=[b"x" * 5000 + b" y", b"y" * 2047 + "é".encode(), b" " * 2040 + b"word" * 9, "ﷺ".encode() * 400])
@example(values=["中".encode() * 5000, b"a b c d", b"a b c d e", b"\xed\xa0\x80" * 3 + "中".encode() * 9])
def test_kernel_reference_and_datasketch_agree_on_any_bytes(values):
    for kind in (LARGE, pa.string()):
        assert_same(strings(values, kind), values)


@settings(max_examples=80)
@given(values=columns, data=st.data())
def test_slices_are_read_from_their_own_first_row(values, data):
    start = data.draw(st.integers(0, len(values)))
    length = data.draw(st.integers(0, len(values)))
    for kind in (LARGE, pa.string()):
        assert_same(strings(values, kind).slice(start, length), values[start : start + length])


def test_every_code_point_alone_in_a_word_and_in_a_run():
    """Planes 4 to 13 are unassigned, 15 and 16 private, all of them separators: a share of those is enough."""
    assigned = [*range(0xD800), *range(0xE000, 0x34000), *range(0xE0000, 0xE0200)]
    points = [*map(chr, assigned), *map(chr, range(0x34000, 0xE0000, 61)), *map(chr, range(0xE0200, 0x110000, 61))]
    for start in range(0, len(points), 1 << 14):
        part = points[start : start + (1 << 14)]
        text = pa.array([*part, "".join(part), "x" + "x中x".join(part)], LARGE)
        expected = [reference.terms(row) for row in text.to_pylist()]
        content, offsets = terms.folded(text)
        assert [bytes(content[a:b]).decode() for a, b in pairwise(offsets)] == list(map(" ".join, expected))
        assert terms.signatures(text)[1].tolist() == list(map(len, expected))
        for places in (True, False):
            rows = np.array([len(part)])
            found = terms.shingle_runs(text, rows, 5)[0] if places else terms.shingle_sets(text, rows)[0]
            wanted = reference.shingles(expected[len(part)])
            assert found.tolist() == (wanted if places else sorted(set(wanted)))


def generated_documents():
    """Text in several scripts, with lengths on both sides of every buffer in the kernel."""
    random = np.random.default_rng(11)
    words = [
        "the",
        "Data",
        "réseau",
        "naïveté",
        "数据",
        "从哪里来，",
        "ガイド",
        "한국어",
        "ภาษาไทย",
        "x86_64",
        "don’t",
        "Straße",
        "И" * 9,
        "w" * 40,
    ]
    lengths = [0, 1, 4, 5, 6, 60, 259, 260, 300, 1020, 1030, 2040, 2050, 2110, 2120, 9000]
    return [" ".join(words[i] for i in random.integers(0, len(words), n)) for n in lengths for _ in range(3)] + [
        "".join("数据从哪里来" [i] for i in random.integers(0, 6, n)) for n in lengths
    ]  # fmt: skip


def assert_datasketch_agrees(text):
    signatures, counts = terms.signatures(text)
    shingles, _, offsets = terms.shingle_runs(text, np.arange(len(text)), reference.WIDTH)
    for row, (start, end) in enumerate(pairwise(offsets)):
        assert np.array_equal(signatures[row], by_datasketch(shingles[start:end])), row
    assert np.array_equal(np.diff(offsets), np.maximum(counts - 4, counts > 0))
    return counts


def test_signatures_of_generated_documents_are_datasketchs_bits_at_every_level(library):
    text = pa.array(generated_documents())
    assert assert_datasketch_agrees(text).max() > 9000
    frozen = (fold().table, fold().expansions)
    fast, counts = terms.signatures(text)
    for level in range(library.best_level() + 1):
        slots, found = term_calls.signatures_of_rows(library, text, frozen, permutations(1), level)
        assert np.array_equal(slots, fast), level
        assert np.array_equal(found, counts)
    with pytest.raises(ValueError):
        term_calls.signatures_of_rows(library, text, frozen, permutations(1), 9)


@pytest.mark.skipif(not DOCS.exists(), reason="../shared/data is not on this machine")
def test_every_real_english_document_has_datasketchs_bits():
    assert assert_datasketch_agrees(pq.read_table(DOCS)["text"].combine_chunks()).sum() > 2_000_000


@pytest.mark.skipif(not LAWS.exists(), reason="../shared/data is not on this machine")
def test_every_real_chinese_law_has_datasketchs_bits():
    rows = [json.loads(line)["text"] for line in LAWS.read_text().splitlines()]
    assert assert_datasketch_agrees(pa.array(rows)).sum() > 2_000_000


@pytest.mark.parametrize("offsets", [[0, 99, 3], [0, -1, 3], [0, 1 << 40, 3], [2, 1, 3]], ids=str)
def test_offsets_outside_the_data_are_refused(offsets, monkeypatch):
    text = pa.Array.from_buffers(LARGE, 2, [None, pa.py_buffer(np.array(offsets, np.int64)), pa.py_buffer(b"abc")])
    rows = np.arange(2)
    for _ in range(2):
        for call in (terms.signatures, terms.folded, terms.folded_digests, lambda t: terms.shingle_sets(t, rows)):
            with pytest.raises(ValueError, match="offsets lie outside the data"):
                call(text)
        monkeypatch.setattr(kernels, "library", lambda: None)


def test_rows_and_widths_that_are_not_there_are_refused(monkeypatch):
    text = pa.array(["a b c"])
    for _ in range(2):
        for rows in ([1], [-1]):
            with pytest.raises(ValueError, match="is not there"):
                terms.shingle_sets(text, np.array(rows))
        for width in (0, 65):
            with pytest.raises(ValueError, match=f"width {width}; take 1 to 64"):
                terms.shingle_runs(text, np.array([0]), width)
        monkeypatch.setattr(kernels, "library", lambda: None)


def test_without_the_library_the_reference_and_datasketch_give_the_same(monkeypatch):
    values = [None, b"", *map(str.encode, generated_documents()[::2]), b"\xe4\xb8", "ﷺ".encode()]
    fast = strings(values, pa.string())
    signatures = terms.signatures(fast, seed=7)[0]
    assert not np.array_equal(signatures, terms.signatures(fast)[0])
    monkeypatch.setattr(kernels, "library", lambda: None)
    assert np.array_equal(terms.signatures(fast, seed=7)[0], signatures)
    for text in (fast, strings(values)):
        assert_same(text, values)
        assert_same(text.slice(3, 5), values[3:8])


def test_the_permutations_are_datasketchs():
    for seed in (1, 2, 99):
        assert np.array_equal(permutations(seed), MinHash(num_perm=128, seed=seed).permutations)


def test_digests_of_rows_not_asked_for_are_zeros_and_one_is_easily_redone():
    text = pa.array(["Der Fluß, das Café", None, "第１条"])
    digests = terms.folded_digests(text, np.array([True, False, True]))
    assert digests[:32] == hashlib.sha256(b"der fluss das cafe").digest()
    assert digests[32:64] == bytes(32)
    assert digests[64:] == hashlib.sha256("第 1 条".encode()).digest()


def test_rows_longer_than_every_buffer_are_whole(monkeypatch):
    monkeypatch.setattr(sketch, "ROOM", 100)
    monkeypatch.setattr(term_calls, "_FIRST_ROOM", 10)
    long = "Wörter und Zahlen 123 中文 " * 4000
    assert_same(pa.array(["a", long, None, "b c", long[:99], "word " * 9000]), [*map(str.encode, ["a", long]), None, b"b c", long[:99].encode(), b"word " * 9000])  # fmt: skip
