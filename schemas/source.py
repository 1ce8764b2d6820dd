"""A declared data source: who it comes from, under which terms, and how its files are read."""

import re
from dataclasses import dataclass, fields
from typing import Annotated, Any, Final

from schemas.content_kinds import CONTENT_KINDS
from schemas.record import MAPPED
from schemas.source_lists import (
    CATEGORIES,
    CLASSES,
    CONFIDENTIALITY,
    FORMATS,
    GRADES,
    LABELLING_METHODS,
    LAYOUTS,
    ORIGINS,
    PERSONAL_BASES,
    REVIEW_DECISIONS,
    STAGES,
)
from schemas.source_papers import (
    IN_FORCE,
    Acquisition,
    Authorisation,
    Classification,
    Contract,
    Document,
    Documents,
    Generator,
    ModelUsed,
    Origin,
    Ownership,
    PublicData,
    Review,
    standing,
)
from schemas.source_proofs import missing_proofs
from schemas.yaml_shape import Bounds, Choice, Date, Identifier, Named, Text, bare_key

__all__ = [
    "CATEGORIES", "CLASSES", "CONFIDENTIALITY", "FACTS", "FORMATS", "GRADES", "LABELLING_METHODS", "LAYOUTS", "ORIGINS",
    "PERSONAL_BASES", "REVIEW_DECISIONS", "RUN", "SCHEMES", "STAGES", "UNREGISTERED", "URI", "Review", "Source",
    "path_problems",
]  # fmt: skip

UNREGISTERED: Final = "unregistered"
"""The source of every file under the corpus roots that no source claims; a finding, and reserved as an id."""
RUN: Final = "run"
"""The scope of a measure over the whole run, beside the source ids; reserved as an id."""
SCHEMES: Final = ("s3", "gs", "hdfs", "file")
URI: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


@dataclass(frozen=True)
class Source:
    """One YAML of the registry. Unset means not declared, which is never the same as fine.

    *paths*: globs, folders or files, relative to the run file, or URIs; *licence*: SPDX expression or `LicenseRef-…`.
    `class`, `category` and *public_data* are three declarations, none worked out from another; *link_list*: the files are
    addresses, and what they point to counts as self-collected. *legal_basis*: e.g. `outside copyright: PRC Copyright Law
    Art. 5`; *personal_basis*: PIPL Art. 13; *sensitive_basis*: the separate consent of PIPL Art. 29 or the other
    circumstance relied on; *base_models*: models that stand behind the data without having written it.
    """

    id: Identifier
    paths: Annotated[tuple[Text, ...], Bounds(least=1)]
    name: Text | None = None
    source_class: Annotated[str | None, Choice(CLASSES), Named("class")] = None  # Chinese practice
    category: Annotated[str | None, Choice(CATEGORIES)] = None  # EU Art. 53(1)(d)
    public_data: PublicData | None = None
    stage: Annotated[str | None, Choice(STAGES)] = None
    language: Text | None = None
    content_kind: Annotated[str | None, Choice(CONTENT_KINDS)] = None  # of all of it; else it is told record by record
    licence: Text | None = None
    licence_evidence: Document | None = None
    legal_basis: Text | None = None
    labelling_rules: Document | None = None
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
    origin: Origin | None = None
    contract: Contract | None = None
    personal_basis: Annotated[str | None, Choice(PERSONAL_BASES)] = None
    personal_basis_evidence: Document | None = None
    sensitive_basis: Text | None = None
    labelling_method: Annotated[str | None, Choice(LABELLING_METHODS)] = None
    generator: Generator | None = None  # of synthetic text
    confidentiality: Annotated[str | None, Choice(CONFIDENTIALITY)] = None
    note: Text | None = None
    link_list: bool | None = None
    licence_files: Documents = ()
    acquisition: Acquisition | None = None
    authorisation: Authorisation | None = None
    ownership: Ownership | None = None
    classification: Classification | None = None
    base_models: tuple[ModelUsed, ...] = ()
    reviews: tuple[Review, ...] = ()

    def all_reviews(self) -> tuple[Review, ...]:
        """`review` and `reviews` as one list, as they are written."""
        return (*((self.review,) if self.review else ()), *self.reviews)

    def standing(self, as_of: str, uses: tuple[str, ...] = ()) -> str | None:
        """What the reviews say on the day *as_of* (ISO date) of all of *uses*; see `schemas.source_papers.standing`."""
        return standing(self.all_reviews(), as_of, uses)

    def registry_values(self) -> dict[str, str]:
        """What checks may declare that they read (schemas.record.REGISTRY_READS); only what is set."""
        values: dict[str, Any] = {
            "source.registered": "no" if self.id == UNREGISTERED else "yes",
            "source.licence": self.licence,
            "source.class": self.source_class,
            "source.category": self.category,
            "source.stage": self.stage,
            "source.language": self.language,
            "source.content_kind": self.content_kind,
            "source.generator": self.generator.named() if self.generator else None,
            "source.generator_licence": self.generator.licence if self.generator else None,
            "source.review": self.standing(""),  # the decision alone: no day comes before it
        }
        return {k: v for k, v in values.items() if v is not None}

    def facts(self, as_of: str, uses: tuple[str, ...] = ()) -> dict[str, str]:
        """What rules may ask of a source on the day *as_of*: what is declared, by its YAML key; of a shape, its bare key.

        ``review``: what the reviews say of *uses*; ``contract``: one in force; ``proofs``: complete or incomplete, and
        ``proofs.missing`` the codes of `schemas.source_proofs`, with a comma between.
        """
        found = {"registered": "no" if self.id == UNREGISTERED else "yes"}
        review = self.standing(as_of, uses)
        if review is not None:
            found["review"] = review
        for field in FACT_FIELDS:
            fact = _fact(getattr(self, field))
            if fact is not None:
                found[_KEYS.get(field, field)] = fact
        if self.licence_files:
            found.setdefault("licence_evidence", self.licence_files[0].file)
        if self.contract is not None:
            found["contract.state"] = self.contract.state(as_of)
            if found["contract.state"] == IN_FORCE:
                found["contract"] = self.contract.named()
        missing = missing_proofs(self, as_of)
        found["proofs"] = "incomplete" if missing else "complete"
        if missing:
            found["proofs.missing"] = ",".join(proof.code for proof in missing)
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
        found += self._paper_problems()
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

    def _paper_problems(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for key, review in [("review", self.review), *(("reviews", one) for one in self.reviews)]:
            if review is not None and review.expires and review.expires < review.on:
                found.append((key, f"expires {review.expires}, before the day of the review {review.on}; correct one"))
        contract, grade = self.contract, self.classification
        if contract is not None:
            if contract.starts and contract.until and contract.until < contract.starts:
                found.append(
                    ("contract", f"until {contract.until} lies before from {contract.starts}; exchange the two")
                )
            if contract.file is None and contract.id is None:
                found.append(("contract", "names neither a file nor an id; give one, so that it can be found"))
        if grade is not None and grade.grade != "undetermined" and (grade.by is None or grade.on is None):
            found.append(
                ("classification", f"{grade.grade!r} is somebody's decision; give `by` and `on`, or write undetermined")
            )
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


def _fact(value: Any) -> str | None:
    """The text that a rule sees of a field; None where there is none to see."""
    bare = bare_key(value)
    if bare is not None:
        value = getattr(value, bare)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else None


_KEYS: Final = {"source_class": "class"}
_NO_FACTS: Final = (
    "id", "paths", "review", "format", "layout", "record", "columns", "identity", "contract", "licence_files",
    "acquisition", "authorisation", "base_models", "reviews",
)  # fmt: skip
FACT_FIELDS: Final = tuple(f.name for f in fields(Source) if f.name not in _NO_FACTS)
FACTS: Final = (
    "registered", "review", "contract", "contract.state", "proofs", "proofs.missing", "assessment",
    *(_KEYS.get(name, name) for name in FACT_FIELDS),
)  # fmt: skip
"""Every name that `Source.facts` may give, and ``assessment``, which the gate takes from the log: of `schemas.assessment.STANDINGS`."""
