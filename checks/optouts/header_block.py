"""A block of HTTP header lines as kept: fields by name with the places of their values."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_LINE = re.compile(rb"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:(?P<value>[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")


@dataclass(frozen=True)
class Field:
    """One field line. *name*: lower case; *value*: folded lines made one by spaces, trimmed, at byte *at* of the block."""

    name: str
    value: bytes
    at: int


@dataclass(frozen=True)
class Joined:
    """Values of several lines of one field, joined by ``, `` as RFC 9110 §5.3 has it, with the way back to their places."""

    value: bytes
    pieces: tuple[tuple[int, int, int], ...]  # (begin in value, begin in block, length)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Bytes of the block for [start, end) of the value; of a stretch over several lines from its first to its last."""
        begins = [block + start - here for here, block, length in self.pieces if here <= start <= here + length]
        ends = [block + end - here for here, block, length in self.pieces if here <= end <= here + length]
        first, last = self.pieces[0], self.pieces[-1]
        return (begins[-1] if begins else first[1]), (ends[0] if ends else last[1] + last[2])


def header_block(pairs: Iterable[tuple[str, str]]) -> bytes:
    """The block that is kept where a crawler supplies names and values apart: ``name: value`` lines ended by CRLF."""
    lines = (f"{_one_line(name)}: {_one_line(value)}\r\n" for name, value in pairs)
    return "".join(lines).encode("utf-8", "surrogatepass")


def fields(block: bytes) -> tuple[Field, ...]:
    """All fields in order; a status line and lines that are no field are passed over."""
    found = []
    at = 0
    while at < len(block):
        match = _LINE.match(block, at)
        if match is None:
            newline = block.find(b"\n", at)
            at = len(block) if newline < 0 else newline + 1
            continue
        raw = match["value"].replace(b"\r", b" ").replace(b"\n", b" ")
        left = len(raw) - len(raw.lstrip(b" \t"))
        found.append(Field(match["name"].decode().lower(), raw.strip(b" \t"), match.start("value") + left))
        newline = block.find(b"\n", match.end())
        at = len(block) if newline < 0 else newline + 1
    return tuple(found)


def joined(found: Iterable[Field], name: str) -> Joined | None:
    """All lines of *name* as one value; None where there is none."""
    value, pieces = b"", list[tuple[int, int, int]]()
    for one in found:
        if one.name == name:
            value += b", " if pieces else b""
            pieces.append((len(value), one.at, len(one.value)))
            value += one.value
    return Joined(value, tuple(pieces)) if pieces else None


def _one_line(text: str) -> str:
    return re.sub(r"[\r\n]+", " ", text)
