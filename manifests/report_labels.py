"""The part of a disclosure report that tells of labelling (Interim Measures Art. 8): tasks, rules, what was missing, agreement."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from manifests.agreement import LEAST_ITEMS, PPM
from manifests.report import DITTO, Block, Cell, Missing, Note, code, count, measured, missing, table, term, text
from schemas.labels_told import FIGURES, GAPS
from schemas.manifest import Manifest
from schemas.personal import Estimated
from schemas.words import Words

_KEY: Final = "labels"
_PEOPLE: Final = ("no-record", "no-role", "no-training", "no-law", "no-examination", "suspended", "both-roles")
_RULES: Final = (
    "goal", "data_format", "method", "quality_indicators", "review", "risks", "no-version", "not-in-force", "undated",
)  # fmt: skip


def label_tasks(m: Manifest) -> list[Block]:
    """The tasks that the record of labelling declares."""
    rows = [
        (text(one.get("id")), term("label_kind", one.get("kind")), term("labelling", one.get("method")),
         _count(one, "items"), _count(one, "labels"), _count(one, "annotators"))
        for one in _listed(m, "tasks")
    ]  # fmt: skip
    columns = ("label_task", "label_kind", "labelling", "label_items", "label_labels", "label_annotators")
    return _unless_given(m) or [table("label_tasks", columns, rows)]


def label_rules(m: Manifest) -> list[Block]:
    """Every version of the rules with the days on which it is in force, and what those in use lack."""
    if not _listed(m, "rules"):
        return []
    rows = [
        (text(one.get("id")), term("label_kind", one.get("kind")), text(one.get("version")), text(one.get("from")),
         text(one.get("until"), "still-in-force"), code(str(one["sha256"])) if one.get("sha256") else missing("not-declared"))
        for one in _listed(m, "rules")
    ]  # fmt: skip
    columns = ("label_rules", "label_kind", "label_version", "label_from", "label_until", "sha256")
    return [table("label_rules", columns, rows), *_gaps(m, _RULES)]


def label_people(m: Manifest) -> list[Block]:
    """Annotators by role, what they were trained in, supervision by kind, and what was missing; they are pseudonyms, not listed."""
    told = _told(m).get("people")
    if not isinstance(told, Mapping):
        return []
    rows = [
        (term("label_done", kind), text(name) if kind == "law" else term("label_done", name), count(n))
        for kind in ("roles", "law", "events") if isinstance(told.get(kind), Mapping)
        for name, n in told[kind].items() if isinstance(n, int)
    ]  # fmt: skip
    return [table("label_people", ("label_of", "label_what", "label_count"), rows), *_gaps(m, _PEOPLE)]


def label_quality(m: Manifest) -> list[Block]:
    """Agreement by task, each figure with its interval or why there is none; the measures of the record, and what else was missing."""
    if absent := _unless_given(m):
        return absent
    rows = [
        (text(one.get("id")), term("label_scale", one.get("scale")), _count(one, "shared"), *cells)
        for one in _listed(m, "tasks") for cells in _figures(_told(m), one)
    ]  # fmt: skip
    columns = ("label_task", "label_scale", "label_shared", "label_figure", "label_value", "label_interval")
    others = tuple(name for name in GAPS if name not in (*_PEOPLE, *_RULES))
    return [table("label_agreement", columns, rows), *measured(m, _KEY), *_gaps(m, others), Note("label_limits")]


def _told(m: Manifest) -> Mapping[str, Any]:
    told = m.settings.get(_KEY)
    return told if isinstance(told, Mapping) else {}


def _listed(m: Manifest, key: str) -> Sequence[Mapping[str, Any]]:
    listed = _told(m).get(key)
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list | tuple) else []


def _unless_given(m: Manifest) -> list[Block]:
    """Why there is nothing to tell; a record that is stale or under another key is told, and that it is."""
    state = _told(m).get("state")
    if state is None:
        return [Missing("labels-not-recorded")]
    return [] if _listed(m, "tasks") else [Missing("labels-missing" if state == "missing" else "labels-not-given")]


def _gaps(m: Manifest, codes: Sequence[str]) -> list[Block]:
    found = _told(m).get("gaps_by_code")
    counts: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    rows = [
        (Cell("words", GAPS.get(name, Words.from_text(name))), count(counts[name]))
        for name in codes if isinstance(counts.get(name), int)
    ]  # fmt: skip
    return [table("label_gaps", ("label_gap", "label_count"), rows)] if rows else []


def _count(one: Mapping[str, Any], key: str) -> Cell:
    value = one.get(key)
    return count(value) if isinstance(value, int) else missing("not-recorded")


def _figures(told: Mapping[str, Any], one: Mapping[str, Any]) -> list[tuple[Cell, Cell, Cell]]:
    """(its name, the figure with its interval, what that rests on or why there is none) of each figure of a task."""
    found = []
    for name in FIGURES:
        value, low, high = (one.get(f"{name}_{part}") for part in ("ppm", "low_ppm", "high_ppm"))
        if isinstance(value, int):
            is_bounded = isinstance(low, int) and isinstance(high, int)
            figure = Cell("estimate", Estimated(value, low, high)) if is_bounded else Cell("ppm", value)  # type: ignore[arg-type]
            found.append((term("label_figure", name), figure, _basis(told, one, is_bounded, value in (0, PPM))))
    none = missing("nothing-to-measure")
    return found or [(none, DITTO, DITTO)]


def _basis(told: Mapping[str, Any], one: Mapping[str, Any], is_bounded: bool, is_whole: bool) -> Cell:
    shared, drawn, confidence = one.get("shared"), one.get("replicates"), told.get("confidence_ppm")
    if not (isinstance(shared, int) and isinstance(drawn, int) and isinstance(confidence, int)):
        return missing("not-recorded")
    level = f"{confidence / 10_000:g} %"
    if is_bounded and is_whole:
        return Cell("words", Words(f"{level}，Clopper-Pearson", f"{level}, Clopper-Pearson"))
    if is_bounded:
        return Cell("words", Words(f"{level}，重抽 {drawn:,} 次", f"{level}, {drawn:,} resamples"))
    if shared < LEAST_ITEMS:
        return Cell("words", Words(
            f"无区间：多人标注的数据仅 {shared} 条，至少须 {LEAST_ITEMS} 条",
            f"no interval: {shared} items labelled by two or more; {LEAST_ITEMS} needed",
        ))  # fmt: skip
    return Cell(
        "words", Words("无区间：重抽结果无差异或多数无值", "no interval: resamples do not differ, or have no value")
    )
