"""Tell which reader takes a file, by its name and first bytes, or what it is where none does."""

import re

from pipelines.read.base import Framing
from pipelines.read.media_table import (
    CODE_ENDINGS,
    CODE_NAMES,
    CODEC_MEDIA,
    FORMAT_OF_ENDING,
    MAGIC,
    MEDIA_OF_ENDING,
    OWN_MEDIA,
    TEXT_NAMES,
)
from schemas.source import Source

HEAD_BYTES = 512
"""How many of a file's first bytes are wanted."""
_CODEC_OF_ENDING = {"gz": "gz", "gzip": "gz", "zst": "zst", "zstd": "zst"}
_PACKED = frozenset({"parquet", "arrow"})  # compressed inside; a .gz around them cannot be read at random places
_BY_LINE = frozenset({"text", "markdown", "code"})
_LEGAL = re.compile(r"(?:^|[._-])(?:licen[cs]es?|copying|copyright|notices?|patents|readme)(?:$|[._-])")
_WHITE = b"\xef\xbb\xbf \t\r\n"
_MEDIA_OF_FORMAT = {
    "jsonl": "application/jsonl", "json-array": "application/json", "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet", "arrow": "application/vnd.apache.arrow.stream",
    "warc": "application/warc", "wet": "application/warc", "text": "text/plain", "markdown": "text/markdown", "code": "text/x-source",
}  # fmt: skip


def framing_for(name: str, head: bytes, source: Source) -> Framing | None:
    """How the file *name* that begins with *head* (`HEAD_BYTES` stored bytes) is read under *source*; None: not looked at.

    The source's own format wins over the ending, but never over bytes that are another medium: a PNG under a JSONL
    source is not looked at. With `auto`, the ending decides, then known names (LICENSE, Makefile); nothing is guessed
    from the text of a file. A codec shows in the first bytes.
    """
    codec, endings = _unpacked(name, head)
    medium = _magic(head)
    if source.format == "auto":
        found = OWN_MEDIA.get(medium or "") or _format(name, endings)
    else:
        found = source.format
    if not found or _foreign(medium, found, codec) or (codec != "none" and found == "parquet"):
        return None
    packed = codec != "none" and endings[-1:] == ["json"]  # its reader looks inside
    if found == "jsonl" and (packed or (codec == "none" and head.lstrip(_WHITE)[:1] == b"[")):
        found = "json-array"
    elif found == "jsonl" and source.format == "auto" and endings[-1:] == ["json"] and _is_one_document(head):
        found = "code"  # one object over many lines is no JSONL
    return _framing(found, codec, endings, source)


def media_type(name: str, head: bytes) -> str:
    """The media type under which a file that is not looked at is counted; `application/octet-stream` where nothing tells."""
    medium = _magic(head)
    if medium is not None and medium not in CODEC_MEDIA:
        return medium
    _, endings = _unpacked(name, head)
    ending = endings[-1] if endings else ""
    known = MEDIA_OF_ENDING.get(ending) or medium or _MEDIA_OF_FORMAT.get(_format(name, endings) or "")
    return known or ("application/octet-stream" if b"\0" in head or not head else "text/plain")


def _framing(found: str, codec: str, endings: list[str], source: Source) -> Framing:
    if found == "warc" and endings[-1:] == ["wet"]:
        found = "wet"
    layout = source.layout if found in {"jsonl", "json-array"} else "plain"
    record = source.record if found in _BY_LINE else "file"
    columns = () if found in _BY_LINE or found in {"warc", "wet"} else tuple(sorted(source.columns))
    return Framing(found, layout, record, codec, columns)


def _is_one_document(head: bytes) -> bool:
    """Whether a file that is called .json is one object written over several lines: its first line closes nothing."""
    first, newline, _ = head.lstrip(_WHITE).partition(b"\n")
    return bool(newline) and not first.rstrip().endswith(b"}")


def _unpacked(name: str, head: bytes) -> tuple[str, list[str]]:
    """The codec, and the endings in lower case without the codec's own."""
    endings = name.rsplit("/", 1)[-1].lower().split(".")[1:]
    codec = CODEC_MEDIA.get(_magic(head) or "", "none")
    if endings and endings[-1] in _CODEC_OF_ENDING:
        # An empty or cut file keeps the codec its name says, so that it is counted as broken rather than as text.
        ending = endings.pop()
        codec = _CODEC_OF_ENDING[ending] if codec == "none" and not _is_text(head) else codec
    return codec, endings


def _is_text(head: bytes) -> bool:
    """Whether a file that is called .gz holds plain text after all (a warc.gz written without compression)."""
    return len(head) > 1 and all(byte >= 32 or byte in _WHITE for byte in head[:64])


def _format(name: str, endings: list[str]) -> str | None:
    base = name.rsplit("/", 1)[-1].lower()
    stem = base.split(".")[0]
    if endings:
        ending = endings[-1]
        if ending in FORMAT_OF_ENDING:
            return FORMAT_OF_ENDING[ending] or None
        if ending in CODE_ENDINGS:
            return "code"
    if stem in TEXT_NAMES or _LEGAL.search(base):
        return "text"
    return "code" if stem in CODE_NAMES else None


def _magic(head: bytes) -> str | None:
    for offset, magic, medium in MAGIC:
        if medium and head[offset : offset + len(magic)] == magic:
            return medium
    return None


def _foreign(medium: str | None, found: str, codec: str) -> bool:
    """Whether the first bytes say that it is something else than *found*."""
    if medium is None or medium in CODEC_MEDIA:
        return False
    if codec != "none":
        return False
    if found in _PACKED:
        return OWN_MEDIA.get(medium) != found
    # Text may begin with two letters that are a magic elsewhere ("MZ", "BZh"): only bytes that no text has are believed.
    return medium not in {
        "application/vnd.microsoft.portable-executable",
        "application/x-bzip2",
        "audio/mpeg",
        "application/rtf",
    }
