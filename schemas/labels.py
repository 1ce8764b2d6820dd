"""The shape of a record of labelling (Interim Measures Art. 8): rules, annotators, tasks, batches, supervision; one YAML.

Annotators are pseudonyms throughout, 32 hexadecimal digits that a key makes of a name; no name stands in the YAML. What
TC260-003 §5.3 asks for (marks T and M of `schemas.rule.MARKS`) is named where it is missing, see `schemas.labels_told`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

from schemas.source_papers import Document, Documents, ModelUsed
from schemas.yaml_shape import Bounds, Choice, Date, Form, Identifier, Named, Text

FUNCTIONAL, SAFETY = "functional", "safety"
KINDS: Final = (FUNCTIONAL, SAFETY)
"""Functional and safety labelling have rules of their own and are kept apart (TC260-003 §5.3 b, M)."""
METHODS: Final = ("human", "model", "hybrid")
NOMINAL, ORDINAL, INTERVAL = "nominal", "ordinal", "interval"
SCALES: Final = (NOMINAL, ORDINAL, INTERVAL)
PARTS: Final = ("goal", "data_format", "method", "quality_indicators")
"""What rules of labelling have at least: 标注目标、数据格式、标注方法、数据质量指标 (TC260-003 §5.3 b 1, M)."""
LABELLER, REVIEWER = "labeller", "reviewer"
ROLES: Final = (LABELLER, REVIEWER)
ACCEPTED, OPEN, VOIDED = "accepted", "open", "voided"
BATCH_STATES: Final = (ACCEPTED, OPEN, VOIDED)
CHECKED, CORRECTED, SUSPENDED, RE_EXAMINED = "check", "correction", "suspension", "re-examination"
EVENTS: Final = (CHECKED, CORRECTED, SUSPENDED, RE_EXAMINED)
PSEUDONYM: Final = Form("a pseudonym of 32 hexadecimal digits in lower case", r"[0-9a-f]{32}")
LEAF: Final = Form("a risk of the taxonomy such as A1.a", r"A[1-5]\.[a-z]")

Pseudonym = Annotated[str, PSEUDONYM]
Ppm = Annotated[int, Bounds(0, 1_000_000)]
Many = Bounds(most=100_000)


@dataclass(frozen=True)
class RulesVersion:
    """One version of a rules document, in force on the days *starts* and *until* and all between; no *until*: still.

    *covers*: each of `PARTS` -> where it stands in the document; *review*: where the rules of reviewing stand; *risks*:
    leaf of the taxonomy of risks -> where the rules deal with it (safety alone).
    """

    version: Text
    document: Document
    starts: Annotated[Date, Named("from")]
    until: Date | None = None
    covers: tuple[tuple[Annotated[str, Choice(PARTS)], Text], ...] = ()
    review: Text | None = None
    risks: tuple[tuple[Annotated[str, LEAF], Text], ...] = ()

    def in_force(self, first: str, last: str) -> bool:
        """Was it in force on every day from *first* to *last* (ISO dates)?"""
        return self.starts <= first and (self.until is None or last <= self.until)


@dataclass(frozen=True)
class Rules:
    """A rules document, for labelling of one kind."""

    id: Identifier
    kind: Annotated[str, Choice(KINDS)]
    versions: Annotated[tuple[RulesVersion, ...], Bounds(least=1)]


@dataclass(frozen=True)
class Training:
    """A training of an annotator; *law*: the parts of the law it dealt with, such as ``CN-IM Art. 8``; *rules*: documents taught."""

    on: Date
    law: tuple[Text, ...] = ()
    rules: tuple[Identifier, ...] = ()
    hours: Annotated[int | None, Bounds(1, 10_000)] = None
    evidence: Documents = ()


@dataclass(frozen=True)
class Examination:
    """An examination of an annotator; *expires*: the last day on which it counts, so that it is taken again."""

    on: Date
    passed: bool
    expires: Date | None = None
    evidence: Documents = ()


@dataclass(frozen=True)
class Annotator:
    """Who labels or reviews: a person, or a *model* (its labels are labelling too; it is not trained and examined as people are)."""

    id: Pseudonym
    roles: Annotated[tuple[Annotated[str, Choice(ROLES)], ...], Bounds(least=1)]
    training: tuple[Training, ...] = ()
    examinations: tuple[Examination, ...] = ()
    model: ModelUsed | None = None


@dataclass(frozen=True)
class Task:
    """One task of labelling. *values*: the labels, for an ordinal *scale* from the least up; of the others, unset: as they come.

    *agreement_least_ppm* (Krippendorff's alpha) and *error_most_ppm* (upper bound of a batch's share of wrong items) are the
    customer's own targets: no instrument gives one. *sources*: of the registry, whose records carry the labels.
    """

    id: Identifier
    kind: Annotated[str, Choice(KINDS)]
    method: Annotated[str, Choice(METHODS)]
    rules: Identifier
    scale: Annotated[str, Choice(SCALES)] = NOMINAL
    values: Annotated[tuple[Text, ...], Bounds(most=256)] = ()
    agreement_least_ppm: Ppm | None = None
    error_most_ppm: Ppm | None = None
    sources: tuple[Identifier, ...] = ()


@dataclass(frozen=True)
class Voided:
    """When a batch was voided and why, such as ``illegal content``; a reason in the customer's words, no text of an item."""

    on: Date
    reason: Text


@dataclass(frozen=True)
class Batch:
    """One batch of a task, labelled under one version of the rules on the days *starts* to *until*.

    *illegal_found*: whether its check found unlawful content, which voids it (TC260-003 §5.3 c 1, M); unset: not stated.
    """

    id: Identifier
    task: Identifier
    rules_version: Text
    state: Annotated[str, Choice(BATCH_STATES)] = OPEN
    starts: Annotated[Date | None, Named("from")] = None
    until: Date | None = None
    illegal_found: bool | None = None
    voided: Voided | None = None


@dataclass(frozen=True)
class Event:
    """Supervision of an annotator, a batch or both. *passed*: what a check or a re-examination came to; *by*: a pseudonym."""

    on: Date
    event: Annotated[str, Choice(EVENTS)]
    by: Pseudonym
    annotator: Pseudonym | None = None
    batch: Identifier | None = None
    passed: bool | None = None
    evidence: Documents = ()


@dataclass(frozen=True)
class Labelling:
    """The whole record as it stood on the day *as_of*.

    *key_id*: of the key that made the pseudonyms; *rows*: files of labels, JSONL, CSV or Parquet, paths or globs from the
    YAML; *seed* and *replicates* of the bootstrap over items; *confidence_ppm*: of its interval (two-sided) and of the
    bounds on errors (one-sided).
    """

    version: Text
    as_of: Date
    rules: Annotated[tuple[Rules, ...], Bounds(least=1)]
    annotators: Annotated[tuple[Annotator, ...], Many]
    tasks: Annotated[tuple[Task, ...], Bounds(1, 10_000)]
    batches: Annotated[tuple[Batch, ...], Many]
    rows: Annotated[tuple[Text, ...], Bounds(least=1)]
    key_id: Text | None = None
    supervision: Annotated[tuple[Event, ...], Bounds(most=1_000_000)] = ()
    seed: Annotated[int, Bounds(0)] = 1
    replicates: Annotated[int, Bounds(100, 10_000)] = 1_000
    confidence_ppm: Annotated[int, Bounds(500_000, 999_999)] = 950_000

    def people(self) -> dict[str, dict[str, int]]:
        """How many annotators have each role, are models, were trained in each part of the law; how many events of each kind."""
        roles, law = Counter[str](), Counter[str]()
        for one in self.annotators:
            roles.update({*one.roles, *(("model",) if one.model else ())})
            law.update({part for training in one.training for part in training.law})
        events = Counter(one.event for one in self.supervision)
        events["training"] = sum(len(one.training) for one in self.annotators)
        events["examination"] = sum(len(one.examinations) for one in self.annotators)
        return {
            "roles": dict(sorted(roles.items())),
            "law": dict(sorted(law.items())[:100]),
            "events": dict(sorted(events.items())),
        }

    def events(self) -> list[dict[str, Any]]:
        """Training, examinations and supervision by day, then by what and whom: rows of `schemas.labels_told.EVENTS`."""
        found: list[dict[str, Any]] = []
        for one in self.annotators:
            found += [
                {"on": t.on, "event": "training", "annotator": one.id, "law": "; ".join(t.law)} for t in one.training
            ]
            found += [
                {"on": e.on, "event": "examination", "annotator": one.id, "passed": e.passed, "until": e.expires}
                for e in one.examinations
            ]
        found += [
            {"on": e.on, "event": e.event, "annotator": e.annotator, "batch": e.batch, "by": e.by, "passed": e.passed}
            for e in self.supervision
        ]
        return sorted(
            found, key=lambda row: tuple(str(row.get(k) or "") for k in ("on", "event", "annotator", "batch"))
        )

    def problems(self) -> Iterator[tuple[str, int, str]]:
        """(list of the YAML, place in it, what is wrong): ids twice, names of nothing, kinds that do not fit, days out of order."""
        rules = {one.id: one for one in self.rules}
        tasks = {one.id: one for one in self.tasks}
        batches, people = {one.id for one in self.batches}, {one.id for one in self.annotators}
        for key in ("rules", "annotators", "tasks", "batches"):
            seen = set[str]()
            for place, one in enumerate(getattr(self, key)):
                if one.id in seen:
                    yield key, place, f"the id {one.id} stands twice; rename or take out one"
                seen.add(one.id)
        for place, document in enumerate(self.rules):
            yield from (("rules", place, problem) for problem in _versions(document))
        for place, task in enumerate(self.tasks):
            if task.rules not in rules:
                yield "tasks", place, f"no rules {task.rules!r}; declare them under `rules`"
            elif rules[task.rules].kind != task.kind:
                yield (
                    "tasks",
                    place,
                    f"{task.kind} labelling under {rules[task.rules].kind} rules; each kind has its own",
                )
            if task.scale == ORDINAL and len(task.values) < 2:
                yield "tasks", place, "an ordinal scale needs `values`, from the least up"
            if len(set(task.values)) < len(task.values):
                yield "tasks", place, "a value stands twice in `values`; take one out"
        for place, batch in enumerate(self.batches):
            if batch.task not in tasks:
                yield "batches", place, f"no task {batch.task!r}; declare it under `tasks`"
            if (batch.state == VOIDED) != (batch.voided is not None):
                yield "batches", place, "`state: voided` and `voided` stand together; give both or neither"
            if batch.starts is not None and batch.until is not None and batch.until < batch.starts:
                yield "batches", place, f"ends on {batch.until}, before it begins on {batch.starts}; correct one"
        for place, event in enumerate(self.supervision):
            if event.annotator is None and event.batch is None:
                yield "supervision", place, "names neither annotator nor batch; name at least one"
            if event.annotator is None and event.event in (SUSPENDED, RE_EXAMINED):
                yield "supervision", place, f"a {event.event} is of an annotator; name them"
            if event.annotator is not None and event.annotator not in people:
                yield "supervision", place, f"no annotator {event.annotator}; declare them under `annotators`"
            if event.batch is not None and event.batch not in batches:
                yield "supervision", place, f"no batch {event.batch!r}; declare it under `batches`"


def _versions(rules: Rules) -> Iterator[str]:
    names = [one.version for one in rules.versions]
    yield from (
        f"the version {name!r} stands twice; rename one" for name in sorted(set(names)) if names.count(name) > 1
    )
    yield from (
        f"version {one.version!r} ends on {one.until}, before it begins on {one.starts}; correct one"
        for one in rules.versions
        if one.until is not None and one.until < one.starts
    )
    if rules.kind == FUNCTIONAL:
        yield from (
            f"version {one.version!r} has `risks`, which are those of safety rules"
            for one in rules.versions
            if one.risks
        )
