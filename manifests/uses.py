"""What a run's mixture may be used for: the minimum over its sources and records, the duties, and what would have to go.

A screen by the table of permitted uses, no legal conclusion. Pure but for reading the rollup of record licences.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from manifests.parquet import read_parquet
from manifests.store import Store, object_path
from manifests.tables import read_files
from schemas.ledger import LICENCES, ROLLUP_LICENCES
from schemas.licences import Table
from schemas.manifest import Manifest
from schemas.source_papers import IN_FORCE, Contract, reviews_in, standing
from schemas.territories import covered
from schemas.uses import VALUES, Row, all_of, chosen, duties_of

Resolve = Callable[[str | None], Row]
"""A licence expression to its row; `checks.licence.uses.resolve` or one with a customer's rows."""
Density = Mapping[str, tuple[int, int]]
"""Source -> its tokens, and the bytes of its text."""
Counted = tuple[str, str, int, int]
"""One row of the rollup: licence, source, records, UTF-8 bytes of their text."""

ACCEPTED: Final = ("allow", "conditional")
"""Answers that permit a use, the second with its duties."""
LICENCE, CONTRACT, REVIEW, LEGAL_BASIS, NOT_LOOKED_AT = "licence", "contract", "review", "legal-basis", "not-looked-at"
TERRITORY: Final = "contract-territory"
BASES: Final = (LICENCE, CONTRACT, TERRITORY, REVIEW, LEGAL_BASIS, NOT_LOOKED_AT)
"""What an answer rests on: a licence, a contract in force for the use (of the second it is unknown whether it holds where the
run's model is used), a person's rejection, a declared legal basis, nothing."""
ATTRIBUTION: Final = "attribution"
"""The axis that says whether somebody is to be named."""
_OUTSIDE_COPYRIGHT: Final = "outside copyright"
_RANK: Final = {value: i for i, value in enumerate(VALUES)}


@dataclass(frozen=True, slots=True)
class Part:
    """The records of one source under one licence.

    *licence*: as found, None where nothing is known; *chosen*: the one of its alternatives that the answer is of; *basis* of
    `BASES`; *answer* of `VALUES`; *duties*: keys of the table; *bytes* None: not counted; *remove*: it bars the use.
    """

    source: str
    licence: str | None
    chosen: str | None
    basis: str
    answer: str
    duties: tuple[str, ...]
    records: int
    bytes: int | None
    remove: bool


@dataclass(frozen=True, slots=True)
class Removal:
    """The smallest set of parts without which the use is permitted. *sources*: those that would go whole.

    The minimum over parts is no better than its worst part, and no part's answer hangs on another: so it is exactly the
    parts that bar the use, and no smaller set does. *bytes* None: not counted. *tokens*: of the customer's tokenizer, each
    source's tokens a byte times the bytes that go of it; None: not provided.
    """

    parts: int
    sources: tuple[str, ...]
    records: int
    bytes: int | None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """A line of the attribution list; *terms*: where the licence stands; *owner*, *name* None: not declared."""

    source: str
    name: str | None
    owner: str | None
    licence: str
    terms: str
    duties: tuple[str, ...]
    records: int


@dataclass(frozen=True, slots=True)
class Screened:
    """What a mixture comes to for *use*. *answer*: the least of its parts' answers, None where it has no part.

    *counted*: were record licences counted, or only what sources declare? *without*: the answer once the removal is made;
    *duties* and *credits*: of what then remains; *territory*: what contracts were held against, () where the run declares none.
    """

    use: str
    answer: str | None
    without: str | None
    counted: bool
    duties: tuple[str, ...]
    parts: tuple[Part, ...]
    removal: Removal
    credits: tuple[Credit, ...]
    records: int
    table: str
    table_sha256: str
    table_reviewed: bool
    territory: tuple[str, ...] = ()


def licences_of(store: Store, manifest: Manifest) -> tuple[Counted, ...] | None:
    """Records by licence and source; None where the run did not count them (an earlier version, or without the check)."""
    listed = read_files(store, manifest).to_pylist()
    found = [row["digest"] for row in listed if row["name"] == LICENCES]
    if not found:
        return None
    rows = read_parquet(store.get_object(found[0]), store.place(object_path(found[0])), ROLLUP_LICENCES).to_pylist()
    return tuple((row["licence"], row["source"], row["records"], row["bytes"]) for row in rows)


def screened(
    manifest: Manifest, counted: Sequence[Counted] | None, use: str, table: Table, resolve: Resolve,
    accepted: Sequence[str] = ACCEPTED, density: Density | None = None,
) -> Screened:  # fmt: skip
    """Screen the mixture of a run for *use* (`schemas.uses.USES`); *accepted*: answers that count as permitted; *density*:
    tokens and text bytes of each source, where the run counted tokens.

    A part's licence is the least of what its source declares, what its records show and the terms of the model that wrote
    it. Where that bars *use*, a contract in force whose uses name it stands in for the first two, never for a generator's
    terms: where its territory covers that of the run; where one of the two is not declared, the answer is unknown. A rejected review denies. A basis outside copyright makes what is unknown conditional. Records that the licence
    check was not shown are a part of their own, and unknown.
    """
    said = {entry.id: entry.declared for entry in manifest.registry.sources}
    day = str(manifest.settings.get("as_of") or manifest.started[:10])
    places = tuple(str(one) for one in manifest.settings.get("territory") or ())
    judge = _Judge(use, day, resolve, places)
    lines = [judge.part(said.get(piece[0], {}), piece, accepted) for piece in _pieces(manifest, counted, said)]
    parts = [part for _, part in lines]
    kept = [(row, part) for row, part in lines if not part.remove]
    gone = [part for part in parts if part.remove]
    return Screened(
        use, _least(parts), _least([part for _, part in kept]), counted is not None,
        tuple(sorted({duty for _, part in kept for duty in part.duties})),
        tuple(sorted(parts, key=lambda p: (_RANK[p.answer], -p.records, p.source, p.licence or ""))),
        _removal(gone, parts, density or {}), _credits(kept, said), sum(part.records for part in parts),
        table.version, table.digest, table.reviewed, places,
    )  # fmt: skip


_Piece = tuple[str, str | None, int, int | None]


def _pieces(
    manifest: Manifest, counted: Sequence[Counted] | None, said: Mapping[str, Mapping[str, Any]]
) -> Iterator[_Piece]:
    """(source, licence of records, records, bytes): `NOT_LOOKED_AT` as licence where the check was shown nothing."""
    shown: dict[str, int] = {}
    for licence, source, records, size in counted or ():
        shown[source] = shown.get(source, 0) + records
        yield source, licence, records, size
    for seen in manifest.counts.sources:
        looked, known = seen.records.looked_at, shown.get(seen.source, 0)
        if counted is None:
            yield seen.source, said.get(seen.source, {}).get("licence"), looked, seen.records.text_bytes
        elif looked > known:
            yield seen.source, NOT_LOOKED_AT, looked - known, None


class _Judge:
    """Answers parts for one use on one day; what licences come to together is worked out once."""

    def __init__(self, use: str, day: str, resolve: Resolve, places: Sequence[str] = ()) -> None:
        self.use, self.day, self.resolve, self.places = use, day, resolve, places
        self._rows: dict[tuple[str | None, ...], tuple[Row, Row]] = {}

    def part(self, said: Mapping[str, Any], piece: _Piece, accepted: Sequence[str]) -> tuple[Row, Part]:
        """The alternative that was chosen, and the part it makes."""
        source, licence, records, size = piece
        unseen = licence == NOT_LOOKED_AT
        found, declared = None if unseen else licence, said.get("licence")
        generator = _generator(said)
        bound = [found, *([str(declared)] if declared and declared != licence else ()), *generator]
        row, best = self.least(*bound)
        answer, duties, basis = (
            best.answers[self.use].value,
            duties_of(best, self.use),
            NOT_LOOKED_AT if unseen else LICENCE,
        )
        reviews = reviews_in(said)
        if reviews and standing(reviews, self.day, (self.use,)) == "rejected":
            answer, duties, basis = "deny", (), REVIEW
        elif _RANK[answer] < _RANK["conditional"] and (holds := self.contract_holds(said)) is not False:
            answer, duties, basis = self.by_contract(generator)
            if holds is None and _RANK[answer] > _RANK["unknown"]:
                answer, duties, basis = "unknown", (), TERRITORY
        elif answer == "unknown" and str(said.get("legal_basis") or "").casefold().startswith(_OUTSIDE_COPYRIGHT):
            answer, duties, basis = "conditional", ("outside-copyright",), LEGAL_BASIS
        shown = None if unseen or row.id == "" else row.id
        chosen_id = best.id if row.choices else None
        return best, Part(source, shown, chosen_id, basis, answer, duties, records, size, answer not in accepted)

    def least(self, *licences: str | None) -> tuple[Row, Row]:
        """What binds together, and the alternative of it that permits most of the use."""
        known = self._rows.get(licences)
        if known is None:
            row = all_of([self.resolve(licence) for licence in licences])
            known = self._rows[licences] = (row, chosen(row, self.use))
        return known

    def contract_holds(self, said: Mapping[str, Any]) -> bool | None:
        """Is a contract in force for the use, where the run's model is used? None: not known of its territory.

        One that names no use covers none.
        """
        told = said.get("contract")
        if not isinstance(told, Mapping) or self.use not in (told.get("uses") or ()):
            return False
        if Contract(starts=told.get("from"), until=told.get("until")).state(self.day) != IN_FORCE:
            return False
        return covered(told.get("territory") or (), self.places)

    def by_contract(self, generator: Sequence[str]) -> tuple[str, tuple[str, ...], str]:
        """(answer, duties, basis) under a contract that covers the use: the terms of a generator still bind."""
        if not generator:
            return "conditional", ("contract-scope",), CONTRACT
        _, terms = self.least(*generator)
        answer = terms.answers[self.use].value
        if _RANK[answer] < _RANK["conditional"]:
            return answer, duties_of(terms, self.use), LICENCE
        return "conditional", tuple(sorted({"contract-scope", *duties_of(terms, self.use)})), CONTRACT


def _generator(said: Mapping[str, Any]) -> tuple[str, ...]:
    """The terms of the model that wrote the text; unknown where a model did and its terms are not declared."""
    told = said.get("generator")
    if not told and said.get("class") != "synthetic":
        return ()
    terms = told.get("licence") if isinstance(told, Mapping) else None
    return (str(terms or "LicenseRef-unknown"),)


def _least(parts: Sequence[Part]) -> str | None:
    return min((part.answer for part in parts), key=_RANK.__getitem__, default=None)


def _removal(gone: Sequence[Part], parts: Sequence[Part], density: Density) -> Removal:
    stay = {part.source for part in parts if not part.remove}
    sizes = [part.bytes for part in gone]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    whole = tuple(sorted({part.source for part in gone} - stay))
    return Removal(len(gone), whole, sum(part.records for part in gone), total, _tokens(gone, density))


def _tokens(gone: Sequence[Part], density: Density) -> int | None:
    if not density:
        return None
    found = Fraction(0)
    for part in gone:
        tokens, size = density.get(part.source, (0, 0))
        if not size or part.bytes is None:
            return None
        found += Fraction(part.bytes * tokens, size)
    return round(found)


def _credits(kept: Sequence[tuple[Row, Part]], said: Mapping[str, Mapping[str, Any]]) -> tuple[Credit, ...]:
    """One line a source and licence of what remains, where the licence asks for credit or notices."""
    found: dict[tuple[str, str], Credit] = {}
    for row, part in kept:
        for one in row.single() if part.basis == LICENCE else ():
            asked = one.answers[ATTRIBUTION]
            if asked.value != "conditional":
                continue
            told, before = said.get(part.source, {}), found.get((one.id, part.source))
            records = part.records + (before.records if before else 0)
            found[one.id, part.source] = Credit(
                part.source, told.get("name"), told.get("owner"), one.id, one.source, asked.duties, records
            )
    return tuple(found[key] for key in sorted(found))
