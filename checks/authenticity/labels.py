"""Implicit labels of GB 45438-2025: the metadata object ``AIGC`` with its fields, wherever it stands in a text or in markup.

The standard (GB 45438-2025, metadata; in force since 2025-09-01) has one object of seven fields: Label, ContentProducer,
ProduceID, ReservedCode1, ContentPropagator, PropagateID, ReservedCode2. Label is 1 (is generated), 2 (may be), 3 (is
suspected to be). In the wild it stands as JSON, as YAML front matter, in a code block, in ``<meta name="AIGC">``, with or
without its outer key, and in a second dialect that writes ``Label: AIGC``. Producer and ids can name a person: they are
recognised and never given away.
"""

import html
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from schemas.canonical import canonical_json, parse_json

GENERATED, POSSIBLE, SUSPECTED, UNCLEAR = VALUES = ("generated", "possible", "suspected", "unclear")
"""What a label says; unclear: it has no Label, or one that the standard does not know."""
STANDARD, OTHER = DIALECTS = ("standard", "other")
"""Whether Label is one of the standard's three numbers; other: the word AIGC and the like."""
LABEL_KEY: Final = "implicit_labels"
"""Key of `meta` under which a page's reader hands on the labels of markup that it takes away: see `page_labels`."""
KEY: Final = "AIGC"

_TELLING: Final = ("ContentProducer", "ContentPropagator", "ProduceID", "PropagateID")
TELLING: Final = "|".join(_TELLING)
"""Field names that no other vocabulary has; a label holds at least one of them."""
_FIELD: Final = re.compile(
    r"(?<![A-Za-z])(?P<field>Label|ContentProducer|ContentPropagator|ProduceID|PropagateID|ReservedCode[12])"
    r"(?:[\\\"']|&quot;){0,4}[ \t]{0,8}[:=][ \t]{0,8}(?:(?:[\\\"']|&quot;){1,4}(?P<quoted>[^\\\"'&\n]{0,512})|(?P<bare>[^\\\"'&\s,}]{0,512}))"
)
_OUTER: Final = re.compile(r"(?<![A-Za-z])AIGC(?![A-Za-z])")
_NEAR: Final = 2048
"""Characters between two fields of one label: a signed ReservedCode lies between them."""
_BEFORE: Final = 256
_NUMBERS: Final = {"1": GENERATED, "2": POSSIBLE, "3": SUSPECTED}
_WORDS: Final = {"aigc": GENERATED, "ai": GENERATED, "ai-generated": GENERATED, "true": GENERATED}
MOST: Final = 64
"""Labels of one text that are told: a text may repeat them as it likes."""


class ImplicitLabel(NamedTuple):
    """One label. *value* of VALUES, *dialect* of DIALECTS, *fields*: how many of the seven; [start, end): characters."""

    value: str
    dialect: str
    fields: int
    start: int
    end: int

    @property
    def told(self) -> str:
        """What may be stored of it: ``generated/standard/7``."""
        return f"{self.value}/{self.dialect}/{self.fields}"


def labels_in(text: str) -> tuple[ImplicitLabel, ...]:
    """The labels in *text*, in order; linear in its length.

    A label is two fields or more, one of them of the four that nothing else has, with the outer key AIGC near; or three
    without it; or one right behind the key. Descriptions of the standard that give such an object count too: candidates.
    """
    if not any(name in text for name in _TELLING):
        return ()
    found = []
    for group in _groups(text):
        label = _label(text, group)
        if label is not None:
            found.append(label)
        if len(found) >= MOST:
            break
    return tuple(found)


def page_labels(page: str) -> list[str]:
    """`told` of the labels in a page's source, attributes, scripts and comments too: for its reader, before it takes them away."""
    if KEY not in page and not any(name in page for name in _TELLING):
        return []
    return [label.told for label in labels_in(html.unescape(page))]


def handed_labels(meta: str) -> list[tuple[str, str, int]]:
    """(value, dialect, fields) of the labels in a record's `meta`: handed on by a reader, or a mapped field that is one."""
    try:
        parsed = parse_json(meta.encode())
    except ValueError:
        parsed = None
    if isinstance(parsed, dict) and isinstance(handed := parsed.get(LABEL_KEY), list):
        return [one for told in handed[:MOST] if (one := _parsed(told)) is not None]
    return [(label.value, label.dialect, label.fields) for label in labels_in(meta)]


def as_meta(labels: list[str]) -> str:
    """A `meta` that holds nothing but labels, as canonical JSON."""
    return canonical_json({LABEL_KEY: labels}).decode()


def _parsed(told: object) -> tuple[str, str, int] | None:
    value, _, rest = str(told).partition("/")
    dialect, _, fields = rest.partition("/")
    known = value in VALUES and dialect in DIALECTS and fields.isdigit() and len(fields) < 3
    return (value, dialect, int(fields)) if known else None


def _groups(text: str) -> Iterator[list[re.Match[str]]]:
    """Fields that stand near each other, each name once."""
    held: list[re.Match[str]] = []
    names = set[str]()
    for match in _FIELD.finditer(text):
        name = match["field"]
        if held and (name in names or match.start() - held[-1].end() > _NEAR):
            yield held
            held, names = [], set()
        held.append(match)
        names.add(name)
    if held:
        yield held


def _label(text: str, group: list[re.Match[str]]) -> ImplicitLabel | None:
    names = {match["field"] for match in group}
    first, last = group[0].start(), group[-1].end()
    outer = [m.start() for m in _OUTER.finditer(text, max(0, first - _BEFORE), first)]
    if not names & set(_TELLING) or len(group) < (1 if outer else 3):
        return None
    if len(group) == 1 and not _is_right_behind(text[outer[-1] : first]):
        return None
    said = next((match["quoted"] or match["bare"] or "" for match in group if match["field"] == "Label"), "").strip()
    value = _NUMBERS.get(said) or _WORDS.get(said.lower(), UNCLEAR)
    return ImplicitLabel(
        value, STANDARD if said in ("", *_NUMBERS) else OTHER, len(names), max(outer, default=first), last
    )


def _is_right_behind(between: str) -> bool:
    """Whether only signs stand between the key and the one field: prose about the standard has words there."""
    return re.fullmatch(r"AIGC(?:[\\\"' \t\n:={(>\[]|&quot;|content)*", between) is not None
