"""The graph of the scan, on one screen: plan files -> units -> LOOK -> descriptors and tallies, committed once."""

from typing import Any

import apache_beam as beam

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
        seen["looked"].with_output_types(tuple[int, bytes])
        | "GroupLooked" >> beam.GroupByKey()
        | "CommitLooked" >> beam.ParDo(CommitLooked(ledger, run)).with_output_types(int)
    )
    summed = (
        seen[TALLIES].with_output_types(tuple[str, bytes])
        | "AddUp" >> beam.CombinePerKey(AddUp(ledger, run))
        | "CommitTallies" >> beam.ParDo(CommitTallies(ledger, run)).with_output_types(str)
    )
    return committed, summed
