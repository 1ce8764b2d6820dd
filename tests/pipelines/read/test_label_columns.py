"""Implicit labels of Parquet and Arrow: in columns by the names of their schema, in the metadata of a file."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.authenticity import Authenticity
from pipelines.normalise import Framed
from pipelines.read.arrow_ipc import read_arrow
from pipelines.read.base import Framing, Span
from pipelines.read.label_columns import _values, labels_of
from pipelines.read.parquet import read_parquet
from tests.kit.records import shown
from tests.pipelines.read.kit import WHOLE, Held, gathered

PERSON = "ID-4711-OF-A-PERSON"
LABEL = {"Label": "1", "ContentProducer": PERSON, "ProduceID": PERSON, "ReservedCode1": "x" * 300}
OTHER = {"Label": "AIGC", "ContentPropagator": PERSON}
TOLD = "generated/standard/4/field"


def told(blocks):
    return [f"<{row['unread']}>" if "unread" in row else row["implicit_labels"] for row in gathered(blocks)]


TABLE = pa.table({
    "text": ["a", "b", "c", "d"],
    "AIGC": pa.array([LABEL, None, {"Label": None}, {"Label": "3", "ProduceID": "x"}],
                     pa.struct([(name, pa.string()) for name in LABEL])),
    "metadata": pa.array([None, {"src": "web", "aigc": json.dumps(OTHER)}, {"src": "ProduceID", "aigc": None}, None],
                         pa.struct([("src", pa.string()), ("aigc", pa.string())])),
    "parts": pa.array([None, None, [{"PropagateID": "x", "Label": "2", "ContentPropagator": "y"}], []],
                      pa.list_(pa.struct([("PropagateID", pa.string()), ("Label", pa.string()), ("ContentPropagator", pa.string())]))),
    "ballast": ["ContentProducer: x, AIGC Label: 1"] * 4,
})  # fmt: skip
TABLE_TOLD = [TOLD, "generated/other/2/field", "possible/standard/3/field", "suspected/standard/2/field"]


def as_parquet(table, **options):
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def as_arrow(table):
    out = io.BytesIO()
    with pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


@pytest.mark.parametrize("groups", [1, 3, 10])
def test_columns_of_parquet_and_arrow_by_the_names_in_their_schema(groups):
    stored = Held(as_parquet(TABLE, row_group_size=groups))
    assert told(read_parquet(stored, WHOLE, Framing("parquet"))) == TABLE_TOLD
    assert told(read_parquet(stored, Span(0, 1), Framing("parquet"))) == TABLE_TOLD[:groups]
    mapped = Framing("parquet", columns=(("meta", "metadata.src"), ("text", "text")))
    assert told(read_parquet(stored, WHOLE, mapped)) == TABLE_TOLD
    assert told(read_arrow(Held(as_arrow(TABLE)), WHOLE, Framing("arrow"))) == TABLE_TOLD


def test_which_columns_are_decoded():
    assert labels_of(TABLE.schema, {"text": ("text",)}).paths == (("AIGC",), ("metadata", "aigc"), ("parts",))
    mapped = {"text": ("text",), "meta": ("metadata", "aigc"), "author": ("AIGC", "ContentProducer")}
    assert labels_of(TABLE.schema, mapped).paths == (
        ("AIGC", "Label"),
        ("AIGC", "ProduceID"),
        ("AIGC", "ReservedCode1"),
        ("parts",),
    )
    flat = pa.schema([(name, pa.string()) for name in ("text", "Label", "ProduceID", "other")])
    assert labels_of(flat, {"text": ("text",)}).paths == (("Label",), ("ProduceID",))
    assert labels_of(pa.schema([("text", pa.string()), ("Label", pa.string())]), {"text": ("text",)}).paths == ()


@pytest.mark.parametrize("metadata", [{"AIGC": json.dumps(LABEL)}, {"AIGC.Label": "1", **{k: v for k, v in LABEL.items() if k != "Label"}},
                                      {"doc": json.dumps({"AIGC": LABEL})}])  # fmt: skip
def test_a_files_own_metadata_speaks_for_all_its_records(metadata):
    table = TABLE.select(["text", "ballast"]).replace_schema_metadata(metadata)
    for blocks in (
        read_parquet(Held(as_parquet(table)), WHOLE, Framing("parquet")),
        read_arrow(Held(as_arrow(table)), WHOLE, Framing("arrow")),
    ):
        assert told(blocks) == ["generated/standard/4/file"] * 4
    both = TABLE.replace_schema_metadata(metadata)
    assert told(read_parquet(Held(as_parquet(both)), WHOLE, Framing("parquet"))) == [
        f"{one} generated/standard/4/file" for one in TABLE_TOLD
    ]


def test_metadata_that_describes_columns_is_no_label():
    described = {"huggingface": json.dumps({"info": {"features": {"AIGC": {"Label": {"dtype": "string"}, "ContentProducer": {"dtype": "string"}}}}}),
                 "pandas": json.dumps({"columns": [{"name": "ContentProducer"}]})}  # fmt: skip
    table = TABLE.select(["text"]).replace_schema_metadata(described)
    assert told(read_parquet(Held(as_parquet(table)), WHOLE, Framing("parquet"))) == [None] * 4


_KINDS = st.sampled_from([
    pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.dictionary(pa.int8(), pa.string()), pa.list_(pa.string()),
    pa.large_list(pa.string()), pa.list_(pa.string(), 2), pa.map_(pa.string(), pa.string()), pa.struct([("a", pa.string()), ("b", pa.list_(pa.string()))]),
])  # fmt: skip


def plainly(value, kind):
    """What pyarrow's own values are, in the reader's form."""
    if pa.types.is_map(kind):
        return None if value is None else tuple(value)
    if isinstance(value, dict):
        return tuple((name, plainly(inner, None)) for name, inner in value.items())
    return value.decode() if isinstance(value, bytes) else value


@given(st.data(), _KINDS, st.integers(0, 3))
def test_values_of_every_type_are_those_that_arrow_gives(data, kind, begin):
    word = st.none() | st.sampled_from(["", "x", "文"])
    t = pa.types
    one = (
        st.lists(word, min_size=2, max_size=2) if t.is_fixed_size_list(kind) else st.lists(word, max_size=3) if t.is_list(kind) or t.is_large_list(kind)
        else st.dictionaries(st.sampled_from(["k", "l"]), word, max_size=2).map(lambda d: list(d.items())) if t.is_map(kind)
        else st.fixed_dictionaries({"a": word, "b": st.none() | st.lists(word, max_size=2)}) if t.is_struct(kind) else st.sampled_from(["", "y"])
    )  # fmt: skip
    array = pa.array(data.draw(st.lists(st.none() | one, max_size=6)), kind)[begin:]
    assert _values(array) == [plainly(value, kind) for value in array.to_pylist()]


def test_bad_utf8_and_columns_of_one_name_are_read_all_the_same():
    bad = pa.Array.from_buffers(pa.string(), 1, pa.array([b"1\xff"]).buffers())
    assert _values(bad) == ["1\ufffd"]
    label = pa.StructArray.from_arrays([pa.array(["1"]), bad], ["Label", "ProduceID"])
    table = pa.Table.from_arrays([pa.array(["x"]), label, label], ["text", "AIGC", "AIGC"])
    assert told(read_parquet(Held(as_parquet(table)), WHOLE, Framing("parquet"))) == [
        " ".join(["generated/standard/2/field"] * 2)
    ]


def test_a_label_of_a_whole_file_is_a_finding_of_each_of_its_records():
    table = pa.table({"text": [f"text {i}" for i in range(1000)]}).replace_schema_metadata({"AIGC": json.dumps(LABEL)})
    framed, check = Framed(), Authenticity()
    framed.begin_file()
    (block,) = read_parquet(Held(as_parquet(table)), WHOLE, Framing("parquet"))
    seen = check.look(shown(check, framed.number(block), {}))
    found = check.report(seen.total)
    assert (found["implicit_label_records"], found["implicit_file_records"], found["implicit_field_records"]) == (
        1000,
        1000,
        0,
    )
    assert seen.findings["row"].to_pylist() == list(range(1000))
    assert set(seen.findings["detail"].to_pylist()) == {"generated/standard/4/file"}
