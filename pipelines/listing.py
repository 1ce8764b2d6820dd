"""Every file under the corpus roots and the sources: who claims it, what it is, whether it is known. Nothing is skipped."""

import os
from collections.abc import Mapping
from pathlib import Path

from pipelines.claims import claim_conflicts
from pipelines.config import Loaded
from pipelines.known import Earlier
from pipelines.plan import ListedFile
from pipelines.read.base import Framing
from pipelines.read.heads import head_of
from pipelines.read.listing import Listed, listing, token_text
from pipelines.read.media import framing_for, media_type
from schemas.canonical import parse_json
from schemas.errors import ConfigError, LedgerError
from schemas.source import UNREGISTERED, Source


def listed(loaded: Loaded, earlier: Earlier, now_ns: int) -> list[ListedFile]:
    """Every file of the run. Raises `ConfigError` for a root or a path without files, and for files claimed twice.

    *now_ns*: when the listing began; a local token younger than two seconds is weak, for a file may change again
    within the clock's grain. A known strong token spares opening the file.
    """
    sources = {s.id: s for s in loaded.sources}
    found: dict[str, Listed] = {}
    claims: dict[str, str] = {}
    problems: list[str] = []
    twice: list[tuple[str, str]] = []
    for root in loaded.run.corpus:
        found |= {f.uri: f for f in _files(loaded.resolve(root), f"{loaded.path}: corpus", problems)}
    for source in loaded.sources:
        for path in source.paths:
            place, before = f"{loaded.places.get(source.id, source.id)}: paths", len(problems)
            files = _files(loaded.resolve(path), place, problems)
            if not files and len(problems) == before:
                problems.append(
                    f"{place}: there is no file in {path!r}; correct the path, or take it out of the source"
                )
            for file in files:
                found[file.uri] = file
                other = claims.setdefault(file.uri, source.id)
                if other != source.id:
                    shard = registered(file.uri, loaded.folder)
                    twice += [(shard, other), (shard, source.id)]
    problems += claim_conflicts(twice, loaded.places)
    if problems:
        raise ConfigError(*problems)
    unregistered = Source(id=UNREGISTERED, paths=())
    always_read = loaded.run.identity == "bytes"
    return [
        _listed_file(f, sources.get(claims.get(f.uri, ""), unregistered), loaded.folder, earlier, now_ns, always_read)
        for f in sorted(found.values(), key=lambda f: f.uri)
    ]


def registered(uri: str, folder: Path) -> str:
    """The shard path as registered: relative to the run file's folder where it lies below it or beside it, else the URI."""
    if "://" in uri:
        return uri
    return Path(os.path.relpath(uri, folder)).as_posix()


def _listed_file(
    file: Listed, source: Source, folder: Path, earlier: Earlier, now_ns: int, always_read: bool
) -> ListedFile:
    token = token_text(file.token)
    strong = is_strong(file.token, now_ns) and source.identity != "bytes" and not always_read
    shard = registered(file.uri, folder)
    known = earlier.framing(file.uri, token, shard, source) if strong else None
    problem = None
    if "not_a_file" in file.token:
        problem = (
            f"{shard}: is no file but a {file.token['not_a_file']}; take it out of the corpus, or put the file there"
        )
    framing: Framing | None = None
    media = "application/octet-stream"
    if known is not None:
        framing, media = framing_of_json(known.framing), known.media_type
    elif problem is None:
        try:
            head = head_of(file.uri)
            framing, media = framing_for(shard, head, source), media_type(shard, head)
        except (LedgerError, OSError) as err:
            told = (
                str(err)
                if isinstance(err, LedgerError)
                else f"{shard}: cannot be opened ({err.strerror}); check its permissions"
            )
            problem = told.replace(file.uri, shard)  # where it lies on this machine is no part of a work id
    return ListedFile(source.id, shard, file.uri, file.size_bytes, token, strong, media, framing, problem)


def framing_of_json(text: str | None) -> Framing | None:
    """The framing of its canonical JSON in a units table."""
    if text is None:
        return None
    f = parse_json(text.encode())
    return Framing(f["format"], f["layout"], f["record"], f["codec"], tuple((a, b) for a, b in f["columns"]))


def is_strong(token: Mapping[str, object], now_ns: int) -> bool:
    """Does the token alone prove the bytes unchanged? A store's version or ETag does; a local one once it is 2 s old."""
    if "mtime_ns" not in token:
        return bool(token.get("version") or token.get("etag") or token.get("generation"))
    newest = max(int(str(token["mtime_ns"])), int(str(token["ctime_ns"])))
    return now_ns - newest >= 2_000_000_000


def _files(where: str, place: str, problems: list[str]) -> list[Listed]:
    try:
        return listing(where)
    except (LedgerError, OSError) as err:
        problems.append(f"{place}: {err}")
        return []
