"""YAML text into values that know their line, so that every complaint can say where.

Only the plain part of YAML is taken: mappings with text keys, lists, and scalars. Anchors work within bounds; tags,
merge keys, several documents in a file and duplicate keys are refused. Scalars follow YAML 1.1 as PyYAML does, but a
key is always the text as written: ``on`` is the key *on*, not *true*.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

import yaml

from schemas.errors import Where

MOST_BYTES: Final = 4 << 20
MOST_NODES: Final = 200_000
"""After aliases are followed: nine lines of nested aliases can spell a thousand million nodes."""
MOST_DEPTH: Final = 40
SHOWN: Final = 60
"""Characters of a value that a message shows."""

KINDS: Final = {
    "text": "the text", "int": "the whole number", "float": "the fraction", "bool": "the yes/no value", "null": "nothing",
    "date": "the date", "list": "a list", "map": "a mapping",
}  # fmt: skip

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster; the wheels carry it
_TAGS: Final = {
    f"tag:yaml.org,2002:{tag}": kind
    for tag, kind in {
        "str": "text", "int": "int", "float": "float", "bool": "bool", "null": "null", "timestamp": "date",
        "seq": "list", "map": "map", "merge": "text", "value": "text",
    }.items()
}  # fmt: skip
_DECIMAL: Final = re.compile(r"[-+]?(0|[1-9][0-9_]*)")
_TRUE: Final = ("yes", "true", "on", "y")


@dataclass(frozen=True, slots=True)
class Placed:
    """A value and the line it stands on.

    *kind*: a key of `KINDS`; *value*: str for text and date, int, bool, None, the text of a float, a tuple of `Placed`,
    or a dict of key -> `Placed`; *key_lines*: of a mapping, the line of each key.
    """

    kind: str
    value: Any
    line: int
    key_lines: Mapping[str, int]

    def plain(self) -> Any:
        """The value without places: dicts, lists, scalars. A float stays the text it was written as."""
        if self.kind == "map":
            return {key: item.plain() for key, item in self.value.items()}
        if self.kind == "list":
            return [item.plain() for item in self.value]
        return self.value

    def shown(self) -> str:
        """What stands there, for a message: ``the text 'x'``, ``a list``; cut after 60 characters."""
        if self.kind in ("list", "map", "null"):
            return KINDS[self.kind]
        return f"{KINDS[self.kind]} {quoted(self.value) if self.kind == 'text' else quoted(self.value).strip(chr(39))}"


def quoted(value: Any) -> str:
    """*value* as a message shows it: quoted where it is text, on one line, not longer than 60 characters."""
    text = "yes" if value is True else "no" if value is False else str(value)
    short = text if len(text) <= SHOWN else text[:SHOWN] + "…"
    return ascii_safe(repr(short)) if isinstance(value, str) else short


def ascii_safe(text: str) -> str:
    """*text* with lone surrogates escaped, so that it can be printed at all."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def hint(word: str, known: Iterator[str] | Any) -> str:
    """``did you mean 'x'?``, or the words that are known (at most twelve of them)."""
    names = sorted(str(name) for name in known)
    near = get_close_matches(str(word), names, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return "known: " + ", ".join(names[:12]) + (", …" if len(names) > 12 else "") if names else "none is known here"


def read_yaml(data: bytes, path: str, problems: list[str]) -> Placed | None:
    """The value of the one document in *data*; None where it cannot be read, with the reason added to *problems*.

    Everything that is wrong with the file as YAML is reported at once, except that a syntax error ends the reading.
    """
    text = _decoded(data, path, problems)
    if text is None:
        return None
    try:
        if not _within_bounds(text, path, problems):
            return None
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        problems.append(_syntax(error, path, text))
        return None
    if node is None:
        problems.append(f"{path}: the file is empty; write it, or take its name out of the list")
        return None
    return _Reading(path, problems).placed(node)


def _decoded(data: bytes, path: str, problems: list[str]) -> str | None:
    if len(data) > MOST_BYTES:
        problems.append(f"{path}: {len(data):,} bytes, more than the {MOST_BYTES:,} that are read; split it")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = Where(path, line=data.count(b"\n", 0, error.start) + 1)
        problems.append(f"{where}: not UTF-8 (byte 0x{data[error.start]:02x}); save the file as UTF-8")
        return None


def _within_bounds(text: str, path: str, problems: list[str]) -> bool:
    """Depth, before anything recurses: the composer's own stack is not ours to bound."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
            if depth > MOST_DEPTH:
                where = Where(path, line=event.start_mark.line + 1 if event.start_mark else None)
                problems.append(f"{where}: nested deeper than {MOST_DEPTH} levels; flatten it")
                return False
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
    return True


def _syntax(error: yaml.YAMLError, path: str, text: str) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        return f"{path}: not YAML ({ascii_safe(first)}); remove what is not printable text"
    where = Where(path, line=mark.line + 1)
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())] or line[mark.column : mark.column + 1] == "\t":
        return f"{where}: a tab indents this line; YAML takes spaces only"
    problem = getattr(error, "problem", None) or "cannot be read"
    if "single document" in str(error):
        return f"{where}: a second document begins here ('---'); one file holds one document"
    return f"{where}: not YAML ({ascii_safe(str(problem))}); check quotes, colons and indentation"


class _Reading:
    """One walk over the composed nodes; aliases are followed, counted, and never into themselves."""

    def __init__(self, path: str, problems: list[str]) -> None:
        self.path = path
        self.problems = problems
        self.nodes = 0
        self.open: set[int] = set()

    def placed(self, node: yaml.Node) -> Placed | None:
        line = node.start_mark.line + 1
        self.nodes += 1
        if self.nodes > MOST_NODES:
            if self.nodes == MOST_NODES + 1:
                self.say(
                    line,
                    f"more than {MOST_NODES:,} values once aliases are followed; write them out, or split the file",
                )
            return None
        kind = _TAGS.get(node.tag)
        if kind is None:
            self.say(line, f"the tag {quoted(node.tag)} is not taken here; write a plain value")
            return None
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, kind, line)
        if id(node) in self.open:
            self.say(line, "an alias leads back into its own anchor; write the value out")
            return None
        self.open.add(id(node))
        inside = self.mapping(node, line) if isinstance(node, yaml.MappingNode) else self.sequence(node, line)
        self.open.discard(id(node))
        return inside

    def scalar(self, node: yaml.ScalarNode, kind: str, line: int) -> Placed | None:
        text: str = node.value
        value: Any = text
        if kind == "int":
            # YAML 1.1 also reads 0x1F, 010 and 1:30 as numbers; here they are the text they look like.
            kind, value = (
                ("int", int(text.replace("_", ""))) if _DECIMAL.fullmatch(text) and len(text) <= 24 else ("text", text)
            )
        elif kind == "bool":
            value = text.lower() in _TRUE
        elif kind == "null":
            value = None
        if kind == "text" and not _encodes(text):
            self.say(line, "the text holds a lone surrogate (\\ud800 … \\udfff); remove it")
            return None
        return Placed(kind, value, line, {})

    def sequence(self, node: Any, line: int) -> Placed:
        items = [self.placed(item) for item in node.value]
        return Placed("list", tuple(item for item in items if item is not None), line, {})

    def mapping(self, node: yaml.MappingNode, line: int) -> Placed:
        values: dict[str, Placed] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.say(key_line, "a key that is a list or a mapping; keys are words")
                continue
            key: str = key_node.value
            if key in lines:
                self.say(key_line, f"the key {quoted(key)} stands here and at line {lines[key]}; keep one of them")
                continue
            lines[key] = key_line
            value = self.placed(value_node)
            if value is not None:
                values[key] = value
        return Placed("map", values, line, lines)

    def say(self, line: int, problem: str) -> None:
        self.problems.append(f"{Where(self.path, line=line)}: {problem}")


def _encodes(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
