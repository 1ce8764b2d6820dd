"""The other way to bring bands together, for `bench dedup`: one Beam element a band and a GroupByKey; a program of its own.

Prints CPU microseconds a document, and the bytes a document that its elements take as Beam encodes them. What a graph costs
before its first document is taken off by running it over few and over many.
"""

import json
import sys
import time
from collections.abc import Iterable, Iterator

import apache_beam as beam
from apache_beam import coders
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines.bench.dedup_exchange import hashes

BLOCK, FEW = 4096, 4096
Element = tuple[tuple[int, int], int]


def elements(block: tuple[int, int]) -> Iterator[Element]:
    """((band, hash), document) for each band of each document of (start, count)."""
    start, count = block
    for document, row in enumerate(hashes(start, count).tolist(), start):
        for band, value in enumerate(row):
            yield (band, value), document


def pairs(group: tuple[tuple[int, int], Iterable[int]]) -> Iterator[tuple[int, int]]:
    """The least document of a group with each other one."""
    first, *others = sorted(group[1])
    for other in others:
        yield first, other


def cpu_s(documents: int) -> float:
    """Of the whole graph over so many."""
    blocks = [(start, min(BLOCK, documents - start)) for start in range(0, documents, BLOCK)]
    began = time.process_time()
    options = PipelineOptions(["--runner=apache_beam.runners.portability.fn_api_runner.FnApiRunner"])
    with beam.Pipeline(options=options) as pipeline:
        _ = (
            pipeline
            | beam.Create(blocks, reshuffle=False)
            | beam.FlatMap(elements).with_output_types(Element)
            | beam.GroupByKey()
            | beam.FlatMap(pairs).with_output_types(tuple[int, int])
            | beam.combiners.Count.Globally()
        )
    return time.process_time() - began


def main(documents: str) -> None:
    """Measure over so many documents."""
    many = int(documents)
    cpu_s(FEW)  # what is loaded when first used
    few_s, many_s = cpu_s(FEW), cpu_s(FEW + many)
    coder = coders.registry.get_coder(Element)
    size = sum(len(coder.encode(element)) for element in elements((0, 1000))) / 1000
    print(json.dumps({"cpu_us": (many_s - few_s) / many * 1e6, "bytes": size}))


if __name__ == "__main__":
    main(*sys.argv[1:])
