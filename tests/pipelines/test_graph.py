"""The graphs as they are wired: only names, numbers and bytes travel between their steps, never a batch, a table or Any."""

from collections.abc import Callable, Iterator

import apache_beam as beam
import pytest
from apache_beam import coders
from apache_beam.pipeline import PipelineVisitor
from apache_beam.typehints import typehints
from apache_beam.utils.timestamp import Timestamp
from apache_beam.utils.windowed_value import PaneInfo

from pipelines.dedup.graph import dedup
from pipelines.look import AddUp
from pipelines.scan import scan

OURS = {str, bytes, int}
BEAMS = {type(None), Timestamp, PaneInfo}
"""What `Reshuffle` puts beside an element while it travels."""
GRAPHS: dict[str, Callable[[beam.Pipeline], object]] = {
    "scan": lambda p: scan(p, ["work/r/plan/units-00000.parquet"], "/ledger", "r"),
    "dedup": lambda p: dedup(p, "/ledger", "r", "0123456789abcdef"),
}


def collections_of(wire: Callable[[beam.Pipeline], object]) -> dict[str, beam.PCollection]:
    """Every collection of the graph, of composites too, by step and tag; nothing is run."""
    found: dict[str, beam.PCollection] = {}

    class Walk(PipelineVisitor):
        def visit_transform(self, node):
            found.update({f"{node.full_label}[{tag}]": out for tag, out in node.outputs.items()})

        enter_composite_transform = visit_transform

    pipeline = beam.Pipeline()
    wire(pipeline)
    pipeline.visit(Walk())
    return found


def atoms(element: object) -> Iterator[object]:
    """The plain types that an element type is made of."""
    if isinstance(element, typehints.TupleConstraint):
        for inner in element.tuple_types:
            yield from atoms(inner)
    elif isinstance(element, typehints.UnionConstraint):
        for inner in element.union_types:
            yield from atoms(inner)
    elif isinstance(element, typehints.IterableTypeConstraint):
        yield from atoms(element.inner_type)
    else:
        yield element


@pytest.mark.parametrize("name", GRAPHS)
def test_only_names_numbers_and_bytes_travel(name: str) -> None:
    found = collections_of(GRAPHS[name])
    assert len(found) > 20
    wrong = {
        step: str(c.element_type)
        for step, c in found.items()
        if not set(atoms(c.element_type)) <= OURS | (BEAMS if "/ReshufflePerKey" in step else set())
    }
    assert wrong == {}


@pytest.mark.parametrize("name", GRAPHS)
def test_no_key_is_pickled(name: str) -> None:
    # A key that is pickled is equal to itself on one Python only, and a runner groups by its bytes.
    for step, collection in collections_of(GRAPHS[name]).items():
        if isinstance(collection.element_type, typehints.TupleConstraint):
            key = coders.registry.get_coder(collection.element_type.tuple_types[0])
            assert key.is_deterministic(), step
            assert not isinstance(key, (coders.PickleCoder, coders.FastPrimitivesCoder)), step


def test_tallies_travel_as_bytes_while_they_are_added_up() -> None:
    assert isinstance(AddUp("/ledger", "r").get_accumulator_coder(), coders.BytesCoder)


def test_a_batch_among_the_elements_is_found() -> None:
    import pyarrow as pa

    def wire(pipeline: beam.Pipeline) -> object:
        return pipeline | beam.Create([1]) | beam.Map(lambda n: n).with_output_types(tuple[int, pa.RecordBatch])

    assert pa.RecordBatch in {atom for c in collections_of(wire).values() for atom in atoms(c.element_type)}
