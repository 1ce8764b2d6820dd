"""The kernel gives every window the label and the very score that fastText gives it, on any bytes, and reads none too many."""

import json
import logging
import platform
import struct
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks import kernels
from checks.kernels.lid_calls import LABELS, labels_of_windows
from checks.language import Language, model
from checks.language.flat import LABEL_PREFIX, flat_model, fnv
from checks.language.model import (
    FIRST_WINDOW_CHARS,
    PART_BYTES,
    WINDOW_CHARS,
    guesses_by_kernel,
    guesses_by_package,
    sample,
    windows,
)
from tests.kit.compiled import LARGE, strings
from tests.kit.records import texts

pytestmark = pytest.mark.usefixtures("library")

SHARED = Path(__file__).parents[3] / "shared" / "data"
FILE = model.model_path().read_bytes()
FLAT = flat_model(FILE)
CHARS = (FIRST_WINDOW_CHARS, WINDOW_CHARS)
SPACES = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000 and chr(c).isspace()]
STRANGE = [*SPACES, "\0", "</s>", " </s> ", "<", ">", "__label__en", " __label__en ", " __label__ ", "__label", "\ufffd", "de ",
           "the ", "в ", "的", "の", "한", "ไ", "é", "ß", "\u0301", "😀", "\U0010ffff", "a" * 80, "语" * 90]  # fmt: skip
ILL_FORMED = [b"\x80", b"\xc0\xaf", b"\xc2", b"\xe4", b"\xe4\xb8", b"\xed\xa0\x80", b"\xef\xbf", b"\xef\xbf\xbd", b"\xf0\x9f\x98",
              b"\xf4\x90\x80\x80", b"\xf5", b"\xff"]  # fmt: skip
pieces = st.one_of(
    st.sampled_from(STRANGE).map(str.encode), st.sampled_from(ILL_FORMED), st.binary(max_size=3),
    st.characters(exclude_categories=("Cs",)).map(str.encode),
    st.tuples(st.sampled_from(STRANGE), st.integers(1, 60)).map(lambda pair: (pair[0] * pair[1]).encode()),
)  # fmt: skip
any_bytes = st.lists(pieces, max_size=60).map(b"".join)


def assert_same(library, text, chars=FIRST_WINDOW_CHARS, flat=FLAT):
    """Label and bits of the score of each row, as the package gives them for the same windows."""
    labels, scores, points = labels_of_windows(library, flat.tables, text, np.arange(len(text)), chars)
    rows = [sample(memoryview(row or b"")) for row in text.cast(pa.large_binary()).to_pylist()]
    predict = model._model().predict
    told = [predict(windows(row, chars)) for row in rows]
    assert [flat.labels[label] for label in labels] == [names[0].removeprefix(LABEL_PREFIX) for names, _ in told]
    wanted = np.array([found[0] for _, found in told], np.float32)
    if platform.machine() == "x86_64":
        assert np.array_equal(scores.view(np.uint32), wanted.view(np.uint32))
    else:  # the package's compiler may join a product and a sum, whose last digit then differs
        assert np.allclose(scores, wanted, rtol=1e-4)
    assert points.tolist() == [len(row) for row in rows]


def real_texts():
    """Sentences of ten languages, and what people and machines wrote: the beginnings of up to 1,500 records a file."""
    found = [
        line for path in sorted((SHARED / "eval" / "language").glob("*.txt")) for line in path.read_text().splitlines()
    ]
    for path in sorted((SHARED / "corpora").glob("*/*.jsonl")):
        with path.open() as lines:
            for line, _ in zip(lines, range(1500), strict=False):
                strings_of_it = [value for value in json.loads(line).values() if isinstance(value, str)]
                found.append(max(strings_of_it, key=len, default=""))
    return found


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not on this machine")
@pytest.mark.parametrize("chars", CHARS)
def test_a_real_corpus_gets_the_bits_of_the_package(library, chars):
    found = real_texts()
    assert len(found) > 10_000
    assert_same(library, pa.array(found, LARGE), chars)


def test_random_code_points_of_all_planes_get_the_bits_of_the_package(library):
    rng = np.random.default_rng(1176)
    found = []
    for _ in range(4000):
        first, size = int(rng.integers(0, 0x110000)), int(rng.integers(0, 300))
        width = int(rng.choice([30, 200, 3000, 0x110000]))
        points = (first + rng.integers(0, width, size)) % 0x110000
        points[rng.random(size) < rng.choice([0.0, 0.15])] = 0x20
        found.append("".join(chr(c) for c in points if not 0xD800 <= c < 0xE000))
    assert_same(library, pa.array(found, LARGE))


@settings(max_examples=250)
@given(values=st.lists(st.none() | any_bytes, max_size=8), chars=st.sampled_from([1, 2, *CHARS, PART_BYTES]))
@example(values=[b"", b" ", b"\0", b"\n", b"</s>", b"a</s>", b"</s> and the rest", b"a\nb"], chars=70)
@example(values=[b"__label__en", b"__label__xx one", b"x__label__en", b"__label__"], chars=70)
@example(values=[b"\xe4", b"\xb8\xad"], chars=70)  # a character cut between two rows is none
def test_any_bytes_get_the_bits_of_the_package(library, values, chars):
    for kind in (LARGE, pa.string()):
        assert_same(library, strings(values, kind), chars)


@settings(max_examples=60)
@given(values=st.lists(st.none() | any_bytes, max_size=8), data=st.data())
def test_slices_are_read_from_their_own_first_row(library, values, data):
    start = data.draw(st.integers(0, len(values)))
    for kind in (LARGE, pa.string()):
        assert_same(library, strings(values, kind).slice(start, data.draw(st.integers(0, len(values)))))


def test_every_code_point_parts_words_where_it_parts_them_for_the_package(library):
    points = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    rows = ["".join(f"ab{c}de" for c in points[i : i + 40]) for i in range(0, 0x3100, 40)]
    assert_same(library, pa.array(rows, LARGE))
    assert_same(library, pa.array(["x".join(points[i : i + 100]) for i in range(0, len(points), 100)], LARGE))


def test_every_word_of_the_model_is_found(library):
    letters, starts = FLAT.tables.letters.tobytes(), FLAT.tables.starts.tolist()
    words = [letters[start:stop] for start, stop in pairwise(starts)]
    assert len(words) == 7411
    assert_same(library, strings([word + b" x" for word in words]))


def test_windows_are_cut_where_they_are_cut_for_the_package(library):
    units = ["a", "é", "中", "😀", "ab ", "中 文", " ", "\u3000"]
    for chars in CHARS:
        sizes = [3 * chars + n for n in (-2, -1, 0, 1, 2, 3)]
        assert_same(library, pa.array([("pq" + unit * n)[:n] for unit in units for n in sizes], LARGE), chars)
    sizes = [3 * PART_BYTES + n for n in (-4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 99, 5000)]
    long = [("xyz"[:at] + unit * n).encode()[:n] for unit in units for n in sizes for at in range(4)]
    for chars in (*CHARS, PART_BYTES):
        assert_same(library, strings(long), chars)
    # the end of one part and the beginning of the next make a character that the text has not
    odd = b"a" * (PART_BYTES - 1) + b"\xc3" + b"\xa9" * 4000 + b"\xc3" * (PART_BYTES + 1)
    assert_same(library, strings([odd[:n] for n in range(3 * PART_BYTES - 3, len(odd), 97)]), PART_BYTES)


def test_a_gigantic_row_is_not_read_through(library):
    text = pa.array([("Dies ist ein Satz. " * 100 + "中文" * 500) * 3000, ""], LARGE)
    assert_same(library, text)


def test_guesses_are_those_of_the_package_row_by_row(library):
    rng = np.random.default_rng(7)
    letters = list("abcdefghijklmnopqrstuvwxyz äöüéèñçабвгдежз的一是不")
    found = ["".join(rng.choice(letters, int(rng.integers(0, 900)))) for _ in range(600)]
    found += ["Это предложение. " * 30, "Short words in a line. " * 3, "", "dans la maison de ma tante " * 40]
    text, rows = pa.array([*found, None], LARGE), np.flatnonzero(rng.random(len(found) + 1) < 0.8)
    labels, ppm = guesses_by_kernel(library, FLAT, text, rows)
    wanted_labels, wanted_ppm = guesses_by_package(text, rows)
    assert labels.tolist() == wanted_labels.tolist()
    assert ppm.tolist() == wanted_ppm.tolist()
    assert ppm.dtype == wanted_ppm.dtype == np.int32
    assert len({*ppm.tolist()}) > 20  # sure and not sure
    for guesses in (guesses_by_package, lambda t, r: guesses_by_kernel(library, FLAT, t, r)):
        nothing = guesses(text, rows[:0])
        assert [len(part) for part in nothing] == [0, 0]


def test_the_check_sees_the_same_without_the_kernel(library):
    sentences = ["Dies ist ein längerer Satz, an dem sich die Sprache erkennen lässt.", "六月办过百余场讲座", "", "你好",
                 "Это достаточно длинное предложение, чтобы язык можно было определить.", "f(x)=g(y) but no prose here",
                 "qwrt zxcv plmk njhb vgty xdrz asdw lkjh poiu", "Una frase bastante larga. " * 90]  # fmt: skip
    batch = texts(*sentences * 3)
    with_it = Language().look(batch)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "library", lambda: None)
        without = Language().look(batch)
    assert with_it.columns.equals(without.columns)
    assert with_it.total == without.total
    assert {"model", "short"} <= set(with_it.total["methods"])


def test_threads_do_not_meet(library):
    text = pa.array(["ein Satz auf Deutsch " * n + "und ein Wort" for n in range(300)], LARGE)
    rows = np.arange(len(text))
    alone = labels_of_windows(library, FLAT.tables, text, rows, 200)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: labels_of_windows(library, FLAT.tables, text, rows, 200), range(24)):
            assert all(np.array_equal(a, b) for a, b in zip(found, alone, strict=True))


def test_what_cannot_be_read_is_refused(library):
    text = pa.array(["one", "two"], LARGE)
    for rows in ([2], [-1], [0, 1 << 40]):
        with pytest.raises(ValueError, match=r"row .* is not there"):
            labels_of_windows(library, FLAT.tables, text, np.array(rows), 70)
    for chars in (0, -1, PART_BYTES + 1):
        with pytest.raises(ValueError, match="kernel"):
            labels_of_windows(library, FLAT.tables, text, np.array([0]), chars)
    torn = pa.Array.from_buffers(
        LARGE, 2, [None, pa.py_buffer(np.array([0, 99, 6], np.int64)), pa.py_buffer(b"onetwo")]
    )
    with pytest.raises(ValueError, match="row 0"):
        labels_of_windows(library, FLAT.tables, torn, np.array([0, 1]), 70)


def test_the_hash_is_the_models_own():
    # FNV-1a's published values for ASCII (Noll); beyond it the sign is carried into the upper bits.
    assert fnv([b"", b"a", b"foobar"]).tolist() == [0x811C9DC5, 0xE40C292C, 0xBF9CF968]
    assert fnv([b"\xe9"]).tolist() == [(0x811C9DC5 ^ 0xFFFFFFE9) * 16_777_619 & 0xFFFFFFFF]


def test_a_cut_file_is_refused():
    for size in (*range(0, 120, 7), 5000, 100_000, 400_000, 800_000, len(FILE) - 1):
        with pytest.raises(ValueError, match="language model"):
            flat_model(FILE[:size])
    with pytest.raises(ValueError, match="after the end"):
        flat_model(FILE + b"\0")


@pytest.mark.parametrize(
    ("place", "kind", "value"),
    [(0, "i", 1), (4, "i", 11), (8, "i", 100), (28, "i", 2), (32, "i", 3), (40, "i", 1999), (44, "i", 1), (48, "i", 6),
     (64, "i", 7412), (68, "i", -1), (72, "i", 177), (84, "q", -1), (84, "q", 1 << 62)],
)  # fmt: skip
def test_another_model_is_refused(place, kind, value):
    with pytest.raises(ValueError, match="language model"):
        flat_model(FILE[:place] + struct.pack("<" + kind, value) + FILE[place + struct.calcsize(kind) :])


def test_no_damage_to_the_file_leads_outside_the_tables(library):
    rng = np.random.default_rng(176)
    words_end = FILE.index(b"__label__tyv") + 22
    regions = [(0, 92), (92, words_end), (words_end, words_end + 8 * 42_765), (words_end + 8 * 42_765, len(FILE))]
    text = pa.array(
        ["Dies ist ein Satz.", "the and of", "", "</s>", "中文文本" * 80, "Ещё одно предложение"] * 5, LARGE
    )
    answered = 0
    for start, stop in regions * 12:
        damaged = bytearray(FILE)
        for place in rng.integers(start, stop, 3):
            damaged[place] ^= 1 << int(rng.integers(8))
        try:
            flat = flat_model(bytes(damaged))
        except ValueError:
            continue
        answered += 1
        labels, scores, _ = labels_of_windows(library, flat.tables, text, np.arange(len(text)), 70)
        assert ((labels >= 0) & (labels < LABELS)).all()
        assert ((scores > 0) & (scores < 1.01)).all()
    assert answered > 10


def test_another_file_is_left_to_the_package_and_said(tmp_path, caplog):
    (tmp_path / "lid.176.ftz").write_bytes(FILE[:-1])
    with pytest.MonkeyPatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(model, "model_path", lambda: tmp_path / "lid.176.ftz")
        assert model._read_flat() is None
    assert "fastText asks it, slower" in caplog.text
