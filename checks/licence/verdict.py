"""What a record's evidence comes to: the most restrictive class, and whether its declarations contradict each other."""

from collections.abc import Sequence
from typing import NamedTuple

from checks.licence.classes import UNKNOWN, Declared, is_stricter, most_restrictive
from checks.licence.evidence import OWNERSHIP, STATEMENT, Evidence


class Verdict(NamedTuple):
    """A record's licence. *spdx*: the expression that decided, None where what decided has no SPDX id."""

    spdx: str | None
    licence_class: str
    conflicting: bool


def verdict(registry: Declared | None, record: Sequence[Declared], evidence: Sequence[Evidence] = ()) -> Verdict:
    """The minimum over the evidence.

    1. Declarations: the registry's licence, all that the record's own `declared_licence` names, tags that open their line, Creative
       Commons addresses at the text's edge, Chinese statements there. The most restrictive class wins.
    2. An ownership notice (版权所有) counts only where the record grants nothing itself: beside a tag, an address or a
       declared licence it says who grants, not that nothing is granted.
    3. A mention (an address amid the text, a tag amid a line) is somebody's licence, perhaps of an embedded work. It
       decides nothing; but where the record itself declares nothing and the mention is stricter than what the
       declarations give, these are not enough to go by, and the class is at least unknown.
    4. Nothing declared: unknown. A declaration that cannot be classed is unknown evidence, and pulls the same way.

    *conflicting*: two declarations fall into different classes, unknown left aside.
    """
    granting = [e for e in evidence if e.declares and e.kind != STATEMENT]
    grants_itself = bool(granting) or any(d.licence_class != UNKNOWN for d in record)
    declared: list[tuple[str | None, str]] = [(registry.spdx, registry.licence_class)] if registry is not None else []
    declared += [(d.spdx, d.licence_class) for d in record]
    declared += [(e.spdx, e.licence_class) for e in granting]
    declared += [
        (None, e.licence_class)
        for e in evidence
        if e.declares and e.kind == STATEMENT and not (grants_itself and e.detail == OWNERSHIP)
    ]
    licence_class = most_restrictive(c for _, c in declared)
    if not grants_itself and any(is_stricter(e.licence_class, licence_class) for e in evidence if not e.declares):
        licence_class = most_restrictive([licence_class, UNKNOWN])
    # Several ids of one class: the first in the order of evidence, which is fixed.
    spdx = next((s for s, c in declared if c == licence_class and s is not None), None)
    return Verdict(spdx, licence_class, len({c for _, c in declared} - {UNKNOWN}) > 1)
