"""The taxonomy of risks: the 31 leaves of TC260-003 Appendix A, which of them other texts mean, and the kinds of information they touch.

Three counts are right, each in its own text: 31 (TC260-003, GB/T 45654), 29 (the draft of GB/T 45652), 17 (keywords). A
leaf id (``A1.a`` … ``A5.b``) is the appendix's own number and is never changed or added to.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Final

from schemas.canonical import sha256_hex
from schemas.errors import ConfigError
from schemas.rule import MARKS
from schemas.words import Words
from schemas.yaml_places import hint, quoted, read_yaml
from schemas.yaml_shape import Binding, Bounds, Choice, Form, Identifier, Text

PATH: Final = Path(__file__).parent / "packs" / "safety" / "risks.yaml"
_Mark = Annotated[str, Choice(tuple(MARKS))]
_Group = Annotated[str, Form("a group such as A1", r"A[1-9]")]
_Leaf = Annotated[str, Form("a leaf such as A1.a", r"A[1-9]\.[a-z]")]
_Kind = Annotated[str, Form("a kind such as E6.1", r"E[67]\.[0-9]{1,2}")]


@dataclass(frozen=True)
class RiskGroup:
    """One part of the appendix."""

    id: _Group
    mark: _Mark
    title: Words


@dataclass(frozen=True)
class Risk:
    """One leaf. *kinds*: the kinds of unlawful and unhealthy information it touches, by our reading."""

    id: _Leaf
    kinds: tuple[_Kind, ...]
    title: Words

    @property
    def group(self) -> str:
        """The part of the appendix it stands in: ``A1`` of ``A1.a``."""
        return self.id.partition(".")[0]


@dataclass(frozen=True)
class Scope:
    """Which groups one text means, and how many leaves that makes."""

    id: Identifier
    groups: Annotated[tuple[_Group, ...], Bounds(least=1)]
    count: Annotated[int, Bounds(least=1)]
    mark: _Mark
    title: Words


@dataclass(frozen=True)
class LibraryFloors:
    """What is asked of a keyword library: words in all, of each risk of a group, and how old it may be."""

    mark: _Mark
    least_words: Annotated[int, Bounds(least=1)]
    least_of_each: tuple[tuple[_Group, Annotated[int, Bounds(least=1)]], ...]
    most_days_old: Annotated[int, Bounds(least=1)]


@dataclass(frozen=True)
class Kind:
    """One kind of unlawful (``E6.*``) or unhealthy (``E7.*``) information of the Provisions on the content ecosystem."""

    id: _Kind
    mark: _Mark
    title: Words


@dataclass(frozen=True)
class Taxonomy:
    """The YAML file as a value; everything in the order of the file."""

    taxonomy: Identifier
    version: Text
    groups: Annotated[tuple[RiskGroup, ...], Bounds(least=1)]
    crosswalk_mark: _Mark
    risks: Annotated[tuple[Risk, ...], Bounds(least=1)]
    scopes: Annotated[tuple[Scope, ...], Bounds(least=1)]
    library: LibraryFloors
    kinds: Annotated[tuple[Kind, ...], Bounds(least=1)]

    def risk(self, leaf: str) -> Risk | None:
        """The risk of a leaf id; None where there is none."""
        return next((risk for risk in self.risks if risk.id == leaf), None)

    def ids(self, scope: str | None = None) -> tuple[str, ...]:
        """All leaf ids, or those that one text means (``tc260-003``, ``gbt-45654``, ``gbt-45652``, ``keywords``)."""
        if scope is None:
            return tuple(risk.id for risk in self.risks)
        groups = next((one.groups for one in self.scopes if one.id == scope), None)
        if groups is None:
            msg = f"taxonomy {self.taxonomy}: no scope {scope!r}; {hint(scope, [s.id for s in self.scopes])}"
            raise KeyError(msg)
        return tuple(risk.id for risk in self.risks if risk.group in groups)

    def touched_by(self, kind: str) -> tuple[str, ...]:
        """The leaves that touch a kind of information; none is an answer: the two lists do not cover one another."""
        return tuple(risk.id for risk in self.risks if kind in risk.kinds)

    def floor(self, leaf: str) -> int | None:
        """How many words of a keyword library a leaf should have; None where no text gives a number."""
        return dict(self.library.least_of_each).get(leaf.partition(".")[0])


def read_taxonomy(data: bytes, path: str) -> Taxonomy:
    """Bind the bytes of a taxonomy; raises `ConfigError` with every problem: keys, values, ids twice or unknown, wrong counts."""
    problems: list[str] = []
    placed = read_yaml(data, path, problems)
    found = Binding(path, problems).value(placed, Taxonomy, "the taxonomy") if placed is not None else None
    if found is not None:
        problems += _loose_ends(found, path)
    if problems or found is None:
        raise ConfigError(*problems)
    return found


@cache
def taxonomy() -> Taxonomy:
    """The taxonomy that comes with the program."""
    return read_taxonomy(PATH.read_bytes(), str(PATH))


@cache
def taxonomy_digest() -> str:
    """sha256 of its bytes: an input of whatever is counted by it."""
    return sha256_hex(PATH.read_bytes())


def risk_ids(scope: str | None = None) -> tuple[str, ...]:
    """The leaf ids of the taxonomy that comes with the program, of all or of one text (`Taxonomy.ids`)."""
    return taxonomy().ids(scope)


def _loose_ends(found: Taxonomy, path: str) -> list[str]:
    """Ids that stand twice or point nowhere, and counts that are not so."""
    problems = []
    for what, ids in (
        ("group", [one.id for one in found.groups]), ("risk", [one.id for one in found.risks]),
        ("kind", [one.id for one in found.kinds]), ("scope", [one.id for one in found.scopes]),
    ):  # fmt: skip
        problems += [
            f"{path}: {what} {quoted(one)} stands twice; take one out" for one in sorted(set(ids)) if ids.count(one) > 1
        ]
    groups, kinds = {one.id for one in found.groups}, {one.id for one in found.kinds}
    for risk in found.risks:
        if risk.group not in groups:
            problems.append(f"{path}: risk {quoted(risk.id)} is of no group that is listed; add it to groups")
        problems += [
            f"{path}: risk {quoted(risk.id)} names the kind {quoted(kind)}, which is not listed; add it to kinds"
            for kind in risk.kinds if kind not in kinds
        ]  # fmt: skip
    for scope in found.scopes:
        count = sum(risk.group in scope.groups for risk in found.risks)
        if count != scope.count:
            problems.append(
                f"{path}: scope {quoted(scope.id)} says {scope.count} leaves, its groups have {count}; correct one"
            )
    return problems
