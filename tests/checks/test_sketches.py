"""One walk over a row gives what the separate functions give: content id, terms, signature, folded terms and bands."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks import kernels
from checks.duplicates import Duplicates, sketches
from checks.duplicates.content import content_ids, ids_of
from checks.duplicates.sketches import named, sketch_type, sketched
from checks.kernels import digest_calls
from checks.kernels.sketch_calls import sketches_of_rows
from checks.terms.fold import fold
from checks.terms.scheme import permutations
from tests.kit.compiled import LARGE, strings
from tests.kit.records import texts

pytestmark = pytest.mark.usefixtures("library")

pieces = st.one_of(
    st.characters(exclude_categories=("Cs",)).map(str.encode), st.binary(max_size=3), st.sampled_from(["提供者应当，".encode(), b"Word and "]),
    st.sampled_from([b"one two three four five six ", "中文字".encode() * 9, "ﷺß①".encode(), b"x" * 70, b"\xe4\xb8", b"A1" * 5]),
)  # fmt: skip
columns = st.lists(st.none() | st.lists(pieces, max_size=30).map(b"".join), max_size=6)
LONG = b"Seven words of text, no two alike. " * 700 + "著作权法 及 其 实施条例。".encode() * 900


def apart(text, bands, rows, shortest, part=0):
    """The same without the walk: one function after another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sketches, "_walks", lambda text: False)
        numbers = np.arange(len(text), dtype=np.uint32) + 7
        ids = content_ids(text)
        return ids, *sketched(text, numbers, ids_of(ids), bands, rows, shortest, part)


def walked(library, text, bands, rows, shortest, **how):
    tables = fold().table, fold().expansions
    return sketches_of_rows(
        library, text, tables, permutations(1), sketch_type(bands), rows, shortest, contents=True, **how
    )


def same(found, wanted):
    ids, told, terms = wanted
    assert found.contents.tobytes() == b"".join(ids.to_pylist())
    assert np.array_equal(found.terms, terms)
    assert np.array_equal(found.kept + 7, told["row"])
    for name in ("folded", "slots", "hashes"):
        assert found.sketches[name].tobytes() == told[name].tobytes(), name


@settings(max_examples=150, deadline=None)
@given(
    values=columns, kind=st.sampled_from([pa.string(), LARGE]), bands=st.sampled_from([(16, 8), (1, 128), (32, 4), (9, 13), (3, 1)]),
    shortest=st.sampled_from([1, 2, 5, 20]), room=st.integers(0, 3000), level=st.sampled_from([0, -1]), data=st.data(),
)  # fmt: skip
@example(values=[b"a", LONG, None, b"", LONG], kind=LARGE, bands=(16, 8), shortest=20, room=0, level=-1, data=None)
@example(values=[b"a b c d e"] * 100, kind=LARGE, bands=(16, 8), shortest=5, room=64, level=0, data=None)
def test_the_walk_is_the_separate_functions(library, values, kind, bands, shortest, room, level, data):
    start = data.draw(st.integers(0, len(values))) if data else 0
    part = strings(values, kind).slice(start)
    wanted = apart(part, *bands, shortest)
    for is_plain in (False, True):
        same(walked(library, part, *bands, shortest, room=room, level=level, is_plain=is_plain), wanted)


@pytest.mark.parametrize("part", [0, 1])
def test_the_check_tells_the_same_with_the_walk_and_without(monkeypatch, part):
    monkeypatch.setattr(digest_calls, "is_quicker", lambda library, text: True)
    text = strings([LONG, b"one two three", None, b"", "提供者应当对数据来源的合法性负责，".encode() * 3])
    ids, told, terms = apart(text, 16, 8, 20, part)
    numbers = np.arange(5, dtype=np.uint32) + 7
    found, counted = sketched(text, numbers, ids_of(ids), 16, 8, 20, part)
    assert found.tobytes() == told.tobytes()
    assert np.array_equal(counted, terms)
    if not part:
        assert [value.tobytes() for value in named(text, numbers, 16, 8, 20)[1:]] == [told.tobytes(), terms.tobytes()]
        assert named(text, numbers, 16, 8, 20)[0].equals(ids)


def test_without_a_kernel_the_check_tells_the_same(monkeypatch):
    batch = texts("one two three four five six seven " * 9, "short", LONG.decode())
    fast = Duplicates().look(batch)
    monkeypatch.setattr(kernels, "library", lambda: None)
    slow = Duplicates().look(batch)
    assert fast.sketches.tobytes() == slow.sketches.tobytes()
    assert fast.columns.equals(slow.columns)
    assert fast.total == slow.total


@pytest.mark.parametrize("offsets", [[0, 99, 3], [0, -1, 3], [2, 1, 3]], ids=str)
def test_offsets_outside_the_data_are_refused(library, offsets):
    text = pa.Array.from_buffers(LARGE, 2, [None, pa.py_buffer(np.array(offsets, np.int64)), pa.py_buffer(b"abc")])
    with pytest.raises(ValueError, match="lie outside the data"):
        walked(library, text, 16, 8, 20)


@pytest.mark.parametrize(("bands", "rows", "level"), [(33, 1, -1), (16, 9, -1), (16, 8, 9)])
def test_bands_that_do_not_fit_and_levels_that_are_not_here_are_refused(library, bands, rows, level):
    with pytest.raises(ValueError, match="kernel"):
        walked(library, pa.array(["a"]), bands, rows, 1, level=level)
