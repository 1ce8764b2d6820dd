"""The quality profiles that run.yaml drops under (`drop_under`): read once by the driver, kept as one object of rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from checks.base import Check
from checks.language import Language
from checks.quality import COUNTS, FURTHER, Quality
from checks.quality import FULL as FULL_SIGNALS
from checks.selection import MOST_TOGETHER, Selection, use_profiles
from manifests.parquet import parquet_bytes
from pipelines.guards import elsewhere, off
from pipelines.joined_object import JoinedObject
from schemas.canonical import sha256_hex
from schemas.errors import ConfigError
from schemas.profile_rules import RULES, rules_of
from schemas.profiles import Loaded, load
from schemas.yaml_places import Placed, quoted
from schemas.yaml_shape import Binding

NAME: Final = "corpusledger.profiles"
FILE: Final = "selection/rules"
_KEY: Final = "drop_under"


@dataclass(frozen=True)
class Profiles(JoinedObject):
    """The rules as one table, joined to the check that judges by them."""

    file, kind, key, schema = FILE, NAME, _KEY, RULES
    keep = staticmethod(use_profiles)


def selection_of(
    placed: Placed, good: Mapping[str, Any], folder: Path, checks: Sequence[Check], binding: Binding
) -> Profiles | None:
    """The `drop_under` of run.yaml, *placed*, as bound in *good*; every mistake goes to *binding*, with its line."""
    given: Sequence[str] = good.get(_KEY, ())
    if not given:
        return None
    line, before = placed.key_lines[_KEY], len(binding.problems)
    for kind in (Selection, Quality, Language):
        if not any(isinstance(c, kind) for c in checks):
            binding.say(line, f"{_KEY}: {off(kind)}")
            return None
    found = [one for name in given if (one := _loaded(name, folder, line, binding)) is not None]
    quality = next(c for c in checks if isinstance(c, Quality))
    for name, one in zip(given, found, strict=False):
        further = sorted({*one.profile.columns()} & {*FURTHER})
        if further and quality.signals != FULL_SIGNALS:
            words = f"{_KEY}: {quoted(name)} reads {further[0]!r}, which only a share of the records has"
            binding.say(line, f"{words}; set `checks: {{quality: {{signals: full}}}}`")
    titles = [one.profile.profile for one in found]
    if len(set(titles)) < len(titles):
        twice = next(title for title in titles if titles.count(title) > 1)
        binding.say(line, f"{_KEY}: {twice!r} stands there twice; name each profile once")
    if (rules := sum(len(one.profile.rules) for one in found)) > MOST_TOGETHER:
        binding.say(line, f"{_KEY}: {rules} rules together; at most {MOST_TOGETHER}: drop under fewer profiles")
    if len(binding.problems) > before:
        return None
    return joined_profiles(next(c for c in checks if isinstance(c, Selection)), found)


def joined_profiles(check: Selection, found: Sequence[Loaded]) -> Profiles:
    """*check* that judges by the profiles *found*, of which there is at least one."""
    table = rules_of(found)
    data = parquet_bytes(table, NAME)
    made = replace(
        check, index=sha256_hex(data), profiles=tuple(f"{one.profile.profile} {one.profile.version}" for one in found),
        files=tuple(one.digest for one in found),
        rules=tuple(f"{one.profile.profile}.{rule.id}" for one in found for rule in one.profile.rules),
        counts=tuple(sorted({name for one in found for name in one.profile.columns()})),
    )  # fmt: skip
    return Profiles(made, data, table.num_rows)


def _loaded(name: str, folder: Path, line: int, binding: Binding) -> Loaded | None:
    if away := elsewhere(name):
        binding.say(line, f"{_KEY}: {away}")
        return None
    try:
        return load(name, (*COUNTS, *FURTHER), folder)
    except ConfigError as error:
        for problem in error.problems:
            if problem.startswith(
                "profile "
            ):  # none of that name: run.yaml's mistake, else the profile's own file has one
                binding.say(line, f"{_KEY}: {problem}")
            else:
                binding.problems.append(problem)
        return None
