"""The kernels count exactly what numpy, RE2 and the plain reference count, on any bytes, and read no byte too many."""

import subprocess
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks import kernels
from checks.kernels.build import FOLDER
from checks.language import rules
from checks.quality import counts_of
from checks.quality.reference import count
from checks.signs import count as counting
from checks.signs.classes import CLASSES, class_table
from tests.kit.compiled import LARGE, STRICT, strings

pytestmark = pytest.mark.usefixtures("library")

REAL = Path(__file__).parents[3] / "shared" / "data" / "eval" / "language"
WORDS = sorted({*rules.PLAIN_WORDS, *rules.COMMON_WORDS, *rules.ENGLISH_WORDS, *rules.STOP_WORDS})

SHARP = "abZ 19\n\n \t.,中国檔的のカ한ไà ÂÃéÉ…”»\x80½©锟斤拷烫烫烫屯屯屯\ufeff\ufffd\u200b😀\U0010ffff\u0301，（①\u200d\ufe0f\r々é\u2028\x85\u3000"
ILL_FORMED = [b"\x80", b"\xc0\xaf", b"\xc2", b"\xe4", b"\xe4\xb8", b"\xe0\x80\x80", b"\xe0\xa0", b"\xed\xa0\x80", b"\xed\x9f",
              b"\xf0\x80\x80\x80", b"\xf0\x9f", b"\xf0\x9f\x98", b"\xf4\x90\x80\x80", b"\xf4\x8f\xbf", b"\xf5", b"\xff", b"\xf1\x80"]  # fmt: skip
pieces = st.one_of(
    st.sampled_from(SHARP).map(str.encode), st.sampled_from(ILL_FORMED), st.binary(max_size=3),
    st.characters(exclude_categories=("Cs",)).map(str.encode), st.sampled_from([b"word ", b"a" * 9, b" " * 9, b"\n" * 3]),
)  # fmt: skip
any_bytes = st.one_of(st.lists(pieces, max_size=40).map(b"".join), st.binary(max_size=300))
columns = st.lists(st.none() | any_bytes, max_size=6)


def assert_same(text):
    by_kernel, by_numpy = counting.count_signs(text), counting.count_by_numpy(text)
    for name, fast, slow in zip(by_kernel._fields, by_kernel, by_numpy, strict=True):
        assert fast.shape == slow.shape
        assert np.array_equal(fast, slow), name
    return by_kernel


@settings(max_examples=250)
@given(values=columns)
@example(values=[b"\xe4", b"\xb8\xad"])  # a character cut between two rows is none
@example(values=[b"\xe4a\xb8\xad", b"\xe4\xb8\xad"])  # damage in one row leaves its neighbours alone
@example(values=["Ã\ufffd".encode(), b"\xc3\x83\xff", "烫烫屯屯烫烫烫烫".encode()])
@example(values=[None, b"", None])
def test_kernel_numpy_and_reference_agree_on_any_bytes(values):
    for kind in (LARGE, pa.string()):
        signs = assert_same(strings(values, kind))
    counts = counts_of(signs)
    rows = [{name: int(column[i]) for name, column in counts.items()} for i in range(len(values))]
    assert rows == [count(value or b"") for value in values]


@settings(max_examples=80)
@given(values=columns, data=st.data())
def test_slices_are_read_from_their_own_first_row(values, data):
    start = data.draw(st.integers(0, len(values)))
    for kind in (LARGE, pa.string()):
        part = strings(values, kind).slice(start, data.draw(st.integers(0, len(values))))
        signs = assert_same(part)
        assert signs.text_bytes.tolist() == [len(value or b"") for value in values[start : start + len(part)]]


@settings(max_examples=120)
@given(values=columns, piece_bytes=st.integers(4, 40))
def test_pieces_of_numpy_join_without_a_seam(values, piece_bytes):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "PIECE_BYTES", piece_bytes)
        assert_same(strings(values))


def test_narrow_counters_never_run_over():
    units = ["a", "a ", "中", "a中", "\n", " \n", "ab1.\n ", "aaaaaaa中", "\x00"]
    assert_same(
        pa.array([unit * n for unit in units for n in (7, 8, 127, 128, 247, 248, 254, 255, 256, 257, 511, 9999)])
    )
    assert_same(pa.array([" " * n + "x" + " " * (300 - n) for n in range(300)]))


def test_every_code_point():
    for plane in range(17):
        points = [chr(c) for c in range(plane << 16, (plane + 1) << 16) if not 0xD800 <= c < 0xE000]
        assert_same(pa.array(points, LARGE))
        assert_same(pa.array(["".join(points), "a".join(points)], LARGE))


def test_a_row_beyond_two_gibibytes(tmp_path):
    at, value = (1 << 31) + 5, "字 word\n".encode()
    with (tmp_path / "sparse").open("wb") as file:
        file.seek(at)
        file.write(value * 2)
    data = pa.memory_map(str(tmp_path / "sparse")).read_buffer()
    offsets = pa.py_buffer(np.array([at, at + len(value), at + 2 * len(value)], np.int64))
    text = pa.Array.from_buffers(LARGE, 2, [None, offsets, data])
    assert counting.count_signs(text).words.tolist() == [2, 2]
    assert kernels.words_of_rows(kernels.library(), text, np.arange(2), VOCABULARY, 1)[0].shape == (3, 2)


@pytest.mark.parametrize("offsets", [[0, 99, 3], [0, -1, 3], [0, 1 << 40, 3], [2, 1, 3]], ids=str)
def test_offsets_outside_the_data_are_refused(offsets):
    text = pa.Array.from_buffers(LARGE, 2, [None, pa.py_buffer(np.array(offsets, np.int64)), pa.py_buffer(b"abc")])
    for call in (counting.count_signs, counting.count_by_numpy, assert_same_words):
        with pytest.raises(ValueError, match="offsets lie outside the data"):
            call(text)


VOCABULARY = kernels.Vocabulary((rules.PLAIN_WORDS, rules.COMMON_WORDS, rules.ENGLISH_WORDS), rules.STOP_WORDS)
word_pieces = st.one_of(
    st.sampled_from(WORDS), st.sampled_from(WORDS).map(str.title), st.sampled_from(WORDS).map(str.upper),
    st.sampled_from([" ", " ", " ", "\n", ".", "_", "7", "é", "ſ", "\u212a", "中", "theſe", "ma\u212ae", "\x00", "xfollowing"]),
).map(str.encode)  # fmt: skip
word_texts = st.lists(word_pieces | st.binary(max_size=2), max_size=60).map(b"".join)


def assert_same_words(text):
    rows = np.arange(len(text))
    counts, marks = kernels.words_of_rows(kernels.library(), text, rows, VOCABULARY, 99)
    over_bytes = text.cast(pa.large_binary())
    for found, words in zip(counts, VOCABULARY.lists, strict=True):
        slow = pc.count_substring_regex(over_bytes, rf"(?i)\b(?:{'|'.join(words)})\b").fill_null(0)
        assert found.tolist() == slow.to_pylist()
    for number, word in enumerate(VOCABULARY.marking):
        slow = pc.match_substring_regex(over_bytes, rf"\b{word}\b", ignore_case=True).fill_null(False)
        assert (marks >> np.uint64(number) & np.uint64(1)).astype(bool).tolist() == slow.to_pylist()
    signs, all_rows = counting.count_signs(text), np.ones(len(text), np.bool_)
    for among in (all_rows, rows % 2 == 1):
        fast = rules.english_by_kernel(kernels.library(), signs, text, among)
        assert np.array_equal(fast, rules.english_by_regexes(signs, text, among))
    return marks


@settings(max_examples=200)
@given(values=st.lists(st.none() | word_texts, max_size=5))
@example(values=[b"THE_the the", b"the\xc3\xa9 the", b"following xfollowing followin", b"the 7the the7 The"])
@example(values=[b" ".join(word.encode() for word in WORDS), None])
def test_words_are_those_of_the_expressions(values):
    for kind in (LARGE, pa.string()):
        assert_same_words(strings(values, kind))
        assert_same_words(strings(values, kind).slice(1))


def test_a_row_is_left_once_it_has_enough_marks():
    text = pa.array(["the to of and that with have be and and"])
    counts, marks = kernels.words_of_rows(kernels.library(), text, np.arange(1), VOCABULARY, 3)
    assert marks.tolist() == [0b111]
    assert counts[1].tolist() == [3]


@pytest.mark.skipif(not REAL.is_dir(), reason="../shared/data is not on this machine")
def test_real_sentences_are_told_the_same_way():
    for path in sorted(REAL.glob("*.txt")):
        lines = path.read_text().splitlines()
        assert_same_words(pa.array([*lines, "\n".join(lines)]))
        assert_same(pa.array([*lines, "\n".join(lines)]))


@pytest.mark.parametrize("words", [("The",), ("don't",), ("é",), ("",)], ids=str)
def test_a_vocabulary_of_other_letters_is_refused(words):
    with pytest.raises(ValueError, match="lower-case ASCII"):
        kernels.Vocabulary((words,), ())


DRIVER = r"""
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int64_t count_signs(const uint8_t *, const void *, int32_t, const uint8_t *, int64_t, const uint8_t *, int64_t, int64_t, int64_t *);
int64_t count_words(const void *, int32_t, const uint8_t *, int64_t, const uint8_t *, int64_t, int64_t, const int64_t *, int64_t,
                    const uint8_t *, const int32_t *, const uint32_t *, const uint64_t *, int32_t, int32_t, int32_t, int64_t *,
                    uint64_t *);
int main(void)
{
    uint8_t *table = malloc(0x110000), words[] = {'t', 'h', 'e'};
    int32_t starts[] = {0, 3}, length;
    uint32_t lists[] = {1};
    uint64_t marks[] = {1}, marked;
    if (fread(table, 1, 0x110000, stdin) != 0x110000) return 2;
    while (fread(&length, 4, 1, stdin) == 1) { /* every row in memory of its own, to the byte */
        uint8_t *row = malloc(length ? (size_t)length : 1);
        int32_t *offsets = malloc(8);
        int64_t *counts = malloc(24 * 8), *chosen = calloc(1, 8), places;
        if (fread(row, 1, (size_t)length, stdin) != (size_t)length) return 2;
        offsets[0] = 0, offsets[1] = length;
        if (count_signs(table, offsets, 0, row, length, 0, 0, 1, counts)) return 3;
        if (count_words(offsets, 0, row, length, 0, 0, 1, chosen, 1, words, starts, lists, marks, 1, 1, 9, &places, &marked)) return 3;
        for (int i = 0; i < 24; i++) printf("%lld ", (long long)counts[i]);
        printf("%lld\n", (long long)places);
        free(row), free(offsets), free(counts), free(chosen);
    }
    free(table);
    return 0;
}
"""


def test_no_byte_beyond_a_row_is_read_under_the_sanitizers(tmp_path):
    (tmp_path / "driver.c").write_text(DRIVER)
    sanitize = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-O1", "-g"]
    command = [
        "cc",
        "-std=c11",
        *STRICT,
        *sanitize,
        *(str(FOLDER / f"{name}.c") for name in ("signs", "ascii", "words", "levels")),
        f"-I{FOLDER}",
        str(tmp_path / "driver.c"),
        "-o",
        str(tmp_path / "driver"),
        "-lm",
    ]
    probe = subprocess.run(["cc", "-xc", "-", *sanitize, "-o", str(tmp_path / "probe")], input="int main(void) { return 0; }",
                           capture_output=True, text=True)  # fmt: skip
    if probe.returncode:
        pytest.skip(f"this compiler has no runtime of the sanitizers: {probe.stderr.splitlines()[0]}")
    made = subprocess.run(command, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    random = np.random.default_rng(7)
    rows = [b"", *ILL_FORMED, *(bytes([lead]) for lead in range(256)), *(b"Word 9\n" * n for n in range(9, 60))]
    alphabet = [*map(str.encode, SHARP), *ILL_FORMED, b"the", b" the ", b"a" * 8]
    rows += [
        b"".join(alphabet[i] for i in random.integers(0, len(alphabet), random.integers(1, 400))) for _ in range(1500)
    ]
    rows += [random.bytes(random.integers(1, 600)) for _ in range(500)]
    rows += [row[:-cut] for row in rows[-1000:] for cut in (1, 2, 3)]
    shown = class_table().tobytes() + b"".join(len(row).to_bytes(4, "little") + row for row in rows)
    done = subprocess.run([tmp_path / "driver"], input=shown, capture_output=True)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    said = np.array([[int(n) for n in line.split()] for line in done.stdout.splitlines()])
    signs = counting.count_by_numpy(strings(rows))
    assert np.array_equal(said[:, :6], np.array(signs[:6]).T)
    assert np.array_equal(said[:, 6 : 6 + len(CLASSES)], signs.classes)
    assert said[:, -1].tolist() == pc.count_substring_regex(pa.array(rows), r"(?i)\bthe\b").to_pylist()


def test_without_the_library_numpy_and_re2_give_the_same(monkeypatch):
    text = pa.array(["The list of sources and their terms.", "数据从哪里来", None])
    fast = counting.count_signs(text)
    told = rules.english(fast, text, np.ones(3, np.bool_))
    monkeypatch.setattr(kernels, "library", lambda: None)
    assert np.array_equal(counting.count_signs(text).classes, fast.classes)
    assert rules.english(fast, text, np.ones(3, np.bool_)).tolist() == told.tolist() == [True, False, False]
