"""Where the kernel reads lines of JSON, it reads what `pyarrow.json` reads; and it leaves what could be read in two ways."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import kernels
from checks.kernels.object_calls import strings_of_lines
from pipelines.read.judge import _read
from pipelines.read.plain_objects import plain_table

pytestmark = pytest.mark.skipif(kernels.library() is None, reason="the kernels are not built")
SCHEMA = pa.schema([("text", pa.large_string()), ("url", pa.string())])


def table_of(*lines, schema=SCHEMA):
    data = b"\n".join(lines)
    ends = np.cumsum([len(line) + 1 for line in lines], dtype=np.int64) - 1
    starts = np.concatenate(([0], ends[:-1] + 1))
    return plain_table(np.frombuffer(data, np.uint8), starts, ends, schema)


def agrees(*lines, schema=SCHEMA):
    """The kernel's table, which is the parser's; or None where it leaves the lines to the parser."""
    found = table_of(*lines, schema=schema)
    if found is not None:
        theirs = _read(pa.py_buffer(b"\n".join(lines)), schema)
        assert isinstance(theirs, pa.Table), theirs
        assert found.equals(theirs.combine_chunks())
        found.validate(full=True)
    return found


@pytest.mark.parametrize(
    "line",
    [
        b'{"text":"\xe4\xb8\xad\xe6\x96\x87","url":"https://example.org/"}',
        b'{ "url" : null ,\t"text" : "a\\u4e2d\\n\\"\\\\\\/\\b\\f\\r\\t\\ud83d\\ude00\\u0000" }',
        b"{}",
        b"{ }",
        b'{"text":""}',
        b'{"other":[1,-0.5,{"a":[true,false,null],"b":{}},[],"\\ud83d\\ude00"],"text":"x","n":0}',
        b'{"more":1,"more":2,"text":"x"}',
        '{"text":"12345678\\"1234567\\u00e9é"}'.encode(),
    ],
)
def test_a_plain_object_is_read_as_the_parser_reads_it(line):
    assert agrees(line, line).num_rows == 2


@pytest.mark.parametrize(
    "line",
    [
        b"", b"{", b"}", b"[]", b'{"text":"x"', b'{"text":"x"}}', b'{"text":"x"} {}', b'{"text":"x",}', b'{"text" "x"}',
        b'{"text":1}', b'{"text":["x"]}', b'{"text":{"a":"x"}}', b'{"text":true}', b'{"text":nul}', b'{"text":"x","text":"y"}',
        b'{"t\\u0065xt":"x"}', b'{"text":"\\ud83d"}', b'{"text":"\\ude00"}', b'{"text":"\\ud83d\\u0041"}', b'{"text":"\\x"}',
        b'{"text":"\\u12g4"}', b'{"text":"\\u12"}', b'{"text":"\\', b'{"text":"a\tb"}', b'{"text":"a\x00b"}', b'{"a":01}',
        b'{"a":1e5}', b'{"a":-}', b'{"a":1.}', b'{"a":.5}', b'{"a":+1}', b'{"a":NaN}', b'{"a":' + b"1" * 200 + b"}",
        b'{"a":' + b"[" * 65 + b"]" * 65 + b"}", b"{'text':'x'}", b'{"a":tru}', b'{"a":"\\ud83d"}', b"{a:1}", b'{"a":1 "b":2}',
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_parser(line):
    assert table_of(line) is None
    assert table_of(b'{"text":"x"}', line) is None


def test_no_field_of_another_type_and_no_line_outside_the_data():
    assert table_of(b'{"text":"x"}', schema=pa.schema([("text", pa.int64())])) is None
    one = np.array([0], np.int64)
    with pytest.raises(ValueError, match="outside"):
        strings_of_lines(kernels.library(), np.zeros(3, np.uint8), one, one + 4, ["text"])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["text", "url", "other", "中文"]) | st.text(max_size=4)


@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=4), min_size=1, max_size=4), st.booleans(), st.data())
def test_it_agrees_with_the_parser_on_whatever_it_takes(objects, ascii_alone, data):
    lines = [json.dumps(one, ensure_ascii=ascii_alone).encode("utf-8", "surrogatepass") for one in objects]
    agrees(*lines)
    spoiled = bytearray(lines[0])
    for _ in range(data.draw(st.integers(1, 3))):
        spoiled[data.draw(st.integers(0, len(spoiled) - 1))] = data.draw(st.sampled_from(b'"\\{}[]:,u09aen-. \xff\x80'))
    if b"\n" not in spoiled and spoiled.strip(b" \t\r")[:1] == b"{":
        agrees(bytes(spoiled))
