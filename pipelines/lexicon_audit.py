"""The audit of a keyword library: its words held against clean reference text, those that stand everywhere set aside.

Raw lists hit 23-97 % of clean Chinese Wikipedia; with the words of a document frequency above 0.2 %, and those under three
characters that nobody curated, set aside, 96 % of the hits went (quality.md §5).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from checks.safety.literals import word_places
from checks.safety.words import LEAST_BYTES, WordSet
from pipelines.lexicon import COMMON, CURATED, IN_USE, LONG, Audit, Lexicon, state_of
from schemas.canonical import digest_of
from schemas.errors import ConfigError

LIMIT_PPM: Final = 2_000
"""Document frequency above which a word is set aside: 0.2 %."""
LEAST_DOCUMENTS: Final = 500
"""A smaller reference cannot tell 0.2 % from chance: one document of it is that share already."""
_BATCH_BYTES: Final = 16 << 20
_PPM: Final = 1_000_000


@dataclass(frozen=True)
class Reference:
    """Reference text. *digest*: over its files; *batches*: its documents, read anew at each call."""

    digest: str
    paths: tuple[Path, ...]
    field: str

    def batches(self) -> Iterator[pa.Array]:
        """Documents as large string arrays of about 16 MiB. Raises `ConfigError` for a file that holds none."""
        for path in self.paths:
            held: list[str] = []
            size = 0
            for text in _documents(path, self.field):
                held.append(text)
                size += len(text)
                if size >= _BATCH_BYTES // 3:
                    yield pa.array(held, pa.large_string())
                    held, size = [], 0
            if held:
                yield pa.array(held, pa.large_string())


def reference_of(paths: list[Path], field: str = "text") -> Reference:
    """The reference text in *paths*: JSON lines, with the text in *field*, or .txt with a document a line."""
    digests = []
    for path in paths:
        try:
            digests.append(sha256(path.read_bytes()).hexdigest())
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read ({error.strerror}); correct path or permissions") from error
    return Reference(digest_of(digests), tuple(paths), field)


def audited(lexicon: Lexicon, reference: str, batches: Iterable[pa.Array], limit_ppm: int = LIMIT_PPM) -> Lexicon:
    """*lexicon* with every state anew by what *batches* of documents hold. Raises `ConfigError` where they are too few."""
    words = tuple(
        sorted(
            {
                one.word
                for one in lexicon.entries
                if len(one.word.encode()) >= LEAST_BYTES and state_of(one.word, CURATED) != LONG
            }
        )
    )
    seek = WordSet(words)
    documents, total = 0, 0
    frequency, hits = np.zeros(len(words), np.int64), np.zeros(len(words), np.int64)
    pairs: list[tuple[np.ndarray, np.ndarray]] = []
    for batch in batches:
        found = word_places(batch, seek)
        pair = np.unique(np.stack([found.row, found.word]), axis=1)
        frequency += np.bincount(pair[1], minlength=len(words))
        hits += np.bincount(found.word, minlength=len(words))
        pairs.append((pair[0] + documents, pair[1]))
        documents += len(batch)
        total += len(found.row)
    if documents < LEAST_DOCUMENTS:
        raise ConfigError(
            f"reference: {documents} documents; give at least {LEAST_DOCUMENTS}, or one in it is a share of its own"
        )
    is_common = (frequency > 1) & (frequency * _PPM > limit_ppm * documents)
    common = {word for word, yes in zip(words, is_common.tolist(), strict=True) if yes}
    entries = tuple(
        replace(one, state=COMMON if state == IN_USE and one.word in common else state)
        for one in lexicon.entries
        for state in (state_of(one.word, one.kind),)
    )
    used = {one.word for one in entries if one.state == IN_USE}
    kept = np.array([word in used for word in words], np.bool_)
    hit = {int(row) for rows, numbers in pairs for row in rows[kept[numbers]]} if words else set()
    told = Audit(reference, documents, limit_ppm, len(words), total, int(hits[kept].sum()) if words else 0, len(hit))
    return replace(lexicon, entries=tuple(sorted(entries)), audit=told)


def _documents(path: Path, field: str) -> Iterator[str]:
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            text = raw.decode("utf-8", "replace").strip("\r\n")
            if not text.strip():
                continue
            if path.suffix.lower() == ".txt":
                yield text
                continue
            try:
                value = json.loads(text)[field]
            except (ValueError, KeyError, TypeError):
                value = None
            if not isinstance(value, str):
                raise ConfigError(
                    f"{path}:{number}: no JSON object with a text in {field!r}; name the field with --field, or give .txt"
                )
            yield value
