"""`python -m checks.licence.texts.build WHEEL [--write]`: the data file from LicenseDB, as one pinned package carries it.

WHEEL is scancode-toolkit-mini of the version below; ``pip download --no-deps`` fetches it. It holds ScanCode LicenseDB:
every licence of the SPDX list, Chinese, data and model licences, and the notices and phrases that name them. The
licences' texts are those of their authors; AboutCode's collection of them is CC-BY-4.0 (ATTRIBUTION.md).
"""

import hashlib
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import yaml

from checks.licence.texts.packing import KINDS, MOST_TERMS, Rules, packed
from checks.licence.texts.store import DIGEST, PATH
from checks.terms import shingle_runs

PACKAGE: Final = "scancode-toolkit-mini"
VERSION: Final = "32.5.0"
SHA256: Final = "7ae5e7b46b8cdbab78afb50380ffc1239d296e81e154314a8c3382e678c664cf"
LEAST_TERMS: Final = 5  # a rule of fewer is no text: short names are for expressions to find
_FOLDERS: Final = ("licensedcode/data/licenses/", "licensedcode/data/rules/")
# Phrases that say that there is a licence, not which; and those that need no licence to be said.
_SAYS_NOTHING: Final = re.compile(
    r"unknown|warranty-disclaimer|generic-|see-license|no-license|free-unknown|other-permissive|other-copyleft|patent-disclaimer"
)
_DROPPED: Final = ("is_deprecated", "is_false_positive", "is_license_intro", "is_license_clue")
_KIND_KEYS: Final = ("is_license_text", "is_license_notice", "is_license_reference", "is_license_tag")
_PARTS: Final = re.compile(r"---[ \t]*\r?\n(.*?)^---[ \t]*\r?$\n?(.*)", re.DOTALL | re.MULTILINE)
_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_MARK: Final = re.compile(r"\{\{|\}\}")
# The same licence in another language, which LicenseDB lists apart; and those that schemas/licences.yaml names otherwise.
_SAME: Final = {
    "mulanpsl-1.0-en": "MulanPSL-1.0", "mulanpsl-2.0-en": "MulanPSL-2.0", "stable-diffusion-2022-08-22": "LicenseRef-CreativeML-OpenRAIL-M",
    "proprietary-license": "LicenseRef-all-rights-reserved", "commercial-license": "LicenseRef-all-rights-reserved",
}  # fmt: skip
_RESERVED: Final = "LicenseRef-all-rights-reserved"
_NOT_COMMERCIAL: Final = re.compile(
    r"non.?commercial|commercial use (?:requires|is (?:prohibited|forbidden|not))|(?:no|not for) commercial",
    re.IGNORECASE,
)
_OWN: Final = PATH.with_name("own.yaml")


@dataclass(frozen=True)
class Rule:
    """One file of LicenseDB. *text* without marks; *required*: spans of it, in code points, that must be there word for word."""

    expression: str
    kind: str
    coverage: int
    relevance: int
    text: str
    required: tuple[tuple[int, int], ...]


def rules_of(wheel: Path) -> Iterator[Rule]:
    """Every rule and licence text of the package that names a licence, in the order of their file names."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: list[tuple[str, dict[str, Any], str]] = []
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            if name.startswith(_FOLDERS) and name.endswith((".RULE", ".LICENSE")):
                parts = _PARTS.fullmatch(archive.read(name).decode())
                if parts is None:
                    raise ValueError(f"{name}: no head between two lines of ---; is it {PACKAGE} {VERSION}?")
                found.append((name, yaml.load(parts[1], loader) or {}, parts[2]))  # noqa: S506  # safe, either of the two
    spdx = {head["key"]: head["spdx_license_key"] for _, head, _ in found if "spdx_license_key" in head}
    for name, head, text in found:
        if not text.strip() or any(head.get(key) for key in _DROPPED):
            continue
        expression = head.get("license_expression") or head["key"]
        if _SAYS_NOTHING.search(expression):
            continue
        plain, required = _without_marks(text)
        licence = _in_spdx(expression, spdx)
        if licence == _RESERVED and _NOT_COMMERCIAL.search(plain):  # LicenseDB has one key for all proprietary terms
            licence = f"{_RESERVED} AND LicenseRef-non-commercial"
        yield Rule(licence, _kind(name, head), int(head.get("minimum_coverage", 0)),
                   int(head.get("relevance", 100)), plain, required)  # fmt: skip


def own_rules(content: str) -> Iterator[Rule]:
    """The phrases of `own.yaml`, each with all of its words required."""
    own = yaml.safe_load(content)
    named = [(licence, phrase) for licence, phrases in own["phrases"].items() for phrase in phrases]
    commons = own["creative_commons"]
    for (licence, terms), version in product(commons["terms"].items(), commons["versions"]):
        named += [
            (f"{licence}-{version}", f"{start}{term} {version}") for start, term in product(commons["starts"], terms)
        ]
    named += [
        (licence, way.format(version))
        for version, licence in own["llama"]["versions"].items()
        for way in own["llama"]["ways"]
    ]
    for licence, phrase in named:
        yield Rule(licence, KINDS[2], 100, 100, phrase, ((0, len(phrase)),))


def made(rules: Iterable[Rule], made_from: dict[str, str]) -> Rules:
    """The rules as arrays; of two with the same terms the first stays. Raises ``ValueError`` for too many terms or rules."""
    listed = list(rules)
    hashes, places, ends = shingle_runs(
        pa.array([r.text for r in listed], pa.large_string()), np.arange(len(listed)), 1
    )
    vocabulary, numbers = np.unique(hashes, return_inverse=True)
    if len(vocabulary) >= MOST_TERMS or len(listed) >= MOST_TERMS:
        raise ValueError(f"licence texts: {len(vocabulary)} terms, {len(listed)} rules; at most {MOST_TERMS} of each")
    kept: dict[bytes, int] = {}
    for i, (start, end) in enumerate(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)):
        if end - start >= LEAST_TERMS:
            kept.setdefault(hashes[start:end].tobytes(), i)
    chosen = list(kept.values())
    phrases = []
    for number, i in enumerate(chosen):
        starts = places[ends[i] : ends[i + 1], 0]
        for a, b in listed[i].required:
            first, last = np.searchsorted(starts, (a, b)).tolist()
            if last > first:
                phrases.append((number, first, last - first))
    required = np.array(phrases, np.int64).reshape(-1, 3)
    expressions = sorted({listed[i].expression for i in chosen})
    number_of = {expression: n for n, expression in enumerate(expressions)}
    return Rules(
        vocabulary=vocabulary,
        lengths=np.array([ends[i + 1] - ends[i] for i in chosen], np.uint32),
        terms=np.concatenate([numbers[ends[i] : ends[i + 1]] for i in chosen]) + 1,
        licences=np.array([number_of[listed[i].expression] for i in chosen], np.uint16),
        kinds=np.array([KINDS.index(listed[i].kind) for i in chosen], np.uint8),
        coverage=np.array([listed[i].coverage for i in chosen], np.uint8),
        relevance=np.array([listed[i].relevance for i in chosen], np.uint8),
        required_rule=required[:, 0], required_start=required[:, 1], required_length=required[:, 2],
        expressions=tuple(expressions), made_from=made_from,
    )  # fmt: skip


def _in_spdx(expression: str, spdx: dict[str, str]) -> str:
    def of(match: re.Match[str]) -> str:
        key = match[0]
        if key.upper() in {"AND", "OR", "WITH"}:
            return key.upper()
        return _SAME.get(key) or spdx.get(key) or f"LicenseRef-scancode-{key}"

    return _KEY.sub(of, " ".join(expression.split()))


def _kind(name: str, head: dict[str, Any]) -> str:
    if name.endswith(".LICENSE"):
        return KINDS[0]
    return next((kind for kind, key in zip(KINDS, _KIND_KEYS, strict=True) if head.get(key)), KINDS[2])


def _without_marks(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """*text* with a space for each ``{{`` and ``}}``, and the spans between them."""
    spans, opened = [], None
    for mark in _MARK.finditer(text):
        if mark[0] == "{{":
            opened = mark.end()
        elif opened is not None:
            spans.append((opened, mark.start()))
            opened = None
    return _MARK.sub("  ", text), tuple(spans)


def main(arguments: list[str]) -> int:
    """Print the digest that the wheel gives; with ``--write``, put the file in its place. 2: not that wheel."""
    if not arguments or arguments[1:] not in ([], ["--write"]):
        sys.stderr.write("usage: python -m checks.licence.texts.build WHEEL [--write]\n")
        return 2
    wheel = Path(arguments[0])
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != SHA256:
        sys.stderr.write(f"{wheel.name}: SHA-256 {found}, not {SHA256}; take {PACKAGE} {VERSION} for CPython 3.11\n")
        return 2
    own = _OWN.read_text(encoding="utf-8")
    data = packed(
        made(
            chain(own_rules(own), rules_of(wheel)),
            {"package": PACKAGE, "version": VERSION, "sha256": SHA256, "own": hashlib.sha256(own.encode()).hexdigest()},
        )
    )
    digest = hashlib.sha256(data).hexdigest()
    if arguments[1:]:
        PATH.write_bytes(data)
    said = "as store.DIGEST says" if digest == DIGEST else "put it into store.DIGEST"
    sys.stdout.write(f"{digest}  {len(data)} bytes; {said}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
