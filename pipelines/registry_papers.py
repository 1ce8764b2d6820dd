"""The papers that a source's YAML names: each is there, and is the one that its digest says."""

import hashlib
from collections.abc import Callable
from dataclasses import is_dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from pipelines.places import document_problem, is_uri, resolved
from schemas.source_papers import Contract, Document, Ownership, Review
from schemas.yaml_places import Placed, quoted
from schemas.yaml_shape import bare_key, slots_of

T = TypeVar("T")
Say = Callable[[int | None, str], None]
"""Report a mistake: (line, ``key: what is wrong; what to do``)."""
PAPERS: Final = (Document, Contract, Ownership)
"""Shapes with `file` and `sha256`."""


def with_digests(value: T, placed: Placed, folder: Path, say: Say, key: str = "") -> T:
    """*value*, bound from *placed*, with the digest of every local paper in it; papers lie in *folder* or below it.

    What is missing, lies elsewhere or has another digest than the YAML says goes to *say*.
    """
    if isinstance(value, tuple) and placed.kind == "list":
        pairs = enumerate(zip(value, placed.value, strict=True))
        return cast("T", tuple(with_digests(one, item, folder, say, f"{key}[{i}]") for i, (one, item) in pairs))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changed: dict[str, Any] = {}
    whole: Any = value
    if isinstance(value, PAPERS):
        digest = _digest(value, placed, folder, say, key)
        if digest is not None:
            changed["sha256"] = digest
    if placed.kind == "map":
        for slot in slots_of(cast("type", type(whole))):
            item = placed.value.get(slot.key)
            held = getattr(whole, slot.field)
            if item is not None and held is not None:
                inner = f"{key}.{slot.key}" if key else slot.key
                new = with_digests(held, item, folder, say, inner)
                if new is not held:
                    changed[slot.field] = new
    return cast("T", replace(whole, **changed)) if changed else value


def review_line(placed: Placed, review: Review) -> int | None:
    """The line on which the YAML gives the end of *review*."""
    listed = placed.value["reviews"].value if "reviews" in placed.value else ()
    for one in (*((placed.value["review"],) if "review" in placed.value else ()), *listed):
        said = {name: item.value for name, item in one.value.items() if item.kind != "list"}
        if all(said.get(name) == getattr(review, name) for name in ("by", "on", "expires")):
            line: int = one.value["expires"].line
            return line
    return None


def _digest(paper: Document | Contract | Ownership, placed: Placed, folder: Path, say: Say, key: str) -> str | None:
    """The digest of a local paper; None where there is none to work out, or the paper is not as it should be."""
    if paper.file is None:
        return None
    item = placed
    if placed.kind == "map":
        item = placed.value[bare_key(paper) or "file"]
    wrong = document_problem(paper.file, folder)
    if wrong is not None:
        say(item.line, f"{key}: {wrong}")
        return None
    if paper.file.startswith("sha256:"):
        found = paper.file.removeprefix("sha256:")
    elif is_uri(paper.file):
        return None
    else:
        place = Path(resolved(paper.file, folder))
        try:
            with place.open("rb") as data:
                found = hashlib.file_digest(data, "sha256").hexdigest()
        except OSError as error:
            say(item.line, f"{key}: {quoted(paper.file)} cannot be read ({error.strerror}); check its permissions")
            return None
    if paper.sha256 is not None and paper.sha256 != found:
        line = placed.value["sha256"].line
        say(
            line,
            f"{key}: {quoted(paper.file)} has the sha256 {found}, not the one written here; find out which paper was meant",
        )
        return None
    return found
