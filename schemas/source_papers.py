"""What a source's YAML says of its papers and of who stands for them: documents, contract, records, reviews, attestations.

A shape with ``bare`` may be written as one text, which is then that key: ``contract: evidence/contract.pdf``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

from schemas.source_lists import GRADES, ORIGINS, REVIEW_DECISIONS
from schemas.territories import Territory
from schemas.uses import USES
from schemas.yaml_shape import Bounds, Choice, Date, Form, Named, Text

DIGEST: Final = Form("a sha256 of 64 hexadecimal digits", r"[0-9a-f]{64}")
IN_FORCE: Final = "in-force"
EXPIRED: Final = "expired"
NOT_YET: Final = "not-yet-in-force"

Digest = Annotated[str, DIGEST]
Use = Annotated[str, Choice(USES)]


@dataclass(frozen=True)
class Document:
    """A paper: a URL, ``sha256:<hex>``, or a file beside the YAML, whose digest is worked out when the YAML is read."""

    bare: ClassVar[str] = "file"

    file: Text
    sha256: Digest | None = None
    note: Text | None = None


Documents = Annotated[tuple[Document, ...], Bounds(most=1_000)]


@dataclass(frozen=True)
class Contract:
    """The contract of a source, or the permission relied on; on the days *starts* and *until* it is in force.

    *uses* and *territory* empty: the YAML does not say, which is not "all"; *territory_note*: the contract's own words on
    where it holds; *warranty*: what the supplier undertakes and proves of origin, quality and safety.
    """

    bare: ClassVar[str] = "file"

    file: Text | None = None
    sha256: Digest | None = None
    id: Text | None = None
    party: Text | None = None
    uses: tuple[Use, ...] = ()
    territory: tuple[Territory, ...] = ()
    territory_note: Text | None = None
    starts: Annotated[Date | None, Named("from")] = None
    until: Date | None = None
    warranty: Document | None = None

    def state(self, as_of: str) -> str:
        """`IN_FORCE`, `EXPIRED` or `NOT_YET` on the day *as_of* (ISO date); without dates it counts as in force."""
        if self.until is not None and self.until < as_of:
            return EXPIRED
        return NOT_YET if self.starts is not None and self.starts > as_of else IN_FORCE

    def named(self) -> str:
        """What a rule's fact shows of it."""
        return self.file or self.id or "declared"


@dataclass(frozen=True)
class Acquisition:
    """How the files were had, beside `collected_from`, `collected_until`, `collected_with`.

    *by*: who collected; *tools*: further tools with versions; *robots_policy*: what the collector kept to, e.g.
    ``rfc9309 + aipref``; *records*: logs, stored robots.txt and the like, each with its digest.
    """

    by: Text | None = None
    purpose: Text | None = None
    tools: tuple[Text, ...] = ()
    user_agent: Text | None = None
    robots_policy: Text | None = None
    records: Documents = ()


@dataclass(frozen=True)
class Authorisation:
    """What users agreed to (Interim Measures Art. 11): the agreement, its version and purpose, and the records of consent.

    *records*: export of the authorisations, by digest; *opt_out*: how a user refuses; *retain_until*: the last day on which
    the inputs may be kept.
    """

    agreement: Document | None = None
    version: Text | None = None
    purpose: Text | None = None
    records: Documents = ()
    opt_out: Text | None = None
    retain_until: Date | None = None


@dataclass(frozen=True)
class Ownership:
    """The declaration that the provider made the data, or owns it: the paper, and who signs for it."""

    bare: ClassVar[str] = "file"

    file: Text
    sha256: Digest | None = None
    by: Text | None = None
    on: Date | None = None


@dataclass(frozen=True)
class Generator:
    """The model that made synthetic text. *licence*: id of the terms its output is under; *terms*: the paper itself."""

    bare: ClassVar[str] = "model"

    model: Text
    version: Text | None = None
    at: Text | None = None
    licence: Text | None = None
    terms: Document | None = None
    filing_number: Text | None = None

    def named(self) -> str:
        """Model and version as one text."""
        return f"{self.model} {self.version}" if self.version else self.model


@dataclass(frozen=True)
class ModelUsed:
    """A base model that stands behind a source: it labelled, translated, ranked or filtered it."""

    bare: ClassVar[str] = "name"

    name: Text
    version: Text | None = None
    licence: Text | None = None
    filing_number: Text | None = None
    role: Text | None = None


@dataclass(frozen=True)
class PublicData:
    """Data that an authority opened: under which *terms*, by which *authority*, shown by which paper."""

    bare: ClassVar[str] = "terms"

    terms: Text
    authority: Text | None = None
    opened: Date | None = None
    evidence: Document | None = None


@dataclass(frozen=True)
class Origin:
    """Domestic or foreign, as a person attests it; never inferred from a language or a domain."""

    bare: ClassVar[str] = "value"

    value: Annotated[str, Choice(ORIGINS)]
    by: Text | None = None
    on: Date | None = None
    reason: Text | None = None


@dataclass(frozen=True)
class Classification:
    """The grade of the data (general, important, core, undetermined) and its kind, who decided it, and when."""

    bare: ClassVar[str] = "grade"

    grade: Annotated[str, Choice(GRADES)]
    kind: Text | None = None
    by: Text | None = None
    on: Date | None = None


@dataclass(frozen=True)
class Review:
    """A person's decision on a source; *expires* is a date after which it no longer counts; *uses* empty: for every use."""

    decision: Annotated[str, Choice(REVIEW_DECISIONS)]
    by: Text
    on: Date
    expires: Date | None = None
    uses: tuple[Use, ...] = ()
    note: Text | None = None

    def state(self, as_of: str) -> str:
        """The decision on the day *as_of* (ISO date): approved, rejected, pending, or expired."""
        return "expired" if self.expires is not None and self.expires < as_of else self.decision


def latest(reviews: Sequence[Review], use: str | None = None) -> Review | None:
    """The review that decides: the newest that is for *use* (None: for every use); of one day the last that is written."""
    fitting = [review for review in reviews if not review.uses or use in review.uses]
    return max(enumerate(fitting), key=lambda pair: (pair[1].on, pair[0]))[1] if fitting else None


def standing(reviews: Sequence[Review], as_of: str, uses: Sequence[str] = ()) -> str | None:
    """What *reviews* say on the day *as_of* (ISO date) of all of *uses*: the worst of them; None where one was not reviewed.

    A review that is limited to some uses says nothing of others; without *uses*, all that any review names count.
    """
    named: Sequence[str | None] = uses or [use for review in reviews for use in review.uses] or [None]
    decisive = [latest(reviews, use) for use in named]
    return min((None if one is None else one.state(as_of) for one in decisive), key=_WORST_FIRST.index)


def reviews_in(declared: Mapping[str, Any]) -> tuple[Review, ...]:
    """`review` and `reviews` of a source as a manifest holds it."""
    listed = [*([declared["review"]] if declared.get("review") else ()), *(declared.get("reviews") or ())]
    return tuple(
        Review(
            str(one.get("decision", "pending")), str(one.get("by", "")), str(one.get("on", "")), one.get("expires"),
            tuple(one.get("uses") or ()),
        )
        for one in listed
    )  # fmt: skip


_WORST_FIRST: Final = ("rejected", "expired", None, "pending", "approved")
