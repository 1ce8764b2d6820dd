"""Paths and URIs of the configuration: resolved against its folder, and checked before a worker starts."""

import os
import re
from collections.abc import Mapping
from glob import has_magic
from pathlib import Path
from typing import Any, Final

from schemas.run import JOINED_LISTS
from schemas.source import URI, path_problems
from schemas.yaml_places import quoted

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


def resolved(text: str, folder: Path) -> str:
    """A local path made absolute from *folder*, with `..` taken out; a URI as it stands, ``file://`` as a local path."""
    if text.lower().startswith("file://"):
        return os.path.normpath(text[len("file://") :])
    if URI.match(text):
        return text
    return os.path.normpath(folder.absolute() / text)  # lexical: a link is not followed, the path stays as registered


def is_uri(text: str) -> bool:
    """Whether *text* names a place in a store rather than on this machine."""
    return URI.match(text) is not None and not text.lower().startswith("file://")


def within(inner: str, outer: str) -> bool:
    """Whether resolved path or URI *inner* is *outer* or lies under it."""
    base = outer.rstrip("/")
    return inner.rstrip("/") == base or inner.startswith(base + "/")


def corpus_problems(good: Mapping[str, Any], folder: Path) -> list[tuple[str, str]]:
    """(key of run.yaml, problem) with corpus roots, ledger and lists; *good*: the fields that could be bound."""
    found: list[tuple[str, str]] = []
    for root in good.get("corpus", ()):
        wrong = path_problems(root)
        found += [("corpus", f"corpus: {problem}") for problem in wrong]
        if not wrong and not is_uri(root) and not Path(resolved(root, folder)).exists():
            found.append(
                (
                    "corpus",
                    f"corpus: no file or folder {quoted(root)}; correct the path (it starts from {str(folder)!r})",
                )
            )
    ledger = good.get("ledger")
    if ledger is not None:
        found += [("ledger", f"ledger: {problem}") for problem in path_problems(ledger)]
        for root in good.get("corpus", ()):
            if within(resolved(ledger, folder), resolved(root, folder)):
                found.append(
                    (
                        "ledger",
                        f"ledger: {quoted(ledger)} lies inside the corpus {quoted(root)} and would be scanned; move it out",
                    )
                )
    for name, given in good.get("lists", ()):
        # Of the others a file that is not there is no mistake but something unknown, which the gate tells of.
        if name not in JOINED_LISTS and not is_uri(given.path) and not Path(resolved(given.path, folder)).is_file():
            found.append(("lists", f"lists.{name}: no file {quoted(given.path)}; write it, or take the list out"))
    return found


def key_problems(good: Mapping[str, Any], folder: Path) -> list[tuple[str, str]]:
    """(key of run.yaml, problem) with key references. A value that is no file may be a key itself: it is never repeated."""
    keys = good.get("keys")
    given = {name: getattr(keys, name) for name in ("hmac", "sign")} if keys is not None else {}
    return [
        (
            f"keys.{name}",
            f"keys.{name}: names no file; write the path of a file that holds the key, never the key itself",
        )
        for name, file in given.items()
        if file is not None and not Path(resolved(file, folder)).is_file()
    ]


def source_path_problem(text: str, folder: Path, roots: list[str] | None) -> str | None:
    """What is wrong with one of a source's paths: climbs out of every corpus root, or names nothing that exists.

    *roots*: resolved corpus roots, None where there is no run. A path outside them is allowed where it is written as
    what it is, absolute or a URI; a relative one with `..` that leaves them all is taken for a slip or a trick.
    """
    if path_problems(text) or is_uri(text):
        return None
    whole = resolved(text, folder)
    allowed = [*(roots or []), resolved(".", folder)]
    if ".." in text.split("/") and not any(within(whole, root) for root in allowed):
        return f"{quoted(text)} climbs out of every corpus root; add its folder to `corpus` in run.yaml, or write it absolute"
    fixed = whole
    while has_magic(fixed):
        fixed = os.path.dirname(fixed)  # noqa: PTH120
    if not Path(fixed).exists():
        return f"no file or folder {quoted(text)}; correct the path (it starts from {str(folder)!r})"
    return None


def document_problem(text: str, folder: Path) -> str | None:
    """What is wrong with a reference to a document: a URL, ``sha256:<hex>``, or a file beside the YAML in *folder*."""
    if re.match(r"https?://\S+$", text) or _DIGEST.fullmatch(text):
        return None
    if URI.match(text):
        return " and ".join(path_problems(text)) or None
    whole = resolved(text, folder)
    if Path(text).is_absolute() or not within(whole, resolved(".", folder)):
        return (
            f"{quoted(text)} lies outside the registry's folder; copy the document there, or give a URL or sha256:<hex>"
        )
    if not Path(whole).is_file():
        return f"no file {quoted(text)} beside the YAML; put it there, or give a URL or sha256:<hex>"
    return None
