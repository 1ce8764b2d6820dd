"""Bytes of a supplied file as one ASCII-compatible line of octets, with the way back to the places they stood at."""

from dataclasses import dataclass
from typing import Final

import numpy as np

_UTF16: Final = {b"\xff\xfe": "<u2", b"\xfe\xff": ">u2"}


@dataclass(frozen=True)
class Octets:
    """What parsers look at. *width*, *shift*: octet i stood at byte ``shift + i * width`` of the file as supplied."""

    data: bytes
    width: int = 1
    shift: int = 0

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Bytes of the file that the octets [start, end) stood at."""
        return self.shift + start * self.width, self.shift + end * self.width


def octets(body: bytes) -> Octets:
    """*body* without its UTF-8 byte order mark, whole or cut (as Google's parser takes it); UTF-16 with a mark as its
    ASCII characters, all others ``?``: every word that these formats know is ASCII.
    """
    kind = _UTF16.get(body[:2])
    if kind is not None:
        units = np.frombuffer(body, kind, count=(len(body) - 2) // 2, offset=2)
        return Octets(np.where(units < 0x80, units, ord("?")).astype(np.uint8).tobytes(), 2, 2)
    mark = next((n for n in (3, 2, 1) if body.startswith(b"\xef\xbb\xbf"[:n])), 0)
    return Octets(body[mark:], 1, mark)


def starts_as_markup(data: bytes) -> bool:
    """Is this a web page, where a plain file was asked for?"""
    head = data[:1024].lstrip().lower()
    return head.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<?xml", b"<script", b"<title"))
