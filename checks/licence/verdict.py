"""What a record's evidence comes to: the minimum of all that speaks for it, and whether its declarations contradict each other."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from checks.licence import statements
from checks.licence.classes import UNKNOWN, Declared, is_stricter, most_restrictive, term_of
from checks.licence.piece import Evidence

MOST_TERMS: Final = 16
"""Of one record's expression; what lies beyond, the least restrictive, is said to be unknown."""
_UNKNOWN_TERM: Final = term_of(None, UNKNOWN)


class Verdict(NamedTuple):
    """A record's licence.

    *spdx*: everything that speaks for the record, joined by AND, as an SPDX expression; what has no SPDX id is a
    LicenseRef-… of LicenseDB or of `names.OWN`. None: nothing speaks for it.
    """

    spdx: str | None
    licence_class: str
    conflicting: bool

    @property
    def key(self) -> str:
        """What the table `licences` counts it under: the expression, else the class, which is unknown then."""
        return self.spdx or self.licence_class


def verdict(
    registry: Sequence[Declared], record: Sequence[Declared], evidence: Sequence[Evidence] = (),
    mentioned: Sequence[Declared] = (), terms: Sequence[Declared] = (),
) -> Verdict:  # fmt: skip
    """The minimum over the evidence.

    1. What speaks for the record: *registry* (the source's licence, its generator's terms); *record*, all that its own
       fields declare; and the pieces of *evidence* that declare. All of them hold at once: the expression joins them by AND, and
       the most restrictive class wins. No grant outweighs a restriction.
    2. An ownership notice (版权所有, all rights reserved) counts only where the record grants nothing itself: beside a tag,
       an address or a declared licence it says who grants, not that nothing is granted.
    3. A mention (*mentioned* by its fields, an address amid the text, a tag amid a line) is somebody's licence, perhaps of an embedded work. It
       decides nothing; but where the record itself declares nothing and the mention of a licence is stricter than what
       the declarations give, these are not enough to go by, and the class is at least unknown.
    4. Nothing declared: unknown. A declaration that cannot be classed is unknown evidence, and pulls the same way.
    5. *terms* that other checks found the record under (its site's opt-out, the licence of a dataset that it is known from)
       only take away: they hold beside all the rest, and what nobody declared stays unknown beside them.

    *conflicting*: two declarations fall into different classes, unknown left aside.
    """
    granting = [e for e in evidence if e.declares and e.kind not in statements.KINDS]
    grants_itself = any(e.licence_class != UNKNOWN for e in granting) or any(d.licence_class != UNKNOWN for d in record)
    declared = [(d.spdx, d.licence_class) for d in (*registry, *record)]
    declared += [
        (e.spdx, e.licence_class)
        for e in evidence
        if e.declares and not (grants_itself and e.kind in statements.KINDS and e.detail == statements.OWNERSHIP)
    ]
    licence_class = most_restrictive(c for _, c in declared)
    others = [d.licence_class for d in mentioned]
    others += [e.licence_class for e in evidence if not e.declares and e.kind not in statements.KINDS]
    if not grants_itself and any(is_stricter(c, licence_class) for c in others):
        licence_class = most_restrictive([licence_class, UNKNOWN])
        declared += [(_UNKNOWN_TERM, UNKNOWN)] if declared else []
    if terms:
        declared = [*(declared or [(_UNKNOWN_TERM, UNKNOWN)]), *((d.spdx, d.licence_class) for d in terms)]
        licence_class = most_restrictive((licence_class, *(d.licence_class for d in terms)))
    return Verdict(_joined(declared), licence_class, len({c for _, c in declared} - {UNKNOWN}) > 1)


def _joined(declared: Iterable[tuple[str | None, str]]) -> str | None:
    """One expression of all: its terms each once, in the order of their letters."""
    terms: dict[str, str] = {}
    for spdx, licence_class in declared:
        term = term_of(spdx, licence_class)
        parts = [term] if " OR " in term or "(" in term else term.split(" AND ")
        for part in parts:
            held = terms.get(part, licence_class)
            terms[part] = licence_class if is_stricter(licence_class, held) else held
    if len(terms) > MOST_TERMS:
        strictest = sorted(terms, key=lambda t: (not is_stricter(terms[t], UNKNOWN), terms[t] != UNKNOWN, t))
        terms = dict.fromkeys([*strictest[:MOST_TERMS], _UNKNOWN_TERM], "")
    if len(terms) == 1:
        return next(iter(terms))
    return " AND ".join(sorted(f"({t})" if " OR " in t else t for t in terms)) or None
