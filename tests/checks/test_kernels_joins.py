"""Values laid end to end by the kernel: as the array functions lay them, and within bounds whatever is told."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.kernels.join_calls import MOST_ARRAYS, joined_pieces
from pipelines.read.pieces import _laid, joined, pieces_of

VALUES = st.lists(
    st.lists(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=9), max_size=6),
    min_size=1,
    max_size=4,
)


def laid_out(lists, seed):
    """Arrays of *lists*, sliced so that their offsets do not begin at 0, and a random order of records over them."""
    arrays = [pa.array(["前", *values, "后"], pa.large_string())[1:-1] for values in lists]
    draw = np.random.default_rng(seed)
    count = sum(map(len, lists))
    order = draw.permutation(count)
    first = np.sort(draw.integers(0, count + 1, 5))
    return arrays, order, np.concatenate(([0], first, [count])).astype(np.int64)


@given(VALUES, st.integers(0, 1000))
def test_the_kernel_lays_what_the_array_functions_lay(library, lists, seed):
    arrays, order, first = laid_out(lists, seed)
    ours, theirs = joined_pieces(library, arrays, order, first), _laid(arrays, order, first)
    empty = np.diff(first) == 0
    expected = ["" if none else text for none, text in zip(empty, theirs.text.to_pylist(), strict=True)]
    assert ours.text.to_pylist() == expected
    assert ours.start.tolist() == theirs.start.tolist() and ours.end.tolist() == theirs.end.tolist()


def test_a_span_is_the_piece_in_code_points(library):
    arrays = [pa.array(["说明", "b"], pa.large_string()), pa.array(["𠀀!", "c"], pa.large_string())]
    laid = joined_pieces(library, arrays, np.array([0, 2, 1, 3]), np.array([0, 2, 4]))
    assert laid.text.to_pylist() == ["说明\n𠀀!", "b\nc"]
    assert laid.start.tolist() == [0, 3, 0, 2] and laid.end.tolist() == [2, 5, 1, 3]


def test_offsets_outside_the_data_are_refused(library):
    offsets = pa.py_buffer(
        np.array([0, 9, 1, 3])
    )  # what pyarrow does not look at: those between the first and the last
    array = pa.Array.from_buffers(pa.large_string(), 3, [None, offsets, pa.py_buffer(b"abc")])
    for order in ([0], [1, 2], [2, 1], [0, 1]):
        with pytest.raises(ValueError, match="outside the data"):
            joined_pieces(library, [array], np.array(order), np.array([0, len(order)]))


def test_an_array_without_bytes_may_have_no_buffer(library):
    values, sizes, kind = np.array([0], np.uint64), np.zeros(1, np.int64), np.zeros(2, np.uint8)
    nothing, first, out = np.zeros(2, np.int64), np.array([0, 2]), np.zeros(1, np.uint8)
    ends, begin, end = np.zeros(2, np.int64), np.empty(2, np.int64), np.empty(2, np.int64)
    assert not library.join_pieces(
        values.ctypes.data, sizes.ctypes.data, 1, kind.ctypes.data, nothing.ctypes.data, nothing.ctypes.data,
        first.ctypes.data, 1, out.ctypes.data, 1, ends.ctypes.data, begin.ctypes.data, end.ctypes.data,
    )  # fmt: skip
    assert out.tobytes() == b"\n" and ends.tolist() == [0, 1] and end.tolist() == [0, 1]


def test_too_many_arrays_are_refused(library):
    with pytest.raises(ValueError, match="at most 255"):
        joined_pieces(
            library, [pa.array(["a"], pa.large_string())] * (MOST_ARRAYS + 1), np.array([0]), np.array([0, 1])
        )


def test_records_without_a_value_are_null_with_the_kernel_and_without(library):
    rows = np.arange(3)
    made = []
    for with_kernel in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pipelines.read.pieces.kernels.library", lambda kept=library if with_kernel else None: kept)
            kinds = [
                pieces_of(rows, 0, None, None, "prompt", lambda _a, _p: "instruction", pa.array(["问", None, ""])),
                pieces_of(rows, 1, None, None, "response", lambda _a, _p: "output", pa.array(["答\n二", "", "甲"])),
            ]
            made.append(joined(kinds, 3))
    assert made[0].text.to_pylist() == made[1].text.to_pylist() == ["问\n答\n二", None, "甲"]
    assert made[0].roles.to_pylist() == made[1].roles.to_pylist()
    assert made[0].roles.to_pylist()[1] is None
    assert made[0].roles.to_pylist()[0] == [
        {"role": "prompt", "path": "instruction", "start": 0, "end": 1},
        {"role": "response", "path": "output", "start": 2, "end": 5},
    ]


def test_values_left_out_leave_the_bytes_of_the_others_whether_they_lie_side_by_side_or_a_null_has_bytes() -> None:
    """A null of Arrow may have bytes behind it, which are nobody's."""
    hidden = pa.Array.from_buffers(
        pa.large_string(),
        3,
        [
            pa.py_buffer(b"\x05"),
            pa.py_buffer(np.array([0, 3, 6, 9], np.int64)),
            pa.py_buffer("甲乙丙".encode()),
        ],
    )
    rows = np.arange(3)
    for values, kept in (
        (hidden, ["甲", "丙"]),
        (pa.array(["甲", None, "丙"]), ["甲", "丙"]),
        (pa.array(["", "", "丙", ""])[1:], ["丙"]),
        (pa.array(["", None, ""]), []),
    ):
        found = pieces_of(rows, 0, None, None, "prompt", lambda _a, _p: "instruction", values)
        assert found.value.to_pylist() == kept
        found.value.validate(full=True)
