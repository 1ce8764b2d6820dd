"""The table of permitted uses, schemas/licences.yaml: its YAML shape, its rows, and rows of a customer's own over them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

from schemas.canonical import digest_of, sha256_hex
from schemas.errors import ConfigError
from schemas.rule import MARKS
from schemas.uses import AXES, Answer, Row
from schemas.words import Words
from schemas.yaml_places import Placed, hint, quoted, read_yaml
from schemas.yaml_shape import Binding, Bounds, Choice, Date, Form, Identifier, Text

MOST_ROWS: Final = 20_000
TABLE_FILE: Final = "licences.yaml"

_ANSWER: Final = Form(
    "allow, deny, unknown, or conditional(duty+duty)", r"allow|deny|unknown|conditional\([a-z0-9-]+(?: ?\+ ?[a-z0-9-]+)*\)"
)  # fmt: skip
_BRACES: Final = re.compile(r"\{([^{}]*)\}")
_VERSION: Final = re.compile(r"-(\d+(?:\.\d+)+)(?:-([A-Za-z-]+))?\Z")


@dataclass(frozen=True)
class Table:
    """The loaded table: one row a licence. *rows*: folded id -> row; *names*: file, version and sha256 of each part."""

    version: str
    rows: Mapping[str, Row]
    duties: Mapping[str, Words]
    names: tuple[tuple[str, str, str], ...] = field(default=())

    @property
    def digest(self) -> str:
        """sha256 over the bytes of its files, in order."""
        return digest_of([digest for _, _, digest in self.names])

    @property
    def reviewed(self) -> bool:
        """Has counsel reviewed every row?"""
        return all(row.reviewed for row in self.rows.values())

    def row(self, identifier: str) -> Row | None:
        """The row of an id or of one of its other spellings, in any case; None where there is none."""
        folded = identifier.casefold()
        return self.rows.get(folded) or self.rows.get(f"licenseref-{folded}")


# The YAML


@dataclass(frozen=True)
class LicenceEntry:
    """Licences under one set of terms. *ids*: `{1,2}` in one stands for two; *also*: further spellings of a single id."""

    ids: Annotated[tuple[Text, ...], Bounds(least=1)]
    terms: Identifier
    source: Text
    mark: Annotated[str, Choice(tuple(MARKS))]
    but: tuple[tuple[Annotated[str, Choice(AXES)], Annotated[str, _ANSWER]], ...] = ()
    also: tuple[Text, ...] = ()
    note: Text | None = None


@dataclass(frozen=True)
class LicenceTable:
    """A table of permitted uses: sets of answers by name, the duties they speak of, and the licences under each."""

    table: Identifier
    version: Text
    counsel: Annotated[str, Choice(("not reviewed", "reviewed"))]
    licences: Annotated[tuple[LicenceEntry, ...], Bounds(least=1)]
    reviewed_by: Text | None = None
    reviewed_on: Date | None = None
    duties: tuple[
        tuple[Annotated[str, Form("a name of small letters, digits and '-'", r"[a-z0-9-]{1,64}")], Words], ...
    ] = ()
    terms: tuple[
        tuple[Identifier, tuple[tuple[Annotated[str, Choice(AXES)], Annotated[str, _ANSWER]], ...]], ...
    ] = ()  # fmt: skip


def load(*overlays: Path) -> Table:
    """The table of the package, with the rows of *overlays* put over it in order.

    An overlay has the same form; it may use the terms and duties that stand before it. Raises `ConfigError` with every
    mistake of every file, each with its line.
    """
    problems: list[str] = []
    shipped = files("schemas") / TABLE_FILE
    table = _over(Table("", {}, {}), {}, shipped.read_bytes(), TABLE_FILE, problems)
    for path in overlays:
        try:
            data = path.read_bytes()
        except OSError as err:
            problems.append(f"{path}: cannot be read ({err.strerror}); give the path of a table of licences")
            continue
        table = _over(table[0], table[1], data, str(path), problems)
    if problems:
        raise ConfigError(*problems)
    return table[0]


_Terms = Mapping[str, Mapping[str, Answer]]


def _over(base: Table, terms: _Terms, data: bytes, path: str, problems: list[str]) -> tuple[Table, _Terms]:
    placed = read_yaml(data, path, problems)
    bound = _Reading(path, problems, base, dict(terms)).table(placed, sha256_hex(data)) if placed is not None else None
    return bound or (base, terms)


class _Reading:
    """One file of the table; every problem is said with its line."""

    def __init__(self, path: str, problems: list[str], base: Table, terms: dict[str, Mapping[str, Answer]]) -> None:
        self.binding = Binding(path, problems)
        self.base, self.terms, self.duties = base, terms, dict(base.duties)

    def table(self, placed: Placed, digest: str) -> tuple[Table, _Terms] | None:
        file = self.binding.value(placed, LicenceTable, "the table")
        if file is None:
            return None
        self.duties |= dict(file.duties)
        if file.counsel == "reviewed" and not (file.reviewed_by and file.reviewed_on):
            self.binding.say(placed.key_lines["counsel"], "reviewed by whom and when; add reviewed_by and reviewed_on")
        at = placed.value["terms"].key_lines if file.terms else {}
        for name, answers in file.terms:
            self._terms(name, dict(answers), at[name])
        rows: dict[str, tuple[Row, int]] = {}
        for group, where in zip(file.licences, placed.value["licences"].value, strict=True):
            for folded, row, line in self._rows(file, group, where):
                if folded in rows:
                    self.binding.say(line, f"{quoted(folded)} stands at line {rows[folded][1]} too; keep one of them")
                rows[folded] = (row, line)
        whole = {**self.base.rows, **{folded: row for folded, (row, _) in rows.items()}}
        if len(whole) > MOST_ROWS:
            self.binding.say(placed.line, f"{len(whole):,} rows, more than {MOST_ROWS:,}; shorten the table")
        version = f"{self.base.version}+{file.table}-{file.version}" if self.base.version else file.version
        names = (*self.base.names, (file.table, file.version, digest))
        return Table(version, whole, self.duties, names), self.terms

    def _terms(self, name: str, said: Mapping[str, str], line: int) -> None:
        missing = [axis for axis in AXES if axis not in said]
        if missing:
            self.binding.say(line, f"terms.{name} lacks {', '.join(missing)}; answer every axis, if only by unknown")
            return
        self.terms[name] = {axis: self._answer(said[axis], f"terms.{name}.{axis}", line) for axis in AXES}

    def _answer(self, text: str, name: str, line: int) -> Answer:
        value, _, inside = text.partition("(")
        duties = tuple(sorted({duty.strip() for duty in inside.rstrip(")").split("+")})) if inside else ()
        for duty in duties:
            if duty not in self.duties:
                self.binding.say(line, f"{name} has no duty {quoted(duty)}; {hint(duty, self.duties)}")
        return Answer(value, duties)

    def _rows(self, file: LicenceTable, group: LicenceEntry, where: Placed) -> Iterator[tuple[str, Row, int]]:
        line = where.line
        if group.terms not in self.terms:
            self.binding.say(
                where.key_lines["terms"], f"no terms {quoted(group.terms)}; {hint(group.terms, self.terms)}"
            )
            return
        changed = {
            axis: self._answer(text, f"but.{axis}", where.value["but"].key_lines[axis]) for axis, text in group.but
        }
        answers = {axis: changed.get(axis, answer) for axis, answer in self.terms[group.terms].items()}
        for problem in contradictions(answers):
            self.binding.say(line, f"{group.ids[0]}: {problem}")
        if group.also and len(group.ids) != 1:
            self.binding.say(where.key_lines["also"], "`also` spells one id; give the entry one id, or leave it out")
        plain = Row("", answers, "", group.mark, f"{file.table} {file.version}", file.counsel == "reviewed", group.note)
        for written, place in zip(group.ids, where.value["ids"].value, strict=True):
            for identifier in spelt_out(written):
                row = replace(plain, id=identifier, source=_filled(group.source, identifier))
                yield identifier.casefold(), row, place.line
                for other in group.also:
                    yield other.casefold(), row, line


def contradictions(answers: Mapping[str, Answer]) -> list[str]:
    """What a row says that cannot all be so; a reader of one axis alone would be misled."""
    value = {axis: answer.value for axis, answer in answers.items()}
    rank = {axis: answer.rank for axis, answer in answers.items()}
    found = [
        f"commercial_service is {value['commercial_service']} though {limit} is deny; make it deny"
        for limit in ("non_commercial", "academic_only", "no_compete")
        if value[limit] == "deny" and value["commercial_service"] != "deny"
    ]
    if value["no_compete"] == "deny" and not value["train"] == value["fine_tune"] == "deny":
        found.append("train and fine_tune are not both deny though no_compete is; make them deny")
    if rank["commercial_service"] > max(rank["train"], rank["fine_tune"]):
        found.append("commercial_service grants more than train and fine_tune, which come before it; lower it")
    if value["share_alike"] == "conditional" and value["derive"] == "allow":
        found.append("derive is allow though share_alike has a duty; name the duty there too")
    if value["attribution"] == "conditional" and value["redistribute"] == "allow":
        found.append("redistribute is allow though attribution has a duty; name the duty there too")
    return found


def spelt_out(written: str) -> list[str]:
    """`A-{1,2}-{x,y}` as the four ids that it stands for."""
    brace = _BRACES.search(written)
    if brace is None:
        return [written]
    head, tail = written[: brace.start()], written[brace.end() :]
    return [one for part in brace[1].split(",") for one in spelt_out(f"{head}{part.strip()}{tail}")]


def _filled(source: str, identifier: str) -> str:
    found = _VERSION.search(identifier)
    version, port = (found[1], found[2]) if found else ("", None)
    port = f"{port.lower()}/" if port else ""
    return source.replace("{id}", identifier).replace("{version}", version).replace("{port}", port)
