"""What a run came to, as its manifest: counts, measures, settings and versions put in their places. Pure but for versions."""

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from checks.base import Check, Measure
from manifests.manifest import registry_of
from pipelines.assemble import Assembled, SourceFiles
from pipelines.built_in import COUNTED
from pipelines.config import Loaded
from pipelines.drive import plan_settings
from pipelines.labels import labels_told
from pipelines.lists import lists_told
from pipelines.measures import SourceTotals
from pipelines.personal_counts import personal_counts
from schemas.manifest import (
    CheckCounts,
    CheckEntry,
    Counts,
    Decisions,
    FileCounts,
    LogHead,
    Manifest,
    Measured,
    MeasureEntry,
    MediaCount,
    PolicyEntry,
    Product,
    RecordCounts,
    SourceCounts,
    TableSet,
    Top,
)  # fmt: skip
from schemas.manifest import Gate as GateEntry
from schemas.yaml_shape import as_json

PRODUCT: Final = "corpusledger"
LIBRARIES: Final = (
    "apache-beam", "duckdb", "fastwarc", "fasttext-predict", "great-expectations", "hyperscan", "license-expression",
    "numpy", "phonenumbers", "presidio-analyzer", "publicsuffixlist", "pyarrow", "zstandard",
)  # fmt: skip


def product() -> Product:
    """The software that does the work, with the versions of what it stands on."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return Product(PRODUCT, product_version(), platform.python_version(), found)


def product_version() -> str:
    """Version of the installed product; `0` in a checkout that was never installed."""
    try:
        return version(PRODUCT)
    except PackageNotFoundError:
        return "0"


def counts_of(
    checks: Sequence[Check], sources: Mapping[str, SourceTotals], whole: SourceTotals, built: Assembled,
    findings: Mapping[str, Mapping[str, int]], decided: bool,
) -> Counts:  # fmt: skip
    """Every count of the manifest. *findings*: source -> check -> rows of evidence."""
    looked = whole.looked
    media = tuple(MediaCount(kind, status, n, size) for (kind, status), (n, size) in built.media.items())
    of_checks = tuple(
        CheckCounts(c.name, looked - _unread(whole, c.name), whole.read - looked + _unread(whole, c.name),
                    sum(f.get(c.name, 0) for f in findings.values()))
        for c in checks
    )  # fmt: skip
    of_sources = tuple(
        SourceCounts(s, _files(t.files), _records(t), dict(sorted(findings.get(s, {}).items())))
        for s, t in sorted(sources.items())
    )
    decisions = Decisions(looked - whole.dropped, 0, whole.dropped, 0) if decided else None
    return Counts(_files(whole.files), media, _records(whole), of_checks, of_sources, decisions,
                  personal_counts(checks, sources, whole))  # fmt: skip


def manifest_of(
    loaded: Loaded, run: str, times: tuple[str, str], counts: Counts, measures: Sequence[Measured], gate: GateEntry,
    top: Sequence[Top], units: TableSet, files: TableSet, log: LogHead | None, execution: Mapping[str, Any],
) -> Manifest:  # fmt: skip
    """Put the manifest together."""
    config = loaded.run.as_json()
    settings = {
        "plan": plan_settings(loaded), "identity": loaded.run.identity, "as_of": loaded.as_of,
        "dedup": as_json(loaded.run.dedup), "compare_with": list(loaded.run.compare_with),
        "hmac_key": loaded.run.keys.hmac is not None, "region": config.get("region"),
        "territory": config.get("territory"),
        "lists": lists_told(loaded.lists, measures), "labels": labels_told(loaded.joined),
    }  # fmt: skip
    policies = tuple(PolicyEntry(p.name, p.version, p.digest) for p in loaded.policy.packs)
    return Manifest(
        run, times[0], times[1], _words(config["provider"]), _words(config["model"]), loaded.run.model.stage, product(),
        {k: v for k, v in settings.items() if v is not None}, registry_of(loaded.sources, loaded.as_of), policies,
        (*(_check_entry(c) for c in loaded.checks), *_counted_entries(loaded.checks)), counts, tuple(measures), gate, tuple(top),
        units, files, log, execution,
    )  # fmt: skip


def result_counts(counts: Counts) -> dict[str, Any]:
    """The counts as the result of a command prints them."""
    return {
        "files": vars_of(counts.files), "records": vars_of(counts.records),
        "media": [vars_of(m) for m in counts.media], "decisions": vars_of(counts.decisions) if counts.decisions else None,
    }  # fmt: skip


def vars_of(value: Any) -> dict[str, Any]:
    """The fields of a frozen slotted dataclass."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _check_entry(check: Check) -> CheckEntry:
    more = COUNTED.get(check.name, ())
    return CheckEntry(
        check.name, check.version, check.settings(), check.inputs(), tuple(check.reads),
        tuple(_entry(m) for m in (*check.measures, *more)),
    )  # fmt: skip


def _counted_entries(checks: Sequence[Check]) -> list[CheckEntry]:
    have = {c.name for c in checks}
    return [
        CheckEntry(name, 1, {}, {}, (), tuple(_entry(m) for m in ms))
        for name, ms in COUNTED.items()
        if name not in have
    ]


def _entry(measure: Measure) -> MeasureEntry:
    return MeasureEntry(measure.name, measure.unit, measure.method)


def _unread(totals: SourceTotals, check: str) -> int:
    return int(totals.tallies.get(check, {"unread": 0})["unread"])


def _files(files: SourceFiles) -> FileCounts:
    return FileCounts(
        files.listed, files.read, files.not_looked_at, files.unreadable, files.listed_bytes, files.read_bytes
    )


def _records(totals: SourceTotals) -> RecordCounts:
    text_bytes = totals.tallies.get("duplicates", {"tally": {}})["tally"].get("bytes", 0)
    return RecordCounts(totals.read, totals.looked, totals.read - totals.looked, totals.unread_by, text_bytes)


def _words(value: Mapping[str, Any]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, item in value.items():
        if isinstance(item, dict):
            for sub, text in item.items():
                if text is not None:
                    flat[key if sub in ("zh", "name") else f"{key}_{sub}"] = str(text)
        elif item is not None:
            flat[key] = "yes" if item is True else "no" if item is False else str(item)
    return flat
