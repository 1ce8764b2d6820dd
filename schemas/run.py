"""The shape of run.yaml: who trains what on which corpora, checked how, held against which policy, written where."""

from dataclasses import dataclass, fields
from typing import Annotated, Any, Final

from schemas.canonical import digest_of
from schemas.run_lexicon import KeywordLibrary, ScorerFile
from schemas.run_scale import TokenizerFile
from schemas.source import STAGES
from schemas.territories import Territory
from schemas.words import Words
from schemas.yaml_shape import Bounds, Choice, Date, Identifier, Text, as_json

RUNNERS: Final = ("local", "flink", "spark", "dataflow", "portable")
LISTS: Final = ("authorisations", "refusals", "takedowns", "blocked_domains", "tombstones")
JOINED_LISTS: Final = LISTS[:-1]
"""Those that records are held against; a run's facts say of each whether it is named."""
MIB: Final = 1 << 20


@dataclass(frozen=True)
class Provider:
    """Who provides the service; *uscc*: the Chinese unified social credit code."""

    name: Words
    service: Words | None = None
    contact: Text | None = None
    uscc: Text | None = None
    filing_number: Text | None = None


@dataclass(frozen=True)
class BaseModel:
    """The foundation model that training starts from (Interim Measures Art. 7(1): of lawful origin)."""

    name: Text
    version: Text | None = None
    licence: Text | None = None
    filing_number: Text | None = None

    @classmethod
    def from_text(cls, text: str) -> "BaseModel":
        """``base_model: none`` and other bare names."""
        return cls(text)


@dataclass(frozen=True)
class Model:
    """What is trained; *commercial* unset counts as commercial, for unknown is never fine."""

    name: Text
    stage: Annotated[str, Choice(STAGES)]
    version: Text | None = None
    dataset_version: Text | None = None
    commercial: bool | None = None
    base_model: BaseModel | None = None


@dataclass(frozen=True)
class Answer:
    """What a person answered to a question that a policy asks."""

    answer: bool
    by: Text
    on: Date
    reason: Text | None = None


@dataclass(frozen=True)
class Keys:
    """Files that hold keys; never the keys themselves."""

    hmac: Text | None = None
    sign: Text | None = None


@dataclass(frozen=True)
class Region:
    """Where workers and stores stand: processing abroad can itself be an export (PIPL Art. 38)."""

    workers: Text | None = None
    stores: tuple[Text, ...] = ()

    @classmethod
    def from_text(cls, text: str) -> "Region":
        """One region for both."""
        return cls(text, (text,))


@dataclass(frozen=True)
class PlanSettings:
    """How the corpus is cut into units (data-path §2); smaller values are for tests."""

    range_bytes: Annotated[int, Bounds(1)] = 256 * MIB
    pack_bytes: Annotated[int, Bounds(1)] = 64 * MIB
    pack_files: Annotated[int, Bounds(1, 65_536)] = 4096


@dataclass(frozen=True)
class Dedup:
    """How near copies are judged (data-path §9); Jaccard in ppm, of the sets of 5-term shingles.

    *verify*: `exact` measures every pair that leads to a removal in the texts themselves, `near` those whose estimate lies
    within 0.1 of the threshold, `estimate` none. *profile*: `datasketch` takes the bands and rows that datasketch works
    out for the threshold (9 x 13 at 0.8) in place of 16 x 8. *max_nodes*: records with a near copy that
    one process joins into clusters, at most 36 bytes of memory each; more are joined by rounds of jobs, slower.
    *mostly_copies_ppm*: from this share of copies on two sources count as one.
    """

    threshold_ppm: Annotated[int, Bounds(500_000, 1_000_000)] = 800_000
    verify: Annotated[str, Choice(("exact", "near", "estimate"))] = "exact"
    profile: Annotated[str, Choice(("corpusledger", "datasketch"))] = "corpusledger"
    max_nodes: Annotated[int, Bounds(1)] = 500_000_000
    mostly_copies_ppm: Annotated[int, Bounds(1, 1_000_000)] = 500_000


@dataclass(frozen=True)
class EvaluationSet:
    """A set of evaluation items that must not stand in the corpus: JSONL, a line an item.

    *path*: a file of this machine; *fields*: whose strings are an item's text, dots lead inwards; unset: those of `text`,
    or else every string of the line.
    """

    path: Text
    fields: tuple[Text, ...] = ()
    format: Annotated[str, Choice(("jsonl",))] = "jsonl"

    @classmethod
    def from_text(cls, text: str) -> "EvaluationSet":
        """``gsm8k: sets/gsm8k.jsonl``."""
        return cls(text)


@dataclass(frozen=True)
class OptOutFiles:
    """What sites say against training, as the customer's crawler kept it: JSONL, Parquet, WARC or WAT of this machine.

    *then*: as it stood when the records were fetched; *now*: as it stands; each of paths or globs. *contracts*: host or
    registrable domain -> the contract that stands against what is said there.
    """

    then: tuple[Text, ...] = ()
    now: tuple[Text, ...] = ()
    contracts: tuple[tuple[Text, Text], ...] = ()


@dataclass(frozen=True)
class ListFile:
    """A list to join with the records; a file of this machine.

    *version*, *as_of* (the day it was exported) and *key_id* (of the key that its fingerprints were made with): as here or
    at the head of the file. *max_age_days*: an older list, or one of unknown age, says nothing for certain; *purposes*: of
    authorisations, those that cover this run; unset: the model's stage, and `training`.
    """

    path: Text
    version: Text | None = None
    as_of: Date | None = None
    max_age_days: Annotated[int | None, Bounds(0, 36_500)] = None
    key_id: Text | None = None
    purposes: tuple[Text, ...] = ()

    @classmethod
    def from_text(cls, text: str) -> "ListFile":
        """``refusals: lists/refusals.txt``."""
        return cls(text)


@dataclass(frozen=True)
class RestrictedDataset:
    """A dataset whose records are recognised under any label.

    *file*: its fingerprint, a file of this machine that `corpusledger source fingerprint` made; *licence*: that it has;
    unset: the one that the fingerprint tells.
    """

    file: Text
    licence: Text | None = None

    @classmethod
    def from_text(cls, text: str) -> "RestrictedDataset":
        """``alpaca: fingerprints/alpaca.fingerprint``."""
        return cls(text)


@dataclass(frozen=True)
class LabelRecord:
    """The record of labelling (Interim Measures Art. 8), `schemas.labels`: a YAML of this machine.

    *max_age_days*: an older one says nothing for certain; *items_in_meta*: the mapped `meta` of a record is the id of the
    item that it is.
    """

    file: Text
    max_age_days: Annotated[int | None, Bounds(0, 36_500)] = None
    items_in_meta: bool = False

    @classmethod
    def from_text(cls, text: str) -> "LabelRecord":
        """``labels: labels/labels.yaml``."""
        return cls(text)


@dataclass(frozen=True)
class Runner:
    """Where the graph runs. No result follows from it, so it is no part of the run's digest."""

    name: Annotated[str, Choice(RUNNERS)] = "local"
    workers: Annotated[int, Bounds(1, 100_000)] = 1
    options: tuple[tuple[str, Text], ...] = ()  # passed to the runner as --key=value

    @classmethod
    def from_text(cls, text: str) -> "Runner":
        """``runner: flink``."""
        return cls(text)


@dataclass(frozen=True)
class RunConfig:
    """run.yaml as written: relative paths stay relative to its folder (`pipelines.config.Loaded.resolve`).

    *sources*: globs of registry YAMLs; *ledger*: a folder or URI; *policies*: names of built-in packs, or paths;
    *as_of*: the day that reviews are held against, unset: the day of the run; *compare_with*: earlier runs; *territory*: where
    the model is to be used or offered, which the territory of contracts is held against; unset: not declared; *drop_under*:
    quality profiles, by name or path, of which a record of their language must keep every rule; unset: none drops anything.
    The settings of checks (`checks:` in YAML) are bound to the checks themselves, see `pipelines.config`.
    """

    provider: Provider
    model: Model
    corpus: Annotated[tuple[Text, ...], Bounds(least=1)]
    sources: Annotated[tuple[Text, ...], Bounds(least=1)]
    ledger: Text
    policies: Annotated[tuple[Text, ...], Bounds(least=1)] = ("cn-genai",)
    as_of: Date | None = None
    answers: tuple[tuple[Identifier, Answer], ...] = ()
    keys: Keys = Keys()
    lists: tuple[tuple[Annotated[str, Choice(LISTS)], ListFile], ...] = ()
    region: Region = Region()
    compare_with: tuple[Text, ...] = ()
    identity: Annotated[str, Choice(("token", "bytes"))] = "token"
    plan: PlanSettings = PlanSettings()
    dedup: Dedup = Dedup()
    evaluation_sets: tuple[tuple[Identifier, EvaluationSet], ...] = ()
    optouts: OptOutFiles = OptOutFiles()
    restricted: tuple[tuple[Identifier, RestrictedDataset], ...] = ()
    labels: LabelRecord | None = None
    keywords: KeywordLibrary | None = None
    scorer: ScorerFile | None = None
    tokenizer: TokenizerFile | None = None
    drop_under: tuple[Text, ...] = ()
    territory: tuple[Territory, ...] = ()
    runner: Runner = Runner()

    def as_json(self) -> dict[str, Any]:
        """What was set, as the manifest prints it; key files are names, never contents."""
        found: dict[str, Any] = as_json(self)
        return found

    def digest(self) -> str:
        """sha256 over everything written here that a result may follow from: not the runner, not the ledger's place."""
        kept = (f.name for f in fields(self) if f.name not in ("runner", "ledger", "scorer"))
        return digest_of({name: as_json(getattr(self, name)) for name in kept})

    def facts(self) -> dict[str, str]:
        """What rules may ask of a run: ``model.stage``, ``answer.<question>`` and so on; only what is set."""
        model, base = self.model, self.model.base_model
        found: dict[str, str | None] = {
            "model.stage": model.stage,
            "model.commercial": None if model.commercial is None else ("yes" if model.commercial else "no"),
            "model.base_model": base.name if base else None,
            "model.base_model_licence": base.licence if base else None,
            "model.base_model_filing": base.filing_number if base else None,
            "provider.filing_number": self.provider.filing_number,
            "region.workers": self.region.workers,
            "keys.hmac": self.keys.hmac,
            "keys.sign": self.keys.sign,
        }
        found |= {f"answer.{question}": "yes" if given.answer else "no" for question, given in self.answers}
        named = {kind for kind, _ in self.lists}
        for side in ("then", "now"):
            found[f"optouts.{side}"] = "yes" if getattr(self.optouts, side) else "no"
        found["restricted.named"] = "yes" if self.restricted else "no"
        found["labels.given"] = "no" if self.labels is None else "yes"
        found["keywords.given"] = "no" if self.keywords is None else "yes"
        found |= {f"list.{kind}": "yes" if kind in named else "no" for kind in JOINED_LISTS}
        return {key: value for key, value in found.items() if value is not None}


RUN_FACTS: Final = (
    "model.stage", "model.commercial", "model.base_model", "model.base_model_licence", "model.base_model_filing",
    "provider.filing_number", "region.workers", "keys.hmac", "keys.sign",
    "optouts.then", "optouts.now", "restricted.named", "labels.given", "keywords.given",
    "list.authorisations", "list.refusals", "list.takedowns", "list.blocked_domains",
)  # fmt: skip
"""The names `RunConfig.facts` may give, beside ``answer.<question>``."""
