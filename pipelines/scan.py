"""The graph of the scan, on one screen: plan files -> units -> LOOK -> descriptors and tallies, committed once."""

from typing import Any

import apache_beam as beam
from apache_beam.typehints.native_type_compatibility import convert_to_beam_type

from pipelines.look import TALLIES, AddUp, CommitLooked, CommitTallies, Look, ReadPlan


def scan(pipeline: beam.Pipeline, plan_files: list[str], ledger: str, run: str) -> Any:
    """Wire LOOK over the plan. What it leaves: `work/<run>/looked/*` and `work/<run>/summed/*`.

    Only names, descriptors (about 2 KB) and bounded tallies cross a shuffle; a test walks the graph and holds that.
    """
    units = (
        pipeline
        | "PlanFiles" >> beam.Create(plan_files, reshuffle=False).with_output_types(str)
        | "ReadPlan" >> beam.ParDo(ReadPlan(ledger, run)).with_output_types(bytes)
        | "SpreadUnits" >> beam.Reshuffle()
    )
    seen = units | "Look" >> beam.ParDo(Look(ledger, run)).with_outputs(TALLIES, main="looked")
    committed = (
        _typed(seen["looked"], tuple[int, bytes])
        | "GroupLooked" >> beam.GroupByKey()
        | "CommitLooked" >> beam.ParDo(CommitLooked(ledger, run)).with_output_types(int)
    )
    summed = (
        _typed(seen[TALLIES], tuple[str, bytes])
        | "AddUp" >> beam.CombinePerKey(AddUp(ledger, run))
        | "CommitTallies" >> beam.ParDo(CommitTallies(ledger, run)).with_output_types(str)
    )
    return committed, summed


def _typed(collection: beam.PCollection, element: Any) -> beam.PCollection:
    # Beam gives tagged outputs no type, and then pickles their keys instead of encoding them.
    collection.element_type = convert_to_beam_type(element)
    return collection
