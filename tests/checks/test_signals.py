"""Forms and repetition mean what they are called, in Chinese too; kernels and plain reference agree on any bytes."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks import kernels
from checks.kernels.form_calls import forms_of_rows, repeats_of_rows
from checks.quality import COUNTS, FURTHER, Quality
from checks.quality import forms as counting
from checks.quality.forms_reference import LINES_KNOWN, STOP_WORDS_EN, WORDS_OF_PIECE, count, log2_steps
from checks.signs.classes import class_table
from checks.signs.drawn import drawn
from tests.kit.compiled import LARGE, strings
from tests.kit.records import texts

GOLDEN = [  # text -> what a person counts in it
    ("", {"tokens": 0, "longest_run": 0, "distinct_chars": 0, "entropy_mbit": 0, "short_lines": 0}),
    ("Hello, World 42!", {"tokens": 3, "letter_tokens": 2, "longest_token": 6, "capital_tokens": 0, "short_lines": 1}),
    ("NASA and the EU's A1 test", {"tokens": 6, "capital_tokens": 2, "stop_words_en": 2}),  # EU's has a small letter
    ("BMÜ ÀÉ A", {"tokens": 3, "capital_tokens": 1}),  # of letters past ASCII it is not known whether they are capitals
    ("The THE the, other_the the7 bethe", {"stop_words_en": 1}),
    ("你好，世界。我们的中国", {"tokens": 1, "letter_tokens": 1, "longest_token": 11, "zh_function": 2}),
    ("全角　空格\u2028分开", {"tokens": 3, "longest_token": 2}),
    ("http://a.cn HTTPS://b.org ftp://c //d http:/e", {"urls": 2}),
    ("{a} <b> # ##", {"curly": 2, "angles": 2, "hashes": 3}),
    ("a... b…… c...... d.. e....", {"ellipses": 6}),
    ("One line.\n  第二行。 \nthird line\n\n", {"terminal_lines": 2, "short_lines": 3, "bullet_lines": 0}),
    ("- a\n• b\n●项目\n to be continued ...\n待续……", {"bullet_lines": 3, "ellipsis_lines": 2, "terminal_lines": 2}),
    ("x" * 30 + "\n" + "中" * 31, {"short_lines": 1, "longest_run": 31, "longest_token": 31}),
    ("same\n other\nsame \n\nsame", {"duplicate_lines": 2, "duplicate_line_chars": 8}),
    ("  \n\t\n \n", {"duplicate_lines": 0, "tokens": 0, "longest_run": 0}),
    ("aabb", {"distinct_chars": 2, "entropy_mbit": 1000, "longest_run": 2}),
    ("abcdefgh", {"distinct_chars": 8, "entropy_mbit": 3000}),
    ("好好好好！！", {"distinct_chars": 2, "entropy_mbit": 918, "longest_run": 4}),
    ("to be or not to be", {"top_2gram_chars": 8, "duplicate_5gram_chars": 0}),
    ("one two three four five. One! one two three four five", {"top_2gram_chars": 18, "duplicate_5gram_chars": 19}),
    ("一二三四五六七八九十" * 2, {"top_2gram_chars": 4, "duplicate_5gram_chars": 10, "duplicate_10gram_chars": 10}),
]  # fmt: skip

PIECES = [
    *'ab .#{}<>/_-•●…。的是中A1É１"”\n\n ', "the ", "The", "of", "with", "have be", "http://", "HTTPS://", "...", "......", "aaaa", "中中中",
    "\u3000", "\u2028", "\xa0", "\x85", "\ufffd", "한글", "ไทย", "\u0301", "\r", "😀", "x" * 40, " " * 70, "." * 70, "中" * 25,
    "line one\nline one\n", "一二三四五", "a b c d e ", "…" * 23, "=" * 129,
]  # fmt: skip
BROKEN = [b"\x80", b"\xe4", b"\xe4\xb8", b"\xf0\x9f\x98", b"\xff", b"\xed\xa0\x80", b"\xc2", b"\xe2\x80"]
pieces = st.one_of(
    st.sampled_from(PIECES).map(str.encode), st.sampled_from(BROKEN), st.binary(max_size=3),
    st.characters(exclude_categories=("Cs",)).map(str.encode),
)  # fmt: skip
any_bytes = st.one_of(st.lists(pieces, max_size=60).map(b"".join), st.binary(max_size=300))
columns = st.lists(st.none() | any_bytes, max_size=5)


def by_kernel(library, text, level=-1):
    found = (
        *forms_of_rows(library, text, counting.form_table(), len(counting.FORMS), level),
        *repeats_of_rows(library, text, class_table(), len(counting.REPEATS)),
    )
    return {name: values.tolist() for name, values in zip(FURTHER, found, strict=True)}


def by_reference(text):
    return {name: values.tolist() for name, values in counting.count_by_reference(text).items()}


@pytest.mark.parametrize(("text", "expected"), GOLDEN, ids=[repr(text)[:24] for text, _ in GOLDEN])
def test_golden(text, expected):
    fast = {name: int(values[0]) for name, values in counting.count_forms(pa.array([text], LARGE)).items()}
    assert {name: fast[name] for name in expected} == expected
    assert fast == count(text)


@settings(max_examples=100)
@given(values=columns)
@example(values=[b"\xe4", b"\xb8\xad"])  # a character cut between two rows is none
@example(values=[b"a" * 63 + "中".encode() + b" the", b" " * 62 + "…the".encode(), None, b""])
@example(values=[b"." * 64, b"." * 65, b"x" + b"." * 63, b"http:" + b"/" * 70])
@example(values=[b"A" * 64 + b" " + b"B" * 64, b"A" * 64 + b"b", b"A" * 128 + "É".encode()])
def test_kernels_and_reference_agree_on_any_bytes(library, values):
    for kind in (LARGE, pa.string()):
        text = strings(values, kind)
        wanted = by_reference(text)
        for level in (0, -1):
            assert by_kernel(library, text, level) == wanted


@settings(max_examples=30)
@given(values=columns, data=st.data())
def test_slices_are_read_from_their_own_first_row(library, values, data):
    part = strings(values).slice(data.draw(st.integers(0, len(values))), data.draw(st.integers(0, len(values))))
    assert by_kernel(library, part) == by_reference(part)


def test_every_boundary_of_a_block(library):
    for word in ("the", "中", "AB", "..", "...", "http://x", "\u3000", "é"):
        text = pa.array(
            [" " * n + word + " of" for n in range(58, 68)] + ["a" * n + word for n in range(58, 68)], LARGE
        )
        assert by_kernel(library, text) == by_kernel(library, text, 0) == by_reference(text)


def test_more_lines_than_are_remembered_at_once(library):
    distinct = [f"line {n}" for n in range(LINES_KNOWN)]
    text = pa.array(
        ["\n".join([*distinct, *distinct[:5], distinct[2]]), "\n".join([*distinct[1:], "x", "x", *distinct[:3]])], LARGE
    )
    found = by_kernel(library, text)
    assert found["duplicate_lines"] == [1, 0]  # what comes behind a piece is compared within the next one alone


def test_more_words_than_a_piece_holds(library):
    words = [f"w{n}" for n in range(WORDS_OF_PIECE - 3)] + ["a", "b"] * 4
    text = pa.array([" ".join(words), "字" * (2 * WORDS_OF_PIECE + 1)], LARGE)
    found = by_kernel(library, text)
    assert found["top_2gram_chars"] == [4, 2 * 2 * (WORDS_OF_PIECE - 1)]  # a b a of the first, b a b a b of the next
    assert found["duplicate_5gram_chars"][1] == 2 * (WORDS_OF_PIECE - 1) // 5 * 5


def test_logarithms_are_those_of_the_definition_and_close_to_the_true_ones():
    import math

    for n in [*range(1, 3000), 65_535, 65_537, 10**9 + 7, 2**31 - 1]:
        assert 0 <= math.log2(n) * 2**16 - log2_steps(n) < 2
    assert [log2_steps(1 << k) for k in (0, 1, 20)] == [0, 1 << 16, 20 << 16]


@pytest.mark.parametrize("offsets", [[0, 99, 3], [0, -1, 3], [2, 1, 3]], ids=str)
def test_offsets_outside_the_data_are_refused(offsets):
    text = pa.Array.from_buffers(LARGE, 2, [None, pa.py_buffer(np.array(offsets, np.int64)), pa.py_buffer(b"abc")])
    for call in (counting.count_forms, counting.count_by_reference):
        with pytest.raises(ValueError, match="offsets lie outside the data"):
            call(text)


def test_a_document_of_a_million_lines(library):
    text = pa.array(["中文 the line...\n" * 1_000_000], LARGE)
    found = {name: values[0] for name, values in by_kernel(library, text).items()}
    assert (found["tokens"], found["ellipses"], found["stop_words_en"]) == (3_000_000, 1_000_000, 1)
    assert found["duplicate_lines"] == 1_000_000 - -(-1_000_000 // LINES_KNOWN)


def test_the_stop_words_of_the_kernel_are_those_of_the_paper(library):
    text = pa.array([*STOP_WORDS_EN, " ".join(STOP_WORDS_EN).title(), "thee xbe ofx"], LARGE)
    assert by_kernel(library, text)["stop_words_en"] == [*[1] * 8, 8, 0]


def test_who_is_drawn_follows_from_the_text_alone():
    values = [f"document number {n} " * (n % 7) + "字" * (n % 11) for n in range(4000)]
    whole = drawn(pa.array(values, LARGE), 100_000)
    assert 300 < len(whole) < 500
    for kind in (LARGE, pa.string()):
        array = pa.array(["before", None, *values], kind).slice(2)
        assert drawn(array, 100_000).tolist() == whole.tolist()
    halves = [*drawn(pa.array(values[:1500]), 100_000), *(drawn(pa.array(values[1500:]), 100_000) + 1500)]
    assert halves == whole.tolist()
    assert len(drawn(pa.array(values), 0)) == 0
    assert len(drawn(pa.array(values), 1_000_000)) == len(values)
    assert len(drawn(pa.array([None, ""], LARGE), 500_000)) in (0, 2)  # a null row is an empty one


def test_which_records_have_further_counts():
    batch = texts(*(f"record {n} of the batch\n" * 3 for n in range(600)))
    full, some, none = (Quality(signals=s, drawn_ppm=100_000) for s in ("full", "drawn", "counts"))
    columns = {check.signals: check.look(batch).columns for check in (full, some, none)}
    for name in COUNTS:
        assert columns["full"].column(name) == columns["drawn"].column(name) == columns["counts"].column(name)
    for name in FURTHER:
        whole, part = columns["full"].column(name).to_pylist(), columns["drawn"].column(name).to_pylist()
        there = [i for i, value in enumerate(part) if value is not None]
        assert 20 < len(there) < 130
        assert [part[i] for i in there] == [whole[i] for i in there]
        assert columns["counts"].column(name).null_count == 600
    report = some.report(some.look(batch).total)
    assert report["further_records_ppm"] == report["further_records"] * 1_000_000 // 600
    assert none.report(none.look(batch).total)["top_2gram_ppm"] is None


def test_shares_by_hand():
    check = Quality(signals="full")
    report = check.report(
        check.look(
            texts("one two one two.\nsame line\nsame line", "# 1 2\nlong enough a line to count as long, is it not?")
        ).total
    )
    assert report["further_records_ppm"] == 1_000_000
    assert report["short_lines_ppm"] == 4 * 1_000_000 // 5
    assert report["unended_lines_ppm"] == 3 * 1_000_000 // 5
    assert report["letter_tokens_ppm"] == 19 * 1_000_000 // 22
    assert report["repeated_in_record_ppm"] == 9 * 1_000_000 // 89


def test_without_the_kernels_the_reference_does_it(monkeypatch):
    text = pa.array(["the same\nthe same", None, "中文…"], LARGE)
    wanted = by_reference(text)
    monkeypatch.setattr(kernels, "library", lambda: None)
    assert {name: values.tolist() for name, values in counting.count_forms(text).items()} == wanted
