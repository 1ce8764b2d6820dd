"""The one place that knows Great Expectations: holds columns of measures against bounds.

Facts met on the way (1.24): on an empty table and on a column of nulls most expectations succeed, so every table has a
row-count expectation and every bound a not-null one beside it; defaults of an expectation are not written into its
results, so every argument is given; importing it takes seconds, so it is imported when the gate is reached, and by
nothing else. Its ids are random and its documents call home: only failing scopes leave this file.
"""

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

# The scopes are the frame's index: named as index columns, each failing one would cost a look-up of 80 microseconds.
_RESULT: Final = {
    "result_format": "COMPLETE",
    "partial_unexpected_count": 0,
    "return_unexpected_index_query": False,
    "include_unexpected_rows": False,
}


@dataclass(frozen=True, slots=True)
class Bound:
    """One rule's numbers: *values* of *scopes* in order, None where nothing was measured; *op*: <=, >= or ==."""

    rule: str
    op: str
    threshold: int
    scopes: tuple[str, ...]
    values: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What the engine said of a bound: scopes past it, and scopes without a value; *failed*: why it could not say.

    Where *failed* is not None the sets are empty and nothing is known: the caller must not take that for a pass.
    """

    past: frozenset[str]
    unknown: frozenset[str]
    failed: str | None = None


def hold_bounds(bounds: Sequence[Bound]) -> dict[str, Found]:
    """Rule -> what was found. Bounds over the same scopes share one table and one pass."""
    tables: dict[tuple[str, ...], list[Bound]] = {}
    for bound in bounds:
        tables.setdefault(bound.scopes, []).append(bound)
    if not tables:
        return {}
    engine = _Engine()
    found: dict[str, Found] = {}
    for scopes, together in tables.items():
        found |= engine.held(scopes, together)
    return found


def version() -> str:
    """``great_expectations 1.24.1``, for the manifest."""
    from importlib.metadata import version as installed

    return f"great_expectations {installed('great_expectations')}"


class _Engine:
    """An ephemeral context: nothing on disk, nothing on the network, no progress bar."""

    def __init__(self) -> None:
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        for name in [name for name in os.environ if name.startswith("GX_CLOUD_")]:
            del os.environ[name]  # they would select a cloud context
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import great_expectations as gx
            import pandas as pd
            from great_expectations import expectations as gxe
            from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults
        self.gx, self.gxe, self.pd = gx, gxe, pd
        # Without a site for its documents: the default makes a temporary folder for one.
        stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
        context = gx.get_context(mode="ephemeral", project_config=DataContextConfig(store_backend_defaults=stores))
        context.variables.progress_bars = {"globally": False, "metric_calculations": False}
        self.asset = context.data_sources.add_pandas("measures").add_dataframe_asset("table")
        self.definition = self.asset.add_batch_definition_whole_dataframe("whole")

    def held(self, scopes: tuple[str, ...], bounds: list[Bound]) -> dict[str, Found]:
        names = {f"c{i}": bound for i, bound in enumerate(bounds)}  # rule ids are free text, column names are not
        columns = {name: self.pd.array(list(bound.values), dtype="Int64") for name, bound in names.items()}
        frame = self.pd.DataFrame(columns, index=list(scopes))
        asked = [self._some_rows()]
        for name, bound in names.items():
            asked += [self._known(name, bound), self._bound(name, bound)]
        suite = self.gx.ExpectationSuite(name="policy", expectations=asked)  # adding one by one compares each with each
        batch = self.definition.get_batch(batch_parameters={"dataframe": frame})
        try:
            results = batch.validate(suite, result_format=_RESULT)
        except self.gx.exceptions.GreatExpectationsError:
            return {bound.rule: Found(frozenset(), frozenset(), "the engine raised an exception") for bound in bounds}
        # `to_json_dict` would copy the lists again, at ten times the cost of the rest where many sources fail.
        return read_results(
            [vars(result) | {"meta": result.expectation_config.meta} for result in results.results], names
        )

    def _some_rows(self) -> Any:
        return self.gxe.ExpectTableRowCountToBeBetween(min_value=1, max_value=None, meta={"rule": "", "part": "rows"})

    def _known(self, name: str, bound: Bound) -> Any:
        return self.gxe.ExpectColumnValuesToNotBeNull(
            column=name, mostly=1.0, meta={"rule": bound.rule, "part": "known"}
        )

    def _bound(self, name: str, bound: Bound) -> Any:
        least = bound.threshold if bound.op in (">=", "==") else None
        most = bound.threshold if bound.op in ("<=", "==") else None
        return self.gxe.ExpectColumnValuesToBeBetween(
            column=name, min_value=least, max_value=most, strict_min=False, strict_max=False, mostly=1.0,
            meta={"rule": bound.rule, "part": "bound"},
        )  # fmt: skip


def read_results(results: list[dict[str, Any]], names: Mapping[str, Bound]) -> dict[str, Found]:
    """Rule -> `Found` of the engine's results (`success`, `result`, `exception_info`, `meta`); *names*: column -> bound.

    A result that is missing, raised, contradicts itself or covers another number of rows makes its rule `failed`.
    """
    parts: dict[tuple[str, str], dict[str, Any]] = {}
    for result in results:
        meta = result["meta"] or {}
        parts[(meta.get("rule", ""), meta.get("part", ""))] = result
    rows = parts.get(("", "rows"))
    if rows is None or rows["success"] is not True:
        return {bound.rule: Found(frozenset(), frozenset(), "there is no row to look at") for bound in names.values()}
    return {bound.rule: _found(bound, parts) for bound in names.values()}


def _found(bound: Bound, parts: Mapping[tuple[str, str], dict[str, Any]]) -> Found:
    sets: dict[str, frozenset[str]] = {}
    for part in ("known", "bound"):
        result = parts.get((bound.rule, part))
        wrong = "the engine gave no result" if result is None else _wrong(result, len(bound.scopes))
        if result is None or wrong is not None:
            return Found(frozenset(), frozenset(), wrong)
        listed = result["result"].get("unexpected_index_list") or []
        sets[part] = frozenset(listed)
        if (len(sets[part]) == 0) != (result["success"] is True):
            return Found(frozenset(), frozenset(), "the engine's verdict and its list differ")
    return Found(sets["bound"], sets["known"])


def _wrong(result: dict[str, Any], rows: int) -> str | None:
    raised = result.get("exception_info") or {}
    # One expectation's exception is {"raised_exception": …}; several metrics' are {metric: {"raised_exception": …}}.
    nested = [raised, *(item for item in raised.values() if isinstance(item, dict))]
    if any(item.get("raised_exception") for item in nested):
        return "the engine raised an exception"
    if result["result"].get("element_count") != rows:
        return "the engine looked at another number of rows"
    return None
