"""Writes the demo into a folder, and repairs it there as the gate asks."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from manifests.seal import make_key
from pipelines.demo.beside import FINGERPRINT, beside_files, fingerprint
from pipelines.demo.corpus import PLANTED, Planted, corpus_files
from pipelines.demo.registry import registry_files, run_file
from schemas.errors import ConfigError

HMAC_KEY_BYTES = 32


@dataclass(frozen=True)
class DemoPlan:
    """What was written: the run file, how many corpus files and bytes, and every planted case."""

    folder: Path
    run_file: Path
    files: int
    size_bytes: int
    planted: tuple[Planted, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Planted case -> how many."""
        return {case.case: case.count for case in self.planted}


def write_demo(folder: Path) -> DemoPlan:
    """Write corpus, registry, run file, what the run reads beside them, and fresh keys below *folder*, which must hold none.

    Everything but the keys is the same on every machine. Raises ConfigError where a demo lies there already.
    """
    parts = ("corpus", "sources", "captures", "lists", "restricted", "keys", "ledger", "run.yaml")
    taken = [name for name in parts if (folder / name).exists()]
    if taken:
        raise ConfigError(f"{folder}: holds {', '.join(taken)} already; choose another folder, or remove it first")
    corpus = corpus_files(planted=True)
    _write(folder, {**corpus, **registry_files(planted=True), **beside_files(), "run.yaml": run_file()})
    _write(folder, {FINGERPRINT: fingerprint(folder)})
    _write_key(folder / "keys/hmac.key")
    make_key(folder / "keys/sign.pem")
    size_bytes = sum(map(len, corpus.values()))
    return DemoPlan(folder, folder / "run.yaml", len(corpus), size_bytes, PLANTED)


def repair_demo(folder: Path) -> tuple[str, ...]:
    """Do in *folder* what the gate asked for; the paths that were changed, added or removed, in order.

    Files that need no repair keep their bytes and times, so that a second run reads only what changed.
    """
    before = {**corpus_files(planted=True), **registry_files(planted=True)}
    after = {**corpus_files(planted=False), **registry_files(planted=False)}
    gone = sorted(before.keys() - after.keys())
    changed = {path: content for path, content in after.items() if before.get(path) != content}
    for path in gone:
        (folder / path).unlink(missing_ok=True)
    _write(folder, changed)
    return tuple(sorted([*gone, *changed]))


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, content in sorted(files.items()):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _write_key(path: Path) -> None:
    """32 random bytes that only the owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(secrets.token_bytes(HMAC_KEY_BYTES))
