"""Who may judge: no person who collected, made or labelled the data, no filter that decided or selected its rows.

Names are compared folded (NFKC, case, white space). The ledger keeps pseudonyms: keyed HMACs where a key is at hand, so that
one reviewer is the same over all reviews, else a number within the review.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import pyarrow.compute as pc

from manifests.store import Store
from pipelines.review_choose import units_of
from schemas.manifest import Manifest
from schemas.review import ReviewPlan

_PEOPLE: Final = ("owner", "acquisition.by", "ownership.by", "contract.party")
"""Where a source's YAML names who collected, made or supplied it; not who reviewed or classified it."""
_VERSION: Final = re.compile(r"[@ /:=]\s*v?[0-9].*$")
_MACHINES: Final = (
    "collected_with",
    "acquisition.tools",
    "generator",
    "generator.model",
    "base_models",
    "base_models.name",
)
_PSEUDONYM_BYTES: Final = 6


def folded(name: str) -> str:
    """A name as it is compared."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def people_of(declared: Mapping[str, Any]) -> set[str]:
    """The names, folded, of those who collected, made or supplied a source, as its registry says."""
    return {folded(name) for place in _PEOPLE for name in _names_at(declared, place.split("."))}


def machines_of(declared: Mapping[str, Any]) -> set[str]:
    """The tools and models, folded and without versions, that collected, made, labelled or filtered a source."""
    return {kind_of(name) for place in _MACHINES for name in _names_at(declared, place.split("."))}


def kind_of(judge: str) -> str:
    """A machine's name without its version: ``safety@2``, ``safety 2``, ``safety/2`` and ``safety`` are one."""
    return _VERSION.sub("", folded(judge))


def deciders_of(store: Store, manifest: Manifest) -> set[str]:
    """The checks that decided rows of a run: by the rules that its decisions name."""
    if manifest.counts.decisions is None or not manifest.counts.decisions.dropped:
        return set()
    rules: set[str] = set()
    for unit in units_of(store, manifest):
        table = unit.table(store, "decisions", "decisions", ["rule"])
        if table is not None:
            rules.update(rule for rule in pc.unique(table.column("rule")).to_pylist() if rule is not None)
    return {folded(rule.partition(".")[0]) for rule in rules}


def judge_problems(
    judge: str, plan: ReviewPlan, deciders: set[str], declared: Mapping[str, Mapping[str, Any]]
) -> list[str]:  # fmt: skip
    """Why the machine *judge* may not judge a sample of these sources (id -> declared); one sentence each."""
    name = kind_of(judge)
    if not name:
        return ["--judge: is empty; name the machine and its version, such as toxicity-model@3"]
    found = []
    if name in {kind_of(one) for one in plan.independent_of}:
        found.append(f"--judge {judge}: the plan {plan.id} asks for a judge that is independent of it; name another")
    if name in deciders:
        found.append(
            f"--judge {judge}: it decided rows of this run, and a filter may not be its own judge; name another"
        )
    found += [
        f"--judge {judge}: source {source} names it as what made, collected, labelled or filtered it; name another"
        for source, said in sorted(declared.items()) if name in machines_of(said)
    ]  # fmt: skip
    return found


def reviewer_problems(
    reviewers: Mapping[str, set[str]], declared: Mapping[str, Mapping[str, Any]], checks: Sequence[str],
    annotators: Collection[str] = (),
) -> list[str]:  # fmt: skip
    """Why people may not judge what they judged. *reviewers*: name -> sources of their records; *checks*: of the run;
    *annotators*: the pseudonyms under which its data was labelled, which a reviewer may have entered too.
    """
    found = []
    labelled = {folded(one) for one in annotators}
    for name, sources in sorted(reviewers.items()):
        if folded(name) in labelled:
            found.append(
                "reviewer: one of them labelled data of this run, under that very pseudonym; have others judge its records"
            )
        if kind_of(name) in {folded(check) for check in checks}:
            found.append("reviewer: a check of the run stands there; its sample is judged by people")
        found += [
            f"reviewer: one of them is named by source {source} as who collected, made or supplied it; have others "
            "judge its records"
            for source in sorted(sources) if folded(name) in people_of(declared.get(source, {}))
        ]  # fmt: skip
    return found


def pseudonyms(names: Sequence[str], key_id: str | None) -> dict[str, str]:
    """Folded name -> pseudonym, for names in the order of their first records."""
    from checks.personal.keys import hmac_of

    told = {}
    for i, name in enumerate(dict.fromkeys(folded(one) for one in names), 1):
        keyed = hmac_of(key_id, "REVIEWER", name)
        told[name] = f"reviewer-{i}" if keyed is None else f"r-{keyed[:_PSEUDONYM_BYTES].hex()}"
    return told


def _names_at(said: Any, keys: Sequence[str]) -> Iterator[str]:
    if isinstance(said, list | tuple):
        for one in said:
            yield from _names_at(one, keys)
    elif keys:
        if isinstance(said, Mapping) and keys[0] in said:
            yield from _names_at(said[keys[0]], keys[1:])
    elif isinstance(said, str) and said.strip():
        yield said
