"""A declared data source: who it comes from, under which terms, and how its files are read."""

import re
from dataclasses import dataclass, fields
from typing import Annotated, Any, Final

from schemas.record import MAPPED
from schemas.yaml_shape import Bounds, Choice, Date, Identifier, Named, Text

CLASSES: Final = ("open-source", "self-collected", "commercial", "user-input", "own-production", "synthetic")
CATEGORIES: Final = (
    "public-dataset", "licensed", "third-party-private", "web-crawl", "user-interaction", "user-service", "synthetic",
    "own-labelled", "other",
)  # fmt: skip  # EU AI Act Art. 53(1)(d) template
STAGES: Final = ("pre-training", "fine-tuning")
FORMATS: Final = ("auto", "jsonl", "csv", "parquet", "arrow", "warc", "wet", "text", "markdown", "code")
LAYOUTS: Final = ("plain", "alpaca", "sharegpt", "openai-chat", "preference")
REVIEW_DECISIONS: Final = ("approved", "rejected", "pending")
UNREGISTERED: Final = "unregistered"
"""The source of every file under the corpus roots that no source claims; a finding, and reserved as an id."""
RUN: Final = "run"
"""The scope of a measure over the whole run, beside the source ids; reserved as an id."""
PERSONAL_BASES: Final = (
    "consent", "contract", "legal-duty", "emergency", "news-supervision", "lawfully-published", "other-law",
)  # fmt: skip  # PIPL Art. 13(1)-(7), in its order
LABELLING_METHODS: Final = ("human", "model", "hybrid", "none")
ORIGINS: Final = ("domestic", "foreign", "mixed")
CONFIDENTIALITY: Final = ("clear", "green", "amber", "red")
SCHEMES: Final = ("s3", "gs", "hdfs", "file")
URI: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


@dataclass(frozen=True)
class Review:
    """A person's decision on a source; *expires* is a date after which the decision no longer counts."""

    decision: Annotated[str, Choice(REVIEW_DECISIONS)]
    by: Text
    on: Date
    expires: Date | None = None

    def state(self, as_of: str) -> str:
        """The decision on the day *as_of* (ISO date): approved, rejected, pending, or expired."""
        return "expired" if self.expires is not None and self.expires < as_of else self.decision


@dataclass(frozen=True)
class Source:
    """One YAML of the registry. Unset means not declared, which is never the same as fine.

    *paths*: globs, folders or files, relative to the run file, or URIs; *licence*: SPDX expression or `LicenseRef-…`;
    *public_data*: under which terms an authority opened it; *legal_basis*: e.g. `outside copyright: PRC Copyright Law Art. 5`;
    *licence_evidence*, *labelling_rules*, *contract*, *personal_basis_evidence*: a URL, ``sha256:…`` or a file beside the YAML;
    *personal_basis*: PIPL Art. 13; *sensitive_basis*: the separate consent of PIPL Art. 29 or the other circumstance relied on.
    """

    id: Identifier
    paths: Annotated[tuple[Text, ...], Bounds(least=1)]
    name: Text | None = None
    source_class: Annotated[str | None, Choice(CLASSES), Named("class")] = None  # Chinese practice
    category: Annotated[str | None, Choice(CATEGORIES)] = None  # EU Art. 53(1)(d)
    public_data: Text | None = None
    stage: Annotated[str | None, Choice(STAGES)] = None
    language: Text | None = None
    licence: Text | None = None
    licence_evidence: Text | None = None
    legal_basis: Text | None = None
    labelling_rules: Text | None = None
    collected_from: Date | None = None
    collected_until: Date | None = None
    collected_with: Text | None = None  # tool and version
    review: Review | None = None
    format: Annotated[str, Choice(FORMATS)] = "auto"
    layout: Annotated[str, Choice(LAYOUTS)] = "plain"
    record: Annotated[str, Choice(("file", "line"))] = "file"
    columns: tuple[tuple[Annotated[str, Choice(MAPPED)], Text], ...] = ()
    identity: Annotated[str, Choice(("token", "bytes"))] = "token"  # bytes: read even what a change token knows
    owner: Text | None = None
    origin: Annotated[str | None, Choice(ORIGINS)] = None
    contract: Text | None = None
    personal_basis: Annotated[str | None, Choice(PERSONAL_BASES)] = None
    personal_basis_evidence: Text | None = None
    sensitive_basis: Text | None = None
    labelling_method: Annotated[str | None, Choice(LABELLING_METHODS)] = None
    generator: Text | None = None  # of synthetic text: model and version
    confidentiality: Annotated[str | None, Choice(CONFIDENTIALITY)] = None
    note: Text | None = None

    def registry_values(self) -> dict[str, str]:
        """What checks may declare that they read (schemas.record.REGISTRY_READS); only what is set."""
        values: dict[str, Any] = {
            "source.registered": "no" if self.id == UNREGISTERED else "yes",
            "source.licence": self.licence,
            "source.class": self.source_class,
            "source.category": self.category,
            "source.stage": self.stage,
            "source.language": self.language,
            "source.review": self.review.decision if self.review else None,
        }
        return {k: v for k, v in values.items() if v is not None}

    def facts(self, as_of: str) -> dict[str, str]:
        """What rules may ask of a source on the day *as_of*: every declared text by its YAML key, ``registered``, ``review``."""
        found = {"registered": "no" if self.id == UNREGISTERED else "yes"}
        if self.review is not None:
            found["review"] = self.review.state(as_of)
        for field in FACT_FIELDS:
            value = getattr(self, field)
            if value is not None:
                found[_KEYS.get(field, field)] = value
        return found

    def problems(self) -> list[tuple[str, str]]:
        """(YAML key, what is wrong) for what one field's type cannot say; in the order of the fields."""
        found: list[tuple[str, str]] = []
        if self.id in (UNREGISTERED, RUN):
            found.append(("id", f"the id {self.id!r} is reserved; choose another"))
        found += [("paths", problem) for path in self.paths for problem in path_problems(path)]
        if self.collected_from and self.collected_until and self.collected_from > self.collected_until:
            found.append(
                ("collected_until", f"lies before collected_from {self.collected_from}; exchange the two dates")
            )
        if self.review and self.review.expires and self.review.expires < self.review.on:
            found.append(
                ("review", f"expires {self.review.expires}, before the day of the review {self.review.on}; correct one")
            )
        if self.record == "line" and self.format not in ("auto", "text", "markdown", "code"):
            found.append(("record", f"'line' is for text, markdown and code, not for {self.format!r}; leave it out"))
        if self.layout != "plain" and self.format in ("warc", "wet", "text", "markdown", "code"):
            found.append(
                (
                    "layout",
                    f"{self.layout!r} is for jsonl, csv, parquet and arrow, not for {self.format!r}; leave it out",
                )
            )
        if self.columns and self.format in ("warc", "wet", "text", "markdown", "code"):
            found.append(("columns", f"{self.format!r} has no columns to map; leave it out"))
        return found


def path_problems(path: str) -> list[str]:
    """What is wrong with a path or URI as written; a password in a URI is never repeated."""
    scheme = URI.match(path)
    if scheme is None:
        return ["a path holds a NUL byte; remove it"] if "\0" in path else []
    if scheme[1].lower() not in SCHEMES:
        return [
            f"{scheme[1]!r} is no store that is read here; use a local path, {', '.join(s + '://' for s in SCHEMES)}"
        ]
    if "@" in path[scheme.end() :].split("/", 1)[0]:
        return [f"a {scheme[1]} URI holds a user name or password; leave it to the store's own credentials"]
    return []


_KEYS: Final = {"source_class": "class"}
FACT_FIELDS: Final = tuple(
    f.name
    for f in fields(Source)
    if f.name not in ("id", "paths", "review", "format", "layout", "record", "columns", "identity")
)
FACTS: Final = ("registered", "review", *(_KEYS.get(name, name) for name in FACT_FIELDS))
"""Every name that `Source.facts` may give."""
EVIDENCE: Final = ("licence_evidence", "labelling_rules", "contract", "personal_basis_evidence")
"""Fields that name a document: a URL, ``sha256:<hex>``, or a file beside the YAML."""
