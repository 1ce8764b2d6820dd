"""The YAML of a new source: what is given, then what its class must still prove, then what is not declared, as remarks."""

from collections.abc import Mapping
from typing import Any, Final

import yaml

from schemas.errors import ConfigError
from schemas.source import CLASSES, GRADES, ORIGINS, REVIEW_DECISIONS, Source
from schemas.source_proofs import Proof, missing_proofs
from schemas.uses import USES
from schemas.yaml_places import read_yaml
from schemas.yaml_shape import Binding, Choice, slots_of, taken_apart

_PAPER: Final = "    # a file beside this YAML, a URL, or sha256:<digits>"
_DAY: Final = "    # such as 2026-01-31"
_TO_FILL: Final[Mapping[str, tuple[str, ...]]] = {
    "class": (f"class:    # {' | '.join(CLASSES)}",),
    "licence-file": (f"licence_evidence:{_PAPER}",),
    "collection-period": (f"collected_from:{_DAY}", f"collected_until:{_DAY}"),
    "collection-tool": ("collected_with:    # tool and version",),
    "collection-records": ("acquisition:", f"  records: []{_PAPER}"),
    "robots-policy": ("acquisition:", "  user_agent:", "  robots_policy:    # e.g. RFC 9309, as fetched with the pages"),
    "contract": (
        "contract:", f"  file:{_PAPER}", "  id:", f"  uses: []    # {', '.join(USES)}", "  territory: []    # codes of ISO 3166-1 such as CN, or worldwide",
        f"  from:{_DAY}", f"  until:{_DAY}",
    ),
    "contract-expired": ("contract:", f"  until:{_DAY}"),
    "contract-not-begun": ("contract:", f"  from:{_DAY}"),
    "supplier-warranty": ("contract:", f"  warranty:{_PAPER}"),
    "user-agreement": ("authorisation:", f"  agreement:{_PAPER}", "  version:", "  purpose:"),
    "authorisation-records": ("authorisation:", f"  records: []{_PAPER}"),
    "ownership": ("ownership:", f"  file:{_PAPER}", "  by:", f"  on:{_DAY}"),
    "generator": ("generator:", "  model:", "  version:", "  at:    # when it was made"),
    "generator-terms": ("generator:", f"  terms:{_PAPER}"),
}  # fmt: skip
"""What to write where a proof is missing; lines of one key are put together. A key that is left empty declares nothing."""
_SHAPES: Final = {
    "public_data": " {terms: , authority: }", "origin": f" {{value: , by: , on: }}    # {' | '.join(ORIGINS)}, as a person attests it",
    "classification": f" {{grade: , by: , on: }}    # {' | '.join(GRADES)}",
    "review": f" {{decision: , by: , on: , expires: }}    # {' | '.join(REVIEW_DECISIONS)}",
    "labelling_rules": _PAPER, "personal_basis_evidence": _PAPER, "licence_evidence": _PAPER, "contract": _PAPER,
    "licence": "    # SPDX expression, or LicenseRef-…", "legal_basis": '    # e.g. "outside copyright: PRC Copyright Law Art. 5"',
}  # fmt: skip
_LEFT_OUT: Final = ("columns", "record", "identity", "note", "licence_files", "link_list", "base_models", "reviews")


def written(given: Mapping[str, Any], as_of: str) -> str:
    """The text of a new source's YAML. *given*: by key, without what is unset; *as_of*: ISO date.

    Raises `ConfigError` where what is given is no source.
    """
    head = yaml.safe_dump(dict(given), allow_unicode=True, sort_keys=False, width=120)
    source = _bound(head)
    missing = missing_proofs(source, as_of)
    parts = [
        "# A source of the registry; every key: docs/configuration.md. What is not written is not declared, which is never",
        "# the same as fine. Take the remark sign away from what you can declare, and write what is so.",
        head.rstrip(),
    ]
    if missing:
        of = f"of class {source.source_class}" if source.source_class else "of every class"
        parts += ["", f"# MISSING: what a source {of} must have. 缺少的证明材料："]
        parts += [f"#   {proof.says.zh} — {proof.says.en}" for proof in missing]
        parts += [f"# {line}" for line in _to_fill(missing)]
    named = {key.split(".")[0] for proof in missing for key in proof.keys}
    rest = [line for key, line in _undeclared() if key not in given and key not in named]
    parts += ["", "# Not declared:", *(f"# {line}" for line in rest)]
    return "\n".join(parts) + "\n"


def _bound(text: str) -> Source:
    problems: list[str] = []
    placed = read_yaml(text.encode(), "the new source", problems)
    source = None if placed is None else Binding("the new source", problems).value(placed, Source, "source")
    if source is not None:
        problems += [f"the new source: {key}: {problem}" for key, problem in source.problems()]
    if problems or source is None:
        raise ConfigError(*problems)
    return source


def _to_fill(missing: tuple[Proof, ...]) -> list[str]:
    """The lines to fill, those of one mapping under its key."""
    blocks: dict[str, list[str]] = {}
    for proof in missing:
        first, *inner = _TO_FILL[proof.code]
        if inner and first.endswith(":"):
            held = blocks.setdefault(first, [])
            held += [line for line in inner if line not in held]
        else:
            blocks |= {line: [] for line in (first, *inner)}
    return [line for head, inner in blocks.items() for line in (head, *inner)]


def _undeclared() -> list[tuple[str, str]]:
    """(key, line) of every other key, with its words where the list of them is closed."""
    found = []
    for slot in slots_of(Source):
        _, marks = taken_apart(slot.of)
        words = next((mark.words for mark in (*marks, *slot.marks) if isinstance(mark, Choice)), ())
        if not slot.required and slot.field not in _LEFT_OUT:
            shape = _SHAPES.get(slot.key, f"    # {' | '.join(words)}" if words else "")
            found.append((slot.key, f"{slot.key}:{shape}"))
    return found
