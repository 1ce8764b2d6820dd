"""Turns told by the kernel: what the array functions tell, whatever the bytes and the spans, and within bounds."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checks.dialogue import Dialogue
from checks.dialogue.order import MAY_FOLLOW
from checks.dialogue.said import IN_ANSWERS, IN_CROSSED, said_by_arrays, said_of
from checks.dialogue.turns import ROLES, coded_of
from checks.kernels.turn_calls import RoleSpans, coded_words, turns_of_rows
from schemas.record import RECORD, ROLE_SPAN
from tests.kit.compiled import strings

PARTS = [b"a", b"b, c", b"\n", b"\n\n", "中".encode(), "。".encode(), "，".encode(), "𠀀".encode(), "é".encode(), b"\0", b"\x80",
         b"\xff", b"\xe4\xbd", b"\x80" * 9, b"Translate this: ", b"x" * 55, b"y" * 64, "答".encode() * 50]  # fmt: skip
PATHS = ["instruction", "output", "messages[0].content", "messages[1].content", "messages[2].content", "messages[3].content",
         "messages[1].tool_calls[0].function.arguments", "tools", "history[0][0]", "history[0][1]", ""]  # fmt: skip

texts = st.lists(st.sampled_from(PARTS), max_size=12).map(b"".join)
words = st.tuples(st.sampled_from(ROLES), st.sampled_from(PATHS))


def points_of(text):
    return sum(byte & 0xC0 != 0x80 for byte in text)


def read_rows(seed, count=60):
    """Rows as readers give them: spans in order, within the text, most behind the line feed that ends the one before."""
    draw = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        text = b"".join(PARTS[i] for i in draw.integers(len(PARTS), size=draw.integers(14)))
        points, end, spans, turn = points_of(text), -1, [], 0
        for _ in range(draw.integers(9)):
            start = min(
                points, max(0, end) + int(draw.choice([0, 1, 1, 1, 3])) if spans else int(draw.choice([0, 0, 1]))
            )
            end = min(points, start + int(draw.choice([0, 1, 2, 5, 40])))
            turn += int(draw.choice([0, 1, 1, 1, 2]))
            path = f"messages[{turn}].content" if draw.random() < 0.7 else PATHS[draw.integers(len(PATHS))]
            role = ROLES[draw.choice(len(ROLES), p=[0.1, 0.3, 0.3, 0.15, 0.05, 0.04, 0.04, 0.02])]
            spans.append((role, path, start, end))
        rows.append((None if draw.random() < 0.05 and not any(span[3] for span in spans) else text,
                     spans if spans or draw.random() < 0.5 else None))  # fmt: skip
    return rows


seeds = st.integers(0, 2**32 - 1)
hostile_rows = st.lists(
    st.tuples(
        st.none() | texts,
        st.none() | st.lists(st.tuples(st.sampled_from([*ROLES, "boss"]), st.sampled_from(PATHS), st.integers(-3, 40),
                                       st.integers(-3, 40) | st.just(2**62)), max_size=5),
    ),
    max_size=5,
)  # fmt: skip


def batch_of(rows, cut=0):
    n = len(rows)
    made = {"row": pa.array(range(n), pa.uint32()), "text": strings([text for text, _ in rows]),
            "roles": pa.array([None if some is None else [dict(zip(ROLE_SPAN.names, one, strict=True)) for one in some]
                               for _, some in rows], pa.list_(ROLE_SPAN))}  # fmt: skip
    return pa.RecordBatch.from_arrays([made.get(f.name, pa.nulls(n, f.type)) for f in RECORD], schema=RECORD).slice(cut)


def told_by(said):
    """What is asked of it: keys where a table wants them."""
    single, crossed = (np.flatnonzero(said.flags & bit) for bit in (IN_ANSWERS, IN_CROSSED))
    keys = (
        said.asked[single],
        said.answered[single],
        said.asked[crossed],
        said.chosen[crossed],
        said.rejected[crossed],
    )
    return said.flags.tolist(), said.totals, said.begin.tolist(), [key.tolist() for key in keys]


def given_to(library, batch, first_chars, unended_from, is_plain=False):
    coded = coded_of(batch, library)
    spans = RoleSpans(coded.first, coded.start, coded.end, coded.role, coded.role_of.astype(np.uint8), coded.path, coded.places,
                      MAY_FOLLOW)  # fmt: skip
    return turns_of_rows(library, batch.column("text"), spans, first_chars, unended_from, is_plain)


@given(seeds, st.integers(1, 40), st.integers(1, 12), st.integers(0, 2))
def test_the_kernel_tells_what_the_array_functions_tell(library, seed, first_chars, unended_from, cut):
    batch = batch_of(read_rows(seed), cut)
    assert given_to(library, batch, first_chars, unended_from) is not None
    assert told_by(said_of(batch, first_chars, unended_from)) == told_by(
        said_by_arrays(batch, first_chars, unended_from)
    )


@given(hostile_rows, st.integers(1, 40), st.integers(1, 12), st.integers(0, 2))
@example([(b"ab", [("user", "a", 0, 2**63 - 1)])], 1, 1, 0)
@example([(b"ab", [("user", "a", 2**63 - 1, -(2**63))])], 2**70, 2**70, 0)
def test_spans_that_no_reader_gives_come_to_the_same_with_the_kernel_and_without(
    library, rows, first_chars, unended_from, cut
):
    batch = batch_of(rows, cut)
    made = []
    for with_kernel in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("checks.kernels.library", lambda kept=library if with_kernel else None: kept)
            try:
                made.append(told_by(said_of(batch, min(first_chars, 2**40), min(unended_from, 2**40))))
            except (ValueError, IndexError, OverflowError) as error:
                made.append(type(error))
    assert made[0] == made[1]


def test_spans_that_go_back_or_leave_their_text_are_left_to_the_array_functions(library):
    for spans in ([(0, 3), (2, 4)], [(2, 4), (0, 1)], [(0, 9)], [(3, 2)], [(-1, 2)], [(0, 1), (1, 5)]):
        batch = batch_of([("答案".encode() + b"ab", [("user", "p", a, b) for a, b in spans])])
        assert given_to(library, batch, 1, 1) is None
    assert given_to(library, batch_of([(b"abcd", [("user", "p", 0, 3), ("user", "p", 3, 4)])]), 1, 1) is not None


@given(seeds)
def test_the_instructions_of_the_machine_change_nothing(library, seed):
    best, plain = (given_to(library, batch_of(read_rows(seed)), 3, 3, is_plain) for is_plain in (False, True))
    told = best.flags & (IN_ANSWERS | IN_CROSSED) > 0
    assert np.array_equal(best.flags, plain.flags)
    assert np.array_equal(best.keys[:2, told], plain.keys[:2, told])


def test_many_spans_of_every_length_are_hashed_as_hashlib_hashes_them(library):
    lengths = range(1, 4000, 7)
    rows = [
        (b"q" * n + b"\n" + b"a" * (5000 - n), [("user", "q", 0, n), ("assistant", "a", n + 1, 5001)]) for n in lengths
    ]
    turns = [("user" if i % 2 else "assistant", f"messages[{i}].content", 10 * i, 10 * i + 9) for i in range(100)] * 3
    rows.append((b"z" * 3000, [(role, path, 10 * i, 10 * i + 9) for i, (role, path, _, _) in enumerate(turns)]))
    batch = batch_of(rows)
    assert told_by(said_of(batch, 32, 200)) == told_by(said_by_arrays(batch, 32, 200))
    assert Dialogue().look(batch).tables["answer"].num_rows == len(lengths)


def test_offsets_outside_the_data_are_refused(library):
    spans = [[{"role": "user", "path": "a", "start": 0, "end": 1}]] * 3
    bad = pa.Array.from_buffers(
        pa.large_string(), 3, [None, pa.py_buffer(np.array([0, 1, 9, 3])), pa.py_buffer(b"abc")]
    )
    base = batch_of([(b"abc", None)] * 3)
    made = {"text": bad, "roles": pa.array(spans, pa.list_(ROLE_SPAN))}
    batch = pa.RecordBatch.from_arrays([made.get(f.name, base.column(f.name)) for f in RECORD], schema=RECORD)
    with pytest.raises(ValueError, match="row 1 is not there, or its offsets lie outside"):
        said_of(batch, 1, 1)


@given(
    st.lists(
        st.text(max_size=12) | st.sampled_from(["x" * 40 + "a", "x" * 40 + "b", "messages[12].content"]), max_size=60
    )
)
def test_words_are_coded_as_arrow_codes_them(library, values):
    column = pa.array(["first", *values])[1:]
    codes, distinct = coded_words(library, column)
    assert [distinct[code] for code in codes] == values
    assert distinct == column.dictionary_encode().dictionary.to_pylist()


def test_more_words_than_the_kernel_holds_are_left_to_arrow(library):
    held = [f"messages[{i}].content" for i in range(128)]
    assert coded_words(library, pa.array(held * 3))[1] == held
    assert coded_words(library, pa.array([*held, "one more"])) is None
    bad = pa.Array.from_buffers(pa.large_string(), 2, [None, pa.py_buffer(np.array([0, 9, 3])), pa.py_buffer(b"abc")])
    with pytest.raises(ValueError, match="row 0"):
        coded_words(library, bad)


def test_spans_of_other_rows_are_refused(library):
    coded = coded_of(batch_of([(b"ab", [("user", "a", 0, 1)])]), library)
    spans = RoleSpans(coded.first, coded.start, coded.end, coded.role, coded.role_of.astype(np.uint8), coded.path, coded.places,
                      MAY_FOLLOW)  # fmt: skip
    for text in (pa.array(["ab", "c"], pa.large_string()), pa.array([], pa.large_string())):
        with pytest.raises(ValueError, match="role spans: 1 of 1 rows; the text has"):
            turns_of_rows(library, text, spans, 1, 1)
    with pytest.raises(ValueError, match="role spans: 0 of 1 rows"):
        turns_of_rows(library, pa.array(["ab"], pa.large_string()), spans._replace(start=coded.start[:0]), 1, 1)
